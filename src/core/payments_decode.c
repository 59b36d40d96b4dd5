
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>
#include <openssl/evp.h>

#include "payments_signature.h"


/* of hex digits, and one more, so that 0 is none */

static const unsigned char  payments_nibbles[256] = {
    ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6,
    ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16
};


int
payments_decode_hex(payments_str_t hex, unsigned char *digest, size_t size)
{
    size_t         i;
    unsigned char  high, low;

    if (hex.len != 2 * size) {
        return 0;
    }

    for (i = 0; i < size; i++) {
        high = payments_nibbles[hex.data[2 * i]];
        low = payments_nibbles[hex.data[2 * i + 1]];

        if (high == 0 || low == 0) {
            return 0;
        }

        digest[i] = (high - 1) << 4 | (low - 1);
    }

    return 1;
}


int
payments_decode_base64(payments_str_t text, unsigned char *digest,
    size_t size)
{
    size_t         len;
    unsigned char  buf[(PAYMENTS_MAX_DIGEST + 2) / 3 * 3];
    unsigned char  again[(PAYMENTS_MAX_DIGEST + 2) / 3 * 4 + 1];

    len = (size + 2) / 3 * 4;

    if (text.len != len || EVP_DecodeBlock(buf, text.data, len) < 0) {
        return 0;
    }

    /* EVP_DecodeBlock() takes any padding, and blanks around it */

    EVP_EncodeBlock(again, buf, size);

    if (memcmp(again, text.data, len) != 0) {
        return 0;
    }

    memcpy(digest, buf, size);

    return 1;
}
