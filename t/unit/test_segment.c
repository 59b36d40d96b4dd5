
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <sys/file.h>
#include <sys/statvfs.h>

#include "spool.h"


static payments_segment_t  seg;


static int
create_at(int64_t now, const char *host, pid_t pid)
{
    memset(&fault, 0, sizeof(fault));

    return payments_segment_create(&seg, &spool, now, host, pid, &fault);
}


static void
life(void)
{
    unsigned  before;

    before = descriptors();
    payments_segment_init(&seg, spool_buffer);

    is_int(seg.fd, -1, "there is no segment at first");
    is_int(create_at(NOW, "host", 42), 0, "create");
    ok(seg.fd >= 0, "has a descriptor");
    ok(fcntl(seg.fd, F_GETFD) & FD_CLOEXEC, "that exec closes");
    is_int(seg.committed, 0, "nothing is committed");
    is_int(seg.born, NOW, "it is born now");
    is_int(count("active"), 1, "it lies in active");
    is_int(count("new"), 0, "and not in new");

    is_int(commit(&seg, 0, 1), 0, "commit a record");
    is_int(seg.committed, record(0, NULL).len, "it is counted");
    is_int(count("new"), 0, "and not seen yet");
    is_int(commit(&seg, 1, 3), 0, "commit three records");
    is_int(commit(&seg, 4, PAYMENTS_MAX_BATCH), 0,
           "commit as many as a batch may have");

    is_int(payments_segment_seal(&seg, &spool, &fault), 0, "seal");
    is_int(seg.fd, -1, "there is no segment");
    is_int(count("active"), 0, "active is empty");
    is_int(count("new"), 1, "new has it");
    ok(only(0, 4 + PAYMENTS_MAX_BATCH), "with all its records");
    is_int(descriptors(), before, "no descriptor is left");

    /* the next */

    is_int(create_at(NOW + 1, "host", 42), 0, "create another");
    is_int(seg.committed, 0, "nothing is committed");
    is_int(commit(&seg, 4 + PAYMENTS_MAX_BATCH, 2), 0, "commit two");
    is_int(payments_segment_seal(&seg, &spool, &fault), 0, "seal");
    is_int(count("new"), 2, "new has two");
    ok(only(0, 6 + PAYMENTS_MAX_BATCH), "with all the records");

    spool_clear();

    is_int(create_at(NOW + 2, "host", 42), 0, "create a third");
    is_int(payments_segment_seal(&seg, &spool, &fault), 0, "seal it empty");
    is_int(count("active") + count("new") + count("corrupt"), 0,
           "it is removed");
    is_int(seg.fd, -1, "and closed");
    is_int(descriptors(), before, "no descriptor is left");
}


static off_t
size_of(const char *dir, const char *name)
{
    struct stat  st;

    if (stat(at(dir, name), &st) != 0) {
        die("stat");
    }

    return st.st_size;
}


/* zeros lie ahead of a segment that is committed to again, and never in new */

static void
zeros(void)
{
    off_t           size;
    unsigned        i;
    payments_str_t  file;

    payments_segment_init(&seg, spool_buffer);
    is_int(create_at(NOW, "host", 42), 0, "zeros: create");
    is_int(commit(&seg, 0, 1), 0, "zeros: the first commit");
    ok(size_of("active", seg.name) - seg.committed < PAYMENTS_BLOCK,
       "zeros: of a lone record there are none but in its block");

    is_int(commit(&seg, 1, 1), 0, "zeros: the second");
    size = size_of("active", seg.name);
    ok(size > seg.committed, "zeros: they are written ahead");

    file = read_file("active", seg.name);

    for (i = seg.committed; i < file.len && file.data[i] == '\0'; i++) {
        /* void */
    }

    is_int(i, file.len, "zeros: and nothing else");
    unbox(file);

    is_int(commit(&seg, 2, 1), 0, "zeros: the third");
    is_int(size_of("active", seg.name), size, "zeros: the file has not grown");

    for (i = 3; seg.committed < size; i++) {
        if (commit(&seg, i, 1) != 0) {
            die("commit");
        }
    }

    ok(size_of("active", seg.name) > seg.committed, "zeros: there are more");

    is_int(payments_segment_seal(&seg, &spool, &fault), 0, "zeros: seal");
    ok(only(0, i), "zeros: all the records");

    file = only_file("new");
    ok(memchr(file.data, '\0', file.len) == NULL, "zeros: none is seen");
    unbox(file);

    spool_clear();
}


/* what is synced in one piece, or not synced at all, just grows */

static void
grows(void)
{
    payments_segment_init(&seg, spool_buffer);
    is_int(create_at(NOW, "host", 42), 0, "grows: create");
    is_int(commit(&seg, 0, PAYMENTS_MAX_BATCH), 0, "grows: a commit");
    is_int(commit(&seg, PAYMENTS_MAX_BATCH, PAYMENTS_MAX_BATCH), 0,
           "grows: another large one");
    ok(size_of("active", seg.name) - seg.committed < PAYMENTS_BLOCK,
       "grows: by that");
    is_int(payments_segment_seal(&seg, &spool, &fault), 0, "grows: seal");
    spool_clear();

    spool.ahead = INT64_MAX / 2;
    is_int(create_at(NOW, "host", 42), 0, "grows: create without room");
    is_int(commit(&seg, 0, 1), 0, "grows: a commit");
    is_int(commit(&seg, 1, 1), 0, "grows: another");
    ok(size_of("active", seg.name) - seg.committed < PAYMENTS_BLOCK,
       "grows: by that");
    is_int(payments_segment_seal(&seg, &spool, &fault), 0, "grows: seal");
    spool.ahead = 8192;
    spool_clear();

    spool.sync = 0;
    is_int(create_at(NOW, "host", 42), 0, "grows: create without sync");
    is_int(commit(&seg, 0, 1), 0, "grows: a commit");
    is_int(commit(&seg, 1, 1), 0, "grows: another");
    is_int(size_of("active", seg.name), seg.committed, "grows: by that");
    is_int(payments_segment_seal(&seg, &spool, &fault), 0, "grows: seal");
    spool.sync = 1;
    spool_clear();
}


static void
pieces(void)
{
    struct iovec    iov[5];
    payments_str_t  file;

    payments_segment_init(&seg, spool_buffer);
    is_int(create_at(NOW, "host", 42), 0, "create");

    iov[0].iov_base = "";
    iov[0].iov_len = 0;
    iov[1].iov_base = "{\"a\":";
    iov[1].iov_len = 5;
    iov[2].iov_base = "";
    iov[2].iov_len = 0;
    iov[3].iov_base = "1}\n";
    iov[3].iov_len = 3;

    is_int(payments_segment_commit(&seg, &spool, iov, 4, &fault), 0,
           "empty pieces before others");

    iov[0].iov_base = "{}\n";
    iov[0].iov_len = 3;
    iov[1].iov_base = "";
    iov[1].iov_len = 0;

    is_int(payments_segment_commit(&seg, &spool, iov, 2, &fault), 0,
           "an empty piece at the end");
    is_int(payments_segment_seal(&seg, &spool, &fault), 0, "seal");

    file = only_file("new");
    is_str(file.data, file.len, "{\"a\":1}\n{}\n", 11, "all is written");
    unbox(file);

    spool_clear();
}


static void
files(void)
{
    size_t       i;
    mode_t       old;
    char       **list;
    size_t       n;
    struct stat  st;

    static const struct {
        mode_t  mode;
        mode_t  mask;
    } tests[] = {
        { 0640, 022 }, { 0640, 0 }, { 0640, 077 }, { 0640, 0777 },
        { 0660, 022 }, { 0660, 0 }, { 0660, 077 }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        spool.mode = tests[i].mode;

        old = umask(tests[i].mask);
        payments_segment_init(&seg, spool_buffer);

        is_int(create_at(NOW, "host", 42), 0, "create %o under %o",
               tests[i].mode, tests[i].mask);
        is_int(commit(&seg, 0, 1), 0, "commit");
        is_int(payments_segment_seal(&seg, &spool, &fault), 0, "seal");
        umask(old);

        list = names("new", &n);
        if (ok(n == 1 && stat(at("new", list[0]), &st) == 0, "stat")) {
            is_int(st.st_mode & 07777, tests[i].mode, "the mode is %o",
                   tests[i].mode);
        }

        free_names(list);
        spool_clear();
    }

    spool.mode = 0640;
}


/* "<microseconds>.<host>.<pid>.<sequence>.ndjson" */

static int
name_is_good(const char *name, int64_t now, long pid)
{
    int         n;
    long        p;
    char        host[256];
    unsigned    seq;
    long long   t;

    n = 0;

    if (strlen(name) >= PAYMENTS_SEGMENT_NAME || strchr(name, '/') != NULL
        || sscanf(name, "%lld.%255[^.].%ld.%u.ndjson%n", &t, host, &p, &seq,
                  &n) != 4
        || name[n] != '\0')
    {
        return 0;
    }

    return t == now && p == pid;
}


static void
naming(void)
{
    size_t        i, n;
    char        **list, longest[512];
    struct stat   st;

    static const int64_t  times[] = {
        1, 999, 1000000, INT64_C(999999999999999), INT64_C(1000000000000000),
        INT64_C(1764020246000000), INT64_C(1764020246000001),
        INT64_C(4102444800000000), INT64_C(9999999999999999)
    };

    static const char  *const hosts[] = {
        "web-1", "web.example.org", "../../etc", "/", "a/b", ".", "..", "x"
    };

    payments_segment_init(&seg, spool_buffer);

    for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        if (create_at(times[i], "web-1", 4194304 - 400000 * (int) i) != 0) {
            ok(0, "create at %" PRId64, times[i]);
            continue;
        }

        ok(name_is_good(seg.name, times[i], 4194304 - 400000 * (int) i),
           "name at %" PRId64 ": %s", times[i], seg.name);

        commit(&seg, i, 1);
        payments_segment_seal(&seg, &spool, &fault);
    }

    ok(only(0, i), "names sort by time, whatever the pid");
    spool_clear();

    /* in the same microsecond, and when the clock steps back */

    payments_segment_init(&seg, spool_buffer);

    for (i = 0; i < 100; i++) {
        if (create_at(i < 50 ? NOW : NOW - 1000000, "web-1", 42) != 0) {
            ok(0, "create %zu: %s", i, strerror(fault.err));
            break;
        }

        commit(&seg, i, 1);
        payments_segment_seal(&seg, &spool, &fault);
    }

    ok(only(0, 100), "names of an owner sort by birth, whatever the clock");
    is_int(count("new"), 100, "and are unique");
    spool_clear();

    /* a host is never a path */

    for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        payments_segment_init(&seg, spool_buffer);

        if (!is_int(create_at(NOW, hosts[i], 42), 0, "host \"%s\"",
                    hosts[i]))
        {
            continue;
        }

        ok(name_is_good(seg.name, NOW, 42), "named %s", seg.name);
        ok(stat(at("active", seg.name), &st) == 0, "it lies in active");
        payments_segment_seal(&seg, &spool, &fault);
    }

    memset(longest, 'h', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';

    payments_segment_init(&seg, spool_buffer);
    is_int(create_at(INT64_MAX - 1000, longest, 4194304), 0,
           "the longest host");
    ok(name_is_good(seg.name, INT64_MAX - 1000, 4194304), "named %s",
       seg.name);
    payments_segment_seal(&seg, &spool, &fault);

    /* two owners at one time */

    for (i = 0; i < 2; i++) {
        payments_segment_init(&seg, spool_buffer);
        create_at(NOW, "web-1", 42 + i);
        commit(&seg, i, 1);
        payments_segment_seal(&seg, &spool, &fault);
    }

    list = names("new", &n);
    ok(n == 2 && strcmp(list[0], list[1]) != 0, "two owners at one time");
    free_names(list);
    spool_clear();
}


/* a link in place of a segment */

static void
planted(void)
{
    int          rc;
    char         name[PAYMENTS_SEGMENT_NAME], outside[512];
    struct stat  st;

    payments_segment_init(&seg, spool_buffer);
    create_at(NOW, "host", 42);
    strcpy(name, seg.name);
    payments_segment_seal(&seg, &spool, &fault);

    snprintf(outside, sizeof(outside), "%s/outside", spool_path);

    if (symlink(outside, at("active", name)) != 0) {
        die("symlink");
    }

    payments_segment_init(&seg, spool_buffer);
    rc = create_at(NOW, "host", 42);

    ok(rc == -1 || strcmp(seg.name, name) != 0, "a link is not a segment");
    ok(stat(outside, &st) != 0, "and not followed");

    if (rc == 0) {
        payments_segment_seal(&seg, &spool, &fault);

    } else {
        is_int(fault.err, EEXIST, "the error says so");
        is_int(seg.fd, -1, "there is no segment");
    }

    unlink(outside);
    spool_clear();
}


/* an owner holds a lock on its segment */

static void
owned(void)
{
    int  fd;

    payments_segment_init(&seg, spool_buffer);
    create_at(NOW, "host", 42);

    fd = open(at("active", seg.name), O_RDWR|O_CLOEXEC);
    is_int(flock(fd, LOCK_EX|LOCK_NB), -1, "a segment is locked");
    is_int(errno, EWOULDBLOCK, "by its owner");

    commit(&seg, 0, 1);
    is_int(flock(fd, LOCK_EX|LOCK_NB), -1, "also after a commit");

    payments_segment_seal(&seg, &spool, &fault);
    is_int(flock(fd, LOCK_EX|LOCK_NB), 0, "and not when it is sealed");

    close(fd);
    spool_clear();
}


static void
absent(void)
{
    unsigned           before;
    uint64_t           room, reserve;
    struct statvfs     fs;
    payments_spool_t   none;
    payments_recovery_t  recovery;

    before = descriptors();

    none = spool;
    none.path = "/nonexistent/spool";

    payments_segment_init(&seg, spool_buffer);

    memset(&fault, 0, sizeof(fault));
    is_int(payments_segment_create(&seg, &none, NOW, "h", 1, &fault), -1,
           "create without a spool");
    is_int(fault.err, ENOENT, "the error is noted");
    ok(fault.call != NULL && fault.call[0] != '\0', "and its call");
    is_int(seg.fd, -1, "there is no segment");

    memset(&fault, 0, sizeof(fault));
    is_int(payments_segment_recover(&none, NULL, NULL, &recovery, &fault),
           -1,
           "recover without a spool");
    is_int(fault.err, ENOENT, "the error is noted");

    memset(&fault, 0, sizeof(fault));
    is_int(payments_spool_room(&none, &room, &fault), -1,
           "no room without a spool");
    is_int(fault.err, ENOENT, "the error is noted");
    ok(fault.call != NULL && fault.call[0] != '\0', "and its call");

    is_int(descriptors(), before, "no descriptor is left");

    /* room */

    if (statvfs(spool_path, &fs) != 0) {
        die("statvfs");
    }

    spool.reserve = 0;
    is_int(payments_spool_room(&spool, &room, &fault), 0, "room is known");
    ok(room > (uint64_t) fs.f_bavail * fs.f_frsize / 10 * 9
       && room < (uint64_t) fs.f_bavail * fs.f_frsize / 9 * 10,
       "and what the file system says");

    reserve = (uint64_t) fs.f_bavail * fs.f_frsize / 2;
    spool.reserve = reserve;
    is_int(payments_spool_room(&spool, &room, &fault), 0, "with a reserve");
    ok(room > reserve / 10 * 9 - 1 && room < reserve / 9 * 10 + 1,
       "it is less");

    spool.reserve = UINT64_MAX;
    is_int(payments_spool_room(&spool, &room, &fault), 0,
           "with too much of it");
    is_int(room, 0, "there is none");

    spool.reserve = 0;
}


int
main(void)
{
    spool_init();

    life();
    zeros();
    grows();
    pieces();
    files();
    naming();
    planted();
    owned();
    absent();

    spool_buffer = NULL;
    life();
    zeros();
    grows();
    pieces();

    spool.sync = 0;
    life();

    spool_done();

    return done_testing();
}
