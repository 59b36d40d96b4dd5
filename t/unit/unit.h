
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


#endif /* _UNIT_H_INCLUDED_ */
