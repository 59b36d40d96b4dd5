
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What lies in a spool, as its directories say.  Blocks: for a thread.
 */


#ifndef _PAYMENTS_LOOK_H_INCLUDED_
#define _PAYMENTS_LOOK_H_INCLUDED_


#include "payments_segment.h"


/* a limit for looks, which takes a fraction of a second */
#define PAYMENTS_MAX_LOOK   100000

/* files of retry that are opened for the age of their first line */
#define PAYMENTS_MAX_HEADS  1000


/* the ".ndjson" files of a directory */

typedef struct {
    uint64_t  files;
    uint64_t  bytes;
    int64_t   oldest;     /* milliseconds since the epoch, -1: unknown */
    unsigned  more;       /* not all of them were counted */
} payments_heap_t;


typedef struct {
    uint64_t         free;     /* bytes of the file system, for its users */
    payments_heap_t  active;   /* oldest by name */
    payments_heap_t  new;      /* the same */
    payments_heap_t  retry;    /* oldest by the "received" of its first line */
    payments_heap_t  dead;
    payments_heap_t  corrupt;
} payments_look_t;


/*
 * Looks at a spool, at retry and dead only when it is relayed; those are empty
 * else.  Of each directory at most limit files are counted.  0, or -1 and
 * *fault: then *look is not to be used.
 */
int payments_spool_look(const payments_spool_t *spool, unsigned relayed,
    uint64_t limit, payments_look_t *look, payments_fault_t *fault);


#endif /* _PAYMENTS_LOOK_H_INCLUDED_ */
