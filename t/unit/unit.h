
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the tests of the core share.
 */


#ifndef _UNIT_H_INCLUDED_
#define _UNIT_H_INCLUDED_


#include <stdlib.h>
#include <string.h>

#include "payments.h"
#include "tap.h"


/* a literal, with the NUL bytes in it */

#define LIT(s)  bytes(s, sizeof(s) - 1)


static inline payments_str_t
bytes(const void *data, size_t len)
{
    payments_str_t  str;

    str.len = len;
    str.data = data;

    return str;
}


static inline payments_str_t
text(const char *s)
{
    return bytes(s, strlen(s));
}


/* in a block of its very size, so that the sanitizer sees a byte too far */

static inline payments_str_t
boxed(payments_str_t str)
{
    unsigned char  *p;

    p = malloc(str.len ? str.len : 1);
    if (p == NULL) {
        abort();
    }

    if (str.len) {
        memcpy(p, str.data, str.len);
    }

    return bytes(p, str.len);
}


static inline void
unbox(payments_str_t str)
{
    free((void *) str.data);
}


/*
 * 1 when any byte of str, changed in any of three ways, is taken: when judge()
 * says PAYMENTS_OK, which it has to say of the right one
 */

static inline int
any_byte(payments_str_t *str, payments_rc_e (*judge)(const void *data),
    const void *data)
{
    size_t          i, k, taken;
    payments_str_t  right, box;
    unsigned char  *p;

    static const unsigned char  bits[] = { 0x01, 0x10, 0x80 };

    right = *str;
    box = boxed(right);
    p = (unsigned char *) box.data;
    *str = box;
    taken = 0;

    for (i = 0; i < box.len; i++) {
        for (k = 0; k < sizeof(bits); k++) {
            p[i] ^= bits[k];
            taken += judge(data) == PAYMENTS_OK;
            p[i] ^= bits[k];
        }
    }

    /* that it is the byte, and nothing else */
    taken += judge(data) != PAYMENTS_OK;

    *str = right;
    unbox(box);

    return taken != 0;
}


#endif /* _UNIT_H_INCLUDED_ */
