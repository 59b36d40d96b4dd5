
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What goes to the application, and what it says to that: the same for a
 * request that waits for it and for the relay.
 */


#ifndef _NGX_HTTP_PAYMENTS_PASS_H_INCLUDED_
#define _NGX_HTTP_PAYMENTS_PASS_H_INCLUDED_


#include "ngx_http_payments.h"

#include "payments_sign.h"


typedef struct {
    ngx_uint_t                    format;
    const payments_scheme_t      *scheme;
    payments_secret_t            *secret;    /* raw: NULL is unsigned */
    ngx_array_t                  *keys;      /* envelope: NULL is unsigned */
    payments_str_t                id;        /* fit for a header */
    payments_str_t                media;     /* raw: if no type came */
    payments_str_t                url;       /* raw: is signed by some */
    payments_str_t                parts[3];  /* of the body, at least one */
    ngx_uint_t                    nparts;
} ngx_http_payments_message_t;


/*
 * Gives r another body, its headers, and a signature of the present time.
 * The parts and the id have to live as long as r.
 */
ngx_int_t ngx_http_payments_message(ngx_http_request_t *r,
    ngx_http_payments_message_t *message);

/* ngx_http_payments_sign.c: by its format, if there is a key for it */
ngx_int_t ngx_http_payments_message_sign(ngx_http_request_t *r,
    ngx_http_payments_message_t *message);

/* A variant's first secret that a raw message is signed with, or NULL. */
payments_secret_t *ngx_http_payments_signer(
    ngx_http_payments_variant_t *variant);

/* Adds a header to a request; the value has to live as long as r. */
ngx_table_elt_t *ngx_http_payments_header_in(ngx_http_request_t *r,
    const char *name, u_char *value, size_t len);

/*
 * Sends r to a named location, with ctx to be found there and ctx->rc to be
 * settled by the answer: PAYMENTS_OK is a 2xx of the application.  The
 * caller's reference of r stays its own.
 */
ngx_int_t ngx_http_payments_hand_over(ngx_http_payments_ctx_t *ctx,
    ngx_str_t *name);


#endif /* _NGX_HTTP_PAYMENTS_PASS_H_INCLUDED_ */
