
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The one place that answers: the table of answers.
 */


#include "ngx_http_payments.h"


/* seconds; an ordinary commit takes milliseconds, room takes people */
#define NGX_HTTP_PAYMENTS_RETRY_AFTER  "10"


typedef struct {
    ngx_uint_t   status;
    const char  *result;  /* $payments_result */
    const char  *error;   /* for the caller: only the class */
} ngx_http_payments_answer_t;


static ngx_http_payments_answer_t *ngx_http_payments_class(payments_rc_e rc);
static ngx_uint_t ngx_http_payments_plain(ngx_http_payments_ctx_t *ctx,
    ngx_http_payments_answer_t *answer);
static ngx_int_t ngx_http_payments_json(ngx_http_payments_ctx_t *ctx,
    ngx_http_payments_answer_t *answer);
static ngx_int_t ngx_http_payments_headers_out(ngx_http_payments_ctx_t *ctx,
    ngx_http_payments_answer_t *answer);
static ngx_int_t ngx_http_payments_add_header(ngx_http_request_t *r,
    const char *name, const char *value);
static ngx_int_t ngx_http_payments_send(ngx_http_payments_ctx_t *ctx);


static ngx_http_payments_answer_t  ngx_http_payments_accepted =
    { 200, "accepted", NULL };
static ngx_http_payments_answer_t  ngx_http_payments_duplicate =
    { 200, "duplicate", NULL };
static ngx_http_payments_answer_t  ngx_http_payments_ignored =
    { 200, "ignored", NULL };
static ngx_http_payments_answer_t  ngx_http_payments_unknown =
    { 400, "refused", "Invalid payment provider" };
static ngx_http_payments_answer_t  ngx_http_payments_method =
    { 405, "refused", "Method not allowed" };
static ngx_http_payments_answer_t  ngx_http_payments_encoding =
    { 415, "refused", "Unsupported content encoding" };
static ngx_http_payments_answer_t  ngx_http_payments_too_large =
    { 413, "refused", "Payload too large" };
static ngx_http_payments_answer_t  ngx_http_payments_unsigned =
    { 400, "refused", "Missing signature" };
static ngx_http_payments_answer_t  ngx_http_payments_bad_signature =
    { 400, "refused", "Invalid signature" };
static ngx_http_payments_answer_t  ngx_http_payments_bad_payload =
    { 400, "refused", "Invalid payload" };
static ngx_http_payments_answer_t  ngx_http_payments_failed =
    { 503, "failed", "Try again" };


static ngx_http_payments_answer_t *
ngx_http_payments_class(payments_rc_e rc)
{
    switch (rc) {

    case PAYMENTS_OK:
        return &ngx_http_payments_accepted;

    case PAYMENTS_DUPLICATE:
        return &ngx_http_payments_duplicate;

    case PAYMENTS_EVENT_TYPE:
    case PAYMENTS_MODE:
    case PAYMENTS_ACCOUNT:
    case PAYMENTS_REQUIRED:
    case PAYMENTS_CHALLENGE:
        return &ngx_http_payments_ignored;

    case PAYMENTS_UNKNOWN_VARIANT:
    case PAYMENTS_SIDE_DOOR:
        return &ngx_http_payments_unknown;

    case PAYMENTS_METHOD:
        return &ngx_http_payments_method;

    case PAYMENTS_ENCODING:
        return &ngx_http_payments_encoding;

    case PAYMENTS_TOO_LARGE:
        return &ngx_http_payments_too_large;

    case PAYMENTS_MISSING_SIGNATURE:
        return &ngx_http_payments_unsigned;

    case PAYMENTS_MALFORMED_SIGNATURE:
    case PAYMENTS_TOO_OLD:
    case PAYMENTS_TOO_NEW:
    case PAYMENTS_NO_MATCH:
        return &ngx_http_payments_bad_signature;

    case PAYMENTS_BAD_BODY:
    case PAYMENTS_NO_BODY:
    case PAYMENTS_BAD_UTF8:
    case PAYMENTS_BAD_FORM:
    case PAYMENTS_BAD_JSON:
    case PAYMENTS_BAD_XML:
    case PAYMENTS_TOO_DEEP:
    case PAYMENTS_TOO_LONG:
    case PAYMENTS_DUPLICATE_KEY:
    case PAYMENTS_BAD_NUMBER:
    case PAYMENTS_NO_EVENT_ID:
    case PAYMENTS_NO_EVENT_TYPE:
        return &ngx_http_payments_bad_payload;

    default: /* PAYMENTS_SPOOL_FULL, _SPOOL_ERROR, _QUEUE_FULL, _IN_FLIGHT,
                _NO_CERTIFICATE, _INTERNAL, and PAYMENTS_UPSTREAM, which
                others have answered */
        return &ngx_http_payments_failed;
    }
}


const char *
ngx_http_payments_result(payments_rc_e rc)
{
    return ngx_http_payments_class(rc)->result;
}


ngx_uint_t
ngx_http_payments_code(payments_rc_e rc)
{
    return ngx_http_payments_class(rc)->status;
}


void
ngx_http_payments_answer(ngx_http_payments_ctx_t *ctx)
{
    ngx_int_t                    rc;
    ngx_http_request_t          *r;
    ngx_http_payments_answer_t  *answer;

    r = ctx->request;
    answer = ngx_http_payments_class(ctx->rc);

    ctx->answered = 1;

    ngx_http_payments_claim_settle(ctx);
    ngx_http_payments_count(ctx);
    ngx_http_payments_answer_log(ctx);

    /* who waits for "100 Continue" may go on or not: nobody knows where */

    if (r->headers_in.expect != NULL && !r->expect_tested) {
        r->expect_tested = 1;
        r->keepalive = 0;
    }

    if (ctx->rc == PAYMENTS_TOO_LARGE) {
        r->keepalive = 0;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        ngx_http_finalize_request(r, rc);
        return;
    }

    if (ngx_http_payments_json(ctx, answer) != NGX_OK
        || ngx_http_payments_headers_out(ctx, answer) != NGX_OK)
    {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_http_finalize_request(r, ngx_http_payments_send(ctx));
}


/* some gateways want a word of their own to hear that all is well */

static ngx_uint_t
ngx_http_payments_plain(ngx_http_payments_ctx_t *ctx,
    ngx_http_payments_answer_t *answer)
{
    return ctx->rc == PAYMENTS_CHALLENGE
           || (answer->error == NULL
               && ctx->variant != NULL
               && ctx->variant->provider->answer.len != 0);
}


/* django-payments' keys */

static ngx_int_t
ngx_http_payments_json(ngx_http_payments_ctx_t *ctx,
    ngx_http_payments_answer_t *answer)
{
    size_t   len;
    u_char  *p, *end;

    if (ngx_http_payments_plain(ctx, answer)) {

        /* that of a challenge is there */

        if (ctx->rc != PAYMENTS_CHALLENGE) {
            ctx->json.len = ctx->variant->provider->answer.len;
            ctx->json.data = (u_char *) ctx->variant->provider->answer.data;
        }

        return NGX_OK;
    }

    if (ctx->rc == PAYMENTS_OK) {
        ngx_str_set(&ctx->json, "{\"status\": \"OK\"}");
        return NGX_OK;
    }

    if (ctx->rc == PAYMENTS_DUPLICATE) {
        ngx_str_set(&ctx->json,
                    "{\"status\": \"OK\", \"result\": \"duplicate\"}");
        return NGX_OK;
    }

    if (answer->error == NULL) {
        ngx_str_set(&ctx->json,
                    "{\"status\": \"OK\", \"result\": \"ignored\"}");
        return NGX_OK;
    }

    len = sizeof("{\"error\": \"\", \"variant\": \"\", \"error_code\": 999}")
          - 1 + ngx_strlen(answer->error) + ctx->name.len;

    p = ngx_pnalloc(ctx->request->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    end = p + len;
    ctx->json.data = p;

    p = ngx_slprintf(p, end, "{\"error\": \"%s\", \"variant\": \"%V\"",
                     answer->error, &ctx->name);

    if (answer != &ngx_http_payments_unknown) {
        p = ngx_slprintf(p, end, ", \"error_code\": %ui", answer->status);
    }

    p = ngx_slprintf(p, end, "}");

    ctx->json.len = p - ctx->json.data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_headers_out(ngx_http_payments_ctx_t *ctx,
    ngx_http_payments_answer_t *answer)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    r->headers_out.status = answer->status;
    r->headers_out.content_length_n = ctx->json.len;

    /* an If-Unmodified-Since would make an error of what was accepted */

    r->disable_not_modified = 1;

    if (ngx_http_payments_plain(ctx, answer)) {
        ngx_str_set(&r->headers_out.content_type, "text/plain");

    } else {
        ngx_str_set(&r->headers_out.content_type, "application/json");
    }

    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    if (answer->status == 405) {
        return ngx_http_payments_add_header(r, "Allow", "POST");
    }

    if (answer->status == 503) {
        return ngx_http_payments_add_header(r, "Retry-After",
                                            NGX_HTTP_PAYMENTS_RETRY_AFTER);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_add_header(ngx_http_request_t *r, const char *name,
    const char *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.len = ngx_strlen(name);
    h->key.data = (u_char *) name;
    h->value.len = ngx_strlen(value);
    h->value.data = (u_char *) value;

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_send(ngx_http_payments_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_chain_t          out;
    ngx_http_request_t  *r;

    r = ctx->request;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    if (ngx_http_payments_answer_body(ctx, &out) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_payments_answer_body(ngx_http_payments_ctx_t *ctx, ngx_chain_t *out)
{
    ngx_buf_t  *b;

    b = ngx_calloc_buf(ctx->request->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = ctx->json.data;
    b->last = ctx->json.data + ctx->json.len;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out->buf = b;
    out->next = NULL;

    return NGX_OK;
}


ngx_int_t
ngx_http_payments_answer_instead(ngx_http_payments_ctx_t *ctx)
{
    ngx_http_payments_answer_t  *answer;

    ctx->answered = 1;

    answer = ngx_http_payments_class(ctx->rc);

    ngx_http_payments_count(ctx);
    ngx_http_payments_answer_log(ctx);

    if (ngx_http_payments_json(ctx, answer) != NGX_OK
        || ngx_http_payments_headers_out(ctx, answer) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}
