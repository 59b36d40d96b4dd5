
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Mollie: https://docs.mollie.com/reference/webhooks, of those that are signed;
 * the classic ones are not, and have nothing but an id
 */


#include "payments_provider.h"


static const payments_field_t  payments_mollie_fields[] = {
    { "id", PAYMENTS_STRING, PAYMENTS_ROLE_ID },
    { "type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "createdAt", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "entityId", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "_embedded.entity.mode", PAYMENTS_STRING, PAYMENTS_ROLE_LIVE },
    { "_embedded.entity.metadata.token",
      PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "_embedded.entity.amount.value",
      PAYMENTS_STRING, PAYMENTS_ROLE_DECIMAL },
    { "_embedded.entity.amount.currency",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY }
};


static const payments_status_rule_t  payments_mollie_rules[] = {
    { "payment.pending", NULL, PAYMENTS_WAITING, 0 },
    { "payment.authorized", NULL, PAYMENTS_PREAUTH, 0 },
    { "payment.paid", NULL, PAYMENTS_CONFIRMED, 0 },
    { "payment.failed", NULL, PAYMENTS_REJECTED, 0 },
    { "payment.expired", NULL, PAYMENTS_REJECTED, 0 },
    { "payment.canceled", NULL, PAYMENTS_CANCELLED, 0 },
    { "chargeback.received", NULL, PAYMENTS_STATUS_NONE, 1 },
    { "payment-link.paid", NULL, PAYMENTS_CONFIRMED, 0 },
    { "sales-invoice.issued", NULL, PAYMENTS_WAITING, 0 },
    { "sales-invoice.paid", NULL, PAYMENTS_CONFIRMED, 0 },
    { "sales-invoice.canceled", NULL, PAYMENTS_CANCELLED, 0 }
};


static const payments_scheme_t  payments_mollie_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("x-mollie-signature") }
    },
    .grammar = PAYMENTS_BARE,
    .word = payments_string("sha256="),
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    }
};


const payments_provider_t  payments_mollie = {
    .name = payments_string("mollie"),
    .type_prefix = payments_string("com.mollie."),
    .signed_by = payments_string("body"),
    .scheme = &payments_mollie_scheme,
    .fields = payments_mollie_fields,
    .nfields = sizeof(payments_mollie_fields)
               / sizeof(payments_mollie_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_mollie_rules,
    .nrules = sizeof(payments_mollie_rules) / sizeof(payments_mollie_rules[0])
};
