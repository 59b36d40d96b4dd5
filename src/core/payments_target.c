
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The files of retry and dead that are written in a round.  They are open
 * until its end, and each gets one sync.
 */


#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "payments_queue_parts.h"


#define PAYMENTS_ERROR  ".error"


static int payments_target_put(payments_queue_t *q, const char *name,
    const unsigned char *line, size_t len, payments_fault_t *fault);
static int payments_target_check(payments_queue_t *q,
    payments_target_t *target, int flags, payments_fault_t *fault);
static int payments_target_durable(payments_queue_t *q,
    payments_target_t *target, payments_fault_t *fault);
static void payments_target_undo(payments_queue_t *q,
    payments_target_t *target);
static int payments_target_names(payments_queue_t *q, payments_dir_e dir,
    payments_fault_t *fault);


payments_target_t *
payments_target_open(payments_queue_t *q, payments_dir_e dir,
    const char *name, int flags, payments_fault_t *fault)
{
    payments_target_t  *target;

    if (q->ntargets == PAYMENTS_MAX_TARGETS
        && payments_target_sync(q, fault) != 0)
    {
        return NULL;
    }

    target = &q->targets[q->ntargets];

    memset(target, 0, sizeof(payments_target_t));

    target->dir = dir;
    snprintf(target->name, sizeof(target->name), "%s", name);

    target->fd = openat(q->dirs[dir], name,
                        O_RDWR|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC|flags,
                        q->spool->mode);
    if (target->fd == -1) {
        payments_fault(fault, "openat");
        return NULL;
    }

    q->fresh[dir] |= (flags & O_CREAT) != 0;

    if (payments_target_check(q, target, flags, fault) != 0) {
        close(target->fd);
        return NULL;
    }

    q->ntargets++;

    return target;
}


/* EEXIST when what is there ends in a part of a line, or is no file at all */

static int
payments_target_check(payments_queue_t *q, payments_target_t *target,
    int flags, payments_fault_t *fault)
{
    char         last;
    ssize_t      n;
    struct stat  st;

    if (flags & O_CREAT) {

        /* whatever the umask */

        if (fchmod(target->fd, q->spool->mode) != 0) {
            payments_fault(fault, "fchmod");

            if (unlinkat(q->dirs[target->dir], target->name, 0) != 0) {
                /* an empty file says nothing */
            }

            return -1;
        }

        return 0;
    }

    if (fstat(target->fd, &st) != 0) {
        return payments_fault(fault, "fstat");
    }

    target->size = st.st_size;
    target->synced = st.st_size;

    n = 1;
    last = '\n';

    if (st.st_size) {
        n = pread(target->fd, &last, 1, st.st_size - 1);
    }

    if (n == -1) {
        return payments_fault(fault, "pread");
    }

    if (n == 0 || last != '\n' || !S_ISREG(st.st_mode)) {
        errno = EEXIST;
        return payments_fault(fault, "openat");
    }

    return 0;
}


int
payments_target_append(payments_target_t *target, const unsigned char *line,
    size_t len, payments_fault_t *fault)
{
    off_t         end;
    struct iovec  iov[2];

    iov[0].iov_base = (void *) line;
    iov[0].iov_len = len;
    iov[1].iov_base = "\n";
    iov[1].iov_len = 1;

    end = target->size;

    if (payments_spool_write(target->fd, iov, 2, &end, fault) != 0) {

        if (ftruncate(target->fd, target->size) != 0) {
            target->torn = 1;
        }

        return -1;
    }

    target->size = end;

    return 0;
}


/* the reason first: one who sees the line sees it, too */

int
payments_target_bury(payments_queue_t *q, const unsigned char *line,
    size_t len, int64_t now, const char *why, payments_fault_t *fault)
{
    char      name[PAYMENTS_SEGMENT_NAME];
    char      error[PAYMENTS_SEGMENT_NAME + sizeof(PAYMENTS_ERROR)];
    unsigned  i, first;

    if (q->ntargets + 2 > PAYMENTS_MAX_TARGETS
        && payments_target_sync(q, fault) != 0)
    {
        return -1;
    }

    q->born = (now > q->born) ? now : q->born + 1;

    payments_spool_name(name, q->born, q->host, q->pid, q->sequence++);
    snprintf(error, sizeof(error), "%s" PAYMENTS_ERROR, name);

    first = q->ntargets;

    if (payments_target_put(q, error, (const unsigned char *) why,
                            strnlen(why, PAYMENTS_MAX_REASON), fault)
        == 0
        && payments_target_put(q, name, line, len, fault) == 0)
    {
        return 0;
    }

    for (i = first; i < q->ntargets; i++) {
        payments_target_undo(q, &q->targets[i]);
        close(q->targets[i].fd);
    }

    q->ntargets = first;

    return -1;
}


static int
payments_target_put(payments_queue_t *q, const char *name,
    const unsigned char *line, size_t len, payments_fault_t *fault)
{
    payments_target_t  *target;

    target = payments_target_open(q, PAYMENTS_IN_DEAD, name, O_CREAT|O_EXCL,
                                  fault);
    if (target == NULL) {
        return -1;
    }

    return payments_target_append(target, line, len, fault);
}


int
payments_target_sync(payments_queue_t *q, payments_fault_t *fault)
{
    int                 rc;
    unsigned            i;
    payments_target_t  *target;

    if (q->ntargets == 0 && !q->fresh[PAYMENTS_IN_RETRY]
        && !q->fresh[PAYMENTS_IN_DEAD])
    {
        return 0;
    }

    rc = 0;

    for (i = 0; i < q->ntargets; i++) {
        target = &q->targets[i];

        /* one that was made for a line that it did not get is of no use */

        if (target->size == 0) {
            payments_target_undo(q, target);

        } else if (payments_target_durable(q, target, fault) != 0) {
            payments_target_undo(q, target);
            rc = -1;
        }

        close(target->fd);
    }

    q->ntargets = 0;

    for (i = PAYMENTS_IN_RETRY; i < PAYMENTS_DIRS; i++) {

        if (q->fresh[i] && payments_target_names(q, i, fault) != 0) {
            rc = -1;
        }
    }

    payments_marks_moved(q, rc == 0);

    return rc;
}


static int
payments_target_durable(payments_queue_t *q, payments_target_t *target,
    payments_fault_t *fault)
{
    struct stat  st;

    if (q->spool->sync && fdatasync(target->fd) != 0) {
        return payments_fault(fault, "fdatasync");
    }

    /* it may have been removed under us */

    if (fstat(target->fd, &st) != 0) {
        return payments_fault(fault, "fstat");
    }

    if (st.st_nlink == 0) {
        errno = ENOENT;
        return payments_fault(fault, "fstat");
    }

    return 0;
}


/* what was written in this round stays with its source */

static void
payments_target_undo(payments_queue_t *q, payments_target_t *target)
{
    if (target->dir == PAYMENTS_IN_RETRY) {

        if (ftruncate(target->fd, target->synced) != 0) {
            /* it is there twice then */
        }

        if (target->synced) {
            return;
        }

        payments_retry_forget(q, target->due, target->attempts);
    }

    if (unlinkat(q->dirs[target->dir], target->name, 0) != 0) {
        /* so is this */
    }
}


/* by a descriptor of its own, which is not asked again after an error */

static int
payments_target_names(payments_queue_t *q, payments_dir_e dir,
    payments_fault_t *fault)
{
    int  fd, rc;

    if (!q->spool->sync) {
        q->fresh[dir] = 0;
        return 0;
    }

    fd = openat(q->dirs[dir], ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    if (fd == -1) {
        return payments_fault(fault, "openat");
    }

    rc = 0;

    if (fsync(fd) != 0) {
        rc = payments_fault(fault, "fsync");

    } else {
        q->fresh[dir] = 0;
    }

    close(fd);

    return rc;
}
