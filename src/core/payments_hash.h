
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A keyed hash for tables and checksums: SipHash-2-4 with 128 bits,
 * Aumasson, Bernstein: https://www.aumasson.jp/siphash/siphash.pdf
 */


#ifndef _PAYMENTS_HASH_H_INCLUDED_
#define _PAYMENTS_HASH_H_INCLUDED_


#include "payments.h"


#define PAYMENTS_HASH      16
#define PAYMENTS_HASH_KEY  16


typedef struct payments_hash_s  payments_hash_t;


/*
 * The key is copied.  NULL when OpenSSL fails, or has no SipHash, or without
 * memory.  The caller frees it.  One thread at a time may use it.
 */
payments_hash_t *payments_hash_create(
    const unsigned char key[PAYMENTS_HASH_KEY]);

/* Wipes and frees; NULL is allowed. */
void payments_hash_free(payments_hash_t *hash);

/*
 * Hashes n parts, each behind its length, 64 bits, little-endian: no two
 * lists of parts give the same bytes.  0, or -1 when OpenSSL fails: then the
 * digest is not to be used.
 */
int payments_hash_digest(payments_hash_t *hash, const payments_str_t *parts,
    unsigned n, unsigned char digest[PAYMENTS_HASH]);


#endif /* _PAYMENTS_HASH_H_INCLUDED_ */
