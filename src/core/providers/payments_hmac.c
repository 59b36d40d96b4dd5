
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Whoever else signs with an HMAC: the scheme is configured, and the fields
 * are where most have them.  An "id" is an order's or a payment's as often as
 * an event's, and would make one event of all that become of it: who knows
 * better names it.
 */


#include "payments_provider.h"


static const payments_field_t  payments_hmac_fields[] = {
    { "type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "event", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "event_type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "data.id", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "id", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT }
};


/* what a variant begins with; it has no header until one is named */

static const payments_scheme_t  payments_hmac_scheme = {
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    },
    .tolerance = 300,
    .future = -1,
    .api_key = 1
};


const payments_provider_t  payments_hmac = {
    .name = payments_string("hmac"),
    .type_prefix = payments_string("webhook."),
    .signed_by = payments_string("body"),
    .scheme = &payments_hmac_scheme,
    .fields = payments_hmac_fields,
    .nfields = sizeof(payments_hmac_fields) / sizeof(payments_hmac_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .untyped = payments_string("message")
};
