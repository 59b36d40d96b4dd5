
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "payments_status.h"


int64_t
payments_status_oldest(const payments_status_t *status,
    const payments_spool_status_t *spool)
{
    int64_t  active, new;

    active = payments_status_since(status, spool->look.active.oldest);
    new = payments_status_since(status, spool->look.new.oldest);

    return (active > new) ? active : new;
}


int64_t
payments_status_lag(const payments_status_t *status,
    const payments_spool_status_t *spool)
{
    int64_t  oldest, retry;

    if (spool->looked == -1) {
        return 0;
    }

    oldest = payments_status_oldest(status, spool);
    retry = payments_status_since(status, spool->look.retry.oldest);

    return (oldest > retry) ? oldest : retry;
}


int64_t
payments_status_since(const payments_status_t *status, int64_t ms)
{
    return (ms == -1 || ms > status->now) ? 0 : status->now - ms;
}
