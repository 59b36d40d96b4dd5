
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#ifndef _GNU_SOURCE
#define _GNU_SOURCE  /* O_DIRECT */
#endif

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "payments_append.h"


/* zeros are written by so many pieces of one memory */
#define PAYMENTS_ZEROS_PIECES  16
#define PAYMENTS_ZEROS_PIECE   (PAYMENTS_ZEROS / PAYMENTS_ZEROS_PIECES)


static int payments_append_blocks(payments_append_t *file, struct iovec *iov,
    int n, off_t *end, payments_fault_t *fault);
static size_t payments_append_gather(unsigned char *dst, size_t room,
    struct iovec **iov, int *n);
static int payments_append_flush(payments_append_t *file, off_t offset,
    size_t len, payments_fault_t *fault);
static void payments_append_cached(payments_append_t *file);
static int payments_append_flag(int fd, int direct);
static void payments_append_grown(payments_append_t *file, off_t end);
static off_t payments_append_up(off_t offset);


void
payments_append_start(payments_append_t *file, int fd, unsigned char *buf)
{
    file->fd = fd;
    file->buf = buf;
    file->direct = 0;
    file->size = 0;
    file->len = 0;
    file->next = 0;
    file->at = 0;

    if (buf != NULL) {
        file->direct = (payments_append_flag(fd, O_DIRECT) == 0);
    }
}


int
payments_append_write(payments_append_t *file, struct iovec *iov, int n,
    off_t *end, payments_fault_t *fault)
{
    if (file->direct) {
        return payments_append_blocks(file, iov, n, end, fault);
    }

    if (payments_spool_write(file->fd, iov, n, end, fault) != 0) {
        return -1;
    }

    payments_append_grown(file, *end);

    return 0;
}


/* from the beginning of the block that the file ends in */

static int
payments_append_blocks(payments_append_t *file, struct iovec *iov, int n,
    off_t *end, payments_fault_t *fault)
{
    off_t   offset;
    size_t  have, blocks;

    offset = *end - (off_t) file->len;
    have = file->len;
    memcpy(file->buf, file->block, have);

    while (n) {
        have += payments_append_gather(file->buf + have,
                                       PAYMENTS_APPEND_SIZE - have, &iov, &n);

        if (have == PAYMENTS_APPEND_SIZE) {

            if (payments_append_flush(file, offset, have, fault) != 0) {
                return -1;
            }

            offset += have;
            have = 0;
        }
    }

    blocks = payments_append_up(have);
    memset(file->buf + have, 0, blocks - have);

    if (blocks != 0
        && payments_append_flush(file, offset, blocks, fault) != 0)
    {
        return -1;
    }

    *end = offset + have;

    file->next = have % PAYMENTS_BLOCK;
    file->at = have - file->next;

    return 0;
}


/* what fits, and moves on by that */

static size_t
payments_append_gather(unsigned char *dst, size_t room, struct iovec **iov,
    int *n)
{
    size_t  part, len;

    len = 0;

    while (*n && len < room) {

        part = (*iov)->iov_len < room - len ? (*iov)->iov_len : room - len;

        memcpy(dst + len, (*iov)->iov_base, part);
        len += part;

        (*iov)->iov_base = (char *) (*iov)->iov_base + part;
        (*iov)->iov_len -= part;

        if ((*iov)->iov_len == 0) {
            (*iov)++;
            (*n)--;
        }
    }

    return len;
}


static int
payments_append_flush(payments_append_t *file, off_t offset, size_t len,
    payments_fault_t *fault)
{
    int           rc;
    struct iovec  iov;

    iov.iov_base = file->buf;
    iov.iov_len = len;

    rc = payments_spool_write(file->fd, &iov, 1, &offset, fault);

    /*
     * Blocks are larger here, this file system only seemed to have it, or a
     * write has ended inside of a block: what is left of it is cached
     */

    if (rc != 0 && fault->err == EINVAL && file->direct) {
        payments_append_cached(file);
        rc = payments_spool_write(file->fd, &iov, 1, &offset, fault);
    }

    payments_append_grown(file, offset);

    return rc;
}


static void
payments_append_cached(payments_append_t *file)
{
    (void) payments_append_flag(file->fd, 0);

    file->direct = 0;
}


/* O_DIRECT, or 0: whether it is set */

static int
payments_append_flag(int fd, int direct)
{
    int  flags;

    flags = fcntl(fd, F_GETFL);

    return flags == -1 ? -1
                       : fcntl(fd, F_SETFL, (flags & ~O_DIRECT) | direct);
}


void
payments_append_keep(payments_append_t *file)
{
    if (file->direct) {
        memcpy(file->block, file->buf + file->at, file->next);
        file->len = file->next;
    }
}


void
payments_append_cut(payments_append_t *file, off_t end)
{
    file->size = end;
}


void
payments_append_zeros(payments_append_t *file, off_t end, off_t len)
{
    int               n;
    struct iovec      iov[PAYMENTS_ZEROS_PIECES];
    payments_fault_t  fault;

    static unsigned char  zeros[PAYMENTS_ZEROS_PIECE]
        __attribute__ ((aligned (PAYMENTS_BLOCK)));

    for (n = 0; len >= PAYMENTS_BLOCK && n < PAYMENTS_ZEROS_PIECES; n++) {
        iov[n].iov_base = zeros;
        iov[n].iov_len = len < PAYMENTS_ZEROS_PIECE
                         ? len - len % PAYMENTS_BLOCK : PAYMENTS_ZEROS_PIECE;
        len -= iov[n].iov_len;
    }

    if (file->direct) {
        end = payments_append_up(end);
    }

    (void) payments_spool_write(file->fd, iov, n, &end, &fault);

    payments_append_grown(file, end);
}


static void
payments_append_grown(payments_append_t *file, off_t end)
{
    if (end > file->size) {
        file->size = end;
    }
}


static off_t
payments_append_up(off_t offset)
{
    return (offset + PAYMENTS_BLOCK - 1) / PAYMENTS_BLOCK * PAYMENTS_BLOCK;
}
