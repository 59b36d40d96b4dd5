
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <endian.h>
#include <string.h>

#include "payments_json.h"
#include "payments_text.h"


/* a byte in each byte of a word */
#define PAYMENTS_BYTES(c)  (UINT64_C(0x0101010101010101) * (c))


typedef struct {
    const unsigned char              *p;
    const unsigned char              *end;
    unsigned                          depth;    /* that is left */
    const payments_json_callbacks_t  *callbacks;
    void                             *data;
    payments_rc_e                     rc;
} payments_json_t;


static int payments_json_value(payments_json_t *json, unsigned told);
static int payments_json_nested(payments_json_t *json, payments_json_e type,
    unsigned told);
static int payments_json_element(payments_json_t *json, payments_json_e type,
    unsigned told);
static int payments_json_key(payments_json_t *json, unsigned *told);
static int payments_json_enter(payments_json_t *json, payments_json_e type,
    unsigned *told);
static int payments_json_leave(payments_json_t *json, unsigned told);
static int payments_json_word(payments_json_t *json, payments_json_e *type,
    payments_token_t *token);
static int payments_json_number(payments_json_t *json,
    payments_token_t *token);
static int payments_json_sign(payments_json_t *json, unsigned char one,
    unsigned char other);
static int payments_json_digits(payments_json_t *json);
static int payments_json_string(payments_json_t *json,
    payments_token_t *token);
static void payments_json_plain(payments_json_t *json);
static void payments_json_blanks(payments_json_t *json);
static int payments_json_next(payments_json_t *json, unsigned char c);
static int payments_json_refuse(payments_json_t *json, payments_rc_e rc);


payments_rc_e
payments_json_parse(payments_str_t text, unsigned depth,
    const payments_json_callbacks_t *callbacks, void *data)
{
    payments_json_t  json;

    json.p = text.data;
    json.end = text.data + text.len;
    json.depth = depth;
    json.callbacks = callbacks;
    json.data = data;
    json.rc = PAYMENTS_OK;

    payments_json_blanks(&json);

    if (payments_json_value(&json, callbacks != NULL)) {

        payments_json_blanks(&json);

        if (json.p != json.end) {
            return PAYMENTS_BAD_JSON;
        }
    }

    return json.rc;
}


/* from here on: 1, or 0 when json->rc says why not */

static int
payments_json_value(payments_json_t *json, unsigned told)
{
    int               rc;
    payments_json_e   type;
    payments_token_t  token;

    if (json->p == json->end) {
        return payments_json_refuse(json, PAYMENTS_BAD_JSON);
    }

    token.escaped = 0;

    switch (*json->p) {

    case '{':
        return payments_json_nested(json, PAYMENTS_JSON_MAP, told);

    case '[':
        return payments_json_nested(json, PAYMENTS_JSON_ARRAY, told);

    case '"':
        type = PAYMENTS_JSON_STRING;
        rc = payments_json_string(json, &token);
        break;

    case 't':
    case 'f':
    case 'n':
        rc = payments_json_word(json, &type, &token);
        break;

    default:
        type = PAYMENTS_JSON_NUMBER;
        rc = payments_json_number(json, &token);
    }

    if (!rc || !told) {
        return rc;
    }

    return json->callbacks->scalar(json->data, type, &token)
           || payments_json_refuse(json, PAYMENTS_BAD_JSON);
}


static int
payments_json_nested(payments_json_t *json, payments_json_e type,
    unsigned told)
{
    unsigned char  end;

    if (!payments_json_enter(json, type, &told)) {
        return 0;
    }

    end = (type == PAYMENTS_JSON_MAP) ? '}' : ']';

    if (!payments_json_next(json, end)) {

        do {
            if (!payments_json_element(json, type, told)) {
                return 0;
            }
        } while (payments_json_next(json, ','));

        if (!payments_json_next(json, end)) {
            return payments_json_refuse(json, PAYMENTS_BAD_JSON);
        }
    }

    return payments_json_leave(json, told);
}


static int
payments_json_element(payments_json_t *json, payments_json_e type,
    unsigned told)
{
    payments_json_blanks(json);

    if (type == PAYMENTS_JSON_MAP) {

        if (!payments_json_key(json, &told)) {
            return 0;
        }

        payments_json_blanks(json);
    }

    return payments_json_value(json, told);
}


static int
payments_json_key(payments_json_t *json, unsigned *told)
{
    int               rc;
    payments_token_t  key;

    if (json->p == json->end || *json->p != '"') {
        return payments_json_refuse(json, PAYMENTS_BAD_JSON);
    }

    if (!payments_json_string(json, &key)) {
        return 0;
    }

    if (*told) {
        rc = json->callbacks->key(json->data, &key);

        if (rc == PAYMENTS_JSON_REFUSE) {
            return payments_json_refuse(json, PAYMENTS_BAD_JSON);
        }

        *told = (rc == PAYMENTS_JSON_NEXT);
    }

    return payments_json_next(json, ':')
           || payments_json_refuse(json, PAYMENTS_BAD_JSON);
}


static int
payments_json_enter(payments_json_t *json, payments_json_e type,
    unsigned *told)
{
    int  rc;

    if (json->depth == 0) {
        return payments_json_refuse(json, PAYMENTS_TOO_DEEP);
    }

    json->depth--;
    json->p++;

    if (*told) {
        rc = json->callbacks->start(json->data, type, json->p - 1);

        if (rc == PAYMENTS_JSON_REFUSE) {
            return payments_json_refuse(json, PAYMENTS_BAD_JSON);
        }

        *told = (rc == PAYMENTS_JSON_NEXT);
    }

    return 1;
}


static int
payments_json_leave(payments_json_t *json, unsigned told)
{
    json->depth++;

    return !told || json->callbacks->end(json->data, json->p)
           || payments_json_refuse(json, PAYMENTS_BAD_JSON);
}


/* the values of a body are "null" more often than anything else */

static int
payments_json_word(payments_json_t *json, payments_json_e *type,
    payments_token_t *token)
{
    size_t  len, left;

    left = json->end - json->p;
    token->text.data = json->p;

    if (left >= 4 && memcmp(json->p, "null", 4) == 0) {
        *type = PAYMENTS_JSON_NULL;
        len = 4;

    } else if (left >= 4 && memcmp(json->p, "true", 4) == 0) {
        *type = PAYMENTS_JSON_TRUE;
        len = 4;

    } else if (left >= 5 && memcmp(json->p, "false", 5) == 0) {
        *type = PAYMENTS_JSON_FALSE;
        len = 5;

    } else {
        return payments_json_refuse(json, PAYMENTS_BAD_JSON);
    }

    token->text.len = len;
    json->p += len;

    return 1;
}


/* RFC 8259, 6: what it is worth, the reader of the number says */

static int
payments_json_number(payments_json_t *json, payments_token_t *token)
{
    token->text.data = json->p;

    (void) payments_json_sign(json, '-', '-');

    if (!payments_json_sign(json, '0', '0') && !payments_json_digits(json)) {
        return payments_json_refuse(json, PAYMENTS_BAD_JSON);
    }

    if (payments_json_sign(json, '.', '.') && !payments_json_digits(json)) {
        return payments_json_refuse(json, PAYMENTS_BAD_JSON);
    }

    if (payments_json_sign(json, 'e', 'E')) {

        (void) payments_json_sign(json, '+', '-');

        if (!payments_json_digits(json)) {
            return payments_json_refuse(json, PAYMENTS_BAD_JSON);
        }
    }

    token->text.len = json->p - token->text.data;

    return 1;
}


/* passes over either of two, if there is one */

static int
payments_json_sign(payments_json_t *json, unsigned char one,
    unsigned char other)
{
    if (json->p == json->end || (*json->p != one && *json->p != other)) {
        return 0;
    }

    json->p++;

    return 1;
}


/* one at least */

static int
payments_json_digits(payments_json_t *json)
{
    const unsigned char  *start;

    start = json->p;

    while (json->p != json->end && *json->p >= '0' && *json->p <= '9') {
        json->p++;
    }

    return json->p != start;
}


static int
payments_json_string(payments_json_t *json, payments_token_t *token)
{
    size_t         n;
    payments_rc_e  rc;

    token->escaped = 0;
    token->text.data = ++json->p;

    for ( ;; ) {
        payments_json_plain(json);

        if (json->p == json->end || *json->p < 0x20) {
            return payments_json_refuse(json, PAYMENTS_BAD_JSON);
        }

        if (*json->p == '"') {
            token->text.len = json->p++ - token->text.data;
            return 1;
        }

        if (*json->p == '\\') {
            token->escaped = 1;
            n = payments_json_escape(json->p, json->end - json->p);
            rc = PAYMENTS_BAD_JSON;

        } else {
            n = payments_utf8_sequence(json->p, json->end - json->p);
            rc = PAYMENTS_BAD_UTF8;
        }

        if (n == 0) {
            return payments_json_refuse(json, rc);
        }

        json->p += n;
    }
}


/*
 * Up to a byte that is no plain one of a string.  Eight at a time: a byte's
 * high bit is set by what is less than n when n is taken from all of them,
 * unless a lower one, which then is found first, has borrowed from it.
 */

static void
payments_json_plain(payments_json_t *json)
{
    uint64_t  word, quote, backslash, found;

    while (json->end - json->p >= (ptrdiff_t) sizeof(word)) {
        memcpy(&word, json->p, sizeof(word));
        word = le64toh(word);

        quote = word ^ PAYMENTS_BYTES('"');
        backslash = word ^ PAYMENTS_BYTES('\\');

        found = ((word - PAYMENTS_BYTES(0x20)) & ~word)
                | ((quote - PAYMENTS_BYTES(1)) & ~quote)
                | ((backslash - PAYMENTS_BYTES(1)) & ~backslash)
                | word;

        found &= PAYMENTS_BYTES(0x80);

        if (found != 0) {
            json->p += __builtin_ctzll(found) / 8;
            return;
        }

        json->p += sizeof(word);
    }

    while (json->p != json->end && *json->p >= 0x20 && *json->p < 0x80
           && *json->p != '"' && *json->p != '\\')
    {
        json->p++;
    }
}


/* many bodies are indented: eight blanks at a time, as above */

static void
payments_json_blanks(payments_json_t *json)
{
    uint64_t  word;

    while (json->p != json->end
           && (*json->p == ' ' || *json->p == '\n' || *json->p == '\r'
               || *json->p == '\t'))
    {
        json->p++;

        while (json->end - json->p >= (ptrdiff_t) sizeof(word)) {
            memcpy(&word, json->p, sizeof(word));
            word = le64toh(word) ^ PAYMENTS_BYTES(' ');

            if (word != 0) {
                json->p += __builtin_ctzll(word) / 8;
                break;
            }

            json->p += sizeof(word);
        }
    }
}


/* the next sign, after blanks, if it is this one */

static int
payments_json_next(payments_json_t *json, unsigned char c)
{
    payments_json_blanks(json);

    return payments_json_sign(json, c, c);
}


/* the first reason counts */

static int
payments_json_refuse(payments_json_t *json, payments_rc_e rc)
{
    if (json->rc == PAYMENTS_OK) {
        json->rc = rc;
    }

    return 0;
}
