
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Work in nginx's thread pool, and requests that wait for it.
 */


#ifndef _NGX_HTTP_PAYMENTS_THREAD_H_INCLUDED_
#define _NGX_HTTP_PAYMENTS_THREAD_H_INCLUDED_


#include "ngx_http_payments.h"


typedef void (*ngx_http_payments_thread_pt)(void *data, ngx_log_t *log);


/* A task with a zeroed ctx of size bytes; done's event has it as data. */
ngx_thread_task_t *ngx_http_payments_task(ngx_pool_t *pool, ngx_log_t *log,
    size_t size, ngx_http_payments_thread_pt thread,
    ngx_event_handler_pt done);

/* NGX_ERROR when the pool's queue is full. */
ngx_int_t ngx_http_payments_task_post(ngx_thread_pool_t *pool,
    ngx_thread_task_t *task);

/*
 * To be called first by done: NGX_AGAIN when it was the timer that called it,
 * and the thread is still at work, which the log is told.
 */
ngx_int_t ngx_http_payments_task_done(ngx_event_t *ev, const char *work);

/*
 * A parked request is not freed, whatever its client does, as long as a
 * thread uses its memory.  Unparking goes on with the driver, or ends a
 * request whose client is gone: neither it nor ctx may be used after.
 */
void ngx_http_payments_park(ngx_http_payments_ctx_t *ctx);
void ngx_http_payments_unpark(ngx_http_payments_ctx_t *ctx);


#endif /* _NGX_HTTP_PAYMENTS_THREAD_H_INCLUDED_ */
