
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A header as a list, cut into slices of itself.
 */


#ifndef _PAYMENTS_LIST_H_INCLUDED_
#define _PAYMENTS_LIST_H_INCLUDED_


#include "payments.h"


/*
 * Takes the first item off, without the blanks around it; an empty list has
 * one that is empty.  0 when there is none left: rest->data is NULL then.
 */
int payments_list_next(payments_str_t *rest, unsigned char separator,
    payments_str_t *item);

/* Without the blanks and tabs around it. */
payments_str_t payments_list_trim(payments_str_t str);

/* Key and value around the first "=", trimmed; 0 when there is none. */
int payments_list_split(payments_str_t item, payments_str_t *key,
    payments_str_t *value);

/* 1 when it has the text somewhere in it. */
int payments_list_has(payments_str_t str, payments_str_t text);

/* 1 when it is the word, which nothing that is empty is. */
int payments_list_is(payments_str_t str, payments_str_t word);


#endif /* _PAYMENTS_LIST_H_INCLUDED_ */
