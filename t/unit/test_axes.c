
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Ways to sign that are more than an HMAC of what a header has: keys with a
 * name, plain digests, a query, public keys.  What is expected is made by
 * OpenSSL over the bytes that the gateway's page names.
 */


#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "payments_provider.h"
#include "payments_sign.h"
#include "payments_signature.h"
#include "unit.h"


#define BODY  "{\"id\":\"evt_1\",\"type\":\"a\"}"
#define NOW   1742505638


typedef struct {
    const char  *text;
    const char  *id;
} pair_t;


typedef struct {
    const payments_scheme_t  *scheme;
    payments_str_t            sent[PAYMENTS_SENT_MAX];
    payments_str_t            body;
    pair_t                    keys[PAYMENTS_MAX_SECRETS];
    unsigned                  matched;  /* of the last one */
    int64_t                   time;
} message_t;


static message_t      m;
/* 32 bytes, and one that is not used */
static unsigned char  seed[] = "a private key of a test's, 32 by";


static payments_rc_e
judge(void)
{
    unsigned               i, n;
    const char            *why;
    payments_rc_e          rc;
    payments_secret_t     *secrets[PAYMENTS_MAX_SECRETS];
    payments_signature_t   sig;

    memset(&sig, 0xa5, sizeof(sig));

    rc = payments_signature_parse(m.scheme, m.sent, &sig);
    if (rc != PAYMENTS_OK) {
        return rc;
    }

    m.time = sig.time;

    for (n = 0; m.keys[n].text != NULL; n++) {
        secrets[n] = payments_secret_read(m.scheme, text(m.keys[n].text),
                                          text(m.keys[n].id), &why);
        if (secrets[n] == NULL) {
            diag("%s", why);
            return PAYMENTS_RC_MAX;
        }
    }

    rc = payments_signature_verify(&sig, secrets, n, m.body, &m.matched);

    for (i = 0; i < n; i++) {
        payments_secret_free(secrets[i]);
    }

    return rc;
}


static void
begin(const payments_scheme_t *scheme)
{
    memset(&m, 0, sizeof(m));

    m.scheme = scheme;
    m.body = LIT(BODY);
}


static payments_rc_e
judge_again(const void *data)
{
    (void) data;

    return judge();
}


static int
flips(payments_str_t *str)
{
    return any_byte(str, judge_again, NULL);
}


static void
hex(const unsigned char *digest, unsigned len, char *dst)
{
    unsigned  i;

    for (i = 0; i < len; i++) {
        sprintf(dst + 2 * i, "%02x", digest[i]);
    }
}


static void
hmac(const EVP_MD *md, const char *key, const char *message, int as_hex,
    char *dst)
{
    unsigned       len;
    unsigned char  digest[EVP_MAX_MD_SIZE];

    HMAC(md, key, strlen(key), (const unsigned char *) message,
         strlen(message), digest, &len);

    if (as_hex) {
        hex(digest, len, dst);

    } else {
        EVP_EncodeBlock((unsigned char *) dst, digest, len);
    }
}


static void
plain(const EVP_MD *md, const char *message, char *dst)
{
    unsigned       len;
    unsigned char  digest[EVP_MAX_MD_SIZE];

    EVP_Digest(message, strlen(message), digest, &len, md, NULL);
    hex(digest, len, dst);
}


static void
named_keys(void)
{
    char    encoded[256];
    size_t  len;

    payments_secret_t  *secret;
    const char         *why;
    unsigned char       dst[PAYMENTS_SIGN_SCHEME_LEN];

    begin(payments_worldline.scheme);

    hmac(EVP_sha256(), "second", BODY, 0, encoded);

    m.sent[PAYMENTS_SENT_SIGNATURE] = text(encoded);
    m.sent[PAYMENTS_SENT_KEY] = LIT("k2");
    m.keys[0].text = "first";
    m.keys[0].id = "k1";
    m.keys[1].text = "second";
    m.keys[1].id = "k2";

    is_int(judge(), PAYMENTS_OK, "worldline: the key that it names");
    is_int(m.matched, 1, "which is the second");
    ok(!flips(&m.body), "no byte of its body");
    ok(!flips(&m.sent[PAYMENTS_SENT_SIGNATURE]), "no byte of its signature");
    ok(!flips(&m.sent[PAYMENTS_SENT_KEY]), "no byte of the key's name");

    m.sent[PAYMENTS_SENT_KEY] = LIT("k1");
    is_int(judge(), PAYMENTS_NO_MATCH, "nor the name of another key");
    m.sent[PAYMENTS_SENT_KEY] = LIT("k22");
    is_int(judge(), PAYMENTS_NO_MATCH, "nor one that nobody has");
    m.sent[PAYMENTS_SENT_KEY] = LIT("");
    is_int(judge(), PAYMENTS_MISSING_SIGNATURE, "nor none");

    m.keys[1].id = "";
    m.sent[PAYMENTS_SENT_KEY] = LIT("k22");
    is_int(judge(), PAYMENTS_OK, "a key without a name is any");
    ok(!flips(&m.body), "and has to match");

    secret = payments_secret_read(m.scheme, LIT("second"), LIT("k2"), &why);
    ok(secret != NULL && payments_secret_signs(secret), "a key signs");
    is_str(payments_secret_id(secret).data, payments_secret_id(secret).len,
           "k2", 2, "and has its name");
    len = payments_sign_scheme(m.scheme, secret, m.sent, NOW, &m.body, 1,
                               dst);
    is_str(dst, len, encoded, strlen(encoded), "worldline: signed again");
    payments_secret_free(secret);
}


/* the header of a digest by OpenSSL over the body and the key */

static void
payu_is(const EVP_MD *md, const char *form, payments_rc_e rc)
{
    static char  encoded[256], header[512];

    plain(md, BODY "second-key", encoded);
    snprintf(header, sizeof(header), form, encoded);

    m.sent[PAYMENTS_SENT_SIGNATURE] = text(header);
    is_int(judge(), rc, "payu: %s", form);
}


static void
plain_digests(void)
{
    size_t              len;
    const char         *why;
    payments_str_t     *header;
    payments_scheme_t   scheme;
    payments_secret_t  *secret;
    unsigned char       dst[PAYMENTS_SIGN_SCHEME_LEN];

    begin(payments_payu.scheme);
    m.keys[0].text = "second-key";
    m.keys[0].id = "";
    header = &m.sent[PAYMENTS_SENT_SIGNATURE];

    payu_is(EVP_sha256(), "signature=%s;algorithm=SHA-256", PAYMENTS_OK);
    ok(!flips(&m.body), "no byte of its body");
    ok(!flips(header), "no byte of its header");

    secret = payments_secret_read(m.scheme, LIT("second-key"), LIT(""), &why);
    len = payments_sign_scheme(m.scheme, secret, m.sent, NOW, &m.body, 1,
                               dst);
    is_str(dst, len, header->data, header->len, "payu: signed again");
    payments_secret_free(secret);

    payu_is(EVP_sha256(), "sender=1;algorithm=SHA256;signature=%s;",
            PAYMENTS_OK);
    payu_is(EVP_sha384(), "sender=1;signature=%s;algorithm=SHA-384;content=D",
            PAYMENTS_OK);
    payu_is(EVP_sha512(), "signature=%s; algorithm=SHA512", PAYMENTS_OK);
    payu_is(EVP_sha256(), "signature=00;signature=%s;algorithm=SHA-256",
            PAYMENTS_OK);

    payu_is(EVP_sha512(), "signature=%s;algorithm=SHA-256",
            PAYMENTS_NO_MATCH);
    payu_is(EVP_sha256(), "signature=%s;algorithm=SHA-384",
            PAYMENTS_NO_MATCH);
    payu_is(EVP_sha256(), "signature=%s;algorithm=SHA-3", PAYMENTS_NO_MATCH);
    payu_is(EVP_sha1(), "signature=%s;algorithm=SHA-1", PAYMENTS_NO_MATCH);
    payu_is(EVP_md5(), "signature=%s;algorithm=MD5", PAYMENTS_NO_MATCH);

    payu_is(EVP_sha256(), "signature=%s", PAYMENTS_MALFORMED_SIGNATURE);
    payu_is(EVP_sha256(), "signature=%s;algorithm=",
            PAYMENTS_MALFORMED_SIGNATURE);
    payu_is(EVP_sha256(), "signature=%s;algorithm",
            PAYMENTS_MALFORMED_SIGNATURE);
    payu_is(EVP_sha256(), "algorithm=SHA-256;sender=%s",
            PAYMENTS_MALFORMED_SIGNATURE);
    payu_is(EVP_sha256(), "algorithm=SHA-256;signature=%s;algorithm=SHA-256",
            PAYMENTS_MALFORMED_SIGNATURE);
    payu_is(EVP_sha256(), "signature=%s;algorithm=SHA-256;;",
            PAYMENTS_MALFORMED_SIGNATURE);
    payu_is(EVP_sha256(), ";signature=%s;algorithm=SHA-256",
            PAYMENTS_MALFORMED_SIGNATURE);

    scheme = *payments_payu.scheme;
    scheme.digests = 1 << PAYMENTS_PLAIN_MD5 | 1 << PAYMENTS_PLAIN_SHA1;
    m.scheme = &scheme;

    payu_is(EVP_md5(), "signature=%s;algorithm=MD5", PAYMENTS_OK);
    ok(!flips(&m.body), "no byte of its body");
    payu_is(EVP_sha1(), "signature=%s;algorithm=SHA-1", PAYMENTS_OK);
    payu_is(EVP_sha1(), "signature=%s;algorithm=SHA1", PAYMENTS_OK);
    payu_is(EVP_sha1(), "signature=%s;algorithm=SHA", PAYMENTS_OK);
    payu_is(EVP_sha256(), "signature=%s;algorithm=SHA-256",
            PAYMENTS_NO_MATCH);
}


static void
mercado_is(const char *object, const char *request, const char *time,
    const char *message, payments_rc_e rc)
{
    static char  encoded[256], header[512];

    hmac(EVP_sha256(), "secret", message, 1, encoded);
    snprintf(header, sizeof(header), "ts=%s,v1=%s", time, encoded);

    m.sent[PAYMENTS_SENT_SIGNATURE] = text(header);
    m.sent[PAYMENTS_SENT_OBJECT] = text(object);
    m.sent[PAYMENTS_SENT_REQUEST] = text(request);

    is_int(judge(), rc, "mercadopago: \"%s\", \"%s\"", object, request);
}


static void
omitted(void)
{
    begin(payments_mercadopago.scheme);
    m.keys[0].text = "secret";
    m.keys[0].id = "";

    mercado_is("17", "r-1", "1742505638683",
               "id:17;request-id:r-1;ts:1742505638683;", PAYMENTS_OK);
    is_int(m.time, NOW, "milliseconds");
    ok(!flips(&m.sent[PAYMENTS_SENT_OBJECT]), "no byte of its id");
    ok(!flips(&m.sent[PAYMENTS_SENT_REQUEST]), "no byte of the request's");
    ok(!flips(&m.sent[PAYMENTS_SENT_SIGNATURE]), "no byte of its header");

    m.body = LIT("another one");
    is_int(judge(), PAYMENTS_OK, "but any body");

    mercado_is("17", "r-1", "1742505638",
               "id:17;request-id:r-1;ts:1742505638;", PAYMENTS_OK);
    is_int(m.time, NOW, "seconds");
    mercado_is("1", "", "99999999999", "id:1;ts:99999999999;", PAYMENTS_OK);
    is_int(m.time, 99999999999, "eleven digits are seconds");
    mercado_is("1", "", "100000000000", "id:1;ts:100000000000;",
               PAYMENTS_OK);
    is_int(m.time, 100000000, "twelve are milliseconds");

    mercado_is("", "r", "1", "request-id:r;ts:1;", PAYMENTS_OK);
    mercado_is("", "", "1", "ts:1;", PAYMENTS_OK);
    mercado_is("", "r", "1", "id:;request-id:r;ts:1;", PAYMENTS_NO_MATCH);
    mercado_is("17", "r", "1", "request-id:r;ts:1;", PAYMENTS_NO_MATCH);
    mercado_is("17", "r", "1", "id:17;ts:1;", PAYMENTS_NO_MATCH);

    /* the same bytes, cut elsewhere */

    mercado_is("17;request-id:r", "", "1", "id:17;request-id:r;ts:1;",
               PAYMENTS_MALFORMED_SIGNATURE);
    mercado_is("", "r;ts:1", "1", "request-id:r;ts:1;ts:1;",
               PAYMENTS_MALFORMED_SIGNATURE);

    /* as it is, and then in lower case; never in upper case */

    mercado_is("ORD-Z1", "r", "1", "id:ORD-Z1;request-id:r;ts:1;",
               PAYMENTS_OK);
    mercado_is("ORD-Z1", "r", "1", "id:ord-z1;request-id:r;ts:1;",
               PAYMENTS_OK);
    mercado_is("ORD-Z1", "r", "1", "id:Ord-z1;request-id:r;ts:1;",
               PAYMENTS_NO_MATCH);
    mercado_is("ord-z1", "r", "1", "id:ORD-Z1;request-id:r;ts:1;",
               PAYMENTS_NO_MATCH);
    mercado_is("A[", "r", "1", "id:a[;request-id:r;ts:1;", PAYMENTS_OK);
    mercado_is("A[", "r", "1", "id:a{;request-id:r;ts:1;",
               PAYMENTS_NO_MATCH);
    mercado_is("A", "R", "1", "id:A;request-id:r;ts:1;", PAYMENTS_NO_MATCH);
}


static void
query_is(const char *query, const char *value, payments_rc_e rc)
{
    payments_str_t  rows[PAYMENTS_MAX_HEADERS], box, got;
    unsigned char  *room;

    memset(rows, 0, sizeof(rows));

    box = boxed(text(query));
    room = malloc(box.len ? box.len : 1);

    is_int(payments_scheme_query(payments_mercadopago.scheme, box, room,
                                 rows), rc, "a query: \"%s\"", query);

    if (rc == PAYMENTS_OK) {
        got = rows[2];
        ok((got.data == NULL) == (value == NULL), "whether it is there");
        is_str(got.data, got.len, value != NULL ? value : "",
               value != NULL ? strlen(value) : 0, "and what it is");
    }

    ok(rows[0].data == NULL && rows[1].data == NULL, "no header is in it");

    free(room);
    unbox(box);
}


static void
queries(void)
{
    payments_str_t  nothing = { 0, NULL };

    ok(payments_scheme_queries(payments_mercadopago.scheme), "has a query");
    ok(!payments_scheme_queries(payments_stripe.scheme), "has none");
    is_int(payments_scheme_header(payments_mercadopago.scheme,
                                  LIT("data.id")), -1, "and no such header");

    /* of an URL without one nginx has no pointer either */

    is_int(payments_scheme_query(payments_mercadopago.scheme, nothing, NULL,
                                 NULL), PAYMENTS_OK, "no query");

    query_is("", NULL, PAYMENTS_OK);
    query_is("data.id=17", "17", PAYMENTS_OK);
    query_is("data.id=17&type=payment", "17", PAYMENTS_OK);
    query_is("type=payment&data.id=17", "17", PAYMENTS_OK);
    query_is("&&data.id=17&", "17", PAYMENTS_OK);
    query_is("data.id=", "", PAYMENTS_OK);
    query_is("data.id", "", PAYMENTS_OK);
    query_is("data.id=17\t", "17\t", PAYMENTS_OK);
    query_is("x=1&\tdata.id=17", NULL, PAYMENTS_OK);
    query_is("data.idx=1", NULL, PAYMENTS_OK);
    query_is("data.i=1", NULL, PAYMENTS_OK);
    query_is("Data.id=1", NULL, PAYMENTS_OK);
    query_is("x-signature=1&x-request-id=2", NULL, PAYMENTS_OK);
    query_is("x=data.id=1", NULL, PAYMENTS_OK);
    query_is("data.id=a=b", "a=b", PAYMENTS_OK);
    query_is("data%2eid=%31%4F", "1O", PAYMENTS_OK);
    query_is("data.id=++1+2%20", "1 2", PAYMENTS_OK);
    query_is("data.id=%20%20+", "", PAYMENTS_OK);
    query_is("data.id=%", NULL, PAYMENTS_MALFORMED_SIGNATURE);
    query_is("data.id=%3", NULL, PAYMENTS_MALFORMED_SIGNATURE);
    query_is("data.id=%3g", NULL, PAYMENTS_MALFORMED_SIGNATURE);
    query_is("data%2=1&data.id=3", "3", PAYMENTS_OK);
    query_is("data.id=1&data.id=1", NULL, PAYMENTS_MALFORMED_SIGNATURE);
    query_is("data.id=1&data%2Eid=2", NULL, PAYMENTS_MALFORMED_SIGNATURE);
    query_is("data.id&data.id=2", NULL, PAYMENTS_MALFORMED_SIGNATURE);
}


/* base64 of what Ed25519 makes of a message, and of its public key */

static void
ed25519(const unsigned char *private, const char *message, char *sign,
    char *public)
{
    size_t          len;
    EVP_PKEY       *pkey;
    EVP_MD_CTX     *ctx;
    unsigned char   buf[PAYMENTS_PUBLIC_SIGN];

    pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private, 32);
    ctx = EVP_MD_CTX_new();

    len = sizeof(buf);
    EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey);
    EVP_DigestSign(ctx, buf, &len, (const unsigned char *) message,
                   strlen(message));
    EVP_EncodeBlock((unsigned char *) sign, buf, len);

    len = PAYMENTS_PUBLIC_KEY;
    EVP_PKEY_get_raw_public_key(pkey, buf, &len);
    sprintf(public, "whpk_");
    EVP_EncodeBlock((unsigned char *) public + 5, buf, len);

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
}


static void
standard_is(const char *header, payments_rc_e rc, const char *name)
{
    m.sent[PAYMENTS_SENT_SIGNATURE] = text(header);
    is_int(judge(), rc, "standard-webhooks: %s", name);
}


static void
public_keys(void)
{
    char                v1[128], v1a[128], public[128], other[128];
    char                wrong[128], header[1024];
    size_t              len;
    const char         *why;
    payments_secret_t  *secret;
    unsigned char       dst[PAYMENTS_SIGN_SCHEME_LEN];

    begin(payments_standard.scheme);

    m.sent[PAYMENTS_SENT_ID] = LIT("msg_1");
    m.sent[PAYMENTS_SENT_TIME] = LIT("1614265330");

    seed[0] ^= 1;
    ed25519(seed, "msg_1.1614265330." BODY, wrong, other);
    seed[0] ^= 1;
    ed25519(seed, "msg_1.1614265330." BODY, v1a, public);
    hmac(EVP_sha256(), "secret", "msg_1.1614265330." BODY, 0, v1);

    m.keys[0].text = public;
    m.keys[0].id = "";

    snprintf(header, sizeof(header), "v1a,%s", v1a);
    standard_is(header, PAYMENTS_OK, "by a public key");
    ok(!flips(&m.body), "no byte of its body");
    ok(!flips(&m.sent[PAYMENTS_SENT_SIGNATURE]), "no byte of its header");
    ok(!flips(&m.sent[PAYMENTS_SENT_ID]), "no byte of its id");
    ok(!flips(&m.sent[PAYMENTS_SENT_TIME]), "no byte of its time");

    m.keys[0].text = other;
    standard_is(header, PAYMENTS_NO_MATCH, "by another one's");
    m.keys[1].text = public;
    m.keys[1].id = "";
    standard_is(header, PAYMENTS_OK, "by the second of two");
    is_int(m.matched, 1, "which it is");

    m.keys[0].text = "whsec_c2VjcmV0";
    m.keys[1].text = NULL;
    standard_is(header, PAYMENTS_NO_MATCH, "no key for it");
    snprintf(header, sizeof(header), "v1,%s v1a,%s", v1, v1a);
    standard_is(header, PAYMENTS_OK, "by a secret, beside it");

    m.keys[0].text = public;
    standard_is(header, PAYMENTS_OK, "and by the public key alone");
    snprintf(header, sizeof(header), "v1,%s", v1);
    standard_is(header, PAYMENTS_NO_MATCH, "which is for no HMAC");
    snprintf(header, sizeof(header), "v1,%s", v1a);
    standard_is(header, PAYMENTS_NO_MATCH, "nor for another version");
    snprintf(header, sizeof(header), "v1a,%s v1a,AA== v1a,%s v1a,%s",
             wrong, wrong, v1a);
    standard_is(header, PAYMENTS_OK, "the third of three");
    snprintf(header, sizeof(header), "v1a,%s v1a,%s v1a,%s v1a,%s v1a,%s",
             wrong, wrong, wrong, wrong, v1a);
    standard_is(header, PAYMENTS_NO_MATCH, "no more than four are tried");

    secret = payments_secret_read(m.scheme, text(public), LIT(""), &why);
    ok(secret != NULL && !payments_secret_signs(secret),
       "a public key does not sign");
    len = payments_sign_scheme(m.scheme, secret, m.sent, NOW, &m.body, 1,
                               dst);
    is_int(len, 0, "whoever asks it to");
    payments_secret_free(secret);
}


/* of the tests of Svix' server, which the specification shows as well */

static void
published(void)
{
    begin(payments_standard.scheme);

    m.sent[PAYMENTS_SENT_ID] = LIT("msg_p5jXN8AQM9LWM0D4loKWxJek");
    m.sent[PAYMENTS_SENT_TIME] = LIT("1614265330");
    m.body = LIT("{\"test\": 2432232314}");
    m.keys[0].text = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    m.keys[0].id = "";

    standard_is("v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXF"
                "ymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==", PAYMENTS_OK,
                "the vector of its page");
    ok(!flips(&m.body), "no byte of its body");
}


static void
wrong_keys(void)
{
    size_t           i;
    const char      *why;
    unsigned char    longest[PAYMENTS_MAX_STRING + 1];

    static const char  *wrong[] = {
        "whpk_", "whpk_AAAA", "whpk_AA-A",
        "whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        "whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    };

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        why = NULL;
        ok(payments_secret_read(payments_standard.scheme, text(wrong[i]),
                                LIT(""), &why) == NULL
           && why != NULL, "no key: %s", wrong[i]);
    }

    memset(longest, 'x', sizeof(longest));
    why = NULL;
    ok(payments_secret_read(payments_worldline.scheme, LIT("s"),
                            bytes(longest, sizeof(longest)), &why) == NULL
       && why != NULL, "no name that is too long");
    why = NULL;
    ok(payments_secret_read(payments_worldline.scheme, LIT(""), LIT(""),
                            &why) == NULL
       && why != NULL, "no secret that is empty");
}


/* a row that nobody has */

static void
configured(void)
{
    char               header[512], encoded[256];
    payments_scheme_t  scheme;

    static const payments_part_t  parts[] = {
        { .kind = PAYMENTS_PART_TIME, .after = payments_string("/") },
        { .kind = PAYMENTS_PART_BODY }
    };

    memset(&scheme, 0, sizeof(scheme));

    scheme.algorithm = PAYMENTS_HMAC_SHA384;
    scheme.grammar = PAYMENTS_PAIRS;
    scheme.word = LIT("sig");
    scheme.separator = '&';
    scheme.timed = 1;
    scheme.hex_key = 1;
    scheme.unit = PAYMENTS_MILLISECONDS;
    memcpy(scheme.parts, parts, sizeof(parts));

    begin(&scheme);
    m.keys[0].text = "6b6579";
    m.keys[0].id = "";

    hmac(EVP_sha384(), "key", "5999/" BODY, 1, encoded);
    snprintf(header, sizeof(header), "a=b&sig=%s", encoded);

    m.sent[PAYMENTS_SENT_SIGNATURE] = text(header);
    m.sent[PAYMENTS_SENT_TIME] = LIT("5999");

    is_int(judge(), PAYMENTS_OK, "SHA-384, a time beside the pairs");
    is_int(m.time, 5, "in milliseconds");
    ok(!flips(&m.sent[PAYMENTS_SENT_TIME]), "no byte of its time");
    ok(!flips(&m.body), "no byte of its body");

    m.sent[PAYMENTS_SENT_TIME] = LIT("");
    is_int(judge(), PAYMENTS_MISSING_SIGNATURE, "nor without one");

    is_int(payments_scheme_time(&scheme, 5), 5000, "what it is to send");
    is_int(payments_scheme_time(payments_stripe.scheme, 5), 5, "or Stripe");
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    named_keys();
    plain_digests();
    omitted();
    queries();
    public_keys();
    published();
    wrong_keys();
    configured();

    return done_testing();
}
