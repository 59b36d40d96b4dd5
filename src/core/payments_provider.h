
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The table of gateways.
 */


#ifndef _PAYMENTS_PROVIDER_H_INCLUDED_
#define _PAYMENTS_PROVIDER_H_INCLUDED_


#include "payments.h"
#include "payments_event.h"
#include "payments_schema.h"


typedef struct {
    payments_str_t           name;
    payments_str_t           type_prefix;  /* of the CloudEvents type */
    payments_str_t           header;       /* of the signature, lower case */

    /* what is read from a body, and how an event is made of it */
    const payments_field_t  *fields;
    unsigned                 nfields;
    payments_rc_e          (*normalize)(payments_event_t *event);

    /* digits after the decimal point, by lower-case ISO 4217 code */
    unsigned               (*decimals)(payments_str_t currency);
} payments_provider_t;


/* A gateway by its name; static, NULL when there is none. */
const payments_provider_t *payments_provider_find(payments_str_t name);

/* 1 when a gateway puts its signature into that header (lower case). */
int payments_provider_signs(payments_str_t header);


extern const payments_provider_t  payments_stripe;


#endif /* _PAYMENTS_PROVIDER_H_INCLUDED_ */
