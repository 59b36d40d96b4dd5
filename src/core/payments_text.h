
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Bytes as text: UTF-8, JSON strings and numbers.
 */


#ifndef _PAYMENTS_TEXT_H_INCLUDED_
#define _PAYMENTS_TEXT_H_INCLUDED_


#include "payments.h"


/* the longest that the writers below write */

#define PAYMENTS_INTEGER_LEN  (sizeof("-9223372036854775808") - 1)
#define PAYMENTS_DECIMAL_LEN  (PAYMENTS_INTEGER_LEN + sizeof("0.00") - 1)

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

/* Decimal digits, at most PAYMENTS_INTEGER_LEN bytes. */
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


#endif /* _PAYMENTS_TEXT_H_INCLUDED_ */
