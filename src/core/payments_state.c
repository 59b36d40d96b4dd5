
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "payments_state.h"
#include "payments_state_record.h"


/* records of one write, which the others' do not come between */
#define PAYMENTS_STATE_BATCH  (4096 / PAYMENTS_STATE_RECORD)

/* the file may have been replaced between its opening and its lock */
#define PAYMENTS_STATE_TRIES  16


static int payments_state_lock(payments_state_t *state, int op,
    payments_fault_t *fault);
static int payments_state_current(payments_state_t *state,
    payments_fault_t *fault);
static int payments_state_check(payments_state_t *state, int op,
    payments_fault_t *fault);
static int payments_state_records(payments_state_t *state,
    const payments_done_t *done, size_t n, unsigned char *buf,
    payments_fault_t *fault);
static int payments_state_write(int fd, const unsigned char *buf, size_t len,
    payments_fault_t *fault);
static int payments_state_begin(payments_state_t *state, int fd,
    payments_fault_t *fault);
static int payments_state_fill(payments_state_t *state, int fd,
    payments_state_next_pt next, void *data, payments_fault_t *fault);
static void payments_state_forget(payments_state_t *state);


int
payments_state_init(payments_state_t *state, const char *path,
    const unsigned char key[PAYMENTS_HASH_KEY])
{
    memset(state, 0, sizeof(payments_state_t));

    state->path = path;
    state->fd = -1;
    memcpy(state->key, key, PAYMENTS_HASH_KEY);

    state->hash = payments_hash_create(key);

    return state->hash != NULL ? 0 : -1;
}


void
payments_state_close(payments_state_t *state)
{
    payments_state_forget(state);

    payments_hash_free(state->hash);
    state->hash = NULL;
}


static void
payments_state_forget(payments_state_t *state)
{
    if (state->fd != -1) {
        close(state->fd);
        state->fd = -1;
    }

    state->checked = 0;
}


int
payments_state_append(payments_state_t *state, const payments_done_t *done,
    size_t n, unsigned wait, payments_fault_t *fault)
{
    int            rc, nb;
    size_t         part;
    unsigned char  buf[PAYMENTS_STATE_BATCH * PAYMENTS_STATE_RECORD];

    nb = wait ? 0 : LOCK_NB;

    if (payments_state_lock(state, LOCK_SH|nb, fault) != 0) {
        return -1;
    }

    rc = payments_state_check(state, nb, fault);

    while (rc == 0 && n != 0) {

        if (state->size > PAYMENTS_STATE_MAX - (off_t) sizeof(buf)) {
            errno = EFBIG;
            rc = payments_fault(fault, "write");
            break;
        }

        part = n < PAYMENTS_STATE_BATCH ? n : PAYMENTS_STATE_BATCH;

        rc = payments_state_records(state, done, part, buf, fault);

        if (rc == 0) {
            rc = payments_state_write(state->fd, buf,
                                      part * PAYMENTS_STATE_RECORD, fault);
        }

        state->size += (off_t) (part * PAYMENTS_STATE_RECORD);
        done += part;
        n -= part;
    }

    if (state->fd != -1 && flock(state->fd, LOCK_UN) != 0) {
        payments_state_forget(state);
    }

    return rc;
}


/* locks the file that has the name now */

static int
payments_state_lock(payments_state_t *state, int op, payments_fault_t *fault)
{
    int       rc;
    unsigned  i;

    for (i = 0; i < PAYMENTS_STATE_TRIES; i++) {

        if (state->fd == -1) {
            state->fd = open(state->path, O_RDWR|O_APPEND|O_CREAT|O_NOFOLLOW
                                          |O_NONBLOCK|O_CLOEXEC, 0600);
            if (state->fd == -1) {
                return payments_fault(fault, "open");
            }
        }

        do {
            rc = flock(state->fd, op);
        } while (rc != 0 && errno == EINTR);

        if (rc != 0) {
            return payments_fault(fault, "flock");
        }

        rc = payments_state_current(state, fault);

        if (rc == 0) {
            return 0;
        }

        payments_state_forget(state);

        if (rc == -1) {
            return -1;
        }
    }

    errno = EAGAIN;

    return payments_fault(fault, "flock");
}


/* 0, -1, or 1 when another file, or none, has the name */

static int
payments_state_current(payments_state_t *state, payments_fault_t *fault)
{
    struct stat  st, named;

    if (fstat(state->fd, &st) != 0) {
        return payments_fault(fault, "fstat");
    }

    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return payments_fault(fault, "open");
    }

    if (lstat(state->path, &named) != 0) {
        return errno == ENOENT ? 1 : payments_fault(fault, "lstat");
    }

    state->size = st.st_size;

    return st.st_dev != named.st_dev || st.st_ino != named.st_ino;
}


/* a new file gets its header, by one process alone */

static int
payments_state_check(payments_state_t *state, int op, payments_fault_t *fault)
{
    ssize_t        n;
    unsigned char  expected[PAYMENTS_STATE_HEADER];
    unsigned char  header[PAYMENTS_STATE_HEADER];

    if (state->checked && state->size >= PAYMENTS_STATE_HEADER) {
        return 0;
    }

    state->checked = 0;

    if (state->size == 0) {

        if (payments_state_lock(state, LOCK_EX|op, fault) != 0) {
            return -1;
        }

        if (state->size == 0
            && payments_state_begin(state, state->fd, fault) != 0)
        {
            return -1;
        }
    }

    if (payments_state_header(state->hash, state->key, expected) != 0) {
        errno = EIO;
        return payments_fault(fault, "EVP_MAC");
    }

    n = pread(state->fd, header, sizeof(header), 0);

    if (n == -1) {
        return payments_fault(fault, "pread");
    }

    if (n != sizeof(header) || memcmp(header, expected, sizeof(header)) != 0) {
        errno = EINVAL;
        return payments_fault(fault, "pread");
    }

    state->checked = 1;

    return 0;
}


static int
payments_state_begin(payments_state_t *state, int fd, payments_fault_t *fault)
{
    unsigned char  header[PAYMENTS_STATE_HEADER];

    if (payments_state_header(state->hash, state->key, header) != 0) {
        errno = EIO;
        return payments_fault(fault, "EVP_MAC");
    }

    if (payments_state_write(fd, header, sizeof(header), fault) != 0) {
        return -1;
    }

    state->size = sizeof(header);

    return 0;
}


static int
payments_state_records(payments_state_t *state, const payments_done_t *done,
    size_t n, unsigned char *buf, payments_fault_t *fault)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (payments_state_record(state->hash, &done[i],
                                  buf + i * PAYMENTS_STATE_RECORD)
            != 0)
        {
            errno = EIO;
            return payments_fault(fault, "EVP_MAC");
        }
    }

    return 0;
}


/* all of it, or an error: a part of a record is no harm to its readers */

static int
payments_state_write(int fd, const unsigned char *buf, size_t len,
    payments_fault_t *fault)
{
    ssize_t  n;

    do {
        n = write(fd, buf, len);
    } while (n == -1 && errno == EINTR);

    if (n != -1 && (size_t) n != len) {
        errno = ENOSPC;
        n = -1;
    }

    return n == -1 ? payments_fault(fault, "write") : 0;
}


int
payments_state_compact(payments_state_t *state, payments_state_next_pt next,
    void *data, payments_fault_t *fault)
{
    int   fd, n;
    char  name[PATH_MAX];

    n = snprintf(name, sizeof(name), "%s.new", state->path);

    if (n < 0 || (size_t) n >= sizeof(name)) {
        errno = ENAMETOOLONG;
        return payments_fault(fault, "open");
    }

    if (payments_state_lock(state, LOCK_EX, fault) != 0) {
        return -1;
    }

    /* who has the lock is alone, and this is of one who died */

    if (unlink(name) != 0 && errno != ENOENT) {
        payments_fault(fault, "unlink");
        payments_state_forget(state);
        return -1;
    }

    fd = open(name, O_RDWR|O_APPEND|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600);
    if (fd == -1) {
        payments_fault(fault, "open");
        payments_state_forget(state);
        return -1;
    }

    if (payments_state_fill(state, fd, next, data, fault) != 0) {
        goto failed;
    }

    if (rename(name, state->path) != 0) {
        payments_fault(fault, "rename");
        goto failed;
    }

    payments_state_forget(state);

    state->fd = fd;
    state->checked = 1;

    return 0;

failed:

    close(fd);

    if (unlink(name) != 0) {
        /* the next one will */
    }

    payments_state_forget(state);

    return -1;
}


static int
payments_state_fill(payments_state_t *state, int fd,
    payments_state_next_pt next, void *data, payments_fault_t *fault)
{
    size_t           n;
    unsigned char    buf[PAYMENTS_STATE_BATCH * PAYMENTS_STATE_RECORD];
    payments_done_t  done[PAYMENTS_STATE_BATCH];

    if (payments_state_begin(state, fd, fault) != 0) {
        return -1;
    }

    for ( ;; ) {
        n = next(data, done, PAYMENTS_STATE_BATCH);

        if (n == 0) {
            return 0;
        }

        if (state->size > PAYMENTS_STATE_MAX - (off_t) sizeof(buf)) {
            errno = EFBIG;
            return payments_fault(fault, "write");
        }

        if (payments_state_records(state, done, n, buf, fault) != 0
            || payments_state_write(fd, buf, n * PAYMENTS_STATE_RECORD, fault)
               != 0)
        {
            return -1;
        }

        state->size += (off_t) (n * PAYMENTS_STATE_RECORD);
    }
}
