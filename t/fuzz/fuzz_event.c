
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The input is a body.  What is accepted becomes a line, and that line is
 * one, is UTF-8 and JSON, has the keys of an envelope and no others, and
 * has in its payload the body's tokens, byte for byte.
 */


#include <yajl/yajl_parse.h>

#include "fuzz.h"
#include "payments_envelope.h"
#include "payments_lines.h"
#include "payments_time.h"
#include "slow.h"


/* what yajl's callbacks tell, as bytes that can be compared */

typedef struct {
    unsigned char  *data;
    size_t          len;
    size_t          size;

    size_t          depth;
    unsigned        payloads; /* keys */
    unsigned        wanted;   /* the value of data.payload comes next */
    size_t          start;    /* of that value */
    size_t          end;
} stream_t;


/* libFuzzer's own, not there when replay.c runs the target */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max)
    __attribute__ ((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
    unsigned seed);


/* paths of rules, one of them the gateway's, and one on the way to another */

static const char  *const rules[] = {
    "data.object", "data.object.client_reference_id", "data.object.amount",
    "data.object.metadata.order_id", "livemode"
};

#define RULES  (sizeof(rules) / sizeof(rules[0]))


static payments_field_t   fields[PAYMENTS_MAX_FIELDS];
static payments_schema_t  schema;


static void
stream_add(stream_t *s, char kind, const void *p, size_t len)
{
    while (s->size - s->len < 1 + sizeof(len) + len) {
        s->size = 2 * s->size + 256;
        s->data = realloc(s->data, s->size);
        property(s->data != NULL);
    }

    s->data[s->len++] = kind;
    memcpy(s->data + s->len, &len, sizeof(len));
    s->len += sizeof(len);

    if (len) {
        memcpy(s->data + s->len, p, len);
        s->len += len;
    }
}


static int
stream_value(stream_t *s)
{
    if (s->wanted && s->depth == 2) {
        s->end = s->len;
        s->wanted = 0;
    }

    return 1;
}


static int
on_null(void *s)
{
    stream_add(s, 'z', NULL, 0);

    return stream_value(s);
}


static int
on_boolean(void *s, int boolean)
{
    stream_add(s, boolean ? 't' : 'f', NULL, 0);

    return stream_value(s);
}


static int
on_number(void *s, const char *p, size_t len)
{
    stream_add(s, 'n', p, len);

    return stream_value(s);
}


static int
on_string(void *s, const unsigned char *p, size_t len)
{
    stream_add(s, 's', p, len);

    return stream_value(s);
}


static int
on_key(void *data, const unsigned char *p, size_t len)
{
    stream_t *s = data;

    stream_add(s, 'k', p, len);

    if (s->depth == 2 && len == 7 && memcmp(p, "payload", 7) == 0) {
        s->payloads++;
        s->wanted = 1;
        s->start = s->len;
    }

    return 1;
}


static int
on_start_map(void *data)
{
    stream_t *s = data;

    stream_add(s, '{', NULL, 0);
    s->depth++;

    return 1;
}


static int
on_end_map(void *data)
{
    stream_t *s = data;

    stream_add(s, '}', NULL, 0);
    s->depth--;

    return stream_value(s);
}


static int
on_start_array(void *data)
{
    stream_t *s = data;

    stream_add(s, '[', NULL, 0);
    s->depth++;

    return 1;
}


static int
on_end_array(void *data)
{
    stream_t *s = data;

    stream_add(s, ']', NULL, 0);
    s->depth--;

    return stream_value(s);
}


static void
stream_read(stream_t *s, payments_str_t str)
{
    yajl_handle  yajl;

    static const yajl_callbacks  callbacks = {
        on_null, on_boolean, NULL, NULL, on_number, on_string,
        on_start_map, on_key, on_end_map, on_start_array, on_end_array
    };

    memset(s, 0, sizeof(stream_t));

    yajl = yajl_alloc(&callbacks, NULL, s);
    property(yajl != NULL);

    property(yajl_parse(yajl, str.data, str.len) == yajl_status_ok);
    property(yajl_complete_parse(yajl) == yajl_status_ok);

    yajl_free(yajl);
}


static void
same_streams(payments_str_t body, payments_str_t line)
{
    stream_t  in, out;

    stream_read(&in, body);
    stream_read(&out, line);

    property(out.payloads == 1);
    property(out.start != 0 && out.end > out.start);
    property(out.end - out.start == in.len);
    property(memcmp(out.data + out.start, in.data, in.len) == 0);

    free(in.data);
    free(out.data);
}


static void
same_tokens(const slow_json_t *in, const slow_json_t *out)
{
    size_t               i;
    const slow_token_t  *payload;

    payload = slow_find(out, "data.payload");
    property(payload != NULL);

    /* the last value of both objects around it */

    property(out->n - (payload - out->list) == in->n + 2);

    for (i = 0; i < in->n; i++) {
        property(payload[i].kind == in->list[i].kind);
        property(payload[i].depth == in->list[i].depth + 2);
        property(fuzz_same(payload[i].raw, in->list[i].raw));
    }
}


/* nothing that a caller sends may become a key of ours, or hide one */

static void
same_keys(const slow_json_t *out)
{
    size_t               i, k;
    char                 name[32];
    const slow_token_t  *token;

    static const char  *const keys[] = {
        "1specversion", "1id", "1source", "1type", "?subject", "?time",
        "1datacontenttype", "1data", "2variant", "2provider", "2signed",
        "2event", "2status", "2fraud_status", "2token", "2transaction_id",
        "2amount", "2amount_decimal", "2captured_amount",
        "2refunded_amount", "2currency", "2livemode", "2account",
        "2api_version", "2created", "2received", "2payload", NULL
    };

    k = 0;

    for (i = 0; i < out->n; i++) {
        token = &out->list[i];

        if (token->kind != 'k' || token->depth > 2) {
            continue;
        }

        for ( ;; k++) {
            property(keys[k] != NULL);
            snprintf(name, sizeof(name), "\"%s\"", keys[k] + 1);

            if (fuzz_same(token->raw, fuzz_text(name))) {
                break;
            }

            property(keys[k][0] == '?');
        }

        property(keys[k][0] == '?' || keys[k][0] == '0' + (int) token->depth);
        k++;
    }

    property(keys[k] == NULL);
}


/* what the envelope says at path is the first of these in the body */

typedef struct {
    const char  *path;
    const char  *kinds;      /* others, and empty strings, count as null */
    const char  *from[3];
} origin_t;


static int
is_value(const slow_token_t *token, const char *kinds)
{
    return token != NULL && strchr(kinds, token->kind) != NULL
           && (token->kind != 's' || token->raw.len > 2);
}


static int
same_values(const slow_token_t *a, const slow_token_t *b)
{
    int             same;
    unsigned        halves;
    unsigned char  *x, *y;

    if (a->kind != b->kind) {
        return 0;
    }

    if (a->kind == 'n') {
        /* a '}' or a ',' follows */
        return strtoll((const char *) a->raw.data, NULL, 10)
               == strtoll((const char *) b->raw.data, NULL, 10);
    }

    if (a->kind != 's') {
        return 1;
    }

    halves = 0;
    x = fuzz_alloc(a->raw.len);
    y = fuzz_alloc(b->raw.len);

    same = fuzz_same(slow_decode(a->raw, x, &halves),
                     slow_decode(b->raw, y, &halves));

    free(x);
    free(y);

    return same || halves;
}


static void
same_origins(const slow_json_t *in, const slow_json_t *out)
{
    size_t               i, k;
    const slow_token_t  *got, *from;

    static const origin_t  origins[] = {
        { "id", "s", { "id" } },
        { "data.event", "s", { "type", "object" } },
        { "subject", "s", { "data.object.id", "related_object.id" } },
        { "data.transaction_id", "s",
          { "data.object.id", "related_object.id" } },
        { "data.token", "s", { "data.object.client_reference_id" } },
        { "data.currency", "s", { "data.object.currency" } },
        { "data.account", "s", { "account", "context" } },
        { "data.api_version", "s", { "api_version" } },
        { "data.livemode", "tf", { "livemode" } },
        { "data.amount", "n",
          { "data.object.amount_total", "data.object.amount",
            "data.object.amount_due" } },
        { "data.refunded_amount", "n", { "data.object.amount_refunded" } }
    };

    for (i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
        got = slow_find(out, origins[i].path);

        for (k = 0; k < 3 && origins[i].from[k] != NULL; k++) {
            from = slow_find(in, origins[i].from[k]);

            if (is_value(from, origins[i].kinds)) {
                property(got != NULL);
                property(same_values(got, from));
                break;
            }
        }

        if (k == 3 || origins[i].from[k] == NULL) {
            property(got == NULL || got->kind == 'z');
        }
    }
}


/* CloudEvents 1.0: id and type are there, and a time is one of RFC 3339 */

static void
right_attributes(const slow_json_t *out)
{
    int64_t              seconds;
    payments_str_t       str;
    const slow_token_t  *type, *event, *at;

    property(is_value(slow_find(out, "id"), "s"));

    type = slow_find(out, "type");
    event = slow_find(out, "data.event");
    property(type != NULL && type->kind == 's');
    property(is_value(event, "s"));

    property(type->raw.len == sizeof("com.stripe.") - 1 + event->raw.len);
    property(memcmp(type->raw.data, "\"com.stripe.",
                    sizeof("\"com.stripe.") - 1) == 0);
    property(memcmp(type->raw.data + sizeof("com.stripe.") - 1 + 1,
                    event->raw.data + 1, event->raw.len - 1) == 0);

    at = slow_find(out, "time");

    if (at != NULL) {
        property(at->kind == 's');
        str.data = at->raw.data + 1;
        str.len = at->raw.len - 2;
        property(payments_read_time(str, &seconds));
    }
}


static payments_str_t
write_line(payments_str_t body, const payments_event_t *event)
{
    size_t               bound, len, tail;
    payments_str_t       line;
    unsigned char       *head, *flat, *p;
    payments_envelope_t  envelope;

    memset(&envelope, 0, sizeof(envelope));

    envelope.variant = fuzz_text(body.len % 2 ? "stripe"
                                              : "\"},\\\x01\xc3\xa9\r\n");
    envelope.provider = &payments_stripe;
    envelope.signed_by = fuzz_text(body.len % 3 ? "body" : "none");
    envelope.received = INT64_C(1764020247104) + body.len;

    bound = payments_envelope_bound(&envelope, event);
    head = fuzz_alloc(bound);

    len = payments_envelope_head(&envelope, event, head);
    property(len <= bound);

    flat = fuzz_copy(body.data, body.len);
    payments_envelope_flatten(flat, body.len);

    tail = sizeof(PAYMENTS_ENVELOPE_TAIL) - 1;

    line.len = len + body.len + tail;
    p = fuzz_alloc(line.len);
    line.data = p;

    memcpy(p, head, len);
    memcpy(p + len, flat, body.len);
    memcpy(p + len + body.len, PAYMENTS_ENVELOPE_TAIL, tail);

    free(head);
    free(flat);

    return line;
}


static void
right_line(payments_str_t body, const slow_json_t *in, payments_str_t line)
{
    size_t       i;
    slow_json_t  out;

    property(line.data[line.len - 1] == '\n');
    property(line.len <= PAYMENTS_MAX_LINE);

    for (i = 0; i < line.len - 1; i++) {
        property(line.data[i] >= 0x20 || line.data[i] == '\t');
    }

    property(slow_utf8(line));
    property(slow_json(&out, line));

    same_streams(body, line);
    same_tokens(in, &out);
    same_keys(&out);
    same_origins(in, &out);
    right_attributes(&out);

    slow_free(&out);

    /* recovery will find it good */

    property(payments_lines_judge(line));
}


static void
right_rule(const payments_value_t *value, const slow_token_t *token)
{
    unsigned         halves;
    payments_str_t   str;
    unsigned char   *out;

    switch (value->type) {

    case PAYMENTS_NULL:
        property(token == NULL || token->kind == 'z');
        break;

    case PAYMENTS_BOOLEAN:
        property(token != NULL && token->kind == (value->integer ? 't' : 'f'));
        break;

    case PAYMENTS_INTEGER:
        property(token != NULL && token->kind == 'n');
        property(strtoll((const char *) token->raw.data, NULL, 10)
                 == value->integer);
        break;

    case PAYMENTS_STRING:
        property(token != NULL && token->kind == 's');
        out = fuzz_alloc(token->raw.len);
        str = slow_decode(token->raw, out, &halves);
        property(fuzz_same(str, value->string));
        free(out);
        break;

    default:
        property(value->type == PAYMENTS_OTHER && token != NULL);
        property(strchr("{[ns", token->kind) != NULL);
        property(token->kind != 's'
                 || token->raw.len > PAYMENTS_MAX_STRING + 2);
        break;
    }
}


static void
right_rules(const slow_json_t *in, const payments_event_t *event)
{
    size_t  i;

    for (i = 0; i < RULES; i++) {
        right_rule(&event->values[payments_stripe.nfields + i],
                   slow_find(in, rules[i]));
    }
}


/* what the reader says of a body agrees with the RFCs */

static void
right_verdict(payments_str_t body, int valid, const slow_json_t *in,
    payments_rc_e rc)
{
    property(rc == PAYMENTS_OK || rc == PAYMENTS_BAD_UTF8
             || rc == PAYMENTS_BAD_JSON || rc == PAYMENTS_TOO_DEEP
             || rc == PAYMENTS_TOO_LONG || rc == PAYMENTS_DUPLICATE_KEY
             || rc == PAYMENTS_BAD_NUMBER);

    /* the first fault is the one that is told */

    if (!slow_utf8(body)) {
        property(rc != PAYMENTS_OK);
        return;
    }

    if (!valid) {
        property(rc != PAYMENTS_OK);
        property(rc != PAYMENTS_BAD_UTF8 || in->halves);
        return;
    }

    property(rc != PAYMENTS_OK || in->depth <= PAYMENTS_MAX_DEPTH);
    property(rc != PAYMENTS_TOO_DEEP || in->depth > PAYMENTS_MAX_DEPTH);

    /* half a surrogate pair is valid JSON, and may be refused nevertheless */

    property((rc != PAYMENTS_BAD_JSON && rc != PAYMENTS_BAD_UTF8)
             || in->halves);
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    size_t  i;

    (void) argc;
    (void) argv;

    memcpy(fields, payments_stripe.fields,
           payments_stripe.nfields * sizeof(payments_field_t));

    for (i = 0; i < RULES; i++) {
        fields[payments_stripe.nfields + i].path = rules[i];
        fields[payments_stripe.nfields + i].types = PAYMENTS_OTHER;
    }

    property(payments_schema_compile(&schema, fields,
                                     payments_stripe.nfields + RULES) == 0);

    return 0;
}


/* whatever has become of it, its scratch is not needed any more */

static unsigned char *
keep(payments_event_t *event)
{
    unsigned char       *room;
    payments_scratch_t  *scratch;

    scratch = event->scratch;
    room = fuzz_alloc(payments_event_texts(event));

    payments_event_keep(event, room);
    free(scratch);

    return room;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                valid;
    slow_json_t        in;
    payments_rc_e      rc;
    payments_str_t     body, line;
    unsigned char     *copy;
    payments_event_t  *event;
    unsigned char     *kept;

    copy = fuzz_copy(data, size);
    body.data = copy;
    body.len = size;

    event = fuzz_alloc(sizeof(payments_event_t));
    memset(event, 0xa5, sizeof(payments_event_t));

    valid = slow_json(&in, body);
    rc = payments_event_read(&schema, body, event,
                             fuzz_alloc(sizeof(payments_scratch_t)));

    right_verdict(body, valid, &in, rc);

    if (rc == PAYMENTS_OK) {
        right_rules(&in, event);

        rc = payments_stripe.normalize(&payments_stripe, event);

        property(rc == PAYMENTS_OK
                 || (rc == PAYMENTS_NO_EVENT_ID
                     && !is_value(slow_find(&in, "id"), "s"))
                 || (rc == PAYMENTS_NO_EVENT_TYPE
                     && !is_value(slow_find(&in, "type"), "s")
                     && !is_value(slow_find(&in, "object"), "s")));
    }

    kept = keep(event);

    if (rc == PAYMENTS_OK) {
        line = write_line(body, event);
        right_line(body, &in, line);
        free((void *) line.data);
    }

    slow_free(&in);
    free(kept);
    free(event);
    free(copy);

    return 0;
}


/* a value with all that is in it */

static payments_str_t
value_at(const slow_json_t *json, size_t i)
{
    size_t          end;
    payments_str_t  str;

    end = i;

    if (json->list[i].kind == '{' || json->list[i].kind == '[') {
        do {
            end++;
        } while (json->list[end].depth > json->list[i].depth);
    }

    str.data = json->list[i].raw.data;
    str.len = json->list[end].raw.data + json->list[end].raw.len - str.data;

    return str;
}


/* the last name of a field's path, as a key */

static payments_str_t
key_of(const payments_field_t *field)
{
    const char  *name;

    static char  key[64];

    name = strrchr(field->path, '.');
    snprintf(key, sizeof(key), "\"%s\"",
             name != NULL ? name + 1 : field->path);

    return fuzz_text(key);
}


static payments_str_t
other_value(const slow_json_t *json, unsigned *seed)
{
    size_t  i;

    static const char  *const values[] = {
        "null", "true", "false", "0", "-0", "1", "-1.5e9", "1000",
        "9223372036854775807", "-9223372036854775808", "253402300800",
        "\"\"", "\"x\"", "\"\\\\\"", "\"\\\"\"", "\"\\u001f\\n\"",
        "\"\\ud83d\\ude00\"", "\"\\udc00\"", "\"\\ud800\\\\\"",
        "\"\xc3\xa9\"", "\"paid\"", "\"expired\"", "\"jpy\"", "\"kwd\"",
        "\"charge.refunded\"", "\"checkout.session.completed\"",
        "\"2026-11-24T21:37:26.5+01:00\"", "[]", "{}", "{\"object\":{}}"
    };

    if (rand_r(seed) % 2) {
        return fuzz_text(values[rand_r(seed)
                                % (sizeof(values) / sizeof(values[0]))]);
    }

    do {
        i = rand_r(seed) % json->n;
    } while (strchr("k}]", json->list[i].kind) != NULL);

    return value_at(json, i);
}


/*
 * Bytes changed at random hardly ever are JSON: what is JSON mostly gets a
 * blank, a key or a value in another's place, and stays it.
 */

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    size_t           before, after;
    slow_json_t      json;
    payments_str_t   body, old, new;
    slow_token_t    *token;
    unsigned char   *copy;

    static const char  *const blanks[] = { " ", "\n", "\r\n", "\t" };

    copy = fuzz_copy(data, size);
    body.data = copy;
    body.len = size;

    if (!slow_json(&json, body) || rand_r(&seed) % 8 == 0) {
        size = LLVMFuzzerMutate(data, size, max);
        goto done;
    }

    token = &json.list[rand_r(&seed) % json.n];
    old = token->raw;

    if (rand_r(&seed) % 4 == 0 || strchr("}]", token->kind) != NULL) {
        old.len = 0;
        new = fuzz_text(blanks[rand_r(&seed) % 4]);

    } else if (token->kind == 'k') {
        new = key_of(&fields[rand_r(&seed) % schema.nfields]);

    } else {
        old = value_at(&json, token - json.list);
        new = other_value(&json, &seed);
    }

    before = old.data - body.data;
    after = size - before - old.len;

    if (before + new.len + after <= max) {
        memcpy(data + before, new.data, new.len);
        memcpy(data + before + new.len, old.data + old.len, after);
        size = before + new.len + after;
    }

done:

    slow_free(&json);
    free(copy);

    return size;
}
