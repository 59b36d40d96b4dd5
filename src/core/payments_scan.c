
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The names of new, the smallest ones first.  One pass over the directory
 * keeps a few of them, and the next one is made when these are used up.  And
 * the directories themselves.
 */


#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "payments_queue_parts.h"


#define PAYMENTS_TIME_DIGITS  16


static int payments_scan_pass(payments_queue_t *q, payments_fault_t *fault);
static int payments_scan_wanted(payments_queue_t *q, const char *name);
static void payments_scan_keep(payments_scan_t *scan, const char *name);


const char  *const payments_dir_names[] = {
    PAYMENTS_NEW, PAYMENTS_RETRY, PAYMENTS_DEAD
};


int
payments_scan_next(payments_queue_t *q, const char **name,
    payments_fault_t *fault)
{
    payments_scan_t  *scan;

    scan = &q->scan;
    scan->paused = 0;

    if (scan->used == scan->n) {

        /* files that nobody can read must not hide the others */

        if (scan->n == PAYMENTS_MAX_SCAN && !scan->fruitful) {
            memcpy(scan->after, scan->names[scan->order[scan->n - 1]],
                   sizeof(scan->after));

        } else {
            scan->after[0] = '\0';

            if (!scan->fruitful && q->now >= scan->when
                && q->now - scan->when < PAYMENTS_SCAN_PAUSE)
            {
                scan->paused = 1;
                return 0;
            }
        }

        if (payments_scan_pass(q, fault) != 0) {
            return -1;
        }
    }

    if (scan->used == scan->n) {
        return 0;
    }

    *name = scan->names[scan->order[scan->used++]];

    return 1;
}


static int
payments_scan_pass(payments_queue_t *q, payments_fault_t *fault)
{
    int          rc;
    DIR         *dir;
    const char  *name;

    q->scan.n = 0;
    q->scan.used = 0;
    q->scan.fruitful = 0;
    q->scan.when = q->now;

    dir = payments_scan_dir(q, PAYMENTS_IN_NEW, fault);
    if (dir == NULL) {
        return -1;
    }

    for ( ;; ) {
        rc = payments_spool_entry(dir, &name, fault);

        if (rc != 1) {
            break;
        }

        if (payments_scan_wanted(q, name)) {
            payments_scan_keep(&q->scan, name);
        }
    }

    closedir(dir);

    return rc;
}


static int
payments_scan_wanted(payments_queue_t *q, const char *name)
{
    payments_scan_t  *scan;

    scan = &q->scan;

    if (name[0] == '.'
        || strlen(name) > PAYMENTS_MAX_NAME
        || !payments_spool_suffixed(name))
    {
        return 0;
    }

    if (strcmp(name, scan->after) <= 0) {
        return 0;
    }

    if (scan->n == PAYMENTS_MAX_SCAN
        && strcmp(name, scan->names[scan->order[scan->n - 1]]) >= 0)
    {
        return 0;
    }

    return payments_source_find(q, PAYMENTS_IN_NEW, name) == NULL
           && !payments_passed_waits(q, PAYMENTS_IN_NEW, name);
}


static void
payments_scan_keep(payments_scan_t *scan, const char *name)
{
    unsigned  low, high, mid, slot;

    low = 0;
    high = scan->n;

    while (low < high) {
        mid = (low + high) / 2;

        if (strcmp(scan->names[scan->order[mid]], name) < 0) {
            low = mid + 1;

        } else {
            high = mid;
        }
    }

    /* the last one makes room */

    if (scan->n == PAYMENTS_MAX_SCAN) {
        scan->n--;
        slot = scan->order[scan->n];

    } else {
        slot = scan->n;
    }

    memmove(&scan->order[low + 1], &scan->order[low],
            (scan->n - low) * sizeof(scan->order[0]));

    memcpy(scan->names[slot], name, strlen(name) + 1);
    scan->order[low] = slot;
    scan->n++;
}


int64_t
payments_scan_born(const char *name)
{
    int64_t   born;
    unsigned  i;

    born = 0;

    for (i = 0; i < PAYMENTS_TIME_DIGITS; i++) {

        if (name[i] < '0' || name[i] > '9') {
            return -1;
        }

        born = born * 10 + (name[i] - '0');
    }

    return name[i] == '.' ? born / 1000 : -1;
}


DIR *
payments_scan_dir(payments_queue_t *q, payments_dir_e dir,
    payments_fault_t *fault)
{
    int  fd;

    /* a descriptor that is duplicated would share the place in it */

    fd = openat(q->dirs[dir], ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    if (fd == -1) {
        payments_fault(fault, "openat");
        return NULL;
    }

    return payments_spool_dir(fd, fault);
}


int
payments_queue_replaced(payments_queue_t *q)
{
    int               base, rc;
    unsigned          i;
    struct stat       ours, theirs;
    payments_fault_t  fault;

    base = payments_spool_base(q->spool, &fault);
    if (base == -1) {
        return fault.err == ENOENT || fault.err == ENOTDIR;
    }

    rc = 0;

    for (i = 0; i < PAYMENTS_DIRS && rc == 0; i++) {

        if (fstatat(base, payments_dir_names[i], &theirs,
                    AT_SYMLINK_NOFOLLOW)
            != 0)
        {
            rc = (errno == ENOENT);

        } else if (fstat(q->dirs[i], &ours) == 0) {
            rc = (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino);
        }
    }

    close(base);

    return rc;
}
