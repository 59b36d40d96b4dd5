
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <stdatomic.h>
#include <string.h>

#include "payments_claims_table.h"


/* what is over and may go with each insert: more than come */
#define PAYMENTS_TABLE_SWEEP  2


static payments_node_t *payments_table_nodes(payments_claims_t *claims);
static uint32_t *payments_table_bucket(payments_claims_t *claims,
    const unsigned char *id);
static payments_node_t *payments_table_first(payments_claims_t *claims,
    payments_node_list_t *list);
static payments_node_t *payments_table_alloc(payments_claims_t *claims);
static void payments_table_sweep(payments_claims_t *claims, int64_t now_s);


uint32_t *
payments_table_buckets(payments_claims_t *claims)
{
    return (uint32_t *) ((char *) claims + PAYMENTS_CLAIMS_HEADER);
}


static payments_node_t *
payments_table_nodes(payments_claims_t *claims)
{
    size_t  len;

    len = ((size_t) claims->capacity * sizeof(uint32_t) + 7) & ~(size_t) 7;

    return (payments_node_t *)
           ((char *) claims + PAYMENTS_CLAIMS_HEADER + len);
}


uint32_t
payments_table_ref(payments_claims_t *claims, const payments_node_t *node)
{
    return (uint32_t) (node - payments_table_nodes(claims)) + 1;
}


payments_node_t *
payments_table_node(payments_claims_t *claims, uint32_t ref)
{
    if (ref == 0) {
        return NULL;
    }

    if (ref > claims->used || ref > claims->capacity) {
        payments_table_damaged(claims);
        return NULL;
    }

    return payments_table_nodes(claims) + (ref - 1);
}


/* the id is a hash, so its first bits will do */

static uint32_t *
payments_table_bucket(payments_claims_t *claims, const unsigned char *id)
{
    uint32_t  hash;

    memcpy(&hash, id, sizeof(hash));

    return payments_table_buckets(claims)
           + ((uint64_t) hash * claims->capacity >> 32);
}


payments_node_list_t *
payments_table_list(payments_claims_t *claims, const payments_node_t *node)
{
    return node->state == PAYMENTS_NODE_DONE ? &claims->done
                                             : &claims->flight;
}


/*
 * A process that dies has made all the stores before, in the order of the
 * program, so that keeping the compiler from moving them is enough.
 */

void
payments_table_enter(payments_claims_t *claims)
{
    if (claims->busy) {
        payments_table_repair(claims);
    }

    claims->busy = PAYMENTS_TABLE_BUSY;
    atomic_signal_fence(memory_order_seq_cst);
}


void
payments_table_leave(payments_claims_t *claims)
{
    if (claims->busy != PAYMENTS_TABLE_BUSY) {
        payments_table_repair(claims);
    }

    atomic_signal_fence(memory_order_seq_cst);
    claims->busy = 0;
}


void
payments_table_damaged(payments_claims_t *claims)
{
    claims->busy = PAYMENTS_TABLE_DAMAGED;
}


payments_node_t *
payments_table_find(payments_claims_t *claims, const unsigned char *id)
{
    uint32_t         *link;
    payments_node_t  *node;

    node = payments_table_search(claims, id, PAYMENTS_CLAIMS_CHAIN,
                                 &link);

    if (claims->busy == PAYMENTS_TABLE_DAMAGED) {
        payments_table_repair(claims);
        node = payments_table_search(claims, id, PAYMENTS_CLAIMS_CHAIN,
                                     &link);
    }

    return node;
}


payments_node_t *
payments_table_search(payments_claims_t *claims, const unsigned char *id,
    unsigned max, uint32_t **link)
{
    unsigned          i;
    payments_node_t  *node;

    *link = payments_table_bucket(claims, id);
    node = payments_table_node(claims, **link);

    for (i = 0; i < max && node != NULL; i++) {

        if (node->state == PAYMENTS_NODE_FREE) {
            break;
        }

        if (memcmp(node->id, id, PAYMENTS_HASH) == 0) {
            return node;
        }

        *link = &node->chain;
        node = payments_table_node(claims, node->chain);
    }

    if (node != NULL) {
        payments_table_damaged(claims);
    }

    return NULL;
}


payments_node_t *
payments_table_insert(payments_claims_t *claims, const unsigned char *id,
    int64_t now_s)
{
    uint32_t         *bucket;
    payments_node_t  *node;

    payments_table_sweep(claims, now_s);

    node = payments_table_alloc(claims);

    if (claims->busy == PAYMENTS_TABLE_DAMAGED) {
        payments_table_repair(claims);
        node = payments_table_alloc(claims);
    }

    if (node == NULL) {
        return NULL;
    }

    memcpy(node->id, id, PAYMENTS_HASH);

    bucket = payments_table_bucket(claims, id);
    node->chain = *bucket;
    *bucket = payments_table_ref(claims, node);

    return node;
}


/* the oldest are the first to be over, as a rule */

static void
payments_table_sweep(payments_claims_t *claims, int64_t now_s)
{
    unsigned          i;
    payments_node_t  *node;

    for (i = 0; i < PAYMENTS_TABLE_SWEEP; i++) {
        node = payments_table_first(claims, &claims->done);

        if (node != NULL && node->time <= now_s) {
            payments_table_remove(claims, node);
        }
    }
}


void
payments_table_expire(payments_claims_t *claims, int64_t now_ms)
{
    unsigned          i;
    payments_node_t  *node;

    for (i = 0; i < PAYMENTS_TABLE_SWEEP; i++) {
        node = payments_table_first(claims, &claims->flight);

        if (node != NULL && payments_table_over(node, now_ms)) {
            payments_table_remove(claims, node);
        }
    }
}


/* what a wrong link leads to is not what may go */

static payments_node_t *
payments_table_first(payments_claims_t *claims, payments_node_list_t *list)
{
    payments_node_t  *node;

    node = payments_table_node(claims, list->first);

    if (node != NULL && payments_table_list(claims, node) != list) {
        payments_table_damaged(claims);
        return NULL;
    }

    return node;
}


static payments_node_t *
payments_table_alloc(payments_claims_t *claims)
{
    payments_node_t  *node;

    if (claims->free == 0 && claims->used < claims->capacity) {
        node = payments_table_nodes(claims) + claims->used;
        node->state = PAYMENTS_NODE_FREE;
        node->next = 0;
        claims->used++;

        return node;
    }

    if (claims->free == 0) {
        node = payments_table_first(claims, &claims->done);

        if (node == NULL) {
            return NULL;
        }

        claims->evicted++;
        payments_table_remove(claims, node);
    }

    node = payments_table_node(claims, claims->free);

    if (node == NULL || node->state != PAYMENTS_NODE_FREE) {
        payments_table_damaged(claims);
        return NULL;
    }

    claims->free = node->next;

    return node;
}


void
payments_table_remove(payments_claims_t *claims, payments_node_t *node)
{
    uint32_t         *link;
    payments_node_t  *found;

    payments_table_unlink(claims, node);

    found = payments_table_search(claims, node->id, PAYMENTS_CLAIMS_CHAIN,
                                  &link);

    if (found == node) {
        *link = node->chain;

    } else {
        payments_table_damaged(claims);
    }

    node->state = PAYMENTS_NODE_FREE;
    node->next = claims->free;
    claims->free = payments_table_ref(claims, node);
}


void
payments_table_append(payments_claims_t *claims, payments_node_t *node,
    int32_t state, int64_t time)
{
    uint32_t               ref;
    payments_node_t       *last;
    payments_node_list_t  *list;

    /* never done until the time of another state */

    if (state == PAYMENTS_NODE_DONE) {
        node->time = time;
        atomic_signal_fence(memory_order_seq_cst);
        node->state = state;

    } else {
        node->state = state;
        atomic_signal_fence(memory_order_seq_cst);
        node->time = time;
    }

    ref = payments_table_ref(claims, node);
    list = payments_table_list(claims, node);
    last = payments_table_node(claims, list->last);

    node->prev = list->last;
    node->next = 0;

    if (last != NULL) {
        last->next = ref;

    } else {
        list->first = ref;
    }

    list->last = ref;
    list->count++;
}


void
payments_table_unlink(payments_claims_t *claims, payments_node_t *node)
{
    uint32_t               ref, *from, *back;
    payments_node_t       *prev, *next;
    payments_node_list_t  *list;

    ref = payments_table_ref(claims, node);
    list = payments_table_list(claims, node);

    prev = payments_table_node(claims, node->prev);
    next = payments_table_node(claims, node->next);

    from = (prev != NULL) ? &prev->next : &list->first;
    back = (next != NULL) ? &next->prev : &list->last;

    if (*from != ref || *back != ref) {
        payments_table_damaged(claims);
        return;
    }

    *from = node->next;
    *back = node->prev;
    list->count--;
}


int
payments_table_over(const payments_node_t *node, int64_t now_ms)
{
    return node->time <= now_ms
           || (uint64_t) node->time - (uint64_t) now_ms
              > (uint64_t) PAYMENTS_CLAIMS_LEASE;
}
