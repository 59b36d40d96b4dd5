
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "payments_queue_parts.h"


#define PAYMENTS_CHUNK      65536

/* a file that changed so long ago is complete, milliseconds */
#define PAYMENTS_TORN_WAIT  10000


static payments_source_t *payments_source_create(payments_queue_t *q,
    payments_dir_e dir, const char *name, int fd, const struct stat *st,
    payments_fault_t *fault);
static unsigned payments_source_hash(payments_dir_e dir, const char *name);
static int payments_source_line(payments_source_t *source, size_t *len,
    payments_fault_t *fault);
static int payments_source_chunk(payments_source_t *source, off_t offset,
    payments_fault_t *fault);
static int payments_source_torn(payments_queue_t *q,
    payments_source_t *source, payments_fault_t *fault);
static int payments_source_reopen(payments_queue_t *q,
    payments_source_t *source, payments_fault_t *fault);
static void payments_source_close(payments_queue_t *q,
    payments_source_t *source);
static int payments_source_is(const payments_source_t *source,
    const struct stat *st);


int
payments_source_open(payments_queue_t *q, payments_dir_e dir,
    const char *name, payments_source_t **source, payments_fault_t *fault)
{
    int                 fd;
    struct stat         st;
    payments_source_t  *new;

    if (payments_source_find(q, dir, name) != NULL) {
        return 0;
    }

    fd = openat(q->dirs[dir], name,
                O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);

    if (fd == -1) {

        /* removed meanwhile, or no file of ours */

        if (errno == ENOENT || errno == ELOOP || errno == ENXIO) {
            return 0;
        }

        return payments_fault(fault, "openat");
    }

    if (fstat(fd, &st) != 0) {
        payments_fault(fault, "fstat");
        close(fd);
        return -1;
    }

    if (!S_ISREG(st.st_mode)) {
        close(fd);
        return 0;
    }

    new = payments_source_create(q, dir, name, fd, &st, fault);
    if (new == NULL) {
        close(fd);
        return -1;
    }

    if (payments_marks_read(q, new, fault) != 0) {
        payments_source_free(q, new);
        return -1;
    }

    *source = new;

    return 1;
}


/* the caller has seen that there is room */

static payments_source_t *
payments_source_create(payments_queue_t *q, payments_dir_e dir,
    const char *name, int fd, const struct stat *st, payments_fault_t *fault)
{
    unsigned            h;
    payments_source_t  *source;

    source = calloc(1, sizeof(payments_source_t));

    if (source != NULL) {
        source->buf = malloc(PAYMENTS_CHUNK);
    }

    if (source == NULL || source->buf == NULL) {
        payments_fault(fault, "malloc");
        free(source);
        return NULL;
    }

    memcpy(source->name, name, strlen(name));

    source->dir = dir;
    source->fd = fd;
    source->ino = st->st_ino;
    source->size = st->st_size;
    source->mtime = st->st_mtim;

    source->index = q->nsources;
    q->sources[q->nsources++] = source;
    q->nopen++;

    h = payments_source_hash(dir, name);
    source->next = q->hash[h];
    q->hash[h] = source;

    return source;
}


void
payments_source_free(payments_queue_t *q, payments_source_t *source)
{
    payments_source_t  **link;

    payments_source_close(q, source);

    link = &q->hash[payments_source_hash(source->dir, source->name)];

    while (*link != source) {
        link = &(*link)->next;
    }

    *link = source->next;

    q->nsources--;
    q->sources[source->index] = q->sources[q->nsources];
    q->sources[source->index]->index = source->index;

    free(source->buf);
    free(source->marks);
    free(source->settled);
    free(source);
}


payments_source_t *
payments_source_find(payments_queue_t *q, payments_dir_e dir,
    const char *name)
{
    payments_source_t  *source;

    source = q->hash[payments_source_hash(dir, name)];

    while (source != NULL
           && (source->dir != dir || strcmp(source->name, name) != 0))
    {
        source = source->next;
    }

    return source;
}


static unsigned
payments_source_hash(payments_dir_e dir, const char *name)
{
    unsigned  h;

    h = dir;

    while (*name != '\0') {
        h = h * 31 + (unsigned char) *name++;
    }

    return h % PAYMENTS_MAX_SOURCES;
}


int
payments_source_next(payments_queue_t *q, payments_source_t *source,
    payments_item_t *item, payments_fault_t *fault)
{
    int     rc;
    off_t   offset;
    size_t  len;

    for ( ;; ) {
        offset = source->offset;

        rc = payments_source_line(source, &len, fault);

        /* who has made a file may still be about to write into it */

        if (rc == 0 && (len || source->size == 0)) {
            rc = payments_source_torn(q, source, fault);

            if (rc == 1 && len == 0) {
                return 0;
            }
        }

        if (rc != 1) {
            return rc;
        }

        while (source->mark < source->nmarks
               && source->marks[source->mark] < offset)
        {
            source->mark++;
        }

        if (len == 0
            || (source->mark < source->nmarks
                && source->marks[source->mark] == offset))
        {
            continue;
        }

        item->source = source;
        item->offset = offset;
        item->len = len;
        item->attempts = source->attempts;

        return 1;
    }
}


/* 1; 0 at the end, with the bytes that no newline follows in *len; -1 */

static int
payments_source_line(payments_source_t *source, size_t *len,
    payments_fault_t *fault)
{
    int          rc;
    off_t        pos;
    size_t       seen, part;
    const char  *p, *newline;

    seen = 0;

    for ( ;; ) {
        pos = source->offset + seen;

        if (pos >= source->start + (off_t) source->len) {

            rc = payments_source_chunk(source, pos, fault);

            if (rc != 1) {
                *len = seen;
                source->offset = pos;
                return rc;
            }
        }

        p = source->buf + (pos - source->start);
        part = source->len - (pos - source->start);

        if (part > PAYMENTS_MAX_LINE - seen) {
            part = PAYMENTS_MAX_LINE - seen;
        }

        newline = memchr(p, '\n', part);

        if (newline != NULL) {
            *len = seen + (newline - p);
            source->offset += *len + 1;
            return 1;
        }

        seen += part;

        if (seen == PAYMENTS_MAX_LINE) {
            *len = seen;
            source->offset += seen;
            return 1;
        }
    }
}


static int
payments_source_chunk(payments_source_t *source, off_t offset,
    payments_fault_t *fault)
{
    ssize_t  n;

    do {
        n = pread(source->fd, source->buf, PAYMENTS_CHUNK, offset);
    } while (n == -1 && errno == EINTR);

    if (n == -1) {
        return payments_fault(fault, "pread");
    }

    source->start = offset;
    source->len = n;

    return n != 0;
}


/* whether the bytes after the last newline are a line */

static int
payments_source_torn(payments_queue_t *q, payments_source_t *source,
    payments_fault_t *fault)
{
    int64_t      age;
    struct stat  st;

    /* of an append that failed: the line is still where it came from */

    if (source->dir == PAYMENTS_IN_RETRY) {
        return 0;
    }

    if (fstat(source->fd, &st) != 0) {
        return payments_fault(fault, "fstat");
    }

    age = q->now - ((int64_t) st.st_mtim.tv_sec * 1000
                    + st.st_mtim.tv_nsec / 1000000);

    if (!payments_source_is(source, &st)
        || (age >= 0 && age < PAYMENTS_TORN_WAIT))
    {
        source->again = 1;
        return 0;
    }

    return 1;
}


void
payments_source_end(payments_queue_t *q, payments_source_t *source)
{
    source->ended = 1;

    free(source->buf);
    free(source->marks);

    source->buf = NULL;
    source->marks = NULL;

    if (source->flying == 0 || q->nopen > PAYMENTS_MAX_OPEN) {
        payments_source_close(q, source);
    }
}


int
payments_source_load(payments_queue_t *q, const payments_item_t *item,
    unsigned char *buf, payments_fault_t *fault)
{
    int                 rc;
    size_t              len;
    ssize_t             n;
    struct stat         st;
    payments_source_t  *source;

    source = item->source;

    if (source->fd == -1) {
        rc = payments_source_reopen(q, source, fault);

        if (rc != 1) {
            return rc;
        }
    }

    rc = 1;

    if (fstat(source->fd, &st) != 0) {
        rc = payments_fault(fault, "fstat");

    } else if (st.st_nlink == 0 || !payments_source_is(source, &st)) {
        rc = 0;
    }

    for (len = 0; rc == 1 && len < item->len; len += n) {

        n = pread(source->fd, buf + len, item->len - len, item->offset + len);

        if (n == -1 && errno == EINTR) {
            n = 0;
            continue;
        }

        if (n == -1) {
            rc = payments_fault(fault, "pread");

        } else if (n == 0) {
            rc = 0;
        }
    }

    if (source->ended && q->nopen > PAYMENTS_MAX_OPEN) {
        payments_source_close(q, source);
    }

    return rc;
}


static int
payments_source_reopen(payments_queue_t *q, payments_source_t *source,
    payments_fault_t *fault)
{
    source->fd = openat(q->dirs[source->dir], source->name,
                        O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);

    if (source->fd != -1) {
        q->nopen++;
        return 1;
    }

    if (errno == ENOENT || errno == ELOOP || errno == ENXIO) {
        return 0;
    }

    return payments_fault(fault, "openat");
}


static void
payments_source_close(payments_queue_t *q, payments_source_t *source)
{
    if (source->fd != -1) {
        close(source->fd);
        source->fd = -1;
        q->nopen--;
    }
}


int
payments_source_remove(payments_queue_t *q, payments_source_t *source,
    payments_fault_t *fault)
{
    int          rc;
    struct stat  st;

    payments_source_close(q, source);

    rc = 1;

    if (fstatat(q->dirs[source->dir], source->name, &st,
                AT_SYMLINK_NOFOLLOW)
        != 0)
    {
        if (errno != ENOENT) {
            return payments_fault(fault, "fstatat");
        }

    } else if (!payments_source_is(source, &st)) {
        rc = 0;

    } else if (unlinkat(q->dirs[source->dir], source->name, 0) != 0
               && errno != ENOENT)
    {
        return payments_fault(fault, "unlinkat");
    }

    /* marks that stay name the file that they are of, which is gone */

    if (source->marked && payments_marks_remove(q, source, fault) != 0) {
        /* the next open tries again */
    }

    return rc;
}


/* the same file, as it was: another one may have got its inode */

static int
payments_source_is(const payments_source_t *source, const struct stat *st)
{
    return st->st_ino == source->ino
           && st->st_size == source->size
           && st->st_mtim.tv_sec == source->mtime.tv_sec
           && st->st_mtim.tv_nsec == source->mtime.tv_nsec;
}
