
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * GoCardless: https://developer.gocardless.com/api-reference/#core-endpoints-
 * events
 */


#include <string.h>

#include "payments_provider.h"


#define PAYMENTS_GOCARDLESS_RESOURCE  0
#define PAYMENTS_GOCARDLESS_ACTION    1

#define PAYMENTS_GOCARDLESS_LINK      "links."


static payments_rc_e payments_gocardless_normalize(
    const payments_provider_t *provider, payments_event_t *event);
static int payments_gocardless_links(const char *path,
    payments_str_t resource);


static const payments_field_t  payments_gocardless_fields[] = {
    { "resource_type", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "action", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "id", PAYMENTS_STRING, PAYMENTS_ROLE_ID },
    { "created_at", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "links.organisation", PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "resource_metadata.token", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "metadata.token", PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },

    /* an event has links to others than its own resource */

    { "links.billing_request", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.creditor", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.customer", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.export", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.instalment_schedule", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.mandate", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.outbound_payment", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.payer_authorisation", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.payment", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.payment_account_transaction",
      PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.payout", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.refund", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.scheme_identifier", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "links.subscription", PAYMENTS_STRING, PAYMENTS_ROLE_NONE }
};


/* whether a refund is the whole payment its events do not say */

static const payments_status_rule_t  payments_gocardless_rules[] = {
    { "payments.created", NULL, PAYMENTS_WAITING, 0 },
    { "payments.customer_approval_granted", NULL, PAYMENTS_WAITING, 0 },
    { "payments.submitted", NULL, PAYMENTS_WAITING, 0 },
    { "payments.resubmission_requested", NULL, PAYMENTS_WAITING, 0 },
    { "payments.confirmed", NULL, PAYMENTS_CONFIRMED, 0 },
    { "payments.paid_out", NULL, PAYMENTS_CONFIRMED, 0 },
    { "payments.failed", NULL, PAYMENTS_REJECTED, 0 },
    { "payments.customer_approval_denied", NULL, PAYMENTS_REJECTED, 0 },
    { "payments.cancelled", NULL, PAYMENTS_CANCELLED, 0 },
    { "payments.charged_back", NULL, PAYMENTS_STATUS_NONE, 1 }
};


static const payments_scheme_t  payments_gocardless_scheme = {
    .headers = {
        { PAYMENTS_SENT_SIGNATURE, payments_string("webhook-signature") }
    },
    .grammar = PAYMENTS_BARE,
    .algorithm = PAYMENTS_HMAC_SHA256,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    },
    .shared = 1
};


static payments_rc_e
payments_gocardless_normalize(const payments_provider_t *provider,
    payments_event_t *event)
{
    unsigned        i;
    payments_rc_e   rc;
    payments_str_t  parts[3] = { payments_string(""), payments_string("."),
                                 payments_string("") };

    parts[0] = event->values[PAYMENTS_GOCARDLESS_RESOURCE].string;
    parts[2] = event->values[PAYMENTS_GOCARDLESS_ACTION].string;

    if (parts[0].len == 0 || parts[2].len == 0) {
        return PAYMENTS_NO_EVENT_TYPE;
    }

    rc = payments_normalize_join(event, parts, 3, &event->scratch->sent_type);

    if (rc == PAYMENTS_OK) {
        rc = payments_normalize(provider, event);
    }

    for (i = 0; i < provider->nfields && rc == PAYMENTS_OK; i++) {
        if (payments_gocardless_links(provider->fields[i].path, parts[0])) {
            event->object_id = event->values[i].string;
        }
    }

    return rc;
}


/* "links.mandate" are the links of "mandates" */

static int
payments_gocardless_links(const char *path, payments_str_t resource)
{
    size_t  len;

    len = sizeof(PAYMENTS_GOCARDLESS_LINK) - 1;

    if (strncmp(path, PAYMENTS_GOCARDLESS_LINK, len) != 0) {
        return 0;
    }

    path += len;
    len = strlen(path);

    return resource.len == len + 1 && resource.data[len] == 's'
           && memcmp(resource.data, path, len) == 0;
}


const payments_provider_t  payments_gocardless = {
    .name = payments_string("gocardless"),
    .type_prefix = payments_string("com.gocardless."),
    .signed_by = payments_string("body"),
    .scheme = &payments_gocardless_scheme,
    .list = "events",
    .fields = payments_gocardless_fields,
    .nfields = sizeof(payments_gocardless_fields)
               / sizeof(payments_gocardless_fields[0]),
    .normalize = payments_gocardless_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_gocardless_rules,
    .nrules = sizeof(payments_gocardless_rules)
              / sizeof(payments_gocardless_rules[0])
};
