
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Answers that others make: nginx's own 413, which comes before any handler of
 * ours, gets the form of ours, and the application's settles the event.
 */


#include "ngx_http_payments.h"


static ngx_int_t ngx_http_payments_header_filter(ngx_http_request_t *r);
static ngx_http_payments_ctx_t *ngx_http_payments_too_large(
    ngx_http_request_t *r, ngx_http_payments_ctx_t *ctx);
static ngx_int_t ngx_http_payments_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


ngx_int_t
ngx_http_payments_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_payments_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_payments_body_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_header_filter(ngx_http_request_t *r)
{
    ngx_http_payments_ctx_t       *ctx;
    ngx_http_payments_loc_conf_t  *plcf;

    if (r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_payments_get_ctx(r);

    if (ctx != NULL && ctx->passed) {
        ngx_http_payments_passed(ctx);
        ngx_http_payments_count(ctx);
        return ngx_http_next_header_filter(r);
    }

    if (r->headers_out.status != NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
        return ngx_http_next_header_filter(r);
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_payments_module);

    if (!plcf->process || (ctx != NULL && ctx->answered)) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_payments_too_large(r, ctx);

    if (ctx == NULL || ngx_http_payments_answer_instead(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


/*
 * client_max_body_size is judged by nginx: before the handler by
 * Content-Length, and while the body is read.
 */

static ngx_http_payments_ctx_t *
ngx_http_payments_too_large(ngx_http_request_t *r,
    ngx_http_payments_ctx_t *ctx)
{
    if (ctx == NULL) {
        ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_payments_ctx_t));
        if (ctx == NULL) {
            return NULL;
        }

        ctx->request = r;
        ctx->plcf = ngx_http_get_module_loc_conf(r, ngx_http_payments_module);

        ngx_http_set_ctx(r, ctx, ngx_http_payments_module);

        ngx_http_payments_name(ctx);
    }

    ctx->rc = PAYMENTS_TOO_LARGE;
    ctx->replaced = 1;

    return ctx;
}


static ngx_int_t
ngx_http_payments_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_chain_t               out, *cl;
    ngx_http_payments_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_payments_module);

    if (ctx == NULL || !ctx->replaced || in == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    for (cl = in; cl != NULL; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
    }

    if (ngx_http_payments_answer_body(ctx, &out) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->replaced = 0;

    return ngx_http_next_body_filter(r, &out);
}
