
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "payments_counts.h"


/* 100 us to 10 s: a commit */

const int64_t  payments_commit_bounds[PAYMENTS_BUCKETS - 1] = {
    100, 200, 500,
    1000, 2000, 5000,
    10000, 20000, 50000,
    100000, 200000, 500000,
    1000000, 2000000, 5000000,
    10000000
};


/* 10 ms to a day: from the gateway to the application */

const int64_t  payments_delivery_bounds[PAYMENTS_BUCKETS - 1] = {
    10000, 20000, 50000,
    100000, 200000, 500000,
    1000000, 2000000, 5000000,
    10000000, 30000000, 60000000,
    600000000,
    INT64_C(3600000000), INT64_C(21600000000), INT64_C(86400000000)
};


unsigned
payments_bucket(const int64_t *bounds, int64_t us)
{
    unsigned  i;

    for (i = 0; i < PAYMENTS_BUCKETS - 1 && us > bounds[i]; i++) {
        /* void */
    }

    return i;
}


void
payments_ages_note(payments_ages_t *ages, int64_t now, int64_t age)
{
    uintptr_t         minute;
    payments_ages_t  *slot;

    minute = (uintptr_t) (now / 60);
    slot = &ages[minute % 2];

    if (slot->minute != minute) {
        slot->min = (uintptr_t) age;
        slot->max = (uintptr_t) age;
        slot->minute = minute;
        return;
    }

    if (age < (intptr_t) slot->min) {
        slot->min = (uintptr_t) age;
    }

    if (age > (intptr_t) slot->max) {
        slot->max = (uintptr_t) age;
    }
}


int
payments_ages_read(const payments_ages_t *ages, int64_t now, int64_t *min,
    int64_t *max)
{
    int               found;
    int64_t           low, high;
    unsigned          i;
    uintptr_t         minute;

    found = 0;
    minute = (uintptr_t) (now / 60);

    for (i = 0; i < 2; i++) {

        if (ages[i].minute == 0
            || (ages[i].minute != minute && ages[i].minute != minute - 1))
        {
            continue;
        }

        low = (intptr_t) ages[i].min;
        high = (intptr_t) ages[i].max;

        *min = (found && *min < low) ? *min : low;
        *max = (found && *max > high) ? *max : high;

        found = 1;
    }

    return found;
}
