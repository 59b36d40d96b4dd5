
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Which events are being delivered, and which have been: a table in one block
 * of memory that processes share.  Nothing here locks: the caller holds the
 * block's mutex around each call.  The block has no pointers.  A process may
 * die within a call: the next one repairs what it left, and what else is
 * wrong with a link, in O(n log n).
 */


#ifndef _PAYMENTS_CLAIMS_H_INCLUDED_
#define _PAYMENTS_CLAIMS_H_INCLUDED_


#include "payments.h"
#include "payments_hash.h"


/* bytes of the smallest block; an id takes 44 */
#define PAYMENTS_CLAIMS_MIN    1024

/* the longest lease, in ms: 1 day */
#define PAYMENTS_CLAIMS_LEASE  INT64_C(86400000)


typedef struct payments_claims_s  payments_claims_t;


typedef enum {
    PAYMENTS_CLAIM_OURS = 0,
    PAYMENTS_CLAIM_DONE,
    PAYMENTS_CLAIM_BUSY
} payments_claim_e;


/* the request's; until makes it differ from an older one of its process */

typedef struct {
    unsigned char  id[PAYMENTS_HASH];
    int32_t        owner;   /* a pid */
    int64_t        until;   /* monotonic, ms; set by taking it */
} payments_claim_t;


typedef struct {
    unsigned char  id[PAYMENTS_HASH];
    int64_t        expiry;  /* seconds since the epoch: known before it */
} payments_done_t;


typedef struct {
    uint32_t       capacity;
    uint32_t       in_flight;
    uint32_t       done;
    uint64_t       evicted;   /* done ids that had to go before their time */
    uint64_t       full;      /* ids without room: all others in flight */
    uint64_t       repaired;  /* times the table was damaged */
} payments_claims_counts_t;


/*
 * Makes an empty table in a block, aligned to 8, of any content.  The key is
 * that of the hash that ids are made with.  NULL when the size is below
 * PAYMENTS_CLAIMS_MIN or the block is not aligned.  There are 2^31 - 1 ids at
 * most.
 */
payments_claims_t *payments_claims_init(void *mem, size_t size,
    const unsigned char key[PAYMENTS_HASH_KEY]);

/* The table that is there; NULL when it is not one of this layout and size. */
payments_claims_t *payments_claims_attach(void *mem, size_t size);

/* Within the block, PAYMENTS_HASH_KEY bytes. */
const unsigned char *payments_claims_key(const payments_claims_t *claims);

/*
 * An id must be a digest of payments_hash_digest() with the table's key,
 * everywhere below; now_s is seconds since the epoch, now_ms is monotonic.
 * Either may step back.
 */

/*
 * Claims claim->id for claim->owner, above 0, until now_ms and the lease,
 * which is cut to PAYMENTS_CLAIMS_LEASE.  _OURS: go on, and then tell
 * payments_claims_done() or payments_claims_drop().  So it is too when the
 * claim of another has run out, or when there is no room as all is in flight:
 * a full table refuses nothing.  _DONE: it is a duplicate.  _BUSY: *who, a pid,
 * has it in flight; another request of this process, perhaps.
 */
payments_claim_e payments_claims_take(payments_claims_t *claims,
    payments_claim_t *claim, int64_t now_s, int64_t now_ms, int64_t lease_ms,
    int32_t *who);

/*
 * Like that, of a process that is dead: 0, or -1 when it is not in flight, or
 * not that process's.
 */
int payments_claims_steal(payments_claims_t *claims, payments_claim_t *claim,
    int32_t from, int64_t now_ms, int64_t lease_ms);

/*
 * The id is done for window_s, whoever claims it, and if nobody does.  0, or
 * -1 when there is no room as all is in flight.
 */
int payments_claims_done(payments_claims_t *claims,
    const unsigned char id[PAYMENTS_HASH], int64_t now_s, int64_t window_s);

/* Its delivery has failed.  Drops that very claim, and no other. */
void payments_claims_drop(payments_claims_t *claims,
    const payments_claim_t *claim);

/*
 * Adds what is known to be done, oldest first: what does not fit is the
 * oldest.  payments_claims_sort() must follow when they were not in order.
 * 0, or -1 when there is no room as all is in flight.
 */
int payments_claims_load(payments_claims_t *claims,
    const payments_done_t *done, int64_t now_s);

/* Puts done ids in the order of their expiry, O(n log n). */
void payments_claims_sort(payments_claims_t *claims);

/*
 * The next of the done ids, at most n of them, in no order; 0 at the end.
 * *cursor is 0 at first.  The mutex may be released between two calls: an id
 * that was done before the first, and stays so, is among them.
 */
size_t payments_claims_list(payments_claims_t *claims, uint32_t *cursor,
    payments_done_t *dst, size_t n, int64_t now_s);

/*
 * Copies done ids into a table of another size but the same key, under both
 * mutexes.  How many ids had to go: the oldest.  Claims stay where their
 * owners look for them.
 */
uint32_t payments_claims_copy(payments_claims_t *dst, payments_claims_t *src,
    int64_t now_s);

/* How many ids there are, and how many there may be: a moment's, unlocked. */
void payments_claims_counts(const payments_claims_t *claims,
    payments_claims_counts_t *counts);


#endif /* _PAYMENTS_CLAIMS_H_INCLUDED_ */
