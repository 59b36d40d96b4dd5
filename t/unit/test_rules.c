
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What a rule sees of a body, and what it says of it.
 */


#include "payments_rules.h"
#include "read.h"


#define MAX_RULES  6


/* of the fields below */

enum {
    R_LINK = F_ANY + 1,
    R_OBJECT,
    R_AMOUNT,
    R_ID,
    R_MARK,
    R_MAX
};


static payments_schema_t  ruled;


static void
ruled_init(void)
{
    static payments_field_t  all[R_MAX] = {
        [R_LINK] = { "data.object.link", PAYMENTS_OTHER, 0 },
        [R_OBJECT] = { "data.object", PAYMENTS_OTHER, 0 },
        [R_AMOUNT] = { "data.object.amount", PAYMENTS_OTHER, 0 },
        [R_ID] = { "id", PAYMENTS_OTHER, 0 },
        [R_MARK] = { "mark?", PAYMENTS_OTHER, 0 }
    };

    memcpy(all, fields, sizeof(fields));

    if (payments_schema_compile(&ruled, all, R_MAX) != 0) {
        abort();
    }
}


/* an event whose data.object.link is this, "" for absent */

static payments_rc_e
read_link(const char *value)
{
    char  body[4096];

    snprintf(body, sizeof(body), "{\"id\":\"evt_1\",\"data\":{\"object\":{"
             "%s%s%s\"amount\":2000}}}", value[0] ? "\"link\":" : "", value,
             value[0] ? "," : "");

    return read_with(&ruled, text(body));
}


static int
matches(const char *value, unsigned field)
{
    int              match;
    payments_rule_t  rule;

    memset(&rule, 0, sizeof(rule));

    rule.field = field;
    rule.value = boxed(text(value));

    match = payments_rules_match(&rule, 1, &event);

    unbox(rule.value);

    return match;
}


static void
values(void)
{
    size_t  i;

    static const struct {
        const char  *json;
        const char  *value;
        int          match;
    } tests[] = {

        /* null or absent, and nothing else */

        { "null", "null", 1 }, { "", "null", 1 },
        { "\"null\"", "null", 0 }, { "\"\"", "null", 0 },
        { "0", "null", 0 }, { "false", "null", 0 }, { "{}", "null", 0 },
        { "[]", "null", 0 }, { "[null]", "null", 0 }, { "1.5", "null", 0 },
        { "{\"link\":null}", "null", 0 }, { "\"plink_1\"", "null", 0 },
        { "99999999999999999999", "null", 0 },

        /* strings, to the letter */

        { "\"payment\"", "payment", 1 }, { "\"payments\"", "payment", 0 },
        { "\"paymen\"", "payment", 0 }, { "\"Payment\"", "payment", 0 },
        { "\" payment\"", "payment", 0 },
        { "\"payment\\u0000\"", "payment", 0 },
        { "\"\"", "", 1 }, { "null", "", 0 }, { "", "", 0 },
        { "\"pay\\u006dent\"", "payment", 1 },
        { "\"caf\\u00e9\"", "caf\xc3\xa9", 1 },
        { "\"caf\xc3\xa9\"", "caf\xc3\xa9", 1 },
        { "\"2000\"", "2000", 1 }, { "\"true\"", "true", 1 },

        /* integers, by their decimal digits */

        { "2000", "2000", 1 }, { "2000", "02000", 0 },
        { "2000", "+2000", 0 }, { "2000", "2000.0", 0 },
        { "2000", "200", 0 }, { "2000", "20000", 0 }, { "-5", "-5", 1 },
        { "5", "-5", 0 }, { "0", "0", 1 }, { "-0", "0", 1 },
        { "1", "true", 0 }, { "0", "false", 0 },
        { "9223372036854775807", "9223372036854775807", 1 },
        { "-9223372036854775808", "-9223372036854775808", 1 },

        /* what is none matches nothing, its own text neither */

        { "9223372036854775808", "9223372036854775808", 0 },
        { "2000.0", "2000", 0 }, { "2000.0", "2000.0", 0 },
        { "2e3", "2000", 0 }, { "2e3", "2e3", 0 },
        { "{}", "{}", 0 }, { "[]", "[]", 0 }, { "{}", "", 0 },
        { "[\"payment\"]", "payment", 0 },
        { "{\"link\":\"payment\"}", "payment", 0 },

        { "true", "true", 1 }, { "true", "false", 0 }, { "true", "1", 0 },
        { "false", "false", 1 }, { "false", "true", 0 },
        { "false", "", 0 }, { "true", "null", 0 }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(read_link(tests[i].json), PAYMENTS_OK, "values: %s",
               tests[i].json);
        is_int(matches(tests[i].value, R_LINK), tests[i].match,
               "values: %s is%s \"%s\"", tests[i].json,
               tests[i].match ? "" : " not", tests[i].value);
    }
}


/* strings that are too long to keep, where nobody else wants them */

static void
lengths(void)
{
    size_t  i;
    char    json[4096], word[514], *p;

    memset(word, 'a', 513);
    word[513] = '\0';

    snprintf(json, sizeof(json), "\"%s\"", word);
    is_int(read_link(json), PAYMENTS_OK, "513 bytes are not refused");
    is_int(event.values[R_LINK].type, PAYMENTS_OTHER, "and are kept as such");
    is_int(matches(word, R_LINK), 0, "they match nothing");
    is_int(matches("null", R_LINK), 0, "and are not absent");

    word[512] = '\0';

    snprintf(json, sizeof(json), "\"%s\"", word);
    is_int(read_link(json), PAYMENTS_OK, "512 bytes");
    is_int(matches(word, R_LINK), 1, "match");

    p = json;
    *p++ = '"';

    for (i = 0; i < 512; i++) {
        p += sprintf(p, "\\u0061");
    }

    strcpy(p, "\"");
    is_int(read_link(json), PAYMENTS_OK, "512 bytes by code point");
    is_int(matches(word, R_LINK), 1, "match as well");

    is_int(read_with(&ruled, LIT("{\"mark?\":\"\\ud800\"}")),
           PAYMENTS_BAD_UTF8, "half of a pair is refused");
}


/* a rule and the gateway's own field at one place do not disturb each other */

static void
shared(void)
{
    char  body[1024], word[514];

    is_int(read_with(&ruled, LIT("{\"id\":\"evt_1\",\"data\":{\"object\":{"
                                 "\"amount\":2000,\"id\":\"ch_\\u0031\"}}}")),
           PAYMENTS_OK, "shared: read");

    is_value_string(F_ID, "evt_1", "shared: the gateway's id");
    is_value_string(R_ID, "evt_1", "shared: the rule's");
    is_value_string(F_OBJECT_ID, "ch_1", "shared: one without a rule");
    is_int(event.values[F_AMOUNT].integer, 2000, "shared: an amount");
    is_int(matches("2000", R_AMOUNT), 1, "shared: the rule's");
    is_int(event.values[R_OBJECT].type, PAYMENTS_OTHER,
           "shared: the object on the way");

    is_int(read_with(&ruled, LIT("{\"id\":5,\"data\":{\"object\":{"
                                 "\"amount\":\"x\"}}}")),
           PAYMENTS_OK, "shared: of other types");
    is_int(event.values[F_ID].type, PAYMENTS_NULL,
           "shared: a number is no string");
    is_int(event.values[F_ID].string.len, 0, "shared: and is empty");
    is_int(matches("5", R_ID), 1, "shared: but a rule's value");
    is_int(event.values[F_AMOUNT].type, PAYMENTS_NULL,
           "shared: a string is no number");
    is_int(event.values[F_AMOUNT].integer, 0, "shared: and no amount");
    is_int(matches("x", R_AMOUNT), 1, "shared: but a rule's value, too");

    /* what the gateway's field refuses, is refused */

    is_int(read_with(&ruled, LIT("{\"data\":{\"object\":{\"amount\":1.5}}}")),
           PAYMENTS_BAD_NUMBER, "shared: a bad number");

    memset(word, 'a', 513);
    word[513] = '\0';
    snprintf(body, sizeof(body), "{\"id\":\"%s\"}", word);
    is_int(read_with(&ruled, text(body)), PAYMENTS_TOO_LONG,
           "shared: a string that is too long");
}


static void
places(void)
{
    size_t  i;

    static const struct {
        payments_str_t  body;
        unsigned        type;
    } objects[] = {
        { payments_string("{\"data\":{\"object\":{}}}"), PAYMENTS_OTHER },
        { payments_string("{\"data\":{\"object\":[]}}"), PAYMENTS_OTHER },
        { payments_string("{\"data\":{\"object\":null}}"), PAYMENTS_NULL },
        { payments_string("{\"data\":{\"object\":\"x\"}}"), PAYMENTS_STRING },
        { payments_string("{\"data\":[{\"object\":{}}]}"), PAYMENTS_NULL },
        { payments_string("{\"data\":{}}"), PAYMENTS_NULL }
    };

    for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        is_int(read_with(&ruled, objects[i].body), PAYMENTS_OK, "places: %s",
               (const char *) objects[i].body.data);
        is_int(event.values[R_OBJECT].type, objects[i].type,
               "places: the type of data.object");
    }

    is_int(read_with(&ruled, LIT("{\"link\":\"x\",\"data.object.link\":\"x\","
                                 "\"data\":{\"link\":\"x\",\"object\":{"
                                 "\"a\":{\"link\":\"x\"},"
                                 "\"b\":[{\"link\":\"x\"}]}}}")),
           PAYMENTS_OK, "places: the key at others");
    is_int(matches("null", R_LINK), 1, "places: is absent at its own");

    is_int(read_with(&ruled, LIT("{\"d\\u0061ta\":{\"object\":{"
                                 "\"\\u006cink\":\"x\"}}}")),
           PAYMENTS_OK, "places: keys with escapes");
    is_int(matches("x", R_LINK), 1, "places: are the same");

    is_int(read_link("1,\"link\":null"), PAYMENTS_DUPLICATE_KEY,
           "places: a key twice");
    is_int(read_link("null,\"lin\\u006b\":1"), PAYMENTS_DUPLICATE_KEY,
           "places: however it is written");

    is_int(read_with(&ruled, LIT("{\"mark?\":1}")), PAYMENTS_OK,
           "places: a question mark");
    is_int(matches("1", R_MARK), 1, "places: is one");
    is_int(read_with(&ruled, LIT("{\"mark\\u003f\":1}")), PAYMENTS_OK,
           "places: also with an escape");
    is_int(matches("1", R_MARK), 1, "places: and the same");
    is_int(read_with(&ruled, LIT("{\"mark\\ud800\":1}")), PAYMENTS_OK,
           "places: half of a pair");
    is_int(matches("1", R_MARK), 0, "places: is another one");
}


static void
several(void)
{
    size_t           i, n;
    payments_rule_t  rules[MAX_RULES];

    static const struct {
        const char  *rules[MAX_RULES];   /* 'l' data.object.link, 'a' amount */
        const char  *json;
        int          match;
    } tests[] = {
        { { "lx", "a2000" }, "\"x\"", 1 },
        { { "lx", "a1" }, "\"x\"", 0 },
        { { "ly", "a2000" }, "\"x\"", 0 },
        { { "a2000", "ly" }, "\"x\"", 0 },

        /* one path more than once: any of the values */

        { { "lx", "ly" }, "\"x\"", 1 },
        { { "lx", "ly" }, "\"y\"", 1 },
        { { "lx", "ly" }, "\"z\"", 0 },
        { { "lx", "lnull" }, "", 1 },
        { { "lx", "lx" }, "\"x\"", 1 },

        /* any of one, all of the paths, wherever they stand */

        { { "lx", "a1", "ly", "a2000" }, "\"y\"", 1 },
        { { "a2000", "lx", "a1", "ly" }, "\"x\"", 1 },
        { { "lx", "a1", "ly", "a2" }, "\"y\"", 0 },
        { { "lx", "a1", "ly", "a2000" }, "\"z\"", 0 }
    };

    ok(payments_rules_match(NULL, 0, &event), "several: none is met");

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(read_link(tests[i].json), PAYMENTS_OK, "several: %zu", i);

        for (n = 0; n < MAX_RULES && tests[i].rules[n] != NULL; n++) {
            rules[n].field = tests[i].rules[n][0] == 'l' ? R_LINK : R_AMOUNT;
            rules[n].value = text(tests[i].rules[n] + 1);
        }

        is_int(payments_rules_match(rules, n, &event), tests[i].match,
               "several: %zu: %s", i, tests[i].match ? "met" : "not met");
    }
}


/* what a token, or an id, is made of */

static void
texts(void)
{
    size_t          i;
    payments_str_t  str;

    static const struct {
        const char  *json;
        const char  *text;
    } tests[] = {
        { "\"order-17\"", "order-17" },
        { "\"order\\u002d17\"", "order-17" },
        { "17", "17" },
        { "-9223372036854775808", "-9223372036854775808" },
        { "9223372036854775807", "9223372036854775807" },
        { "9223372036854775808", "" },
        { "1.0", "" }, { "true", "" }, { "null", "" }, { "", "" },
        { "\"\"", "" }, { "{}", "" }, { "[\"x\"]", "" }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(read_link(tests[i].json), PAYMENTS_OK, "texts: %s",
               tests[i].json);

        str = payments_event_text(&event, &event.values[R_LINK]);

        is_str(str.data, str.len, tests[i].text, strlen(tests[i].text),
               "texts: %s is \"%s\"", tests[i].json, tests[i].text);
    }

    /* digits are made as long as there is room for any */

    read_link("-9223372036854775808");

    for (i = 0; i < PAYMENTS_MAX_MADE; i++) {
        str = payments_event_text(&event, &event.values[R_LINK]);

        if (str.len == 0) {
            break;
        }
    }

    ok(i == PAYMENTS_MAX_MADE / PAYMENTS_INTEGER_LEN,
       "texts: as many as there is room for");
    is_str(scratch.made, PAYMENTS_INTEGER_LEN, "-9223372036854775808",
           PAYMENTS_INTEGER_LEN, "texts: and the first is still there");
}


static void
good_path(const char *path, size_t len, const char *name)
{
    payments_str_t  box;

    box = boxed(bytes(path, len));
    ok(payments_path_error(box) == NULL, "paths: %s", name);
    unbox(box);
}


static void
bad_path(const char *path, size_t len, const char *what)
{
    const char      *error;
    payments_str_t   box;

    box = boxed(bytes(path, len));
    error = payments_path_error(box);
    unbox(box);

    ok(error != NULL && strstr(error, what) != NULL, "paths: %zu bytes: %s",
       len, what);
}


static void
paths(void)
{
    size_t   i;
    char     path[258], wrong[4] = "a b";

    static const char  *const good[] = {
        "id", "data.object.payment_link", "a.a.a", "Order id.#1", "'x'",
        "caf\xc3\xa9", "a[0]", "$x", "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16"
    };

    static const char  *const empty[] = { "", ".", ".a", "a.", "a..b", ".." };

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        good_path(good[i], strlen(good[i]), good[i]);
    }

    for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        bad_path(empty[i], strlen(empty[i]), "empty key");
    }

    for (i = 0; i < ' '; i++) {
        wrong[1] = i;
        bad_path(wrong, 3, "control");
    }

    bad_path("a\x7f", 2, "control");
    bad_path("a\"", 2, "quote");
    bad_path("\\a", 2, "backslash");
    bad_path("a\xff", 2, "UTF-8");
    bad_path("\xed\xa0\x80", 3, "UTF-8");

    bad_path("1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17", 41, "16 keys");

    memset(path, 'a', sizeof(path));
    good_path(path, 256, "256 bytes");
    bad_path(path, 257, "256 bytes");
}


static void
limits(void)
{
    char  value[514];

    memset(value, 'a', sizeof(value));

    ok(payments_rule_error(bytes(value, 0)) == NULL, "an empty value");
    ok(payments_rule_error(bytes(value, 512)) == NULL, "512 bytes");
    ok(payments_rule_error(bytes(value, 513)) != NULL, "513 bytes");
    ok(payments_rule_error(LIT("caf\xc3\xa9")) == NULL, "UTF-8");
    ok(payments_rule_error(LIT("caf\xe9")) != NULL, "Latin 1");
}


int
main(void)
{
    schema_init();
    ruled_init();

    values();
    lengths();
    shared();
    places();
    several();
    texts();
    paths();
    limits();

    done_reading();

    return done_testing();
}
