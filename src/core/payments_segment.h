
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Spool files: create, append, commit, seal, recover.  Everything here
 * blocks and is for a thread; names below the spool are relative to
 * descriptors of its directories.
 */


#ifndef _PAYMENTS_SEGMENT_H_INCLUDED_
#define _PAYMENTS_SEGMENT_H_INCLUDED_


#include <sys/uio.h>

#include "payments.h"


/* where a segment of a spool lies: "active" while appended to, then "new" */

#define PAYMENTS_ACTIVE   "active"
#define PAYMENTS_NEW      "new"
#define PAYMENTS_CORRUPT  "corrupt"

/* and what the relay makes of it: for another try, and for none */

#define PAYMENTS_RETRY    "retry"
#define PAYMENTS_DEAD     "dead"

/* what the name of a file with lines ends in */
#define PAYMENTS_SUFFIX  ".ndjson"

/* "<microseconds>.<host>.<pid>.<sequence>.ndjson" */
#define PAYMENTS_SEGMENT_NAME  256
#define PAYMENTS_HOST_LEN      64


/* what a spool is, the same for its life */

typedef struct {
    const char  *path;    /* NUL-terminated */
    unsigned     sync;    /* 0: leave it to the kernel */
    mode_t       mode;    /* of a file: 0640 or 0660 */
    uint64_t     reserve; /* bytes of the file system to leave free */
} payments_spool_t;


/* the call that failed: its name, static, and its errno */

typedef struct {
    const char  *call;
    int          err;
} payments_fault_t;


typedef struct {
    int       fd;         /* -1: there is no segment */
    int       active;     /* directories */
    int       new;
    off_t     committed;  /* bytes that are complete and, with sync, stable */
    int64_t   born;       /* microseconds since the epoch, as in its name */
    unsigned  sequence;   /* of names, over all segments of this owner */
    unsigned  torn;       /* was longer than committed at times */
    char      name[PAYMENTS_SEGMENT_NAME];
} payments_segment_t;


/* what recovery did */

typedef struct {
    unsigned  sealed;   /* segments moved to new */
    unsigned  corrupt;  /* segments that went to corrupt, as they were */
    unsigned  removed;  /* segments without a complete line */
} payments_recovery_t;


/* Before the first use, and never again. */
void payments_segment_init(payments_segment_t *seg);

/*
 * Creates an empty segment in active, owned by a flock, and syncs the
 * directory.  now is in microseconds since the epoch; the name is made of
 * it, or of a later one when this owner has had that, and of host and pid.
 * 0, or -1 and *fault.
 */
int payments_segment_create(payments_segment_t *seg,
    const payments_spool_t *spool, int64_t now, const char *host, pid_t pid,
    payments_fault_t *fault);

/*
 * Appends n pieces (changing iov) and syncs them: on 0 they are stable.
 * On -1 and *fault none of them will be seen as committed, and the segment
 * may be gone: after a failed sync its descriptor is not used for another.
 * Then seg->committed says what was left to recovery, in bytes.
 */
int payments_segment_commit(payments_segment_t *seg,
    const payments_spool_t *spool, struct iovec *iov, int n,
    payments_fault_t *fault);

/*
 * Moves the segment, cut to what is committed, to new and closes it; an empty
 * one is removed.  On -1 and *fault it is closed and left to recovery.
 */
int payments_segment_seal(payments_segment_t *seg,
    const payments_spool_t *spool, payments_fault_t *fault);

/*
 * Seals the segments in active whose owner is dead, cut after their last
 * complete line.  One with a complete line that is not a JSON object goes to
 * corrupt, and a copy of its good lines is sealed.  Goes on after an error;
 * -1 and the last *fault then.
 */
int payments_segment_recover(const payments_spool_t *spool,
    payments_recovery_t *recovery, payments_fault_t *fault);

/*
 * Bytes that may still be written above the reserve, 0 when there are none.
 * -1 and *fault when the file system cannot be asked.
 */
int payments_spool_room(const payments_spool_t *spool, uint64_t *room,
    payments_fault_t *fault);

/* 1 when a name has PAYMENTS_SUFFIX, and something before it. */
int payments_spool_suffixed(const char *name);

/* Opens a directory of the spool: a descriptor, or -1 and *fault. */
int payments_spool_open(const payments_spool_t *spool, const char *name,
    payments_fault_t *fault);

/*
 * Writes n pieces (changing iov) at *end, and moves that on by what was
 * written: 0, or -1 and *fault when that is not all.
 */
int payments_spool_write(int fd, struct iovec *iov, int n, off_t *end,
    payments_fault_t *fault);

/*
 * Makes the PAYMENTS_SEGMENT_NAME bytes of a name; born is in microseconds
 * since the epoch.
 */
void payments_spool_name(char *name, int64_t born, const char *host,
    pid_t pid, unsigned sequence);

/* Notes errno and the call that set it; returns -1. */
int payments_fault(payments_fault_t *fault, const char *call);


#endif /* _PAYMENTS_SEGMENT_H_INCLUDED_ */
