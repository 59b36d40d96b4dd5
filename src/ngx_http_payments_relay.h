
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The relay of a spool: from its files to the application, in one process of
 * an nginx instance, the one that also looks after nginx's caches.
 */


#ifndef _NGX_HTTP_PAYMENTS_RELAY_H_INCLUDED_
#define _NGX_HTTP_PAYMENTS_RELAY_H_INCLUDED_


#include "ngx_http_payments_pass.h"

#include "payments_order.h"
#include "payments_queue.h"


#define NGX_HTTP_PAYMENTS_UNLIMITED  ((ngx_uint_t) -1)

/* s; a Retry-After beyond that is not a time to wait for */
#define NGX_HTTP_PAYMENTS_RELAY_LATER  (24 * 3600)

/* a delay is by chance up to so much of it longer or shorter */
#define NGX_HTTP_PAYMENTS_RELAY_SPREAD(delay)  ((delay) / 4)


/* "payments_relay" */

struct ngx_http_payments_relay_conf_s {
    ngx_uint_t                    concurrency;
    ngx_msec_t                    timeout;      /* of a delivery */
    ngx_uint_t                    retries;      /* or _UNLIMITED */
    ngx_msec_t                    backoff_min;
    ngx_msec_t                    backoff_max;
    ngx_msec_t                    max_age;
    ngx_uint_t                    by_token;     /* order=token */
};


/* an event that waits or is on its way; its first member is its turn's */

typedef struct {
    payments_turn_t               turn;
    payments_item_t               item;
    ngx_uint_t                    attempts;     /* that have failed */
    unsigned                      ordered:1;    /* the order has it */
} ngx_http_payments_parcel_t;


typedef struct {
    ngx_queue_t                   queue;
    ngx_http_payments_relay_t    *relay;
    ngx_http_payments_parcel_t   *parcel;

    u_char                       *line;         /* of the spool's file */
    payments_unwrapped_t          parts;        /* of it */
    ngx_http_payments_variant_t  *variant;      /* NULL: no more configured */

    ngx_connection_t             *connection;   /* to nobody */
    ngx_event_t                   timer;

    /* what came of it */

    ngx_uint_t                    status;       /* 0: not even an answer */
    time_t                        retry_after;  /* s, or -1 */
    unsigned                      taken:1;      /* a whole answer, and a 2xx */
    unsigned                      complete:1;   /* the answer's end was seen */
} ngx_http_payments_delivery_t;


struct ngx_http_payments_relay_s {
    ngx_http_payments_relay_conf_t   *conf;
    ngx_http_payments_spool_t        *spool;
    ngx_http_payments_loc_conf_t     *plcf;
    ngx_http_core_srv_conf_t         *cscf;
    ngx_str_t                         uri;       /* before the variant's name */
    unsigned                          whole:1;   /* or all of it */

    /* of the process */

    payments_queue_t                 *queue;
    payments_order_t                 *order;     /* what waits in memory */
    ngx_queue_t                       idle;      /* deliveries */
    ngx_queue_t                       ended;
    ngx_uint_t                        active;
    ngx_uint_t                        missed;    /* tries, one after another */
    ngx_event_t                       wake;
    ngx_fd_t                          null;      /* connections are to that */

    payments_fault_t                  fault;     /* the last one */
    ngx_msec_t                        faulted;   /* its time */
    ngx_msec_t                        since;     /* nothing is taken */

    ngx_msec_t                        looked;    /* for other directories */

    unsigned                          started:1;
    unsigned                          open:1;    /* the files are ours */
    unsigned                          ending:1;
    unsigned                          leaving:1; /* the files that we have */
    unsigned                          faulty:1;  /* this round was */
    unsigned                          failing:1; /* logged already */
    unsigned                          stalled:1; /* the same */
    unsigned                          paused:1;  /* nothing is taken */
};


/*
 * ngx_http_payments_relay.c: a round of the relay's work, at a time or when a
 * delivery has ended.
 */
void ngx_http_payments_relay_work(ngx_event_t *ev);

/* Forgets all that waits in memory. */
void ngx_http_payments_relay_empty(ngx_http_payments_relay_t *relay);

/*
 * ngx_http_payments_delivery.c: sends the delivery's event on its way.  NGX_OK
 * when relay->ended will have it, maybe before this returns, and relay->wake
 * be posted.  Otherwise nothing is under way: NGX_DECLINED is a try that has
 * failed, NGX_ERROR is none, for want of memory or connections.
 */
ngx_int_t ngx_http_payments_delivery_start(
    ngx_http_payments_delivery_t *delivery);

/*
 * ngx_http_payments_nobody.c: the client of a delivery, or NULL.
 */
ngx_connection_t *ngx_http_payments_nobody(
    ngx_http_payments_delivery_t *delivery);

/*
 * ngx_http_payments_settle.c: by what came of it; the delivery is idle then.
 */
void ngx_http_payments_relay_settle(ngx_http_payments_delivery_t *delivery);

/* The application was not asked: later, and that is no try. */
void ngx_http_payments_relay_unsent(ngx_http_payments_delivery_t *delivery);

/*
 * Keeps the parcel for the delay, in memory, where its tries are counted; where
 * there is no room its file is to be read again.
 */
void ngx_http_payments_relay_hold(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel, ngx_msec_t delay);

/* It is dead: the parcel is freed, or kept for the delay. */
void ngx_http_payments_relay_bury(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel, u_char *line, ngx_uint_t status,
    const char *why, ngx_msec_t delay);

/* Each of these frees it: it has been taken, */

void ngx_http_payments_relay_done(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel);

/* its file is to be read again, */
void ngx_http_payments_relay_release(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel);

/* or the queue knows already. */
void ngx_http_payments_relay_forget(ngx_http_payments_relay_t *relay,
    ngx_http_payments_parcel_t *parcel);

/*
 * Logs it, unless the round before has failed as well or it is known since a
 * minute at most, and has the relay pause for a second.
 */
void ngx_http_payments_relay_fault(ngx_http_payments_relay_t *relay,
    payments_fault_t *fault);


#endif /* _NGX_HTTP_PAYMENTS_RELAY_H_INCLUDED_ */
