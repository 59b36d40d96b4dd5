
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Zones of shared memory that know which events were there.
 */


#ifndef _NGX_HTTP_PAYMENTS_ZONE_H_INCLUDED_
#define _NGX_HTTP_PAYMENTS_ZONE_H_INCLUDED_


#include "ngx_http_payments.h"

#include "payments_claims.h"
#include "payments_state.h"
#include "payments_waiting.h"


typedef struct ngx_http_payments_state_s  ngx_http_payments_state_t;


/* "payments_dedup_zone" */

typedef struct {
    ngx_str_t                  name;
    time_t                     window;
    ngx_str_t                  path;       /* "state=", NUL-terminated, or "" */

    ngx_shm_zone_t            *shm_zone;
    ngx_slab_pool_t           *shpool;
    payments_claims_t         *claims;     /* shared, below the mutex */
    payments_hash_t           *hash;       /* of this process */
    ngx_pool_t                *pool;       /* of the configuration */

    ngx_http_payments_main_conf_t
                              *pmcf;
    ngx_array_t                spools;     /* whose ids are in it */
    ngx_thread_pool_t         *threads;    /* NULL: no state */
    unsigned                   found:1;    /* a state file */

    /* of a worker */

    ngx_http_payments_state_t *state;      /* NULL: none is kept */
    uint64_t                   evicted;    /* already warned of */
    time_t                     warned;
} ngx_http_payments_zone_t;


/* "payments_dedup" */

struct ngx_http_payments_dedup_s {
    ngx_http_payments_zone_t  *zone;       /* NULL: off */
    ngx_shm_zone_t            *shm_zone;
    ngx_msec_t                 wait;
};


/*
 * These take the zone's mutex.  PAYMENTS_CLAIM_BUSY: another has it, who is
 * alive.
 */
payments_claim_e ngx_http_payments_zone_take(ngx_http_payments_zone_t *zone,
    payments_claim_t *claim);
void ngx_http_payments_zone_done(ngx_http_payments_zone_t *zone,
    payments_claim_t *claim);
void ngx_http_payments_zone_drop(ngx_http_payments_zone_t *zone,
    payments_claim_t *claim);
void ngx_http_payments_zone_counts(ngx_http_payments_zone_t *zone,
    payments_claims_counts_t *counts);

/* What is done, and was another's: of a thread. */
void ngx_http_payments_zone_know(ngx_http_payments_zone_t *zone,
    const payments_done_t *done);

/* The next of the done ids: see payments_claims_list(). */
size_t ngx_http_payments_zone_list(ngx_http_payments_zone_t *zone,
    uint32_t *cursor, payments_done_t *dst, size_t n);

/* Makes a claim of this process, which has still to be taken. */
ngx_int_t ngx_http_payments_zone_hash(ngx_http_payments_zone_t *zone,
    const payments_str_t *parts, unsigned n, payments_claim_t *claim);


/* ngx_http_payments_zone_conf.c: 1 when it knows what lies in that spool. */
ngx_uint_t ngx_http_payments_zone_of(ngx_http_payments_zone_t *zone,
    ngx_http_payments_spool_t *spool);


/*
 * ngx_http_payments_state.c: what is done, over a full restart
 */

/* The key of the state file's ids; NGX_DECLINED without one. */
ngx_int_t ngx_http_payments_state_key(ngx_http_payments_zone_t *zone,
    u_char *key);

/* Of the state file, and of what waits in the spools but is not in active. */
void ngx_http_payments_state_load(ngx_http_payments_zone_t *zone);

/* Of a line that recovery has sealed; of a thread, and its hash. */
void ngx_http_payments_state_recovered(ngx_http_payments_zone_t *zone,
    payments_hash_t *hash, payments_str_t line);

/*
 * ngx_http_payments_note.c: of a worker
 */

ngx_int_t ngx_http_payments_state_init(ngx_cycle_t *cycle,
    ngx_http_payments_zone_t *zone);

/* Notes that an id is done, soon. */
void ngx_http_payments_state_add(ngx_http_payments_zone_t *zone,
    const u_char *id);

/* Notes all that is done, soon. */
void ngx_http_payments_state_whole(ngx_http_payments_zone_t *zone);

/* Writes what is left, when the threads have ended; blocks. */
void ngx_http_payments_state_exit(ngx_http_payments_zone_t *zone);


#endif /* _NGX_HTTP_PAYMENTS_ZONE_H_INCLUDED_ */
