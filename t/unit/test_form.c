
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Forms, base64 and hex.
 */


#include "payments_base64.h"
#include "payments_form.h"
#include "payments_hex.h"
#include "unit.h"


static const payments_str_t  names[] = {
    payments_string("bt_signature"), payments_string("bt_payload")
};


static payments_str_t  values[2];
static unsigned char   room[8192], *end;


static payments_rc_e
form(const char *body)
{
    payments_rc_e   rc;
    payments_str_t  box;

    box = boxed(text(body));
    rc = payments_form_read(box, names, 2, values, room, &end);
    unbox(box);

    return rc;
}


static void
field_is(unsigned i, const char *expected, const char *name)
{
    ok(values[i].data != NULL, "%s: there", name);
    is_str(values[i].data, values[i].len, expected, strlen(expected), "%s",
           name);
}


static void
reads(void)
{
    is_int(form("bt_signature=a%7Cb%26c%7cd&bt_payload=QUJD%2B%0A"),
           PAYMENTS_OK, "two fields");
    field_is(0, "a|b&c|d", "escapes");
    field_is(1, "QUJD+\n", "a plus and a line feed");
    is_int(end - room, 7 + 6, "and no more room than that");

    is_int(form("bt%5Fpayload=a+b&&x&=y&"), PAYMENTS_OK, "odd ones");
    field_is(1, "a b", "an escaped name, and a blank");
    ok(values[0].data == NULL, "the other one is not there");

    is_int(form("bt_payload"), PAYMENTS_OK, "no value");
    field_is(1, "", "an empty one");

    is_int(form(""), PAYMENTS_OK, "nothing");
    ok(values[0].data == NULL && values[1].data == NULL, "is nothing");

    is_int(form("BT_PAYLOAD=1&bt_payload%00=2&bt_payloa=3"), PAYMENTS_OK,
           "other names");
    ok(values[1].data == NULL, "are others");
}


static void
refuses(void)
{
    size_t  i;
    char    name[PAYMENTS_MAX_FORM_NAME + 2];
    char    many[2 * PAYMENTS_MAX_FORM + 3];

    static const char  *wrong[] = {
        "a=%", "a=%4", "a=%4g", "a=%g4", "%=", "%4=1", "x=%%41", "a%2=4"
    };

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        is_int(form(wrong[i]), PAYMENTS_BAD_FORM, "%s", wrong[i]);
    }

    is_int(form("bt_payload=1&x=2&bt_payload=1"), PAYMENTS_DUPLICATE_KEY,
           "twice");
    is_int(form("bt_payload=1&bt%5fpayload"), PAYMENTS_DUPLICATE_KEY,
           "twice, in two spellings, and empty");
    is_int(form("x=1&x=2"), PAYMENTS_OK, "twice what nobody wants");

    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    is_int(form(name), PAYMENTS_TOO_LONG, "a long name");
    name[sizeof(name) - 2] = '\0';
    is_int(form(name), PAYMENTS_OK, "the longest name");

    for (i = 0; i <= PAYMENTS_MAX_FORM; i++) {
        many[2 * i] = 'x';
        many[2 * i + 1] = '&';
    }

    many[2 * i] = '\0';
    is_int(form(many), PAYMENTS_BAD_FORM, "too many fields");
    many[2 * i - 2] = '\0';
    is_int(form(many), PAYMENTS_OK, "as many as there may be");
}


static payments_rc_e
event_of(payments_schema_t *schema, payments_event_t *event,
    const char *first, size_t n, const char *rest)
{
    char            body[8192];
    payments_rc_e   rc;
    payments_str_t  box;

    static payments_scratch_t  scratch;

    snprintf(body, sizeof(body), "%s%.*s%s", first, (int) n, room, rest);

    box = boxed(text(body));
    rc = payments_form_event(schema, box, event, &scratch);
    unbox(box);

    return rc;
}


static void
events(void)
{
    payments_event_t   event;
    payments_schema_t  schema;

    static const payments_field_t  fields[] = {
        { "a", PAYMENTS_STRING, PAYMENTS_ROLE_ID },
        { "a", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE },
        { "b", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE },
        { "c.d", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
        { "n", PAYMENTS_INTEGER, PAYMENTS_ROLE_NONE }
    };

    memset(room, 'x', sizeof(room));
    payments_schema_compile(&schema, fields, 5);

    is_int(event_of(&schema, &event, "a=%C3%BC&b=+&c=1&d=2&c.d=3&n=4", 0, ""),
           PAYMENTS_OK, "an event");
    is_str(event.values[0].string.data, event.values[0].string.len,
           "\xc3\xbc", 2, "its field");
    is_str(event.values[1].string.data, event.values[1].string.len,
           "\xc3\xbc", 2, "which is a rule's, too");
    is_int(event.values[2].type, PAYMENTS_STRING, "and a rule alone");
    is_int(event.values[3].type, PAYMENTS_NULL, "nothing is nested");
    is_int(event.values[4].type, PAYMENTS_NULL, "and nothing a number");

    is_int(event_of(&schema, &event, "a=1&a=1", 0, ""),
           PAYMENTS_DUPLICATE_KEY, "twice");
    is_int(event_of(&schema, &event, "a=%ff", 0, ""), PAYMENTS_BAD_UTF8,
           "no text");
    is_int(event_of(&schema, &event, "z=%ff", 0, ""), PAYMENTS_OK,
           "where nobody looks");
    is_int(event_of(&schema, &event, "a=", PAYMENTS_MAX_STRING, ""),
           PAYMENTS_OK, "the longest");
    is_int(event_of(&schema, &event, "a=", PAYMENTS_MAX_STRING + 1, ""),
           PAYMENTS_TOO_LONG, "one byte more");
    is_int(event_of(&schema, &event, "b=", PAYMENTS_MAX_STRING + 1, "&a=1"),
           PAYMENTS_OK, "for a rule alone");
    is_int(event.values[2].type, PAYMENTS_OTHER, "something it is not");
    is_int(event_of(&schema, &event, "a=%2", 0, ""), PAYMENTS_BAD_FORM,
           "no form");
}


static void
base64(void)
{
    size_t          i, len;
    payments_str_t  box;
    unsigned char   dst[64];

    /* RFC 4648, 10 */

    static const struct {
        const char  *plain;
        const char  *text;
    } vectors[] = {
        { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "+/+/" }
    };

    static const char  *wrong[] = {
        "Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zh==", "Zm9=",
        "Zg==Zg==", "Zg==Z", "Zg=a", "Zm9v ", "Zm9v\r\n", "Zm-v", "Zm_v",
        "\x80m9v"
    };

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        len = payments_base64_encode(dst, text(vectors[i].plain)) - dst;
        is_str(dst, len, vectors[i].text, strlen(vectors[i].text),
               "base64 of \"%s\"", vectors[i].plain);

        box = boxed(text(vectors[i].text));
        ok(payments_base64_decode(box, (unsigned char *) box.data, &len),
           "\"%s\", where it lies", vectors[i].text);
        is_str(box.data, len, vectors[i].plain, strlen(vectors[i].plain),
               "is what it was");
        unbox(box);
    }

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ok(!payments_base64_decode(text(wrong[i]), dst, &len),
           "no base64: %zu", i);
    }

    ok(payments_base64_decode(LIT("\nZ\nm9vYg=\n=\n\n"), dst, &len),
       "in lines");
    is_str(dst, len, "foob", 4, "without them");
}


/* of a number of bytes that is known, into a box of just as many */

static void
exact(void)
{
    size_t          i;
    payments_str_t  box;

    static const struct {
        const char  *text;
        size_t       size;
        int          right;
    } cases[] = {
        { "Zg==", 1, 1 }, { "Zm8=", 2, 1 }, { "Zm9v", 3, 1 },
        { "Zm9vYg==", 4, 1 }, { "", 0, 0 },

        /* more bytes or fewer than there is room for */

        { "Zm8=", 1, 0 }, { "Zm9v", 1, 0 }, { "Zm9v", 2, 0 },
        { "Zg==", 2, 0 }, { "Zg==", 3, 0 }, { "Zm8=", 3, 0 },
        { "Zm9vYg==", 3, 0 }, { "Zm9v", 4, 0 }, { "Zg=", 1, 0 },

        /* what is no base64 here */

        { "Zh==", 1, 0 }, { "Z===", 1, 0 }, { "====", 1, 0 },
        { "=g==", 1, 0 }, { "Zg=\n", 1, 0 }, { " g==", 1, 0 },
        { "\n\n\n\nZg==", 4, 0 }, { "Zm9v\n\n\n\n", 6, 0 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        box = boxed(bytes("xxxxxxxxx", cases[i].size));

        is_int(payments_base64_exact(text(cases[i].text),
                                     (unsigned char *) box.data,
                                     cases[i].size),
               cases[i].right, "\"%s\" of %zu bytes", cases[i].text,
               cases[i].size);

        if (cases[i].right) {
            is_str(box.data, cases[i].size, "foob", cases[i].size,
                   "and these");
        }

        unbox(box);
    }
}


static void
loose(void)
{
    size_t         i, len;
    unsigned char  dst[16];

    static const char  *right[] = {
        "Zm9vYg==", "Zm9vYg=", "Zm9vYg", "Zm9vYh", "Zm9vYh==", "Zm9vYn"
    };

    static const char  *wrong[] = {
        "", "=", "==", "Z", "Zm9vY", "Zm9vYg===", "Zg==Zg==", "Zm9 v",
        "Zm9v\n", "Zm-v", "Zm_v"
    };

    for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        ok(payments_base64_loose(text(right[i]), dst, &len), "loose: %s",
           right[i]);
        is_str(dst, len, "foob", 4, "what it is");
    }

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ok(!payments_base64_loose(text(wrong[i]), dst, &len),
           "not loose either: %zu", i);
    }
}


static void
hex(void)
{
    int             c;
    unsigned        bad;
    payments_str_t  box;
    unsigned char   dst[8], *end;

    static const char  digits[] = "0123456789abcdefABCDEF";

    bad = 0;

    for (c = 0; c < 256; c++) {
        const char *at = c ? strchr(digits, c) : NULL;
        int         is = at ? at - digits : -1;

        bad += payments_hex_digit(c) != (is > 15 ? is - 6 : is);
    }

    is_int(bad, 0, "all digits, and nothing else");

    box = boxed(LIT("00aFf9"));
    ok(payments_hex_decode(box, dst, 3), "hex");
    is_str(dst, 3, "\x00\xaf\xf9", 3, "its bytes");
    ok(!payments_hex_decode(box, dst, 2), "not as two");
    ok(!payments_hex_decode(box, dst, 4), "nor four");
    unbox(box);

    ok(!payments_hex_decode(LIT("0g"), dst, 1), "no hex");
    ok(!payments_hex_decode(LIT("g0"), dst, 1), "nor this");
    ok(payments_hex_decode(LIT(""), dst, 0), "no bytes");

    end = payments_hex_encode(dst, (const unsigned char *) "\x00\xaf\xf9", 3);
    is_str(dst, end - dst, "00aff9", 6, "written in lower case");
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    reads();
    refuses();
    events();
    base64();
    exact();
    loose();
    hex();

    return done_testing();
}
