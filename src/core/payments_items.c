
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_items.h"
#include "payments_json.h"


/* more bytes than the name of a member has that is looked for */
#define PAYMENTS_ITEMS_NAME  64


/* what the value that comes next is in */

typedef enum {
    PAYMENTS_ITEMS_TOP = 0,
    PAYMENTS_ITEMS_BODY,
    PAYMENTS_ITEMS_LIST,
    PAYMENTS_ITEMS_ELEMENT,        /* around an item, if there is a name */
    PAYMENTS_ITEMS_ITEM
} payments_place_e;


typedef struct {
    const char            *list;
    const char            *item;   /* NULL: the elements themselves */
    payments_items_t      *out;
    payments_rc_e          rc;
    payments_place_e       place;
    unsigned               found;  /* the item of this element */
    const unsigned char   *start;  /* of the item */
} payments_split_t;


static int payments_items_scalar(void *data, payments_json_e type,
    payments_str_t text, unsigned escaped);
static int payments_items_key(void *data, payments_str_t text,
    unsigned escaped);
static int payments_items_start(void *data, payments_json_e type,
    const unsigned char *p);
static int payments_items_end(void *data, const unsigned char *p);
static int payments_items_refuse(payments_split_t *split, payments_rc_e rc);


static const payments_json_callbacks_t  payments_items_callbacks = {
    payments_items_scalar,
    payments_items_key,
    payments_items_start,
    payments_items_end
};


payments_rc_e
payments_items_split(payments_str_t body, const char *list, const char *item,
    payments_items_t *out)
{
    payments_rc_e     rc;
    payments_split_t  split;

    out->listed = 0;
    out->n = 0;

    memset(&split, 0, sizeof(payments_split_t));

    split.list = list;
    split.item = item;
    split.out = out;

    rc = payments_json_parse(body, PAYMENTS_MAX_DEPTH,
                             &payments_items_callbacks, &split);

    return split.rc != PAYMENTS_OK ? split.rc : rc;
}


/* only of what has to be a list, or an object */

static int
payments_items_scalar(void *data, payments_json_e type, payments_str_t text,
    unsigned escaped)
{
    (void) type;
    (void) text;
    (void) escaped;

    return payments_items_refuse(data, PAYMENTS_BAD_JSON);
}


static int
payments_items_key(void *data, payments_str_t text, unsigned escaped)
{
    payments_split_t *split = data;

    unsigned         *seen;
    const char       *name;
    unsigned char     plain[PAYMENTS_ITEMS_NAME];
    payments_str_t    key;

    if (split->place == PAYMENTS_ITEMS_ITEM) {
        return PAYMENTS_JSON_SKIP;
    }

    name = split->list;
    seen = &split->out->listed;

    if (split->place == PAYMENTS_ITEMS_ELEMENT) {
        name = split->item;
        seen = &split->found;
    }

    if (payments_json_text(text, escaped, plain, sizeof(plain), &key)
        != PAYMENTS_OK
        || key.len != strlen(name)
        || memcmp(key.data, name, key.len) != 0)
    {
        return PAYMENTS_JSON_SKIP;
    }

    /* parsers disagree on which of two counts */

    if (*seen) {
        return payments_items_refuse(split, PAYMENTS_DUPLICATE_KEY);
    }

    *seen = 1;

    return PAYMENTS_JSON_NEXT;
}


static int
payments_items_start(void *data, payments_json_e type, const unsigned char *p)
{
    payments_split_t *split = data;

    if ((type == PAYMENTS_JSON_ARRAY)
        != (split->place == PAYMENTS_ITEMS_BODY))
    {
        return payments_items_refuse(split, PAYMENTS_BAD_JSON);
    }

    split->place++;

    if (split->place == PAYMENTS_ITEMS_ELEMENT) {
        split->found = 0;

        if (split->item == NULL) {
            split->place = PAYMENTS_ITEMS_ITEM;
        }
    }

    if (split->place == PAYMENTS_ITEMS_ITEM) {
        split->start = p;
    }

    return PAYMENTS_JSON_NEXT;
}


static int
payments_items_end(void *data, const unsigned char *p)
{
    payments_split_t *split = data;

    payments_str_t    *item;
    payments_items_t  *out;

    if (split->place == PAYMENTS_ITEMS_ELEMENT && !split->found) {
        return payments_items_refuse(split, PAYMENTS_BAD_JSON);
    }

    if (split->place == PAYMENTS_ITEMS_ITEM) {
        out = split->out;

        if (out->n == PAYMENTS_MAX_ITEMS) {
            return payments_items_refuse(split, PAYMENTS_TOO_LARGE);
        }

        item = &out->items[out->n++];
        item->data = split->start;
        item->len = p - split->start;

        if (split->item == NULL) {
            split->place = PAYMENTS_ITEMS_ELEMENT;
        }
    }

    split->place--;

    return PAYMENTS_JSON_NEXT;
}


static int
payments_items_refuse(payments_split_t *split, payments_rc_e rc)
{
    split->rc = rc;

    return PAYMENTS_JSON_REFUSE;
}
