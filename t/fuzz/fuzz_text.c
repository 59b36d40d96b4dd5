
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The input is a time, a text, and in its first eight bytes a number.  What
 * the core reads and writes of these is what the C library says.
 */


#include <ctype.h>
#include <inttypes.h>
#include <time.h>

#include "fuzz.h"
#include "payments_text.h"
#include "payments_time.h"
#include "slow.h"


#define TIME_MAX  INT64_C(253402300799999)


/* 1 and the numbers in the text: "0" is a digit, "#" one or more of them */

static int
matches(const char *pattern, payments_str_t str, long *numbers)
{
    char    digits[16];
    size_t  i, n;

    for (i = 0; *pattern != '\0'; pattern++) {

        if (*pattern == '#') {
            n = i;

            while (i < str.len && isdigit(str.data[i])) {
                i++;
            }

            if (i == n) {
                return 0;
            }

            continue;
        }

        if (i == str.len) {
            return 0;
        }

        if (*pattern != '0') {
            if (toupper(str.data[i]) != *pattern) {
                return 0;
            }

            i++;
            continue;
        }

        for (n = 0; pattern[n] == '0'; n++) {
            if (i == str.len || !isdigit(str.data[i])) {
                return 0;
            }

            digits[n] = str.data[i++];
        }

        digits[n] = '\0';
        *numbers++ = strtol(digits, NULL, 10);
        pattern += n - 1;
    }

    return i == str.len;
}


static int
slow_time(payments_str_t str, int64_t *seconds)
{
    int        sign;
    long       n[8];
    struct tm  tm, same;

    memset(n, 0, sizeof(n));
    memset(&tm, 0, sizeof(tm));

    if (matches("0000-00-00T00:00:00Z", str, n)
        || matches("0000-00-00T00:00:00.#Z", str, n)
        || matches("0000-00-00T00:00:00+00:00", str, n)
        || matches("0000-00-00T00:00:00.#+00:00", str, n))
    {
        sign = 1;

    } else if (matches("0000-00-00T00:00:00-00:00", str, n)
               || matches("0000-00-00T00:00:00.#-00:00", str, n))
    {
        sign = -1;

    } else {
        return 0;
    }

    if (toupper(str.data[str.len - 1]) == 'Z') {
        n[6] = 0;
        n[7] = 0;
    }

    if (n[0] < 1970 || n[3] > 23 || n[4] > 59 || n[5] > 60 || n[6] > 23
        || n[7] > 59)
    {
        return 0;
    }

    tm.tm_year = n[0] - 1900;
    tm.tm_mon = n[1] - 1;
    tm.tm_mday = n[2];

    /* a day that there is not becomes another one */

    same = tm;
    *seconds = timegm(&same);

    if (same.tm_mon != tm.tm_mon || same.tm_mday != tm.tm_mday) {
        return 0;
    }

    *seconds += n[3] * 3600 + n[4] * 60 + n[5]
                - sign * (n[6] * 3600 + n[7] * 60);

    return 1;
}


static void
read_time(payments_str_t str)
{
    int      right;
    int64_t  seconds, expected, again;

    seconds = 0;
    expected = 0;

    right = payments_read_time(str, &seconds);
    property(right == slow_time(str, &expected));

    if (!right) {
        return;
    }

    property(seconds == expected);

    if (seconds >= 0 && seconds <= TIME_MAX / 1000) {
        unsigned char   *buf, *end;
        payments_str_t   written;

        buf = fuzz_alloc(PAYMENTS_TIME_LEN);
        end = payments_write_time(buf, seconds * 1000, 0);

        written.data = buf;
        written.len = end - buf;

        property(payments_read_time(written, &again) == 1);
        property(again == seconds);

        free(buf);
    }
}


static void
write_time(int64_t ms, int precise)
{
    char             text[64];
    size_t           n;
    time_t           t;
    int64_t          seconds;
    struct tm        tm;
    unsigned char   *buf, *end;
    payments_str_t   str;

    buf = fuzz_alloc(PAYMENTS_TIME_LEN);
    end = payments_write_time(buf, ms, precise);

    ms = ms < 0 ? 0 : ms > TIME_MAX ? TIME_MAX : ms;
    t = ms / 1000;

    n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime_r(&t, &tm));

    if (precise) {
        n += snprintf(text + n, sizeof(text) - n, ".%03d", (int) (ms % 1000));
    }

    text[n++] = 'Z';
    text[n] = '\0';

    str.data = buf;
    str.len = end - buf;

    property(fuzz_same(str, fuzz_text(text)));
    property(payments_read_time(str, &seconds) == 1);
    property(seconds == t);

    free(buf);
}


/* an amount without its point is the amount, and the point is where it is */

static void
write_decimal(int64_t amount, unsigned decimals)
{
    char            text[64];
    size_t          len;
    const char     *digits;
    unsigned char  *buf, *end;

    buf = fuzz_alloc(PAYMENTS_DECIMAL_LEN);
    end = payments_write_decimal(buf, amount, decimals);
    len = end - buf;

    property(len <= PAYMENTS_DECIMAL_LEN);

    memcpy(text, buf, len);
    text[len] = '\0';

    if (decimals != 0) {
        property(len > decimals + 1);
        property(text[len - decimals - 1] == '.');
        memmove(text + len - decimals - 1, text + len - decimals,
                decimals + 1);
    }

    property(strspn(text, "-0123456789") == strlen(text));
    property(strtoimax(text, NULL, 10) == amount);

    digits = text + (amount < 0);
    property(strspn(digits, "0123456789") == strlen(digits));

    /* a digit before the point, and no zero too many */

    property(strlen(digits) > decimals);
    property(strlen(digits) == decimals + 1 || digits[0] != '0');

    if (decimals == 0) {
        property(payments_write_integer(buf, amount) == end);
        property(memcmp(buf, text, len) == 0);
    }

    free(buf);
}


static void
write_escaped(payments_str_t str)
{
    size_t           bound;
    unsigned         halves;
    slow_json_t      json;
    payments_str_t   quoted, again;
    unsigned char   *buf, *end, *out;

    bound = PAYMENTS_ESCAPE_LEN * str.len;
    buf = fuzz_alloc(bound);
    end = payments_write_escaped(buf, str);

    property((size_t) (end - buf) <= bound);

    quoted.len = end - buf + 2;
    out = fuzz_alloc(quoted.len);
    quoted.data = out;

    out[0] = '"';
    memcpy(out + 1, buf, end - buf);
    out[quoted.len - 1] = '"';

    property(slow_json(&json, quoted));
    property(json.n == 1 && json.list[0].kind == 's');
    property(slow_utf8(quoted));
    slow_free(&json);

    /* decoded where it was written */

    free(buf);
    buf = fuzz_alloc(quoted.len);

    halves = 0;
    again = slow_decode(quoted, buf, &halves);
    property(fuzz_same(again, str));

    free(buf);
    free(out);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int              valid;
    int64_t          n;
    unsigned         decimals;
    payments_str_t   str;
    unsigned char   *copy;

    copy = fuzz_copy(data, size);
    str.data = copy;
    str.len = size;

    read_time(str);

    valid = payments_utf8_valid(str.data, str.len);
    property(valid == slow_utf8(str));

    if (valid) {
        write_escaped(str);
    }

    n = 0;

    if (size) {
        memcpy(&n, data, size < sizeof(n) ? size : sizeof(n));
    }

    for (decimals = 0; decimals <= 3; decimals++) {
        write_decimal(n, decimals);

        /* small ones too */
        write_decimal(n % 10000, decimals);
    }

    /* all years, and some beyond */

    write_time(n, size % 2);
    write_time(n % (TIME_MAX + TIME_MAX / 10), size % 2);

    free(copy);

    return 0;
}
