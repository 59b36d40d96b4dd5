
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What waits in a spool: each whole line of it, and no more than is allowed.
 */


/* LDFLAGS: -Wl,--wrap=open,--wrap=openat,--wrap=flock,--wrap=fchmod */
/* LDFLAGS: -Wl,--wrap=fstat,--wrap=fstatat,--wrap=fsync,--wrap=fdatasync */
/* LDFLAGS: -Wl,--wrap=statx,--wrap=readdir */
/* LDFLAGS: -Wl,--wrap=ftruncate,--wrap=renameat,--wrap=unlinkat */
/* LDFLAGS: -Wl,--wrap=close,--wrap=fdopendir,--wrap=pread,--wrap=write */
/* LDFLAGS: -Wl,--wrap=pwrite,--wrap=writev,--wrap=pwritev */


#include "faults.h"
#include "payments_waiting.h"


#define TURNS  1000


static char  seen[4096];


static void
see(void *data, payments_str_t line)
{
    size_t  len;

    (*(unsigned *) data)++;

    len = strlen(seen);
    snprintf(seen + len, sizeof(seen) - len, "%.*s|", (int) line.len - 1,
             (const char *) line.data);
}


static int
look(uint64_t limit, unsigned *n)
{
    seen[0] = '\0';
    *n = 0;
    memset(&fault, 0, sizeof(fault));

    return payments_waiting(&spool, limit, see, n, &fault);
}


/* each system call fails in turn: what is said to be all is all */

static void
faults(unsigned all)
{
    int       rc;
    unsigned  n, nth, broken;

    broken = 0;

    for (nth = 1; nth < TURNS; nth++) {
        inject_arm(INJECT_ONCE, nth, EIO);
        rc = look(1 << 20, &n);
        note_call();

        if (inject.hit == 0) {
            break;
        }

        if (rc == 0 ? n != all : fault.call == NULL || fault.err != EIO) {
            diag("call %u (%s): %d, %u lines", nth, inject.call, rc, n);
            broken++;
        }
    }

    inject_arm(INJECT_NONE, 0, 0);

    ok(nth < TURNS, "each call has failed");
    ok(was_hit("readdir") && was_hit("openat") && was_hit("pread"),
       "those of names and of lines, too");
    is_int(broken, 0, "an error, or all that waits");
}


int
main(void)
{
    unsigned  n;

    spool_init();

    is_int(look(1 << 20, &n), 0, "nothing waits, and there is no retry");
    is_int(n, 0, "not a line");

    if (mkdir(at("retry", ""), 0700) != 0) {
        die("mkdir");
    }

    write_file("active", "1.host.1.0.ndjson", LIT("{\"a\":1}\n"));
    write_file("new", "2.host.1.0.ndjson",
               LIT("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}"));
    write_file("new", "3.host.1.0.ndjson",
               LIT("{\"n\":\"\0\"}\n{\"n\":5\n{\"n\":6}\n"));
    write_file("new", ".hidden.ndjson", LIT("{}\n"));
    write_file("new", "other.json", LIT("{}\n"));
    write_file("new", ".ndjson", LIT("{}\n"));
    write_file("retry", "3.1.ndjson", LIT("{\"r\":1}\n"));
    write_file("retry", "2.host.1.0.ndjson.done", LIT("{}\n"));

    if (symlink("other.json", at("new", "link.ndjson")) != 0
        || mkdir(at("new", "dir.ndjson"), 0700) != 0)
    {
        die("symlink");
    }

    is_int(look(1 << 20, &n), 0, "all of them");
    is_int(n, 5, "each good line, and none of active");

    /* in no order */

    is_int(strlen(seen), 5 * (sizeof("{\"n\":1}|") - 1), "each of them once");
    ok(strstr(seen, "{\"n\":1}|{\"n\":2}|{\"n\":3}|") != NULL
       && strstr(seen, "{\"n\":6}|") != NULL
       && strstr(seen, "{\"r\":1}|") != NULL, "and their text");

    faults(5);

    is_int(look(60, &n), 1, "more than is allowed");
    is_int(n, 4, "what fits is read");

    rmdir(at("new", "dir.ndjson"));

    spool_clear();
    unlink(at("retry", "3.1.ndjson"));
    unlink(at("retry", "2.host.1.0.ndjson.done"));
    unlink(at("new", "other.json"));
    unlink(at("new", ".hidden.ndjson"));
    unlink(at("new", ".ndjson"));
    rmdir(at("retry", ""));
    spool_done();

    return done_testing();
}
