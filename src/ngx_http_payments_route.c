
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The variant: an argument's, or the last segment of the URI.
 */


#include "ngx_http_payments.h"


static payments_rc_e ngx_http_payments_safe_name(ngx_pool_t *pool,
    ngx_str_t *name);


ngx_int_t
ngx_http_payments_route(ngx_http_payments_ctx_t *ctx)
{
    u_char                         *start, *end;
    ngx_http_request_t             *r;
    ngx_http_payments_loc_conf_t   *plcf;
    ngx_http_payments_main_conf_t  *pmcf;

    r = ctx->request;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_payments_module);
    plcf = ngx_http_get_module_loc_conf(r, ngx_http_payments_module);

    if (plcf->variant != NULL) {

        if (ngx_http_complex_value(r, plcf->variant, &ctx->name) != NGX_OK) {
            ctx->rc = PAYMENTS_INTERNAL;
            return NGX_OK;
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

    return NGX_OK;
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
