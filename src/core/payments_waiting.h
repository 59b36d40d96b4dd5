
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What lies in a spool and was not taken yet, line by line.
 */


#ifndef _PAYMENTS_WAITING_H_INCLUDED_
#define _PAYMENTS_WAITING_H_INCLUDED_


#include "payments.h"
#include "payments_segment.h"


/*
 * Calls each for every good line, with its newline, of the files in new and
 * retry, in no order.  Not in active: what is there may be a commit that
 * fails, or one that recovery will cut off.  Reads no more than about limit
 * bytes.  0; 1 when there is more than that; -1 and the last *fault, having
 * gone on.  A directory or file that is not there is none.  Blocks.
 */
int payments_waiting(const payments_spool_t *spool, uint64_t limit,
    payments_line_pt each, void *data, payments_fault_t *fault);


#endif /* _PAYMENTS_WAITING_H_INCLUDED_ */
