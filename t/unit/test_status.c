
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <stdio.h>

#include "payments_status.h"
#include "unit.h"


#define PAGE  65536


static unsigned char  page[PAGE];
static size_t         piece, pieces;


/* the next piece of the page lies right behind the last one */

static int
more(payments_out_t *out)
{
    unsigned  *limit;

    limit = out->data;

    if (pieces == *limit) {
        return -1;
    }

    out->pos = page + pieces * piece;
    out->end = out->pos + piece;
    pieces++;

    return 0;
}


static payments_out_t
begin(size_t size, unsigned *limit)
{
    payments_out_t  out;

    memset(&out, 0, sizeof(out));
    memset(page, '#', sizeof(page));

    out.more = more;
    out.data = limit;

    piece = size;
    pieces = 0;

    return out;
}


static void
writer(void)
{
    size_t          size;
    unsigned        limit;
    payments_out_t  out;

    static const char  expected[] =
        "a-1234567890 0.000100 12.345678 86400.000000 "
        "\"/a\\\"\\\\\\n?\xc3\xa4\" \"x?y\" \"\"";

    for (size = 1; size < 100; size++) {
        limit = PAGE / size;
        out = begin(size, &limit);

        payments_out(&out, "a");
        payments_out_integer(&out, -1234567890);
        payments_out(&out, " ");
        payments_out_seconds(&out, 100);
        payments_out(&out, " ");
        payments_out_seconds(&out, 12345678);
        payments_out(&out, " ");
        payments_out_seconds(&out, UINT64_C(86400000000));
        payments_out(&out, " ");
        payments_out_string(&out, LIT("/a\"\\\n\x01\xc3\xa4"));
        payments_out(&out, " ");
        payments_out_string(&out, LIT("x\xffy"));
        payments_out(&out, " ");
        payments_out_string(&out, LIT(""));

        if ((size_t) (out.pos - page) != sizeof(expected) - 1
            || memcmp(page, expected, sizeof(expected) - 1) != 0
            || out.failed)
        {
            break;
        }
    }

    is_int(size, 100, "writer: in pieces of any size");
    is_str(page, sizeof(expected) - 1, expected, sizeof(expected) - 1,
           "writer: the text");

    limit = 1;
    out = begin(4, &limit);
    payments_out(&out, "abcdef");
    payments_out(&out, "g");

    is_int(out.failed, 1, "writer: without memory it fails");
    is_str(page, 5, "abcd#", 5, "writer: and stops");
}


static void
buckets(void)
{
    unsigned  i, wrong;

    wrong = 0;

    for (i = 0; i < PAYMENTS_BUCKETS - 1; i++) {
        wrong += payments_bucket(payments_commit_bounds,
                                 payments_commit_bounds[i]) != i;
        wrong += payments_bucket(payments_commit_bounds,
                                 payments_commit_bounds[i] + 1) != i + 1;
        wrong += payments_bucket(payments_delivery_bounds,
                                 payments_delivery_bounds[i]) != i;

        if (i != 0) {
            wrong += payments_delivery_bounds[i]
                     <= payments_delivery_bounds[i - 1];
        }
    }

    is_int(wrong, 0, "buckets: a bound belongs to its bucket");
    is_int(payments_bucket(payments_commit_bounds, -5), 0,
           "buckets: a negative time is in the first");
    is_int(payments_commit_bounds[0], 100, "buckets: from 100 us");
    is_int(payments_commit_bounds[PAYMENTS_BUCKETS - 2], 10000000,
           "buckets: to 10 s");
}


static void
ages(void)
{
    int64_t          min, max;
    payments_ages_t  slots[2];

    memset(slots, 0, sizeof(slots));

    is_int(payments_ages_read(slots, 6000, &min, &max), 0, "ages: none yet");

    payments_ages_note(slots, 6000, 5);
    payments_ages_note(slots, 6059, -3);
    payments_ages_note(slots, 6059, 2);

    ok(payments_ages_read(slots, 6059, &min, &max) && min == -3 && max == 5,
       "ages: of this minute");

    payments_ages_note(slots, 6060, 70);

    ok(payments_ages_read(slots, 6119, &min, &max) && min == -3 && max == 70,
       "ages: and of the one before");
    ok(payments_ages_read(slots, 6120, &min, &max) && min == 70 && max == 70,
       "ages: but of none before that");

    payments_ages_note(slots, 6120, 1);

    ok(payments_ages_read(slots, 6120, &min, &max) && min == 1 && max == 70,
       "ages: a slot is used again");
    is_int(payments_ages_read(slots, 6240, &min, &max), 0,
           "ages: all of them are over");
}


/* what is newer than this clock, or not known, has no age */

static void
lags(void)
{
    payments_status_t        status;
    payments_spool_status_t  spool;

    memset(&status, 0, sizeof(status));
    memset(&spool, 0, sizeof(spool));

    status.now = 10000;
    spool.looked = -1;
    spool.look.active.oldest = -1;
    spool.look.new.oldest = 4000;
    spool.look.retry.oldest = -1;

    is_int(payments_status_lag(&status, &spool), 0, "lag: not looked at");

    spool.looked = 9000;
    is_int(payments_status_lag(&status, &spool), 6000, "lag: by new");

    spool.look.retry.oldest = 1000;
    is_int(payments_status_lag(&status, &spool), 9000, "lag: by retry");

    spool.look.active.oldest = 500;
    is_int(payments_status_lag(&status, &spool), 9500, "lag: by active");
    is_int(payments_status_oldest(&status, &spool), 9500, "oldest: of active");

    spool.look.active.oldest = -1;
    is_int(payments_status_oldest(&status, &spool), 6000, "oldest: of new");

    spool.look.new.oldest = -1;
    spool.look.retry.oldest = 20000;
    is_int(payments_status_lag(&status, &spool), 0, "lag: of the future");
}


/* zones, and a spool that was not looked at: no process has them at will */

static void
pages(void)
{
    unsigned                   i, limit;
    payments_out_t             out;
    payments_status_t          status;
    payments_spool_counts_t    counts;
    payments_spool_status_t    spool;
    payments_zone_status_t     zone;
    payments_variant_counts_t  unknown;

    memset(&status, 0, sizeof(status));
    memset(&spool, 0, sizeof(spool));
    memset(&counts, 0, sizeof(counts));
    memset(&unknown, 0, sizeof(unknown));

    for (i = 0; i < PAYMENTS_RC_MAX; i++) {
        status.results[i] = i ? "refused" : "accepted";
    }

    status.unknown.name = text("(unknown)");
    status.unknown.counts = &unknown;

    spool.path = text("/s");
    spool.counts = &counts;
    spool.looked = -1;
    status.spools = &spool;
    status.nspools = 1;

    zone.name = text("z");
    zone.entries = 3;
    zone.in_flight = 1;
    zone.capacity = 100;
    zone.evicted = 7;
    status.zones = &zone;
    status.nzones = 1;

    limit = PAGE / 4096;
    out = begin(4096, &limit);
    payments_status_json(&status, &out);
    *out.pos = '\0';

    ok(strstr((char *) page, "\"disk\":null,\"relay\":null") != NULL,
       "pages: of a disk nothing is known");
    ok(strstr((char *) page, "\"zones\":{\"z\":{\"entries\":3,\"in_flight\":1,"
              "\"capacity\":100,\"evicted\":7}}") != NULL,
       "pages: a zone");

    out = begin(4096, &limit);
    payments_status_prometheus(&status, &out);
    *out.pos = '\0';

    ok(strstr((char *) page, "payments_spool_free_bytes{") == NULL
       && strstr((char *) page, "payments_relay_lag_seconds{") == NULL,
       "pages: nor is it said");
    ok(strstr((char *) page, "\npayments_zone_evicted_total{zone=\"z\"} 7\n")
       != NULL
       && strstr((char *) page, "\npayments_zone_capacity_entries{zone=\"z\"} "
                 "100\n") != NULL,
       "pages: the zone too");
}


int
main(void)
{
    writer();
    buckets();
    ages();
    lags();
    pages();

    return done_testing();
}
