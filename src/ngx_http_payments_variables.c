
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * $payments_...: a name and a getter for each.
 */


#include "ngx_http_payments.h"

#include "payments_text.h"


/* the longest number, and that of $payments_commit_time */
#define NGX_HTTP_PAYMENTS_NUMBER  (NGX_INT64_LEN + sizeof(".000000"))

#define ngx_http_payments_control(c)  ((c) < 0x20 || (c) == 0x7f)


/* leaves value empty, or sets it; a number is written into buf */

typedef void (*ngx_http_payments_get_pt)(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);


typedef struct {
    ngx_str_t                   name;
    ngx_http_payments_get_pt    get;
} ngx_http_payments_var_t;


static ngx_int_t ngx_http_payments_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_payments_variable_text(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, payments_str_t *text);
static ngx_uint_t ngx_http_payments_waits(ngx_http_payments_ctx_t *ctx);
static void ngx_http_payments_put_name(payments_str_t *value,
    const char *name);
static void ngx_http_payments_put_number(payments_str_t *value, u_char *buf,
    int64_t n);
static void ngx_http_payments_put_read(payments_str_t *value, u_char *buf,
    payments_value_t *read);
static void ngx_http_payments_get_variant(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_provider(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_result(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_error(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_event_id(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_event_type(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_object_id(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_token(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_payment_status(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_amount(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_currency(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_livemode(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_account(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_created(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_signature_age(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_secret(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);
static void ngx_http_payments_get_commit_time(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf);


static ngx_http_payments_var_t  ngx_http_payments_vars[] = {

    { ngx_string("payments_variant"), ngx_http_payments_get_variant },
    { ngx_string("payments_provider"), ngx_http_payments_get_provider },
    { ngx_string("payments_result"), ngx_http_payments_get_result },
    { ngx_string("payments_error"), ngx_http_payments_get_error },
    { ngx_string("payments_event_id"), ngx_http_payments_get_event_id },
    { ngx_string("payments_event_type"), ngx_http_payments_get_event_type },
    { ngx_string("payments_object_id"), ngx_http_payments_get_object_id },
    { ngx_string("payments_token"), ngx_http_payments_get_token },
    { ngx_string("payments_payment_status"),
      ngx_http_payments_get_payment_status },
    { ngx_string("payments_amount"), ngx_http_payments_get_amount },
    { ngx_string("payments_currency"), ngx_http_payments_get_currency },
    { ngx_string("payments_livemode"), ngx_http_payments_get_livemode },
    { ngx_string("payments_account"), ngx_http_payments_get_account },
    { ngx_string("payments_created"), ngx_http_payments_get_created },
    { ngx_string("payments_signature_age"),
      ngx_http_payments_get_signature_age },
    { ngx_string("payments_secret"), ngx_http_payments_get_secret },
    { ngx_string("payments_commit_time"), ngx_http_payments_get_commit_time },

    { ngx_null_string, NULL }
};


ngx_int_t
ngx_http_payments_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t      *var;
    ngx_http_payments_var_t  *v;

    for (v = ngx_http_payments_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, NGX_HTTP_VAR_NOCACHEABLE);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = ngx_http_payments_variable;
        var->data = (uintptr_t) v;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_payments_var_t *var = (ngx_http_payments_var_t *) data;

    u_char                    buf[NGX_HTTP_PAYMENTS_NUMBER];
    payments_str_t            value;
    ngx_http_payments_ctx_t  *ctx;

    value.len = 0;
    value.data = NULL;

    ctx = ngx_http_payments_get_ctx(r->main);

    if (ctx == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    var->get(ctx, &value, buf);

    if (value.data == buf) {
        value.data = ngx_pnalloc(r->pool, value.len);
        if (value.data == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy((u_char *) value.data, buf, value.len);
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


/* for the application's answer; without one there is a 499, or the like */

static ngx_uint_t
ngx_http_payments_waits(ngx_http_payments_ctx_t *ctx)
{
    return ctx->passed && ctx->request->main->headers_out.status == 0;
}


static void
ngx_http_payments_put_name(payments_str_t *value, const char *name)
{
    if (name != NULL) {
        value->len = ngx_strlen(name);
        value->data = (const u_char *) name;
    }
}


static void
ngx_http_payments_put_number(payments_str_t *value, u_char *buf, int64_t n)
{
    value->len = payments_write_integer(buf, n) - buf;
    value->data = buf;
}


static void
ngx_http_payments_put_read(payments_str_t *value, u_char *buf,
    payments_value_t *read)
{
    if (read->type != PAYMENTS_NULL) {
        ngx_http_payments_put_number(value, buf, read->integer);
    }
}


static void
ngx_http_payments_get_variant(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->variant != NULL) {
        value->len = ctx->variant->name.len;
        value->data = ctx->variant->name.data;
    }
}


static void
ngx_http_payments_get_provider(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->variant != NULL) {
        *value = ctx->variant->provider->name;
    }
}


static void
ngx_http_payments_get_result(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->answered && !ngx_http_payments_waits(ctx)) {
        ngx_http_payments_put_name(value, ngx_http_payments_result(ctx->rc));
    }
}


static void
ngx_http_payments_get_error(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (!ngx_http_payments_waits(ctx)) {
        ngx_http_payments_put_name(value, payments_rc_name(ctx->rc));
    }
}


static void
ngx_http_payments_get_event_id(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->event != NULL) {
        *value = ctx->event->id;
    }
}


static void
ngx_http_payments_get_event_type(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->event != NULL) {
        *value = ctx->event->type;
    }
}


static void
ngx_http_payments_get_object_id(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->event != NULL) {
        *value = ctx->event->object_id;
    }
}


static void
ngx_http_payments_get_token(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->event != NULL) {
        *value = ctx->event->token;
    }
}


static void
ngx_http_payments_get_payment_status(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->event != NULL) {
        ngx_http_payments_put_name(value,
                                   payments_status_name(ctx->event->status));
    }
}


static void
ngx_http_payments_get_amount(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->event != NULL) {
        ngx_http_payments_put_read(value, buf, &ctx->event->amount);
    }
}


static void
ngx_http_payments_get_currency(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->event != NULL) {
        *value = ctx->event->currency;
    }
}


/* 1 or 0: "if" takes any other text for true */

static void
ngx_http_payments_get_livemode(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->event != NULL) {
        ngx_http_payments_put_read(value, buf, &ctx->event->livemode);
    }
}


static void
ngx_http_payments_get_account(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->event != NULL) {
        *value = ctx->event->account;
    }
}


static void
ngx_http_payments_get_created(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->event != NULL) {
        ngx_http_payments_put_read(value, buf, &ctx->event->created);
    }
}


static void
ngx_http_payments_get_signature_age(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->signature != NULL && ctx->signature->scheme->timed) {
        ngx_http_payments_put_number(value, buf, ctx->age);
    }
}


static void
ngx_http_payments_get_secret(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->secret != 0) {
        ngx_http_payments_put_number(value, buf, ctx->secret);
    }
}


static void
ngx_http_payments_get_commit_time(ngx_http_payments_ctx_t *ctx,
    payments_str_t *value, u_char *buf)
{
    if (ctx->waited != 0) {
        value->len = ngx_sprintf(buf, "%L.%06L", ctx->waited / 1000000,
                                 ctx->waited % 1000000)
                     - buf;
        value->data = buf;
    }
}


/* a line break in an id must not begin a header of somebody's own */

ngx_int_t
ngx_http_payments_safe_text(ngx_pool_t *pool, payments_str_t *text)
{
    size_t                i;
    u_char               *p;
    const unsigned char  *data;

    for (i = 0; i < text->len; i++) {
        if (ngx_http_payments_control(text->data[i])) {
            break;
        }
    }

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
        *p++ = ngx_http_payments_control(data[i]) ? '?' : data[i];
    }

    return NGX_OK;
}
