
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The shared memory of the counters.  Only the master, while it reads a
 * configuration, makes or finds them, by name; what is left of a name that
 * is gone waits there for its return.
 */


#include "ngx_http_payments_counters.h"


#define NGX_HTTP_PAYMENTS_COUNTERS_MIN  (256 * 1024)

/* of a counter's beginning: of two names, none are in one cache line */
#define NGX_HTTP_PAYMENTS_LINE          64


/* what the zone's memory begins with */

struct ngx_http_payments_counters_s {
    ngx_rbtree_t        tree;        /* of ngx_str_node_t */
    ngx_rbtree_node_t   sentinel;
    u_char             *last;        /* what is left of it */
    u_char             *end;
};


/* where to look for a name, and where to make it */

typedef struct {
    ngx_http_payments_counters_t  *to;    /* NULL: only measure */
    ngx_http_payments_counters_t  *from;  /* NULL: there is none */
    size_t                         size;  /* of what is not in from */
    ngx_uint_t                     failed;
} ngx_http_payments_place_t;


static size_t ngx_http_payments_counters_size(
    ngx_http_payments_main_conf_t *pmcf, ngx_http_payments_counters_t *old,
    size_t old_size);
static ngx_int_t ngx_http_payments_counters_init(ngx_shm_zone_t *zone,
    void *data);
static ngx_http_payments_counters_t *ngx_http_payments_counters_create(
    ngx_slab_pool_t *pool);
static ngx_http_payments_counters_t *ngx_http_payments_counters_old(
    ngx_str_t *name, size_t *size);
static void ngx_http_payments_counters_walk(
    ngx_http_payments_main_conf_t *pmcf, ngx_http_payments_place_t *place);
static void *ngx_http_payments_counters_place(
    ngx_http_payments_place_t *place, u_char kind, ngx_str_t *name,
    size_t size, size_t keep);
static void *ngx_http_payments_counters_node(
    ngx_http_payments_place_t *place, ngx_str_t *key, uint32_t hash,
    size_t size);


static ngx_str_t  ngx_http_payments_counters_name =
    ngx_string("payments_counters");


ngx_int_t
ngx_http_payments_counters_add(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf)
{
    size_t                         size;
    ngx_shm_zone_t                *zone;
    ngx_http_payments_counters_t  *old;

    if (pmcf->variants.root == &pmcf->sentinel && pmcf->spools.nelts == 0
        && !pmcf->status)
    {
        return NGX_OK;
    }

    size = 0;
    old = ngx_http_payments_counters_old(&ngx_http_payments_counters_name,
                                         &size);

    zone = ngx_shared_memory_add(cf, &ngx_http_payments_counters_name,
                       ngx_http_payments_counters_size(pmcf, old, size),
                       &ngx_http_payments_module);
    if (zone == NULL) {
        return NGX_ERROR;
    }

    if (zone->data != NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"payments_dedup_zone\" \"%V\" has the name of the "
                      "counters' memory: give it another one",
                      &ngx_http_payments_counters_name);
        return NGX_ERROR;
    }

    zone->init = ngx_http_payments_counters_init;
    zone->data = pmcf;

    return NGX_OK;
}


/*
 * That of the old zone as long as what is new fits in there: with another
 * size, nginx would make another one.
 */

static size_t
ngx_http_payments_counters_size(ngx_http_payments_main_conf_t *pmcf,
    ngx_http_payments_counters_t *old, size_t old_size)
{
    size_t                     size;
    ngx_http_payments_place_t  place;

    ngx_memzero(&place, sizeof(ngx_http_payments_place_t));

    if (old != NULL) {
        place.from = old;

        ngx_http_payments_counters_walk(pmcf, &place);

        if (place.size <= (size_t) (old->end - old->last)) {
            return old_size;
        }

        place.from = NULL;
        place.size = 0;
    }

    ngx_http_payments_counters_walk(pmcf, &place);

    /* twice as much, and more: there will be others, and nginx has a part */

    for (size = NGX_HTTP_PAYMENTS_COUNTERS_MIN; size < 2 * place.size;
         size *= 2)
    {
        /* void */
    }

    /* full of names that are gone */

    return (size == old_size) ? 2 * size : size;
}


static ngx_int_t
ngx_http_payments_counters_init(ngx_shm_zone_t *zone, void *data)
{
    size_t                          size;
    ngx_slab_pool_t                *pool;
    ngx_http_payments_place_t       place;
    ngx_http_payments_main_conf_t  *pmcf;

    pmcf = zone->data;
    pool = (ngx_slab_pool_t *) zone->shm.addr;

    ngx_memzero(&place, sizeof(ngx_http_payments_place_t));

    if (data != NULL || zone->shm.exists) {
        place.to = pool->data;

    } else {
        place.to = ngx_http_payments_counters_create(pool);
        place.from = ngx_http_payments_counters_old(&zone->shm.name, &size);
    }

    if (place.to != NULL) {
        ngx_http_payments_counters_walk(pmcf, &place);
    }

    if (place.to == NULL || place.failed) {
        ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0,
                      "payments: there is no room for counters in the shared "
                      "memory \"%V\"", &zone->shm.name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* all that nginx has left of the memory */

static ngx_http_payments_counters_t *
ngx_http_payments_counters_create(ngx_slab_pool_t *pool)
{
    size_t                         size;
    ngx_http_payments_counters_t  *counters;

    size = pool->pfree * ngx_pagesize;

    counters = ngx_slab_calloc(pool, size);
    if (counters == NULL) {
        return NULL;
    }

    ngx_rbtree_init(&counters->tree, &counters->sentinel,
                    ngx_str_rbtree_insert_value);

    counters->last = ngx_align_ptr(counters + 1, NGX_HTTP_PAYMENTS_LINE);
    counters->end = (u_char *) counters + size;

    pool->data = counters;

    return counters;
}


/* of the configuration that is in force while another one is read */

static ngx_http_payments_counters_t *
ngx_http_payments_counters_old(ngx_str_t *name, size_t *size)
{
    ngx_shm_zone_t   *zone;
    ngx_slab_pool_t  *pool;

    zone = ngx_http_payments_former_zone(name,
                                         ngx_http_payments_counters_init);
    if (zone == NULL) {
        return NULL;
    }

    pool = (ngx_slab_pool_t *) zone->shm.addr;
    *size = zone->shm.size;

    return pool->data;
}


ngx_shm_zone_t *
ngx_http_payments_former_zone(ngx_str_t *name, ngx_shm_zone_init_pt init)
{
    ngx_uint_t        i;
    ngx_shm_zone_t   *zone;
    ngx_list_part_t  *part;

    if (ngx_cycle == NULL || ngx_cycle->shared_memory.part.elts == NULL) {
        return NULL;
    }

    for (part = (ngx_list_part_t *) &ngx_cycle->shared_memory.part;
         part != NULL;
         part = part->next)
    {
        zone = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (zone[i].tag == &ngx_http_payments_module
                && zone[i].init == init
                && zone[i].shm.addr != NULL
                && zone[i].shm.name.len == name->len
                && ngx_strncmp(zone[i].shm.name.data, name->data, name->len)
                   == 0)
            {
                return &zone[i];
            }
        }
    }

    return NULL;
}


static void
ngx_http_payments_counters_walk(ngx_http_payments_main_conf_t *pmcf,
    ngx_http_payments_place_t *place)
{
    ngx_str_t                     nobody;
    ngx_uint_t                    i;
    ngx_rbtree_node_t            *node;
    ngx_http_payments_spool_t   **spool;
    ngx_http_payments_variant_t  *variant;

    ngx_str_null(&nobody);

    pmcf->unknown = ngx_http_payments_counters_place(place, 'v', &nobody,
                                          sizeof(payments_variant_counts_t),
                                          sizeof(payments_variant_counts_t));

    if (pmcf->variants.root != &pmcf->sentinel) {

        for (node = ngx_rbtree_min(pmcf->variants.root, &pmcf->sentinel);
             node != NULL;
             node = ngx_rbtree_next(&pmcf->variants, node))
        {
            variant = (ngx_http_payments_variant_t *) node;

            variant->counts = ngx_http_payments_counters_place(place, 'v',
                                          &variant->name,
                                          sizeof(payments_variant_counts_t),
                                          sizeof(payments_variant_counts_t));
        }
    }

    spool = pmcf->spools.elts;

    for (i = 0; i < pmcf->spools.nelts; i++) {

        spool[i]->counts = ngx_http_payments_counters_place(place, 's',
                                   &spool[i]->path,
                                   sizeof(ngx_http_payments_spool_counts_t),
                                   sizeof(payments_spool_counts_t));
    }
}


/* of size bytes, of which keep are worth to be copied */

static void *
ngx_http_payments_counters_place(ngx_http_payments_place_t *place,
    u_char kind, ngx_str_t *name, size_t size, size_t keep)
{
    u_char           buf[NGX_MAX_PATH + 1];
    uint32_t         hash;
    ngx_str_t        key;
    ngx_str_node_t  *sn, *old;
    void            *counts;

    key.data = buf;
    key.len = ngx_min(name->len, NGX_MAX_PATH) + 1;

    buf[0] = kind;

    /* that of no variant is empty, and nowhere */

    if (name->len != 0) {
        ngx_memcpy(&buf[1], name->data, key.len - 1);
    }

    hash = ngx_crc32_long(key.data, key.len);

    if (place->to != NULL) {
        sn = ngx_str_rbtree_lookup(&place->to->tree, &key, hash);

        if (sn != NULL) {
            return sn->str.data - size;
        }
    }

    old = (place->from != NULL)
          ? ngx_str_rbtree_lookup(&place->from->tree, &key, hash) : NULL;

    if (place->to == NULL && old != NULL) {
        return NULL;
    }

    counts = ngx_http_payments_counters_node(place, &key, hash, size);

    if (counts != NULL && old != NULL) {
        ngx_memcpy(counts, old->str.data - size, keep);
    }

    return counts;
}


/* the node, the counters, and the key right behind them */

static void *
ngx_http_payments_counters_node(ngx_http_payments_place_t *place,
    ngx_str_t *key, uint32_t hash, size_t size)
{
    size_t                         head, need;
    ngx_str_node_t                *sn;
    ngx_http_payments_counters_t  *to;

    head = ngx_align(sizeof(ngx_str_node_t), NGX_HTTP_PAYMENTS_LINE);
    need = ngx_align(head + size + key->len, NGX_HTTP_PAYMENTS_LINE);

    to = place->to;

    if (to == NULL) {
        place->size += need;
        return NULL;
    }

    if ((size_t) (to->end - to->last) < need) {
        place->failed = 1;
        return NULL;
    }

    sn = (ngx_str_node_t *) to->last;

    sn->node.key = hash;
    sn->str.len = key->len;
    sn->str.data = to->last + head + size;
    ngx_memcpy(sn->str.data, key->data, key->len);

    to->last += need;

    ngx_rbtree_insert(&to->tree, &sn->node);

    return sn->str.data - size;
}
