
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What a payments_variant block says of the gateway, and of its way to sign.
 */


#include "ngx_http_payments_scheme.h"


char *
ngx_http_payments_set_provider(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    u_char                     *p, *last;
    unsigned                    i;
    ngx_str_t                  *value;
    payments_str_t              name;
    const payments_provider_t  *known;
    u_char                      names[512];

    if (variant->provider != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    name.len = value[1].len;
    name.data = value[1].data;

    variant->provider = payments_provider_find(name);

    if (variant->provider == NULL) {
        last = names + sizeof(names);
        p = names;

        for (i = 0; (known = payments_provider_next(i)) != NULL; i++) {
            p = ngx_slprintf(p, last, "%s\"%*s\"", i ? ", " : "",
                             known->name.len, known->name.data);
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown \"provider\" \"%V\": this version knows "
                           "%*s", &value[1], (size_t) (p - names), names);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* Braintree's word for the name of a secret that has no "key=" */

char *
ngx_http_payments_set_public_key(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    return ngx_http_payments_set_once(cf, &variant->public_key);
}


char *
ngx_http_payments_set_url(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    char       *rv;
    ngx_str_t  *url;

    url = &variant->url;

    rv = ngx_http_payments_set_once(cf, url);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (url->len < sizeof("https://") - 1
        || (ngx_strncmp(url->data, "https://", 8) != 0
            && ngx_strncmp(url->data, "http://", 7) != 0))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"notification_url\" \"%V\": give the "
                           "whole URL, as the gateway has it", url);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_payments_set_tolerance(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    ngx_str_t  *value, s;

    if (variant->tolerance != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        variant->tolerance = NGX_HTTP_PAYMENTS_OFF;

    } else {
        variant->tolerance = ngx_parse_time(&value[1], 1);

        if (variant->tolerance == (time_t) NGX_ERROR
            || variant->tolerance == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid \"tolerance\" \"%V\": give a time as "
                               "in \"5m\", or \"off\"", &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value[2].data, "future=", 7) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" of \"tolerance\"",
                           &value[2]);
        return NGX_CONF_ERROR;
    }

    s.len = value[2].len - 7;
    s.data = value[2].data + 7;

    variant->future = ngx_parse_time(&s, 1);

    if (variant->future == (time_t) NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid time in \"%V\" of \"tolerance\"",
                           &value[2]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_payments_set_digests(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    ngx_str_t        *value;
    ngx_uint_t        i;
    ngx_conf_enum_t  *e;

    static ngx_conf_enum_t  words[] = {
        { ngx_string("sha256"), PAYMENTS_PLAIN_SHA256 },
        { ngx_string("sha384"), PAYMENTS_PLAIN_SHA384 },
        { ngx_string("sha512"), PAYMENTS_PLAIN_SHA512 },
        { ngx_string("sha1"), PAYMENTS_PLAIN_SHA1 },
        { ngx_string("md5"), PAYMENTS_PLAIN_MD5 },
        { ngx_null_string, 0 }
    };

    if (variant->digests != 0) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        for (e = words; e->name.len; e++) {
            if (ngx_strcmp(e->name.data, value[i].data) == 0) {
                break;
            }
        }

        if (e->name.len == 0) {
            return "knows \"sha256\", \"sha384\", \"sha512\", \"sha1\" and "
                   "\"md5\"";
        }

        variant->digests |= 1 << e->value;

        if (e->value == PAYMENTS_PLAIN_SHA1 || e->value == PAYMENTS_PLAIN_MD5)
        {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "\"signature_digests\" in "
                               "\"payments_variant\" \"%V\" allows %V: "
                               "different events can be made that have the "
                               "same signature", &variant->name, &value[i]);
        }
    }

    return NGX_CONF_OK;
}


/* what the provider's way to sign needs, and what it has no use for */

char *
ngx_http_payments_variant_scheme(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    const char               *wrong;
    const payments_scheme_t  *scheme;

    if (ngx_http_payments_scheme_check(cf, variant) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    wrong = NULL;
    scheme = variant->scheme;

    if (!scheme->named && variant->public_key.data != NULL) {
        wrong = "\"public_key\", and its gateway names none";

    } else if (!scheme->timed && variant->tolerance != NGX_CONF_UNSET) {
        wrong = "\"tolerance\", and signs no time";

    } else if (!payments_scheme_covers(scheme, PAYMENTS_SENT_URL)
               && variant->url.len != 0)
    {
        wrong = "\"notification_url\", and signs no URL";

    } else if (payments_scheme_covers(scheme, PAYMENTS_SENT_URL)
               && variant->url.len == 0
               && variant->verify != 0)
    {
        wrong = "no \"notification_url\", and signs the URL that it was "
                "given: write it to the letter";
    }

    if (wrong != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_variant\" \"%V\" of provider "
                           "\"%*s\" has %s", &variant->name,
                           variant->provider->name.len,
                           variant->provider->name.data, wrong);
        return NGX_CONF_ERROR;
    }

    if (variant->tolerance == NGX_CONF_UNSET) {
        variant->tolerance = (scheme->timed && scheme->tolerance >= 0)
                             ? scheme->tolerance : NGX_HTTP_PAYMENTS_OFF;
    }

    /* who turns it off means the future, too */

    if (variant->future == NGX_CONF_UNSET) {
        variant->future = (scheme->timed && scheme->future >= 0
                           && variant->tolerance != NGX_HTTP_PAYMENTS_OFF)
                          ? scheme->future : NGX_HTTP_PAYMENTS_OFF;
    }

    return NGX_CONF_OK;
}
