
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "payments_queue_parts.h"


static void payments_queue_reset(payments_queue_t *q);
static int payments_queue_from(payments_queue_t *q, payments_dir_e dir,
    payments_item_t *item, payments_fault_t *fault);
static int payments_queue_take(payments_queue_t *q, payments_dir_e dir,
    payments_fault_t *fault);
static void payments_queue_settled(const payments_item_t *item,
    unsigned moved);
static int payments_queue_settle(payments_queue_t *q,
    payments_source_t *source, payments_fault_t *fault);


payments_queue_t *
payments_queue_create(const payments_spool_t *spool, const char *host,
    pid_t pid, int64_t longest)
{
    payments_queue_t  *q;

    q = calloc(1, sizeof(payments_queue_t));
    if (q == NULL) {
        return NULL;
    }

    q->spool = spool;
    q->pid = pid;
    q->longest = payments_retry_longest(longest);

    memcpy(q->host, host, strnlen(host, sizeof(q->host) - 1));

    payments_queue_reset(q);

    return q;
}


void
payments_queue_free(payments_queue_t *q)
{
    payments_queue_close(q);
    free(q);
}


/* everything that is of no use after a close */

static void
payments_queue_reset(payments_queue_t *q)
{
    unsigned  i;

    for (i = 0; i < PAYMENTS_DIRS; i++) {
        q->dirs[i] = -1;
        q->fresh[i] = 0;
    }

    q->now = 0;
    q->turn = PAYMENTS_IN_RETRY;
    q->current[PAYMENTS_IN_NEW] = NULL;
    q->current[PAYMENTS_IN_RETRY] = NULL;

    q->nparcels = 0;
    q->horizon = INT64_MAX;

    q->npassed = 0;
    q->culprit[0] = '\0';

    q->scan.n = 0;
    q->scan.used = 0;
    q->scan.fruitful = 1;
    q->scan.paused = 0;
    q->scan.after[0] = '\0';
}


int
payments_queue_open(payments_queue_t *q, payments_fault_t *fault)
{
    unsigned  i;

    for (i = 0; i < PAYMENTS_DIRS; i++) {

        q->dirs[i] = payments_spool_open(q->spool, payments_dir_names[i],
                                         fault);

        if (q->dirs[i] == -1) {
            payments_queue_close(q);
            return -1;
        }
    }

    if (flock(q->dirs[PAYMENTS_IN_RETRY], LOCK_EX|LOCK_NB) != 0) {

        payments_fault(fault, "flock");
        payments_queue_close(q);

        return fault->err == EWOULDBLOCK ? 0 : -1;
    }

    if (payments_retry_list(q, 1, fault) != 0) {
        payments_queue_close(q);
        return -1;
    }

    /* who was killed may have synced a file, and not yet its name */

    q->fresh[PAYMENTS_IN_RETRY] = 1;

    return 1;
}


void
payments_queue_close(payments_queue_t *q)
{
    unsigned          i;
    payments_fault_t  fault;

    if (q->dirs[PAYMENTS_DIRS - 1] != -1) {

        if (payments_queue_flush(q, &fault) != 0) {
            /* what has no mark is handed out again */
        }
    }

    while (q->nsources) {
        payments_source_free(q, q->sources[q->nsources - 1]);
    }

    for (i = 0; i < PAYMENTS_DIRS; i++) {

        if (q->dirs[i] != -1) {
            close(q->dirs[i]);
        }
    }

    payments_queue_reset(q);
}


int
payments_queue_next(payments_queue_t *q, int64_t now, payments_item_t *item,
    payments_fault_t *fault)
{
    int             rc;
    unsigned        i;
    payments_dir_e  dir;

    q->now = now;
    q->culprit[0] = '\0';

    for (i = 0; i < PAYMENTS_IN_DEAD; i++) {

        dir = q->turn;
        q->turn = (dir == PAYMENTS_IN_NEW) ? PAYMENTS_IN_RETRY
                                           : PAYMENTS_IN_NEW;

        rc = payments_queue_from(q, dir, item, fault);

        if (rc != 0) {
            return rc;
        }
    }

    return 0;
}


static int
payments_queue_from(payments_queue_t *q, payments_dir_e dir,
    payments_item_t *item, payments_fault_t *fault)
{
    int                 rc;
    payments_source_t  *source;

    for ( ;; ) {

        if (q->current[dir] == NULL) {

            rc = payments_queue_take(q, dir, fault);

            if (rc != 1) {
                return rc;
            }
        }

        source = q->current[dir];

        rc = payments_source_next(q, source, item, fault);

        if (rc == 1) {
            source->flying++;

            if (source->offset != source->size) {
                return 1;
            }
        }

        q->current[dir] = NULL;
        payments_source_end(q, source);

        if (rc == -1) {
            source->again = 1;

            if (payments_passed_over(q, dir, source->name, fault)) {
                continue;
            }

        } else if (q->npassed) {
            payments_passed_drop(q, dir, source->name);
        }

        if (rc != 0) {
            return rc;
        }
    }
}


static int
payments_queue_take(payments_queue_t *q, payments_dir_e dir,
    payments_fault_t *fault)
{
    int          rc;
    const char  *name;

    if (q->nsources == PAYMENTS_MAX_SOURCES) {

        if (payments_queue_flush(q, fault) != 0) {
            return -1;
        }

        if (q->nsources == PAYMENTS_MAX_SOURCES) {
            return 0;
        }
    }

    if (dir == PAYMENTS_IN_RETRY) {
        return payments_retry_take(q, &q->current[dir], fault);
    }

    for ( ;; ) {
        rc = payments_scan_next(q, &name, fault);

        if (rc != 1) {
            return rc;
        }

        rc = payments_source_open(q, dir, name, &q->current[dir], fault);

        if (rc == 1) {
            q->scan.fruitful = 1;
        }

        if (rc == -1 && payments_passed_over(q, dir, name, fault)) {
            continue;
        }

        if (rc != 0) {
            return rc;
        }
    }
}


const char *
payments_queue_culprit(const payments_queue_t *q)
{
    return q->culprit;
}


int64_t
payments_queue_wait(payments_queue_t *q, int64_t now)
{
    int64_t  when;

    if (q->nsources == PAYMENTS_MAX_SOURCES) {
        return -1;
    }

    when = q->horizon;

    if (q->nparcels && q->parcels[0].when < when) {
        when = q->parcels[0].when;
    }

    if (q->scan.paused && q->scan.when + PAYMENTS_SCAN_PAUSE < when) {
        when = q->scan.when + PAYMENTS_SCAN_PAUSE;
    }

    if (when == INT64_MAX) {
        return -1;
    }

    return when > now ? when - now : 0;
}


int
payments_queue_load(payments_queue_t *q, const payments_item_t *item,
    unsigned char *buf, payments_fault_t *fault)
{
    int  rc;

    rc = payments_source_load(q, item, buf, fault);

    if (rc == 0) {
        item->source->flying--;
    }

    return rc;
}


void
payments_queue_release(payments_queue_t *q, const payments_item_t *item)
{
    (void) q;

    item->source->again = 1;
    item->source->flying--;
}


int
payments_queue_done(payments_queue_t *q, const payments_item_t *item)
{
    if (payments_marks_reserve(item->source) != 0) {
        payments_queue_release(q, item);
        return -1;
    }

    payments_queue_settled(item, 0);

    return 0;
}


int
payments_queue_retry(payments_queue_t *q, const payments_item_t *item,
    const unsigned char *line, unsigned attempts, int64_t now, int64_t due,
    payments_fault_t *fault)
{
    payments_target_t  *target;

    if (payments_marks_reserve(item->source) != 0) {
        return payments_fault(fault, "realloc");
    }

    target = payments_retry_target(q, attempts, now, due, fault);

    if (target == NULL
        || payments_target_append(target, line, item->len, fault) != 0)
    {
        return -1;
    }

    payments_queue_settled(item, 1);

    return 0;
}


int
payments_queue_bury(payments_queue_t *q, const payments_item_t *item,
    const unsigned char *line, int64_t now, const char *why,
    payments_fault_t *fault)
{
    if (payments_marks_reserve(item->source) != 0) {
        return payments_fault(fault, "realloc");
    }

    if (payments_target_bury(q, line, item->len, now, why, fault) != 0) {
        return -1;
    }

    payments_queue_settled(item, 1);

    return 0;
}


/* room has been reserved */

static void
payments_queue_settled(const payments_item_t *item, unsigned moved)
{
    payments_source_t   *source;
    payments_settled_t  *settled;

    source = item->source;
    settled = &source->settled[source->nsettled++];

    settled->offset = item->offset;
    settled->moved = moved;

    source->nmoved += moved;
    source->flying--;
}


int
payments_queue_flush(payments_queue_t *q, payments_fault_t *fault)
{
    int       rc;
    unsigned  i;

    rc = payments_target_sync(q, fault);

    /* from the end, since a source that goes leaves its place to the last */

    for (i = q->nsources; i > 0; i--) {

        if (payments_queue_settle(q, q->sources[i - 1], fault) != 0) {
            rc = -1;
        }
    }

    return rc;
}


static int
payments_queue_settle(payments_queue_t *q, payments_source_t *source,
    payments_fault_t *fault)
{
    int       rc;
    unsigned  over;

    rc = 0;
    over = (source->ended && source->flying == 0);

    if (over && !source->again) {

        rc = payments_source_remove(q, source, fault);

        if (rc == 1) {
            payments_source_free(q, source);
            return 0;
        }

        /* another file is there, with other lines */

        if (rc == 0) {
            source->nsettled = 0;
            source->again = 1;
        }
    }

    if (source->nsettled && payments_marks_write(q, source, fault) != 0) {
        return -1;
    }

    if (over && rc == 0) {

        if (source->dir == PAYMENTS_IN_RETRY) {
            payments_retry_again(q, source);
        }

        payments_source_free(q, source);
    }

    return rc;
}
