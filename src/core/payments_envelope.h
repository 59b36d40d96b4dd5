
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * An event as one line of JSON: CloudEvents 1.0 in structured mode,
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */


#ifndef _PAYMENTS_ENVELOPE_H_INCLUDED_
#define _PAYMENTS_ENVELOPE_H_INCLUDED_


#include "payments.h"
#include "payments_event.h"
#include "payments_provider.h"


/* an envelope is a head, the gateway's own body, and this */

#define PAYMENTS_ENVELOPE_TAIL  "}}\n"


typedef struct {
    payments_str_t              variant;
    const payments_provider_t  *provider;
    payments_str_t              signed_by;  /* "body" or "none" */
    int64_t                     received;   /* ms since the epoch */
} payments_envelope_t;


/* The most bytes that payments_envelope_head() writes. */
size_t payments_envelope_bound(const payments_envelope_t *envelope,
    const payments_event_t *event);

/*
 * Writes all that stands before the payload into buf, which has room for
 * payments_envelope_bound() bytes.  Returns the bytes written.
 */
size_t payments_envelope_head(const payments_envelope_t *envelope,
    const payments_event_t *event, unsigned char *buf);

/*
 * Makes a valid JSON text one line in its place: outside of strings CR and LF
 * can only be blanks, and inside of strings they cannot be.
 */
void payments_envelope_flatten(unsigned char *json, size_t len);


#endif /* _PAYMENTS_ENVELOPE_H_INCLUDED_ */
