
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A spool for a test, numbered records in it, and what became of them.
 */


#ifndef _SPOOL_H_INCLUDED_
#define _SPOOL_H_INCLUDED_


#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "payments_segment.h"
#include "unit.h"


#define NOW        INT64_C(1764020246000000)
#ifndef RECORDS
#define RECORDS    2048
#endif
#define RECORD_IOV 3


static payments_spool_t   spool;
static payments_fault_t   fault;
static char               spool_path[256];
static char               spool_file[1024];

/* how often each record was found in new, and what was wrong there */

static unsigned           found[RECORDS];
static unsigned           strange;
static unsigned           disorder;


static inline void
die(const char *what)
{
    printf("Bail out! %s: %s\n", what, strerror(errno));
    fflush(stdout);
    _exit(2);
}


/* a path below the spool, valid until the next call */

static inline const char *
at(const char *dir, const char *name)
{
    snprintf(spool_file, sizeof(spool_file), "%s/%s/%s", spool_path, dir,
             name);

    return spool_file;
}


/* of the one segment that is written to at a time; NULL: the page cache */

static unsigned char  spool_memory[PAYMENTS_APPEND_SIZE]
    __attribute__ ((aligned (PAYMENTS_BLOCK)));

static unsigned char *spool_buffer
    __attribute__ ((unused)) = spool_memory;


static inline void
spool_init(void)
{
    size_t       i;
    const char  *tmp;

    static const char  *const dirs[] = { "active", "new", "corrupt" };

    setvbuf(stdout, NULL, _IOLBF, 0);

    tmp = getenv("TMPDIR");
    snprintf(spool_path, sizeof(spool_path), "%s/payments.XXXXXX",
             tmp != NULL ? tmp : "/tmp");

    if (mkdtemp(spool_path) == NULL) {
        die("mkdtemp");
    }

    for (i = 0; i < 3; i++) {
        if (mkdir(at(dirs[i], ""), 0700) != 0) {
            die("mkdir");
        }
    }

    memset(&spool, 0, sizeof(spool));
    spool.path = spool_path;
    spool.sync = 1;
    spool.mode = 0640;
    spool.ahead = 8192;
}


/* the names in a directory, sorted; freed by the caller, NULL at the end */

static inline int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}


static inline char **
names(const char *dir, size_t *n)
{
    DIR            *d;
    char          **list;
    struct dirent  *entry;

    d = opendir(at(dir, ""));
    if (d == NULL) {
        die("opendir");
    }

    list = calloc(1, sizeof(char *));
    *n = 0;

    while ((entry = readdir(d)) != NULL) {
        if (entry->d_name[0] == '.') {
            continue;
        }

        list = realloc(list, (*n + 2) * sizeof(char *));
        list[(*n)++] = strdup(entry->d_name);
    }

    closedir(d);

    qsort(list, *n, sizeof(char *), by_name);
    list[*n] = NULL;

    return list;
}


static inline void
free_names(char **list)
{
    size_t  i;

    for (i = 0; list[i] != NULL; i++) {
        free(list[i]);
    }

    free(list);
}


static inline size_t
count(const char *dir)
{
    size_t   n;

    free_names(names(dir, &n));

    return n;
}


static inline void
dir_clear(const char *dir)
{
    char    **list;
    size_t    i, n;

    list = names(dir, &n);

    for (i = 0; i < n; i++) {
        if (unlink(at(dir, list[i])) != 0) {
            die("unlink");
        }
    }

    free_names(list);
}


static inline void
spool_clear(void)
{
    dir_clear("active");
    dir_clear("new");
    dir_clear("corrupt");
}


static inline void
spool_done(void)
{
    spool_clear();

    rmdir(at("active", ""));
    rmdir(at("new", ""));
    rmdir(at("corrupt", ""));
    rmdir(spool_path);
}


static inline void
write_file(const char *dir, const char *name, payments_str_t str)
{
    FILE  *f;

    f = fopen(at(dir, name), "wb");

    if (f == NULL || fwrite(str.data, 1, str.len, f) != str.len
        || fclose(f) != 0)
    {
        die("fopen");
    }
}


/* freed by the caller; data is NULL when there is no such file */

static inline payments_str_t
read_file(const char *dir, const char *name)
{
    FILE           *f;
    char           *buf;
    size_t          n;
    payments_str_t  str;
    struct stat     st;

    str = bytes(NULL, 0);

    f = fopen(at(dir, name), "rb");
    if (f == NULL || fstat(fileno(f), &st) != 0) {
        return str;
    }

    buf = malloc(st.st_size + 1);
    n = fread(buf, 1, st.st_size, f);
    fclose(f);

    return bytes(buf, n);
}


/* the only file of a directory; freed by the caller */

static inline payments_str_t
only_file(const char *dir)
{
    char          **list;
    size_t          n;
    payments_str_t  str;

    list = names(dir, &n);
    str = (n == 1) ? read_file(dir, list[0]) : bytes(NULL, 0);
    free_names(list);

    return str;
}


/*
 * Record i has a size of its own, and no newline in it.  It comes as three
 * pieces; returned is all of it, valid until the next call.
 */

static inline payments_str_t
record(unsigned i, struct iovec *iov)
{
    size_t       head, body;
    unsigned     k;
    const char  *tail;

    static char  buf[2 * RECORDS + 256];

    tail = "}}\n";

    head = sprintf(buf, "{\"n\":%u,\"data\":{\"payload\":", i);
    body = sprintf(buf + head, "{\"x\":\"");

    for (k = 0; k < (i * 37 + 5) % 211; k++) {
        buf[head + body++] = 'a' + (i + k) % 26;
    }

    body += sprintf(buf + head + body, "\"}");
    strcpy(buf + head + body, tail);

    if (iov != NULL) {
        iov[0].iov_base = buf;
        iov[0].iov_len = head;
        iov[1].iov_base = buf + head;
        iov[1].iov_len = body;
        iov[2].iov_base = buf + head + body;
        iov[2].iov_len = 3;
    }

    return bytes(buf, head + body + 3);
}


/* records first to first + n - 1 in one commit */

static inline int
commit(payments_segment_t *seg, unsigned first, unsigned n)
{
    int              rc;
    unsigned         i, k;
    payments_str_t   str;
    struct iovec    *iov;
    unsigned char  **copies;

    iov = calloc(n * RECORD_IOV, sizeof(struct iovec));
    copies = calloc(n, sizeof(unsigned char *));

    for (i = 0; i < n; i++) {
        str = record(first + i, iov + RECORD_IOV * i);
        copies[i] = malloc(str.len);
        memcpy(copies[i], str.data, str.len);

        for (k = 0; k < RECORD_IOV; k++) {
            iov[RECORD_IOV * i + k].iov_base = copies[i]
                + ((unsigned char *) iov[RECORD_IOV * i + k].iov_base
                   - str.data);
        }
    }

    memset(&fault, 0, sizeof(fault));
    rc = payments_segment_commit(seg, &spool, iov, n * RECORD_IOV, &fault);

    for (i = 0; i < n; i++) {
        free(copies[i]);
    }

    free(copies);
    free(iov);

    return rc;
}


/* what a consumer sees */

static inline void
survey(void)
{
    int                    i, last;
    char                 **list;
    size_t                 k, n;
    payments_str_t         file, line, expected;
    const unsigned char   *end;

    memset(found, 0, sizeof(found));
    strange = 0;
    disorder = 0;
    last = -1;

    list = names("new", &n);

    for (k = 0; k < n; k++) {
        file = read_file("new", list[k]);

        if (file.len == 0 || file.data[file.len - 1] != '\n') {
            strange++;
        }

        line = file;

        while (line.len) {
            end = memchr(line.data, '\n', line.len);

            if (end == NULL) {
                strange++;
                break;
            }

            i = -1;

            if (sscanf((const char *) line.data, "{\"n\":%d,", &i) == 1
                && i >= 0 && i < RECORDS)
            {
                expected = record(i, NULL);

                if ((size_t) (end + 1 - line.data) == expected.len
                    && memcmp(line.data, expected.data, expected.len) == 0)
                {
                    found[i]++;
                    disorder += (i <= last);
                    last = i;

                } else {
                    i = -1;
                }
            }

            if (i == -1) {
                strange++;
            }

            line.len -= end + 1 - line.data;
            line.data = end + 1;
        }

        unbox(file);
    }

    free_names(list);
}


/* 1 when first to first + n - 1 are found once, and nothing else is */

static inline int
only(unsigned first, unsigned n)
{
    int       good;
    unsigned  i;

    survey();
    good = (strange == 0 && disorder == 0);

    for (i = 0; i < RECORDS; i++) {
        if (found[i] != (i >= first && i < first + n)) {
            diag("record %u is found %u times", i, found[i]);
            good = 0;
        }
    }

    if (strange || disorder) {
        diag("%u strange lines, %u out of order", strange, disorder);
    }

    return good;
}


static inline unsigned
descriptors(void)
{
    DIR       *d;
    unsigned   n;

    d = opendir("/proc/self/fd");
    if (d == NULL) {
        return 0;
    }

    for (n = 0; readdir(d) != NULL; n++) { /* void */ }

    closedir(d);

    return n;
}


static inline int
recover(payments_recovery_t *recovery)
{
    memset(&fault, 0, sizeof(fault));
    memset(recovery, 0x5a, sizeof(payments_recovery_t));

    return payments_segment_recover(&spool, NULL, NULL, recovery, &fault);
}


#endif /* _SPOOL_H_INCLUDED_ */
