
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The status page for programs of one's own: one object, whose keys are there
 * whether or not something was counted.
 */


#include <string.h>

#include "payments_status.h"


static void payments_json_variant(const payments_status_t *status,
    const payments_variant_status_t *variant, payments_out_t *out);
static void payments_json_class(const payments_status_t *status,
    const payments_variant_counts_t *counts, unsigned first,
    payments_out_t *out);
static void payments_json_ages(const payments_status_t *status,
    const payments_variant_counts_t *counts, payments_out_t *out);
static void payments_json_spool(const payments_status_t *status,
    const payments_spool_status_t *spool, payments_out_t *out);
static void payments_json_disk(const payments_status_t *status,
    const payments_spool_status_t *spool, payments_out_t *out);
static void payments_json_heap(const payments_status_t *status,
    const payments_heap_t *heap, const char *name, payments_out_t *out);
static void payments_json_relay(const payments_status_t *status,
    const payments_spool_status_t *spool, payments_out_t *out);
static void payments_json_histogram(const payments_histogram_t *histogram,
    const int64_t *bounds, payments_out_t *out);
static void payments_json_zones(const payments_status_t *status,
    payments_out_t *out);
static void payments_json_member(payments_out_t *out, const char *key,
    uint64_t n);


void
payments_status_json(const payments_status_t *status, payments_out_t *out)
{
    unsigned  i;

    payments_json_member(out, "{\"time\"", (uint64_t) status->now);

    payments_out(out, ",\"variants\":{");

    for (i = 0; i < status->nvariants; i++) {
        payments_out(out, i ? "," : "");
        payments_out_string(out, status->variants[i].name);
        payments_out(out, ":");
        payments_json_variant(status, &status->variants[i], out);
    }

    payments_out(out, "},\"unknown\":");
    payments_json_variant(status, &status->unknown, out);

    payments_out(out, ",\"spools\":{");

    for (i = 0; i < status->nspools; i++) {
        payments_out(out, i ? "," : "");
        payments_out_string(out, status->spools[i].path);
        payments_out(out, ":");
        payments_json_spool(status, &status->spools[i], out);
    }

    payments_out(out, "},\"zones\":{");
    payments_json_zones(status, out);
    payments_out(out, "}}\n");
}


static void
payments_json_variant(const payments_status_t *status,
    const payments_variant_status_t *variant, payments_out_t *out)
{
    unsigned  i, j;

    payments_out(out, "{");

    for (i = 0; i < PAYMENTS_RC_MAX; i++) {

        for (j = 0; strcmp(status->results[j], status->results[i]) != 0; j++) {
            /* void */
        }

        /* the first of its class */

        if (j == i) {
            payments_json_class(status, variant->counts, i, out);
        }
    }

    payments_out(out, "\"secrets\":[");

    for (i = 0; i < variant->nsecrets; i++) {
        payments_out(out, i ? "," : "");
        payments_out_integer(out, (int64_t) variant->counts->secrets[i]);
    }

    payments_json_member(out, "],\"bytes\"", variant->counts->bytes);
    payments_json_ages(status, variant->counts, out);
    payments_out(out, "}");
}


/* a number, or by reason when there are any */

static void
payments_json_class(const payments_status_t *status,
    const payments_variant_counts_t *counts, unsigned first,
    payments_out_t *out)
{
    unsigned     i;
    const char  *result, *comma;

    result = status->results[first];

    payments_out(out, "\"");
    payments_out(out, result);
    payments_out(out, "\":");

    if (payments_rc_name(first)[0] == '\0'
        || strcmp(payments_rc_name(first), result) == 0)
    {
        payments_out_integer(out, (int64_t) counts->results[first]);
        payments_out(out, ",");
        return;
    }

    comma = "{\"";

    for (i = first; i < PAYMENTS_RC_MAX; i++) {

        if (strcmp(status->results[i], result) != 0) {
            continue;
        }

        payments_out(out, comma);
        payments_out(out, payments_rc_name(i));
        payments_json_member(out, "\"", counts->results[i]);

        comma = ",\"";
    }

    payments_out(out, "},");
}


static void
payments_json_ages(const payments_status_t *status,
    const payments_variant_counts_t *counts, payments_out_t *out)
{
    int64_t  min, max;

    payments_out(out, ",\"signature_age\":");

    if (!payments_ages_read(counts->ages, status->now / 1000, &min, &max)) {
        payments_out(out, "null");
        return;
    }

    payments_out(out, "{\"min\":");
    payments_out_integer(out, min);
    payments_out(out, ",\"max\":");
    payments_out_integer(out, max);
    payments_out(out, "}");
}


static void
payments_json_spool(const payments_status_t *status,
    const payments_spool_status_t *spool, payments_out_t *out)
{
    const payments_spool_counts_t  *counts;

    counts = spool->counts;

    payments_json_member(out, "{\"commits\"", counts->commits);
    payments_json_member(out, ",\"failed_commits\"", counts->failed);
    payments_json_member(out, ",\"events\"", counts->events);
    payments_json_member(out, ",\"waiting\"", spool->waiting);

    payments_out(out, ",\"commit_us\":");
    payments_json_histogram(&counts->commit, payments_commit_bounds, out);

    payments_out(out, ",\"disk\":");
    payments_json_disk(status, spool, out);

    payments_out(out, ",\"relay\":");
    payments_json_relay(status, spool, out);
    payments_out(out, "}");
}


static void
payments_json_disk(const payments_status_t *status,
    const payments_spool_status_t *spool, payments_out_t *out)
{
    if (spool->looked == -1) {
        payments_out(out, "null");
        return;
    }

    payments_json_member(out, "{\"looked_ms_ago\"",
                         (uint64_t) payments_status_since(status,
                                                          spool->looked));
    payments_json_member(out, ",\"free\"", spool->look.free);

    payments_json_heap(status, &spool->look.active, ",\"active\"", out);
    payments_json_heap(status, &spool->look.new, ",\"new\"", out);
    payments_json_heap(status, &spool->look.corrupt, ",\"corrupt\"", out);

    if (spool->relayed) {
        payments_json_heap(status, &spool->look.retry, ",\"retry\"", out);
        payments_json_heap(status, &spool->look.dead, ",\"dead\"", out);
    }

    payments_out(out, "}");
}


static void
payments_json_heap(const payments_status_t *status,
    const payments_heap_t *heap, const char *name, payments_out_t *out)
{
    payments_out(out, name);
    payments_json_member(out, ":{\"files\"", heap->files);
    payments_json_member(out, ",\"bytes\"", heap->bytes);
    payments_json_member(out, ",\"oldest\"",
                         (uint64_t) payments_status_since(status, heap->oldest)
                         / 1000);
    payments_out(out, ",\"more\":");
    payments_out(out, heap->more ? "true}" : "false}");
}


static void
payments_json_relay(const payments_status_t *status,
    const payments_spool_status_t *spool, payments_out_t *out)
{
    const payments_spool_counts_t  *counts;

    if (!spool->relayed) {
        payments_out(out, "null");
        return;
    }

    counts = spool->counts;

    payments_json_member(out, "{\"delivered\"", counts->delivered);
    payments_json_member(out, ",\"retried\"", counts->retried);
    payments_json_member(out, ",\"dead\"", counts->dead);
    payments_json_member(out, ",\"lag\"",
                         (uint64_t) payments_status_lag(status, spool) / 1000);

    payments_out(out, ",\"delivery_us\":");
    payments_json_histogram(&counts->delivery, payments_delivery_bounds, out);
    payments_out(out, "}");
}


static void
payments_json_histogram(const payments_histogram_t *histogram,
    const int64_t *bounds, payments_out_t *out)
{
    uint64_t  n;
    unsigned  i;

    payments_json_member(out, "{\"sum\"", histogram->sum);
    payments_out(out, ",\"le\":{");

    n = 0;

    for (i = 0; i < PAYMENTS_BUCKETS - 1; i++) {
        n += histogram->n[i];

        payments_out(out, "\"");
        payments_out_integer(out, bounds[i]);
        payments_json_member(out, "\"", n);
        payments_out(out, ",");
    }

    payments_json_member(out, "\"inf\"", n + histogram->n[i]);
    payments_out(out, "}}");
}


static void
payments_json_zones(const payments_status_t *status, payments_out_t *out)
{
    unsigned                 i;
    payments_zone_status_t  *zone;

    for (i = 0; i < status->nzones; i++) {
        zone = &status->zones[i];

        payments_out(out, i ? "," : "");
        payments_out_string(out, zone->name);
        payments_json_member(out, ":{\"entries\"", zone->entries);
        payments_json_member(out, ",\"in_flight\"", zone->in_flight);
        payments_json_member(out, ",\"capacity\"", zone->capacity);
        payments_json_member(out, ",\"evicted\"", zone->evicted);
        payments_out(out, "}");
    }
}


static void
payments_json_member(payments_out_t *out, const char *key, uint64_t n)
{
    payments_out(out, key);
    payments_out(out, ":");
    payments_out_integer(out, (int64_t) n);
}
