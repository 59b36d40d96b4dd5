
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * OpenSSL may fail: then nothing was verified or signed, and nothing is left
 * behind.
 */


#include <unistd.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "payments_hash.h"
#include "payments_provider.h"
#include "payments_sign.h"
#include "payments_signature.h"
#include "payments_state.h"
#include "stripe.h"
#include "unit.h"


/* LDFLAGS: -Wl,--wrap=malloc,--wrap=EVP_MAC_CTX_new */
/* LDFLAGS: -Wl,--wrap=EVP_MAC_init,--wrap=EVP_MAC_update */
/* LDFLAGS: -Wl,--wrap=EVP_MAC_final,--wrap=EVP_MD_CTX_new */
/* LDFLAGS: -Wl,--wrap=EVP_DigestInit_ex,--wrap=EVP_DigestUpdate */
/* LDFLAGS: -Wl,--wrap=EVP_DigestFinal_ex,--wrap=EVP_DigestVerifyInit */
/* LDFLAGS: -Wl,--wrap=EVP_PKEY_new_raw_public_key,--wrap=EVP_Digest */


/* the call that fails, as often as it is made */

static const char  *failing = "";


void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
EVP_MAC_CTX *__real_EVP_MAC_CTX_new(EVP_MAC *mac);
EVP_MAC_CTX *__wrap_EVP_MAC_CTX_new(EVP_MAC *mac);
int __real_EVP_MAC_init(EVP_MAC_CTX *ctx, const unsigned char *key,
    size_t len, const OSSL_PARAM params[]);
int __wrap_EVP_MAC_init(EVP_MAC_CTX *ctx, const unsigned char *key,
    size_t len, const OSSL_PARAM params[]);
int __real_EVP_MAC_update(EVP_MAC_CTX *ctx, const unsigned char *data,
    size_t len);
int __wrap_EVP_MAC_update(EVP_MAC_CTX *ctx, const unsigned char *data,
    size_t len);
int __real_EVP_MAC_final(EVP_MAC_CTX *ctx, unsigned char *out, size_t *len,
    size_t size);
int __wrap_EVP_MAC_final(EVP_MAC_CTX *ctx, unsigned char *out, size_t *len,
    size_t size);
int __real_EVP_Digest(const void *data, size_t count, unsigned char *md,
    unsigned *size, const EVP_MD *type, ENGINE *impl);
int __wrap_EVP_Digest(const void *data, size_t count, unsigned char *md,
    unsigned *size, const EVP_MD *type, ENGINE *impl);
EVP_MD_CTX *__real_EVP_MD_CTX_new(void);
EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void);
int __real_EVP_DigestInit_ex(EVP_MD_CTX *ctx, const EVP_MD *md, ENGINE *e);
int __wrap_EVP_DigestInit_ex(EVP_MD_CTX *ctx, const EVP_MD *md, ENGINE *e);
int __real_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t len);
int __wrap_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t len);
int __real_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *out,
    unsigned *len);
int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *out,
    unsigned *len);
int __real_EVP_DigestVerifyInit(EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx,
    const EVP_MD *md, ENGINE *e, EVP_PKEY *pkey);
int __wrap_EVP_DigestVerifyInit(EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx,
    const EVP_MD *md, ENGINE *e, EVP_PKEY *pkey);
EVP_PKEY *__real_EVP_PKEY_new_raw_public_key(int type, ENGINE *e,
    const unsigned char *key, size_t len);
EVP_PKEY *__wrap_EVP_PKEY_new_raw_public_key(int type, ENGINE *e,
    const unsigned char *key, size_t len);


/* an error in the queue, as OpenSSL leaves one */

static int
fails(const char *call)
{
    if (strcmp(failing, call) != 0) {
        return 0;
    }

    ERR_raise(ERR_LIB_EVP, ERR_R_INTERNAL_ERROR);

    return 1;
}


void *
__wrap_malloc(size_t size)
{
    return strcmp(failing, "malloc") == 0 ? NULL : __real_malloc(size);
}


EVP_MAC_CTX *
__wrap_EVP_MAC_CTX_new(EVP_MAC *mac)
{
    return fails("new") ? NULL : __real_EVP_MAC_CTX_new(mac);
}


int
__wrap_EVP_MAC_init(EVP_MAC_CTX *ctx, const unsigned char *key, size_t len,
    const OSSL_PARAM params[])
{
    return fails("init") ? 0 : __real_EVP_MAC_init(ctx, key, len, params);
}


int
__wrap_EVP_MAC_update(EVP_MAC_CTX *ctx, const unsigned char *data, size_t len)
{
    return fails("update") ? 0 : __real_EVP_MAC_update(ctx, data, len);
}


int
__wrap_EVP_MAC_final(EVP_MAC_CTX *ctx, unsigned char *out, size_t *len,
    size_t size)
{
    return fails("final") ? 0 : __real_EVP_MAC_final(ctx, out, len, size);
}


int
__wrap_EVP_Digest(const void *data, size_t count, unsigned char *md,
    unsigned *size, const EVP_MD *type, ENGINE *impl)
{
    return fails("digest")
           ? 0 : __real_EVP_Digest(data, count, md, size, type, impl);
}


/* neither a token that is kept nor one that was sent */

static void
token(const char *call)
{
    payments_rc_e          rc;
    payments_str_t         sent[PAYMENTS_SENT_MAX];
    payments_secret_t     *secret;
    payments_signature_t   sig;

    memset(sent, 0, sizeof(sent));
    sent[PAYMENTS_SENT_SIGNATURE] = LIT("token");

    failing = call;
    secret = payments_secret_create_for(PAYMENTS_TOKEN,
                                        (const unsigned char *) "token", 5);
    rc = payments_signature_parse(payments_xendit.scheme, sent, &sig);
    failing = "";

    ok(secret == NULL, "no token when %s fails", call);
    is_int(ERR_peek_error(), 0, "and no error in OpenSSL's queue");

    if (strcmp(call, "digest") == 0) {
        is_int(rc, PAYMENTS_INTERNAL, "nor one of a header");
    }
}


EVP_MD_CTX *
__wrap_EVP_MD_CTX_new(void)
{
    return fails("md new") ? NULL : __real_EVP_MD_CTX_new();
}


int
__wrap_EVP_DigestInit_ex(EVP_MD_CTX *ctx, const EVP_MD *md, ENGINE *e)
{
    return fails("md init") ? 0 : __real_EVP_DigestInit_ex(ctx, md, e);
}


int
__wrap_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t len)
{
    return fails("md update") ? 0 : __real_EVP_DigestUpdate(ctx, data, len);
}


int
__wrap_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *out, unsigned *len)
{
    return fails("md final") ? 0 : __real_EVP_DigestFinal_ex(ctx, out, len);
}


int
__wrap_EVP_DigestVerifyInit(EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx,
    const EVP_MD *md, ENGINE *e, EVP_PKEY *pkey)
{
    return fails("verify") ? 0
                        : __real_EVP_DigestVerifyInit(ctx, pctx, md, e, pkey);
}


EVP_PKEY *
__wrap_EVP_PKEY_new_raw_public_key(int type, ENGINE *e,
    const unsigned char *key, size_t len)
{
    return fails("public") ? NULL
                         : __real_EVP_PKEY_new_raw_public_key(type, e, key,
                                                              len);
}


/* a secret of a row, and what it says of a signature of the row's form */

static void
row(const payments_scheme_t *scheme, const char *secret, const char *header,
    const char *creating, const char *verifying)
{
    unsigned               matched;
    const char            *why;
    payments_rc_e          rc;
    payments_str_t         sent[PAYMENTS_SENT_MAX];
    payments_secret_t     *keyed;
    payments_signature_t   sig;

    memset(sent, 0, sizeof(sent));

    sent[PAYMENTS_SENT_SIGNATURE] = text(header);
    sent[PAYMENTS_SENT_ID] = LIT("1");
    sent[PAYMENTS_SENT_TIME] = LIT("1");

    why = NULL;
    failing = creating;
    keyed = payments_secret_read(scheme, text(secret), LIT(""), &why);
    failing = "";

    ok(keyed == NULL && why != NULL, "%s: not keyed when %s fails", secret,
       creating);
    is_int(ERR_peek_error(), 0, "and no error in OpenSSL's queue");
    payments_secret_free(keyed);

    keyed = payments_secret_read(scheme, text(secret), LIT(""), &why);
    is_int(payments_signature_parse(scheme, sent, &sig), PAYMENTS_OK,
           "%s: a signature", secret);

    failing = verifying;
    rc = payments_signature_verify(&sig, &keyed, 1, LIT("x"), &matched);
    failing = "";

    is_int(rc, PAYMENTS_INTERNAL, "not verified when %s fails", verifying);
    is_int(ERR_peek_error(), 0, "and no error in OpenSSL's queue");
    is_int(payments_signature_verify(&sig, &keyed, 1, LIT("x"), &matched),
           PAYMENTS_NO_MATCH, "it does not match when nothing does");

    payments_secret_free(keyed);
}


#define V1A  "v1a,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"    \
             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
#define ZEROS                                                                 \
    "0000000000000000000000000000000000000000000000000000000000000000"
#define PAYU "algorithm=SHA-256;signature=" ZEROS
#define WHPK "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="


static void
rows(void)
{
    size_t              len;
    const char         *why;
    payments_secret_t  *keyed;
    unsigned char       key[PAYMENTS_MAX_SECRET];
    unsigned char       answer[PAYMENTS_MAX_CHALLENGE];

    row(payments_payu.scheme, "key", PAYU, "malloc", "md init");
    row(payments_payu.scheme, "key", PAYU, "md new", "md update");
    row(payments_payu.scheme, "key", PAYU, "md new", "md final");
    row(payments_standard.scheme, WHPK, V1A, "malloc", "malloc");
    row(payments_standard.scheme, WHPK, V1A, "public", "verify");
    row(payments_standard.scheme, WHPK, V1A, "md new", "verify");
    row(payments_standard.scheme, "whsec_AAAA", "v1,AAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAA=", "new", "final");
    row(payments_dotpay.scheme, "1", ZEROS, "md new", "md update");

    keyed = payments_secret_read(payments_braintree.scheme, LIT("x"),
                                 LIT("pub"), &why);
    failing = "final";
    is_int(payments_braintree.challenge(keyed, LIT("bt_challenge="
                                                   "0123456789abcdef0123"),
                                        answer), -1,
           "a challenge without an answer");
    failing = "";
    is_int(ERR_peek_error(), 0, "and no error in OpenSSL's queue");
    payments_secret_free(keyed);

    failing = "digest";
    ok(payments_scheme_key(payments_braintree.scheme, LIT("x"), key, &len)
       != NULL, "no key when it cannot be hashed");
    failing = "";
    is_int(ERR_peek_error(), 0, "and no error in OpenSSL's queue");
}


static void
signing(const char *call, payments_secret_t *secret)
{
    int             rc;
    size_t          stripe, webhook;
    unsigned char   digest[PAYMENTS_SHA256];
    unsigned char   dst[PAYMENTS_SIGN_SCHEME_LEN + PAYMENTS_SIGN_WEBHOOK_LEN];
    payments_str_t  body;

    body = LIT("x");

    failing = call;
    rc = payments_secret_digest(secret, &body, 1, digest);
    stripe = stripe_sign(secret, 1, &body, 1, dst);
    webhook = payments_sign_webhook(secret, LIT("1"), 1, &body, 1, dst);
    failing = "";

    is_int(rc, -1, "no digest when %s fails", call);
    is_int(stripe, 0, "nor a signature of Stripe's");
    is_int(webhook, 0, "nor one of Standard Webhooks");
    is_int(ERR_peek_error(), 0, "and no error in OpenSSL's queue");
}


static void
key(const char *call)
{
    const char         *why, *expected;
    payments_secret_t  *secret;

    expected = "OpenSSL failed, or there is no memory";
    why = "";

    failing = call;
    secret = payments_sign_key(LIT("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                               &why);
    failing = "";

    ok(secret == NULL, "no key when %s fails", call);
    is_str(why, strlen(why), expected, strlen(expected), "which it says");
    is_int(ERR_peek_error(), 0, "and no error in OpenSSL's queue");
    payments_secret_free(secret);
}


static void
hash_key(const char *call)
{
    payments_hash_t   *hash;
    payments_state_t   state;

    failing = call;
    hash = payments_hash_create((const unsigned char *) "0123456789abcdef");
    ok(payments_state_init(&state, "/dev/null",
                           (const unsigned char *) "0123456789abcdef")
       == -1, "no state, either");
    failing = "";

    payments_state_close(&state);

    ok(hash == NULL, "no hash when %s fails", call);
    is_int(ERR_peek_error(), 0, "and no error in OpenSSL's queue");
    payments_hash_free(hash);
}


static void
hashing(const char *call)
{
    int               rc;
    payments_hash_t  *hash;
    payments_str_t    part;
    unsigned char     digest[PAYMENTS_HASH];

    part = LIT("evt_1");
    hash = payments_hash_create((const unsigned char *) "0123456789abcdef");

    failing = call;
    rc = payments_hash_digest(hash, &part, 1, digest);
    failing = "";

    is_int(rc, -1, "nothing is hashed when %s fails", call);
    is_int(ERR_peek_error(), 0, "and no error in OpenSSL's queue");
    is_int(payments_hash_digest(hash, &part, 1, digest), 0,
           "but when nothing does");
    payments_hash_free(hash);
}


/* a file is neither written nor taken for a damaged one */

static void
state(const char *call)
{
    int                       fd, rc;
    char                      path[] = "/tmp/payments.XXXXXX";
    void                     *mem;
    payments_done_t           done;
    payments_fault_t          fault;
    payments_state_t          st;
    payments_claims_t        *claims;
    unsigned char             key[PAYMENTS_HASH_KEY];
    payments_state_counts_t   counts;

    fd = mkstemp(path);
    mem = malloc(PAYMENTS_CLAIMS_MIN);
    claims = payments_claims_init(mem, PAYMENTS_CLAIMS_MIN,
                                  (const unsigned char *) "0123456789abcdef");

    if (fd == -1 || claims == NULL) {
        abort();
    }

    memset(&done, 0, sizeof(done));
    done.expiry = 2;
    payments_state_init(&st, path,
                        (const unsigned char *) "0123456789abcdef");

    failing = call;
    rc = payments_state_append(&st, &done, 1, 1, &fault);
    failing = "";
    is_int(rc, -1, "nothing is appended when %s fails", call);
    ok(strcmp(fault.call, "EVP_MAC") == 0, "which it says");
    is_int(lseek(fd, 0, SEEK_END), 0, "nor a header written");

    is_int(payments_state_append(&st, &done, 1, 1, &fault), 0, "but later");

    failing = call;
    rc = payments_state_append(&st, &done, 1, 1, &fault);
    failing = "";
    is_int(rc, -1, "no second one, either");
    is_int(lseek(fd, 0, SEEK_END),
           PAYMENTS_STATE_HEADER + PAYMENTS_STATE_RECORD, "not a byte of it");

    payments_state_close(&st);
    payments_state_init(&st, path,
                        (const unsigned char *) "0123456789abcdef");

    failing = call;
    rc = payments_state_append(&st, &done, 1, 1, &fault);
    failing = "";
    is_int(rc, -1, "nor when the header cannot be checked");

    failing = call;
    rc = payments_state_key(path, key, &fault);
    failing = "";
    is_int(rc, -1, "no key is read when %s fails", call);
    ok(strcmp(fault.call, "EVP_MAC") == 0, "which it says");

    failing = call;
    rc = payments_state_load(path, claims, 1, &counts, &fault);
    failing = "";
    is_int(rc, -1, "and no ids");
    is_int(payments_state_load(path, claims, 1, &counts, &fault), 0,
           "but when nothing does");
    is_int(counts.loaded, 1, "there is one");

    payments_state_close(&st);
    free(mem);
    close(fd);
    unlink(path);
}


int
main(void)
{
    size_t                 i;
    unsigned               matched;
    payments_rc_e          rc;
    payments_secret_t     *secret;
    payments_signature_t   sig;

    static const char  *const creating[] = { "malloc", "new", "init" };
    static const char  *const verifying[] = { "init", "update", "final" };

    for (i = 0; i < 3; i++) {
        failing = creating[i];
        secret = payments_secret_create((unsigned char *) "whsec_1", 7);
        failing = "";

        ok(secret == NULL, "no secret when %s fails", creating[i]);
        is_int(ERR_peek_error(), 0, "and no error in OpenSSL's queue");
        payments_secret_free(secret);

        key(creating[i]);
        hash_key(creating[i]);
    }

    token("malloc");
    token("digest");

    secret = payments_secret_create((unsigned char *) "whsec_1", 7);
    ok(secret != NULL, "a secret when nothing does");

    rc = stripe_parse(LIT("t=1,v1=0000000000000000000000000000000"
                                      "000000000000000000000000000000000"),
                                  &sig);
    is_int(rc, PAYMENTS_OK, "a signature, of whatever");

    for (i = 0; i < 3; i++) {
        failing = verifying[i];
        rc = payments_signature_verify(&sig, &secret, 1, LIT("x"), &matched);
        failing = "";

        is_int(rc, PAYMENTS_INTERNAL, "nothing is verified when %s fails",
               verifying[i]);
        is_int(ERR_peek_error(), 0, "and no error in OpenSSL's queue");

        signing(verifying[i], secret);
        hashing(verifying[i]);
        state(verifying[i]);
    }

    rc = payments_signature_verify(&sig, &secret, 1, LIT("x"), &matched);
    is_int(rc, PAYMENTS_NO_MATCH, "it does not match when nothing does");

    payments_secret_free(secret);

    rows();

    return done_testing();
}
