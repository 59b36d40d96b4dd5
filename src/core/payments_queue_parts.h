
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the files of the queue share among themselves, and nobody else.
 */


#ifndef _PAYMENTS_QUEUE_PARTS_H_INCLUDED_
#define _PAYMENTS_QUEUE_PARTS_H_INCLUDED_


#include <sys/stat.h>

#include "payments_queue.h"


/* files that are worked on, and those of them that are kept open */
#define PAYMENTS_MAX_SOURCES   8192
#define PAYMENTS_MAX_OPEN      64

/* names of new that are kept from a scan */
#define PAYMENTS_MAX_SCAN      256

/* milliseconds after a scan that has found nothing to work on */
#define PAYMENTS_SCAN_PAUSE    10

/* files of retry that are known, and files that are written in a round */
#define PAYMENTS_MAX_PARCELS   4096
#define PAYMENTS_MAX_TARGETS   64

/* milliseconds until what could not be finished, or read, is due again */
#define PAYMENTS_AGAIN         1000

/* files that are passed over */
#define PAYMENTS_MAX_PASSED    64


typedef enum {
    PAYMENTS_IN_NEW = 0,
    PAYMENTS_IN_RETRY,
    PAYMENTS_IN_DEAD,
    PAYMENTS_DIRS
} payments_dir_e;


/* a settled line that has no mark yet */

typedef struct {
    off_t                offset;
    unsigned             moved;     /* to where no sync has been yet */
} payments_settled_t;


/* a file that is worked on */

struct payments_source_s {
    payments_source_t   *next;      /* of the same hash */
    unsigned             index;     /* in the queue's list */

    payments_dir_e       dir;       /* new or retry */
    int64_t              due;       /* retry: as in its name */
    unsigned             attempts;
    int                  fd;        /* or -1 */

    ino_t                ino;       /* which file it is, and its state */
    off_t                size;
    struct timespec      mtime;

    off_t                offset;    /* of the next line */
    char                *buf;       /* while lines are looked for */
    off_t                start;     /* of the buffer, in the file */
    size_t               len;

    unsigned             ended;     /* there is no next line */
    unsigned             again;     /* not all can be settled this time */
    unsigned             flying;    /* items that are out */

    off_t               *marks;     /* found at its start, sorted */
    size_t               nmarks;
    size_t               mark;      /* the first one that is not passed */
    off_t                marked;    /* bytes of the file of marks */

    payments_settled_t  *settled;
    size_t               nsettled;
    size_t               room;
    size_t               nmoved;    /* of them */

    char                 name[PAYMENTS_MAX_NAME + 1];
};


/* a file of retry that is no source yet */

typedef struct {
    int64_t              when;      /* it is to be one */
    int64_t              due;       /* by its name */
    unsigned             attempts;
} payments_parcel_t;


/* a file of retry or dead that is written in this round */

typedef struct {
    payments_dir_e       dir;
    int                  fd;
    off_t                size;      /* whole lines */
    off_t                synced;    /* of them before this round */
    unsigned             torn;      /* there is a part of a line after them */
    int64_t              due;
    unsigned             attempts;
    char                 name[PAYMENTS_SEGMENT_NAME];
} payments_target_t;


/* a file that cannot be read */

typedef struct {
    int64_t              when;      /* it is to be tried again */
    payments_dir_e       dir;
    char                 name[PAYMENTS_MAX_NAME + 1];
} payments_passed_t;


/* names of new, sorted by way of order */

typedef struct {
    unsigned             n;
    unsigned             used;
    unsigned             fruitful;  /* one of them became a source */
    unsigned             paused;    /* a scan was put off */
    int64_t              when;      /* of the last scan, milliseconds */
    char                 after[PAYMENTS_MAX_NAME + 1];
    uint16_t             order[PAYMENTS_MAX_SCAN];
    char                 names[PAYMENTS_MAX_SCAN][PAYMENTS_MAX_NAME + 1];
} payments_scan_t;


struct payments_queue_s {
    const payments_spool_t  *spool;
    pid_t                    pid;
    char                     host[PAYMENTS_HOST_LEN];
    int64_t                  longest;  /* from now to what is due, ms */

    int                      dirs[PAYMENTS_DIRS];
    unsigned                 fresh[PAYMENTS_DIRS];  /* has names not synced */

    int64_t                  now;      /* of the last next, milliseconds */
    int64_t                  born;     /* of the last name in dead */
    unsigned                 sequence;

    payments_dir_e           turn;
    payments_source_t       *current[PAYMENTS_IN_DEAD];

    unsigned                 nsources;
    unsigned                 nopen;
    payments_source_t       *sources[PAYMENTS_MAX_SOURCES];
    payments_source_t       *hash[PAYMENTS_MAX_SOURCES];

    int64_t                  horizon;  /* when an unknown parcel is due */
    unsigned                 nparcels;
    payments_parcel_t        parcels[PAYMENTS_MAX_PARCELS];

    unsigned                 ntargets;
    payments_target_t        targets[PAYMENTS_MAX_TARGETS];

    unsigned                 npassed;
    payments_passed_t        passed[PAYMENTS_MAX_PASSED];
    char                     culprit[PAYMENTS_MAX_NAME + 16];

    payments_scan_t          scan;
};


/*
 * payments_source.c
 */

/*
 * Starts to work on a file: 1, and *source; 0 when there is none, or it is
 * one that is worked on already; -1 and *fault.
 */
int payments_source_open(payments_queue_t *q, payments_dir_e dir,
    const char *name, payments_source_t **source, payments_fault_t *fault);

/* Forgets about it; whatever lies on the disk stays. */
void payments_source_free(payments_queue_t *q, payments_source_t *source);

/* One that is worked on, or NULL. */
payments_source_t *payments_source_find(payments_queue_t *q,
    payments_dir_e dir, const char *name);

/* The next line that is not marked: 1; 0 at the end; -1 and *fault. */
int payments_source_next(payments_queue_t *q, payments_source_t *source,
    payments_item_t *item, payments_fault_t *fault);

/* There is no next line, or nobody asks for it. */
void payments_source_end(payments_queue_t *q, payments_source_t *source);

/* As payments_queue_load(), but the item is not given back. */
int payments_source_load(payments_queue_t *q, const payments_item_t *item,
    unsigned char *buf, payments_fault_t *fault);

/*
 * Removes the file and its marks: 1; 0 when another is there, which stays;
 * -1 and *fault.
 */
int payments_source_remove(payments_queue_t *q, payments_source_t *source,
    payments_fault_t *fault);


/*
 * payments_marks.c
 */

/* Those of a source, into source->marks; of another file, they are removed. */
int payments_marks_read(payments_queue_t *q, payments_source_t *source,
    payments_fault_t *fault);

/* Those of source->settled, which is empty then. */
int payments_marks_write(payments_queue_t *q, payments_source_t *source,
    payments_fault_t *fault);

/* Removes the file with them, if there is one: 0, or -1 and *fault. */
int payments_marks_remove(payments_queue_t *q, payments_source_t *source,
    payments_fault_t *fault);

/* Removes what has this name in retry, if it is marks without a source. */
void payments_marks_orphan(payments_queue_t *q, const char *name);

/* Room for one more in source->settled; -1 without memory. */
int payments_marks_reserve(payments_source_t *source);

/* After a sync of what was moved, or, not safe, after its failure. */
void payments_marks_moved(payments_queue_t *q, unsigned safe);


/*
 * payments_retry.c
 */

/* The longest wait, when what is asked for is at most that long. */
int64_t payments_retry_longest(int64_t wait);

/* Looks at the whole directory; at start, removes marks without a source. */
int payments_retry_list(payments_queue_t *q, unsigned start,
    payments_fault_t *fault);

/* Takes one that is due, and opens it; as payments_source_open(). */
int payments_retry_take(payments_queue_t *q, payments_source_t **source,
    payments_fault_t *fault);

/* A source that is to be worked on again. */
void payments_retry_again(payments_queue_t *q,
    const payments_source_t *source);

/* A file of that name is no more. */
void payments_retry_forget(payments_queue_t *q, int64_t due,
    unsigned attempts);

/* Where a line is to go; NULL and *fault. */
payments_target_t *payments_retry_target(payments_queue_t *q,
    unsigned attempts, int64_t now, int64_t due, payments_fault_t *fault);


/*
 * payments_passed.c
 */

/*
 * A file could not be opened or read.  1 when there are others of that kind, so
 * that nothing need be said; 0 when it is the first one, which q->culprit names
 * then, or the fault is not the file's.
 */
int payments_passed_over(payments_queue_t *q, payments_dir_e dir,
    const char *name, const payments_fault_t *fault);

/* Whether it is one that is not to be tried now. */
int payments_passed_waits(payments_queue_t *q, payments_dir_e dir,
    const char *name);

/* It can be read. */
void payments_passed_drop(payments_queue_t *q, payments_dir_e dir,
    const char *name);


/*
 * payments_target.c
 */

/*
 * Opens a file, having synced the others when these are too many; NULL and
 * *fault.  Valid until the next sync.
 */
payments_target_t *payments_target_open(payments_queue_t *q,
    payments_dir_e dir, const char *name, int flags, payments_fault_t *fault);

/* Appends a line, or nothing: 0; -1 and *fault. */
int payments_target_append(payments_target_t *target,
    const unsigned char *line, size_t len, payments_fault_t *fault);

/* Puts a line into dead. */
int payments_target_bury(payments_queue_t *q, const unsigned char *line,
    size_t len, int64_t now, const char *why, payments_fault_t *fault);

/* Syncs and closes all of them, and the names; says so to the marks. */
int payments_target_sync(payments_queue_t *q, payments_fault_t *fault);


/*
 * payments_scan.c, and payments_queue_replaced()
 */

/* by payments_dir_e */
extern const char  *const payments_dir_names[];

/* The next name of new: 1; 0 when there is none now; -1 and *fault. */
int payments_scan_next(payments_queue_t *q, const char **name,
    payments_fault_t *fault);

/* Milliseconds since the epoch, by a segment's name, or -1. */
int64_t payments_scan_born(const char *name);

/* payments_spool_dir() of one of the queue's: NULL and *fault. */
DIR *payments_scan_dir(payments_queue_t *q, payments_dir_e dir,
    payments_fault_t *fault);


#endif /* _PAYMENTS_QUEUE_PARTS_H_INCLUDED_ */
