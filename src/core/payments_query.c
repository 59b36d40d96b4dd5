
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What a scheme reads from a query.
 */


#include <string.h>

#include "payments_form.h"
#include "payments_scheme.h"


static payments_rc_e payments_query_pair(const payments_scheme_t *scheme,
    payments_str_t name, payments_str_t value, unsigned char **room,
    payments_str_t *rows);
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
    payments_rc_e   rc;
    payments_str_t  name, value;

    while (payments_form_pair(&query, &name, &value)) {

        rc = payments_query_pair(scheme, name, value, &room, rows);
        if (rc != PAYMENTS_OK) {
            return rc;
        }
    }

    return PAYMENTS_OK;
}


/* which of two would be meant?  nobody knows, as of two headers */

static payments_rc_e
payments_query_pair(const payments_scheme_t *scheme, payments_str_t name,
    payments_str_t value, unsigned char **room, payments_str_t *rows)
{
    int             c, row;
    unsigned char  *p;

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
