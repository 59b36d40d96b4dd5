
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * OpenSSL may fail: then nothing was verified or signed, and nothing is left
 * behind.
 */


#include <openssl/err.h>
#include <openssl/evp.h>

#include "payments_sign.h"
#include "payments_signature.h"
#include "unit.h"


/* LDFLAGS: -Wl,--wrap=malloc,--wrap=EVP_MAC_CTX_new */
/* LDFLAGS: -Wl,--wrap=EVP_MAC_init,--wrap=EVP_MAC_update */
/* LDFLAGS: -Wl,--wrap=EVP_MAC_final */


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


static void
signing(const char *call, payments_secret_t *secret)
{
    int             rc;
    size_t          stripe, webhook;
    unsigned char   digest[PAYMENTS_SHA256];
    unsigned char   dst[PAYMENTS_SIGN_STRIPE_LEN + PAYMENTS_SIGN_WEBHOOK_LEN];
    payments_str_t  body;

    body = LIT("x");

    failing = call;
    rc = payments_secret_digest(secret, &body, 1, digest);
    stripe = payments_sign_stripe(secret, 1, &body, 1, dst);
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
    }

    secret = payments_secret_create((unsigned char *) "whsec_1", 7);
    ok(secret != NULL, "a secret when nothing does");

    rc = payments_signature_parse(LIT("t=1,v1=0000000000000000000000000000000"
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
    }

    rc = payments_signature_verify(&sig, &secret, 1, LIT("x"), &matched);
    is_int(rc, PAYMENTS_NO_MATCH, "it does not match when nothing does");

    payments_secret_free(secret);

    return done_testing();
}
