
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Paystack: https://paystack.com/docs/payments/webhooks/
 */


#include "payments_provider.h"


static const payments_field_t  payments_paystack_fields[] = {
    { "event", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "data.id", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.reference", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "data.transaction_reference", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "data.domain", PAYMENTS_STRING, PAYMENTS_ROLE_LIVE },
    { "data.currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "data.amount", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_AMOUNT },
    { "data.paid_at", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "data.created_at", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED }
};


static const payments_status_rule_t  payments_paystack_rules[] = {
    { "charge.success", NULL, PAYMENTS_CONFIRMED, 0 },
    { "paymentrequest.success", NULL, PAYMENTS_CONFIRMED, 0 },
    { "paymentrequest.pending", NULL, PAYMENTS_WAITING, 0 },
    { "charge.dispute.create", NULL, PAYMENTS_STATUS_NONE, 1 }
};


/* nothing has an id: the body is sent again as it was, and stands for it */

static const payments_scheme_t  payments_paystack_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("x-paystack-signature") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA512,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    },
    .api_key = 1
};


const payments_provider_t  payments_paystack = {
    .name = payments_string("paystack"),
    .type_prefix = payments_string("com.paystack."),
    .signed_by = payments_string("body"),
    .scheme = &payments_paystack_scheme,
    .fields = payments_paystack_fields,
    .nfields = sizeof(payments_paystack_fields)
               / sizeof(payments_paystack_fields[0]),
    .normalize = payments_normalize,
    /* also in currencies that have none (XOF) */
    .decimals = payments_hundredths,
    .rules = payments_paystack_rules,
    .nrules = sizeof(payments_paystack_rules)
              / sizeof(payments_paystack_rules[0])
};
