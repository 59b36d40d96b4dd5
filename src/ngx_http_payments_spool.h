
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the two halves of a spool share: configuration and worker.
 */


#ifndef _NGX_HTTP_PAYMENTS_SPOOL_H_INCLUDED_
#define _NGX_HTTP_PAYMENTS_SPOOL_H_INCLUDED_


#include "ngx_http_payments.h"
#include "ngx_http_payments_thread.h"


/* ms until what could not be done is tried again */
#define NGX_HTTP_PAYMENTS_LOOK_AGAIN  1000


/* a batch for the thread, and what came of it */

typedef struct {
    ngx_http_payments_spool_t    *spool;

    ngx_uint_t                    n;
    struct iovec                  iov[3 * PAYMENTS_MAX_BATCH];
    int64_t                       now;       /* us since the epoch */

    payments_rc_e                 rc;
    int64_t                       ended;     /* us, of a monotonic clock */
    payments_fault_t              fault;
    unsigned                      finished;  /* by the thread */
    int64_t                       took;      /* us */
} ngx_http_payments_commit_t;


struct ngx_http_payments_spool_s {

    /* "payments_spool" */

    ngx_str_t                     path;      /* NUL-terminated */
    payments_spool_t              core;
    ngx_uint_t                    pending;   /* events that may wait */
    ngx_msec_t                    seal;
    ngx_str_t                     group;
    gid_t                         gid;       /* (gid_t) -1: the worker's */
    ngx_thread_pool_t            *pool;
    ngx_http_payments_relay_t    *relay;     /* NULL: others read it */
    unsigned                      created:1; /* directories, by the master */

    ngx_http_payments_spool_counts_t
                                 *counts;    /* of all processes */

    /* of a worker */

    ngx_cycle_t                  *cycle;
    char                         *host;      /* NUL-terminated */
    payments_segment_t            segment;   /* the commit thread's, if busy */
    ngx_queue_t                   waiting;   /* for the next commit */
    ngx_uint_t                    nwaiting;
    ngx_queue_t                   committing;
    ngx_thread_task_t            *commit;
    ngx_thread_task_t            *upkeep;
    ngx_thread_task_t            *watch;     /* NULL: not looked at so far */
    ngx_event_t                   start;     /* posted: commit what waits */
    int64_t                       round;     /* us, as entries have joined */
    ngx_event_t                   idle;      /* timer: seal */
    ngx_event_t                   retry;     /* timer: is there room again? */
    ngx_event_t                   again;     /* timer: recover */
    ngx_array_t                   knowers;   /* zones, told by recovery */

    unsigned                      joining:1;    /* in this round of events */
    unsigned                      busy:1;       /* a commit is running */
    unsigned                      kept:1;       /* an upkeep is running */
    unsigned                      recover:1;    /* the next upkeep has to */
    unsigned                      left:1;       /* the last one could not */
    unsigned                      full:1;
    unsigned                      failing:1;    /* logged already */
    unsigned                      overflow:1;   /* logged already */
};


/* Sets spool->host, of the cycle's memory. */
ngx_int_t ngx_http_payments_spool_host(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool);

/* Makes ev one of the spool's that does not keep a retiring worker. */
void ngx_http_payments_spool_event(ngx_http_payments_spool_t *spool,
    ngx_event_t *ev, ngx_event_handler_pt handler);

/* What is left above min_free, in bytes; without it, events are refused. */
void ngx_http_payments_spool_room(ngx_http_payments_spool_t *spool,
    uint64_t room);

/* ngx_http_payments_upkeep.c: starts with a recovery */
ngx_int_t ngx_http_payments_upkeep_init(ngx_http_payments_spool_t *spool);

/*
 * Posts the upkeep that is due, or does so soon; seal also hands over the
 * segment, so that no commit may be running.
 */
void ngx_http_payments_upkeep(ngx_http_payments_spool_t *spool,
    ngx_uint_t seal);

/*
 * When the threads have ended: recovers what has failed before, rather than
 * leave it to a worker that may not come; blocks.
 */
void ngx_http_payments_upkeep_exit(ngx_http_payments_spool_t *spool);

/* Does so in a second. */
void ngx_http_payments_upkeep_later(ngx_http_payments_spool_t *spool);

/*
 * ngx_http_payments_known.c: which events recovery has found
 */

ngx_int_t ngx_http_payments_known_init(ngx_http_payments_spool_t *spool);

/* The spool's zones are told of a line that is sealed; of a thread. */
void ngx_http_payments_known_line(void *data, payments_str_t line);

/* And their state files, when it is done. */
void ngx_http_payments_known_note(ngx_http_payments_spool_t *spool);


#endif /* _NGX_HTTP_PAYMENTS_SPOOL_H_INCLUDED_ */
