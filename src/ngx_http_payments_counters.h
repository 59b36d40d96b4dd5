
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Counters that all processes share, and that a reload keeps.
 */


#ifndef _NGX_HTTP_PAYMENTS_COUNTERS_H_INCLUDED_
#define _NGX_HTTP_PAYMENTS_COUNTERS_H_INCLUDED_


#include "ngx_http_payments.h"
#include "ngx_http_payments_spool.h"


/* Of a spool; the numbers of events that wait are of one process each. */

struct ngx_http_payments_spool_counts_s {
    payments_spool_counts_t  kept;
    payments_count_t         waiting[NGX_MAX_PROCESSES];
};


/* After a commit of n events, which took so many microseconds. */
void ngx_http_payments_count_commit(ngx_http_payments_spool_t *spool,
    payments_rc_e rc, ngx_uint_t n, int64_t us);

/* After a change of what waits in this process for a commit, or its end. */
void ngx_http_payments_count_waiting(ngx_http_payments_spool_t *spool);

/* Events that wait so, in all processes. */
uint64_t ngx_http_payments_waiting(ngx_http_payments_spool_t *spool);

/* After a delivery: ms since the event was received. */
void ngx_http_payments_count_delivered(ngx_http_payments_spool_t *spool,
    int64_t ms);

void ngx_http_payments_count_retried(ngx_http_payments_spool_t *spool);
void ngx_http_payments_count_dead(ngx_http_payments_spool_t *spool);


#endif /* _NGX_HTTP_PAYMENTS_COUNTERS_H_INCLUDED_ */
