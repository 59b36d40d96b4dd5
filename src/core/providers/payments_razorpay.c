
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Razorpay: https://razorpay.com/docs/webhooks/
 */


#include "payments_provider.h"


static const payments_field_t  payments_razorpay_fields[] = {
    { "event", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "account_id", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "created_at", PAYMENTS_INTEGER, PAYMENTS_ROLE_CREATED },
    { "payload.payment.entity.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "payload.order.entity.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "payload.payment_link.entity.id",
      PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "payload.refund.entity.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "payload.order.entity.receipt", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "payload.payment_link.entity.reference_id",
      PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "payload.payment.entity.notes.token",
      PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "payload.payment.entity.currency",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "payload.order.entity.currency",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "payload.payment_link.entity.currency",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "payload.payment.entity.amount",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT },
    { "payload.order.entity.amount", PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT },
    { "payload.payment_link.entity.amount",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT },
    { "payload.order.entity.amount_paid",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_CAPTURED },
    { "payload.payment.entity.amount_refunded",
      PAYMENTS_INTEGER, PAYMENTS_ROLE_REFUNDED },
    { "payload.payment.entity.refund_status",
      PAYMENTS_STRING, PAYMENTS_ROLE_STATUS }
};


static const payments_status_rule_t  payments_razorpay_rules[] = {
    { "payment.authorized", NULL, PAYMENTS_PREAUTH, 0 },
    { "payment.captured", NULL, PAYMENTS_CONFIRMED, 0 },
    { "payment.failed", NULL, PAYMENTS_REJECTED, 0 },
    { "order.paid", NULL, PAYMENTS_CONFIRMED, 0 },
    { "payment_link.paid", NULL, PAYMENTS_CONFIRMED, 0 },
    { "payment_link.cancelled", NULL, PAYMENTS_CANCELLED, 0 },
    { "payment_link.expired", NULL, PAYMENTS_REJECTED, 0 },
    { "refund.processed", "full", PAYMENTS_REFUNDED, 0 },
    { "refund.processed", "partial", PAYMENTS_CONFIRMED, 0 },
    { "payment.dispute.created", NULL, PAYMENTS_STATUS_NONE, 1 }
};


/* an event that is sent again has its id again, which nobody has signed */

static const payments_scheme_t  payments_razorpay_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("x-razorpay-signature") },
        { PAYMENTS_SENT_ID, payments_string("x-razorpay-event-id") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    }
};


const payments_provider_t  payments_razorpay = {
    .name = payments_string("razorpay"),
    .type_prefix = payments_string("com.razorpay."),
    .signed_by = payments_string("body"),
    .scheme = &payments_razorpay_scheme,
    .fields = payments_razorpay_fields,
    .nfields = sizeof(payments_razorpay_fields)
               / sizeof(payments_razorpay_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_razorpay_rules,
    .nrules = sizeof(payments_razorpay_rules)
              / sizeof(payments_razorpay_rules[0])
};
