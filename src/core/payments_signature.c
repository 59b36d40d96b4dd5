
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <stdlib.h>
#include <string.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "payments_signature.h"


struct payments_secret_s {
    size_t         size;  /* of a digest */
    EVP_MAC_CTX   *mac;   /* NULL: a token */
    unsigned char  digest[PAYMENTS_SHA256];
    size_t         len;
    unsigned char  token[];
};


static payments_secret_t *payments_secret_create_token(
    const unsigned char *key, size_t len);


payments_secret_t *
payments_secret_create(const unsigned char *key, size_t len)
{
    return payments_secret_create_for(PAYMENTS_HMAC_SHA256, key, len);
}


payments_secret_t *
payments_secret_create_for(payments_algorithm_e algorithm,
    const unsigned char *key, size_t len)
{
    EVP_MAC            *mac;
    OSSL_PARAM          params[2];
    payments_secret_t  *secret;
    char                digest[PAYMENTS_ALGORITHM_NAME];

    if (algorithm == PAYMENTS_TOKEN) {
        return payments_secret_create_token(key, len);
    }

    secret = malloc(sizeof(payments_secret_t));
    if (secret == NULL) {
        return NULL;
    }

    secret->len = 0;
    secret->size = payments_algorithm_size(algorithm);

    payments_algorithm_name(algorithm, digest);

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                 digest, 0);
    params[1] = OSSL_PARAM_construct_end();

    mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    secret->mac = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);

    if (secret->mac == NULL
        || EVP_MAC_init(secret->mac, key, len, params) != 1)
    {
        ERR_clear_error();
        payments_secret_free(secret);
        return NULL;
    }

    return secret;
}


static payments_secret_t *
payments_secret_create_token(const unsigned char *key, size_t len)
{
    payments_str_t      token;
    payments_secret_t  *secret;

    secret = malloc(sizeof(payments_secret_t) + len);
    if (secret == NULL) {
        return NULL;
    }

    secret->size = PAYMENTS_SHA256;
    secret->mac = NULL;
    secret->len = len;

    memcpy(secret->token, key, len);

    token.len = len;
    token.data = key;

    if (payments_token_digest(token, secret->digest) != 0) {
        payments_secret_free(secret);
        return NULL;
    }

    return secret;
}


payments_str_t
payments_secret_token(const payments_secret_t *secret)
{
    payments_str_t  token;

    token.len = secret->len;
    token.data = secret->token;

    return token;
}


int
payments_token_digest(payments_str_t token, unsigned char *digest)
{
    if (EVP_Digest(token.data, token.len, digest, NULL, EVP_sha256(), NULL)
        != 1)
    {
        ERR_clear_error();
        return -1;
    }

    return 0;
}


void
payments_secret_free(payments_secret_t *secret)
{
    if (secret != NULL) {
        EVP_MAC_CTX_free(secret->mac);
        OPENSSL_cleanse(secret->token, secret->len);
        free(secret);
    }
}


/* EVP_MAC_init() without a key starts anew from the state keyed before */

int
payments_secret_digest(payments_secret_t *secret, const payments_str_t *parts,
    unsigned n, unsigned char *digest)
{
    int       rc;
    size_t    len;
    unsigned  i;

    if (secret->mac == NULL) {
        memcpy(digest, secret->digest, PAYMENTS_SHA256);
        return 0;
    }

    rc = EVP_MAC_init(secret->mac, NULL, 0, NULL);

    for (i = 0; i < n && rc == 1; i++) {
        rc = EVP_MAC_update(secret->mac, parts[i].data, parts[i].len);
    }

    if (rc != 1
        || EVP_MAC_final(secret->mac, digest, &len, secret->size) != 1
        || len != secret->size)
    {
        ERR_clear_error();
        return -1;
    }

    return 0;
}


payments_rc_e
payments_signature_judge(const payments_signature_t *sig, int64_t now,
    int64_t tolerance, int64_t future, int64_t *age)
{
    if (!sig->scheme->timed) {
        *age = 0;
        return PAYMENTS_OK;
    }

    *age = now - sig->time;

    if (tolerance >= 0 && *age > tolerance) {
        return PAYMENTS_TOO_OLD;
    }

    if (future >= 0 && -*age > future) {
        return PAYMENTS_TOO_NEW;
    }

    return PAYMENTS_OK;
}


payments_rc_e
payments_signature_verify(const payments_signature_t *sig,
    payments_secret_t **secrets, unsigned n, payments_str_t body,
    unsigned *matched)
{
    size_t          size;
    unsigned        i, k, found, npieces;
    unsigned char   digest[PAYMENTS_MAX_DIGEST];
    payments_str_t  pieces[PAYMENTS_MAX_PIECES + 1];

    if (body.len == 0 && !sig->scheme->bodiless) {
        return PAYMENTS_NO_BODY;
    }

    size = payments_algorithm_size(sig->scheme->algorithm);
    npieces = payments_scheme_message(sig->scheme, sig->sent, sig->time_text,
                                      &body, 1, pieces);
    found = n;

    /* no way out of the loops: the time tells nothing about what matched */

    for (i = 0; i < n; i++) {

        if (payments_secret_digest(secrets[i], pieces, npieces, digest) != 0) {
            OPENSSL_cleanse(digest, sizeof(digest));
            return PAYMENTS_INTERNAL;
        }

        for (k = 0; k < sig->count; k++) {
            if (CRYPTO_memcmp(digest, sig->digests[k], size) == 0) {
                found = i;
            }
        }
    }

    OPENSSL_cleanse(digest, sizeof(digest));

    *matched = found;

    return found < n ? PAYMENTS_OK : PAYMENTS_NO_MATCH;
}
