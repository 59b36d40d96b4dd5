
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Przelewy24: https://developers.przelewy24.pl/
 */


#include <string.h>

#include "payments_provider.h"
#include "payments_text.h"


/* indexes of the fields below */

enum {
    PAYMENTS_P24_MERCHANT = 0,
    PAYMENTS_P24_POS,
    PAYMENTS_P24_SESSION,
    PAYMENTS_P24_AMOUNT,
    PAYMENTS_P24_ORIGIN,
    PAYMENTS_P24_CURRENCY,
    PAYMENTS_P24_ORDER,
    PAYMENTS_P24_METHOD,
    PAYMENTS_P24_STATEMENT,
    PAYMENTS_P24_REFUND,
    PAYMENTS_P24_STATUS,
    PAYMENTS_P24_SIGN,
    PAYMENTS_P24_MAX
};


static payments_rc_e payments_p24_unwrap(const payments_provider_t *provider,
    payments_post_t *post);
static int payments_p24_write(const payments_event_t *event,
    const unsigned char *order, payments_post_t *post);
static unsigned char *payments_p24_value(const payments_value_t *value,
    unsigned char *dst, const unsigned char *end);
static int payments_p24_plain(payments_str_t text);


static const payments_field_t  payments_p24_fields[] = {
    { "merchantId", PAYMENTS_STRING|PAYMENTS_INTEGER, PAYMENTS_ROLE_ACCOUNT },
    { "posId", PAYMENTS_STRING|PAYMENTS_INTEGER, PAYMENTS_ROLE_NONE },
    { "sessionId", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "amount", PAYMENTS_INTEGER, PAYMENTS_ROLE_AMOUNT },
    { "originAmount", PAYMENTS_INTEGER, PAYMENTS_ROLE_NONE },
    { "currency", PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "orderId", PAYMENTS_STRING|PAYMENTS_INTEGER, PAYMENTS_ROLE_OBJECT },
    { "methodId", PAYMENTS_STRING|PAYMENTS_INTEGER, PAYMENTS_ROLE_NONE },
    { "statement", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "refundsUuid", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "status", PAYMENTS_INTEGER, PAYMENTS_ROLE_NONE },
    { "sign", PAYMENTS_STRING, PAYMENTS_ROLE_NONE }
};


/* what is signed, in this order, up to PAYMENTS_P24_MAX */

static const unsigned char  payments_p24_transaction[] = {
    PAYMENTS_P24_MERCHANT, PAYMENTS_P24_POS, PAYMENTS_P24_SESSION,
    PAYMENTS_P24_AMOUNT, PAYMENTS_P24_ORIGIN, PAYMENTS_P24_CURRENCY,
    PAYMENTS_P24_ORDER, PAYMENTS_P24_METHOD, PAYMENTS_P24_STATEMENT,
    PAYMENTS_P24_MAX
};


static const unsigned char  payments_p24_refund[] = {
    PAYMENTS_P24_ORDER, PAYMENTS_P24_SESSION, PAYMENTS_P24_REFUND,
    PAYMENTS_P24_MERCHANT, PAYMENTS_P24_AMOUNT, PAYMENTS_P24_CURRENCY,
    PAYMENTS_P24_STATUS, PAYMENTS_P24_MAX
};


/*
 * A transaction is not paid before the shop has verified it, and a refund may
 * be a part of it
 */

static const payments_status_rule_t  payments_p24_rules[] = {
    { "transaction", NULL, PAYMENTS_WAITING, 0 }
};


/* SHA-384 of some fields as JSON, in which the last one is the key */

static const payments_scheme_t  payments_p24_scheme = {
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_PLAIN_SHA384,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string(",\"crc\":\"") },
        { PAYMENTS_PART_SECRET, 0, payments_string("\"}") }
    },
    .json_key = 1
};


const payments_provider_t  payments_przelewy24 = {
    .name = payments_string("przelewy24"),
    .type_prefix = payments_string("pl.przelewy24."),
    .signed_by = payments_string("fields"),
    .scheme = &payments_p24_scheme,
    .unwrap = payments_p24_unwrap,
    .fields = payments_p24_fields,
    .nfields = PAYMENTS_P24_MAX,
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_p24_rules,
    .nrules = sizeof(payments_p24_rules) / sizeof(payments_p24_rules[0])
};


static payments_rc_e
payments_p24_unwrap(const payments_provider_t *provider,
    payments_post_t *post)
{
    payments_rc_e            rc;
    payments_str_t          *type;
    payments_event_t         event;
    payments_schema_t        schema;
    payments_scratch_t       scratch;
    const payments_value_t  *status;

    static const payments_str_t  transaction = payments_string("transaction");
    static const payments_str_t  refund = payments_string("refund");
    static const payments_str_t  other = payments_string("refund.cancelled");

    if (payments_schema_compile(&schema, provider->fields, provider->nfields)
        != 0)
    {
        return PAYMENTS_INTERNAL;
    }

    rc = payments_event_read(&schema, post->body, &event, &scratch);
    if (rc != PAYMENTS_OK) {
        return rc;
    }

    if (event.values[PAYMENTS_P24_SIGN].type != PAYMENTS_STRING) {
        return PAYMENTS_MISSING_SIGNATURE;
    }

    type = &post->sent[PAYMENTS_SENT_TYPE];
    status = &event.values[PAYMENTS_P24_STATUS];

    if (event.values[PAYMENTS_P24_REFUND].type == PAYMENTS_NULL) {
        *type = transaction;

    } else {
        *type = (status->type == PAYMENTS_INTEGER && status->integer == 0)
                ? refund : other;
    }

    return payments_p24_write(&event, event.values[PAYMENTS_P24_REFUND].type
                                      == PAYMENTS_NULL
                                      ? payments_p24_transaction
                                      : payments_p24_refund, post)
           ? PAYMENTS_OK : PAYMENTS_MALFORMED_SIGNATURE;
}


/* 0 when there is no room, or a field that has to be there is not */

static int
payments_p24_write(const payments_event_t *event, const unsigned char *order,
    payments_post_t *post)
{
    size_t                len;
    unsigned char        *p;
    const char           *name;
    payments_str_t        sign;
    const unsigned char  *end;

    p = post->room;
    end = p + 2 * post->body.len;

    *p++ = '{';

    for ( /* void */ ; *order != PAYMENTS_P24_MAX; order++) {

        name = payments_p24_fields[*order].path;
        len = strlen(name);

        if ((size_t) (end - p) < len + sizeof("\"\":,") - 1) {
            return 0;
        }

        *p++ = '"';
        memcpy(p, name, len);
        p += len;
        *p++ = '"';
        *p++ = ':';

        p = payments_p24_value(&event->values[*order], p, end - 1);
        if (p == NULL) {
            return 0;
        }

        *p++ = ',';
    }

    post->covered.data = post->room;
    post->covered.len = p - 1 - post->room;

    /* may have been unescaped into the scratch, which is gone after */

    sign = event->values[PAYMENTS_P24_SIGN].string;

    if ((size_t) (end - p) < sign.len) {
        return 0;
    }

    if (sign.len != 0) {
        memcpy(p, sign.data, sign.len);
    }

    post->sent[PAYMENTS_SENT_SIGNATURE].data = p;
    post->sent[PAYMENTS_SENT_SIGNATURE].len = sign.len;

    return 1;
}


/*
 * As PHP writes it, slashes and UTF-8 as they are: of all that is left, quotes
 * and backslashes alone become two bytes.  NULL when there is no room, or no
 * value.
 */

static unsigned char *
payments_p24_value(const payments_value_t *value, unsigned char *dst,
    const unsigned char *end)
{
    size_t  room;

    room = end - dst;

    if (value->type == PAYMENTS_INTEGER) {
        return room < PAYMENTS_INTEGER_LEN
               ? NULL : payments_write_integer(dst, value->integer);
    }

    if (value->type != PAYMENTS_STRING
        || !payments_p24_plain(value->string)
        || room < 2 * value->string.len + sizeof("\"\"") - 1)
    {
        return NULL;
    }

    *dst++ = '"';
    dst = payments_write_escaped(dst, value->string);
    *dst++ = '"';

    return dst;
}


/* a line break, which PHP shortens, is in none of these texts */

static int
payments_p24_plain(payments_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < 0x20) {
            return 0;
        }
    }

    return 1;
}
