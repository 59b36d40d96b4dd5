
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The input is a gateway's name, or else its number, and what is sent to it, a
 * line each: the signature, a time, an id, a key's name, a request's id, a
 * query.  What is read from it has to be in it, by the gateway's row.
 */


#include <ctype.h>
#include <openssl/evp.h>

#include "fuzz.h"
#include "payments_provider.h"
#include "payments_sign.h"
#include "payments_signature.h"


/* lines of the input, by what they are */

enum { NAME = 0, SIGNATURE, TIME, ID, KEY, REQUEST, QUERY, LINES };


static const payments_sent_e  sents[LINES] = {
    [SIGNATURE] = PAYMENTS_SENT_SIGNATURE,
    [TIME] = PAYMENTS_SENT_TIME,
    [ID] = PAYMENTS_SENT_ID,
    [KEY] = PAYMENTS_SENT_KEY,
    [REQUEST] = PAYMENTS_SENT_REQUEST
};


static payments_str_t
next_line(payments_str_t *rest)
{
    payments_str_t        line;
    const unsigned char  *end;

    line = *rest;
    end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;

    if (end == NULL) {
        rest->data += rest->len;
        rest->len = 0;
        return line;
    }

    line.len = end - rest->data;
    rest->data = end + 1;
    rest->len -= line.len + 1;

    return line;
}


/* one that has what no gateway has together */

static const payments_scheme_t *
own_scheme(void)
{
    static payments_scheme_t        scheme;
    static const payments_header_t  header = {
        PAYMENTS_SENT_SIGNATURE, payments_string("x-sign")
    };
    static const payments_part_t    parts[] = {
        { PAYMENTS_PART_TIME, 0, payments_string(".") },
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    };

    scheme.headers[0] = header;
    scheme.grammar = PAYMENTS_PAIRS;
    scheme.word = fuzz_text("s");
    scheme.time_word = fuzz_text("t");
    scheme.separator = '&';
    scheme.trailing = 1;
    scheme.algorithm = PAYMENTS_HMAC_SHA384;
    scheme.encoding = PAYMENTS_BASE64;
    scheme.unit = PAYMENTS_MILLISECONDS;
    scheme.timed = 1;
    memcpy(scheme.parts, parts, sizeof(parts));

    return &scheme;
}


static const payments_scheme_t *
scheme_of(payments_str_t name)
{
    unsigned                    n;
    const payments_provider_t  *provider;

    provider = payments_provider_find(name);

    for (n = 0; payments_provider_next(n) != NULL; n++) { /* void */ }

    if (provider == NULL) {
        provider = payments_provider_next(name.len ? name.data[0] % n : 0);
    }

    return provider == &payments_hmac ? own_scheme() : provider->scheme;
}


/* the second reading of a query: its parameter is decoded as a whole */

static int
slow_decode(payments_str_t str, unsigned char *dst, size_t *len)
{
    char    hex[3];
    size_t  i;

    *len = 0;

    for (i = 0; i < str.len; i++) {

        if (str.data[i] != '%') {
            dst[(*len)++] = str.data[i] == '+' ? ' ' : str.data[i];
            continue;
        }

        if (str.len - i < 3 || !isxdigit(str.data[i + 1])
            || !isxdigit(str.data[i + 2]))
        {
            return 0;
        }

        memcpy(hex, str.data + i + 1, 2);
        hex[2] = '\0';
        dst[(*len)++] = strtoul(hex, NULL, 16);
        i += 2;
    }

    return 1;
}


/* 0 when it is refused; else value.data is NULL when it is not there */

static int
slow_query(payments_str_t query, payments_str_t name, payments_str_t *value,
    unsigned char *room)
{
    int             bad;
    size_t          i, k, e, len;
    payments_str_t  part;
    unsigned char  *buf;

    value->data = NULL;
    value->len = 0;
    bad = 0;
    buf = fuzz_alloc(query.len);

    for (i = 0; i < query.len; i = k + 1) {

        for (k = i; k < query.len && query.data[k] != '&'; k++) { /* void */ }
        for (e = i; e < k && query.data[e] != '='; e++) { /* void */ }

        part.data = query.data + i;
        part.len = e - i;

        if (!slow_decode(part, buf, &len) || len != name.len
            || memcmp(buf, name.data, len) != 0)
        {
            continue;
        }

        bad |= value->data != NULL;

        part.data = query.data + (e < k ? e + 1 : k);
        part.len = e < k ? k - e - 1 : 0;

        bad |= !slow_decode(part, room, &value->len);

        value->data = room;

        while (value->len && value->data[0] == ' ') {
            value->data++;
            value->len--;
        }

        while (value->len && value->data[value->len - 1] == ' ') {
            value->len--;
        }
    }

    free(buf);

    return !bad;
}


/* sorts what is sent; 0 when it is refused */

static int
send_lines(const payments_scheme_t *scheme, const payments_str_t *lines,
    payments_str_t *sent, unsigned char *room, unsigned char *slow)
{
    int                       right;
    unsigned                  i, k;
    payments_rc_e             rc;
    payments_str_t            rows[PAYMENTS_MAX_HEADERS], value;
    const payments_header_t  *header;

    memset(rows, 0, sizeof(rows));

    rc = payments_scheme_query(scheme, lines[QUERY], room, rows);
    property(rc == PAYMENTS_OK || rc == PAYMENTS_MALFORMED_SIGNATURE);

    for (i = 0; scheme->headers[i].name.len != 0; i++) {
        header = &scheme->headers[i];

        if (scheme->queried & (1u << header->what)) {
            right = slow_query(lines[QUERY], header->name, &value, slow);
            property(right == (rc == PAYMENTS_OK));
            property(!right || (rows[i].data == NULL)
                               == (value.data == NULL));
            property(!right || fuzz_same(rows[i], value));
            continue;
        }

        property(rows[i].data == NULL);

        for (k = SIGNATURE; k < QUERY; k++) {
            if (sents[k] == header->what && lines[k].len) {
                rows[i] = lines[k];
            }
        }
    }

    return rc == PAYMENTS_OK
           && payments_scheme_sort(scheme, rows, sent) == PAYMENTS_OK;
}


/* a digest is somewhere in the header, as the row writes it */

static int
written(payments_str_t header, const unsigned char *digest, size_t size,
    int as_hex)
{
    char    text[2 * PAYMENTS_MAX_DIGEST + 4];
    size_t  i, len;

    if (as_hex) {
        for (i = 0; i < size; i++) {
            sprintf(text + 2 * i, "%02x", digest[i]);
        }

        len = 2 * size;

    } else {
        len = EVP_EncodeBlock((unsigned char *) text, digest, size);
    }

    for (i = 0; i + len <= header.len; i++) {
        if (as_hex ? strncasecmp((char *) header.data + i, text, len) == 0
                   : memcmp(header.data + i, text, len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static void
read_time(const payments_scheme_t *scheme, const payments_signature_t *sig)
{
    char     text[PAYMENTS_MAX_TIME_DIGITS + 1];
    int64_t  n;

    if (!scheme->timed) {
        property(sig->time_text.len == 0 && sig->time == 0);
        return;
    }

    property(sig->time_text.len >= 1);
    property(sig->time_text.len <= PAYMENTS_MAX_TIME_DIGITS);

    memcpy(text, sig->time_text.data, sig->time_text.len);
    text[sig->time_text.len] = '\0';
    property(strspn(text, "0123456789") == sig->time_text.len);

    n = strtoll(text, NULL, 10);

    if (scheme->unit == PAYMENTS_MILLISECONDS
        || (scheme->unit == PAYMENTS_BY_DIGITS
            && sig->time_text.len >= 12))
    {
        n /= 1000;
    }

    property(sig->time == n);
}


/* as many ends as parts: a value cannot stand for two */

static void
message(const payments_scheme_t *scheme, const payments_signature_t *sig)
{
    size_t          k;
    unsigned        i, n, ends, parts;
    payments_str_t  body, pieces[PAYMENTS_MAX_PIECES + 1];

    body = fuzz_text("{}");
    n = payments_scheme_message(scheme, sig->sent, sig->time_text, &body, 1,
                                pieces);

    property(n <= PAYMENTS_MAX_PIECES + 1);

    if (scheme->labels[0].len == 0) {
        return;
    }

    ends = 0;
    parts = 1;

    for (i = 0; i < n; i++) {
        for (k = 0; k < pieces[i].len; k++) {
            ends += pieces[i].data[k] == ';';
        }
    }

    parts += sig->sent[PAYMENTS_SENT_OBJECT].len != 0;
    parts += sig->sent[PAYMENTS_SENT_REQUEST].len != 0;

    property(ends == parts);
}


/* a token as it came, but for blanks around it */

static int
is_token(payments_str_t header, const char *token)
{
    payments_str_t  text;

    while (header.len && memchr(" \t", header.data[0], 2) != NULL) {
        header.data++;
        header.len--;
    }

    while (header.len && memchr(" \t", header.data[header.len - 1], 2) != NULL)
    {
        header.len--;
    }

    text = fuzz_text(token);

    return fuzz_same(header, text);
}


/* nobody has the key: neither is a right one, but for a token that is known */

static void
verify(const payments_scheme_t *scheme, const payments_signature_t *sig)
{
    unsigned            matched;
    const char         *why;
    payments_rc_e       rc;
    payments_secret_t  *secrets[2];

    static const char  *whpk = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBb"
                               "Oir4=";

    secrets[0] = payments_secret_read(scheme, fuzz_text("00aabbcc"),
                                      fuzz_text(""), &why);
    secrets[1] = payments_secret_read(scheme,
                                      fuzz_text(scheme->public_word.len
                                                ? whpk : "11aabbcc"),
                                      fuzz_text("k1"), &why);

    property(secrets[0] != NULL && secrets[1] != NULL);

    rc = payments_signature_verify(sig, secrets, 2, fuzz_text("{}"),
                                   &matched);

    if (scheme->algorithm == PAYMENTS_TOKEN) {
        property((rc == PAYMENTS_OK)
                 == (is_token(sig->sent[PAYMENTS_SENT_SIGNATURE], "00aabbcc")
                     || is_token(sig->sent[PAYMENTS_SENT_SIGNATURE],
                                 "11aabbcc")));

    } else {
        property(rc == PAYMENTS_NO_MATCH);
    }

    payments_secret_free(secrets[0]);
    payments_secret_free(secrets[1]);
}


static void
check(const payments_scheme_t *scheme, const payments_str_t *sent)
{
    size_t                size;
    unsigned              i;
    payments_rc_e         rc;
    payments_str_t        header;
    payments_signature_t  sig;

    /* what is not set would be seen */
    memset(&sig, 0xa5, sizeof(sig));

    rc = payments_signature_parse(scheme, sent, &sig);

    property(rc == PAYMENTS_OK || rc == PAYMENTS_MISSING_SIGNATURE
             || rc == PAYMENTS_MALFORMED_SIGNATURE
             || rc == PAYMENTS_NO_MATCH);

    if (rc != PAYMENTS_OK) {
        return;
    }

    header = sent[PAYMENTS_SENT_SIGNATURE];

    property(header.len <= PAYMENTS_MAX_HEADER);

    /* its signature is as long as the key of its certificate: test_cert.c */

    if (scheme->certified) {
        property(sig.count + sig.npublic == 0);
        property(fuzz_same(sig.time_text, sent[PAYMENTS_SENT_TIME]));
        return;
    }

    property(sig.count + sig.npublic >= 1);
    property(sig.count <= PAYMENTS_MAX_SIGNATURES);
    property(sig.npublic <= PAYMENTS_MAX_PUBLIC);
    property(sig.npublic == 0 || scheme->public_word.len != 0);
    property(scheme->digest_word.len != 0
             ? (scheme->digests & (1u << sig.algorithm)) != 0
             : sig.algorithm == scheme->algorithm);

    size = payments_algorithm_size(sig.algorithm);

    for (i = 0; i < sig.count; i++) {
        property(scheme->algorithm == PAYMENTS_TOKEN
                 || written(header, sig.digests[i], size,
                            scheme->encoding == PAYMENTS_HEX));
    }

    for (i = 0; i < sig.npublic; i++) {
        property(written(header, sig.publics[i], PAYMENTS_PUBLIC_SIGN, 0));
    }

    read_time(scheme, &sig);
    message(scheme, &sig);
    verify(scheme, &sig);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned                  i;
    payments_str_t            rest, lines[LINES], sent[PAYMENTS_SENT_MAX];
    unsigned char            *copies[LINES], *room, *slow;
    const payments_scheme_t  *scheme;

    rest.data = data;
    rest.len = size;

    for (i = 0; i < LINES; i++) {
        lines[i] = next_line(&rest);
        copies[i] = fuzz_copy(lines[i].data, lines[i].len);
        lines[i].data = copies[i];
    }

    room = fuzz_alloc(lines[QUERY].len);
    slow = fuzz_alloc(lines[QUERY].len);
    scheme = scheme_of(lines[NAME]);

    if (send_lines(scheme, lines, sent, room, slow)) {
        sent[PAYMENTS_SENT_URL] = fuzz_text("https://a/");
        check(scheme, sent);
    }

    for (i = 0; i < LINES; i++) {
        free(copies[i]);
    }

    free(room);
    free(slow);

    return 0;
}
