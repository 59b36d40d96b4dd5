
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The input is a form.  A second reading, field after field into memory of
 * its own, has to come to the same values, or to a refusal.  The values, as
 * base64 and back, are what they were.
 */


#include <ctype.h>

#include "fuzz.h"
#include "payments_base64.h"
#include "payments_form.h"
#include "payments_text.h"


#define WANTED  3


static payments_str_t  names[WANTED] = {
    payments_string("a"), payments_string("bc"), payments_string("d e")
};


static const payments_field_t  fields[] = {
    { "a", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "bc", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE },
    { "d e", PAYMENTS_STRING, PAYMENTS_ROLE_NONE }
};


/* the decoded text, or NULL data for an escape that is none */

static payments_str_t
slow_decode(const unsigned char *p, size_t len)
{
    size_t          i;
    char            hex[3];
    payments_str_t  str;
    unsigned char  *dst;

    dst = fuzz_alloc(len);
    str.data = dst;
    str.len = 0;

    for (i = 0; i < len; i++) {
        if (p[i] != '%') {
            dst[str.len++] = p[i] == '+' ? ' ' : p[i];
            continue;
        }

        if (len - i <= 2 || !isxdigit(p[i + 1]) || !isxdigit(p[i + 2])) {
            free(dst);
            str.data = NULL;
            return str;
        }

        hex[0] = p[i + 1];
        hex[1] = p[i + 2];
        hex[2] = '\0';
        dst[str.len++] = strtol(hex, NULL, 16);
        i += 2;
    }

    return str;
}


static payments_rc_e
slow_form(payments_str_t body, payments_str_t *values)
{
    size_t          i, k, equal;
    unsigned        n, which;
    payments_rc_e   rc;
    payments_str_t  name, value;

    n = 0;
    rc = PAYMENTS_OK;

    for (i = 0; i < body.len && rc == PAYMENTS_OK; i = k + 1) {

        for (k = i; k < body.len && body.data[k] != '&'; k++) { /* void */ }

        for (equal = i; equal < k && body.data[equal] != '='; equal++) {
            /* void */
        }

        if (k == i) {
            continue;
        }

        if (++n > PAYMENTS_MAX_FORM) {
            return PAYMENTS_BAD_FORM;
        }

        name = slow_decode(body.data + i, equal - i);
        value = equal < k ? slow_decode(body.data + equal + 1, k - equal - 1)
                          : slow_decode(body.data + k, 0);

        if (name.data == NULL || value.data == NULL) {
            rc = PAYMENTS_BAD_FORM;

        } else if (name.len > PAYMENTS_MAX_FORM_NAME) {
            rc = PAYMENTS_TOO_LONG;
        }

        for (which = 0; which < WANTED && rc == PAYMENTS_OK; which++) {
            if (!fuzz_same(name, names[which])) {
                continue;
            }

            if (values[which].data != NULL) {
                rc = PAYMENTS_DUPLICATE_KEY;
                break;
            }

            values[which] = value;
            value.data = NULL;
            break;
        }

        free((void *) name.data);
        free((void *) value.data);
    }

    return rc;
}


static void
round_trip(payments_str_t str)
{
    size_t          len;
    payments_str_t  text;
    unsigned char  *buf;

    buf = fuzz_alloc(PAYMENTS_BASE64_LEN(str.len));

    text.data = buf;
    text.len = payments_base64_encode(buf, str) - buf;

    property(text.len == PAYMENTS_BASE64_LEN(str.len));
    property(payments_base64_decode(text, buf, &len));

    text.len = len;
    property(fuzz_same(text, str));

    free(buf);
}


/* what was decoded is written in one way only */

static void
decode(payments_str_t text)
{
    size_t          i, len, n;
    payments_str_t  str;
    unsigned char  *plain, *again, *letters;

    plain = fuzz_alloc(PAYMENTS_BASE64_BYTES(text.len));

    if (payments_base64_decode(text, plain, &len)) {
        property(len <= PAYMENTS_BASE64_BYTES(text.len));

        letters = fuzz_alloc(text.len);

        for (i = 0, n = 0; i < text.len; i++) {
            if (text.data[i] != '\n') {
                letters[n++] = text.data[i];
            }
        }

        str.data = plain;
        str.len = len;
        again = fuzz_alloc(PAYMENTS_BASE64_LEN(len));

        property(PAYMENTS_BASE64_LEN(len) == n);
        property(payments_base64_encode(again, str) == again + n);
        property(memcmp(again, letters, n) == 0);

        free(again);
        free(letters);
    }

    free(plain);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned            i;
    payments_rc_e       rc, expected;
    payments_str_t      body, values[WANTED], slow[WANTED];
    unsigned char      *copy, *room, *end;
    payments_schema_t   schema;
    payments_event_t   *event;
    payments_scratch_t *scratch;

    copy = fuzz_copy(data, size);
    room = fuzz_alloc(size);
    body.data = copy;
    body.len = size;

    memset(slow, 0, sizeof(slow));

    rc = payments_form_read(body, names, WANTED, values, room, &end);
    expected = slow_form(body, slow);

    property(rc == expected);

    if (rc == PAYMENTS_OK) {
        property(end >= room && (size_t) (end - room) <= size);

        for (i = 0; i < WANTED; i++) {
            property((values[i].data == NULL) == (slow[i].data == NULL));
            property(fuzz_same(values[i], slow[i]));
            round_trip(values[i]);
        }
    }

    property(payments_schema_compile(&schema, fields, WANTED) == 0);

    event = fuzz_alloc(sizeof(payments_event_t));
    scratch = fuzz_alloc(sizeof(payments_scratch_t));
    rc = payments_form_event(&schema, body, event, scratch);

    property(rc != PAYMENTS_OK || expected == PAYMENTS_OK);

    for (i = 0; i < WANTED && rc == PAYMENTS_OK; i++) {

        if (slow[i].len > PAYMENTS_MAX_STRING) {
            property(i == 1 && event->values[i].type == PAYMENTS_OTHER);
            continue;
        }

        property((event->values[i].type == PAYMENTS_STRING)
                 == (slow[i].data != NULL));
        property(fuzz_same(event->values[i].string, slow[i]));
        property(payments_utf8_valid(slow[i].data, slow[i].len));
    }

    decode(body);

    for (i = 0; i < WANTED; i++) {
        free((void *) slow[i].data);
    }

    free(scratch);
    free(event);
    free(room);
    free(copy);

    return 0;
}
