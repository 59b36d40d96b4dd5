
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
    payments_event_t         *event;
    payments_rc_e             rc;

    uint64_t                  seen;   /* nodes that have had their value */
    int                       node;   /* of the value that comes next */
    unsigned                  depth;
    int                       nodes[PAYMENTS_MAX_DEPTH];
} payments_reader_t;


static void payments_event_move(payments_str_t *text,
    const unsigned char *from, size_t len, const unsigned char *to);
static int payments_read_scalar(void *data, payments_json_e type,
    payments_str_t text, unsigned escaped);
static int payments_read_number(payments_reader_t *reader,
    payments_str_t text);
static int payments_read_string(payments_reader_t *reader,
    payments_str_t text, unsigned escaped);
static payments_rc_e payments_read_text(payments_reader_t *reader,
    payments_str_t text, unsigned escaped, payments_str_t *plain);
static int payments_read_start(void *data, payments_json_e type,
    const unsigned char *p);
static int payments_read_end(void *data, const unsigned char *p);
static int payments_read_key(void *data, payments_str_t text,
    unsigned escaped);
static int payments_read_escaped(payments_reader_t *reader,
    payments_str_t text);
static int payments_read_node(payments_reader_t *reader, payments_str_t key);
static payments_value_t *payments_read_value(payments_reader_t *reader,
    unsigned type);
static payments_value_t *payments_read_rule(payments_reader_t *reader,
    unsigned type);
static int payments_read_refuse(payments_reader_t *reader, payments_rc_e rc);


static const payments_json_callbacks_t  payments_read_callbacks = {
    payments_read_scalar,
    payments_read_key,
    payments_read_start,
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


void
payments_event_start(payments_event_t *event, payments_scratch_t *scratch,
    payments_str_t body)
{
    memset(event, 0, sizeof(payments_event_t));
    memset(scratch, 0, offsetof(payments_scratch_t, made));

    scratch->body = body;
    event->values = scratch->values;
    event->scratch = scratch;
}


payments_rc_e
payments_event_read(const payments_schema_t *schema, payments_str_t body,
    payments_event_t *event, payments_scratch_t *scratch)
{
    payments_rc_e      rc;
    payments_reader_t  reader;

    payments_event_start(event, scratch, body);

    if (body.len > PAYMENTS_MAX_BODY) {
        return PAYMENTS_TOO_LARGE;
    }

    reader.schema = schema;
    reader.event = event;
    reader.rc = PAYMENTS_OK;
    reader.seen = 0;
    reader.node = 0;
    reader.depth = 0;

    rc = payments_json_parse(body, PAYMENTS_MAX_DEPTH,
                             &payments_read_callbacks, &reader);

    return reader.rc != PAYMENTS_OK ? reader.rc : rc;
}


payments_str_t
payments_event_text(payments_event_t *event, const payments_value_t *value)
{
    unsigned char       *p;
    payments_str_t       text = payments_string("");
    payments_scratch_t  *scratch;

    if (value->type == PAYMENTS_STRING) {
        return value->string;
    }

    scratch = event->scratch;

    if (value->type == PAYMENTS_INTEGER
        && PAYMENTS_MAX_MADE - scratch->made_len >= PAYMENTS_INTEGER_LEN)
    {
        p = scratch->made + scratch->made_len;

        text.data = p;
        text.len = payments_write_integer(p, value->integer) - p;

        scratch->made_len += text.len;
    }

    return text;
}


size_t
payments_event_texts(const payments_event_t *event)
{
    return event->scratch->made_len + event->scratch->unescaped_len;
}


void
payments_event_keep(payments_event_t *event, unsigned char *room)
{
    size_t               i, len;
    payments_scratch_t  *scratch;
    payments_str_t      *texts[] = {
        &event->id, &event->type, &event->object_id, &event->token,
        &event->account, &event->api_version, &event->currency, &event->time
    };

    len = payments_event_texts(event);
    scratch = event->scratch;

    event->values = NULL;
    event->scratch = NULL;

    if (len == 0) {
        return;
    }

    memcpy(room, scratch->made, scratch->made_len);
    memcpy(room + scratch->made_len, scratch->unescaped,
           scratch->unescaped_len);

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        payments_event_move(texts[i], scratch->made, scratch->made_len, room);
        payments_event_move(texts[i], scratch->unescaped,
                            scratch->unescaped_len,
                            room + scratch->made_len);
    }
}


/* a text that is a part of what was copied */

static void
payments_event_move(payments_str_t *text, const unsigned char *from,
    size_t len, const unsigned char *to)
{
    uintptr_t  offset;

    offset = (uintptr_t) text->data - (uintptr_t) from;

    if (text->len != 0 && offset < len) {
        text->data = to + offset;
    }
}


static int
payments_read_scalar(void *data, payments_json_e type, payments_str_t text,
    unsigned escaped)
{
    payments_reader_t *reader = data;

    int                truth;
    payments_value_t  *value;

    switch (type) {

    case PAYMENTS_JSON_NUMBER:
        return payments_read_number(reader, text);

    case PAYMENTS_JSON_STRING:
        return payments_read_string(reader, text, escaped);

    case PAYMENTS_JSON_NULL:
        return PAYMENTS_JSON_NEXT;

    default:
        truth = (type == PAYMENTS_JSON_TRUE);
    }

    value = payments_read_value(reader, PAYMENTS_BOOLEAN);

    if (value != NULL) {
        value->integer = truth;
    }

    value = payments_read_rule(reader, PAYMENTS_BOOLEAN);

    if (value != NULL) {
        value->integer = truth;
    }

    return PAYMENTS_JSON_NEXT;
}


static int
payments_read_number(payments_reader_t *reader, payments_str_t text)
{
    payments_value_t  *value, *rule;

    value = payments_read_value(reader, PAYMENTS_INTEGER);
    rule = payments_read_rule(reader, PAYMENTS_OTHER);

    if (value != NULL && !payments_read_integer(text, &value->integer)) {
        return payments_read_refuse(reader, PAYMENTS_BAD_NUMBER);
    }

    if (rule != NULL && payments_read_integer(text, &rule->integer)) {
        rule->type = PAYMENTS_INTEGER;
    }

    return PAYMENTS_JSON_NEXT;
}


/* a rule alone does not need one that is too long to keep */

static int
payments_read_string(payments_reader_t *reader, payments_str_t text,
    unsigned escaped)
{
    payments_rc_e      rc;
    payments_str_t     plain;
    payments_value_t  *value, *rule;

    value = payments_read_value(reader, PAYMENTS_STRING);
    rule = payments_read_rule(reader, PAYMENTS_OTHER);

    if (value == NULL && rule == NULL) {
        return PAYMENTS_JSON_NEXT;
    }

    rc = payments_read_text(reader, text, escaped, &plain);

    if (rc != PAYMENTS_OK) {
        return (rc == PAYMENTS_TOO_LONG && value == NULL)
               ? PAYMENTS_JSON_NEXT : payments_read_refuse(reader, rc);
    }

    if (value != NULL) {
        value->string = plain;
    }

    if (rule != NULL) {
        rule->type = PAYMENTS_STRING;
        rule->string = plain;
    }

    return PAYMENTS_JSON_NEXT;
}


/* of the body or, with escapes, a copy without them */

static payments_rc_e
payments_read_text(payments_reader_t *reader, payments_str_t text,
    unsigned escaped, payments_str_t *plain)
{
    size_t               room;
    payments_rc_e        rc;
    payments_scratch_t  *scratch;

    scratch = reader->event->scratch;

    room = PAYMENTS_MAX_UNESCAPED - scratch->unescaped_len;

    if (room > PAYMENTS_MAX_STRING) {
        room = PAYMENTS_MAX_STRING;
    }

    rc = payments_json_text(text, escaped,
                            scratch->unescaped + scratch->unescaped_len,
                            room, plain);

    if (rc == PAYMENTS_OK && plain->len > PAYMENTS_MAX_STRING) {
        return PAYMENTS_TOO_LONG;
    }

    if (rc == PAYMENTS_OK && escaped) {
        scratch->unescaped_len += plain->len;
    }

    return rc;
}


/* nothing is followed into an array; the values of a map follow its keys */

static int
payments_read_start(void *data, payments_json_e type, const unsigned char *p)
{
    payments_reader_t *reader = data;

    (void) p;

    payments_read_rule(reader, PAYMENTS_OTHER);

    if (type == PAYMENTS_JSON_ARRAY
        || reader->schema->nodes[reader->node].children == 0)
    {
        return PAYMENTS_JSON_SKIP;
    }

    reader->nodes[reader->depth++] = reader->node;

    return PAYMENTS_JSON_NEXT;
}


static int
payments_read_end(void *data, const unsigned char *p)
{
    payments_reader_t *reader = data;

    (void) p;

    reader->depth--;

    return PAYMENTS_JSON_NEXT;
}


static int
payments_read_key(void *data, payments_str_t text, unsigned escaped)
{
    return escaped ? payments_read_escaped(data, text)
                   : payments_read_node(data, text);
}


/* what has no text, or more of it than a path, is in none */

static int
payments_read_escaped(payments_reader_t *reader, payments_str_t text)
{
    payments_str_t  key;
    unsigned char   plain[PAYMENTS_MAX_PATH];

    return payments_json_text(text, 1, plain, sizeof(plain), &key)
           == PAYMENTS_OK
           ? payments_read_node(reader, key) : PAYMENTS_JSON_SKIP;
}


static int
payments_read_node(payments_reader_t *reader, payments_str_t key)
{
    int       node;
    uint64_t  bit;

    node = payments_schema_child(reader->schema,
                                 reader->nodes[reader->depth - 1], key);

    if (node == PAYMENTS_NO_NODE) {
        return PAYMENTS_JSON_SKIP;
    }

    /* parsers disagree on which of two counts */

    bit = UINT64_C(1) << node;

    if (reader->seen & bit) {
        return payments_read_refuse(reader, PAYMENTS_DUPLICATE_KEY);
    }

    reader->seen |= bit;
    reader->node = node;

    return PAYMENTS_JSON_NEXT;
}


/* where a value goes; NULL when nobody wants it */

static payments_value_t *
payments_read_value(payments_reader_t *reader, unsigned type)
{
    int                field;
    payments_value_t  *value;

    field = reader->schema->nodes[reader->node].field;

    if (field == -1 || !(reader->schema->fields[field].types & type)) {
        return NULL;
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

    rule = reader->schema->nodes[reader->node].rule;

    if (rule == -1) {
        return NULL;
    }

    value = &reader->event->values[rule];
    value->type = type;

    return value;
}


static int
payments_read_refuse(payments_reader_t *reader, payments_rc_e rc)
{
    reader->rc = rc;

    return PAYMENTS_JSON_REFUSE;
}
