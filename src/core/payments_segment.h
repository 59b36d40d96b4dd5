
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Spool files: create, append, commit, seal, recover.  Everything here
 * blocks and is for a thread.
 */


#ifndef _PAYMENTS_SEGMENT_H_INCLUDED_
#define _PAYMENTS_SEGMENT_H_INCLUDED_


#include "payments_append.h"
#include "payments_spool.h"


typedef struct {
    int                fd;         /* -1: there is no segment */
    int                active;     /* directories */
    int                new;
    off_t              committed;  /* bytes, complete and, with sync, stable */
    int64_t            born;       /* us since the epoch, as in its name */
    unsigned           sequence;   /* of names, over all of this owner's */
    unsigned           torn;       /* was longer than committed at times */
    unsigned char     *buf;        /* of the file, while it is written to */
    payments_append_t  file;
    char               name[PAYMENTS_SEGMENT_NAME];
} payments_segment_t;


/* what recovery did */

typedef struct {
    unsigned  sealed;   /* segments moved to new */
    unsigned  corrupt;  /* segments that went to corrupt, as they were */
    unsigned  removed;  /* segments without a complete line */
    unsigned  cut;      /* segments that ended in more than zeros */
} payments_recovery_t;


/* a line with its newline, valid during the call */
typedef void (*payments_line_pt)(void *data, payments_str_t line);


/*
 * Before the first use, and never again.  buf, PAYMENTS_APPEND_SIZE bytes
 * aligned to PAYMENTS_BLOCK, is the caller's, and needed as long as there are
 * commits; NULL sends them through the page cache.
 */
void payments_segment_init(payments_segment_t *seg, unsigned char *buf);

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
 * corrupt, and a copy of its good lines is sealed.  Calls each, if it is not
 * NULL, for the lines of what is sealed, and so stable by then; of one that
 * cannot be read again not for all.  Goes on after an error; -1 and the last
 * *fault then.
 */
int payments_segment_recover(const payments_spool_t *spool,
    payments_line_pt each, void *data, payments_recovery_t *recovery,
    payments_fault_t *fault);


#endif /* _PAYMENTS_SEGMENT_H_INCLUDED_ */
