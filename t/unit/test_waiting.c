
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What waits in a spool: each whole line of it, and no more than is allowed.
 */


#include "payments_waiting.h"
#include "spool.h"


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

    write_file("active", "1.host.1.0.ndjson", LIT("a1\na2\ntorn"));
    write_file("new", "2.host.1.0.ndjson", LIT("n1\nn2\nn3\n"));
    write_file("new", ".hidden.ndjson", LIT("no\n"));
    write_file("new", "other.json", LIT("no\n"));
    write_file("new", ".ndjson", LIT("no\n"));
    write_file("retry", "3.1.ndjson", LIT("r1\n"));
    write_file("retry", "2.host.1.0.ndjson.done", LIT("0\n"));

    if (symlink("other.json", at("new", "link.ndjson")) != 0
        || mkdir(at("new", "dir.ndjson"), 0700) != 0)
    {
        die("symlink");
    }

    is_int(look(1 << 20, &n), 0, "all of them");
    is_int(n, 6, "each whole line");
    is_str(seen, strlen(seen), "a1|a2|n1|n2|n3|r1|", 18, "and its text");

    is_int(look(10, &n), 1, "more than is allowed");
    is_int(n, 2, "what fits is read");

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
