
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Certificates: what verifies in the place of a secret.
 */


#ifndef _NGX_HTTP_PAYMENTS_CERT_H_INCLUDED_
#define _NGX_HTTP_PAYMENTS_CERT_H_INCLUDED_


#include "ngx_http_payments.h"
#include "payments_cert.h"


/*
 * The directives, and the last word on them when the block has ended: reads
 * the files.
 */
char *ngx_http_payments_set_cert_file(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_set_trusted(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_set_webhook_id(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_cert_check(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);

/*
 * Sets ctx->cert by what the headers say, and whether it is live.  It has to
 * be right now: else, or when it is not there, PAYMENTS_NO_CERTIFICATE.
 */
payments_rc_e ngx_http_payments_cert_find(ngx_http_payments_ctx_t *ctx);

/* Whether it has signed ctx->post. */
payments_rc_e ngx_http_payments_cert_verify(ngx_http_payments_ctx_t *ctx);

/* Writes what is wrong with it and what to do about it; returns the end. */
u_char *ngx_http_payments_cert_why(ngx_http_payments_ctx_t *ctx, u_char *p,
    u_char *last);


#endif /* _NGX_HTTP_PAYMENTS_CERT_H_INCLUDED_ */
