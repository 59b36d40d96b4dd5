
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "payments_segment.h"


/* recovery may take a segment between its creation and its lock */
#define PAYMENTS_CREATE_TRIES  3


static int payments_segment_open(payments_segment_t *seg,
    const payments_spool_t *spool, payments_fault_t *fault);
static void payments_segment_name(payments_segment_t *seg, int64_t now,
    const char *host, pid_t pid);
static int payments_segment_own(payments_segment_t *seg,
    const payments_spool_t *spool, payments_fault_t *fault);
static void payments_segment_abandon(payments_segment_t *seg);
static void payments_segment_close(payments_segment_t *seg);


int
payments_fault(payments_fault_t *fault, const char *call)
{
    fault->call = call;
    fault->err = errno;

    return -1;
}


int
payments_spool_open(const payments_spool_t *spool, const char *name,
    payments_fault_t *fault)
{
    int  base, fd;

    base = open(spool->path, O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    if (base == -1) {
        return payments_fault(fault, "open");
    }

    fd = openat(base, name, O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
    if (fd == -1) {
        payments_fault(fault, "openat");
    }

    close(base);

    return fd;
}


int
payments_spool_room(const payments_spool_t *spool, uint64_t *room,
    payments_fault_t *fault)
{
    uint64_t        available;
    struct statvfs  fs;

    if (statvfs(spool->path, &fs) != 0) {
        return payments_fault(fault, "statvfs");
    }

    available = (uint64_t) fs.f_bavail * fs.f_frsize;

    *room = available > spool->reserve ? available - spool->reserve : 0;

    return 0;
}


/* digits for the time until 2286, so that names sort by it */

void
payments_spool_name(char *name, int64_t born, const char *host, pid_t pid,
    unsigned sequence)
{
    char    safe[PAYMENTS_HOST_LEN];
    size_t  i;

    for (i = 0; i < sizeof(safe) - 1 && host[i] != '\0'; i++) {
        safe[i] = (strchr("./", host[i]) != NULL) ? '-' : host[i];
    }

    safe[i] = '\0';

    snprintf(name, PAYMENTS_SEGMENT_NAME, "%016lld.%s.%ld.%u" PAYMENTS_SUFFIX,
             (long long) born, safe, (long) pid, sequence);
}


int
payments_spool_suffixed(const char *name)
{
    size_t  len;

    len = strlen(name);

    return len > sizeof(PAYMENTS_SUFFIX) - 1
           && strcmp(name + len - (sizeof(PAYMENTS_SUFFIX) - 1),
                     PAYMENTS_SUFFIX)
              == 0;
}


int
payments_spool_write(int fd, struct iovec *iov, int n, off_t *end,
    payments_fault_t *fault)
{
    size_t   part;
    ssize_t  written;

    while (n) {

        if (iov->iov_len == 0) {
            iov++;
            n--;
            continue;
        }

        written = pwritev(fd, iov, n, *end);

        if (written == -1 && errno == EINTR) {
            continue;
        }

        if (written == 0) {
            errno = ENOSPC;
        }

        if (written <= 0) {
            return payments_fault(fault, "pwritev");
        }

        *end += written;

        while (written) {
            part = iov->iov_len < (size_t) written ? iov->iov_len
                                                   : (size_t) written;

            iov->iov_base = (char *) iov->iov_base + part;
            iov->iov_len -= part;
            written -= part;

            if (written) {
                iov++;
                n--;
            }
        }
    }

    return 0;
}


void
payments_segment_init(payments_segment_t *seg)
{
    memset(seg, 0, sizeof(payments_segment_t));

    seg->fd = -1;
    seg->active = -1;
    seg->new = -1;
}


int
payments_segment_create(payments_segment_t *seg,
    const payments_spool_t *spool, int64_t now, const char *host, pid_t pid,
    payments_fault_t *fault)
{
    int       rc;
    unsigned  i;

    seg->committed = 0;
    seg->torn = 0;

    /* anew for each segment: the directories may have been replaced */

    if (payments_segment_open(seg, spool, fault) != 0) {
        payments_segment_close(seg);
        return -1;
    }

    for (i = 0; i < PAYMENTS_CREATE_TRIES; i++) {

        payments_segment_name(seg, now, host, pid);

        rc = payments_segment_own(seg, spool, fault);

        if (rc == 0) {
            return 0;
        }

        if (rc == -1) {
            break;
        }
    }

    payments_segment_abandon(seg);

    return -1;
}


static int
payments_segment_open(payments_segment_t *seg, const payments_spool_t *spool,
    payments_fault_t *fault)
{
    seg->active = payments_spool_open(spool, PAYMENTS_ACTIVE, fault);
    if (seg->active == -1) {
        return -1;
    }

    seg->new = payments_spool_open(spool, PAYMENTS_NEW, fault);
    if (seg->new == -1) {
        return -1;
    }

    return 0;
}


static void
payments_segment_name(payments_segment_t *seg, int64_t now, const char *host,
    pid_t pid)
{
    /* the clock may have stepped back */

    seg->born = (now > seg->born) ? now : seg->born + 1;

    payments_spool_name(seg->name, seg->born, host, pid, seg->sequence++);
}


/* 0, -1, or 1 when recovery was faster and another name is to be tried */

static int
payments_segment_own(payments_segment_t *seg, const payments_spool_t *spool,
    payments_fault_t *fault)
{
    struct stat  st;

    seg->fd = openat(seg->active, seg->name,
                     O_RDWR|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, spool->mode);
    if (seg->fd == -1) {
        return payments_fault(fault, "openat");
    }

    if (flock(seg->fd, LOCK_EX) != 0) {
        return payments_fault(fault, "flock");
    }

    if (fstat(seg->fd, &st) != 0) {
        return payments_fault(fault, "fstat");
    }

    if (st.st_nlink == 0) {
        errno = EAGAIN;
        payments_fault(fault, "flock");

        close(seg->fd);
        seg->fd = -1;

        return 1;
    }

    /* whatever the umask */

    if (fchmod(seg->fd, spool->mode) != 0) {
        return payments_fault(fault, "fchmod");
    }

    if (spool->sync && fsync(seg->active) != 0) {
        return payments_fault(fault, "fsync");
    }

    return 0;
}


int
payments_segment_commit(payments_segment_t *seg,
    const payments_spool_t *spool, struct iovec *iov, int n,
    payments_fault_t *fault)
{
    off_t        end;
    struct stat  st;

    end = seg->committed;

    if (payments_spool_write(seg->fd, iov, n, &end, fault) != 0) {

        seg->torn = 1;

        if (ftruncate(seg->fd, seg->committed) != 0) {
            payments_segment_abandon(seg);
        }

        return -1;
    }

    if (spool->sync && fdatasync(seg->fd) != 0) {
        payments_fault(fault, "fdatasync");

        /*
         * The kernel may have dropped the pages and call the next sync a
         * success: this descriptor is done with, and what it had committed
         * before is left to recovery.
         */

        if (ftruncate(seg->fd, seg->committed) != 0) {
            /* recovery finds whole lines, nobody was promised them */
        }

        payments_segment_abandon(seg);

        return -1;
    }

    /* the spool may have been removed under us, and this file with it */

    if (fstat(seg->fd, &st) != 0 || st.st_nlink == 0) {
        errno = ENOENT;
        payments_fault(fault, "fstat");
        payments_segment_abandon(seg);
        return -1;
    }

    seg->committed = end;

    return 0;
}


int
payments_segment_seal(payments_segment_t *seg, const payments_spool_t *spool,
    payments_fault_t *fault)
{
    int  rc;

    rc = -1;

    if (seg->committed == 0) {

        if (unlinkat(seg->active, seg->name, 0) != 0) {
            payments_fault(fault, "unlinkat");
            goto done;
        }

        rc = 0;
        goto done;
    }

    if (seg->torn && ftruncate(seg->fd, seg->committed) != 0) {
        payments_fault(fault, "ftruncate");
        goto done;
    }

    if (seg->torn && spool->sync && fdatasync(seg->fd) != 0) {
        payments_fault(fault, "fdatasync");
        goto done;
    }

    if (renameat(seg->active, seg->name, seg->new, seg->name) != 0) {
        payments_fault(fault, "renameat");
        goto done;
    }

    if (spool->sync && fsync(seg->new) != 0) {
        payments_fault(fault, "fsync");
        goto done;
    }

    rc = 0;

done:

    payments_segment_close(seg);

    return rc;
}


/* what was committed is left to recovery; without that, nothing is */

static void
payments_segment_abandon(payments_segment_t *seg)
{
    if (seg->fd != -1
        && seg->committed == 0
        && unlinkat(seg->active, seg->name, 0) != 0)
    {
        /* recovery will find that it is empty */
    }

    payments_segment_close(seg);
}


static void
payments_segment_close(payments_segment_t *seg)
{
    if (seg->fd != -1) {
        close(seg->fd);
        seg->fd = -1;
    }

    if (seg->active != -1) {
        close(seg->active);
        seg->active = -1;
    }

    if (seg->new != -1) {
        close(seg->new);
        seg->new = -1;
    }
}
