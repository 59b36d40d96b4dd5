
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What lies in a spool and was not taken yet, line by line.
 */


#ifndef _PAYMENTS_WAITING_H_INCLUDED_
#define _PAYMENTS_WAITING_H_INCLUDED_


#include "payments.h"
#include "payments_segment.h"


typedef void (*payments_waiting_pt)(void *data, payments_str_t line);


/*
 * Calls each for every line that has a newline, and with it, of the files in
 * active, new and retry, in no order; a line is valid during its call.  Reads
 * no more than about limit bytes.  0; 1 when there is more than that; -1 and
 * the last *fault, having gone on.  A directory or file that is not there is
 * none.  Blocks.
 */
int payments_waiting(const payments_spool_t *spool, uint64_t limit,
    payments_waiting_pt each, void *data, payments_fault_t *fault);


#endif /* _PAYMENTS_WAITING_H_INCLUDED_ */
