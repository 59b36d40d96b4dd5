
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_list.h"


int
payments_list_next(payments_str_t *rest, unsigned char separator,
    payments_str_t *item)
{
    const unsigned char  *next;

    if (rest->data == NULL) {
        return 0;
    }

    next = rest->len != 0 ? memchr(rest->data, separator, rest->len) : NULL;

    *item = *rest;

    if (next != NULL) {
        item->len = next - rest->data;
        rest->data = next + 1;
        rest->len -= item->len + 1;

    } else {
        rest->data = NULL;
    }

    *item = payments_list_trim(*item);

    return 1;
}


payments_str_t
payments_list_trim(payments_str_t str)
{
    while (str.len && (str.data[0] == ' ' || str.data[0] == '\t')) {
        str.data++;
        str.len--;
    }

    while (str.len
           && (str.data[str.len - 1] == ' ' || str.data[str.len - 1] == '\t'))
    {
        str.len--;
    }

    return str;
}


int
payments_list_split(payments_str_t item, payments_str_t *key,
    payments_str_t *value)
{
    const unsigned char  *equal;

    equal = item.len != 0 ? memchr(item.data, '=', item.len) : NULL;

    if (equal == NULL) {
        return 0;
    }

    key->data = item.data;
    key->len = equal - item.data;
    *key = payments_list_trim(*key);

    value->data = equal + 1;
    value->len = item.data + item.len - value->data;
    *value = payments_list_trim(*value);

    return 1;
}


int
payments_list_has(payments_str_t str, payments_str_t text)
{
    size_t  i;

    for (i = 0; i + text.len <= str.len; i++) {
        if (memcmp(str.data + i, text.data, text.len) == 0) {
            return 1;
        }
    }

    return 0;
}


int
payments_list_is(payments_str_t str, payments_str_t word)
{
    return str.len != 0 && str.len == word.len
           && memcmp(str.data, word.data, word.len) == 0;
}
