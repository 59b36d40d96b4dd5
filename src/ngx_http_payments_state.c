
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What a zone knows at a full restart: what its state file says, and what
 * still waits in the spools.
 */


#include "ngx_http_payments_spool.h"
#include "ngx_http_payments_zone.h"


/* bytes of spools that are read at a start, some seconds' worth */
#define NGX_HTTP_PAYMENTS_READ  (4LL * 1024 * 1024 * 1024)


static void ngx_http_payments_state_file(ngx_http_payments_zone_t *zone);
static void ngx_http_payments_state_spool(ngx_http_payments_zone_t *zone,
    ngx_http_payments_spool_t *spool);
static void ngx_http_payments_state_line(void *data, payments_str_t line);
static ngx_int_t ngx_http_payments_state_done(ngx_http_payments_zone_t *zone,
    payments_hash_t *hash, payments_str_t line, payments_done_t *done);


ngx_int_t
ngx_http_payments_state_key(ngx_http_payments_zone_t *zone, u_char *key)
{
    payments_fault_t  fault;

    if (zone->path.len == 0) {
        return NGX_DECLINED;
    }

    switch (payments_state_key((char *) zone->path.data, key, &fault)) {

    case PAYMENTS_STATE_FOUND:
        zone->found = 1;
        return NGX_OK;

    case PAYMENTS_STATE_NONE:
        break;

    case PAYMENTS_STATE_DAMAGED:
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "\"payments_dedup_zone\" \"%V\": the beginning of "
                      "\"%V\" is damaged, what was in it is not known",
                      &zone->name, &zone->path);
        break;

    default:
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, fault.err,
                      "\"payments_dedup_zone\" \"%V\": %s() of \"%V\" failed, "
                      "what is in it is not known", &zone->name, fault.call,
                      &zone->path);
    }

    return NGX_DECLINED;
}


void
ngx_http_payments_state_load(ngx_http_payments_zone_t *zone)
{
    ngx_uint_t                   i;
    payments_claims_counts_t     counts;
    ngx_http_payments_spool_t  **spool;

    if (zone->found) {
        ngx_http_payments_state_file(zone);
    }

    /* the last ones may not have come into it; recovery has the very last */

    spool = zone->spools.elts;

    for (i = 0; i < zone->spools.nelts; i++) {
        ngx_http_payments_state_spool(zone, spool[i]);
    }

    payments_claims_sort(zone->claims);
    payments_claims_counts(zone->claims, &counts);

    if (counts.done != 0) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "\"payments_dedup_zone\" \"%V\" knows %uD events",
                      &zone->name, counts.done);
    }
}


static void
ngx_http_payments_state_file(ngx_http_payments_zone_t *zone)
{
    payments_fault_t         fault;
    payments_state_counts_t  counts;

    if (payments_state_load((char *) zone->path.data, zone->claims,
                            ngx_time(), &counts, &fault)
        != 0)
    {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, fault.err,
                      "\"payments_dedup_zone\" \"%V\": %s() of \"%V\" failed, "
                      "not all that is in it is known", &zone->name,
                      fault.call, &zone->path);
    }

    if (counts.damaged) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "\"payments_dedup_zone\" \"%V\": \"%V\" is damaged in "
                      "%uD places, what was there is not known", &zone->name,
                      &zone->path, counts.damaged);
    }
}


static void
ngx_http_payments_state_spool(ngx_http_payments_zone_t *zone,
    ngx_http_payments_spool_t *spool)
{
    int               rc;
    payments_fault_t  fault;

    rc = payments_waiting(&spool->core, NGX_HTTP_PAYMENTS_READ,
                          ngx_http_payments_state_line, zone, &fault);

    if (rc == 1) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "\"payments_spool\" \"%V\" is too large to be read at a "
                      "start: not all of its events are known to "
                      "\"payments_dedup_zone\" \"%V\"", &spool->path,
                      &zone->name);

    } else if (rc == -1) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, fault.err,
                      "\"payments_spool\" \"%V\": %s() failed: not all of its "
                      "events are known to \"payments_dedup_zone\" \"%V\"",
                      &spool->path, fault.call, &zone->name);
    }
}


static void
ngx_http_payments_state_line(void *data, payments_str_t line)
{
    ngx_http_payments_zone_t *zone = data;

    payments_done_t  done;

    if (ngx_http_payments_state_done(zone, zone->hash, line, &done) == NGX_OK)
    {
        payments_claims_load(zone->claims, &done, ngx_time());
    }
}


void
ngx_http_payments_state_recovered(ngx_http_payments_zone_t *zone,
    payments_hash_t *hash, payments_str_t line)
{
    payments_done_t  done;

    if (ngx_http_payments_state_done(zone, hash, line, &done) == NGX_OK) {
        ngx_http_payments_zone_know(zone, &done);
    }
}


static ngx_int_t
ngx_http_payments_state_done(ngx_http_payments_zone_t *zone,
    payments_hash_t *hash, payments_str_t line, payments_done_t *done)
{
    ngx_str_t                     name;
    payments_str_t                parts[2];
    payments_unwrapped_t          event;
    ngx_http_payments_variant_t  *variant;

    if (payments_envelope_read(line, &event) != PAYMENTS_OK) {
        return NGX_DECLINED;
    }

    name.len = event.variant.len;
    name.data = (u_char *) event.variant.data;

    variant = ngx_http_payments_variant_find(zone->pmcf, &name);

    /* without a signature it is known by its body, which is not quite here */

    if (variant == NULL || ngx_http_payments_claim_by_body(variant)) {
        return NGX_DECLINED;
    }

    parts[0] = event.variant;
    parts[1] = event.id;

    done->expiry = event.received / 1000 + zone->window;

    return payments_hash_digest(hash, parts, 2, done->id) == 0
           ? NGX_OK : NGX_DECLINED;
}
