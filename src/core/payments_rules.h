
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What a configuration demands of the values of an event.
 */


#ifndef _PAYMENTS_RULES_H_INCLUDED_
#define _PAYMENTS_RULES_H_INCLUDED_


#include "payments.h"
#include "payments_event.h"


typedef struct {
    payments_str_t  path;   /* NUL-terminated behind its length */
    payments_str_t  value;  /* "null": null or absent */
    unsigned        field;  /* of the schema, of type PAYMENTS_OTHER */
} payments_rule_t;


/*
 * What is wrong with a dotted path, as "is longer than 256 bytes", static,
 * NUL-terminated; NULL for a good one.
 */
const char *payments_path_error(payments_str_t path);

/* The same of a value to compare with: one that no event could have. */
const char *payments_rule_error(payments_str_t value);

/*
 * 1 when for each field that one of n rules has, the event has the value of
 * one of that field's rules.  A string is compared as it is, an integer by its
 * decimal digits, a boolean as "true" or "false".
 */
int payments_rules_match(const payments_rule_t *rules, size_t n,
    const payments_event_t *event);

#endif /* _PAYMENTS_RULES_H_INCLUDED_ */
