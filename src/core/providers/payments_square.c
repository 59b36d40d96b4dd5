
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Square: https://developer.squareup.com/docs/webhooks/step3validate
 */


#include "payments_provider.h"


/* the first fields: what was to be paid, with a tip, and was given back */
#define PAYMENTS_SQUARE_TOTAL     0
#define PAYMENTS_SQUARE_REFUNDED  1


static payments_rc_e payments_square_normalize(
    const payments_provider_t *provider, payments_event_t *event);


static const payments_field_t  payments_square_fields[] = {
    { "data.object.payment.total_money.amount",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_NONE },
    { "data.object.payment.refunded_money.amount",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_REFUNDED },
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
      PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT }
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
    .normalize = payments_square_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_square_rules,
    .nrules = sizeof(payments_square_rules) / sizeof(payments_square_rules[0])
};


/* a payment stays completed when it is refunded, wholly or not */

static payments_rc_e
payments_square_normalize(const payments_provider_t *provider,
    payments_event_t *event)
{
    payments_rc_e            rc;
    const payments_value_t  *total, *refunded;

    rc = payments_normalize(provider, event);

    total = &event->values[PAYMENTS_SQUARE_TOTAL];
    refunded = &event->values[PAYMENTS_SQUARE_REFUNDED];

    if (event->status != PAYMENTS_CONFIRMED
        || refunded->type != PAYMENTS_INTEGER || refunded->integer <= 0)
    {
        return rc;
    }

    if (total->type != PAYMENTS_INTEGER) {
        event->status = PAYMENTS_STATUS_NONE;

    } else if (refunded->integer >= total->integer) {
        event->status = PAYMENTS_REFUNDED;
    }

    return rc;
}
