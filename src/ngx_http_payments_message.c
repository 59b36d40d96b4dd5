
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The request that the application gets: another body, headers that describe
 * it, and a signature that is ours.
 */


#include "ngx_http_payments_pass.h"


static ngx_int_t ngx_http_payments_message_body(ngx_http_request_t *r,
    ngx_http_payments_message_t *message);
static ngx_int_t ngx_http_payments_message_headers(ngx_http_request_t *r,
    ngx_http_payments_message_t *message);
static ngx_uint_t ngx_http_payments_message_keep(ngx_table_elt_t *header,
    ngx_http_payments_message_t *message);
static ngx_uint_t ngx_http_payments_message_signs(ngx_table_elt_t *header,
    ngx_http_payments_message_t *message);
static ngx_uint_t ngx_http_payments_is_header(ngx_table_elt_t *header,
    const char *name, size_t len);
static ngx_int_t ngx_http_payments_message_length(ngx_http_request_t *r);
static ngx_int_t ngx_http_payments_message_type(ngx_http_request_t *r,
    ngx_http_payments_message_t *message);


/* what is said of the body that came says nothing of the one that goes */

static ngx_str_t  ngx_http_payments_dropped[] = {
    ngx_string("content-length"),
    ngx_string("content-encoding"),
    ngx_string("transfer-encoding"),
    ngx_null_string
};


/* and these only the envelope's own sender may set */

static ngx_str_t  ngx_http_payments_reserved[] = {
    ngx_string("content-type"),
    ngx_string("webhook-id"),
    ngx_string("webhook-timestamp"),
    ngx_string("webhook-signature"),
    ngx_null_string
};


ngx_int_t
ngx_http_payments_message(ngx_http_request_t *r,
    ngx_http_payments_message_t *message)
{
    if (ngx_http_payments_message_body(r, message) != NGX_OK
        || ngx_http_payments_message_headers(r, message) != NGX_OK
        || ngx_http_payments_message_length(r) != NGX_OK
        || ngx_http_payments_message_type(r, message) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_payments_message_sign(r, message);
}


/* nginx sends it again, from the start of each buffer, to the next upstream */

static ngx_int_t
ngx_http_payments_message_body(ngx_http_request_t *r,
    ngx_http_payments_message_t *message)
{
    off_t                     size;
    ngx_buf_t                *b;
    ngx_uint_t                i;
    ngx_chain_t              *cl, **ll;
    ngx_http_request_body_t  *rb;

    rb = ngx_pcalloc(r->pool, sizeof(ngx_http_request_body_t));
    if (rb == NULL) {
        return NGX_ERROR;
    }

    size = 0;
    b = NULL;
    ll = &rb->bufs;

    for (i = 0; i < message->nparts; i++) {

        b = ngx_calloc_buf(r->pool);
        cl = ngx_alloc_chain_link(r->pool);

        if (b == NULL || cl == NULL) {
            return NGX_ERROR;
        }

        b->start = (u_char *) message->parts[i].data;
        b->pos = b->start;
        b->last = b->start + message->parts[i].len;
        b->end = b->last;
        b->memory = 1;

        size += message->parts[i].len;

        cl->buf = b;
        *ll = cl;
        ll = &cl->next;
    }

    *ll = NULL;
    b->last_buf = 1;

    /* the one that came, and its file, are the pool's to clean up */

    r->request_body = rb;
    r->headers_in.content_length_n = size;
    r->headers_in.chunked = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_message_headers(ngx_http_request_t *r,
    ngx_http_payments_message_t *message)
{
    ngx_uint_t        i;
    ngx_list_t        old;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header, *h;

    old = r->headers_in.headers;

    if (ngx_list_init(&r->headers_in.headers, r->pool, 20,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->headers_in.content_length = NULL;
    r->headers_in.transfer_encoding = NULL;

    part = &old.part;
    header = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }

            part = part->next;
            header = part->elts;
            i = 0;
        }

        if (!ngx_http_payments_message_keep(&header[i], message)) {
            continue;
        }

        h = ngx_list_push(&r->headers_in.headers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        *h = header[i];
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_payments_message_keep(ngx_table_elt_t *header,
    ngx_http_payments_message_t *message)
{
    ngx_str_t  *name;

    for (name = ngx_http_payments_dropped; name->len; name++) {
        if (ngx_http_payments_is_header(header, (char *) name->data,
                                        name->len))
        {
            return 0;
        }
    }

    if (ngx_http_payments_message_signs(header, message)) {
        return 0;
    }

    if (message->format != NGX_HTTP_PAYMENTS_ENVELOPE) {
        return 1;
    }

    for (name = ngx_http_payments_reserved; name->len; name++) {
        if (ngx_http_payments_is_header(header, (char *) name->data,
                                        name->len))
        {
            return 0;
        }
    }

    return 1;
}


/* what the gateway has signed with, which is made anew or is of no use */

static ngx_uint_t
ngx_http_payments_message_signs(ngx_table_elt_t *header,
    ngx_http_payments_message_t *message)
{
    int                       row;
    payments_str_t            name;
    const payments_scheme_t  *scheme;

    name.len = header->key.len;
    name.data = header->lowcase_key;

    scheme = message->scheme;
    row = payments_scheme_header(scheme, name);

    if (row == -1) {
        return 0;
    }

    /* which nobody else could make anew: it is of the body, as it came */

    if (scheme->certified && message->format == NGX_HTTP_PAYMENTS_RAW) {
        return 0;
    }

    switch (scheme->headers[row].what) {

    case PAYMENTS_SENT_SIGNATURE:
        return 1;

    case PAYMENTS_SENT_TIME:
    case PAYMENTS_SENT_KEY:
        return message->format == NGX_HTTP_PAYMENTS_RAW;

    default:
        return message->format == NGX_HTTP_PAYMENTS_RAW
               && payments_scheme_covers(scheme, scheme->headers[row].what);
    }
}


static ngx_uint_t
ngx_http_payments_is_header(ngx_table_elt_t *header, const char *name,
    size_t len)
{
    return header->key.len == len
           && ngx_memcmp(header->lowcase_key, name, len) == 0;
}


/* fastcgi_pass and its like take it from the header */

static ngx_int_t
ngx_http_payments_message_length(ngx_http_request_t *r)
{
    u_char           *p, *end;
    ngx_table_elt_t  *h;

    p = ngx_pnalloc(r->pool, NGX_OFF_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    end = ngx_sprintf(p, "%O", r->headers_in.content_length_n);

    h = ngx_http_payments_header_in(r, "Content-Length", p, end - p);
    if (h == NULL) {
        return NGX_ERROR;
    }

    r->headers_in.content_length = h;

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_message_type(ngx_http_request_t *r,
    ngx_http_payments_message_t *message)
{
    ngx_str_t         type;
    ngx_table_elt_t  *h;

    if (message->format == NGX_HTTP_PAYMENTS_ENVELOPE) {
        ngx_str_set(&type, "application/cloudevents+json");

    } else if (r->headers_in.content_type != NULL) {
        return NGX_OK;

    } else if (message->media.len != 0) {
        type.len = message->media.len;
        type.data = (u_char *) message->media.data;

    } else {
        ngx_str_set(&type, "application/json");
    }

    h = ngx_http_payments_header_in(r, "Content-Type", type.data, type.len);
    if (h == NULL) {
        return NGX_ERROR;
    }

    r->headers_in.content_type = h;

    return NGX_OK;
}


ngx_table_elt_t *
ngx_http_payments_header_in(ngx_http_request_t *r, const char *name,
    u_char *value, size_t len)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_in.headers);
    if (h == NULL) {
        return NULL;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->key.len = ngx_strlen(name);
    h->key.data = (u_char *) name;
    h->value.len = len;
    h->value.data = value;

    h->lowcase_key = ngx_pnalloc(r->pool, h->key.len);
    if (h->lowcase_key == NULL) {
        return NULL;
    }

    h->hash = ngx_hash_strlow(h->lowcase_key, h->key.data, h->key.len);

    return h;
}
