
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A body of many events.  All are verified before any is delivered, and all
 * join the same commit; the request is answered when each has its fate.
 *
 * Claims are held from here to the end of a commit, which needs no other
 * claim.  Who waits for one that is another's holds none: no two can wait for
 * each other.
 */


#include "ngx_http_payments_batch.h"
#include "ngx_http_payments_thread.h"
#include "ngx_http_payments_zone.h"


static payments_rc_e ngx_http_payments_batch_read(
    ngx_http_payments_ctx_t *ctx, payments_event_t *whole,
    payments_items_t *split);
static payments_rc_e ngx_http_payments_batch_make(
    ngx_http_payments_ctx_t *ctx, payments_items_t *split);
static payments_rc_e ngx_http_payments_batch_item(
    ngx_http_payments_ctx_t *item, payments_event_t *whole);
static payments_rc_e ngx_http_payments_batch_verify(
    ngx_http_payments_ctx_t *item, payments_event_t *whole,
    payments_event_t *event);
static payments_rc_e ngx_http_payments_batch_whole(
    ngx_http_payments_ctx_t *ctx);
static ngx_int_t ngx_http_payments_batch_claim(ngx_http_payments_ctx_t *item);
static void ngx_http_payments_batch_append(ngx_http_payments_ctx_t *item);
static void ngx_http_payments_batch_settle(ngx_http_payments_ctx_t *item,
    payments_rc_e rc);
static ngx_int_t ngx_http_payments_batch_wait(ngx_http_payments_ctx_t *ctx);
static void ngx_http_payments_batch_fate(ngx_http_payments_ctx_t *ctx);
static ngx_uint_t ngx_http_payments_batch_rank(payments_rc_e rc);


ngx_int_t
ngx_http_payments_batch_items(ngx_http_payments_ctx_t *ctx)
{
    payments_event_t   whole;
    payments_items_t  *split;

    if (ctx->variant->provider->list == NULL) {
        return NGX_OK;
    }

    split = ngx_palloc(ctx->request->pool, sizeof(payments_items_t));
    if (split == NULL) {
        ctx->rc = PAYMENTS_INTERNAL;
        return NGX_OK;
    }

    ctx->rc = ngx_http_payments_batch_read(ctx, &whole, split);

    return NGX_OK;
}


static payments_rc_e
ngx_http_payments_batch_read(ngx_http_payments_ctx_t *ctx,
    payments_event_t *whole, payments_items_t *split)
{
    ngx_uint_t                  i;
    payments_rc_e               rc;
    const payments_provider_t  *provider;

    static payments_scratch_t  scratch;

    provider = ctx->variant->provider;

    /* whether it is JSON, too */

    rc = ngx_http_payments_read_event(ctx, whole, &scratch);

    if (rc == PAYMENTS_OK) {
        rc = payments_items_split(ctx->post.payload, provider->list,
                                  provider->item, split);
    }

    if (rc != PAYMENTS_OK) {
        return rc;
    }

    if (!split->listed) {
        return (ctx->unsealed && ctx->variant->verify)
               ? PAYMENTS_MISSING_SIGNATURE : PAYMENTS_OK;
    }

    rc = ngx_http_payments_batch_make(ctx, split);

    for (i = 0; i < split->n && rc == PAYMENTS_OK; i++) {
        rc = ngx_http_payments_batch_item(&ctx->batch->items[i], whole);
    }

    return rc;
}


static payments_rc_e
ngx_http_payments_batch_make(ngx_http_payments_ctx_t *ctx,
    payments_items_t *split)
{
    ngx_uint_t                  i;
    ngx_pool_t                 *pool;
    ngx_http_payments_ctx_t    *item;
    ngx_http_payments_batch_t  *batch;

    pool = ctx->request->pool;

    batch = ngx_pcalloc(pool, sizeof(ngx_http_payments_batch_t));
    if (batch == NULL) {
        return PAYMENTS_INTERNAL;
    }

    /* none is a list as well */

    batch->items = ngx_pcalloc(pool, (split->n + 1)
                                     * sizeof(ngx_http_payments_ctx_t));
    ctx->post.room = ngx_pnalloc(pool, PAYMENTS_MAX_COVERED);

    if (batch->items == NULL || ctx->post.room == NULL) {
        return PAYMENTS_INTERNAL;
    }

    batch->ctx = ctx;
    batch->nitems = split->n;

    ctx->batch = batch;

    for (i = 0; i < batch->nitems; i++) {
        item = &batch->items[i];

        item->request = ctx->request;
        item->plcf = ctx->plcf;
        item->variant = ctx->variant;
        item->batch = batch;
        item->unsealed = ctx->unsealed;
        item->post.payload = split->items[i];
        item->body.len = split->items[i].len;
        item->body.data = (u_char *) split->items[i].data;
    }

    return PAYMENTS_OK;
}


/*
 * The fate of the request when it is the signature's, or no memory; one that
 * is signed and unreadable leaves the others alone
 */

static payments_rc_e
ngx_http_payments_batch_item(ngx_http_payments_ctx_t *item,
    payments_event_t *whole)
{
    payments_rc_e                 rc;
    payments_event_t             *event;
    ngx_http_payments_batch_t    *batch;
    ngx_http_payments_variant_t  *variant;

    static payments_scratch_t  scratch;

    variant = item->variant;

    event = ngx_palloc(item->request->pool, sizeof(payments_event_t));
    if (event == NULL) {
        return PAYMENTS_INTERNAL;
    }

    item->rc = ngx_http_payments_read_event(item, event, &scratch);

    if (item->unsealed) {
        batch = item->batch;

        batch->ctx->secret = 0;
        batch->shown = item - batch->items + 1;

        if (item->rc != PAYMENTS_OK) {
            return item->rc;
        }

        rc = ngx_http_payments_batch_verify(item, whole, event);
        if (rc != PAYMENTS_OK) {
            return rc;
        }
    }

    if (item->rc == PAYMENTS_OK) {
        item->rc = variant->provider->normalize(variant->provider, event);
    }

    if (item->rc == PAYMENTS_OK) {
        item->event = event;
        (void) ngx_http_payments_screen(item);
    }

    return PAYMENTS_OK;
}


/* as if it was the whole request's */

static payments_rc_e
ngx_http_payments_batch_verify(ngx_http_payments_ctx_t *item,
    payments_event_t *whole, payments_event_t *event)
{
    payments_rc_e             rc;
    ngx_http_payments_ctx_t  *ctx;

    ctx = item->batch->ctx;

    rc = ctx->variant->provider->open(whole, event, &ctx->post);

    if (!ctx->variant->verify) {
        return PAYMENTS_OK;
    }

    if (rc == PAYMENTS_OK) {
        rc = ngx_http_payments_signature(ctx);
    }

    if (rc == PAYMENTS_OK) {
        ngx_http_payments_match(ctx);
        rc = ctx->rc;
    }

    item->secret = ctx->secret;

    return rc;
}


ngx_int_t
ngx_http_payments_batch_choose(ngx_http_payments_ctx_t *ctx)
{
    ngx_uint_t                  i, wanted;
    ngx_http_payments_batch_t  *batch;

    batch = ctx->batch;
    wanted = 0;

    for (i = 0; i < batch->nitems; i++) {

        /* the application may read what we cannot */

        wanted |= (ngx_http_payments_batch_rank(batch->items[i].rc) != 0);
    }

    if (ngx_http_payments_batch_splits(ctx)) {
        return NGX_OK;
    }

    if (wanted) {
        ctx->rc = ngx_http_payments_batch_whole(ctx);

    } else {
        ngx_http_payments_batch_fate(ctx);
    }

    return NGX_OK;
}


/* passed on as it came it is one delivery, which its body names */

static payments_rc_e
ngx_http_payments_batch_whole(ngx_http_payments_ctx_t *ctx)
{
    payments_rc_e        rc;
    payments_event_t    *event;
    payments_scratch_t  *scratch;

    event = ngx_palloc(ctx->request->pool, sizeof(payments_event_t));
    scratch = ngx_palloc(ctx->request->pool, sizeof(payments_scratch_t));

    if (event == NULL || scratch == NULL) {
        return PAYMENTS_INTERNAL;
    }

    payments_event_start(event, scratch, ctx->post.payload);

    rc = payments_normalize_id(event);

    if (rc == PAYMENTS_OK) {
        ctx->event = event;
        ctx->batch->shown = 0;
    }

    return rc;
}


/* again and again until nothing is another's; an item's fate is counted */

ngx_int_t
ngx_http_payments_batch_deliver(ngx_http_payments_ctx_t *ctx)
{
    ngx_uint_t                  i, busy;
    ngx_http_payments_ctx_t    *item;
    ngx_http_payments_batch_t  *batch;

    batch = ctx->batch;
    busy = 0;

    batch->split = 1;

    for (i = 0; i < batch->nitems; i++) {
        item = &batch->items[i];

        if (item->counted) {
            continue;
        }

        if (item->rc == PAYMENTS_OK
            && ngx_http_payments_batch_claim(item) != NGX_OK)
        {
            busy++;
            continue;
        }

        ngx_http_payments_batch_append(item);
    }

    if (batch->pending != 0) {
        ctx->step--;
        ngx_http_payments_park(ctx);
        return NGX_AGAIN;
    }

    if (busy && ngx_http_payments_batch_wait(ctx) == NGX_OK) {
        return NGX_AGAIN;
    }

    ngx_http_payments_batch_fate(ctx);

    return NGX_OK;
}


/* NGX_AGAIN while somebody else has it, an item of the same id included */

static ngx_int_t
ngx_http_payments_batch_claim(ngx_http_payments_ctx_t *item)
{
    if (item->plcf->dedup == NULL || item->plcf->dedup->zone == NULL) {
        return NGX_OK;
    }

    if (item->claim.owner == 0
        && ngx_http_payments_claim_key(item) != NGX_OK)
    {
        item->rc = PAYMENTS_INTERNAL;
        return NGX_OK;
    }

    return ngx_http_payments_claim_take(item);
}


static void
ngx_http_payments_batch_append(ngx_http_payments_ctx_t *item)
{
    if (item->rc == PAYMENTS_OK
        && ngx_http_payments_envelope(item) != NGX_OK)
    {
        item->rc = PAYMENTS_INTERNAL;
    }

    if (item->rc == PAYMENTS_OK) {
        item->rc = ngx_http_payments_spool_append(item->plcf->spool,
                                                  &item->entry);
    }

    if (item->rc == PAYMENTS_OK) {
        item->batch->pending++;

    } else {
        ngx_http_payments_batch_settle(item, item->rc);
    }
}


static void
ngx_http_payments_batch_settle(ngx_http_payments_ctx_t *item,
    payments_rc_e rc)
{
    item->rc = rc;

    ngx_http_payments_claim_settle(item);
    ngx_http_payments_count(item);
}


void
ngx_http_payments_committed(ngx_http_payments_ctx_t *ctx, payments_rc_e rc,
    int64_t waited)
{
    ngx_http_payments_batch_t  *batch;

    batch = ctx->batch;

    if (rc == PAYMENTS_OK) {
        ctx->waited = waited;
    }

    /* it is stable, or not, whether somebody waits for the answer or not */

    ngx_http_payments_batch_settle(ctx, rc);

    if (batch == NULL) {
        ngx_http_payments_unpark(ctx);

    } else if (--batch->pending == 0) {
        ngx_http_payments_unpark(batch->ctx);
    }
}


/* NGX_DECLINED when that was long enough: then no item is without a fate */

static ngx_int_t
ngx_http_payments_batch_wait(ngx_http_payments_ctx_t *ctx)
{
    ngx_uint_t                  i;
    ngx_http_payments_batch_t  *batch;

    batch = ctx->batch;

    if (!batch->waits) {
        batch->waits = 1;
        ctx->twin_since = ngx_current_msec;
    }

    if (ngx_current_msec - ctx->twin_since < ctx->plcf->dedup->wait) {
        ctx->step--;
        ngx_http_payments_claim_wait(ctx);
        return NGX_OK;
    }

    for (i = 0; i < batch->nitems; i++) {
        if (!batch->items[i].counted) {
            ngx_http_payments_batch_settle(&batch->items[i],
                                           PAYMENTS_IN_FLIGHT);
        }
    }

    return NGX_DECLINED;
}


/* the first that has failed or, of the best there was, the last */

static void
ngx_http_payments_batch_fate(ngx_http_payments_ctx_t *ctx)
{
    ngx_uint_t                  i, rank, best;
    ngx_http_payments_ctx_t    *item;
    ngx_http_payments_batch_t  *batch;

    batch = ctx->batch;
    best = 0;

    for (i = 0; i < batch->nitems; i++) {
        item = &batch->items[i];
        rank = ngx_http_payments_batch_rank(item->rc);

        if (rank < best || best == 3) {
            continue;
        }

        best = rank;
        batch->shown = i + 1;

        ctx->rc = item->rc;
        ctx->event = item->event;
        ctx->waited = item->waited;

        if (ctx->unsealed) {
            ctx->secret = item->secret;
        }
    }
}


static ngx_uint_t
ngx_http_payments_batch_rank(payments_rc_e rc)
{
    if (ngx_http_payments_code(rc) >= 400) {
        return 3;
    }

    if (rc == PAYMENTS_OK) {
        return 2;
    }

    return (rc == PAYMENTS_DUPLICATE) ? 1 : 0;
}
