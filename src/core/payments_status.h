
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The status page, as JSON and in Prometheus' text format 0.0.4:
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */


#ifndef _PAYMENTS_STATUS_H_INCLUDED_
#define _PAYMENTS_STATUS_H_INCLUDED_


#include "payments_counts.h"
#include "payments_look.h"
#include "payments_out.h"


typedef struct {
    payments_str_t                    name;
    unsigned                          nsecrets;
    const payments_variant_counts_t  *counts;
} payments_variant_status_t;


typedef struct {
    payments_str_t                    path;
    const payments_spool_counts_t    *counts;
    uint64_t                          waiting;   /* events, for a commit */
    unsigned                          relayed;
    int64_t                           looked;    /* ms; -1: look is not set */
    payments_look_t                   look;
} payments_spool_status_t;


/* shared memory that knows which events have been there */

typedef struct {
    payments_str_t                    name;
    uint64_t                          entries;
    uint64_t                          in_flight; /* of them */
    uint64_t                          capacity;  /* entries that fit */
    uint64_t                          evicted;   /* so far, before their time */
} payments_zone_status_t;


typedef struct {
    int64_t                           now;       /* ms since the epoch */

    /* the class of each result, static; equal texts are one class */
    const char                       *results[PAYMENTS_RC_MAX];

    payments_variant_status_t         unknown;   /* what is for no variant */
    payments_variant_status_t        *variants;
    unsigned                          nvariants;
    payments_spool_status_t          *spools;
    unsigned                          nspools;
    payments_zone_status_t           *zones;
    unsigned                          nzones;
} payments_status_t;


/* The page in either form; a failure is out->failed. */

void payments_status_json(const payments_status_t *status,
    payments_out_t *out);

void payments_status_prometheus(const payments_status_t *status,
    payments_out_t *out);

/* Milliseconds since the oldest file of active and new was begun, or 0. */
int64_t payments_status_oldest(const payments_status_t *status,
    const payments_spool_status_t *spool);

/*
 * Milliseconds since the oldest event that is on the disk was received, 0 when
 * there is none.
 */
int64_t payments_status_lag(const payments_status_t *status,
    const payments_spool_status_t *spool);

/* Milliseconds since a time; 0 when that is -1, or lies ahead. */
int64_t payments_status_since(const payments_status_t *status, int64_t ms);


#endif /* _PAYMENTS_STATUS_H_INCLUDED_ */
