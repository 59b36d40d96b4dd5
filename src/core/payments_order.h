
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Whose turn it is: the events of one token one after the other, those of
 * different tokens side by side.
 */


#ifndef _PAYMENTS_ORDER_H_INCLUDED_
#define _PAYMENTS_ORDER_H_INCLUDED_


#include "payments.h"
#include "payments_rank.h"


typedef struct payments_order_s  payments_order_t;
typedef struct payments_lane_s   payments_lane_t;
typedef struct payments_turn_s   payments_turn_t;


/* to be embedded in the caller's item, which must not move */

struct payments_turn_s {
    payments_rank_t   rank;   /* first, by created */
    payments_lane_t  *lane;
};


/*
 * Room for max items, allocated at once; NULL without memory.  Tokens are
 * known by a hash that starts with the seed: two of the same hash wait for
 * each other, and that is all.
 */
payments_order_t *payments_order_create(unsigned max, uint64_t seed);

/* Frees all but the items, which are the caller's; NULL is allowed. */
void payments_order_free(payments_order_t *order);

/* Whether there are max items: added, and not done. */
int payments_order_full(const payments_order_t *order);

/*
 * Adds an item.  Those of a token go by created, in any unit, and those of
 * the same created as they were added; one without a token waits for nobody.
 * The token is not needed after.  0, or -1 when the order is full.
 */
int payments_order_add(payments_order_t *order, payments_turn_t *turn,
    payments_str_t token, int64_t created);

/*
 * Adds an item without a token, as one that has gone and sleeps: 0, or -1 when
 * the order is full.
 */
int payments_order_hold(payments_order_t *order, payments_turn_t *turn,
    int64_t until);

/*
 * The next item that may go, or NULL: until payments_order_done() or
 * payments_order_sleep() no other of its token may.  Tokens go in the order in
 * which they came to be ready.  now is monotonic, in ms, here and below.
 */
payments_turn_t *payments_order_next(payments_order_t *order, int64_t now);

/* An item that went is over and no longer known here. */
void payments_order_done(payments_order_t *order, payments_turn_t *turn);

/*
 * An item that went has to go again, and none of its token may before until.
 * Then it is the first to go, but for those of an earlier created that were
 * added since.
 */
void payments_order_sleep(payments_order_t *order, payments_turn_t *turn,
    int64_t until);

/*
 * The ms until an item may go: 0 when one may now, -1 when none will before
 * one is added or over.
 */
int64_t payments_order_wait(const payments_order_t *order, int64_t now);


#endif /* _PAYMENTS_ORDER_H_INCLUDED_ */
