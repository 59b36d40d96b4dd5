
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_bytes.h"
#include "payments_json.h"
#include "payments_text.h"


typedef struct {
    const unsigned char              *end;
    unsigned                          depth;    /* that is left */
    unsigned                          escaped;  /* the last string */
    const payments_json_callbacks_t  *callbacks;
    void                             *data;
    payments_rc_e                     rc;
} payments_json_t;


static const unsigned char *payments_json_value(payments_json_t *json,
    const unsigned char *p, unsigned told);
static const unsigned char *payments_json_nested(payments_json_t *json,
    const unsigned char *p, payments_json_e type, unsigned told);
static const unsigned char *payments_json_key(payments_json_t *json,
    const unsigned char *p, unsigned *told);
static const unsigned char *payments_json_enter(payments_json_t *json,
    const unsigned char *p, payments_json_e type, unsigned *told);
static const unsigned char *payments_json_leave(payments_json_t *json,
    const unsigned char *p, unsigned told);
static const unsigned char *payments_json_word(payments_json_t *json,
    const unsigned char *p, payments_json_e *type);
static const unsigned char *payments_json_number(payments_json_t *json,
    const unsigned char *p);
static const unsigned char *payments_json_digits(payments_json_t *json,
    const unsigned char *p);
static const unsigned char *payments_json_string(payments_json_t *json,
    const unsigned char *p);
static const unsigned char *payments_json_rest(payments_json_t *json,
    const unsigned char *p);
static const unsigned char *payments_json_skip(payments_json_t *json,
    const unsigned char *p);
static int payments_json_is(payments_json_t *json, const unsigned char *p,
    unsigned char c);
static const unsigned char *payments_json_refuse(payments_json_t *json,
    payments_rc_e rc);


payments_rc_e
payments_json_parse(payments_str_t text, unsigned depth,
    const payments_json_callbacks_t *callbacks, void *data)
{
    payments_json_t       json;
    const unsigned char  *p;

    json.end = text.data + text.len;
    json.depth = depth;
    json.escaped = 0;
    json.callbacks = callbacks;
    json.data = data;
    json.rc = PAYMENTS_OK;

    p = payments_json_skip(&json, text.data);
    p = payments_json_value(&json, p, callbacks != NULL);

    if (p != NULL && payments_json_skip(&json, p) != json.end) {
        return PAYMENTS_BAD_JSON;
    }

    return json.rc;
}


/*
 * From here on: what is behind that which was read at p, or NULL when
 * json->rc says why not.  What is done for each value is inline.
 */

static inline const unsigned char *
payments_json_value(payments_json_t *json, const unsigned char *p,
    unsigned told)
{
    payments_str_t        text;
    payments_json_e       type;
    const unsigned char  *start;

    if (p == json->end) {
        return payments_json_refuse(json, PAYMENTS_BAD_JSON);
    }

    start = p;

    switch (*p) {

    case '{':
        return payments_json_nested(json, p, PAYMENTS_JSON_MAP, told);

    case '[':
        return payments_json_nested(json, p, PAYMENTS_JSON_ARRAY, told);

    case '"':
        type = PAYMENTS_JSON_STRING;
        start++;
        p = payments_json_string(json, p);
        break;

    case 't':
    case 'f':
    case 'n':
        p = payments_json_word(json, p, &type);
        break;

    default:
        type = PAYMENTS_JSON_NUMBER;
        p = payments_json_number(json, p);
    }

    if (p == NULL || !told) {
        return p;
    }

    text.data = start;
    text.len = p - start - (type == PAYMENTS_JSON_STRING);

    return json->callbacks->scalar(json->data, type, text, json->escaped)
           ? p : payments_json_refuse(json, PAYMENTS_BAD_JSON);
}


static const unsigned char *
payments_json_nested(payments_json_t *json, const unsigned char *p,
    payments_json_e type, unsigned told)
{
    unsigned       tell;
    unsigned char  end;

    end = (type == PAYMENTS_JSON_MAP) ? '}' : ']';

    p = payments_json_enter(json, p, type, &told);

    if (p == NULL || payments_json_is(json, p, end)) {
        return payments_json_leave(json, p, told);
    }

    for ( ;; ) {
        tell = told;

        if (type == PAYMENTS_JSON_MAP) {
            p = payments_json_key(json, p, &tell);
        }

        if (p != NULL) {
            p = payments_json_value(json, p, tell);
        }

        if (p == NULL) {
            return NULL;
        }

        p = payments_json_skip(json, p);

        if (!payments_json_is(json, p, ',')) {
            break;
        }

        p = payments_json_skip(json, p + 1);
    }

    return payments_json_is(json, p, end)
           ? payments_json_leave(json, p, told)
           : payments_json_refuse(json, PAYMENTS_BAD_JSON);
}


/* up to the value of it */

static inline const unsigned char *
payments_json_key(payments_json_t *json, const unsigned char *p,
    unsigned *told)
{
    int                   rc;
    payments_str_t        key;
    const unsigned char  *start;

    if (!payments_json_is(json, p, '"')) {
        return payments_json_refuse(json, PAYMENTS_BAD_JSON);
    }

    start = p + 1;

    p = payments_json_string(json, p);
    if (p == NULL) {
        return NULL;
    }

    if (*told) {
        key.data = start;
        key.len = p - start - 1;

        rc = json->callbacks->key(json->data, key, json->escaped);

        if (rc == PAYMENTS_JSON_REFUSE) {
            return payments_json_refuse(json, PAYMENTS_BAD_JSON);
        }

        *told = (rc == PAYMENTS_JSON_NEXT);
    }

    p = payments_json_skip(json, p);

    if (!payments_json_is(json, p, ':')) {
        return payments_json_refuse(json, PAYMENTS_BAD_JSON);
    }

    /* one blank, or none */

    p += 1 + payments_json_is(json, p + 1, ' ');

    return payments_json_skip(json, p);
}


static inline const unsigned char *
payments_json_enter(payments_json_t *json, const unsigned char *p,
    payments_json_e type, unsigned *told)
{
    int  rc;

    if (json->depth == 0) {
        return payments_json_refuse(json, PAYMENTS_TOO_DEEP);
    }

    json->depth--;

    if (*told) {
        rc = json->callbacks->start(json->data, type, p);

        if (rc == PAYMENTS_JSON_REFUSE) {
            return payments_json_refuse(json, PAYMENTS_BAD_JSON);
        }

        *told = (rc == PAYMENTS_JSON_NEXT);
    }

    return payments_json_skip(json, p + 1);
}


/* p is the bracket, or NULL already */

static inline const unsigned char *
payments_json_leave(payments_json_t *json, const unsigned char *p,
    unsigned told)
{
    if (p == NULL) {
        return NULL;
    }

    json->depth++;

    if (told && !json->callbacks->end(json->data, p + 1)) {
        return payments_json_refuse(json, PAYMENTS_BAD_JSON);
    }

    return p + 1;
}


/* the values of a body are "null" more often than anything else */

static inline const unsigned char *
payments_json_word(payments_json_t *json, const unsigned char *p,
    payments_json_e *type)
{
    size_t  left;

    left = json->end - p;

    if (left >= 4 && memcmp(p, "null", 4) == 0) {
        *type = PAYMENTS_JSON_NULL;
        return p + 4;

    } else if (left >= 4 && memcmp(p, "true", 4) == 0) {
        *type = PAYMENTS_JSON_TRUE;
        return p + 4;

    } else if (left >= 5 && memcmp(p, "false", 5) == 0) {
        *type = PAYMENTS_JSON_FALSE;
        return p + 5;
    }

    return payments_json_refuse(json, PAYMENTS_BAD_JSON);
}


/* RFC 8259, 6: what it is worth, the reader of the number says */

static const unsigned char *
payments_json_number(payments_json_t *json, const unsigned char *p)
{
    p += payments_json_is(json, p, '-');

    if (payments_json_is(json, p, '0')) {
        p++;

    } else {
        p = payments_json_digits(json, p);
    }

    if (p != NULL && payments_json_is(json, p, '.')) {
        p = payments_json_digits(json, p + 1);
    }

    if (p != NULL
        && (payments_json_is(json, p, 'e') || payments_json_is(json, p, 'E')))
    {
        p++;
        p += payments_json_is(json, p, '+') || payments_json_is(json, p, '-');
        p = payments_json_digits(json, p);
    }

    return p;
}


/* one at least */

static inline const unsigned char *
payments_json_digits(payments_json_t *json, const unsigned char *p)
{
    const unsigned char  *start;

    start = p;

    while (p != json->end && *p >= '0' && *p <= '9') {
        p++;
    }

    return p != start ? p : payments_json_refuse(json, PAYMENTS_BAD_JSON);
}


/* most are plain to their end */

static inline const unsigned char *
payments_json_string(payments_json_t *json, const unsigned char *p)
{
    json->escaped = 0;

    p = payments_bytes_plain(p + 1, json->end);

    return payments_json_is(json, p, '"') ? p + 1
                                          : payments_json_rest(json, p);
}


static const unsigned char *
payments_json_rest(payments_json_t *json, const unsigned char *p)
{
    size_t         n;
    payments_rc_e  rc;

    while (!payments_json_is(json, p, '"')) {

        if (p == json->end || *p < ' ') {
            return payments_json_refuse(json, PAYMENTS_BAD_JSON);
        }

        if (*p == '\\') {
            json->escaped = 1;
            n = payments_json_escape(p, json->end - p);
            rc = PAYMENTS_BAD_JSON;

        } else {
            n = payments_utf8_sequence(p, json->end - p);
            rc = PAYMENTS_BAD_UTF8;
        }

        if (n == 0) {
            return payments_json_refuse(json, rc);
        }

        p = payments_bytes_plain(p + n, json->end);
    }

    return p + 1;
}


/* RFC 8259, 2: many bodies are indented */

static inline const unsigned char *
payments_json_skip(payments_json_t *json, const unsigned char *p)
{
    while (p != json->end && *p <= ' '
           && (*p == '\n' || *p == ' ' || *p == '\r' || *p == '\t'))
    {
        p = payments_bytes_blank(p + 1, json->end);
    }

    return p;
}


/* 1 when that is the next one */

static inline int
payments_json_is(payments_json_t *json, const unsigned char *p,
    unsigned char c)
{
    return p != json->end && *p == c;
}


/* the first reason counts */

static const unsigned char *
payments_json_refuse(payments_json_t *json, payments_rc_e rc)
{
    if (json->rc == PAYMENTS_OK) {
        json->rc = rc;
    }

    return NULL;
}
