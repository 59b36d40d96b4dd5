
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The Test Anything Protocol, as much of it as the C tests need.  One test
 * file is one program, so that the counters may live here.
 */


#ifndef _TAP_H_INCLUDED_
#define _TAP_H_INCLUDED_


#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>


static unsigned  tap_count;
static unsigned  tap_failed;
static unsigned  tap_planned;


static inline void
plan(unsigned n)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    tap_planned = n;
    printf("1..%u\n", n);
}


/* for a file as a whole, before its first test */

static inline int
skip_all(const char *reason)
{
    printf("1..0 # SKIP %s\n", reason);

    return 0;
}


static inline void __attribute__((format(printf, 1, 2)))
diag(const char *fmt, ...)
{
    va_list  args;

    fputs("# ", stdout);
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    fputs("\n", stdout);
}


static inline int
tap_vresult(int pass, const char *fmt, va_list args)
{
    tap_count++;

    if (!pass) {
        tap_failed++;
    }

    printf("%sok %u - ", pass ? "" : "not ", tap_count);
    vprintf(fmt, args);
    fputs("\n", stdout);

    return pass;
}


static inline int __attribute__((format(printf, 2, 3)))
ok(int pass, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    tap_vresult(pass, fmt, args);
    va_end(args);

    return pass;
}


static inline int __attribute__((format(printf, 3, 4)))
is_int(int64_t got, int64_t expected, const char *fmt, ...)
{
    int      pass;
    va_list  args;

    pass = (got == expected);

    va_start(args, fmt);
    tap_vresult(pass, fmt, args);
    va_end(args);

    if (!pass) {
        diag("     got: %" PRId64, got);
        diag("expected: %" PRId64, expected);
    }

    return pass;
}


static inline void
tap_bytes(const char *name, const void *data, size_t len)
{
    size_t                i;
    const unsigned char  *p;

    p = data;

    printf("# %s: (%zu) \"", name, len);

    for (i = 0; i < len && i < 1024; i++) {
        if (p[i] < 0x20 || p[i] > 0x7e || p[i] == '"' || p[i] == '\\') {
            printf("\\x%02x", p[i]);

        } else {
            putchar(p[i]);
        }
    }

    printf("\"%s\n", i < len ? "..." : "");
}


static inline int __attribute__((format(printf, 5, 6)))
is_str(const void *got, size_t len, const void *expected, size_t expected_len,
    const char *fmt, ...)
{
    int      pass;
    va_list  args;

    pass = (len == expected_len
            && (len == 0 || memcmp(got, expected, len) == 0));

    va_start(args, fmt);
    tap_vresult(pass, fmt, args);
    va_end(args);

    if (!pass) {
        tap_bytes("     got", got, len);
        tap_bytes("expected", expected, expected_len);
    }

    return pass;
}


/* the exit status of main() */

static inline int
done_testing(void)
{
    if (tap_planned == 0) {
        printf("1..%u\n", tap_count);

    } else if (tap_planned != tap_count) {
        diag("planned %u tests but ran %u", tap_planned, tap_count);
        return 1;
    }

    if (tap_failed != 0) {
        diag("failed %u of %u", tap_failed, tap_count);
    }

    fflush(stdout);

    return tap_failed != 0;
}


#endif /* _TAP_H_INCLUDED_ */
