
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Flutterwave v3: https://developer.flutterwave.com/docs/webhooks; what comes
 * is no signature, but a text that was agreed on
 */


#include "payments_provider.h"


/* its amounts are numbers that may have a fraction: they stay in the payload */

static const payments_field_t  payments_flutterwave_fields[] = {
    { "event", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "data.id", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.tx_ref", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "data.status", PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },
    { "data.currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "data.created_at", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED }
};


static const payments_status_rule_t  payments_flutterwave_rules[] = {
    { "charge.completed", "successful", PAYMENTS_CONFIRMED, 0 },
    { "charge.completed", "failed", PAYMENTS_REJECTED, 0 }
};


/* "data.id" is the transaction's, in each event of it */

static const payments_scheme_t  payments_flutterwave_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("verif-hash") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_TOKEN
};


const payments_provider_t  payments_flutterwave = {
    .name = payments_string("flutterwave"),
    .type_prefix = payments_string("com.flutterwave."),
    .signed_by = payments_string("token"),
    .scheme = &payments_flutterwave_scheme,
    .fields = payments_flutterwave_fields,
    .nfields = sizeof(payments_flutterwave_fields)
               / sizeof(payments_flutterwave_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_flutterwave_rules,
    .nrules = sizeof(payments_flutterwave_rules)
              / sizeof(payments_flutterwave_rules[0])
};
