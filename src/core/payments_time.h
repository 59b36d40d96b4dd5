
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Times as text: RFC 3339.
 */


#ifndef _PAYMENTS_TIME_H_INCLUDED_
#define _PAYMENTS_TIME_H_INCLUDED_


#include "payments.h"


/* the longest that is written */
#define PAYMENTS_TIME_LEN  (sizeof("1970-01-01T00:00:00.000Z") - 1)


/*
 * Writes milliseconds since the epoch as RFC 3339 in UTC, without the
 * milliseconds when precise is 0, and returns the end of it.  Times outside of
 * the years 1970 to 9999 are moved to that range's ends.
 */
unsigned char *payments_write_time(unsigned char *dst, int64_t ms,
    int precise);

/*
 * Reads a time of RFC 3339 with any fraction and offset, from the year 1970
 * on, into seconds since the epoch.  1, or 0 when it is not one.
 */
int payments_read_time(payments_str_t str, int64_t *seconds);

/* Reads what payments_write_time() wrote with milliseconds, and only that. */
int payments_read_time_ms(payments_str_t str, int64_t *ms);


#endif /* _PAYMENTS_TIME_H_INCLUDED_ */
