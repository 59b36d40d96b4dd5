
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What signatures are verified by: keyed once, when it is configured.
 */


#include <stdlib.h>
#include <string.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "payments_signature.h"


#define PAYMENTS_SECRET_FAILED  "cannot be keyed: OpenSSL failed"


/* one of the three, or a token, which is the key; id and key are behind it */

struct payments_secret_s {
    payments_algorithm_e  algorithm;
    EVP_MAC_CTX          *mac;
    EVP_PKEY             *public;
    EVP_MD_CTX           *md;       /* of a public key, or a plain digest */

    size_t                id_len;
    size_t                key_len;
    unsigned char         id[PAYMENTS_MAX_STRING];
    unsigned char         key[PAYMENTS_MAX_SECRET];
    unsigned char         digest[PAYMENTS_SHA256];  /* of a token */
};


static payments_secret_t *payments_secret_new(void);
static payments_secret_t *payments_secret_public(const unsigned char *key);
static int payments_secret_hmac(payments_secret_t *secret,
    const unsigned char *key, size_t len);
static int payments_secret_keep(payments_secret_t *secret,
    const unsigned char *key, size_t len);
static int payments_secret_plain(payments_secret_t *secret,
    payments_algorithm_e algorithm, const payments_str_t *parts, unsigned n,
    unsigned char *digest);


payments_secret_t *
payments_secret_read(const payments_scheme_t *scheme, payments_str_t text,
    payments_str_t id, const char **why)
{
    size_t              len;
    unsigned char       key[PAYMENTS_MAX_SECRET];
    payments_secret_t  *secret;

    if (id.len > PAYMENTS_MAX_STRING) {
        *why = "has a name that is too long";
        return NULL;
    }

    if (payments_scheme_public(scheme, text)) {
        *why = payments_scheme_public_key(text, key);
        secret = (*why == NULL) ? payments_secret_public(key) : NULL;

    } else {
        *why = payments_scheme_key(scheme, text, key, &len);
        secret = (*why == NULL)
                 ? payments_secret_create_for(scheme->algorithm, key, len)
                 : NULL;
    }

    OPENSSL_cleanse(key, sizeof(key));

    if (secret == NULL) {
        *why = (*why != NULL) ? *why : PAYMENTS_SECRET_FAILED;
        return NULL;
    }

    if (id.len != 0) {
        memcpy(secret->id, id.data, id.len);
        secret->id_len = id.len;
    }

    return secret;
}


payments_secret_t *
payments_secret_create(const unsigned char *key, size_t len)
{
    return payments_secret_create_for(PAYMENTS_HMAC_SHA256, key, len);
}


payments_secret_t *
payments_secret_create_for(payments_algorithm_e algorithm,
    const unsigned char *key, size_t len)
{
    int                 rc;
    payments_secret_t  *secret;

    secret = payments_secret_new();
    if (secret == NULL) {
        return NULL;
    }

    secret->algorithm = algorithm;

    rc = (algorithm < PAYMENTS_PLAIN_SHA256)
         ? payments_secret_hmac(secret, key, len)
         : payments_secret_keep(secret, key, len);

    if (rc != 0) {
        ERR_clear_error();
        payments_secret_free(secret);
        return NULL;
    }

    return secret;
}


static payments_secret_t *
payments_secret_new(void)
{
    payments_secret_t  *secret;

    secret = malloc(sizeof(payments_secret_t));

    if (secret != NULL) {
        memset(secret, 0, sizeof(payments_secret_t));
    }

    return secret;
}


static int
payments_secret_hmac(payments_secret_t *secret, const unsigned char *key,
    size_t len)
{
    EVP_MAC     *mac;
    OSSL_PARAM   params[2];
    char         digest[PAYMENTS_ALGORITHM_NAME];

    payments_algorithm_name(secret->algorithm, digest);

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                 digest, 0);
    params[1] = OSSL_PARAM_construct_end();

    mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    secret->mac = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);

    return (secret->mac != NULL
            && EVP_MAC_init(secret->mac, key, len, params) == 1) ? 0 : -1;
}


static int
payments_secret_keep(payments_secret_t *secret, const unsigned char *key,
    size_t len)
{
    if (len > PAYMENTS_MAX_SECRET) {
        return -1;
    }

    memcpy(secret->key, key, len);
    secret->key_len = len;

    if (secret->algorithm == PAYMENTS_TOKEN) {
        return payments_token_digest(payments_secret_key(secret),
                                     secret->digest);
    }

    secret->md = EVP_MD_CTX_new();

    return secret->md != NULL ? 0 : -1;
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


static payments_secret_t *
payments_secret_public(const unsigned char *key)
{
    payments_secret_t  *secret;

    secret = payments_secret_new();
    if (secret == NULL) {
        return NULL;
    }

    secret->public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key,
                                                 PAYMENTS_PUBLIC_KEY);
    secret->md = EVP_MD_CTX_new();

    if (secret->public == NULL || secret->md == NULL) {
        ERR_clear_error();
        payments_secret_free(secret);
        return NULL;
    }

    return secret;
}


void
payments_secret_free(payments_secret_t *secret)
{
    if (secret != NULL) {
        EVP_MAC_CTX_free(secret->mac);
        EVP_MD_CTX_free(secret->md);
        EVP_PKEY_free(secret->public);
        OPENSSL_cleanse(secret->key, sizeof(secret->key));
        free(secret);
    }
}


int
payments_secret_signs(const payments_secret_t *secret)
{
    return secret->public == NULL;
}


payments_str_t
payments_secret_id(const payments_secret_t *secret)
{
    payments_str_t  id;

    id.len = secret->id_len;
    id.data = secret->id;

    return id;
}


payments_str_t
payments_secret_key(const payments_secret_t *secret)
{
    payments_str_t  key;

    key.len = secret->key_len;
    key.data = secret->key;

    return key;
}


int
payments_secret_digest(payments_secret_t *secret, const payments_str_t *parts,
    unsigned n, unsigned char *digest)
{
    return payments_secret_digest_by(secret, secret->algorithm, parts, n,
                                     digest);
}


/* EVP_MAC_init() without a key starts anew from the state keyed before */

int
payments_secret_digest_by(payments_secret_t *secret,
    payments_algorithm_e algorithm, const payments_str_t *parts, unsigned n,
    unsigned char *digest)
{
    int       rc;
    size_t    len, size;
    unsigned  i;

    if (secret->algorithm == PAYMENTS_TOKEN) {
        memcpy(digest, secret->digest, PAYMENTS_SHA256);
        return 0;
    }

    if (secret->mac == NULL) {
        return secret->public == NULL
               ? payments_secret_plain(secret, algorithm, parts, n, digest)
               : -1;
    }

    size = payments_algorithm_size(secret->algorithm);

    rc = EVP_MAC_init(secret->mac, NULL, 0, NULL);

    for (i = 0; i < n && rc == 1; i++) {
        rc = EVP_MAC_update(secret->mac, parts[i].data, parts[i].len);
    }

    if (rc != 1
        || EVP_MAC_final(secret->mac, digest, &len, size) != 1
        || len != size)
    {
        ERR_clear_error();
        return -1;
    }

    return 0;
}


/*
 * Where the key comes last, nobody can go on from a digest, as with a key that
 * comes first.  But two messages that collide have one signature then, so that
 * this is as good as the digest.
 */

static int
payments_secret_plain(payments_secret_t *secret,
    payments_algorithm_e algorithm, const payments_str_t *parts, unsigned n,
    unsigned char *digest)
{
    int       rc;
    char      name[PAYMENTS_ALGORITHM_NAME];
    unsigned  i, len;

    payments_algorithm_name(algorithm, name);

    rc = EVP_DigestInit_ex(secret->md, EVP_get_digestbyname(name), NULL);

    for (i = 0; i < n && rc == 1; i++) {
        rc = EVP_DigestUpdate(secret->md, parts[i].data, parts[i].len);
    }

    if (rc != 1
        || EVP_DigestFinal_ex(secret->md, digest, &len) != 1
        || len != payments_algorithm_size(algorithm))
    {
        ERR_clear_error();
        return -1;
    }

    return 0;
}


/* which of them matches is no secret: what is public needs no equal times */

int
payments_secret_check(payments_secret_t *secret, const payments_str_t *parts,
    unsigned n, const unsigned char (*signs)[PAYMENTS_PUBLIC_SIGN],
    unsigned m)
{
    int             rc;
    size_t          len;
    unsigned        i;
    unsigned char  *message, *p;

    if (m == 0) {
        return 0;
    }

    len = 0;

    for (i = 0; i < n; i++) {
        len += parts[i].len;
    }

    message = malloc(len + 1);
    if (message == NULL) {
        return -1;
    }

    p = message;

    for (i = 0; i < n; i++) {
        if (parts[i].len != 0) {
            memcpy(p, parts[i].data, parts[i].len);
            p += parts[i].len;
        }
    }

    rc = 0;

    for (i = 0; i < m && rc == 0; i++) {

        if (EVP_DigestVerifyInit(secret->md, NULL, NULL, NULL, secret->public)
            != 1)
        {
            rc = -1;
            break;
        }

        rc = EVP_DigestVerify(secret->md, signs[i], PAYMENTS_PUBLIC_SIGN,
                              message, len)
             == 1;
    }

    ERR_clear_error();
    free(message);

    return rc;
}
