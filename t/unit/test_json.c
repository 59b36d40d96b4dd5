
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What is no JSON of RFC 8259 in UTF-8 of RFC 3629 is refused.
 */


#include "payments_text.h"
#include "read.h"


#define SAMPLE                                                                \
    "{\"id\":\"evt_\\u00e9\\n\xc3\xa9\xe2\x82\xac\",\"a\":[1,-2.5e+3,true,"   \
    "false,null,{}],\"data\":{\"object\":{\"id\":\"\\ud83d\\ude00\","         \
    "\"amount\":2000,\"s\":\"\\\"\\\\\"}},\"paid\":true,\"any\":\"x\"} \n"


static void
bad_texts(void)
{
    size_t  i;

    static const payments_str_t  tests[] = {
        payments_string(""),
        payments_string(" "),
        payments_string(" \t\r\n "),
        payments_string("\0"),
        payments_string("x"),
        payments_string("{"),
        payments_string("}"),
        payments_string("{}}"),
        payments_string("{}{}"),
        payments_string("{} {}"),
        payments_string("{}\n{}"),
        payments_string("{},"),
        payments_string("{}x"),
        payments_string("{}\0"),
        payments_string("{}1"),
        payments_string("{}null"),
        payments_string("{}\"\""),
        payments_string("{}[]"),
        payments_string(",{}"),
        payments_string("\0{}"),
        payments_string("\f{}"),
        payments_string("\v{}"),
        payments_string("{}\f"),
        payments_string("{\0}"),
        payments_string("{\"a\":1\0}"),
        payments_string("{\"a\"\0:1}"),

        /* BOM */
        payments_string("\xef\xbb\xbf{}"),
        payments_string("{}\xef\xbb\xbf"),

        /* blanks of other kinds */
        payments_string("\xc2\xa0{}"),
        payments_string("{\xe2\x80\xa8}"),

        /* structure */
        payments_string("{\"a\"}"),
        payments_string("{\"a\":}"),
        payments_string("{\"a\" 1}"),
        payments_string("{\"a\":1,}"),
        payments_string("{,\"a\":1}"),
        payments_string("{\"a\":1,,\"b\":2}"),
        payments_string("{\"a\":1 \"b\":2}"),
        payments_string("{\"a\":1;\"b\":2}"),
        payments_string("{\"a\"=1}"),
        payments_string("{\"a\"::1}"),
        payments_string("{\"a\":1:2}"),
        payments_string("{\"a\":[1,]}"),
        payments_string("{\"a\":[,1]}"),
        payments_string("{\"a\":[,]}"),
        payments_string("{\"a\":[1 2]}"),
        payments_string("{\"a\":[1,,2]}"),
        payments_string("{\"a\":[}"),
        payments_string("{\"a\":]}"),
        payments_string("{\"a\":[1}"),
        payments_string("{\"a\":[1}]"),
        payments_string("{\"a\":{\"b\":1]}"),
        payments_string("{\"a\":[\"b\":1]}"),
        payments_string("[{}"),
        payments_string("{]"),

        /* keys */
        payments_string("{a:1}"),
        payments_string("{1:1}"),
        payments_string("{null:1}"),
        payments_string("{true:1}"),
        payments_string("{[]:1}"),
        payments_string("{{}:1}"),
        payments_string("{'a':1}"),

        /* comments, quotes */
        payments_string("{}//"),
        payments_string("{}// x\n"),
        payments_string("// x\n{}"),
        payments_string("/**/{}"),
        payments_string("{/* x */}"),
        payments_string("{\"a\":/* x */1}"),
        payments_string("{}# x\n"),
        payments_string("{\"a\":'x'}"),
        payments_string("{\"a\":`x`}"),
        payments_string("{\"a\":\"x'}"),

        /* words */
        payments_string("{\"a\":NaN}"),
        payments_string("{\"a\":nan}"),
        payments_string("{\"a\":Infinity}"),
        payments_string("{\"a\":-Infinity}"),
        payments_string("{\"a\":undefined}"),
        payments_string("{\"a\":True}"),
        payments_string("{\"a\":TRUE}"),
        payments_string("{\"a\":tru}"),
        payments_string("{\"a\":truex}"),
        payments_string("{\"a\":true false}"),
        payments_string("{\"a\":nul}"),
        payments_string("{\"a\":nulll}"),
        payments_string("{\"a\":fals}"),
        payments_string("{\"a\":x}"),

        /* numbers, followed or not */
        payments_string("{\"a\":01}"),
        payments_string("{\"a\":00}"),
        payments_string("{\"a\":-01}"),
        payments_string("{\"a\":-}"),
        payments_string("{\"a\":+1}"),
        payments_string("{\"a\":--1}"),
        payments_string("{\"a\":.5}"),
        payments_string("{\"a\":-.5}"),
        payments_string("{\"a\":1.}"),
        payments_string("{\"a\":1.e3}"),
        payments_string("{\"a\":1.5.5}"),
        payments_string("{\"a\":1e}"),
        payments_string("{\"a\":1e+}"),
        payments_string("{\"a\":1e1.5}"),
        payments_string("{\"a\":e3}"),
        payments_string("{\"a\":0x10}"),
        payments_string("{\"a\":1_000}"),
        payments_string("{\"a\":1,000}"),
        payments_string("{\"a\":1 000}"),
        payments_string("{\"a\":1n}"),
        payments_string("{\"a\":1f}"),
        payments_string("{\"data\":{\"object\":{\"amount\":01}}}"),
        payments_string("{\"data\":{\"object\":{\"amount\":+1}}}"),
        payments_string("{\"data\":{\"object\":{\"amount\":1.}}}"),
        payments_string("{\"data\":{\"object\":{\"amount\":-}}}"),
        payments_string("{\"data\":{\"object\":{\"amount\":0x1}}}"),

        /* strings */
        payments_string("{\"a\":\"}"),
        payments_string("{\"a\":\"x\ny\"}"),
        payments_string("{\"a\":\"x\ty\"}"),
        payments_string("{\"a\":\"x\ry\"}"),
        payments_string("{\"a\":\"x\0y\"}"),
        payments_string("{\"a\":\"x\x1fy\"}"),
        payments_string("{\"id\":\"x\x01y\"}"),
        payments_string("{\"id\":\"x\ny\"}"),
        payments_string("{\"i\nd\":1}"),
        payments_string("{\"\0\":1}"),
        payments_string("{\"a\":\"\\\"}"),
        payments_string("{\"a\":\"\\x41\"}"),
        payments_string("{\"a\":\"\\a\"}"),
        payments_string("{\"a\":\"\\'\"}"),
        payments_string("{\"a\":\"\\0\"}"),
        payments_string("{\"a\":\"\\\n\"}"),
        payments_string("{\"a\":\"\\u\"}"),
        payments_string("{\"a\":\"\\u1\"}"),
        payments_string("{\"a\":\"\\u123\"}"),
        payments_string("{\"a\":\"\\u12g4\"}"),
        payments_string("{\"a\":\"\\u 123\"}"),
        payments_string("{\"a\":\"\\u+123\"}"),
        payments_string("{\"a\":\"\\U0041\"}"),
        payments_string("{\"a\":\"\\u{41}\"}"),
        payments_string("{\"id\":\"\\ud83d\\u12\"}"),
        payments_string("{\"a\":\"b\" \"c\"}"),
        payments_string("{\"a\":\"b\"+\"c\"}")
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {

        if (!is_int(read_body(tests[i]), PAYMENTS_BAD_JSON, "no JSON: %zu",
                    i))
        {
            tap_bytes("    body", tests[i].data, tests[i].len);
        }
    }
}


static void
good_texts(void)
{
    size_t  i;

    static const payments_str_t  tests[] = {
        payments_string("{}"),
        payments_string("\n\r\t {\n\r\t }\n\r\t "),
        payments_string("{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }"),
        payments_string("{\"\":{\"\":[]}}"),
        payments_string("{\"a\":[0,-0,1,-1,1.5,1e3,1E3,1e+3,1e-3,0.5,0e0]}"),
        payments_string("{\"a\":1.7976931348623157e400,\"b\":-1e-999999}"),
        payments_string("{\"a\":[true,false,null,\"\",{},[]]}"),
        payments_string("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"}"),
        payments_string("{\"a\":\"\x7f\"}"),
        payments_string("{\"a\":\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf"
                        "\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f"
                        "\xbf\xbf\xef\xbb\xbf\"}"),
        payments_string("{\"\xc2\x80\xf4\x8f\xbf\xbf\":1}"),
        payments_string("{\"a\":\"// /* */ # ' NaN\"}"),
        payments_string(SAMPLE)
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {

        if (!is_int(read_body(tests[i]), PAYMENTS_OK, "JSON: %zu", i)) {
            tap_bytes("    body", tests[i].data, tests[i].len);
        }
    }
}


/* a body is an object; what else is JSON never becomes an event */

static void
not_objects(void)
{
    size_t             i;
    payments_rc_e      rc;
    payments_schema_t  stripe;

    static const payments_str_t  tests[] = {
        payments_string("[]"),
        payments_string("[{\"id\":\"evt_1\",\"type\":\"x\"}]"),
        payments_string("\"id\""),
        payments_string("\"\""),
        payments_string("1"),
        payments_string("-1.5e3"),
        payments_string("true"),
        payments_string("false"),
        payments_string("null"),
        payments_string(" null ")
    };

    payments_schema_compile(&stripe, payments_stripe.fields,
                            payments_stripe.nfields);

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        rc = read_with(&stripe, tests[i]);

        if (rc == PAYMENTS_OK) {
            rc = payments_stripe.normalize(&payments_stripe, &event);
        }

        ok(rc == PAYMENTS_BAD_JSON || rc == PAYMENTS_NO_EVENT_ID,
           "no object: %s", (const char *) tests[i].data);
    }
}


static void
bad_utf8(void)
{
    size_t         i, len;
    char           body[256];
    payments_rc_e  rc;

    static const payments_str_t  tests[] = {
        payments_string("\xc0\x80"),
        payments_string("\xc1\xbf"),
        payments_string("\xe0\x80\x80"),
        payments_string("\xe0\x9f\xbf"),
        payments_string("\xf0\x80\x80\x80"),
        payments_string("\xf0\x8f\xbf\xbf"),
        payments_string("\xed\xa0\x80"),
        payments_string("\xed\xbf\xbf"),
        payments_string("\xed\xa1\x8c\xed\xbe\xb4"),
        payments_string("\xf4\x90\x80\x80"),
        payments_string("\xf5\x80\x80\x80"),
        payments_string("\xf8\x88\x80\x80\x80"),
        payments_string("\xfe"),
        payments_string("\xff"),
        payments_string("\x80"),
        payments_string("\xbf"),
        payments_string("\xc2"),
        payments_string("\xe2\x82"),
        payments_string("\xe2"),
        payments_string("\xf0\x9f\x98"),
        payments_string("\xe9")
    };

    static const char  *const forms[] = {
        "{\"a\":\"%.*s\"}",
        "{\"a\":\"xyz%.*sxyz\"}",
        "{\"id\":\"%.*s\"}",
        "{\"id\":\"\\u00e9%.*s\\n\"}",
        "{\"%.*s\":1}",
        "{\"data\":{\"object\":{\"k%.*s\\n\":[\"a\"]}}}",
        "{\"a\":[[\"%.*s\"]]}",
        "{\"id\":\"a\",\"zz\":\"%.*s\"}"
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        int     wrong = 0;
        size_t  k;

        for (k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
            len = snprintf(body, sizeof(body), forms[k], (int) tests[i].len,
                           (const char *) tests[i].data);
            wrong += (read_body(bytes(body, len)) != PAYMENTS_BAD_UTF8);
        }

        /* outside of strings, and where a text is cut */

        len = snprintf(body, sizeof(body), "{\"a\":1%.*s}",
                       (int) tests[i].len, (const char *) tests[i].data);
        rc = read_body(bytes(body, len));
        wrong += (rc != PAYMENTS_BAD_UTF8 && rc != PAYMENTS_BAD_JSON);

        len = snprintf(body, sizeof(body), "{}%.*s", (int) tests[i].len,
                       (const char *) tests[i].data);
        rc = read_body(bytes(body, len));
        wrong += (rc != PAYMENTS_BAD_UTF8 && rc != PAYMENTS_BAD_JSON);

        len = snprintf(body, sizeof(body), "{\"a\":\"%.*s",
                       (int) tests[i].len, (const char *) tests[i].data);
        rc = read_body(bytes(body, len));
        wrong += (rc != PAYMENTS_BAD_UTF8 && rc != PAYMENTS_BAD_JSON);

        if (!is_int(wrong, 0, "no UTF-8: %zu", i)) {
            tap_bytes("   bytes", tests[i].data, tests[i].len);
        }
    }
}


static void
prefixes(void)
{
    size_t         i, wrong, object;
    payments_rc_e  rc;

    static const char  sample[] = SAMPLE;

    /* two blanks follow the object */

    object = sizeof(sample) - 1 - 2;
    wrong = 0;

    for (i = 0; i < object; i++) {
        rc = read_body(bytes(sample, i));

        /* a prefix may end within a character */

        if (rc != PAYMENTS_BAD_JSON
            && !(rc == PAYMENTS_BAD_UTF8 && (sample[i] & 0xc0) == 0x80))
        {
            diag("%zu bytes: %d", i, rc);
            wrong++;
        }
    }

    is_int(wrong, 0, "every proper prefix is refused");
    is_int(read_body(bytes(sample, object)), PAYMENTS_OK,
           "the object alone is not");
    is_value_string(F_ID, "evt_\xc3\xa9\n\xc3\xa9\xe2\x82\xac",
                    "and its id is read");
    is_value_string(F_OBJECT_ID, "\xf0\x9f\x98\x80", "and its object's");
}


/* whatever the bytes: an event or a reason, and no crash */

static void
flips(void)
{
    size_t             i, k, wrong, accepted;
    unsigned           x;
    unsigned char      sample[] = SAMPLE;
    payments_rc_e      rc;
    payments_value_t  *v;

    static const unsigned char  masks[] = { 0x01, 0x80, 0xff, 0x20, 0x02 };

    wrong = 0;
    accepted = 0;

    for (i = 0; i < sizeof(sample) - 1; i++) {
        for (x = 0; x < sizeof(masks) + 256; x++) {
            unsigned char  old = sample[i];

            sample[i] = x < sizeof(masks) ? old ^ masks[x]
                                          : x - sizeof(masks);

            rc = read_body(bytes(sample, sizeof(sample) - 1));
            sample[i] = old;

            if (rc == PAYMENTS_OK) {
                accepted++;

                /* what was read is UTF-8 */

                for (k = 0; k <= F_ANY; k++) {
                    v = &event.values[k];

                    if (v->type == PAYMENTS_STRING
                        && (v->string.len > PAYMENTS_MAX_STRING
                            || !payments_utf8_valid(v->string.data,
                                                    v->string.len)))
                    {
                        wrong++;
                    }
                }

            } else {
                wrong += (rc < PAYMENTS_BAD_UTF8 || rc > PAYMENTS_NO_EVENT_ID);
            }
        }
    }

    is_int(wrong, 0, "every byte made any other");
    ok(accepted > 1000, "%zu of them are JSON still", accepted);
}


int
main(void)
{
    schema_init();

    bad_texts();
    good_texts();
    not_objects();
    bad_utf8();
    prefixes();
    flips();

    done_reading();

    return done_testing();
}
