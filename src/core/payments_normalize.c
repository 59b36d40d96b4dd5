
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * An event of a gateway that is described by tables.
 */


#include <string.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "payments_hex.h"
#include "payments_provider.h"
#include "payments_text.h"
#include "payments_time.h"


#define PAYMENTS_BODY_ID  "sha256:"


static const payments_value_t *payments_normalize_value(
    const payments_provider_t *provider, const payments_event_t *event,
    payments_role_e role);
static payments_str_t payments_normalize_sent(
    const payments_provider_t *provider, payments_event_t *event,
    payments_str_t sent, payments_role_e role);
static payments_str_t payments_normalize_text(
    const payments_provider_t *provider, payments_event_t *event,
    payments_role_e role);
static payments_value_t payments_normalize_amount(
    const payments_provider_t *provider, payments_event_t *event,
    payments_role_e role);
static void payments_normalize_live(const payments_provider_t *provider,
    payments_event_t *event);
static void payments_normalize_created(const payments_provider_t *provider,
    payments_event_t *event);
static void payments_normalize_status(const payments_provider_t *provider,
    payments_event_t *event);
static int payments_normalize_fits(payments_str_t str, const char *pattern);


payments_rc_e
payments_normalize(const payments_provider_t *provider,
    payments_event_t *event)
{
    payments_scratch_t  *scratch;

    scratch = event->scratch;

    event->id = payments_normalize_sent(provider, event, scratch->sent_id,
                                        PAYMENTS_ROLE_ID);

    if (event->id.len == 0 && payments_normalize_id(event) != PAYMENTS_OK) {
        return PAYMENTS_INTERNAL;
    }

    event->type = payments_normalize_sent(provider, event, scratch->sent_type,
                                          PAYMENTS_ROLE_TYPE);

    if (event->type.len == 0) {
        event->type = provider->untyped;
    }

    if (event->type.len == 0) {
        return PAYMENTS_NO_EVENT_TYPE;
    }

    event->account = payments_normalize_sent(provider, event,
                                             scratch->sent_account,
                                             PAYMENTS_ROLE_ACCOUNT);
    event->object_id = payments_normalize_text(provider, event,
                                               PAYMENTS_ROLE_OBJECT);
    event->token = payments_normalize_text(provider, event,
                                           PAYMENTS_ROLE_TOKEN);
    event->api_version = payments_normalize_text(provider, event,
                                                 PAYMENTS_ROLE_API_VERSION);
    event->currency = payments_normalize_text(provider, event,
                                              PAYMENTS_ROLE_CURRENCY);

    event->amount = payments_normalize_amount(provider, event,
                                              PAYMENTS_ROLE_AMOUNT);

    if (event->amount.type == PAYMENTS_NULL) {
        event->amount = payments_normalize_amount(provider, event,
                                                  PAYMENTS_ROLE_DECIMAL);
    }

    event->captured_amount = payments_normalize_amount(provider, event,
                                                    PAYMENTS_ROLE_CAPTURED);
    event->refunded_amount = payments_normalize_amount(provider, event,
                                                    PAYMENTS_ROLE_REFUNDED);

    payments_normalize_live(provider, event);
    payments_normalize_created(provider, event);
    payments_normalize_status(provider, event);

    return PAYMENTS_OK;
}


static const payments_value_t *
payments_normalize_value(const payments_provider_t *provider,
    const payments_event_t *event, payments_role_e role)
{
    unsigned  i;

    for (i = 0; i < provider->nfields; i++) {
        if (provider->fields[i].role == role
            && event->values[i].type != PAYMENTS_NULL)
        {
            return &event->values[i];
        }
    }

    return NULL;
}


static payments_str_t
payments_normalize_sent(const payments_provider_t *provider,
    payments_event_t *event, payments_str_t sent, payments_role_e role)
{
    return sent.len != 0 ? sent
                         : payments_normalize_text(provider, event, role);
}


static payments_str_t
payments_normalize_text(const payments_provider_t *provider,
    payments_event_t *event, payments_role_e role)
{
    const payments_value_t  *value;

    static const payments_str_t  none = payments_string("");

    value = payments_normalize_value(provider, event, role);

    return value != NULL ? payments_event_text(event, value) : none;
}


static payments_value_t
payments_normalize_amount(const payments_provider_t *provider,
    payments_event_t *event, payments_role_e role)
{
    unsigned                 decimals;
    payments_value_t         amount;
    const payments_value_t  *value;

    memset(&amount, 0, sizeof(payments_value_t));

    value = payments_normalize_value(provider, event, role);

    if (value == NULL) {
        return amount;
    }

    if (value->type == PAYMENTS_INTEGER && role != PAYMENTS_ROLE_DECIMAL) {
        return *value;
    }

    /* how many decimals there are only the currency says */

    if (value->type != PAYMENTS_STRING
        || (role == PAYMENTS_ROLE_DECIMAL && event->currency.len == 0))
    {
        return amount;
    }

    decimals = (role == PAYMENTS_ROLE_DECIMAL)
               ? provider->decimals(event->currency) : 0;

    if (payments_read_decimal(value->string, decimals, &amount.integer)) {
        amount.type = PAYMENTS_INTEGER;
    }

    return amount;
}


payments_rc_e
payments_normalize_id(payments_event_t *event)
{
    int                  rc;
    unsigned             len;
    unsigned char       *p, digest[EVP_MAX_MD_SIZE];
    payments_scratch_t  *scratch;

    scratch = event->scratch;

    rc = EVP_Digest(scratch->body.data, scratch->body.len, digest, &len,
                    EVP_sha256(), NULL);

    if (rc != 1 || len != PAYMENTS_SHA256) {
        ERR_clear_error();
        return PAYMENTS_INTERNAL;
    }

    p = scratch->made + scratch->made_len;

    event->id.data = p;
    event->id.len = sizeof(PAYMENTS_BODY_ID) - 1 + 2 * PAYMENTS_SHA256;
    scratch->made_len += event->id.len;

    memcpy(p, PAYMENTS_BODY_ID, sizeof(PAYMENTS_BODY_ID) - 1);
    p += sizeof(PAYMENTS_BODY_ID) - 1;

    payments_hex_encode(p, digest, PAYMENTS_SHA256);

    return PAYMENTS_OK;
}


payments_rc_e
payments_normalize_join(payments_event_t *event, const payments_str_t *parts,
    unsigned n, payments_str_t *out)
{
    size_t               len;
    unsigned             i;
    unsigned char       *p;
    payments_scratch_t  *scratch;

    scratch = event->scratch;
    len = 0;

    for (i = 0; i < n; i++) {
        len += parts[i].len;
    }

    if (len > PAYMENTS_MAX_STRING
        || len > PAYMENTS_MAX_UNESCAPED - scratch->unescaped_len)
    {
        return PAYMENTS_TOO_LONG;
    }

    p = scratch->unescaped + scratch->unescaped_len;
    scratch->unescaped_len += len;

    out->data = p;
    out->len = len;

    for (i = 0; i < n; i++) {
        if (parts[i].len != 0) {
            memcpy(p, parts[i].data, parts[i].len);
            p += parts[i].len;
        }
    }

    return PAYMENTS_OK;
}


static void
payments_normalize_live(const payments_provider_t *provider,
    payments_event_t *event)
{
    const payments_value_t  *live, *test;

    live = payments_normalize_value(provider, event, PAYMENTS_ROLE_LIVE);
    test = payments_normalize_value(provider, event, PAYMENTS_ROLE_TEST);

    if (live != NULL) {
        event->livemode.integer = (live->type == PAYMENTS_STRING)
                             ? payments_normalize_fits(live->string, "live")
                             : live->integer;

    } else if (test != NULL) {
        event->livemode.integer = !test->integer;

    } else {
        return;
    }

    event->livemode.type = PAYMENTS_BOOLEAN;
}


static void
payments_normalize_created(const payments_provider_t *provider,
    payments_event_t *event)
{
    payments_value_t        *created;
    const payments_value_t  *value;

    value = payments_normalize_value(provider, event, PAYMENTS_ROLE_CREATED);

    if (value == NULL) {
        return;
    }

    created = &event->created;

    if (value->type == PAYMENTS_INTEGER) {
        *created = *value;

    } else if (payments_read_time(value->string, &created->integer)) {
        created->type = PAYMENTS_INTEGER;
        event->time = value->string;
    }
}


static void
payments_normalize_status(const payments_provider_t *provider,
    payments_event_t *event)
{
    unsigned                       i;
    payments_str_t                 word = payments_string("");
    const payments_value_t        *value;
    const payments_status_rule_t  *rule;

    value = payments_normalize_value(provider, event, PAYMENTS_ROLE_STATUS);

    if (value != NULL && value->type == PAYMENTS_STRING) {
        word = value->string;
    }

    for (i = 0; i < provider->nrules; i++) {
        rule = &provider->rules[i];

        if (payments_normalize_fits(event->type, rule->type)
            && (rule->word == NULL
                || payments_normalize_fits(word, rule->word)))
        {
            event->status = rule->status;
            event->review = rule->review;
            return;
        }
    }
}


static int
payments_normalize_fits(payments_str_t str, const char *pattern)
{
    size_t  len;

    len = strlen(pattern);

    if (len != 0 && pattern[len - 1] == '*') {
        len--;
        return str.len >= len && memcmp(str.data, pattern, len) == 0;
    }

    return str.len == len && memcmp(str.data, pattern, len) == 0;
}


/*
 * https://www.six-group.com/en/products-services/financial-information/
 * data-standards.html, list one; its two units of account with four decimals
 * are nothing to pay in
 */

unsigned
payments_iso_decimals(payments_str_t currency)
{
    static const char  zero[] = "bif clp djf gnf isk jpy kmf krw pyg rwf ugx "
                                "uyi vnd vuv xaf xof xpf ";
    static const char  three[] = "bhd iqd jod kwd lyd omr tnd ";

    return payments_decimals(currency, zero, three);
}


unsigned
payments_decimals(payments_str_t currency, const char *zero,
    const char *three)
{
    if (payments_currency_in(currency, zero)) {
        return 0;
    }

    return payments_currency_in(currency, three) ? 3 : 2;
}


int
payments_currency_in(payments_str_t currency, const char *codes)
{
    if (currency.len != 3) {
        return 0;
    }

    for ( /* void */ ; *codes != '\0'; codes += 4) {
        if ((currency.data[0] | 0x20) == codes[0]
            && (currency.data[1] | 0x20) == codes[1]
            && (currency.data[2] | 0x20) == codes[2])
        {
            return 1;
        }
    }

    return 0;
}


unsigned
payments_hundredths(payments_str_t currency)
{
    (void) currency;

    return 2;
}


int
payments_read_decimal(payments_str_t str, unsigned decimals, int64_t *n)
{
    size_t         len;
    unsigned       i;
    payments_str_t digits;
    unsigned char  buf[PAYMENTS_INTEGER_LEN], *p;

    const unsigned char  *dot, *end;

    end = str.data + str.len;
    dot = str.len != 0 ? memchr(str.data, '.', str.len) : NULL;
    len = dot != NULL ? (size_t) (dot - str.data) : str.len;

    if (dot != NULL) {

        /* "1." and ".5" are no decimals */

        if (dot + 1 == end) {
            return 0;
        }

        for (dot++; end > dot + decimals; end--) {
            if (end[-1] != '0') {
                return 0;
            }
        }
    }

    if (len == 0 || str.data[len - 1] == '-' || len + decimals > sizeof(buf)) {
        return 0;
    }

    memcpy(buf, str.data, len);
    p = buf + len;

    for (i = 0; i < decimals; i++) {
        *p++ = (dot != NULL && dot < end) ? *dot++ : '0';
    }

    digits.data = buf;
    digits.len = p - buf;

    return payments_read_integer(digits, n);
}
