
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Coinbase Commerce: https://docs.cdp.coinbase.com/commerce/docs/webhooks
 */


#include "payments_provider.h"


static const payments_field_t  payments_coinbase_fields[] = {
    { "event.id", PAYMENTS_STRING, PAYMENTS_ROLE_ID },
    { "event.type", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "event.api_version", PAYMENTS_STRING, PAYMENTS_ROLE_API_VERSION },
    { "event.created_at", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "event.data.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "event.data.code", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "event.data.metadata.token", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "event.data.pricing.local.amount",
      PAYMENTS_STRING, PAYMENTS_ROLE_DECIMAL },
    { "event.data.pricing.local.currency",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY }
};


/* the merchant has resolved what may have been underpaid: nobody says how */

static const payments_status_rule_t  payments_coinbase_rules[] = {
    { "charge:created", NULL, PAYMENTS_WAITING, 0 },
    { "charge:pending", NULL, PAYMENTS_WAITING, 0 },
    { "charge:confirmed", NULL, PAYMENTS_CONFIRMED, 0 },
    { "charge:failed", NULL, PAYMENTS_REJECTED, 0 },
    { "charge:delayed", NULL, PAYMENTS_STATUS_NONE, 1 },
    { "charge:resolved", NULL, PAYMENTS_STATUS_NONE, 1 }
};


/* the "id" around "event" is that of a delivery */

static const payments_scheme_t  payments_coinbase_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("x-cc-webhook-signature") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    }
};


const payments_provider_t  payments_coinbase = {
    .name = payments_string("coinbase"),
    .type_prefix = payments_string("com.coinbase.commerce."),
    .signed_by = payments_string("body"),
    .scheme = &payments_coinbase_scheme,
    .fields = payments_coinbase_fields,
    .nfields = sizeof(payments_coinbase_fields)
               / sizeof(payments_coinbase_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_coinbase_rules,
    .nrules = sizeof(payments_coinbase_rules)
              / sizeof(payments_coinbase_rules[0])
};
