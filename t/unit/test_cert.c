
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * PayPal's signatures and certificates, with authorities of our own.
 */

/* LDFLAGS: -Wl,--wrap=X509_verify_cert,--wrap=X509_STORE_CTX_new */
/* LDFLAGS: -Wl,--wrap=malloc,--wrap=calloc,--wrap=EVP_MD_CTX_new */
/* LDFLAGS: -Wl,--wrap=EVP_DigestVerifyFinal */


#include <unistd.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "payments_cert.h"
#include "payments_provider.h"
#include "unit.h"


#define NAME     "messageverificationcerts.paypal.com"
#define SUFFIX   ".paypal.com"

/* seconds since the epoch; leaves live from FROM to UNTIL */
#define FROM     1700000000
#define UNTIL    1800000000
#define NOW      1750000000

#define BODY     "{\"id\":\"WH-1\",\"event_type\":\"PAYMENT.SALE.DENIED\"}"
#define WEBHOOK  "1JE4291016473214C"
#define ID       "65f03660-ba1e-11ed-b284-5163cdac11a1"
#define TIME     "2023-03-03T23:52:04Z"
#define URL      "https://api.paypal.com/v1/notifications/certs/CERT-1"


/* NULL or 0: as it should be */

typedef struct {
    const char     *cn;
    const char     *san;
    int64_t         from;
    int64_t         until;
    int             ca;
    const char     *usage;
    const EVP_MD   *md;
} cert_t;


static EVP_PKEY  *root_key, *mid_key, *leaf_key;
static X509      *root, *mid, *leaf;
static char       dir[] = "/tmp/payments_cert_XXXXXX";
static unsigned   verified;


/* the call that fails, as often as it is made */

static const char  *failing = "";


int __real_X509_verify_cert(X509_STORE_CTX *ctx);
int __wrap_X509_verify_cert(X509_STORE_CTX *ctx);
X509_STORE_CTX *__real_X509_STORE_CTX_new(void);
X509_STORE_CTX *__wrap_X509_STORE_CTX_new(void);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
EVP_MD_CTX *__real_EVP_MD_CTX_new(void);
EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void);
int __real_EVP_DigestVerifyFinal(EVP_MD_CTX *ctx, const unsigned char *sig,
    size_t len);
int __wrap_EVP_DigestVerifyFinal(EVP_MD_CTX *ctx, const unsigned char *sig,
    size_t len);


X509_STORE_CTX *
__wrap_X509_STORE_CTX_new(void)
{
    return strcmp(failing, "store") ? __real_X509_STORE_CTX_new() : NULL;
}


void *
__wrap_malloc(size_t size)
{
    return strcmp(failing, "malloc") ? __real_malloc(size) : NULL;
}


void *
__wrap_calloc(size_t n, size_t size)
{
    return strcmp(failing, "calloc") ? __real_calloc(n, size) : NULL;
}


EVP_MD_CTX *
__wrap_EVP_MD_CTX_new(void)
{
    return strcmp(failing, "new") ? __real_EVP_MD_CTX_new() : NULL;
}


int
__wrap_EVP_DigestVerifyFinal(EVP_MD_CTX *ctx, const unsigned char *sig,
    size_t len)
{
    return strcmp(failing, "final")
           ? __real_EVP_DigestVerifyFinal(ctx, sig, len) : -1;
}


int
__wrap_X509_verify_cert(X509_STORE_CTX *ctx)
{
    verified++;

    return __real_X509_verify_cert(ctx);
}


static void
extend(X509 *x509, int nid, const char *value)
{
    X509_EXTENSION  *ext;

    ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    X509_add_ext(x509, ext, -1);
    X509_EXTENSION_free(ext);
}


static X509 *
issue(cert_t c, EVP_PKEY *key, X509 *issuer, EVP_PKEY *by)
{
    X509         *x509;
    X509_NAME    *name;
    static long   serial;

    x509 = X509_new();
    name = X509_get_subject_name(x509);

    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
    ASN1_TIME_set(X509_getm_notBefore(x509), c.from ? c.from : FROM);
    ASN1_TIME_set(X509_getm_notAfter(x509), c.until ? c.until : UNTIL);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (unsigned char *) (c.cn ? c.cn : NAME), -1, -1,
                               0);
    X509_set_issuer_name(x509, issuer ? X509_get_subject_name(issuer) : name);
    X509_set_pubkey(x509, key);

    extend(x509, NID_basic_constraints,
           c.ca ? "critical,CA:TRUE" : "critical,CA:FALSE");

    if (c.san) {
        extend(x509, NID_subject_alt_name, c.san);
    }

    if (!c.ca) {
        extend(x509, NID_ext_key_usage, c.usage ? c.usage : "serverAuth");
    }

    X509_sign(x509, by, c.md ? c.md : EVP_sha256());

    return x509;
}


static const char *
path_of(const char *name)
{
    static char  path[256];

    snprintf(path, sizeof(path), "%s/%s", dir, name);

    return path;
}


/* any number of them, up to a NULL, and then a text */

static const char *
write_pem(const char *name, X509 **certs, const char *more)
{
    FILE  *f;

    f = fopen(path_of(name), "w");

    while (*certs != NULL) {
        PEM_write_X509(f, *certs++);
    }

    fputs(more, f);
    fclose(f);

    return path_of(name);
}


static payments_trust_t *
trust_of(X509 *x509)
{
    X509  *certs[] = { x509, NULL };

    return payments_trust_create(write_pem("trust.pem", certs, ""));
}


/* what is judged of them at a time by a trust, in a new certificate */

static int
judge(X509 *first, X509 *second, X509 *trusted, int64_t now)
{
    X509              *certs[] = { first, second, NULL };
    const char        *why;
    payments_cert_e    rc;
    payments_cert_t   *cert;
    payments_trust_t  *trust;

    trust = trust_of(trusted);
    cert = payments_cert_create(write_pem("cert.pem", certs, ""), SUFFIX,
                                trust, &why);
    if (cert == NULL) {
        diag("%s", why);
        payments_trust_free(trust);
        return -1;
    }

    rc = payments_cert_check(cert, now);

    payments_cert_free(cert);
    payments_trust_free(trust);

    return rc;
}


static void
chains(void)
{
    X509  *other, *short_mid, *no_ca, *x509;

    is_int(judge(leaf, mid, root, NOW), PAYMENTS_CERT_RIGHT, "a chain");
    is_int(judge(leaf, mid, root, FROM), PAYMENTS_CERT_RIGHT, "from");
    is_int(judge(leaf, mid, root, FROM - 1), PAYMENTS_CERT_EARLY, "before");
    is_int(judge(leaf, mid, root, UNTIL - 1), PAYMENTS_CERT_RIGHT, "until");
    is_int(judge(leaf, mid, root, UNTIL), PAYMENTS_CERT_EXPIRED, "its end");

    is_int(judge(leaf, NULL, root, NOW), PAYMENTS_CERT_UNKNOWN,
           "without its issuer");
    is_int(judge(leaf, NULL, mid, NOW), PAYMENTS_CERT_RIGHT,
           "which may be what is trusted");
    is_int(judge(leaf, NULL, leaf, NOW), PAYMENTS_CERT_RIGHT,
           "and so may it");
    is_int(judge(leaf, NULL, leaf, UNTIL + 1), PAYMENTS_CERT_EXPIRED,
           "up to its end");

    other = issue((cert_t) { .cn = "root", .ca = 1 }, leaf_key, NULL,
                  leaf_key);
    is_int(judge(leaf, mid, other, NOW), PAYMENTS_CERT_UNKNOWN,
           "of a root of the same name");
    is_int(judge(leaf, other, root, NOW), PAYMENTS_CERT_UNKNOWN,
           "with another's intermediate");
    X509_free(other);

    short_mid = issue((cert_t) { .cn = "mid", .ca = 1, .from = FROM + 10,
                                 .until = UNTIL - 10 },
                      mid_key, root, root_key);
    is_int(judge(leaf, short_mid, root, UNTIL - 11), PAYMENTS_CERT_RIGHT,
           "until its issuer's end");
    is_int(judge(leaf, short_mid, root, UNTIL - 10), PAYMENTS_CERT_EXPIRED,
           "and no longer");
    is_int(judge(leaf, short_mid, root, FROM + 9), PAYMENTS_CERT_EARLY,
           "nor before its issuer's beginning");
    X509_free(short_mid);

    no_ca = issue((cert_t) { .cn = "mid" }, mid_key, root, root_key);
    is_int(judge(leaf, no_ca, root, NOW), PAYMENTS_CERT_UNKNOWN,
           "issued by who may not");
    X509_free(no_ca);

    x509 = issue((cert_t) { .usage = "emailProtection" }, leaf_key, mid,
                 mid_key);
    is_int(judge(x509, mid, root, NOW), PAYMENTS_CERT_UNKNOWN,
           "for mail, whose names nobody has looked at");
    X509_free(x509);

    x509 = issue((cert_t) { .md = EVP_sha1() }, leaf_key, mid, mid_key);
    is_int(judge(x509, mid, root, NOW), PAYMENTS_CERT_UNKNOWN,
           "issued with SHA-1");
    X509_free(x509);
}


static void
cached(void)
{
    size_t             i;
    X509              *mid_short, *certs[] = { leaf, NULL, NULL };
    const char        *why;
    payments_cert_t   *cert;
    payments_trust_t  *trust;

    mid_short = issue((cert_t) { .cn = "mid", .ca = 1, .from = FROM + 10,
                                 .until = UNTIL - 10 },
                      mid_key, root, root_key);
    certs[1] = mid_short;

    trust = trust_of(root);
    cert = payments_cert_create(write_pem("cert.pem", certs, ""), SUFFIX,
                                trust, &why);
    verified = 0;

    for (i = 0; i < 100; i++) {
        is_int(payments_cert_check(cert, UNTIL - 10), PAYMENTS_CERT_EXPIRED,
               "expired");
    }

    is_int(verified, 1, "a wrong chain is built once in a second");

    for (i = 0; i < 100; i++) {
        is_int(payments_cert_check(cert, UNTIL - 11 - i), PAYMENTS_CERT_RIGHT,
               "right");
    }

    is_int(payments_cert_check(cert, FROM + 10), PAYMENTS_CERT_RIGHT,
           "from its first second");
    is_int(verified, 2, "a right one once");

    is_int(payments_cert_check(cert, UNTIL - 10), PAYMENTS_CERT_EXPIRED,
           "what is remembered ends with the issuer");
    is_int(payments_cert_check(cert, FROM + 9), PAYMENTS_CERT_EARLY,
           "and begins with it");
    is_int(payments_cert_check(cert, UNTIL + 1), PAYMENTS_CERT_EXPIRED,
           "nor after all of them");

    payments_cert_free(cert);
    payments_trust_free(trust);
    X509_free(mid_short);
}


/* why a file is not taken, or NULL */

static const char *
refused(X509 **certs, const char *more)
{
    const char        *why;
    payments_cert_t   *cert;
    payments_trust_t  *trust;

    trust = trust_of(root);
    cert = payments_cert_create(write_pem("cert.pem", certs, more), SUFFIX,
                                trust, &why);
    ok((cert == NULL) == (why != NULL), "it says why");

    payments_cert_free(cert);
    payments_trust_free(trust);

    return why;
}


static void
refused_is(const char *why, const char *expected, const char *name)
{
    ok(expected == NULL ? why == NULL
                        : why != NULL && strstr(why, expected) != NULL,
       "%s: %s", name, why != NULL ? why : "taken");
}


static void
names(void)
{
    size_t  i;
    X509   *certs[2] = { NULL, NULL };

    static const struct {
        const char  *cn;
        const char  *san;
        const char  *why;
    } tests[] = {
        { NAME, NULL, NULL },
        { "a.sandbox.paypal.com", NULL, NULL },
        { "x", "DNS:a.example.com,DNS:" NAME, NULL },
        { NAME, "DNS:a.example.com", "another one's" },
        { "paypal.com", NULL, "another one's" },
        { "evilpaypal.com", NULL, "another one's" },
        { NAME ".example.com", NULL, "another one's" },
        { "a.paypal.org", NULL, "another one's" },
        { "a.example.com", "email:" NAME "@x.example", "another one's" }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        certs[0] = issue((cert_t) { .cn = tests[i].cn, .san = tests[i].san },
                         leaf_key, mid, mid_key);
        refused_is(refused(certs, ""), tests[i].why, tests[i].cn);
        X509_free(certs[0]);
    }
}


static void
files(void)
{
    size_t             i;
    X509              *certs[10];
    EVP_PKEY          *key;
    const char        *why;
    payments_trust_t  *trust;

    for (i = 0; i < 10; i++) {
        certs[i] = leaf;
    }

    certs[9] = NULL;
    refused_is(refused(certs, ""), "more than 8", "nine certificates");
    certs[8] = NULL;
    refused_is(refused(certs, "more text\n"), NULL, "eight, and a text");

    certs[1] = NULL;
    refused_is(refused(certs, "-----BEGIN CERTIFICATE-----\nAAAA\n"
                              "-----END CERTIFICATE-----\n"),
               "cannot be read", "a broken one behind it");
    certs[0] = NULL;
    refused_is(refused(certs, ""), "no certificate", "an empty file");
    refused_is(refused(certs, "<html>"), "no certificate", "a page");

    ok(payments_trust_create(path_of("none.pem")) == NULL, "no trust");
    ok(payments_trust_create(write_pem("empty.pem", certs, "")) == NULL,
       "nor of an empty file");

    trust = trust_of(root);
    ok(payments_cert_create(path_of("none.pem"), SUFFIX, trust, &why) == NULL,
       "no file");
    refused_is(why, "cannot be opened", "no file");
    payments_trust_free(trust);

    key = EVP_EC_gen("P-256");
    certs[0] = issue((cert_t) { 0 }, key, mid, mid_key);
    refused_is(refused(certs, ""), "no RSA key", "an EC key");
    X509_free(certs[0]);
    EVP_PKEY_free(key);

    key = EVP_RSA_gen(1024);
    certs[0] = issue((cert_t) { 0 }, key, mid, mid_key);
    refused_is(refused(certs, ""), "2048", "a short key");
    X509_free(certs[0]);
    EVP_PKEY_free(key);
}


/* base64 of a signature */

static void
sign(const char *message, EVP_PKEY *key, const EVP_MD *md, int padding,
    char *dst)
{
    size_t          len;
    EVP_MD_CTX     *ctx;
    EVP_PKEY_CTX   *param;
    unsigned char   sig[512];

    len = sizeof(sig);
    ctx = EVP_MD_CTX_new();

    EVP_DigestSignInit(ctx, &param, md, NULL, key);
    EVP_PKEY_CTX_set_rsa_padding(param, padding);
    EVP_DigestSign(ctx, sig, &len, (unsigned char *) message,
                   strlen(message));
    EVP_EncodeBlock((unsigned char *) dst, sig, len);
    EVP_MD_CTX_free(ctx);
}


static payments_cert_t  *signer;


static payments_rc_e
verify(const payments_str_t *sent, payments_str_t body)
{
    payments_rc_e         rc;
    payments_signature_t  sig;

    memset(&sig, 0xa5, sizeof(sig));

    rc = payments_signature_parse(payments_paypal.scheme, sent, &sig);

    return rc == PAYMENTS_OK ? payments_cert_verify(signer, &sig, body) : rc;
}


typedef struct {
    const payments_str_t  *sent;
    const payments_str_t  *body;
} event_t;


static payments_rc_e
verify_event(const void *data)
{
    const event_t *e = data;

    return verify(e->sent, *e->body);
}


static int
flips(const payments_str_t *sent, const payments_str_t *body,
    payments_str_t *str)
{
    event_t  e = { sent, body };

    return any_byte(str, verify_event, &e);
}


static void
signatures(void)
{
    int             i;
    char            message[256], right[1024], wrong[1024];
    payments_str_t  body, sent[PAYMENTS_SENT_MAX];

    static const struct {
        payments_sent_e  what;
        const char      *name;
        int              flips;
    } parts[] = {
        { PAYMENTS_SENT_SIGNATURE, "signature", 1 },
        { PAYMENTS_SENT_TIME, "time", 1 },
        { PAYMENTS_SENT_DELIVERY, "id", 1 },
        { PAYMENTS_SENT_WEBHOOK, "webhook's id", 1 },
        { PAYMENTS_SENT_ALGORITHM, "algorithm", 1 },
        { PAYMENTS_SENT_CERT, "certificate's URL", 0 }
    };

    memset(sent, 0, sizeof(sent));

    /* gzip -c <body | tail -c8 | od -N4 -tu4 */

    snprintf(message, sizeof(message), "%s|%s|%s|%s", ID, TIME, WEBHOOK,
             "2977046121");
    sign(message, leaf_key, EVP_sha256(), RSA_PKCS1_PADDING, right);

    sent[PAYMENTS_SENT_SIGNATURE] = text(right);
    sent[PAYMENTS_SENT_TIME] = text(TIME);
    sent[PAYMENTS_SENT_DELIVERY] = text(ID);
    sent[PAYMENTS_SENT_WEBHOOK] = text(WEBHOOK);
    sent[PAYMENTS_SENT_ALGORITHM] = text("SHA256withRSA");
    sent[PAYMENTS_SENT_CERT] = text(URL);
    body = LIT(BODY);

    is_int(verify(sent, body), PAYMENTS_OK, "as it is");

    failing = "new";
    is_int(verify(sent, body), PAYMENTS_INTERNAL, "OpenSSL without memory");
    failing = "final";
    is_int(verify(sent, body), PAYMENTS_INTERNAL, "and out of order");
    failing = "";

    ok(!flips(sent, &body, &body), "no byte of its body");

    for (i = 0; i < (int) (sizeof(parts) / sizeof(parts[0])); i++) {
        payments_str_t  *part = &sent[parts[i].what], keep = *part;

        ok(!parts[i].flips || !flips(sent, &body, part), "no byte of its %s",
           parts[i].name);
        part->len = 0;
        is_int(verify(sent, body), PAYMENTS_MISSING_SIGNATURE,
               "nor without its %s", parts[i].name);
        *part = keep;
    }

    body.len = 0;
    is_int(verify(sent, body), PAYMENTS_NO_BODY, "nor without a body");
    body = LIT(BODY);

    sent[PAYMENTS_SENT_ALGORITHM] = text("SHA1withRSA");
    is_int(verify(sent, body), PAYMENTS_MALFORMED_SIGNATURE, "SHA-1");
    sent[PAYMENTS_SENT_ALGORITHM] = text("SHA256withRSA");

    sent[PAYMENTS_SENT_TIME] = text("1677887524");
    is_int(verify(sent, body), PAYMENTS_MALFORMED_SIGNATURE, "no ISO time");
    sent[PAYMENTS_SENT_TIME] = text(TIME);

    sign(message, leaf_key, EVP_sha1(), RSA_PKCS1_PADDING, wrong);
    sent[PAYMENTS_SENT_SIGNATURE] = text(wrong);
    is_int(verify(sent, body), PAYMENTS_NO_MATCH, "a signature of SHA-1");
    sign(message, leaf_key, EVP_sha512(), RSA_PKCS1_PADDING, wrong);
    is_int(verify(sent, body), PAYMENTS_NO_MATCH, "of SHA-512");
    sign(message, leaf_key, EVP_sha256(), RSA_PKCS1_PSS_PADDING, wrong);
    is_int(verify(sent, body), PAYMENTS_NO_MATCH, "of PSS");
    sign(message, mid_key, EVP_sha256(), RSA_PKCS1_PADDING, wrong);
    is_int(verify(sent, body), PAYMENTS_NO_MATCH, "of another key");

    memset(wrong, '/', strlen(wrong) - 2);
    wrong[strlen(wrong) - 3] = 'w';
    is_int(verify(sent, body), PAYMENTS_NO_MATCH, "larger than the modulus");

    /* the next letter decodes to the same bytes: bits that are of none */

    strcpy(wrong, right);
    wrong[strlen(wrong) - 3]++;
    is_int(verify(sent, body), PAYMENTS_NO_MATCH, "base64 that nobody writes");

    sent[PAYMENTS_SENT_SIGNATURE] = bytes(right, strlen(right) - 4);
    is_int(verify(sent, body), PAYMENTS_NO_MATCH, "too short");

    sent[PAYMENTS_SENT_SIGNATURE].len = 4097;
    is_int(verify(sent, body), PAYMENTS_MALFORMED_SIGNATURE, "too long");
}


/* what is not made, and not known to be right */

static void
failures(void)
{
    X509              *certs[] = { leaf, mid, NULL };
    const char        *file, *why;
    payments_cert_t   *cert;
    payments_trust_t  *trust;

    failing = "malloc";
    ok(payments_trust_create("/dev/null") == NULL, "no trust");
    failing = "";

    trust = trust_of(root);
    file = write_pem("cert.pem", certs, "");

    failing = "calloc";
    ok(payments_cert_create(file, SUFFIX, trust, &why) == NULL, "no memory");
    failing = "";
    refused_is(why, "memory", "which it says");

    cert = payments_cert_create(file, SUFFIX, trust, &why);

    failing = "store";
    is_int(payments_cert_check(cert, NOW), PAYMENTS_CERT_UNKNOWN,
           "nothing is right without OpenSSL");
    failing = "";
    is_int(payments_cert_check(cert, NOW + 1), PAYMENTS_CERT_RIGHT,
           "and it is a second later");

    payments_cert_free(cert);
    payments_trust_free(trust);
}


static void
urls(void)
{
    int             live;
    size_t          i;
    char            longest[256];
    payments_str_t  url, name;

    static const struct {
        const char  *url;
        int          live;
    } right[] = {
        { "https://api.paypal.com/v1/notifications/certs/CERT-36-fc_2", 1 },
        { "https://api-m.paypal.com/v1/notifications/certs/CERT-36-fc_2", 1 },
        { "https://api.sandbox.paypal.com/v1/notifications/certs/"
          "CERT-36-fc_2", 0 },
        { "https://api-m.sandbox.paypal.com/v1/notifications/certs/"
          "CERT-36-fc_2", 0 }
    };

    static const char  *wrong[] = {
        "",
        "https://api.paypal.com/v1/notifications/certs/",
        "https://api.paypal.com/v1/notifications/certs",
        "http://api.paypal.com/v1/notifications/certs/CERT-1",
        "HTTPS://api.paypal.com/v1/notifications/certs/CERT-1",
        " https://api.paypal.com/v1/notifications/certs/CERT-1",
        "//api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com:443/v1/notifications/certs/CERT-1",
        "https://a@api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com@evil.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com.evil.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com./v1/notifications/certs/CERT-1",
        "https://API.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.evil.com/v1/notifications/certs/CERT-1",
        "https://www.paypal.com/v1/notifications/certs/CERT-1",
        "https://paypal.com/v1/notifications/certs/CERT-1",
        "https://apipaypal.com/v1/notifications/certs/CERT-1",
        "https://api-m-m.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.sandbox.sandbox.paypal.com/v1/notifications/certs/a",
        "https://evil.com/https://api.paypal.com/v1/notifications/certs/a",
        "https://api.paypal.com/v2/notifications/certs/CERT-1",
        "https://api.paypal.com//v1/notifications/certs/CERT-1",
        "https://api.paypal.com/v1/notifications/test/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/..",
        "https://api.paypal.com/v1/notifications/certs/../CERT-1",
        "https://api.paypal.com/v1/notifications/certs/a/b",
        "https://api.paypal.com/v1/notifications/certs/%2e%2e",
        "https://api.paypal.com/v1/notifications/certs/CERT-1?a",
        "https://api.paypal.com/v1/notifications/certs/CERT-1#a",
        "https://api.paypal.com/v1/notifications/certs/CERT-1.pem",
        "https://api.paypal.com/v1/notifications/certs/CERT 1",
        "https://api.paypal.com/v1/notifications/certs/CERT'1",
        "https://api.paypal.com/v1/notifications/certs/$a",
        "https://api.paypal.com/v1/notifications/certs/-o"
    };

    for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        url = boxed(text(right[i].url));
        live = 7;

        ok(payments_paypal_url(url, &name, &live), "%s", right[i].url);
        is_str(name.data, name.len, "CERT-36-fc_2", 12, "its name");
        is_int(live, right[i].live, "live or not");
        unbox(url);
    }

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        url = boxed(text(wrong[i]));
        ok(!payments_paypal_url(url, &name, &live), "not: %s", wrong[i]);
        unbox(url);
    }

    memset(longest, 'x', sizeof(longest));
    memcpy(longest, URL, sizeof(URL) - 1 - 6);

    url = bytes(longest, sizeof(URL) - 1 - 6 + PAYMENTS_PAYPAL_NAME);
    ok(payments_paypal_url(url, &name, &live), "the longest name");
    url.len++;
    ok(!payments_paypal_url(url, &name, &live), "one byte more");
}


int
main(void)
{
    X509              *certs[3];
    const char        *why;
    payments_trust_t  *trust;

    setvbuf(stdout, NULL, _IOLBF, 0);

    if (mkdtemp(dir) == NULL) {
        return 1;
    }

    root_key = EVP_RSA_gen(2048);
    mid_key = EVP_RSA_gen(2048);
    leaf_key = EVP_RSA_gen(2048);

    root = issue((cert_t) { .cn = "root", .ca = 1 }, root_key, NULL,
                 root_key);
    mid = issue((cert_t) { .cn = "mid", .ca = 1 }, mid_key, root, root_key);
    leaf = issue((cert_t) { .san = "DNS:" NAME }, leaf_key, mid, mid_key);

    /* RFC 1952's, by its own check value */

    is_int(payments_crc32(LIT("123456789")), 0xcbf43926, "CRC-32");
    is_int(payments_crc32(LIT("")), 0, "of nothing");

    chains();
    cached();
    names();
    files();
    failures();
    urls();

    certs[0] = leaf;
    certs[1] = NULL;
    trust = trust_of(root);
    signer = payments_cert_create(write_pem("cert.pem", certs, ""), SUFFIX,
                                  trust, &why);
    signatures();

    payments_cert_free(signer);
    payments_trust_free(trust);

    X509_free(root);
    X509_free(mid);
    X509_free(leaf);
    EVP_PKEY_free(root_key);
    EVP_PKEY_free(mid_key);
    EVP_PKEY_free(leaf_key);

    unlink(path_of("cert.pem"));
    unlink(path_of("trust.pem"));
    unlink(path_of("empty.pem"));
    rmdir(dir);

    return done_testing();
}
