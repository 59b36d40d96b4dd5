
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "payments_sign.h"


#define PAYMENTS_SIGN_PREFIX  "whsec_"

/* base64 of the longest key; EVP_EncodeBlock() writes a NUL after it */
#define PAYMENTS_SIGN_TEXT    ((PAYMENTS_SIGN_KEY_MAX + 2) / 3 * 4)


static unsigned char *payments_sign_put(unsigned char *p,
    payments_str_t str);
static unsigned char *payments_sign_encode(const payments_scheme_t *scheme,
    const unsigned char *digest, unsigned char *p);
static int payments_sign_digest(payments_secret_t *secret,
    const payments_str_t *before, unsigned m, const payments_str_t *body,
    unsigned n, unsigned char *digest);
static const char *payments_sign_decode(payments_str_t text,
    unsigned char *key, size_t *len);


size_t
payments_sign_scheme(const payments_scheme_t *scheme,
    payments_secret_t *secret, const payments_str_t *sent, int64_t now,
    const payments_str_t *body, unsigned n, unsigned char *dst)
{
    unsigned        npieces;
    payments_str_t  time_text, all[PAYMENTS_SENT_MAX];
    payments_str_t  pieces[PAYMENTS_MAX_PIECES + PAYMENTS_SIGN_PARTS];
    unsigned char  *p, digest[PAYMENTS_MAX_DIGEST];
    unsigned char   time[PAYMENTS_INTEGER_LEN];

    if (n > PAYMENTS_SIGN_PARTS) {
        return 0;
    }

    time_text.data = time;
    time_text.len = payments_write_integer(time,
                                           payments_scheme_time(scheme, now))
                    - time;

    memcpy(all, sent, sizeof(all));
    all[PAYMENTS_SENT_SECRET] = payments_secret_key(secret);

    npieces = payments_scheme_message(scheme, all, time_text, body, n,
                                      pieces);

    if (payments_secret_digest(secret, pieces, npieces, digest) != 0) {
        return 0;
    }

    p = dst;

    if (scheme->time_word.len != 0) {
        p = payments_sign_put(p, scheme->time_word);
        *p++ = '=';
        p = payments_sign_put(p, time_text);
        *p++ = scheme->separator;
    }

    p = payments_sign_put(p, scheme->word);

    if (scheme->algorithm == PAYMENTS_TOKEN) {
        return payments_sign_put(p, payments_secret_key(secret)) - dst;
    }

    if (scheme->grammar == PAYMENTS_PAIRS) {
        *p++ = '=';

    } else if (scheme->grammar == PAYMENTS_VERSIONED) {
        *p++ = ',';
    }

    p = payments_sign_encode(scheme, digest, p);

    if (scheme->digest_word.len != 0) {
        *p++ = scheme->separator;
        p = payments_sign_put(p, scheme->digest_word);
        *p++ = '=';
        p = payments_sign_put(p, payments_algorithm_text(scheme->algorithm));
    }

    return p - dst;
}


static unsigned char *
payments_sign_put(unsigned char *p, payments_str_t str)
{
    if (str.len != 0) {
        memcpy(p, str.data, str.len);
    }

    return p + str.len;
}


static unsigned char *
payments_sign_encode(const payments_scheme_t *scheme,
    const unsigned char *digest, unsigned char *p)
{
    int            len;
    size_t         i, size;
    unsigned char  base64[(PAYMENTS_MAX_DIGEST + 2) / 3 * 4 + 1];

    static const unsigned char  hex[] = "0123456789abcdef";

    size = payments_algorithm_size(scheme->algorithm);

    if (scheme->encoding == PAYMENTS_BASE64) {
        len = EVP_EncodeBlock(base64, digest, size);
        memcpy(p, base64, len);
        return p + len;
    }

    for (i = 0; i < size; i++) {
        *p++ = hex[digest[i] >> 4];
        *p++ = hex[digest[i] & 0xf];
    }

    return p;
}


size_t
payments_sign_webhook(payments_secret_t *secret, payments_str_t id,
    int64_t now, const payments_str_t *body, unsigned n, unsigned char *dst)
{
    payments_str_t  before[2];
    unsigned char  *p, digest[PAYMENTS_SHA256];
    unsigned char   time[PAYMENTS_INTEGER_LEN + 2];
    unsigned char   base64[PAYMENTS_SIGN_BASE64 + 1];

    time[0] = '.';
    p = payments_write_integer(time + 1, now);
    *p++ = '.';

    before[0] = id;
    before[1].len = p - time;
    before[1].data = time;

    if (payments_sign_digest(secret, before, 2, body, n, digest) != 0) {
        return 0;
    }

    EVP_EncodeBlock(base64, digest, PAYMENTS_SHA256);

    memcpy(dst, "v1,", 3);
    memcpy(dst + 3, base64, PAYMENTS_SIGN_BASE64);

    return PAYMENTS_SIGN_WEBHOOK_LEN;
}


static int
payments_sign_digest(payments_secret_t *secret, const payments_str_t *before,
    unsigned m, const payments_str_t *body, unsigned n, unsigned char *digest)
{
    payments_str_t  parts[2 + PAYMENTS_SIGN_PARTS];

    if (n > PAYMENTS_SIGN_PARTS) {
        return -1;
    }

    memcpy(parts, before, m * sizeof(payments_str_t));

    if (n != 0) {
        memcpy(parts + m, body, n * sizeof(payments_str_t));
    }

    return payments_secret_digest(secret, parts, m + n, digest);
}


payments_secret_t *
payments_sign_key(payments_str_t text, const char **why)
{
    size_t              len, prefix;
    unsigned char       key[PAYMENTS_SIGN_TEXT / 4 * 3];
    payments_secret_t  *secret;

    prefix = sizeof(PAYMENTS_SIGN_PREFIX) - 1;

    if (text.len < prefix
        || memcmp(text.data, PAYMENTS_SIGN_PREFIX, prefix) != 0)
    {
        *why = "it does not begin with \"" PAYMENTS_SIGN_PREFIX "\"";
        return NULL;
    }

    text.data += prefix;
    text.len -= prefix;

    secret = NULL;
    *why = payments_sign_decode(text, key, &len);

    if (*why == NULL) {
        secret = payments_secret_create(key, len);

        if (secret == NULL) {
            *why = "OpenSSL failed, or there is no memory";
        }
    }

    OPENSSL_cleanse(key, sizeof(key));

    return secret;
}


/* NULL, the key and its length, or what is wrong with it */

static const char *
payments_sign_decode(payments_str_t text, unsigned char *key, size_t *len)
{
    int            n;
    size_t         padding;
    const char    *why;
    unsigned char  again[PAYMENTS_SIGN_TEXT + 1];

    if (text.len > PAYMENTS_SIGN_TEXT) {
        return "its key is longer than 64 bytes, or not in base64";
    }

    n = EVP_DecodeBlock(key, text.data, text.len);

    padding = 0;

    while (padding < text.len && text.data[text.len - padding - 1] == '=') {
        padding++;
    }

    if (n < 0 || (size_t) n < padding) {
        return "it is not base64 after \"" PAYMENTS_SIGN_PREFIX "\"";
    }

    *len = n - padding;

    /* EVP_DecodeBlock() takes blanks, any padding, and bits of no byte */

    why = NULL;

    if ((size_t) EVP_EncodeBlock(again, key, *len) != text.len
        || CRYPTO_memcmp(again, text.data, text.len) != 0)
    {
        why = "it is not base64 after \"" PAYMENTS_SIGN_PREFIX "\"";

    } else if (*len < PAYMENTS_SIGN_KEY_MIN) {
        why = "its key is shorter than 24 bytes";

    } else if (*len > PAYMENTS_SIGN_KEY_MAX) {
        why = "its key is longer than 64 bytes";
    }

    OPENSSL_cleanse(again, sizeof(again));

    return why;
}
