
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What a payments_variant block says of the gateway, and of its way to sign.
 */


#ifndef _NGX_HTTP_PAYMENTS_SCHEME_H_INCLUDED_
#define _NGX_HTTP_PAYMENTS_SCHEME_H_INCLUDED_


#include "ngx_http_payments.h"


/* characters of "signature_prefix" */
#define NGX_HTTP_PAYMENTS_PREFIX_MAX  16


/* ngx_http_payments_variant.c: sets a text by a directive, once */
char *ngx_http_payments_set_once(ngx_conf_t *cf, ngx_str_t *text);

/* 1 for letters, digits, "-" and "_" of ASCII, and nothing else. */
ngx_uint_t ngx_http_payments_is_word(ngx_str_t *text);

/* ngx_http_payments_scheme.c: the provider, and how it signs */
char *ngx_http_payments_set_provider(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_set_tolerance(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_set_public_key(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_set_url(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_set_digests(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);

/*
 * ngx_http_payments_scheme_conf.c: directives that describe a way to sign;
 * _scheme_check.c: the last word on what they have said.
 */
char *ngx_http_payments_set_scheme(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_scheme_check(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);

/* ngx_http_payments_rules.c: which events a variant wants, and their token */
char *ngx_http_payments_set_events(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_set_accounts(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_set_require(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_set_token(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_set_event_id(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);

/* The last word on both, when the block has ended; sets what was not said. */
char *ngx_http_payments_variant_scheme(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);


#endif /* _NGX_HTTP_PAYMENTS_SCHEME_H_INCLUDED_ */
