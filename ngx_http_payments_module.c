
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Directives, configuration, registration.
 */


#include "ngx_http_payments_spool.h"
#include "ngx_http_payments_status.h"
#include "ngx_http_payments_zone.h"


/* bytes of freed memory that a worker keeps for its next requests */
#define NGX_HTTP_PAYMENTS_HEAP  (8 * 1024 * 1024)


static char *ngx_http_payments_process(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static void *ngx_http_payments_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_payments_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_payments_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_payments_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_payments_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_payments_init_process(ngx_cycle_t *cycle);
static void ngx_http_payments_keep_heap(ngx_cycle_t *cycle);
static void ngx_http_payments_exit_process(ngx_cycle_t *cycle);


static ngx_conf_enum_t  ngx_http_payments_formats[] = {
    { ngx_string("envelope"), NGX_HTTP_PAYMENTS_ENVELOPE },
    { ngx_string("raw"), NGX_HTTP_PAYMENTS_RAW },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_payments_log_levels[] = {
    { ngx_string("info"), NGX_LOG_INFO },
    { ngx_string("notice"), NGX_LOG_NOTICE },
    { ngx_string("warn"), NGX_LOG_WARN },
    { ngx_string("error"), NGX_LOG_ERR },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_payments_commands[] = {

    { ngx_string("payments_variant"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_payments_variant_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("payments_process"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_payments_process,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("payments_spool"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
          |NGX_CONF_1MORE,
      ngx_http_payments_spool_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("payments_pass"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_payments_named_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_payments_loc_conf_t, pass),
      NULL },

    { ngx_string("payments_fallback"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_payments_named_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_payments_loc_conf_t, fallback),
      NULL },

    { ngx_string("payments_format"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
          |NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_payments_loc_conf_t, format),
      &ngx_http_payments_formats },

    { ngx_string("payments_sign_key"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
          |NGX_CONF_TAKE1,
      ngx_http_payments_sign_key_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("payments_relay"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
          |NGX_CONF_1MORE,
      ngx_http_payments_relay_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("payments_dedup_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_payments_zone_directive,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("payments_dedup"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
          |NGX_CONF_1MORE,
      ngx_http_payments_dedup_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("payments_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_payments_status_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("payments_log_level"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
          |NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_payments_loc_conf_t, log_level),
      &ngx_http_payments_log_levels },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_payments_module_ctx = {
    ngx_http_payments_add_variables,       /* preconfiguration */
    ngx_http_payments_init,                /* postconfiguration */

    ngx_http_payments_create_main_conf,    /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_payments_create_loc_conf,     /* create location configuration */
    ngx_http_payments_merge_loc_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_payments_module = {
    NGX_MODULE_V1,
    &ngx_http_payments_module_ctx,         /* module context */
    ngx_http_payments_commands,            /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_payments_init_module,         /* init module */
    ngx_http_payments_init_process,        /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_payments_exit_process,        /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static char *
ngx_http_payments_process(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_payments_loc_conf_t *plcf = conf;

    ngx_str_t                         *value;
    ngx_http_core_loc_conf_t          *clcf;
    ngx_http_compile_complex_value_t   ccv;

    if (plcf->process) {
        return "is duplicate";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    plcf->process = 1;
    clcf->handler = ngx_http_payments_handler;

    if (cf->args->nelts == 1) {
        return NGX_CONF_OK;
    }

    value = cf->args->elts;

    plcf->variant = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (plcf->variant == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = plcf->variant;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static void *
ngx_http_payments_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_payments_main_conf_t  *pmcf;

    pmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_payments_main_conf_t));
    if (pmcf == NULL) {
        return NULL;
    }

    ngx_rbtree_init(&pmcf->variants, &pmcf->sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&pmcf->watchers);

    if (ngx_array_init(&pmcf->spools, cf->pool, 4,
                       sizeof(ngx_http_payments_spool_t *))
            != NGX_OK
        || ngx_array_init(&pmcf->zones, cf->pool, 1,
                          sizeof(ngx_http_payments_zone_t *))
           != NGX_OK
        || ngx_http_payments_named_init(cf, pmcf) != NGX_OK)
    {
        return NULL;
    }

    return pmcf;
}


static void *
ngx_http_payments_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_payments_loc_conf_t  *plcf;

    plcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_payments_loc_conf_t));
    if (plcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc(), and not inherited:
     *
     *     plcf->process = 0;
     *     plcf->variant = NULL;
     *     plcf->pass = { 0, NULL };
     *     plcf->fallback = { 0, NULL };
     *     plcf->status = 0;
     */

    plcf->spool = NGX_CONF_UNSET_PTR;
    plcf->format = NGX_CONF_UNSET_UINT;
    plcf->sign_keys = NGX_CONF_UNSET_PTR;
    plcf->relay = NGX_CONF_UNSET_PTR;
    plcf->dedup = NGX_CONF_UNSET_PTR;
    plcf->log_level = NGX_CONF_UNSET_UINT;

    return plcf;
}


static char *
ngx_http_payments_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_payments_loc_conf_t *prev = parent;
    ngx_http_payments_loc_conf_t *conf = child;

    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    /* "if" and "limit_except" are locations of their own */

    if ((clcf->noname || clcf->lmt_excpt) && clcf->handler == NULL
        && prev->process)
    {
        conf->process = 1;
        conf->variant = prev->variant;
        conf->pass = prev->pass;
        conf->fallback = prev->fallback;
        clcf->handler = ngx_http_payments_handler;
    }

    if ((clcf->noname || clcf->lmt_excpt) && clcf->handler == NULL
        && prev->status)
    {
        conf->status = prev->status;
        clcf->handler = ngx_http_payments_status_handler;
    }

    ngx_conf_merge_ptr_value(conf->spool, prev->spool, NULL);
    ngx_conf_merge_uint_value(conf->format, prev->format,
                              NGX_HTTP_PAYMENTS_ENVELOPE);
    ngx_conf_merge_ptr_value(conf->sign_keys, prev->sign_keys, NULL);
    ngx_conf_merge_ptr_value(conf->relay, prev->relay, NULL);
    ngx_conf_merge_ptr_value(conf->dedup, prev->dedup, NULL);
    ngx_conf_merge_uint_value(conf->log_level, prev->log_level, NGX_LOG_WARN);

    return conf->process ? ngx_http_payments_location(cf, conf)
                         : NGX_CONF_OK;
}


static ngx_int_t
ngx_http_payments_init(ngx_conf_t *cf)
{
    ngx_http_payments_main_conf_t  *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_payments_module);

    if (ngx_http_payments_named_check(cf, pmcf) != NGX_OK
        || ngx_http_payments_zones_check(cf, pmcf) != NGX_OK
        || ngx_http_payments_counters_add(cf, pmcf) != NGX_OK
        || ngx_http_payments_spool_create_dirs(cf->cycle, pmcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_payments_filter_init(cf);
}


static ngx_int_t
ngx_http_payments_init_module(ngx_cycle_t *cycle)
{
    ngx_int_t                       dirs, paths;
    ngx_http_payments_main_conf_t  *pmcf;

    pmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_payments_module);
    if (pmcf == NULL) {
        return NGX_OK;
    }

    /*
     * An error ends the process: a test or a start, but not the master of a
     * site that runs.  There it is in the log, and events get a 503.
     */

    dirs = ngx_http_payments_spool_create_dirs(cycle, pmcf);
    paths = ngx_http_payments_relay_paths(cycle, pmcf);

    if ((dirs != NGX_OK || paths != NGX_OK)
        && ngx_is_init_cycle(cycle->old_cycle))
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                       i;
    ngx_http_payments_zone_t       **zone;
    ngx_http_payments_spool_t      **spool;
    ngx_http_payments_main_conf_t   *pmcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    pmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_payments_module);
    if (pmcf == NULL) {
        return NGX_OK;
    }

    ngx_http_payments_log_init();

    spool = pmcf->spools.elts;

    if (pmcf->spools.nelts != 0) {
        ngx_http_payments_keep_heap(cycle);
    }

    for (i = 0; i < pmcf->spools.nelts; i++) {
        if (ngx_http_payments_spool_init(cycle, spool[i]) != NGX_OK) {
            return NGX_ERROR;
        }

        if (ngx_process == NGX_PROCESS_SINGLE && spool[i]->relay != NULL) {
            ngx_http_payments_relay_single(spool[i]->relay);
        }
    }

    zone = pmcf->zones.elts;

    for (i = 0; i < pmcf->zones.nelts; i++) {
        if (ngx_http_payments_state_init(cycle, zone[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * A commit ends many requests at once, whose memory malloc() would give back
 * to the kernel and ask for again with the next ones.  glibc keeps twice what
 * was mapped and freed once (M_MMAP_THRESHOLD in mallopt(3)), unless the
 * environment says what it should keep.
 */

static void
ngx_http_payments_keep_heap(ngx_cycle_t *cycle)
{
    void  *p;

    p = ngx_alloc(NGX_HTTP_PAYMENTS_HEAP / 2, cycle->log);

    if (p != NULL) {
        ngx_free(p);
    }
}


static void
ngx_http_payments_exit_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                       i;
    ngx_http_payments_zone_t       **zone;
    ngx_http_payments_spool_t      **spool;
    ngx_http_payments_main_conf_t   *pmcf;

    pmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_payments_module);
    if (pmcf == NULL) {
        return;
    }

    ngx_http_payments_log_exit();

    spool = pmcf->spools.elts;

    for (i = 0; i < pmcf->spools.nelts; i++) {
        ngx_http_payments_spool_exit(spool[i]);

        if (spool[i]->relay != NULL) {
            ngx_http_payments_relay_close(spool[i]->relay);
        }
    }

    zone = pmcf->zones.elts;

    for (i = 0; i < pmcf->zones.nelts; i++) {
        ngx_http_payments_state_exit(zone[i]);
    }
}
