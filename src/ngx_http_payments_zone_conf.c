
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * payments_dedup_zone and payments_dedup.
 */


#include "ngx_http_payments_zone.h"


#define NGX_HTTP_PAYMENTS_WINDOW    (4 * 24 * 3600)
#define NGX_HTTP_PAYMENTS_WAIT      5000
#define NGX_HTTP_PAYMENTS_MAX_WAIT  60000


static ngx_int_t ngx_http_payments_zone_alone(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf, ngx_http_payments_zone_t *zone);
static ngx_int_t ngx_http_payments_zone_memory(ngx_conf_t *cf,
    ngx_http_payments_zone_t *zone, size_t size);
static ngx_int_t ngx_http_payments_zone_parameter(ngx_conf_t *cf,
    ngx_http_payments_zone_t *zone, ngx_str_t *value, ssize_t *size);
static ngx_int_t ngx_http_payments_zone_size(ngx_conf_t *cf,
    ngx_http_payments_zone_t *zone, ngx_str_t *value, ssize_t *size);
static ngx_int_t ngx_http_payments_dedup_parameter(ngx_conf_t *cf,
    ngx_http_payments_dedup_t *dedup, ngx_str_t s);
static ngx_http_payments_variant_t *ngx_http_payments_zone_too_short(
    ngx_rbtree_t *variants, time_t window);


char *
ngx_http_payments_zone_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_payments_main_conf_t *pmcf = conf;

    ssize_t                     size;
    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_http_payments_zone_t   *zone, **pzone;

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_payments_zone_t));
    if (zone == NULL
        || ngx_array_init(&zone->spools, cf->pool, 1,
                          sizeof(ngx_http_payments_spool_t *))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    zone->pool = cf->pool;
    zone->pmcf = pmcf;
    zone->window = NGX_HTTP_PAYMENTS_WINDOW;
    size = 0;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {
        if (ngx_http_payments_zone_parameter(cf, zone, &value[i], &size)
            != NGX_OK)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" of "
                               "\"payments_dedup_zone\"", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    if (size == 0) {
        return "needs a name and a size, as in \"zone=payments:10m\"";
    }

    if (ngx_http_payments_zone_alone(cf, pmcf, zone) != NGX_OK
        || ngx_http_payments_zone_memory(cf, zone, size) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    pzone = ngx_array_push(&pmcf->zones);
    if (pzone == NULL) {
        return NGX_CONF_ERROR;
    }

    *pzone = zone;

    return NGX_CONF_OK;
}


/* each would write over what the other one has noted in their file */

static ngx_int_t
ngx_http_payments_zone_alone(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf, ngx_http_payments_zone_t *zone)
{
    ngx_uint_t                  i;
    ngx_http_payments_zone_t  **other;

    other = pmcf->zones.elts;

    for (i = 0; i < pmcf->zones.nelts; i++) {

        if (zone->path.len == 0 || other[i]->path.len != zone->path.len
            || ngx_strcmp(other[i]->path.data, zone->path.data) != 0)
        {
            continue;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_dedup_zone\" \"%V\" has the state "
                           "file of \"%V\": give it one of its own",
                           &zone->name, &other[i]->name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_zone_memory(ngx_conf_t *cf, ngx_http_payments_zone_t *zone,
    size_t size)
{
    ngx_shm_zone_t  *shm_zone;

    shm_zone = ngx_shared_memory_add(cf, &zone->name, size,
                                     &ngx_http_payments_module);
    if (shm_zone == NULL) {
        return NGX_ERROR;
    }

    if (shm_zone->data != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate \"payments_dedup_zone\" \"%V\"",
                           &zone->name);
        return NGX_ERROR;
    }

    shm_zone->init = ngx_http_payments_zone_init;
    shm_zone->data = zone;

    zone->shm_zone = shm_zone;

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_zone_parameter(ngx_conf_t *cf,
    ngx_http_payments_zone_t *zone, ngx_str_t *value, ssize_t *size)
{
    ngx_str_t  s;

    if (ngx_strncmp(value->data, "zone=", 5) == 0) {
        s.len = value->len - 5;
        s.data = value->data + 5;

        return ngx_http_payments_zone_size(cf, zone, &s, size);
    }

    if (ngx_strncmp(value->data, "window=", 7) == 0) {
        s.len = value->len - 7;
        s.data = value->data + 7;

        zone->window = ngx_parse_time(&s, 1);

        return (zone->window != (time_t) NGX_ERROR && zone->window > 0)
               ? NGX_OK : NGX_ERROR;
    }

    if (ngx_strncmp(value->data, "state=", 6) == 0 && value->len > 6) {
        zone->path.len = value->len - 6;
        zone->path.data = value->data + 6;

        zone->threads = ngx_thread_pool_add(cf, NULL);

        return (zone->threads != NULL)
               ? ngx_conf_full_name(cf->cycle, &zone->path, 0) : NGX_ERROR;
    }

    return NGX_ERROR;
}


/* "name:size" */

static ngx_int_t
ngx_http_payments_zone_size(ngx_conf_t *cf, ngx_http_payments_zone_t *zone,
    ngx_str_t *value, ssize_t *size)
{
    u_char     *colon;
    ngx_str_t   s;

    colon = ngx_strlchr(value->data, value->data + value->len, ':');

    if (colon == NULL || colon == value->data || zone->name.len != 0) {
        return NGX_ERROR;
    }

    zone->name.data = value->data;
    zone->name.len = colon - value->data;

    s.data = colon + 1;
    s.len = value->data + value->len - s.data;

    *size = ngx_parse_size(&s);

    if (*size == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (*size < (ssize_t) (8 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_dedup_zone\" \"%V\" is too small: an "
                           "event takes less than 64 bytes, and the least is "
                           "%uz", &zone->name, 8 * ngx_pagesize);
        return NGX_ERROR;
    }

    return NGX_OK;
}


char *
ngx_http_payments_dedup_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_payments_loc_conf_t *plcf = conf;

    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_http_payments_dedup_t  *dedup;

    if (plcf->dedup != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    dedup = ngx_pcalloc(cf->pool, sizeof(ngx_http_payments_dedup_t));
    if (dedup == NULL) {
        return NGX_CONF_ERROR;
    }

    dedup->wait = NGX_HTTP_PAYMENTS_WAIT;
    plcf->dedup = dedup;

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        return (cf->args->nelts == 2) ? NGX_CONF_OK
                                      : "has parameters after \"off\"";
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_payments_dedup_parameter(cf, dedup, value[i]) == NGX_OK)
        {
            continue;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" of \"payments_dedup\"",
                           &value[i]);
        return NGX_CONF_ERROR;
    }

    return (dedup->shm_zone != NULL) ? NGX_CONF_OK
                                     : "needs a zone, or \"off\"";
}


static ngx_int_t
ngx_http_payments_dedup_parameter(ngx_conf_t *cf,
    ngx_http_payments_dedup_t *dedup, ngx_str_t s)
{
    ngx_int_t  n;

    if (ngx_strncmp(s.data, "zone=", 5) == 0 && s.len > 5) {
        s.len -= 5;
        s.data += 5;

        dedup->shm_zone = ngx_shared_memory_add(cf, &s, 0,
                                                &ngx_http_payments_module);

        return (dedup->shm_zone != NULL) ? NGX_OK : NGX_ERROR;
    }

    if (ngx_strncmp(s.data, "wait=", 5) == 0) {
        s.len -= 5;
        s.data += 5;

        n = ngx_parse_time(&s, 0);
        dedup->wait = n;

        return (n != NGX_ERROR && n <= NGX_HTTP_PAYMENTS_MAX_WAIT)
               ? NGX_OK : NGX_ERROR;
    }

    return NGX_ERROR;
}


char *
ngx_http_payments_dedup_merge(ngx_conf_t *cf,
    ngx_http_payments_loc_conf_t *plcf)
{
    ngx_http_core_loc_conf_t    *clcf;
    ngx_http_payments_zone_t    *zone;
    ngx_http_payments_spool_t  **spool;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (plcf->dedup == NULL) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "location \"%V\" has \"payments_process\" and no "
                      "\"payments_dedup\": an event that is sent twice is "
                      "delivered twice; \"payments_dedup off\" says that this "
                      "is meant", &clcf->name);
        return NGX_CONF_OK;
    }

    if (plcf->dedup->shm_zone == NULL) {
        return NGX_CONF_OK;
    }

    zone = plcf->dedup->shm_zone->data;

    if (zone == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "location \"%V\": there is no \"payments_dedup_zone\" "
                      "\"%V\"", &clcf->name, &plcf->dedup->shm_zone->shm.name);
        return NGX_CONF_ERROR;
    }

    plcf->dedup->zone = zone;

    if (plcf->spool == NULL) {
        return NGX_CONF_OK;
    }

    if (ngx_http_payments_zone_of(zone, plcf->spool)) {
        return NGX_CONF_OK;
    }

    spool = ngx_array_push(&zone->spools);
    if (spool == NULL) {
        return NGX_CONF_ERROR;
    }

    *spool = plcf->spool;

    return NGX_CONF_OK;
}


ngx_uint_t
ngx_http_payments_zone_of(ngx_http_payments_zone_t *zone,
    ngx_http_payments_spool_t *spool)
{
    ngx_uint_t                   i;
    ngx_http_payments_spool_t  **spools;

    spools = zone->spools.elts;

    for (i = 0; i < zone->spools.nelts; i++) {
        if (spools[i] == spool) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_payments_zones_check(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf)
{
    ngx_uint_t                     i;
    ngx_http_payments_zone_t     **zone;
    ngx_http_payments_variant_t   *variant;

    zone = pmcf->zones.elts;

    for (i = 0; i < pmcf->zones.nelts; i++) {

        variant = ngx_http_payments_zone_too_short(&pmcf->variants,
                                                   zone[i]->window);
        if (variant == NULL) {
            continue;
        }

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"window\" of \"payments_dedup_zone\" \"%V\" is %T s, "
                      "and \"payments_variant\" \"%V\" takes signatures that "
                      "are up to %T s old: an event could be sent again when "
                      "it is forgotten", &zone[i]->name, zone[i]->window,
                      &variant->name, variant->tolerance);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_http_payments_variant_t *
ngx_http_payments_zone_too_short(ngx_rbtree_t *variants, time_t window)
{
    ngx_rbtree_node_t            *node;
    ngx_http_payments_variant_t  *variant;

    if (variants->root == variants->sentinel) {
        return NULL;
    }

    for (node = ngx_rbtree_min(variants->root, variants->sentinel);
         node != NULL;
         node = ngx_rbtree_next(variants, node))
    {
        variant = (ngx_http_payments_variant_t *) node;

        if (variant->tolerance > window) {
            return variant;
        }
    }

    return NULL;
}
