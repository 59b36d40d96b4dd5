
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>
#include <openssl/crypto.h>

#include "payments_signature.h"


static int payments_signature_any(const payments_signature_t *sig,
    const payments_secret_t *secret);
static int payments_signature_named(const payments_signature_t *sig,
    unsigned k, const payments_secret_t *secret);
static int payments_signature_try(const payments_signature_t *sig,
    const payments_str_t *lowered, payments_secret_t *secret,
    payments_str_t body);
static int payments_signature_match(const payments_signature_t *sig,
    const payments_str_t *sent, payments_secret_t *secret,
    payments_str_t body, unsigned newline);
static int payments_signature_lower(const payments_signature_t *sig,
    payments_str_t *lowered, unsigned char buf[PAYMENTS_MAX_STRING]);


payments_rc_e
payments_signature_judge(const payments_signature_t *sig, int64_t now,
    int64_t tolerance, int64_t future, int64_t *age)
{
    if (!sig->scheme->timed) {
        *age = 0;
        return PAYMENTS_OK;
    }

    *age = now - sig->time;

    if (tolerance >= 0 && *age > tolerance) {
        return PAYMENTS_TOO_OLD;
    }

    if (future >= 0 && -*age > future) {
        return PAYMENTS_TOO_NEW;
    }

    return PAYMENTS_OK;
}


payments_rc_e
payments_signature_verify(const payments_signature_t *sig,
    payments_secret_t **secrets, unsigned n, payments_str_t body,
    unsigned *matched)
{
    int             rc, lower;
    unsigned        i, found;
    payments_str_t  lowered[PAYMENTS_SENT_MAX];
    unsigned char   buf[PAYMENTS_MAX_STRING];

    if (body.len == 0 && !sig->scheme->bodiless) {
        return PAYMENTS_NO_BODY;
    }

    lower = payments_signature_lower(sig, lowered, buf);
    found = n;

    /* no way out of the loop: the time tells nothing about what matched */

    for (i = 0; i < n; i++) {

        if (!payments_signature_any(sig, secrets[i])) {
            continue;
        }

        rc = payments_signature_try(sig, lower ? lowered : NULL, secrets[i],
                                    body);

        if (rc == -1) {
            return PAYMENTS_INTERNAL;
        }

        if (rc) {
            found = i;
        }
    }

    *matched = found;

    return found < n ? PAYMENTS_OK : PAYMENTS_NO_MATCH;
}


/* 1 when one of the signatures may have been made with it */

static int
payments_signature_any(const payments_signature_t *sig,
    const payments_secret_t *secret)
{
    unsigned  k;

    for (k = 0; k < sig->count; k++) {
        if (payments_signature_named(sig, k, secret)) {
            return 1;
        }
    }

    return sig->npublic != 0;
}


/* a secret without a name may be any, unless all have one */

static int
payments_signature_named(const payments_signature_t *sig, unsigned k,
    const payments_secret_t *secret)
{
    payments_str_t  id, name;

    id = payments_secret_id(secret);
    name = sig->names[k];

    if (id.len == 0) {
        return !sig->scheme->named;
    }

    return id.len == name.len && memcmp(id.data, name.data, id.len) == 0;
}


/* the ways in which a message may be meant: -1, or 1 when one matches */

static int
payments_signature_try(const payments_signature_t *sig,
    const payments_str_t *lowered, payments_secret_t *secret,
    payments_str_t body)
{
    int  rc;

    rc = payments_signature_match(sig, sig->sent, secret, body, 0);

    if (lowered != NULL && rc != -1) {
        rc |= payments_signature_match(sig, lowered, secret, body, 0);
    }

    if (sig->scheme->newline && rc != -1) {
        rc |= payments_signature_match(sig, sig->sent, secret, body, 1);
    }

    return rc;
}


/* 1 when one of the signatures matches, -1 when OpenSSL fails */

static int
payments_signature_match(const payments_signature_t *sig,
    const payments_str_t *sent, payments_secret_t *secret,
    payments_str_t body, unsigned newline)
{
    int             found;
    size_t          size;
    unsigned        k, n;
    payments_str_t  all[PAYMENTS_SENT_MAX], pieces[PAYMENTS_MAX_PIECES + 2];
    unsigned char   digest[PAYMENTS_MAX_DIGEST];

    static const payments_str_t  feed = payments_string("\n");

    memcpy(all, sent, sizeof(all));
    all[PAYMENTS_SENT_SECRET] = payments_secret_key(secret);

    n = payments_scheme_message(sig->scheme, all, sig->time_text, &body, 1,
                                pieces);
    pieces[n] = feed;
    n += newline;

    if (!payments_secret_signs(secret)) {
        return payments_secret_check(secret, pieces, n, sig->publics,
                                     sig->npublic);
    }

    if (payments_secret_digest_by(secret, sig->algorithm, pieces, n, digest)
        != 0)
    {
        OPENSSL_cleanse(digest, sizeof(digest));
        return -1;
    }

    found = 0;
    size = payments_algorithm_size(sig->algorithm);

    for (k = 0; k < sig->count; k++) {
        if (payments_signature_named(sig, k, secret)) {
            found |= CRYPTO_memcmp(digest, sig->digests[k], size) == 0;
        }
    }

    OPENSSL_cleanse(digest, sizeof(digest));

    return found;
}


/* 0 when that is not another one; the letters are ASCII's, as in an id */

static int
payments_signature_lower(const payments_signature_t *sig,
    payments_str_t *lowered, unsigned char buf[PAYMENTS_MAX_STRING])
{
    int              other;
    size_t           i;
    unsigned char    c;
    payments_str_t  *id;

    if (!sig->scheme->lower_retry
        || sig->sent[PAYMENTS_SENT_OBJECT].len > PAYMENTS_MAX_STRING)
    {
        return 0;
    }

    memcpy(lowered, sig->sent, PAYMENTS_SENT_MAX * sizeof(payments_str_t));

    id = &lowered[PAYMENTS_SENT_OBJECT];
    other = 0;

    for (i = 0; i < id->len; i++) {
        c = id->data[i];
        other |= c >= 'A' && c <= 'Z';
        buf[i] = (c >= 'A' && c <= 'Z') ? c | 0x20 : c;
    }

    id->data = buf;

    return other;
}
