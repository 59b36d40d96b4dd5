
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Certificates that a gateway signs with: RFC 5280, RSA with SHA-256 as in
 * RFC 8017, 8.2.  They come from files; nothing is ever fetched.
 */


#ifndef _PAYMENTS_CERT_H_INCLUDED_
#define _PAYMENTS_CERT_H_INCLUDED_


#include "payments.h"
#include "payments_signature.h"


/* bits of a key; certificates in a file, the gateway's own among them */
#define PAYMENTS_CERT_BITS_MIN  2048
#define PAYMENTS_CERT_BITS_MAX  4096
#define PAYMENTS_CERT_CHAIN     8


typedef struct payments_trust_s  payments_trust_t;
typedef struct payments_cert_s   payments_cert_t;


typedef enum {
    PAYMENTS_CERT_RIGHT = 0,
    PAYMENTS_CERT_EXPIRED,   /* it, or one that it needs */
    PAYMENTS_CERT_EARLY,     /* the same, not valid yet */
    PAYMENTS_CERT_UNKNOWN    /* nothing that is trusted has issued it */
} payments_cert_e;


/*
 * Reads trusted certificates, PEM: roots, or any other that is to end a
 * chain.  NULL when the file cannot be read or has none.  The caller frees
 * it, after the certificates that were made with it.
 */
payments_trust_t *payments_trust_create(const char *file);
void payments_trust_free(payments_trust_t *trust);

/*
 * Reads a certificate, PEM, and the intermediate ones behind it.  One of its
 * names (subject alternative names, or the common name without them) has to
 * end in suffix, which begins with a dot; its key is an RSA key.  NULL and
 * *why, a static text.  The caller frees it.
 */
payments_cert_t *payments_cert_create(const char *file, const char *suffix,
    payments_trust_t *trust, const char **why);
void payments_cert_free(payments_cert_t *cert);

/* 1 when one of its names ends in suffix. */
int payments_cert_named(const payments_cert_t *cert, const char *suffix);

/*
 * Whether its chain is right at now, in seconds since the epoch: signed up to
 * what is trusted, for TLS servers, with keys and digests of 112 bits, and
 * valid.  The time that a right chain is valid for is remembered, and a wrong
 * one for its second: no caller can cause more.
 */
payments_cert_e payments_cert_check(payments_cert_t *cert, int64_t now);

/*
 * Verifies a scheme's signature, base64, over its message, in which the body
 * is its CRC-32 in decimal digits.  PAYMENTS_NO_BODY, PAYMENTS_NO_MATCH, or
 * PAYMENTS_INTERNAL when OpenSSL fails.  Whether the certificate is right is
 * another question.
 */
payments_rc_e payments_cert_verify(const payments_cert_t *cert,
    const payments_signature_t *sig, payments_str_t body);

/* ISO 3309, as zlib and gzip have it (RFC 1952, 8). */
uint32_t payments_crc32(payments_str_t str);


#endif /* _PAYMENTS_CERT_H_INCLUDED_ */
