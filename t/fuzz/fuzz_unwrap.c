
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The input is a line of a spool file.  A second reading, which tries each
 * colon for the payload's, has to come to the same result: no envelope, or
 * one with these members.
 */


#include <errno.h>

#include "fuzz.h"
#include "payments_envelope.h"
#include "payments_time.h"
#include "slow.h"


/* what may be known of an envelope, in the order of the names below */

enum { ID = 0, VARIANT, TYPE, TOKEN, CREATED, RECEIVED, DATA, MEMBERS };


typedef struct {
    size_t       depth;
    const char  *name;
} slow_name_t;


typedef struct {
    unsigned             seen[MEMBERS];
    const slow_token_t  *value[MEMBERS];
} slow_envelope_t;


static const slow_name_t  slow_names[] = {
    [ID] = { 1, "id" },
    [VARIANT] = { 2, "variant" },
    [TYPE] = { 2, "event" },
    [TOKEN] = { 2, "token" },
    [CREATED] = { 2, "created" },
    [RECEIVED] = { 2, "received" },
    [DATA] = { 1, "data" }
};


static int
slow_is(const slow_token_t *token, const char *name)
{
    int              is;
    unsigned         halves;
    unsigned char   *buf;

    buf = fuzz_alloc(token->raw.len);
    is = fuzz_same(slow_decode(token->raw, buf, &halves), fuzz_text(name));
    free(buf);

    return is;
}


/* the payload's colon: with a number behind it, all is JSON, and this last */

static int
slow_colon(slow_json_t *json, payments_str_t line, size_t colon, int *opaque)
{
    int                  is;
    size_t               i;
    payments_str_t       str, *raw;
    unsigned char       *text;
    const slow_token_t  *last;

    text = fuzz_alloc(colon + 4);
    memcpy(text, line.data, colon + 1);
    memcpy(text + colon + 1, "0}}", 3);

    str.data = text;
    str.len = colon + 4;

    is = slow_json(json, str);

    if (is && json->n > 4) {
        last = &json->list[json->n - 4];

        is = last[0].kind == 'k' && last[0].depth == 2
             && ((*opaque = slow_is(&last[0], "payload_base64"))
                 || slow_is(&last[0], "payload"))
             && last[2].kind == '}' && last[3].kind == '}';

    } else {
        is = 0;
    }

    /* the tokens' bytes are the line's, too */

    for (i = 0; i < json->n; i++) {
        raw = &json->list[i].raw;
        raw->data = line.data + (raw->data - text);
    }

    free(text);

    return is;
}


/* an object in an object, once, as data; each of the names once */

static int
slow_members(const slow_json_t *json, size_t n, slow_envelope_t *members)
{
    size_t               i, k;
    unsigned             maps;
    const slow_token_t  *token;

    memset(members, 0, sizeof(slow_envelope_t));
    maps = 0;

    for (i = 0; i < n; i++) {
        token = &json->list[i];

        if (token->kind == '[') {
            return 0;
        }

        maps += (token->kind == '{');

        for (k = 0; k < MEMBERS; k++) {
            if (token->kind == 'k' && token->depth == slow_names[k].depth
                && slow_is(token, slow_names[k].name))
            {
                if (members->seen[k]++) {
                    return 0;
                }

                members->value[k] = token + 1;
            }
        }
    }

    return maps == 2 && members->seen[DATA]
           && members->value[DATA]->kind == '{';
}


/* a string as it was read: 1, or 0 when it is none that may be */

static int
slow_text(const slow_token_t *token, payments_rc_e rc, payments_str_t got,
    int needed)
{
    int              right;
    unsigned         halves;
    payments_str_t   str;
    unsigned char   *buf;

    if (token == NULL || token->kind == 'z') {
        property(rc != PAYMENTS_OK || got.len == 0);
        return !needed;
    }

    if (token->kind != 's') {
        return 0;
    }

    halves = 0;
    buf = fuzz_alloc(token->raw.len);
    str = slow_decode(token->raw, buf, &halves);

    right = !halves && str.len <= PAYMENTS_MAX_STRING
            && (str.len != 0 || !needed);

    property(rc != PAYMENTS_OK || !right || fuzz_same(got, str));
    free(buf);

    return right;
}


static int
slow_created(const slow_token_t *token, payments_rc_e rc, int64_t got)
{
    int       right;
    char     *text;
    int64_t   n;

    if (token == NULL || token->kind == 'z') {
        property(rc != PAYMENTS_OK || got == 0);
        return 1;
    }

    if (token->kind != 'n') {
        return 0;
    }

    text = fuzz_alloc(token->raw.len + 1);
    memcpy(text, token->raw.data, token->raw.len);
    text[token->raw.len] = '\0';

    errno = 0;
    n = strtoll(text, NULL, 10);
    right = (errno == 0 && strpbrk(text, ".eE") == NULL);
    free(text);

    property(rc != PAYMENTS_OK || !right || got == n);

    return right;
}


/* a time of the writer's: the C library's is held against it elsewhere */

static int
slow_received(const slow_token_t *token, payments_rc_e rc, int64_t got)
{
    int              right;
    int64_t          seconds, ms;
    unsigned         halves;
    payments_str_t   str;
    unsigned char   *buf;

    if (token == NULL || token->kind == 'z') {
        property(rc != PAYMENTS_OK || got == 0);
        return 1;
    }

    if (token->kind != 's') {
        return 0;
    }

    buf = fuzz_alloc(token->raw.len);
    str = slow_decode(token->raw, buf, &halves);

    right = str.len == 24 && buf[19] == '.' && buf[23] == 'Z'
            && payments_read_time(str, &seconds);

    if (right && rc == PAYMENTS_OK) {
        ms = (buf[20] - '0') * 100 + (buf[21] - '0') * 10 + (buf[22] - '0');
        property(got == seconds * 1000 + ms);
    }

    free(buf);

    return right;
}


/* the payload of an envelope, or no bytes when it is none */

static payments_str_t
slow_unwrap(payments_str_t line, payments_rc_e rc,
    const payments_unwrapped_t *out)
{
    int               opaque;
    size_t            i, end, start;
    unsigned          right;
    slow_json_t       json;
    payments_str_t    payload;
    slow_envelope_t   members;

    payload.len = 0;
    payload.data = NULL;

    end = line.len - (line.len && line.data[line.len - 1] == '\n');

    if (end < 2 || memcmp(line.data + end - 2, "}}", 2) != 0
        || !slow_utf8(line))
    {
        return payload;
    }

    end -= 2;

    for (i = 0; i < end; i++) {

        if (line.data[i] != ':') {
            continue;
        }

        if (slow_colon(&json, line, i, &opaque)) {
            break;
        }

        slow_free(&json);
    }

    if (i == end) {
        return payload;
    }

    /* all but the payload, its key and the end */

    right = slow_members(&json, json.n - 4, &members)
            & slow_text(members.value[ID], rc, out->id, 1)
            & slow_text(members.value[VARIANT], rc, out->variant, 1)
            & slow_text(members.value[TYPE], rc, out->type, 0)
            & slow_text(members.value[TOKEN], rc, out->token, 0)
            & slow_created(members.value[CREATED], rc, out->created)
            & slow_received(members.value[RECEIVED], rc, out->received);

    /* a line's blanks are these */

    for (start = i; memchr(" \t\r\n", line.data[start - 1], 4); start--) {
        right &= (line.data[start - 1] == ' ' || line.data[start - 1] == '\t');
    }

    for (start = i + 1;
         start < end && (line.data[start] == ' ' || line.data[start] == '\t');
         start++)
    {
        /* void */
    }

    slow_free(&json);

    if (opaque) {
        right &= end - start > 2 && line.data[start] == '"'
                 && line.data[end - 1] == '"';
        start++;
        end--;
    }

    if (right) {
        payload.data = line.data + start;
        payload.len = end - start;
    }

    return payload;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    payments_rc_e          rc;
    payments_str_t         line, payload;
    unsigned char         *copy;
    payments_unwrapped_t  *out;

    copy = fuzz_copy(data, size);
    line.data = copy;
    line.len = size;

    /* what is not set would be seen */

    out = fuzz_alloc(sizeof(payments_unwrapped_t));
    memset(out, 0xa5, sizeof(payments_unwrapped_t));

    rc = payments_envelope_read(line, out);
    property(rc == PAYMENTS_OK || rc == PAYMENTS_BAD_JSON);

    payload = slow_unwrap(line, rc, out);
    property((rc == PAYMENTS_OK) == (payload.len != 0));

    if (rc == PAYMENTS_OK) {
        property(out->opaque <= 1);
        property(out->payload.data == payload.data);
        property(out->payload.len == payload.len);
        property(out->unescaped_len <= PAYMENTS_MAX_UNESCAPED);
    }

    free(out);
    free(copy);

    return 0;
}
