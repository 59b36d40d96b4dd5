
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The state file of a zone, of a worker: what is done is noted a little later,
 * by a thread, many at once and without a sync.
 */


#include "ngx_http_payments_thread.h"
#include "ngx_http_payments_zone.h"


/* ms that ids gather for a write */
#define NGX_HTTP_PAYMENTS_NOTE_LATER  100

/* ids that may gather; of more, the whole table is written */
#define NGX_HTTP_PAYMENTS_NOTES       4096

/* bytes that a file may have beyond twice what it needs */
#define NGX_HTTP_PAYMENTS_NOTE_SLACK  (1024 * 1024)


/* for the thread, and what came of it */

typedef struct {
    ngx_http_payments_zone_t     *zone;
    size_t                        n;
    unsigned                      whole;     /* all of the table */
    int                           rc;
    payments_fault_t              fault;
    uint32_t                      cursor;    /* of the table */
    payments_done_t               done[NGX_HTTP_PAYMENTS_NOTES];
} ngx_http_payments_note_t;


struct ngx_http_payments_state_s {
    payments_state_t              file;      /* the thread's, if busy */
    ngx_thread_task_t            *task;
    ngx_event_t                   later;
    size_t                        n;
    payments_done_t               done[NGX_HTTP_PAYMENTS_NOTES];
    unsigned                      whole:1;
    unsigned                      busy:1;
    unsigned                      failing:1; /* logged already */
};


static void ngx_http_payments_note_soon(ngx_http_payments_state_t *state);
static void ngx_http_payments_note_post(ngx_event_t *ev);
static void ngx_http_payments_note_fill(ngx_http_payments_state_t *state,
    ngx_http_payments_note_t *note);
static void ngx_http_payments_note_thread(void *data, ngx_log_t *log);
static ngx_uint_t ngx_http_payments_note_wasteful(
    ngx_http_payments_note_t *note);
static size_t ngx_http_payments_note_next(void *data, payments_done_t *dst,
    size_t n);
static void ngx_http_payments_note_done(ngx_event_t *ev);
static void ngx_http_payments_note_report(ngx_http_payments_zone_t *zone,
    ngx_http_payments_note_t *note);


ngx_int_t
ngx_http_payments_state_init(ngx_cycle_t *cycle,
    ngx_http_payments_zone_t *zone)
{
    ngx_http_payments_note_t   *note;
    ngx_http_payments_state_t  *state;

    if (zone->path.len == 0) {
        return NGX_OK;
    }

    state = ngx_pcalloc(cycle->pool, sizeof(ngx_http_payments_state_t));
    if (state == NULL) {
        return NGX_ERROR;
    }

    state->task = ngx_http_payments_task(cycle->pool, cycle->log,
                                         sizeof(ngx_http_payments_note_t),
                                         ngx_http_payments_note_thread,
                                         ngx_http_payments_note_done);
    if (state->task == NULL
        || payments_state_init(&state->file, (char *) zone->path.data,
                               payments_claims_key(zone->claims))
           != 0)
    {
        return NGX_ERROR;
    }

    note = state->task->ctx;
    note->zone = zone;

    state->later.handler = ngx_http_payments_note_post;
    state->later.data = zone;
    state->later.log = cycle->log;
    state->later.cancelable = 1;

    zone->state = state;

    return NGX_OK;
}


void
ngx_http_payments_state_add(ngx_http_payments_zone_t *zone,
    const u_char *id)
{
    payments_done_t            *done;
    ngx_http_payments_state_t  *state;

    state = zone->state;

    if (state == NULL) {
        return;
    }

    if (state->n == NGX_HTTP_PAYMENTS_NOTES) {
        state->whole = 1;
        return;
    }

    done = &state->done[state->n++];
    ngx_memcpy(done->id, id, PAYMENTS_HASH);
    done->expiry = ngx_time() + zone->window;

    ngx_http_payments_note_soon(state);
}


void
ngx_http_payments_state_whole(ngx_http_payments_zone_t *zone)
{
    ngx_http_payments_state_t  *state;

    state = zone->state;

    /* the table of a worker that retires may not be that of the others */

    if (state == NULL || ngx_exiting) {
        return;
    }

    state->whole = 1;

    ngx_http_payments_note_soon(state);
}


static void
ngx_http_payments_note_soon(ngx_http_payments_state_t *state)
{
    if (!state->busy && !state->later.timer_set) {
        ngx_add_timer(&state->later, NGX_HTTP_PAYMENTS_NOTE_LATER);
    }
}


static void
ngx_http_payments_note_post(ngx_event_t *ev)
{
    ngx_http_payments_note_t   *note;
    ngx_http_payments_zone_t   *zone;
    ngx_http_payments_state_t  *state;

    zone = ev->data;
    state = zone->state;
    note = state->task->ctx;

    ngx_http_payments_note_fill(state, note);

    if (ngx_http_payments_task_post(zone->threads, state->task) != NGX_OK) {

        /* they are in the table */

        state->whole = 1;
        ngx_add_timer(&state->later, NGX_HTTP_PAYMENTS_NOTE_LATER);
        return;
    }

    state->busy = 1;
}


static void
ngx_http_payments_note_fill(ngx_http_payments_state_t *state,
    ngx_http_payments_note_t *note)
{
    ngx_memcpy(note->done, state->done, state->n * sizeof(payments_done_t));

    note->n = state->n;
    note->whole = state->whole;

    state->n = 0;
    state->whole = 0;
}


static void
ngx_http_payments_note_thread(void *data, ngx_log_t *log)
{
    ngx_http_payments_note_t *note = data;

    payments_state_t  *file;

    file = &note->zone->state->file;

    if (!note->whole) {
        note->rc = payments_state_append(file, note->done, note->n, 1,
                                         &note->fault);

        if (note->rc == 0
            && (ngx_exiting || !ngx_http_payments_note_wasteful(note)))
        {
            return;
        }

        if (note->rc != 0 && note->fault.err != EINVAL
            && note->fault.err != EFBIG)
        {
            return;
        }
    }

    note->cursor = 0;
    note->rc = payments_state_compact(file, ngx_http_payments_note_next, note,
                                      &note->fault);
}


static ngx_uint_t
ngx_http_payments_note_wasteful(ngx_http_payments_note_t *note)
{
    payments_claims_counts_t  counts;

    ngx_http_payments_zone_counts(note->zone, &counts);

    return note->zone->state->file.size
           > (off_t) counts.done * 2 * PAYMENTS_STATE_RECORD
             + NGX_HTTP_PAYMENTS_NOTE_SLACK;
}


/* the table is locked for some of them at a time */

static size_t
ngx_http_payments_note_next(void *data, payments_done_t *dst, size_t n)
{
    ngx_http_payments_note_t *note = data;

    return ngx_http_payments_zone_list(note->zone, &note->cursor, dst,
                                       ngx_min(n, 256));
}


static void
ngx_http_payments_note_done(ngx_event_t *ev)
{
    ngx_thread_task_t          *task;
    ngx_http_payments_note_t   *note;
    ngx_http_payments_state_t  *state;

    if (ngx_http_payments_task_done(ev, "a state file") != NGX_OK) {
        return;
    }

    task = ev->data;
    note = task->ctx;
    state = note->zone->state;

    state->busy = 0;

    ngx_http_payments_note_report(note->zone, note);

    if (state->n != 0 || state->whole) {
        ngx_add_timer(&state->later, NGX_HTTP_PAYMENTS_NOTE_LATER);
    }
}


static void
ngx_http_payments_note_report(ngx_http_payments_zone_t *zone,
    ngx_http_payments_note_t *note)
{
    if (note->rc == 0) {
        zone->state->failing = 0;
        return;
    }

    if (!zone->state->failing) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, note->fault.err,
                      "\"payments_dedup_zone\" \"%V\": %s() of \"%V\" failed: "
                      "after a restart some duplicates may not be known",
                      &zone->name, note->fault.call, &zone->path);
    }

    zone->state->failing = 1;
}


void
ngx_http_payments_state_exit(ngx_http_payments_zone_t *zone)
{
    ngx_http_payments_note_t   *note;
    ngx_http_payments_state_t  *state;

    state = zone->state;

    if (state == NULL) {
        return;
    }

    /* the threads have ended */

    if (state->n != 0 || state->whole) {
        note = state->task->ctx;

        ngx_http_payments_note_fill(state, note);
        ngx_http_payments_note_thread(note, ngx_cycle->log);
        ngx_http_payments_note_report(zone, note);
    }

    payments_state_close(&state->file);
}
