
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

/* the most bytes of a head: what a line has room for beside a body */
#define PAYMENTS_ENVELOPE_HEAD  (PAYMENTS_MAX_LINE - PAYMENTS_MAX_BODY)


typedef struct {
    payments_str_t              variant;
    const payments_provider_t  *provider;
    payments_str_t              signed_by;  /* what is covered */
    int64_t                     received;   /* ms since the epoch */
} payments_envelope_t;


/* an envelope, read back; the strings are slices of the line or of this */

typedef struct {
    payments_str_t              id;
    payments_str_t              variant;
    payments_str_t              type;       /* the gateway's own */
    payments_str_t              token;      /* empty when null */
    int64_t                     created;    /* seconds since the epoch, or 0 */
    int64_t                     received;   /* ms since the epoch, or 0 */
    payments_str_t              payload;    /* as it stands in the line */
    unsigned                    opaque;     /* which is base64, no JSON */

    size_t                      unescaped_len;
    unsigned char               unescaped[PAYMENTS_MAX_UNESCAPED + 32];
} payments_unwrapped_t;


/* The most bytes that payments_envelope_head() writes. */
size_t payments_envelope_bound(const payments_envelope_t *envelope,
    const payments_event_t *event);

/*
 * Writes all that stands before the payload into buf, which has room for
 * payments_envelope_bound() bytes.  What is no JSON, by the provider, follows
 * as the base64 of the body as it came, in quotes.  Returns the bytes written.
 */
size_t payments_envelope_head(const payments_envelope_t *envelope,
    const payments_event_t *event, unsigned char *buf);

/*
 * Makes a valid JSON text one line in its place: outside of strings CR and LF
 * can only be blanks, and inside of strings they cannot be.
 */
void payments_envelope_flatten(unsigned char *json, size_t len);

/*
 * Reads a line of head, payload and tail back, with its newline or without.
 * Only the head is parsed; the payload is what lies between it and the tail,
 * without the quotes that are around base64.
 * The strings live as long as the line and out, which must not move.
 * PAYMENTS_BAD_JSON for a line that is no envelope of ours (nothing is nested
 * but data, no member is twice, id, variant and payload are there).
 */
payments_rc_e payments_envelope_read(payments_str_t line,
    payments_unwrapped_t *out);


#endif /* _PAYMENTS_ENVELOPE_H_INCLUDED_ */
