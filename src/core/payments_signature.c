
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
    EVP_MAC_CTX  *mac;
};


static payments_str_t payments_signature_trim(payments_str_t str);
static payments_rc_e payments_signature_item(payments_str_t item,
    payments_signature_t *sig, unsigned *seen);
static payments_rc_e payments_signature_time(payments_str_t value,
    payments_signature_t *sig);
static int payments_signature_unhex(payments_str_t hex,
    unsigned char *digest);


payments_secret_t *
payments_secret_create(const unsigned char *key, size_t len)
{
    EVP_MAC            *mac;
    OSSL_PARAM          params[2];
    payments_secret_t  *secret;
    char                digest[] = "SHA256";

    secret = malloc(sizeof(payments_secret_t));
    if (secret == NULL) {
        return NULL;
    }

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


void
payments_secret_free(payments_secret_t *secret)
{
    if (secret != NULL) {
        EVP_MAC_CTX_free(secret->mac);
        free(secret);
    }
}


/* EVP_MAC_init() without a key starts anew from the state keyed before */

int
payments_secret_digest(payments_secret_t *secret, const payments_str_t *parts,
    unsigned n, unsigned char digest[PAYMENTS_SHA256])
{
    int       rc;
    size_t    len;
    unsigned  i;

    rc = EVP_MAC_init(secret->mac, NULL, 0, NULL);

    for (i = 0; i < n && rc == 1; i++) {
        rc = EVP_MAC_update(secret->mac, parts[i].data, parts[i].len);
    }

    if (rc != 1
        || EVP_MAC_final(secret->mac, digest, &len, PAYMENTS_SHA256) != 1
        || len != PAYMENTS_SHA256)
    {
        ERR_clear_error();
        return -1;
    }

    return 0;
}


payments_rc_e
payments_signature_parse(payments_str_t header, payments_signature_t *sig)
{
    unsigned              seen;
    payments_rc_e         rc;
    payments_str_t        item;
    const unsigned char  *p, *end, *comma;

    if (header.len == 0) {
        return PAYMENTS_MISSING_SIGNATURE;
    }

    if (header.len > PAYMENTS_MAX_HEADER) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    sig->time_text.len = 0;
    sig->count = 0;
    seen = 0;

    p = header.data;
    end = header.data + header.len;

    for ( ;; ) {
        comma = memchr(p, ',', end - p);

        item.data = p;
        item.len = (comma != NULL ? comma : end) - p;

        rc = payments_signature_item(payments_signature_trim(item), sig,
                                     &seen);
        if (rc != PAYMENTS_OK) {
            return rc;
        }

        if (comma == NULL) {
            break;
        }

        p = comma + 1;
    }

    if (sig->time_text.len == 0 || seen == 0) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    return sig->count != 0 ? PAYMENTS_OK : PAYMENTS_NO_MATCH;
}


static payments_str_t
payments_signature_trim(payments_str_t str)
{
    while (str.len && (str.data[0] == ' ' || str.data[0] == '\t')) {
        str.data++;
        str.len--;
    }

    while (str.len
           && (str.data[str.len - 1] == ' ' || str.data[str.len - 1] == '\t'))
    {
        str.len--;
    }

    return str;
}


static payments_rc_e
payments_signature_item(payments_str_t item, payments_signature_t *sig,
    unsigned *seen)
{
    payments_str_t        key, value;
    const unsigned char  *equal;

    equal = memchr(item.data, '=', item.len);
    if (equal == NULL) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    key.data = item.data;
    key.len = equal - item.data;
    key = payments_signature_trim(key);

    value.data = equal + 1;
    value.len = item.data + item.len - value.data;
    value = payments_signature_trim(value);

    if (key.len == 1 && key.data[0] == 't') {
        return payments_signature_time(value, sig);
    }

    if (key.len == 2 && memcmp(key.data, "v1", 2) == 0) {

        if (++*seen > PAYMENTS_MAX_SIGNATURES) {
            return PAYMENTS_MALFORMED_SIGNATURE;
        }

        if (payments_signature_unhex(value, sig->digests[sig->count])) {
            sig->count++;
        }
    }

    return PAYMENTS_OK;
}


static payments_rc_e
payments_signature_time(payments_str_t value, payments_signature_t *sig)
{
    size_t  i;

    if (sig->time_text.len != 0
        || value.len == 0
        || value.len > PAYMENTS_MAX_TIME_DIGITS)
    {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    sig->time = 0;

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return PAYMENTS_MALFORMED_SIGNATURE;
        }

        sig->time = sig->time * 10 + (value.data[i] - '0');
    }

    sig->time_text = value;

    return PAYMENTS_OK;
}


static int
payments_signature_unhex(payments_str_t hex, unsigned char *digest)
{
    size_t         i;
    unsigned char  c, nibble;

    if (hex.len != 2 * PAYMENTS_SHA256) {
        return 0;
    }

    for (i = 0; i < hex.len; i++) {
        c = hex.data[i];

        if (c >= '0' && c <= '9') {
            nibble = c - '0';

        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            nibble = (c | 0x20) - 'a' + 10;

        } else {
            return 0;
        }

        if (i % 2 == 0) {
            digest[i / 2] = nibble << 4;

        } else {
            digest[i / 2] |= nibble;
        }
    }

    return 1;
}


payments_rc_e
payments_signature_judge(const payments_signature_t *sig, int64_t now,
    int64_t tolerance, int64_t future, int64_t *age)
{
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
    unsigned        i, k, found;
    unsigned char   digest[PAYMENTS_SHA256];
    payments_str_t  parts[3] = { sig->time_text, payments_string("."), body };

    if (body.len == 0) {
        return PAYMENTS_NO_BODY;
    }

    found = n;

    /* no way out of the loops: the time tells nothing about what matched */

    for (i = 0; i < n; i++) {

        if (payments_secret_digest(secrets[i], parts, 3, digest) != 0) {
            OPENSSL_cleanse(digest, sizeof(digest));
            return PAYMENTS_INTERNAL;
        }

        for (k = 0; k < sig->count; k++) {
            if (CRYPTO_memcmp(digest, sig->digests[k], PAYMENTS_SHA256) == 0) {
                found = i;
            }
        }
    }

    OPENSSL_cleanse(digest, sizeof(digest));

    *matched = found;

    return found < n ? PAYMENTS_OK : PAYMENTS_NO_MATCH;
}
