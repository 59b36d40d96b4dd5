
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The variant: an argument's, or the last segment of the URI.
 */


#include "ngx_http_payments.h"


static ngx_int_t ngx_http_payments_fall_back(ngx_http_payments_ctx_t *ctx);
static ngx_uint_t ngx_http_payments_is_signed(ngx_http_request_t *r);
static ngx_uint_t ngx_http_payments_variant_signs(ngx_http_request_t *r,
    payments_str_t name);
static payments_rc_e ngx_http_payments_safe_name(ngx_pool_t *pool,
    ngx_str_t *name);


ngx_int_t
ngx_http_payments_route(ngx_http_payments_ctx_t *ctx)
{
    ngx_http_payments_name(ctx);

    return (ctx->rc == PAYMENTS_UNKNOWN_VARIANT && ctx->plcf->fallback.len != 0)
           ? ngx_http_payments_fall_back(ctx) : NGX_OK;
}


void
ngx_http_payments_name(ngx_http_payments_ctx_t *ctx)
{
    u_char                         *start, *end;
    ngx_http_request_t             *r;
    ngx_http_payments_loc_conf_t   *plcf;
    ngx_http_payments_main_conf_t  *pmcf;

    r = ctx->request;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_payments_module);
    plcf = ctx->plcf;

    if (plcf->variant != NULL) {

        if (ngx_http_complex_value(r, plcf->variant, &ctx->name) != NGX_OK) {
            ctx->rc = PAYMENTS_INTERNAL;
            return;
        }

    } else {
        start = r->uri.data;
        end = r->uri.data + r->uri.len;

        if (end > start && end[-1] == '/') {
            end--;
        }

        ctx->name.data = end;

        while (ctx->name.data > start && ctx->name.data[-1] != '/') {
            ctx->name.data--;
        }

        ctx->name.len = end - ctx->name.data;
    }

    ctx->variant = ngx_http_payments_variant_find(pmcf, &ctx->name);

    if (ctx->variant == NULL) {
        ctx->rc = ngx_http_payments_safe_name(r->pool, &ctx->name);
    }
}


/* the URL of one payment is the application's */

static ngx_int_t
ngx_http_payments_fall_back(ngx_http_payments_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    /* nobody would check that signature against the variant's secret */

    if (ngx_http_payments_is_signed(r)) {
        ctx->rc = PAYMENTS_SIDE_DOOR;
        return NGX_OK;
    }

    ngx_http_named_location(r, &ctx->plcf->fallback);
    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_AGAIN;
}


static ngx_uint_t
ngx_http_payments_is_signed(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    payments_str_t    name;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return 0;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        name.len = h[i].key.len;
        name.data = h[i].lowcase_key;

        if (payments_provider_signs(name)
            || ngx_http_payments_variant_signs(r, name))
        {
            return 1;
        }
    }
}


/* what others call so as well is a signature where a gateway has it */

static ngx_uint_t
ngx_http_payments_variant_signs(ngx_http_request_t *r, payments_str_t name)
{
    ngx_rbtree_node_t              *node;
    ngx_http_payments_variant_t    *variant;
    ngx_http_payments_main_conf_t  *pmcf;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_payments_module);

    for (node = ngx_rbtree_min(pmcf->variants.root, pmcf->variants.sentinel);
         node != NULL;
         node = ngx_rbtree_next(&pmcf->variants, node))
    {
        variant = (ngx_http_payments_variant_t *) node;

        if (payments_scheme_signs(variant->scheme, name)) {
            return 1;
        }
    }

    return 0;
}


/* what a caller calls itself goes into the answer and the log */

static payments_rc_e
ngx_http_payments_safe_name(ngx_pool_t *pool, ngx_str_t *name)
{
    u_char  *p;
    size_t   i;

    name->len = ngx_min(name->len, PAYMENTS_MAX_VARIANT);

    p = ngx_pnalloc(pool, name->len);
    if (p == NULL) {
        ngx_str_null(name);
        return PAYMENTS_INTERNAL;
    }

    for (i = 0; i < name->len; i++) {
        p[i] = (name->data[i] > 0x20 && name->data[i] < 0x7f
                && name->data[i] != '"' && name->data[i] != '\\')
               ? name->data[i] : '?';
    }

    name->data = p;

    return PAYMENTS_UNKNOWN_VARIANT;
}
