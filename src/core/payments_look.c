
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "payments_look.h"
#include "payments_queue_parts.h"
#include "payments_time.h"


/* of a line: an envelope's head, up to its time, is shorter but for oddities */
#define PAYMENTS_HEAD_LEN  8192


static int payments_look_at(const payments_spool_t *spool, const char *name,
    uint64_t limit, payments_heap_t *heap, payments_fault_t *fault);
static int payments_look_names(DIR *dir, unsigned retry, uint64_t limit,
    payments_heap_t *heap, payments_fault_t *fault);
static int payments_look_wanted(const char *name);
static void payments_look_file(int fd, const char *name, unsigned retry,
    payments_heap_t *heap);
static int64_t payments_look_received(int fd, const char *name);


int
payments_spool_look(const payments_spool_t *spool, unsigned relayed,
    uint64_t limit, payments_look_t *look, payments_fault_t *fault)
{
    struct statvfs  fs;

    memset(look, 0, sizeof(payments_look_t));

    look->active.oldest = -1;
    look->new.oldest = -1;
    look->retry.oldest = -1;
    look->dead.oldest = -1;
    look->corrupt.oldest = -1;

    if (statvfs(spool->path, &fs) != 0) {
        return payments_fault(fault, "statvfs");
    }

    look->free = (uint64_t) fs.f_bavail * fs.f_frsize;

    /* in the order that files move: none is missed */

    if (payments_look_at(spool, PAYMENTS_ACTIVE, limit, &look->active, fault)
        != 0
        || payments_look_at(spool, PAYMENTS_NEW, limit, &look->new, fault) != 0
        || payments_look_at(spool, PAYMENTS_CORRUPT, limit, &look->corrupt,
                            fault)
           != 0)
    {
        return -1;
    }

    if (!relayed) {
        return 0;
    }

    if (payments_look_at(spool, PAYMENTS_RETRY, limit, &look->retry, fault) != 0
        || payments_look_at(spool, PAYMENTS_DEAD, limit, &look->dead, fault)
           != 0)
    {
        return -1;
    }

    return 0;
}


static int
payments_look_at(const payments_spool_t *spool, const char *name,
    uint64_t limit, payments_heap_t *heap, payments_fault_t *fault)
{
    int   fd, rc;
    DIR  *dir;

    fd = payments_spool_open(spool, name, fault);
    if (fd == -1) {
        return -1;
    }

    dir = payments_spool_dir(fd, fault);
    if (dir == NULL) {
        return -1;
    }

    rc = payments_look_names(dir, strcmp(name, PAYMENTS_RETRY) == 0, limit,
                             heap, fault);
    closedir(dir);

    return rc;
}


static int
payments_look_names(DIR *dir, unsigned retry, uint64_t limit,
    payments_heap_t *heap, payments_fault_t *fault)
{
    int          rc;
    const char  *name;

    for ( ;; ) {
        rc = payments_spool_entry(dir, &name, fault);

        if (rc != 1) {
            return rc;
        }

        if (!payments_look_wanted(name)) {
            continue;
        }

        if (heap->files == limit) {
            heap->more = 1;
            return 0;
        }

        payments_look_file(dirfd(dir), name, retry, heap);
    }
}


static int
payments_look_wanted(const char *name)
{
    return name[0] != '.' && payments_spool_suffixed(name);
}


/* one that its consumer has taken away meanwhile is not there */

static void
payments_look_file(int fd, const char *name, unsigned retry,
    payments_heap_t *heap)
{
    int64_t      born;
    struct stat  sb;

    if (fstatat(fd, name, &sb, AT_SYMLINK_NOFOLLOW) != 0
        || !S_ISREG(sb.st_mode))
    {
        return;
    }

    heap->files++;
    heap->bytes += (uint64_t) sb.st_size;

    if (!retry) {
        born = payments_scan_born(name);

    } else {
        born = (heap->files <= PAYMENTS_MAX_HEADS)
               ? payments_look_received(fd, name) : -1;
    }

    if (born != -1 && (heap->oldest == -1 || born < heap->oldest)) {
        heap->oldest = born;
    }
}


/* a name of retry says when it is due, and not since when it waits */

static int64_t
payments_look_received(int dir, const char *name)
{
    int              fd;
    char             head[PAYMENTS_HEAD_LEN + 1], *p;
    int64_t          ms;
    ssize_t          n;
    payments_str_t   text;

    static const char  key[] = "\"received\":\"";

    fd = openat(dir, name, O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);
    if (fd == -1) {
        return -1;
    }

    n = read(fd, head, PAYMENTS_HEAD_LEN);
    close(fd);

    if (n < (ssize_t) (sizeof(key) - 1 + PAYMENTS_TIME_LEN)) {
        return -1;
    }

    head[n] = '\0';

    /* no string has it: quotes are escaped there */

    p = strstr(head, key);

    if (p == NULL
        || head + n - p < (ssize_t) (sizeof(key) - 1 + PAYMENTS_TIME_LEN))
    {
        return -1;
    }

    text.data = (unsigned char *) p + sizeof(key) - 1;
    text.len = PAYMENTS_TIME_LEN;

    return payments_read_time_ms(text, &ms) ? ms : -1;
}
