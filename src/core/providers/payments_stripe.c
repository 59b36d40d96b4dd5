
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Stripe: https://docs.stripe.com/api/events
 */


#include <string.h>

#include "payments_provider.h"
#include "payments_time.h"


/* indexes of payments_stripe_fields[] and of an event's values */

enum {
    STRIPE_ID = 0,
    STRIPE_TYPE,
    STRIPE_KIND,
    STRIPE_CREATED,
    STRIPE_LIVEMODE,
    STRIPE_ACCOUNT,
    STRIPE_CONTEXT,
    STRIPE_API_VERSION,
    STRIPE_RELATED_ID,
    STRIPE_OBJECT_ID,
    STRIPE_OBJECT_KIND,
    STRIPE_TOKEN,
    STRIPE_SESSION_STATUS,
    STRIPE_PAYMENT_STATUS,
    STRIPE_MODE,
    STRIPE_CURRENCY,
    STRIPE_AMOUNT_TOTAL,
    STRIPE_AMOUNT,
    STRIPE_AMOUNT_DUE,
    STRIPE_AMOUNT_RECEIVED,
    STRIPE_AMOUNT_CAPTURED,
    STRIPE_AMOUNT_PAID,
    STRIPE_AMOUNT_REFUNDED,
    STRIPE_CAPTURED,
    STRIPE_REFUNDED
};


/* the status that an event's type says by itself */

typedef struct {
    const char         *type;
    payments_status_e   status;
    unsigned            review;
} payments_stripe_rule_t;


static payments_rc_e payments_stripe_normalize(
    const payments_provider_t *provider, payments_event_t *event);
static void payments_stripe_created(payments_event_t *event);
static void payments_stripe_amounts(payments_event_t *event);
static void payments_stripe_status(payments_event_t *event);
static payments_status_e payments_stripe_session(
    const payments_event_t *event);
static payments_status_e payments_stripe_charge(
    const payments_event_t *event);
static payments_value_t payments_stripe_first(const payments_event_t *event,
    int a, int b, int c);
static int payments_stripe_is(payments_str_t str, const char *literal);
static unsigned payments_stripe_decimals(payments_str_t currency);


static const payments_field_t  payments_stripe_fields[] = {
    [STRIPE_ID] = { "id", PAYMENTS_STRING, 0 },
    [STRIPE_TYPE] = { "type", PAYMENTS_STRING, 0 },
    [STRIPE_KIND] = { "object", PAYMENTS_STRING, 0 },
    [STRIPE_CREATED] = { "created", PAYMENTS_INTEGER|PAYMENTS_STRING, 0 },
    [STRIPE_LIVEMODE] = { "livemode", PAYMENTS_BOOLEAN, 0 },
    [STRIPE_ACCOUNT] = { "account", PAYMENTS_STRING, 0 },
    [STRIPE_CONTEXT] = { "context", PAYMENTS_STRING, 0 },
    [STRIPE_API_VERSION] = { "api_version", PAYMENTS_STRING, 0 },
    [STRIPE_RELATED_ID] = { "related_object.id", PAYMENTS_STRING, 0 },
    [STRIPE_OBJECT_ID] = { "data.object.id", PAYMENTS_STRING, 0 },
    [STRIPE_OBJECT_KIND] = { "data.object.object", PAYMENTS_STRING, 0 },
    [STRIPE_TOKEN] = { "data.object.client_reference_id", PAYMENTS_STRING, 0 },
    [STRIPE_SESSION_STATUS] = { "data.object.status", PAYMENTS_STRING, 0 },
    [STRIPE_PAYMENT_STATUS] = { "data.object.payment_status",
                                PAYMENTS_STRING, 0 },
    [STRIPE_MODE] = { "data.object.mode", PAYMENTS_STRING, 0 },
    [STRIPE_CURRENCY] = { "data.object.currency", PAYMENTS_STRING, 0 },
    [STRIPE_AMOUNT_TOTAL] = { "data.object.amount_total",
                              PAYMENTS_INTEGER, 0 },
    [STRIPE_AMOUNT] = { "data.object.amount", PAYMENTS_INTEGER, 0 },
    [STRIPE_AMOUNT_DUE] = { "data.object.amount_due", PAYMENTS_INTEGER, 0 },
    [STRIPE_AMOUNT_RECEIVED] = { "data.object.amount_received",
                                 PAYMENTS_INTEGER, 0 },
    [STRIPE_AMOUNT_CAPTURED] = { "data.object.amount_captured",
                                 PAYMENTS_INTEGER, 0 },
    [STRIPE_AMOUNT_PAID] = { "data.object.amount_paid", PAYMENTS_INTEGER, 0 },
    [STRIPE_AMOUNT_REFUNDED] = { "data.object.amount_refunded",
                                 PAYMENTS_INTEGER, 0 },
    [STRIPE_CAPTURED] = { "data.object.captured", PAYMENTS_BOOLEAN, 0 },
    [STRIPE_REFUNDED] = { "data.object.refunded", PAYMENTS_BOOLEAN, 0 }
};


static const payments_stripe_rule_t  payments_stripe_rules[] = {
    { "payment_intent.succeeded", PAYMENTS_CONFIRMED, 0 },
    { "payment_intent.payment_failed", PAYMENTS_REJECTED, 0 },
    { "payment_intent.canceled", PAYMENTS_CANCELLED, 0 },
    { "payment_intent.processing", PAYMENTS_WAITING, 0 },
    { "payment_intent.requires_action", PAYMENTS_INPUT, 0 },
    { "payment_intent.amount_capturable_updated", PAYMENTS_PREAUTH, 0 },
    { "charge.captured", PAYMENTS_CONFIRMED, 0 },
    { "charge.failed", PAYMENTS_REJECTED, 0 },
    { "charge.dispute.created", PAYMENTS_STATUS_NONE, 1 },
    { "review.opened", PAYMENTS_STATUS_NONE, 1 },
    { "radar.early_fraud_warning.created", PAYMENTS_STATUS_NONE, 1 }
};


/*
 * https://docs.stripe.com/webhooks/signatures; only its age is judged there,
 * and "v0" and what else there is are passed over
 */

static const payments_scheme_t  payments_stripe_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("stripe-signature") }
    },
    .grammar = PAYMENTS_PAIRS,
    .word = payments_string("v1"),
    .time_word = payments_string("t"),
    .separator = ',',
    .parts = {
        { PAYMENTS_PART_TIME, 0, payments_string(".") },
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    },
    .tolerance = 300,
    .future = -1,
    .timed = 1,
    .whole_whsec = 1
};


const payments_provider_t  payments_stripe = {
    .name = payments_string("stripe"),
    .type_prefix = payments_string("com.stripe."),
    .signed_by = payments_string("body"),
    .scheme = &payments_stripe_scheme,
    .fields = payments_stripe_fields,
    .nfields = sizeof(payments_stripe_fields)
               / sizeof(payments_stripe_fields[0]),
    .normalize = payments_stripe_normalize,
    .decimals = payments_stripe_decimals
};


static payments_rc_e
payments_stripe_normalize(const payments_provider_t *provider,
    payments_event_t *event)
{
    const payments_value_t  *v;

    (void) provider;

    v = event->values;

    event->id = v[STRIPE_ID].string;

    if (event->id.len == 0) {
        return PAYMENTS_NO_EVENT_ID;
    }

    /* a thin event of old had no type, and CloudEvents wants one */

    event->type = v[STRIPE_TYPE].string;

    if (event->type.len == 0) {
        event->type = v[STRIPE_KIND].string;
    }

    if (event->type.len == 0) {
        return PAYMENTS_NO_EVENT_TYPE;
    }

    /* a thin event only points to its object and account */

    event->object_id = v[STRIPE_OBJECT_ID].string;

    if (event->object_id.len == 0) {
        event->object_id = v[STRIPE_RELATED_ID].string;
    }

    event->account = v[STRIPE_ACCOUNT].string;

    if (event->account.len == 0) {
        event->account = v[STRIPE_CONTEXT].string;
    }

    event->api_version = v[STRIPE_API_VERSION].string;
    event->token = v[STRIPE_TOKEN].string;
    event->currency = v[STRIPE_CURRENCY].string;
    event->livemode = v[STRIPE_LIVEMODE];

    payments_stripe_created(event);
    payments_stripe_amounts(event);
    payments_stripe_status(event);

    return PAYMENTS_OK;
}


/* seconds, or in a thin event a text */

static void
payments_stripe_created(payments_event_t *event)
{
    payments_value_t  *created;

    created = &event->created;
    *created = event->values[STRIPE_CREATED];

    if (created->type == PAYMENTS_STRING) {
        created->type = PAYMENTS_NULL;

        if (payments_read_time(created->string, &created->integer)) {
            created->type = PAYMENTS_INTEGER;
            event->time = created->string;
        }
    }
}


static void
payments_stripe_amounts(payments_event_t *event)
{
    const payments_value_t  *v;

    v = event->values;

    event->amount = payments_stripe_first(event, STRIPE_AMOUNT_TOTAL,
                                          STRIPE_AMOUNT, STRIPE_AMOUNT_DUE);

    event->captured_amount = payments_stripe_first(event,
                                                   STRIPE_AMOUNT_RECEIVED,
                                                   STRIPE_AMOUNT_CAPTURED,
                                                   STRIPE_AMOUNT_PAID);

    if (event->captured_amount.type == PAYMENTS_NULL) {

        /* a session that is paid, a charge of before 2020 */

        if (payments_stripe_session(event) == PAYMENTS_CONFIRMED
            || v[STRIPE_CAPTURED].integer)
        {
            event->captured_amount = event->amount;
        }
    }

    event->refunded_amount = v[STRIPE_AMOUNT_REFUNDED];
}


static void
payments_stripe_status(payments_event_t *event)
{
    size_t                         i;
    const payments_stripe_rule_t  *rule;

    event->status = payments_stripe_session(event);

    if (event->status == PAYMENTS_STATUS_NONE) {
        event->status = payments_stripe_charge(event);
    }

    for (i = 0;
         i < sizeof(payments_stripe_rules) / sizeof(payments_stripe_rules[0]);
         i++)
    {
        rule = &payments_stripe_rules[i];

        if (payments_stripe_is(event->type, rule->type)) {
            event->status = rule->status;
            event->review = rule->review;
            return;
        }
    }
}


/*
 * The session's fields decide; its type only where they are silent.  Where
 * nothing had to be paid since a card was only saved, nothing is.
 */

static payments_status_e
payments_stripe_session(const payments_event_t *event)
{
    payments_str_t  status, payment, mode;

    static const char  prefix[] = "checkout.session.";

    if (event->type.len < sizeof(prefix) - 1
        || memcmp(event->type.data, prefix, sizeof(prefix) - 1) != 0)
    {
        return PAYMENTS_STATUS_NONE;
    }

    status = event->values[STRIPE_SESSION_STATUS].string;
    payment = event->values[STRIPE_PAYMENT_STATUS].string;
    mode = event->values[STRIPE_MODE].string;

    if (payments_stripe_is(status, "expired")
        || payments_stripe_is(event->type, "checkout.session.expired"))
    {
        return PAYMENTS_REJECTED;
    }

    if (payments_stripe_is(payment, "paid")
        || (payments_stripe_is(payment, "no_payment_required")
            && !payments_stripe_is(mode, "setup")))
    {
        return PAYMENTS_CONFIRMED;
    }

    if (payments_stripe_is(payment, "unpaid")
        && payments_stripe_is(event->type, "checkout.session.completed"))
    {
        return PAYMENTS_WAITING;
    }

    if (payments_stripe_is(event->type,
                           "checkout.session.async_payment_failed"))
    {
        return PAYMENTS_REJECTED;
    }

    return PAYMENTS_STATUS_NONE;
}


static payments_status_e
payments_stripe_charge(const payments_event_t *event)
{
    const payments_value_t  *v;

    v = event->values;

    if (payments_stripe_is(event->type, "charge.succeeded")) {
        return v[STRIPE_CAPTURED].integer ? PAYMENTS_CONFIRMED
                                          : PAYMENTS_PREAUTH;
    }

    if (payments_stripe_is(event->type, "charge.refunded")) {
        return v[STRIPE_REFUNDED].integer ? PAYMENTS_REFUNDED
                                          : PAYMENTS_CONFIRMED;
    }

    return PAYMENTS_STATUS_NONE;
}


static payments_value_t
payments_stripe_first(const payments_event_t *event, int a, int b, int c)
{
    const payments_value_t  *v;

    v = event->values;

    if (v[a].type != PAYMENTS_NULL) {
        return v[a];
    }

    return v[b].type != PAYMENTS_NULL ? v[b] : v[c];
}


static int
payments_stripe_is(payments_str_t str, const char *literal)
{
    return str.len == strlen(literal)
           && memcmp(str.data, literal, str.len) == 0;
}


/*
 * https://docs.stripe.com/currencies: the zero-decimal ones, but for UGX,
 * which its special cases want with two, and the three-decimal ones.
 */

static unsigned
payments_stripe_decimals(payments_str_t currency)
{
    static const char  zero[] = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd "
                                "vuv xaf xof xpf ";
    static const char  three[] = "bhd jod kwd omr tnd ";

    return payments_decimals(currency, zero, three);
}
