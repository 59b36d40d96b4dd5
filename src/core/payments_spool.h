
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A spool: its directories, names and room.  Everything here blocks and is for
 * a thread; names below the spool are relative to descriptors of its
 * directories.
 */


#ifndef _PAYMENTS_SPOOL_H_INCLUDED_
#define _PAYMENTS_SPOOL_H_INCLUDED_


#include <dirent.h>
#include <sys/uio.h>

#include "payments.h"


/* where a segment of a spool lies: "active" while appended to, then "new" */

#define PAYMENTS_ACTIVE   "active"
#define PAYMENTS_NEW      "new"
#define PAYMENTS_CORRUPT  "corrupt"

/* and what the relay makes of it: for another try, and for none */

#define PAYMENTS_RETRY    "retry"
#define PAYMENTS_DEAD     "dead"

/* what the name of a file with lines ends in */
#define PAYMENTS_SUFFIX  ".ndjson"

/* "<microseconds>.<host>.<pid>.<sequence>.ndjson" */
#define PAYMENTS_SEGMENT_NAME  256
#define PAYMENTS_HOST_LEN      64


/* what a spool is, the same for its life */

typedef struct {
    const char  *path;    /* NUL-terminated */
    unsigned     sync;    /* 0: leave it to the kernel */
    mode_t       mode;    /* of a file: 0640 or 0660 */
    uint64_t     reserve; /* bytes of the file system to leave free */
    off_t        ahead;   /* bytes of zeros to write ahead, 0: none */
} payments_spool_t;


/* the call that failed: its name, static, and its errno */

typedef struct {
    const char  *call;
    int          err;
} payments_fault_t;


/*
 * Bytes that may still be written above the reserve, 0 when there are none.
 * -1 and *fault when the file system cannot be asked.
 */
int payments_spool_room(const payments_spool_t *spool, uint64_t *room,
    payments_fault_t *fault);

/* 1 when a name has PAYMENTS_SUFFIX, and something before it. */
int payments_spool_suffixed(const char *name);

/* Opens the spool's own directory: a descriptor to close, or -1 and *fault. */
int payments_spool_base(const payments_spool_t *spool,
    payments_fault_t *fault);

/* The same for one in it, by that descriptor, */
int payments_spool_openat(int base, const char *name,
    payments_fault_t *fault);

/* or without. */
int payments_spool_open(const payments_spool_t *spool, const char *name,
    payments_fault_t *fault);

/*
 * Reads the names in a directory; fd is the stream's from here on, and closed
 * when there is none: NULL and *fault.  closedir() ends it.
 */
DIR *payments_spool_dir(int fd, payments_fault_t *fault);

/*
 * 1 and the next name, good until the next call; 0 at the end, -1 and *fault
 * when the directory cannot be read any further.
 */
int payments_spool_entry(DIR *dir, const char **name,
    payments_fault_t *fault);

/*
 * Writes n pieces (changing iov) at *end, and moves that on by what was
 * written: 0, or -1 and *fault when that is not all.
 */
int payments_spool_write(int fd, struct iovec *iov, int n, off_t *end,
    payments_fault_t *fault);

/*
 * Makes the PAYMENTS_SEGMENT_NAME bytes of a name; born is in microseconds
 * since the epoch.
 */
void payments_spool_name(char *name, int64_t born, const char *host,
    pid_t pid, unsigned sequence);

/* Notes errno and the call that set it; returns -1. */
int payments_fault(payments_fault_t *fault, const char *call);


#endif /* _PAYMENTS_SPOOL_H_INCLUDED_ */
