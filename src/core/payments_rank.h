
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A pairing heap: Fredman, Sedgewick, Sleator, Tarjan, Algorithmica 1 (1986).
 * O(1) to add, O(log n) amortised to take the first.
 */


#ifndef _PAYMENTS_RANK_H_INCLUDED_
#define _PAYMENTS_RANK_H_INCLUDED_


#include <stdint.h>


typedef struct payments_rank_s  payments_rank_t;


/* a place in it: the smallest key first, then the smallest seq */

struct payments_rank_s {
    int64_t           key;
    uint64_t          seq;
    payments_rank_t  *child;
    payments_rank_t  *next;
};


/* One heap of two; a may be NULL, which is an empty one. */
payments_rank_t *payments_rank_merge(payments_rank_t *a, payments_rank_t *b);

/* What is left without the first one, which root is. */
payments_rank_t *payments_rank_pop(payments_rank_t *root);


#endif /* _PAYMENTS_RANK_H_INCLUDED_ */
