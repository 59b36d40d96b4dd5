
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the reader keeps of a body, and its limits.
 */


#include "read.h"


static void
paths(void)
{
    payments_rc_e  rc;

    rc = read_body(LIT("{\"id\":\"evt_1\",\"x\":{\"id\":\"no\"},"
                       "\"data\":{\"id\":\"no\",\"object\":{\"amount\":2000,"
                       "\"sub\":{\"id\":\"no\",\"amount\":1},\"id\":\"ob_1\""
                       "},\"after\":[{\"id\":\"no\"}]},\"amount\":7,"
                       "\"paid\":true,\"any\":false}"));

    is_int(rc, PAYMENTS_OK, "paths: read");
    is_int(event.values[F_ID].type, PAYMENTS_STRING, "paths: id");
    is_value_string(F_ID, "evt_1", "paths: id's value");
    is_value_string(F_OBJECT_ID, "ob_1", "paths: data.object.id's value");
    is_int(event.values[F_AMOUNT].type, PAYMENTS_INTEGER, "paths: amount");
    is_int(event.values[F_AMOUNT].integer, 2000, "paths: amount's value");
    is_int(event.values[F_PAID].type, PAYMENTS_BOOLEAN, "paths: paid");
    is_int(event.values[F_PAID].integer, 1, "paths: paid is true");
    is_int(event.values[F_ANY].type, PAYMENTS_BOOLEAN, "paths: any");
    is_int(event.values[F_ANY].integer, 0, "paths: any is false");

    /* all else is zeroed */

    ok(event.id.len == 0 && event.type.len == 0 && event.token.len == 0
       && event.status == PAYMENTS_STATUS_NONE && event.review == 0
       && event.amount.type == PAYMENTS_NULL
       && event.created.type == PAYMENTS_NULL && event.time.len == 0,
       "paths: the rest of the event is empty");

    is_int(read_body(LIT(" \t\r\n{ } \n")), PAYMENTS_OK, "an empty object");
    ok(event.values[F_ID].type == PAYMENTS_NULL
       && event.values[F_OBJECT_ID].type == PAYMENTS_NULL
       && event.values[F_AMOUNT].type == PAYMENTS_NULL
       && event.values[F_PAID].type == PAYMENTS_NULL
       && event.values[F_ANY].type == PAYMENTS_NULL,
       "absent keys are null");
    is_int(event.values[F_ID].string.len, 0, "and empty");

    is_int(read_body(LIT("{\"id\":\"\"}")), PAYMENTS_OK, "an empty string");
    is_int(event.values[F_ID].type, PAYMENTS_STRING, "is a string");
    is_int(event.values[F_ID].string.len, 0, "of no bytes");

    /* arrays are not objects */

    rc = read_body(LIT("{\"data\":[{\"object\":{\"id\":\"no\"}}],"
                       "\"id\":[\"no\"]}"));
    is_int(rc, PAYMENTS_OK, "arrays on the way");
    is_int(event.values[F_OBJECT_ID].type, PAYMENTS_NULL,
           "are not followed");
    is_int(event.values[F_ID].type, PAYMENTS_NULL, "and are no string");

    rc = read_body(LIT("{\"x\":[{\"id\":\"no\"}],\"a\":[[[]],{},\"s\",1],"
                       "\"id\":\"evt_1\"}"));
    is_int(rc, PAYMENTS_OK, "an object in an array");
    is_value_string(F_ID, "evt_1", "is another object");

    rc = read_body(LIT("{\"data.object.id\":\"no\",\"data\":{"
                       "\"object.id\":\"no\"}}"));
    is_int(rc, PAYMENTS_OK, "dots in keys");
    is_int(event.values[F_OBJECT_ID].type, PAYMENTS_NULL, "are no paths");
}


static void
types(void)
{
    size_t  i;

    static const struct {
        payments_str_t  body;
        int             field;
        unsigned        type;
    } tests[] = {
        { payments_string("{\"id\":null}"), F_ID, PAYMENTS_NULL },
        { payments_string("{\"id\":1}"), F_ID, PAYMENTS_NULL },
        { payments_string("{\"id\":1.5e3}"), F_ID, PAYMENTS_NULL },
        { payments_string("{\"id\":true}"), F_ID, PAYMENTS_NULL },
        { payments_string("{\"id\":{}}"), F_ID, PAYMENTS_NULL },
        { payments_string("{\"id\":{\"id\":\"x\"}}"), F_ID, PAYMENTS_NULL },
        { payments_string("{\"id\":[]}"), F_ID, PAYMENTS_NULL },
        { payments_string("{\"paid\":\"true\"}"), F_PAID, PAYMENTS_NULL },
        { payments_string("{\"paid\":1}"), F_PAID, PAYMENTS_NULL },
        { payments_string("{\"paid\":null}"), F_PAID, PAYMENTS_NULL },
        { payments_string("{\"any\":\"x\"}"), F_ANY, PAYMENTS_STRING },
        { payments_string("{\"any\":1}"), F_ANY, PAYMENTS_INTEGER },
        { payments_string("{\"any\":true}"), F_ANY, PAYMENTS_BOOLEAN },
        { payments_string("{\"any\":null}"), F_ANY, PAYMENTS_NULL },
        { payments_string("{\"data\":{\"object\":{\"amount\":\"5\"}}}"),
          F_AMOUNT, PAYMENTS_NULL },
        { payments_string("{\"data\":{\"object\":{\"amount\":true}}}"),
          F_AMOUNT, PAYMENTS_NULL },
        { payments_string("{\"data\":{\"object\":{\"amount\":null}}}"),
          F_AMOUNT, PAYMENTS_NULL },
        { payments_string("{\"data\":{\"object\":\"x\"}}"),
          F_AMOUNT, PAYMENTS_NULL },
        { payments_string("{\"data\":null}"), F_AMOUNT, PAYMENTS_NULL },
        { payments_string("{\"data\":5}"), F_AMOUNT, PAYMENTS_NULL }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(read_body(tests[i].body), PAYMENTS_OK, "types: %s",
               (const char *) tests[i].body.data);
        is_int(event.values[tests[i].field].type, tests[i].type,
               "types: %s has type %u", (const char *) tests[i].body.data,
               tests[i].type);
    }
}


static void
escapes(void)
{
    size_t  i;

    static const struct {
        payments_str_t  body;
        payments_str_t  value;
    } tests[] = {
        { payments_string("{\"id\":\"a\\\"b\"}"), payments_string("a\"b") },
        { payments_string("{\"id\":\"\\\\\\/\"}"), payments_string("\\/") },
        { payments_string("{\"id\":\"\\b\\f\\n\\r\\t\"}"),
          payments_string("\b\f\n\r\t") },
        { payments_string("{\"id\":\"\\u0041\\u007f\"}"),
          payments_string("A\x7f") },
        { payments_string("{\"id\":\"\\u0001\\u001f\"}"),
          payments_string("\x01\x1f") },
        { payments_string("{\"id\":\"\\u0080\\u07ff\"}"),
          payments_string("\xc2\x80\xdf\xbf") },
        { payments_string("{\"id\":\"\\u00e9\\u00E9\"}"),
          payments_string("\xc3\xa9\xc3\xa9") },
        { payments_string("{\"id\":\"\\u0800\\u20AC\\uffff\"}"),
          payments_string("\xe0\xa0\x80\xe2\x82\xac\xef\xbf\xbf") },
        { payments_string("{\"id\":\"\\uD83D\\uDE00\"}"),
          payments_string("\xf0\x9f\x98\x80") },
        { payments_string("{\"id\":\"\\ud800\\udc00\"}"),
          payments_string("\xf0\x90\x80\x80") },
        { payments_string("{\"id\":\"\\udbff\\udfff\"}"),
          payments_string("\xf4\x8f\xbf\xbf") },
        { payments_string("{\"id\":\"x\\u00e9\xc3\xa9\\n\xf0\x9f\x98\x80y\"}"),
          payments_string("x\xc3\xa9\xc3\xa9\n\xf0\x9f\x98\x80y") },
        { payments_string("{\"\\u0069d\":\"a\"}"), payments_string("a") },
        { payments_string("{\"\\u0069\\u0064\":\"\\u0061\"}"),
          payments_string("a") },
        { payments_string("{\"id\":\"caf\xc3\xa9\"}"),
          payments_string("caf\xc3\xa9") }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(read_body(tests[i].body), PAYMENTS_OK, "escapes: %zu", i);
        is_str(event.values[F_ID].string.data, event.values[F_ID].string.len,
               tests[i].value.data, tests[i].value.len,
               "escapes: %zu: the value", i);
    }

    /* several unescaped strings at once */

    is_int(read_body(LIT("{\"id\":\"\\u0061\",\"x\":\"\\u0062\","
                         "\"any\":\"\\u0063c\",\"data\":{\"object\":{"
                         "\"id\":\"\\u0064\",\"y\":\"\\u0065\"}}}")),
           PAYMENTS_OK, "escapes: in three fields");
    is_value_string(F_ID, "a", "escapes: the first");
    is_value_string(F_ANY, "cc", "escapes: the second");
    is_value_string(F_OBJECT_ID, "d", "escapes: the third");

    is_int(read_body(LIT("{\"d\\u0061ta\":{\"\\u006fbject\":{"
                         "\"\\u0061mount\":5}}}")),
           PAYMENTS_OK, "escapes: in keys");
    is_int(event.values[F_AMOUNT].integer, 5, "escapes: in keys of a path");
}


/*
 * Half of a surrogate pair has no UTF-8: RFC 8259 lets it be written, but as
 * an id it would be another's, or a line that is no JSON.
 */

static void
halves(void)
{
    size_t         i;
    char           body[128];
    payments_rc_e  rc;

    static const char  *const tests[] = {
        "\\ud800", "\\udbff", "\\udc00", "\\udfff", "\\uD83D",
        "a\\ud800b", "a\\udc00b", "\\ud800\\u0041", "\\ud800\\u0000",
        "\\ud800\\ud800", "\\ud800\\ue000", "\\ud800\\udbff",
        "\\udc00\\ud800", "\\ud800\\n", "\\ud800\\\\dc00",
        "\\ud83d\\ude00\\ude00", "\\ud83d\\ud83d\\ude00"
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        snprintf(body, sizeof(body), "{\"id\":\"%s\"}", tests[i]);
        rc = read_body(text(body));

        ok(rc == PAYMENTS_BAD_JSON || rc == PAYMENTS_BAD_UTF8,
           "halves: %s is refused in a followed string", tests[i]);
    }

    /* what only looks like one */

    is_int(read_body(LIT("{\"id\":\"\\\\ud800\"}")), PAYMENTS_OK,
           "halves: an escaped backslash before ud800");
    is_value_string(F_ID, "\\ud800", "halves: is text");
    is_int(read_body(LIT("{\"id\":\"\\ud7ff\\ue000\"}")), PAYMENTS_OK,
           "halves: their neighbours");
    is_value_string(F_ID, "\xed\x9f\xbf\xee\x80\x80",
                    "halves: are characters");
}


/* {"<key>":"<n times unit>"}, and what it is read as */

static payments_rc_e
long_string(const char *key, const char *unit, size_t n)
{
    char           *buf, *p;
    size_t          len;
    payments_rc_e   rc;

    len = strlen(unit);
    buf = malloc(strlen(key) + n * len + 16);
    p = buf + sprintf(buf, "{\"%s\":\"", key);

    while (n--) {
        memcpy(p, unit, len);
        p += len;
    }

    p += sprintf(p, "\"}");
    rc = read_body(bytes(buf, p - buf));
    free(buf);

    return rc;
}


static void
lengths(void)
{
    char    *buf, *p;
    size_t   i;

    is_int(long_string("id", "a", 512), PAYMENTS_OK, "512 bytes");
    is_int(event.values[F_ID].string.len, 512, "are kept");
    is_int(long_string("id", "a", 513), PAYMENTS_TOO_LONG, "513 bytes");
    is_int(long_string("id", "\\n", 512), PAYMENTS_OK, "512 escaped bytes");
    is_int(event.values[F_ID].string.len, 512, "are kept");
    is_int(long_string("id", "\\n", 513), PAYMENTS_TOO_LONG,
           "513 escaped bytes");
    is_int(long_string("id", "\\u0061", 512), PAYMENTS_OK,
           "512 bytes by code point");
    is_int(long_string("id", "\\u0061", 513), PAYMENTS_TOO_LONG,
           "513 bytes by code point");
    is_int(long_string("id", "\\u20ac", 170), PAYMENTS_OK,
           "510 bytes of three");
    is_int(event.values[F_ID].string.len, 510, "are kept");
    is_int(long_string("id", "\\u20ac", 171), PAYMENTS_TOO_LONG,
           "513 bytes of three");
    is_int(long_string("\\u0069d", "a", 513), PAYMENTS_TOO_LONG,
           "513 bytes under an escaped key");
    is_int(long_string("id", "a", 1 << 20), PAYMENTS_TOO_LONG, "1 MB");
    is_int(long_string("id", "\\n", 1 << 20), PAYMENTS_TOO_LONG,
           "1 MB escaped");

    is_int(long_string("x", "a", 1 << 20), PAYMENTS_OK,
           "1 MB that nobody follows");
    is_int(long_string("x", "\\n", 1 << 20), PAYMENTS_OK,
           "1 MB of escapes that nobody follows");
    is_int(long_string("x", "\\u0061", 1 << 20), PAYMENTS_OK,
           "1 MB of code points that nobody follows");
    is_int(long_string("x", "\\ud83d\\ude00", 1 << 20), PAYMENTS_OK,
           "1 MB of pairs that nobody follows");
    is_int(long_string("amount", "a", 1 << 20), PAYMENTS_OK,
           "1 MB where the key is followed elsewhere");

    /* a followed field of another type is null, whatever its length */

    is_int(long_string("paid", "a", 1 << 20), PAYMENTS_OK,
           "1 MB where a boolean is wanted");

    /* a key of 1 MB, plain and escaped */

    buf = malloc((6 << 20) + 64);
    p = buf + sprintf(buf, "{\"");

    for (i = 0; i < 1 << 20; i++) {
        *p++ = 'k';
    }

    p += sprintf(p, "\":1,\"id\":\"a\"}");
    is_int(read_body(bytes(buf, p - buf)), PAYMENTS_OK, "a key of 1 MB");
    is_value_string(F_ID, "a", "and the next key");

    p = buf + sprintf(buf, "{\"");

    for (i = 0; i < 1 << 20; i++) {
        p = (char *) memcpy(p, "\\u006b", 6) + 6;
    }

    p += sprintf(p, "\":1,\"id\":\"a\"}");
    is_int(read_body(bytes(buf, p - buf)), PAYMENTS_OK,
           "an escaped key of 1 MB");
    is_value_string(F_ID, "a", "and the next key");

    free(buf);
}


#define FIVE      "[],[[]],{},{\"a\":[]},[{}],"
#define FIFTY     FIVE FIVE FIVE FIVE FIVE FIVE FIVE FIVE FIVE FIVE
#define SIBLINGS  "[" FIFTY FIFTY


/* n levels, the first of which is the document's object */

static payments_rc_e
nested(unsigned n, const char *open, const char *close)
{
    char           *buf, *p;
    unsigned        i;
    payments_rc_e   rc;

    buf = malloc(n * (strlen(open) + strlen(close)) + 64);
    p = buf + sprintf(buf, "{\"id\":\"evt_1\",\"x\":");

    for (i = 1; i < n; i++) {
        p += sprintf(p, "%s", open);
    }

    p += sprintf(p, "1");

    for (i = 1; i < n; i++) {
        p += sprintf(p, "%s", close);
    }

    p += sprintf(p, "}");
    rc = read_body(bytes(buf, p - buf));
    free(buf);

    return rc;
}


static void
depths(void)
{
    is_int(nested(63, "[", "]"), PAYMENTS_OK, "63 levels of arrays");
    is_int(nested(64, "[", "]"), PAYMENTS_OK, "64 levels of arrays");
    is_value_string(F_ID, "evt_1", "are read");
    is_int(nested(65, "[", "]"), PAYMENTS_TOO_DEEP, "65 levels of arrays");
    is_int(nested(64, "{\"a\":", "}"), PAYMENTS_OK, "64 levels of objects");
    is_int(nested(65, "{\"a\":", "}"), PAYMENTS_TOO_DEEP,
           "65 levels of objects");
    is_int(nested(100000, "[", "]"), PAYMENTS_TOO_DEEP, "100000 levels");
    is_int(nested(65, "[", ""), PAYMENTS_TOO_DEEP, "65 levels, left open");
    is_int(nested(63, "[{\"a\":", "}]"), PAYMENTS_TOO_DEEP,
           "125 levels, mixed");

    /* siblings are not levels */

    is_int(nested(2, "[[[]],[[]],{},{\"a\":[]},[", "]]"), PAYMENTS_OK,
           "siblings");
    is_int(nested(2, SIBLINGS, "]"), PAYMENTS_OK, "a hundred siblings");
}


static void
duplicates(void)
{
    size_t  i;

    static const struct {
        const char     *body;
        payments_rc_e   rc;
    } tests[] = {
        { "{\"id\":\"a\",\"id\":\"b\"}", PAYMENTS_DUPLICATE_KEY },
        { "{\"id\":\"a\",\"id\":\"a\"}", PAYMENTS_DUPLICATE_KEY },
        { "{\"id\":\"a\",\"x\":1,\"id\":null}", PAYMENTS_DUPLICATE_KEY },
        { "{\"id\":null,\"id\":\"a\"}", PAYMENTS_DUPLICATE_KEY },
        { "{\"id\":5,\"id\":\"a\"}", PAYMENTS_DUPLICATE_KEY },
        { "{\"id\":{},\"id\":\"a\"}", PAYMENTS_DUPLICATE_KEY },
        { "{\"id\":\"a\",\"\\u0069d\":\"b\"}", PAYMENTS_DUPLICATE_KEY },
        { "{\"\\u0069d\":\"a\",\"i\\u0064\":\"b\"}",
          PAYMENTS_DUPLICATE_KEY },
        { "{\"paid\":true,\"paid\":true}", PAYMENTS_DUPLICATE_KEY },
        { "{\"data\":{},\"data\":{}}", PAYMENTS_DUPLICATE_KEY },
        { "{\"data\":1,\"data\":{\"object\":{\"id\":\"a\"}}}",
          PAYMENTS_DUPLICATE_KEY },
        { "{\"data\":{\"object\":{\"id\":\"a\"}},\"d\\u0061ta\":null}",
          PAYMENTS_DUPLICATE_KEY },
        { "{\"data\":[],\"data\":[]}", PAYMENTS_DUPLICATE_KEY },
        { "{\"data\":{\"object\":{},\"object\":{}}}",
          PAYMENTS_DUPLICATE_KEY },
        { "{\"data\":{\"object\":null,\"x\":1,\"object\":{\"id\":\"a\"}}}",
          PAYMENTS_DUPLICATE_KEY },
        { "{\"data\":{\"object\":{\"id\":\"a\",\"id\":\"b\"}}}",
          PAYMENTS_DUPLICATE_KEY },
        { "{\"data\":{\"object\":{\"id\":\"a\",\"s\":{\"id\":1,\"id\":2},"
          "\"\\u0069\\u0064\":\"b\"}}}", PAYMENTS_DUPLICATE_KEY },
        { "{\"data\":{\"object\":{\"amount\":1,\"amount\":1}}}",
          PAYMENTS_DUPLICATE_KEY },

        { "{\"x\":1,\"x\":2}", PAYMENTS_OK },
        { "{\"x\":{\"id\":1,\"id\":2}}", PAYMENTS_OK },
        { "{\"x\":{\"data\":1,\"data\":2}}", PAYMENTS_OK },
        { "{\"data\":{\"id\":1,\"id\":2}}", PAYMENTS_OK },
        { "{\"data\":{\"object\":{\"x\":1,\"x\":1}}}", PAYMENTS_OK },
        { "{\"data\":{\"object\":{\"s\":{\"id\":1,\"id\":2}}}}",
          PAYMENTS_OK },
        { "{\"id\":\"a\",\"data\":{\"id\":\"b\",\"object\":{\"id\":\"c\"}}}",
          PAYMENTS_OK },
        { "{\"id\":\"a\",\"ID\":\"b\",\"id \":\"c\",\"id\\u0000\":\"d\"}",
          PAYMENTS_OK },
        { "{\"data\":[{\"object\":1,\"object\":1}]}", PAYMENTS_OK },
        { "{\"x\":[{\"id\":1,\"id\":1},{\"id\":1}]}", PAYMENTS_OK }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(read_body(text(tests[i].body)), tests[i].rc,
               "duplicates: %s", tests[i].body);
    }
}


static void
numbers(void)
{
    size_t  i;
    char    body[256];

    static const struct {
        const char     *text;
        payments_rc_e   rc;
        int64_t         value;
    } tests[] = {
        { "0", PAYMENTS_OK, 0 },
        { "-0", PAYMENTS_OK, 0 },
        { "1", PAYMENTS_OK, 1 },
        { "-1", PAYMENTS_OK, -1 },
        { "2000", PAYMENTS_OK, 2000 },
        { "9007199254740993", PAYMENTS_OK, INT64_C(9007199254740993) },
        { "9223372036854775806", PAYMENTS_OK, INT64_MAX - 1 },
        { "9223372036854775807", PAYMENTS_OK, INT64_MAX },
        { "9223372036854775808", PAYMENTS_BAD_NUMBER, 0 },
        { "9223372036854775810", PAYMENTS_BAD_NUMBER, 0 },
        { "10000000000000000000", PAYMENTS_BAD_NUMBER, 0 },
        { "18446744073709551616", PAYMENTS_BAD_NUMBER, 0 },
        { "18446744073709551617", PAYMENTS_BAD_NUMBER, 0 },
        { "92233720368547758070", PAYMENTS_BAD_NUMBER, 0 },
        { "100000000000000000000000000000000", PAYMENTS_BAD_NUMBER, 0 },
        { "-9223372036854775807", PAYMENTS_OK, -INT64_MAX },
        { "-9223372036854775808", PAYMENTS_OK, INT64_MIN },
        { "-9223372036854775809", PAYMENTS_BAD_NUMBER, 0 },
        { "-18446744073709551615", PAYMENTS_BAD_NUMBER, 0 },
        { "-100000000000000000000000000000", PAYMENTS_BAD_NUMBER, 0 },
        { "1.0", PAYMENTS_BAD_NUMBER, 0 },
        { "0.0", PAYMENTS_BAD_NUMBER, 0 },
        { "-0.0", PAYMENTS_BAD_NUMBER, 0 },
        { "20.00", PAYMENTS_BAD_NUMBER, 0 },
        { "1e3", PAYMENTS_BAD_NUMBER, 0 },
        { "1E3", PAYMENTS_BAD_NUMBER, 0 },
        { "1e0", PAYMENTS_BAD_NUMBER, 0 },
        { "0e0", PAYMENTS_BAD_NUMBER, 0 },
        { "1e+2", PAYMENTS_BAD_NUMBER, 0 },
        { "100e-2", PAYMENTS_BAD_NUMBER, 0 },
        { "1e400", PAYMENTS_BAD_NUMBER, 0 }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        snprintf(body, sizeof(body), "{\"data\":{\"object\":{\"amount\":%s"
                 ",\"x\":1}}}", tests[i].text);

        is_int(read_body(text(body)), tests[i].rc, "numbers: %s",
               tests[i].text);

        if (tests[i].rc == PAYMENTS_OK) {
            is_int(event.values[F_AMOUNT].integer, tests[i].value,
                   "numbers: %s is exact", tests[i].text);
        }

        /* anything goes where nobody looks */

        snprintf(body, sizeof(body), "{\"x\":%s,\"y\":[%s],\"id\":%s,"
                 "\"data\":{\"amount\":%s}}", tests[i].text, tests[i].text,
                 tests[i].text, tests[i].text);

        is_int(read_body(text(body)), PAYMENTS_OK,
               "numbers: %s where no integer is followed", tests[i].text);
    }

    /* in a field of several types, too */

    is_int(read_body(LIT("{\"any\":1.5}")), PAYMENTS_BAD_NUMBER,
           "numbers: 1.5 where an integer or a string is followed");
}


static void
sizes(void)
{
    char    *buf;
    size_t   len;

    buf = malloc(PAYMENTS_MAX_BODY);
    memset(buf, ' ', PAYMENTS_MAX_BODY);
    memcpy(buf, "{\"id\":\"a\"}", 10);

    is_int(read_body(bytes(buf, PAYMENTS_MAX_BODY)), PAYMENTS_OK,
           "the largest body, of blanks");

    memcpy(buf, "{\"x\":[", 6);

    for (len = 6; len < PAYMENTS_MAX_BODY - 3; len++) {
        buf[len] = len % 2 ? ',' : '1';
    }

    memcpy(buf + PAYMENTS_MAX_BODY - 3, "1]}", 3);

    is_int(read_body(bytes(buf, PAYMENTS_MAX_BODY)), PAYMENTS_OK,
           "the largest body, of small numbers");

    free(buf);
}


int
main(void)
{
    schema_init();

    paths();
    types();
    escapes();
    halves();
    lengths();
    depths();
    duplicates();
    numbers();
    sizes();

    done_reading();

    return done_testing();
}
