
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * "<name>.new.done" or "<name>.retry.done" in retry.  Its first line says
 * which file the marks are of, and in which state: one that has been put in
 * its place, or edited, has other lines.  The others are offsets of lines.
 */


#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "payments_lines.h"
#include "payments_queue_parts.h"


#define PAYMENTS_NEW_DONE    ".new.done"
#define PAYMENTS_RETRY_DONE  ".retry.done"

/* bytes of the first line, and of a mark */
#define PAYMENTS_MARKS_HEAD  128
#define PAYMENTS_MARK_LEN    24

#define PAYMENTS_MARKS_BUF   16384


static void payments_marks_name(const payments_source_t *source, char *name,
    size_t size);
static size_t payments_marks_head(const payments_source_t *source,
    char *head);
static int payments_marks_parse(payments_source_t *source, int fd,
    payments_fault_t *fault);
static int payments_marks_add(payments_source_t *source, size_t *room,
    payments_str_t line, payments_fault_t *fault);
static int payments_marks_compare(const void *a, const void *b);
static int payments_marks_append(payments_source_t *source, int fd,
    payments_fault_t *fault);


static void
payments_marks_name(const payments_source_t *source, char *name, size_t size)
{
    snprintf(name, size, "%s%s", source->name,
             source->dir == PAYMENTS_IN_NEW ? PAYMENTS_NEW_DONE
                                            : PAYMENTS_RETRY_DONE);
}


static size_t
payments_marks_head(const payments_source_t *source, char *head)
{
    return snprintf(head, PAYMENTS_MARKS_HEAD, "%ju %jd %jd.%09ld\n",
                    (uintmax_t) source->ino, (intmax_t) source->size,
                    (intmax_t) source->mtime.tv_sec, source->mtime.tv_nsec);
}


int
payments_marks_read(payments_queue_t *q, payments_source_t *source,
    payments_fault_t *fault)
{
    int          fd, rc;
    char         name[PAYMENTS_SEGMENT_NAME];
    struct stat  st;

    payments_marks_name(source, name, sizeof(name));

    fd = openat(q->dirs[PAYMENTS_IN_RETRY], name,
                O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);

    if (fd == -1) {

        if (errno == ENOENT) {
            return 0;
        }

        return payments_fault(fault, "openat");
    }

    if (fstat(fd, &st) != 0) {
        rc = payments_fault(fault, "fstat");

    } else if (!S_ISREG(st.st_mode)) {
        rc = 0;

    } else {
        rc = payments_marks_parse(source, fd, fault);
    }

    close(fd);

    if (rc == 1) {
        return 0;
    }

    free(source->marks);
    source->marks = NULL;
    source->nmarks = 0;
    source->marked = 0;

    /* what is written next could be shorter than what is there */

    if (rc == 0) {
        rc = payments_marks_remove(q, source, fault);
    }

    return rc;
}


/*
 * 1; 0 when these are no marks of this file; -1.  A torn line at the end is
 * left out, and written over later: what then stays of it has no newline.
 */

static int
payments_marks_parse(payments_source_t *source, int fd,
    payments_fault_t *fault)
{
    int               rc;
    char              head[PAYMENTS_MARKS_HEAD];
    size_t            len, room;
    payments_str_t    line;
    payments_lines_t  lines;

    payments_lines_init(&lines, fd);

    room = 0;
    len = payments_marks_head(source, head);

    rc = payments_lines_next(&lines, &line, fault);

    if (rc == 1 && (line.len != len || memcmp(line.data, head, len) != 0)) {
        rc = 0;
    }

    while (rc == 1) {
        source->marked += line.len;

        rc = payments_lines_next(&lines, &line, fault);

        if (rc == 0) {
            rc = 1;
            break;
        }

        if (rc == 1) {
            rc = payments_marks_add(source, &room, line, fault);
        }
    }

    payments_lines_free(&lines);

    if (rc == 1 && source->nmarks) {
        qsort(source->marks, source->nmarks, sizeof(off_t),
              payments_marks_compare);
    }

    return rc;
}


static int
payments_marks_add(payments_source_t *source, size_t *room,
    payments_str_t line, payments_fault_t *fault)
{
    off_t   offset, *marks;
    size_t  i;

    if (line.len < 2 || line.len > PAYMENTS_MARK_LEN) {
        return 0;
    }

    offset = 0;

    for (i = 0; i < line.len - 1; i++) {

        if (line.data[i] < '0' || line.data[i] > '9') {
            return 0;
        }

        offset = offset * 10 + (line.data[i] - '0');

        if (offset >= source->size) {
            return 0;
        }
    }

    /* not more of them than there can be lines: that bounds the memory */

    if (line.data[i] != '\n'
        || source->nmarks > (size_t) source->size / 2)
    {
        return 0;
    }

    if (source->nmarks == *room) {

        *room = 2 * *room + 64;

        marks = realloc(source->marks, *room * sizeof(off_t));
        if (marks == NULL) {
            return payments_fault(fault, "realloc");
        }

        source->marks = marks;
    }

    source->marks[source->nmarks++] = offset;

    return 1;
}


static int
payments_marks_compare(const void *a, const void *b)
{
    const off_t *x = a;
    const off_t *y = b;

    return (*x > *y) - (*x < *y);
}


int
payments_marks_write(payments_queue_t *q, payments_source_t *source,
    payments_fault_t *fault)
{
    int   fd, rc;
    char  name[PAYMENTS_SEGMENT_NAME];

    payments_marks_name(source, name, sizeof(name));

    fd = openat(q->dirs[PAYMENTS_IN_RETRY], name,
                O_WRONLY|O_CREAT|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC,
                q->spool->mode);
    if (fd == -1) {
        return payments_fault(fault, "openat");
    }

    /* whatever the umask */

    if (source->marked == 0 && fchmod(fd, q->spool->mode) != 0) {
        rc = payments_fault(fault, "fchmod");

    } else {
        rc = payments_marks_append(source, fd, fault);
    }

    close(fd);

    return rc;
}


/* mostly one write; what has been written is not pending any more */

static int
payments_marks_append(payments_source_t *source, int fd,
    payments_fault_t *fault)
{
    char          buf[PAYMENTS_MARKS_BUF];
    off_t         end;
    size_t        done, n, len;
    struct iovec  iov;

    for (done = 0; done < source->nsettled; done = n) {

        len = (source->marked == 0) ? payments_marks_head(source, buf) : 0;

        for (n = done;
             n < source->nsettled && sizeof(buf) - len > PAYMENTS_MARK_LEN;
             n++)
        {
            len += snprintf(buf + len, sizeof(buf) - len, "%jd\n",
                            (intmax_t) source->settled[n].offset);
        }

        iov.iov_base = buf;
        iov.iov_len = len;
        end = source->marked;

        if (payments_spool_write(fd, &iov, 1, &end, fault) != 0) {

            if (ftruncate(fd, source->marked) != 0) {
                /* what is there was settled */
            }

            break;
        }

        source->marked = end;
    }

    source->nsettled -= done;

    if (source->nsettled) {
        memmove(source->settled, source->settled + done,
                source->nsettled * sizeof(payments_settled_t));
        return -1;
    }

    return 0;
}


int
payments_marks_remove(payments_queue_t *q, payments_source_t *source,
    payments_fault_t *fault)
{
    char  name[PAYMENTS_SEGMENT_NAME];

    payments_marks_name(source, name, sizeof(name));

    if (unlinkat(q->dirs[PAYMENTS_IN_RETRY], name, 0) != 0
        && errno != ENOENT)
    {
        return payments_fault(fault, "unlinkat");
    }

    source->marked = 0;

    return 0;
}


void
payments_marks_orphan(payments_queue_t *q, const char *name)
{
    char         source[PAYMENTS_SEGMENT_NAME];
    size_t       i, len, n;
    struct stat  st;

    static const char  *const suffix[] = {
        PAYMENTS_NEW_DONE, PAYMENTS_RETRY_DONE
    };

    len = strlen(name);

    for (i = 0; i < PAYMENTS_IN_DEAD; i++) {
        n = strlen(suffix[i]);

        if (len <= n || len >= sizeof(source)
            || strcmp(name + len - n, suffix[i]) != 0)
        {
            continue;
        }

        memcpy(source, name, len - n);
        source[len - n] = '\0';

        if (fstatat(q->dirs[i], source, &st, AT_SYMLINK_NOFOLLOW) != 0
            && errno == ENOENT
            && unlinkat(q->dirs[PAYMENTS_IN_RETRY], name, 0) != 0)
        {
            /* they say whose they were */
        }

        return;
    }
}


int
payments_marks_reserve(payments_source_t *source)
{
    size_t               room;
    payments_settled_t  *settled;

    if (source->nsettled < source->room) {
        return 0;
    }

    room = 2 * source->room + 16;

    settled = realloc(source->settled, room * sizeof(payments_settled_t));
    if (settled == NULL) {
        return -1;
    }

    source->settled = settled;
    source->room = room;

    return 0;
}


void
payments_marks_moved(payments_queue_t *q, unsigned safe)
{
    size_t              n, k;
    unsigned            i;
    payments_source_t  *source;

    for (i = 0; i < q->nsources; i++) {
        source = q->sources[i];

        if (source->nmoved == 0) {
            continue;
        }

        source->nmoved = 0;

        for (n = 0, k = 0; n < source->nsettled; n++) {

            if (source->settled[n].moved && !safe) {
                source->again = 1;
                continue;
            }

            source->settled[n].moved = 0;
            source->settled[k++] = source->settled[n];
        }

        source->nsettled = k;
    }
}
