
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The signature of what the application gets.
 */


#include "ngx_http_payments_pass.h"


static ngx_int_t ngx_http_payments_sign_raw(ngx_http_request_t *r,
    ngx_http_payments_message_t *message);
static ngx_int_t ngx_http_payments_sign_header(ngx_http_request_t *r,
    const payments_scheme_t *scheme, ngx_uint_t i, payments_str_t *sent,
    ngx_uint_t *set);
static ngx_int_t ngx_http_payments_sign_envelope(ngx_http_request_t *r,
    ngx_http_payments_message_t *message);


ngx_int_t
ngx_http_payments_message_sign(ngx_http_request_t *r,
    ngx_http_payments_message_t *message)
{
    if (message->format == NGX_HTTP_PAYMENTS_RAW) {

        /* what lies in the body is still there */

        return (message->secret != NULL
                && payments_scheme_reads(message->scheme,
                                         PAYMENTS_SENT_SIGNATURE))
               ? ngx_http_payments_sign_raw(r, message) : NGX_OK;
    }

    return (message->keys != NULL)
           ? ngx_http_payments_sign_envelope(r, message) : NGX_OK;
}


/* nobody signs with a public key, or what lies in a query that is gone */

payments_secret_t *
ngx_http_payments_signer(ngx_http_payments_variant_t *variant)
{
    ngx_uint_t  i;

    if (payments_scheme_queries(variant->scheme)) {
        return NULL;
    }

    for (i = 0; i < variant->nsecrets; i++) {
        if (payments_secret_signs(variant->secrets[i])) {
            return variant->secrets[i];
        }
    }

    return NULL;
}


/* as the gateway would now, for a check that knows no other scheme */

static ngx_int_t
ngx_http_payments_sign_raw(ngx_http_request_t *r,
    ngx_http_payments_message_t *message)
{
    u_char                   *p, *end;
    time_t                    now;
    ngx_uint_t                i, set;
    payments_str_t            sent[PAYMENTS_SENT_MAX];
    const payments_scheme_t  *scheme;

    now = ngx_time();
    scheme = message->scheme;

    p = ngx_pnalloc(r->pool, PAYMENTS_SIGN_SCHEME_LEN + NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    end = ngx_sprintf(p, "%L", payments_scheme_time(scheme, now));

    ngx_memzero(sent, sizeof(sent));

    sent[PAYMENTS_SENT_ID] = message->id;
    sent[PAYMENTS_SENT_KEY] = payments_secret_id(message->secret);
    sent[PAYMENTS_SENT_URL] = message->url;
    sent[PAYMENTS_SENT_TIME].data = p;
    sent[PAYMENTS_SENT_TIME].len = end - p;
    sent[PAYMENTS_SENT_SIGNATURE].data = end;
    sent[PAYMENTS_SENT_SIGNATURE].len = payments_sign_scheme(scheme,
                                   message->secret, sent, now, message->parts,
                                   message->nparts, end);

    if (sent[PAYMENTS_SENT_SIGNATURE].len == 0) {
        return NGX_ERROR;
    }

    set = 0;

    /* each by the first of its names, an id only where it is signed */

    for (i = 0; scheme->headers[i].name.len != 0; i++) {
        if (ngx_http_payments_sign_header(r, scheme, i, sent, &set)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_sign_header(ngx_http_request_t *r,
    const payments_scheme_t *scheme, ngx_uint_t i, payments_str_t *sent,
    ngx_uint_t *set)
{
    u_char                   *name, c;
    size_t                    k;
    const payments_header_t  *header;

    header = &scheme->headers[i];

    if ((*set & (1 << header->what))
        || (header->what != PAYMENTS_SENT_SIGNATURE
            && header->what != PAYMENTS_SENT_TIME
            && header->what != PAYMENTS_SENT_KEY
            && !payments_scheme_covers(scheme, header->what)))
    {
        return NGX_OK;
    }

    *set |= 1 << header->what;

    name = ngx_pnalloc(r->pool, header->name.len + 1);
    if (name == NULL) {
        return NGX_ERROR;
    }

    for (k = 0; k < header->name.len; k++) {
        c = header->name.data[k];
        name[k] = (k == 0 || header->name.data[k - 1] == '-') ? ngx_toupper(c)
                                                              : c;
    }

    name[k] = '\0';

    return ngx_http_payments_header_in(r, (char *) name,
                                       (u_char *) sent[header->what].data,
                                       sent[header->what].len)
           != NULL ? NGX_OK : NGX_ERROR;
}


/* one signature for each key, the newest first: a rotation has two */

static ngx_int_t
ngx_http_payments_sign_envelope(ngx_http_request_t *r,
    ngx_http_payments_message_t *message)
{
    size_t               len;
    time_t               now;
    u_char              *p, *start, *end;
    ngx_uint_t           i;
    payments_secret_t  **keys;

    now = ngx_time();
    keys = message->keys->elts;

    start = ngx_pnalloc(r->pool, NGX_TIME_T_LEN + message->keys->nelts
                                     * (PAYMENTS_SIGN_WEBHOOK_LEN + 1));
    if (start == NULL) {
        return NGX_ERROR;
    }

    end = ngx_sprintf(start, "%T", now);
    p = end;

    for (i = 0; i < message->keys->nelts; i++) {

        if (i != 0) {
            *p++ = ' ';
        }

        len = payments_sign_webhook(keys[i], message->id, now, message->parts,
                                    message->nparts, p);
        if (len == 0) {
            return NGX_ERROR;
        }

        p += len;
    }

    if (ngx_http_payments_header_in(r, "webhook-id",
                                    (u_char *) message->id.data,
                                    message->id.len)
            == NULL
        || ngx_http_payments_header_in(r, "webhook-timestamp", start,
                                       end - start)
           == NULL
        || ngx_http_payments_header_in(r, "webhook-signature", end, p - end)
           == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}
