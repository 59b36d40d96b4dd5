
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Adyen: https://docs.adyen.com/development-resources/webhooks/
 *
 * Webhooks of payments have items with a signature each, of eight of their
 * fields; all others have one of their body, in a header, and are one event.
 */


#include <string.h>

#include "payments_provider.h"


/* the first fields, in the order in which they are signed */

#define PAYMENTS_ADYEN_PSP       0
#define PAYMENTS_ADYEN_ORIGINAL  1
#define PAYMENTS_ADYEN_MERCHANT  3
#define PAYMENTS_ADYEN_CODE      6
#define PAYMENTS_ADYEN_SUCCESS   7
#define PAYMENTS_ADYEN_SIGNED    8

#define PAYMENTS_ADYEN_HMAC      8
#define PAYMENTS_ADYEN_LIVE      9

/* and the first that no item has */
#define PAYMENTS_ADYEN_BODY      11


static payments_rc_e payments_adyen_open(const payments_event_t *whole,
    payments_event_t *event, payments_post_t *post);
static int payments_adyen_clear(unsigned field, payments_str_t text);
static payments_rc_e payments_adyen_normalize(
    const payments_provider_t *provider, payments_event_t *event);
static int payments_adyen_is(payments_str_t text, const char *word);
static unsigned payments_adyen_decimals(payments_str_t currency);


static const payments_field_t  payments_adyen_fields[] = {
    { "pspReference", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "originalReference", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "merchantAccountCode", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "merchantReference", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "amount.value",
      PAYMENTS_INTEGER | PAYMENTS_STRING, PAYMENTS_ROLE_AMOUNT },
    { "amount.currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "eventCode", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "success", PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },

    { "additionalData.hmacSignature", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "live", PAYMENTS_STRING | PAYMENTS_BOOLEAN, PAYMENTS_ROLE_LIVE },
    { "eventDate", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },

    /* of a signed body; its "eventId" is that of what has caused the event */

    { "type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "environment", PAYMENTS_STRING, PAYMENTS_ROLE_LIVE },
    { "timestamp", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "createdAt", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "data.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.accountHolder.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.storedPaymentMethodId", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "data.reference", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "data.merchantAccount", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "data.balancePlatform", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "data.amount.value", PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT },
    { "data.amount.currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY }
};


/*
 * By default Adyen captures at once, and nothing follows an AUTHORISATION.
 * Whether a refund is the whole payment, and which of both a CANCEL_OR_REFUND
 * was, nothing that is signed says.
 */

static const payments_status_rule_t  payments_adyen_rules[] = {
    { "PENDING", "true", PAYMENTS_WAITING, 0 },
    { "AUTHORISATION", "true", PAYMENTS_CONFIRMED, 0 },
    { "AUTHORISATION", "false", PAYMENTS_REJECTED, 0 },
    { "CAPTURE", "true", PAYMENTS_CONFIRMED, 0 },
    { "CAPTURE", "false", PAYMENTS_ERROR, 0 },
    { "CAPTURE_FAILED", "true", PAYMENTS_ERROR, 0 },
    { "CANCELLATION", "true", PAYMENTS_CANCELLED, 0 },
    { "TECHNICAL_CANCEL", "true", PAYMENTS_CANCELLED, 0 },
    { "OFFER_CLOSED", "true", PAYMENTS_REJECTED, 0 },
    { "CHARGEBACK", NULL, PAYMENTS_STATUS_NONE, 1 },
    { "SECOND_CHARGEBACK", NULL, PAYMENTS_STATUS_NONE, 1 },
    { "NOTIFICATION_OF_CHARGEBACK", NULL, PAYMENTS_STATUS_NONE, 1 },
    { "NOTIFICATION_OF_FRAUD", NULL, PAYMENTS_STATUS_NONE, 1 },
    { "REQUEST_FOR_INFORMATION", NULL, PAYMENTS_STATUS_NONE, 1 }
};


static const payments_scheme_t  payments_adyen_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("hmacsignature") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_BASE64,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    },
    .hex_key = 1
};


static payments_rc_e
payments_adyen_open(const payments_event_t *whole, payments_event_t *event,
    payments_post_t *post)
{
    unsigned           i, clear;
    unsigned char     *p, digits[PAYMENTS_INTEGER_LEN];
    payments_str_t     text;
    payments_value_t  *value;

    /* nothing of it is signed, but test events have another key */

    value = &event->values[PAYMENTS_ADYEN_LIVE];
    *value = whole->values[PAYMENTS_ADYEN_LIVE];

    if (value->type == PAYMENTS_STRING) {
        value->type = PAYMENTS_BOOLEAN;
        value->integer = payments_adyen_is(value->string, "true");
    }

    /* what would stand for a signed field that is not there */

    for (i = PAYMENTS_ADYEN_BODY;
         i < sizeof(payments_adyen_fields) / sizeof(payments_adyen_fields[0]);
         i++)
    {
        event->values[i].type = PAYMENTS_NULL;
    }

    p = post->room;
    clear = 1;

    for (i = 0; i < PAYMENTS_ADYEN_SIGNED; i++) {
        value = &event->values[i];
        text = value->string;

        if (value->type == PAYMENTS_INTEGER) {
            text.data = digits;
            text.len = payments_write_integer(digits, value->integer)
                       - digits;
        }

        clear &= payments_adyen_clear(i, text);

        if (i != 0) {
            *p++ = ':';
        }

        if (text.len != 0) {
            memcpy(p, text.data, text.len);
            p += text.len;
        }
    }

    post->covered.data = post->room;
    post->covered.len = p - post->room;
    post->sent[PAYMENTS_SENT_SIGNATURE] =
                                     event->values[PAYMENTS_ADYEN_HMAC].string;

    return clear ? PAYMENTS_OK : PAYMENTS_MALFORMED_SIGNATURE;
}


/*
 * Colons are not escaped: when no other field than one has them, a message is
 * of one event only.  Nor can it be a body then, which ends with a bracket.
 */

static int
payments_adyen_clear(unsigned field, payments_str_t text)
{
    if (field == PAYMENTS_ADYEN_MERCHANT || text.len == 0) {
        return field != PAYMENTS_ADYEN_SUCCESS;
    }

    if (field == PAYMENTS_ADYEN_SUCCESS) {
        return payments_adyen_is(text, "true")
               || payments_adyen_is(text, "false");
    }

    return memchr(text.data, ':', text.len) == NULL;
}


static payments_rc_e
payments_adyen_normalize(const payments_provider_t *provider,
    payments_event_t *event)
{
    payments_rc_e   rc;
    payments_str_t  psp, original;
    payments_str_t  parts[5] = { payments_string(""), payments_string(":"),
                                 payments_string(""), payments_string(":"),
                                 payments_string("") };

    parts[0] = event->values[PAYMENTS_ADYEN_PSP].string;
    parts[2] = event->values[PAYMENTS_ADYEN_CODE].string;
    parts[4] = event->values[PAYMENTS_ADYEN_SUCCESS].string;

    if (parts[2].len == 0) {
        return payments_normalize(provider, event);
    }

    psp = parts[0];
    original = event->values[PAYMENTS_ADYEN_ORIGINAL].string;

    if (psp.len == 0) {
        return PAYMENTS_NO_EVENT_ID;
    }

    rc = payments_normalize_join(event, parts, 5, &event->scratch->sent_id);

    if (rc == PAYMENTS_OK) {
        rc = payments_normalize(provider, event);
    }

    event->object_id = original.len != 0 ? original : psp;

    return rc;
}


static int
payments_adyen_is(payments_str_t text, const char *word)
{
    return text.len == strlen(word)
           && memcmp(text.data, word, text.len) == 0;
}


/*
 * https://docs.adyen.com/development-resources/currency-codes/ differs from
 * ISO 4217 in these
 */

static unsigned
payments_adyen_decimals(payments_str_t currency)
{
    if (payments_currency_in(currency, "clp isk ")) {
        return 2;
    }

    if (payments_currency_in(currency, "cve idr ")) {
        return 0;
    }

    return payments_iso_decimals(currency);
}


const payments_provider_t  payments_adyen = {
    .name = payments_string("adyen"),
    .type_prefix = payments_string("com.adyen."),
    .signed_by = payments_string("body"),
    .scheme = &payments_adyen_scheme,
    .list = "notificationItems",
    .item = "NotificationRequestItem",
    .open = payments_adyen_open,
    .answer = payments_string("[accepted]"),
    .fields = payments_adyen_fields,
    .nfields = sizeof(payments_adyen_fields)
               / sizeof(payments_adyen_fields[0]),
    .normalize = payments_adyen_normalize,
    .decimals = payments_adyen_decimals,
    .rules = payments_adyen_rules,
    .nrules = sizeof(payments_adyen_rules)
              / sizeof(payments_adyen_rules[0])
};
