
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <yajl/yajl_tree.h>

#include "payments_envelope.h"
#include "payments_text.h"
#include "unit.h"


static payments_event_t     event;
static payments_envelope_t  envelope;

/* the line, in a block of its size */
static unsigned char       *line;
static size_t               line_len;


static void
reset(void)
{
    memset(&event, 0, sizeof(event));
    memset(&envelope, 0, sizeof(envelope));

    envelope.variant = LIT("stripe");
    envelope.provider = &payments_stripe;
    envelope.signed_by = LIT("body");
    envelope.received = INT64_C(1764020247104);

    event.id = LIT("evt_1");
    event.type = LIT("checkout.session.completed");
}


static payments_value_t
integer(int64_t n)
{
    payments_value_t  value;

    memset(&value, 0, sizeof(value));
    value.type = PAYMENTS_INTEGER;
    value.integer = n;

    return value;
}


static payments_value_t
boolean(int n)
{
    payments_value_t  value;

    memset(&value, 0, sizeof(value));
    value.type = PAYMENTS_BOOLEAN;
    value.integer = n;

    return value;
}


/* head, payload and tail; the sanitizer sees what the bound does not hold */

static void
write_line(payments_str_t payload)
{
    size_t          bound, len;
    unsigned char  *head, *body;

    free(line);

    bound = payments_envelope_bound(&envelope, &event);
    head = malloc(bound);
    len = payments_envelope_head(&envelope, &event, head);

    if (len > bound) {
        ok(0, "%zu bytes in a bound of %zu", len, bound);
    }

    body = malloc(payload.len ? payload.len : 1);
    memcpy(body, payload.data, payload.len);
    payments_envelope_flatten(body, payload.len);

    line_len = len + payload.len + sizeof(PAYMENTS_ENVELOPE_TAIL) - 1;
    line = malloc(line_len + 1);

    memcpy(line, head, len);
    memcpy(line + len, body, payload.len);
    memcpy(line + len + payload.len, PAYMENTS_ENVELOPE_TAIL,
           sizeof(PAYMENTS_ENVELOPE_TAIL) - 1);
    line[line_len] = '\0';

    free(head);
    free(body);
}


/* one line that is JSON; the caller frees the tree */

static yajl_val
tree_is(const char *name)
{
    char        error[1024];
    yajl_val    tree;

    is_int((const unsigned char *) memchr(line, '\n', line_len) - line,
           line_len - 1, "%s: one line", name);
    ok(memchr(line, '\r', line_len) == NULL, "%s: no CR", name);

    tree = yajl_tree_parse((char *) line, error, sizeof(error));

    if (!ok(tree != NULL && YAJL_IS_OBJECT(tree), "%s: JSON", name)) {
        diag("%s", error);
        tap_bytes("    line", line, line_len);
    }

    return tree;
}


static yajl_val
member(yajl_val tree, const char *outer, const char *inner)
{
    const char  *path[] = { outer, inner, NULL };

    return yajl_tree_get(tree, path, yajl_t_any);
}


static void
member_is(yajl_val tree, const char *outer, const char *inner,
    const char *expected)
{
    yajl_val     val;
    const char  *s;

    val = member(tree, outer, inner);

    if (val == NULL) {
        s = "(absent)";

    } else if (YAJL_IS_NULL(val)) {
        s = "(null)";

    } else if (YAJL_IS_TRUE(val)) {
        s = "(true)";

    } else if (YAJL_IS_FALSE(val)) {
        s = "(false)";

    } else if (YAJL_IS_NUMBER(val)) {
        s = YAJL_GET_NUMBER(val);

    } else if (YAJL_IS_STRING(val)) {
        s = YAJL_GET_STRING(val);

    } else {
        s = "(other)";
    }

    is_str(s, strlen(s), expected, strlen(expected), "%s%s%s",
           outer, inner != NULL ? "." : "", inner != NULL ? inner : "");
}


static void
whole(void)
{
    static const char  expected[] =
        "{\"specversion\":\"1.0\",\"id\":\"evt_1\","
        "\"source\":\"/payments/process/stripe\","
        "\"type\":\"com.stripe.checkout.session.completed\","
        "\"subject\":\"cs_test_1\",\"time\":\"2025-11-24T21:37:26Z\","
        "\"datacontenttype\":\"application/json\","
        "\"data\":{\"variant\":\"stripe\",\"provider\":\"stripe\","
        "\"signed\":\"body\",\"event\":\"checkout.session.completed\","
        "\"status\":\"confirmed\",\"fraud_status\":null,\"token\":\"6c4a\","
        "\"transaction_id\":\"cs_test_1\",\"amount\":2000,"
        "\"amount_decimal\":\"20.00\",\"captured_amount\":2000,"
        "\"refunded_amount\":null,\"currency\":\"usd\",\"livemode\":false,"
        "\"account\":null,\"api_version\":\"2025-03-31.basil\","
        "\"created\":1764020246,\"received\":\"2025-11-24T21:37:27.104Z\","
        "\"payload\":{\"id\":\"evt_1\"}}}\n";

    reset();

    event.object_id = LIT("cs_test_1");
    event.token = LIT("6c4a");
    event.api_version = LIT("2025-03-31.basil");
    event.currency = LIT("usd");
    event.status = PAYMENTS_CONFIRMED;
    event.amount = integer(2000);
    event.captured_amount = integer(2000);
    event.livemode = boolean(0);
    event.created = integer(1764020246);

    write_line(LIT("{\"id\":\"evt_1\"}"));
    is_str(line, line_len, expected, sizeof(expected) - 1,
           "an envelope, byte for byte");
}


static void
unknown(void)
{
    static const char  expected[] =
        "{\"specversion\":\"1.0\",\"id\":\"evt_1\","
        "\"source\":\"/payments/process/shop-2\","
        "\"type\":\"com.stripe.x\","
        "\"datacontenttype\":\"application/json\","
        "\"data\":{\"variant\":\"shop-2\",\"provider\":\"stripe\","
        "\"signed\":\"none\",\"event\":\"x\","
        "\"status\":null,\"fraud_status\":null,\"token\":null,"
        "\"transaction_id\":null,\"amount\":null,"
        "\"amount_decimal\":null,\"captured_amount\":null,"
        "\"refunded_amount\":null,\"currency\":null,\"livemode\":null,"
        "\"account\":null,\"api_version\":null,"
        "\"created\":null,\"received\":\"1970-01-01T00:00:00.000Z\","
        "\"payload\":{}}}\n";

    reset();

    envelope.variant = LIT("shop-2");
    envelope.signed_by = LIT("none");
    envelope.received = 0;
    event.type = LIT("x");

    write_line(LIT("{}"));
    is_str(line, line_len, expected, sizeof(expected) - 1,
           "an envelope of what is unknown, byte for byte");
}


static void
known(void)
{
    yajl_val  tree;

    reset();

    event.object_id = LIT("ch_1");
    event.account = LIT("acct_1");
    event.currency = LIT("eur");
    event.review = 1;
    event.amount = integer(0);
    event.captured_amount = integer(-1500);
    event.refunded_amount = integer(INT64_C(9007199254740993));
    event.livemode = boolean(1);
    event.created = integer(0);

    write_line(LIT("{}"));
    tree = tree_is("known");

    member_is(tree, "subject", NULL, "ch_1");
    member_is(tree, "time", NULL, "1970-01-01T00:00:00Z");
    member_is(tree, "data", "fraud_status", "review");
    member_is(tree, "data", "status", "(null)");
    member_is(tree, "data", "account", "acct_1");
    member_is(tree, "data", "amount", "0");
    member_is(tree, "data", "amount_decimal", "0.00");
    member_is(tree, "data", "captured_amount", "-1500");
    member_is(tree, "data", "refunded_amount", "9007199254740993");
    member_is(tree, "data", "livemode", "(true)");
    member_is(tree, "data", "created", "0");

    yajl_tree_free(tree);

    /* a thin event's time stays as it was sent */

    event.time = LIT("2022-02-15T02:27:45.330+02:00");
    event.created = integer(1644884865);

    write_line(LIT("{}"));
    tree = tree_is("thin");

    member_is(tree, "time", NULL, "2022-02-15T02:27:45.330+02:00");
    member_is(tree, "data", "created", "1644884865");

    yajl_tree_free(tree);
}


static void
decimals(void)
{
    size_t    i;
    yajl_val  tree;

    static const struct {
        const char  *currency;
        int64_t      amount;
        const char  *expected;
    } tests[] = {
        { "jpy", 2000, "2000" },
        { "jpy", 0, "0" },
        { "jpy", -5, "-5" },
        { "usd", 2000, "20.00" },
        { "usd", 5, "0.05" },
        { "usd", 50, "0.50" },
        { "usd", -5, "-0.05" },
        { "usd", -2000, "-20.00" },
        { "usd", INT64_MAX, "92233720368547758.07" },
        { "usd", INT64_MIN, "-92233720368547758.08" },
        { "kwd", 2000, "2.000" },
        { "kwd", 5, "0.005" },
        { "kwd", -1, "-0.001" },
        { "kwd", INT64_MAX, "9223372036854775.807" },
        { "kwd", INT64_MIN, "-9223372036854775.808" },
        { "jpy", INT64_MIN, "-9223372036854775808" },
        { "", 2000, "(null)" }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        reset();

        event.currency = text(tests[i].currency);
        event.amount = integer(tests[i].amount);

        write_line(LIT("{}"));
        tree = tree_is(tests[i].expected);

        ok(tests[i].expected[0] == '('
           || YAJL_IS_STRING(member(tree, "data", "amount_decimal")),
           "a decimal is a string");
        member_is(tree, "data", "amount_decimal", tests[i].expected);

        yajl_tree_free(tree);
    }

    reset();
    event.currency = LIT("usd");
    write_line(LIT("{}"));
    tree = tree_is("no amount");
    member_is(tree, "data", "amount_decimal", "(null)");
    member_is(tree, "data", "currency", "usd");
    yajl_tree_free(tree);
}


static void
escapes(void)
{
    yajl_val  tree;

    static const char  nasty[] = "a\"b\\c\n\r\t\x01\x1f\x7f</s>\xc3\xa9"
                                 "\xe2\x80\xa8\xf0\x9f\x98\x80\",\"x\":\"";

    reset();

    event.id = text(nasty);
    event.type = text(nasty);
    event.object_id = text(nasty);
    event.token = text(nasty);
    event.account = text(nasty);
    event.api_version = text(nasty);
    event.currency = text(nasty);
    envelope.variant = text(nasty);

    write_line(LIT("{}"));
    tree = tree_is("escapes");

    member_is(tree, "id", NULL, nasty);
    member_is(tree, "subject", NULL, nasty);
    member_is(tree, "data", "variant", nasty);
    member_is(tree, "data", "event", nasty);
    member_is(tree, "data", "token", nasty);
    member_is(tree, "data", "transaction_id", nasty);
    member_is(tree, "data", "account", nasty);
    member_is(tree, "data", "api_version", nasty);
    member_is(tree, "data", "currency", nasty);
    member_is(tree, "x", NULL, "(absent)");
    member_is(tree, "data", "x", "(absent)");

    is_int(YAJL_GET_OBJECT(tree)->len, 7, "seven members, no time");
    is_int(YAJL_GET_OBJECT(member(tree, "data", NULL))->len, 19,
           "and 19 of the data");

    yajl_tree_free(tree);
}


static void
payload_is(payments_str_t payload, payments_str_t expected, const char *name)
{
    payments_str_t  got;

    reset();
    write_line(payload);
    yajl_tree_free(tree_is(name));

    got = bytes(line, 0);

    if (line_len > payload.len + 3) {
        got = bytes(line + line_len - 3 - payload.len, payload.len);
    }

    is_str(got.data, got.len, expected.data, expected.len, "payload: %s",
           name);
    is_str(line + line_len - 3, 3, "}}\n", 3, "payload: %s: and the tail",
           name);
}


static void
payloads(void)
{
    payload_is(LIT("{\"a\":1}"), LIT("{\"a\":1}"), "plain");
    payload_is(LIT("{\n  \"a\": 1,\r\n\t\"b\": [\r1\n]\n}\n\n"),
               LIT("{   \"a\": 1,  \t\"b\": [ 1 ] }  "), "line breaks");
    payload_is(LIT("{\"z\":1.0,\"a\":1e3,\"z\":-0,\"m\":1E400,"
                   "\"n\":12345678901234567890.10}"),
               LIT("{\"z\":1.0,\"a\":1e3,\"z\":-0,\"m\":1E400,"
                   "\"n\":12345678901234567890.10}"),
               "numbers, order and duplicates");
    payload_is(LIT("{\"a\":\"\\n\\r\\u000a\\/\\u0041\xc3\xa9\",\"b\":\"\"}"),
               LIT("{\"a\":\"\\n\\r\\u000a\\/\\u0041\xc3\xa9\",\"b\":\"\"}"),
               "escapes");
    payload_is(LIT("{\"a\":\"x\xe2\x80\xa8y\xc2\x85z\"}"),
               LIT("{\"a\":\"x\xe2\x80\xa8y\xc2\x85z\"}"),
               "other line breaks of Unicode stay");
    payload_is(LIT("\t{\t}\t "), LIT("\t{\t}\t "), "tabs stay");
}


/* breaks become blanks, at any place of any length, and nothing else does */

static void
breaks(void)
{
    size_t         len, at, i, wrong;
    unsigned       c;
    unsigned char  is, *body;

    wrong = 0;

    for (c = 0; c < 256; c++) {
        for (len = 1; len < 50; len++) {
            for (at = 0; at < len; at++) {
                body = malloc(len);
                memset(body, '\v', len);
                body[at] = c;

                payments_envelope_flatten(body, len);

                for (i = 0; i < len; i++) {
                    is = i != at ? '\v' : c == '\n' || c == '\r' ? ' ' : c;
                    wrong += body[i] != is;
                }

                free(body);
            }
        }
    }

    is_int(wrong, 0, "breaks become blanks, and nothing else does");
}


static void
bounds(void)
{
    int            i, k;
    char           fill[513], name[64];
    yajl_val       tree;

    static const char  kinds[] = { 1, 31, '"', '\\', 'a', 127 };

    for (i = 0; i < (int) sizeof(kinds); i++) {
        for (k = 0; k < 3; k++) {
            memset(fill, kinds[i], sizeof(fill) - 1);
            fill[k == 0 ? 512 : k == 1 ? 3 : 1] = '\0';

            reset();

            event.id = text(fill);
            event.type = text(fill);
            event.object_id = text(fill);
            event.token = text(fill);
            event.account = text(fill);
            event.api_version = text(fill);
            event.currency = text(fill);
            event.time = text(fill);
            event.status = PAYMENTS_CANCELLED;
            event.review = 1;
            event.amount = integer(INT64_MIN);
            event.captured_amount = integer(INT64_MIN);
            event.refunded_amount = integer(INT64_MIN);
            event.livemode = boolean(0);
            event.created = integer(INT64_MIN);

            envelope.variant = bytes(fill, k == 0 ? PAYMENTS_MAX_VARIANT : 1);
            envelope.received = INT64_MAX;

            snprintf(name, sizeof(name), "worst case: %zu of \\x%02x",
                     strlen(fill), kinds[i]);

            write_line(LIT("{}"));
            tree = tree_is(name);
            member_is(tree, "id", NULL, fill);
            member_is(tree, "data", "api_version", fill);
            member_is(tree, "data", "created", "-9223372036854775808");
            yajl_tree_free(tree);
        }
    }

    /* each string alone, so that none borrows the others' room */

    for (i = 0; i < 9; i++) {
        payments_str_t  *strings[] = {
            &event.id, &event.type, &event.object_id, &event.token,
            &event.account, &event.api_version, &event.currency,
            &event.time, &envelope.variant
        };

        memset(fill, 1, 512);
        fill[512] = '\0';

        reset();
        *strings[i] = text(fill);

        snprintf(name, sizeof(name), "worst case of string %d", i);
        write_line(LIT("{}"));
        yajl_tree_free(tree_is(name));
    }

    /* times at the ends */

    for (i = 0; i < 6; i++) {
        static const int64_t  times[] = {
            INT64_MIN, -1, 0, INT64_C(253402300799), INT64_C(253402300800),
            INT64_MAX
        };

        reset();
        event.created = integer(times[i]);
        envelope.received = times[i];

        snprintf(name, sizeof(name), "created %d", i);
        write_line(LIT("{}"));
        yajl_tree_free(tree_is(name));
    }
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    whole();
    unknown();
    known();
    decimals();
    escapes();
    payloads();
    breaks();
    bounds();

    free(line);

    return done_testing();
}
