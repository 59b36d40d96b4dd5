
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "payments_status.h"


int64_t
payments_status_lag(const payments_status_t *status,
    const payments_spool_status_t *spool)
{
    int64_t  new, retry;

    if (spool->looked == -1) {
        return 0;
    }

    new = payments_status_since(status, spool->look.new.oldest);
    retry = payments_status_since(status, spool->look.retry.oldest);

    return (new > retry) ? new : retry;
}


int64_t
payments_status_since(const payments_status_t *status, int64_t ms)
{
    return (ms == -1 || ms > status->now) ? 0 : status->now - ms;
}
