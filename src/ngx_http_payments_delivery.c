
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A request that no client has sent: it goes through a named location and its
 * proxy_pass as any other does, and its answer to nobody.
 */


#include "ngx_http_payments_relay.h"

#include "payments_base64.h"


static ngx_http_request_t *ngx_http_payments_delivery_request(
    ngx_connection_t *c, ngx_http_payments_delivery_t *delivery);
static ngx_int_t ngx_http_payments_delivery_line(ngx_http_request_t *r,
    ngx_http_payments_delivery_t *delivery);
static ngx_int_t ngx_http_payments_delivery_message(ngx_http_request_t *r,
    ngx_http_payments_delivery_t *delivery);
static ngx_int_t ngx_http_payments_delivery_decode(ngx_http_request_t *r,
    ngx_http_payments_message_t *message);
static ngx_http_payments_ctx_t *ngx_http_payments_delivery_ctx(
    ngx_http_request_t *r, ngx_http_payments_delivery_t *delivery);
static void ngx_http_payments_delivery_ended(ngx_http_payments_ctx_t *ctx);
static time_t ngx_http_payments_retry_after(ngx_http_request_t *r);
static void ngx_http_payments_delivery_late(ngx_event_t *ev);


ngx_int_t
ngx_http_payments_delivery_start(ngx_http_payments_delivery_t *delivery)
{
    ngx_int_t                   rc;
    ngx_connection_t           *c;
    ngx_http_request_t         *r;
    ngx_http_payments_ctx_t    *ctx;
    ngx_http_payments_relay_t  *relay;

    relay = delivery->relay;

    delivery->status = 0;
    delivery->retry_after = -1;
    delivery->taken = 0;
    delivery->complete = 0;

    c = ngx_http_payments_nobody(delivery);
    if (c == NULL) {
        return NGX_ERROR;
    }

    r = ngx_http_payments_delivery_request(c, delivery);
    if (r == NULL) {
        ngx_http_close_connection(c);
        return NGX_ERROR;
    }

    delivery->connection = c;

    delivery->timer.data = delivery;
    delivery->timer.handler = ngx_http_payments_delivery_late;
    delivery->timer.log = ngx_cycle->log;
    ngx_add_timer(&delivery->timer, relay->conf->timeout);

    ctx = ngx_http_payments_delivery_ctx(r, delivery);

    rc = (ctx != NULL) ? ngx_http_payments_delivery_message(r, delivery)
                       : NGX_ERROR;

    if (rc == NGX_OK) {
        rc = ngx_http_payments_hand_over(ctx, &relay->plcf->pass);
    }

    if (rc != NGX_OK) {
        ngx_del_timer(&delivery->timer);
        r->logged = 1;
        ngx_http_free_request(r, 0);
        ngx_http_close_connection(c);
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);
    ngx_http_run_posted_requests(c);

    return NGX_OK;
}


static ngx_http_request_t *
ngx_http_payments_delivery_request(ngx_connection_t *c,
    ngx_http_payments_delivery_t *delivery)
{
    ngx_http_request_t  *r;

    r = ngx_http_create_request(c);
    if (r == NULL) {
        return NULL;
    }

    c->data = r;

    if (ngx_http_payments_delivery_line(r, delivery) != NGX_OK) {
        r->logged = 1;
        ngx_http_free_request(r, 0);
        return NULL;
    }

    return r;
}


/* "POST /payments/process/stripe/ HTTP/1.1" */

static ngx_int_t
ngx_http_payments_delivery_line(ngx_http_request_t *r,
    ngx_http_payments_delivery_t *delivery)
{
    u_char                     *p, *line;
    payments_str_t             *variant;
    ngx_http_payments_relay_t  *relay;

    relay = delivery->relay;
    variant = &delivery->parts.variant;

    line = ngx_pnalloc(r->pool, sizeof("POST / HTTP/1.1") + relay->uri.len
                                + variant->len + 1);
    if (line == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(line, "POST ", 5);

    r->uri.data = p;

    p = ngx_cpymem(p, relay->uri.data, relay->uri.len);

    if (!relay->whole) {
        if (p[-1] != '/') {
            *p++ = '/';
        }

        p = ngx_cpymem(p, variant->data, variant->len);
        *p++ = '/';
    }

    r->uri.len = p - r->uri.data;

    p = ngx_cpymem(p, " HTTP/1.1", 9);

    r->request_line.data = line;
    r->request_line.len = p - line;
    r->unparsed_uri = r->uri;
    r->valid_unparsed_uri = 1;
    r->method = NGX_HTTP_POST;
    ngx_str_set(&r->method_name, "POST");
    r->http_version = NGX_HTTP_VERSION_11;
    ngx_str_set(&r->http_protocol, "HTTP/1.1");

    /* nobody is to be spared by a "limit_rate", and the time is short */

    r->limit_rate_set = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_delivery_message(ngx_http_request_t *r,
    ngx_http_payments_delivery_t *delivery)
{
    ngx_int_t                      rc;
    ngx_http_payments_variant_t   *variant;
    ngx_http_payments_message_t    message;
    ngx_http_payments_loc_conf_t  *plcf;

    plcf = delivery->relay->plcf;
    variant = delivery->variant;

    message.format = plcf->format;
    message.scheme = (variant != NULL) ? variant->scheme
                                       : payments_stripe.scheme;
    message.secret = (variant != NULL) ? ngx_http_payments_signer(variant)
                                       : NULL;
    message.keys = plcf->sign_keys;
    message.media = (variant != NULL) ? variant->provider->media
                                      : payments_stripe.media;
    message.id = delivery->parts.id;
    message.url.len = (variant != NULL) ? variant->url.len : 0;
    message.url.data = (variant != NULL) ? variant->url.data : NULL;
    message.nparts = 1;

    if (plcf->format == NGX_HTTP_PAYMENTS_RAW) {
        message.parts[0] = delivery->parts.payload;

        rc = delivery->parts.opaque
             ? ngx_http_payments_delivery_decode(r, &message) : NGX_OK;

        if (rc != NGX_OK) {
            return rc;
        }

    } else {
        message.parts[0].data = delivery->line;
        message.parts[0].len = delivery->parcel->item.len;
    }

    if (ngx_http_payments_safe_text(r->pool, &message.id) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_payments_message(r, &message);
}


/* a body that is no JSON stands as base64 in its envelope */

static ngx_int_t
ngx_http_payments_delivery_decode(ngx_http_request_t *r,
    ngx_http_payments_message_t *message)
{
    u_char          *p;
    size_t           len;
    payments_str_t  *payload;

    static payments_str_t  unknown =
                                payments_string("application/octet-stream");

    payload = &message->parts[0];

    p = ngx_pnalloc(r->pool, PAYMENTS_BASE64_BYTES(payload->len) + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (!payments_base64_decode(*payload, p, &len)) {
        return NGX_DECLINED;
    }

    payload->data = p;
    payload->len = len;

    /* of a variant that is gone nobody knows the type */

    if (message->media.len == 0) {
        message->media = unknown;
    }

    return NGX_OK;
}


static ngx_http_payments_ctx_t *
ngx_http_payments_delivery_ctx(ngx_http_request_t *r,
    ngx_http_payments_delivery_t *delivery)
{
    ngx_http_payments_ctx_t  *ctx;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_payments_ctx_t));
    if (ctx == NULL) {
        return NULL;
    }

    ctx->event = ngx_pcalloc(r->pool, sizeof(payments_event_t));
    if (ctx->event == NULL) {
        return NULL;
    }

    ctx->request = r;
    ctx->plcf = delivery->relay->plcf;
    ctx->variant = delivery->variant;
    ctx->event->id = delivery->parts.id;
    ctx->event->type = delivery->parts.type;
    ctx->event->token = delivery->parts.token;
    ctx->ended = ngx_http_payments_delivery_ended;
    ctx->data = delivery;

    return ctx;
}


/* by a cleanup of the request's pool, when all else of it is over */

static void
ngx_http_payments_delivery_ended(ngx_http_payments_ctx_t *ctx)
{
    ngx_http_request_t            *r;
    ngx_http_payments_relay_t     *relay;
    ngx_http_payments_delivery_t  *delivery;

    r = ctx->request;
    delivery = ctx->data;
    relay = delivery->relay;

    if (delivery->timer.timer_set) {
        ngx_del_timer(&delivery->timer);
    }

    delivery->connection = NULL;
    delivery->taken = (ctx->rc == PAYMENTS_OK && delivery->complete);
    delivery->status = (ctx->rc == PAYMENTS_OK || ctx->status == 0)
                       ? r->headers_out.status : ctx->status;

    if (!delivery->taken) {
        delivery->retry_after = ngx_http_payments_retry_after(r);
    }

    ngx_queue_insert_tail(&relay->ended, &delivery->queue);

    /* not in this round: one that is refused at once would never end it */

    ngx_post_event(&relay->wake, &ngx_posted_next_events);
}


/* RFC 9110, 10.2.3: seconds, or a date */

static time_t
ngx_http_payments_retry_after(ngx_http_request_t *r)
{
    time_t            t;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &r->headers_out.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return -1;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].key.len == sizeof("Retry-After") - 1
            && ngx_strncasecmp(h[i].key.data, (u_char *) "Retry-After",
                               sizeof("Retry-After") - 1)
               == 0)
        {
            break;
        }
    }

    t = ngx_atotm(h[i].value.data, h[i].value.len);

    if (t == (time_t) NGX_ERROR) {
        t = ngx_parse_http_time(h[i].value.data, h[i].value.len);

        if (t == (time_t) NGX_ERROR) {
            return -1;
        }

        t -= ngx_time();
    }

    return ngx_max(t, 0);
}


static void
ngx_http_payments_delivery_late(ngx_event_t *ev)
{
    ngx_connection_t              *c;
    ngx_http_request_t            *r;
    ngx_http_payments_delivery_t  *delivery;

    delivery = ev->data;
    c = delivery->connection;
    r = c->data;

    ngx_log_error(NGX_LOG_INFO, c->log, NGX_ETIMEDOUT,
                  "payments: a delivery took too long");

    r = r->main;

    /* lest the upstream's cleanup, which comes first, frees it */

    r->count++;

    ngx_http_finalize_request(r, NGX_HTTP_CLIENT_CLOSED_REQUEST);
    ngx_http_run_posted_requests(c);
}
