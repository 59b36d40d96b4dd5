
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Worldline Connect:
 * https://docs.connect.worldline-solutions.com/documentation/webhooks/
 */


#include "payments_provider.h"


static const payments_field_t  payments_worldline_fields[] = {
    { "id", PAYMENTS_STRING, PAYMENTS_ROLE_ID },
    { "type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "apiVersion", PAYMENTS_STRING, PAYMENTS_ROLE_API_VERSION },
    { "merchantId", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "created", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "payment.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "refund.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "payout.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "token.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "payment.paymentOutput.references.merchantReference",
      PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "refund.refundOutput.references.merchantReference",
      PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "payout.payoutOutput.references.merchantReference",
      PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "payment.paymentOutput.amountOfMoney.amount",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT },
    { "payment.paymentOutput.amountOfMoney.currencyCode",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "refund.refundOutput.amountOfMoney.amount",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT },
    { "refund.refundOutput.amountOfMoney.currencyCode",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "payout.payoutOutput.amountOfMoney.amount",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT },
    { "payout.payoutOutput.amountOfMoney.currencyCode",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY }
};


/*
 * What was asked for is not there yet: a capture may be rejected.  What is
 * refunded may be a part.
 */

static const payments_status_rule_t  payments_worldline_rules[] = {
    { "payment.created", NULL, PAYMENTS_WAITING, 0 },
    { "payment.redirected", NULL, PAYMENTS_WAITING, 0 },
    { "payment.pending_payment", NULL, PAYMENTS_WAITING, 0 },
    { "payment.pending_completion", NULL, PAYMENTS_WAITING, 0 },
    { "payment.authorization_requested", NULL, PAYMENTS_WAITING, 0 },
    { "payment.pending_fraud_approval", NULL, PAYMENTS_WAITING, 1 },
    { "payment.pending_approval", NULL, PAYMENTS_PREAUTH, 0 },
    { "payment.pending_capture", NULL, PAYMENTS_PREAUTH, 0 },
    { "payment.capture_requested", NULL, PAYMENTS_PREAUTH, 0 },
    { "payment.captured", NULL, PAYMENTS_CONFIRMED, 0 },
    { "payment.paid", NULL, PAYMENTS_CONFIRMED, 0 },
    { "payment.rejected", NULL, PAYMENTS_REJECTED, 0 },
    { "payment.rejected_capture", NULL, PAYMENTS_REJECTED, 0 },
    { "payment.cancelled", NULL, PAYMENTS_CANCELLED, 0 },
    { "payment.reversed", NULL, PAYMENTS_STATUS_NONE, 1 },
    { "payment.chargebacked", NULL, PAYMENTS_STATUS_NONE, 1 },
    { "payment.chargeback_notification", NULL, PAYMENTS_STATUS_NONE, 1 }
};


static const payments_scheme_t  payments_worldline_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("x-gcs-signature") },
        { PAYMENTS_SENT_KEY, payments_string("x-gcs-keyid") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_BASE64,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    }
};


const payments_provider_t  payments_worldline = {
    .name = payments_string("worldline"),
    .type_prefix = payments_string("com.worldline."),
    .signed_by = payments_string("body"),
    .scheme = &payments_worldline_scheme,
    .fields = payments_worldline_fields,
    .nfields = sizeof(payments_worldline_fields)
               / sizeof(payments_worldline_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_hundredths,
    .rules = payments_worldline_rules,
    .nrules = sizeof(payments_worldline_rules)
              / sizeof(payments_worldline_rules[0])
};
