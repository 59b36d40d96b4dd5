
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the two files of the page for Prometheus share, and nobody else.
 */


#ifndef _PAYMENTS_PROMETHEUS_H_INCLUDED_
#define _PAYMENTS_PROMETHEUS_H_INCLUDED_


#include "payments_status.h"


/* The lines before a metric's samples; all of them NUL-terminated. */
void payments_metric(payments_out_t *out, const char *name,
    const char *type, const char *help);

/* A sample up to its first label's value; the braces are left open. */
void payments_label(payments_out_t *out, const char *name,
    const char *label, payments_str_t value);

/* Closes the braces, and ends the sample. */
void payments_value(payments_out_t *out, uint64_t n);

/* All metrics of spools and their relays. */
void payments_prometheus_spools(const payments_status_t *status,
    payments_out_t *out);


#endif /* _PAYMENTS_PROMETHEUS_H_INCLUDED_ */
