
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Spools and their relays on the page for Prometheus.
 */


#include "payments_prometheus.h"


#define PAYMENTS_COMMIT    "payments_spool_commit_seconds"
#define PAYMENTS_DELIVERY  "payments_relay_delivery_seconds"


typedef enum {
    PAYMENTS_COMMITS = 0,
    PAYMENTS_FAILED_COMMITS,
    PAYMENTS_EVENTS,
    PAYMENTS_WAITING,

    /* known once the disk was looked at */
    PAYMENTS_FREE,
    PAYMENTS_OLDEST,
    PAYMENTS_LOOKED,

    /* of a relay, */
    PAYMENTS_DELIVERED,
    PAYMENTS_RETRIED,
    PAYMENTS_BURIED,

    /* and both */
    PAYMENTS_LAG
} payments_number_e;


typedef struct {
    payments_number_e   which;
    const char         *name;
    const char         *type;
    const char         *help;
} payments_metric_t;


static void payments_per_spool(const payments_status_t *status,
    const payments_metric_t *metric, payments_out_t *out);
static int payments_known(const payments_spool_status_t *spool,
    payments_number_e which);
static void payments_number(const payments_status_t *status,
    const payments_spool_status_t *spool, payments_number_e which,
    payments_out_t *out);
static void payments_heaps(const payments_status_t *status, unsigned bytes,
    payments_out_t *out);
static void payments_heap(const payments_spool_status_t *spool,
    const payments_heap_t *heap, const char *name, unsigned bytes,
    payments_out_t *out);
static void payments_histogram(const payments_spool_status_t *spool,
    unsigned delivery, payments_out_t *out);


static const payments_metric_t  payments_metrics[] = {
    { PAYMENTS_COMMITS, "payments_spool_commits_total", "counter",
      "Commits that made events stable." },
    { PAYMENTS_FAILED_COMMITS, "payments_spool_failed_commits_total",
      "counter", "Commits that failed: their events were answered with 503." },
    { PAYMENTS_EVENTS, "payments_spool_events_total", "counter",
      "Events that were committed." },
    { PAYMENTS_WAITING, "payments_spool_waiting_events", "gauge",
      "Events that wait for a commit, in all workers." },
    { PAYMENTS_FREE, "payments_spool_free_bytes", "gauge",
      "What is left on the file system of the spool." },
    { PAYMENTS_OLDEST, "payments_spool_oldest_seconds", "gauge",
      "Age of the oldest file in active and new." },
    { PAYMENTS_LOOKED, "payments_spool_look_age_seconds", "gauge",
      "Age of what is said of files and bytes; it grows when the disk hangs."
      },
    { PAYMENTS_DELIVERED, "payments_relay_delivered_total", "counter",
      "Events that the application has taken." },
    { PAYMENTS_RETRIED, "payments_relay_retried_total", "counter",
      "Tries that failed, and are followed by another one." },
    { PAYMENTS_BURIED, "payments_relay_dead_total", "counter",
      "Events that went to dead." },
    { PAYMENTS_LAG, "payments_relay_lag_seconds", "gauge",
      "Age of the oldest event that was not delivered yet." }
};


void
payments_prometheus_spools(const payments_status_t *status,
    payments_out_t *out)
{
    unsigned  i;

    for (i = 0; i < sizeof(payments_metrics) / sizeof(payments_metric_t);
         i++)
    {
        payments_per_spool(status, &payments_metrics[i], out);
    }

    payments_heaps(status, 0, out);
    payments_heaps(status, 1, out);

    payments_metric(out, PAYMENTS_COMMIT, "histogram",
                    "Time to write and to sync a commit.");

    for (i = 0; i < status->nspools; i++) {
        payments_histogram(&status->spools[i], 0, out);
    }

    payments_metric(out, PAYMENTS_DELIVERY, "histogram",
                    "Time from the gateway's request to the application's "
                    "2xx.");

    for (i = 0; i < status->nspools; i++) {
        if (status->spools[i].relayed) {
            payments_histogram(&status->spools[i], 1, out);
        }
    }
}


static void
payments_per_spool(const payments_status_t *status,
    const payments_metric_t *metric, payments_out_t *out)
{
    unsigned                  i;
    payments_spool_status_t  *spool;

    payments_metric(out, metric->name, metric->type, metric->help);

    for (i = 0; i < status->nspools; i++) {
        spool = &status->spools[i];

        if (payments_known(spool, metric->which)) {
            payments_label(out, metric->name, "spool", spool->path);
            payments_number(status, spool, metric->which, out);
        }
    }
}


static int
payments_known(const payments_spool_status_t *spool, payments_number_e which)
{
    if (which >= PAYMENTS_DELIVERED && !spool->relayed) {
        return 0;
    }

    switch (which) {

    case PAYMENTS_FREE:
    case PAYMENTS_OLDEST:
    case PAYMENTS_LOOKED:
    case PAYMENTS_LAG:
        return spool->looked != -1;

    default:
        return 1;
    }
}


static void
payments_number(const payments_status_t *status,
    const payments_spool_status_t *spool, payments_number_e which,
    payments_out_t *out)
{
    int64_t                         ms;
    const payments_spool_counts_t  *counts;

    counts = spool->counts;

    switch (which) {

    case PAYMENTS_COMMITS:
        payments_value(out, counts->commits);
        return;

    case PAYMENTS_FAILED_COMMITS:
        payments_value(out, counts->failed);
        return;

    case PAYMENTS_EVENTS:
        payments_value(out, counts->events);
        return;

    case PAYMENTS_WAITING:
        payments_value(out, spool->waiting);
        return;

    case PAYMENTS_FREE:
        payments_value(out, spool->look.free);
        return;

    case PAYMENTS_DELIVERED:
        payments_value(out, counts->delivered);
        return;

    case PAYMENTS_RETRIED:
        payments_value(out, counts->retried);
        return;

    case PAYMENTS_BURIED:
        payments_value(out, counts->dead);
        return;

    case PAYMENTS_OLDEST:
        ms = payments_status_oldest(status, spool);
        break;

    case PAYMENTS_LOOKED:
        ms = payments_status_since(status, spool->looked);
        break;

    default: /* PAYMENTS_LAG */
        ms = payments_status_lag(status, spool);
    }

    payments_out(out, "} ");
    payments_out_seconds(out, (uint64_t) ms * 1000);
    payments_out(out, "\n");
}


static void
payments_heaps(const payments_status_t *status, unsigned bytes,
    payments_out_t *out)
{
    unsigned                        i;
    const payments_spool_status_t  *spool;

    payments_metric(out, bytes ? "payments_spool_bytes"
                               : "payments_spool_files", "gauge",
                    bytes ? "Bytes of the files that are counted."
                          : "Files that wait, by directory of the spool; "
                            "100000 are the most that are counted.");

    for (i = 0; i < status->nspools; i++) {
        spool = &status->spools[i];

        if (spool->looked == -1) {
            continue;
        }

        payments_heap(spool, &spool->look.active, PAYMENTS_ACTIVE, bytes, out);
        payments_heap(spool, &spool->look.new, PAYMENTS_NEW, bytes, out);
        payments_heap(spool, &spool->look.corrupt, PAYMENTS_CORRUPT, bytes,
                      out);

        if (spool->relayed) {
            payments_heap(spool, &spool->look.retry, PAYMENTS_RETRY, bytes,
                          out);
            payments_heap(spool, &spool->look.dead, PAYMENTS_DEAD, bytes,
                          out);
        }
    }
}


static void
payments_heap(const payments_spool_status_t *spool,
    const payments_heap_t *heap, const char *name, unsigned bytes,
    payments_out_t *out)
{
    payments_label(out, bytes ? "payments_spool_bytes"
                              : "payments_spool_files", "spool", spool->path);
    payments_out(out, ",directory=\"");
    payments_out(out, name);
    payments_out(out, "\"");
    payments_value(out, bytes ? heap->bytes : heap->files);
}


static void
payments_histogram(const payments_spool_status_t *spool, unsigned delivery,
    payments_out_t *out)
{
    uint64_t                     n;
    unsigned                     i;
    const int64_t               *bounds;
    const payments_histogram_t  *histogram;

    histogram = delivery ? &spool->counts->delivery : &spool->counts->commit;
    bounds = delivery ? payments_delivery_bounds : payments_commit_bounds;

    n = 0;

    for (i = 0; i < PAYMENTS_BUCKETS; i++) {
        n += histogram->n[i];

        payments_label(out, delivery ? PAYMENTS_DELIVERY "_bucket"
                                     : PAYMENTS_COMMIT "_bucket", "spool",
                       spool->path);
        payments_out(out, ",le=\"");

        if (i < PAYMENTS_BUCKETS - 1) {
            payments_out_seconds(out, (uint64_t) bounds[i]);

        } else {
            payments_out(out, "+Inf");
        }

        payments_out(out, "\"");
        payments_value(out, n);
    }

    payments_label(out, delivery ? PAYMENTS_DELIVERY "_sum"
                                 : PAYMENTS_COMMIT "_sum", "spool",
                   spool->path);
    payments_out(out, "} ");
    payments_out_seconds(out, histogram->sum);
    payments_out(out, "\n");

    payments_label(out, delivery ? PAYMENTS_DELIVERY "_count"
                                 : PAYMENTS_COMMIT "_count", "spool",
                   spool->path);
    payments_value(out, n);
}
