
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What is appended is the file's, byte for byte, and zeros are behind it: past
 * the page cache, through it, and from the moment on when the one turns out
 * not to work.
 */


#define _GNU_SOURCE  /* O_DIRECT */

#include "spool.h"


/* LDFLAGS: -Wl,--wrap=pwritev */

#define TOTAL  (4 * 1024 * 1024)


typedef enum {
    WRITES_WELL = 0,
    WRITES_INVALID,     /* says EINVAL as long as it is asked for direct ones */
    WRITES_PARTS,       /* some bytes, and no whole block */
    WRITES_NOTHING,     /* for once */
    WRITES_ZERO         /* for once, and says no more */
} writes_e;


static writes_e       writes;
static unsigned       directly;     /* such calls */

static unsigned char  expected[TOTAL];
static unsigned       seed;


ssize_t __real_pwritev(int fd, const struct iovec *iov, int n, off_t offset);
ssize_t __wrap_pwritev(int fd, const struct iovec *iov, int n, off_t offset);


static int
is_direct(int fd)
{
    return (fcntl(fd, F_GETFL) & O_DIRECT) != 0;
}


ssize_t
__wrap_pwritev(int fd, const struct iovec *iov, int n, off_t offset)
{
    directly += is_direct(fd);

    switch (writes) {

    case WRITES_INVALID:
        if (is_direct(fd)) {
            errno = EINVAL;
            return -1;
        }

        break;

    case WRITES_PARTS:
        if (iov[0].iov_len > 1000) {
            return pwrite(fd, iov[0].iov_base, is_direct(fd) ? 4096 : 1000,
                          offset);
        }

        break;

    case WRITES_NOTHING:
        writes = WRITES_WELL;
        errno = ENOSPC;
        return -1;

    case WRITES_ZERO:
        writes = WRITES_WELL;
        return 0;

    default:
        break;
    }

    return __real_pwritev(fd, iov, n, offset);
}


static unsigned
any(unsigned below)
{
    seed = seed * 1103515245 + 12345;

    return (seed >> 8) % below;
}


/* some pieces from expected + *len, as long as there is room */

static unsigned
cut(struct iovec *iov, size_t *len)
{
    size_t    part;
    unsigned  i, n;

    static const unsigned  sizes[] = { 1, 2, 100, 4096, 5000, 70000, 300000 };

    n = any(6);

    for (i = 0; i < n; i++) {
        part = any(sizes[any(7)] + 1);

        if (part > TOTAL - *len) {
            part = TOTAL - *len;
        }

        iov[i].iov_base = expected + *len;
        iov[i].iov_len = part;
        *len += part;
    }

    return n;
}


static int
file_is(const char *name, size_t len, off_t size)
{
    size_t          i;
    payments_str_t  file;

    file = read_file("active", name);

    if (file.len < len || (off_t) file.len != size
        || memcmp(file.data, expected, len) != 0)
    {
        diag("%zu of %zu bytes", file.len, len);
        unbox(file);
        return 0;
    }

    for (i = len; i < file.len && file.data[i] == '\0'; i++) {
        /* void */
    }

    len = file.len;
    unbox(file);

    return i == len;
}


static void
appended(unsigned char *buf, const char *what)
{
    int                 fd, wrong;
    off_t               end, kept, zeros;
    size_t              len;
    unsigned            n, round, began;
    struct iovec        iov[6];
    payments_append_t   file;

    fd = open(at("active", "file"), O_RDWR|O_CREAT|O_TRUNC, 0600);
    if (fd == -1) {
        die("open");
    }

    directly = 0;
    wrong = 0;
    end = 0;
    payments_append_start(&file, fd, buf);
    began = file.direct;

    for (round = 0; end < TOTAL && round < 500; round++) {

        kept = end;
        len = end;
        n = cut(iov, &len);

        if (payments_append_write(&file, iov, n, &end, &fault) != 0
            || end != (off_t) len)
        {
            wrong++;
        }

        /* one that is given up, as after an error, and others in its place */

        if (any(4) == 0) {
            end = kept;
            wrong += (ftruncate(fd, end) != 0);
            payments_append_cut(&file, end);
            continue;
        }

        payments_append_keep(&file);

        if (any(4) == 0 && file.size - end < PAYMENTS_BLOCK) {
            zeros = 8192 * any(3);
            payments_append_zeros(&file, end, zeros);
            wrong += (file.size < end + zeros);
        }

        wrong += !file_is("file", end, file.size);
    }

    is_int(wrong, 0, "%s: %u writes", what, round);
    is_int(end, TOTAL, "%s: all is there", what);

    if (writes == WRITES_WELL) {
        is_int(file.direct, began, "%s: to the end", what);
    }

    close(fd);
}


static void
fails(void)
{
    int                fd;
    off_t              end;
    struct iovec       iov;
    payments_append_t  file;

    fd = open(at("active", "fails"), O_RDWR|O_CREAT|O_TRUNC, 0600);
    if (fd == -1) {
        die("open");
    }

    payments_append_start(&file, fd, spool_buffer);

    end = 0;
    iov.iov_base = expected;
    iov.iov_len = 5000;
    is_int(payments_append_write(&file, &iov, 1, &end, &fault), 0, "a write");
    payments_append_keep(&file);

    writes = WRITES_NOTHING;
    iov.iov_base = expected + 100;
    iov.iov_len = 5000;
    is_int(payments_append_write(&file, &iov, 1, &end, &fault), -1,
           "one that fails");
    is_int(fault.err, ENOSPC, "is noted");
    is_int(end, 5000, "and nothing is there");

    writes = WRITES_ZERO;
    iov.iov_base = expected + 100;
    iov.iov_len = 2 * PAYMENTS_APPEND_SIZE;
    is_int(payments_append_write(&file, &iov, 1, &end, &fault), -1,
           "a large one that writes nothing");
    is_int(fault.err, ENOSPC, "for no room");
    is_int(end, 5000, "and nothing is there");

    iov.iov_base = expected + 5000;
    iov.iov_len = 5000;
    is_int(payments_append_write(&file, &iov, 1, &end, &fault), 0,
           "the next one");
    payments_append_keep(&file);
    ok(file_is("fails", 10000, file.size), "is in its place");

    close(fd);
}


int
main(void)
{
    size_t  i;

    spool_init();

    for (i = 0; i < TOTAL; i++) {
        expected[i] = 1 + any(255);
    }

    appended(NULL, "through the page cache");
    is_int(directly, 0, "and not past it");

    appended(spool_buffer, "past the page cache");

    if (directly == 0) {
        diag("this file system has no direct writes");
    }

    writes = WRITES_PARTS;
    appended(spool_buffer, "by parts");
    writes = WRITES_INVALID;
    appended(spool_buffer, "where it is refused late");
    writes = WRITES_WELL;

    fails();

    spool_clear();
    spool_done();

    return done_testing();
}
