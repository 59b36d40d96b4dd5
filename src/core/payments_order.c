
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <stdlib.h>

#include "payments_order.h"


/* a token that has items; it is ready, asleep, or has an item that went */

struct payments_lane_s {
    payments_rank_t    rank;     /* first, by until, when it is asleep */
    payments_rank_t   *turns;    /* that wait, as a heap */
    payments_lane_t   *next;     /* in the queue of the ready, or free */
    payments_lane_t   *chain;    /* in its bucket */
    uint64_t           hash;
    unsigned           named:1;  /* in a bucket: it has a token */
};


struct payments_order_s {
    uint64_t           seed;
    uint64_t           seq;      /* of what was added, and put to sleep */
    size_t             mask;     /* of buckets */
    payments_lane_t  **buckets;
    payments_lane_t   *lanes;    /* as many as items */
    payments_lane_t   *free;
    payments_lane_t   *ready;
    payments_lane_t  **last;     /* where the queue of the ready ends */
    payments_rank_t   *asleep;   /* lanes, as a heap */
    unsigned           left;     /* items that may still be added */
};


static uint64_t payments_order_hash(uint64_t seed, payments_str_t token);
static payments_lane_t *payments_order_lane(payments_order_t *order,
    payments_str_t token);
static payments_lane_t **payments_order_bucket(payments_order_t *order,
    uint64_t hash);
static payments_lane_t *payments_order_take(payments_order_t *order);
static void payments_order_ready(payments_order_t *order,
    payments_lane_t *lane);
static void payments_order_release(payments_order_t *order,
    payments_lane_t *lane);


payments_order_t *
payments_order_create(unsigned max, uint64_t seed)
{
    size_t             size;
    unsigned           i;
    payments_order_t  *order;

    order = calloc(1, sizeof(payments_order_t));
    if (order == NULL) {
        return NULL;
    }

    for (size = 1; size < max; size *= 2) { /* void */ }

    order->lanes = calloc(max, sizeof(payments_lane_t));
    order->buckets = calloc(size, sizeof(payments_lane_t *));

    if (order->lanes == NULL || order->buckets == NULL) {
        payments_order_free(order);
        return NULL;
    }

    for (i = 0; i < max; i++) {
        order->lanes[i].next = order->free;
        order->free = &order->lanes[i];
    }

    order->seed = seed;
    order->mask = size - 1;
    order->last = &order->ready;
    order->left = max;

    return order;
}


void
payments_order_free(payments_order_t *order)
{
    if (order != NULL) {
        free(order->buckets);
        free(order->lanes);
        free(order);
    }
}


int
payments_order_full(const payments_order_t *order)
{
    return order->left == 0;
}


int
payments_order_add(payments_order_t *order, payments_turn_t *turn,
    payments_str_t token, int64_t created)
{
    payments_lane_t  *lane;

    if (order->left == 0) {
        return -1;
    }

    order->left--;

    lane = payments_order_lane(order, token);

    turn->lane = lane;
    turn->rank.key = created;
    turn->rank.seq = order->seq++;
    turn->rank.child = NULL;
    turn->rank.next = NULL;

    lane->turns = payments_rank_merge(lane->turns, &turn->rank);

    return 0;
}


/* the lane of a token; one that is new has nothing to wait for */

static payments_lane_t *
payments_order_lane(payments_order_t *order, payments_str_t token)
{
    uint64_t           hash;
    payments_lane_t   *lane, **bucket;

    hash = payments_order_hash(order->seed, token);
    bucket = payments_order_bucket(order, hash);

    for (lane = *bucket; lane != NULL; lane = lane->chain) {
        if (lane->hash == hash) {
            return lane;
        }
    }

    lane = payments_order_take(order);

    lane->hash = hash;
    lane->named = (token.len != 0);

    if (lane->named) {
        lane->chain = *bucket;
        *bucket = lane;
    }

    payments_order_ready(order, lane);

    return lane;
}


/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */

static uint64_t
payments_order_hash(uint64_t seed, payments_str_t token)
{
    size_t    i;
    uint64_t  hash;

    hash = UINT64_C(0xcbf29ce484222325) ^ seed;

    for (i = 0; i < token.len; i++) {
        hash = (hash ^ token.data[i]) * UINT64_C(0x100000001b3);
    }

    return hash;
}


static payments_lane_t **
payments_order_bucket(payments_order_t *order, uint64_t hash)
{
    return &order->buckets[hash & order->mask];
}


/* each lane has an item, so there are enough of them */

static payments_lane_t *
payments_order_take(payments_order_t *order)
{
    payments_lane_t  *lane;

    lane = order->free;
    order->free = lane->next;

    lane->turns = NULL;
    lane->named = 0;

    return lane;
}


static void
payments_order_ready(payments_order_t *order, payments_lane_t *lane)
{
    lane->next = NULL;
    *order->last = lane;
    order->last = &lane->next;
}


int
payments_order_hold(payments_order_t *order, payments_turn_t *turn,
    int64_t until)
{
    if (order->left == 0) {
        return -1;
    }

    order->left--;

    turn->lane = payments_order_take(order);
    turn->rank.key = 0;
    turn->rank.seq = order->seq++;

    payments_order_sleep(order, turn, until);

    return 0;
}


payments_turn_t *
payments_order_next(payments_order_t *order, int64_t now)
{
    payments_lane_t  *lane;
    payments_turn_t  *turn;

    while (order->asleep != NULL && order->asleep->key <= now) {
        lane = (payments_lane_t *) order->asleep;
        order->asleep = payments_rank_pop(order->asleep);

        payments_order_ready(order, lane);
    }

    lane = order->ready;

    if (lane == NULL) {
        return NULL;
    }

    order->ready = lane->next;

    if (order->ready == NULL) {
        order->last = &order->ready;
    }

    turn = (payments_turn_t *) lane->turns;
    lane->turns = payments_rank_pop(lane->turns);

    return turn;
}


void
payments_order_done(payments_order_t *order, payments_turn_t *turn)
{
    payments_lane_t  *lane;

    order->left++;

    lane = turn->lane;
    turn->lane = NULL;

    if (lane->turns != NULL) {
        payments_order_ready(order, lane);

    } else {
        payments_order_release(order, lane);
    }
}


static void
payments_order_release(payments_order_t *order, payments_lane_t *lane)
{
    payments_lane_t  **p;

    if (lane->named) {
        p = payments_order_bucket(order, lane->hash);

        while (*p != lane) {
            p = &(*p)->chain;
        }

        *p = lane->chain;
    }

    lane->next = order->free;
    order->free = lane;
}


void
payments_order_sleep(payments_order_t *order, payments_turn_t *turn,
    int64_t until)
{
    payments_lane_t  *lane;

    lane = turn->lane;

    /* with the seq that it has: it was the first of its created */

    turn->rank.child = NULL;
    turn->rank.next = NULL;
    lane->turns = payments_rank_merge(lane->turns, &turn->rank);

    lane->rank.key = until;
    lane->rank.seq = order->seq++;
    lane->rank.child = NULL;
    lane->rank.next = NULL;
    order->asleep = payments_rank_merge(order->asleep, &lane->rank);
}


int64_t
payments_order_wait(const payments_order_t *order, int64_t now)
{
    if (order->ready != NULL) {
        return 0;
    }

    if (order->asleep == NULL) {
        return -1;
    }

    return order->asleep->key > now ? order->asleep->key - now : 0;
}
