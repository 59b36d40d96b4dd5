
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_event.h"
#include "payments_json.h"
#include "payments_text.h"


#define PAYMENTS_NO_NODE  -1


typedef struct {
    const payments_schema_t  *schema;
    payments_str_t            body;
    payments_event_t         *event;
    payments_rc_e             rc;
    yajl_handle               handle;

    uint64_t                  seen;   /* nodes that have had their value */
    int                       node;   /* of the value that comes next */
    unsigned                  depth;
    int                       nodes[PAYMENTS_MAX_DEPTH];
    payments_value_t          unwanted;
} payments_reader_t;


static int payments_read_null(void *data);
static int payments_read_boolean(void *data, int boolean);
static int payments_read_number(void *data, const char *p, size_t len);
static int payments_read_string(void *data, const unsigned char *p,
    size_t len);
static int payments_read_start_map(void *data);
static int payments_read_key(void *data, const unsigned char *p, size_t len);
static int payments_read_start_array(void *data);
static int payments_read_end(void *data);
static int payments_read_start(payments_reader_t *reader, int node);
static payments_value_t *payments_read_value(payments_reader_t *reader,
    unsigned type);
static payments_value_t *payments_read_rule(payments_reader_t *reader,
    unsigned type);
static int payments_read_escaped(payments_reader_t *reader,
    const unsigned char *p);
static int payments_read_refuse(payments_reader_t *reader, payments_rc_e rc);


static const yajl_callbacks  payments_read_callbacks = {
    payments_read_null,
    payments_read_boolean,
    NULL,                       /* integers and doubles come as text */
    NULL,
    payments_read_number,
    payments_read_string,
    payments_read_start_map,
    payments_read_key,
    payments_read_end,
    payments_read_start_array,
    payments_read_end
};


static const char  *payments_status_names[] = {
    [PAYMENTS_STATUS_NONE] = NULL,
    [PAYMENTS_WAITING] = "waiting",
    [PAYMENTS_PREAUTH] = "preauth",
    [PAYMENTS_CONFIRMED] = "confirmed",
    [PAYMENTS_REJECTED] = "rejected",
    [PAYMENTS_REFUNDED] = "refunded",
    [PAYMENTS_ERROR] = "error",
    [PAYMENTS_INPUT] = "input",
    [PAYMENTS_CANCELLED] = "cancelled"
};


const char *
payments_status_name(payments_status_e status)
{
    return payments_status_names[status];
}


payments_rc_e
payments_event_read(const payments_schema_t *schema, payments_str_t body,
    payments_event_t *event)
{
    payments_rc_e      rc;
    payments_reader_t  reader;

    memset(event, 0, sizeof(payments_event_t));

    event->body = body;

    if (body.len > PAYMENTS_MAX_BODY) {
        return PAYMENTS_TOO_LARGE;
    }

    reader.schema = schema;
    reader.body = body;
    reader.event = event;
    reader.rc = PAYMENTS_OK;
    reader.seen = 0;
    reader.node = 0;
    reader.depth = 0;
    reader.unwanted.type = PAYMENTS_NULL;

    rc = payments_json_parse(body, &payments_read_callbacks, &reader,
                             &reader.handle);

    return reader.rc != PAYMENTS_OK ? reader.rc : rc;
}


/* callbacks return 1 to go on, 0 to cancel */

static int
payments_read_null(void *data)
{
    (void) data;

    return 1;
}


static int
payments_read_boolean(void *data, int boolean)
{
    payments_read_value(data, PAYMENTS_BOOLEAN)->integer = boolean;
    payments_read_rule(data, PAYMENTS_BOOLEAN)->integer = boolean;

    return 1;
}


static int
payments_read_number(void *data, const char *p, size_t len)
{
    payments_reader_t *reader = data;

    payments_str_t     str;
    payments_value_t  *value, *rule;

    value = payments_read_value(reader, PAYMENTS_INTEGER);
    rule = payments_read_rule(reader, PAYMENTS_OTHER);

    str.len = len;
    str.data = (const unsigned char *) p;

    if (value->type == PAYMENTS_INTEGER
        && !payments_read_integer(str, &value->integer))
    {
        return payments_read_refuse(reader, PAYMENTS_BAD_NUMBER);
    }

    if (rule->type == PAYMENTS_OTHER
        && payments_read_integer(str, &rule->integer))
    {
        rule->type = PAYMENTS_INTEGER;
    }

    return 1;
}


static int
payments_read_string(void *data, const unsigned char *p, size_t len)
{
    payments_reader_t *reader = data;

    unsigned char     *copy;
    payments_event_t  *event;
    payments_value_t  *value, *rule;

    value = payments_read_value(reader, PAYMENTS_STRING);
    rule = payments_read_rule(reader, PAYMENTS_OTHER);

    if (len > PAYMENTS_MAX_STRING) {
        return value->type == PAYMENTS_STRING
               ? payments_read_refuse(reader, PAYMENTS_TOO_LONG) : 1;
    }

    if (rule->type == PAYMENTS_OTHER) {
        rule->type = PAYMENTS_STRING;

    } else if (value->type != PAYMENTS_STRING) {
        return 1;
    }

    if (payments_read_escaped(reader, p)) {

        /* yajl's copy is gone at the next one */

        if (payments_json_halved(reader->body,
                                 yajl_get_bytes_consumed(reader->handle)))
        {
            return payments_read_refuse(reader, PAYMENTS_BAD_UTF8);
        }

        event = reader->event;

        if (len > PAYMENTS_MAX_UNESCAPED - event->unescaped_len) {
            return payments_read_refuse(reader, PAYMENTS_TOO_LONG);
        }

        copy = event->unescaped + event->unescaped_len;
        event->unescaped_len += len;

        memcpy(copy, p, len);
        p = copy;
    }

    value->string.len = len;
    value->string.data = p;
    rule->string = value->string;

    return 1;
}


static int
payments_read_escaped(payments_reader_t *reader, const unsigned char *p)
{
    return p < reader->body.data || p >= reader->body.data + reader->body.len;
}


static int
payments_read_start_map(void *data)
{
    payments_reader_t *reader = data;

    return payments_read_start(reader, reader->node);
}


static int
payments_read_start_array(void *data)
{
    return payments_read_start(data, PAYMENTS_NO_NODE);
}


static int
payments_read_start(payments_reader_t *reader, int node)
{
    if (reader->depth == PAYMENTS_MAX_DEPTH) {
        return payments_read_refuse(reader, PAYMENTS_TOO_DEEP);
    }

    payments_read_rule(reader, PAYMENTS_OTHER);

    reader->nodes[reader->depth++] = node;

    /* the elements of an array; the values of a map come after their keys */

    reader->node = PAYMENTS_NO_NODE;

    return 1;
}


static int
payments_read_end(void *data)
{
    payments_reader_t *reader = data;

    reader->depth--;
    reader->node = PAYMENTS_NO_NODE;

    return 1;
}


static int
payments_read_key(void *data, const unsigned char *p, size_t len)
{
    payments_reader_t *reader = data;

    int             node;
    uint64_t        bit;
    payments_str_t  key;

    node = reader->nodes[reader->depth - 1];

    if (node != PAYMENTS_NO_NODE) {
        key.len = len;
        key.data = p;

        node = payments_schema_child(reader->schema, node, key);
    }

    reader->node = node;

    if (node == PAYMENTS_NO_NODE) {
        return 1;
    }

    /* yajl's "?" for half of a pair would make it another key */

    if (payments_read_escaped(reader, p)
        && payments_json_halved(reader->body,
                                yajl_get_bytes_consumed(reader->handle)))
    {
        return payments_read_refuse(reader, PAYMENTS_BAD_UTF8);
    }

    /* parsers disagree on which of two counts */

    bit = UINT64_C(1) << node;

    if (reader->seen & bit) {
        return payments_read_refuse(reader, PAYMENTS_DUPLICATE_KEY);
    }

    reader->seen |= bit;

    return 1;
}


/* where a value goes; its type is PAYMENTS_NULL when nobody wants it */

static payments_value_t *
payments_read_value(payments_reader_t *reader, unsigned type)
{
    int                field;
    payments_value_t  *value;

    field = -1;

    if (reader->node != PAYMENTS_NO_NODE) {
        field = reader->schema->nodes[reader->node].field;
    }

    if (field == -1 || !(reader->schema->fields[field].types & type)) {
        return &reader->unwanted;
    }

    value = &reader->event->values[field];
    value->type = type;

    return value;
}


/* the same for a rule, which wants whatever comes */

static payments_value_t *
payments_read_rule(payments_reader_t *reader, unsigned type)
{
    int                rule;
    payments_value_t  *value;

    rule = -1;

    if (reader->node != PAYMENTS_NO_NODE) {
        rule = reader->schema->nodes[reader->node].rule;
    }

    if (rule == -1) {
        return &reader->unwanted;
    }

    value = &reader->event->values[rule];
    value->type = type;

    return value;
}


static int
payments_read_refuse(payments_reader_t *reader, payments_rc_e rc)
{
    reader->rc = rc;

    return 0;
}
