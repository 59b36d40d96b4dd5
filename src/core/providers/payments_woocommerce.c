
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * WooCommerce: https://developer.woocommerce.com/docs/best-practices/
 * urls-and-routing/webhooks/, and its includes/class-wc-webhook.php
 */


#include "payments_provider.h"


#define WOOCOMMERCE_DATE_PAID  0


static payments_rc_e payments_woocommerce_normalize(
    const payments_provider_t *provider, payments_event_t *event);


static const payments_field_t  payments_woocommerce_fields[] = {
    [WOOCOMMERCE_DATE_PAID] = { "date_paid", PAYMENTS_STRING, 0 },
    { "id", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "number", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "status", PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },
    { "currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "total", PAYMENTS_STRING, PAYMENTS_ROLE_DECIMAL }
};


static const payments_status_rule_t  payments_woocommerce_rules[] = {
    { "order.*", "pending", PAYMENTS_WAITING, 0 },
    { "order.*", "on-hold", PAYMENTS_WAITING, 0 },
    { "order.*", "processing", PAYMENTS_CONFIRMED, 0 },
    { "order.*", "completed", PAYMENTS_CONFIRMED, 0 },
    { "order.*", "failed", PAYMENTS_REJECTED, 0 },
    { "order.*", "cancelled", PAYMENTS_CANCELLED, 0 },
    { "order.*", "refunded", PAYMENTS_REFUNDED, 0 }
};


/*
 * Its delivery's id is made of the second, and so is that of two orders in
 * one: the body stands for an event.  Its times have no zone.
 */

static const payments_scheme_t  payments_woocommerce_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE,
          payments_string("x-wc-webhook-signature") },
        { PAYMENTS_SENT_TYPE, payments_string("x-wc-webhook-topic") },
        { PAYMENTS_SENT_ACCOUNT, payments_string("x-wc-webhook-source") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_BASE64,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    }
};


const payments_provider_t  payments_woocommerce = {
    .name = payments_string("woocommerce"),
    .type_prefix = payments_string("com.woocommerce."),
    .signed_by = payments_string("body"),
    .scheme = &payments_woocommerce_scheme,
    .fields = payments_woocommerce_fields,
    .nfields = sizeof(payments_woocommerce_fields)
               / sizeof(payments_woocommerce_fields[0]),
    .normalize = payments_woocommerce_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_woocommerce_rules,
    .nrules = sizeof(payments_woocommerce_rules)
              / sizeof(payments_woocommerce_rules[0])
};


/* an order that is paid on delivery is processed before anybody has paid */

static payments_rc_e
payments_woocommerce_normalize(const payments_provider_t *provider,
    payments_event_t *event)
{
    payments_rc_e  rc;

    rc = payments_normalize(provider, event);

    if (event->status == PAYMENTS_CONFIRMED
        && event->values[WOOCOMMERCE_DATE_PAID].string.len == 0)
    {
        event->status = PAYMENTS_WAITING;
    }

    return rc;
}
