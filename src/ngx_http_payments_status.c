
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * payments_status: what was counted, and what lies in the spools.  Threads
 * look at the disks; a request waits for them a moment, and then takes what
 * was known before.
 */


#include "ngx_http_payments_status.h"


/* ms: a look is good for so long, and so long is waited for one */
#define NGX_HTTP_PAYMENTS_LOOK_GOOD  1000
#define NGX_HTTP_PAYMENTS_LOOK_WAIT  500


typedef struct {
    ngx_queue_t                     queue;
    ngx_event_t                     timer;
    ngx_http_request_t             *request;
    unsigned                        queued:1;
} ngx_http_payments_watcher_t;


static void ngx_http_payments_status_look(ngx_http_payments_spool_t *spool);
static void ngx_http_payments_status_thread(void *data, ngx_log_t *log);
static void ngx_http_payments_status_looked(ngx_event_t *ev);
static ngx_uint_t ngx_http_payments_status_pending(
    ngx_http_payments_main_conf_t *pmcf);
static ngx_int_t ngx_http_payments_status_wait(ngx_http_request_t *r,
    ngx_http_payments_main_conf_t *pmcf);
static void ngx_http_payments_status_late(ngx_event_t *ev);
static void ngx_http_payments_status_cleanup(void *data);
static void ngx_http_payments_status_leave(
    ngx_http_payments_watcher_t *watcher);
static void ngx_http_payments_status_answer(
    ngx_http_payments_watcher_t *watcher);


char *
ngx_http_payments_status_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_payments_loc_conf_t *plcf = conf;

    ngx_str_t                      *value;
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_payments_main_conf_t  *pmcf;

    if (plcf->status) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 1 || ngx_strcmp(value[1].data, "json") == 0) {
        plcf->status = NGX_HTTP_PAYMENTS_JSON;

    } else if (ngx_strcmp(value[1].data, "prometheus") == 0) {
        plcf->status = NGX_HTTP_PAYMENTS_PROMETHEUS;

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_status\" is \"json\" or "
                           "\"prometheus\", not \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_payments_module);
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    pmcf->status = 1;
    clcf->handler = ngx_http_payments_status_handler;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_payments_status_handler(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_uint_t                      i;
    ngx_http_payments_spool_t     **spool;
    ngx_http_payments_main_conf_t  *pmcf;

    if (r != r->main) {
        return NGX_HTTP_FORBIDDEN;
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_payments_module);
    spool = pmcf->spools.elts;

    for (i = 0; i < pmcf->spools.nelts; i++) {
        ngx_http_payments_status_look(spool[i]);
    }

    if (ngx_http_payments_status_pending(pmcf)) {
        return ngx_http_payments_status_wait(r, pmcf);
    }

    return ngx_http_payments_status_send(r);
}


/* without one, the page has what was known before */

static void
ngx_http_payments_status_look(ngx_http_payments_spool_t *spool)
{
    ngx_http_payments_watch_t  *watch;

    if (spool->watch == NULL) {
        spool->watch = ngx_http_payments_task(spool->cycle->pool,
                                           spool->cycle->log,
                                           sizeof(ngx_http_payments_watch_t),
                                           ngx_http_payments_status_thread,
                                           ngx_http_payments_status_looked);
        if (spool->watch == NULL) {
            return;
        }

        watch = spool->watch->ctx;
        watch->spool = spool;
        watch->looked = -1;
        watch->posted = ngx_current_msec - NGX_HTTP_PAYMENTS_LOOK_GOOD;
    }

    watch = spool->watch->ctx;

    if (watch->busy
        || ngx_current_msec - watch->posted < NGX_HTTP_PAYMENTS_LOOK_GOOD)
    {
        return;
    }

    watch->posted = ngx_current_msec;

    if (ngx_http_payments_task_post(spool->pool, spool->watch) == NGX_OK) {
        watch->busy = 1;
    }
}


static void
ngx_http_payments_status_thread(void *data, ngx_log_t *log)
{
    ngx_http_payments_watch_t *watch = data;

    watch->rc = payments_spool_look(&watch->spool->core,
                                    watch->spool->relay != NULL,
                                    PAYMENTS_MAX_LOOK, &watch->look,
                                    &watch->fault);
}


static void
ngx_http_payments_status_looked(ngx_event_t *ev)
{
    ngx_queue_t                    *q;
    ngx_thread_task_t              *task;
    ngx_http_payments_watch_t      *watch;
    ngx_http_payments_main_conf_t  *pmcf;

    if (ngx_http_payments_task_done(ev, "a look at a spool") != NGX_OK) {
        return;
    }

    task = ev->data;
    watch = task->ctx;

    watch->busy = 0;

    if (watch->rc == 0) {
        watch->last = watch->look;
        watch->looked = ngx_http_payments_now();

    } else {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, watch->fault.err,
                      "payments_spool \"%V\": %s() failed while it was looked "
                      "at for \"payments_status\"", &watch->spool->path,
                      watch->fault.call);
    }

    pmcf = ngx_http_cycle_get_module_main_conf(watch->spool->cycle,
                                               ngx_http_payments_module);

    while (!ngx_queue_empty(&pmcf->watchers)
           && !ngx_http_payments_status_pending(pmcf))
    {
        q = ngx_queue_head(&pmcf->watchers);

        ngx_http_payments_status_answer(ngx_queue_data(q,
                                        ngx_http_payments_watcher_t, queue));
    }
}


/* a disk that hangs is not waited for anew by each request */

static ngx_uint_t
ngx_http_payments_status_pending(ngx_http_payments_main_conf_t *pmcf)
{
    ngx_uint_t                   i;
    ngx_http_payments_spool_t  **spool;
    ngx_http_payments_watch_t   *watch;

    spool = pmcf->spools.elts;

    for (i = 0; i < pmcf->spools.nelts; i++) {

        if (spool[i]->watch == NULL) {
            continue;
        }

        watch = spool[i]->watch->ctx;

        if (watch->busy
            && ngx_current_msec - watch->posted < NGX_HTTP_PAYMENTS_LOOK_WAIT)
        {
            return 1;
        }
    }

    return 0;
}


/* no thread uses the request's memory: its client may go at any time */

static ngx_int_t
ngx_http_payments_status_wait(ngx_http_request_t *r,
    ngx_http_payments_main_conf_t *pmcf)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_payments_watcher_t  *watcher;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_payments_watcher_t));
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    watcher = cln->data;

    ngx_memzero(watcher, sizeof(ngx_http_payments_watcher_t));

    cln->handler = ngx_http_payments_status_cleanup;

    watcher->request = r;
    watcher->queued = 1;
    watcher->timer.handler = ngx_http_payments_status_late;
    watcher->timer.data = watcher;
    watcher->timer.log = r->connection->log;

    ngx_queue_insert_tail(&pmcf->watchers, &watcher->queue);
    ngx_add_timer(&watcher->timer, NGX_HTTP_PAYMENTS_LOOK_WAIT);

    if (!r->discard_body) {
        r->read_event_handler = ngx_http_test_reading;
    }

    r->write_event_handler = ngx_http_request_empty_handler;
    r->main->count++;

    return NGX_DONE;
}


static void
ngx_http_payments_status_late(ngx_event_t *ev)
{
    ngx_http_payments_status_answer(ev->data);
}


static void
ngx_http_payments_status_cleanup(void *data)
{
    ngx_http_payments_status_leave(data);
}


static void
ngx_http_payments_status_leave(ngx_http_payments_watcher_t *watcher)
{
    if (watcher->queued) {
        ngx_queue_remove(&watcher->queue);
        watcher->queued = 0;
    }

    if (watcher->timer.timer_set) {
        ngx_del_timer(&watcher->timer);
    }
}


static void
ngx_http_payments_status_answer(ngx_http_payments_watcher_t *watcher)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = watcher->request;
    c = r->connection;

    ngx_http_payments_status_leave(watcher);

    ngx_http_set_log_request(c->log, r);

    ngx_http_finalize_request(r, ngx_http_payments_status_send(r));
    ngx_http_run_posted_requests(c);
}
