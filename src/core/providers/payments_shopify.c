
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Shopify: https://shopify.dev/docs/apps/build/webhooks
 */


#include "payments_provider.h"


static const payments_field_t  payments_shopify_fields[] = {
    { "id", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "name", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "test", PAYMENTS_BOOLEAN, PAYMENTS_ROLE_TEST },
    { "financial_status", PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },
    { "currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "total_price", PAYMENTS_STRING, PAYMENTS_ROLE_DECIMAL },
    { "updated_at", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "created_at", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED }
};


static const payments_status_rule_t  payments_shopify_rules[] = {
    { "orders/cancelled", "pending", PAYMENTS_CANCELLED, 0 },
    { "orders/cancelled", "authorized", PAYMENTS_CANCELLED, 0 },
    { "orders/*", "pending", PAYMENTS_WAITING, 0 },
    { "orders/*", "authorized", PAYMENTS_PREAUTH, 0 },
    { "orders/*", "partially_paid", PAYMENTS_WAITING, 0 },
    { "orders/*", "paid", PAYMENTS_CONFIRMED, 0 },
    { "orders/*", "partially_refunded", PAYMENTS_CONFIRMED, 0 },
    { "orders/*", "refunded", PAYMENTS_REFUNDED, 0 },
    { "orders/*", "voided", PAYMENTS_CANCELLED, 0 },
    { "orders/*", "expired", PAYMENTS_REJECTED, 0 }
};


/*
 * The webhook's id stays when it is sent again; the event's may be that of
 * several topics.  Nobody has signed the headers.
 */

static const payments_scheme_t  payments_shopify_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("x-shopify-hmac-sha256") },
        { PAYMENTS_SENT_ID, payments_string("x-shopify-webhook-id") },
        { PAYMENTS_SENT_TYPE, payments_string("x-shopify-topic") },
        { PAYMENTS_SENT_ACCOUNT, payments_string("x-shopify-shop-domain") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_BASE64,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    }
};


const payments_provider_t  payments_shopify = {
    .name = payments_string("shopify"),
    .type_prefix = payments_string("com.shopify."),
    .signed_by = payments_string("body"),
    .scheme = &payments_shopify_scheme,
    .fields = payments_shopify_fields,
    .nfields = sizeof(payments_shopify_fields)
               / sizeof(payments_shopify_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_shopify_rules,
    .nrules = sizeof(payments_shopify_rules)
              / sizeof(payments_shopify_rules[0])
};
