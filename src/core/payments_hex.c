
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "payments_hex.h"


/* of hex digits, and one more, so that 0 is none */

static const unsigned char  payments_nibbles[256] = {
    ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6,
    ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16
};


int
payments_hex_digit(unsigned char c)
{
    return payments_nibbles[c] - 1;
}


int
payments_hex_decode(payments_str_t text, unsigned char *dst, size_t size)
{
    size_t         i;
    unsigned char  high, low;

    if (text.len != 2 * size) {
        return 0;
    }

    for (i = 0; i < size; i++) {
        high = payments_nibbles[text.data[2 * i]];
        low = payments_nibbles[text.data[2 * i + 1]];

        if (high == 0 || low == 0) {
            return 0;
        }

        dst[i] = (high - 1) << 4 | (low - 1);
    }

    return 1;
}


unsigned char *
payments_hex_encode(unsigned char *dst, const unsigned char *bytes,
    size_t size)
{
    size_t  i;

    static const unsigned char  hex[] = "0123456789abcdef";

    for (i = 0; i < size; i++) {
        *dst++ = hex[bytes[i] >> 4];
        *dst++ = hex[bytes[i] & 0xf];
    }

    return dst;
}
