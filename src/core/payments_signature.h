
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Stripe's signature scheme: https://docs.stripe.com/webhooks/signatures
 */


#ifndef _PAYMENTS_SIGNATURE_H_INCLUDED_
#define _PAYMENTS_SIGNATURE_H_INCLUDED_


#include "payments.h"


typedef struct payments_secret_s  payments_secret_t;


typedef struct {
    int64_t         time;       /* "t", seconds since the epoch */
    payments_str_t  time_text;  /* "t" as sent: these bytes are signed */
    unsigned        count;      /* of digests */
    unsigned char   digests[PAYMENTS_MAX_SIGNATURES][PAYMENTS_SHA256];
} payments_signature_t;


/*
 * Keys an HMAC-SHA256 state (RFC 2104) once, so that a request does not.
 * The key is copied into OpenSSL's memory and may be wiped by the caller.
 * NULL when OpenSSL fails. The caller frees it.  One thread at a time may
 * use it.
 */
payments_secret_t *payments_secret_create(const unsigned char *key,
    size_t len);

/* Wipes and frees a secret; NULL is allowed. */
void payments_secret_free(payments_secret_t *secret);

/*
 * HMAC-SHA256 of n parts, one after the other, of which any may be empty.
 * 0, or -1 when OpenSSL fails: then the digest is not to be used.
 */
int payments_secret_digest(payments_secret_t *secret,
    const payments_str_t *parts, unsigned n,
    unsigned char digest[PAYMENTS_SHA256]);

/*
 * Reads "t=…,v1=…[,v1=…][,v0=…]" into sig, whose time_text points into
 * header.  PAYMENTS_MISSING_SIGNATURE for an empty header,
 * PAYMENTS_MALFORMED_SIGNATURE for a grammar error or a limit,
 * PAYMENTS_NO_MATCH when there are "v1" but none is 64 hex digits.
 */
payments_rc_e payments_signature_parse(payments_str_t header,
    payments_signature_t *sig);

/*
 * Judges the signature's time, all in seconds.  A negative tolerance or
 * future is no limit; a time just at the limit passes.  *age is now - time,
 * negative when the time lies ahead.  PAYMENTS_TOO_OLD or PAYMENTS_TOO_NEW.
 */
payments_rc_e payments_signature_judge(const payments_signature_t *sig,
    int64_t now, int64_t tolerance, int64_t future, int64_t *age);

/*
 * Any signature may match any of the n secrets, tried all, in constant time.
 * *matched is the index of the secret.  PAYMENTS_NO_BODY for an empty body,
 * PAYMENTS_NO_MATCH, or PAYMENTS_INTERNAL when OpenSSL fails.
 */
payments_rc_e payments_signature_verify(const payments_signature_t *sig,
    payments_secret_t **secrets, unsigned n, payments_str_t body,
    unsigned *matched);


#endif /* _PAYMENTS_SIGNATURE_H_INCLUDED_ */
