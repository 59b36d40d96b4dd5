
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Duplicates: an event is claimed before it is delivered, and done when it
 * is.  Its twin is answered at once when it is done, and waits while it is not.
 */


#include "ngx_http_payments_batch.h"
#include "ngx_http_payments_zone.h"


/* ms between two looks at a claim of somebody else */
#define NGX_HTTP_PAYMENTS_CLAIM_POLL  10


static void ngx_http_payments_claim_again(ngx_http_request_t *r);
static void ngx_http_payments_claim_cleanup(void *data);


ngx_int_t
ngx_http_payments_claim(ngx_http_payments_ctx_t *ctx)
{
    if (ctx->plcf->dedup == NULL || ctx->plcf->dedup->zone == NULL) {
        return NGX_OK;
    }

    /* items are claimed one by one, when they are delivered */

    if (ngx_http_payments_batch_splits(ctx)) {
        return NGX_OK;
    }

    if (ngx_http_payments_claim_key(ctx) != NGX_OK) {
        ctx->rc = PAYMENTS_INTERNAL;
        return NGX_OK;
    }

    if (ngx_http_payments_claim_take(ctx) == NGX_OK) {
        return NGX_OK;
    }

    ctx->twin_since = ngx_current_msec;

    ngx_http_payments_claim_wait(ctx);

    return NGX_AGAIN;
}


ngx_uint_t
ngx_http_payments_claim_by_body(ngx_http_payments_variant_t *variant)
{
    const payments_scheme_t  *scheme;

    scheme = variant->scheme;

    return !variant->verify
           || (payments_scheme_reads(scheme, PAYMENTS_SENT_ID)
               && !payments_scheme_covers(scheme, PAYMENTS_SENT_ID));
}


/* an id that nobody has signed stands for its body only */

ngx_int_t
ngx_http_payments_claim_key(ngx_http_payments_ctx_t *ctx)
{
    unsigned            n;
    payments_str_t      parts[3];
    ngx_pool_cleanup_t  *cln;

    parts[0].len = ctx->variant->name.len;
    parts[0].data = ctx->variant->name.data;
    parts[1] = ctx->event->id;
    n = 2;

    if (ngx_http_payments_claim_by_body(ctx->variant)) {
        parts[2].len = ctx->body.len;
        parts[2].data = ctx->body.data;
        n = 3;
    }

    cln = ngx_pool_cleanup_add(ctx->request->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_payments_claim_cleanup;
    cln->data = ctx;

    return ngx_http_payments_zone_hash(ctx->plcf->dedup->zone, parts, n,
                                       &ctx->claim);
}


ngx_int_t
ngx_http_payments_claim_take(ngx_http_payments_ctx_t *ctx)
{
    switch (ngx_http_payments_zone_take(ctx->plcf->dedup->zone,
                                        &ctx->claim)) {

    case PAYMENTS_CLAIM_OURS:
        ctx->claimed = 1;
        return NGX_OK;

    case PAYMENTS_CLAIM_DONE:
        ctx->rc = PAYMENTS_DUPLICATE;
        return NGX_OK;

    default:
        return NGX_AGAIN;
    }
}


/* as limit_req delays a request: its client may go meanwhile */

void
ngx_http_payments_claim_wait(ngx_http_payments_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_payments_claim_again;

    r->connection->write->delayed = 1;

    ngx_add_timer(r->connection->write, NGX_HTTP_PAYMENTS_CLAIM_POLL);

    /* one that has gone already is told of by no other event */

    if (r->connection->read->ready) {
        ngx_post_event(r->connection->read, &ngx_posted_events);
        return;
    }

    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_ERROR);
    }
}


static void
ngx_http_payments_claim_again(ngx_http_request_t *r)
{
    ngx_event_t              *wev;
    ngx_http_payments_ctx_t  *ctx;

    wev = r->connection->write;

    if (wev->delayed) {
        if (ngx_handle_write_event(wev, 0) != NGX_OK) {
            ngx_http_finalize_request(r, NGX_ERROR);
        }

        return;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_payments_module);

    /* a batch takes its items' claims itself */

    if (!ngx_http_payments_batch_splits(ctx)
        && ngx_http_payments_claim_take(ctx) != NGX_OK)
    {

        if (ngx_current_msec - ctx->twin_since < ctx->plcf->dedup->wait) {
            ngx_http_payments_claim_wait(ctx);
            return;
        }

        ctx->rc = PAYMENTS_IN_FLIGHT;
    }

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    ngx_http_payments_run(ctx);
}


void
ngx_http_payments_claim_settle(ngx_http_payments_ctx_t *ctx)
{
    if (!ctx->claimed) {
        return;
    }

    ctx->claimed = 0;

    if (ctx->rc == PAYMENTS_OK) {
        ngx_http_payments_zone_done(ctx->plcf->dedup->zone, &ctx->claim);

    } else {
        ngx_http_payments_zone_drop(ctx->plcf->dedup->zone, &ctx->claim);
    }
}


/* the client, or nginx, has ended a request that was on its way */

static void
ngx_http_payments_claim_cleanup(void *data)
{
    ngx_http_payments_ctx_t *ctx = data;

    if (ctx->claimed) {
        ctx->claimed = 0;
        ngx_http_payments_zone_drop(ctx->plcf->dedup->zone, &ctx->claim);
    }
}
