
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A file of done ids, so that they are known after a restart.  It is a help
 * and no promise: nothing is synced, and what is damaged is skipped.
 *
 * The file: "pmtstate", then little-endian a version and the size of a record,
 * 32 bits each, the key of the hash, 64 bits of SipHash over that.  Records
 * of an id, 64 bits of expiry in seconds since the epoch, and 64 bits of
 * SipHash over these, by the same key.  New ones are appended by any process;
 * from time to time one writes a new file of what is not over.  All of this
 * blocks and is for a thread.
 */


#ifndef _PAYMENTS_STATE_H_INCLUDED_
#define _PAYMENTS_STATE_H_INCLUDED_


#include "payments_claims.h"
#include "payments_segment.h"


#define PAYMENTS_STATE_HEADER   40
#define PAYMENTS_STATE_RECORD   32

/* bytes of a file */
#define PAYMENTS_STATE_MAX      (1024 * 1024 * 1024)

/* bytes that are no record and are looked through for the next one */
#define PAYMENTS_STATE_SKIPPED  (1024 * 1024)


typedef struct {
    const char      *path;    /* absolute, NUL-terminated, not copied */
    int              fd;      /* -1: not open */
    unsigned         checked; /* its header is the right one */
    off_t            size;    /* bytes of the file after the last call */
    payments_hash_t *hash;
    unsigned char    key[PAYMENTS_HASH_KEY];
} payments_state_t;


typedef enum {
    PAYMENTS_STATE_FOUND = 0,
    PAYMENTS_STATE_NONE,      /* no file, or an empty one */
    PAYMENTS_STATE_DAMAGED    /* its header is not one of this version */
} payments_state_e;


typedef struct {
    uint32_t         loaded;
    uint32_t         expired;
    uint32_t         damaged; /* stretches of bytes that are no records */
} payments_state_counts_t;


/* Writes at most n done ids to dst and returns how many: 0 at the end. */
typedef size_t (*payments_state_next_pt)(void *data, payments_done_t *dst,
    size_t n);


/*
 * Reads the key that the ids of a file were made with, to make a table with.
 * A payments_state_e, or -1 and *fault when the file cannot be read; without
 * PAYMENTS_STATE_FOUND the caller takes a new key and begins a new file by
 * payments_state_compact().
 */
int payments_state_key(const char *path,
    unsigned char key[PAYMENTS_HASH_KEY], payments_fault_t *fault);

/*
 * Loads the ids that are not over at now_s into a table with the file's key,
 * and sorts it.  Nobody else may use the table.  0, or -1 and *fault when not
 * all of the file could be read, or it is of another key (EINVAL); the counts
 * are right in any case.
 */
int payments_state_load(const char *path, payments_claims_t *claims,
    int64_t now_s, payments_state_counts_t *counts, payments_fault_t *fault);

/* For one thread at a time.  0, or -1 when OpenSSL fails. */
int payments_state_init(payments_state_t *state, const char *path,
    const unsigned char key[PAYMENTS_HASH_KEY]);

/* The file, and what payments_state_init() has made. */
void payments_state_close(payments_state_t *state);

/*
 * Appends n done ids, which are done in the table already, so that a new file
 * has them if this one does not; creates the file, 0600.  Without wait it is
 * EWOULDBLOCK when a new file is being written: try again later.  0, or -1
 * and *fault: some may have been written, and all may be once more.  EINVAL:
 * the file is of another key; EFBIG: it has to be compacted.
 */
int payments_state_append(payments_state_t *state,
    const payments_done_t *done, size_t n, unsigned wait,
    payments_fault_t *fault);

/*
 * Writes a new file, 0600, of what next() gives, and puts it in the place of
 * the old one, whatever that is but a symbolic link or no regular file.  Nobody
 * appends meanwhile.  The name of the new file is path with ".new" behind it.
 * 0, or -1 and *fault: then the old one is there as it was.
 */
int payments_state_compact(payments_state_t *state,
    payments_state_next_pt next, void *data, payments_fault_t *fault);


#endif /* _PAYMENTS_STATE_H_INCLUDED_ */
