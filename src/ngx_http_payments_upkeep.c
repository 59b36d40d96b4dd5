
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What blocks and is on no request's way: sealing, recovery, and whether
 * there is room again.
 */


#include "ngx_http_payments_spool.h"


/* ms between two recoveries of a worker */
#define NGX_HTTP_PAYMENTS_RECOVER_AGAIN  60000


typedef struct {
    ngx_http_payments_spool_t    *spool;

    payments_segment_t            segment;  /* to be sealed, if it is one */
    ngx_int_t                     sealed;
    payments_fault_t              seal_fault;

    ngx_uint_t                    recover;
    ngx_int_t                     recovered;
    payments_recovery_t           recovery;
    payments_fault_t              recover_fault;

    ngx_int_t                     asked;
    uint64_t                      room;

    ngx_uint_t                    finished;
} ngx_http_payments_upkeep_t;


static void ngx_http_payments_upkeep_idle(ngx_event_t *ev);
static void ngx_http_payments_upkeep_retry(ngx_event_t *ev);
static void ngx_http_payments_upkeep_recover(ngx_event_t *ev);
static void ngx_http_payments_upkeep_thread(void *data, ngx_log_t *log);
static void ngx_http_payments_upkeep_done(ngx_event_t *ev);
static void ngx_http_payments_upkeep_report(
    ngx_http_payments_upkeep_t *upkeep);
static void ngx_http_payments_upkeep_sealed(
    ngx_http_payments_upkeep_t *upkeep);
static void ngx_http_payments_upkeep_recovered(
    ngx_http_payments_upkeep_t *upkeep);


ngx_int_t
ngx_http_payments_upkeep_init(ngx_http_payments_spool_t *spool)
{
    ngx_cycle_t                 *cycle;
    ngx_http_payments_upkeep_t  *upkeep;

    cycle = spool->cycle;

    if (ngx_http_payments_known_init(spool) != NGX_OK) {
        return NGX_ERROR;
    }

    spool->upkeep = ngx_http_payments_task(cycle->pool, cycle->log,
                                           sizeof(ngx_http_payments_upkeep_t),
                                           ngx_http_payments_upkeep_thread,
                                           ngx_http_payments_upkeep_done);
    if (spool->upkeep == NULL) {
        return NGX_ERROR;
    }

    upkeep = spool->upkeep->ctx;
    upkeep->spool = spool;
    payments_segment_init(&upkeep->segment, NULL);

    ngx_http_payments_spool_event(spool, &spool->idle,
                                  ngx_http_payments_upkeep_idle);
    ngx_http_payments_spool_event(spool, &spool->retry,
                                  ngx_http_payments_upkeep_retry);
    ngx_http_payments_spool_event(spool, &spool->again,
                                  ngx_http_payments_upkeep_recover);

    /*
     * Each worker recovers, not the master: one that takes the place of a
     * killed one has its segment to seal, and locks keep them apart.  And from
     * time to time: nobody takes the place of one that was killed as it
     * retired, or of another nginx.
     */

    spool->recover = 1;
    ngx_add_timer(&spool->again, NGX_HTTP_PAYMENTS_RECOVER_AGAIN);

    ngx_http_payments_upkeep(spool, 0);

    return NGX_OK;
}


static void
ngx_http_payments_upkeep_idle(ngx_event_t *ev)
{
    ngx_http_payments_spool_t *spool = ev->data;

    /* the end of a commit sets the timer anew */

    if (!spool->busy) {
        ngx_http_payments_upkeep(spool, 1);
    }
}


static void
ngx_http_payments_upkeep_retry(ngx_event_t *ev)
{
    ngx_http_payments_upkeep(ev->data, 0);
}


static void
ngx_http_payments_upkeep_recover(ngx_event_t *ev)
{
    ngx_http_payments_spool_t *spool = ev->data;

    if (ngx_exiting) {
        return;
    }

    spool->recover = 1;

    ngx_http_payments_upkeep(spool, 0);

    ngx_add_timer(ev, NGX_HTTP_PAYMENTS_RECOVER_AGAIN);
}


void
ngx_http_payments_upkeep_later(ngx_http_payments_spool_t *spool)
{
    if (!spool->retry.timer_set) {
        ngx_add_timer(&spool->retry, NGX_HTTP_PAYMENTS_LOOK_AGAIN);
    }
}


void
ngx_http_payments_upkeep(ngx_http_payments_spool_t *spool, ngx_uint_t seal)
{
    ngx_http_payments_upkeep_t  *upkeep;

    seal = seal && spool->segment.fd != -1;

    if (!seal && !spool->recover && !spool->full) {
        return;
    }

    upkeep = spool->upkeep->ctx;

    if (spool->kept) {
        goto later;
    }

    upkeep->segment.fd = -1;

    if (seal) {
        upkeep->segment = spool->segment;
    }

    upkeep->recover = spool->recover;
    upkeep->finished = 0;

    if (ngx_http_payments_task_post(spool->pool, spool->upkeep) != NGX_OK) {
        goto later;
    }

    spool->kept = 1;
    spool->recover = 0;

    if (seal) {
        /* the next commit creates another */
        spool->segment.fd = -1;
        spool->segment.active = -1;
        spool->segment.new = -1;
        spool->segment.committed = 0;
    }

    return;

later:

    if (seal) {
        ngx_add_timer(&spool->idle, spool->seal);

    } else {
        ngx_http_payments_upkeep_later(spool);
    }
}


static void
ngx_http_payments_upkeep_thread(void *data, ngx_log_t *log)
{
    ngx_http_payments_upkeep_t *upkeep = data;

    payments_spool_t  *core;
    payments_fault_t   fault;

    core = &upkeep->spool->core;

    if (upkeep->segment.fd != -1) {
        upkeep->sealed = payments_segment_seal(&upkeep->segment, core,
                                               &upkeep->seal_fault);
    }

    if (upkeep->recover) {
        upkeep->recovered = payments_segment_recover(core,
                                                 ngx_http_payments_known_line,
                                                 upkeep->spool,
                                                 &upkeep->recovery,
                                                 &upkeep->recover_fault);
    }

    /* an error here will be a commit's too, which tells of it */

    upkeep->asked = payments_spool_room(core, &upkeep->room, &fault);

    upkeep->finished = 1;
}


static void
ngx_http_payments_upkeep_done(ngx_event_t *ev)
{
    ngx_thread_task_t           *task;
    ngx_http_payments_spool_t   *spool;
    ngx_http_payments_upkeep_t  *upkeep;

    if (ngx_http_payments_task_done(ev, "upkeep of a spool") != NGX_OK) {
        return;
    }

    task = ev->data;
    upkeep = task->ctx;
    spool = upkeep->spool;

    spool->kept = 0;

    ngx_http_payments_upkeep_report(upkeep);

    if (upkeep->asked == 0) {
        ngx_http_payments_spool_room(spool, upkeep->room);

    } else if (spool->full) {
        ngx_http_payments_upkeep_later(spool);
    }
}


void
ngx_http_payments_upkeep_exit(ngx_http_payments_spool_t *spool)
{
    ngx_http_payments_upkeep_t  *upkeep;

    upkeep = spool->upkeep->ctx;

    /* one that has come to an end after the last round of events, if it has */

    if (spool->kept) {
        if (!upkeep->finished) {
            return;
        }

        ngx_http_payments_upkeep_report(upkeep);
    }

    if (!spool->recover && !spool->left) {
        return;
    }

    upkeep->segment.fd = -1;
    upkeep->recover = 1;

    ngx_http_payments_upkeep_thread(upkeep, ngx_cycle->log);
    ngx_http_payments_upkeep_recovered(upkeep);
}


static void
ngx_http_payments_upkeep_report(ngx_http_payments_upkeep_t *upkeep)
{
    if (upkeep->sealed != 0) {
        ngx_http_payments_upkeep_sealed(upkeep);
    }

    if (upkeep->recover) {
        ngx_http_payments_upkeep_recovered(upkeep);
    }
}


static void
ngx_http_payments_upkeep_sealed(ngx_http_payments_upkeep_t *upkeep)
{
    ngx_http_payments_spool_t  *spool;

    spool = upkeep->spool;

    upkeep->sealed = 0;
    spool->recover = 1;

    ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, upkeep->seal_fault.err,
                  "payments_spool \"%V\": %s() failed while a segment was "
                  "sealed, its events are safe and wait for recovery",
                  &spool->path, upkeep->seal_fault.call);

    ngx_http_payments_upkeep_later(spool);
}


static void
ngx_http_payments_upkeep_recovered(ngx_http_payments_upkeep_t *upkeep)
{
    payments_recovery_t        *recovery;
    ngx_http_payments_spool_t  *spool;

    spool = upkeep->spool;
    recovery = &upkeep->recovery;

    ngx_http_payments_known_note(spool);

    if (recovery->sealed || recovery->removed) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "payments_spool \"%V\": recovered %ui segments that "
                      "had no owner, %ui others were empty", &spool->path,
                      (ngx_uint_t) recovery->sealed,
                      (ngx_uint_t) recovery->removed);
    }

    if (recovery->cut) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "payments_spool \"%V\": %ui of them ended in bytes of a "
                      "commit that was not finished, which were cut off",
                      &spool->path, (ngx_uint_t) recovery->cut);
    }

    if (recovery->corrupt) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0,
                      "payments_spool \"%V\": %ui segments had unreadable "
                      "lines, they are in \"corrupt\", and a copy of their "
                      "good lines is in \"new\"", &spool->path,
                      (ngx_uint_t) recovery->corrupt);
    }

    spool->left = (upkeep->recovered != 0);

    if (!spool->left) {
        return;
    }

    ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, upkeep->recover_fault.err,
                  "payments_spool \"%V\": %s() failed while segments were "
                  "recovered, this is tried again every minute, and when a "
                  "worker starts", &spool->path, upkeep->recover_fault.call);
}


void
ngx_http_payments_spool_room(ngx_http_payments_spool_t *spool, uint64_t room)
{
    if (room != 0) {
        spool->full = 0;
        return;
    }

    if (!spool->full && !spool->failing) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0,
                      "payments_spool \"%V\": its file system has no more "
                      "than min_free=%uL bytes left, events are refused with "
                      "503 until it has", &spool->path, spool->core.reserve);
    }

    spool->full = 1;
    spool->failing = 1;

    ngx_http_payments_upkeep_later(spool);
}
