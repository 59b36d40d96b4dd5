
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Paddle Billing: https://developer.paddle.com/webhooks/signature-verification
 */


#include "payments_provider.h"


static const payments_field_t  payments_paddle_fields[] = {
    { "event_id", PAYMENTS_STRING, PAYMENTS_ROLE_ID },
    { "event_type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "occurred_at", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "data.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.custom_data.token", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "data.action", PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },
    { "data.currency_code", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "data.details.totals.grand_total",
      PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_AMOUNT }
};


static const payments_status_rule_t  payments_paddle_rules[] = {
    { "transaction.created", NULL, PAYMENTS_WAITING, 0 },
    { "transaction.ready", NULL, PAYMENTS_WAITING, 0 },
    { "transaction.past_due", NULL, PAYMENTS_WAITING, 0 },
    { "transaction.paid", NULL, PAYMENTS_CONFIRMED, 0 },
    { "transaction.completed", NULL, PAYMENTS_CONFIRMED, 0 },
    { "transaction.payment_failed", NULL, PAYMENTS_REJECTED, 0 },
    { "transaction.canceled", NULL, PAYMENTS_CANCELLED, 0 },
    { "adjustment.created", "chargeback", PAYMENTS_STATUS_NONE, 1 }
};


/* its libraries take 5 seconds, too few for clocks that differ */

static const payments_scheme_t  payments_paddle_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("paddle-signature") }
    },
    .grammar = PAYMENTS_PAIRS,
    .word = payments_string("h1"),
    .time_word = payments_string("ts"),
    .separator = ';',
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_TIME, 0, payments_string(":") },
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    },
    .tolerance = 300,
    .future = -1,
    .timed = 1
};


const payments_provider_t  payments_paddle = {
    .name = payments_string("paddle"),
    .type_prefix = payments_string("com.paddle."),
    .signed_by = payments_string("body"),
    .scheme = &payments_paddle_scheme,
    .fields = payments_paddle_fields,
    .nfields = sizeof(payments_paddle_fields)
               / sizeof(payments_paddle_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_paddle_rules,
    .nrules = sizeof(payments_paddle_rules) / sizeof(payments_paddle_rules[0])
};
