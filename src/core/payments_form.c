
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_form.h"
#include "payments_hex.h"


typedef struct {
    payments_str_t  rest;
    unsigned        n;      /* fields so far */
    payments_str_t  name;   /* decoded */
    payments_str_t  value;  /* as it stands in the body */
    unsigned char   room[PAYMENTS_MAX_FORM_NAME];
} payments_form_t;


static void payments_form_start(payments_form_t *form, payments_str_t body);
static payments_rc_e payments_form_next(payments_form_t *form);
static size_t payments_form_size(payments_str_t str);
static int payments_form_decode(payments_str_t str, unsigned char *dst);
static payments_rc_e payments_form_value(payments_event_t *event,
    const payments_schema_t *schema, int node, payments_str_t raw);


payments_rc_e
payments_form_read(payments_str_t body, const payments_str_t *names,
    unsigned n, payments_str_t *values, unsigned char *room,
    unsigned char **end)
{
    unsigned         i;
    payments_rc_e    rc;
    payments_form_t  form;

    for (i = 0; i < n; i++) {
        values[i].len = 0;
        values[i].data = NULL;
    }

    payments_form_start(&form, body);

    for ( ;; ) {
        rc = payments_form_next(&form);

        if (rc != PAYMENTS_OK || form.rest.data == NULL) {
            *end = room;
            return rc;
        }

        for (i = 0; i < n; i++) {
            if (names[i].len == form.name.len
                && memcmp(names[i].data, form.name.data, form.name.len) == 0)
            {
                break;
            }
        }

        if (i == n) {
            continue;
        }

        /* readers disagree on which of two counts */

        if (values[i].data != NULL) {
            return PAYMENTS_DUPLICATE_KEY;
        }

        values[i].data = room;
        values[i].len = payments_form_size(form.value);

        payments_form_decode(form.value, room);

        room += values[i].len;
    }
}


payments_rc_e
payments_form_event(const payments_schema_t *schema, payments_str_t body,
    payments_event_t *event, payments_scratch_t *scratch)
{
    int              node;
    uint64_t         seen;
    payments_rc_e    rc;
    payments_form_t  form;

    payments_event_start(event, scratch, body);
    seen = 0;

    payments_form_start(&form, body);

    for ( ;; ) {
        rc = payments_form_next(&form);

        if (rc != PAYMENTS_OK || form.rest.data == NULL) {
            return rc;
        }

        node = payments_schema_child(schema, 0, form.name);

        if (node == -1) {
            continue;
        }

        if (seen & UINT64_C(1) << node) {
            return PAYMENTS_DUPLICATE_KEY;
        }

        seen |= UINT64_C(1) << node;

        rc = payments_form_value(event, schema, node, form.value);

        if (rc != PAYMENTS_OK) {
            return rc;
        }
    }
}


static void
payments_form_start(payments_form_t *form, payments_str_t body)
{
    form->rest = body;
    form->n = 0;
}


/* all of a field is looked at, wanted or not; behind the last no rest is */

static payments_rc_e
payments_form_next(payments_form_t *form)
{
    payments_str_t  name;

    if (!payments_form_pair(&form->rest, &name, &form->value)) {
        form->rest.data = NULL;
        return PAYMENTS_OK;
    }

    if (++form->n > PAYMENTS_MAX_FORM) {
        return PAYMENTS_BAD_FORM;
    }

    if (!payments_form_decode(name, NULL)
        || !payments_form_decode(form->value, NULL))
    {
        return PAYMENTS_BAD_FORM;
    }

    form->name.data = form->room;
    form->name.len = payments_form_size(name);

    if (form->name.len > PAYMENTS_MAX_FORM_NAME) {
        return PAYMENTS_TOO_LONG;
    }

    payments_form_decode(name, form->room);

    return PAYMENTS_OK;
}


int
payments_form_pair(payments_str_t *rest, payments_str_t *name,
    payments_str_t *value)
{
    const unsigned char  *p, *last, *equal;

    while (rest->len != 0 && rest->data[0] == '&') {
        rest->data++;
        rest->len--;
    }

    if (rest->len == 0) {
        return 0;
    }

    p = rest->data;

    last = memchr(p, '&', rest->len);
    last = (last != NULL) ? last : p + rest->len;

    equal = memchr(p, '=', last - p);
    equal = (equal != NULL) ? equal : last;

    name->data = p;
    name->len = equal - p;

    value->data = (equal < last) ? equal + 1 : last;
    value->len = last - value->data;

    rest->data = last;
    rest->len -= last - p;

    return 1;
}


/* of what was looked at before: a "%" has its digits */

static size_t
payments_form_size(payments_str_t str)
{
    size_t                len;
    const unsigned char  *p, *end;

    len = str.len;
    end = str.data + str.len;

    for (p = str.data; (p = memchr(p, '%', end - p)) != NULL; p++) {
        len -= 2;
    }

    return len;
}


/* into dst, or nowhere; 0 for an escape that is none */

static int
payments_form_decode(payments_str_t str, unsigned char *dst)
{
    int  c;

    while (str.len != 0) {
        c = payments_form_byte(&str);

        if (c == -1) {
            return 0;
        }

        if (dst != NULL) {
            *dst++ = c;
        }
    }

    return 1;
}


int
payments_form_byte(payments_str_t *str)
{
    int     c, high, low;
    size_t  len;

    c = str->data[0];
    len = 1;

    if (c == '+') {
        c = ' ';

    } else if (c == '%') {

        if (str->len < 3) {
            return -1;
        }

        high = payments_hex_digit(str->data[1]);
        low = payments_hex_digit(str->data[2]);

        if (high == -1 || low == -1) {
            return -1;
        }

        c = high << 4 | low;
        len = 3;
    }

    str->data += len;
    str->len -= len;

    return c;
}


static payments_rc_e
payments_form_value(payments_event_t *event, const payments_schema_t *schema,
    int node, payments_str_t raw)
{
    int                  field, rule;
    size_t               len;
    payments_value_t     value;
    unsigned char       *p;
    payments_scratch_t  *scratch;

    scratch = event->scratch;

    memset(&value, 0, sizeof(payments_value_t));

    rule = schema->nodes[node].rule;
    field = schema->nodes[node].field;

    if (field != -1 && !(schema->fields[field].types & PAYMENTS_STRING)) {
        field = -1;
    }

    len = payments_form_size(raw);

    if (len > PAYMENTS_MAX_STRING && field == -1) {
        value.type = PAYMENTS_OTHER;

    } else if (len > PAYMENTS_MAX_STRING
               || len > PAYMENTS_MAX_UNESCAPED - scratch->unescaped_len)
    {
        return PAYMENTS_TOO_LONG;

    } else {
        p = scratch->unescaped + scratch->unescaped_len;
        scratch->unescaped_len += len;

        payments_form_decode(raw, p);

        if (!payments_utf8_valid(p, len)) {
            return PAYMENTS_BAD_UTF8;
        }

        value.type = PAYMENTS_STRING;
        value.string.data = p;
        value.string.len = len;
    }

    if (field != -1) {
        event->values[field] = value;
    }

    if (rule != -1) {
        event->values[rule] = value;
    }

    return PAYMENTS_OK;
}
