
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Whether what a variant says of its way to sign makes a whole.
 */


#include "ngx_http_payments_scheme.h"


static char *ngx_http_payments_scheme_digests(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
static const char *ngx_http_payments_scheme_lacks(
    ngx_http_payments_variant_t *variant);


char *
ngx_http_payments_scheme_check(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    const char  *lacks;

    variant->scheme = variant->provider->scheme;

    if (variant->digests != 0
        && ngx_http_payments_scheme_digests(cf, variant) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (variant->provider != &payments_hmac) {

        if (variant->own == NULL && variant->event_id == NULL) {
            return NGX_CONF_OK;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_variant\" \"%V\" %s, which is for "
                           "provider \"hmac\" only", &variant->name,
                           variant->own != NULL ? "describes a signature"
                                                : "has an \"event_id\"");
        return NGX_CONF_ERROR;
    }

    if (variant->own != NULL) {
        variant->scheme = variant->own;
    }

    lacks = ngx_http_payments_scheme_lacks(variant);

    if (lacks != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_variant\" \"%V\" of provider \"hmac\" "
                           "%s", &variant->name, lacks);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* those that are allowed, and the best of them to sign with */

static char *
ngx_http_payments_scheme_digests(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    ngx_uint_t          i;
    payments_scheme_t  *scheme;

    if (variant->scheme->digest_word.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_variant\" \"%V\" has "
                           "\"signature_digests\", and its gateway names "
                           "none", &variant->name);
        return NGX_CONF_ERROR;
    }

    scheme = ngx_palloc(cf->pool, sizeof(payments_scheme_t));
    if (scheme == NULL) {
        return NGX_CONF_ERROR;
    }

    *scheme = *variant->scheme;
    scheme->digests = variant->digests;

    for (i = PAYMENTS_PLAIN_SHA256; !(scheme->digests & (1 << i)); i++) {
        /* void */
    }

    scheme->algorithm = i;

    variant->scheme = scheme;

    return NGX_CONF_OK;
}


/* a header that is not in the message would be of no use as a time */

static const char *
ngx_http_payments_scheme_lacks(ngx_http_payments_variant_t *variant)
{
    ngx_uint_t                header, list;
    const payments_scheme_t  *scheme;

    scheme = variant->scheme;

    header = payments_scheme_reads(scheme, PAYMENTS_SENT_TIME);
    list = scheme->time_word.len != 0;

    if (!payments_scheme_reads(scheme, PAYMENTS_SENT_SIGNATURE)) {
        return "needs a \"signature_header\"";
    }

    if (header && list) {
        return "has two times, of \"time_header\" and of \"signature_list\"";
    }

    if (scheme->timed && !header && !list) {
        return "needs a \"time_header\", since \"signature_message\" has "
               "\"time\"";
    }

    if (!scheme->timed && (header || list)) {
        return "needs a \"signature_message\" with \"time\"";
    }

    if (!scheme->timed && scheme->unit != PAYMENTS_SECONDS) {
        return "has a \"time_unit\", and signs no time";
    }

    if (payments_scheme_covers(scheme, PAYMENTS_SENT_ID)
        && !payments_scheme_reads(scheme, PAYMENTS_SENT_ID))
    {
        return "needs a \"id_header\", since \"signature_message\" has "
               "\"id\"";
    }

    if (variant->event_id != NULL
        && payments_scheme_reads(scheme, PAYMENTS_SENT_ID))
    {
        return "has two ids, of \"id_header\" and of \"event_id\"";
    }

    return NULL;
}
