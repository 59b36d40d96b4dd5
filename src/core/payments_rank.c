
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <stddef.h>

#include "payments_rank.h"


payments_rank_t *
payments_rank_merge(payments_rank_t *a, payments_rank_t *b)
{
    payments_rank_t  *first, *second;

    if (a == NULL) {
        return b;
    }

    first = a;
    second = b;

    if (b->key < a->key || (b->key == a->key && b->seq < a->seq)) {
        first = b;
        second = a;
    }

    second->next = first->child;
    first->child = second;

    return first;
}


/* its children are merged in pairs, and then into one */

payments_rank_t *
payments_rank_pop(payments_rank_t *root)
{
    payments_rank_t  *a, *b, *rest, *pairs;

    pairs = NULL;

    for (a = root->child; a != NULL; a = rest) {
        b = a->next;
        rest = NULL;

        if (b != NULL) {
            rest = b->next;
            a = payments_rank_merge(a, b);
        }

        a->next = pairs;
        pairs = a;
    }

    root = NULL;

    for (a = pairs; a != NULL; a = rest) {
        rest = a->next;
        root = payments_rank_merge(root, a);
    }

    if (root != NULL) {
        root->next = NULL;
    }

    return root;
}
