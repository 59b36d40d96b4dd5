
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The input is a segment in active whose owner is dead.  Recovery leaves
 * nothing there, brings all of its good lines into new and nothing else, and
 * keeps what was corrupt.
 *
 * In the input \x01 and a byte n is the byte before them another 256 * n
 * times, so that a small input reaches the sizes at which a file is read.
 */


#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "payments_segment.h"
#include "slow.h"


#define NAME        "1764020246000000.host.42.0.ndjson"
#define MAX_FILE    (512 * 1024)


static char              path[PATH_MAX];
static pid_t             creator;
static payments_spool_t  spool;

static const char  *const dirs[] = { "active", "new", "corrupt" };


static const char *
at(const char *dir, const char *name)
{
    static char  full[PATH_MAX + 512];

    snprintf(full, sizeof(full), "%s/%s/%s", path, dir, name);

    return full;
}


/* the number of files, which are removed when wanted */

static unsigned
files(const char *name, int clear)
{
    DIR            *dir;
    unsigned        n;
    struct dirent  *entry;

    dir = opendir(at(name, ""));
    property(dir != NULL);

    n = 0;

    while ((entry = readdir(dir)) != NULL) {

        if (strcmp(entry->d_name, ".") == 0
            || strcmp(entry->d_name, "..") == 0)
        {
            continue;
        }

        n++;

        if (clear) {
            property(unlink(at(name, entry->d_name)) == 0);
        }
    }

    closedir(dir);

    return n;
}


static void
clear(void)
{
    size_t  i;

    for (i = 0; i < 3; i++) {
        files(dirs[i], 1);
    }
}


static void
done(void)
{
    size_t  i;

    if (getpid() != creator) {
        return;
    }

    clear();

    for (i = 0; i < 3; i++) {
        rmdir(at(dirs[i], ""));
    }

    rmdir(path);
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    size_t       i;
    const char  *tmp;

    (void) argc;
    (void) argv;

    tmp = getenv("TMPDIR");

    if (tmp == NULL) {
        tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    }

    snprintf(path, sizeof(path), "%s/payments.XXXXXX", tmp);
    property(mkdtemp(path) != NULL);

    for (i = 0; i < 3; i++) {
        property(mkdir(at(dirs[i], ""), 0700) == 0);
    }

    spool.path = path;
    spool.sync = 1;
    spool.mode = 0640;

    creator = getpid();
    atexit(done);

    return 0;
}


static void
write_file(payments_str_t str)
{
    int  fd;

    fd = open(at("active", NAME), O_WRONLY|O_CREAT|O_EXCL, 0640);
    property(fd != -1);
    property(write(fd, str.data, str.len) == (ssize_t) str.len);
    close(fd);
}


/* an absent one is like an empty one */

static payments_str_t
read_file(const char *dir)
{
    int              fd;
    struct stat      st;
    payments_str_t   str;
    unsigned char   *p;

    fd = open(at(dir, NAME), O_RDONLY);

    if (fd == -1) {
        property(errno == ENOENT);
        str.len = 0;
        str.data = fuzz_alloc(0);
        return str;
    }

    property(fstat(fd, &st) == 0);
    property((st.st_mode & 0777) == 0640);

    p = fuzz_alloc(st.st_size);
    property(read(fd, p, st.st_size) == st.st_size);
    close(fd);

    str.len = st.st_size;
    str.data = p;

    return str;
}


static payments_str_t
expand(const uint8_t *data, size_t size)
{
    size_t           i, n;
    payments_str_t   str;
    unsigned char   *p;

    p = fuzz_alloc(MAX_FILE);
    str.data = p;
    str.len = 0;

    for (i = 0; i < size && str.len < MAX_FILE; i++) {

        if (data[i] != 0x01 || i + 1 == size || str.len == 0) {
            p[str.len++] = data[i];
            continue;
        }

        n = 256 * data[++i];

        if (n > MAX_FILE - str.len) {
            n = MAX_FILE - str.len;
        }

        memset(p + str.len, p[str.len - 1], n);
        str.len += n;
    }

    return str;
}


/* what has to stay of a file */

typedef struct {
    payments_str_t  good;
    unsigned        bad;      /* complete lines, holes at the end excepted */
} expected_t;


/* what is nested deeper than an envelope can be may be either */

static int
is_good(payments_str_t line, size_t depth)
{
    int          good;
    slow_json_t  json;

    good = slow_json(&json, line) && json.list[0].kind == '{'
           && line.data[0] == '{' && slow_utf8(line) && json.depth <= depth;

    slow_free(&json);

    return good;
}


static expected_t
expect(payments_str_t file, size_t depth)
{
    size_t           i, start;
    unsigned         holes;
    expected_t       expected;
    payments_str_t   line;
    unsigned char   *p;

    p = fuzz_alloc(file.len);
    expected.good.data = p;
    expected.good.len = 0;
    expected.bad = 0;
    holes = 0;
    start = 0;

    for (i = 0; i < file.len; i++) {

        if (file.data[i] != '\n') {
            continue;
        }

        line.data = file.data + start;
        line.len = i + 1 - start;
        start = i + 1;

        if (!is_good(line, depth)) {

            /* zeros were there before a commit: behind the last good line it
               is one that was not synced */

            if (memchr(line.data, '\0', line.len) != NULL) {
                holes++;

            } else {
                expected.bad++;
            }

            continue;
        }

        expected.bad += holes;
        holes = 0;

        memcpy(p + expected.good.len, line.data, line.len);
        expected.good.len += line.len;
    }

    return expected;
}


/* which descriptors are open */

static uint64_t
descriptors(void)
{
    int       fd;
    uint64_t  set;

    set = 0;

    for (fd = 0; fd < 64; fd++) {
        if (fcntl(fd, F_GETFD) != -1) {
            set |= UINT64_C(1) << fd;
        }
    }

    return set;
}


/* than zeros behind what is kept */

static int
more(payments_str_t file, size_t kept)
{
    while (kept < file.len && file.data[kept] == '\0') {
        kept++;
    }

    return kept < file.len;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t             fds;
    expected_t           expected;
    payments_str_t       file, got;
    payments_fault_t     fault;
    payments_recovery_t  recovery;

    file = expand(data, size);

    /* of a run that failed there may be something left */

    clear();
    write_file(file);

    fds = descriptors();

    property(payments_segment_recover(&spool, NULL, NULL, &recovery, &fault)
             == 0);

    property(descriptors() == fds);
    property(files("active", 0) == 0);

    got = read_file("new");
    expected = expect(file, SIZE_MAX);

    if (!fuzz_same(got, expected.good)) {
        free((void *) expected.good.data);
        expected = expect(file, PAYMENTS_MAX_DEPTH + 2);
    }

    property(fuzz_same(got, expected.good));
    property(files("new", 0) == (expected.good.len != 0));
    free((void *) got.data);

    /* a torn tail was promised to nobody, all else is kept */

    property(files("corrupt", 0) == (expected.bad != 0));
    got = read_file("corrupt");
    property(expected.bad ? fuzz_same(got, file) : got.len == 0);
    free((void *) got.data);

    property(recovery.sealed == (expected.good.len != 0));
    property(recovery.removed == (expected.good.len == 0
                                  && expected.bad == 0));
    property(recovery.corrupt == (expected.bad != 0));
    property(recovery.cut == (expected.bad == 0
                              && more(file, expected.good.len)));

    /* and all is done */

    property(payments_segment_recover(&spool, NULL, NULL, &recovery, &fault)
             == 0);
    property(recovery.sealed + recovery.removed + recovery.corrupt == 0);
    property(files("new", 0) == (expected.good.len != 0));

    clear();

    free((void *) expected.good.data);
    free((void *) file.data);

    return 0;
}
