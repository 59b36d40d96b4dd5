
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * yajl, strict and bounded.
 */


#ifndef _PAYMENTS_JSON_H_INCLUDED_
#define _PAYMENTS_JSON_H_INCLUDED_


#include <yajl/yajl_parse.h>

#include "payments.h"


/*
 * Parses one JSON text (RFC 8259; UTF-8 by RFC 3629) with nothing but blanks
 * around it.  callbacks may be NULL, and so may handle, which callbacks may
 * ask where they are.  PAYMENTS_BAD_UTF8, PAYMENTS_BAD_JSON (also when a
 * callback cancels), PAYMENTS_INTERNAL without memory.
 */
payments_rc_e payments_json_parse(payments_str_t text,
    const yajl_callbacks *callbacks, void *data, yajl_handle *handle);

/*
 * Whether the string that ends with the quote before end, as it stands in
 * text, has half of a surrogate pair escaped: no text at all (RFC 8259, 8.2).
 */
int payments_json_halved(payments_str_t text, size_t end);


#endif /* _PAYMENTS_JSON_H_INCLUDED_ */
