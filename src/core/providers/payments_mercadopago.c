
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Mercado Pago: https://www.mercadopago.com/developers/en/docs/
 * your-integrations/notifications/webhooks
 *
 * It signs the id of a payment, as the query has it, and that of the request,
 * and nothing of the body.  So a request that was seen once can be sent again
 * with another body: its status and amounts would be worth nothing, and it
 * has none.  The subject is the signed id, or nothing; the body may not name
 * another one.
 */


#include "payments_provider.h"


static payments_rc_e payments_mercadopago_normalize(
    const payments_provider_t *provider, payments_event_t *event);
static int payments_mercadopago_same(payments_str_t a, payments_str_t b);


/*
 * The "id" of the body is left alone: who knows what it will be, could have a
 * body of his own taken first, and the right one for a duplicate then, here
 * and by whoever reads the envelopes.  The digest of a body is the id of that
 * body only, and known after a restart as well.
 */

static const payments_field_t  payments_mercadopago_fields[] = {
    { "action", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "api_version", PAYMENTS_STRING, PAYMENTS_ROLE_API_VERSION },
    { "date_created", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "live_mode", PAYMENTS_BOOLEAN, PAYMENTS_ROLE_LIVE },
    { "user_id", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "data.id", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT }
};


static const payments_scheme_t  payments_mercadopago_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("x-signature") },
        { PAYMENTS_SENT_REQUEST, payments_string("x-request-id") },
        { PAYMENTS_SENT_OBJECT, payments_string("data.id") }
    },
    .queried = 1 << PAYMENTS_SENT_OBJECT,
    .grammar = PAYMENTS_PAIRS,
    .word = payments_string("v1"),
    .time_word = payments_string("ts"),
    .separator = ',',
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_SENT, PAYMENTS_SENT_OBJECT, payments_string(";") },
        { PAYMENTS_PART_SENT, PAYMENTS_SENT_REQUEST, payments_string(";") },
        { PAYMENTS_PART_TIME, 0, payments_string(";") }
    },
    .labels = {
        payments_string("id:"),
        payments_string("request-id:"),
        payments_string("ts:")
    },
    .tolerance = -1,
    .future = 300,
    .unit = PAYMENTS_BY_DIGITS,
    .timed = 1,
    .shared = 1,
    .bodiless = 1,
    .lower_retry = 1
};


const payments_provider_t  payments_mercadopago = {
    .name = payments_string("mercadopago"),
    .type_prefix = payments_string("com.mercadopago."),
    .signed_by = payments_string("fields"),
    .scheme = &payments_mercadopago_scheme,
    .fields = payments_mercadopago_fields,
    .nfields = sizeof(payments_mercadopago_fields)
               / sizeof(payments_mercadopago_fields[0]),
    .normalize = payments_mercadopago_normalize,
    .decimals = payments_iso_decimals
};


static payments_rc_e
payments_mercadopago_normalize(const payments_provider_t *provider,
    payments_event_t *event)
{
    payments_rc_e   rc;
    payments_str_t  sent;

    sent = event->scratch->sent_object;

    rc = payments_normalize(provider, event);

    if (rc != PAYMENTS_OK) {
        return rc;
    }

    if (event->object_id.len != 0 && sent.len != 0
        && !payments_mercadopago_same(event->object_id, sent))
    {
        return PAYMENTS_NO_MATCH;
    }

    event->object_id = sent;

    return PAYMENTS_OK;
}


/* it is signed in lower case, and sent in any */

static int
payments_mercadopago_same(payments_str_t a, payments_str_t b)
{
    size_t         i;
    unsigned char  c, d;

    if (a.len != b.len) {
        return 0;
    }

    for (i = 0; i < a.len; i++) {
        c = a.data[i];
        d = b.data[i];

        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
        }

        if (d >= 'A' && d <= 'Z') {
            d |= 0x20;
        }

        if (c != d) {
            return 0;
        }
    }

    return 1;
}
