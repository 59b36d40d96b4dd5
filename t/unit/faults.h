
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * System calls that fail when they are told to, by the linker's --wrap, and
 * a watch on what has been synced.  The real ones serve the test itself.
 */


#ifndef _FAULTS_H_INCLUDED_
#define _FAULTS_H_INCLUDED_


#include <stdarg.h>
#include <sys/file.h>
#include <sys/uio.h>

#include "spool.h"


typedef enum {
    INJECT_NONE = 0,
    INJECT_ONCE,        /* the nth call fails */
    INJECT_FROM,        /* the nth call and all later ones */
    INJECT_SHORT,       /* the nth call, when a write, does half of it */
    INJECT_SHORT_FAIL,  /* so, and the next write fails */
    INJECT_STUCK,       /* so, and everything after it */
    INJECT_SLOW,        /* every write does a few bytes */
    INJECT_CRASH        /* the process ends in the nth call */
} inject_e;


#define WATCHED  1024


typedef struct {
    inject_e     mode;
    unsigned     nth;
    int          err;

    unsigned     calls;
    unsigned     hit;
    const char  *call;      /* that was hit first */
    unsigned     pending;   /* the next write fails */
} inject_t;


static inject_t       inject;

/* descriptors whose sync failed, and inodes that wait for a sync */

static unsigned char  watch_failed[WATCHED];
static ino_t          watch_dirty[WATCHED];
static unsigned       watch_resynced;
static unsigned       watch_unsynced;

/* a sync is noted, and takes no time */

static unsigned       watch_only;

/* called before anything is unlinked */

static void         (*inject_unlink)(int dir, const char *name);


int __real_openat(int dir, const char *name, int flags, ...);
int __real_open(const char *name, int flags, ...);
int __real_flock(int fd, int op);
int __real_fchmod(int fd, mode_t mode);
int __real_fstat(int fd, struct stat *st);
int __real_statx(int dir, const char *name, int flags, unsigned mask,
    void *st);
int __real_fstatat(int dir, const char *name, struct stat *st, int flags);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_ftruncate(int fd, off_t len);
int __real_renameat(int from, const char *a, int to, const char *b);
int __real_unlinkat(int dir, const char *name, int flags);
int __real_close(int fd);
DIR *__real_fdopendir(int fd);
struct dirent *__real_readdir(DIR *dir);
ssize_t __real_pread(int fd, void *buf, size_t len, off_t offset);
ssize_t __real_write(int fd, const void *buf, size_t len);
ssize_t __real_pwrite(int fd, const void *buf, size_t len, off_t offset);
ssize_t __real_writev(int fd, const struct iovec *iov, int n);
ssize_t __real_pwritev(int fd, const struct iovec *iov, int n, off_t offset);


static inline void
inject_arm(inject_e mode, unsigned nth, int err)
{
    memset(&inject, 0, sizeof(inject));

    inject.mode = mode;
    inject.nth = nth;
    inject.err = err;
}


static inline void
watch_reset(void)
{
    memset(watch_failed, 0, sizeof(watch_failed));
    memset(watch_dirty, 0, sizeof(watch_dirty));
    watch_resynced = 0;
    watch_unsynced = 0;
}


static inline ino_t *
watch_find(ino_t ino)
{
    unsigned  i;

    for (i = 0; i < WATCHED && watch_dirty[i] != 0; i++) {
        if (watch_dirty[i] == ino) {
            break;
        }
    }

    if (i == WATCHED) {
        die("watch");
    }

    return &watch_dirty[i];
}


static inline void
watch_set(int fd, int dirty)
{
    ino_t       *slot;
    struct stat  st;

    if (__real_fstat(fd, &st) != 0) {
        return;
    }

    slot = watch_find(st.st_ino);

    /* 1 is no file's inode, and keeps the slots together */

    if (dirty) {
        *slot = st.st_ino;

    } else if (*slot != 0) {
        *slot = 1;
    }
}


/* whether what lies at a path waits for a sync */

static inline int
watch_waits(const char *path)
{
    struct stat  st;

    return stat(path, &st) == 0 && *watch_find(st.st_ino) != 0;
}


/* 1 when this call is to fail */

static inline int
inject_here(const char *call, int write)
{
    if (inject.mode == INJECT_NONE) {
        return 0;
    }

    inject.calls++;

    if (write && inject.pending) {
        inject.pending = 0;
        errno = ENOSPC;
        return 1;
    }

    if (inject.mode == INJECT_STUCK && inject.hit) {
        errno = inject.err;
        return 1;
    }

    if (inject.calls < inject.nth
        || (inject.calls > inject.nth && inject.mode != INJECT_FROM)
        || inject.mode == INJECT_SLOW)
    {
        return 0;
    }

    if (!write && (inject.mode == INJECT_SHORT
                   || inject.mode == INJECT_SHORT_FAIL))
    {
        inject.hit++;
        return 0;
    }

    if (inject.hit++ == 0) {
        inject.call = call;
    }

    if (inject.mode == INJECT_CRASH && !write) {
        _exit(99);
    }

    if (inject.mode != INJECT_ONCE && inject.mode != INJECT_FROM) {
        return 0;
    }

    errno = inject.err;

    return 1;
}


/* a write of all, of half, or of a few bytes; offset is -1 for the file's */

static inline ssize_t
inject_write(const char *call, int fd, const struct iovec *iov, int n,
    off_t offset)
{
    int       i;
    char     *buf;
    size_t    len, part;
    ssize_t   rc;
    unsigned  before;

    before = inject.hit;

    if (inject_here(call, 1)) {
        return -1;
    }

    for (i = 0, len = 0; i < n; i++) {
        len += iov[i].iov_len;
    }

    buf = malloc(len + 1);

    for (i = 0, part = 0; i < n; i++) {
        memcpy(buf + part, iov[i].iov_base, iov[i].iov_len);
        part += iov[i].iov_len;
    }

    if (inject.mode == INJECT_SLOW && len > 7) {
        len = 7;
    }

    if (inject.hit != before && len > 1) {
        len /= 2;
        inject.pending = (inject.mode == INJECT_SHORT_FAIL);
    }

    rc = (offset == -1) ? __real_write(fd, buf, len)
                        : __real_pwrite(fd, buf, len, offset);
    free(buf);
    watch_set(fd, 1);

    if (inject.hit != before && inject.mode == INJECT_CRASH) {
        _exit(99);
    }

    return rc;
}


ssize_t
__wrap_write(int fd, const void *buf, size_t len)
{
    struct iovec  iov;

    iov.iov_base = (void *) buf;
    iov.iov_len = len;

    return inject_write("write", fd, &iov, 1, -1);
}


ssize_t
__wrap_pwrite(int fd, const void *buf, size_t len, off_t offset)
{
    struct iovec  iov;

    iov.iov_base = (void *) buf;
    iov.iov_len = len;

    return inject_write("pwrite", fd, &iov, 1, offset);
}


ssize_t
__wrap_writev(int fd, const struct iovec *iov, int n)
{
    return inject_write("writev", fd, iov, n, -1);
}


ssize_t
__wrap_pwritev(int fd, const struct iovec *iov, int n, off_t offset)
{
    return inject_write("pwritev", fd, iov, n, offset);
}


int
__wrap_open(const char *name, int flags, ...)
{
    mode_t   mode;
    va_list  args;

    va_start(args, flags);
    mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;
    va_end(args);

    return inject_here("open", 0) ? -1 : __real_open(name, flags, mode);
}


int
__wrap_openat(int dir, const char *name, int flags, ...)
{
    int      fd;
    mode_t   mode;
    va_list  args;

    va_start(args, flags);
    mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;
    va_end(args);

    if (inject_here("openat", 0)) {
        return -1;
    }

    fd = __real_openat(dir, name, flags, mode);

    if (fd != -1 && (flags & O_CREAT)) {
        watch_set(dir, 1);
    }

    return fd;
}


int
__wrap_flock(int fd, int op)
{
    return inject_here("flock", 0) ? -1 : __real_flock(fd, op);
}


int
__wrap_fchmod(int fd, mode_t mode)
{
    return inject_here("fchmod", 0) ? -1 : __real_fchmod(fd, mode);
}


int
__wrap_statx(int dir, const char *name, int flags, unsigned mask, void *st)
{
    return inject_here("statx", 0) ? -1
                                   : __real_statx(dir, name, flags, mask, st);
}


int
__wrap_fstat(int fd, struct stat *st)
{
    return inject_here("fstat", 0) ? -1 : __real_fstat(fd, st);
}


int
__wrap_fstatat(int dir, const char *name, struct stat *st, int flags)
{
    return inject_here("fstatat", 0) ? -1
                                     : __real_fstatat(dir, name, st, flags);
}


static inline int
inject_sync(const char *call, int fd, int (*sync)(int fd))
{
    if (watch_failed[fd]) {
        watch_resynced++;
    }

    if (inject_here(call, 0)) {
        watch_failed[fd] = 1;
        return -1;
    }

    watch_set(fd, 0);

    return watch_only ? 0 : sync(fd);
}


int
__wrap_fsync(int fd)
{
    return inject_sync("fsync", fd, __real_fsync);
}


int
__wrap_fdatasync(int fd)
{
    return inject_sync("fdatasync", fd, __real_fdatasync);
}


int
__wrap_ftruncate(int fd, off_t len)
{
    if (inject_here("ftruncate", 0)) {
        return -1;
    }

    watch_set(fd, 1);

    return __real_ftruncate(fd, len);
}


int
__wrap_renameat(int from, const char *a, int to, const char *b)
{
    int          rc;
    struct stat  st;

    if (inject_here("renameat", 0)) {
        return -1;
    }

    if (__real_fstatat(from, a, &st, AT_SYMLINK_NOFOLLOW) == 0
        && *watch_find(st.st_ino) != 0)
    {
        watch_unsynced++;
    }

    rc = __real_renameat(from, a, to, b);

    if (rc == 0) {
        watch_set(to, 1);
    }

    return rc;
}


int
__wrap_unlinkat(int dir, const char *name, int flags)
{
    if (inject_here("unlinkat", 0)) {
        return -1;
    }

    if (inject_unlink != NULL) {
        inject_unlink(dir, name);
    }

    return __real_unlinkat(dir, name, flags);
}


/* closed all the same, as Linux does */

int
__wrap_close(int fd)
{
    int  failed;

    failed = inject_here("close", 0);
    watch_failed[fd] = 0;

    if (__real_close(fd) != 0) {
        watch_unsynced += 1000;
        return -1;
    }

    return failed ? -1 : 0;
}


DIR *
__wrap_fdopendir(int fd)
{
    return inject_here("fdopendir", 0) ? NULL : __real_fdopendir(fd);
}


struct dirent *
__wrap_readdir(DIR *dir)
{
    return inject_here("readdir", 0) ? NULL : __real_readdir(dir);
}


ssize_t
__wrap_pread(int fd, void *buf, size_t len, off_t offset)
{
    return inject_here("pread", 0) ? -1
                                   : __real_pread(fd, buf, len, offset);
}


/* the calls that were hit first, in all of a test */

static const char     *calls_hit[64];


static inline void
note_call(void)
{
    size_t  i;

    for (i = 0; i < 63 && calls_hit[i] != NULL; i++) {
        if (inject.call == NULL || strcmp(calls_hit[i], inject.call) == 0) {
            return;
        }
    }

    calls_hit[i] = inject.call;
}


static inline int
was_hit(const char *call)
{
    size_t  i;

    for (i = 0; i < 64 && calls_hit[i] != NULL; i++) {
        if (strcmp(calls_hit[i], call) == 0) {
            return 1;
        }
    }

    return 0;
}


#endif /* _FAULTS_H_INCLUDED_ */
