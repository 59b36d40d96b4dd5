
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The commit queue of a worker: while a thread commits one batch, the next
 * one gathers.
 */


#include "ngx_http_payments_batch.h"
#include "ngx_http_payments_counters.h"


/* events after which a commit that is running gets a turn on this core */
#define NGX_HTTP_PAYMENTS_TURN          8

/* a segment is sealed at this age, in us, or size, even under load */
#define NGX_HTTP_PAYMENTS_SEGMENT_AGE   1000000
#define NGX_HTTP_PAYMENTS_SEGMENT_SIZE  (16 * 1024 * 1024)


static void ngx_http_payments_spool_start(ngx_event_t *ev);
static void ngx_http_payments_spool_commit(ngx_http_payments_spool_t *spool);
static void ngx_http_payments_spool_commit_thread(void *data, ngx_log_t *log);
static payments_rc_e ngx_http_payments_spool_write(
    ngx_http_payments_commit_t *commit);
static void ngx_http_payments_spool_committed(ngx_event_t *ev);
static void ngx_http_payments_spool_settle(ngx_queue_t *done,
    payments_rc_e rc, int64_t ended);
static void ngx_http_payments_spool_report(ngx_http_payments_spool_t *spool,
    payments_rc_e rc, payments_fault_t *fault);
static ngx_uint_t ngx_http_payments_spool_ripe(
    ngx_http_payments_spool_t *spool);
static int64_t ngx_http_payments_spool_now(void);
static int64_t ngx_http_payments_spool_clock(void);


ngx_int_t
ngx_http_payments_spool_init(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool)
{
    u_char                      *buf;
    ngx_http_payments_commit_t  *commit;

    spool->cycle = cycle;

    if (ngx_http_payments_spool_host(cycle, spool) != NGX_OK) {
        return NGX_ERROR;
    }

    buf = NULL;

    if (spool->core.sync) {
        buf = ngx_pmemalign(cycle->pool, PAYMENTS_APPEND_SIZE, PAYMENTS_BLOCK);
        if (buf == NULL) {
            return NGX_ERROR;
        }
    }

    payments_segment_init(&spool->segment, buf);

    ngx_queue_init(&spool->waiting);
    ngx_queue_init(&spool->committing);

    /* whoever had the slot before may have been killed */

    ngx_http_payments_count_waiting(spool);

    spool->commit = ngx_http_payments_task(cycle->pool, cycle->log,
                                         sizeof(ngx_http_payments_commit_t),
                                         ngx_http_payments_spool_commit_thread,
                                         ngx_http_payments_spool_committed);
    if (spool->commit == NULL) {
        return NGX_ERROR;
    }

    commit = spool->commit->ctx;
    commit->spool = spool;

    ngx_http_payments_spool_event(spool, &spool->start,
                                  ngx_http_payments_spool_start);

    return ngx_http_payments_upkeep_init(spool);
}


/*
 * The pool's threads have ended by now, after the work that they had.  What
 * is still open need not wait for a recovery.
 */

void
ngx_http_payments_spool_exit(ngx_http_payments_spool_t *spool)
{
    payments_fault_t             fault;
    ngx_http_payments_commit_t  *commit;

    if (spool->commit == NULL) {
        return;
    }

    commit = spool->commit->ctx;

    if (spool->segment.fd == -1) {

        /* of a commit that failed, and that nobody has been told of */

        spool->recover |= (spool->segment.committed != 0);

    } else if ((!spool->busy || commit->finished)
               && payments_segment_seal(&spool->segment, &spool->core, &fault)
                  != 0)
    {
        spool->recover = 1;

        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, fault.err,
                      "payments_spool \"%V\": %s() failed while a segment "
                      "was sealed, recovery has to do it",
                      &spool->path, fault.call);
    }

    ngx_http_payments_upkeep_exit(spool);
}


payments_rc_e
ngx_http_payments_spool_admit(ngx_http_payments_spool_t *spool)
{
    if (spool->full) {
        return PAYMENTS_SPOOL_FULL;
    }

    if (spool->nwaiting < spool->pending) {
        return PAYMENTS_OK;
    }

    if (!spool->overflow) {
        spool->overflow = 1;

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "payments_spool \"%V\": pending=%ui events wait "
                      "already, further ones are refused with 503",
                      &spool->path, spool->pending);
    }

    return PAYMENTS_QUEUE_FULL;
}


payments_rc_e
ngx_http_payments_spool_append(ngx_http_payments_spool_t *spool,
    ngx_http_payments_entry_t *entry)
{
    payments_rc_e  rc;

    /* others may have come since the body was begun */

    rc = ngx_http_payments_spool_admit(spool);

    if (rc != PAYMENTS_OK) {
        return rc;
    }

    /* one look at the clock for all that join in this round of events */

    if (!spool->joining) {
        spool->joining = 1;
        spool->round = ngx_http_payments_spool_clock();
    }

    entry->joined = spool->round;

    ngx_queue_insert_tail(&spool->waiting, &entry->queue);
    spool->nwaiting++;

    ngx_http_payments_count_waiting(spool);

    /*
     * Under load all cores are busy, and the thread would have to wait for the
     * end of this round each time that the disk has done something for it.
     */

    if (spool->busy && spool->nwaiting % NGX_HTTP_PAYMENTS_TURN == 0) {
        ngx_sched_yield();
    }

    /* at the end of this round: others of it come along */

    ngx_post_event(&spool->start, &ngx_posted_events);

    return PAYMENTS_OK;
}


static void
ngx_http_payments_spool_start(ngx_event_t *ev)
{
    ngx_http_payments_spool_t *spool = ev->data;

    spool->joining = 0;

    if (!spool->busy) {
        ngx_http_payments_spool_commit(spool);
    }
}


static void
ngx_http_payments_spool_commit(ngx_http_payments_spool_t *spool)
{
    size_t                       size;
    ngx_queue_t                 *q;
    ngx_http_payments_entry_t   *entry;
    ngx_http_payments_commit_t  *commit;

    commit = spool->commit->ctx;
    commit->n = 0;
    size = 0;

    while (!ngx_queue_empty(&spool->waiting)
           && commit->n < 3 * PAYMENTS_MAX_BATCH
           && size < NGX_HTTP_PAYMENTS_SEGMENT_SIZE)
    {
        q = ngx_queue_head(&spool->waiting);
        entry = ngx_queue_data(q, ngx_http_payments_entry_t, queue);

        ngx_queue_remove(q);
        ngx_queue_insert_tail(&spool->committing, q);
        spool->nwaiting--;

        ngx_memcpy(&commit->iov[commit->n], entry->iov, sizeof(entry->iov));
        commit->n += 3;
        size += entry->iov[0].iov_len + entry->iov[1].iov_len;
    }

    if (commit->n == 0) {
        spool->overflow = 0;
        return;
    }

    commit->now = ngx_http_payments_spool_now();
    commit->finished = 0;

    if (ngx_http_payments_task_post(spool->pool, spool->commit) != NGX_OK) {

        /* nobody else would come for those that did not fit in the batch */

        if (!ngx_queue_empty(&spool->waiting)) {
            ngx_queue_add(&spool->committing, &spool->waiting);
            ngx_queue_init(&spool->waiting);
            spool->nwaiting = 0;
        }

        ngx_http_payments_count_waiting(spool);

        ngx_http_payments_spool_settle(&spool->committing,
                                       PAYMENTS_QUEUE_FULL, 0);
        return;
    }

    spool->busy = 1;

    /* it only has to begin before the disk works on its own */

    ngx_sched_yield();

    if (spool->idle.timer_set) {
        ngx_del_timer(&spool->idle);
    }
}


static void
ngx_http_payments_spool_commit_thread(void *data, ngx_log_t *log)
{
    ngx_http_payments_commit_t *commit = data;

    int64_t  start;

    commit->fault.call = NULL;
    commit->fault.err = 0;

    start = ngx_http_payments_spool_clock();

    commit->rc = ngx_http_payments_spool_write(commit);
    commit->ended = ngx_http_payments_spool_clock();

    commit->took = ngx_http_payments_spool_clock() - start;
    commit->finished = 1;
}


static payments_rc_e
ngx_http_payments_spool_write(ngx_http_payments_commit_t *commit)
{
    uint64_t                    room;
    payments_fault_t           *fault;
    payments_segment_t         *segment;
    ngx_http_payments_spool_t  *spool;

    spool = commit->spool;
    segment = &spool->segment;
    fault = &commit->fault;

    if (payments_spool_room(&spool->core, &room, fault) != 0) {
        return PAYMENTS_SPOOL_ERROR;
    }

    if (room == 0) {
        return PAYMENTS_SPOOL_FULL;
    }

    if ((segment->fd == -1
         && payments_segment_create(segment, &spool->core, commit->now,
                                    spool->host, ngx_pid, fault)
            != 0)
        || payments_segment_commit(segment, &spool->core, commit->iov,
                                   commit->n, fault)
           != 0)
    {
        return (fault->err == ENOSPC || fault->err == EDQUOT)
               ? PAYMENTS_SPOOL_FULL : PAYMENTS_SPOOL_ERROR;
    }

    return PAYMENTS_OK;
}


static void
ngx_http_payments_spool_committed(ngx_event_t *ev)
{
    int64_t                      ended;
    ngx_queue_t                  done;
    payments_rc_e                rc;
    ngx_thread_task_t           *task;
    ngx_http_payments_spool_t   *spool;
    ngx_http_payments_commit_t  *commit;

    if (ngx_http_payments_task_done(ev, "a commit") != NGX_OK) {
        return;
    }

    task = ev->data;
    commit = task->ctx;
    spool = commit->spool;
    rc = commit->rc;
    ended = commit->ended;

    spool->busy = 0;

    ngx_http_payments_count_commit(spool, rc, commit->n / 3, commit->took);

    ngx_queue_init(&done);
    ngx_queue_add(&done, &spool->committing);
    ngx_queue_init(&spool->committing);

    ngx_http_payments_spool_report(spool, rc, &commit->fault);

    if (ngx_http_payments_spool_ripe(spool)) {
        ngx_http_payments_upkeep(spool, 1);
    }

    /* the disk works while the answers go out */

    ngx_http_payments_spool_commit(spool);

    if (!spool->busy) {
        ngx_add_timer(&spool->idle, spool->seal);
    }

    ngx_http_payments_count_waiting(spool);

    ngx_http_payments_spool_settle(&done, rc, ended);
}


static void
ngx_http_payments_spool_settle(ngx_queue_t *done, payments_rc_e rc,
    int64_t ended)
{
    ngx_queue_t                *q;
    ngx_http_payments_entry_t  *entry;

    while (!ngx_queue_empty(done)) {
        q = ngx_queue_head(done);
        entry = ngx_queue_data(q, ngx_http_payments_entry_t, queue);

        ngx_queue_remove(q);

        ngx_http_payments_committed(entry->ctx, rc,
                                    ngx_max(ended - entry->joined, 1));
    }
}


/* a failing disk is one line in the log, not one for each request */

static void
ngx_http_payments_spool_report(ngx_http_payments_spool_t *spool,
    payments_rc_e rc, payments_fault_t *fault)
{
    if (rc == PAYMENTS_OK) {

        if (spool->failing) {
            spool->failing = 0;

            ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                          "payments_spool \"%V\": events are taken again",
                          &spool->path);
        }

        return;
    }

    if (spool->segment.fd == -1 && spool->segment.committed != 0) {
        /* it is left in "active" with what it had committed before */
        spool->segment.committed = 0;
        spool->recover = 1;
    }

    if (rc == PAYMENTS_SPOOL_FULL && fault->err == 0) {
        ngx_http_payments_spool_room(spool, 0);
    }

    if (spool->failing) {
        return;
    }

    spool->failing = 1;

    ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, fault->err,
                  "payments_spool \"%V\": %s() failed, events are refused "
                  "with 503 until it does not", &spool->path, fault->call);
}


static ngx_uint_t
ngx_http_payments_spool_ripe(ngx_http_payments_spool_t *spool)
{
    int64_t  now;

    if (spool->segment.fd == -1) {
        return 0;
    }

    now = ngx_http_payments_spool_now();

    /* or the clock has stepped back */

    return spool->segment.committed >= NGX_HTTP_PAYMENTS_SEGMENT_SIZE
           || now - spool->segment.born >= NGX_HTTP_PAYMENTS_SEGMENT_AGE
           || now < spool->segment.born - NGX_HTTP_PAYMENTS_SEGMENT_AGE;
}


/* microseconds since the epoch, as in a segment's name */

static int64_t
ngx_http_payments_spool_now(void)
{
    return ngx_http_payments_now() * 1000;
}


/* microseconds, whatever becomes of the time; for threads too */

static int64_t
ngx_http_payments_spool_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}


void
ngx_http_payments_spool_event(ngx_http_payments_spool_t *spool,
    ngx_event_t *ev, ngx_event_handler_pt handler)
{
    ngx_memzero(ev, sizeof(ngx_event_t));

    ev->handler = handler;
    ev->data = spool;
    ev->log = spool->cycle->log;

    /* the exit of a worker seals what is open */
    ev->cancelable = 1;
}
