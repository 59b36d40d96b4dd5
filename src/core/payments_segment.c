
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#ifndef _GNU_SOURCE
#define _GNU_SOURCE  /* statx() */
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "payments_segment.h"


/* recovery may take a segment between its creation and its lock */
#define PAYMENTS_CREATE_TRIES  3

/*
 * zeros are for commits of no more than this share of them, and where there is
 * room for so many times as much
 */
#define PAYMENTS_FILL_SHARE    4
#define PAYMENTS_FILL_ROOM     64


static int payments_segment_open(payments_segment_t *seg,
    const payments_spool_t *spool, payments_fault_t *fault);
static void payments_segment_name(payments_segment_t *seg, int64_t now,
    const char *host, pid_t pid);
static int payments_segment_own(payments_segment_t *seg,
    const payments_spool_t *spool, payments_fault_t *fault);
static void payments_segment_fill(payments_segment_t *seg,
    const payments_spool_t *spool, off_t end);
static void payments_segment_abandon(payments_segment_t *seg);
static void payments_segment_close(payments_segment_t *seg);


void
payments_segment_init(payments_segment_t *seg, unsigned char *buf)
{
    memset(seg, 0, sizeof(payments_segment_t));

    seg->buf = buf;

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
    int  base;

    base = payments_spool_base(spool, fault);
    if (base == -1) {
        return -1;
    }

    seg->active = payments_spool_openat(base, PAYMENTS_ACTIVE, fault);

    if (seg->active != -1) {
        seg->new = payments_spool_openat(base, PAYMENTS_NEW, fault);
    }

    close(base);

    return seg->new != -1 ? 0 : -1;
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

    /* what is not synced is the page cache's business */

    payments_append_start(&seg->file, seg->fd, spool->sync ? seg->buf : NULL);

    return 0;
}


int
payments_segment_commit(payments_segment_t *seg,
    const payments_spool_t *spool, struct iovec *iov, int n,
    payments_fault_t *fault)
{
    off_t         end;
    struct statx  st;

    end = seg->committed;

    if (payments_append_write(&seg->file, iov, n, &end, fault) != 0) {

        seg->torn = 1;
        payments_append_cut(&seg->file, seg->committed);

        if (ftruncate(seg->fd, seg->committed) != 0) {
            payments_segment_abandon(seg);
        }

        return -1;
    }

    if (spool->sync && seg->file.size - end < PAYMENTS_BLOCK) {
        payments_segment_fill(seg, spool, end);
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

    /*
     * The spool may have been removed under us, and this file with it.  Not by
     * fstat(): since Linux 6.13 who asks for a time makes the next write change
     * it exactly, and each commit sync the inode for that.
     */

    if (statx(seg->fd, "", AT_EMPTY_PATH, STATX_NLINK, &st) != 0
        || st.stx_nlink == 0)
    {
        errno = ENOENT;
        payments_fault(fault, "statx");
        payments_segment_abandon(seg);
        return -1;
    }

    seg->committed = end;
    payments_append_keep(&seg->file);

    return 0;
}


/*
 * A file that does not grow is synced in half of the time, or a quarter with a
 * journal.  A segment that has one commit has others, most likely: zeros are
 * written ahead of them, and cut off when it is sealed.  Commits of many
 * blocks are faster without, since the disk writes all that twice.  Where
 * zeros cannot be written the file just grows.
 */

static void
payments_segment_fill(payments_segment_t *seg, const payments_spool_t *spool,
    off_t end)
{
    uint64_t          room;
    payments_fault_t  fault;

    if (seg->committed == 0
        || end - seg->committed > spool->ahead / PAYMENTS_FILL_SHARE)
    {
        return;
    }

    /* where there is little room it is for events */

    if (payments_spool_room(spool, &room, &fault) != 0
        || room / PAYMENTS_FILL_ROOM < (uint64_t) spool->ahead)
    {
        return;
    }

    payments_append_zeros(&seg->file, end, spool->ahead);
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

    seg->torn |= (seg->file.size != seg->committed);

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
