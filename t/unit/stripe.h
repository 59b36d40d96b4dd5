
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Stripe's scheme, for tests that are about signatures as such.
 */


#ifndef _STRIPE_H_INCLUDED_
#define _STRIPE_H_INCLUDED_


#include "payments_provider.h"
#include "payments_sign.h"
#include "payments_signature.h"


static inline payments_rc_e
stripe_parse(payments_str_t header, payments_signature_t *sig)
{
    static payments_str_t  sent[PAYMENTS_SENT_MAX];

    sent[PAYMENTS_SENT_SIGNATURE] = header;

    return payments_signature_parse(payments_stripe.scheme, sent, sig);
}


static inline size_t
stripe_sign(payments_secret_t *secret, int64_t now,
    const payments_str_t *body, unsigned n, unsigned char *dst)
{
    static payments_str_t  sent[PAYMENTS_SENT_MAX];

    return payments_sign_scheme(payments_stripe.scheme, secret, sent, now,
                                body, n, dst);
}


#endif /* _STRIPE_H_INCLUDED_ */
