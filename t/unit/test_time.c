
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <time.h>

#include "payments_time.h"
#include "unit.h"


/* 9999-12-31T23:59:59.999Z */
#define TIME_MAX  INT64_C(253402300799999)


static int
read_time(payments_str_t str, int64_t *seconds)
{
    int             rc;
    payments_str_t  box;

    box = boxed(str);
    rc = payments_read_time(box, seconds);
    unbox(box);

    return rc;
}


static void
readings(void)
{
    size_t   i;
    int64_t  seconds;

    static const struct {
        const char  *str;
        int64_t      seconds;
    } tests[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "1970-01-01T00:00:01Z", 1 },
        { "1970-12-31T23:59:59Z", 31535999 },
        { "2000-02-29T00:00:00Z", 951782400 },
        { "2000-03-01T00:00:00Z", 951868800 },
        { "2024-02-29T12:34:56Z", 1709210096 },
        { "2400-02-29T00:00:00Z", INT64_C(13574563200) },
        { "2038-01-19T03:14:08Z", INT64_C(2147483648) },
        { "9999-12-31T23:59:59Z", INT64_C(253402300799) },

        /* fractions are cut, whatever their length */
        { "2022-02-15T00:27:45.330Z", 1644884865 },
        { "2022-02-15T00:27:45.3Z", 1644884865 },
        { "2022-02-15T00:27:45.999999999Z", 1644884865 },
        { "2022-02-15T00:27:45.00000000000000000000000001Z", 1644884865 },
        { "2022-02-15T00:27:45.330+00:00", 1644884865 },

        /* offsets */
        { "2022-02-15T02:27:45+02:00", 1644884865 },
        { "2022-02-14T23:57:45-00:30", 1644884865 },
        { "2022-02-15T00:27:45-00:00", 1644884865 },
        { "2022-02-15T06:12:45+05:45", 1644884865 },
        { "2022-02-15T14:27:45+14:00", 1644884865 },
        { "2022-02-14T12:27:45-12:00", 1644884865 },
        { "2022-02-16T00:26:45+23:59", 1644884865 },
        { "2023-01-01T00:30:00+01:00", 1672529400 },
        { "2022-12-31T23:30:00-01:00", 1672533000 },
        { "1985-04-12T23:20:50.52Z", 482196050 },
        { "1996-12-19T16:39:57-08:00", 851042397 },

        /* section 5.6: T and Z may be lower case */
        { "2022-02-15t00:27:45z", 1644884865 },
        { "2022-02-15t00:27:45.330Z", 1644884865 },
        { "2022-02-15T00:27:45z", 1644884865 },

        /* leap seconds, as POSIX has them */
        { "1990-12-31T23:59:60Z", 662688000 },
        { "1990-12-31T15:59:60-08:00", 662688000 }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        seconds = -42;

        if (!read_time(text(tests[i].str), &seconds)) {
            ok(0, "read %s: refused", tests[i].str);
            continue;
        }

        is_int(seconds, tests[i].seconds, "read %s", tests[i].str);
    }
}


static void
refusals(void)
{
    size_t   i;
    int64_t  seconds;

    static const payments_str_t  tests[] = {
        payments_string(""),
        payments_string("x"),
        payments_string("2023-02-29T00:00:00Z"),
        payments_string("2100-02-29T00:00:00Z"),
        payments_string("2024-02-30T00:00:00Z"),
        payments_string("2024-04-31T00:00:00Z"),
        payments_string("2024-06-31T00:00:00Z"),
        payments_string("2024-09-31T00:00:00Z"),
        payments_string("2024-11-31T00:00:00Z"),
        payments_string("2024-01-32T00:00:00Z"),
        payments_string("2024-01-00T00:00:00Z"),
        payments_string("2024-00-01T00:00:00Z"),
        payments_string("2024-13-01T00:00:00Z"),
        payments_string("2024-99-99T00:00:00Z"),
        payments_string("2024-01-01T24:00:00Z"),
        payments_string("2024-01-01T99:00:00Z"),
        payments_string("2024-01-01T00:60:00Z"),
        payments_string("2024-01-01T00:00:61Z"),
        payments_string("2024-01-01T00:00:99Z"),
        payments_string("1969-12-31T23:59:59Z"),
        payments_string("0000-01-01T00:00:00Z"),
        payments_string("10000-01-01T00:00:00Z"),
        payments_string("+2024-01-01T00:00:00Z"),
        payments_string("-2024-01-01T00:00:00Z"),
        payments_string("2024-1-01T00:00:00Z"),
        payments_string("2024-01-1T00:00:00Z"),
        payments_string("2024-01-01T0:00:00Z"),
        payments_string("2024-01-01T00:00Z"),
        payments_string("2024-01-01T00:00:0Z"),
        payments_string("2024-01-01"),
        payments_string("2024-01-01T00:00:00"),
        payments_string("2024-01-01T00:00:00.5"),
        payments_string("2024-01-01T00:00:00.Z"),
        payments_string("2024-01-01T00:00:00.+01:00"),
        payments_string("2024-01-01T00:00:00,5Z"),
        payments_string("2024-01-01T00:00:00.5.5Z"),
        payments_string("2024-01-01T00:00:00+0100"),
        payments_string("2024-01-01T00:00:00+01"),
        payments_string("2024-01-01T00:00:00+1:00"),
        payments_string("2024-01-01T00:00:00+01:0"),
        payments_string("2024-01-01T00:00:00+24:00"),
        payments_string("2024-01-01T00:00:00+01:60"),
        payments_string("2024-01-01T00:00:00Z+01:00"),
        payments_string("2024-01-01T00:00:00ZZ"),
        payments_string("2024-01-01T00:00:00Z "),
        payments_string(" 2024-01-01T00:00:00Z"),
        payments_string("2024-01-01T00:00:00.0Z\n"),
        payments_string("2024-01-01T00:00:00Z\0"),
        payments_string("2024-01-01T00:00:00\0"),
        payments_string("2024/01/01T00:00:00Z"),
        payments_string("2024-01-01T00-00-00Z"),
        payments_string("20240101T000000Z"),
        payments_string("2024-W01-1T00:00:00Z"),
        payments_string("2024-01-01x00:00:00Z"),
        payments_string("2024-01-01T00:00:00Y"),
        payments_string("2O24-01-01T00:00:00Z"),
        payments_string("2024-01-01T00:00:-1Z"),
        payments_string("2024-01-01T+1:00:00Z"),
        payments_string("1709210096"),
        payments_string("Tue, 15 Feb 2022 00:27:45 GMT")
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        ok(!read_time(tests[i], &seconds), "refuse %zu: %.20s", i,
           (const char *) tests[i].data);
    }
}


/* no proper prefix is a time, and no byte may follow */

static void
prefixes(void)
{
    size_t       i, k, len, wrong;
    int64_t      seconds;
    char         buf[64];

    static const char  *const samples[] = {
        "2022-02-15T00:27:45Z",
        "2022-02-15T00:27:45+02:00",
        "2022-02-15T00:27:45.330Z",
        "2022-02-15T00:27:45.330-08:00"
    };

    for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        len = strlen(samples[i]);
        wrong = 0;

        for (k = 0; k < len; k++) {
            wrong += read_time(bytes(samples[i], k), &seconds);
        }

        memcpy(buf, samples[i], len);

        for (k = 0; k < 256; k++) {
            buf[len] = k;
            wrong += read_time(bytes(buf, len + 1), &seconds);
        }

        is_int(wrong, 0, "refuse less or more than %s", samples[i]);
    }
}


/* another implementation of the calendar: the C library's */

static void
calendar(void)
{
    int64_t         day, seconds, readable, wrong_read, wrong_write;
    time_t          t;
    struct tm       tm;
    unsigned char  *buf, *end;
    char            expected[64];

    wrong_read = 0;
    wrong_write = 0;
    readable = 0;

    buf = malloc(PAYMENTS_TIME_LEN);

    for (day = 0; day <= TIME_MAX / 1000 / 86400; day++) {
        t = day * 86400 + day % 86400;
        gmtime_r(&t, &tm);

        snprintf(expected, sizeof(expected),
                 "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                 (int) (day % 1000));

        end = payments_write_time(buf, t * INT64_C(1000) + day % 1000, 1);

        wrong_write += ((size_t) (end - buf) != PAYMENTS_TIME_LEN
                        || memcmp(buf, expected, PAYMENTS_TIME_LEN) != 0);

        seconds = -1;
        readable += payments_read_time(bytes(expected, PAYMENTS_TIME_LEN),
                                       &seconds);
        wrong_read += (seconds != (int64_t) t);
    }

    is_int(readable, TIME_MAX / 1000 / 86400 + 1, "every day is readable");
    is_int(wrong_read, 0, "every day of 1970 to 9999 is read right");
    is_int(wrong_write, 0, "every day of 1970 to 9999 is written right");

    free(buf);
}


static void
writings(void)
{
    size_t          i, len;
    unsigned char  *buf, *end;

    static const struct {
        int64_t      ms;
        const char  *precise;
        const char  *plain;
    } tests[] = {
        { 0, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00Z" },
        { 1, "1970-01-01T00:00:00.001Z", "1970-01-01T00:00:00Z" },
        { 999, "1970-01-01T00:00:00.999Z", "1970-01-01T00:00:00Z" },
        { 1000, "1970-01-01T00:00:01.000Z", "1970-01-01T00:00:01Z" },
        { INT64_C(951782400000), "2000-02-29T00:00:00.000Z",
          "2000-02-29T00:00:00Z" },
        { INT64_C(951868799999), "2000-02-29T23:59:59.999Z",
          "2000-02-29T23:59:59Z" },
        { INT64_C(1764020247104), "2025-11-24T21:37:27.104Z",
          "2025-11-24T21:37:27Z" },
        { TIME_MAX, "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z" },

        /* moved to the ends of the range */
        { -1, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00Z" },
        { INT64_MIN, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00Z" },
        { TIME_MAX + 1, "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z" },
        { INT64_MAX, "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z" }
    };

    buf = malloc(PAYMENTS_TIME_LEN);

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        len = payments_write_time(buf, tests[i].ms, 1) - buf;
        is_str(buf, len, tests[i].precise, strlen(tests[i].precise),
               "write %" PRId64 " precisely", tests[i].ms);

        end = payments_write_time(buf, tests[i].ms, 0);
        is_str(buf, end - buf, tests[i].plain, strlen(tests[i].plain),
               "write %" PRId64, tests[i].ms);
    }

    free(buf);
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    readings();
    refusals();
    prefixes();
    calendar();
    writings();

    return done_testing();
}
