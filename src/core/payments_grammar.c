
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What is written in a signature header.
 */


#include <string.h>

#include "payments_base64.h"
#include "payments_hex.h"
#include "payments_list.h"
#include "payments_signature.h"
#include "payments_time.h"


/* seconds have as many in 5138 only, milliseconds since 1973 */
#define PAYMENTS_MS_DIGITS  12


static payments_rc_e payments_grammar_needs(const payments_scheme_t *scheme,
    const payments_str_t *sent);
static payments_rc_e payments_grammar_named(payments_str_t header,
    payments_signature_t *sig);
static payments_rc_e payments_grammar_one(payments_str_t header,
    payments_signature_t *sig, unsigned *seen);
static payments_rc_e payments_grammar_list(payments_str_t header,
    payments_signature_t *sig, unsigned *seen);
static payments_rc_e payments_grammar_pair(payments_str_t item,
    payments_signature_t *sig, unsigned *seen);
static payments_rc_e payments_grammar_version(payments_str_t item,
    payments_signature_t *sig, unsigned *seen);
static payments_rc_e payments_grammar_keyed(payments_str_t item,
    payments_signature_t *sig, unsigned *seen);
static payments_rc_e payments_grammar_time(payments_str_t value,
    payments_signature_t *sig);
static payments_rc_e payments_grammar_certified(
    const payments_scheme_t *scheme, const payments_str_t *sent,
    payments_signature_t *sig);
static payments_rc_e payments_grammar_digest(payments_str_t value,
    payments_signature_t *sig, unsigned *seen);


payments_rc_e
payments_signature_parse(const payments_scheme_t *scheme,
    const payments_str_t *sent, payments_signature_t *sig)
{
    unsigned        seen;
    payments_rc_e   rc;
    payments_str_t  header;

    rc = payments_grammar_needs(scheme, sent);
    if (rc != PAYMENTS_OK) {
        return rc;
    }

    sig->scheme = scheme;
    sig->sent = sent;
    sig->time = 0;
    sig->time_text.len = 0;
    sig->algorithm = scheme->algorithm;
    sig->count = 0;
    sig->npublic = 0;

    seen = 0;
    header = sent[PAYMENTS_SENT_SIGNATURE];

    if (scheme->certified) {
        return payments_grammar_certified(scheme, sent, sig);
    }

    if (scheme->digest_word.len != 0) {
        rc = payments_grammar_named(header, sig);
        if (rc != PAYMENTS_OK) {
            return rc;
        }
    }

    if (scheme->timed && scheme->time_word.len == 0) {
        rc = payments_grammar_time(sent[PAYMENTS_SENT_TIME], sig);
        if (rc != PAYMENTS_OK) {
            return rc;
        }
    }

    rc = (scheme->grammar == PAYMENTS_BARE
          || scheme->grammar == PAYMENTS_PREFIXED)
         ? payments_grammar_one(header, sig, &seen)
         : payments_grammar_list(header, sig, &seen);

    if (rc != PAYMENTS_OK) {
        return rc;
    }

    if (scheme->grammar == PAYMENTS_PAIRS
        && (seen == 0 || (scheme->timed && sig->time_text.len == 0)))
    {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    return sig->count + sig->npublic != 0 ? PAYMENTS_OK : PAYMENTS_NO_MATCH;
}


static payments_rc_e
payments_grammar_needs(const payments_scheme_t *scheme,
    const payments_str_t *sent)
{
    payments_str_t          label;
    const payments_part_t  *part;

    if (sent[PAYMENTS_SENT_SIGNATURE].len == 0) {
        return PAYMENTS_MISSING_SIGNATURE;
    }

    if (sent[PAYMENTS_SENT_SIGNATURE].len > PAYMENTS_MAX_HEADER) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    if (scheme->timed && scheme->time_word.len == 0
        && sent[PAYMENTS_SENT_TIME].len == 0)
    {
        return PAYMENTS_MISSING_SIGNATURE;
    }

    if (payments_scheme_reads(scheme, PAYMENTS_SENT_KEY)
        && sent[PAYMENTS_SENT_KEY].len == 0)
    {
        return PAYMENTS_MISSING_SIGNATURE;
    }

    for (part = scheme->parts; part->kind != PAYMENTS_PART_END; part++) {

        if (part->kind != PAYMENTS_PART_SENT) {
            continue;
        }

        label = scheme->labels[part - scheme->parts];

        if (sent[part->what].len == 0 && label.len == 0) {
            return PAYMENTS_MISSING_SIGNATURE;
        }

        /* one that reaches beyond its end could stand for a part left out */

        if (label.len != 0
            && payments_list_has(sent[part->what], part->after))
        {
            return PAYMENTS_MALFORMED_SIGNATURE;
        }
    }

    return PAYMENTS_OK;
}


/* the digest is named before or after the signature, and once */

static payments_rc_e
payments_grammar_named(payments_str_t header, payments_signature_t *sig)
{
    int             algorithm;
    payments_str_t  item, key, value, name;

    name.len = 0;
    name.data = NULL;

    while (payments_list_next(&header, sig->scheme->separator, &item)) {

        if (!payments_list_split(item, &key, &value)
            || !payments_list_is(key, sig->scheme->digest_word))
        {
            continue;
        }

        if (name.data != NULL) {
            return PAYMENTS_MALFORMED_SIGNATURE;
        }

        name = value;
    }

    if (name.len == 0) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    algorithm = payments_algorithm_find(name);

    if (algorithm == -1 || !(sig->scheme->digests & (1u << algorithm))) {
        return PAYMENTS_NO_MATCH;
    }

    sig->algorithm = algorithm;

    return PAYMENTS_OK;
}


static payments_rc_e
payments_grammar_one(payments_str_t header, payments_signature_t *sig,
    unsigned *seen)
{
    payments_str_t  word;

    word = sig->scheme->word;
    header = payments_list_trim(header);

    if (word.len != 0
        && header.len >= word.len
        && memcmp(header.data, word.data, word.len) == 0)
    {
        header.data += word.len;
        header.len -= word.len;

    } else if (sig->scheme->grammar == PAYMENTS_PREFIXED) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    return payments_grammar_digest(header, sig, seen);
}


static payments_rc_e
payments_grammar_list(payments_str_t header, payments_signature_t *sig,
    unsigned *seen)
{
    payments_rc_e   rc;
    payments_str_t  item;

    while (payments_list_next(&header, sig->scheme->separator, &item)) {

        if (item.len == 0 && header.data == NULL && sig->scheme->trailing) {
            break;
        }

        switch (sig->scheme->grammar) {

        case PAYMENTS_PAIRS:
            rc = payments_grammar_pair(item, sig, seen);
            break;

        case PAYMENTS_KEYED:
            rc = payments_grammar_keyed(item, sig, seen);
            break;

        default: /* PAYMENTS_VERSIONED */
            rc = payments_grammar_version(item, sig, seen);
        }

        if (rc != PAYMENTS_OK) {
            return rc;
        }
    }

    return PAYMENTS_OK;
}


static payments_rc_e
payments_grammar_pair(payments_str_t item, payments_signature_t *sig,
    unsigned *seen)
{
    payments_str_t  key, value;

    if (!payments_list_split(item, &key, &value)) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    if (payments_list_is(key, sig->scheme->time_word)) {
        return payments_grammar_time(value, sig);
    }

    if (payments_list_is(key, sig->scheme->word)) {
        return payments_grammar_digest(value, sig, seen);
    }

    return PAYMENTS_OK;
}


/* what is not "<word>,<signature>" is of a version to come */

static payments_rc_e
payments_grammar_version(payments_str_t item, payments_signature_t *sig,
    unsigned *seen)
{
    payments_str_t        version, value;
    const unsigned char  *comma;

    comma = memchr(item.data, ',', item.len);
    if (comma == NULL) {
        return PAYMENTS_OK;
    }

    version.data = item.data;
    version.len = comma - item.data;

    value.data = comma + 1;
    value.len = item.data + item.len - value.data;

    /* beyond some, they are not worth the time that each takes */

    if (payments_list_is(version, sig->scheme->public_word)
        && sig->npublic < PAYMENTS_MAX_PUBLIC)
    {
        sig->npublic += payments_base64_exact(value,
                                               sig->publics[sig->npublic],
                                               PAYMENTS_PUBLIC_SIGN);
        return PAYMENTS_OK;
    }

    return payments_list_is(version, sig->scheme->word)
           ? payments_grammar_digest(value, sig, seen) : PAYMENTS_OK;
}


/* what has no "|" is nothing that anybody compares */

static payments_rc_e
payments_grammar_keyed(payments_str_t item, payments_signature_t *sig,
    unsigned *seen)
{
    unsigned              count;
    payments_rc_e         rc;
    payments_str_t        name, value;
    const unsigned char  *bar;

    bar = item.len != 0 ? memchr(item.data, '|', item.len) : NULL;

    if (bar == NULL || bar == item.data) {
        return PAYMENTS_OK;
    }

    name.data = item.data;
    name.len = bar - item.data;

    value.data = bar + 1;
    value.len = item.data + item.len - value.data;

    count = sig->count;
    rc = payments_grammar_digest(value, sig, seen);

    if (sig->count != count) {
        sig->names[count] = name;
    }

    return rc;
}


static payments_rc_e
payments_grammar_time(payments_str_t value, payments_signature_t *sig)
{
    size_t  i;

    if (sig->time_text.len != 0
        || value.len == 0
        || value.len > PAYMENTS_MAX_TIME_DIGITS)
    {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    sig->time = 0;

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return PAYMENTS_MALFORMED_SIGNATURE;
        }

        sig->time = sig->time * 10 + (value.data[i] - '0');
    }

    if (sig->scheme->unit == PAYMENTS_MILLISECONDS
        || (sig->scheme->unit == PAYMENTS_BY_DIGITS
            && value.len >= PAYMENTS_MS_DIGITS))
    {
        sig->time /= 1000;
    }

    sig->time_text = value;

    return PAYMENTS_OK;
}


/* its digest is of the key's length, which is not known here */

static payments_rc_e
payments_grammar_certified(const payments_scheme_t *scheme,
    const payments_str_t *sent, payments_signature_t *sig)
{
    payments_str_t  time;

    if (sent[PAYMENTS_SENT_CERT].len == 0
        || sent[PAYMENTS_SENT_ALGORITHM].len == 0)
    {
        return PAYMENTS_MISSING_SIGNATURE;
    }

    time = sent[PAYMENTS_SENT_TIME];

    if (!payments_list_is(sent[PAYMENTS_SENT_ALGORITHM], scheme->word)
        || !payments_read_time(time, &sig->time))
    {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    sig->time_text = time;

    return PAYMENTS_OK;
}


/* one that cannot be right is passed over: another one may be */

static payments_rc_e
payments_grammar_digest(payments_str_t value, payments_signature_t *sig,
    unsigned *seen)
{
    size_t          size;
    unsigned char  *digest;

    if (++*seen > PAYMENTS_MAX_SIGNATURES) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    size = payments_algorithm_size(sig->algorithm);
    digest = sig->digests[sig->count];

    sig->names[sig->count] = sig->sent[PAYMENTS_SENT_KEY];

    if (sig->scheme->algorithm == PAYMENTS_TOKEN) {
        sig->count++;
        return payments_token_digest(value, digest) == 0 ? PAYMENTS_OK
                                                    : PAYMENTS_INTERNAL;
    }

    sig->count += (sig->scheme->encoding == PAYMENTS_HEX)
                  ? payments_hex_decode(value, digest, size)
                  : payments_base64_exact(value, digest, size);

    return PAYMENTS_OK;
}
