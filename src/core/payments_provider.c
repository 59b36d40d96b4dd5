
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_provider.h"


static const payments_provider_t  *payments_providers[] = {
    &payments_stripe
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


int
payments_provider_signs(payments_str_t header)
{
    size_t                 i;
    const payments_str_t  *name;

    for (i = 0;
         i < sizeof(payments_providers) / sizeof(payments_providers[0]);
         i++)
    {
        name = &payments_providers[i]->header;

        if (name->len == header.len
            && memcmp(name->data, header.data, header.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
