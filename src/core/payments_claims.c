
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <stdatomic.h>
#include <string.h>

#include "payments_claims.h"
#include "payments_claims_table.h"


#define PAYMENTS_CLAIMS_MAGIC   "payments"

/* to be changed with the layout of the header, of nodes and buckets */
#define PAYMENTS_CLAIMS_LAYOUT  1

#define PAYMENTS_CLAIMS_MOST    0x7fffffff


_Static_assert(sizeof(payments_claims_t) <= PAYMENTS_CLAIMS_HEADER, "header");
_Static_assert(sizeof(payments_node_t) == 40, "node");


static uint32_t payments_claims_capacity(size_t size);
static int64_t payments_claims_add(int64_t now, int64_t span);
static void payments_claims_claim(payments_claims_t *claims,
    payments_node_t *node, payments_claim_t *claim, int64_t now_ms,
    int64_t lease_ms);
static uint32_t payments_claims_pour(payments_claims_t *dst,
    payments_claims_t *src, int64_t now_s);


payments_claims_t *
payments_claims_init(void *mem, size_t size,
    const unsigned char key[PAYMENTS_HASH_KEY])
{
    payments_claims_t  *claims;

    if (size < PAYMENTS_CLAIMS_MIN || (uintptr_t) mem % 8 != 0) {
        return NULL;
    }

    claims = mem;
    memset(claims, 0, PAYMENTS_CLAIMS_HEADER);

    claims->size = size;
    claims->layout = PAYMENTS_CLAIMS_LAYOUT;
    claims->capacity = payments_claims_capacity(size);
    memcpy(claims->key, key, PAYMENTS_HASH_KEY);

    memset(payments_table_buckets(claims), 0,
           (size_t) claims->capacity * sizeof(uint32_t));

    /* last: without it this is no table */

    atomic_signal_fence(memory_order_seq_cst);
    memcpy(claims->magic, PAYMENTS_CLAIMS_MAGIC, sizeof(claims->magic));

    return claims;
}


payments_claims_t *
payments_claims_attach(void *mem, size_t size)
{
    payments_claims_t  *claims;

    if (size < PAYMENTS_CLAIMS_MIN || (uintptr_t) mem % 8 != 0) {
        return NULL;
    }

    claims = mem;

    if (memcmp(claims->magic, PAYMENTS_CLAIMS_MAGIC, sizeof(claims->magic))
        != 0
        || claims->size != size
        || claims->layout != PAYMENTS_CLAIMS_LAYOUT
        || claims->capacity != payments_claims_capacity(size))
    {
        return NULL;
    }

    return claims;
}


/* less 8 bytes, as the nodes are aligned to that */

static uint32_t
payments_claims_capacity(size_t size)
{
    size_t  n;

    n = (size - PAYMENTS_CLAIMS_HEADER - 8)
        / (sizeof(payments_node_t) + sizeof(uint32_t));

    return n < PAYMENTS_CLAIMS_MOST ? n : PAYMENTS_CLAIMS_MOST;
}


const unsigned char *
payments_claims_key(const payments_claims_t *claims)
{
    return claims->key;
}


/* a span is never negative, and never leads round the end of time */

static int64_t
payments_claims_add(int64_t now, int64_t span)
{
    if (span < 0) {
        return now;
    }

    return now > INT64_MAX - span ? INT64_MAX : now + span;
}


payments_claim_e
payments_claims_take(payments_claims_t *claims, payments_claim_t *claim,
    int64_t now_s, int64_t now_ms, int64_t lease_ms, int32_t *who)
{
    payments_node_t   *node;
    payments_claim_e   rc;

    payments_table_enter(claims);

    payments_table_expire(claims, now_ms);

    rc = PAYMENTS_CLAIM_OURS;
    node = payments_table_find(claims, claim->id);

    if (node == NULL) {
        node = payments_table_insert(claims, claim->id, now_s);

    } else if (node->state == PAYMENTS_NODE_DONE) {

        if (node->time > now_s) {
            rc = PAYMENTS_CLAIM_DONE;
        }

    } else if (!payments_table_over(node, now_ms)) {
        *who = node->state;
        rc = PAYMENTS_CLAIM_BUSY;
    }

    if (rc == PAYMENTS_CLAIM_OURS) {

        if (node != NULL) {
            payments_claims_claim(claims, node, claim, now_ms, lease_ms);

        } else {
            claim->until = 0;
            claims->full++;
        }
    }

    payments_table_leave(claims);

    return rc;
}


/* from its list, unless it is new, to the end of those in flight */

static void
payments_claims_claim(payments_claims_t *claims, payments_node_t *node,
    payments_claim_t *claim, int64_t now_ms, int64_t lease_ms)
{
    if (node->state != PAYMENTS_NODE_FREE) {
        payments_table_unlink(claims, node);
    }

    if (lease_ms > PAYMENTS_CLAIMS_LEASE) {
        lease_ms = PAYMENTS_CLAIMS_LEASE;
    }

    claim->until = payments_claims_add(now_ms, lease_ms);

    payments_table_append(claims, node, claim->owner, claim->until);
}


int
payments_claims_steal(payments_claims_t *claims, payments_claim_t *claim,
    int32_t from, int64_t now_ms, int64_t lease_ms)
{
    int               rc;
    payments_node_t  *node;

    payments_table_enter(claims);

    rc = -1;
    node = payments_table_find(claims, claim->id);

    if (node != NULL && from > 0 && node->state == from) {
        payments_claims_claim(claims, node, claim, now_ms, lease_ms);
        rc = 0;
    }

    payments_table_leave(claims);

    return rc;
}


int
payments_claims_done(payments_claims_t *claims,
    const unsigned char id[PAYMENTS_HASH], int64_t now_s, int64_t window_s)
{
    int64_t           expiry;
    payments_node_t  *node;

    payments_table_enter(claims);

    expiry = payments_claims_add(now_s, window_s);
    node = payments_table_find(claims, id);

    if (node == NULL) {
        node = payments_table_insert(claims, id, now_s);

    } else {

        if (node->state == PAYMENTS_NODE_DONE && node->time > expiry) {
            expiry = node->time;
        }

        payments_table_unlink(claims, node);
    }

    if (node != NULL) {
        payments_table_append(claims, node, PAYMENTS_NODE_DONE, expiry);

    } else {
        claims->full++;
    }

    payments_table_leave(claims);

    return node != NULL ? 0 : -1;
}


void
payments_claims_drop(payments_claims_t *claims, const payments_claim_t *claim)
{
    payments_node_t  *node;

    payments_table_enter(claims);

    node = payments_table_find(claims, claim->id);

    if (node != NULL && node->state > 0
        && node->state == claim->owner
        && node->time == claim->until)
    {
        payments_table_remove(claims, node);
    }

    payments_table_leave(claims);
}


int
payments_claims_load(payments_claims_t *claims, const payments_done_t *done,
    int64_t now_s)
{
    int               rc;
    payments_node_t  *node;

    if (done->expiry <= now_s) {
        return 0;
    }

    rc = 0;

    payments_table_enter(claims);

    node = payments_table_find(claims, done->id);

    if (node == NULL) {
        node = payments_table_insert(claims, done->id, now_s);

        if (node != NULL) {
            payments_table_append(claims, node, PAYMENTS_NODE_DONE,
                                  done->expiry);

        } else {
            claims->full++;
            rc = -1;
        }

    } else if (node->state == PAYMENTS_NODE_DONE
               && node->time < done->expiry)
    {
        node->time = done->expiry;
    }

    payments_table_leave(claims);

    return rc;
}


void
payments_claims_sort(payments_claims_t *claims)
{
    payments_table_enter(claims);
    payments_table_sort(claims, &claims->done);
    payments_table_leave(claims);
}


size_t
payments_claims_list(payments_claims_t *claims, uint32_t *cursor,
    payments_done_t *dst, size_t n, int64_t now_s)
{
    size_t            i;
    payments_node_t  *node;

    payments_table_enter(claims);

    for (i = 0; i < n && *cursor < claims->used; (*cursor)++) {
        node = payments_table_node(claims, *cursor + 1);

        if (node == NULL) {
            break;
        }

        if (node->state == PAYMENTS_NODE_DONE && node->time > now_s) {
            memcpy(dst[i].id, node->id, PAYMENTS_HASH);
            dst[i].expiry = node->time;
            i++;
        }
    }

    payments_table_leave(claims);

    return i;
}


uint32_t
payments_claims_copy(payments_claims_t *dst, payments_claims_t *src,
    int64_t now_s)
{
    uint32_t  lost;
    uint64_t  before;

    if (memcmp(dst->key, src->key, PAYMENTS_HASH_KEY) != 0) {
        return src->done.count;
    }

    before = dst->evicted;

    payments_table_enter(src);

    lost = payments_claims_pour(dst, src, now_s);

    if (src->busy == PAYMENTS_TABLE_DAMAGED) {
        payments_table_repair(src);
        lost = payments_claims_pour(dst, src, now_s);
    }

    payments_table_leave(src);

    return lost + (uint32_t) (dst->evicted - before);
}


/* how many there was no room for */

static uint32_t
payments_claims_pour(payments_claims_t *dst, payments_claims_t *src,
    int64_t now_s)
{
    uint32_t          i, lost;
    payments_done_t   done;
    payments_node_t  *node;

    lost = 0;
    node = payments_table_node(src, src->done.first);

    for (i = 0; i < src->done.count && node != NULL; i++) {

        /* a claim that a wrong link leads to is not done */

        if (node->state != PAYMENTS_NODE_DONE) {
            break;
        }

        memcpy(done.id, node->id, PAYMENTS_HASH);
        done.expiry = node->time;

        lost += (payments_claims_load(dst, &done, now_s) != 0);

        node = payments_table_node(src, node->next);
    }

    if (i != src->done.count || node != NULL) {
        payments_table_damaged(src);
    }

    return lost;
}


void
payments_claims_counts(const payments_claims_t *claims,
    payments_claims_counts_t *counts)
{
    counts->capacity = claims->capacity;
    counts->in_flight = claims->flight.count;
    counts->done = claims->done.count;
    counts->evicted = claims->evicted;
    counts->full = claims->full;
    counts->repaired = claims->repaired;
}
