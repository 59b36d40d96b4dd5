
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A body of many events: ngx_http_payments_batch.c
 */


#ifndef _NGX_HTTP_PAYMENTS_BATCH_H_INCLUDED_
#define _NGX_HTTP_PAYMENTS_BATCH_H_INCLUDED_


#include "ngx_http_payments.h"

#include "payments_items.h"


/* each of its items is a ctx of its own, which has the same batch */

struct ngx_http_payments_batch_s {
    ngx_http_payments_ctx_t      *ctx;       /* of the request */
    ngx_http_payments_ctx_t      *items;
    ngx_uint_t                    nitems;
    ngx_uint_t                    shown;     /* by variables, from 1; or 0 */
    ngx_uint_t                    pending;   /* in a commit */
    unsigned                      waits:1;   /* for claims of others */
    unsigned                      split:1;   /* its items are counted */
};


/* 1 when items are delivered one by one, and not the body as it came */

#define ngx_http_payments_batch_splits(ctx)                                   \
    ((ctx)->batch != NULL                                                     \
     && ((ctx)->plcf->spool != NULL || (ctx)->batch->nitems == 0))


/*
 * The steps of a request.  The first one leaves ctx->batch NULL when the body
 * is one event; it reads items, verifies those that are signed one by one, and
 * screens them.
 */
ngx_int_t ngx_http_payments_batch_items(ngx_http_payments_ctx_t *ctx);
ngx_int_t ngx_http_payments_batch_choose(ngx_http_payments_ctx_t *ctx);
ngx_int_t ngx_http_payments_batch_deliver(ngx_http_payments_ctx_t *ctx);

/* An entry's commit has ended: settles an event, or an item, by rc. */
void ngx_http_payments_committed(ngx_http_payments_ctx_t *ctx,
    payments_rc_e rc, int64_t waited);


/*
 * ngx_http_payments_request.c: what is done to an event and to an item
 */

payments_rc_e ngx_http_payments_read_event(ngx_http_payments_ctx_t *ctx,
    payments_event_t *event, payments_scratch_t *scratch);

/* Verifies ctx->signature by ctx->post: sets ctx->rc, and ctx->secret. */
void ngx_http_payments_match(ngx_http_payments_ctx_t *ctx);

/* Makes an entry for a spool of it. */
ngx_int_t ngx_http_payments_envelope(ngx_http_payments_ctx_t *ctx);


/*
 * ngx_http_payments_claim.c
 */

/* Sets what is claimed. */
ngx_int_t ngx_http_payments_claim_key(ngx_http_payments_ctx_t *ctx);

/* NGX_AGAIN while somebody else has it; or ctx->rc says what became of it. */
ngx_int_t ngx_http_payments_claim_take(ngx_http_payments_ctx_t *ctx);

/* The driver is run again in a moment, unless the client goes. */
void ngx_http_payments_claim_wait(ngx_http_payments_ctx_t *ctx);


#endif /* _NGX_HTTP_PAYMENTS_BATCH_H_INCLUDED_ */
