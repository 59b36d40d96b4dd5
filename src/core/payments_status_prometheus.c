
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The status page for Prometheus: all samples of a metric one after another.
 */


#include <string.h>

#include "payments_prometheus.h"


typedef struct {
    const char  *name;
    const char  *type;
    const char  *help;
} payments_zone_metric_t;


static void payments_per_variant(const payments_status_t *status,
    payments_out_t *out);
static void payments_results(const payments_status_t *status,
    const payments_variant_status_t *variant, payments_out_t *out);
static void payments_secrets(const payments_variant_status_t *variant,
    payments_out_t *out);
static void payments_ages(const payments_status_t *status, unsigned greatest,
    payments_out_t *out);
static void payments_zones(const payments_status_t *status,
    payments_out_t *out);
static uint64_t payments_of_zone(const payments_zone_status_t *zone,
    unsigned which);


static const payments_zone_metric_t  payments_zone_metrics[] = {
    { "payments_zone_entries", "gauge", "Events that are known." },
    { "payments_zone_in_flight_entries", "gauge",
      "Events that are being handled." },
    { "payments_zone_capacity_entries", "gauge", "Events that fit." },
    { "payments_zone_evicted_total", "counter",
      "Events that were forgotten before their time." }
};


void
payments_status_prometheus(const payments_status_t *status,
    payments_out_t *out)
{
    payments_per_variant(status, out);

    if (status->nspools != 0) {
        payments_prometheus_spools(status, out);
    }

    if (status->nzones != 0) {
        payments_zones(status, out);
    }
}


void
payments_metric(payments_out_t *out, const char *name, const char *type,
    const char *help)
{
    payments_out(out, "# HELP ");
    payments_out(out, name);
    payments_out(out, " ");
    payments_out(out, help);
    payments_out(out, "\n# TYPE ");
    payments_out(out, name);
    payments_out(out, " ");
    payments_out(out, type);
    payments_out(out, "\n");
}


void
payments_label(payments_out_t *out, const char *name, const char *label,
    payments_str_t value)
{
    payments_out(out, name);
    payments_out(out, "{");
    payments_out(out, label);
    payments_out(out, "=");
    payments_out_string(out, value);
}


void
payments_value(payments_out_t *out, uint64_t n)
{
    payments_out(out, "} ");
    payments_out_integer(out, (int64_t) n);
    payments_out(out, "\n");
}


static void
payments_per_variant(const payments_status_t *status, payments_out_t *out)
{
    unsigned  i;

    payments_metric(out, "payments_events_total", "counter",
                    "Events by what became of them.");

    for (i = 0; i < status->nvariants; i++) {
        payments_results(status, &status->variants[i], out);
    }

    payments_results(status, &status->unknown, out);

    if (status->nvariants == 0) {
        return;
    }

    payments_metric(out, "payments_body_bytes_total", "counter",
                    "Bytes of the bodies of accepted events.");

    for (i = 0; i < status->nvariants; i++) {
        payments_label(out, "payments_body_bytes_total", "variant",
                       status->variants[i].name);
        payments_value(out, status->variants[i].counts->bytes);
    }

    payments_metric(out, "payments_secret_matches_total", "counter",
                    "Right signatures by the secret that they were made "
                    "with, 1 being the first one.");

    for (i = 0; i < status->nvariants; i++) {
        payments_secrets(&status->variants[i], out);
    }

    payments_ages(status, 0, out);
    payments_ages(status, 1, out);
}


static void
payments_results(const payments_status_t *status,
    const payments_variant_status_t *variant, payments_out_t *out)
{
    unsigned     i;
    const char  *reason;

    for (i = 0; i < PAYMENTS_RC_MAX; i++) {

        payments_label(out, "payments_events_total", "variant",
                       variant->name);
        payments_out(out, ",result=\"");
        payments_out(out, status->results[i]);

        reason = payments_rc_name(i);

        if (reason[0] != '\0' && strcmp(reason, status->results[i]) != 0) {
            payments_out(out, "\",reason=\"");
            payments_out(out, reason);
        }

        payments_out(out, "\"");
        payments_value(out, variant->counts->results[i]);
    }
}


static void
payments_secrets(const payments_variant_status_t *variant,
    payments_out_t *out)
{
    unsigned  i;

    for (i = 0; i < variant->nsecrets; i++) {
        payments_label(out, "payments_secret_matches_total", "variant",
                       variant->name);
        payments_out(out, ",secret=\"");
        payments_out_integer(out, i + 1);
        payments_out(out, "\"");
        payments_value(out, variant->counts->secrets[i]);
    }
}


static void
payments_ages(const payments_status_t *status, unsigned greatest,
    payments_out_t *out)
{
    int64_t      min, max;
    unsigned     i;
    const char  *name;

    name = greatest ? "payments_signature_age_max_seconds"
                    : "payments_signature_age_min_seconds";

    payments_metric(out, name, "gauge",
                    greatest ? "Age of the oldest right signature of the last "
                               "minute; a backlog of the gateway, or a wrong "
                               "clock."
                             : "Age of the newest right signature of the last "
                               "minute; negative: this clock is behind.");

    for (i = 0; i < status->nvariants; i++) {

        if (!payments_ages_read(status->variants[i].counts->ages,
                                status->now / 1000, &min, &max))
        {
            continue;
        }

        payments_label(out, name, "variant", status->variants[i].name);
        payments_value(out, (uint64_t) (greatest ? max : min));
    }
}


static void
payments_zones(const payments_status_t *status, payments_out_t *out)
{
    unsigned                       i, j;
    const payments_zone_metric_t  *metric;

    for (i = 0; i < 4; i++) {
        metric = &payments_zone_metrics[i];

        payments_metric(out, metric->name, metric->type, metric->help);

        for (j = 0; j < status->nzones; j++) {
            payments_label(out, metric->name, "zone", status->zones[j].name);
            payments_value(out, payments_of_zone(&status->zones[j], i));
        }
    }
}


static uint64_t
payments_of_zone(const payments_zone_status_t *zone, unsigned which)
{
    switch (which) {

    case 0:
        return zone->entries;

    case 1:
        return zone->in_flight;

    case 2:
        return zone->capacity;

    default:
        return zone->evicted;
    }
}
