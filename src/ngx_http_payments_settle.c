
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What becomes of an event by the application's answer: it is done, tried
 * again later, or dead.
 */


#include "ngx_http_payments_relay.h"
#include "ngx_http_payments_counters.h"
#include "ngx_http_payments_spool.h"

#include "payments_time.h"


/* failures, one after another, that are worth a line */
#define NGX_HTTP_PAYMENTS_RELAY_DOWN   8

/* ms; a fault that is met again in that time is no news */
#define NGX_HTTP_PAYMENTS_RELAY_KNOWN  60000

/* nginx has no names for these: RFC 9110, 15.5.11 and 15.5.21 */
#define NGX_HTTP_PAYMENTS_GONE           410
#define NGX_HTTP_PAYMENTS_UNPROCESSABLE  422


static void ngx_http_payments_relay_idle(
    ngx_http_payments_delivery_t *delivery);
static void ngx_http_payments_relay_missed(
    ngx_http_payments_delivery_t *delivery);
static ngx_uint_t ngx_http_payments_relay_refused(ngx_uint_t status);
static ngx_msec_t ngx_http_payments_relay_delay(
    ngx_http_payments_delivery_t *delivery);
static void ngx_http_payments_relay_again(
    ngx_http_payments_delivery_t *delivery, ngx_msec_t delay);
static void ngx_http_payments_relay_count(ngx_http_payments_relay_t *relay,
    ngx_uint_t missed, ngx_uint_t status);


void
ngx_http_payments_relay_settle(ngx_http_payments_delivery_t *delivery)
{
    ngx_http_payments_relay_t  *relay;

    relay = delivery->relay;

    ngx_http_payments_relay_count(relay, !delivery->taken, delivery->status);

    if (delivery->taken) {
        ngx_http_payments_count_delivered(relay->spool,
                                          ngx_http_payments_now()
                                          - delivery->parts.received);
        ngx_http_payments_relay_done(relay, delivery->parcel);

    } else {
        ngx_http_payments_relay_missed(delivery);
    }

    ngx_http_payments_relay_idle(delivery);
}


void
ngx_http_payments_relay_unsent(ngx_http_payments_delivery_t *delivery)
{
    ngx_http_payments_relay_t  *relay;

    relay = delivery->relay;

    if (!relay->stalled) {
        relay->stalled = 1;

        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0,
                      "payments_spool \"%V\": a delivery cannot be started: "
                      "events stay in the spool, this is tried again",
                      &relay->spool->path);
    }

    ngx_http_payments_relay_hold(relay, delivery->parcel,
                                 NGX_HTTP_PAYMENTS_LOOK_AGAIN);

    ngx_http_payments_relay_idle(delivery);
}


static void
ngx_http_payments_relay_idle(ngx_http_payments_delivery_t *delivery)
{
    ngx_http_payments_relay_t  *relay;

    relay = delivery->relay;

    ngx_free(delivery->line);

    delivery->line = NULL;
    delivery->parcel = NULL;

    ngx_queue_insert_tail(&relay->idle, &delivery->queue);
    relay->active--;
}


static void
ngx_http_payments_relay_missed(ngx_http_payments_delivery_t *delivery)
{
    ngx_msec_t                       delay;
    const char                      *why;
    ngx_http_payments_relay_t       *relay;
    ngx_http_payments_parcel_t      *parcel;
    ngx_http_payments_relay_conf_t  *rcf;

    relay = delivery->relay;
    parcel = delivery->parcel;
    rcf = relay->conf;

    parcel->attempts++;

    delay = ngx_http_payments_relay_delay(delivery);

    if (ngx_http_payments_relay_refused(delivery->status)) {
        why = "the application refuses it";

    } else if (rcf->retries != NGX_HTTP_PAYMENTS_UNLIMITED
               && parcel->attempts > rcf->retries)
    {
        why = "its tries are used up";

    } else if (parcel->attempts > 1
               && ngx_http_payments_now() + (int64_t) delay
                  > delivery->parts.received + (int64_t) rcf->max_age)
    {
        /* who has put an old one back into "new" wants it to be tried */

        why = "it is too old for another try";

    } else {
        ngx_http_payments_relay_again(delivery, delay);
        return;
    }

    ngx_http_payments_relay_bury(relay, parcel, delivery->line,
                                 delivery->status, why, delay);
}


/* it would say the same of the same bytes */

static ngx_uint_t
ngx_http_payments_relay_refused(ngx_uint_t status)
{
    return status == NGX_HTTP_PAYMENTS_GONE
           || status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE
           || status == NGX_HTTP_UNSUPPORTED_MEDIA_TYPE
           || status == NGX_HTTP_PAYMENTS_UNPROCESSABLE;
}


/* twice as long each time, and a quarter more or less, lest all come at once */

static ngx_msec_t
ngx_http_payments_relay_delay(ngx_http_payments_delivery_t *delivery)
{
    ngx_uint_t                       n;
    ngx_msec_t                       delay, later, spread;
    ngx_http_payments_relay_conf_t  *rcf;

    rcf = delivery->relay->conf;
    delay = rcf->backoff_min;

    for (n = 1; n < delivery->parcel->attempts && delay < rcf->backoff_max;
         n++)
    {
        delay = ngx_min(2 * delay, rcf->backoff_max);
    }

    spread = NGX_HTTP_PAYMENTS_RELAY_SPREAD(delay);
    delay = delay - spread + ngx_random() % (2 * spread + 1);

    if (delivery->retry_after > 0) {
        later = (ngx_msec_t) ngx_min(delivery->retry_after,
                                     NGX_HTTP_PAYMENTS_RELAY_LATER) * 1000;

        delay = ngx_max(delay, later);
    }

    return delay;
}


static void
ngx_http_payments_relay_again(ngx_http_payments_delivery_t *delivery,
    ngx_msec_t delay)
{
    int64_t                      now;
    payments_fault_t             fault;
    ngx_http_payments_relay_t   *relay;
    ngx_http_payments_parcel_t  *parcel;

    relay = delivery->relay;
    parcel = delivery->parcel;

    ngx_log_error(NGX_LOG_INFO, ngx_cycle->log, 0,
                  "payments_spool \"%V\": an event was not taken, the answer "
                  "was %ui: try %ui is in %M ms", &relay->spool->path,
                  delivery->status, parcel->attempts + 1, delay);

    ngx_http_payments_count_retried(relay->spool);

    /* its token's later events wait for it, all of them where they are */

    if (relay->conf->by_token && delivery->parts.token.len != 0) {
        ngx_http_payments_relay_hold(relay, parcel, delay);
        return;
    }

    now = ngx_http_payments_now();

    if (payments_queue_retry(relay->queue, &parcel->item, delivery->line,
                             parcel->attempts, now, now + delay, &fault)
        != 0)
    {
        ngx_http_payments_relay_fault(relay, &fault);
        ngx_http_payments_relay_hold(relay, parcel, delay);
        return;
    }

    ngx_http_payments_relay_forget(relay, parcel);
}


void
ngx_http_payments_relay_hold(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel, ngx_msec_t delay)
{
    int64_t  until;

    until = (int64_t) ngx_current_msec + delay;

    if (parcel->ordered) {
        payments_order_sleep(relay->order, &parcel->turn, until);

    } else if (payments_order_hold(relay->order, &parcel->turn, until) == 0) {
        parcel->ordered = 1;

    } else {
        ngx_http_payments_relay_release(relay, parcel);
    }
}


void
ngx_http_payments_relay_bury(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel, u_char *line, ngx_uint_t status,
    const char *why, ngx_msec_t delay)
{
    u_char            *p, text[512];
    int64_t            now;
    payments_fault_t   fault;

    now = ngx_http_payments_now();

    p = ngx_sprintf(text, "{\"reason\":\"%s\",\"status\":%ui,"
                    "\"attempts\":%ui,\"time\":\"", why, status,
                    parcel->attempts);
    p = payments_write_time(p, now, 0);
    ngx_memcpy(p, "\"}\n", sizeof("\"}\n"));

    if (payments_queue_bury(relay->queue, &parcel->item, line, now * 1000,
                            (char *) text, &fault)
        != 0)
    {
        ngx_http_payments_relay_fault(relay, &fault);
        ngx_http_payments_relay_hold(relay, parcel, delay);
        return;
    }

    ngx_http_payments_count_dead(relay->spool);

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "payments_spool \"%V\": an event went to \"dead\" after %ui "
                  "tries, %s, the last answer was %ui: to try it again move "
                  "its file to \"new\"", &relay->spool->path,
                  parcel->attempts, why, status);

    ngx_http_payments_relay_forget(relay, parcel);
}


void
ngx_http_payments_relay_done(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel)
{
    (void) payments_queue_done(relay->queue, &parcel->item);

    ngx_http_payments_relay_forget(relay, parcel);
}


void
ngx_http_payments_relay_release(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel)
{
    payments_queue_release(relay->queue, &parcel->item);

    ngx_http_payments_relay_forget(relay, parcel);
}


void
ngx_http_payments_relay_forget(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel)
{
    if (parcel->ordered) {
        payments_order_done(relay->order, &parcel->turn);
    }

    ngx_free(parcel);
}


/* said when it begins and when it is over, and not of each event */

static void
ngx_http_payments_relay_count(ngx_http_payments_relay_t *relay,
    ngx_uint_t missed, ngx_uint_t status)
{
    if (!missed) {
        if (relay->missed >= NGX_HTTP_PAYMENTS_RELAY_DOWN) {
            ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                          "payments_spool \"%V\": \"%V\" takes events again",
                          &relay->spool->path, &relay->plcf->pass);
        }

        relay->missed = 0;
        return;
    }

    relay->missed++;

    if (relay->missed == NGX_HTTP_PAYMENTS_RELAY_DOWN) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "payments_spool \"%V\": \"%V\" takes no events, its "
                      "last answer was %ui: they are kept and tried again",
                      &relay->spool->path, &relay->plcf->pass, status);
    }
}


void
ngx_http_payments_relay_fault(ngx_http_payments_relay_t *relay,
    payments_fault_t *fault)
{
    ngx_uint_t  known;

    /* one that lasts does not show in every round */

    known = (relay->fault.err == fault->err && relay->fault.call != NULL
             && ngx_strcmp(relay->fault.call, fault->call) == 0
             && ngx_current_msec - relay->faulted
                < NGX_HTTP_PAYMENTS_RELAY_KNOWN);

    if (!relay->failing && !known) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, fault->err,
                      "payments_spool \"%V\": %s() failed in the relay: events "
                      "stay in the spool, this is tried again",
                      &relay->spool->path, fault->call);
    }

    relay->fault = *fault;
    relay->faulted = ngx_current_msec;
    relay->faulty = 1;
    relay->failing = 1;

    /* further ones do not make it longer: others may be taken meanwhile */

    if (!relay->paused) {
        relay->paused = 1;
        relay->since = ngx_current_msec;
    }
}
