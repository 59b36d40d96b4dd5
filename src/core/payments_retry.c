
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The files of retry, "<due>.<attempts>.ndjson": due in milliseconds since the
 * epoch, in 16 digits.  All lines of one have had as many attempts and are due
 * at the same time, when it becomes a source; no line is added to it after.
 */


#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "payments_queue_parts.h"


#define PAYMENTS_MAX_DUE       INT64_C(9999999999999999)
#define PAYMENTS_DUE_DIGITS    16
#define PAYMENTS_MAX_ATTEMPTS  999999999

/* milliseconds */
#define PAYMENTS_MIN_GRAIN     100

/* names that are tried, from the one that is due on */
#define PAYMENTS_DUE_TRIES     64


static void payments_retry_add(payments_queue_t *q, int64_t when,
    int64_t due, unsigned attempts);
static unsigned payments_retry_place(payments_queue_t *q, int64_t when);
static void payments_retry_drop(payments_queue_t *q, unsigned i);
static int payments_retry_far(const payments_queue_t *q, int64_t when);
static void payments_retry_near(payments_queue_t *q);
static int payments_retry_find(payments_queue_t *q, int64_t due,
    unsigned attempts);
static int payments_retry_later(payments_queue_t *q, int64_t due,
    unsigned attempts);
static void payments_retry_name(char *name, int64_t due, unsigned attempts);
static int payments_retry_parse(const char *name, int64_t *due,
    unsigned *attempts);
static int64_t payments_retry_round(int64_t now, int64_t due);
static payments_target_t *payments_retry_open(payments_queue_t *q, int i,
    int64_t due, unsigned attempts, payments_fault_t *fault);


int
payments_retry_list(payments_queue_t *q, unsigned start,
    payments_fault_t *fault)
{
    int          rc;
    DIR         *dir;
    int64_t      due;
    unsigned     attempts;
    const char  *name;

    dir = payments_scan_dir(q, PAYMENTS_IN_RETRY, fault);
    if (dir == NULL) {
        return -1;
    }

    q->nparcels = 0;
    q->horizon = INT64_MAX;

    for ( ;; ) {
        rc = payments_spool_entry(dir, &name, fault);

        if (rc != 1) {
            break;
        }

        if (payments_retry_parse(name, &due, &attempts)) {

            if (payments_source_find(q, PAYMENTS_IN_RETRY, name) == NULL) {
                payments_retry_add(q, payments_retry_far(q, due) ? q->now
                                                                 : due,
                                   due, attempts);
            }

        } else if (start) {
            payments_marks_orphan(q, name);
        }
    }

    closedir(dir);

    /* what has not been seen has to be looked for again */

    if (rc != 0) {
        q->horizon = q->now + PAYMENTS_AGAIN;
    }

    return rc;
}


/* sorted by when; without room, the last one has to be looked for later */

static void
payments_retry_add(payments_queue_t *q, int64_t when, int64_t due,
    unsigned attempts)
{
    unsigned  i;

    if (q->nparcels == PAYMENTS_MAX_PARCELS) {
        i = q->nparcels - 1;

        if (q->parcels[i].when <= when) {
            q->horizon = (when < q->horizon) ? when : q->horizon;
            return;
        }

        if (q->parcels[i].when < q->horizon) {
            q->horizon = q->parcels[i].when;
        }

        q->nparcels = i;
    }

    i = payments_retry_place(q, when);

    memmove(&q->parcels[i + 1], &q->parcels[i],
            (q->nparcels - i) * sizeof(payments_parcel_t));

    q->parcels[i].when = when;
    q->parcels[i].due = due;
    q->parcels[i].attempts = attempts;
    q->nparcels++;
}


/* the first that is not before */

static unsigned
payments_retry_place(payments_queue_t *q, int64_t when)
{
    unsigned  low, high, mid;

    low = 0;
    high = q->nparcels;

    while (low < high) {
        mid = (low + high) / 2;

        if (q->parcels[mid].when < when) {
            low = mid + 1;

        } else {
            high = mid;
        }
    }

    return low;
}


static void
payments_retry_drop(payments_queue_t *q, unsigned i)
{
    q->nparcels--;

    memmove(&q->parcels[i], &q->parcels[i + 1],
            (q->nparcels - i) * sizeof(payments_parcel_t));
}


/* -1: none that a line may be added to */

static int
payments_retry_find(payments_queue_t *q, int64_t due, unsigned attempts)
{
    unsigned  i;

    for (i = payments_retry_place(q, due);
         i < q->nparcels && q->parcels[i].when == due;
         i++)
    {
        if (q->parcels[i].due == due && q->parcels[i].attempts == attempts) {
            return i;
        }
    }

    return -1;
}


static int
payments_retry_later(payments_queue_t *q, int64_t due, unsigned attempts)
{
    unsigned  i;

    for (i = payments_retry_place(q, due); i < q->nparcels; i++) {

        if (q->parcels[i].due == q->parcels[i].when
            && q->parcels[i].attempts == attempts)
        {
            return i;
        }
    }

    return -1;
}


static void
payments_retry_name(char *name, int64_t due, unsigned attempts)
{
    snprintf(name, PAYMENTS_SEGMENT_NAME, "%016lld.%u" PAYMENTS_SUFFIX,
             (long long) due, attempts);
}


/* whether it is one that payments_retry_name() makes */

static int
payments_retry_parse(const char *name, int64_t *due, unsigned *attempts)
{
    char                 same[PAYMENTS_SEGMENT_NAME];
    unsigned             i;
    const unsigned char *p;

    p = (const unsigned char *) name;
    *due = 0;
    *attempts = 0;

    for (i = 0; i < PAYMENTS_DUE_DIGITS; i++, p++) {

        if (*p < '0' || *p > '9') {
            return 0;
        }

        *due = *due * 10 + (*p - '0');
    }

    if (*p++ != '.') {
        return 0;
    }

    while (*p >= '0' && *p <= '9') {

        *attempts = *attempts * 10 + (*p++ - '0');

        if (*attempts > PAYMENTS_MAX_ATTEMPTS) {
            return 0;
        }
    }

    payments_retry_name(same, *due, *attempts);

    return strcmp(name, same) == 0;
}


int64_t
payments_retry_longest(int64_t wait)
{
    return wait + wait / 8 + PAYMENTS_MIN_GRAIN + PAYMENTS_DUE_TRIES;
}


/* it was named by a clock that was ahead */

static int
payments_retry_far(const payments_queue_t *q, int64_t when)
{
    return q->now > 0 && when - q->now > q->longest;
}


/* what is the last to be due could be one of these, or hide one */

static void
payments_retry_near(payments_queue_t *q)
{
    payments_parcel_t  parcel;

    if (q->horizon != INT64_MAX && payments_retry_far(q, q->horizon)) {
        q->horizon = q->now;
    }

    while (q->nparcels
           && payments_retry_far(q, q->parcels[q->nparcels - 1].when))
    {
        parcel = q->parcels[--q->nparcels];

        payments_retry_add(q, q->now, parcel.due, parcel.attempts);
    }
}


int
payments_retry_take(payments_queue_t *q, payments_source_t **source,
    payments_fault_t *fault)
{
    int                rc;
    char               name[PAYMENTS_SEGMENT_NAME];
    payments_parcel_t  parcel;

    payments_retry_near(q);

    if (q->horizon <= q->now
        && (payments_target_sync(q, fault) != 0
            || payments_retry_list(q, 0, fault) != 0))
    {
        return -1;
    }

    while (q->nparcels && q->parcels[0].when <= q->now) {

        /* it may be open: its lines are to stay as they are from now on */

        if (q->ntargets && payments_target_sync(q, fault) != 0) {
            return -1;
        }

        parcel = q->parcels[0];

        payments_retry_drop(q, 0);
        payments_retry_name(name, parcel.due, parcel.attempts);

        rc = payments_source_open(q, PAYMENTS_IN_RETRY, name, source, fault);

        if (rc == -1) {
            payments_retry_add(q, q->now + PAYMENTS_AGAIN, parcel.due,
                               parcel.attempts);

            if (payments_passed_over(q, PAYMENTS_IN_RETRY, name, fault)) {
                continue;
            }

            return -1;
        }

        if (rc == 1) {
            (*source)->due = parcel.due;
            (*source)->attempts = parcel.attempts;
            return 1;
        }
    }

    return 0;
}


void
payments_retry_again(payments_queue_t *q, const payments_source_t *source)
{
    payments_retry_add(q, q->now + PAYMENTS_AGAIN, source->due,
                       source->attempts);
}


/* a power of two, times 100 ms, so that times of a like distance meet */

static int64_t
payments_retry_round(int64_t now, int64_t due)
{
    int64_t  grain, wait;

    if (due < 0) {
        due = 0;
    }

    if (due > PAYMENTS_MAX_DUE / 2) {
        due = PAYMENTS_MAX_DUE / 2;
    }

    wait = (due > now && now > 0) ? due - now : 0;

    grain = PAYMENTS_MIN_GRAIN;

    while (2 * grain <= wait / 8) {
        grain *= 2;
    }

    return (due + grain - 1) / grain * grain;
}


void
payments_retry_forget(payments_queue_t *q, int64_t due, unsigned attempts)
{
    int  i;

    i = payments_retry_find(q, due, attempts);

    if (i != -1) {
        payments_retry_drop(q, i);
    }
}


payments_target_t *
payments_retry_target(payments_queue_t *q, unsigned attempts, int64_t now,
    int64_t due, payments_fault_t *fault)
{
    int                 found;
    unsigned            i;
    payments_target_t  *target;

    if (attempts > PAYMENTS_MAX_ATTEMPTS) {
        attempts = PAYMENTS_MAX_ATTEMPTS;
    }

    due = payments_retry_round(now, due);

    for (i = 0; i < PAYMENTS_DUE_TRIES; i++, due++) {

        found = payments_retry_find(q, due, attempts);

        if (found == -1 && q->nparcels == PAYMENTS_MAX_PARCELS) {

            found = payments_retry_later(q, due, attempts);

            if (found == -1) {
                break;
            }

            due = q->parcels[found].due;
        }

        target = payments_retry_open(q, found, due, attempts, fault);

        if (target != NULL || fault->err != EEXIST) {
            return target;
        }
    }

    errno = ENFILE;
    payments_fault(fault, "openat");

    return NULL;
}


/* NULL and EEXIST when another name is to be tried */

static payments_target_t *
payments_retry_open(payments_queue_t *q, int i, int64_t due,
    unsigned attempts, payments_fault_t *fault)
{
    char                name[PAYMENTS_SEGMENT_NAME];
    unsigned            k;
    payments_target_t  *target;

    payments_retry_name(name, due, attempts);

    for (k = 0; k < q->ntargets; k++) {
        target = &q->targets[k];

        if (target->dir == PAYMENTS_IN_RETRY && target->due == due
            && target->attempts == attempts)
        {
            if (target->torn) {
                errno = EEXIST;
                payments_fault(fault, "openat");
                return NULL;
            }

            return target;
        }
    }

    target = NULL;
    errno = EEXIST;
    payments_fault(fault, "openat");

    if (i != -1) {
        target = payments_target_open(q, PAYMENTS_IN_RETRY, name, 0, fault);

        /* somebody has removed it */

        if (target == NULL && fault->err == ENOENT) {
            payments_retry_drop(q, i);
            i = -1;
        }
    }

    if (i == -1 && payments_source_find(q, PAYMENTS_IN_RETRY, name) == NULL) {
        target = payments_target_open(q, PAYMENTS_IN_RETRY, name,
                                      O_CREAT|O_EXCL, fault);

        if (target != NULL) {
            payments_retry_add(q, due, due, attempts);
        }
    }

    if (target == NULL) {
        return NULL;
    }

    target->due = due;
    target->attempts = attempts;

    return target;
}
