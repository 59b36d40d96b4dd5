
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Checkout.com: https://www.checkout.com/docs/developer-resources/webhooks
 */


#include <string.h>

#include "payments_provider.h"


/* the first of the fields: what can still be refunded */
#define PAYMENTS_CHECKOUT_LEFT  0


static payments_rc_e payments_checkout_normalize(
    const payments_provider_t *provider, payments_event_t *event);
static unsigned payments_checkout_decimals(payments_str_t currency);


static const payments_field_t  payments_checkout_fields[] = {
    { "data.balances.available_to_refund",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_NONE },
    { "id", PAYMENTS_STRING, PAYMENTS_ROLE_ID },
    { "type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "created_on", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "data.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.reference", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "data.amount", PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT },
    { "data.currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "data.balances.total_captured",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_CAPTURED },
    { "data.balances.total_refunded",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_REFUNDED }
};


static const payments_status_rule_t  payments_checkout_rules[] = {
    { "payment_pending", NULL, PAYMENTS_WAITING, 0 },
    { "payment_approved", NULL, PAYMENTS_PREAUTH, 0 },
    { "payment_captured", NULL, PAYMENTS_CONFIRMED, 0 },
    { "payment_declined", NULL, PAYMENTS_REJECTED, 0 },
    { "payment_expired", NULL, PAYMENTS_REJECTED, 0 },
    { "payment_canceled", NULL, PAYMENTS_CANCELLED, 0 },
    { "payment_voided", NULL, PAYMENTS_CANCELLED, 0 },
    { "payment_returned", NULL, PAYMENTS_STATUS_NONE, 1 },
    { "dispute_received", NULL, PAYMENTS_STATUS_NONE, 1 },
    { "dispute_evidence_required", NULL, PAYMENTS_STATUS_NONE, 1 }
};


static const payments_scheme_t  payments_checkout_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("cko-signature") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    }
};


const payments_provider_t  payments_checkout = {
    .name = payments_string("checkout"),
    .type_prefix = payments_string("com.checkout."),
    .signed_by = payments_string("body"),
    .scheme = &payments_checkout_scheme,
    .fields = payments_checkout_fields,
    .nfields = sizeof(payments_checkout_fields)
               / sizeof(payments_checkout_fields[0]),
    .normalize = payments_checkout_normalize,
    .decimals = payments_checkout_decimals,
    .rules = payments_checkout_rules,
    .nrules = sizeof(payments_checkout_rules)
              / sizeof(payments_checkout_rules[0])
};


/* a refund may be a part of what was paid: then the rest is still paid */

static payments_rc_e
payments_checkout_normalize(const payments_provider_t *provider,
    payments_event_t *event)
{
    payments_rc_e            rc;
    const payments_value_t  *left;

    static const payments_str_t  refunded =
                                         payments_string("payment_refunded");

    rc = payments_normalize(provider, event);

    left = &event->values[PAYMENTS_CHECKOUT_LEFT];

    if (rc == PAYMENTS_OK
        && event->type.len == refunded.len
        && memcmp(event->type.data, refunded.data, refunded.len) == 0
        && left->type == PAYMENTS_INTEGER)
    {
        event->status = left->integer ? PAYMENTS_CONFIRMED
                                      : PAYMENTS_REFUNDED;
    }

    return rc;
}


/*
 * https://www.checkout.com/docs/payments/accept-payments/
 * format-the-amount-value: pesos and units of Uruguay have two there
 */

static unsigned
payments_checkout_decimals(payments_str_t currency)
{
    return payments_currency_in(currency, "clp uyi ")
           ? 2 : payments_iso_decimals(currency);
}
