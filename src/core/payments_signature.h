
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A signature as a scheme has it: read, judged by its time, verified.
 */


#ifndef _PAYMENTS_SIGNATURE_H_INCLUDED_
#define _PAYMENTS_SIGNATURE_H_INCLUDED_


#include "payments.h"
#include "payments_scheme.h"


/* signatures by a public key that are tried */
#define PAYMENTS_MAX_PUBLIC  4


typedef struct payments_secret_s  payments_secret_t;


typedef struct {
    const payments_scheme_t  *scheme;
    const payments_str_t     *sent;

    int64_t                   time;       /* seconds since the epoch */
    payments_str_t            time_text;  /* as sent: these are signed */
    payments_algorithm_e      algorithm;  /* the scheme's, or as it says */

    unsigned                  count;      /* of digests */
    unsigned char             digests[PAYMENTS_MAX_SIGNATURES]
                                     [PAYMENTS_MAX_DIGEST];
    payments_str_t            names[PAYMENTS_MAX_SIGNATURES];  /* of keys */

    unsigned                  npublic;    /* by a public key */
    unsigned char             publics[PAYMENTS_MAX_PUBLIC]
                                     [PAYMENTS_PUBLIC_SIGN];
} payments_signature_t;


/*
 * Of a secret's text, as it was configured, what the scheme needs to verify
 * by it; id is the name that the gateway has given to it, PAYMENTS_MAX_STRING
 * bytes, or empty for one that any name may mean.  All is copied, and the
 * texts may be wiped.  payments_secret_free() ends it.  NULL and *why, a static
 * text that does not show it.
 */
payments_secret_t *payments_secret_read(const payments_scheme_t *scheme,
    payments_str_t text, payments_str_t id, const char **why);

/*
 * Keys an HMAC state (RFC 2104) once, so that a request does not, or keeps the
 * key of a plain digest, or a token.  The key is copied and may be wiped by
 * the caller.  NULL when OpenSSL fails.  The caller frees it.  One thread at a
 * time may use it.
 */
payments_secret_t *payments_secret_create_for(payments_algorithm_e algorithm,
    const unsigned char *key, size_t len);

/* The same for HMAC-SHA256. */
payments_secret_t *payments_secret_create(const unsigned char *key,
    size_t len);

/*
 * The digest of a token, which is compared in its place: its length does not
 * show, nor how much of it is right.  digest has PAYMENTS_SHA256 bytes.  0, or
 * -1 when OpenSSL fails.
 */
int payments_token_digest(payments_str_t token, unsigned char *digest);

/* Wipes and frees a secret; NULL is allowed. */
void payments_secret_free(payments_secret_t *secret);

/* 1 when a secret can sign: it is no public key. */
int payments_secret_signs(const payments_secret_t *secret);

/* The name that it was given, a slice of it, or empty. */
payments_str_t payments_secret_id(const payments_secret_t *secret);

/*
 * The key of a plain digest, or the token, a slice of the secret; empty for the
 * others.
 */
payments_str_t payments_secret_key(const payments_secret_t *secret);

/*
 * The HMAC of n parts, one after the other, of which any may be empty, or
 * their plain digest; the digest has room for one of the secret's algorithm.
 * A token's is its own, whatever the parts are.  0, or -1 when OpenSSL fails,
 * or for a public key: then the digest is not to be used.
 */
int payments_secret_digest(payments_secret_t *secret,
    const payments_str_t *parts, unsigned n, unsigned char *digest);

/*
 * The same by another plain digest, for a secret of one: which it is, only the
 * signature says.
 */
int payments_secret_digest_by(payments_secret_t *secret,
    payments_algorithm_e algorithm, const payments_str_t *parts, unsigned n,
    unsigned char *digest);

/*
 * 1 when one of m signatures, by Ed25519 (RFC 8032), of the n parts was made
 * with the private half of the secret, which is a public key; 0, or -1 when
 * OpenSSL fails or there is no memory for the parts in one piece, of which
 * they are copied.
 */
int payments_secret_check(payments_secret_t *secret,
    const payments_str_t *parts, unsigned n,
    const unsigned char (*signs)[PAYMENTS_PUBLIC_SIGN], unsigned m);

/*
 * Reads what was sent, by PAYMENTS_SENT_*, into sig, which points to it.
 * PAYMENTS_MISSING_SIGNATURE when something is empty that is needed,
 * PAYMENTS_MALFORMED_SIGNATURE for a grammar error or a limit,
 * PAYMENTS_NO_MATCH when there are signatures, but none could be right.
 */
payments_rc_e payments_signature_parse(const payments_scheme_t *scheme,
    const payments_str_t *sent, payments_signature_t *sig);

/*
 * Judges the signature's time, all in seconds.  A negative tolerance or
 * future is no limit; a time just at the limit passes.  *age is now - time,
 * negative when the time lies ahead, and 0 where the scheme has no time.
 * PAYMENTS_TOO_OLD or PAYMENTS_TOO_NEW.
 */
payments_rc_e payments_signature_judge(const payments_signature_t *sig,
    int64_t now, int64_t tolerance, int64_t future, int64_t *age);

/*
 * Any signature may match any of the n secrets, but for those of another key
 * when it names one; all of them are tried, in constant time.
 * *matched is the index of the secret.  PAYMENTS_NO_BODY for an empty body
 * that the scheme does not sign, PAYMENTS_NO_MATCH, or PAYMENTS_INTERNAL when
 * OpenSSL fails.
 */
payments_rc_e payments_signature_verify(const payments_signature_t *sig,
    payments_secret_t **secrets, unsigned n, payments_str_t body,
    unsigned *matched);


#endif /* _PAYMENTS_SIGNATURE_H_INCLUDED_ */
