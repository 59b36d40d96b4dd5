
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What is written in a signature header.
 */


#include <string.h>
#include <openssl/evp.h>

#include "payments_signature.h"
#include "payments_text.h"


static payments_rc_e payments_grammar_needs(const payments_scheme_t *scheme,
    const payments_str_t *sent);
static payments_rc_e payments_grammar_one(payments_str_t header,
    payments_signature_t *sig, unsigned *seen);
static payments_rc_e payments_grammar_list(payments_str_t header,
    payments_signature_t *sig, unsigned *seen);
static payments_str_t payments_grammar_trim(payments_str_t str);
static payments_rc_e payments_grammar_pair(payments_str_t item,
    payments_signature_t *sig, unsigned *seen);
static payments_rc_e payments_grammar_version(payments_str_t item,
    payments_signature_t *sig, unsigned *seen);
static payments_rc_e payments_grammar_time(payments_str_t value,
    payments_signature_t *sig);
static payments_rc_e payments_grammar_certified(
    const payments_scheme_t *scheme, const payments_str_t *sent,
    payments_signature_t *sig);
static payments_rc_e payments_grammar_digest(payments_str_t value,
    payments_signature_t *sig, unsigned *seen);
static int payments_grammar_unhex(payments_str_t hex, unsigned char *digest,
    size_t size);
static int payments_grammar_unbase64(payments_str_t text,
    unsigned char *digest, size_t size);
static int payments_grammar_is(payments_str_t str, payments_str_t word);


/* of hex digits, and one more, so that 0 is none */

static const unsigned char  payments_grammar_nibbles[256] = {
    ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6,
    ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16
};


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
    sig->count = 0;

    seen = 0;
    header = sent[PAYMENTS_SENT_SIGNATURE];

    if (scheme->certified) {
        return payments_grammar_certified(scheme, sent, sig);
    }

    if (scheme->timed && scheme->grammar != PAYMENTS_PAIRS) {
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

    return sig->count != 0 ? PAYMENTS_OK : PAYMENTS_NO_MATCH;
}


static payments_rc_e
payments_grammar_needs(const payments_scheme_t *scheme,
    const payments_str_t *sent)
{
    const payments_part_t  *part;

    if (sent[PAYMENTS_SENT_SIGNATURE].len == 0) {
        return PAYMENTS_MISSING_SIGNATURE;
    }

    if (sent[PAYMENTS_SENT_SIGNATURE].len > PAYMENTS_MAX_HEADER) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    if (scheme->timed && scheme->grammar != PAYMENTS_PAIRS
        && sent[PAYMENTS_SENT_TIME].len == 0)
    {
        return PAYMENTS_MISSING_SIGNATURE;
    }

    for (part = scheme->parts; part->kind != PAYMENTS_PART_END; part++) {
        if (part->kind == PAYMENTS_PART_SENT && sent[part->what].len == 0) {
            return PAYMENTS_MISSING_SIGNATURE;
        }
    }

    return PAYMENTS_OK;
}


static payments_rc_e
payments_grammar_one(payments_str_t header, payments_signature_t *sig,
    unsigned *seen)
{
    payments_str_t  word;

    word = sig->scheme->word;
    header = payments_grammar_trim(header);

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
    unsigned char         separator;
    payments_rc_e         rc;
    payments_str_t        item;
    const unsigned char  *p, *end, *next;

    p = header.data;
    end = header.data + header.len;
    separator = sig->scheme->separator;

    for ( ;; ) {
        next = memchr(p, separator, end - p);

        item.data = p;
        item.len = (next != NULL ? next : end) - p;
        item = payments_grammar_trim(item);

        rc = (sig->scheme->grammar == PAYMENTS_PAIRS)
             ? payments_grammar_pair(item, sig, seen)
             : payments_grammar_version(item, sig, seen);

        if (rc != PAYMENTS_OK || next == NULL) {
            return rc;
        }

        p = next + 1;
    }
}


static payments_str_t
payments_grammar_trim(payments_str_t str)
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


static payments_rc_e
payments_grammar_pair(payments_str_t item, payments_signature_t *sig,
    unsigned *seen)
{
    payments_str_t        key, value;
    const unsigned char  *equal;

    equal = memchr(item.data, '=', item.len);
    if (equal == NULL) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    key.data = item.data;
    key.len = equal - item.data;
    key = payments_grammar_trim(key);

    value.data = equal + 1;
    value.len = item.data + item.len - value.data;
    value = payments_grammar_trim(value);

    if (payments_grammar_is(key, sig->scheme->time_word)) {
        return payments_grammar_time(value, sig);
    }

    if (payments_grammar_is(key, sig->scheme->word)) {
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

    return payments_grammar_is(version, sig->scheme->word)
           ? payments_grammar_digest(value, sig, seen) : PAYMENTS_OK;
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

    if (!payments_grammar_is(sent[PAYMENTS_SENT_ALGORITHM], scheme->word)
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

    size = payments_algorithm_size(sig->scheme->algorithm);
    digest = sig->digests[sig->count];

    if (sig->scheme->algorithm == PAYMENTS_TOKEN) {
        sig->count++;
        return payments_token_digest(value, digest) == 0 ? PAYMENTS_OK
                                                    : PAYMENTS_INTERNAL;
    }

    sig->count += (sig->scheme->encoding == PAYMENTS_HEX)
                  ? payments_grammar_unhex(value, digest, size)
                  : payments_grammar_unbase64(value, digest, size);

    return PAYMENTS_OK;
}


static int
payments_grammar_unhex(payments_str_t hex, unsigned char *digest, size_t size)
{
    size_t         i;
    unsigned char  high, low;

    if (hex.len != 2 * size) {
        return 0;
    }

    for (i = 0; i < size; i++) {
        high = payments_grammar_nibbles[hex.data[2 * i]];
        low = payments_grammar_nibbles[hex.data[2 * i + 1]];

        if (high == 0 || low == 0) {
            return 0;
        }

        digest[i] = (high - 1) << 4 | (low - 1);
    }

    return 1;
}


/* RFC 4648, 4, with its padding; bits of no byte have to be zero */

static int
payments_grammar_unbase64(payments_str_t text, unsigned char *digest,
    size_t size)
{
    size_t         len;
    unsigned char  buf[(PAYMENTS_MAX_DIGEST + 2) / 3 * 3];
    unsigned char  again[(PAYMENTS_MAX_DIGEST + 2) / 3 * 4 + 1];

    len = (size + 2) / 3 * 4;

    if (text.len != len || EVP_DecodeBlock(buf, text.data, len) < 0) {
        return 0;
    }

    /* EVP_DecodeBlock() takes any padding, and blanks around it */

    EVP_EncodeBlock(again, buf, size);

    if (memcmp(again, text.data, len) != 0) {
        return 0;
    }

    memcpy(digest, buf, size);

    return 1;
}


static int
payments_grammar_is(payments_str_t str, payments_str_t word)
{
    return str.len != 0 && str.len == word.len
           && memcmp(str.data, word.data, word.len) == 0;
}
