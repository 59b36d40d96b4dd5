
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the tests of the reader share: a schema of their own, and the
 * gateway's.
 */


#ifndef _READ_H_INCLUDED_
#define _READ_H_INCLUDED_


#include "payments_event.h"
#include "payments_provider.h"
#include "unit.h"


enum {
    F_ID = 0,
    F_OBJECT_ID,
    F_AMOUNT,
    F_PAID,
    F_ANY
};


static const payments_field_t  fields[] = {
    [F_ID] = { "id", PAYMENTS_STRING, 0 },
    [F_OBJECT_ID] = { "data.object.id", PAYMENTS_STRING, 0 },
    [F_AMOUNT] = { "data.object.amount", PAYMENTS_INTEGER, 0 },
    [F_PAID] = { "paid", PAYMENTS_BOOLEAN, 0 },
    [F_ANY] = { "any", PAYMENTS_STRING|PAYMENTS_INTEGER|PAYMENTS_BOOLEAN, 0 }
};


static payments_schema_t   schema;
static payments_event_t    event;
static payments_scratch_t  scratch;
static payments_str_t      held;


static inline void
schema_init(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    if (payments_schema_compile(&schema, fields, F_ANY + 1) != 0) {
        abort();
    }
}


/* the strings of the event live until the next call */

static inline payments_rc_e
read_with(const payments_schema_t *s, payments_str_t body)
{
    if (held.data != NULL) {
        unbox(held);
    }

    held = boxed(body);
    memset(&event, 0x5a, sizeof(event));
    memset(&scratch, 0x5a, sizeof(scratch));

    return payments_event_read(s, held, &event, &scratch);
}


static inline payments_rc_e
read_body(payments_str_t body)
{
    return read_with(&schema, body);
}


static inline void
done_reading(void)
{
    if (held.data != NULL) {
        unbox(held);
        held.data = NULL;
    }
}


#define is_value_string(index, expected, name)                                \
    is_str(event.values[index].string.data, event.values[index].string.len,   \
           expected, sizeof(expected) - 1, "%s", name)


#endif /* _READ_H_INCLUDED_ */
