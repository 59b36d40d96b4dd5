
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Bytes as text: UTF-8, JSON strings, times and amounts.
 */


#ifndef _PAYMENTS_TEXT_H_INCLUDED_
#define _PAYMENTS_TEXT_H_INCLUDED_


#include "payments.h"


/* the longest that the writers below write */

#define PAYMENTS_INTEGER_LEN  (sizeof("-9223372036854775808") - 1)
#define PAYMENTS_DECIMAL_LEN  (PAYMENTS_INTEGER_LEN + sizeof("0.00") - 1)
#define PAYMENTS_TIME_LEN     (sizeof("1970-01-01T00:00:00.000Z") - 1)

/* a byte escaped in a JSON string: \u001f */
#define PAYMENTS_ESCAPE_LEN   6


/* 1 when the bytes are UTF-8 (RFC 3629: shortest form, no surrogates). */
int payments_utf8_valid(const unsigned char *p, size_t len);

/* Bytes of the character that p, not empty, begins with; 0 when it is none. */
size_t payments_utf8_sequence(const unsigned char *p, size_t len);

/*
 * Writes a JSON string without its quotes, at most PAYMENTS_ESCAPE_LEN bytes
 * for each of str, which is UTF-8.  These writers return the end of
 * what they wrote.
 */
unsigned char *payments_write_escaped(unsigned char *dst, payments_str_t str);

unsigned char *payments_write_integer(unsigned char *dst, int64_t n);

/*
 * Reads digits, and a "-" before them, to the end.  1, or 0 when there is
 * anything else or the number is not an int64_t.
 */
int payments_read_integer(payments_str_t str, int64_t *n);

/*
 * Reads a decimal, "12.34", as a number of units of so many decimals, at most
 * 4, exactly.  1, or 0 when it is none, has more digits that are not zero, or
 * is not an int64_t.
 */
int payments_read_decimal(payments_str_t str, unsigned decimals, int64_t *n);

/* An amount in the smallest unit as a decimal, with 0 to 3 decimals. */
unsigned char *payments_write_decimal(unsigned char *dst, int64_t amount,
    unsigned decimals);

/*
 * Writes milliseconds since the epoch as RFC 3339 in UTC, without the
 * milliseconds when precise is 0.  Times outside of the years 1970 to 9999
 * are moved to that range's ends.
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


#endif /* _PAYMENTS_TEXT_H_INCLUDED_ */
