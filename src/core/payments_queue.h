
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What waits for the application: the lines of the files in new, those that
 * wait in retry for another try, and the way of a line that has no try left
 * into dead.  Everything here blocks, and belongs to one thread.
 *
 * A file is worked on line by line.  Lines that are settled are noted in a
 * file of marks beside it, so that they are not handed out again after a
 * crash; a file goes when all of its lines are settled.  Whatever fails, a
 * line may be handed out twice, but never not at all.
 */


#ifndef _PAYMENTS_QUEUE_H_INCLUDED_
#define _PAYMENTS_QUEUE_H_INCLUDED_


#include "payments.h"
#include "payments_segment.h"


/* bytes of a name in new that is taken; room is left for the suffix of marks */
#define PAYMENTS_MAX_NAME    240

/* bytes of the reason beside a line in dead; more is cut off */
#define PAYMENTS_MAX_REASON  1024


typedef struct payments_queue_s   payments_queue_t;
typedef struct payments_source_s  payments_source_t;


/* a line of a file */

typedef struct {
    payments_source_t  *source;
    off_t               offset;
    size_t              len;       /* without the newline */
    unsigned            attempts;  /* so far; 0 for what comes from new */
} payments_item_t;


/*
 * Does nothing on the disk; spool has to stay, host is copied.  No retry is due
 * later than longest milliseconds from its now: what is due later all the same,
 * since a clock was ahead, is due at once.  NULL without memory.
 */
payments_queue_t *payments_queue_create(const payments_spool_t *spool,
    const char *host, pid_t pid, int64_t longest);

/* Closes it first. */
void payments_queue_free(payments_queue_t *q);

/*
 * Takes the lock of the spool's retry directory, which lasts until the queue
 * is closed or the process ends, and looks at what waits there: 1; 0 when
 * another has the lock; -1 and *fault.
 */
int payments_queue_open(payments_queue_t *q, payments_fault_t *fault);

/*
 * Whether other directories, or none, are at the spool's path: somebody has
 * moved or removed them, or mounted something there.  Only of an open queue.
 */
int payments_queue_replaced(payments_queue_t *q);

/*
 * Flushes, as far as that goes, and gives up the lock.  Items that are out
 * must not be used any more; they are handed out again after the next open.
 */
void payments_queue_close(payments_queue_t *q);

/*
 * The next line: 1; 0 when there is none now; -1 and *fault, and then it is
 * worth asking again, as it goes on with another file.  now is in
 * milliseconds since the epoch.  Each item has to be given back by exactly one
 * of a load that says 0, release, done, or a retry or bury that says 0.
 *
 * Files of new come in the order of their names, and take turns with those of
 * retry that are due.  Empty lines are passed over.  A line longer than
 * PAYMENTS_MAX_LINE comes in parts.  The rest of a file of new that does not
 * end in a newline is a line, unless somebody may still be writing it.
 */
int payments_queue_next(payments_queue_t *q, int64_t now,
    payments_item_t *item, payments_fault_t *fault);

/*
 * After a next that says -1: the file that it could not read, by its name below
 * the spool, or "".  Such a file is tried again later; of several, only the
 * first one is told of.
 */
const char *payments_queue_culprit(const payments_queue_t *q);

/*
 * Milliseconds until next may know of something that it does not know of now,
 * -1 when that is up to others: a file in new, or items that are given back.
 */
int64_t payments_queue_wait(payments_queue_t *q, int64_t now);

/*
 * Reads item->len bytes: 1; 0 when the file has been removed or replaced,
 * and then the item is given back by that; -1 and *fault.
 */
int payments_queue_load(payments_queue_t *q, const payments_item_t *item,
    unsigned char *buf, payments_fault_t *fault);

/* Not settled: it is handed out again later. */
void payments_queue_release(payments_queue_t *q, const payments_item_t *item);

/*
 * Delivered.  -1 without memory for that: it is given back all the same, and
 * handed out again later.
 */
int payments_queue_done(payments_queue_t *q, const payments_item_t *item);

/*
 * Puts item->len bytes into a file of retry that is due, in milliseconds since
 * the epoch, at or up to an eighth of the time from now after the given time,
 * or 100 ms when that is more.  -1 and *fault: the item is not given back.
 */
int payments_queue_retry(payments_queue_t *q, const payments_item_t *item,
    const unsigned char *line, unsigned attempts, int64_t now, int64_t due,
    payments_fault_t *fault);

/*
 * Puts item->len bytes into a file of dead, and why, a line of text, into one
 * of the same name and ".error"; now is in microseconds since the epoch.  -1
 * and *fault: the item is not given back.
 */
int payments_queue_bury(payments_queue_t *q, const payments_item_t *item,
    const unsigned char *line, int64_t now, const char *why,
    payments_fault_t *fault);

/*
 * Makes durable what was moved, writes the marks, and removes the files that
 * are settled: after each round, also when nothing was settled in it.  Goes on
 * after an error; -1 and the last *fault then.  What was moved when a sync
 * fails is handed out again later.
 */
int payments_queue_flush(payments_queue_t *q, payments_fault_t *fault);


#endif /* _PAYMENTS_QUEUE_H_INCLUDED_ */
