
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "payments_time.h"


#define PAYMENTS_DAY  86400

/* 9999-12-31T23:59:59.999Z */
#define PAYMENTS_TIME_MAX  INT64_C(253402300799999)


static int64_t payments_days_from_civil(int64_t y, unsigned m, unsigned d);
static unsigned payments_days_in_month(unsigned y, unsigned m);
static unsigned char *payments_write_digits(unsigned char *dst, unsigned n,
    unsigned digits);
static int payments_read_digits(const unsigned char **p,
    const unsigned char *end, unsigned digits, unsigned *n);
static int payments_read_char(const unsigned char **p,
    const unsigned char *end, unsigned char c);
static int payments_read_clock(const unsigned char **p,
    const unsigned char *end, int64_t *seconds);
static int payments_read_offset(const unsigned char **p,
    const unsigned char *end, int64_t *seconds);


unsigned char *
payments_write_time(unsigned char *dst, int64_t ms, int precise)
{
    int64_t   days, year;
    unsigned  month, day, seconds;

    if (ms < 0) {
        ms = 0;
    }

    if (ms > PAYMENTS_TIME_MAX) {
        ms = PAYMENTS_TIME_MAX;
    }

    days = ms / 1000 / PAYMENTS_DAY;
    seconds = ms / 1000 % PAYMENTS_DAY;

    for (year = 1970 + days / 366;
         payments_days_from_civil(year + 1, 1, 1) <= days;
         year++)
    {
        /* void */
    }

    day = days - payments_days_from_civil(year, 1, 1);

    for (month = 1; day >= payments_days_in_month(year, month); month++) {
        day -= payments_days_in_month(year, month);
    }

    dst = payments_write_digits(dst, year, 4);
    *dst++ = '-';
    dst = payments_write_digits(dst, month, 2);
    *dst++ = '-';
    dst = payments_write_digits(dst, day + 1, 2);
    *dst++ = 'T';
    dst = payments_write_digits(dst, seconds / 3600, 2);
    *dst++ = ':';
    dst = payments_write_digits(dst, seconds / 60 % 60, 2);
    *dst++ = ':';
    dst = payments_write_digits(dst, seconds % 60, 2);

    if (precise) {
        *dst++ = '.';
        dst = payments_write_digits(dst, ms % 1000, 3);
    }

    *dst++ = 'Z';

    return dst;
}


/* days since 1970-01-01 in the Gregorian calendar, for years from 1970 on */

static int64_t
payments_days_from_civil(int64_t y, unsigned m, unsigned d)
{
    int64_t   days, last;
    unsigned  i;

    last = y - 1;
    days = 365 * (y - 1970) + (last / 4 - last / 100 + last / 400)
           - (1969 / 4 - 1969 / 100 + 1969 / 400);

    for (i = 1; i < m; i++) {
        days += payments_days_in_month(y, i);
    }

    return days + d - 1;
}


static unsigned
payments_days_in_month(unsigned y, unsigned m)
{
    static const unsigned char  days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)) {
        return 29;
    }

    return days[m - 1];
}


static unsigned char *
payments_write_digits(unsigned char *dst, unsigned n, unsigned digits)
{
    unsigned  i;

    for (i = digits; i > 0; i--) {
        dst[i - 1] = '0' + n % 10;
        n /= 10;
    }

    return dst + digits;
}


int
payments_read_time(payments_str_t str, int64_t *seconds)
{
    int64_t               clock, offset;
    unsigned              y, m, d;
    const unsigned char  *p, *end;

    p = str.data;
    end = str.data + str.len;

    if (!payments_read_digits(&p, end, 4, &y)
        || !payments_read_char(&p, end, '-')
        || !payments_read_digits(&p, end, 2, &m)
        || !payments_read_char(&p, end, '-')
        || !payments_read_digits(&p, end, 2, &d)
        || !payments_read_char(&p, end, 't')
        || !payments_read_clock(&p, end, &clock)
        || !payments_read_offset(&p, end, &offset)
        || p != end)
    {
        return 0;
    }

    if (y < 1970 || m < 1 || m > 12
        || d < 1 || d > payments_days_in_month(y, m))
    {
        return 0;
    }

    *seconds = payments_days_from_civil(y, m, d) * PAYMENTS_DAY
               + clock - offset;

    return 1;
}


int
payments_read_time_ms(payments_str_t str, int64_t *ms)
{
    int64_t               seconds;
    unsigned              fraction;
    const unsigned char  *p;

    if (str.len != PAYMENTS_TIME_LEN
        || str.data[PAYMENTS_TIME_LEN - 1] != 'Z'
        || !payments_read_time(str, &seconds))
    {
        return 0;
    }

    p = str.data + PAYMENTS_TIME_LEN - 4;
    payments_read_digits(&p, p + 3, 3, &fraction);

    *ms = seconds * 1000 + fraction;

    return 1;
}


static int
payments_read_digits(const unsigned char **p, const unsigned char *end,
    unsigned digits, unsigned *n)
{
    unsigned  i;

    if ((size_t) (end - *p) < digits) {
        return 0;
    }

    *n = 0;

    for (i = 0; i < digits; i++) {
        if (**p < '0' || **p > '9') {
            return 0;
        }

        *n = *n * 10 + (*(*p)++ - '0');
    }

    return 1;
}


/* "T" and "Z" may be lower case: RFC 3339, 5.6 */

static int
payments_read_char(const unsigned char **p, const unsigned char *end,
    unsigned char c)
{
    if (*p == end || (**p != c && (c < 'a' || **p != c - 0x20))) {
        return 0;
    }

    (*p)++;

    return 1;
}


static int
payments_read_clock(const unsigned char **p, const unsigned char *end,
    int64_t *seconds)
{
    unsigned  h, m, s, digit;

    if (!payments_read_digits(p, end, 2, &h)
        || !payments_read_char(p, end, ':')
        || !payments_read_digits(p, end, 2, &m)
        || !payments_read_char(p, end, ':')
        || !payments_read_digits(p, end, 2, &s))
    {
        return 0;
    }

    /* a leap second is the one after it, as in POSIX */

    if (h > 23 || m > 59 || s > 60) {
        return 0;
    }

    if (payments_read_char(p, end, '.')) {

        if (!payments_read_digits(p, end, 1, &digit)) {
            return 0;
        }

        while (payments_read_digits(p, end, 1, &digit)) { /* void */ }
    }

    *seconds = h * 3600 + m * 60 + s;

    return 1;
}


static int
payments_read_offset(const unsigned char **p, const unsigned char *end,
    int64_t *seconds)
{
    int       sign;
    unsigned  h, m;

    *seconds = 0;

    if (payments_read_char(p, end, 'z')) {
        return 1;
    }

    if (payments_read_char(p, end, '+')) {
        sign = 1;

    } else if (payments_read_char(p, end, '-')) {
        sign = -1;

    } else {
        return 0;
    }

    if (!payments_read_digits(p, end, 2, &h)
        || !payments_read_char(p, end, ':')
        || !payments_read_digits(p, end, 2, &m)
        || h > 23 || m > 59)
    {
        return 0;
    }

    *seconds = sign * (int64_t) (h * 3600 + m * 60);

    return 1;
}
