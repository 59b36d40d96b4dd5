
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the two files of payments_status share, and nobody else.
 */


#ifndef _NGX_HTTP_PAYMENTS_STATUS_H_INCLUDED_
#define _NGX_HTTP_PAYMENTS_STATUS_H_INCLUDED_


#include "ngx_http_payments_spool.h"

#include "payments_status.h"


/* at a spool, of a worker */

typedef struct {
    ngx_http_payments_spool_t      *spool;
    ngx_uint_t                      busy;
    ngx_msec_t                      posted;
    int64_t                         looked;  /* ms since the epoch, or -1 */
    payments_look_t                 last;    /* good one */

    /* the thread's, if busy */

    payments_look_t                 look;
    payments_fault_t                fault;
    int                             rc;
} ngx_http_payments_watch_t;


/* The page, of what is known now: what a content handler returns. */
ngx_int_t ngx_http_payments_status_send(ngx_http_request_t *r);

/* ngx_http_payments_status.c: the content handler of the page */
ngx_int_t ngx_http_payments_status_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PAYMENTS_STATUS_H_INCLUDED_ */
