
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The process that relays: how it begins there, and how it ends.
 */


#include "ngx_http_payments_relay.h"
#include "ngx_http_payments_spool.h"


/* events in memory: whose order is kept, or that no file can be written for */
#define NGX_HTTP_PAYMENTS_RELAY_ORDER  8192
#define NGX_HTTP_PAYMENTS_RELAY_HELD   1024

/* ms that the master leaves to a process that it has told to end at once */
#define NGX_HTTP_PAYMENTS_RELAY_TERM   500


static ngx_msec_t ngx_http_payments_relay_manager(void *data);
static ngx_int_t ngx_http_payments_relay_begin(
    ngx_http_payments_relay_t *relay);
static ngx_int_t ngx_http_payments_relay_slots(
    ngx_http_payments_relay_t *relay);
static void ngx_http_payments_relay_exit(void);
static ngx_uint_t ngx_http_payments_relay_drain(ngx_uint_t close);


/*
 * nginx calls the manager of a path in a process that it starts for them.  It
 * has created the others by now, and given them to the workers' user: a spool
 * that was there before us keeps its owner.
 */

ngx_int_t
ngx_http_payments_relay_paths(ngx_cycle_t *cycle,
    ngx_http_payments_main_conf_t *pmcf)
{
    ngx_uint_t                   i;
    ngx_path_t                  *path, **slot;
    ngx_http_payments_spool_t  **spool;

    spool = pmcf->spools.elts;

    for (i = 0; i < pmcf->spools.nelts; i++) {

        if (spool[i]->relay == NULL) {
            continue;
        }

        path = ngx_pcalloc(cycle->pool, sizeof(ngx_path_t));
        if (path == NULL) {
            return NGX_ERROR;
        }

        path->name = spool[i]->path;
        path->manager = ngx_http_payments_relay_manager;
        path->data = spool[i]->relay;

        slot = ngx_array_push(&cycle->paths);
        if (slot == NULL) {
            return NGX_ERROR;
        }

        *slot = path;
    }

    return NGX_OK;
}


static ngx_msec_t
ngx_http_payments_relay_manager(void *data)
{
    ngx_http_payments_relay_t *relay = data;

    if (!relay->started && ngx_http_payments_relay_begin(relay) == NGX_OK) {

        /* nginx ends this process at once, in the middle of deliveries */

        (void) atexit(ngx_http_payments_relay_exit);
    }

    return 3600 * 1000;
}


void
ngx_http_payments_relay_single(ngx_http_payments_relay_t *relay)
{
    (void) ngx_http_payments_relay_begin(relay);
}


static ngx_int_t
ngx_http_payments_relay_begin(ngx_http_payments_relay_t *relay)
{
    int64_t                     longest;
    ngx_cycle_t                *cycle;
    ngx_http_payments_spool_t  *spool;

    cycle = (ngx_cycle_t *) ngx_cycle;
    spool = relay->spool;

    longest = relay->conf->backoff_max;
    longest += NGX_HTTP_PAYMENTS_RELAY_SPREAD(longest);
    longest = ngx_max(longest, NGX_HTTP_PAYMENTS_RELAY_LATER * 1000);

    relay->started = 1;

    if (ngx_http_payments_spool_host(cycle, spool) != NGX_OK) {
        return NGX_ERROR;
    }

    relay->queue = payments_queue_create(&spool->core, spool->host, ngx_pid,
                                         longest);

    if (relay->queue == NULL
        || ngx_http_payments_relay_slots(relay) != NGX_OK)
    {
        return NGX_ERROR;
    }

    relay->order = payments_order_create(relay->conf->by_token
                                         ? NGX_HTTP_PAYMENTS_RELAY_ORDER
                                         : NGX_HTTP_PAYMENTS_RELAY_HELD,
                                         (uint64_t) ngx_random());

    if (relay->order == NULL) {
        return NGX_ERROR;
    }

    relay->null = open("/dev/null", O_RDONLY|O_CLOEXEC);
    if (relay->null == -1) {
        ngx_log_error(NGX_LOG_CRIT, cycle->log, ngx_errno,
                      "payments: \"/dev/null\" cannot be opened");
        return NGX_ERROR;
    }

    relay->wake.handler = ngx_http_payments_relay_work;
    relay->wake.data = relay;
    relay->wake.log = cycle->log;
    relay->wake.cancelable = 1;

    ngx_post_event(&relay->wake, &ngx_posted_events);

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_relay_slots(ngx_http_payments_relay_t *relay)
{
    ngx_uint_t                     i;
    ngx_http_payments_delivery_t  *delivery;

    ngx_queue_init(&relay->idle);
    ngx_queue_init(&relay->ended);

    delivery = ngx_pcalloc(ngx_cycle->pool, relay->conf->concurrency
                                    * sizeof(ngx_http_payments_delivery_t));
    if (delivery == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < relay->conf->concurrency; i++) {
        delivery[i].relay = relay;
        ngx_queue_insert_tail(&relay->idle, &delivery[i].queue);
    }

    return NGX_OK;
}


/*
 * What is under way comes to its end, so that a reload delivers nothing twice;
 * then the files are another process's.
 */

static void
ngx_http_payments_relay_exit(void)
{
    ngx_msec_t  begin;

    if (ngx_process != NGX_PROCESS_HELPER) {
        return;
    }

    begin = ngx_current_msec;

    while (ngx_http_payments_relay_drain(0) != 0
           && (!ngx_terminate || ngx_current_msec - begin
                                 < NGX_HTTP_PAYMENTS_RELAY_TERM))
    {
        ngx_process_events_and_timers((ngx_cycle_t *) ngx_cycle);
    }

    (void) ngx_http_payments_relay_drain(1);
}


/* deliveries that are under way; close gives the files up */

static ngx_uint_t
ngx_http_payments_relay_drain(ngx_uint_t close)
{
    ngx_uint_t                       i, active;
    ngx_http_payments_relay_t       *relay;
    ngx_http_payments_spool_t      **spool;
    ngx_http_payments_main_conf_t   *pmcf;

    pmcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                               ngx_http_payments_module);
    spool = pmcf->spools.elts;
    active = 0;

    for (i = 0; i < pmcf->spools.nelts; i++) {

        relay = spool[i]->relay;

        if (relay == NULL || !relay->open) {
            continue;
        }

        relay->ending = 1;
        active += relay->active;

        if (close) {
            ngx_http_payments_relay_close(relay);
        }
    }

    return active;
}


void
ngx_http_payments_relay_close(ngx_http_payments_relay_t *relay)
{
    if (relay->queue == NULL) {
        return;
    }

    if (relay->order != NULL) {
        ngx_http_payments_relay_empty(relay);
    }

    payments_queue_free(relay->queue);
    payments_order_free(relay->order);

    relay->queue = NULL;
    relay->order = NULL;
    relay->open = 0;
}
