
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The way of a request: one function a step, in their order.
 */


#include "ngx_http_payments_batch.h"
#include "ngx_http_payments_cert.h"
#include "ngx_http_payments_thread.h"

#include "payments_base64.h"


/* a signature may lie as far ahead as clocks differ without a word */
#define NGX_HTTP_PAYMENTS_SKEW    1

/* seconds between two warnings that this clock may be behind */
#define NGX_HTTP_PAYMENTS_REWARN  60

/* bytes that the bound of a head hardly ever exceeds */
#define NGX_HTTP_PAYMENTS_HEAD    8192


typedef ngx_int_t (*ngx_http_payments_step_pt)(ngx_http_payments_ctx_t *ctx);


static ngx_int_t ngx_http_payments_unwrap(ngx_http_payments_ctx_t *ctx);
static ngx_int_t ngx_http_payments_verify(ngx_http_payments_ctx_t *ctx);
static void ngx_http_payments_warn_clock(ngx_http_payments_ctx_t *ctx);
static ngx_int_t ngx_http_payments_read(ngx_http_payments_ctx_t *ctx);
static ngx_int_t ngx_http_payments_choose(ngx_http_payments_ctx_t *ctx);
static ngx_int_t ngx_http_payments_deliver(ngx_http_payments_ctx_t *ctx);
static ngx_int_t ngx_http_payments_head(ngx_http_payments_ctx_t *ctx,
    payments_envelope_t *envelope, struct iovec *iov);
static ngx_int_t ngx_http_payments_payload(ngx_http_payments_ctx_t *ctx,
    struct iovec *iov);


/*
 * A step returns NGX_OK, with ctx->rc saying whether to go on, or NGX_AGAIN
 * when the driver will be run again; it may be over then.
 */

static ngx_http_payments_step_pt  ngx_http_payments_steps[] = {
    ngx_http_payments_route,
    ngx_http_payments_refuse,
    ngx_http_payments_body,
    ngx_http_payments_unwrap,
    ngx_http_payments_verify,
    ngx_http_payments_batch_items,
    ngx_http_payments_read,
    ngx_http_payments_choose,
    ngx_http_payments_claim,
    ngx_http_payments_deliver,
    NULL
};


ngx_int_t
ngx_http_payments_handler(ngx_http_request_t *r)
{
    ngx_http_payments_ctx_t  *ctx;

    /* a body is the main request's */

    if (r != r->main) {
        return NGX_HTTP_FORBIDDEN;
    }

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_payments_ctx_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->request = r;
    ctx->plcf = ngx_http_get_module_loc_conf(r, ngx_http_payments_module);

    ngx_http_set_ctx(r, ctx, ngx_http_payments_module);

    /* the answer finalizes the request, now or later, and so does nginx */

    r->main->count++;

    ngx_http_payments_run(ctx);

    return NGX_DONE;
}


void
ngx_http_payments_run(ngx_http_payments_ctx_t *ctx)
{
    ngx_http_payments_step_pt  step;

    while (ctx->rc == PAYMENTS_OK) {
        step = ngx_http_payments_steps[ctx->step];

        if (step == NULL) {
            break;
        }

        ctx->step++;

        if (step(ctx) == NGX_AGAIN) {
            return;
        }
    }

    ngx_http_payments_answer(ctx);
}


static ngx_int_t
ngx_http_payments_unwrap(ngx_http_payments_ctx_t *ctx)
{
    payments_post_t            *post;
    const payments_provider_t  *provider;

    post = &ctx->post;
    provider = ctx->variant->provider;

    post->body.len = ctx->body.len;
    post->body.data = ctx->body.data;
    post->covered = post->body;
    post->payload = post->body;
    post->sent = ctx->sent;

    if (provider->media.len != 0 && ctx->body.len > PAYMENTS_MAX_OPAQUE) {
        ctx->rc = PAYMENTS_TOO_LARGE;
        return NGX_OK;
    }

    if (provider->unwrap == NULL) {
        return NGX_OK;
    }

    post->room = ngx_pnalloc(ctx->request->pool, 2 * ctx->body.len + 1);
    if (post->room == NULL) {
        ctx->rc = PAYMENTS_INTERNAL;
        return NGX_OK;
    }

    ctx->rc = provider->unwrap(provider, post);

    if (ctx->rc == PAYMENTS_OK && ctx->variant->verify) {
        ctx->rc = ngx_http_payments_signature(ctx);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_verify(ngx_http_payments_ctx_t *ctx)
{
    /* of items, when they have been read */

    if (ctx->variant->verify && !ctx->unsealed) {
        ngx_http_payments_match(ctx);
    }

    return NGX_OK;
}


void
ngx_http_payments_match(ngx_http_payments_ctx_t *ctx)
{
    unsigned                      matched;
    ngx_http_payments_variant_t  *variant;

    variant = ctx->variant;

    if (variant->scheme->certified) {
        ctx->rc = ngx_http_payments_cert_verify(ctx);

    } else {
        ctx->rc = payments_signature_verify(ctx->signature, variant->secrets,
                                            variant->nsecrets,
                                            ctx->post.covered, &matched);

        if (ctx->rc == PAYMENTS_OK) {
            ctx->secret = matched + 1;
        }
    }

    if (ctx->rc == PAYMENTS_OK && ctx->age < - NGX_HTTP_PAYMENTS_SKEW) {
        ngx_http_payments_warn_clock(ctx);
    }
}


static void
ngx_http_payments_warn_clock(ngx_http_payments_ctx_t *ctx)
{
    ngx_http_payments_variant_t  *variant;

    variant = ctx->variant;

    if (ngx_time() - variant->clock_warned < NGX_HTTP_PAYMENTS_REWARN) {
        return;
    }

    variant->clock_warned = ngx_time();

    ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                  "payments: \"%V\": a right signature was made %L s in the "
                  "future: the clock of this machine may be behind",
                  &variant->name, -ctx->age);
}


static ngx_int_t
ngx_http_payments_read(ngx_http_payments_ctx_t *ctx)
{
    payments_event_t  *event;

    /* one event at a time is between here and its screening */

    static payments_scratch_t  scratch;

    if (ctx->batch != NULL) {
        return NGX_OK;
    }

    event = ngx_palloc(ctx->request->pool, sizeof(payments_event_t));
    if (event == NULL) {
        ctx->rc = PAYMENTS_INTERNAL;
        return NGX_OK;
    }

    ctx->rc = ngx_http_payments_read_event(ctx, event, &scratch);

    if (ctx->rc == PAYMENTS_OK) {
        ctx->rc = ctx->variant->provider->normalize(ctx->variant->provider,
                                                    event);
    }

    /* who has signed it is all that tells */

    if (ctx->rc == PAYMENTS_OK && ctx->cert != NULL) {
        event->livemode.type = PAYMENTS_BOOLEAN;
        event->livemode.integer = ctx->live;
    }

    if (ctx->rc == PAYMENTS_OK) {
        ctx->event = event;
    }

    return NGX_OK;
}


payments_rc_e
ngx_http_payments_read_event(ngx_http_payments_ctx_t *ctx,
    payments_event_t *event, payments_scratch_t *scratch)
{
    payments_rc_e               rc;
    const payments_schema_t    *schema;
    const payments_provider_t  *provider;

    schema = &ctx->variant->schema;
    provider = ctx->variant->provider;

    rc = (provider->read != NULL)
         ? provider->read(schema, ctx->post.payload, event, scratch)
         : payments_event_read(schema, ctx->post.payload, event, scratch);

    if (rc == PAYMENTS_OK) {
        scratch->sent_id = (ctx->variant->event_id == NULL)
                           ? ctx->sent[PAYMENTS_SENT_ID]
                           : payments_event_text(event,
                              &event->values[ctx->variant->event_id->field]);
        scratch->sent_type = ctx->sent[PAYMENTS_SENT_TYPE];
        scratch->sent_account = ctx->sent[PAYMENTS_SENT_ACCOUNT];
        scratch->sent_object = ctx->sent[PAYMENTS_SENT_OBJECT];
    }

    return rc;
}


static ngx_int_t
ngx_http_payments_choose(ngx_http_payments_ctx_t *ctx)
{
    return (ctx->batch != NULL) ? ngx_http_payments_batch_choose(ctx)
                                : ngx_http_payments_screen(ctx);
}


static ngx_int_t
ngx_http_payments_deliver(ngx_http_payments_ctx_t *ctx)
{
    ngx_http_payments_loc_conf_t  *plcf;

    plcf = ctx->plcf;

    if (ngx_http_payments_batch_splits(ctx)) {
        return ngx_http_payments_batch_deliver(ctx);
    }

    /* what the gateway has signed is passed on as it is */

    if (plcf->spool == NULL && plcf->format == NGX_HTTP_PAYMENTS_RAW) {
        return ngx_http_payments_pass(ctx);
    }

    if (ngx_http_payments_envelope(ctx) != NGX_OK) {
        ctx->rc = PAYMENTS_INTERNAL;
        return NGX_OK;
    }

    if (plcf->spool == NULL) {
        return ngx_http_payments_pass(ctx);
    }

    ctx->rc = ngx_http_payments_spool_append(plcf->spool, &ctx->entry);

    if (ctx->rc != PAYMENTS_OK) {
        return NGX_OK;
    }

    ngx_http_payments_park(ctx);

    return NGX_AGAIN;
}


ngx_int_t
ngx_http_payments_envelope(ngx_http_payments_ctx_t *ctx)
{
    payments_envelope_t  envelope;

    static payments_str_t  none = payments_string("none");
    static payments_str_t  fields = payments_string("fields");
    static u_char          tail[] = PAYMENTS_ENVELOPE_TAIL;

    envelope.variant.len = ctx->variant->name.len;
    envelope.variant.data = ctx->variant->name.data;
    envelope.provider = ctx->variant->provider;
    envelope.signed_by = !ctx->variant->verify ? none
                         : ctx->unsealed ? fields
                         : ctx->variant->provider->signed_by;
    envelope.received = ngx_http_payments_now();

    if (ngx_http_payments_head(ctx, &envelope, &ctx->entry.iov[0]) != NGX_OK
        || ngx_http_payments_payload(ctx, &ctx->entry.iov[1]) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->entry.ctx = ctx;

    ctx->entry.iov[2].iov_base = tail;
    ctx->entry.iov[2].iov_len = sizeof(tail) - 1;

    return NGX_OK;
}


/* a bound is far more than most need, so it is not taken from the pool */

static ngx_int_t
ngx_http_payments_head(ngx_http_payments_ctx_t *ctx,
    payments_envelope_t *envelope, struct iovec *iov)
{
    size_t     bound;
    ngx_str_t  head;

    static u_char  room[NGX_HTTP_PAYMENTS_HEAD];

    head.data = room;
    bound = payments_envelope_bound(envelope, ctx->event);

    if (bound > sizeof(room)) {
        head.data = ngx_pnalloc(ctx->request->pool, bound);
        if (head.data == NULL) {
            return NGX_ERROR;
        }
    }

    head.len = payments_envelope_head(envelope, ctx->event, head.data);

    iov->iov_base = (head.data == room) ? ngx_pstrdup(ctx->request->pool, &head)
                                        : head.data;
    iov->iov_len = head.len;

    return iov->iov_base != NULL ? NGX_OK : NGX_ERROR;
}


/* JSON stays where it lies in the request's body */

static ngx_int_t
ngx_http_payments_payload(ngx_http_payments_ctx_t *ctx, struct iovec *iov)
{
    u_char  *p;

    if (ctx->variant->provider->media.len == 0) {
        payments_envelope_flatten(ctx->body.data, ctx->body.len);

        iov->iov_base = ctx->body.data;
        iov->iov_len = ctx->body.len;

        return NGX_OK;
    }

    p = ngx_pnalloc(ctx->request->pool,
                    PAYMENTS_BASE64_LEN(ctx->body.len) + 2);
    if (p == NULL) {
        return NGX_ERROR;
    }

    iov->iov_base = p;

    *p++ = '"';
    p = payments_base64_encode(p, ctx->post.body);
    *p++ = '"';

    iov->iov_len = p - (u_char *) iov->iov_base;

    return NGX_OK;
}


int64_t
ngx_http_payments_now(void)
{
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    return (int64_t) tp->sec * 1000 + tp->msec;
}
