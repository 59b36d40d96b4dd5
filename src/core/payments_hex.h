
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Bytes in hex digits (RFC 4648, 8), which are read in any case.
 */


#ifndef _PAYMENTS_HEX_H_INCLUDED_
#define _PAYMENTS_HEX_H_INCLUDED_


#include "payments.h"


/* What a digit stands for, or -1. */
int payments_hex_digit(unsigned char c);

/* 1, or 0 when the text is not 2 * size digits; dst has room for size bytes. */
int payments_hex_decode(payments_str_t text, unsigned char *dst, size_t size);

/* Writes 2 * size digits, in lower case; their end. */
unsigned char *payments_hex_encode(unsigned char *dst,
    const unsigned char *bytes, size_t size);


#endif /* _PAYMENTS_HEX_H_INCLUDED_ */
