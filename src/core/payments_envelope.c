
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_envelope.h"
#include "payments_text.h"
#include "payments_time.h"


/* where variants are posted to; one source whichever way a URL is spelled */
#define PAYMENTS_SOURCE  "/payments/process/"


/* a literal, whose length is known here, and one that is a member's name */

#define payments_put(p, literal)                                              \
    ((unsigned char *) memcpy(p, "" literal, sizeof(literal) - 1)             \
     + sizeof(literal) - 1)

#define payments_put_name(p, name)  payments_put(p, ",\"" name "\":")

/* a member */

#define payments_put_string(p, name, str)                                     \
    payments_write_string(payments_put_name(p, name), str)
#define payments_put_word(p, name, word)                                      \
    payments_write_word(payments_put_name(p, name), word)
#define payments_put_number(p, name, value)                                   \
    payments_write_number(payments_put_name(p, name), value)


/* bytes that are worked on at once, whatever the machine has for that */
typedef signed char  payments_row_t
    __attribute__ ((vector_size(16), aligned(1), may_alias));


static unsigned char *payments_put_bytes(unsigned char *p,
    payments_str_t str);
static unsigned char *payments_write_string(unsigned char *p,
    payments_str_t str);
static unsigned char *payments_write_word(unsigned char *p, const char *word);
static unsigned char *payments_write_number(unsigned char *p,
    payments_value_t value);
static unsigned char *payments_put_decimal(unsigned char *p,
    const payments_envelope_t *envelope, const payments_event_t *event);
static unsigned char *payments_put_attributes(unsigned char *p,
    const payments_envelope_t *envelope, const payments_event_t *event);
static unsigned char *payments_put_payment(unsigned char *p,
    const payments_envelope_t *envelope, const payments_event_t *event);


size_t
payments_envelope_bound(const payments_envelope_t *envelope,
    const payments_event_t *event)
{
    size_t  strings;

    /* id, event and object_id are written twice, the variant and time too */

    strings = 2 * (event->id.len + event->type.len + event->object_id.len)
              + event->token.len + event->account.len
              + event->api_version.len + event->currency.len
              + event->time.len + 2 * envelope->variant.len;

    /* names, punctuation, numbers, and words of the provider's */

    return 1024 + envelope->provider->name.len
           + envelope->provider->type_prefix.len
           + PAYMENTS_ESCAPE_LEN * strings;
}


size_t
payments_envelope_head(const payments_envelope_t *envelope,
    const payments_event_t *event, unsigned char *buf)
{
    unsigned char  *p;

    p = payments_put_attributes(buf, envelope, event);

    p = payments_put(p, ",\"data\":{\"variant\":\"");
    p = payments_write_escaped(p, envelope->variant);
    p = payments_put(p, "\",\"provider\":\"");
    p = payments_put_bytes(p, envelope->provider->name);
    p = payments_put(p, "\",\"signed\":\"");
    p = payments_put_bytes(p, envelope->signed_by);
    p = payments_put(p, "\"");

    p = payments_put_payment(p, envelope, event);

    p = payments_put_name(p, "livemode");

    if (event->livemode.type == PAYMENTS_NULL) {
        p = payments_put(p, "null");

    } else {
        p = event->livemode.integer ? payments_put(p, "true")
                                    : payments_put(p, "false");
    }

    p = payments_put_string(p, "account", event->account);
    p = payments_put_string(p, "api_version", event->api_version);
    p = payments_put_number(p, "created", event->created);

    p = payments_put(p, ",\"received\":\"");
    p = payments_write_time(p, envelope->received, 1);
    *p++ = '"';

    p = (envelope->provider->media.len == 0)
        ? payments_put_name(p, "payload")
        : payments_put_name(p, "payload_base64");

    return p - buf;
}


/* the context attributes of CloudEvents: those that are unknown are absent */

static unsigned char *
payments_put_attributes(unsigned char *p, const payments_envelope_t *envelope,
    const payments_event_t *event)
{
    p = payments_put(p, "{\"specversion\":\"1.0\"");
    p = payments_put_string(p, "id", event->id);

    p = payments_put(p, ",\"source\":\"" PAYMENTS_SOURCE);
    p = payments_write_escaped(p, envelope->variant);

    p = payments_put(p, "\",\"type\":\"");
    p = payments_put_bytes(p, envelope->provider->type_prefix);
    p = payments_write_escaped(p, event->type);
    p = payments_put(p, "\"");

    if (event->object_id.len != 0) {
        p = payments_put_string(p, "subject", event->object_id);
    }

    if (event->time.len != 0) {
        p = payments_put_string(p, "time", event->time);

    } else if (event->created.type != PAYMENTS_NULL
               && event->created.integer >= 0
               && event->created.integer <= INT64_C(253402300799))
    {
        p = payments_put(p, ",\"time\":\"");
        p = payments_write_time(p, event->created.integer * 1000, 0);
        p = payments_put(p, "\"");
    }

    return payments_put(p, ",\"datacontenttype\":\"application/json\"");
}


/* what the event says about the payment: what is unknown is null */

static unsigned char *
payments_put_payment(unsigned char *p, const payments_envelope_t *envelope,
    const payments_event_t *event)
{
    p = payments_put_string(p, "event", event->type);
    p = payments_put_word(p, "status", payments_status_name(event->status));
    p = payments_put_word(p, "fraud_status", event->review ? "review" : NULL);
    p = payments_put_string(p, "token", event->token);
    p = payments_put_string(p, "transaction_id", event->object_id);
    p = payments_put_number(p, "amount", event->amount);
    p = payments_put_decimal(p, envelope, event);
    p = payments_put_number(p, "captured_amount", event->captured_amount);
    p = payments_put_number(p, "refunded_amount", event->refunded_amount);

    return payments_put_string(p, "currency", event->currency);
}


static unsigned char *
payments_put_bytes(unsigned char *p, payments_str_t str)
{
    memcpy(p, str.data, str.len);

    return p + str.len;
}


/* an empty string is one that was absent */

static unsigned char *
payments_write_string(unsigned char *p, payments_str_t str)
{
    if (str.len == 0) {
        return payments_put(p, "null");
    }

    *p++ = '"';
    p = payments_write_escaped(p, str);
    *p++ = '"';

    return p;
}


static unsigned char *
payments_write_word(unsigned char *p, const char *word)
{
    payments_str_t  str;

    str.len = (word != NULL) ? strlen(word) : 0;
    str.data = (const unsigned char *) word;

    return payments_write_string(p, str);
}


static unsigned char *
payments_write_number(unsigned char *p, payments_value_t value)
{
    if (value.type == PAYMENTS_NULL) {
        return payments_put(p, "null");
    }

    return payments_write_integer(p, value.integer);
}


/* a string: as a number, a reader might make a float of it */

static unsigned char *
payments_put_decimal(unsigned char *p, const payments_envelope_t *envelope,
    const payments_event_t *event)
{
    unsigned  decimals;

    p = payments_put_name(p, "amount_decimal");

    if (event->amount.type == PAYMENTS_NULL || event->currency.len == 0) {
        return payments_put(p, "null");
    }

    decimals = envelope->provider->decimals(event->currency);

    *p++ = '"';
    p = payments_write_decimal(p, event->amount.integer, decimals);
    *p++ = '"';

    return p;
}


void
payments_envelope_flatten(unsigned char *json, size_t len)
{
    size_t           i;
    payments_row_t  *row, breaks;

    /* a comparison has all bits of a byte where it holds */

    for (i = 0; len - i >= sizeof(payments_row_t); i += sizeof(payments_row_t))
    {
        row = (payments_row_t *) (json + i);

        breaks = (*row == '\n') | (*row == '\r');
        *row = (*row & ~breaks) | (breaks & ' ');
    }

    for ( /* void */ ; i < len; i++) {
        if (json[i] == '\n' || json[i] == '\r') {
            json[i] = ' ';
        }
    }
}
