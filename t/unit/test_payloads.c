
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the gateways that are tables make of their events; the bodies have the
 * form, and the words, of their pages.
 */


#include "payments_provider.h"
#include "payments_text.h"
#include "unit.h"


#define NONE  INT64_MIN

/* printf '{"event":"a"}' | sha256sum */
#define DIGEST  "807703e0d5637b7e10ad781b20b1045b"                            \
                "cc13eaccda7039261971145d1b1a8502"


typedef struct {
    const payments_provider_t  *provider;
    const char                 *body;
    const char                 *sent_id;   /* of headers, or NULL */
    const char                 *sent_type;

    const char                 *id;        /* NULL: the body's digest */
    const char                 *type;
    const char                 *object_id;
    const char                 *token;
    const char                 *status;    /* NULL: none */
    int64_t                     amount;
    const char                 *currency;
} payload_t;


static payments_schema_t   schema;
static payments_event_t    event;
static payments_scratch_t  scratch;


#define ADYEN(code, success)                                                  \
    "{\"pspReference\":\"P1\",\"originalReference\":\"\",\"eventCode\":\"" \
    code "\",\"success\":\"" success "\",\"merchantReference\":\"tok\","     \
    "\"merchantAccountCode\":\"Shop\",\"amount\":{\"value\":1130,"           \
    "\"currency\":\"EUR\"},\"type\":\"x\",\"eventId\":\"x\"}"

#define GOCARDLESS(resource, action)                                          \
    "{\"id\":\"EV1\",\"created_at\":\"2018-07-05T09:13:51.404Z\","          \
    "\"resource_type\":\"" resource "\",\"action\":\"" action "\",\"links\":" \
    "{\"payout\":\"PO1\",\"payment\":\"PM1\",\"refund\":\"RF1\","           \
    "\"organisation\":\"OR1\"},\"metadata\":{\"token\":\"tok\"}}"

#define CHECKOUT(type, left, currency)                                        \
    "{\"id\":\"evt_1\",\"type\":\"" type "\",\"created_on\":"                 \
    "\"2023-03-03T08:18:57.8376703Z\",\"data\":{\"id\":\"pay_1\","            \
    "\"reference\":\"tok\",\"amount\":12000,\"currency\":\"" currency "\","   \
    "\"balances\":{\"total_captured\":12000,\"total_refunded\":700,"          \
    "\"available_to_refund\":" left "}}}"

#define COINBASE(type)                                                        \
    "{\"id\":\"delivery\",\"event\":{\"id\":\"ev_1\",\"type\":\"" type "\","  \
    "\"created_at\":\"2018-01-01T00:00:00Z\",\"data\":{\"id\":\"ch_1\","      \
    "\"code\":\"66BEOV2A\",\"metadata\":{\"token\":\"tok\"},\"pricing\":"     \
    "{\"local\":{\"amount\":\"100.5\",\"currency\":\"EUR\"}}}}}"

#define LEMON(name, status)                                                   \
    "{\"meta\":{\"event_name\":\"" name "\",\"test_mode\":true,"              \
    "\"custom_data\":{\"token\":\"tok\"}},\"data\":{\"id\":\"17\","           \
    "\"attributes\":{\"store_id\":3,\"status\":\"" status "\","               \
    "\"total\":1999,\"currency\":\"USD\"}}}"

#define MERCADO(id)                                                           \
    "{\"id\":12345,\"live_mode\":true,\"type\":\"payment\","                  \
    "\"date_created\":\"2018-01-01T00:00:00.000-00:00\",\"user_id\":44444,"   \
    "\"api_version\":\"v1\",\"action\":\"payment.created\",\"data\":"         \
    "{\"id\":" id "}}"

#define MOLLIE(type)                                                          \
    "{\"id\":\"whe_1\",\"type\":\"" type "\",\"entityId\":\"pl_1\","          \
    "\"_embedded\":{\"entity\":{\"mode\":\"live\",\"metadata\":"              \
    "{\"token\":\"tok\"},\"amount\":{\"value\":\"12.34\",\"currency\":"       \
    "\"EUR\"}}}}"

#define PADDLE(type, amount)                                                  \
    "{\"event_id\":\"evt_1\",\"event_type\":\"" type "\",\"data\":{\"id\":"   \
    "\"txn_1\",\"custom_data\":{\"token\":\"tok\"},\"currency_code\":"        \
    "\"USD\",\"details\":{\"totals\":{\"grand_total\":" amount "}}}}"

#define PAYPAL(type)                                                          \
    "{\"id\":\"WH-1\",\"create_time\":\"2018-04-16T21:21:49.000Z\","          \
    "\"event_type\":\"" type "\",\"resource\":{\"id\":\"5O19\","              \
    "\"amount\":{\"currency_code\":\"USD\",\"value\":\"100.5\"},"            \
    "\"custom_id\":\"tok\",\"invoice_id\":\"inv\"}}"

#define PAYPAL_OLD(type)                                                      \
    "{\"id\":\"WH-2\",\"event_version\":\"1.0\",\"event_type\":"              \
    "\"" type "\",\"resource\":{\"id\":\"8002\",\"amount\":{\"total\":"    \
    "\"0.48\",\"currency\":\"USD\"},\"invoice_number\":\"tok\"}}"

#define PAYPAL_DISPUTE                                                        \
    "{\"id\":\"WH-3\",\"event_type\":\"CUSTOMER.DISPUTE.CREATED\","          \
    "\"resource\":{\"dispute_id\":\"PP-1\",\"dispute_amount\":"             \
    "{\"currency_code\":\"JPY\",\"value\":\"300\"}}}"

#define PAYSTACK(type)                                                        \
    "{\"event\":\"" type "\",\"data\":{\"id\":302961,\"domain\":\"live\","    \
    "\"reference\":\"tok\",\"amount\":10000,\"currency\":\"NGN\"}}"

#define PAYU(status)                                                          \
    "{\"order\":{\"orderId\":\"o1\",\"extOrderId\":\"tok\","                  \
    "\"orderCreateDate\":\"2022-04-09T11:20:59.521+02:00\","                \
    "\"merchantPosId\":\"300746\",\"currencyCode\":\"PLN\","                \
    "\"totalAmount\":\"1000\",\"status\":\"" status "\"},"                  \
    "\"localReceiptDateTime\":\"2022-04-09T11:20:59.521+02:00\"}"

#define RAZORPAY(type, refund)                                                \
    "{\"event\":\"" type "\",\"account_id\":\"acc_1\",\"created_at\":5,"      \
    "\"payload\":{\"payment\":{\"entity\":{\"id\":\"pay_1\",\"amount\":"      \
    "50000,\"currency\":\"INR\",\"refund_status\":" refund ",\"notes\":[]}}," \
    "\"order\":{\"entity\":{\"id\":\"order_1\",\"receipt\":\"tok\"}}}}"

#define SHOPIFY(status, total, currency)                                      \
    "{\"id\":820982911946154508,\"name\":\"#9999\",\"financial_status\":"     \
    "\"" status "\",\"total_price\":" total ",\"currency\":\"" currency       \
    "\",\"test\":true}"

#define SQUARE(type, status)                                                  \
    "{\"merchant_id\":\"M\",\"type\":\"" type "\",\"event_id\":\"e1\","       \
    "\"data\":{\"id\":\"p1\",\"object\":{\"payment\":{\"status\":\""          \
    status "\",\"reference_id\":\"tok\",\"amount_money\":{\"amount\":1000,"   \
    "\"currency\":\"JPY\"}}}}}"

#define SQUARE_REFUND(status, total, refunded)                                \
    "{\"merchant_id\":\"M\",\"type\":\"payment.updated\",\"event_id\":"     \
    "\"e1\",\"data\":{\"id\":\"p1\",\"object\":{\"payment\":{\"status\":"   \
    "\"" status "\",\"reference_id\":\"tok\",\"amount_money\":{\"amount\":"   \
    "1000,\"currency\":\"JPY\"},\"total_money\":{\"amount\":" total "},"    \
    "\"refunded_money\":{\"amount\":" refunded "}}}}}"

#define FLUTTERWAVE(type, status, amount)                                     \
    "{\"event\":\"" type "\",\"data\":{\"id\":285959875,\"tx_ref\":\"tok\","  \
    "\"status\":\"" status "\",\"amount\":" amount ",\"currency\":\"NGN\"}}"

#define XENDIT(type, status)                                                  \
    "{\"event\":\"" type "\",\"business_id\":\"b1\",\"created\":"             \
    "\"2021-12-02T14:52:21.566Z\",\"data\":{\"payment_id\":\"py-1\","         \
    "\"payment_request_id\":\"pr-1\",\"status\":\"" status "\","              \
    "\"reference_id\":\"tok\",\"request_amount\":10.5,\"currency\":"          \
    "\"IDR\"}}"

#define XENDIT_INVOICE(status)                                                \
    "{\"id\":\"inv_1\",\"external_id\":\"tok\",\"user_id\":\"b1\","           \
    "\"status\":\"" status "\",\"amount\":8.5,\"currency\":\"IDR\"}"

#define WOO_TIME  "\"2017-03-22T16:28:08\""

#define WOO(status, paid)                                                     \
    "{\"id\":727,\"number\":\"727\",\"status\":\"" status "\","               \
    "\"currency\":\"USD\",\"total\":\"29.35\",\"date_paid\":" paid "}"

#define CHECKOUT_IS(type, left, status)                                       \
    { &payments_checkout, CHECKOUT(type, left, "EUR"), NULL, NULL, "evt_1",   \
      type, "pay_1", "tok", status, 12000, "EUR" }
#define WORLDLINE(type, object)                                               \
    "{\"apiVersion\":\"v1\",\"id\":\"e1\",\"created\":"                       \
    "\"2017-02-02T11:24:14.040+0100\",\"merchantId\":\"20000\",\"type\":"     \
    "\"" type "\",\"" object "\":{\"id\":\"p1\",\"" object "Output\":"        \
    "{\"amountOfMoney\":{\"amount\":1000,\"currencyCode\":\"EUR\"},"          \
    "\"references\":{\"merchantReference\":\"tok\"}}}}"

#define ADYEN_IS(code, success, status)                                       \
    { &payments_adyen, ADYEN(code, success), NULL, NULL,                      \
      "P1:" code ":" success, code, "P1", "tok", status, 1130, "EUR" }
#define GOCARDLESS_IS(resource, action, object, status)                       \
    { &payments_gocardless, GOCARDLESS(resource, action), NULL, NULL, "EV1",  \
      resource "." action, object, "tok", status, NONE, "" }
#define COINBASE_IS(type, status)                                             \
    { &payments_coinbase, COINBASE(type), NULL, NULL, "ev_1", type, "ch_1",   \
      "tok", status, 10050, "EUR" }
#define LEMON_IS(name, word, status)                                          \
    { &payments_lemonsqueezy, LEMON(name, word), NULL, NULL, NULL, name,      \
      "17", "tok", status, 1999, "USD" }
#define MOLLIE_IS(type, status)                                               \
    { &payments_mollie, MOLLIE(type), NULL, NULL, "whe_1", type, "pl_1",      \
      "tok", status, 1234, "EUR" }
#define PADDLE_IS(type, status)                                               \
    { &payments_paddle, PADDLE(type, "\"1234\""), NULL, NULL, "evt_1", type,  \
      "txn_1", "tok", status, 1234, "USD" }
#define PAYPAL_IS(type, status)                                               \
    { &payments_paypal, PAYPAL(type), NULL, NULL, "WH-1", type, "5O19",       \
      "tok", status, 10050, "USD" }
#define PAYPAL_OLD_IS(type, status)                                           \
    { &payments_paypal, PAYPAL_OLD(type), NULL, NULL, "WH-2", type, "8002",   \
      "tok", status, 48, "USD" }
#define PAYSTACK_IS(type, status)                                             \
    { &payments_paystack, PAYSTACK(type), NULL, NULL, NULL, type, "302961",   \
      "tok", status, 10000, "NGN" }
#define PAYU_IS(word, status)                                                 \
    { &payments_payu, PAYU(word), NULL, NULL, NULL, "order", "o1", "tok",     \
      status, 1000, "PLN" }
#define RAZORPAY_IS(type, refund, status)                                     \
    { &payments_razorpay, RAZORPAY(type, refund), "id", NULL, "id", type,     \
      "pay_1", "tok", status, 50000, "INR" }
#define SHOPIFY_IS(topic, word, status)                                       \
    { &payments_shopify, SHOPIFY(word, "\"254.98\"", "USD"), "w", topic, "w", \
      topic, "820982911946154508", "#9999", status, 25498, "USD" }
#define AMOUNT_IS(total, currency, amount)                                    \
    { &payments_shopify, SHOPIFY("paid", total, currency), "w",               \
      "orders/paid", "w", "orders/paid", "820982911946154508", "#9999",       \
      "confirmed", amount, currency }
#define SQUARE_IS(type, word, status)                                         \
    { &payments_square, SQUARE(type, word), NULL, NULL, "e1", type, "p1",     \
      "tok", status, 1000, "JPY" }
#define SQUARE_REFUND_IS(word, total, refunded, status)                       \
    { &payments_square, SQUARE_REFUND(word, total, refunded), NULL, NULL,     \
      "e1", "payment.updated", "p1", "tok", status, 1000, "JPY" }
#define FLUTTERWAVE_IS(type, word, amount, status)                            \
    { &payments_flutterwave, FLUTTERWAVE(type, word, amount), NULL,           \
      NULL, NULL, type, "285959875", "tok", status, NONE, "NGN" }
#define XENDIT_IS(type, word, status)                                         \
    { &payments_xendit, XENDIT(type, word), "w", NULL, "w", type, "py-1",     \
      "tok", status, NONE, "IDR" }
#define INVOICE_IS(word, status)                                              \
    { &payments_xendit, XENDIT_INVOICE(word), NULL, NULL, NULL, "callback",   \
      "inv_1", "tok", status, NONE, "IDR" }
#define WOO_IS(topic, word, paid, status)                                     \
    { &payments_woocommerce, WOO(word, paid), NULL, topic, NULL, topic,       \
      "727", "727", status, 2935, "USD" }
#define WORLDLINE_IS(type, object, status)                                    \
    { &payments_worldline, WORLDLINE(type, object), NULL, NULL, "e1", type,   \
      "p1", "tok", status, 1000, "EUR" }


static const payload_t  payloads[] = {
    ADYEN_IS("PENDING", "true", "waiting"),
    ADYEN_IS("AUTHORISATION", "true", "confirmed"),
    ADYEN_IS("AUTHORISATION", "false", "rejected"),
    ADYEN_IS("CAPTURE", "true", "confirmed"),
    ADYEN_IS("CAPTURE", "false", "error"),
    ADYEN_IS("CAPTURE_FAILED", "true", "error"),
    ADYEN_IS("CANCELLATION", "true", "cancelled"),
    ADYEN_IS("CANCELLATION", "false", NULL),
    ADYEN_IS("TECHNICAL_CANCEL", "true", "cancelled"),
    ADYEN_IS("OFFER_CLOSED", "true", "rejected"),
    ADYEN_IS("CANCEL_OR_REFUND", "true", NULL),
    ADYEN_IS("REFUND", "true", NULL),
    ADYEN_IS("CHARGEBACK", "true", NULL),
    ADYEN_IS("AUTHORISATION", "TRUE", NULL),

    GOCARDLESS_IS("payments", "created", "PM1", "waiting"),
    GOCARDLESS_IS("payments", "customer_approval_granted", "PM1", "waiting"),
    GOCARDLESS_IS("payments", "submitted", "PM1", "waiting"),
    GOCARDLESS_IS("payments", "resubmission_requested", "PM1", "waiting"),
    GOCARDLESS_IS("payments", "confirmed", "PM1", "confirmed"),
    GOCARDLESS_IS("payments", "paid_out", "PM1", "confirmed"),
    GOCARDLESS_IS("payments", "failed", "PM1", "rejected"),
    GOCARDLESS_IS("payments", "customer_approval_denied", "PM1", "rejected"),
    GOCARDLESS_IS("payments", "cancelled", "PM1", "cancelled"),
    GOCARDLESS_IS("payments", "charged_back", "PM1", NULL),
    GOCARDLESS_IS("payouts", "paid", "PO1", NULL),
    GOCARDLESS_IS("refunds", "paid", "RF1", NULL),
    GOCARDLESS_IS("organisations", "x", "OR1", NULL),
    GOCARDLESS_IS("mandates", "created", "", NULL),
    GOCARDLESS_IS("payment", "confirmed", "", NULL),

    CHECKOUT_IS("payment_pending", "0", "waiting"),
    CHECKOUT_IS("payment_approved", "0", "preauth"),
    CHECKOUT_IS("payment_captured", "12000", "confirmed"),
    CHECKOUT_IS("payment_captured", "0", "confirmed"),
    CHECKOUT_IS("payment_refunded", "11300", "confirmed"),
    CHECKOUT_IS("payment_refunded", "0", "refunded"),
    CHECKOUT_IS("payment_refunded", "null", NULL),
    CHECKOUT_IS("payment_returned", "null", NULL),
    CHECKOUT_IS("payment_declined", "0", "rejected"),
    CHECKOUT_IS("payment_expired", "0", "rejected"),
    CHECKOUT_IS("payment_canceled", "0", "cancelled"),
    CHECKOUT_IS("payment_voided", "0", "cancelled"),
    CHECKOUT_IS("payment_capture_declined", "0", NULL),

    COINBASE_IS("charge:created", "waiting"),
    COINBASE_IS("charge:pending", "waiting"),
    COINBASE_IS("charge:confirmed", "confirmed"),
    COINBASE_IS("charge:resolved", NULL),
    COINBASE_IS("charge:failed", "rejected"),
    COINBASE_IS("charge:delayed", NULL),
    COINBASE_IS("charge:confirmed2", NULL),

    LEMON_IS("order_created", "paid", "confirmed"),
    LEMON_IS("order_created", "pending", "waiting"),
    LEMON_IS("order_created", "failed", "rejected"),
    LEMON_IS("order_refunded", "refunded", "refunded"),
    LEMON_IS("order_refunded", "partial_refund", "confirmed"),
    LEMON_IS("order_created", "fraudulent", NULL),
    LEMON_IS("subscription_payment_success", "paid", "confirmed"),
    LEMON_IS("subscription_payment_failed", "pending", "rejected"),
    LEMON_IS("subscription_payment_refunded", "refunded", "refunded"),
    LEMON_IS("subscription_created", "active", NULL),

    MOLLIE_IS("payment.pending", "waiting"),
    MOLLIE_IS("payment.authorized", "preauth"),
    MOLLIE_IS("payment.paid", "confirmed"),
    MOLLIE_IS("payment.failed", "rejected"),
    MOLLIE_IS("payment.expired", "rejected"),
    MOLLIE_IS("payment.canceled", "cancelled"),
    MOLLIE_IS("refund.refunded", NULL),
    MOLLIE_IS("chargeback.received", NULL),
    MOLLIE_IS("payment-link.paid", "confirmed"),
    MOLLIE_IS("sales-invoice.issued", "waiting"),
    MOLLIE_IS("sales-invoice.paid", "confirmed"),
    MOLLIE_IS("sales-invoice.canceled", "cancelled"),
    MOLLIE_IS("profile.created", NULL),

    PADDLE_IS("transaction.created", "waiting"),
    PADDLE_IS("transaction.ready", "waiting"),
    PADDLE_IS("transaction.past_due", "waiting"),
    PADDLE_IS("transaction.paid", "confirmed"),
    PADDLE_IS("transaction.completed", "confirmed"),
    PADDLE_IS("transaction.payment_failed", "rejected"),
    PADDLE_IS("transaction.canceled", "cancelled"),
    PADDLE_IS("subscription.created", NULL),

    PAYPAL_IS("CHECKOUT.ORDER.APPROVED", "waiting"),
    PAYPAL_IS("CHECKOUT.ORDER.VOIDED", "cancelled"),
    PAYPAL_IS("CHECKOUT.ORDER.COMPLETED", NULL),
    PAYPAL_IS("CHECKOUT.PAYMENT-APPROVAL.REVERSED", "cancelled"),
    PAYPAL_IS("PAYMENT.AUTHORIZATION.CREATED", "preauth"),
    PAYPAL_IS("PAYMENT.AUTHORIZATION.VOIDED", "cancelled"),
    PAYPAL_IS("PAYMENT.CAPTURE.COMPLETED", "confirmed"),
    PAYPAL_IS("PAYMENT.CAPTURE.PENDING", "waiting"),
    PAYPAL_IS("PAYMENT.CAPTURE.DENIED", "rejected"),
    PAYPAL_IS("PAYMENT.CAPTURE.DECLINED", "rejected"),
    PAYPAL_IS("PAYMENT.CAPTURE.REFUNDED", NULL),
    PAYPAL_IS("PAYMENT.CAPTURE.REVERSED", "refunded"),
    PAYPAL_IS("PAYMENT.CAPTURE.COMPLETED2", NULL),
    PAYPAL_OLD_IS("PAYMENT.SALE.COMPLETED", "confirmed"),
    PAYPAL_OLD_IS("PAYMENT.SALE.PENDING", "waiting"),
    PAYPAL_OLD_IS("PAYMENT.SALE.DENIED", "rejected"),
    PAYPAL_OLD_IS("PAYMENT.SALE.REFUNDED", NULL),
    PAYPAL_OLD_IS("PAYMENT.SALE.REVERSED", "refunded"),
    { &payments_paypal, PAYPAL_DISPUTE, NULL, NULL, "WH-3",
      "CUSTOMER.DISPUTE.CREATED", "PP-1", "", NULL, 300, "JPY" },

    PAYSTACK_IS("charge.success", "confirmed"),
    PAYSTACK_IS("paymentrequest.success", "confirmed"),
    PAYSTACK_IS("paymentrequest.pending", "waiting"),
    PAYSTACK_IS("charge.dispute.create", NULL),
    PAYSTACK_IS("transfer.success", NULL),

    RAZORPAY_IS("payment.authorized", "null", "preauth"),
    RAZORPAY_IS("payment.captured", "null", "confirmed"),
    RAZORPAY_IS("payment.failed", "null", "rejected"),
    RAZORPAY_IS("order.paid", "null", "confirmed"),
    RAZORPAY_IS("payment_link.paid", "null", "confirmed"),
    RAZORPAY_IS("payment_link.cancelled", "null", "cancelled"),
    RAZORPAY_IS("payment_link.expired", "null", "rejected"),
    RAZORPAY_IS("refund.processed", "\"full\"", "refunded"),
    RAZORPAY_IS("refund.processed", "\"partial\"", "confirmed"),
    RAZORPAY_IS("refund.processed", "null", NULL),
    RAZORPAY_IS("refund.created", "\"full\"", NULL),

    SHOPIFY_IS("orders/create", "pending", "waiting"),
    SHOPIFY_IS("orders/create", "authorized", "preauth"),
    SHOPIFY_IS("orders/updated", "partially_paid", "waiting"),
    SHOPIFY_IS("orders/paid", "paid", "confirmed"),
    SHOPIFY_IS("orders/updated", "partially_refunded", "confirmed"),
    SHOPIFY_IS("orders/updated", "refunded", "refunded"),
    SHOPIFY_IS("orders/updated", "voided", "cancelled"),
    SHOPIFY_IS("orders/updated", "expired", "rejected"),
    SHOPIFY_IS("orders/cancelled", "pending", "cancelled"),
    SHOPIFY_IS("orders/cancelled", "authorized", "cancelled"),
    SHOPIFY_IS("orders/cancelled", "paid", "confirmed"),
    SHOPIFY_IS("products/update", "paid", NULL),

    SQUARE_IS("payment.created", "APPROVED", "preauth"),
    SQUARE_IS("payment.updated", "PENDING", "waiting"),
    SQUARE_IS("payment.updated", "COMPLETED", "confirmed"),
    SQUARE_REFUND_IS("COMPLETED", "1150", "0", "confirmed"),
    SQUARE_REFUND_IS("COMPLETED", "1150", "-1", "confirmed"),
    SQUARE_REFUND_IS("COMPLETED", "1150", "null", "confirmed"),
    SQUARE_REFUND_IS("COMPLETED", "1150", "1000", "confirmed"),
    SQUARE_REFUND_IS("COMPLETED", "1150", "1150", "refunded"),
    SQUARE_REFUND_IS("COMPLETED", "1150", "1151", "refunded"),
    SQUARE_REFUND_IS("COMPLETED", "null", "1000", NULL),
    SQUARE_REFUND_IS("FAILED", "1150", "1150", "rejected"),
    SQUARE_IS("payment.updated", "CANCELED", "cancelled"),
    SQUARE_IS("payment.updated", "FAILED", "rejected"),
    SQUARE_IS("dispute.created", "COMPLETED", NULL),

    WOO_IS("order.created", "pending", "null", "waiting"),
    WOO_IS("order.updated", "on-hold", "null", "waiting"),
    WOO_IS("order.updated", "processing", WOO_TIME, "confirmed"),
    WOO_IS("order.updated", "completed", WOO_TIME, "confirmed"),
    WOO_IS("order.created", "processing", "null", "waiting"),
    WOO_IS("order.created", "processing", "\"\"", "waiting"),
    WOO_IS("order.updated", "failed", "null", "rejected"),
    WOO_IS("order.updated", "cancelled", WOO_TIME, "cancelled"),
    WOO_IS("order.restored", "refunded", WOO_TIME, "refunded"),
    WOO_IS("order.updated", "checkout-draft", "null", NULL),
    WOO_IS("product.updated", "pending", "null", NULL),
    { &payments_woocommerce, "{\"id\":16}", NULL, "order.deleted", NULL,
      "order.deleted", "16", "", NULL, NONE, "" },

    FLUTTERWAVE_IS("charge.completed", "successful", "100", "confirmed"),
    FLUTTERWAVE_IS("charge.completed", "successful", "1.5", "confirmed"),
    FLUTTERWAVE_IS("charge.completed", "failed", "1e2", "rejected"),
    FLUTTERWAVE_IS("charge.completed", "pending", "\"1\"", NULL),
    FLUTTERWAVE_IS("transfer.completed", "successful", "100", NULL),

    XENDIT_IS("payment.capture", "SUCCEEDED", "confirmed"),
    XENDIT_IS("payment.capture", "PENDING", NULL),
    XENDIT_IS("payment.authorization", "AUTHORIZED", "preauth"),
    XENDIT_IS("payment.failure", "FAILED", "rejected"),
    XENDIT_IS("payment.expiry", "EXPIRED", "rejected"),
    XENDIT_IS("payment_request.expiry", "EXPIRED", "rejected"),
    XENDIT_IS("payment_token.expiry", "EXPIRED", NULL),
    INVOICE_IS("PAID", "confirmed"),
    INVOICE_IS("SETTLED", "confirmed"),
    INVOICE_IS("EXPIRED", "rejected"),
    INVOICE_IS("COMPLETED", NULL),

    PAYU_IS("NEW", "waiting"),
    PAYU_IS("PENDING", "waiting"),
    PAYU_IS("WAITING_FOR_CONFIRMATION", "preauth"),
    PAYU_IS("COMPLETED", "confirmed"),
    PAYU_IS("CANCELED", "cancelled"),
    PAYU_IS("REJECTED", NULL),
    { &payments_payu, "{\"orderId\":\"o1\",\"extOrderId\":\"tok\",\"refund\":"
      "{\"refundId\":\"r1\",\"amount\":\"300\",\"currencyCode\":\"PLN\","
      "\"status\":\"FINALIZED\"}}", NULL, NULL, NULL, "refund", "o1", "tok",
      NULL, 300, "PLN" },
    { &payments_payu, "{}", NULL, NULL, NULL, "notification", "", "", NULL,
      NONE, "" },

    WORLDLINE_IS("payment.created", "payment", "waiting"),
    WORLDLINE_IS("payment.redirected", "payment", "waiting"),
    WORLDLINE_IS("payment.pending_payment", "payment", "waiting"),
    WORLDLINE_IS("payment.pending_completion", "payment", "waiting"),
    WORLDLINE_IS("payment.authorization_requested", "payment", "waiting"),
    WORLDLINE_IS("payment.pending_fraud_approval", "payment", "waiting"),
    WORLDLINE_IS("payment.pending_approval", "payment", "preauth"),
    WORLDLINE_IS("payment.pending_capture", "payment", "preauth"),
    WORLDLINE_IS("payment.capture_requested", "payment", "preauth"),
    WORLDLINE_IS("payment.captured", "payment", "confirmed"),
    WORLDLINE_IS("payment.paid", "payment", "confirmed"),
    WORLDLINE_IS("payment.rejected", "payment", "rejected"),
    WORLDLINE_IS("payment.rejected_capture", "payment", "rejected"),
    WORLDLINE_IS("payment.cancelled", "payment", "cancelled"),
    WORLDLINE_IS("payment.refunded", "payment", NULL),
    WORLDLINE_IS("payment.reversed", "payment", NULL),
    WORLDLINE_IS("payment.chargebacked", "payment", NULL),
    WORLDLINE_IS("payment.chargeback_notification", "payment", NULL),
    WORLDLINE_IS("payment.account_verified", "payment", NULL),
    WORLDLINE_IS("refund.refunded", "refund", NULL),
    WORLDLINE_IS("payout.paid", "payout", NULL),

    /* exact, or unknown */

    AMOUNT_IS("\"0.29\"", "USD", 29),
    AMOUNT_IS("\"1\"", "USD", 100),
    AMOUNT_IS("\"1.1\"", "USD", 110),
    AMOUNT_IS("\"1.10000\"", "USD", 110),
    AMOUNT_IS("\"1.101\"", "USD", NONE),
    AMOUNT_IS("\"-2.05\"", "USD", -205),
    AMOUNT_IS("\"500\"", "JPY", 500),
    AMOUNT_IS("\"500.00\"", "JPY", 500),
    AMOUNT_IS("\"500.5\"", "JPY", NONE),
    AMOUNT_IS("\"1.5\"", "KWD", 1500),
    AMOUNT_IS("\"1.5\"", "kwd", 1500),
    AMOUNT_IS("\"1.5\"", "USDC", 150),
    AMOUNT_IS("\"92233720368547758.07\"", "USD", INT64_MAX),
    AMOUNT_IS("\"92233720368547758.08\"", "USD", NONE),
    AMOUNT_IS("\"99999999999999999999999\"", "USD", NONE),
    AMOUNT_IS("\"\"", "USD", NONE),
    AMOUNT_IS("\".5\"", "USD", NONE),
    AMOUNT_IS("\"5.\"", "USD", NONE),
    AMOUNT_IS("\"-.5\"", "USD", NONE),
    AMOUNT_IS("\"-\"", "USD", NONE),
    AMOUNT_IS("\"--\"", "USD", NONE),
    AMOUNT_IS("\"1,5\"", "USD", NONE),
    AMOUNT_IS("\"1e3\"", "USD", NONE),
    AMOUNT_IS("\"1.x0\"", "USD", NONE),
    AMOUNT_IS("\" 1\"", "USD", NONE),
    AMOUNT_IS("1.5", "USD", NONE),
    AMOUNT_IS("\"1.5\"", "", NONE),
    { &payments_paddle, PADDLE("transaction.paid", "77"), NULL, NULL, "evt_1",
      "transaction.paid", "txn_1", "tok", "confirmed", 77, "USD" },
    { &payments_paddle, PADDLE("transaction.paid", "\"77.5\""), NULL, NULL,
      "evt_1", "transaction.paid", "txn_1", "tok", "confirmed", NONE, "USD" },

    { &payments_standard, "{\"type\":\"a\",\"data\":{\"id\":\"7\"}}", "msg",
      NULL, "msg", "a", "7", "", NULL, NONE, "" },
    { &payments_standard, "{}", "msg", NULL, "msg", "message", "", "", NULL,
      NONE, "" },
    { &payments_github, "{\"action\":\"x\"}", "guid", "ping", "guid", "ping",
      "", "", NULL, NONE, "" }
};


static payments_rc_e
read_event(const payments_provider_t *provider, payments_str_t body,
    const char *sent_id, const char *sent_type)
{
    payments_rc_e  rc;

    payments_schema_compile(&schema, provider->fields, provider->nfields);

    rc = payments_event_read(&schema, body, &event, &scratch);
    if (rc != PAYMENTS_OK) {
        return rc;
    }

    scratch.sent_id = text(sent_id != NULL ? sent_id : "");
    scratch.sent_type = text(sent_type != NULL ? sent_type : "");

    return provider->normalize(provider, &event);
}


static void
str_is(payments_str_t str, const char *expected, const char *name)
{
    is_str(str.data, str.len, expected, strlen(expected), "%s", name);
}


static void
payload_is(const payload_t *p)
{
    payments_str_t  body;
    const char     *status;

    body = boxed(text(p->body));

    is_int(read_event(p->provider, body, p->sent_id, p->sent_type),
           PAYMENTS_OK, "%s: %s", p->provider->name.data, p->body);

    if (p->id != NULL) {
        str_is(event.id, p->id, "id");

    } else {
        is_int(event.id.len, 71, "an id of the body's");
        ok(memcmp(event.id.data, "sha256:", 7) == 0, "by its name");
    }

    str_is(event.type, p->type, "type");
    str_is(event.object_id, p->object_id, "object");
    str_is(event.token, p->token, "token");
    str_is(event.currency, p->currency, "currency");

    status = payments_status_name(event.status);
    str_is(text(status != NULL ? status : ""),
           p->status != NULL ? p->status : "", "status");

    is_int(event.amount.type, p->amount == NONE ? PAYMENTS_NULL
                                                : PAYMENTS_INTEGER, "amount");
    if (p->amount != NONE) {
        is_int(event.amount.integer, p->amount, "exactly");
    }

    unbox(body);
}


/* without a status, but somebody has to look */

static void
reviews(void)
{
    size_t  i;

    static const struct {
        const payments_provider_t  *provider;
        const char                 *body;
    } tests[] = {
        { &payments_adyen, ADYEN("CHARGEBACK", "true") },
        { &payments_checkout, CHECKOUT("payment_returned", "0", "EUR") },
        { &payments_coinbase, COINBASE("charge:delayed") },
        { &payments_coinbase, COINBASE("charge:resolved") },
        { &payments_mollie, MOLLIE("chargeback.received") },
        { &payments_paypal, PAYPAL_DISPUTE },
        { &payments_square, SQUARE("dispute.created", "x") },
        { &payments_worldline, WORLDLINE("payment.reversed", "payment") },
        { &payments_worldline, WORLDLINE("payment.chargebacked", "payment") },
        { &payments_worldline,
          WORLDLINE("payment.chargeback_notification", "payment") }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        read_event(tests[i].provider, text(tests[i].body), NULL, NULL);
        is_int(event.review, 1, "%s %.*s: to be looked at",
               (const char *) tests[i].provider->name.data,
               (int) event.type.len, (const char *) event.type.data);
    }
}


/* what only some have */

static void
others(void)
{
    read_event(&payments_paystack, LIT(PAYSTACK("charge.success")), NULL,
               NULL);
    is_int(event.livemode.type, PAYMENTS_BOOLEAN, "paystack says live");
    is_int(event.livemode.integer, 1, "and is");
    is_int(payments_paystack.decimals(LIT("XOF")), 2, "in hundredths");

    read_event(&payments_lemonsqueezy, LIT(LEMON("order_created", "paid")),
               NULL, NULL);
    is_int(event.livemode.type, PAYMENTS_BOOLEAN, "lemonsqueezy says test");
    is_int(event.livemode.integer, 0, "and is");
    str_is(event.account, "3", "an account that is a number");

    read_event(&payments_square, LIT(SQUARE("payment.created", "x")), NULL,
               NULL);
    is_int(event.livemode.type, PAYMENTS_NULL, "square does not say");
    str_is(event.account, "M", "its account");

    read_event(&payments_adyen, LIT(ADYEN("CHARGEBACK", "true")), NULL, NULL);
    str_is(event.account, "Shop", "adyen's account");

    is_int(payments_adyen.decimals(LIT("CLP")), 2, "adyen's own pesos");
    is_int(payments_adyen.decimals(LIT("ISK")), 2, "and kronur");
    is_int(payments_adyen.decimals(LIT("CVE")), 0, "and escudos");
    is_int(payments_adyen.decimals(LIT("IDR")), 0, "and rupiah");
    is_int(payments_adyen.decimals(LIT("JPY")), 0, "as others have them");
    is_int(payments_adyen.decimals(LIT("KWD")), 3, "and these");
    is_int(payments_adyen.decimals(LIT("EUR")), 2, "and these");
    is_int(payments_adyen.decimals(LIT("CL")), 2, "and what is no code");

    read_event(&payments_adyen, LIT("{\"type\":\"a.created\",\"eventId\":"
                                    "\"P1\",\"data\":{\"id\":\"1\"}}"),
               NULL, NULL);
    ok(event.id.len == 71 && memcmp(event.id.data, "sha256:", 7) == 0,
       "what has caused an event may have caused another one");

    read_event(&payments_gocardless, LIT(GOCARDLESS("payments",
                                                    "charged_back")), NULL,
               NULL);
    is_int(event.review, 1, "to be looked at");
    is_int(event.created.integer, 1530782031, "its time");
    str_is(event.account, "OR1", "gocardless' account");

    read_event(&payments_paypal, LIT(PAYPAL("PAYMENT.CAPTURE.PENDING")), NULL,
               NULL);
    is_int(event.created.integer, 1523913709, "paypal's time");
    is_int(event.livemode.type, PAYMENTS_NULL, "its body is not live or not");
    is_int(event.review, 0, "nothing to look at");

    read_event(&payments_checkout,
               LIT(CHECKOUT("dispute_received", "0", "CLP")), NULL, NULL);
    is_int(event.review, 1, "a dispute of checkout");
    is_int(event.created.integer, 1677831537, "its time");
    is_int(event.captured_amount.integer, 12000, "what was captured");
    is_int(event.refunded_amount.integer, 700, "and given back");
    is_int(payments_checkout.decimals(LIT("CLP")), 2, "pesos in hundredths");
    is_int(payments_checkout.decimals(LIT("uyi")), 2, "and such units");
    is_int(payments_checkout.decimals(LIT("JPY")), 0, "as others have them");
    is_int(payments_checkout.decimals(LIT("KWD")), 3, "and these");

    read_event(&payments_payu, LIT(PAYU("NEW")), NULL, NULL);
    str_is(event.account, "300746", "payu's account");
    is_int(event.created.integer, 1649496059, "its time");

    read_event(&payments_worldline,
               LIT(WORLDLINE("payment.chargebacked", "payment")), NULL, NULL);
    str_is(event.account, "20000", "worldline's account");
    is_int(event.created.type, PAYMENTS_NULL, "its time is none");
    is_int(payments_worldline.decimals(LIT("JPY")), 2, "in hundredths");

    read_event(&payments_coinbase, LIT(COINBASE("charge:delayed")), NULL,
               NULL);
    is_int(event.created.integer, 1514764800, "its time");

    read_event(&payments_razorpay, LIT(RAZORPAY("order.paid", "null")), NULL,
               NULL);
    is_int(event.created.integer, 5, "seconds");
    str_is(event.account, "acc_1", "razorpay's account");
    is_int(event.id.len, 71, "without the header it is known by its body");

    is_int(read_event(&payments_paddle, LIT("{\"event_id\":\"1\"}"), NULL,
                      NULL),
           PAYMENTS_NO_EVENT_TYPE, "no type");
    is_int(read_event(&payments_github, LIT("{}"), "guid", NULL),
           PAYMENTS_NO_EVENT_TYPE, "no type in a header");
    is_int(read_event(&payments_mercadopago, LIT("{\"data\":{\"id\":\"1\"}}"),
                      NULL, NULL),
           PAYMENTS_NO_EVENT_TYPE, "no action, and no type");
    is_int(read_event(&payments_adyen, LIT("{\"eventCode\":\"CAPTURE\","
                                           "\"success\":\"true\"}"), NULL,
                      NULL),
           PAYMENTS_NO_EVENT_ID, "no reference of an item");
}


/* what is signed says which object it is, and the body may not say another */

static payments_rc_e
mercado(const char *signed_id, payments_str_t body)
{
    payments_schema_compile(&schema, payments_mercadopago.fields,
                            payments_mercadopago.nfields);

    is_int(payments_event_read(&schema, body, &event, &scratch), PAYMENTS_OK,
           "mercadopago, signed \"%s\"", signed_id);

    scratch.sent_object = text(signed_id);

    return payments_mercadopago.normalize(&payments_mercadopago, &event);
}


static void
signed_objects(void)
{
    is_int(mercado("999", LIT(MERCADO("\"999\""))), PAYMENTS_OK, "the same");
    str_is(event.object_id, "999", "is the object");
    str_is(event.type, "payment.created", "its type");
    str_is(event.account, "44444", "its account");
    is_int(event.id.len, 71, "an id of the body's, whatever is in it");
    is_int(event.livemode.integer, 1, "live");
    is_int(event.created.integer, 1514764800, "its time");
    is_int(event.status, PAYMENTS_STATUS_NONE, "no status");
    is_int(event.amount.type, PAYMENTS_NULL, "no amount");

    is_int(mercado("999", LIT(MERCADO("999"))), PAYMENTS_OK, "as a number");
    is_int(mercado("ORD1z", LIT(MERCADO("\"ord1Z\""))), PAYMENTS_OK,
           "in other letters");
    str_is(event.object_id, "ORD1z", "the signed one is the object");

    is_int(mercado("999", LIT(MERCADO("\"998\""))), PAYMENTS_NO_MATCH,
           "another one");
    is_int(mercado("999", LIT(MERCADO("\"9999\""))), PAYMENTS_NO_MATCH,
           "a longer one");
    is_int(mercado("9[9", LIT(MERCADO("\"9{9\""))), PAYMENTS_NO_MATCH,
           "what only looks like another case");
    is_int(mercado("9{9", LIT(MERCADO("\"9[9\""))), PAYMENTS_NO_MATCH,
           "either way");

    is_int(mercado("999", LIT("{\"type\":\"payment\"}")), PAYMENTS_OK,
           "a body that names none");
    str_is(event.object_id, "999", "has the signed one");
    str_is(event.type, "payment", "and a type without an action");

    is_int(mercado("", LIT(MERCADO("\"999\""))), PAYMENTS_OK,
           "none that is signed");
    str_is(event.object_id, "", "is none at all");
}


static void
digest_id(void)
{
    is_int(read_event(&payments_paystack, LIT("{\"event\":\"a\"}"), NULL,
                      NULL), PAYMENTS_OK, "nothing but a type");
    str_is(event.id, "sha256:" DIGEST, "the body's digest");
}


int
main(void)
{
    size_t                      i;
    const payments_provider_t  *provider;

    setvbuf(stdout, NULL, _IOLBF, 0);

    for (i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        payload_is(&payloads[i]);
    }

    for (i = 0; (provider = payments_provider_next(i)) != NULL; i++) {
        is_int(payments_schema_compile(&schema, provider->fields,
                                       provider->nfields),
               0, "%s: its paths fit", provider->name.data);
        ok(schema.nnodes <= PAYMENTS_MAX_NODES - 16,
           "%s: and leave room for rules", provider->name.data);
    }

    reviews();
    others();
    signed_objects();
    digest_id();

    return done_testing();
}
