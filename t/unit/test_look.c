
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "payments_look.h"
#include "spool.h"


#define DIRS  2
#define MANY  50


static const char  *const more_dirs[DIRS] = { "retry", "dead" };


static void
put(const char *dir, const char *name, const char *data)
{
    int  fd;

    fd = open(at(dir, name), O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600);

    if (fd == -1
        || write(fd, data, strlen(data)) != (ssize_t) strlen(data))
    {
        die("write");
    }

    close(fd);
}


static void
heaps(void)
{
    payments_look_t  look;

    if (payments_spool_look(&spool, 0, MANY, &look, &fault) != 0) {
        die("look");
    }

    is_int(look.new.files, 0, "empty: no file");
    is_int(look.new.oldest, -1, "empty: and none is the oldest");
    is_int(look.active.oldest, -1, "empty: not in active, either");
    ok(look.free > 0, "empty: there is room");

    put("new", "1764020246000999.h.1.0.ndjson", "{}\n");
    put("new", "1764020245123456.h.1.0.ndjson", "{}\n{}\n");
    put("new", "by-hand.ndjson", "{}\n");
    put("active", "1764020247000000.h.1.0.ndjson", "{}\n");
    put("active", "1764020247000000.h.1.0.ndjson.salvage", "{}\n");
    put("new", ".1764020241000000.h.1.0.ndjson", "{}\n");
    put("new", "1764020242000000.h.1.0.ndjson.tmp", "{}\n");
    put("corrupt", "1764020240000000.h.1.0.ndjson", "x");

    if (mkdir(at("new", "1764020243000000.ndjson"), 0700) != 0
        || symlink("/dev/null", at("new", "1764020244000000.ndjson")) != 0)
    {
        die("mkdir");
    }

    if (payments_spool_look(&spool, 0, MANY, &look, &fault) != 0) {
        die("look");
    }

    is_int(look.new.files, 3, "new: three files");
    is_int(look.new.bytes, 12, "new: their bytes");
    is_int(look.new.oldest, INT64_C(1764020245123), "new: the oldest one");
    is_int(look.new.more, 0, "new: all were counted");
    is_int(look.active.files, 1, "active: a segment, and nothing else");
    is_int(look.active.oldest, INT64_C(1764020247000), "active: its age");
    is_int(look.corrupt.files, 1, "corrupt: one file");
    is_int(look.retry.files, 0, "retry: not looked at");

    rmdir(at("new", "1764020243000000.ndjson"));
}


static void
relayed(void)
{
    unsigned         i;
    payments_look_t  look;

    is_int(payments_spool_look(&spool, 1, MANY, &look, &fault), -1,
           "no retry: an error");
    ok(fault.call != NULL && fault.err == ENOENT, "no retry: which one");

    for (i = 0; i < DIRS; i++) {
        if (mkdir(at(more_dirs[i], ""), 0700) != 0) {
            die("mkdir");
        }
    }

    /* names of retry are in the future; "received" is in the envelope only */

    put("retry", "0009999999999999.1.ndjson",
        "{\"id\":\"\\\"received\\\":\\\"1970-01-01T00:00:00.000Z\","
        "\"data\":{\"received\":\"2025-11-24T21:37:27.104Z\","
        "\"payload\":{\"received\":\"1970-01-01T00:00:00.000Z\"}}}\n");
    put("retry", "0009999999999998.2.ndjson",
        "{\"data\":{\"received\":\"2025-11-24T21:37:26.000Z\"}}\n");
    put("retry", "0009999999999997.2.ndjson", "{\"received\":\"");
    put("retry", "0009999999999996.2.ndjson",
        "{\"received\":\"yesterday, maybe, or before\"}\n");
    put("retry", "0009999999999995.2.ndjson", "");
    put("retry", "0009999999999994.2.ndjson.done", "{}");
    put("dead", "1764020245000000.h.1.0.ndjson", "{}\n");
    put("dead", "1764020245000000.h.1.0.ndjson.error", "{}\n");

    if (payments_spool_look(&spool, 1, MANY, &look, &fault) != 0) {
        die("look");
    }

    is_int(look.retry.files, 5, "retry: files, and no marks");
    is_int(look.retry.oldest, INT64_C(1764020246000),
           "retry: the oldest event");
    is_int(look.dead.files, 1, "dead: files, and no reasons");
    is_int(look.new.files, 3, "new: as before");

    unlink(at("dead", "1764020245000000.h.1.0.ndjson"));
    unlink(at("dead", "1764020245000000.h.1.0.ndjson.error"));
}


static void
many(void)
{
    char             name[64];
    unsigned         i;
    payments_look_t  look;

    put("corrupt", "0.ndjson", "x");

    for (i = 1; i < MANY; i++) {

        if (i == MANY - 1) {
            if (payments_spool_look(&spool, 0, MANY, &look, &fault) != 0) {
                die("look");
            }

            is_int(look.corrupt.files, MANY, "many: as many as may be");
            is_int(look.corrupt.more, 0, "many: which are all");
        }

        snprintf(name, sizeof(name), "%u.ndjson", i);
        put("corrupt", name, "x");
    }

    if (payments_spool_look(&spool, 0, MANY, &look, &fault) != 0) {
        die("look");
    }

    is_int(look.corrupt.files, MANY, "many: not all");
    is_int(look.corrupt.more, 1, "many: which is said");
}


int
main(void)
{
    unsigned  i;

    spool_init();

    heaps();
    relayed();
    many();

    for (i = 0; i < DIRS; i++) {
        char    **list;
        size_t    n, j;

        list = names(more_dirs[i], &n);

        for (j = 0; j < n; j++) {
            unlink(at(more_dirs[i], list[j]));
        }

        free_names(list);
        rmdir(at(more_dirs[i], ""));
    }

    spool_done();

    return done_testing();
}
