
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What is counted, where its fate is known: nothing is locked.
 */


#include "ngx_http_payments_batch.h"
#include "ngx_http_payments_counters.h"


#define ngx_http_payments_add(count, n)                                       \
    (void) ngx_atomic_fetch_add((ngx_atomic_t *) &(count), (n))


void
ngx_http_payments_count(ngx_http_payments_ctx_t *ctx)
{
    ngx_uint_t                      split;
    payments_variant_counts_t      *counts;
    ngx_http_payments_main_conf_t  *pmcf;

    /* not of deliveries, whose events were counted when they came */

    if (ctx->counted || ctx->ended != NULL) {
        return;
    }

    ctx->counted = 1;

    if (ctx->variant != NULL) {
        counts = ctx->variant->counts;

    } else {
        pmcf = ngx_http_get_module_main_conf(ctx->request,
                                             ngx_http_payments_module);
        counts = pmcf->unknown;
    }

    split = (ctx->batch != NULL && ctx->batch->ctx == ctx
             && ctx->batch->split);

    if (!split) {
        ngx_http_payments_add(counts->results[ctx->rc], 1);
    }

    if (!split && ctx->rc == PAYMENTS_OK) {
        ngx_http_payments_add(counts->bytes, ctx->body.len);
    }

    /* a batch's signature once, or each of its items' */

    if (split && ctx->unsealed) {
        return;
    }

    if (ctx->secret != 0) {
        ngx_http_payments_add(counts->secrets[ctx->secret - 1], 1);
    }

    if (ctx->secret != 0 && ctx->signature != NULL
        && ctx->signature->scheme->timed)
    {
        payments_ages_note(counts->ages, ngx_time(), ctx->age);
    }
}


void
ngx_http_payments_count_commit(ngx_http_payments_spool_t *spool,
    payments_rc_e rc, ngx_uint_t n, int64_t us)
{
    payments_spool_counts_t  *counts;

    counts = &spool->counts->kept;

    if (rc != PAYMENTS_OK) {
        ngx_http_payments_add(counts->failed, 1);
        return;
    }

    ngx_http_payments_add(counts->commits, 1);
    ngx_http_payments_add(counts->events, n);
    ngx_http_payments_add(counts->commit.n[payments_bucket(
                              payments_commit_bounds, us)], 1);
    ngx_http_payments_add(counts->commit.sum, us);
}


void
ngx_http_payments_count_waiting(ngx_http_payments_spool_t *spool)
{
    ngx_uint_t                   n;
    ngx_http_payments_commit_t  *commit;

    n = spool->nwaiting;

    if (spool->busy) {
        commit = spool->commit->ctx;
        n += commit->n / 3;
    }

    /* nobody else writes there, and who gets the slot next begins anew */

    spool->counts->waiting[ngx_process_slot] = n;
}


uint64_t
ngx_http_payments_waiting(ngx_http_payments_spool_t *spool)
{
    uint64_t    n;
    ngx_uint_t  i;

    n = 0;

    for (i = 0; i < NGX_MAX_PROCESSES; i++) {
        n += spool->counts->waiting[i];
    }

    return n;
}


void
ngx_http_payments_count_delivered(ngx_http_payments_spool_t *spool,
    int64_t ms)
{
    int64_t                   us;
    payments_spool_counts_t  *counts;

    counts = &spool->counts->kept;

    /* or the clock has stepped back */

    us = ngx_max(ms, 0) * 1000;

    ngx_http_payments_add(counts->delivered, 1);
    ngx_http_payments_add(counts->delivery.n[payments_bucket(
                              payments_delivery_bounds, us)], 1);
    ngx_http_payments_add(counts->delivery.sum, us);
}


void
ngx_http_payments_count_retried(ngx_http_payments_spool_t *spool)
{
    ngx_http_payments_add(spool->counts->kept.retried, 1);
}


void
ngx_http_payments_count_dead(ngx_http_payments_spool_t *spool)
{
    ngx_http_payments_add(spool->counts->kept.dead, 1);
}
