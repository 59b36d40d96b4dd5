
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "spool.h"


#define NAME  "1764020246000000.host.42.0.ndjson"


static payments_recovery_t  recovery;

/* the lines that recovery has told of */

static char                *told;
static size_t               told_len;


static void
tell(void *data, payments_str_t line)
{
    (*(unsigned *) data)++;

    told = realloc(told, told_len + line.len);
    memcpy(told + told_len, line.data, line.len);
    told_len += line.len;
}


static int
recover_and_tell(unsigned *lines)
{
    told_len = 0;
    *lines = 0;
    memset(&fault, 0, sizeof(fault));

    return payments_segment_recover(&spool, tell, lines, &recovery, &fault);
}


/* more than zeros, behind what is kept of a file that is not corrupt */

static unsigned
torn(payments_str_t file, payments_str_t expected, unsigned corrupt)
{
    size_t  i;

    for (i = expected.len; i < file.len && !corrupt; i++) {
        if (file.data[i] != '\0') {
            return 1;
        }
    }

    return 0;
}


/* one file in active, recovered: what is in new then */

static void
recovered(payments_str_t file, payments_str_t expected, unsigned corrupt,
    const char *name)
{
    unsigned        before, lines;
    payments_str_t  got;

    before = descriptors();
    write_file("active", NAME, file);

    is_int(recover_and_tell(&lines), 0, "%s: recover", name);

    got = only_file("new");
    is_str(got.data, got.len, expected.data, expected.len, "%s: new", name);
    unbox(got);

    is_str(told, told_len, expected.data, expected.len, "%s: told", name);

    is_int(count("active"), 0, "%s: nothing stays in active", name);
    is_int(count("new"), expected.len != 0, "%s: files in new", name);
    is_int(count("corrupt"), corrupt, "%s: files in corrupt", name);

    is_int(recovery.sealed, expected.len != 0, "%s: sealed", name);
    is_int(recovery.removed, expected.len == 0, "%s: removed", name);
    is_int(recovery.corrupt, corrupt, "%s: corrupt", name);
    is_int(recovery.cut, torn(file, expected, corrupt), "%s: cut", name);

    if (corrupt) {
        got = only_file("corrupt");
        is_str(got.data, got.len, file.data, file.len,
               "%s: the original is kept", name);
        unbox(got);
    }

    is_int(descriptors(), before, "%s: descriptors", name);
    spool_clear();
}


#define A  "{\"id\":\"a\",\"data\":{\"payload\":{\"x\":[1,{}]}}}\n"
#define B  "{\"id\":\"b\"}\n"
#define C  "{\"id\":\"c\\n\\u0000\xc3\xa9\"}\n"


static void
tails(void)
{
    recovered(LIT(A B C), LIT(A B C), 0, "whole");
    recovered(LIT(A), LIT(A), 0, "one line");
    recovered(LIT("{}\n"), LIT("{}\n"), 0, "the least line");
    recovered(LIT(""), LIT(""), 0, "empty");

    recovered(LIT(A B "{\"id\":\"c"), LIT(A B), 0, "a torn tail");
    recovered(LIT(A B "{\"id\":\"c\"}"), LIT(A B), 0,
              "a tail without its newline");
    recovered(LIT(A "{"), LIT(A), 0, "a tail of a byte");
    recovered(LIT("{\"id\":\"a"), LIT(""), 0, "torn only");
    recovered(LIT("{\"id\":\"a\"}"), LIT(""), 0, "no newline");

    recovered(LIT(A B "\0\0\0\0\0\0\0\0"), LIT(A B), 0, "NUL bytes");
    recovered(LIT(A B "{\"id\0\0\0\0\0\0"), LIT(A B), 0,
              "a torn tail and NUL bytes");
    recovered(LIT("\0\0\0\0\0\0\0\0"), LIT(""), 0, "NUL bytes only");
    recovered(LIT(A "\0"), LIT(A), 0, "a NUL byte");
}


/* of a commit that was not synced a later page may be there, and no earlier */

static void
holes(void)
{
    recovered(LIT(A B "\0\0\0\0\"}\n"), LIT(A B), 0, "a hole at the end");
    recovered(LIT(A "{\"id\0\0\"}\n\0\0}\n\0\0"), LIT(A), 0, "several");
    recovered(LIT("\0\0\0\0\"}\n"), LIT(""), 0, "a hole only");

    /* and what else is behind one is a mystery */

    recovered(LIT(A "\0\0\"}\n" B), LIT(A B), 1, "a good line after a hole");
    recovered(LIT(A "\0\0\"}\nx\n"), LIT(A), 1, "a bad line after a hole");
    recovered(LIT(A "x\n\0\0\"}\n"), LIT(A), 1, "a bad line before a hole");
}


/* a complete line is one JSON object on one line */

static void
lines(void)
{
    size_t  i;
    char    name[64], file[512], expected[512];

    static const payments_str_t  bad[] = {
        payments_string("\n"),
        payments_string(" \n"),
        payments_string("x\n"),
        payments_string("[1]\n"),
        payments_string("[{}]\n"),
        payments_string("1\n"),
        payments_string("null\n"),
        payments_string("\"x\"\n"),
        payments_string("{\n"),
        payments_string("}\n"),
        payments_string("{\"a\":\n"),
        payments_string("{\"a\":1\n"),
        payments_string("{\"a\":1}}\n"),
        payments_string("{}{}\n"),
        payments_string("{} x\n"),
        payments_string("{},\n"),
        payments_string("{}\0\n"),
        payments_string("{\0}\n"),
        payments_string("{\"a\":\"\0\"}\n"),
        payments_string("{\"a\":\"\xff\"}\n"),
        payments_string("{\"a\":\"\xc3\"}\n"),
        payments_string("{'a':1}\n"),
        payments_string("{\"a\":01}\n"),
        payments_string("{\"a\":1,}\n")
    };

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        payments_str_t  str;

        /* last, first, and in the middle */

        str = bytes(file, sizeof(A) - 1 + bad[i].len);
        memcpy(file, A, sizeof(A) - 1);
        memcpy(file + sizeof(A) - 1, bad[i].data, bad[i].len);

        snprintf(name, sizeof(name), "bad line %zu at the end", i);
        write_file("active", NAME, str);
        recover(&recovery);
        str = only_file("new");
        is_str(str.data, str.len, A, sizeof(A) - 1, "%s", name);
        unbox(str);
        spool_clear();

        snprintf(name, sizeof(name), "bad line %zu first", i);
        memcpy(file, bad[i].data, bad[i].len);
        memcpy(file + bad[i].len, B, sizeof(B) - 1);
        recovered(bytes(file, bad[i].len + sizeof(B) - 1), LIT(B), 1, name);

        snprintf(name, sizeof(name), "bad line %zu in the middle", i);
        memcpy(file, A, sizeof(A) - 1);
        memcpy(file + sizeof(A) - 1, bad[i].data, bad[i].len);
        memcpy(file + sizeof(A) - 1 + bad[i].len, B C "{\"to",
               sizeof(B C "{\"to") - 1);
        memcpy(expected, A B C, sizeof(A B C) - 1);
        recovered(bytes(file, sizeof(A) - 1 + bad[i].len
                              + sizeof(B C "{\"to") - 1),
                  bytes(expected, sizeof(A B C) - 1), 1, name);

        /* alone */

        write_file("active", NAME, bad[i]);
        recover(&recovery);
        is_int(count("new"), 0, "bad line %zu alone", i);
        spool_clear();
    }

    recovered(LIT("x\n" A "y\n" "[]\n" B "z\n" C "w\n" "{"), LIT(A B C), 1,
              "several bad lines");
}


/* killed after any byte of a write */

static void
prefixes(void)
{
    size_t          i, n, whole, wrong;
    payments_str_t  got;

    static const char  file[] = A B C;

    wrong = 0;

    for (i = 0; i <= sizeof(file) - 1; i++) {
        write_file("active", NAME, bytes(file, i));

        whole = 0;

        for (n = 0; n < i; n++) {
            if (file[n] == '\n') {
                whole = n + 1;
            }
        }

        wrong += (recover(&recovery) != 0);
        got = only_file("new");

        if (got.len != whole
            || (whole != 0 && memcmp(file, got.data, whole) != 0)
            || count("active") != 0 || count("corrupt") != 0
            || count("new") != (whole != 0)
            || recovery.sealed != (whole != 0)
            || recovery.removed != (whole == 0))
        {
            diag("%zu bytes: %zu in new", i, got.len);
            wrong++;
        }

        unbox(got);
        spool_clear();
    }

    is_int(wrong, 0, "every prefix of three lines");
}


static void
large(void)
{
    char            *buf, *p;
    size_t           i, len;
    payments_str_t   got;

    /* about the sizes that a reader reads, and a line of megabytes */

    buf = malloc(PAYMENTS_MAX_BODY + 4096);

    for (len = 65530; len <= 65545; len++) {
        p = buf + sprintf(buf, "{\"a\":\"");
        memset(p, 'x', len);
        p += len;
        p += sprintf(p, "\"}\n");
        len = p - buf;
        p += sprintf(p, B "{\"to");

        write_file("active", NAME, bytes(buf, p - buf));
        recover(&recovery);
        got = only_file("new");
        is_str(got.data, got.len, buf, len + sizeof(B) - 1,
               "a line of %zu bytes", len);
        unbox(got);
        spool_clear();

        len -= sizeof("{\"a\":\"\"}\n") - 1;
    }

    len = PAYMENTS_MAX_BODY;
    p = buf + sprintf(buf, A "{\"a\":\"");
    memset(p, 'x', len);
    p += len;
    p += sprintf(p, "\"}\n" B);
    write_file("active", NAME, bytes(buf, p - buf));
    recover(&recovery);
    got = only_file("new");
    is_str(got.data, got.len, buf, p - buf, "a line of the largest body");
    unbox(got);
    spool_clear();

    /* 100000 lines */

    p = buf;

    for (i = 0; i < 100000; i++) {
        p += sprintf(p, "{\"n\":%zu}\n", i);
    }

    write_file("active", NAME, bytes(buf, p - buf));
    recover(&recovery);
    got = only_file("new");
    is_str(got.data, got.len, buf, p - buf, "100000 lines");
    unbox(got);
    spool_clear();

    free(buf);
}


/* whatever the umask, also where good lines are copied */

static void
modes(void)
{
    size_t       i;
    mode_t       old;
    struct stat  st;

    static const mode_t  tests[] = { 0640, 0660 };

    for (i = 0; i < 2; i++) {
        spool.mode = tests[i];
        write_file("active", NAME, LIT(A "bad\n" B));

        old = umask(077);
        is_int(recover(&recovery), 0, "recover for mode %o", tests[i]);
        umask(old);

        if (ok(stat(at("new", NAME), &st) == 0, "stat")) {
            is_int(st.st_mode & 07777, tests[i], "the mode is %o", tests[i]);
        }

        spool_clear();
    }

    spool.mode = 0640;
}


static void
several(void)
{
    int             rc;
    unsigned        i;
    char            name[64], outside[512];
    struct stat     st;
    payments_str_t  got;

    for (i = 0; i < 100; i++) {
        sprintf(name, "17640202460000%02u.host.%u.0.ndjson", i, 99999 - i);
        write_file("active", name, record(i, NULL));
    }

    is_int(recover(&recovery), 0, "recover 100 segments");
    is_int(recovery.sealed, 100, "all are sealed");
    ok(only(0, 100), "and found, in order");
    is_int(recover(&recovery), 0, "recover again");
    is_int(recovery.sealed + recovery.removed + recovery.corrupt, 0,
           "nothing is left to do");
    ok(only(0, 100), "and nothing is lost");

    if (stat(at("new", NAME), &st) == 0) {
        is_int(st.st_size != 0, 1, "under the name it had");

    } else {
        sprintf(name, "1764020246000000.host.99999.0.ndjson");
        is_int(stat(at("new", name), &st), 0, "under the name it had");
    }

    spool_clear();

    /* a link is not followed */

    snprintf(outside, sizeof(outside), "%s/outside", spool_path);
    write_file(".", "outside", LIT(A B "{\"to"));

    if (symlink("../outside", at("active", NAME)) != 0) {
        die("symlink");
    }

    write_file("active", "1764020246000001.host.42.1.ndjson", LIT(C "x"));

    rc = recover(&recovery);
    ok(rc == 0 || rc == -1, "recover beside a link");
    got = only_file("new");
    is_str(got.data, got.len, C, sizeof(C) - 1, "the segment is sealed");
    unbox(got);
    got = read_file(".", "outside");
    is_str(got.data, got.len, A B "{\"to", sizeof(A B "{\"to") - 1,
           "what the link names is untouched");
    unbox(got);
    unlink(outside);
    spool_clear();

    /* nor does anything else in active stop the others */

    if (mkdir(at("active", "1764020246000000.host.1.0.ndjson"), 0700) != 0
        || mkfifo(at("active", "1764020246000000.host.2.0.ndjson"), 0600)
           != 0)
    {
        die("mkdir");
    }

    write_file("active", "1764020246000001.host.42.1.ndjson", LIT(C "x"));
    recover(&recovery);
    got = only_file("new");
    is_str(got.data, got.len, C, sizeof(C) - 1,
           "a segment beside a directory and a FIFO");
    unbox(got);
    rmdir(at("active", "1764020246000000.host.1.0.ndjson"));
    spool_clear();
}


int
main(void)
{
    spool_init();

    tails();
    holes();
    lines();
    prefixes();
    large();
    modes();
    several();

    spool.sync = 0;
    prefixes();

    spool_done();

    free(told);

    return done_testing();
}
