
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * payments_pass without a spool: the request goes on in a named location, and
 * the application's answer becomes the gateway's.
 */


#include "ngx_http_payments_pass.h"


static ngx_int_t ngx_http_payments_pass_uri(ngx_http_payments_ctx_t *ctx);
static void ngx_http_payments_kept(void *data);
static ngx_uint_t ngx_http_payments_upstream_status(
    ngx_http_payments_ctx_t *ctx);


ngx_int_t
ngx_http_payments_pass(ngx_http_payments_ctx_t *ctx)
{
    ngx_uint_t                     i;
    ngx_http_request_t            *r;
    ngx_http_payments_message_t    message;
    ngx_http_payments_loc_conf_t  *plcf;

    r = ctx->request;
    plcf = ctx->plcf;

    message.format = plcf->format;
    message.scheme = ctx->variant->scheme;
    message.secret = ngx_http_payments_signer(ctx->variant);
    message.keys = plcf->sign_keys;
    message.media = ctx->variant->provider->media;
    message.url.len = ctx->variant->url.len;
    message.url.data = ctx->variant->url.data;

    if (plcf->format == NGX_HTTP_PAYMENTS_RAW) {
        message.parts[0].data = ctx->body.data;
        message.parts[0].len = ctx->body.len;
        message.nparts = 1;

    } else {
        for (i = 0; i < 3; i++) {
            message.parts[i].data = ctx->entry.iov[i].iov_base;
            message.parts[i].len = ctx->entry.iov[i].iov_len;
        }

        /* a newline ends a line of a file, not a body */

        message.parts[2].len--;
        message.nparts = 3;
    }

    message.id = ctx->event->id;

    if (ngx_http_payments_safe_text(r->pool, &message.id) != NGX_OK
        || ngx_http_payments_message(r, &message) != NGX_OK
        || ngx_http_payments_pass_uri(ctx) != NGX_OK
        || ngx_http_payments_hand_over(ctx, &plcf->pass) != NGX_OK)
    {
        ctx->rc = PAYMENTS_INTERNAL;
        return NGX_OK;
    }

    /* the reference that the answer would have had */

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_AGAIN;
}


/* django-payments has no URL without the slash, and redirects the POST away */

static ngx_int_t
ngx_http_payments_pass_uri(ngx_http_payments_ctx_t *ctx)
{
    u_char              *p;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ctx->plcf->variant != NULL || r->uri.data[r->uri.len - 1] == '/') {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, r->uri.len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, r->uri.data, r->uri.len);
    p[r->uri.len] = '/';

    r->uri.data = p;
    r->uri.len++;

    /* as it came it is of no more use */

    r->valid_unparsed_uri = 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_payments_hand_over(ngx_http_payments_ctx_t *ctx, ngx_str_t *name)
{
    ngx_pool_cleanup_t  *cln;

    /* a named location begins without the contexts of modules */

    cln = ngx_pool_cleanup_add(ctx->request->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_payments_kept;
    cln->data = ctx;

    /* until the application has said something else */

    ctx->rc = PAYMENTS_UPSTREAM;
    ctx->answered = 1;
    ctx->passed = 1;

    /* what is left when the named location has been reached */

    ctx->changes = ctx->request->uri_changes - 1;

    ngx_http_named_location(ctx->request, name);

    return NGX_OK;
}


static void
ngx_http_payments_kept(void *data)
{
    ngx_http_payments_ctx_t *ctx = data;

    /* without an answer as well, when the gateway has not waited for it */

    ngx_http_payments_count(ctx);

    if (ctx->ended != NULL) {
        ctx->ended(ctx);
    }
}


ngx_http_payments_ctx_t *
ngx_http_payments_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_payments_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_payments_module);

    if (ctx != NULL || !r->internal) {
        return ctx;
    }

    for (cln = r->pool->cleanup; cln != NULL; cln = cln->next) {
        if (cln->handler == ngx_http_payments_kept) {
            ngx_http_set_ctx(r, cln->data, ngx_http_payments_module);
            return cln->data;
        }
    }

    return NULL;
}


void
ngx_http_payments_passed(ngx_http_payments_ctx_t *ctx)
{
    ngx_uint_t           status;
    ngx_http_request_t  *r;

    r = ctx->request;

    ctx->passed = 0;

    status = ngx_http_payments_upstream_status(ctx);

    if (status >= 200 && status < 300) {
        ctx->rc = PAYMENTS_OK;
        ngx_http_payments_claim_settle(ctx);
        return;
    }

    ctx->status = status;
    ngx_http_payments_claim_settle(ctx);

    if (ctx->ended == NULL) {
        ngx_http_payments_answer_log(ctx);
    }

    /* an "error_page" must not make a success of it */

    if (r->headers_out.status >= 200 && r->headers_out.status < 300) {
        r->headers_out.status = NGX_HTTP_BAD_GATEWAY;
        ngx_str_null(&r->headers_out.status_line);
    }
}


/*
 * An "error_page" may answer 2xx for an application that was not asked, or has
 * not answered: such a request has gone on to another location, or the last
 * upstream has no status.
 */

static ngx_uint_t
ngx_http_payments_upstream_status(ngx_http_payments_ctx_t *ctx)
{
    ngx_uint_t                  status;
    ngx_http_request_t         *r;
    ngx_http_upstream_state_t  *state;

    r = ctx->request;
    status = r->headers_out.status;

    if (r->upstream_states != NULL && r->upstream_states->nelts != 0) {

        state = r->upstream_states->elts;
        state += r->upstream_states->nelts - 1;

        if (state->status == 0) {
            return NGX_HTTP_BAD_GATEWAY;
        }

        return (state->status < 200 || state->status >= 300) ? state->status
                                                             : status;
    }

    if (status >= 200 && status < 300 && r->uri_changes != ctx->changes) {
        return NGX_HTTP_BAD_GATEWAY;
    }

    return status;
}
