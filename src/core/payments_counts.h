
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What is counted.  These lie in memory that several processes share, and
 * only grow by members at their ends.
 */


#ifndef _PAYMENTS_COUNTS_H_INCLUDED_
#define _PAYMENTS_COUNTS_H_INCLUDED_


#include "payments.h"


/* the last one is for what is beyond the others' bounds */
#define PAYMENTS_BUCKETS  17


/* as wide as what the processor adds to in one step */
typedef volatile uintptr_t  payments_count_t;


typedef struct {
    payments_count_t   n[PAYMENTS_BUCKETS];
    payments_count_t   sum;               /* microseconds */
} payments_histogram_t;


/* the ages of signatures in one minute, seconds, as intptr_t */

typedef struct {
    payments_count_t   minute;            /* since the epoch; 0: none */
    payments_count_t   min;
    payments_count_t   max;
} payments_ages_t;


/* of a variant */

typedef struct {
    payments_count_t   results[PAYMENTS_RC_MAX];
    payments_count_t   secrets[PAYMENTS_MAX_SECRETS];
    payments_count_t   bytes;             /* of bodies that were accepted */
    payments_ages_t    ages[2];           /* by turns */
} payments_variant_counts_t;


/* of a spool, and of its relay */

typedef struct {
    payments_count_t      commits;
    payments_count_t      failed;         /* commits */
    payments_count_t      events;         /* committed */
    payments_histogram_t  commit;

    payments_count_t      delivered;
    payments_count_t      retried;
    payments_count_t      dead;
    payments_histogram_t  delivery;
} payments_spool_counts_t;


/* upper bounds of the first buckets, inclusive, in microseconds */
extern const int64_t  payments_commit_bounds[PAYMENTS_BUCKETS - 1];
extern const int64_t  payments_delivery_bounds[PAYMENTS_BUCKETS - 1];


/* The bucket of a time in microseconds; a negative one is in the first. */
unsigned payments_bucket(const int64_t *bounds, int64_t us);

/*
 * Notes a signature's age, now is in seconds since the epoch.  When processes
 * do so at once, one of their ages may be lost.
 */
void payments_ages_note(payments_ages_t *ages, int64_t now, int64_t age);

/*
 * The least and the greatest age of this minute and the one before: 1, or 0
 * when there was none.
 */
int payments_ages_read(const payments_ages_t *ages, int64_t now,
    int64_t *min, int64_t *max);


#endif /* _PAYMENTS_COUNTS_H_INCLUDED_ */
