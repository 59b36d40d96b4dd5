
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Lemon Squeezy: https://docs.lemonsqueezy.com/help/webhooks
 */


#include "payments_provider.h"


static const payments_field_t  payments_lemonsqueezy_fields[] = {
    { "meta.event_name", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "meta.test_mode", PAYMENTS_BOOLEAN, PAYMENTS_ROLE_TEST },
    { "meta.custom_data.token", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "data.id", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.attributes.store_id",
      PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "data.attributes.status", PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },
    { "data.attributes.currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "data.attributes.total", PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT },
    { "data.attributes.refunded_amount",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_REFUNDED },
    { "data.attributes.updated_at", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "data.attributes.created_at", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED }
};


static const payments_status_rule_t  payments_lemonsqueezy_rules[] = {
    { "subscription_payment_failed", NULL, PAYMENTS_REJECTED, 0 },
    { "order_*", "paid", PAYMENTS_CONFIRMED, 0 },
    { "order_*", "pending", PAYMENTS_WAITING, 0 },
    { "order_*", "failed", PAYMENTS_REJECTED, 0 },
    { "order_*", "refunded", PAYMENTS_REFUNDED, 0 },
    { "order_*", "partial_refund", PAYMENTS_CONFIRMED, 0 },
    { "order_*", "fraudulent", PAYMENTS_STATUS_NONE, 1 },
    { "subscription_payment_*", "paid", PAYMENTS_CONFIRMED, 0 },
    { "subscription_payment_*", "pending", PAYMENTS_WAITING, 0 },
    { "subscription_payment_*", "refunded", PAYMENTS_REFUNDED, 0 },
    { "subscription_payment_*", "partial_refund", PAYMENTS_CONFIRMED, 0 },
    { "subscription_payment_*", "void", PAYMENTS_CANCELLED, 0 }
};


/* nothing has an id: the body is sent again as it was, and stands for it */

static const payments_scheme_t  payments_lemonsqueezy_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("x-signature") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    },
    .shared = 1
};


const payments_provider_t  payments_lemonsqueezy = {
    .name = payments_string("lemonsqueezy"),
    .type_prefix = payments_string("com.lemonsqueezy."),
    .signed_by = payments_string("body"),
    .scheme = &payments_lemonsqueezy_scheme,
    .fields = payments_lemonsqueezy_fields,
    .nfields = sizeof(payments_lemonsqueezy_fields)
               / sizeof(payments_lemonsqueezy_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_lemonsqueezy_rules,
    .nrules = sizeof(payments_lemonsqueezy_rules)
              / sizeof(payments_lemonsqueezy_rules[0])
};
