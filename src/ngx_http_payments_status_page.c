
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * payments_status: the page, from what is known now.
 */


#include "ngx_http_payments_counters.h"
#include "ngx_http_payments_status.h"
#include "ngx_http_payments_zone.h"


/* bytes */
#define NGX_HTTP_PAYMENTS_PIECE  32768


/* the pieces of the page */

typedef struct {
    ngx_pool_t                     *pool;
    ngx_chain_t                    *first;
    ngx_chain_t                    *last;
} ngx_http_payments_page_t;


static ngx_int_t ngx_http_payments_status_gather(ngx_http_request_t *r,
    payments_status_t *status);
static ngx_int_t ngx_http_payments_status_variants(ngx_pool_t *pool,
    ngx_http_payments_main_conf_t *pmcf, payments_status_t *status);
static ngx_int_t ngx_http_payments_status_spools(ngx_pool_t *pool,
    ngx_http_payments_main_conf_t *pmcf, payments_status_t *status);
static ngx_int_t ngx_http_payments_status_zones(ngx_pool_t *pool,
    ngx_http_payments_main_conf_t *pmcf, payments_status_t *status);
static int ngx_http_payments_status_more(payments_out_t *out);


ngx_int_t
ngx_http_payments_status_send(ngx_http_request_t *r)
{
    off_t                          len;
    ngx_int_t                      rc;
    ngx_chain_t                   *cl;
    payments_out_t                 out;
    payments_status_t              status;
    ngx_http_payments_page_t       page;
    ngx_http_payments_loc_conf_t  *plcf;

    ngx_memzero(&out, sizeof(payments_out_t));
    ngx_memzero(&page, sizeof(ngx_http_payments_page_t));

    page.pool = r->pool;
    out.more = ngx_http_payments_status_more;
    out.data = &page;

    if (ngx_http_payments_status_gather(r, &status) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_payments_module);

    if (plcf->status == NGX_HTTP_PAYMENTS_PROMETHEUS) {
        payments_status_prometheus(&status, &out);
        ngx_str_set(&r->headers_out.content_type,
                    "text/plain; version=0.0.4; charset=utf-8");

    } else {
        payments_status_json(&status, &out);
        ngx_str_set(&r->headers_out.content_type, "application/json");
    }

    if (out.failed || page.last == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    page.last->buf->last = out.pos;
    page.last->buf->last_buf = 1;
    page.last->buf->last_in_chain = 1;

    len = 0;

    for (cl = page.first; cl != NULL; cl = cl->next) {
        len += ngx_buf_size(cl->buf);
    }

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = len;
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, page.first);
}


static ngx_int_t
ngx_http_payments_status_gather(ngx_http_request_t *r,
    payments_status_t *status)
{
    ngx_uint_t                      i;
    ngx_http_payments_main_conf_t  *pmcf;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_payments_module);

    ngx_memzero(status, sizeof(payments_status_t));

    status->now = ngx_http_payments_now();

    for (i = 0; i < PAYMENTS_RC_MAX; i++) {
        status->results[i] = ngx_http_payments_result(i);
    }

    if (ngx_http_payments_status_variants(r->pool, pmcf, status) != NGX_OK
        || ngx_http_payments_status_spools(r->pool, pmcf, status) != NGX_OK
        || ngx_http_payments_status_zones(r->pool, pmcf, status) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_status_variants(ngx_pool_t *pool,
    ngx_http_payments_main_conf_t *pmcf, payments_status_t *status)
{
    ngx_array_t                   array;
    ngx_rbtree_node_t            *node;
    payments_variant_status_t    *vs;
    ngx_http_payments_variant_t  *variant;

    /* no variant can be called that */

    static payments_str_t  unknown = payments_string("(unknown)");

    status->unknown.name = unknown;
    status->unknown.counts = pmcf->unknown;

    if (pmcf->variants.root == &pmcf->sentinel) {
        return NGX_OK;
    }

    if (ngx_array_init(&array, pool, 16, sizeof(payments_variant_status_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (node = ngx_rbtree_min(pmcf->variants.root, &pmcf->sentinel);
         node != NULL;
         node = ngx_rbtree_next(&pmcf->variants, node))
    {
        variant = (ngx_http_payments_variant_t *) node;

        vs = ngx_array_push(&array);
        if (vs == NULL) {
            return NGX_ERROR;
        }

        vs->name.len = variant->name.len;
        vs->name.data = variant->name.data;
        vs->nsecrets = variant->nsecrets;
        vs->counts = variant->counts;
    }

    status->variants = array.elts;
    status->nvariants = array.nelts;

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_status_spools(ngx_pool_t *pool,
    ngx_http_payments_main_conf_t *pmcf, payments_status_t *status)
{
    ngx_uint_t                   i;
    payments_spool_status_t     *ss;
    ngx_http_payments_spool_t  **spool;
    ngx_http_payments_watch_t   *watch;

    ss = ngx_pcalloc(pool, (pmcf->spools.nelts + 1)
                           * sizeof(payments_spool_status_t));
    if (ss == NULL) {
        return NGX_ERROR;
    }

    spool = pmcf->spools.elts;

    for (i = 0; i < pmcf->spools.nelts; i++) {
        ss[i].path.len = spool[i]->path.len;
        ss[i].path.data = spool[i]->path.data;
        ss[i].counts = &spool[i]->counts->kept;
        ss[i].waiting = ngx_http_payments_waiting(spool[i]);
        ss[i].relayed = (spool[i]->relay != NULL);
        ss[i].looked = -1;

        if (spool[i]->watch != NULL) {
            watch = spool[i]->watch->ctx;

            ss[i].looked = watch->looked;
            ss[i].look = watch->last;
        }
    }

    status->spools = ss;
    status->nspools = pmcf->spools.nelts;

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_status_zones(ngx_pool_t *pool,
    ngx_http_payments_main_conf_t *pmcf, payments_status_t *status)
{
    ngx_uint_t                  i;
    payments_zone_status_t     *zs;
    payments_claims_counts_t    counts;
    ngx_http_payments_zone_t  **zone;

    zone = pmcf->zones.elts;

    zs = ngx_palloc(pool, pmcf->zones.nelts * sizeof(payments_zone_status_t));
    if (zs == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < pmcf->zones.nelts; i++) {

        ngx_http_payments_zone_counts(zone[i], &counts);

        zs[i].name.len = zone[i]->name.len;
        zs[i].name.data = zone[i]->name.data;
        zs[i].entries = counts.done + counts.in_flight;
        zs[i].in_flight = counts.in_flight;
        zs[i].capacity = counts.capacity;
        zs[i].evicted = counts.evicted;
    }

    status->zones = zs;
    status->nzones = pmcf->zones.nelts;

    return NGX_OK;
}


static int
ngx_http_payments_status_more(payments_out_t *out)
{
    ngx_buf_t                 *b;
    ngx_chain_t               *cl;
    ngx_http_payments_page_t  *page;

    page = out->data;

    b = ngx_create_temp_buf(page->pool, NGX_HTTP_PAYMENTS_PIECE);
    cl = ngx_alloc_chain_link(page->pool);

    if (b == NULL || cl == NULL) {
        return -1;
    }

    cl->buf = b;
    cl->next = NULL;

    if (page->last == NULL) {
        page->first = cl;

    } else {
        page->last->buf->last = page->last->buf->end;
        page->last->next = cl;
    }

    page->last = cl;

    out->pos = b->pos;
    out->end = b->end;

    return 0;
}
