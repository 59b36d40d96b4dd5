
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_scheme.h"


typedef struct {
    size_t       size;
    char         name[PAYMENTS_ALGORITHM_NAME];
} payments_digest_t;


typedef struct {
    payments_algorithm_e  algorithm;
    payments_str_t        name;
} payments_spelling_t;


static unsigned payments_scheme_part(payments_str_t label,
    payments_str_t value, payments_str_t after, payments_str_t *pieces);


static const payments_digest_t  payments_digests[] = {
    [PAYMENTS_HMAC_SHA256] = { 32, "SHA256" },
    [PAYMENTS_HMAC_SHA1] = { 20, "SHA1" },
    [PAYMENTS_HMAC_SHA384] = { 48, "SHA384" },
    [PAYMENTS_HMAC_SHA512] = { 64, "SHA512" },
    [PAYMENTS_PLAIN_SHA256] = { 32, "SHA256" },
    [PAYMENTS_PLAIN_SHA384] = { 48, "SHA384" },
    [PAYMENTS_PLAIN_SHA512] = { 64, "SHA512" },
    [PAYMENTS_PLAIN_SHA1] = { 20, "SHA1" },
    [PAYMENTS_PLAIN_MD5] = { 16, "MD5" },
    [PAYMENTS_TOKEN] = { 32, "SHA256" }
};


static const payments_spelling_t  payments_spellings[] = {
    { PAYMENTS_PLAIN_SHA256, payments_string("SHA-256") },
    { PAYMENTS_PLAIN_SHA256, payments_string("SHA256") },
    { PAYMENTS_PLAIN_SHA384, payments_string("SHA-384") },
    { PAYMENTS_PLAIN_SHA384, payments_string("SHA384") },
    { PAYMENTS_PLAIN_SHA512, payments_string("SHA-512") },
    { PAYMENTS_PLAIN_SHA512, payments_string("SHA512") },
    { PAYMENTS_PLAIN_SHA1, payments_string("SHA-1") },
    { PAYMENTS_PLAIN_SHA1, payments_string("SHA1") },
    { PAYMENTS_PLAIN_SHA1, payments_string("SHA") },
    { PAYMENTS_PLAIN_MD5, payments_string("MD5") }
};


size_t
payments_algorithm_size(payments_algorithm_e algorithm)
{
    return payments_digests[algorithm].size;
}


void
payments_algorithm_name(payments_algorithm_e algorithm,
    char name[PAYMENTS_ALGORITHM_NAME])
{
    memcpy(name, payments_digests[algorithm].name, PAYMENTS_ALGORITHM_NAME);
}


int
payments_algorithm_find(payments_str_t name)
{
    size_t                      i;
    const payments_spelling_t  *known;

    for (i = 0;
         i < sizeof(payments_spellings) / sizeof(payments_spellings[0]);
         i++)
    {
        known = &payments_spellings[i];

        if (known->name.len == name.len
            && memcmp(known->name.data, name.data, name.len) == 0)
        {
            return known->algorithm;
        }
    }

    return -1;
}


payments_str_t
payments_algorithm_text(payments_algorithm_e algorithm)
{
    const payments_spelling_t  *known;

    for (known = payments_spellings; known->algorithm != algorithm; known++) {
        /* void */
    }

    return known->name;
}


int64_t
payments_scheme_time(const payments_scheme_t *scheme, int64_t seconds)
{
    return scheme->unit == PAYMENTS_SECONDS ? seconds : seconds * 1000;
}


int
payments_scheme_header(const payments_scheme_t *scheme, payments_str_t name)
{
    int                       i;
    const payments_header_t  *header;

    for (i = 0; scheme->headers[i].name.len != 0; i++) {
        header = &scheme->headers[i];

        if (!(scheme->queried & (1u << header->what))
            && header->name.len == name.len
            && memcmp(header->name.data, name.data, name.len) == 0)
        {
            return i;
        }
    }

    return -1;
}


int
payments_scheme_signs(const payments_scheme_t *scheme, payments_str_t name)
{
    int  row;

    row = payments_scheme_header(scheme, name);

    return row != -1
           && scheme->headers[row].what == PAYMENTS_SENT_SIGNATURE;
}


payments_rc_e
payments_scheme_sort(const payments_scheme_t *scheme,
    const payments_str_t *rows, payments_str_t sent[PAYMENTS_SENT_MAX])
{
    unsigned        i;
    payments_str_t  none = payments_string("");

    for (i = 0; i < PAYMENTS_SENT_MAX; i++) {
        sent[i] = none;
    }

    for (i = 0; scheme->headers[i].name.len != 0; i++) {

        if (rows[i].data == NULL || sent[scheme->headers[i].what].len != 0) {
            continue;
        }

        if (scheme->headers[i].what != PAYMENTS_SENT_SIGNATURE
            && !payments_scheme_fits(rows[i]))
        {
            return PAYMENTS_MALFORMED_SIGNATURE;
        }

        sent[scheme->headers[i].what] = rows[i];
    }

    return PAYMENTS_OK;
}


/*
 * Without quotes and blanks an id cannot reach into the body, whatever dots
 * are between them
 */

int
payments_scheme_fits(payments_str_t value)
{
    size_t  i;

    if (value.len > PAYMENTS_MAX_STRING) {
        return 0;
    }

    for (i = 0; i < value.len; i++) {
        if (value.data[i] <= 0x20 || value.data[i] >= 0x7f
            || value.data[i] == '"' || value.data[i] == '\\')
        {
            return 0;
        }
    }

    return 1;
}


int
payments_scheme_reads(const payments_scheme_t *scheme, payments_sent_e what)
{
    const payments_header_t  *header;

    for (header = scheme->headers; header->name.len != 0; header++) {
        if (header->what == what) {
            return 1;
        }
    }

    return 0;
}


int
payments_scheme_covers(const payments_scheme_t *scheme, payments_sent_e what)
{
    const payments_part_t  *part;

    for (part = scheme->parts; part->kind != PAYMENTS_PART_END; part++) {
        if (part->kind == PAYMENTS_PART_SENT && part->what == what) {
            return 1;
        }
    }

    return 0;
}


unsigned
payments_scheme_message(const payments_scheme_t *scheme,
    const payments_str_t *sent, payments_str_t time_text,
    const payments_str_t *body, unsigned n, payments_str_t *pieces)
{
    unsigned                i, npieces;
    payments_str_t          value = payments_string("");
    const payments_part_t  *part;

    npieces = 0;

    for (part = scheme->parts; part->kind != PAYMENTS_PART_END; part++) {

        switch (part->kind) {

        case PAYMENTS_PART_BODY:
            for (i = 0; i < n; i++) {
                pieces[npieces++] = body[i];
            }

            value.len = 0;
            break;

        case PAYMENTS_PART_TIME:
            value = time_text;
            break;

        case PAYMENTS_PART_SENT:
            value = sent[part->what];
            break;

        case PAYMENTS_PART_SECRET:
            value = sent[PAYMENTS_SENT_SECRET];
            break;

        default:
            value.len = 0;
        }

        npieces += payments_scheme_part(scheme->labels[part - scheme->parts],
                                        value, part->after,
                                        &pieces[npieces]);
    }

    return npieces;
}


static unsigned
payments_scheme_part(payments_str_t label, payments_str_t value,
    payments_str_t after, payments_str_t *pieces)
{
    unsigned  n;

    if (label.len != 0 && value.len == 0) {
        return 0;
    }

    n = 0;

    if (label.len != 0) {
        pieces[n++] = label;
    }

    if (value.len != 0) {
        pieces[n++] = value;
    }

    if (after.len != 0) {
        pieces[n++] = after;
    }

    return n;
}
