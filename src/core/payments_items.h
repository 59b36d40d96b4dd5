
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A body of many events, cut into them.
 */


#ifndef _PAYMENTS_ITEMS_H_INCLUDED_
#define _PAYMENTS_ITEMS_H_INCLUDED_


#include "payments.h"


typedef struct {
    unsigned        listed;   /* the body has the list */
    unsigned        n;
    payments_str_t  items[PAYMENTS_MAX_ITEMS];
} payments_items_t;


/*
 * Finds the objects in the array that is the member list of a body, an object
 * of valid JSON, or with item those that are the member item of these: slices
 * of the body, byte for byte.  PAYMENTS_BAD_JSON when they are something else
 * than objects, PAYMENTS_DUPLICATE_KEY when one of both members is there
 * twice, PAYMENTS_TOO_LARGE for more than PAYMENTS_MAX_ITEMS.
 */
payments_rc_e payments_items_split(payments_str_t body, const char *list,
    const char *item, payments_items_t *out);


#endif /* _PAYMENTS_ITEMS_H_INCLUDED_ */
