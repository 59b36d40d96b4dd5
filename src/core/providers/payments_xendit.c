
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Xendit: https://docs.xendit.co/docs/payments-api-webhooks, and its invoices,
 * whose events have no type; what comes is no signature, but a token
 */


#include "payments_provider.h"


/* its amounts are numbers that may have a fraction: they stay in the payload */

static const payments_field_t  payments_xendit_fields[] = {
    { "event", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "data.payment_id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.payment_request_id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.reference_id", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "external_id", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "business_id", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "user_id", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "data.status", PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },
    { "status", PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },
    { "data.currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "updated", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "created", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED }
};


static const payments_status_rule_t  payments_xendit_rules[] = {
    { "payment.capture", "SUCCEEDED", PAYMENTS_CONFIRMED, 0 },
    { "payment.authorization", "AUTHORIZED", PAYMENTS_PREAUTH, 0 },
    { "payment.failure", NULL, PAYMENTS_REJECTED, 0 },
    { "payment.expiry", NULL, PAYMENTS_REJECTED, 0 },
    { "payment_request.expiry", NULL, PAYMENTS_REJECTED, 0 },
    { "callback", "PAID", PAYMENTS_CONFIRMED, 0 },
    { "callback", "SETTLED", PAYMENTS_CONFIRMED, 0 },
    { "callback", "EXPIRED", PAYMENTS_REJECTED, 0 }
};


static const payments_scheme_t  payments_xendit_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("x-callback-token") },
        { PAYMENTS_SENT_ID, payments_string("webhook-id") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_TOKEN,
    .shared = 1
};


const payments_provider_t  payments_xendit = {
    .name = payments_string("xendit"),
    .type_prefix = payments_string("com.xendit."),
    .signed_by = payments_string("token"),
    .scheme = &payments_xendit_scheme,
    .fields = payments_xendit_fields,
    .nfields = sizeof(payments_xendit_fields)
               / sizeof(payments_xendit_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .untyped = payments_string("callback"),
    .rules = payments_xendit_rules,
    .nrules = sizeof(payments_xendit_rules) / sizeof(payments_xendit_rules[0])
};
