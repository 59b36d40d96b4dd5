
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Appending to a file: through the page cache, or past it (O_DIRECT in
 * open(2)), by whole blocks of which the last one is filled up with zeros.
 * Everything here blocks and is for a thread.
 */


#ifndef _PAYMENTS_APPEND_H_INCLUDED_
#define _PAYMENTS_APPEND_H_INCLUDED_


#include "payments_spool.h"


/* what direct writes and their buffers are aligned to */
#define PAYMENTS_BLOCK        4096

/* the most zeros at once */
#define PAYMENTS_ZEROS        (1024 * 1024)

/* bytes of a buffer that they are gathered in */
#define PAYMENTS_APPEND_SIZE  (256 * 1024)


typedef struct {
    int             fd;
    unsigned char  *buf;      /* NULL: through the page cache */
    unsigned        direct;
    off_t           size;     /* bytes of the file, zeros among them */
    size_t          len;      /* of the block that what is kept ends in: */
    unsigned char   block[PAYMENTS_BLOCK];
    size_t          next;     /* the same of what was written last, */
    unsigned        at;       /* which still is in buf */
} payments_append_t;


/*
 * Begins an empty file; buf has PAYMENTS_APPEND_SIZE bytes that are aligned to
 * PAYMENTS_BLOCK, or is NULL.  A file system that has no direct writes is
 * written to through the page cache.
 */
void payments_append_start(payments_append_t *file, int fd,
    unsigned char *buf);

/*
 * Writes n pieces (changing iov) at *end, and moves that on by what they have:
 * 0, or -1 and *fault when that is not all.  It is for good when
 * payments_append_keep() has been called; without that the next ones are
 * written in its place.
 */
int payments_append_write(payments_append_t *file, struct iovec *iov, int n,
    off_t *end, payments_fault_t *fault);

/* What was written is synced, and the next write comes behind it. */
void payments_append_keep(payments_append_t *file);

/*
 * Writes len zeros behind the end, whole blocks and PAYMENTS_ZEROS at most; if
 * that fails, some of them.
 */
void payments_append_zeros(payments_append_t *file, off_t end, off_t len);

/* The file was cut to what is kept. */
void payments_append_cut(payments_append_t *file, off_t end);


#endif /* _PAYMENTS_APPEND_H_INCLUDED_ */
