
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>
#include <openssl/crypto.h>

#include "payments_base64.h"
#include "payments_hex.h"
#include "payments_sign.h"


#define PAYMENTS_SIGN_PREFIX  "whsec_"

/* base64 of the longest key */
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
    payments_str_t  bytes;

    bytes.len = payments_algorithm_size(scheme->algorithm);
    bytes.data = digest;

    return (scheme->encoding == PAYMENTS_BASE64)
           ? payments_base64_encode(p, bytes)
           : payments_hex_encode(p, digest, bytes.len);
}


size_t
payments_sign_webhook(payments_secret_t *secret, payments_str_t id,
    int64_t now, const payments_str_t *body, unsigned n, unsigned char *dst)
{
    payments_str_t  before[2], bytes;
    unsigned char  *p, digest[PAYMENTS_SHA256];
    unsigned char   time[PAYMENTS_INTEGER_LEN + 2];

    time[0] = '.';
    p = payments_write_integer(time + 1, now);
    *p++ = '.';

    before[0] = id;
    before[1].len = p - time;
    before[1].data = time;

    if (payments_sign_digest(secret, before, 2, body, n, digest) != 0) {
        return 0;
    }

    bytes.len = PAYMENTS_SHA256;
    bytes.data = digest;

    memcpy(dst, "v1,", 3);
    payments_base64_encode(dst + 3, bytes);

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
    const char  *why;

    if (text.len > PAYMENTS_SIGN_TEXT) {
        return "its key is longer than 64 bytes, or not in base64";
    }

    why = NULL;

    if (!payments_base64_decode(text, key, len)
        || text.len != PAYMENTS_BASE64_LEN(*len))
    {
        why = "it is not base64 after \"" PAYMENTS_SIGN_PREFIX "\"";

    } else if (*len < PAYMENTS_SIGN_KEY_MIN) {
        why = "its key is shorter than 24 bytes";

    } else if (*len > PAYMENTS_SIGN_KEY_MAX) {
        why = "its key is longer than 64 bytes";
    }

    return why;
}
