
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "payments_spool.h"


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

    base = payments_spool_base(spool, fault);
    if (base == -1) {
        return -1;
    }

    fd = payments_spool_openat(base, name, fault);

    close(base);

    return fd;
}


int
payments_spool_base(const payments_spool_t *spool, payments_fault_t *fault)
{
    int  fd;

    fd = open(spool->path, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    return fd != -1 ? fd : payments_fault(fault, "open");
}


int
payments_spool_openat(int base, const char *name, payments_fault_t *fault)
{
    int  fd;

    fd = openat(base, name, O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);

    return fd != -1 ? fd : payments_fault(fault, "openat");
}


DIR *
payments_spool_dir(int fd, payments_fault_t *fault)
{
    DIR  *dir;

    dir = fdopendir(fd);

    if (dir == NULL) {
        payments_fault(fault, "fdopendir");
        close(fd);
    }

    return dir;
}


int
payments_spool_entry(DIR *dir, const char **name, payments_fault_t *fault)
{
    struct dirent  *entry;

    errno = 0;
    entry = readdir(dir);

    if (entry == NULL) {
        return errno ? payments_fault(fault, "readdir") : 0;
    }

    *name = entry->d_name;

    return 1;
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
