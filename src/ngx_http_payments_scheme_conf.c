
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The provider "hmac": a row of the table of schemes, by directives.
 */


#include "ngx_http_payments_scheme.h"


typedef char *(*ngx_http_payments_axis_pt)(ngx_conf_t *cf,
    payments_scheme_t *scheme, ngx_uint_t word);


typedef struct {
    ngx_str_t                   name;
    ngx_http_payments_axis_pt   set;
    ngx_uint_t                  word;   /* what is set */
} ngx_http_payments_axis_t;


static char *ngx_http_payments_axis_header(ngx_conf_t *cf,
    payments_scheme_t *scheme, ngx_uint_t what);
static char *ngx_http_payments_axis_prefix(ngx_conf_t *cf,
    payments_scheme_t *scheme, ngx_uint_t word);
static char *ngx_http_payments_axis_encoding(ngx_conf_t *cf,
    payments_scheme_t *scheme, ngx_uint_t word);
static char *ngx_http_payments_axis_algorithm(ngx_conf_t *cf,
    payments_scheme_t *scheme, ngx_uint_t word);
static char *ngx_http_payments_axis_message(ngx_conf_t *cf,
    payments_scheme_t *scheme, ngx_uint_t word);
static ngx_uint_t ngx_http_payments_axis_part(ngx_str_t *word,
    payments_part_t *part);
static char *ngx_http_payments_scheme_digests(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
static const char *ngx_http_payments_axis_lacks(
    const payments_scheme_t *scheme);
static ngx_uint_t ngx_http_payments_axis_has(const payments_scheme_t *scheme,
    payments_sent_e what);


static ngx_http_payments_axis_t  ngx_http_payments_axes[] = {
    { ngx_string("signature_header"), ngx_http_payments_axis_header,
      PAYMENTS_SENT_SIGNATURE },
    { ngx_string("time_header"), ngx_http_payments_axis_header,
      PAYMENTS_SENT_TIME },
    { ngx_string("id_header"), ngx_http_payments_axis_header,
      PAYMENTS_SENT_ID },
    { ngx_string("type_header"), ngx_http_payments_axis_header,
      PAYMENTS_SENT_TYPE },
    { ngx_string("signature_prefix"), ngx_http_payments_axis_prefix, 0 },
    { ngx_string("signature_encoding"), ngx_http_payments_axis_encoding, 0 },
    { ngx_string("signature_algorithm"), ngx_http_payments_axis_algorithm,
      0 },
    { ngx_string("signature_message"), ngx_http_payments_axis_message, 0 },
    { ngx_null_string, NULL, 0 }
};


char *
ngx_http_payments_set_scheme(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    ngx_str_t                 *value;
    ngx_uint_t                 i;
    ngx_http_payments_axis_t  *axis;

    value = cf->args->elts;

    if (variant->own == NULL) {
        variant->own = ngx_palloc(cf->pool, sizeof(payments_scheme_t));
        if (variant->own == NULL) {
            return NGX_CONF_ERROR;
        }

        *variant->own = *payments_hmac.scheme;
    }

    for (i = 0; ngx_http_payments_axes[i].name.len; i++) {
        axis = &ngx_http_payments_axes[i];

        if (axis->name.len != value[0].len
            || ngx_strcmp(axis->name.data, value[0].data) != 0)
        {
            continue;
        }

        if (variant->axes & (1 << i)) {
            return "is duplicate";
        }

        variant->axes |= 1 << i;

        return axis->set(cf, variant->own, axis->word);
    }

    return NGX_CONF_ERROR;
}


static char *
ngx_http_payments_axis_header(ngx_conf_t *cf, payments_scheme_t *scheme,
    ngx_uint_t what)
{
    size_t              i;
    u_char             *name;
    ngx_str_t          *value;
    payments_header_t  *header;

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "needs the name of a header";
    }

    name = ngx_pnalloc(cf->pool, value[1].len);
    if (name == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_strlow(name, value[1].data, value[1].len);

    for (header = scheme->headers; header->name.len != 0; header++) {
        if (header->name.len == value[1].len
            && ngx_memcmp(header->name.data, name, value[1].len) == 0)
        {
            return "names a header that another one has named";
        }
    }

    for (i = 0; i < value[1].len; i++) {
        if (!((name[i] >= 'a' && name[i] <= 'z')
              || (name[i] >= '0' && name[i] <= '9') || name[i] == '-'))
        {
            return "has a name with more than letters, digits and \"-\"";
        }
    }

    header->what = what;
    header->name.data = name;
    header->name.len = value[1].len;

    return NGX_CONF_OK;
}


static char *
ngx_http_payments_axis_prefix(ngx_conf_t *cf, payments_scheme_t *scheme,
    ngx_uint_t word)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (value[1].len == 0 || value[1].len > NGX_HTTP_PAYMENTS_PREFIX_MAX) {
        return "needs 1 to 16 characters";
    }

    scheme->grammar = PAYMENTS_PREFIXED;
    scheme->word.len = value[1].len;
    scheme->word.data = value[1].data;

    return NGX_CONF_OK;
}


static char *
ngx_http_payments_axis_encoding(ngx_conf_t *cf, payments_scheme_t *scheme,
    ngx_uint_t word)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "hex") == 0) {
        scheme->encoding = PAYMENTS_HEX;

    } else if (ngx_strcmp(value[1].data, "base64") == 0) {
        scheme->encoding = PAYMENTS_BASE64;

    } else {
        return "has to be \"hex\" or \"base64\"";
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_payments_axis_algorithm(ngx_conf_t *cf, payments_scheme_t *scheme,
    ngx_uint_t word)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "sha256") == 0) {
        scheme->algorithm = PAYMENTS_HMAC_SHA256;

    } else if (ngx_strcmp(value[1].data, "sha1") == 0) {
        scheme->algorithm = PAYMENTS_HMAC_SHA1;

    } else if (ngx_strcmp(value[1].data, "sha512") == 0) {
        scheme->algorithm = PAYMENTS_HMAC_SHA512;

    } else {
        return "has to be \"sha256\", \"sha1\" or \"sha512\"";
    }

    return NGX_CONF_OK;
}


/* "time . body": what is no word for a part is itself */

static char *
ngx_http_payments_axis_message(ngx_conf_t *cf, payments_scheme_t *scheme,
    ngx_uint_t word)
{
    ngx_str_t   *value;
    ngx_uint_t   i, body;

    value = cf->args->elts;
    body = 0;

    if (cf->args->nelts - 1 > PAYMENTS_MAX_PARTS) {
        return "has more than 8 parts";
    }

    ngx_memzero(scheme->parts, sizeof(scheme->parts));

    for (i = 1; i < cf->args->nelts; i++) {

        if (!ngx_http_payments_axis_part(&value[i], &scheme->parts[i - 1])) {
            return "has an empty part";
        }

        body += scheme->parts[i - 1].kind == PAYMENTS_PART_BODY;
        scheme->timed |= scheme->parts[i - 1].kind == PAYMENTS_PART_TIME;
    }

    return body == 1 ? NGX_CONF_OK : "needs the \"body\", once";
}


static ngx_uint_t
ngx_http_payments_axis_part(ngx_str_t *word, payments_part_t *part)
{
    if (ngx_strcmp(word->data, "body") == 0) {
        part->kind = PAYMENTS_PART_BODY;

    } else if (ngx_strcmp(word->data, "time") == 0) {
        part->kind = PAYMENTS_PART_TIME;

    } else if (ngx_strcmp(word->data, "id") == 0) {
        part->kind = PAYMENTS_PART_SENT;
        part->what = PAYMENTS_SENT_ID;

    } else if (ngx_strcmp(word->data, "url") == 0) {
        part->kind = PAYMENTS_PART_SENT;
        part->what = PAYMENTS_SENT_URL;

    } else {
        part->kind = PAYMENTS_PART_LITERAL;
        part->after.len = word->len;
        part->after.data = word->data;
    }

    return word->len != 0;
}


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

        if (variant->own == NULL) {
            return NGX_CONF_OK;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_variant\" \"%V\" describes a "
                           "signature, which is for provider \"hmac\" only",
                           &variant->name);
        return NGX_CONF_ERROR;
    }

    if (variant->own != NULL) {
        variant->scheme = variant->own;
    }

    lacks = ngx_http_payments_axis_lacks(variant->scheme);

    if (lacks != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_variant\" \"%V\" of provider \"hmac\" "
                           "needs a \"%s\"", &variant->name, lacks);
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
ngx_http_payments_axis_lacks(const payments_scheme_t *scheme)
{
    if (!ngx_http_payments_axis_has(scheme, PAYMENTS_SENT_SIGNATURE)) {
        return "signature_header";
    }

    if (scheme->timed
        && !ngx_http_payments_axis_has(scheme, PAYMENTS_SENT_TIME))
    {
        return "time_header\", since \"signature_message\" has \"time";
    }

    if (!scheme->timed
        && ngx_http_payments_axis_has(scheme, PAYMENTS_SENT_TIME))
    {
        return "signature_message\" with \"time";
    }

    if (payments_scheme_covers(scheme, PAYMENTS_SENT_ID)
        && !ngx_http_payments_axis_has(scheme, PAYMENTS_SENT_ID))
    {
        return "id_header\", since \"signature_message\" has \"id";
    }

    return NULL;
}


static ngx_uint_t
ngx_http_payments_axis_has(const payments_scheme_t *scheme,
    payments_sent_e what)
{
    const payments_header_t  *header;

    for (header = scheme->headers; header->name.len != 0; header++) {
        if (header->what == what) {
            return 1;
        }
    }

    return 0;
}
