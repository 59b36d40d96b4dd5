
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Dotpay: a form, as its shops' libraries check it, django-payments' among
 * them; 26 fields are signed, one after the other, and nothing between them
 */


#include <string.h>

#include "payments_form.h"
#include "payments_provider.h"


#define PAYMENTS_DOTPAY_SIGNED  26


static payments_rc_e payments_dotpay_unwrap(
    const payments_provider_t *provider, payments_post_t *post);
static payments_rc_e payments_dotpay_normalize(
    const payments_provider_t *provider, payments_event_t *event);


/* in the order of the signature, which is behind them */

static const payments_str_t  payments_dotpay_names[] = {
    payments_string("id"),
    payments_string("operation_number"),
    payments_string("operation_type"),
    payments_string("operation_status"),
    payments_string("operation_amount"),
    payments_string("operation_currency"),
    payments_string("operation_withdrawal_amount"),
    payments_string("operation_commission_amount"),
    payments_string("is_completed"),
    payments_string("operation_original_amount"),
    payments_string("operation_original_currency"),
    payments_string("operation_datetime"),
    payments_string("operation_related_number"),
    payments_string("control"),
    payments_string("description"),
    payments_string("email"),
    payments_string("p_info"),
    payments_string("p_email"),
    payments_string("credit_card_issuer_identification_number"),
    payments_string("credit_card_masked_number"),
    payments_string("credit_card_brand_codename"),
    payments_string("credit_card_brand_code"),
    payments_string("credit_card_id"),
    payments_string("channel"),
    payments_string("channel_country"),
    payments_string("geoip_country"),
    payments_string("signature")
};


/* the amount that was asked for is the original one */

static const payments_field_t  payments_dotpay_fields[] = {
    { "id", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "operation_number", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "operation_type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "operation_status", PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },
    { "operation_original_amount", PAYMENTS_STRING, PAYMENTS_ROLE_DECIMAL },
    { "operation_original_currency",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "control", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN }
};


static const payments_status_rule_t  payments_dotpay_rules[] = {
    { "payment", "new", PAYMENTS_WAITING, 0 },
    { "payment", "processing*", PAYMENTS_WAITING, 0 },
    { "payment", "completed", PAYMENTS_CONFIRMED, 0 },
    { "payment", "rejected", PAYMENTS_REJECTED, 0 }
};


static const payments_scheme_t  payments_dotpay_scheme = {
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_PLAIN_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_SECRET, 0, payments_string("") },
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    }
};


const payments_provider_t  payments_dotpay = {
    .name = payments_string("dotpay"),
    .type_prefix = payments_string("pl.dotpay."),
    .signed_by = payments_string("fields"),
    .scheme = &payments_dotpay_scheme,
    .media = payments_string("application/x-www-form-urlencoded"),
    .answer = payments_string("OK"),
    .unwrap = payments_dotpay_unwrap,
    .read = payments_form_event,
    .fields = payments_dotpay_fields,
    .nfields = sizeof(payments_dotpay_fields)
               / sizeof(payments_dotpay_fields[0]),
    .normalize = payments_dotpay_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_dotpay_rules,
    .nrules = sizeof(payments_dotpay_rules) / sizeof(payments_dotpay_rules[0])
};


static payments_rc_e
payments_dotpay_unwrap(const payments_provider_t *provider,
    payments_post_t *post)
{
    unsigned        i;
    payments_rc_e   rc;
    payments_str_t  values[PAYMENTS_DOTPAY_SIGNED + 1];
    unsigned char  *p;

    (void) provider;

    rc = payments_form_read(post->body, payments_dotpay_names,
                            PAYMENTS_DOTPAY_SIGNED + 1, values, post->room,
                            &p);

    if (rc != PAYMENTS_OK) {
        return rc;
    }

    post->sent[PAYMENTS_SENT_SIGNATURE] = values[PAYMENTS_DOTPAY_SIGNED];
    post->covered.data = p;

    for (i = 0; i < PAYMENTS_DOTPAY_SIGNED; i++) {
        if (values[i].len != 0) {
            memcpy(p, values[i].data, values[i].len);
            p += values[i].len;
        }
    }

    post->covered.len = p - post->covered.data;

    return PAYMENTS_OK;
}


/*
 * An operation comes once in each of its states.  The body would not do for an
 * id: what is not signed of it may be another when it is sent again.
 */

static payments_rc_e
payments_dotpay_normalize(const payments_provider_t *provider,
    payments_event_t *event)
{
    size_t               len;
    payments_str_t       number, status;
    unsigned char       *p;
    payments_scratch_t  *scratch;

    scratch = event->scratch;
    number = event->values[1].string;
    status = event->values[3].string;
    len = number.len + 1 + status.len;

    if (number.len != 0 && status.len != 0
        && len <= PAYMENTS_MAX_MADE - scratch->made_len)
    {
        p = scratch->made + scratch->made_len;
        scratch->made_len += len;

        scratch->sent_id.data = p;
        scratch->sent_id.len = len;

        memcpy(p, number.data, number.len);
        p += number.len;
        *p++ = ':';
        memcpy(p, status.data, status.len);
    }

    return payments_normalize(provider, event);
}
