
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The table of gateways.
 */


#ifndef _PAYMENTS_PROVIDER_H_INCLUDED_
#define _PAYMENTS_PROVIDER_H_INCLUDED_


#include "payments.h"
#include "payments_event.h"
#include "payments_schema.h"
#include "payments_scheme.h"
#include "payments_signature.h"


/* the longest answer to a challenge: a key's name, a bar, an HMAC in hex */
#define PAYMENTS_MAX_KEY_NAME   64
#define PAYMENTS_MAX_CHALLENGE  (PAYMENTS_MAX_KEY_NAME + 1                    \
                                 + 2 * PAYMENTS_MAX_DIGEST)

/* bytes of a body that is no JSON, so that its base64 fits a line */
#define PAYMENTS_MAX_OPAQUE     (PAYMENTS_MAX_BODY / 4 * 3 - 4)


/* bytes of a message that is made of fields of an event */
#define PAYMENTS_MAX_COVERED  (8 * (PAYMENTS_MAX_STRING + 1))


typedef struct payments_provider_s  payments_provider_t;


/*
 * The status that an event has by its type, which may end in a "*", and by
 * the word in its PAYMENTS_ROLE_STATUS, NULL for any.  The first that fits
 * counts.
 */

typedef struct {
    const char               *type;
    const char               *word;
    payments_status_e         status;
    unsigned                  review;
} payments_status_rule_t;


/*
 * A body, as it came, and what it says when a signature lies in it: which bytes
 * stand for it in the signed message, and which are the event.  room has twice
 * as many bytes as the body, for what is decoded.
 */

typedef struct {
    payments_str_t            body;
    payments_str_t            covered;
    payments_str_t            payload;
    payments_str_t           *sent;         /* by PAYMENTS_SENT_* */
    unsigned char            *room;
} payments_post_t;


struct payments_provider_s {
    payments_str_t            name;
    payments_str_t            type_prefix;  /* of the CloudEvents type */
    payments_str_t            signed_by;    /* what is covered: "body" */
    const payments_scheme_t  *scheme;

    /* of a body that is no JSON, its type; empty for JSON */
    payments_str_t            media;

    /* the body of a success, a text; empty: our JSON */
    payments_str_t            answer;

    /*
     * NULL: none.  Writes the answer to a challenge, the query of a GET,
     * PAYMENTS_MAX_CHALLENGE bytes at most, and returns its length; 0 when it
     * is none, -1 when OpenSSL fails.
     */
    int                     (*challenge)(payments_secret_t *secret,
                                 payments_str_t query, unsigned char *dst);

    /*
     * NULL: the body is signed, and the event.  Else sets covered, payload and
     * what was sent in the body; a refusal when it is not of this gateway's
     * form.  Nothing of it has been verified.
     */
    payments_rc_e           (*unwrap)(const payments_provider_t *provider,
                                 payments_post_t *post);

    /* NULL: payments_event_read(), of JSON */
    payments_rc_e           (*read)(const payments_schema_t *schema,
                                 payments_str_t payload,
                                 payments_event_t *event,
                                 payments_scratch_t *scratch);

    /*
     * Of a body of many events: the array that has them, and the member of
     * each of its elements that is one, NULL for the element itself.  What is
     * said below of a body is said of such a member then.  A body without the
     * array is one event.
     */
    const char               *list;
    const char               *item;

    /*
     * NULL: the body's signature is that of its events.  Else these have their
     * own where the body has none: sets what was signed, in room, which has
     * PAYMENTS_MAX_COVERED bytes, and its signature, and gives the event what
     * only the whole body says.  PAYMENTS_MALFORMED_SIGNATURE when the message
     * could be read as another's.
     */
    payments_rc_e           (*open)(const payments_event_t *whole,
                                 payments_event_t *event,
                                 payments_post_t *post);

    /* what is read from a body, and how an event is made of it */
    const payments_field_t   *fields;
    unsigned                  nfields;
    payments_rc_e           (*normalize)(const payments_provider_t *provider,
                                 payments_event_t *event);

    /* digits after the decimal point, by ISO 4217 code */
    unsigned                (*decimals)(payments_str_t currency);

    /* of payments_normalize(); untyped is the type where there is none */
    payments_str_t            untyped;
    const payments_status_rule_t  *rules;
    unsigned                       nrules;
};


/* A gateway by its name; static, NULL when there is none. */
const payments_provider_t *payments_provider_find(payments_str_t name);

/* All of them, by their number from 0; NULL behind the last. */
const payments_provider_t *payments_provider_next(unsigned i);

/*
 * 1 when a gateway, and nobody else, puts its signature into that header
 * (lower case).
 */
int payments_provider_signs(payments_str_t header);

/*
 * Makes an event of what its fields have read, by their roles: of several
 * with one role the first that is there counts.  An event without an id of the
 * gateway's is known by its body, "sha256:" and 64 hex digits.  An amount that
 * is no number of the currency's smallest units is unknown.
 * PAYMENTS_NO_EVENT_TYPE, or PAYMENTS_INTERNAL when OpenSSL fails.
 */
payments_rc_e payments_normalize(const payments_provider_t *provider,
    payments_event_t *event);

/*
 * Joins n texts to one that lives as long as the event.  PAYMENTS_TOO_LONG
 * when an envelope, or the event, has no room for it.
 */
payments_rc_e payments_normalize_join(payments_event_t *event,
    const payments_str_t *parts, unsigned n, payments_str_t *out);

/*
 * Sets the id that an event has by its body, see payments_normalize().
 * PAYMENTS_INTERNAL when OpenSSL fails.
 */
payments_rc_e payments_normalize_id(payments_event_t *event);

/* bytes of a certificate's name */
#define PAYMENTS_PAYPAL_NAME  100

/*
 * 1 when it is a URL of one of PayPal's certificates, to the letter: then
 * *name is its last part, of letters, digits, "-" and "_", and *live is 0 for
 * the sandbox.
 */
int payments_paypal_url(payments_str_t url, payments_str_t *name, int *live);

/* Digits after the decimal point by ISO 4217, in any case. */
unsigned payments_iso_decimals(payments_str_t currency);

/*
 * 1 when it is, in any case, one of the codes, which are in lower case and have
 * a blank behind each.
 */
int payments_currency_in(payments_str_t currency, const char *codes);

/* By two such lists: none, three, or two for the others. */
unsigned payments_decimals(payments_str_t currency, const char *zero,
    const char *three);

/* Two, where an amount is in hundredths whatever the currency has. */
unsigned payments_hundredths(payments_str_t currency);


extern const payments_provider_t  payments_adyen;
extern const payments_provider_t  payments_braintree;
extern const payments_provider_t  payments_checkout;
extern const payments_provider_t  payments_coinbase;
extern const payments_provider_t  payments_dotpay;
extern const payments_provider_t  payments_flutterwave;
extern const payments_provider_t  payments_github;
extern const payments_provider_t  payments_gocardless;
extern const payments_provider_t  payments_hmac;
extern const payments_provider_t  payments_lemonsqueezy;
extern const payments_provider_t  payments_mercadopago;
extern const payments_provider_t  payments_mollie;
extern const payments_provider_t  payments_paddle;
extern const payments_provider_t  payments_paypal;
extern const payments_provider_t  payments_paystack;
extern const payments_provider_t  payments_payu;
extern const payments_provider_t  payments_przelewy24;
extern const payments_provider_t  payments_razorpay;
extern const payments_provider_t  payments_shopify;
extern const payments_provider_t  payments_square;
extern const payments_provider_t  payments_standard;
extern const payments_provider_t  payments_stripe;
extern const payments_provider_t  payments_woocommerce;
extern const payments_provider_t  payments_worldline;
extern const payments_provider_t  payments_xendit;


#endif /* _PAYMENTS_PROVIDER_H_INCLUDED_ */
