
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The input is a signature header.  A second reading of the grammar has to
 * come to the same result: refused, or a time and digests, these and no
 * others.
 */


#include "fuzz.h"
#include "../unit/stripe.h"


typedef struct {
    unsigned        times;
    payments_str_t  time;
    unsigned        v1;
    unsigned        n;
    payments_str_t  hex[PAYMENTS_MAX_SIGNATURES];
} header_t;


static payments_str_t
cut(payments_str_t str, size_t from, size_t to)
{
    payments_str_t  part;

    while (from < to && (str.data[from] == ' ' || str.data[from] == '\t')) {
        from++;
    }

    while (from < to
           && (str.data[to - 1] == ' ' || str.data[to - 1] == '\t'))
    {
        to--;
    }

    part.data = str.data + from;
    part.len = to - from;

    return part;
}


static size_t
span(payments_str_t str, const char *set)
{
    size_t  i;

    for (i = 0; i < str.len; i++) {
        if (str.data[i] == '\0' || strchr(set, str.data[i]) == NULL) {
            break;
        }
    }

    return i;
}


/* key=value,key=value: one "t" of 1 to 15 digits, 1 to 16 "v1" */

static payments_rc_e
slow_header(payments_str_t str, header_t *header)
{
    int             bad;
    size_t          i, k, equal;
    payments_str_t  key, value;

    memset(header, 0, sizeof(header_t));

    if (str.len == 0) {
        return PAYMENTS_MISSING_SIGNATURE;
    }

    bad = (str.len > PAYMENTS_MAX_HEADER);

    for (i = 0; i <= str.len; i = k + 1) {

        for (k = i; k < str.len && str.data[k] != ','; k++) { /* void */ }

        for (equal = i; equal < k && str.data[equal] != '='; equal++) {
            /* void */
        }

        if (equal == k) {
            bad = 1;
            continue;
        }

        key = cut(str, i, equal);
        value = cut(str, equal + 1, k);

        if (fuzz_same(key, fuzz_text("t"))) {
            header->times++;
            header->time = value;

            if (value.len < 1 || value.len > PAYMENTS_MAX_TIME_DIGITS
                || span(value, "0123456789") != value.len)
            {
                bad = 1;
            }

        } else if (fuzz_same(key, fuzz_text("v1"))) {

            if (++header->v1 > PAYMENTS_MAX_SIGNATURES) {
                bad = 1;
                continue;
            }

            if (value.len == 64
                && span(value, "0123456789abcdefABCDEF") == 64)
            {
                header->hex[header->n++] = value;
            }
        }
    }

    if (bad || header->times != 1 || header->v1 == 0) {
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    return header->n ? PAYMENTS_OK : PAYMENTS_NO_MATCH;
}


static void
same(const payments_signature_t *sig, const header_t *header)
{
    char      text[PAYMENTS_MAX_TIME_DIGITS + 1], hex[3];
    size_t    i;
    unsigned  k;

    property(sig->time_text.len >= 1);
    property(sig->time_text.len <= PAYMENTS_MAX_TIME_DIGITS);
    property(sig->time_text.data == header->time.data);
    property(sig->time_text.len == header->time.len);

    memcpy(text, sig->time_text.data, sig->time_text.len);
    text[sig->time_text.len] = '\0';

    property(sig->time == strtoll(text, NULL, 10));
    property(sig->time >= 0);

    property(sig->count >= 1);
    property(sig->count <= PAYMENTS_MAX_SIGNATURES);
    property(sig->count == header->n);

    hex[2] = '\0';

    for (k = 0; k < sig->count; k++) {
        for (i = 0; i < PAYMENTS_SHA256; i++) {
            memcpy(hex, header->hex[k].data + 2 * i, 2);
            property(sig->digests[k][i] == strtoul(hex, NULL, 16));
        }
    }
}


/* at the limits, and one second beyond them */

static void
judge(const payments_signature_t *sig, int64_t tolerance, int64_t future)
{
    int64_t  age, old, new;

    old = sig->time + tolerance;
    new = sig->time - future;

    property(payments_signature_judge(sig, old, tolerance, future, &age)
             == PAYMENTS_OK);
    property(age == tolerance);
    property(payments_signature_judge(sig, new, tolerance, future, &age)
             == PAYMENTS_OK);
    property(age == -future);

    property(payments_signature_judge(sig, old + 1, tolerance, future, &age)
             == PAYMENTS_TOO_OLD);
    property(payments_signature_judge(sig, new - 1, tolerance, future, &age)
             == PAYMENTS_TOO_NEW);

    property(payments_signature_judge(sig, old + 1, -1, future, &age)
             == PAYMENTS_OK);
    property(payments_signature_judge(sig, new - 1, tolerance, -1, &age)
             == PAYMENTS_OK);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    header_t              header;
    payments_rc_e         rc;
    payments_str_t        str;
    unsigned char        *copy;
    payments_signature_t  sig;

    copy = fuzz_copy(data, size);
    str.data = copy;
    str.len = size;

    /* what is not set would be seen */
    memset(&sig, 0xa5, sizeof(sig));

    rc = stripe_parse(str, &sig);

    property(rc == slow_header(str, &header));

    if (rc == PAYMENTS_OK) {
        same(&sig, &header);
        judge(&sig, 300, 0);
        judge(&sig, size * 7, size * size);
    }

    free(copy);

    return 0;
}
