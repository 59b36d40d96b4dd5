
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_envelope.h"
#include "payments_json.h"
#include "payments_text.h"
#include "payments_time.h"


/* more bytes than a name below has */
#define PAYMENTS_MEMBER_NAME  16


typedef enum {
    PAYMENTS_MEMBER_OTHER = 0,  /* its value may be any scalar */
    PAYMENTS_MEMBER_DATA,
    PAYMENTS_MEMBER_ID,
    PAYMENTS_MEMBER_VARIANT,
    PAYMENTS_MEMBER_TYPE,
    PAYMENTS_MEMBER_TOKEN,
    PAYMENTS_MEMBER_CREATED,
    PAYMENTS_MEMBER_RECEIVED,
    PAYMENTS_MEMBER_PAYLOAD,
    PAYMENTS_MEMBER_BASE64
} payments_member_e;


/* where a member stands: 1 is the envelope, 2 is data */

typedef struct {
    unsigned               depth;
    payments_str_t         name;
} payments_place_t;


typedef struct {
    payments_str_t         head;     /* of the line, and as much more */
    payments_unwrapped_t  *out;
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
static int payments_unwrap_scalar(void *data, payments_json_e type,
    payments_str_t text, unsigned escaped);
static int payments_unwrap_string(payments_unwrap_t *unwrap,
    payments_str_t text, unsigned escaped);
static int payments_unwrap_start(void *data, payments_json_e type,
    const unsigned char *p);
static int payments_unwrap_key(void *data, payments_str_t text,
    unsigned escaped);
static int payments_unwrap_end(void *data, const unsigned char *p);
static payments_str_t *payments_unwrap_slot(payments_unwrap_t *unwrap);


static const payments_json_callbacks_t  payments_unwrap_callbacks = {
    payments_unwrap_scalar,
    payments_unwrap_key,
    payments_unwrap_start,
    payments_unwrap_end         /* the payload is the last member of data */
};


static const payments_place_t  payments_members[] = {
    [PAYMENTS_MEMBER_DATA] = { 1, payments_string("data") },
    [PAYMENTS_MEMBER_ID] = { 1, payments_string("id") },
    [PAYMENTS_MEMBER_VARIANT] = { 2, payments_string("variant") },
    [PAYMENTS_MEMBER_TYPE] = { 2, payments_string("event") },
    [PAYMENTS_MEMBER_TOKEN] = { 2, payments_string("token") },
    [PAYMENTS_MEMBER_CREATED] = { 2, payments_string("created") },
    [PAYMENTS_MEMBER_RECEIVED] = { 2, payments_string("received") },
    [PAYMENTS_MEMBER_PAYLOAD] = { 2, payments_string("payload") },
    [PAYMENTS_MEMBER_BASE64] = { 2, payments_string("payload_base64") }
};


/* there are four that are kept, and a time, each at most once */

_Static_assert(4 * PAYMENTS_MAX_STRING + PAYMENTS_TIME_LEN
               <= sizeof(((payments_unwrapped_t *) NULL)->unescaped),
               "the strings of an envelope have room");


payments_rc_e
payments_envelope_read(payments_str_t line, payments_unwrapped_t *out)
{
    payments_unwrap_t  unwrap;

    memset(out, 0, sizeof(payments_unwrapped_t));
    memset(&unwrap, 0, sizeof(payments_unwrap_t));

    unwrap.out = out;
    unwrap.head.data = line.data;
    unwrap.head.len = payments_unwrap_head(line);

    /* it ends at the payload, which is no end for a reader */

    (void) payments_json_parse(unwrap.head, PAYMENTS_JSON_DEPTH,
                               &payments_unwrap_callbacks, &unwrap);

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

    if (out->opaque) {
        if (end - start < 3 || line.data[start] != '"'
            || line.data[end - 1] != '"')
        {
            return PAYMENTS_BAD_JSON;
        }

        start++;
        end--;
    }

    out->payload.len = end - start;
    out->payload.data = line.data + start;

    /* it is not parsed again, but none of its bytes may be lost */

    return payments_utf8_valid(out->payload.data, out->payload.len)
           ? PAYMENTS_OK : PAYMENTS_BAD_JSON;
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


static int
payments_unwrap_scalar(void *data, payments_json_e type, payments_str_t text,
    unsigned escaped)
{
    payments_unwrap_t *unwrap = data;

    switch (type) {

    case PAYMENTS_JSON_NULL:
        return PAYMENTS_JSON_NEXT;

    case PAYMENTS_JSON_STRING:
        return payments_unwrap_string(unwrap, text, escaped);

    case PAYMENTS_JSON_NUMBER:
        if (unwrap->member == PAYMENTS_MEMBER_CREATED) {
            return payments_read_integer(text, &unwrap->out->created);
        }

        /* fall through */

    default:
        return unwrap->member == PAYMENTS_MEMBER_OTHER;
    }
}


static int
payments_unwrap_string(payments_unwrap_t *unwrap, payments_str_t text,
    unsigned escaped)
{
    payments_str_t         plain, *slot;
    payments_unwrapped_t  *out;

    out = unwrap->out;

    if (unwrap->member == PAYMENTS_MEMBER_OTHER) {
        return PAYMENTS_JSON_NEXT;
    }

    if (payments_json_text(text, escaped,
                           out->unescaped + out->unescaped_len,
                           sizeof(out->unescaped) - out->unescaped_len,
                           &plain)
        != PAYMENTS_OK)
    {
        return PAYMENTS_JSON_REFUSE;
    }

    if (unwrap->member == PAYMENTS_MEMBER_RECEIVED) {
        return payments_read_time_ms(plain, &out->received);
    }

    slot = payments_unwrap_slot(unwrap);

    if (slot == NULL || plain.len > PAYMENTS_MAX_STRING) {
        return PAYMENTS_JSON_REFUSE;
    }

    if (escaped) {
        out->unescaped_len += plain.len;
    }

    *slot = plain;

    return PAYMENTS_JSON_NEXT;
}


static int
payments_unwrap_start(void *data, payments_json_e type,
    const unsigned char *p)
{
    payments_unwrap_t *unwrap = data;

    (void) p;

    if (type == PAYMENTS_JSON_ARRAY
        || (unwrap->depth != 0 && unwrap->member != PAYMENTS_MEMBER_DATA))
    {
        return PAYMENTS_JSON_REFUSE;
    }

    unwrap->depth++;
    unwrap->member = PAYMENTS_MEMBER_OTHER;

    return PAYMENTS_JSON_NEXT;
}


static int
payments_unwrap_key(void *data, payments_str_t text, unsigned escaped)
{
    payments_unwrap_t *unwrap = data;

    payments_str_t     key;
    unsigned char      plain[PAYMENTS_MEMBER_NAME];
    payments_member_e  i;

    unwrap->member = PAYMENTS_MEMBER_OTHER;

    /* one that has no text, or more of it, is none of ours */

    if (payments_json_text(text, escaped, plain, sizeof(plain), &key)
        != PAYMENTS_OK)
    {
        return PAYMENTS_JSON_NEXT;
    }

    for (i = PAYMENTS_MEMBER_DATA; i <= PAYMENTS_MEMBER_BASE64; i++) {

        if (payments_members[i].depth == unwrap->depth
            && payments_members[i].name.len == key.len
            && memcmp(payments_members[i].name.data, key.data, key.len) == 0)
        {
            unwrap->member = i;
            break;
        }
    }

    if (unwrap->member == PAYMENTS_MEMBER_OTHER) {
        return PAYMENTS_JSON_NEXT;
    }

    if (unwrap->member == PAYMENTS_MEMBER_PAYLOAD
        || unwrap->member == PAYMENTS_MEMBER_BASE64)
    {
        unwrap->out->opaque = (unwrap->member == PAYMENTS_MEMBER_BASE64);
        unwrap->payload = text.data + text.len + 1
                          - unwrap->head.data;
        return PAYMENTS_JSON_REFUSE;
    }

    /* readers disagree on which of two counts */

    if (unwrap->seen & 1u << unwrap->member) {
        return PAYMENTS_JSON_REFUSE;
    }

    unwrap->seen |= 1u << unwrap->member;

    return PAYMENTS_JSON_NEXT;
}


static int
payments_unwrap_end(void *data, const unsigned char *p)
{
    (void) data;
    (void) p;

    return PAYMENTS_JSON_REFUSE;
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
