
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the escapes of a JSON string stand for: RFC 8259, 7.
 */


#include <string.h>

#include "payments_hex.h"
#include "payments_json.h"
#include "payments_text.h"


/* RFC 3629, 3 */
#define PAYMENTS_UTF8_LEN  4


static payments_rc_e payments_unescape(payments_str_t text,
    unsigned char *dst, size_t room, size_t *len);
static size_t payments_unescape_one(const unsigned char *p, size_t len,
    unsigned *c);
static unsigned payments_unescape_unit(const unsigned char *p);
static size_t payments_unescape_encode(unsigned c, unsigned char *dst);


static const unsigned char  payments_unescape_letters[] = "\"\\/bfnrt";
static const unsigned char  payments_unescape_meant[] = "\"\\/\b\f\n\r\t";


size_t
payments_json_escape(const unsigned char *p, size_t len)
{
    unsigned  i;

    if (len >= 2
        && memchr(payments_unescape_letters, p[1],
                  sizeof(payments_unescape_letters) - 1)
           != NULL)
    {
        return 2;
    }

    if (len < 6 || p[1] != 'u') {
        return 0;
    }

    for (i = 2; i < 6; i++) {
        if (payments_hex_digit(p[i]) == -1) {
            return 0;
        }
    }

    return 6;
}


payments_rc_e
payments_json_text(payments_str_t text, unsigned escaped, unsigned char *buf,
    size_t room, payments_str_t *out)
{
    if (!escaped) {
        *out = text;
        return PAYMENTS_OK;
    }

    out->data = buf;

    return payments_unescape(text, buf, room, &out->len);
}


static payments_rc_e
payments_unescape(payments_str_t text, unsigned char *dst, size_t room,
    size_t *len)
{
    size_t                n;
    unsigned              c;
    unsigned char         bytes[PAYMENTS_UTF8_LEN];
    const unsigned char  *p, *end, *next;

    p = text.data;
    end = text.data + text.len;
    *len = 0;

    while (p != end) {

        next = memchr(p, '\\', end - p);

        n = (next != NULL ? next : end) - p;

        if (n != 0) {

            if (n > room - *len) {
                return PAYMENTS_TOO_LONG;
            }

            memcpy(dst + *len, p, n);
            *len += n;
            p += n;
            continue;
        }

        n = payments_unescape_one(p, end - p, &c);

        if (n == 0) {
            return PAYMENTS_BAD_UTF8;
        }

        p += n;
        n = payments_unescape_encode(c, bytes);

        if (n > room - *len) {
            return PAYMENTS_TOO_LONG;
        }

        memcpy(dst + *len, bytes, n);
        *len += n;
    }

    return PAYMENTS_OK;
}


/* the length of an escape, of which there may be two in a character, or 0 */

static size_t
payments_unescape_one(const unsigned char *p, size_t len, unsigned *c)
{
    unsigned              low;
    const unsigned char  *found;

    found = memchr(payments_unescape_letters, p[1],
                   sizeof(payments_unescape_letters) - 1);

    if (found != NULL) {
        *c = payments_unescape_meant[found - payments_unescape_letters];
        return 2;
    }

    *c = payments_unescape_unit(p + 2);

    if (*c < 0xd800 || *c > 0xdfff) {
        return 6;
    }

    if (*c > 0xdbff || len < 12 || p[6] != '\\' || p[7] != 'u') {
        return 0;
    }

    low = payments_unescape_unit(p + 8);

    if (low < 0xdc00 || low > 0xdfff) {
        return 0;
    }

    *c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);

    return 12;
}


/* four hex digits, which the reader has seen */

static unsigned
payments_unescape_unit(const unsigned char *p)
{
    unsigned  i, unit;

    unit = 0;

    for (i = 0; i < 4; i++) {
        unit = unit << 4 | (unsigned) payments_hex_digit(p[i]);
    }

    return unit;
}


static size_t
payments_unescape_encode(unsigned c, unsigned char *dst)
{
    size_t    i, n;

    static const unsigned char  first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    n = (c < 0x80) ? 1 : (c < 0x800) ? 2 : (c < 0x10000) ? 3 : 4;

    if (n == 1) {
        dst[0] = c;
        return 1;
    }

    for (i = n - 1; i != 0; i--) {
        dst[i] = 0x80 | (c & 0x3f);
        c >>= 6;
    }

    dst[0] = first[n] | c;

    return n;
}
