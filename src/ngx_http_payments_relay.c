
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The relay's work: what is due goes out, what came back is settled.  Files
 * are read and written here without a thread: this process has nothing else
 * to do, and no client waits for it.
 */


#include "ngx_http_payments_relay.h"
#include "ngx_http_payments_spool.h"


/* ms between two looks for what is new, and for the end of another relay */
#define NGX_HTTP_PAYMENTS_RELAY_POLL   50
#define NGX_HTTP_PAYMENTS_RELAY_OTHER  250

/* and between two for directories in the place of those that are open */
#define NGX_HTTP_PAYMENTS_RELAY_LOOK   1000


static ngx_msec_t ngx_http_payments_relay_open(
    ngx_http_payments_relay_t *relay);
static void ngx_http_payments_relay_look(ngx_http_payments_relay_t *relay);
static void ngx_http_payments_relay_leave(ngx_http_payments_relay_t *relay);
static ngx_msec_t ngx_http_payments_relay_pause(
    ngx_http_payments_relay_t *relay);
static ngx_msec_t ngx_http_payments_relay_wait(
    ngx_http_payments_relay_t *relay);
static void ngx_http_payments_relay_fill(ngx_http_payments_relay_t *relay);
static ngx_int_t ngx_http_payments_relay_send(
    ngx_http_payments_relay_t *relay, ngx_http_payments_parcel_t *parcel);
static ngx_http_payments_parcel_t *ngx_http_payments_relay_next(
    ngx_http_payments_relay_t *relay);
static ngx_http_payments_parcel_t *ngx_http_payments_relay_take(
    ngx_http_payments_relay_t *relay);
static void ngx_http_payments_relay_gather(ngx_http_payments_relay_t *relay);
static ngx_int_t ngx_http_payments_relay_read(
    ngx_http_payments_relay_t *relay, ngx_http_payments_parcel_t *parcel,
    u_char **line, payments_unwrapped_t *parts);
static void ngx_http_payments_relay_unread(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel);


/* one round: for all events that have ended in it there is one write */

void
ngx_http_payments_relay_work(ngx_event_t *ev)
{
    ngx_msec_t                     delay;
    ngx_queue_t                   *q;
    payments_fault_t               fault;
    ngx_http_payments_relay_t     *relay;
    ngx_http_payments_delivery_t  *delivery;

    relay = ev->data;

    relay->faulty = 0;

    if (relay->paused && ngx_http_payments_relay_pause(relay) == 0) {
        relay->paused = 0;
    }

    if (!relay->open) {
        delay = ngx_http_payments_relay_open(relay);

        if (!relay->open) {
            ngx_add_timer(&relay->wake, delay);
            return;
        }
    }

    while (!ngx_queue_empty(&relay->ended)) {

        q = ngx_queue_head(&relay->ended);
        ngx_queue_remove(q);

        delivery = ngx_queue_data(q, ngx_http_payments_delivery_t, queue);

        ngx_http_payments_relay_settle(delivery);
    }

    ngx_http_payments_relay_look(relay);

    if (!relay->ending && !relay->leaving) {
        ngx_http_payments_relay_fill(relay);
    }

    if (payments_queue_flush(relay->queue, &fault) != 0) {
        ngx_http_payments_relay_fault(relay, &fault);
    }

    if (!relay->faulty) {
        relay->failing = 0;
    }

    if (relay->leaving && relay->active == 0) {
        ngx_http_payments_relay_leave(relay);
    }

    ngx_add_timer(&relay->wake, ngx_http_payments_relay_wait(relay));
}


static ngx_msec_t
ngx_http_payments_relay_open(ngx_http_payments_relay_t *relay)
{
    payments_fault_t  fault;

    switch (payments_queue_open(relay->queue, &fault)) {

    case 1:
        relay->open = 1;
        relay->failing = 0;
        relay->paused = 0;

        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "payments_spool \"%V\": relayed to \"%V\"",
                      &relay->spool->path, &relay->plcf->pass);
        return 0;

    case 0:
        return NGX_HTTP_PAYMENTS_RELAY_OTHER;

    default:
        ngx_http_payments_relay_fault(relay, &fault);
        return NGX_HTTP_PAYMENTS_LOOK_AGAIN;
    }
}


/*
 * What was accepted since somebody has replaced the spool is where its path
 * leads to.  What is under way ends where it came from, and is settled there.
 */

static void
ngx_http_payments_relay_look(ngx_http_payments_relay_t *relay)
{
    if (ngx_current_msec - relay->looked < NGX_HTTP_PAYMENTS_RELAY_LOOK) {
        return;
    }

    relay->looked = ngx_current_msec;
    relay->leaving = payments_queue_replaced(relay->queue);
}


static void
ngx_http_payments_relay_leave(ngx_http_payments_relay_t *relay)
{
    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "payments_spool \"%V\": its directories were replaced, the "
                  "relay leaves what waits in the old ones",
                  &relay->spool->path);

    ngx_http_payments_relay_empty(relay);
    payments_queue_close(relay->queue);

    relay->leaving = 0;
    relay->paused = 0;
    relay->open = 0;
}


void
ngx_http_payments_relay_empty(ngx_http_payments_relay_t *relay)
{
    ngx_http_payments_parcel_t  *parcel;

    for ( ;; ) {
        parcel = (ngx_http_payments_parcel_t *)
                     payments_order_next(relay->order, INT64_MAX);

        if (parcel == NULL) {
            return;
        }

        ngx_http_payments_relay_forget(relay, parcel);
    }
}


/* ms that are left of it */

static ngx_msec_t
ngx_http_payments_relay_pause(ngx_http_payments_relay_t *relay)
{
    ngx_msec_t  since;

    since = ngx_current_msec - relay->since;

    return since < NGX_HTTP_PAYMENTS_LOOK_AGAIN
           ? NGX_HTTP_PAYMENTS_LOOK_AGAIN - since : 0;
}


static ngx_msec_t
ngx_http_payments_relay_wait(ngx_http_payments_relay_t *relay)
{
    int64_t     wait;
    ngx_msec_t  delay;

    if (relay->paused) {
        return ngx_http_payments_relay_pause(relay);
    }

    /* a delivery that ends meanwhile makes room for another */

    if (relay->stalled) {
        return NGX_HTTP_PAYMENTS_LOOK_AGAIN;
    }

    delay = NGX_HTTP_PAYMENTS_RELAY_POLL;

    wait = payments_order_wait(relay->order, ngx_current_msec);

    if (wait < 0 && !relay->conf->by_token) {
        wait = payments_queue_wait(relay->queue, ngx_http_payments_now());
    }

    /* what is due and has no slot is looked for when one is free */

    return (wait > 0 && wait < (int64_t) delay) ? (ngx_msec_t) wait : delay;
}


static void
ngx_http_payments_relay_fill(ngx_http_payments_relay_t *relay)
{
    ngx_http_payments_parcel_t  *parcel;

    while (!ngx_queue_empty(&relay->idle)) {

        parcel = ngx_http_payments_relay_next(relay);
        if (parcel == NULL) {
            return;
        }

        if (ngx_http_payments_relay_send(relay, parcel) != NGX_OK) {
            return;
        }
    }
}


/* NGX_ERROR: there is no room for another one, either */

static ngx_int_t
ngx_http_payments_relay_send(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel)
{
    ngx_str_t                       name;
    ngx_queue_t                    *q;
    ngx_http_payments_delivery_t   *delivery;
    ngx_http_payments_main_conf_t  *pmcf;

    q = ngx_queue_head(&relay->idle);
    delivery = ngx_queue_data(q, ngx_http_payments_delivery_t, queue);

    if (ngx_http_payments_relay_read(relay, parcel, &delivery->line,
                                     &delivery->parts)
        != NGX_OK)
    {
        return NGX_OK;
    }

    ngx_queue_remove(q);
    relay->active++;

    delivery->parcel = parcel;

    pmcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                               ngx_http_payments_module);

    name.len = delivery->parts.variant.len;
    name.data = (u_char *) delivery->parts.variant.data;

    delivery->variant = ngx_http_payments_variant_find(pmcf, &name);

    switch (ngx_http_payments_delivery_start(delivery)) {

    case NGX_OK:
        relay->stalled = 0;
        return NGX_OK;

    case NGX_DECLINED:
        ngx_http_payments_relay_settle(delivery);
        return NGX_OK;

    default: /* NGX_ERROR */
        ngx_http_payments_relay_unsent(delivery);
        return NGX_ERROR;
    }
}


static ngx_http_payments_parcel_t *
ngx_http_payments_relay_next(ngx_http_payments_relay_t *relay)
{
    ngx_http_payments_parcel_t  *parcel;

    if (relay->conf->by_token) {
        ngx_http_payments_relay_gather(relay);
    }

    parcel = (ngx_http_payments_parcel_t *)
                 payments_order_next(relay->order, ngx_current_msec);

    if (parcel == NULL && !relay->conf->by_token) {
        parcel = ngx_http_payments_relay_take(relay);
    }

    return parcel;
}


static ngx_http_payments_parcel_t *
ngx_http_payments_relay_take(ngx_http_payments_relay_t *relay)
{
    int                          rc;
    const char                  *name;
    payments_item_t              item;
    payments_fault_t             fault;
    ngx_http_payments_parcel_t  *parcel;

    /* who cannot be moved to a file has to have a place in memory */

    if (relay->paused || payments_order_full(relay->order)) {
        return NULL;
    }

    parcel = ngx_alloc(sizeof(ngx_http_payments_parcel_t), ngx_cycle->log);
    if (parcel == NULL) {
        return NULL;
    }

    for ( ;; ) {
        rc = payments_queue_next(relay->queue, ngx_http_payments_now(),
                                 &item, &fault);
        if (rc != -1) {
            break;
        }

        name = payments_queue_culprit(relay->queue);

        if (*name == '\0') {
            ngx_http_payments_relay_fault(relay, &fault);
            break;
        }

        /* the others need not wait for it */

        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, fault.err,
                      "payments_spool \"%V\": %s() failed in the relay: "
                      "\"%s\" stays there, and is tried again",
                      &relay->spool->path, fault.call, name);
    }

    if (rc != 1) {
        ngx_free(parcel);
        return NULL;
    }

    parcel->item = item;
    parcel->attempts = item.attempts;
    parcel->ordered = 0;

    return parcel;
}


/* what waits is put in order: that of its token, by the time of its making */

static void
ngx_http_payments_relay_gather(ngx_http_payments_relay_t *relay)
{
    u_char                      *line;
    payments_unwrapped_t         parts;
    ngx_http_payments_parcel_t  *parcel;

    while (!payments_order_full(relay->order)) {

        parcel = ngx_http_payments_relay_take(relay);
        if (parcel == NULL) {
            return;
        }

        if (ngx_http_payments_relay_read(relay, parcel, &line, &parts)
            != NGX_OK)
        {
            continue;
        }

        (void) payments_order_add(relay->order, &parcel->turn, parts.token,
                                  parts.created);
        parcel->ordered = 1;

        ngx_free(line);
    }
}


/* the line is the caller's to free; not NGX_OK: the parcel is gone */

static ngx_int_t
ngx_http_payments_relay_read(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel, u_char **line,
    payments_unwrapped_t *parts)
{
    int               rc;
    u_char           *p;
    payments_str_t    text;
    payments_fault_t  fault;

    p = ngx_alloc(parcel->item.len, ngx_cycle->log);
    if (p == NULL) {
        ngx_http_payments_relay_unread(relay, parcel);
        return NGX_ERROR;
    }

    rc = payments_queue_load(relay->queue, &parcel->item, p, &fault);

    if (rc == 1) {
        text.data = p;
        text.len = parcel->item.len;

        if (payments_envelope_read(text, parts) == PAYMENTS_OK) {
            *line = p;
            return NGX_OK;
        }

        ngx_http_payments_relay_bury(relay, parcel, p, 0,
                                     "it is no event's line",
                                     relay->conf->backoff_min);

    } else if (rc == 0) {

        /* somebody has taken the file away */

        ngx_http_payments_relay_forget(relay, parcel);

    } else {
        ngx_http_payments_relay_fault(relay, &fault);
        ngx_http_payments_relay_unread(relay, parcel);
    }

    ngx_free(p);

    return NGX_DECLINED;
}


/* what has an order keeps its place: others of its token would go before */

static void
ngx_http_payments_relay_unread(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel)
{
    if (parcel->ordered) {
        ngx_http_payments_relay_hold(relay, parcel,
                                     NGX_HTTP_PAYMENTS_LOOK_AGAIN);

    } else {
        ngx_http_payments_relay_release(relay, parcel);
    }
}
