
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the text of a secret stands for.
 */


#include <string.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "payments_base64.h"
#include "payments_hex.h"
#include "payments_scheme.h"


#define PAYMENTS_WHSEC  "whsec_"
#define PAYMENTS_WHPK   "whpk_"


static int payments_key_prefix(payments_str_t *text, const char *prefix);
static int payments_key_is_token(payments_str_t text);
static int payments_key_sha1(payments_str_t text, unsigned char *key,
    size_t *len);


const char *
payments_scheme_key(const payments_scheme_t *scheme, payments_str_t text,
    unsigned char *key, size_t *len)
{
    if (text.len == 0 || text.len > PAYMENTS_MAX_SECRET) {
        return "is empty or too long";
    }

    if (scheme->base64_key) {
        payments_key_prefix(&text, PAYMENTS_WHSEC);

        return payments_base64_loose(text, key, len)
               ? NULL : "is not base64, after \"" PAYMENTS_WHSEC "\" or alone";
    }

    if (scheme->hex_key) {
        *len = text.len / 2;

        return payments_hex_decode(text, key, *len)
               ? NULL : "is not an even number of hex digits";
    }

    if (scheme->sha1_key) {
        return payments_key_sha1(text, key, len)
               ? NULL : "cannot be hashed by this OpenSSL";
    }

    if (scheme->json_key && !payments_scheme_fits(text)) {
        return "has more than letters, digits and the like";
    }

    if (scheme->algorithm == PAYMENTS_TOKEN && !payments_key_is_token(text)) {
        return "is no token: one is of visible ASCII, with blanks at most "
               "inside";
    }

    memcpy(key, text.data, text.len);
    *len = text.len;

    return NULL;
}


int
payments_scheme_public(const payments_scheme_t *scheme, payments_str_t text)
{
    return scheme->public_word.len != 0
           && payments_key_prefix(&text, PAYMENTS_WHPK);
}


const char *
payments_scheme_public_key(payments_str_t text, unsigned char *key)
{
    size_t         len;
    unsigned char  decoded[PAYMENTS_MAX_SECRET];

    if (text.len > PAYMENTS_MAX_SECRET
        || !payments_key_prefix(&text, PAYMENTS_WHPK)
        || !payments_base64_loose(text, decoded, &len)
        || len != PAYMENTS_PUBLIC_KEY)
    {
        return "is not base64 of 32 bytes after \"" PAYMENTS_WHPK "\"";
    }

    memcpy(key, decoded, PAYMENTS_PUBLIC_KEY);

    return NULL;
}


static int
payments_key_prefix(payments_str_t *text, const char *prefix)
{
    size_t  len;

    len = strlen(prefix);

    if (text->len < len || memcmp(text->data, prefix, len) != 0) {
        return 0;
    }

    text->data += len;
    text->len -= len;

    return 1;
}


/* text is not empty */

static int
payments_key_is_token(payments_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < 0x20 || text.data[i] >= 0x7f) {
            return 0;
        }
    }

    return text.data[0] != ' ' && text.data[text.len - 1] != ' ';
}


static int
payments_key_sha1(payments_str_t text, unsigned char *key, size_t *len)
{
    unsigned  size;

    if (EVP_Digest(text.data, text.len, key, &size, EVP_sha1(), NULL) != 1) {
        ERR_clear_error();
        return 0;
    }

    *len = size;

    return 1;
}
