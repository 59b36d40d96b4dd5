
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <time.h>
#include <yajl/yajl_tree.h>

#include "payments_text.h"
#include "unit.h"


static int
valid(payments_str_t str)
{
    int             rc;
    payments_str_t  box;

    box = boxed(str);
    rc = payments_utf8_valid(box.data, box.len);
    unbox(box);

    return rc;
}


static void
utf8_table(void)
{
    size_t  i;

    static const struct {
        payments_str_t  str;
        int             valid;
        const char     *name;
    } tests[] = {
        { payments_string(""), 1, "nothing" },
        { payments_string("a"), 1, "ASCII" },
        { payments_string("\0"), 1, "NUL" },
        { payments_string("\x7f"), 1, "U+007F" },
        { payments_string("\xc2\x80"), 1, "U+0080" },
        { payments_string("\xdf\xbf"), 1, "U+07FF" },
        { payments_string("\xe0\xa0\x80"), 1, "U+0800" },
        { payments_string("\xed\x9f\xbf"), 1, "U+D7FF" },
        { payments_string("\xee\x80\x80"), 1, "U+E000" },
        { payments_string("\xef\xbf\xbf"), 1, "U+FFFF" },
        { payments_string("\xf0\x90\x80\x80"), 1, "U+10000" },
        { payments_string("\xf4\x8f\xbf\xbf"), 1, "U+10FFFF" },
        { payments_string("\xef\xbb\xbf"), 1, "a BOM is a character" },

        { payments_string("\x80"), 0, "lone continuation 80" },
        { payments_string("\xbf"), 0, "lone continuation BF" },
        { payments_string("\xc0\x80"), 0, "overlong U+0000" },
        { payments_string("\xc0\xaf"), 0, "overlong slash" },
        { payments_string("\xc1\xbf"), 0, "overlong U+007F" },
        { payments_string("\xe0\x80\x80"), 0, "overlong in three" },
        { payments_string("\xe0\x9f\xbf"), 0, "overlong U+07FF" },
        { payments_string("\xf0\x80\x80\x80"), 0, "overlong in four" },
        { payments_string("\xf0\x8f\xbf\xbf"), 0, "overlong U+FFFF" },
        { payments_string("\xed\xa0\x80"), 0, "U+D800" },
        { payments_string("\xed\xbf\xbf"), 0, "U+DFFF" },
        { payments_string("\xed\xa1\x8c\xed\xbe\xb4"), 0, "CESU-8 pair" },
        { payments_string("\xf4\x90\x80\x80"), 0, "U+110000" },
        { payments_string("\xf5\x80\x80\x80"), 0, "F5" },
        { payments_string("\xf8\x88\x80\x80\x80"), 0, "five bytes" },
        { payments_string("\xfc\x84\x80\x80\x80\x80"), 0, "six bytes" },
        { payments_string("\xfe"), 0, "FE" },
        { payments_string("\xff"), 0, "FF" },
        { payments_string("\xc2"), 0, "C2 and the end" },
        { payments_string("\xe2\x82"), 0, "two of three and the end" },
        { payments_string("\xe2"), 0, "one of three and the end" },
        { payments_string("\xf0\x9f\x98"), 0, "three of four and the end" },
        { payments_string("\xc2" "a"), 0, "C2 before ASCII" },
        { payments_string("\xe2\x82" "a"), 0, "third byte ASCII" },
        { payments_string("\xf0\x9f\x98" "a"), 0, "fourth byte ASCII" },
        { payments_string("\xe2\x82\xc0"), 0, "third byte C0" },
        { payments_string("\xf0\x9f\xff\x80"), 0, "third of four FF" }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(valid(tests[i].str), tests[i].valid, "utf8: %s",
               tests[i].name);
    }
}


/* the encoder of RFC 3629, section 3 */

static size_t
utf8_encode(unsigned char *p, unsigned c)
{
    if (c < 0x80) {
        p[0] = c;
        return 1;
    }

    if (c < 0x800) {
        p[0] = 0xc0 | c >> 6;
        p[1] = 0x80 | (c & 0x3f);
        return 2;
    }

    if (c < 0x10000) {
        p[0] = 0xe0 | c >> 12;
        p[1] = 0x80 | (c >> 6 & 0x3f);
        p[2] = 0x80 | (c & 0x3f);
        return 3;
    }

    p[0] = 0xf0 | c >> 18;
    p[1] = 0x80 | (c >> 12 & 0x3f);
    p[2] = 0x80 | (c >> 6 & 0x3f);
    p[3] = 0x80 | (c & 0x3f);

    return 4;
}


/* valid is what the encoder writes for a character, and nothing else */

static void
utf8_exhaustive(void)
{
    size_t         n, good, bad[5];
    unsigned       c, i, wrong, expected;
    unsigned char  p[4], *set[5];

    memset(bad, 0, sizeof(bad));
    good = 0;

    for (n = 1; n <= 4; n++) {
        set[n] = calloc(1, n == 4 ? 1 << 21 : 1 << 8 * n);
    }

    for (c = 0; c < 0x110000; c++) {
        if (c >= 0xd800 && c <= 0xdfff) {
            continue;
        }

        n = utf8_encode(p, c);
        good += payments_utf8_valid(p, n);

        if (n == 4) {
            set[4][c] = 1;

        } else {
            for (i = 0, wrong = 0; i < n; i++) {
                wrong = wrong << 8 | p[i];
            }

            set[n][wrong] = 1;
        }
    }

    is_int(good, 0x110000 - 0x800, "utf8: every character");

    /* one and two bytes alone, three bytes that are one character */

    for (c = 0; c < 1 << 8; c++) {
        p[0] = c;
        bad[1] += (payments_utf8_valid(p, 1) != set[1][c]);
    }

    for (c = 0; c < 1 << 16; c++) {
        p[0] = c >> 8;
        p[1] = c;
        expected = set[2][c] || (set[1][c >> 8] && set[1][c & 0xff]);
        bad[2] += ((unsigned) payments_utf8_valid(p, 2) != expected);
    }

    for (c = 0; c < 1 << 24; c++) {
        p[0] = c >> 16;
        p[1] = c >> 8;
        p[2] = c;
        expected = set[3][c]
                   || (set[1][c >> 16] && set[2][c & 0xffff])
                   || (set[2][c >> 8] && set[1][c & 0xff])
                   || (set[1][c >> 16] && set[1][c >> 8 & 0xff]
                       && set[1][c & 0xff]);
        bad[3] += ((unsigned) payments_utf8_valid(p, 3) != expected);
    }

    is_int(bad[1], 0, "utf8: every one byte");
    is_int(bad[2], 0, "utf8: every two bytes");
    is_int(bad[3], 0, "utf8: every three bytes");

    /* F0 to FF first: no way to be four bytes but as one character */

    for (c = 0; c < 1 << 24; c++) {
        p[0] = 0xf0 | c >> 20;
        p[1] = c >> 12;
        p[2] = "\x00\x41\x7f\x80\x81\x8f\x90\x9f"
               "\xa0\xbe\xbf\xc0\xc2\xe0\xf0\xff"[c >> 4 & 0xf];
        p[3] = "\x00\x41\x7f\x80\x81\x8f\x90\x9f"
               "\xa0\xbe\xbf\xc0\xc2\xe0\xf0\xff"[c & 0xf];

        if (c & 0xf00) {
            c |= 0xfff;
            continue;
        }

        expected = p[0] < 0xf8
                   && (p[1] & 0xc0) == 0x80
                   && (p[2] & 0xc0) == 0x80
                   && (p[3] & 0xc0) == 0x80
                   && set[4][(p[0] & 7) << 18 | (p[1] & 0x3f) << 12
                             | (p[2] & 0x3f) << 6 | (p[3] & 0x3f)];

        bad[4] += ((unsigned) payments_utf8_valid(p, 4) != expected);
    }

    is_int(bad[4], 0, "utf8: four bytes from F0 on");

    for (n = 1; n <= 4; n++) {
        free(set[n]);
    }
}


/* wherever a bad or cut character lies among ASCII */

static void
utf8_places(void)
{
    size_t         len, i, wrong;
    unsigned char  buf[64];

    wrong = 0;

    for (len = 1; len <= 40; len++) {
        for (i = 0; i < len; i++) {
            memset(buf, 'a', sizeof(buf));

            buf[i] = 0xff;
            wrong += (valid(bytes(buf, len)) != 0);

            buf[i] = 0x80;
            wrong += (valid(bytes(buf, len)) != 0);

            buf[i] = 0xc3;
            wrong += (valid(bytes(buf, len)) != 0);

            buf[i + 1] = 0xa9;
            wrong += (valid(bytes(buf, len)) != (i + 1 < len));
        }
    }

    is_int(wrong, 0, "utf8: at every place of 1 to 40 bytes");
}


static payments_str_t
unescaped(payments_str_t escaped, yajl_val *tree)
{
    char         *json, error[128];
    const char   *s;

    json = malloc(escaped.len + 5);
    json[0] = '[';
    json[1] = '"';
    memcpy(json + 2, escaped.data, escaped.len);
    memcpy(json + 2 + escaped.len, "\"]", 3);

    *tree = yajl_tree_parse(json, error, sizeof(error));
    free(json);

    if (*tree == NULL || !YAJL_IS_ARRAY(*tree)) {
        diag("yajl: %s", error);
        return text("(not JSON)");
    }

    s = YAJL_GET_STRING(YAJL_GET_ARRAY(*tree)->values[0]);

    return text(s);
}


static void
escape_is(payments_str_t str, const char *name)
{
    yajl_val        tree;
    unsigned char  *buf, *end;
    payments_str_t  back;

    buf = malloc(str.len * PAYMENTS_ESCAPE_LEN + 1);
    buf[str.len * PAYMENTS_ESCAPE_LEN] = 0xee;

    end = payments_write_escaped(buf, str);

    ok((size_t) (end - buf) <= str.len * PAYMENTS_ESCAPE_LEN
       && buf[str.len * PAYMENTS_ESCAPE_LEN] == 0xee,
       "escape: %s: in its bounds", name);

    back = unescaped(bytes(buf, end - buf), &tree);
    is_str(back.data, back.len, str.data, str.len, "escape: %s", name);

    yajl_tree_free(tree);
    free(buf);
}


static void
escapes(void)
{
    size_t          i;
    unsigned char  *buf, *end, all[127];
    payments_str_t  nul = payments_string("a\0b");

    for (i = 0; i < sizeof(all); i++) {
        all[i] = i + 1;
    }

    escape_is(text(""), "nothing");
    escape_is(text("evt_1"), "plain text");
    escape_is(text("a\"b\\c\\\\\"\""), "quotes and backslashes");
    escape_is(bytes(all, sizeof(all)), "U+0001 to U+007F");
    escape_is(text("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), "UTF-8");
    escape_is(text("\\u0041 </script>"), "what looks like an escape");

    /* a C string cannot tell U+0000, so that its form is compared */

    buf = malloc(nul.len * PAYMENTS_ESCAPE_LEN);
    end = payments_write_escaped(buf, nul);
    is_str(buf, end - buf, "a\\u0000b", 8, "escape: U+0000");
    free(buf);

    /* nothing but the escaped ones changes */

    buf = malloc(32 * PAYMENTS_ESCAPE_LEN);
    end = payments_write_escaped(buf, text("/\x7f'<>&\xc2\x85\xe2\x80\xa8"));
    is_str(buf, end - buf, "/\x7f'<>&\xc2\x85\xe2\x80\xa8", 11,
           "escape: what needs none");
    free(buf);
}


static void
integer_is(int64_t n, const char *expected)
{
    unsigned char  *buf, *end;

    buf = malloc(PAYMENTS_INTEGER_LEN);
    end = payments_write_integer(buf, n);
    is_str(buf, end - buf, expected, strlen(expected), "integer %s", expected);
    free(buf);
}


static void
decimal_is(int64_t n, unsigned decimals, const char *expected)
{
    unsigned char  *buf, *end;

    buf = malloc(PAYMENTS_DECIMAL_LEN);
    end = payments_write_decimal(buf, n, decimals);
    is_str(buf, end - buf, expected, strlen(expected),
           "decimal %" PRId64 " with %u: %s", n, decimals, expected);
    free(buf);
}


static void
numbers(void)
{
    integer_is(0, "0");
    integer_is(9, "9");
    integer_is(10, "10");
    integer_is(-1, "-1");
    integer_is(-10, "-10");
    integer_is(2000, "2000");
    integer_is(INT64_C(9007199254740993), "9007199254740993");
    integer_is(INT64_MAX, "9223372036854775807");
    integer_is(INT64_MIN + 1, "-9223372036854775807");
    integer_is(INT64_MIN, "-9223372036854775808");

    decimal_is(0, 0, "0");
    decimal_is(0, 1, "0.0");
    decimal_is(0, 2, "0.00");
    decimal_is(0, 3, "0.000");
    decimal_is(5, 0, "5");
    decimal_is(5, 1, "0.5");
    decimal_is(5, 2, "0.05");
    decimal_is(5, 3, "0.005");
    decimal_is(50, 2, "0.50");
    decimal_is(99, 2, "0.99");
    decimal_is(100, 2, "1.00");
    decimal_is(2000, 2, "20.00");
    decimal_is(999, 3, "0.999");
    decimal_is(1000, 3, "1.000");
    decimal_is(123456, 3, "123.456");
    decimal_is(-5, 2, "-0.05");
    decimal_is(-100, 2, "-1.00");
    decimal_is(-1, 3, "-0.001");
    decimal_is(-2000, 0, "-2000");
    decimal_is(INT64_MAX, 0, "9223372036854775807");
    decimal_is(INT64_MAX, 2, "92233720368547758.07");
    decimal_is(INT64_MAX, 3, "9223372036854775.807");
    decimal_is(INT64_MIN, 0, "-9223372036854775808");
    decimal_is(INT64_MIN, 1, "-922337203685477580.8");
    decimal_is(INT64_MIN, 2, "-92233720368547758.08");
    decimal_is(INT64_MIN, 3, "-9223372036854775.808");
}


/* INT64_MIN for what is not read */

static void
read_is(payments_str_t str, int64_t expected)
{
    int             rc;
    int64_t         n;
    payments_str_t  box;

    n = 42;
    box = boxed(str);
    rc = payments_read_integer(box, &n);
    unbox(box);

    is_int(rc ? n : INT64_MIN, expected, "integer \"%.*s\" is read",
           (int) str.len, str.data);

    if (!rc) {
        is_int(n, 42, "and nothing is written");
    }
}


static void
integers(void)
{
    read_is(LIT("0"), 0);
    read_is(LIT("-0"), 0);
    read_is(LIT("007"), 7);
    read_is(LIT("-10"), -10);
    read_is(LIT("9007199254740993"), INT64_C(9007199254740993));
    read_is(LIT("9223372036854775807"), INT64_MAX);
    read_is(LIT("-9223372036854775807"), INT64_MIN + 1);

    read_is(LIT(""), INT64_MIN);
    read_is(LIT("-"), INT64_MIN);
    read_is(LIT("--1"), INT64_MIN);
    read_is(LIT("+1"), INT64_MIN);
    read_is(LIT(" 1"), INT64_MIN);
    read_is(LIT("1 "), INT64_MIN);
    read_is(LIT("1.0"), INT64_MIN);
    read_is(LIT("1e3"), INT64_MIN);
    read_is(LIT("1/"), INT64_MIN);
    read_is(LIT("1:"), INT64_MIN);
    read_is(LIT("9223372036854775808"), INT64_MIN);
    read_is(LIT("-9223372036854775809"), INT64_MIN);
    read_is(LIT("18446744073709551617"), INT64_MIN);
    read_is(LIT("-92233720368547758080"), INT64_MIN);
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    utf8_table();
    utf8_exhaustive();
    utf8_places();
    escapes();
    numbers();
    integers();

    return done_testing();
}
