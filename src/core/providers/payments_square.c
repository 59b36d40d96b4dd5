
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Square: https://developer.squareup.com/docs/webhooks/step3validate
 */


#include "payments_provider.h"


static const payments_field_t  payments_square_fields[] = {
    { "event_id", PAYMENTS_STRING, PAYMENTS_ROLE_ID },
    { "type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "merchant_id", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "created_at", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "data.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.object.payment.reference_id",
      PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "data.object.payment.status", PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },
    { "data.object.payment.amount_money.currency",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "data.object.payment.amount_money.amount",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT },
    { "data.object.payment.refunded_money.amount",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_REFUNDED }
};


static const payments_status_rule_t  payments_square_rules[] = {
    { "payment.*", "PENDING", PAYMENTS_WAITING, 0 },
    { "payment.*", "APPROVED", PAYMENTS_PREAUTH, 0 },
    { "payment.*", "COMPLETED", PAYMENTS_CONFIRMED, 0 },
    { "payment.*", "CANCELED", PAYMENTS_CANCELLED, 0 },
    { "payment.*", "FAILED", PAYMENTS_REJECTED, 0 },
    { "dispute.created", NULL, PAYMENTS_STATUS_NONE, 1 }
};


static const payments_scheme_t  payments_square_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE,
          payments_string("x-square-hmacsha256-signature") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_BASE64,
    .parts = {
        { PAYMENTS_PART_SENT, PAYMENTS_SENT_URL, payments_string("") },
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    }
};


const payments_provider_t  payments_square = {
    .name = payments_string("square"),
    .type_prefix = payments_string("com.squareup."),
    .signed_by = payments_string("body"),
    .scheme = &payments_square_scheme,
    .fields = payments_square_fields,
    .nfields = sizeof(payments_square_fields)
               / sizeof(payments_square_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_square_rules,
    .nrules = sizeof(payments_square_rules) / sizeof(payments_square_rules[0])
};
