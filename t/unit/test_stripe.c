
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What Stripe's bodies say.
 */


#include "read.h"


#define NONE  INT64_MIN


static payments_schema_t  stripe;


static payments_rc_e
normalize(payments_str_t body)
{
    payments_rc_e  rc;

    rc = read_with(&stripe, body);

    return rc == PAYMENTS_OK
           ? payments_stripe.normalize(&payments_stripe, &event) : rc;
}


/* an event of a type, and the fields of its object */

static payments_rc_e
normalize_object(const char *type, const char *object)
{
    char  body[2048];

    snprintf(body, sizeof(body),
             "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"%s\","
             "\"data\":{\"object\":{%s}}}", type, object);

    return normalize(text(body));
}


static const char *
status_of(void)
{
    const char  *name;

    name = payments_status_name(event.status);

    return name != NULL ? name : "null";
}


static void
statuses(void)
{
    size_t       i;
    const char  *status;

#define SESSION(status, payment)                                              \
    "\"id\":\"cs_1\",\"object\":\"checkout.session\",\"status\":" status      \
    ",\"payment_status\":" payment

    static const struct {
        const char  *type;
        const char  *object;
        const char  *status;
        unsigned     review;
    } tests[] = {

        /* sessions: expired, whatever the type says */

        { "checkout.session.expired", SESSION("\"expired\"", "\"unpaid\""),
          "rejected", 0 },
        { "checkout.session.completed", SESSION("\"expired\"", "\"unpaid\""),
          "rejected", 0 },
        { "checkout.session.async_payment_failed",
          SESSION("\"expired\"", "\"unpaid\""), "rejected", 0 },
        { "checkout.session.async_payment_succeeded",
          SESSION("\"expired\"", "\"unpaid\""), "rejected", 0 },

        /* sessions: paid, or nothing to pay */

        { "checkout.session.completed", SESSION("\"complete\"", "\"paid\""),
          "confirmed", 0 },
        { "checkout.session.async_payment_succeeded",
          SESSION("\"complete\"", "\"paid\""), "confirmed", 0 },
        { "checkout.session.completed",
          SESSION("\"complete\"", "\"no_payment_required\""), "confirmed",
          0 },
        { "checkout.session.async_payment_succeeded",
          SESSION("\"complete\"", "\"no_payment_required\""), "confirmed",
          0 },
        { "checkout.session.completed", SESSION("null", "\"paid\""),
          "confirmed", 0 },
        { "checkout.session.completed",
          SESSION("\"complete\"", "\"no_payment_required\"")
          ",\"mode\":\"subscription\"", "confirmed", 0 },

        /* a card was saved */

        { "checkout.session.completed",
          SESSION("\"complete\"", "\"no_payment_required\"")
          ",\"mode\":\"setup\"", "null", 0 },

        /* sessions: the rest */

        { "checkout.session.completed", SESSION("\"complete\"",
                                                "\"unpaid\""),
          "waiting", 0 },
        { "checkout.session.completed", SESSION("null", "\"unpaid\""),
          "waiting", 0 },
        { "checkout.session.async_payment_failed",
          SESSION("\"complete\"", "\"unpaid\""), "rejected", 0 },
        { "checkout.session.completed", SESSION("\"complete\"", "\"PAID\""),
          "null", 0 },
        { "checkout.session.completed", SESSION("\"complete\"",
                                                "\"paid \""),
          "null", 0 },

        /* payment intents */

        { "payment_intent.succeeded", "\"status\":\"succeeded\"",
          "confirmed", 0 },
        { "payment_intent.payment_failed",
          "\"status\":\"requires_payment_method\"", "rejected", 0 },
        { "payment_intent.canceled", "\"status\":\"canceled\"", "cancelled",
          0 },
        { "payment_intent.processing", "\"status\":\"processing\"",
          "waiting", 0 },
        { "payment_intent.requires_action",
          "\"status\":\"requires_action\"", "input", 0 },
        { "payment_intent.amount_capturable_updated",
          "\"status\":\"requires_capture\"", "preauth", 0 },
        { "payment_intent.created", "\"status\":\"succeeded\"", "null", 0 },
        { "payment_intent.partially_funded", "\"amount\":1", "null", 0 },

        /* charges */

        { "charge.succeeded", "\"captured\":true,\"paid\":true",
          "confirmed", 0 },
        { "charge.succeeded", "\"captured\":false,\"paid\":true", "preauth",
          0 },
        { "charge.captured", "\"captured\":true", "confirmed", 0 },
        { "charge.failed", "\"captured\":false,\"status\":\"failed\"",
          "rejected", 0 },
        { "charge.refunded", "\"amount\":100,\"amount_refunded\":100,"
          "\"captured\":true,\"refunded\":true", "refunded", 0 },
        { "charge.refunded", "\"amount\":100,\"amount_refunded\":30,"
          "\"captured\":true,\"refunded\":false", "confirmed", 0 },
        { "charge.updated", "\"captured\":true,\"refunded\":true", "null",
          0 },
        { "charge.pending", "\"captured\":false", "null", 0 },
        { "charge.expired", "\"captured\":false", "null", 0 },
        { "charge.refund.updated", "\"status\":\"succeeded\"", "null", 0 },

        /* review */

        { "charge.dispute.created", "\"amount\":100", "null", 1 },
        { "review.opened", "\"reason\":\"rule\"", "null", 1 },
        { "radar.early_fraud_warning.created", "\"actionable\":true",
          "null", 1 },
        { "charge.dispute.closed", "\"status\":\"won\"", "null", 0 },
        { "charge.dispute.updated", "\"amount\":100", "null", 0 },
        { "charge.dispute.funds_withdrawn", "\"amount\":100", "null", 0 },
        { "review.closed", "\"reason\":\"approved\"", "null", 0 },
        { "radar.early_fraud_warning.updated", "\"actionable\":true",
          "null", 0 },

        /* everything else, and what looks alike */

        { "invoice.paid", "\"status\":\"paid\"", "null", 0 },
        { "customer.created", "\"id\":\"cus_1\"", "null", 0 },
        { "product.created", "\"id\":\"prod_1\"", "null", 0 },
        { "setup_intent.succeeded", "\"status\":\"succeeded\"", "null", 0 },
        { "payment_intent.succeeded2", "\"status\":\"succeeded\"", "null",
          0 },
        { "payment_intent.succeede", "\"status\":\"succeeded\"", "null", 0 },
        { "Payment_intent.succeeded", "\"status\":\"succeeded\"", "null",
          0 },
        { "xcharge.succeeded", "\"captured\":true", "null", 0 },
        { "charge.succeeded\\u0000", "\"captured\":true", "null", 0 },
        { "invoice.expired", SESSION("\"expired\"", "\"unpaid\""), "null",
          0 },
        { "charge.updated", "\"payment_status\":\"paid\"", "null", 0 },
        { "nothing.known", "\"payment_status\":\"paid\","
          "\"status\":\"expired\"", "null", 0 },
        { "*", "\"id\":\"x\"", "null", 0 }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(normalize_object(tests[i].type, tests[i].object), PAYMENTS_OK,
               "status %zu: %s", i, tests[i].type);

        status = status_of();
        is_str(status, strlen(status), tests[i].status,
               strlen(tests[i].status), "status %zu: %s", i,
               tests[i].status);
        is_int(event.review, tests[i].review, "status %zu: review", i);
    }
}


static int64_t
value_of(const payments_value_t *value)
{
    return value->type == PAYMENTS_INTEGER ? value->integer : NONE;
}


static void
amounts(void)
{
    size_t  i;

    static const struct {
        const char  *type;
        const char  *object;
        int64_t      amount;
        int64_t      captured;   /* -1: the rules do not say */
        int64_t      refunded;
    } tests[] = {
        { "checkout.session.completed", "\"amount_total\":2000,"
          "\"amount_subtotal\":1800,\"payment_status\":\"paid\"",
          2000, 2000, NONE },
        { "checkout.session.completed", "\"amount_total\":0,"
          "\"payment_status\":\"no_payment_required\"", 0, -1, NONE },
        { "checkout.session.completed", "\"amount_total\":null,"
          "\"payment_status\":\"paid\"", NONE, NONE, NONE },
        { "checkout.session.completed", "\"amount_total\":2000,"
          "\"payment_status\":\"unpaid\"", 2000, NONE, NONE },
        { "checkout.session.expired", "\"amount_total\":2000,"
          "\"status\":\"expired\",\"payment_status\":\"unpaid\"",
          2000, NONE, NONE },

        { "payment_intent.succeeded", "\"amount\":2000,"
          "\"amount_received\":1500,\"amount_capturable\":0",
          2000, 1500, NONE },
        { "payment_intent.processing", "\"amount\":2000,"
          "\"amount_received\":0", 2000, 0, NONE },
        { "payment_intent.succeeded", "\"amount\":9223372036854775807,"
          "\"amount_received\":9007199254740993", INT64_MAX,
          INT64_C(9007199254740993), NONE },

        { "charge.succeeded", "\"amount\":2000,\"amount_captured\":2000,"
          "\"amount_refunded\":0,\"captured\":true", 2000, 2000, 0 },
        { "charge.succeeded", "\"amount\":2000,\"amount_captured\":0,"
          "\"amount_refunded\":0,\"captured\":false", 2000, 0, 0 },
        { "charge.refunded", "\"amount\":2000,\"amount_captured\":1500,"
          "\"amount_refunded\":700,\"captured\":true,\"refunded\":false",
          2000, 1500, 700 },
        { "charge.refunded", "\"amount\":2000,\"amount_captured\":2000,"
          "\"amount_refunded\":2000,\"captured\":true,\"refunded\":true",
          2000, 2000, 2000 },

        { "charge.dispute.created", "\"amount\":1000", 1000, NONE, NONE },
        { "payout.paid", "\"amount\":-1000", -1000, NONE, NONE },
        { "customer.created", "\"id\":\"cus_1\"", NONE, NONE, NONE },
        { "charge.succeeded", "\"amount\":\"2000\",\"captured\":true", NONE,
          NONE, NONE }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(normalize_object(tests[i].type, tests[i].object), PAYMENTS_OK,
               "amounts %zu: %s", i, tests[i].type);
        is_int(value_of(&event.amount), tests[i].amount,
               "amounts %zu: amount", i);

        if (tests[i].captured != -1) {
            is_int(value_of(&event.captured_amount), tests[i].captured,
                   "amounts %zu: captured", i);
        }

        is_int(value_of(&event.refunded_amount), tests[i].refunded,
               "amounts %zu: refunded", i);
    }

    is_int(normalize_object("charge.succeeded", "\"amount\":1.5"),
           PAYMENTS_BAD_NUMBER, "amounts: never a fraction");
    is_int(normalize_object("charge.succeeded",
                            "\"amount\":9223372036854775808"),
           PAYMENTS_BAD_NUMBER, "amounts: never rounded");
}


#define is_text(str, expected, name)                                          \
    is_str((str).data, (str).len, expected, sizeof(expected) - 1, "%s", name)


static void
identities(void)
{
    is_int(normalize(LIT("{\"id\":\"evt_1\",\"object\":\"event\","
                         "\"api_version\":\"2025-03-31.basil\","
                         "\"created\":1764020246,\"livemode\":false,"
                         "\"account\":\"acct_1\",\"type\":"
                         "\"checkout.session.completed\",\"data\":{"
                         "\"object\":{\"id\":\"cs_test_1\",\"object\":"
                         "\"checkout.session\",\"client_reference_id\":"
                         "\"6c4a\",\"currency\":\"usd\"},"
                         "\"previous_attributes\":{\"id\":\"no\"}}}")),
           PAYMENTS_OK, "a snapshot event");
    is_text(event.id, "evt_1", "id");
    is_text(event.type, "checkout.session.completed", "type");
    is_text(event.object_id, "cs_test_1", "object's id");
    is_text(event.token, "6c4a", "token");
    is_text(event.account, "acct_1", "account");
    is_text(event.api_version, "2025-03-31.basil", "version of the API");
    is_text(event.currency, "usd", "currency");
    is_int(event.livemode.type, PAYMENTS_BOOLEAN, "livemode is known");
    is_int(event.livemode.integer, 0, "and false");
    is_int(value_of(&event.created), 1764020246, "created");

    is_int(normalize(LIT("{\"id\":\"evt_1\",\"type\":\"x\",\"livemode\":true,"
                         "\"data\":{\"object\":{\"client_reference_id\":null"
                         "}}}")),
           PAYMENTS_OK, "an event of little");
    is_int(event.livemode.integer, 1, "livemode is true");
    is_int(event.object_id.len, 0, "no object");
    is_int(event.token.len, 0, "no token");
    is_int(event.account.len, 0, "no account");
    is_int(event.api_version.len, 0, "no version");
    is_int(event.currency.len, 0, "no currency");
    is_int(value_of(&event.created), NONE, "no time");

    is_int(normalize(LIT("{\"id\":\"evt_1\",\"type\":\"x\"}")),
           PAYMENTS_OK, "an event of id and type");
    is_int(event.livemode.type, PAYMENTS_NULL, "livemode is unknown");
}


static void
thin(void)
{
    is_int(normalize(LIT("{\"id\":\"evt_2\",\"object\":\"v2.core.event\","
                         "\"type\":\"v1.billing.meter.error_report_triggered"
                         "\",\"livemode\":true,\"context\":\"acct_9\","
                         "\"created\":\"2022-02-15T02:27:45.330+02:00\","
                         "\"related_object\":{\"id\":\"mtr_1\",\"type\":"
                         "\"billing.meter\",\"url\":\"/v1/x\"},\"reason\":{"
                         "\"type\":\"request\",\"request\":{\"id\":\"no\"}}"
                         "}")),
           PAYMENTS_OK, "a thin event");
    is_text(event.id, "evt_2", "id");
    is_text(event.type, "v1.billing.meter.error_report_triggered", "type");
    is_text(event.object_id, "mtr_1", "the related object's id");
    is_text(event.account, "acct_9", "the context as account");
    is_int(event.livemode.integer, 1, "livemode");
    is_int(value_of(&event.created), 1644884865, "created, of a text");
    is_text(event.time, "2022-02-15T02:27:45.330+02:00", "time as sent");
    is_int(event.status, PAYMENTS_STATUS_NONE, "no status");
    is_int(value_of(&event.amount), NONE, "no amount");

    is_int(normalize(LIT("{\"id\":\"evt_2\",\"object\":\"v2.core.event\"}")),
           PAYMENTS_OK, "a thin event without a type");
    is_text(event.type, "v2.core.event", "has its object's");
    is_int(event.object_id.len, 0, "no related object");
    is_int(event.created.type, PAYMENTS_NULL, "no time");
    is_int(event.time.len, 0, "nor its text");

    is_int(normalize(LIT("{\"id\":\"evt_2\",\"object\":\"v2.core.event\","
                         "\"created\":\"yesterday\"}")),
           PAYMENTS_OK, "a time that is none");
    is_int(event.created.type, PAYMENTS_NULL, "is unknown");
    is_int(event.time.len, 0, "and not repeated");

    is_int(normalize(LIT("{\"id\":\"evt_2\",\"object\":\"v2.core.event\","
                         "\"type\":null}")),
           PAYMENTS_OK, "a type of null");
    is_text(event.type, "v2.core.event", "is the object's");

    is_int(normalize(LIT("{\"id\":\"evt_2\",\"object\":\"v2.core.event\","
                         "\"related_object\":null,\"type\":\"x\"}")),
           PAYMENTS_OK, "a related object of null");
    is_int(event.object_id.len, 0, "is none");
}


static void
missing(void)
{
    is_int(normalize(LIT("{}")), PAYMENTS_NO_EVENT_ID, "nothing");
    is_int(normalize(LIT("{\"type\":\"x\"}")), PAYMENTS_NO_EVENT_ID,
           "no id");
    is_int(normalize(LIT("{\"id\":\"\",\"type\":\"x\"}")),
           PAYMENTS_NO_EVENT_ID, "an empty id");
    is_int(normalize(LIT("{\"id\":null,\"type\":\"x\"}")),
           PAYMENTS_NO_EVENT_ID, "an id of null");
    is_int(normalize(LIT("{\"id\":1,\"type\":\"x\"}")),
           PAYMENTS_NO_EVENT_ID, "an id that is a number");
    is_int(normalize(LIT("{\"ID\":\"evt_1\",\"type\":\"x\"}")),
           PAYMENTS_NO_EVENT_ID, "an id in upper case");
    is_int(normalize(LIT("{\"data\":{\"object\":{\"id\":\"x\"}},"
                         "\"type\":\"x\"}")),
           PAYMENTS_NO_EVENT_ID, "the object's id alone");
    is_int(normalize(LIT("{\"id\":\"evt_1\",\"type\":\"x\"}")), PAYMENTS_OK,
           "id and type suffice");
    is_int(normalize(LIT("{\"id\":\"evt_1\",\"object\":\"event\"}")),
           PAYMENTS_OK, "id and object suffice");
    is_text(event.type, "event", "the type is the object then");
    ok(normalize(LIT("{\"id\":\"evt_1\"}")) != PAYMENTS_OK,
       "neither type nor object is refused");
}


int
main(void)
{
    schema_init();

    if (payments_schema_compile(&stripe, payments_stripe.fields,
                                payments_stripe.nfields)
        != 0)
    {
        abort();
    }

    statuses();
    amounts();
    identities();
    thin();
    missing();

    done_reading();

    return done_testing();
}
