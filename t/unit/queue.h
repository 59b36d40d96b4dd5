
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A queue on the spool of the tests, and what a relay does with it.
 */


#ifndef _QUEUE_H_INCLUDED_
#define _QUEUE_H_INCLUDED_


#include "payments_queue.h"
#include "spool.h"


#define NOW_MS   (NOW / 1000)

/* milliseconds; no retry is to be later */
#define LONGEST  86400000


static payments_queue_t  *q;
static unsigned char      line[PAYMENTS_MAX_LINE + 1];

/* of the records, by in_files() */

static unsigned           seen[RECORDS];
static unsigned           unknown;


static inline void
queue_init(void)
{
    spool_init();

    if (mkdir(at("retry", ""), 0700) != 0 || mkdir(at("dead", ""), 0700) != 0)
    {
        die("mkdir");
    }
}


static inline void
queue_clear(void)
{
    spool_clear();
    dir_clear("retry");
    dir_clear("dead");
}


static inline void
queue_done(void)
{
    queue_clear();

    rmdir(at("retry", ""));
    rmdir(at("dead", ""));
    spool_done();
}


static inline void
queue_start(void)
{
    q = payments_queue_create(&spool, "host.name/x", 42, LONGEST);
    if (q == NULL) {
        die("create");
    }

    if (payments_queue_open(q, &fault) != 1) {
        die("queue_open");
    }
}


static inline void
queue_stop(void)
{
    payments_queue_free(q);
    q = NULL;
}


/* records first to first + n - 1, and then some text, in a file */

static inline void
put(const char *dir, const char *name, unsigned first, unsigned n,
    const char *rest)
{
    FILE            *f;
    unsigned         i;
    payments_str_t   str;

    f = fopen(at(dir, name), "wb");
    if (f == NULL) {
        die("fopen");
    }

    for (i = first; i < first + n; i++) {
        str = record(i, NULL);
        fwrite(str.data, 1, str.len, f);
    }

    fputs(rest, f);

    if (fclose(f) != 0) {
        die("fclose");
    }
}


/* the number of a record, or -1 when it is none, or not all of one */

static inline int
number(const unsigned char *data, size_t len)
{
    int              i;
    char             head[32];
    payments_str_t   expected;

    snprintf(head, sizeof(head), "%.*s", (int) (len < 31 ? len : 31),
             (const char *) data);

    if (sscanf(head, "{\"n\":%d,", &i) != 1 || i < 0 || i >= RECORDS) {
        return -1;
    }

    expected = record(i, NULL);

    return len == expected.len - 1 && memcmp(data, expected.data, len) == 0
           ? i : -1;
}


/* adds the lines of a file, or of its first bytes, to seen and unknown */

static inline void
in_file(const char *dir, const char *name, off_t size)
{
    int                    i;
    payments_str_t         file;
    const unsigned char   *p, *end;

    file = read_file(dir, name);

    if (size >= 0 && (size_t) size < file.len) {
        file.len = size;
    }

    for (p = file.data; p < file.data + file.len; p = end + 1) {
        end = memchr(p, '\n', file.data + file.len - p);

        if (end == NULL) {
            unknown++;
            break;
        }

        i = number(p, end - p);

        if (i == -1) {
            unknown++;

        } else {
            seen[i]++;
        }
    }

    unbox(file);
}


/* so for the .ndjson files of a directory */

static inline void
in_files(const char *dir)
{
    char   **list;
    size_t   k, n, len;

    list = names(dir, &n);

    for (k = 0; k < n; k++) {
        len = strlen(list[k]);

        if (len >= 7 && strcmp(list[k] + len - 7, ".ndjson") == 0) {
            in_file(dir, list[k], -1);
        }
    }

    free_names(list);
}


/* the next item: its record; -1 when it is none, -2 when there is none */

static inline int
take(int64_t now, payments_item_t *item)
{
    int  rc;

    memset(&fault, 0, sizeof(fault));
    rc = payments_queue_next(q, now, item, &fault);

    if (rc != 1) {
        return rc == 0 ? -2 : -3;
    }

    if (item->len > PAYMENTS_MAX_LINE) {
        return -4;
    }

    rc = payments_queue_load(q, item, line, &fault);

    return rc == 1 ? number(line, item->len) : rc - 5;
}


static inline int
flush(void)
{
    memset(&fault, 0, sizeof(fault));

    return payments_queue_flush(q, &fault);
}


/* delivers all that is due in rounds of n: how many, and in which order */

static inline unsigned
deliver(int64_t now, unsigned n, int *order)
{
    int              i;
    unsigned         k, total;
    payments_item_t  item;

    total = 0;

    do {
        for (k = 0; k < n; k++) {
            i = take(now, &item);

            if (i == -2) {
                break;
            }

            if (i < -1) {
                diag("take: %d, %s: %s", i, fault.call, strerror(fault.err));
                break;
            }

            if (order != NULL && total < RECORDS) {
                order[total] = i;
            }

            total++;
            payments_queue_done(q, &item);
        }

        if (flush() != 0) {
            diag("flush: %s: %s", fault.call, strerror(fault.err));
            break;
        }

    } while (k == n);

    return total;
}


#endif /* _QUEUE_H_INCLUDED_ */
