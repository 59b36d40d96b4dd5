
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What was written as an envelope is read back as it was.
 */


#include "payments_envelope.h"
#include "payments_text.h"
#include "unit.h"


/* LDFLAGS: -Wl,--wrap=malloc */

#define HEAD                                                                  \
    "{\"specversion\":\"1.0\",\"id\":\"evt_1\",\"data\":{\"variant\":\"s\","
#define TAIL  "}}\n"


static payments_event_t       event;
static payments_envelope_t    envelope;
static payments_unwrapped_t  *out;
static payments_str_t         held;
static int                    refused;  /* allocations */


void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);


void *
__wrap_malloc(size_t size)
{
    return refused ? NULL : __real_malloc(size);
}


static void
reset(void)
{
    memset(&event, 0, sizeof(event));
    memset(&envelope, 0, sizeof(envelope));

    envelope.variant = LIT("stripe-eu");
    envelope.provider = &payments_stripe;
    envelope.signed_by = LIT("body");
    envelope.received = INT64_C(1764020247104);

    event.id = LIT("evt_1");
    event.type = LIT("checkout.session.completed");
    event.token = LIT("6c4a");
    event.created.type = PAYMENTS_INTEGER;
    event.created.integer = 1764020246;
}


/* the line and what was read live until the next one */

static payments_rc_e
unwrap(payments_str_t line)
{
    if (held.data != NULL) {
        unbox(held);
    }

    held = boxed(line);
    memset(out, 0x5a, sizeof(payments_unwrapped_t));

    return payments_envelope_read(held, out);
}


static payments_str_t
envelope_of(payments_str_t payload)
{
    size_t          len, tail;
    unsigned char  *line;

    tail = sizeof(PAYMENTS_ENVELOPE_TAIL) - 1;
    line = malloc(payments_envelope_bound(&envelope, &event) + payload.len
                  + tail);

    len = payments_envelope_head(&envelope, &event, line);
    memcpy(line + len, payload.data, payload.len);
    memcpy(line + len + payload.len, PAYMENTS_ENVELOPE_TAIL, tail);

    return bytes(line, len + payload.len + tail);
}


static int
same(payments_str_t got, payments_str_t expected)
{
    int  pass;

    pass = (got.len == expected.len
            && (got.len == 0
                || memcmp(got.data, expected.data, got.len) == 0));

    if (!pass) {
        tap_bytes("     got", got.data, got.len);
        tap_bytes("expected", expected.data, expected.len);
    }

    return pass;
}


/* read after line and event, and all there is in it */

static int
holds(payments_str_t payload)
{
    if (envelope.provider->media.len != 0) {
        payload.data++;
        payload.len -= 2;
    }

    return out->opaque == (envelope.provider->media.len != 0)
           && same(out->id, event.id)
           && same(out->variant, envelope.variant)
           && same(out->type, event.type)
           && same(out->token, event.token)
           && out->created == event.created.integer
           && out->received == envelope.received
           && same(out->payload, payload);
}


static void
trip(payments_str_t payload, const char *name)
{
    payments_str_t  line;

    line = envelope_of(payload);

    is_int(unwrap(line), PAYMENTS_OK, "%s: read", name);
    ok(holds(payload), "%s: as it was written", name);
    ok(out->payload.data >= held.data
       && out->payload.data < held.data + held.len,
       "%s: the payload is the line's", name);

    line.len--;
    is_int(unwrap(line), PAYMENTS_OK, "%s: read without its newline", name);
    ok(holds(payload), "%s: as it was written", name);

    unbox(line);
}


static void
round_trips(void)
{
    char             text[PAYMENTS_MAX_STRING];
    size_t           i;
    payments_str_t   payload;

    payload = LIT("{\"id\":\"evt_1\"}");

    reset();
    trip(payload, "an event");

    event.token.len = 0;
    event.created.type = PAYMENTS_NULL;
    event.created.integer = 0;
    trip(payload, "without a token and created");

    reset();
    event.id = LIT("a\"b\\c/d\x01\x1f\x7f");
    event.type = LIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    event.token = LIT("\0");
    trip(payload, "quotes, controls, NUL, and no ASCII");

    reset();
    event.id = LIT("\"payload\":{}}}\n");
    event.type = LIT("\\u0000\\\"\",\"payload\":\"");
    event.token = LIT("\\");
    event.account = LIT("\",\"payload\":{}}}");
    trip(payload, "what looks like a payload, in strings");

    /* all as long as they may be, and each byte escaped */

    reset();

    for (i = 0; i < sizeof(text); i++) {
        text[i] = i % 32;
    }

    event.id = event.type = event.token = bytes(text, sizeof(text));
    event.object_id = event.account = event.api_version = event.id;
    event.currency = event.time = event.id;
    envelope.variant = bytes(text, PAYMENTS_MAX_VARIANT);
    trip(payload, "the longest strings");

    reset();
    envelope.received = 0;
    event.created.integer = INT64_MIN;
    trip(payload, "the least numbers");

    envelope.received = INT64_C(253402300799999);
    event.created.integer = INT64_MAX;
    trip(payload, "the largest numbers");

    reset();
    trip(LIT("{}"), "an empty object");
    trip(LIT("0"), "a number");
    trip(LIT("{\"data\":{\"payload\":{\"id\":\"x\"}}}"), "a payload in it");
    trip(LIT("\"}}\""), "a tail in it");
    trip(LIT("{\"id\":1} "), "a blank after it");
    trip(LIT("{\"event\":\"\\ud83d\\ude00\",\"a\":[[[[{\"b\":{}}]]]]}"),
         "nested");
}


/* cut where the head's bound is: in each byte of a character of four */

static void
large(void)
{
    size_t           i, k, len, bad;
    unsigned char   *p;
    payments_str_t   line, payload;

    reset();

    len = PAYMENTS_MAX_BODY;
    p = malloc(len);

    for (k = 0; k < 4; k++) {
        memset(p, 'x', len);
        memcpy(p, "{\"x\":\"", 6);

        for (i = 8 + k; i + 4 < 2 * PAYMENTS_ENVELOPE_HEAD; i += 4) {
            memcpy(p + i, "\xf0\x9f\x98\x80", 4);
        }

        memcpy(p + len - 2, "\"}", 2);
        memcpy(p + len - 32, ",\\\"payload\\\":}}", 15);

        payload = bytes(p, len);
        line = envelope_of(payload);

        bad = unwrap(line) != PAYMENTS_OK || !holds(payload);
        is_int(bad, 0, "the largest payload, its characters moved by %zu", k);

        unbox(line);
    }

    free(p);
}


static void
bad_line(payments_str_t line, const char *name)
{
    is_int(unwrap(line), PAYMENTS_BAD_JSON, "%s", name);
}


/* a crash may leave any beginning of a line */

static void
torn(void)
{
    size_t          i, bad;
    payments_str_t  line;

    reset();
    line = envelope_of(LIT("7"));

    bad = 0;

    for (i = 0; i < line.len - 1; i++) {
        bad += (unwrap(bytes(line.data, i)) != PAYMENTS_BAD_JSON);
    }

    is_int(bad, 0, "no beginning of a line is one");

    unbox(line);
}


static void
foreign(void)
{
    bad_line(LIT(""), "nothing");
    bad_line(LIT("\n"), "an empty line");
    bad_line(LIT("}}\n"), "a tail");
    bad_line(LIT("null}}\n"), "null");
    bad_line(LIT("\"payload\":{}}}\n"), "a payload alone");
    bad_line(LIT("{\"id\":\"evt_1\"}\n"), "an object");
    bad_line(LIT("{\"id\":\"e\",\"variant\":\"s\",\"payload\":{}}}\n"),
             "no data");
    bad_line(LIT("[{\"id\":\"e\",\"data\":{\"variant\":\"s\","
                 "\"payload\":{}}}\n"), "in an array");
    bad_line(LIT("{\"data\":{\"variant\":\"s\",\"payload\":{}}}\n"), "no id");
    bad_line(LIT("{\"data\":{\"id\":\"e\",\"variant\":\"s\","
                 "\"payload\":{}}}\n"), "an id in data");
    bad_line(LIT("{\"id\":\"e\",\"variant\":\"s\",\"data\":{"
                 "\"payload\":{}}}\n"), "a variant beside data");
    bad_line(LIT("{\"id\":\"e\",\"data\":{\"payload\":{}}}\n"), "no variant");
    bad_line(LIT("{\"id\":\"e\",\"x\":{\"variant\":\"s\","
                 "\"payload\":{}}}\n"), "data of another name");
    bad_line(LIT("{\"id\":\"e\",\"data\":{\"x\":{\"variant\":\"s\","
                 "\"payload\":{}}}\n"), "a payload too deep");
    bad_line(LIT("{\"id\":\"e\",\"data\":[{\"variant\":\"s\","
                 "\"payload\":{}}}\n"), "data in an array");
    bad_line(LIT("{\"id\":\"e\",\"data\":null,\"payload\":{}}}\n"),
             "data is null");
    bad_line(LIT("{\"id\":\"e\",\"data\":{\"variant\":\"s\"},"
                 "\"payload\":{}}}\n"), "a payload after data");
    bad_line(LIT("{\"id\":\"e\",\"data\":{\"variant\":\"s\"},"
                 "\"data\":{\"payload\":{}}}\n"), "data twice");
    bad_line(LIT(HEAD "\"payload\"{}}}\n"), "no colon");
    bad_line(LIT(HEAD "\"payload\":{} }\n"), "a blank in the tail");
    bad_line(LIT(HEAD "\"payload\":{}} }\n"), "another one");
    bad_line(LIT(HEAD "\"payload\":{}}} \n"), "a blank after the tail");
    bad_line(LIT(HEAD "\"payload\":{}}}\n\n"), "two newlines");
    bad_line(LIT(HEAD "\"payload\":}}\n"), "an empty payload");
    bad_line(LIT(HEAD "\"payload\":}}"), "an empty payload, no newline");
    bad_line(LIT(HEAD "\"payload\": \t}}\n"), "a blank payload");
    bad_line(LIT(HEAD "\"payload\":}\n"), "half a tail");
    bad_line(LIT(HEAD "\"payload\"}}\n"), "a key alone");
    bad_line(LIT(HEAD "\"payload\" }}\n"), "a key and a blank");
    bad_line(LIT(HEAD "\"payload\n"), "half a key");
    bad_line(LIT(HEAD "payload:{}}}\n"), "a word");
    bad_line(LIT(HEAD "\"x\":1.,\"payload\":{}}}\n"), "no JSON before it");
    bad_line(LIT("\xef\xbb\xbf" HEAD "\"payload\":{}}}\n"), "a BOM");
}


/* a line of ours, with more members in data */

static void
member(const char *members, payments_rc_e expected)
{
    char  line[1024];

    snprintf(line, sizeof(line), HEAD "%s,\"payload\":{}" TAIL, members);
    is_int(unwrap(text(line)), expected, "%s", members);
}


static void
members(void)
{
    char  buf[PAYMENTS_MAX_STRING + 64];

    /* of other names: any scalar */

    member("\"x\":null,\"y\":true,\"z\":1.5e9,\"zz\":\"\\n\"", PAYMENTS_OK);
    is_int(out->received, 0, "received is absent");
    is_int(out->created, 0, "created is absent");
    is_int(out->type.len, 0, "the type is absent");
    is_int(out->token.len, 0, "the token is absent");
    member("\"id\":7,\"data\":7,\"specversion\":7", PAYMENTS_OK);
    member("\"x\":[]", PAYMENTS_BAD_JSON);
    member("\"x\":{}", PAYMENTS_BAD_JSON);
    member("\"data\":{\"a\":1}", PAYMENTS_BAD_JSON);

    member("\"event\":null,\"token\":null,\"created\":null,"
           "\"received\":null", PAYMENTS_OK);
    is_int(out->received, 0, "received is null");
    is_int(out->type.len, 0, "the type is null");

    /* of our names: of their type, and once */

    member("\"token\":1", PAYMENTS_BAD_JSON);
    member("\"token\":true", PAYMENTS_BAD_JSON);
    member("\"token\":{}", PAYMENTS_BAD_JSON);
    member("\"token\":[]", PAYMENTS_BAD_JSON);
    member("\"token\":\"a\",\"token\":\"a\"", PAYMENTS_BAD_JSON);
    member("\"variant\":\"s\"", PAYMENTS_BAD_JSON);
    member("\"token\":null,\"\\u0074oken\":\"a\"", PAYMENTS_BAD_JSON);
    member("\"created\":\"1\"", PAYMENTS_BAD_JSON);
    member("\"created\":1.0", PAYMENTS_BAD_JSON);
    member("\"created\":1e3", PAYMENTS_BAD_JSON);
    member("\"created\":9223372036854775808", PAYMENTS_BAD_JSON);
    member("\"created\":-9223372036854775809", PAYMENTS_BAD_JSON);
    member("\"created\":false", PAYMENTS_BAD_JSON);
    member("\"created\":-1", PAYMENTS_OK);
    is_int(out->created, -1, "created before the epoch");

    member("\"received\":1764020247", PAYMENTS_BAD_JSON);
    member("\"received\":\"\"", PAYMENTS_BAD_JSON);
    member("\"received\":\"2025-11-24T21:37:27Z\"", PAYMENTS_BAD_JSON);
    member("\"received\":\"2025-11-24T21:37:27.10Z\"", PAYMENTS_BAD_JSON);
    member("\"received\":\"2025-11-24T21:37:27.1040Z\"", PAYMENTS_BAD_JSON);
    member("\"received\":\"2025-11-24T21:37:27.104z\"", PAYMENTS_BAD_JSON);
    member("\"received\":\"2025-11-24T21:37:27,104Z\"", PAYMENTS_BAD_JSON);
    member("\"received\":\"2025-11-24T21:37:27+00:00\"", PAYMENTS_BAD_JSON);
    member("\"received\":\"2025-11-31T21:37:27.104Z\"", PAYMENTS_BAD_JSON);
    member("\"received\":\"2025-11-24T21:37:27.1x4Z\"", PAYMENTS_BAD_JSON);
    member("\"received\":\"2025-11-24T21:37:27.104Z\"", PAYMENTS_OK);
    is_int(out->received, INT64_C(1764020247104), "received");

    /* no text: half of a surrogate pair */

    member("\"token\":\"\\ud83d\"", PAYMENTS_BAD_JSON);
    member("\"token\":\"\\ude00\"", PAYMENTS_BAD_JSON);
    member("\"token\":\"\\ud83d\\ude00\"", PAYMENTS_OK);
    ok(same(out->token, LIT("\xf0\x9f\x98\x80")), "a whole one");
    member("\"token\":\"\xc3\"", PAYMENTS_BAD_JSON);

    /* one byte too many */

    memset(buf, 'x', sizeof(buf));
    memcpy(buf, "\"token\":\"", 9);
    buf[9 + PAYMENTS_MAX_STRING] = '"';
    buf[10 + PAYMENTS_MAX_STRING] = '\0';
    member(buf, PAYMENTS_OK);
    is_int(out->token.len, PAYMENTS_MAX_STRING, "the longest token");

    buf[9 + PAYMENTS_MAX_STRING] = 'x';
    buf[10 + PAYMENTS_MAX_STRING] = '"';
    buf[11 + PAYMENTS_MAX_STRING] = '\0';
    member(buf, PAYMENTS_BAD_JSON);
}


static void
blanks(void)
{
    is_int(unwrap(LIT(" { \"id\" : \"e\\u0000\" , \"data\" : { \"variant\" : "
                      "\"s\" , \"p\\u0061yload\" \t: \t{\"}}\": 1} }}\n")),
           PAYMENTS_OK, "blanks, and a key with an escape");
    ok(same(out->id, LIT("e\0")), "its id");
    ok(same(out->variant, LIT("s")), "its variant");
    ok(same(out->payload, LIT("{\"}}\": 1} ")), "its payload");

    /* and one that is none of ours, whatever is before half of a pair */

    member("\"token\\ude00\":\"t\"", PAYMENTS_OK);
    is_int(out->token.len, 0, "another key");
}


/* what is no JSON, and its base64 between its quotes */

static void
opaque(void)
{
    size_t  i;

    static const char  *wrong[] = {
        "\"\"", "\"", "", "QUJD", "\"QUJD", "QUJD\"", "\"QUJD\" ", "null", "{}"
    };

    envelope.provider = &payments_braintree;
    trip(LIT("\"QUJD\""), "not JSON");
    envelope.provider = &payments_stripe;

    is_int(unwrap(LIT(HEAD "\"payload\":\"QUJD\"" TAIL)), PAYMENTS_OK,
           "JSON that is a string");
    is_int(out->opaque, 0, "is no base64");
    ok(same(out->payload, LIT("\"QUJD\"")), "and has its quotes");

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char  line[256];

        snprintf(line, sizeof(line), HEAD "\"payload_base64\":%s" TAIL,
                 wrong[i]);
        is_int(unwrap(text(line)), PAYMENTS_BAD_JSON, "no base64: %s",
               wrong[i]);
    }
}


/* a head that is longer than any of ours, but for its payload's key */

static void
bound(void)
{
    char    *line;
    size_t   i;

    static const char  key[] = "\",\"payload\":{}}}\n";

    for (i = 0; i < 2; i++) {
        line = malloc(PAYMENTS_ENVELOPE_HEAD + 64);
        memset(line, 'x', PAYMENTS_ENVELOPE_HEAD + 64);
        memcpy(line, HEAD "\"x\":\"", sizeof(HEAD "\"x\":\"") - 1);

        /* the key ends with the last byte that is looked at, or after it */

        memcpy(line + PAYMENTS_ENVELOPE_HEAD - 11 + i, key, sizeof(key) - 1);

        is_int(unwrap(bytes(line, PAYMENTS_ENVELOPE_HEAD - 11 + i
                                  + sizeof(key) - 1)),
               i == 0 ? PAYMENTS_OK : PAYMENTS_BAD_JSON,
               "a head of %zu bytes too many", i);

        free(line);
    }
}


static void
memory(void)
{
    char            *p, *line;
    size_t           i;
    payments_rc_e    rc;
    payments_str_t   str;

    p = line = malloc(PAYMENTS_ENVELOPE_HEAD);
    p += sprintf(p, HEAD "\"x\":\"");

    for (i = 0; i < 8192; i++) {
        p += sprintf(p, "\\u0041");
    }

    p += sprintf(p, "\",\"payload\":{}}}\n");
    str = bytes(line, p - line);

    refused = 1;
    rc = payments_envelope_read(str, out);
    refused = 0;

    is_int(rc, PAYMENTS_OK, "no line takes memory");

    free(line);
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    out = malloc(sizeof(payments_unwrapped_t));

    round_trips();
    large();
    torn();
    foreign();
    members();
    blanks();
    opaque();
    bound();
    memory();

    unbox(held);
    free(out);

    return done_testing();
}
