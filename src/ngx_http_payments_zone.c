
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The memory of a zone, and the only place that locks it.
 */


#include "ngx_http_payments_zone.h"

#include <openssl/rand.h>
#include <signal.h>


/* ms; who has not come to an end by then is taken for dead */
#define NGX_HTTP_PAYMENTS_LEASE   120000

/* seconds between two warnings that a zone is too small */
#define NGX_HTTP_PAYMENTS_REWARN  60


static ngx_int_t ngx_http_payments_zone_create(
    ngx_http_payments_zone_t *zone);
static void ngx_http_payments_zone_inherit(ngx_http_payments_zone_t *zone,
    ngx_http_payments_zone_t *former);
static ngx_int_t ngx_http_payments_zone_hasher(
    ngx_http_payments_zone_t *zone);
static void ngx_http_payments_zone_cleanup(void *data);
static void ngx_http_payments_zone_full(ngx_http_payments_zone_t *zone,
    payments_claims_counts_t *counts);


ngx_int_t
ngx_http_payments_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_payments_zone_t  *old = data;

    ngx_http_payments_zone_t  *zone;

    zone = shm_zone->data;
    zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (old != NULL) {
        zone->claims = old->claims;
        return ngx_http_payments_zone_hasher(zone);
    }

    if (ngx_http_payments_zone_create(zone) != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "\"payments_dedup_zone\" \"%V\" cannot be made",
                      &zone->name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* one block of all that there is */

static ngx_int_t
ngx_http_payments_zone_create(ngx_http_payments_zone_t *zone)
{
    void                      *block;
    size_t                     size;
    u_char                     key[PAYMENTS_HASH_KEY];
    ngx_shm_zone_t            *old;
    ngx_http_payments_zone_t  *former;

    /* the same of another size */

    old = ngx_http_payments_former_zone(&zone->name,
                                        ngx_http_payments_zone_init);
    former = (old != NULL) ? old->data : NULL;

    if (former != NULL) {
        ngx_memcpy(key, payments_claims_key(former->claims),
                   PAYMENTS_HASH_KEY);

    } else if (ngx_http_payments_state_key(zone, key) != NGX_OK
               && RAND_bytes(key, PAYMENTS_HASH_KEY) != 1)
    {
        return NGX_ERROR;
    }

    size = zone->shpool->pfree * ngx_pagesize;

    block = ngx_slab_alloc(zone->shpool, size);
    if (block == NULL) {
        return NGX_ERROR;
    }

    zone->claims = payments_claims_init(block, size, key);

    if (zone->claims == NULL || ngx_http_payments_zone_hasher(zone) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (former != NULL) {
        ngx_http_payments_zone_inherit(zone, former);
        return NGX_OK;
    }

    ngx_http_payments_state_load(zone);

    return NGX_OK;
}


static void
ngx_http_payments_zone_inherit(ngx_http_payments_zone_t *zone,
    ngx_http_payments_zone_t *former)
{
    uint32_t                  lost;
    ngx_uint_t                level;
    payments_claims_counts_t  counts;

    /* nobody else knows of the new one */

    ngx_shmtx_lock(&former->shpool->mutex);

    lost = payments_claims_copy(zone->claims, former->claims, ngx_time());

    ngx_shmtx_unlock(&former->shpool->mutex);

    payments_claims_counts(zone->claims, &counts);

    level = lost ? NGX_LOG_WARN : NGX_LOG_NOTICE;

    ngx_log_error(level, ngx_cycle->log, 0,
                  "\"payments_dedup_zone\" \"%V\" has another size now: %uD "
                  "events are still known, the oldest %uD are not",
                  &zone->name, counts.done, lost);
}


/* keyed once, and then each process's own */

static ngx_int_t
ngx_http_payments_zone_hasher(ngx_http_payments_zone_t *zone)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(zone->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    zone->hash = payments_hash_create(payments_claims_key(zone->claims));
    if (zone->hash == NULL) {
        ngx_log_error(NGX_LOG_EMERG, ngx_cycle->log, 0,
                      "\"payments_dedup_zone\" \"%V\": this OpenSSL has no "
                      "SipHash", &zone->name);
        return NGX_ERROR;
    }

    cln->handler = ngx_http_payments_zone_cleanup;
    cln->data = zone->hash;

    return NGX_OK;
}


static void
ngx_http_payments_zone_cleanup(void *data)
{
    payments_hash_free(data);
}


ngx_int_t
ngx_http_payments_zone_hash(ngx_http_payments_zone_t *zone,
    const payments_str_t *parts, unsigned n, payments_claim_t *claim)
{
    claim->owner = (int32_t) ngx_pid;

    return payments_hash_digest(zone->hash, parts, n, claim->id) == 0
           ? NGX_OK : NGX_ERROR;
}


payments_claim_e
ngx_http_payments_zone_take(ngx_http_payments_zone_t *zone,
    payments_claim_t *claim)
{
    int               rc;
    int32_t           who;
    payments_claim_e  taken;

    ngx_shmtx_lock(&zone->shpool->mutex);

    taken = payments_claims_take(zone->claims, claim, ngx_time(),
                                 ngx_current_msec, NGX_HTTP_PAYMENTS_LEASE,
                                 &who);

    ngx_shmtx_unlock(&zone->shpool->mutex);

    if (taken != PAYMENTS_CLAIM_BUSY
        || who == (int32_t) ngx_pid
        || kill(who, 0) == 0
        || ngx_errno != NGX_ESRCH)
    {
        return taken;
    }

    /* it has died with it */

    ngx_shmtx_lock(&zone->shpool->mutex);

    rc = payments_claims_steal(zone->claims, claim, who, ngx_current_msec,
                               NGX_HTTP_PAYMENTS_LEASE);

    ngx_shmtx_unlock(&zone->shpool->mutex);

    return (rc == 0) ? PAYMENTS_CLAIM_OURS : PAYMENTS_CLAIM_BUSY;
}


void
ngx_http_payments_zone_done(ngx_http_payments_zone_t *zone,
    payments_claim_t *claim)
{
    payments_claims_counts_t  counts;

    ngx_shmtx_lock(&zone->shpool->mutex);

    (void) payments_claims_done(zone->claims, claim->id, ngx_time(),
                                zone->window);
    payments_claims_counts(zone->claims, &counts);

    ngx_shmtx_unlock(&zone->shpool->mutex);

    ngx_http_payments_zone_full(zone, &counts);
    ngx_http_payments_state_add(zone, claim->id);
}


/*
 * It may be in flight once more meanwhile: whatever becomes of that, it is
 * stable.  Known for as long as if it were new, which keeps the order.
 */

void
ngx_http_payments_zone_know(ngx_http_payments_zone_t *zone,
    const payments_done_t *done)
{
    time_t  now;

    now = time(NULL);

    if (done->expiry <= now) {
        return;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    (void) payments_claims_done(zone->claims, done->id, now, zone->window);

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


void
ngx_http_payments_zone_drop(ngx_http_payments_zone_t *zone,
    payments_claim_t *claim)
{
    ngx_shmtx_lock(&zone->shpool->mutex);

    payments_claims_drop(zone->claims, claim);

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


void
ngx_http_payments_zone_counts(ngx_http_payments_zone_t *zone,
    payments_claims_counts_t *counts)
{
    ngx_shmtx_lock(&zone->shpool->mutex);

    payments_claims_counts(zone->claims, counts);

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


size_t
ngx_http_payments_zone_list(ngx_http_payments_zone_t *zone, uint32_t *cursor,
    payments_done_t *dst, size_t n)
{
    ngx_shmtx_lock(&zone->shpool->mutex);

    n = payments_claims_list(zone->claims, cursor, dst, n, time(NULL));

    ngx_shmtx_unlock(&zone->shpool->mutex);

    return n;
}


static void
ngx_http_payments_zone_full(ngx_http_payments_zone_t *zone,
    payments_claims_counts_t *counts)
{
    uint64_t  evicted;

    evicted = counts->evicted + counts->full;

    if (evicted == zone->evicted
        || ngx_time() - zone->warned < NGX_HTTP_PAYMENTS_REWARN)
    {
        return;
    }

    zone->evicted = evicted;
    zone->warned = ngx_time();

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "\"payments_dedup_zone\" \"%V\" is full with %uD events: the "
                  "oldest are forgotten before their time, make it larger",
                  &zone->name, counts->capacity);
}
