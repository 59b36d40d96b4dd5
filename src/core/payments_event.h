
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A body, read into an event.  A signed body is still an untrusted one.
 */


#ifndef _PAYMENTS_EVENT_H_INCLUDED_
#define _PAYMENTS_EVENT_H_INCLUDED_


#include "payments.h"
#include "payments_schema.h"
#include "payments_text.h"


/* bytes of texts that are made of values: an id, and numbers */
#define PAYMENTS_MAX_MADE  160


/* django-payments' words */

typedef enum {
    PAYMENTS_STATUS_NONE = 0,
    PAYMENTS_WAITING,
    PAYMENTS_PREAUTH,
    PAYMENTS_CONFIRMED,
    PAYMENTS_REJECTED,
    PAYMENTS_REFUNDED,
    PAYMENTS_ERROR,
    PAYMENTS_INPUT,
    PAYMENTS_CANCELLED
} payments_status_e;


/* what a field of a gateway's says */

typedef enum {
    PAYMENTS_ROLE_NONE = 0,
    PAYMENTS_ROLE_ID,
    PAYMENTS_ROLE_TYPE,
    PAYMENTS_ROLE_OBJECT,
    PAYMENTS_ROLE_TOKEN,
    PAYMENTS_ROLE_ACCOUNT,
    PAYMENTS_ROLE_API_VERSION,
    PAYMENTS_ROLE_CURRENCY,
    PAYMENTS_ROLE_STATUS,    /* a word for the table of statuses */
    PAYMENTS_ROLE_LIVE,      /* true, or "live" */
    PAYMENTS_ROLE_TEST,      /* true is a test */
    PAYMENTS_ROLE_CREATED,   /* seconds, or RFC 3339 */

    /* in the smallest unit, a number or its digits */
    PAYMENTS_ROLE_AMOUNT,
    PAYMENTS_ROLE_CAPTURED,
    PAYMENTS_ROLE_REFUNDED,

    /* a decimal in the currency's unit, as a text */
    PAYMENTS_ROLE_DECIMAL,

    PAYMENTS_ROLE_MAX
} payments_role_e;


/* a value as read; the string is a slice of the body or of the scratch */

typedef struct {
    unsigned        type;
    int64_t         integer;  /* a boolean is 0 or 1 */
    payments_str_t  string;
} payments_value_t;


/* what an event is made of and screened by, and not needed after that */

typedef struct {
    payments_value_t  values[PAYMENTS_MAX_FIELDS];

    /* what came beside the body, set before an event is made of it */
    payments_str_t    body;
    payments_str_t    sent_id;
    payments_str_t    sent_type;
    payments_str_t    sent_account;
    payments_str_t    sent_object;

    size_t            made_len;
    size_t            unescaped_len;

    /* last, since nobody needs zeros in them */
    unsigned char     made[PAYMENTS_MAX_MADE];        /* texts of ours */
    unsigned char     unescaped[PAYMENTS_MAX_UNESCAPED];
} payments_scratch_t;


typedef struct {
    payments_str_t     id;
    payments_str_t     type;
    payments_str_t     object_id;
    payments_str_t     token;
    payments_str_t     account;
    payments_str_t     api_version;
    payments_str_t     currency;

    payments_status_e  status;
    unsigned           review;           /* fraud_status: 1 is "review" */

    /* in the currency's smallest unit, PAYMENTS_NULL when unknown */
    payments_value_t   amount;
    payments_value_t   captured_amount;
    payments_value_t   refunded_amount;

    payments_value_t   livemode;
    payments_value_t   created;          /* seconds since the epoch */
    payments_str_t     time;             /* RFC 3339 as sent, or empty */

    /* until it is kept: as read, by the index of the schema's field */
    payments_value_t    *values;
    payments_scratch_t  *scratch;
} payments_event_t;


/*
 * Begins an event of that body, with no values: in scratch, which is the
 * event's until payments_event_keep(), and any other event's then.
 */
void payments_event_start(payments_event_t *event,
    payments_scratch_t *scratch, payments_str_t body);

/*
 * Parses a JSON body of one object strictly (RFC 8259; UTF-8 by RFC 3629)
 * and fills event->values, by the schema, of an event that it starts.
 * The strings live as long as the body and the scratch, which must not move.
 * Absent keys are PAYMENTS_NULL.  A key that the schema follows may occur
 * once.  Integers are exact.  PAYMENTS_BAD_UTF8, _BAD_JSON, _TOO_DEEP,
 * _TOO_LONG, _DUPLICATE_KEY or _BAD_NUMBER.  Allocates nothing.
 */
payments_rc_e payments_event_read(const payments_schema_t *schema,
    payments_str_t body, payments_event_t *event,
    payments_scratch_t *scratch);

/*
 * The string of a value of the event, or the digits of an integer; of anything
 * else, or when there is no room for digits, an empty one.  It lives as long as
 * the event's other strings.
 */
payments_str_t payments_event_text(payments_event_t *event,
    const payments_value_t *value);

/* Bytes of what the event has in its scratch. */
size_t payments_event_texts(const payments_event_t *event);

/*
 * Moves these to room, the caller's, NULL when there are none: the event
 * needs the body and room from now on, not the scratch, and has no values.
 */
void payments_event_keep(payments_event_t *event, unsigned char *room);

/* The name of a status, static, NUL-terminated; NULL for none. */
const char *payments_status_name(payments_status_e status);


#endif /* _PAYMENTS_EVENT_H_INCLUDED_ */
