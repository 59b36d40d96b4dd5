
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_bytes.h"
#include "payments_text.h"


int
payments_utf8_valid(const unsigned char *p, size_t len)
{
    size_t    n;
    uint64_t  word;

    while (len) {

        /* most of a body is ASCII: eight bytes at a time */

        while (len >= sizeof(word)) {
            memcpy(&word, p, sizeof(word));

            if (word & PAYMENTS_BYTES(0x80)) {
                break;
            }

            p += sizeof(word);
            len -= sizeof(word);
        }

        if (len == 0) {
            break;
        }

        n = payments_utf8_sequence(p, len);
        if (n == 0) {
            return 0;
        }

        p += n;
        len -= n;
    }

    return 1;
}


/* RFC 3629, 4 */

size_t
payments_utf8_sequence(const unsigned char *p, size_t len)
{
    size_t         n, i;
    unsigned char  low, high;

    low = 0x80;
    high = 0xbf;

    if (p[0] < 0x80) {
        return 1;

    } else if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        n = 2;

    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        n = 3;
        low = (p[0] == 0xe0) ? 0xa0 : 0x80;
        high = (p[0] == 0xed) ? 0x9f : 0xbf;

    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        n = 4;
        low = (p[0] == 0xf0) ? 0x90 : 0x80;
        high = (p[0] == 0xf4) ? 0x8f : 0xbf;

    } else {
        return 0;
    }

    if (len < n || p[1] < low || p[1] > high) {
        return 0;
    }

    for (i = 2; i < n; i++) {
        if (p[i] < 0x80 || p[i] > 0xbf) {
            return 0;
        }
    }

    return n;
}


unsigned char *
payments_write_escaped(unsigned char *dst, payments_str_t str)
{
    size_t                len;
    unsigned char         c;
    const unsigned char  *p, *end;

    static const unsigned char  hex[] = "0123456789abcdef";

    p = str.data;
    end = str.data + str.len;

    while (p != end) {
        len = payments_bytes_plain(p, end) - p;

        if (len != 0) {
            memcpy(dst, p, len);
            dst += len;
            p += len;
            continue;
        }

        c = *p++;

        if (c == '"' || c == '\\') {
            *dst++ = '\\';
            *dst++ = c;

        } else if (c < 0x20) {
            memcpy(dst, "\\u00", 4);
            dst += 4;
            *dst++ = hex[c >> 4];
            *dst++ = hex[c & 0xf];

        } else {
            *dst++ = c;
        }
    }

    return dst;
}


unsigned char *
payments_write_integer(unsigned char *dst, int64_t n)
{
    return payments_write_decimal(dst, n, 0);
}


unsigned char *
payments_write_decimal(unsigned char *dst, int64_t amount, unsigned decimals)
{
    unsigned        len;
    uint64_t        n;
    unsigned char  *p, digits[PAYMENTS_DECIMAL_LEN];

    /* written from its end; INT64_MIN has no positive twin but as unsigned */

    n = (amount < 0) ? - (uint64_t) amount : (uint64_t) amount;
    p = digits + sizeof(digits);
    len = 0;

    do {
        *--p = '0' + n % 10;
        n /= 10;

        if (++len == decimals) {
            *--p = '.';
        }

    } while (n != 0 || len <= decimals);

    if (amount < 0) {
        *--p = '-';
    }

    len = digits + sizeof(digits) - p;
    memcpy(dst, p, len);

    return dst + len;
}


int
payments_read_integer(payments_str_t str, int64_t *n)
{
    size_t    i;
    int64_t   sum;
    unsigned  negative, digit;

    /* summed up below zero, where there is room for one more */

    negative = (str.len != 0 && str.data[0] == '-');
    sum = 0;

    for (i = negative; i < str.len; i++) {
        digit = str.data[i] - '0';

        if (digit > 9
            || __builtin_mul_overflow(sum, 10, &sum)
            || __builtin_sub_overflow(sum, (int64_t) digit, &sum))
        {
            return 0;
        }
    }

    if (str.len == negative
        || (!negative && __builtin_sub_overflow((int64_t) 0, sum, &sum)))
    {
        return 0;
    }

    *n = sum;

    return 1;
}
