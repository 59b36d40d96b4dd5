
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <stdlib.h>
#include <string.h>

#include "payments_arena.h"


#define PAYMENTS_ARENA_ALIGN  16


struct payments_chunk_s {
    payments_chunk_t  *next;
    size_t             unused;   /* keeps what follows aligned */
};


/* precedes each block, for realloc() */

typedef struct {
    size_t             size;
    size_t             unused;
} payments_block_t;


static void *payments_arena_malloc(void *data, size_t size);
static void *payments_arena_realloc(void *data, void *p, size_t size);
static void payments_arena_release(void *data, void *p);
static size_t payments_arena_align(size_t size);
static void payments_arena_grow(payments_arena_t *arena, size_t size);


void
payments_arena_init(payments_arena_t *arena, size_t limit)
{
    arena->funcs.malloc = payments_arena_malloc;
    arena->funcs.realloc = payments_arena_realloc;
    arena->funcs.free = payments_arena_release;
    arena->funcs.ctx = arena;

    arena->left = limit;
    arena->pos = arena->first;
    arena->end = arena->first + PAYMENTS_ARENA_FIRST;
    arena->chunks = NULL;
}


void
payments_arena_free(payments_arena_t *arena)
{
    payments_chunk_t  *chunk;

    while (arena->chunks != NULL) {
        chunk = arena->chunks;
        arena->chunks = chunk->next;
        free(chunk);
    }
}


static void *
payments_arena_malloc(void *data, size_t size)
{
    payments_arena_t *arena = data;

    size_t             need;
    payments_block_t  *block;

    if (size > SIZE_MAX / 2) {
        longjmp(arena->failed, 1);
    }

    need = sizeof(payments_block_t) + payments_arena_align(size);

    if ((size_t) (arena->end - arena->pos) < need) {
        payments_arena_grow(arena, need);
    }

    block = (payments_block_t *) arena->pos;
    block->size = size;

    arena->pos += need;

    return block + 1;
}


static void *
payments_arena_realloc(void *data, void *p, size_t size)
{
    payments_arena_t *arena = data;

    void              *new;
    unsigned char     *start;
    payments_block_t  *block;

    if (p == NULL) {
        return payments_arena_malloc(data, size);
    }

    block = (payments_block_t *) p - 1;

    if (size <= block->size) {
        return p;
    }

    /* the last block grows where it is, as a stack of yajl's often does */

    start = p;

    if (start + payments_arena_align(block->size) == arena->pos
        && payments_arena_align(size) <= (size_t) (arena->end - start))
    {
        block->size = size;
        arena->pos = start + payments_arena_align(size);

        return p;
    }

    new = payments_arena_malloc(data, size);
    memcpy(new, p, block->size);

    return new;
}


/* all is freed with the arena */

static void
payments_arena_release(void *data, void *p)
{
    (void) data;
    (void) p;
}


static size_t
payments_arena_align(size_t size)
{
    return (size + PAYMENTS_ARENA_ALIGN - 1)
           & ~ (size_t) (PAYMENTS_ARENA_ALIGN - 1);
}


static void
payments_arena_grow(payments_arena_t *arena, size_t size)
{
    payments_chunk_t  *chunk;

    if (size < PAYMENTS_ARENA_FIRST) {
        size = PAYMENTS_ARENA_FIRST;
    }

    if (size > arena->left) {
        longjmp(arena->failed, 1);
    }

    chunk = malloc(sizeof(payments_chunk_t) + size);
    if (chunk == NULL) {
        longjmp(arena->failed, 1);
    }

    arena->left -= size;

    chunk->next = arena->chunks;
    arena->chunks = chunk;

    arena->pos = (unsigned char *) (chunk + 1);
    arena->end = arena->pos + size;
}
