
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_provider.h"


static const payments_provider_t  *payments_providers[] = {
    &payments_stripe,
    &payments_adyen,
    &payments_braintree,
    &payments_checkout,
    &payments_coinbase,
    &payments_dotpay,
    &payments_flutterwave,
    &payments_github,
    &payments_gocardless,
    &payments_hmac,
    &payments_lemonsqueezy,
    &payments_mercadopago,
    &payments_mollie,
    &payments_paddle,
    &payments_paypal,
    &payments_paystack,
    &payments_payu,
    &payments_przelewy24,
    &payments_razorpay,
    &payments_shopify,
    &payments_square,
    &payments_standard,
    &payments_woocommerce,
    &payments_worldline,
    &payments_xendit
};


const payments_provider_t *
payments_provider_find(payments_str_t name)
{
    size_t                      i;
    const payments_provider_t  *provider;

    for (i = 0;
         i < sizeof(payments_providers) / sizeof(payments_providers[0]);
         i++)
    {
        provider = payments_providers[i];

        if (provider->name.len == name.len
            && memcmp(provider->name.data, name.data, name.len) == 0)
        {
            return provider;
        }
    }

    return NULL;
}


const payments_provider_t *
payments_provider_next(unsigned i)
{
    return i < sizeof(payments_providers) / sizeof(payments_providers[0])
           ? payments_providers[i] : NULL;
}


int
payments_provider_signs(payments_str_t header)
{
    size_t                    i;
    const payments_scheme_t  *scheme;

    for (i = 0;
         i < sizeof(payments_providers) / sizeof(payments_providers[0]);
         i++)
    {
        scheme = payments_providers[i]->scheme;

        if (!scheme->shared && payments_scheme_signs(scheme, header)) {
            return 1;
        }
    }

    return 0;
}
