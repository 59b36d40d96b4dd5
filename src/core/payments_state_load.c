
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "payments_state.h"
#include "payments_state_record.h"


#define PAYMENTS_STATE_VERSION  1

/* bytes of a check, the last ones of a header and of a record */
#define PAYMENTS_STATE_CHECK    8

#define PAYMENTS_STATE_BUFFER   (64 * PAYMENTS_STATE_RECORD)


typedef struct {
    payments_claims_t        *claims;
    payments_hash_t          *hash;
    payments_state_counts_t  *counts;
    int64_t                   now;
    size_t                    skipped;
    unsigned                  gap;
} payments_state_reader_t;


static int payments_state_open(const char *path, payments_fault_t *fault);
static int payments_state_read_key(int fd, unsigned char *key,
    payments_fault_t *fault);
static int payments_state_stream(payments_state_reader_t *reader, int fd,
    payments_fault_t *fault);
static size_t payments_state_scan(payments_state_reader_t *reader,
    const unsigned char *buf, size_t len);
static int payments_state_take(payments_state_reader_t *reader,
    const unsigned char *p);
static ssize_t payments_state_read(int fd, unsigned char *buf, size_t len,
    off_t offset);
static int payments_state_seal(payments_hash_t *hash, const char *what,
    unsigned char *dst, size_t len);
static void payments_state_put(unsigned char *dst, uint64_t value, size_t n);


int
payments_state_header(payments_hash_t *hash, const unsigned char *key,
    unsigned char *dst)
{
    memcpy(dst, "pmtstate", 8);
    payments_state_put(dst + 8, PAYMENTS_STATE_VERSION, 4);
    payments_state_put(dst + 12, PAYMENTS_STATE_RECORD, 4);
    memcpy(dst + 16, key, PAYMENTS_HASH_KEY);

    return payments_state_seal(hash, "header", dst, PAYMENTS_STATE_HEADER);
}


int
payments_state_record(payments_hash_t *hash, const payments_done_t *done,
    unsigned char *dst)
{
    memcpy(dst, done->id, PAYMENTS_HASH);
    payments_state_put(dst + PAYMENTS_HASH, (uint64_t) done->expiry, 8);

    return payments_state_seal(hash, "record", dst, PAYMENTS_STATE_RECORD);
}


/* apart from ids, by a name that no variant has */

static int
payments_state_seal(payments_hash_t *hash, const char *what,
    unsigned char *dst, size_t len)
{
    payments_str_t  parts[3];
    unsigned char   digest[PAYMENTS_HASH];

    parts[0].len = 0;
    parts[0].data = NULL;
    parts[1].len = strlen(what);
    parts[1].data = (const unsigned char *) what;
    parts[2].len = len - PAYMENTS_STATE_CHECK;
    parts[2].data = dst;

    if (payments_hash_digest(hash, parts, 3, digest) != 0) {
        return -1;
    }

    memcpy(dst + len - PAYMENTS_STATE_CHECK, digest, PAYMENTS_STATE_CHECK);

    return 0;
}


static void
payments_state_put(unsigned char *dst, uint64_t value, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        dst[i] = value >> 8 * i;
    }
}


int
payments_state_key(const char *path, unsigned char key[PAYMENTS_HASH_KEY],
    payments_fault_t *fault)
{
    int  fd, rc;

    fd = payments_state_open(path, fault);
    if (fd == -1) {
        return fault->err == ENOENT ? PAYMENTS_STATE_NONE : -1;
    }

    rc = payments_state_read_key(fd, key, fault);

    close(fd);

    return rc;
}


static int
payments_state_open(const char *path, payments_fault_t *fault)
{
    int          fd;
    struct stat  st;

    fd = open(path, O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);
    if (fd == -1) {
        return payments_fault(fault, "open");
    }

    if (fstat(fd, &st) != 0) {
        payments_fault(fault, "fstat");
        close(fd);
        return -1;
    }

    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        payments_fault(fault, "open");
        close(fd);
        return -1;
    }

    return fd;
}


/* what a header of that key would be is what tells whether this is one */

static int
payments_state_read_key(int fd, unsigned char *key, payments_fault_t *fault)
{
    int               rc;
    ssize_t           n;
    unsigned char     header[PAYMENTS_STATE_HEADER];
    unsigned char     expected[PAYMENTS_STATE_HEADER];
    payments_hash_t  *hash;

    n = payments_state_read(fd, header, sizeof(header), 0);

    if (n == -1) {
        return payments_fault(fault, "pread");
    }

    if (n == 0) {
        return PAYMENTS_STATE_NONE;
    }

    if (n != sizeof(header)) {
        return PAYMENTS_STATE_DAMAGED;
    }

    hash = payments_hash_create(header + 16);

    if (hash == NULL) {
        errno = EIO;
        return payments_fault(fault, "EVP_MAC");
    }

    rc = payments_state_header(hash, header + 16, expected);
    payments_hash_free(hash);

    if (rc != 0) {
        errno = EIO;
        return payments_fault(fault, "EVP_MAC");
    }

    if (memcmp(header, expected, sizeof(header)) != 0) {
        return PAYMENTS_STATE_DAMAGED;
    }

    memcpy(key, header + 16, PAYMENTS_HASH_KEY);

    return PAYMENTS_STATE_FOUND;
}


int
payments_state_load(const char *path, payments_claims_t *claims,
    int64_t now_s, payments_state_counts_t *counts, payments_fault_t *fault)
{
    int                      fd, rc;
    unsigned char            key[PAYMENTS_HASH_KEY];
    payments_state_reader_t  reader;

    memset(counts, 0, sizeof(payments_state_counts_t));

    fd = payments_state_open(path, fault);
    if (fd == -1) {
        return -1;
    }

    rc = payments_state_read_key(fd, key, fault);

    if (rc != -1
        && (rc != PAYMENTS_STATE_FOUND
            || memcmp(key, payments_claims_key(claims), sizeof(key)) != 0))
    {
        errno = EINVAL;
        rc = payments_fault(fault, "pread");
    }

    if (rc != PAYMENTS_STATE_FOUND) {
        close(fd);
        return -1;
    }

    memset(&reader, 0, sizeof(payments_state_reader_t));
    reader.claims = claims;
    reader.counts = counts;
    reader.now = now_s;
    reader.hash = payments_hash_create(key);

    if (reader.hash == NULL) {
        errno = EIO;
        rc = payments_fault(fault, "EVP_MAC");

    } else {
        rc = payments_state_stream(&reader, fd, fault);
        payments_claims_sort(claims);
    }

    payments_hash_free(reader.hash);
    close(fd);

    return rc;
}


static int
payments_state_stream(payments_state_reader_t *reader, int fd,
    payments_fault_t *fault)
{
    size_t         len, used, total;
    ssize_t        n;
    unsigned char  buf[PAYMENTS_STATE_BUFFER];

    len = 0;

    for (total = 0; total < PAYMENTS_STATE_MAX; total += n) {
        n = payments_state_read(fd, buf + len, sizeof(buf) - len,
                                PAYMENTS_STATE_HEADER + (off_t) total);

        if (n == -1) {
            return payments_fault(fault, "pread");
        }

        len += n;
        used = payments_state_scan(reader, buf, len);

        len -= used;
        memmove(buf, buf + used, len);

        if (n == 0 || reader->skipped > PAYMENTS_STATE_SKIPPED) {
            break;
        }
    }

    if (len != 0 && !reader->gap) {
        reader->counts->damaged++;
    }

    return 0;
}


/*
 * The bytes that are done with.  After what is no record, one may begin at any
 * byte: a process may have written a part of one.
 */

static size_t
payments_state_scan(payments_state_reader_t *reader, const unsigned char *buf,
    size_t len)
{
    size_t  used;

    used = 0;

    while (len - used >= PAYMENTS_STATE_RECORD
           && reader->skipped <= PAYMENTS_STATE_SKIPPED)
    {
        if (payments_state_take(reader, buf + used) == 0) {
            reader->gap = 0;
            used += PAYMENTS_STATE_RECORD;
            continue;
        }

        reader->counts->damaged += !reader->gap;
        reader->gap = 1;
        reader->skipped++;
        used++;
    }

    return used;
}


/* 0, or -1 when this is no record */

static int
payments_state_take(payments_state_reader_t *reader, const unsigned char *p)
{
    unsigned         i;
    uint64_t         expiry;
    unsigned char    expected[PAYMENTS_STATE_RECORD];
    payments_done_t  done;

    expiry = 0;

    for (i = 0; i < 8; i++) {
        expiry |= (uint64_t) p[PAYMENTS_HASH + i] << 8 * i;
    }

    memcpy(done.id, p, PAYMENTS_HASH);
    done.expiry = (int64_t) expiry;

    if (payments_state_record(reader->hash, &done, expected) != 0
        || memcmp(expected, p, PAYMENTS_STATE_RECORD) != 0)
    {
        return -1;
    }

    if (done.expiry <= reader->now) {
        reader->counts->expired++;

    } else if (payments_claims_load(reader->claims, &done, reader->now) == 0) {
        reader->counts->loaded++;
    }

    return 0;
}


/* less than len at the end of the file only */

static ssize_t
payments_state_read(int fd, unsigned char *buf, size_t len, off_t offset)
{
    size_t   done;
    ssize_t  n;

    done = 0;

    while (done < len) {
        n = pread(fd, buf + done, len - done, offset + (off_t) done);

        if (n == -1 && errno == EINTR) {
            continue;
        }

        if (n == -1) {
            return -1;
        }

        if (n == 0) {
            break;
        }

        done += n;
    }

    return (ssize_t) done;
}
