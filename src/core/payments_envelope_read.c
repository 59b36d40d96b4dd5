
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_envelope.h"
#include "payments_json.h"
#include "payments_text.h"


typedef enum {
    PAYMENTS_MEMBER_OTHER = 0,  /* its value may be any scalar */
    PAYMENTS_MEMBER_DATA,
    PAYMENTS_MEMBER_ID,
    PAYMENTS_MEMBER_VARIANT,
    PAYMENTS_MEMBER_TYPE,
    PAYMENTS_MEMBER_TOKEN,
    PAYMENTS_MEMBER_CREATED,
    PAYMENTS_MEMBER_RECEIVED,
    PAYMENTS_MEMBER_PAYLOAD
} payments_member_e;


/* where a member stands: 1 is the envelope, 2 is data */

typedef struct {
    unsigned               depth;
    payments_str_t         name;
} payments_place_t;


typedef struct {
    payments_str_t         head;     /* of the line, and as much more */
    payments_unwrapped_t  *out;
    yajl_handle            handle;
    payments_member_e      member;   /* of the value that comes next */
    unsigned               seen;     /* members */
    unsigned               depth;
    size_t                 payload;  /* after its key, or 0 */
} payments_unwrap_t;


static size_t payments_unwrap_head(payments_str_t line);
static payments_rc_e payments_unwrap_payload(payments_str_t line,
    size_t start, payments_unwrapped_t *out);
static size_t payments_unwrap_blanks(payments_str_t line, size_t start,
    size_t end);
static int payments_unwrap_null(void *data);
static int payments_unwrap_boolean(void *data, int boolean);
static int payments_unwrap_number(void *data, const char *p, size_t len);
static int payments_unwrap_string(void *data, const unsigned char *p,
    size_t len);
static int payments_unwrap_start_map(void *data);
static int payments_unwrap_key(void *data, const unsigned char *p,
    size_t len);
static int payments_unwrap_refuse(void *data);
static payments_str_t *payments_unwrap_slot(payments_unwrap_t *unwrap);


static const yajl_callbacks  payments_unwrap_callbacks = {
    payments_unwrap_null,
    payments_unwrap_boolean,
    NULL,                       /* integers and doubles come as text */
    NULL,
    payments_unwrap_number,
    payments_unwrap_string,
    payments_unwrap_start_map,
    payments_unwrap_key,
    payments_unwrap_refuse,     /* the payload is the last member of data */
    payments_unwrap_refuse,
    payments_unwrap_refuse
};


static const payments_place_t  payments_members[] = {
    [PAYMENTS_MEMBER_DATA] = { 1, payments_string("data") },
    [PAYMENTS_MEMBER_ID] = { 1, payments_string("id") },
    [PAYMENTS_MEMBER_VARIANT] = { 2, payments_string("variant") },
    [PAYMENTS_MEMBER_TYPE] = { 2, payments_string("event") },
    [PAYMENTS_MEMBER_TOKEN] = { 2, payments_string("token") },
    [PAYMENTS_MEMBER_CREATED] = { 2, payments_string("created") },
    [PAYMENTS_MEMBER_RECEIVED] = { 2, payments_string("received") },
    [PAYMENTS_MEMBER_PAYLOAD] = { 2, payments_string("payload") }
};


/* there are four of them, each at most once */

_Static_assert(4 * PAYMENTS_MAX_STRING <= PAYMENTS_MAX_UNESCAPED,
               "the strings of an envelope have room");


payments_rc_e
payments_envelope_read(payments_str_t line, payments_unwrapped_t *out)
{
    payments_rc_e      rc;
    payments_unwrap_t  unwrap;

    memset(out, 0, sizeof(payments_unwrapped_t));
    memset(&unwrap, 0, sizeof(payments_unwrap_t));

    unwrap.out = out;
    unwrap.head.data = line.data;
    unwrap.head.len = payments_unwrap_head(line);

    rc = payments_json_parse(unwrap.head, &payments_unwrap_callbacks,
                             &unwrap, &unwrap.handle);

    if (rc == PAYMENTS_INTERNAL) {
        return PAYMENTS_INTERNAL;
    }

    if (unwrap.payload == 0 || out->id.len == 0 || out->variant.len == 0) {
        return PAYMENTS_BAD_JSON;
    }

    return payments_unwrap_payload(line, unwrap.payload, out);
}


/* not to be cut inside of a character: it would not be UTF-8 */

static size_t
payments_unwrap_head(payments_str_t line)
{
    size_t  len;

    if (line.len <= PAYMENTS_ENVELOPE_HEAD) {
        return line.len;
    }

    len = PAYMENTS_ENVELOPE_HEAD;

    while (len != 0 && (line.data[len] & 0xc0) == 0x80) {
        len--;
    }

    return len;
}


/* from the key's end to the tail, which may lack its newline */

static payments_rc_e
payments_unwrap_payload(payments_str_t line, size_t start,
    payments_unwrapped_t *out)
{
    size_t  end, tail;

    tail = sizeof(PAYMENTS_ENVELOPE_TAIL) - 2;
    end = line.len;

    if (line.data[end - 1] == '\n') {
        end--;
    }

    if (end < start + tail
        || memcmp(line.data + end - tail, PAYMENTS_ENVELOPE_TAIL, tail) != 0)
    {
        return PAYMENTS_BAD_JSON;
    }

    end -= tail;

    start = payments_unwrap_blanks(line, start, end);

    if (start == end || line.data[start++] != ':') {
        return PAYMENTS_BAD_JSON;
    }

    start = payments_unwrap_blanks(line, start, end);

    if (start == end) {
        return PAYMENTS_BAD_JSON;
    }

    out->payload.len = end - start;
    out->payload.data = line.data + start;

    return PAYMENTS_OK;
}


static size_t
payments_unwrap_blanks(payments_str_t line, size_t start, size_t end)
{
    while (start < end
           && (line.data[start] == ' ' || line.data[start] == '\t'))
    {
        start++;
    }

    return start;
}


/* callbacks return 1 to go on, 0 to cancel */

static int
payments_unwrap_null(void *data)
{
    (void) data;

    return 1;
}


static int
payments_unwrap_boolean(void *data, int boolean)
{
    payments_unwrap_t *unwrap = data;

    (void) boolean;

    return unwrap->member == PAYMENTS_MEMBER_OTHER;
}


static int
payments_unwrap_number(void *data, const char *p, size_t len)
{
    payments_unwrap_t *unwrap = data;

    payments_str_t  str;

    if (unwrap->member != PAYMENTS_MEMBER_CREATED) {
        return unwrap->member == PAYMENTS_MEMBER_OTHER;
    }

    str.len = len;
    str.data = (const unsigned char *) p;

    return payments_read_integer(str, &unwrap->out->created);
}


static int
payments_unwrap_string(void *data, const unsigned char *p, size_t len)
{
    payments_unwrap_t *unwrap = data;

    unsigned char         *copy;
    payments_str_t         str, *slot;
    payments_unwrapped_t  *out;

    out = unwrap->out;

    str.len = len;
    str.data = p;

    if (unwrap->member == PAYMENTS_MEMBER_RECEIVED) {
        return payments_read_time_ms(str, &out->received);
    }

    slot = payments_unwrap_slot(unwrap);

    if (slot == NULL) {
        return unwrap->member == PAYMENTS_MEMBER_OTHER;
    }

    if (len > PAYMENTS_MAX_STRING) {
        return 0;
    }

    *slot = str;

    if (p >= unwrap->head.data && p < unwrap->head.data + unwrap->head.len) {
        return 1;
    }

    /* it had escapes: yajl's copy is gone at the next one */

    if (payments_json_halved(unwrap->head,
                             yajl_get_bytes_consumed(unwrap->handle)))
    {
        return 0;
    }

    copy = out->unescaped + out->unescaped_len;
    out->unescaped_len += len;

    memcpy(copy, p, len);
    slot->data = copy;

    return 1;
}


static int
payments_unwrap_start_map(void *data)
{
    payments_unwrap_t *unwrap = data;

    if (unwrap->depth != 0 && unwrap->member != PAYMENTS_MEMBER_DATA) {
        return 0;
    }

    unwrap->depth++;
    unwrap->member = PAYMENTS_MEMBER_OTHER;

    return 1;
}


static int
payments_unwrap_key(void *data, const unsigned char *p, size_t len)
{
    payments_unwrap_t *unwrap = data;

    payments_member_e  i;

    unwrap->member = PAYMENTS_MEMBER_OTHER;

    for (i = PAYMENTS_MEMBER_DATA; i <= PAYMENTS_MEMBER_PAYLOAD; i++) {

        if (payments_members[i].depth == unwrap->depth
            && payments_members[i].name.len == len
            && memcmp(payments_members[i].name.data, p, len) == 0)
        {
            unwrap->member = i;
            break;
        }
    }

    if (unwrap->member == PAYMENTS_MEMBER_OTHER) {
        return 1;
    }

    if (unwrap->member == PAYMENTS_MEMBER_PAYLOAD) {
        unwrap->payload = yajl_get_bytes_consumed(unwrap->handle);
        return 0;
    }

    /* readers disagree on which of two counts */

    if (unwrap->seen & 1u << unwrap->member) {
        return 0;
    }

    unwrap->seen |= 1u << unwrap->member;

    return 1;
}


static int
payments_unwrap_refuse(void *data)
{
    (void) data;

    return 0;
}


/* where a string goes, or NULL */

static payments_str_t *
payments_unwrap_slot(payments_unwrap_t *unwrap)
{
    switch (unwrap->member) {

    case PAYMENTS_MEMBER_ID:
        return &unwrap->out->id;

    case PAYMENTS_MEMBER_VARIANT:
        return &unwrap->out->variant;

    case PAYMENTS_MEMBER_TYPE:
        return &unwrap->out->type;

    case PAYMENTS_MEMBER_TOKEN:
        return &unwrap->out->token;

    default:
        return NULL;
    }
}
