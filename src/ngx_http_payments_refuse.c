
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What costs nothing to refuse is refused before the body is read.
 */


#include "ngx_http_payments_cert.h"


static payments_rc_e ngx_http_payments_challenge(
    ngx_http_payments_ctx_t *ctx);
static payments_rc_e ngx_http_payments_headers(ngx_http_payments_ctx_t *ctx,
    payments_str_t *rows);
static payments_rc_e ngx_http_payments_query(ngx_http_payments_ctx_t *ctx,
    payments_str_t *rows);
static payments_rc_e ngx_http_payments_header(ngx_http_payments_ctx_t *ctx,
    ngx_table_elt_t *h, payments_str_t *rows);


ngx_int_t
ngx_http_payments_refuse(ngx_http_payments_ctx_t *ctx)
{
    payments_str_t       rows[PAYMENTS_MAX_HEADERS];
    ngx_http_request_t  *r;

    r = ctx->request;

    if (r->method == NGX_HTTP_GET) {
        ctx->rc = ngx_http_payments_challenge(ctx);
        return NGX_OK;
    }

    if (r->method != NGX_HTTP_POST) {
        ctx->rc = PAYMENTS_METHOD;
        return NGX_OK;
    }

    ngx_memzero(rows, sizeof(rows));

    ctx->rc = ngx_http_payments_headers(ctx, rows);

    if (ctx->rc == PAYMENTS_OK
        && payments_scheme_queries(ctx->variant->scheme))
    {
        ctx->rc = ngx_http_payments_query(ctx, rows);
    }

    if (ctx->rc == PAYMENTS_OK) {
        ctx->rc = payments_scheme_sort(ctx->variant->scheme, rows,
                                       ctx->sent);
    }

    ctx->unsealed = (ctx->variant->provider->open != NULL
                     && ctx->sent[PAYMENTS_SENT_SIGNATURE].len == 0);

    /* what lies in the body is looked at when it is there */

    if (ctx->rc == PAYMENTS_OK && ctx->variant->verify
        && ctx->variant->provider->unwrap == NULL && !ctx->unsealed)
    {
        ctx->rc = ngx_http_payments_signature(ctx);
    }

    if (ctx->rc != PAYMENTS_OK) {
        return NGX_OK;
    }

    if (r->headers_in.content_length_n > PAYMENTS_MAX_BODY) {
        ctx->rc = PAYMENTS_TOO_LARGE;
        return NGX_OK;
    }

    if (ctx->plcf->spool != NULL) {
        ctx->rc = ngx_http_payments_spool_admit(ctx->plcf->spool);
    }

    return NGX_OK;
}


/* who asks whether the secret is known gets to know that it is */

static payments_rc_e
ngx_http_payments_challenge(ngx_http_payments_ctx_t *ctx)
{
    int                           n;
    u_char                       *p;
    payments_str_t                query;
    ngx_http_payments_variant_t  *variant;

    variant = ctx->variant;

    if (variant->provider->challenge == NULL || variant->nsecrets == 0) {
        return PAYMENTS_METHOD;
    }

    p = ngx_pnalloc(ctx->request->pool, PAYMENTS_MAX_CHALLENGE);
    if (p == NULL) {
        return PAYMENTS_INTERNAL;
    }

    query.len = ctx->request->args.len;
    query.data = ctx->request->args.data;

    n = variant->provider->challenge(variant->secrets[0], query, p);

    if (n <= 0) {
        return n == 0 ? PAYMENTS_METHOD : PAYMENTS_INTERNAL;
    }

    ctx->json.data = p;
    ctx->json.len = n;

    return PAYMENTS_CHALLENGE;
}


static payments_rc_e
ngx_http_payments_headers(ngx_http_payments_ctx_t *ctx, payments_str_t *rows)
{
    ngx_uint_t        i;
    payments_rc_e     rc;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &ctx->request->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].key.len == sizeof("content-encoding") - 1
            && ngx_strncmp(h[i].lowcase_key, "content-encoding",
                           h[i].key.len)
               == 0)
        {
            if (h[i].value.len != 0
                && (h[i].value.len != sizeof("identity") - 1
                    || ngx_strncasecmp(h[i].value.data, (u_char *) "identity",
                                       h[i].value.len)
                       != 0))
            {
                return PAYMENTS_ENCODING;
            }

            continue;
        }

        rc = ngx_http_payments_header(ctx, &h[i], rows);
        if (rc != PAYMENTS_OK) {
            return rc;
        }
    }

    return PAYMENTS_OK;
}


static payments_rc_e
ngx_http_payments_header(ngx_http_payments_ctx_t *ctx, ngx_table_elt_t *h,
    payments_str_t *rows)
{
    int             row;
    payments_str_t  name;

    name.len = h->key.len;
    name.data = h->lowcase_key;

    row = payments_scheme_header(ctx->variant->scheme, name);

    if (row == -1) {
        return PAYMENTS_OK;
    }

    /* which of two would be meant? */

    if (rows[row].data != NULL) {
        return ctx->variant->verify ? PAYMENTS_MALFORMED_SIGNATURE
                                    : PAYMENTS_OK;
    }

    rows[row].len = h->value.len;
    rows[row].data = h->value.data;

    return PAYMENTS_OK;
}


static payments_rc_e
ngx_http_payments_query(ngx_http_payments_ctx_t *ctx, payments_str_t *rows)
{
    u_char              *room;
    payments_str_t       query;
    ngx_http_request_t  *r;

    r = ctx->request;

    query.len = r->args.len;
    query.data = r->args.data;

    room = ngx_pnalloc(r->pool, query.len + 1);
    if (room == NULL) {
        return PAYMENTS_INTERNAL;
    }

    return payments_scheme_query(ctx->variant->scheme, query, room, rows);
}


payments_rc_e
ngx_http_payments_signature(ngx_http_payments_ctx_t *ctx)
{
    payments_rc_e                 rc;
    ngx_http_payments_variant_t  *variant;

    variant = ctx->variant;

    if (ctx->signature == NULL) {
        ctx->signature = ngx_palloc(ctx->request->pool,
                                    sizeof(payments_signature_t));
    }

    if (ctx->signature == NULL) {
        return PAYMENTS_INTERNAL;
    }

    ctx->sent[PAYMENTS_SENT_URL].len = variant->url.len;
    ctx->sent[PAYMENTS_SENT_URL].data = variant->url.data;
    ctx->sent[PAYMENTS_SENT_WEBHOOK].len = variant->webhook.len;
    ctx->sent[PAYMENTS_SENT_WEBHOOK].data = variant->webhook.data;

    rc = payments_signature_parse(variant->scheme, ctx->sent,
                                  ctx->signature);

    if (rc != PAYMENTS_OK) {
        ctx->signature = NULL;
        return rc;
    }

    rc = payments_signature_judge(ctx->signature, ngx_time(),
                                  variant->tolerance, variant->future,
                                  &ctx->age);

    return (rc == PAYMENTS_OK && variant->scheme->certified)
           ? ngx_http_payments_cert_find(ctx) : rc;
}
