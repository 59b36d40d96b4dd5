
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What looks at many bytes at a time finds what a loop over them finds: any
 * byte, at any place of a text of any length around a step's.
 */


#ifndef _BYTES_H_INCLUDED_
#define _BYTES_H_INCLUDED_


#include "payments_bytes.h"
#include "unit.h"


#define MAX_LEN  (3 * 16 + 1)


static size_t
slow_plain(payments_str_t str)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < str.len; i++) {
        c = str.data[i];

        if (c < 0x20 || c > 0x7f || c == '"' || c == '\\') {
            break;
        }
    }

    return i;
}


static size_t
slow_blank(payments_str_t str)
{
    size_t  i;

    for (i = 0; i < str.len && str.data[i] == 0x20; i++) { /* void */ }

    return i;
}


/* filler everywhere but for c at a place, and for what follows it there */

static unsigned
differs(unsigned char filler, unsigned char c, size_t at, size_t len)
{
    unsigned        n;
    payments_str_t  str;
    unsigned char   buf[MAX_LEN];

    memset(buf, filler, len);
    buf[at] = c;

    if (at + 1 < len) {
        buf[at + 1] = ~c;
    }

    str = boxed(bytes(buf, len));

    n = payments_bytes_plain(str.data, str.data + len)
        != str.data + slow_plain(str);

    n += payments_bytes_blank(str.data, str.data + len)
         != str.data + slow_blank(str);

    unbox(str);

    return n;
}


static void
each_byte(unsigned char filler)
{
    size_t    at, len;
    unsigned  c, n;

    n = 0;

    for (c = 0; c < 256; c++) {
        for (len = 1; len <= MAX_LEN; len++) {
            for (at = 0; at < len; at++) {
                n += differs(filler, c, at, len);
            }
        }
    }

    is_int(n, 0, "each byte at each place among \"%c\"", filler);
}


int
main(void)
{
    payments_str_t  empty;

    setvbuf(stdout, NULL, _IOLBF, 0);

    empty = boxed(LIT(""));

    ok(payments_bytes_plain(empty.data, empty.data) == empty.data,
       "nothing is plain");
    ok(payments_bytes_blank(empty.data, empty.data) == empty.data,
       "nothing is blank");

    unbox(empty);

    each_byte(' ');
    each_byte('a');
    each_byte(0x7f);

    return done_testing();
}


#endif /* _BYTES_H_INCLUDED_ */
