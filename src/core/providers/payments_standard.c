
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Standard Webhooks, and Svix with its own names of the headers:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/
 * standard-webhooks.md
 */


#include "payments_provider.h"


static const payments_field_t  payments_standard_fields[] = {
    { "type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "event_type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "timestamp", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "data.id", PAYMENTS_INTEGER|PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT }
};


static const payments_scheme_t  payments_standard_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("webhook-signature") },
        { PAYMENTS_SENT_SIGNATURE, payments_string("svix-signature") },
        { PAYMENTS_SENT_TIME, payments_string("webhook-timestamp") },
        { PAYMENTS_SENT_TIME, payments_string("svix-timestamp") },
        { PAYMENTS_SENT_ID, payments_string("webhook-id") },
        { PAYMENTS_SENT_ID, payments_string("svix-id") }
    },
    .grammar = PAYMENTS_VERSIONED,
    .word = payments_string("v1"),
    .public_word = payments_string("v1a"),
    .separator = ' ',
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_BASE64,
    .parts = {
        { PAYMENTS_PART_SENT, PAYMENTS_SENT_ID, payments_string(".") },
        { PAYMENTS_PART_TIME, 0, payments_string(".") },
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    },
    .tolerance = 300,
    .future = 300,
    .timed = 1,
    .base64_key = 1,
    .bodiless = 1
};


const payments_provider_t  payments_standard = {
    .name = payments_string("standard-webhooks"),
    .type_prefix = payments_string("com.standardwebhooks."),
    .signed_by = payments_string("body"),
    .scheme = &payments_standard_scheme,
    .fields = payments_standard_fields,
    .nfields = sizeof(payments_standard_fields)
               / sizeof(payments_standard_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .untyped = payments_string("message")
};
