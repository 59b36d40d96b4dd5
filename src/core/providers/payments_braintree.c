
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Braintree: https://developer.paypal.com/braintree/docs/guides/webhooks/parse,
 * a form with a signature and XML in base64, which is signed as it is written
 */


#include <string.h>

#include "payments_base64.h"
#include "payments_form.h"
#include "payments_hex.h"
#include "payments_provider.h"
#include "payments_xml.h"


#define PAYMENTS_BT_CHALLENGE      "bt_challenge="
#define PAYMENTS_BT_CHALLENGE_MIN  20
#define PAYMENTS_BT_CHALLENGE_MAX  32

#define PAYMENTS_BT_SHA1           20


static payments_rc_e payments_braintree_unwrap(
    const payments_provider_t *provider, payments_post_t *post);
static int payments_braintree_challenge(payments_secret_t *secret,
    payments_str_t query, unsigned char *dst);


static const payments_field_t  payments_braintree_fields[] = {
    { "notification.kind", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "notification.timestamp", PAYMENTS_STRING, PAYMENTS_ROLE_CREATED },
    { "notification.source-merchant-id",
      PAYMENTS_STRING, PAYMENTS_ROLE_ACCOUNT },
    { "notification.subject.transaction.id",
      PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "notification.subject.transaction.order-id",
      PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "notification.subject.transaction.type",
      PAYMENTS_STRING, PAYMENTS_ROLE_STATUS },
    { "notification.subject.transaction.currency-iso-code",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "notification.subject.transaction.amount",
      PAYMENTS_STRING, PAYMENTS_ROLE_DECIMAL },
    { "notification.subject.subscription.id",
      PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "notification.subject.dispute.id",
      PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "notification.subject.dispute.transaction.order-id",
      PAYMENTS_STRING, PAYMENTS_ROLE_TOKEN },
    { "notification.subject.dispute.currency-iso-code",
      PAYMENTS_STRING, PAYMENTS_ROLE_CURRENCY },
    { "notification.subject.dispute.amount",
      PAYMENTS_STRING, PAYMENTS_ROLE_DECIMAL },
    { "notification.subject.disbursement.id",
      PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "notification.subject.local-payment.payment-id",
      PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "notification.subject.local-payment-expired.payment-id",
      PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "notification.subject.local-payment-funded.payment-id",
      PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "notification.subject.local-payment-reversed.payment-id",
      PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT }
};


/* how much of it a refund, "credit", gives back only its sale says */

static const payments_status_rule_t  payments_braintree_rules[] = {
    { "transaction_*", "credit", PAYMENTS_STATUS_NONE, 0 },
    { "transaction_settled", NULL, PAYMENTS_CONFIRMED, 0 },
    { "transaction_disbursed", NULL, PAYMENTS_CONFIRMED, 0 },
    { "transaction_settlement_declined", NULL, PAYMENTS_REJECTED, 0 },
    { "subscription_charged_successfully", NULL, PAYMENTS_CONFIRMED, 0 },
    { "subscription_charged_unsuccessfully", NULL, PAYMENTS_REJECTED, 0 },
    { "dispute_opened", NULL, PAYMENTS_STATUS_NONE, 1 }
};


static const payments_scheme_t  payments_braintree_scheme = {
    .grammar = PAYMENTS_KEYED,
    .separator = '&',
    .algorithm = PAYMENTS_HMAC_SHA1,
    .encoding = PAYMENTS_HEX,
    .parts = {
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    },
    .sha1_key = 1,
    .named = 1,
    .newline = 1
};


const payments_provider_t  payments_braintree = {
    .name = payments_string("braintree"),
    .type_prefix = payments_string("com.braintreegateway."),
    .signed_by = payments_string("body"),
    .scheme = &payments_braintree_scheme,
    .media = payments_string("application/x-www-form-urlencoded"),
    .challenge = payments_braintree_challenge,
    .unwrap = payments_braintree_unwrap,
    .read = payments_xml_event,
    .fields = payments_braintree_fields,
    .nfields = sizeof(payments_braintree_fields)
               / sizeof(payments_braintree_fields[0]),
    .normalize = payments_normalize,
    .decimals = payments_iso_decimals,
    .rules = payments_braintree_rules,
    .nrules = sizeof(payments_braintree_rules)
              / sizeof(payments_braintree_rules[0])
};


/*
 * The XML is the payload, and so an event's id: whether a line feed ends the
 * base64, or how the form is escaped, makes no other event of it.
 */

static payments_rc_e
payments_braintree_unwrap(const payments_provider_t *provider,
    payments_post_t *post)
{
    payments_rc_e   rc;
    payments_str_t  values[2];
    unsigned char  *end;

    static const payments_str_t  names[] = {
        payments_string("bt_signature"), payments_string("bt_payload")
    };

    (void) provider;

    rc = payments_form_read(post->body, names, 2, values, post->room, &end);

    if (rc != PAYMENTS_OK) {
        return rc;
    }

    post->sent[PAYMENTS_SENT_SIGNATURE] = values[0];
    post->covered = values[1];
    post->payload.data = end;
    post->payload.len = 0;

    if (values[1].len == 0) {
        return values[0].len == 0 ? PAYMENTS_MISSING_SIGNATURE
                                  : PAYMENTS_NO_BODY;
    }

    if (!payments_base64_decode(values[1], end, &post->payload.len)) {
        return PAYMENTS_BAD_FORM;
    }

    return PAYMENTS_OK;
}


/*
 * "public key|HMAC".  What anybody has signed in this way is no event: base64
 * of digits and "a" to "f" alone does not begin with what XML begins with.
 */

static int
payments_braintree_challenge(payments_secret_t *secret, payments_str_t query,
    unsigned char *dst)
{
    size_t          i, prefix;
    unsigned char   c, *p;
    unsigned char   digest[PAYMENTS_MAX_DIGEST];
    payments_str_t  name;

    prefix = sizeof(PAYMENTS_BT_CHALLENGE) - 1;

    if (query.len < prefix + PAYMENTS_BT_CHALLENGE_MIN
        || query.len > prefix + PAYMENTS_BT_CHALLENGE_MAX
        || memcmp(query.data, PAYMENTS_BT_CHALLENGE, prefix) != 0)
    {
        return 0;
    }

    query.data += prefix;
    query.len -= prefix;

    for (i = 0; i < query.len; i++) {
        c = query.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return 0;
        }
    }

    name = payments_secret_id(secret);

    if (name.len == 0 || name.len > PAYMENTS_MAX_KEY_NAME) {
        return 0;
    }

    if (payments_secret_digest(secret, &query, 1, digest) != 0) {
        return -1;
    }

    memcpy(dst, name.data, name.len);
    p = dst + name.len;
    *p++ = '|';

    return payments_hex_encode(p, digest, PAYMENTS_BT_SHA1) - dst;
}
