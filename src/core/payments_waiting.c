
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "payments_lines.h"
#include "payments_waiting.h"


typedef struct {
    payments_line_pt   each;
    void              *data;
    uint64_t           left;      /* bytes that may still be read */
    payments_fault_t  *fault;
} payments_waiting_t;


static int payments_waiting_dir(const payments_spool_t *spool,
    const char *name, payments_waiting_t *waiting);
static int payments_waiting_file(int dir, const char *name,
    payments_waiting_t *waiting);
static int payments_waiting_lines(int fd, payments_waiting_t *waiting);


int
payments_waiting(const payments_spool_t *spool, uint64_t limit,
    payments_line_pt each, void *data, payments_fault_t *fault)
{
    int                 rc, worst;
    size_t              i;
    payments_waiting_t  waiting;

    static const char  *const dirs[] = {
        PAYMENTS_NEW, PAYMENTS_RETRY
    };

    waiting.each = each;
    waiting.data = data;
    waiting.left = limit;
    waiting.fault = fault;

    worst = 0;

    for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        rc = payments_waiting_dir(spool, dirs[i], &waiting);

        if (rc == 1) {
            return 1;
        }

        if (rc != 0) {
            worst = rc;
        }
    }

    return worst;
}


static int
payments_waiting_dir(const payments_spool_t *spool, const char *name,
    payments_waiting_t *waiting)
{
    int          fd, rc, next, worst;
    DIR         *dir;
    const char  *entry;

    fd = payments_spool_open(spool, name, waiting->fault);
    if (fd == -1) {
        return (waiting->fault->err == ENOENT) ? 0 : -1;
    }

    dir = payments_spool_dir(fd, waiting->fault);
    if (dir == NULL) {
        return -1;
    }

    worst = 0;

    for ( ;; ) {
        next = payments_spool_entry(dir, &entry, waiting->fault);

        if (next != 1) {
            break;
        }

        if (entry[0] == '.' || !payments_spool_suffixed(entry)) {
            continue;
        }

        rc = payments_waiting_file(fd, entry, waiting);

        if (rc != 0) {
            worst = rc;
        }

        if (rc == 1) {
            break;
        }
    }

    closedir(dir);

    return next == -1 ? -1 : worst;
}


static int
payments_waiting_file(int dir, const char *name, payments_waiting_t *waiting)
{
    int          fd, rc;
    struct stat  st;

    fd = openat(dir, name, O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);
    if (fd == -1) {
        /* taken away meanwhile, or a link */
        return (errno == ENOENT || errno == ELOOP)
               ? 0 : payments_fault(waiting->fault, "openat");
    }

    if (fstat(fd, &st) != 0) {
        rc = payments_fault(waiting->fault, "fstat");

    } else if (!S_ISREG(st.st_mode)) {
        rc = 0;

    } else if ((uint64_t) st.st_size > waiting->left) {
        rc = 1;

    } else {
        waiting->left -= (uint64_t) st.st_size;
        rc = payments_waiting_lines(fd, waiting);
    }

    close(fd);

    return rc;
}


static int
payments_waiting_lines(int fd, payments_waiting_t *waiting)
{
    int               rc;
    payments_str_t    line;
    payments_lines_t  lines;

    payments_lines_init(&lines, fd);

    for ( ;; ) {
        rc = payments_lines_next(&lines, &line, waiting->fault);

        if (rc != 1) {
            break;
        }

        if (payments_lines_judge(line)) {
            waiting->each(waiting->data, line);
        }
    }

    payments_lines_free(&lines);

    return rc;
}
