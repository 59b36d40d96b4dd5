
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_rules.h"
#include "payments_text.h"


_Static_assert(PAYMENTS_MAX_FIELDS <= 64, "a field is a bit of a uint64_t");


static int payments_rule_is(payments_str_t rule,
    const payments_value_t *value);
static int payments_rule_equal(payments_str_t rule, const void *p,
    size_t len);


const char *
payments_path_error(payments_str_t path)
{
    size_t         i, start;
    unsigned       keys;
    unsigned char  c;

    if (path.len > PAYMENTS_MAX_PATH) {
        return "is longer than 256 bytes";
    }

    keys = 0;
    start = 0;

    for (i = 0; i <= path.len; i++) {

        c = i < path.len ? path.data[i] : '.';

        if (c < ' ' || c == 0x7f || c == '"' || c == '\\') {
            return "has a control character, a quote or a backslash";
        }

        if (c != '.') {
            continue;
        }

        if (i == start) {
            return "has an empty key, as a dot cannot be part of one";
        }

        keys++;
        start = i + 1;
    }

    if (keys > PAYMENTS_MAX_KEYS) {
        return "has more than 16 keys";
    }

    return payments_utf8_valid(path.data, path.len) ? NULL : "is not UTF-8";
}


const char *
payments_rule_error(payments_str_t value)
{
    if (value.len > PAYMENTS_MAX_STRING) {
        return "is longer than 512 bytes";
    }

    return payments_utf8_valid(value.data, value.len) ? NULL : "is not UTF-8";
}


int
payments_rules_match(const payments_rule_t *rules, size_t n,
    const payments_event_t *event)
{
    size_t    i;
    uint64_t  bit, wanted, met;

    wanted = 0;
    met = 0;

    for (i = 0; i < n; i++) {
        bit = UINT64_C(1) << rules[i].field;
        wanted |= bit;

        if (payments_rule_is(rules[i].value,
                             &event->values[rules[i].field]))
        {
            met |= bit;
        }
    }

    return met == wanted;
}


static int
payments_rule_is(payments_str_t rule, const payments_value_t *value)
{
    unsigned char  *end, number[PAYMENTS_INTEGER_LEN];

    /* the string "null" would look like none */

    if (payments_rule_equal(rule, "null", 4)) {
        return value->type == PAYMENTS_NULL;
    }

    switch (value->type) {

    case PAYMENTS_STRING:
        return payments_rule_equal(rule, value->string.data,
                                   value->string.len);

    case PAYMENTS_INTEGER:
        end = payments_write_integer(number, value->integer);
        return payments_rule_equal(rule, number, end - number);

    case PAYMENTS_BOOLEAN:
        return value->integer ? payments_rule_equal(rule, "true", 4)
                              : payments_rule_equal(rule, "false", 5);

    default: /* PAYMENTS_NULL, PAYMENTS_OTHER */
        return 0;
    }
}


static int
payments_rule_equal(payments_str_t rule, const void *p, size_t len)
{
    return rule.len == len && memcmp(rule.data, p, len) == 0;
}
