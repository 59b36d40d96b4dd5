
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What a recovery has sealed is stable, and done: the zones of its spool are
 * told.  Only then: what lies in active may be of a commit that fails.
 */


#include "ngx_http_payments_spool.h"
#include "ngx_http_payments_zone.h"


/* of a zone; the table is the thread's, while it recovers */

typedef struct {
    ngx_http_payments_zone_t  *zone;
    payments_hash_t           *hash;      /* NULL: none was needed so far */
    unsigned                   told:1;
} ngx_http_payments_knower_t;


ngx_int_t
ngx_http_payments_known_init(ngx_http_payments_spool_t *spool)
{
    ngx_uint_t                       i;
    ngx_http_payments_zone_t       **zone;
    ngx_http_payments_knower_t      *knower;
    ngx_http_payments_main_conf_t   *pmcf;

    pmcf = ngx_http_cycle_get_module_main_conf(spool->cycle,
                                               ngx_http_payments_module);

    if (ngx_array_init(&spool->knowers, spool->cycle->pool, 1,
                       sizeof(ngx_http_payments_knower_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    zone = pmcf->zones.elts;

    for (i = 0; i < pmcf->zones.nelts; i++) {

        if (!ngx_http_payments_zone_of(zone[i], spool)) {
            continue;
        }

        knower = ngx_array_push(&spool->knowers);
        if (knower == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(knower, sizeof(ngx_http_payments_knower_t));
        knower->zone = zone[i];
    }

    return NGX_OK;
}


void
ngx_http_payments_known_line(void *data, payments_str_t line)
{
    ngx_http_payments_spool_t *spool = data;

    ngx_uint_t                   i;
    ngx_http_payments_knower_t  *knower;

    knower = spool->knowers.elts;

    for (i = 0; i < spool->knowers.nelts; i++) {

        /* the zone's own is for the event loop */

        if (knower[i].hash == NULL) {
            knower[i].hash = payments_hash_create(
                                 payments_claims_key(knower[i].zone->claims));
        }

        if (knower[i].hash != NULL) {
            knower[i].told = 1;
            ngx_http_payments_state_recovered(knower[i].zone, knower[i].hash,
                                              line);
        }
    }
}


void
ngx_http_payments_known_note(ngx_http_payments_spool_t *spool)
{
    ngx_uint_t                   i;
    ngx_http_payments_knower_t  *knower;

    knower = spool->knowers.elts;

    for (i = 0; i < spool->knowers.nelts; i++) {

        if (knower[i].told) {
            ngx_http_payments_state_whole(knower[i].zone);
        }

        payments_hash_free(knower[i].hash);
        knower[i].hash = NULL;
        knower[i].told = 0;
    }
}
