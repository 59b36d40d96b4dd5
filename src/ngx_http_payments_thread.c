
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "ngx_http_payments_thread.h"


/* ms after which a thread's silence is worth a line in the log */
#define NGX_HTTP_PAYMENTS_PATIENCE  60000


static void ngx_http_payments_parked(ngx_http_request_t *r);


ngx_thread_task_t *
ngx_http_payments_task(ngx_pool_t *pool, ngx_log_t *log, size_t size,
    ngx_http_payments_thread_pt thread, ngx_event_handler_pt done)
{
    ngx_thread_task_t  *task;

    task = ngx_thread_task_alloc(pool, size);
    if (task == NULL) {
        return NULL;
    }

    task->handler = thread;
    task->event.data = task;
    task->event.handler = done;
    task->event.log = log;

    return task;
}


ngx_int_t
ngx_http_payments_task_post(ngx_thread_pool_t *pool, ngx_thread_task_t *task)
{
    if (ngx_thread_task_post(pool, task) != NGX_OK) {
        return NGX_ERROR;
    }

    /* without a timer a worker that retires would not wait for it */

    ngx_add_timer(&task->event, NGX_HTTP_PAYMENTS_PATIENCE);

    return NGX_OK;
}


ngx_int_t
ngx_http_payments_task_done(ngx_event_t *ev, const char *work)
{
    if (ev->timedout) {
        ev->timedout = 0;

        ngx_log_error(NGX_LOG_CRIT, ev->log, 0,
                      "payments: %s has not returned from the disk for %d "
                      "seconds", work, NGX_HTTP_PAYMENTS_PATIENCE / 1000);

        ngx_add_timer(ev, NGX_HTTP_PAYMENTS_PATIENCE);

        return NGX_AGAIN;
    }

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    return NGX_OK;
}


void
ngx_http_payments_park(ngx_http_payments_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    ctx->parked = 1;

    r->main->blocked++;
    r->aio = 1;

    /* nginx replaces the write handler when it ends a blocked request */

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_payments_parked;
}


void
ngx_http_payments_unpark(ngx_http_payments_ctx_t *ctx)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    ctx->parked = 0;

    r->main->blocked--;
    r->aio = 0;

#if (nginx_version >= 1025004)

    /* since then a terminated request keeps its handlers */

    if (r->main->terminated) {
        c->write->handler(c->write);
        return;
    }

#endif

    r->write_event_handler(r);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_payments_parked(ngx_http_request_t *r)
{
    ngx_http_payments_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_payments_module);

    /* the socket may become writable before the thread is done */

    if (ctx->parked) {
        return;
    }

    r->write_event_handler = ngx_http_request_empty_handler;

    ngx_http_payments_run(ctx);
}
