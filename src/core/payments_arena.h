
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Memory for yajl: bounded, freed in one go, and never NULL, since yajl does
 * not look: what cannot be had is a longjmp() out of the parser.
 */


#ifndef _PAYMENTS_ARENA_H_INCLUDED_
#define _PAYMENTS_ARENA_H_INCLUDED_


#include <setjmp.h>
#include <yajl/yajl_common.h>

#include "payments.h"


/* holds what yajl takes for a body without long escaped strings */
#define PAYMENTS_ARENA_FIRST  4096


typedef struct payments_chunk_s  payments_chunk_t;


typedef struct {
    yajl_alloc_funcs   funcs;
    size_t             left;     /* bytes that may still be allocated */
    unsigned char     *pos;
    unsigned char     *end;
    payments_chunk_t  *chunks;
    jmp_buf            failed;   /* set by the user before yajl_alloc() */
    unsigned char      first[PAYMENTS_ARENA_FIRST]
                           __attribute__ ((aligned (16)));
} payments_arena_t;


/*
 * Sets up funcs for yajl_alloc(), for limit bytes beside the first chunk.
 * After use, or after a jump to failed, payments_arena_free() frees all: the
 * parser itself is not to be freed.
 */
void payments_arena_init(payments_arena_t *arena, size_t limit);

void payments_arena_free(payments_arena_t *arena);


#endif /* _PAYMENTS_ARENA_H_INCLUDED_ */
