
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "ngx_http_payments.h"


static ngx_int_t ngx_http_payments_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_payments_variable_text(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, payments_str_t *text);


enum {
    NGX_HTTP_PAYMENTS_VAR_VARIANT = 0,
    NGX_HTTP_PAYMENTS_VAR_RESULT,
    NGX_HTTP_PAYMENTS_VAR_ERROR,
    NGX_HTTP_PAYMENTS_VAR_EVENT_ID,
    NGX_HTTP_PAYMENTS_VAR_EVENT_TYPE
};


static ngx_http_variable_t  ngx_http_payments_vars[] = {

    { ngx_string("payments_variant"), NULL, ngx_http_payments_variable,
      NGX_HTTP_PAYMENTS_VAR_VARIANT, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("payments_result"), NULL, ngx_http_payments_variable,
      NGX_HTTP_PAYMENTS_VAR_RESULT, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("payments_error"), NULL, ngx_http_payments_variable,
      NGX_HTTP_PAYMENTS_VAR_ERROR, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("payments_event_id"), NULL, ngx_http_payments_variable,
      NGX_HTTP_PAYMENTS_VAR_EVENT_ID, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("payments_event_type"), NULL, ngx_http_payments_variable,
      NGX_HTTP_PAYMENTS_VAR_EVENT_TYPE, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_payments_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_payments_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_uint_t                waits;
    payments_str_t            value;
    ngx_http_payments_ctx_t  *ctx;

    value.len = 0;
    value.data = NULL;

    ctx = ngx_http_payments_get_ctx(r->main);

    if (ctx == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    /* for the application's answer; without one there is a 499, or the like */

    waits = (ctx->passed && r->main->headers_out.status == 0);

    switch (data) {

    case NGX_HTTP_PAYMENTS_VAR_VARIANT:
        if (ctx->variant != NULL) {
            value.len = ctx->variant->name.len;
            value.data = ctx->variant->name.data;
        }

        break;

    case NGX_HTTP_PAYMENTS_VAR_RESULT:
        if (ctx->answered && !waits) {
            value.data = (u_char *) ngx_http_payments_result(ctx->rc);
            value.len = ngx_strlen(value.data);
        }

        break;

    case NGX_HTTP_PAYMENTS_VAR_ERROR:
        if (!waits) {
            value.data = (u_char *) payments_rc_name(ctx->rc);
            value.len = ngx_strlen(value.data);
        }

        break;

    case NGX_HTTP_PAYMENTS_VAR_EVENT_ID:
        if (ctx->event != NULL) {
            value = ctx->event->id;
        }

        break;

    case NGX_HTTP_PAYMENTS_VAR_EVENT_TYPE:
        if (ctx->event != NULL) {
            value = ctx->event->type;
        }

        break;
    }

    return ngx_http_payments_variable_text(r, v, &value);
}


static ngx_int_t
ngx_http_payments_variable_text(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, payments_str_t *text)
{
    if (ngx_http_payments_safe_text(r->pool, text) != NGX_OK) {
        return NGX_ERROR;
    }

    v->len = text->len;
    v->data = (u_char *) text->data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = (text->len == 0);

    return NGX_OK;
}


/* a line break in an id must not begin a header of somebody's own */

ngx_int_t
ngx_http_payments_safe_text(ngx_pool_t *pool, payments_str_t *text)
{
    size_t                i;
    u_char               *p;
    const unsigned char  *data;

    for (i = 0; i < text->len && text->data[i] >= 0x20; i++) { /* void */ }

    if (i == text->len) {
        return NGX_OK;
    }

    p = ngx_pnalloc(pool, text->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    data = text->data;
    text->data = p;

    for (i = 0; i < text->len; i++) {
        *p++ = (data[i] >= 0x20) ? data[i] : '?';
    }

    return NGX_OK;
}
