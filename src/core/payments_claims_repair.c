
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <stdatomic.h>
#include <string.h>

#include "payments_claims_table.h"


/* runs of the merge sort, by the power of two of their length */
#define PAYMENTS_TABLE_RUNS  32


static void payments_table_chain(payments_claims_t *claims, uint32_t ref);
static void payments_table_twin(payments_node_t *node,
    const payments_node_t *twin);
static uint32_t payments_table_runs(payments_claims_t *claims,
    uint32_t first);
static uint32_t payments_table_merge(payments_claims_t *claims, uint32_t a,
    uint32_t b);


void
payments_table_repair(payments_claims_t *claims)
{
    uint32_t               ref;
    payments_node_t       *node, *last;
    payments_node_list_t  *list;

    claims->busy = PAYMENTS_TABLE_BUSY;
    atomic_signal_fence(memory_order_seq_cst);

    if (claims->used > claims->capacity) {
        claims->used = claims->capacity;
    }

    memset(payments_table_buckets(claims), 0,
           (size_t) claims->capacity * sizeof(uint32_t));
    memset(&claims->flight, 0, sizeof(payments_node_list_t));
    memset(&claims->done, 0, sizeof(payments_node_list_t));
    claims->free = 0;

    for (ref = 1; ref <= claims->used; ref++) {
        payments_table_chain(claims, ref);
    }

    for (ref = 1; ref <= claims->used; ref++) {
        node = payments_table_node(claims, ref);

        if (node->state == PAYMENTS_NODE_FREE) {
            continue;
        }

        list = payments_table_list(claims, node);
        last = payments_table_node(claims, list->last);

        *(last != NULL ? &last->next : &list->first) = ref;
        node->next = 0;
        list->last = ref;
    }

    payments_table_sort(claims, &claims->flight);
    payments_table_sort(claims, &claims->done);

    claims->repaired++;
}


/* a node that is in use goes into its chain, any other becomes free */

static void
payments_table_chain(payments_claims_t *claims, uint32_t ref)
{
    uint32_t         *link;
    payments_node_t  *node, *twin;

    node = payments_table_node(claims, ref);
    node->chain = 0;
    twin = NULL;

    if (node->state != PAYMENTS_NODE_FREE) {
        twin = payments_table_search(claims, node->id,
                                     PAYMENTS_CLAIMS_CHAIN - 1, &link);

        if (twin == NULL && claims->busy == PAYMENTS_TABLE_BUSY) {
            *link = ref;
            return;
        }
    }

    /* a second one of its id, or a chain as no hash makes it */

    if (twin != NULL) {
        payments_table_twin(twin, node);
    }

    claims->busy = PAYMENTS_TABLE_BUSY;

    node->state = PAYMENTS_NODE_FREE;
    node->next = claims->free;
    claims->free = ref;
}


/* what is done is so, whoever claims it */

static void
payments_table_twin(payments_node_t *node, const payments_node_t *twin)
{
    if (twin->state == PAYMENTS_NODE_DONE
        && (node->state != PAYMENTS_NODE_DONE || node->time < twin->time))
    {
        node->time = twin->time;
        atomic_signal_fence(memory_order_seq_cst);
        node->state = PAYMENTS_NODE_DONE;
    }
}


void
payments_table_sort(payments_claims_t *claims, payments_node_list_t *list)
{
    payments_node_t  *node;

    list->first = payments_table_runs(claims, list->first);
    list->last = 0;
    list->count = 0;

    for (node = payments_table_node(claims, list->first);
         node != NULL;
         node = payments_table_node(claims, node->next))
    {
        node->prev = list->last;
        list->last = payments_table_ref(claims, node);
        list->count++;
    }
}


/* a merge sort from the bottom: run i has 2^i nodes, the older ones above */

static uint32_t
payments_table_runs(payments_claims_t *claims, uint32_t first)
{
    uint32_t          ref, runs[PAYMENTS_TABLE_RUNS];
    unsigned          i;
    payments_node_t  *node;

    memset(runs, 0, sizeof(runs));

    for (ref = first; ref != 0; ref = first) {
        node = payments_table_node(claims, ref);

        if (node == NULL) {
            break;
        }

        first = node->next;
        node->next = 0;

        for (i = 0; i < PAYMENTS_TABLE_RUNS - 1 && runs[i] != 0; i++) {
            ref = payments_table_merge(claims, runs[i], ref);
            runs[i] = 0;
        }

        runs[i] = payments_table_merge(claims, runs[i], ref);
    }

    for (i = 0, ref = 0; i < PAYMENTS_TABLE_RUNS; i++) {
        ref = payments_table_merge(claims, runs[i], ref);
    }

    return ref;
}


/* a is what came first */

static uint32_t
payments_table_merge(payments_claims_t *claims, uint32_t a, uint32_t b)
{
    uint32_t          first, *link;
    payments_node_t  *one, *other;

    link = &first;
    one = payments_table_node(claims, a);
    other = payments_table_node(claims, b);

    while (one != NULL && other != NULL) {

        if (one->time <= other->time) {
            *link = a;
            link = &one->next;
            a = one->next;
            one = payments_table_node(claims, a);

        } else {
            *link = b;
            link = &other->next;
            b = other->next;
            other = payments_table_node(claims, b);
        }
    }

    *link = (one != NULL) ? a : b;

    return first;
}
