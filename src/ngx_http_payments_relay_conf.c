
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * payments_relay, and which spool has one: each that a location with
 * payments_pass uses.
 */


#include "ngx_http_payments_relay.h"
#include "ngx_http_payments_spool.h"


/*
 * A delivery takes two connections, and the helper process has 512 for all
 * relays, and for what else it has to do
 */
#define NGX_HTTP_PAYMENTS_MAX_CONCURRENCY  128
#define NGX_HTTP_PAYMENTS_MAX_DELIVERIES   240

/* a year */
#define NGX_HTTP_PAYMENTS_MAX_TIME         (365 * 24 * 3600)


typedef struct {
    ngx_str_t    name;
    ngx_int_t  (*set)(ngx_http_payments_relay_conf_t *rcf, ngx_str_t *value);
} ngx_http_payments_relay_param_t;


static ngx_int_t ngx_http_payments_relay_parameter(
    ngx_http_payments_relay_conf_t *rcf, ngx_str_t *value);
static ngx_int_t ngx_http_payments_relay_concurrency(
    ngx_http_payments_relay_conf_t *rcf, ngx_str_t *value);
static ngx_int_t ngx_http_payments_relay_timeout(
    ngx_http_payments_relay_conf_t *rcf, ngx_str_t *value);
static ngx_int_t ngx_http_payments_relay_retries(
    ngx_http_payments_relay_conf_t *rcf, ngx_str_t *value);
static ngx_int_t ngx_http_payments_relay_backoff(
    ngx_http_payments_relay_conf_t *rcf, ngx_str_t *value);
static ngx_int_t ngx_http_payments_relay_max_age(
    ngx_http_payments_relay_conf_t *rcf, ngx_str_t *value);
static ngx_int_t ngx_http_payments_relay_order(
    ngx_http_payments_relay_conf_t *rcf, ngx_str_t *value);
static ngx_int_t ngx_http_payments_relay_time(ngx_str_t *value,
    ngx_msec_t *ms);
static ngx_int_t ngx_http_payments_relay_create(ngx_conf_t *cf,
    ngx_http_payments_loc_conf_t *plcf);
static ngx_int_t ngx_http_payments_relay_sum(ngx_conf_t *cf);
static void ngx_http_payments_relay_uri(ngx_conf_t *cf,
    ngx_http_payments_relay_t *relay);
static ngx_uint_t ngx_http_payments_relay_same(ngx_http_payments_relay_t *a,
    ngx_http_payments_loc_conf_t *plcf, ngx_http_core_srv_conf_t *cscf);


static ngx_http_payments_relay_conf_t  ngx_http_payments_relay_default = {
    8,                                     /* concurrency */
    30 * 1000,                             /* timeout */
    NGX_HTTP_PAYMENTS_UNLIMITED,           /* retries */
    1000,                                  /* backoff_min */
    3600 * 1000,                           /* backoff_max */
    3 * 24 * 3600 * 1000,                  /* max_age */
    0                                      /* by_token */
};


static ngx_http_payments_relay_param_t  ngx_http_payments_relay_params[] = {
    { ngx_string("concurrency="), ngx_http_payments_relay_concurrency },
    { ngx_string("timeout="), ngx_http_payments_relay_timeout },
    { ngx_string("retries="), ngx_http_payments_relay_retries },
    { ngx_string("backoff="), ngx_http_payments_relay_backoff },
    { ngx_string("max_age="), ngx_http_payments_relay_max_age },
    { ngx_string("order="), ngx_http_payments_relay_order },

    { ngx_null_string, NULL }
};


char *
ngx_http_payments_relay_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_payments_loc_conf_t *plcf = conf;

    ngx_str_t                       *value;
    ngx_uint_t                       i;
    ngx_http_payments_relay_conf_t  *rcf;

    if (plcf->relay != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    rcf = ngx_palloc(cf->pool, sizeof(ngx_http_payments_relay_conf_t));
    if (rcf == NULL) {
        return NGX_CONF_ERROR;
    }

    *rcf = ngx_http_payments_relay_default;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {
        if (ngx_http_payments_relay_parameter(rcf, &value[i]) != NGX_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" of "
                               "\"payments_relay\"", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    plcf->relay = rcf;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_payments_relay_parameter(ngx_http_payments_relay_conf_t *rcf,
    ngx_str_t *value)
{
    ngx_str_t                         s;
    ngx_http_payments_relay_param_t  *param;

    for (param = ngx_http_payments_relay_params; param->name.len; param++) {

        if (value->len > param->name.len
            && ngx_strncmp(value->data, param->name.data, param->name.len)
               == 0)
        {
            s.len = value->len - param->name.len;
            s.data = value->data + param->name.len;

            return param->set(rcf, &s);
        }
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_payments_relay_concurrency(ngx_http_payments_relay_conf_t *rcf,
    ngx_str_t *value)
{
    ngx_int_t  n;

    n = ngx_atoi(value->data, value->len);
    rcf->concurrency = n;

    return (n > 0 && n <= NGX_HTTP_PAYMENTS_MAX_CONCURRENCY) ? NGX_OK
                                                             : NGX_ERROR;
}


static ngx_int_t
ngx_http_payments_relay_timeout(ngx_http_payments_relay_conf_t *rcf,
    ngx_str_t *value)
{
    return ngx_http_payments_relay_time(value, &rcf->timeout);
}


static ngx_int_t
ngx_http_payments_relay_retries(ngx_http_payments_relay_conf_t *rcf,
    ngx_str_t *value)
{
    ngx_int_t  n;

    n = ngx_atoi(value->data, value->len);
    rcf->retries = n;

    return (n != NGX_ERROR) ? NGX_OK : NGX_ERROR;
}


/* "1s..1h" */

static ngx_int_t
ngx_http_payments_relay_backoff(ngx_http_payments_relay_conf_t *rcf,
    ngx_str_t *value)
{
    u_char     *dots;
    ngx_str_t   min, max;

    dots = ngx_strnstr(value->data, "..", value->len);
    if (dots == NULL) {
        return NGX_ERROR;
    }

    min.data = value->data;
    min.len = dots - value->data;

    max.data = dots + 2;
    max.len = value->data + value->len - max.data;

    if (ngx_http_payments_relay_time(&min, &rcf->backoff_min) != NGX_OK
        || ngx_http_payments_relay_time(&max, &rcf->backoff_max) != NGX_OK
        || rcf->backoff_min > rcf->backoff_max)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_relay_max_age(ngx_http_payments_relay_conf_t *rcf,
    ngx_str_t *value)
{
    return ngx_http_payments_relay_time(value, &rcf->max_age);
}


static ngx_int_t
ngx_http_payments_relay_order(ngx_http_payments_relay_conf_t *rcf,
    ngx_str_t *value)
{
    rcf->by_token = 1;

    return ngx_strcmp(value->data, "token") == 0 ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_payments_relay_time(ngx_str_t *value, ngx_msec_t *ms)
{
    ngx_int_t  n;

    n = ngx_parse_time(value, 0);
    *ms = n;

    return (n > 0 && n / 1000 <= NGX_HTTP_PAYMENTS_MAX_TIME) ? NGX_OK
                                                             : NGX_ERROR;
}


char *
ngx_http_payments_relay_merge(ngx_conf_t *cf,
    ngx_http_payments_loc_conf_t *plcf)
{
    ngx_http_core_srv_conf_t  *cscf;
    ngx_http_core_loc_conf_t  *clcf;

    if (plcf->spool == NULL || plcf->pass.len == 0) {
        return NGX_CONF_OK;
    }

    if (plcf->relay == NULL) {
        plcf->relay = &ngx_http_payments_relay_default;
    }

    if (plcf->spool->relay == NULL) {
        return ngx_http_payments_relay_create(cf, plcf) == NGX_OK
               ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);

    if (ngx_http_payments_relay_same(plcf->spool->relay, plcf, cscf)) {
        return NGX_CONF_OK;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "location \"%V\": the events of \"payments_spool\" \"%V\" "
                  "are relayed to \"%V\" in another way: a spool has one "
                  "\"payments_pass\", \"payments_format\", "
                  "\"payments_sign_key\" and \"payments_relay\", use another "
                  "one", &clcf->name, &plcf->spool->path,
                  &plcf->spool->relay->plcf->pass);

    return NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_payments_relay_create(ngx_conf_t *cf,
    ngx_http_payments_loc_conf_t *plcf)
{
    ngx_http_payments_relay_t  *relay;

    relay = ngx_pcalloc(cf->pool, sizeof(ngx_http_payments_relay_t));
    if (relay == NULL) {
        return NGX_ERROR;
    }

    relay->conf = plcf->relay;
    relay->spool = plcf->spool;
    relay->plcf = plcf;
    relay->cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);

    ngx_http_payments_relay_uri(cf, relay);

    plcf->spool->relay = relay;

    return ngx_http_payments_relay_sum(cf);
}


static ngx_int_t
ngx_http_payments_relay_sum(ngx_conf_t *cf)
{
    ngx_uint_t                       i, n;
    ngx_http_payments_spool_t      **spool;
    ngx_http_payments_main_conf_t   *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_payments_module);

    spool = pmcf->spools.elts;
    n = 0;

    for (i = 0; i < pmcf->spools.nelts; i++) {
        if (spool[i]->relay != NULL) {
            n += spool[i]->relay->conf->concurrency;
        }
    }

    if (n > NGX_HTTP_PAYMENTS_MAX_DELIVERIES) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "the relays of all \"payments_spool\" may have %d "
                      "deliveries at the same time, and these have %ui or "
                      "more: lower \"concurrency\" in \"payments_relay\"",
                      NGX_HTTP_PAYMENTS_MAX_DELIVERIES, n);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* what the gateway would have asked for */

static void
ngx_http_payments_relay_uri(ngx_conf_t *cf, ngx_http_payments_relay_t *relay)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    ngx_str_set(&relay->uri, "/payments/process/");

#if (NGX_PCRE)
    if (clcf->regex != NULL) {
        return;
    }
#endif

    if (clcf->noname || clcf->lmt_excpt || clcf->name.len == 0
        || clcf->name.data[0] != '/')
    {
        return;
    }

    relay->uri = clcf->name;
    relay->whole = (clcf->exact_match || relay->plcf->variant != NULL);
}


static ngx_uint_t
ngx_http_payments_relay_same(ngx_http_payments_relay_t *relay,
    ngx_http_payments_loc_conf_t *plcf, ngx_http_core_srv_conf_t *cscf)
{
    return relay->cscf == cscf
           && relay->plcf->pass.len == plcf->pass.len
           && ngx_strncmp(relay->plcf->pass.data, plcf->pass.data,
                          plcf->pass.len)
              == 0
           && relay->plcf->format == plcf->format
           && relay->plcf->sign_keys == plcf->sign_keys
           && ngx_memcmp(relay->conf, plcf->relay,
                         sizeof(ngx_http_payments_relay_conf_t))
              == 0;
}
