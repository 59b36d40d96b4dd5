
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What a scheme reads from a query.
 */


#include <string.h>

#include "payments_form.h"
#include "payments_scheme.h"


static payments_rc_e payments_query_pair(const payments_scheme_t *scheme,
    payments_str_t pair, unsigned char **room, payments_str_t *rows);
static int payments_query_row(const payments_scheme_t *scheme,
    payments_str_t name);


int
payments_scheme_queries(const payments_scheme_t *scheme)
{
    return scheme->queried != 0;
}


payments_rc_e
payments_scheme_query(const payments_scheme_t *scheme, payments_str_t query,
    unsigned char *room, payments_str_t *rows)
{
    payments_rc_e         rc;
    payments_str_t        pair;
    const unsigned char  *end;

    while (query.len != 0) {
        end = memchr(query.data, '&', query.len);

        pair.data = query.data;
        pair.len = (end != NULL) ? (size_t) (end - query.data) : query.len;

        rc = payments_query_pair(scheme, pair, &room, rows);
        if (rc != PAYMENTS_OK) {
            return rc;
        }

        query.data += pair.len + (end != NULL);
        query.len -= pair.len + (end != NULL);
    }

    return PAYMENTS_OK;
}


/* which of two would be meant?  nobody knows, as of two headers */

static payments_rc_e
payments_query_pair(const payments_scheme_t *scheme, payments_str_t pair,
    unsigned char **room, payments_str_t *rows)
{
    int                   c, row;
    unsigned char        *p;
    payments_str_t        name, value;
    const unsigned char  *equal;

    equal = pair.len != 0 ? memchr(pair.data, '=', pair.len) : NULL;

    name.data = pair.data;
    name.len = equal != NULL ? (size_t) (equal - pair.data) : pair.len;

    value.data = pair.data + pair.len;
    value.len = 0;

    if (equal != NULL) {
        value.data = equal + 1;
        value.len = pair.len - name.len - 1;
    }

    row = payments_query_row(scheme, name);

    if (row == -1) {
        return PAYMENTS_OK;
    }

    if (rows[row].data != NULL) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    p = *room;
    rows[row].data = p;

    while (value.len != 0) {
        c = payments_form_byte(&value);

        if (c == -1) {
            return PAYMENTS_MALFORMED_SIGNATURE;
        }

        if (c == ' ' && p == rows[row].data) {
            continue;
        }

        *p++ = c;
    }

    while (p > rows[row].data && p[-1] == ' ') {
        p--;
    }

    rows[row].len = p - rows[row].data;
    *room = p;

    return PAYMENTS_OK;
}


static int
payments_query_row(const payments_scheme_t *scheme, payments_str_t name)
{
    int                       i;
    size_t                    k;
    payments_str_t            rest;
    const payments_header_t  *header;

    for (i = 0; scheme->headers[i].name.len != 0; i++) {
        header = &scheme->headers[i];

        if (!(scheme->queried & (1u << header->what))) {
            continue;
        }

        rest = name;

        for (k = 0; k < header->name.len && rest.len != 0; k++) {
            if (payments_form_byte(&rest) != header->name.data[k]) {
                break;
            }
        }

        if (k == header->name.len && rest.len == 0) {
            return i;
        }
    }

    return -1;
}
