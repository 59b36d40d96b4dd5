
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * PayU, of its REST API (OpenPayU):
 * https://developers.payu.com/europe/docs/webhooks/
 */


#include "payments_provider.h"


/* the first of the fields: which of the two it is about */
#define PAYMENTS_PAYU_ORDER   0
#define PAYMENTS_PAYU_REFUND  1


static payments_rc_e payments_payu_normalize(
    const payments_provider_t *provider, payments_event_t *event);


static const payments_field_t  payments_payu_fields[] = {
    { "order.orderId", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "refund.refundId", PAYMENTS_INTEGER|PAYMENTS_STRING,
      PAYMENTS_ROLE_NONE },
    { "orderId", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "order.extOrderId", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "extOrderId", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "order.merchantPosId",
      PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "order.status", PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },
    { "order.currencyCode", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "refund.currencyCode", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "order.totalAmount",
      PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_AMOUNT },
    { "refund.amount",
      PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_AMOUNT },
    { "order.orderCreateDate", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "refund.refundDate", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED }
};


/* a refund may be a part, and does not say what is left */

static const payments_status_rule_t  payments_payu_rules[] = {
    { "order", "NEW", PAYMENTS_WAITING, 0 },
    { "order", "PENDING", PAYMENTS_WAITING, 0 },
    { "order", "WAITING_FOR_CONFIRMATION", PAYMENTS_PREAUTH, 0 },
    { "order", "COMPLETED", PAYMENTS_CONFIRMED, 0 },
    { "order", "CANCELED", PAYMENTS_CANCELLED, 0 }
};


/* MD5 and SHA-1 are known as well, and have to be allowed */

static const payments_scheme_t  payments_payu_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("openpayu-signature") },
        { PAYMENTS_SENT_SIGNATURE, payments_string("x-openpayu-signature") }
    },
    .grammar = PAYMENTS_PAIRS,
    .word = payments_string("signature"),
    .separator = ';',
    .trailing = 1,
    .digest_word = payments_string("algorithm"),
    .digests = 1 << PAYMENTS_PLAIN_SHA256 | 1 << PAYMENTS_PLAIN_SHA384
               | 1 << PAYMENTS_PLAIN_SHA512,
    .algorithm = PAYMENTS_PLAIN_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") },
        { PAYMENTS_PART_SECRET, 0, payments_string("") }
    }
};


const payments_provider_t  payments_payu = {
    .name = payments_string("payu"),
    .type_prefix = payments_string("com.payu."),
    .signed_by = payments_string("body"),
    .scheme = &payments_payu_scheme,
    .fields = payments_payu_fields,
    .nfields = sizeof(payments_payu_fields) / sizeof(payments_payu_fields[0]),
    .normalize = payments_payu_normalize,
    .decimals = payments_iso_decimals,
    .untyped = payments_string("notification"),
    .rules = payments_payu_rules,
    .nrules = sizeof(payments_payu_rules) / sizeof(payments_payu_rules[0])
};


/* nothing has a type, and what it is about stands for it */

static payments_rc_e
payments_payu_normalize(const payments_provider_t *provider,
    payments_event_t *event)
{
    static const payments_str_t  order = payments_string("order");
    static const payments_str_t  refund = payments_string("refund");

    if (event->values[PAYMENTS_PAYU_REFUND].type != PAYMENTS_NULL) {
        event->scratch->sent_type = refund;

    } else if (event->values[PAYMENTS_PAYU_ORDER].type != PAYMENTS_NULL) {
        event->scratch->sent_type = order;
    }

    return payments_normalize(provider, event);
}
