
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What waits in memory for its time: ordered events, and what cannot be put
 * into a file.
 */


#include "ngx_http_payments_relay.h"


/* events that go from memory to files at a time */
#define NGX_HTTP_PAYMENTS_RELAY_BATCH   128

/* ms; a file of retry is looked at so long after it is due, or a bit sooner */
#define NGX_HTTP_PAYMENTS_RELAY_LINGER  200


static ngx_int_t ngx_http_payments_relay_put(
    ngx_http_payments_relay_t *relay, ngx_http_payments_parcel_t *parcel,
    int64_t until);


/* its tries are counted there */

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


ngx_uint_t
ngx_http_payments_relay_evict(ngx_http_payments_relay_t *relay)
{
    int64_t                      until;
    ngx_uint_t                   n;
    ngx_http_payments_parcel_t  *parcel;

    /* as long as there is work nothing more is needed */

    if (payments_order_wait(relay->order, ngx_current_msec) == 0) {
        return 0;
    }

    for (n = 0; n < NGX_HTTP_PAYMENTS_RELAY_BATCH; n++) {

        parcel = (ngx_http_payments_parcel_t *)
                     payments_order_evict(relay->order, &until);

        if (parcel == NULL
            || ngx_http_payments_relay_put(relay, parcel, until) != NGX_OK)
        {
            break;
        }
    }

    return n;
}


static ngx_int_t
ngx_http_payments_relay_put(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel, int64_t until)
{
    int                rc;
    u_char            *line;
    int64_t            now, delay;
    payments_fault_t   fault;

    line = ngx_alloc(parcel->item.len, ngx_cycle->log);
    if (line == NULL) {
        payments_order_stays(relay->order, &parcel->turn);
        return NGX_ERROR;
    }

    now = ngx_http_payments_now();
    delay = ngx_max(until - (int64_t) ngx_current_msec, 0);

    /* 0: somebody has taken its file away */

    rc = payments_queue_load(relay->queue, &parcel->item, line, &fault);

    if (rc == 1) {
        rc = payments_queue_retry(relay->queue, &parcel->item, line,
                                  parcel->attempts, now, now + delay, &fault);
    }

    ngx_free(line);

    if (rc == -1) {
        ngx_http_payments_relay_fault(relay, &fault);
        payments_order_stays(relay->order, &parcel->turn);
        return NGX_ERROR;
    }

    /* it may be due an eighth later */

    payments_order_evicted(relay->order, &parcel->turn,
                           delay / 8 + NGX_HTTP_PAYMENTS_RELAY_LINGER);
    ngx_free(parcel);

    return NGX_OK;
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
