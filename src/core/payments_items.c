
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_hex.h"
#include "payments_items.h"


/* behind what has been read */

typedef struct {
    const unsigned char  *p;
    const unsigned char  *end;
} payments_cursor_t;


static payments_rc_e payments_items_member(payments_str_t object,
    const char *name, payments_str_t *value);
static int payments_items_next(payments_cursor_t *cursor,
    unsigned char close);
static int payments_items_value(payments_cursor_t *cursor,
    payments_str_t *value);
static int payments_items_nested(payments_cursor_t *cursor);
static int payments_items_string(payments_cursor_t *cursor);
static unsigned char payments_items_skip(payments_cursor_t *cursor);
static int payments_items_named(payments_str_t key, const char *name);
static int payments_items_unescape(payments_cursor_t *cursor);


payments_rc_e
payments_items_split(payments_str_t body, const char *list, const char *item,
    payments_items_t *out)
{
    int                more;
    payments_rc_e      rc;
    payments_str_t     array, element;
    payments_cursor_t  cursor;

    out->listed = 0;
    out->n = 0;

    rc = payments_items_member(body, list, &array);

    if (rc != PAYMENTS_OK || array.len == 0) {
        return rc;
    }

    out->listed = 1;

    if (array.data[0] != '[') {
        return PAYMENTS_BAD_JSON;
    }

    cursor.p = array.data + 1;
    cursor.end = array.data + array.len;

    while ((more = payments_items_next(&cursor, ']')) == 1) {

        if (!payments_items_value(&cursor, &element)) {
            return PAYMENTS_BAD_JSON;
        }

        if (item != NULL) {
            rc = payments_items_member(element, item, &element);
            if (rc != PAYMENTS_OK) {
                return rc;
            }
        }

        if (element.len == 0 || element.data[0] != '{') {
            return PAYMENTS_BAD_JSON;
        }

        if (out->n == PAYMENTS_MAX_ITEMS) {
            return PAYMENTS_TOO_LARGE;
        }

        out->items[out->n++] = element;
    }

    return more == 0 ? PAYMENTS_OK : PAYMENTS_BAD_JSON;
}


/* the value is empty when there is none */

static payments_rc_e
payments_items_member(payments_str_t object, const char *name,
    payments_str_t *value)
{
    int                more;
    payments_str_t     key, each;
    payments_cursor_t  cursor;

    cursor.p = object.data;
    cursor.end = object.data + object.len;

    value->len = 0;
    value->data = object.data;

    if (payments_items_skip(&cursor) != '{') {
        return PAYMENTS_BAD_JSON;
    }

    cursor.p++;

    while ((more = payments_items_next(&cursor, '}')) == 1) {

        if (!payments_items_value(&cursor, &key)
            || payments_items_skip(&cursor) != ':')
        {
            return PAYMENTS_BAD_JSON;
        }

        cursor.p++;

        if (!payments_items_value(&cursor, &each)) {
            return PAYMENTS_BAD_JSON;
        }

        if (!payments_items_named(key, name)) {
            continue;
        }

        /* parsers disagree on which of two counts */

        if (value->len != 0) {
            return PAYMENTS_DUPLICATE_KEY;
        }

        *value = each;
    }

    return more == 0 ? PAYMENTS_OK : PAYMENTS_BAD_JSON;
}


/* 1 when something follows, 0 at the end, -1 where there is none */

static int
payments_items_next(payments_cursor_t *cursor, unsigned char close)
{
    unsigned char  c;

    c = payments_items_skip(cursor);

    if (c == ',') {
        cursor->p++;
        c = payments_items_skip(cursor);
    }

    if (c == '\0') {
        return -1;
    }

    return c != close;
}


static int
payments_items_value(payments_cursor_t *cursor, payments_str_t *value)
{
    int            rc;
    unsigned char  c;

    c = payments_items_skip(cursor);

    value->data = cursor->p;

    if (c == '"') {
        rc = payments_items_string(cursor);

    } else if (c == '{' || c == '[') {
        rc = payments_items_nested(cursor);

    } else {
        while (cursor->p < cursor->end
               && memchr(",:]} \t\r\n", *cursor->p, 8) == NULL)
        {
            cursor->p++;
        }

        rc = cursor->p > value->data;
    }

    value->len = cursor->p - value->data;

    return rc;
}


/* which bracket closes which has been seen to */

static int
payments_items_nested(payments_cursor_t *cursor)
{
    unsigned  depth;

    depth = 0;

    while (cursor->p < cursor->end) {

        switch (*cursor->p) {

        case '"':
            if (!payments_items_string(cursor)) {
                return 0;
            }

            continue;

        case '{':
        case '[':
            depth++;
            break;

        case '}':
        case ']':
            depth--;
            break;
        }

        cursor->p++;

        if (depth == 0) {
            return 1;
        }
    }

    return 0;
}


static int
payments_items_string(payments_cursor_t *cursor)
{
    for (cursor->p++; cursor->p < cursor->end; cursor->p++) {

        if (*cursor->p == '"') {
            cursor->p++;
            return 1;
        }

        if (*cursor->p == '\\' && ++cursor->p == cursor->end) {
            return 0;
        }
    }

    return 0;
}


/* what comes after blanks, or NUL at the end */

static unsigned char
payments_items_skip(payments_cursor_t *cursor)
{
    while (cursor->p < cursor->end
           && memchr(" \t\r\n", *cursor->p, 4) != NULL)
    {
        cursor->p++;
    }

    return cursor->p < cursor->end ? *cursor->p : '\0';
}


/* a name of ASCII letters, however a key spells it */

static int
payments_items_named(payments_str_t key, const char *name)
{
    payments_cursor_t  cursor;

    if (key.len < 2 || key.data[0] != '"') {
        return 0;
    }

    cursor.p = key.data + 1;
    cursor.end = key.data + key.len - 1;

    for ( /* void */ ; *name != '\0'; name++) {
        if (cursor.p == cursor.end
            || payments_items_unescape(&cursor) != *name)
        {
            return 0;
        }
    }

    return cursor.p == cursor.end;
}


/* -1 for what is no letter */

static int
payments_items_unescape(payments_cursor_t *cursor)
{
    int            unit;
    unsigned       i;
    unsigned char  c;

    c = *cursor->p++;

    if (c != '\\') {
        return c;
    }

    if (cursor->end - cursor->p < 5 || cursor->p[0] != 'u') {
        return -1;
    }

    unit = 0;

    for (i = 1; i < 5; i++) {
        unit = unit * 16 + payments_hex_digit(cursor->p[i]);
    }

    cursor->p += 5;

    return unit;
}
