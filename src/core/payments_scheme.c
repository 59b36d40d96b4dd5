
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "payments_scheme.h"


#define PAYMENTS_WHSEC  "whsec_"


typedef struct {
    size_t       size;
    char         name[PAYMENTS_ALGORITHM_NAME];
} payments_digest_t;


static int payments_scheme_fits(payments_str_t value);
static const char *payments_scheme_base64(payments_str_t text,
    unsigned char *key, size_t *len);
static int payments_scheme_is_token(payments_str_t text);
static const char *payments_scheme_hex(payments_str_t text,
    unsigned char *key, size_t *len);


static const payments_digest_t  payments_digests[] = {
    [PAYMENTS_HMAC_SHA256] = { 32, "SHA256" },
    [PAYMENTS_HMAC_SHA1] = { 20, "SHA1" },
    [PAYMENTS_HMAC_SHA512] = { 64, "SHA512" },
    [PAYMENTS_TOKEN] = { 32, "SHA256" }
};


size_t
payments_algorithm_size(payments_algorithm_e algorithm)
{
    return payments_digests[algorithm].size;
}


void
payments_algorithm_name(payments_algorithm_e algorithm,
    char name[PAYMENTS_ALGORITHM_NAME])
{
    memcpy(name, payments_digests[algorithm].name, PAYMENTS_ALGORITHM_NAME);
}


int
payments_scheme_header(const payments_scheme_t *scheme, payments_str_t name)
{
    int                       i;
    const payments_header_t  *header;

    for (i = 0; scheme->headers[i].name.len != 0; i++) {
        header = &scheme->headers[i];

        if (header->name.len == name.len
            && memcmp(header->name.data, name.data, name.len) == 0)
        {
            return i;
        }
    }

    return -1;
}


int
payments_scheme_signs(const payments_scheme_t *scheme, payments_str_t name)
{
    int  row;

    row = payments_scheme_header(scheme, name);

    return row != -1
           && scheme->headers[row].what == PAYMENTS_SENT_SIGNATURE;
}


payments_rc_e
payments_scheme_sort(const payments_scheme_t *scheme,
    const payments_str_t *rows, payments_str_t sent[PAYMENTS_SENT_MAX])
{
    unsigned        i;
    payments_str_t  none = payments_string("");

    for (i = 0; i < PAYMENTS_SENT_MAX; i++) {
        sent[i] = none;
    }

    for (i = 0; scheme->headers[i].name.len != 0; i++) {

        if (rows[i].data == NULL || sent[scheme->headers[i].what].len != 0) {
            continue;
        }

        if (scheme->headers[i].what != PAYMENTS_SENT_SIGNATURE
            && !payments_scheme_fits(rows[i]))
        {
            return PAYMENTS_MALFORMED_SIGNATURE;
        }

        sent[scheme->headers[i].what] = rows[i];
    }

    return PAYMENTS_OK;
}


/*
 * Without quotes and blanks an id cannot reach into the body, whatever dots
 * are between them
 */

static int
payments_scheme_fits(payments_str_t value)
{
    size_t  i;

    if (value.len > PAYMENTS_MAX_STRING) {
        return 0;
    }

    for (i = 0; i < value.len; i++) {
        if (value.data[i] <= 0x20 || value.data[i] >= 0x7f
            || value.data[i] == '"' || value.data[i] == '\\')
        {
            return 0;
        }
    }

    return 1;
}


int
payments_scheme_reads(const payments_scheme_t *scheme, payments_sent_e what)
{
    const payments_header_t  *header;

    for (header = scheme->headers; header->name.len != 0; header++) {
        if (header->what == what) {
            return 1;
        }
    }

    return 0;
}


int
payments_scheme_covers(const payments_scheme_t *scheme, payments_sent_e what)
{
    const payments_part_t  *part;

    for (part = scheme->parts; part->kind != PAYMENTS_PART_END; part++) {
        if (part->kind == PAYMENTS_PART_SENT && part->what == what) {
            return 1;
        }
    }

    return 0;
}


unsigned
payments_scheme_message(const payments_scheme_t *scheme,
    const payments_str_t *sent, payments_str_t time_text,
    const payments_str_t *body, unsigned n, payments_str_t *pieces)
{
    unsigned                i;
    const payments_part_t  *part;
    payments_str_t         *piece;

    piece = pieces;

    for (part = scheme->parts; part->kind != PAYMENTS_PART_END; part++) {

        switch (part->kind) {

        case PAYMENTS_PART_TIME:
            *piece++ = time_text;
            break;

        case PAYMENTS_PART_LITERAL:
            break;

        case PAYMENTS_PART_SENT:
            *piece++ = sent[part->what];
            break;

        default:
            for (i = 0; i < n; i++) {
                *piece++ = body[i];
            }
        }

        if (part->after.len != 0) {
            *piece++ = part->after;
        }
    }

    return piece - pieces;
}


const char *
payments_scheme_key(const payments_scheme_t *scheme, payments_str_t text,
    unsigned char *key, size_t *len)
{
    if (text.len == 0 || text.len > PAYMENTS_MAX_SECRET) {
        return "is empty or too long";
    }

    if (scheme->base64_key) {
        return payments_scheme_base64(text, key, len);
    }

    if (scheme->hex_key) {
        return payments_scheme_hex(text, key, len);
    }

    if (scheme->algorithm == PAYMENTS_TOKEN
        && !payments_scheme_is_token(text))
    {
        return "is no token: one is of visible ASCII, with blanks at most "
               "inside";
    }

    memcpy(key, text.data, text.len);
    *len = text.len;

    return NULL;
}


/* as the libraries do: padded or not, whatever the bits of no byte are */

static const char *
payments_scheme_base64(payments_str_t text, unsigned char *key, size_t *len)
{
    int             n;
    size_t          i, prefix;
    unsigned char   c;
    unsigned char   buf[PAYMENTS_MAX_SECRET + 4];
    unsigned char   decoded[PAYMENTS_MAX_SECRET + 4];

    static const char  why[] = "is not base64, after \"" PAYMENTS_WHSEC "\" "
                               "or alone";

    prefix = sizeof(PAYMENTS_WHSEC) - 1;

    if (text.len >= prefix && memcmp(text.data, PAYMENTS_WHSEC, prefix) == 0) {
        text.data += prefix;
        text.len -= prefix;
    }

    for (i = 0; i < 2 && text.len && text.data[text.len - 1] == '='; i++) {
        text.len--;
    }

    /* EVP_DecodeBlock() takes blanks around it */

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z') || c == '+' || c == '/'))
        {
            return why;
        }
    }

    if (text.len == 0 || text.len % 4 == 1) {
        return why;
    }

    memcpy(buf, text.data, text.len);
    memset(buf + text.len, '=', 3);

    n = EVP_DecodeBlock(decoded, buf, (text.len + 3) / 4 * 4);

    *len = text.len * 3 / 4;

    if (n >= (int) *len) {
        memcpy(key, decoded, *len);
    }

    OPENSSL_cleanse(buf, sizeof(buf));
    OPENSSL_cleanse(decoded, sizeof(decoded));

    return n >= (int) *len ? NULL : why;
}


/* text is not empty */

static int
payments_scheme_is_token(payments_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < 0x20 || text.data[i] >= 0x7f) {
            return 0;
        }
    }

    return text.data[0] != ' ' && text.data[text.len - 1] != ' ';
}


static const char *
payments_scheme_hex(payments_str_t text, unsigned char *key, size_t *len)
{
    int     high, low;
    size_t  i;

    static const char  why[] = "is not an even number of hex digits";

    if (text.len % 2 != 0) {
        return why;
    }

    for (i = 0; i < text.len / 2; i++) {
        high = OPENSSL_hexchar2int(text.data[2 * i]);
        low = OPENSSL_hexchar2int(text.data[2 * i + 1]);

        if (high < 0 || low < 0) {
            return why;
        }

        key[i] = high << 4 | low;
    }

    *len = text.len / 2;

    return NULL;
}
