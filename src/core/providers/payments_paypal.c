
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * PayPal: https://developer.paypal.com/api/rest/webhooks/rest/
 */


#include <string.h>

#include "payments_provider.h"


static int payments_paypal_skip(payments_str_t *url, const char *text);


static const payments_field_t  payments_paypal_fields[] = {
    { "id", PAYMENTS_STRING, PAYMENTS_ROLE_ID },
    { "event_type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "event_version", PAYMENTS_STRING, PAYMENTS_ROLE_API_VERSION },
    { "create_time", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "resource.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "resource.dispute_id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "resource.order_id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },

    /* of the API's version 2, and of version 1 */
    { "resource.custom_id", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "resource.invoice_id", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "resource.custom", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "resource.invoice_number", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },

    { "resource.amount.value", PAYMENTS_STRING, PAYMENTS_ROLE_DECIMAL },
    { "resource.amount.currency_code",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "resource.amount.total", PAYMENTS_STRING, PAYMENTS_ROLE_DECIMAL },
    { "resource.amount.currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "resource.gross_amount.value",
      PAYMENTS_STRING, PAYMENTS_ROLE_DECIMAL },
    { "resource.gross_amount.currency_code",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "resource.dispute_amount.value",
      PAYMENTS_STRING, PAYMENTS_ROLE_DECIMAL },
    { "resource.dispute_amount.currency_code",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY }
};


/*
 * An order that the buyer has approved is one that nobody has paid yet, and a
 * refund does not say whether it is the whole payment
 */

static const payments_status_rule_t  payments_paypal_rules[] = {
    { "CHECKOUT.ORDER.APPROVED", NULL, PAYMENTS_WAITING, 0 },
    { "CHECKOUT.ORDER.VOIDED", NULL, PAYMENTS_CANCELLED, 0 },
    { "CHECKOUT.PAYMENT-APPROVAL.REVERSED", NULL, PAYMENTS_CANCELLED, 0 },
    { "PAYMENT.AUTHORIZATION.CREATED", NULL, PAYMENTS_PREAUTH, 0 },
    { "PAYMENT.AUTHORIZATION.VOIDED", NULL, PAYMENTS_CANCELLED, 0 },
    { "PAYMENT.CAPTURE.COMPLETED", NULL, PAYMENTS_CONFIRMED, 0 },
    { "PAYMENT.CAPTURE.PENDING", NULL, PAYMENTS_WAITING, 0 },
    { "PAYMENT.CAPTURE.DENIED", NULL, PAYMENTS_REJECTED, 0 },
    { "PAYMENT.CAPTURE.DECLINED", NULL, PAYMENTS_REJECTED, 0 },
    { "PAYMENT.CAPTURE.REVERSED", NULL, PAYMENTS_REFUNDED, 0 },
    { "PAYMENT.SALE.COMPLETED", NULL, PAYMENTS_CONFIRMED, 0 },
    { "PAYMENT.SALE.PENDING", NULL, PAYMENTS_WAITING, 0 },
    { "PAYMENT.SALE.DENIED", NULL, PAYMENTS_REJECTED, 0 },
    { "PAYMENT.SALE.REVERSED", NULL, PAYMENTS_REFUNDED, 0 },
    { "CUSTOMER.DISPUTE.CREATED", NULL, PAYMENTS_STATUS_NONE, 1 }
};


/*
 * The event's own id is in the body; that of a delivery is signed, and so is
 * the body, but by no more than its CRC-32
 */

static const payments_scheme_t  payments_paypal_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE,
          payments_string("paypal-transmission-sig") },
        { PAYMENTS_SENT_TIME, payments_string("paypal-transmission-time") },
        { PAYMENTS_SENT_DELIVERY,
          payments_string("paypal-transmission-id") },
        { PAYMENTS_SENT_CERT, payments_string("paypal-cert-url") },
        { PAYMENTS_SENT_ALGORITHM, payments_string("paypal-auth-algo") }
    },
    .grammar = PAYMENTS_BARE,
    .word = payments_string("SHA256withRSA"),
    .encoding = PAYMENTS_BASE64,
    .parts = {
        { PAYMENTS_PART_SENT, PAYMENTS_SENT_DELIVERY, payments_string("|") },
        { PAYMENTS_PART_TIME, 0, payments_string("|") },
        { PAYMENTS_PART_SENT, PAYMENTS_SENT_WEBHOOK, payments_string("|") },
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    },
    .tolerance = -1,
    .future = -1,
    .timed = 1,
    .certified = 1
};


const payments_provider_t  payments_paypal = {
    .name = payments_string("paypal"),
    .type_prefix = payments_string("com.paypal."),
    .signed_by = payments_string("body"),
    .scheme = &payments_paypal_scheme,
    .fields = payments_paypal_fields,
    .nfields = sizeof(payments_paypal_fields)
               / sizeof(payments_paypal_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_paypal_rules,
    .nrules = sizeof(payments_paypal_rules) / sizeof(payments_paypal_rules[0])
};


int
payments_paypal_url(payments_str_t url, payments_str_t *name, int *live)
{
    size_t         i;
    unsigned char  c;

    if (!payments_paypal_skip(&url, "https://api")) {
        return 0;
    }

    (void) payments_paypal_skip(&url, "-m");

    *live = !payments_paypal_skip(&url, ".sandbox");

    if (!payments_paypal_skip(&url, ".paypal.com/v1/notifications/certs/")
        || url.len == 0 || url.len > PAYMENTS_PAYPAL_NAME)
    {
        return 0;
    }

    /* no dot: neither "..", nor a port or a query, nor a word of a shell's */

    for (i = 0; i < url.len; i++) {
        c = url.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z') || c == '_' || (c == '-' && i != 0)))
        {
            return 0;
        }
    }

    *name = url;

    return 1;
}


static int
payments_paypal_skip(payments_str_t *url, const char *text)
{
    size_t  len;

    len = strlen(text);

    if (url->len < len || memcmp(url->data, text, len) != 0) {
        return 0;
    }

    url->data += len;
    url->len -= len;

    return 1;
}
