
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
static char *ngx_http_payments_axis_key(ngx_conf_t *cf,
    payments_scheme_t *scheme, ngx_uint_t word);
static char *ngx_http_payments_axis_unit(ngx_conf_t *cf,
    payments_scheme_t *scheme, ngx_uint_t word);
static ngx_int_t ngx_http_payments_axis_word(ngx_conf_t *cf,
    const char **words);
static char *ngx_http_payments_axis_list(ngx_conf_t *cf,
    payments_scheme_t *scheme, ngx_uint_t word);
static char *ngx_http_payments_axis_message(ngx_conf_t *cf,
    payments_scheme_t *scheme, ngx_uint_t word);
static ngx_uint_t ngx_http_payments_axis_part(ngx_str_t *word,
    payments_part_t *part);


static ngx_http_payments_axis_t  ngx_http_payments_axes[] = {
    { ngx_string("signature_header"), ngx_http_payments_axis_header,
      PAYMENTS_SENT_SIGNATURE },
    { ngx_string("time_header"), ngx_http_payments_axis_header,
      PAYMENTS_SENT_TIME },
    { ngx_string("id_header"), ngx_http_payments_axis_header,
      PAYMENTS_SENT_ID },
    { ngx_string("type_header"), ngx_http_payments_axis_header,
      PAYMENTS_SENT_TYPE },
    { ngx_string("key_header"), ngx_http_payments_axis_header,
      PAYMENTS_SENT_KEY },
    { ngx_string("signature_prefix"), ngx_http_payments_axis_prefix, 0 },
    { ngx_string("signature_encoding"), ngx_http_payments_axis_encoding, 0 },
    { ngx_string("signature_algorithm"), ngx_http_payments_axis_algorithm,
      0 },
    { ngx_string("signature_key"), ngx_http_payments_axis_key, 0 },
    { ngx_string("signature_list"), ngx_http_payments_axis_list, 0 },
    { ngx_string("signature_message"), ngx_http_payments_axis_message, 0 },
    { ngx_string("time_unit"), ngx_http_payments_axis_unit, 0 },
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

    if (scheme->word.len != 0) {
        return "and \"signature_list\" are two forms of one header";
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
    ngx_int_t  n;

    static const char  *words[] = { "hex", "base64", NULL };

    n = ngx_http_payments_axis_word(cf, words);

    if (n == NGX_ERROR) {
        return "has to be \"hex\" or \"base64\"";
    }

    scheme->encoding = n ? PAYMENTS_BASE64 : PAYMENTS_HEX;

    return NGX_CONF_OK;
}


static char *
ngx_http_payments_axis_algorithm(ngx_conf_t *cf, payments_scheme_t *scheme,
    ngx_uint_t word)
{
    ngx_int_t  n;

    static const char  *words[] = { "sha256", "sha1", "sha384", "sha512",
                                    NULL };

    static const payments_algorithm_e  algorithms[] = {
        PAYMENTS_HMAC_SHA256, PAYMENTS_HMAC_SHA1, PAYMENTS_HMAC_SHA384,
        PAYMENTS_HMAC_SHA512
    };

    n = ngx_http_payments_axis_word(cf, words);

    if (n == NGX_ERROR) {
        return "has to be \"sha256\", \"sha384\", \"sha512\" or \"sha1\"";
    }

    scheme->algorithm = algorithms[n];

    return NGX_CONF_OK;
}


static char *
ngx_http_payments_axis_key(ngx_conf_t *cf, payments_scheme_t *scheme,
    ngx_uint_t word)
{
    ngx_int_t  n;

    static const char  *words[] = { "text", "hex", "base64", NULL };

    n = ngx_http_payments_axis_word(cf, words);

    if (n == NGX_ERROR) {
        return "has to be \"text\", \"hex\" or \"base64\"";
    }

    scheme->hex_key = (n == 1);
    scheme->base64_key = (n == 2);

    return NGX_CONF_OK;
}


static char *
ngx_http_payments_axis_unit(ngx_conf_t *cf, payments_scheme_t *scheme,
    ngx_uint_t word)
{
    ngx_int_t  n;

    static const char  *words[] = { "s", "ms", NULL };

    n = ngx_http_payments_axis_word(cf, words);

    if (n == NGX_ERROR) {
        return "has to be \"s\" or \"ms\"";
    }

    scheme->unit = n ? PAYMENTS_MILLISECONDS : PAYMENTS_SECONDS;

    return NGX_CONF_OK;
}


/* the number of the directive's word */

static ngx_int_t
ngx_http_payments_axis_word(ngx_conf_t *cf, const char **words)
{
    ngx_int_t   i;
    ngx_str_t  *value;

    value = cf->args->elts;

    for (i = 0; words[i] != NULL; i++) {
        if (ngx_strcmp(value[1].data, words[i]) == 0) {
            return i;
        }
    }

    return NGX_ERROR;
}


/* "; ts h1": what is between the pairs, and the words before the "=" */

static char *
ngx_http_payments_axis_list(ngx_conf_t *cf, payments_scheme_t *scheme,
    ngx_uint_t word)
{
    ngx_str_t  *value;
    ngx_uint_t  i, last;

    value = cf->args->elts;
    last = cf->args->nelts - 1;

    if (scheme->word.len != 0) {
        return "and \"signature_prefix\" are two forms of one header";
    }

    if (value[1].len != 1
        || ngx_strchr(",;&|", value[1].data[0]) == NULL)
    {
        return "needs \",\", \";\", \"&\" or \"|\" first";
    }

    for (i = 2; i <= last; i++) {

        if (value[i].len == 0
            || value[i].len > NGX_HTTP_PAYMENTS_PREFIX_MAX)
        {
            return "needs words of 1 to 16 characters";
        }

        if (!ngx_http_payments_is_word(&value[i])) {
            return "has a word with more than letters, digits, \"-\" and "
                   "\"_\"";
        }
    }

    scheme->grammar = PAYMENTS_PAIRS;
    scheme->separator = value[1].data[0];
    scheme->word.len = value[last].len;
    scheme->word.data = value[last].data;

    if (last == 3) {
        scheme->time_word.len = value[2].len;
        scheme->time_word.data = value[2].data;
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
