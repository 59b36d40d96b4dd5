
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "payments_json.h"
#include "payments_lines.h"


#define PAYMENTS_READ_SIZE   65536


static int payments_lines_read(payments_lines_t *lines,
    payments_fault_t *fault);


void
payments_lines_init(payments_lines_t *lines, int fd)
{
    memset(lines, 0, sizeof(payments_lines_t));

    lines->fd = fd;
}


void
payments_lines_free(payments_lines_t *lines)
{
    free(lines->buf);
}


int
payments_lines_next(payments_lines_t *lines, payments_str_t *line,
    payments_fault_t *fault)
{
    int      rc;
    char    *p, *newline;
    size_t   len, seen;

    seen = 0;

    for ( ;; ) {
        p = NULL;
        newline = NULL;
        len = lines->end - lines->start;

        if (len > seen) {
            p = lines->buf + lines->start;
            newline = memchr(p + seen, '\n', len - seen);
        }

        if (newline != NULL) {
            len = newline + 1 - p;
        }

        if (newline != NULL || len > PAYMENTS_MAX_LINE) {
            line->data = (unsigned char *) p;
            line->len = len;
            lines->start += len;
            return 1;
        }

        seen = len;

        rc = payments_lines_read(lines, fault);

        if (rc != 1) {
            return rc;
        }
    }
}


/* 1, 0 at the end of the file, or -1 */

static int
payments_lines_read(payments_lines_t *lines, payments_fault_t *fault)
{
    char     *buf;
    ssize_t   n;

    if (lines->start) {
        memmove(lines->buf, lines->buf + lines->start,
                lines->end - lines->start);
        lines->end -= lines->start;
        lines->start = 0;
    }

    if (lines->size - lines->end < PAYMENTS_READ_SIZE) {

        buf = realloc(lines->buf, 2 * lines->size + PAYMENTS_READ_SIZE);
        if (buf == NULL) {
            return payments_fault(fault, "realloc");
        }

        lines->buf = buf;
        lines->size = 2 * lines->size + PAYMENTS_READ_SIZE;
    }

    do {
        n = pread(lines->fd, lines->buf + lines->end, PAYMENTS_READ_SIZE,
                  lines->offset);
    } while (n == -1 && errno == EINTR);

    if (n == -1) {
        return payments_fault(fault, "pread");
    }

    lines->end += n;
    lines->offset += n;

    return n != 0;
}


int
payments_lines_judge(payments_str_t line)
{
    /* an envelope lies around a body: two deeper */

    return line.data[0] == '{' && line.data[line.len - 1] == '\n'
           && payments_json_parse(line, PAYMENTS_JSON_DEPTH, NULL, NULL)
              == PAYMENTS_OK;
}
