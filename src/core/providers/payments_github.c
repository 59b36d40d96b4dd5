
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * GitHub: https://docs.github.com/en/webhooks/using-webhooks
 */


#include "payments_provider.h"


static const payments_field_t  payments_github_fields[] = {
    { "sponsorship.node_id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "organization.login", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "repository.owner.login", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT }
};


/* a delivery that is sent again has its id again, which nobody has signed */

static const payments_scheme_t  payments_github_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("x-hub-signature-256") },
        { PAYMENTS_SENT_ID, payments_string("x-github-delivery") },
        { PAYMENTS_SENT_TYPE, payments_string("x-github-event") }
    },
    .grammar = PAYMENTS_PREFIXED,
    .word = payments_string("sha256="),
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    }
};


const payments_provider_t  payments_github = {
    .name = payments_string("github"),
    .type_prefix = payments_string("com.github."),
    .signed_by = payments_string("body"),
    .scheme = &payments_github_scheme,
    .fields = payments_github_fields,
    .nfields = sizeof(payments_github_fields)
               / sizeof(payments_github_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals
};
