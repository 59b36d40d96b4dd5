
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_arena.h"
#include "payments_json.h"
#include "payments_text.h"


static payments_rc_e payments_json_run(payments_str_t text,
    const yajl_callbacks *callbacks, void *data, yajl_handle *handle,
    payments_arena_t *arena);
static unsigned payments_json_unit(const unsigned char *p);


payments_rc_e
payments_json_parse(payments_str_t text, const yajl_callbacks *callbacks,
    void *data, yajl_handle *handle)
{
    yajl_handle       own;
    payments_rc_e     rc;
    payments_arena_t  arena;

    /* yajl's own check takes overlong forms and surrogates */

    if (!payments_utf8_valid(text.data, text.len)) {
        return PAYMENTS_BAD_UTF8;
    }

    /* and its lexer takes these for blanks, which RFC 8259, 2 does not */

    if (memchr(text.data, '\v', text.len) != NULL
        || memchr(text.data, '\f', text.len) != NULL)
    {
        return PAYMENTS_BAD_JSON;
    }

    payments_arena_init(&arena, PAYMENTS_MAX_PARSER(text.len));

    rc = payments_json_run(text, callbacks, data,
                           handle != NULL ? handle : &own, &arena);

    payments_arena_free(&arena);

    return rc;
}


static payments_rc_e
payments_json_run(payments_str_t text, const yajl_callbacks *callbacks,
    void *data, yajl_handle *handle, payments_arena_t *arena)
{
    size_t  i;

    if (setjmp(arena->failed)) {
        return PAYMENTS_INTERNAL;
    }

    *handle = yajl_alloc(callbacks, &arena->funcs, data);

    /* yajl's own check of what follows takes a string without an end */

    yajl_config(*handle, yajl_dont_validate_strings, 1);
    yajl_config(*handle, yajl_allow_trailing_garbage, 1);

    if (yajl_parse(*handle, text.data, text.len) != yajl_status_ok) {
        return PAYMENTS_BAD_JSON;
    }

    for (i = yajl_get_bytes_consumed(*handle); i < text.len; i++) {
        if (memchr(" \t\n\r", text.data[i], 4) == NULL) {
            return PAYMENTS_BAD_JSON;
        }
    }

    return yajl_complete_parse(*handle) == yajl_status_ok ? PAYMENTS_OK
                                                          : PAYMENTS_BAD_JSON;
}


/* yajl makes a "?" of a first half, and no UTF-8 of a second one */

int
payments_json_halved(payments_str_t text, size_t end)
{
    unsigned              unit, high;
    const unsigned char  *p, *quote, *start;

    quote = text.data + end - 1;

    /* the quote that opens it is the first one without a backslash */

    for (start = quote - 1; start[0] != '"' || start[-1] == '\\'; start--) {
        /* void */
    }

    high = 0;

    for (p = start + 1; p < quote; p++) {

        unit = 0;

        if (p[0] == '\\') {
            p++;

            if (p[0] == 'u') {
                unit = payments_json_unit(p + 1);
                p += 4;
            }
        }

        if (high != (unit >= 0xdc00 && unit <= 0xdfff)) {
            return 1;
        }

        high = (unit >= 0xd800 && unit <= 0xdbff);
    }

    return high;
}


/* four hex digits, which the lexer has seen */

static unsigned
payments_json_unit(const unsigned char *p)
{
    unsigned  i, unit;

    unit = 0;

    for (i = 0; i < 4; i++) {
        unit = unit * 16 + (p[i] <= '9' ? p[i] - '0'
                                        : (p[i] | 0x20) - 'a' + 10);
    }

    return unit;
}
