
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

#include "payments_hash.h"


struct payments_hash_s {
    EVP_MAC_CTX    *mac;
    unsigned char   key[PAYMENTS_HASH_KEY];
};


payments_hash_t *
payments_hash_create(const unsigned char key[PAYMENTS_HASH_KEY])
{
    unsigned          size;
    EVP_MAC          *mac;
    OSSL_PARAM        params[2];
    payments_hash_t  *hash;

    hash = malloc(sizeof(payments_hash_t));
    if (hash == NULL) {
        return NULL;
    }

    memcpy(hash->key, key, PAYMENTS_HASH_KEY);

    size = PAYMENTS_HASH;
    params[0] = OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_SIZE, &size);
    params[1] = OSSL_PARAM_construct_end();

    mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    hash->mac = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);

    if (hash->mac == NULL
        || EVP_MAC_init(hash->mac, key, PAYMENTS_HASH_KEY, params) != 1)
    {
        ERR_clear_error();
        payments_hash_free(hash);
        return NULL;
    }

    return hash;
}


void
payments_hash_free(payments_hash_t *hash)
{
    if (hash != NULL) {
        EVP_MAC_CTX_free(hash->mac);
        OPENSSL_cleanse(hash, sizeof(payments_hash_t));
        free(hash);
    }
}


/* with the key: not every OpenSSL 3 starts SipHash anew without it */

int
payments_hash_digest(payments_hash_t *hash, const payments_str_t *parts,
    unsigned n, unsigned char digest[PAYMENTS_HASH])
{
    int            rc;
    size_t         len;
    unsigned       i, k;
    unsigned char  size[sizeof(uint64_t)];

    rc = EVP_MAC_init(hash->mac, hash->key, PAYMENTS_HASH_KEY, NULL);

    for (i = 0; i < n && rc == 1; i++) {

        for (k = 0; k < sizeof(size); k++) {
            size[k] = (uint64_t) parts[i].len >> 8 * k;
        }

        rc = EVP_MAC_update(hash->mac, size, sizeof(size));

        if (rc == 1 && parts[i].len != 0) {
            rc = EVP_MAC_update(hash->mac, parts[i].data, parts[i].len);
        }
    }

    if (rc != 1
        || EVP_MAC_final(hash->mac, digest, &len, PAYMENTS_HASH) != 1
        || len != PAYMENTS_HASH)
    {
        ERR_clear_error();
        return -1;
    }

    return 0;
}
