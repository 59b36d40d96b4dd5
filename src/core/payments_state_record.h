
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The bytes of the state file.
 */


#ifndef _PAYMENTS_STATE_RECORD_H_INCLUDED_
#define _PAYMENTS_STATE_RECORD_H_INCLUDED_


#include "payments_state.h"


/* Writes PAYMENTS_STATE_HEADER bytes.  0, or -1 when OpenSSL fails. */
int payments_state_header(payments_hash_t *hash, const unsigned char *key,
    unsigned char *dst);

/* Writes PAYMENTS_STATE_RECORD bytes.  0, or -1 when OpenSSL fails. */
int payments_state_record(payments_hash_t *hash, const payments_done_t *done,
    unsigned char *dst);


#endif /* _PAYMENTS_STATE_RECORD_H_INCLUDED_ */
