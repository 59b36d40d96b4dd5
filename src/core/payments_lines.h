
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The lines of a spool file, one at a time.
 */


#ifndef _PAYMENTS_LINES_H_INCLUDED_
#define _PAYMENTS_LINES_H_INCLUDED_


#include "payments.h"
#include "payments_segment.h"


typedef struct {
    int      fd;
    off_t    offset;   /* of the bytes read next */
    char    *buf;
    size_t   size;
    size_t   start;    /* of the line */
    size_t   end;      /* of what has been read */
} payments_lines_t;


/* Reads from the file's start; the descriptor's own offset stays. */
void payments_lines_init(payments_lines_t *lines, int fd);

/* Its memory; the descriptor stays the caller's. */
void payments_lines_free(payments_lines_t *lines);

/*
 * The next line with its newline, valid until the next call: 1; 0 after the
 * last line that has one; -1 and *fault.  A line of more than
 * PAYMENTS_MAX_LINE bytes comes in parts, of which the first ones have none.
 */
int payments_lines_next(payments_lines_t *lines, payments_str_t *line,
    payments_fault_t *fault);

/*
 * 1 for a line, with its newline, that is one JSON object no deeper than an
 * envelope can be.
 */
int payments_lines_judge(payments_str_t line);


#endif /* _PAYMENTS_LINES_H_INCLUDED_ */
