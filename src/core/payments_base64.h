
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Base64 (RFC 4648, 4) of any length.
 */


#ifndef _PAYMENTS_BASE64_H_INCLUDED_
#define _PAYMENTS_BASE64_H_INCLUDED_


#include "payments.h"


/* bytes of the base64 of n bytes, and at most of what it stands for */

#define PAYMENTS_BASE64_LEN(n)    (((size_t) (n) + 2) / 3 * 4)
#define PAYMENTS_BASE64_BYTES(n)  ((size_t) (n) / 4 * 3)


/* Writes PAYMENTS_BASE64_LEN() bytes, without line breaks; their end. */
unsigned char *payments_base64_encode(unsigned char *dst,
    payments_str_t str);

/*
 * Decodes into dst, with room for PAYMENTS_BASE64_BYTES(), line feeds left
 * out; dst may be the text itself.  1, or 0 for anything but letters, whole
 * groups of four, its padding, and zeros in the bits of no byte.
 */
int payments_base64_decode(payments_str_t text, unsigned char *dst,
    size_t *len);

/*
 * The same for a text of just so many bytes, without line feeds; dst has room
 * for no more.
 */
int payments_base64_exact(payments_str_t text, unsigned char *dst,
    size_t size);

/*
 * As most libraries read a key: padded or not, whatever is in the bits of no
 * byte; dst has room for as many bytes as the text.  1, or 0 for anything but
 * letters, or none.
 */
int payments_base64_loose(payments_str_t text, unsigned char *dst,
    size_t *len);


#endif /* _PAYMENTS_BASE64_H_INCLUDED_ */
