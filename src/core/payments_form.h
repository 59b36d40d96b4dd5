
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A body of application/x-www-form-urlencoded, field by field, as
 * https://url.spec.whatwg.org/#urlencoded-parsing has it, but strictly.
 */


#ifndef _PAYMENTS_FORM_H_INCLUDED_
#define _PAYMENTS_FORM_H_INCLUDED_


#include "payments.h"
#include "payments_event.h"
#include "payments_schema.h"


/* fields of a form, and bytes of a name that somebody may want */
#define PAYMENTS_MAX_FORM       128
#define PAYMENTS_MAX_FORM_NAME  64


/*
 * Sets values[i] to the field that is called names[i], decoded into room,
 * which has as many bytes as the body; data is NULL for one that is not there.
 * *end is what is left of room.  Nothing is said of the bytes of a value.
 * PAYMENTS_BAD_FORM for an escape that is none, or too many fields;
 * PAYMENTS_TOO_LONG for a name; PAYMENTS_DUPLICATE_KEY for a field that is
 * wanted and comes twice.
 */
payments_rc_e payments_form_read(payments_str_t body,
    const payments_str_t *names, unsigned n, payments_str_t *values,
    unsigned char *room, unsigned char **end);

/*
 * Takes the next name and value off a form or a query, as they were sent;
 * there is no value without a "=", and between two "&" there is nothing.  0
 * when there is none left.
 */
int payments_form_pair(payments_str_t *rest, payments_str_t *name,
    payments_str_t *value);

/*
 * Takes the next byte off a text that is not empty, decoded (URL standard,
 * 5.1); -1 for an escape that is none.
 */
int payments_form_byte(payments_str_t *str);

/*
 * Fills event->values as payments_event_read() does, whose words apply: the
 * fields are strings, and their names are keys of the document.
 */
payments_rc_e payments_form_event(const payments_schema_t *schema,
    payments_str_t body, payments_event_t *event,
    payments_scratch_t *scratch);


#endif /* _PAYMENTS_FORM_H_INCLUDED_ */
