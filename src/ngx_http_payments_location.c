
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A location with payments_process: what it has to have, and what it gets.
 */


#include "ngx_http_payments_spool.h"


/* most events are smaller, and nginx's own buffers are not as large */
#define NGX_HTTP_PAYMENTS_BODY_BUFFER  (32 * 1024)


static void ngx_http_payments_small_buffer(ngx_conf_t *cf,
    ngx_http_core_loc_conf_t *clcf);
static char *ngx_http_payments_batches(ngx_conf_t *cf,
    ngx_http_payments_loc_conf_t *plcf, ngx_http_core_loc_conf_t *clcf);
static void ngx_http_payments_keep_answers(ngx_http_core_loc_conf_t *clcf);


char *
ngx_http_payments_location(ngx_conf_t *cf,
    ngx_http_payments_loc_conf_t *plcf)
{
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_payments_main_conf_t  *pmcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_payments_module);

    if (plcf->spool == NULL && plcf->pass.len == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "location \"%V\" has \"payments_process\" and nowhere "
                      "to put the events: add \"payments_spool\" or "
                      "\"payments_pass\"", &clcf->name);
        return NGX_CONF_ERROR;
    }

    if (clcf->handler != ngx_http_payments_handler || plcf->status) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "location \"%V\" has \"payments_process\" and another "
                      "directive that answers its requests: put that into a "
                      "named location, and name it by \"payments_pass\"",
                      &clcf->name);
        return NGX_CONF_ERROR;
    }

    plcf->pool = (plcf->spool != NULL) ? plcf->spool->pool
                                       : ngx_thread_pool_add(cf, NULL);
    if (plcf->pool == NULL) {
        return NGX_CONF_ERROR;
    }

    if (pmcf->variants.root == &pmcf->sentinel) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "location \"%V\" has \"payments_process\" and there is "
                      "no \"payments_variant\" in \"http\"", &clcf->name);
        return NGX_CONF_ERROR;
    }

    if (plcf->variant != NULL
        && plcf->variant->lengths == NULL
        && ngx_http_payments_variant_find(pmcf, &plcf->variant->value)
           == NULL)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "location \"%V\" has \"payments_process %V\" and there "
                      "is no such \"payments_variant\"", &clcf->name,
                      &plcf->variant->value);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_payments_batches(cf, plcf, clcf) != NGX_CONF_OK
        || ngx_http_payments_relay_merge(cf, plcf) != NGX_CONF_OK
        || ngx_http_payments_dedup_merge(cf, plcf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_http_payments_small_buffer(cf, clcf);

    ngx_http_payments_keep_answers(clcf);

    return NGX_CONF_OK;
}


static void
ngx_http_payments_small_buffer(ngx_conf_t *cf, ngx_http_core_loc_conf_t *clcf)
{
    if (clcf->client_body_buffer_size >= NGX_HTTP_PAYMENTS_BODY_BUFFER
        || (clcf->client_max_body_size != 0
            && clcf->client_max_body_size
               <= (off_t) clcf->client_body_buffer_size))
    {
        return;
    }

    ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                  "location \"%V\" has \"payments_process\", and events of "
                  "more than %uz bytes go by way of a file there, which costs "
                  "several times as much: add \"client_body_buffer_size "
                  "128k;\"", &clcf->name, clcf->client_body_buffer_size);
}


/*
 * Many events of one request can be passed on as they came, or each from the
 * spool in an envelope: one answer of the application is that of one delivery,
 * and one of them alone is not what the gateway has signed
 */

static char *
ngx_http_payments_batches(ngx_conf_t *cf, ngx_http_payments_loc_conf_t *plcf,
    ngx_http_core_loc_conf_t *clcf)
{
    ngx_rbtree_node_t              *node;
    ngx_http_payments_variant_t    *variant, *only;
    ngx_http_payments_main_conf_t  *pmcf;

    if (plcf->pass.len == 0
        || (plcf->spool == NULL && plcf->format == NGX_HTTP_PAYMENTS_RAW)
        || (plcf->spool != NULL
            && plcf->format == NGX_HTTP_PAYMENTS_ENVELOPE))
    {
        return NGX_CONF_OK;
    }

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_payments_module);

    only = (plcf->variant != NULL && plcf->variant->lengths == NULL)
           ? ngx_http_payments_variant_find(pmcf, &plcf->variant->value)
           : NULL;

    for (node = ngx_rbtree_min(pmcf->variants.root, pmcf->variants.sentinel);
         node != NULL;
         node = ngx_rbtree_next(&pmcf->variants, node))
    {
        variant = (ngx_http_payments_variant_t *) node;

        if (variant->provider->list == NULL
            || (only != NULL && variant != only))
        {
            continue;
        }

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "location \"%V\" takes \"payments_variant\" \"%V\", "
                      "whose requests have many events each: %s, or name "
                      "another variant in \"payments_process\"", &clcf->name,
                      &variant->name,
                      plcf->spool == NULL
                      ? "add \"payments_spool\" to deliver them one by one, "
                        "or \"payments_format raw\" to pass them on together"
                      : "with \"payments_spool\" they can only be delivered "
                        "by \"payments_format envelope\"");
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/*
 * An "error_page" would come before our answer to nginx's own 413, and make a
 * success of its 500 for a body that it could not read
 */

static void
ngx_http_payments_keep_answers(ngx_http_core_loc_conf_t *clcf)
{
    /* locations within this one have theirs already */

    clcf->error_pages = NULL;
}
