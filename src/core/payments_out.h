
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A text that is written piece by piece into memory that comes piece by piece.
 */


#ifndef _PAYMENTS_OUT_H_INCLUDED_
#define _PAYMENTS_OUT_H_INCLUDED_


#include "payments.h"


typedef struct payments_out_s  payments_out_t;


struct payments_out_s {
    unsigned char   *pos;        /* of the piece: pos == end at first */
    unsigned char   *end;

    /* sets pos and end to another piece: 0, or -1 without memory */
    int            (*more)(payments_out_t *out);
    void            *data;       /* of more's */

    unsigned         failed;     /* more has: what was written is not all */
};


/* These write to where out is; when there is no more room failed says so. */

void payments_out_bytes(payments_out_t *out, const void *data, size_t len);

/* NUL-terminated. */
void payments_out(payments_out_t *out, const char *text);

void payments_out_integer(payments_out_t *out, int64_t n);

/* Microseconds as seconds: "0.000100". */
void payments_out_seconds(payments_out_t *out, uint64_t us);

/*
 * A string in quotes, as JSON and as Prometheus' text format want it.  Control
 * characters, but for a line break, and what is not UTF-8 are a "?".
 */
void payments_out_string(payments_out_t *out, payments_str_t str);


#endif /* _PAYMENTS_OUT_H_INCLUDED_ */
