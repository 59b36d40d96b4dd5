
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What costs nothing to refuse is refused before the body is read.
 */


#include "ngx_http_payments.h"


static payments_rc_e ngx_http_payments_headers(ngx_http_payments_ctx_t *ctx,
    ngx_str_t *signature);
static payments_rc_e ngx_http_payments_signature(ngx_http_payments_ctx_t *ctx,
    ngx_str_t *header);


ngx_int_t
ngx_http_payments_refuse(ngx_http_payments_ctx_t *ctx)
{
    ngx_str_t            signature;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (r->method != NGX_HTTP_POST) {
        ctx->rc = PAYMENTS_METHOD;
        return NGX_OK;
    }

    ctx->rc = ngx_http_payments_headers(ctx, &signature);

    if (ctx->rc == PAYMENTS_OK && ctx->variant->verify) {
        ctx->rc = ngx_http_payments_signature(ctx, &signature);
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


static payments_rc_e
ngx_http_payments_headers(ngx_http_payments_ctx_t *ctx, ngx_str_t *signature)
{
    ngx_uint_t             i;
    ngx_list_part_t       *part;
    ngx_table_elt_t       *h;
    const payments_str_t  *name;

    ngx_str_null(signature);

    name = &ctx->variant->provider->header;
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

        if (ctx->variant->verify
            && h[i].key.len == name->len
            && ngx_memcmp(h[i].lowcase_key, name->data, name->len) == 0)
        {
            /* which of two would be meant? */

            if (signature->data != NULL) {
                return PAYMENTS_MALFORMED_SIGNATURE;
            }

            *signature = h[i].value;
        }
    }

    return PAYMENTS_OK;
}


static payments_rc_e
ngx_http_payments_signature(ngx_http_payments_ctx_t *ctx, ngx_str_t *header)
{
    payments_rc_e                 rc;
    payments_str_t                text;
    ngx_http_payments_variant_t  *variant;

    ctx->signature = ngx_palloc(ctx->request->pool,
                                sizeof(payments_signature_t));
    if (ctx->signature == NULL) {
        return PAYMENTS_INTERNAL;
    }

    text.len = header->len;
    text.data = header->data;

    rc = payments_signature_parse(text, ctx->signature);

    if (rc != PAYMENTS_OK) {
        ctx->signature = NULL;
        return rc;
    }

    variant = ctx->variant;

    return payments_signature_judge(ctx->signature, ngx_time(),
                                    variant->tolerance, variant->future,
                                    &ctx->age);
}
