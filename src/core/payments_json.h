
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A strict reader of JSON (RFC 8259) in UTF-8 (RFC 3629).  It copies nothing
 * and allocates nothing: what it finds are slices of the text.
 */


#ifndef _PAYMENTS_JSON_H_INCLUDED_
#define _PAYMENTS_JSON_H_INCLUDED_


#include "payments.h"


/* the deepest that a text may be nested, whoever reads it */
#define PAYMENTS_JSON_DEPTH  (PAYMENTS_MAX_DEPTH + 2)


typedef enum {
    PAYMENTS_JSON_NULL = 0,
    PAYMENTS_JSON_FALSE,
    PAYMENTS_JSON_TRUE,
    PAYMENTS_JSON_NUMBER,
    PAYMENTS_JSON_STRING,
    PAYMENTS_JSON_ARRAY,
    PAYMENTS_JSON_MAP
} payments_json_e;


/* what a callback returns: no more, go on, or go on without telling */

#define PAYMENTS_JSON_REFUSE  0
#define PAYMENTS_JSON_NEXT    1
#define PAYMENTS_JSON_SKIP    2


/*
 * text is as it stands; of a string, what is between its quotes, and escaped
 * is 1 when it has a backslash.
 *
 * start may return PAYMENTS_JSON_SKIP: what is inside is judged, but no
 * callback hears of it, nor of its end.  key may do so for its value.  p is
 * the bracket that opens, and the byte behind the one that closes.
 */

typedef struct {
    int            (*scalar)(void *data, payments_json_e type,
                         payments_str_t text, unsigned escaped);
    int            (*key)(void *data, payments_str_t text, unsigned escaped);
    int            (*start)(void *data, payments_json_e type,
                         const unsigned char *p);
    int            (*end)(void *data, const unsigned char *p);
} payments_json_callbacks_t;


/*
 * Judges a text of one value with nothing but blanks around it, nested up to
 * depth, PAYMENTS_JSON_DEPTH at most; callbacks may be NULL.
 * PAYMENTS_BAD_JSON, also when a callback refuses, PAYMENTS_BAD_UTF8 or
 * PAYMENTS_TOO_DEEP.  Escaped halves of a surrogate pair are not looked at.
 */
payments_rc_e payments_json_parse(payments_str_t text, unsigned depth,
    const payments_json_callbacks_t *callbacks, void *data);

/*
 * The text of a string that was found: itself or, when it has escapes, a copy
 * without them in buf, which has room bytes.  PAYMENTS_TOO_LONG, or
 * PAYMENTS_BAD_UTF8 for half of a surrogate pair, which is no character
 * (RFC 8259, 8.2).
 */
payments_rc_e payments_json_text(payments_str_t text, unsigned escaped,
    unsigned char *buf, size_t room, payments_str_t *out);

/* Bytes of the escape that p begins with, 0 when RFC 8259, 7 has no such. */
size_t payments_json_escape(const unsigned char *p, size_t len);


#endif /* _PAYMENTS_JSON_H_INCLUDED_ */
