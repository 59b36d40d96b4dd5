
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The payments_spool directive.
 */


#include "ngx_http_payments_spool.h"

#include <grp.h>


#define NGX_HTTP_PAYMENTS_MIN_FREE  (64 * 1024 * 1024)
#define NGX_HTTP_PAYMENTS_PENDING   1024
#define NGX_HTTP_PAYMENTS_SEAL      20      /* ms */

/*
 * bytes of zeros: dozens of lone events, and no more than a commit may wait
 * for; a commit of more than a quarter of it is as fast without
 */
#define NGX_HTTP_PAYMENTS_AHEAD     (256 * 1024)
#define NGX_HTTP_PAYMENTS_MAX_SEAL  60000


typedef struct {
    ngx_str_t    name;
    ngx_int_t  (*set)(ngx_conf_t *cf, ngx_http_payments_spool_t *spool,
        ngx_str_t *value);
} ngx_http_payments_spool_param_t;


static ngx_http_payments_spool_t *ngx_http_payments_spool_parse(
    ngx_conf_t *cf, ngx_str_t *path);
static ngx_int_t ngx_http_payments_spool_parameter(ngx_conf_t *cf,
    ngx_http_payments_spool_t *spool, ngx_str_t *value);
static ngx_int_t ngx_http_payments_spool_sync(ngx_conf_t *cf,
    ngx_http_payments_spool_t *spool, ngx_str_t *value);
static ngx_int_t ngx_http_payments_spool_min_free(ngx_conf_t *cf,
    ngx_http_payments_spool_t *spool, ngx_str_t *value);
static ngx_int_t ngx_http_payments_spool_pending(ngx_conf_t *cf,
    ngx_http_payments_spool_t *spool, ngx_str_t *value);
static ngx_int_t ngx_http_payments_spool_seal(ngx_conf_t *cf,
    ngx_http_payments_spool_t *spool, ngx_str_t *value);
static ngx_int_t ngx_http_payments_spool_pool(ngx_conf_t *cf,
    ngx_http_payments_spool_t *spool, ngx_str_t *value);
static ngx_int_t ngx_http_payments_spool_group(ngx_conf_t *cf,
    ngx_http_payments_spool_t *spool, ngx_str_t *value);
static ngx_http_payments_spool_t *ngx_http_payments_spool_find(
    ngx_http_payments_main_conf_t *pmcf, ngx_str_t *path);
static ngx_uint_t ngx_http_payments_spool_same(ngx_http_payments_spool_t *a,
    ngx_http_payments_spool_t *b);


static ngx_http_payments_spool_param_t  ngx_http_payments_spool_params[] = {
    { ngx_string("sync="), ngx_http_payments_spool_sync },
    { ngx_string("min_free="), ngx_http_payments_spool_min_free },
    { ngx_string("pending="), ngx_http_payments_spool_pending },
    { ngx_string("seal="), ngx_http_payments_spool_seal },
    { ngx_string("group="), ngx_http_payments_spool_group },
    { ngx_string("pool="), ngx_http_payments_spool_pool },

    { ngx_null_string, NULL }
};


char *
ngx_http_payments_spool_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_payments_loc_conf_t *plcf = conf;

    ngx_str_t                      *value, path;
    ngx_http_payments_spool_t      *spool, *other, **pspool;
    ngx_http_payments_main_conf_t  *pmcf;

    if (plcf->spool != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        plcf->spool = NULL;
        return (cf->args->nelts == 2) ? NGX_CONF_OK
                                      : "has parameters after \"off\"";
    }

    path = value[1];

    while (path.len > 1 && path.data[path.len - 1] == '/') {
        path.data[--path.len] = '\0';
    }

    if (path.len == 0 || ngx_conf_full_name(cf->cycle, &path, 0) != NGX_OK) {
        return "needs a path";
    }

    spool = ngx_http_payments_spool_parse(cf, &path);
    if (spool == NULL) {
        return NGX_CONF_ERROR;
    }

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_payments_module);

    other = ngx_http_payments_spool_find(pmcf, &path);

    if (other != NULL && !ngx_http_payments_spool_same(spool, other)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_spool\" \"%V\" was given other "
                           "parameters elsewhere: give it the same ones, or "
                           "set it once at a higher level", &path);
        return NGX_CONF_ERROR;
    }

    if (other != NULL) {
        plcf->spool = other;
        return NGX_CONF_OK;
    }

    pspool = ngx_array_push(&pmcf->spools);
    if (pspool == NULL) {
        return NGX_CONF_ERROR;
    }

    *pspool = spool;
    plcf->spool = spool;

    return NGX_CONF_OK;
}


static ngx_http_payments_spool_t *
ngx_http_payments_spool_parse(ngx_conf_t *cf, ngx_str_t *path)
{
    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_http_payments_spool_t  *spool;

    spool = ngx_pcalloc(cf->pool, sizeof(ngx_http_payments_spool_t));
    if (spool == NULL) {
        return NULL;
    }

    spool->path = *path;
    spool->core.path = (char *) path->data;
    spool->core.sync = 1;
    spool->core.mode = 0640;
    spool->core.reserve = NGX_HTTP_PAYMENTS_MIN_FREE;
    spool->core.ahead = NGX_HTTP_PAYMENTS_AHEAD;
    spool->pending = NGX_HTTP_PAYMENTS_PENDING;
    spool->seal = NGX_HTTP_PAYMENTS_SEAL;
    spool->gid = (gid_t) -1;

    value = cf->args->elts;

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_http_payments_spool_parameter(cf, spool, &value[i]) != NGX_OK)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" of "
                               "\"payments_spool\" \"%V\"", &value[i], path);
            return NULL;
        }
    }

    if (spool->pool == NULL) {
        spool->pool = ngx_thread_pool_add(cf, NULL);
        if (spool->pool == NULL) {
            return NULL;
        }
    }

    if (!spool->core.sync) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"sync=off\" in \"payments_spool\" \"%V\": events "
                           "that were answered with 200 are lost when the "
                           "machine loses power", path);
    }

    return spool;
}


static ngx_int_t
ngx_http_payments_spool_parameter(ngx_conf_t *cf,
    ngx_http_payments_spool_t *spool, ngx_str_t *value)
{
    ngx_str_t                         s;
    ngx_http_payments_spool_param_t  *param;

    for (param = ngx_http_payments_spool_params; param->name.len; param++) {

        if (value->len > param->name.len
            && ngx_strncmp(value->data, param->name.data, param->name.len)
               == 0)
        {
            s.len = value->len - param->name.len;
            s.data = value->data + param->name.len;

            return param->set(cf, spool, &s);
        }
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_payments_spool_sync(ngx_conf_t *cf, ngx_http_payments_spool_t *spool,
    ngx_str_t *value)
{
    spool->core.sync = (ngx_strcmp(value->data, "on") == 0);

    return (spool->core.sync || ngx_strcmp(value->data, "off") == 0)
           ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_payments_spool_min_free(ngx_conf_t *cf,
    ngx_http_payments_spool_t *spool, ngx_str_t *value)
{
    off_t  size;

    size = ngx_parse_offset(value);
    spool->core.reserve = size;

    return (size != (off_t) NGX_ERROR) ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_payments_spool_pending(ngx_conf_t *cf,
    ngx_http_payments_spool_t *spool, ngx_str_t *value)
{
    ngx_int_t  n;

    n = ngx_atoi(value->data, value->len);
    spool->pending = n;

    return (n > 0) ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_payments_spool_seal(ngx_conf_t *cf, ngx_http_payments_spool_t *spool,
    ngx_str_t *value)
{
    ngx_int_t  n;

    n = ngx_parse_time(value, 0);
    spool->seal = n;

    return (n > 0 && n <= NGX_HTTP_PAYMENTS_MAX_SEAL) ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_payments_spool_pool(ngx_conf_t *cf, ngx_http_payments_spool_t *spool,
    ngx_str_t *value)
{
    spool->pool = ngx_thread_pool_add(cf, value);

    return (spool->pool != NULL) ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_payments_spool_group(ngx_conf_t *cf,
    ngx_http_payments_spool_t *spool, ngx_str_t *value)
{
    struct group  *grp;

    spool->group = *value;

    ngx_set_errno(0);

    grp = getgrnam((char *) spool->group.data);

    if (grp == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "there is no group \"%V\"", &spool->group);
        return NGX_ERROR;
    }

    spool->gid = grp->gr_gid;
    spool->core.mode = 0660;

    return NGX_OK;
}


static ngx_http_payments_spool_t *
ngx_http_payments_spool_find(ngx_http_payments_main_conf_t *pmcf,
    ngx_str_t *path)
{
    ngx_uint_t                   i;
    ngx_http_payments_spool_t  **spool;

    spool = pmcf->spools.elts;

    for (i = 0; i < pmcf->spools.nelts; i++) {
        if (spool[i]->path.len == path->len
            && ngx_strncmp(spool[i]->path.data, path->data, path->len) == 0)
        {
            return spool[i];
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_payments_spool_same(ngx_http_payments_spool_t *a,
    ngx_http_payments_spool_t *b)
{
    return a->core.sync == b->core.sync
           && a->core.reserve == b->core.reserve
           && a->pending == b->pending
           && a->seal == b->seal
           && a->gid == b->gid
           && a->pool == b->pool;
}
