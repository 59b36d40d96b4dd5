
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the fuzz targets share.  A target has LLVMFuzzerTestOneInput(), and
 * LLVMFuzzerInitialize() when there is something to prepare; it is linked
 * with libFuzzer, or with replay.c, which runs it on the seeds alone.
 */


#ifndef _FUZZ_H_INCLUDED_
#define _FUZZ_H_INCLUDED_


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "payments.h"


int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* a property of the target's: the input is a bug's when it does not hold */

#define property(holds)                                                      \
    do {                                                                     \
        if (!(holds)) {                                                      \
            fuzz_broken(__FILE__, __LINE__, #holds);                         \
        }                                                                    \
    } while (0)


static inline void
fuzz_broken(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: property does not hold: %s\n", file, line, what);
    fflush(stderr);

    abort();
}


static inline void *
fuzz_alloc(size_t size)
{
    void  *p;

    p = malloc(size ? size : 1);

    if (p == NULL) {
        fuzz_broken(__FILE__, __LINE__, "memory");
    }

    return p;
}


/* in a block of its very size, so that the sanitizer sees a byte too far */

static inline unsigned char *
fuzz_copy(const void *data, size_t len)
{
    unsigned char  *p;

    p = fuzz_alloc(len);

    if (len) {
        memcpy(p, data, len);
    }

    return p;
}


static inline int
fuzz_same(payments_str_t a, payments_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


static inline payments_str_t
fuzz_text(const char *s)
{
    payments_str_t  str;

    str.len = strlen(s);
    str.data = (const unsigned char *) s;

    return str;
}


#endif /* _FUZZ_H_INCLUDED_ */
