
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "payments_base64.h"


#define PAYMENTS_BASE64_NONE  64


static unsigned payments_base64_value(unsigned char c);


unsigned char *
payments_base64_encode(unsigned char *dst, payments_str_t str)
{
    size_t    left;
    uint32_t  group;

    const unsigned char  *p;

    static const unsigned char  letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    p = str.data;

    for (left = str.len; left >= 3; left -= 3, p += 3) {
        group = (uint32_t) p[0] << 16 | (uint32_t) p[1] << 8 | p[2];

        *dst++ = letters[group >> 18];
        *dst++ = letters[group >> 12 & 0x3f];
        *dst++ = letters[group >> 6 & 0x3f];
        *dst++ = letters[group & 0x3f];
    }

    if (left == 0) {
        return dst;
    }

    group = (uint32_t) p[0] << 16;

    if (left == 2) {
        group |= (uint32_t) p[1] << 8;
    }

    *dst++ = letters[group >> 18];
    *dst++ = letters[group >> 12 & 0x3f];
    *dst++ = (left == 2) ? letters[group >> 6 & 0x3f] : '=';
    *dst++ = '=';

    return dst;
}


int
payments_base64_decode(payments_str_t text, unsigned char *dst, size_t *len)
{
    size_t          i;
    unsigned        n, value, padding;
    uint32_t        group;
    unsigned char  *p;

    p = dst;
    n = 0;
    group = 0;
    padding = 0;

    for (i = 0; i < text.len; i++) {

        if (text.data[i] == '\n') {
            continue;
        }

        if (text.data[i] == '=') {
            padding++;
            value = 0;

        } else {
            value = payments_base64_value(text.data[i]);
        }

        /* nothing comes after a padding but more of it, and that once */

        if (value == PAYMENTS_BASE64_NONE
            || (padding != 0 && (text.data[i] != '=' || n < 2)))
        {
            return 0;
        }

        group = group << 6 | value;

        if (++n < 4) {
            continue;
        }

        if ((padding == 1 && (group & 0xff))
            || (padding == 2 && (group & 0xffff)))
        {
            return 0;
        }

        *p++ = group >> 16 & 0xff;

        if (padding < 2) {
            *p++ = group >> 8 & 0xff;
        }

        if (padding < 1) {
            *p++ = group & 0xff;
        }

        n = 0;
    }

    *len = p - dst;

    return n == 0;
}


/* it ends at a padding: with the right one no more than size is written */

int
payments_base64_exact(payments_str_t text, unsigned char *dst, size_t size)
{
    size_t    len;
    unsigned  padding;

    padding = (3 - size % 3) % 3;

    if (size == 0
        || text.len != PAYMENTS_BASE64_LEN(size)
        || (text.data[text.len - 1] == '=') != (padding > 0)
        || (text.data[text.len - 2] == '=') != (padding > 1))
    {
        return 0;
    }

    return payments_base64_decode(text, dst, &len) && len == size;
}


int
payments_base64_loose(payments_str_t text, unsigned char *dst, size_t *len)
{
    size_t          i;
    unsigned        bits, value;
    uint32_t        group;
    unsigned char  *p;

    for (i = 0; i < 2 && text.len && text.data[text.len - 1] == '='; i++) {
        text.len--;
    }

    if (text.len == 0 || text.len % 4 == 1) {
        return 0;
    }

    p = dst;
    bits = 0;
    group = 0;

    for (i = 0; i < text.len; i++) {
        value = payments_base64_value(text.data[i]);

        if (value == PAYMENTS_BASE64_NONE) {
            return 0;
        }

        group = group << 6 | value;
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            *p++ = group >> bits & 0xff;
        }
    }

    *len = p - dst;

    return 1;
}


static unsigned
payments_base64_value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    return c == '+' ? 62 : c == '/' ? 63 : PAYMENTS_BASE64_NONE;
}
