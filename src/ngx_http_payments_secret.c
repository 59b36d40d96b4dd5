
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Secrets of a variant: read by the master, keyed once, wiped as text.
 */


#include "ngx_http_payments_scheme.h"


#define NGX_HTTP_PAYMENTS_SECRET_FILE  65536


static char *ngx_http_payments_secret_add(ngx_conf_t *cf, void *data,
    ngx_str_t *secret);
static char *ngx_http_payments_secret_one(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, ngx_uint_t i);
static const char *ngx_http_payments_secret_named(
    const payments_scheme_t *scheme, ngx_str_t *name);
static char *ngx_http_payments_secret_plain(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, ngx_str_t *secret);
static char *ngx_http_payments_secret_name(ngx_conf_t *cf, ngx_str_t *name);
static void ngx_http_payments_secret_wipe(void *data);
static void ngx_http_payments_secret_cleanup(void *data);
static char *ngx_http_payments_secret_read(ngx_conf_t *cf, ngx_str_t *name,
    u_char *buf, size_t *len);
static char *ngx_http_payments_secret_lines(ngx_conf_t *cf,
    ngx_http_payments_secret_pt add, void *data, ngx_str_t *name, u_char *p,
    u_char *end);


char *
ngx_http_payments_secret(ngx_conf_t *cf, ngx_http_payments_variant_t *variant)
{
    char       *rv;
    ngx_str_t  *value;

    value = cf->args->elts;

    rv = ngx_http_payments_secret_add(cf, variant, &value[1]);

    ngx_explicit_memzero(value[1].data, value[1].len);

    return rv;
}


/* messages never show a secret */

static char *
ngx_http_payments_secret_add(ngx_conf_t *cf, void *data, ngx_str_t *secret)
{
    ngx_http_payments_variant_t *variant = data;

    ngx_str_t           *text, *key;
    ngx_pool_cleanup_t  *cln;

    if (secret->len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "empty secret in \"payments_variant\" \"%V\"",
                           &variant->name);
        return NGX_CONF_ERROR;
    }

    if (secret->len > PAYMENTS_MAX_SECRET) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "secret in \"payments_variant\" \"%V\" is longer "
                           "than %d bytes", &variant->name,
                           PAYMENTS_MAX_SECRET);
        return NGX_CONF_ERROR;
    }

    if (variant->nsecrets == PAYMENTS_MAX_SECRETS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_variant\" \"%V\" has more than %d "
                           "secrets: remove the old ones", &variant->name,
                           PAYMENTS_MAX_SECRETS);
        return NGX_CONF_ERROR;
    }

    /* what its key is only the provider says, which may come behind it */

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    text = &variant->texts[variant->nsecrets];
    key = &variant->keys[variant->nsecrets];

    if (ngx_http_payments_secret_name(cf, key) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    text->data = ngx_pnalloc(cf->pool, secret->len);
    if (text->data == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(text->data, secret->data, secret->len);
    text->len = secret->len;

    cln->handler = ngx_http_payments_secret_wipe;
    cln->data = text;

    variant->nsecrets++;

    return NGX_CONF_OK;
}


/* "key=", behind the secret or its file: the gateway's name for it */

static char *
ngx_http_payments_secret_name(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t  *value;

    if (cf->args->nelts < 3) {
        return NGX_CONF_OK;
    }

    value = cf->args->elts;

    /* it may be a second secret */

    if (ngx_strncmp(value[2].data, "key=", 4) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid number of arguments in \"%V\" directive "
                           "of a \"payments_variant\": only \"key=\" may "
                           "follow", &value[0]);
        return NGX_CONF_ERROR;
    }

    if (value[2].len == 4 || value[2].len - 4 > PAYMENTS_MAX_STRING) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"key=\" of \"%V\" needs a name of 1 to %d "
                           "characters", &value[0], PAYMENTS_MAX_STRING);
        return NGX_CONF_ERROR;
    }

    name->len = value[2].len - 4;
    name->data = value[2].data + 4;

    return NGX_CONF_OK;
}


char *
ngx_http_payments_secret_key(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    char        *rv;
    ngx_uint_t   i;

    rv = NGX_CONF_OK;

    for (i = 0; i < variant->nsecrets; i++) {

        if (variant->keys[i].len == 0) {
            variant->keys[i] = variant->public_key;
        }

        if (rv == NGX_CONF_OK) {
            rv = ngx_http_payments_secret_one(cf, variant, i);
        }

        ngx_http_payments_secret_wipe(&variant->texts[i]);
    }

    return rv;
}


static char *
ngx_http_payments_secret_one(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, ngx_uint_t i)
{
    ngx_str_t                *secret;
    const char               *why;
    payments_str_t            text, name;
    payments_secret_t        *keyed;
    const payments_scheme_t  *scheme;

    secret = &variant->texts[i];
    scheme = variant->scheme;

    if (!scheme->api_key
        && ngx_http_payments_secret_plain(cf, variant, secret) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    text.len = secret->len;
    text.data = secret->data;

    name.len = variant->keys[i].len;
    name.data = variant->keys[i].data;

    why = ngx_http_payments_secret_named(scheme, &variant->keys[i]);

    keyed = (why == NULL) ? payments_secret_read(scheme, text, name, &why)
                          : NULL;

    if (keyed == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "secret %ui in \"payments_variant\" \"%V\" %s",
                           i + 1, &variant->name, why);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_payments_secret_keep(cf->pool, keyed) != NGX_OK
        || (scheme->whole_whsec
            && ngx_http_payments_cause_add(cf, variant, secret) != NGX_OK))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "OpenSSL cannot key an HMAC for "
                           "\"payments_variant\" \"%V\"", &variant->name);
        return NGX_CONF_ERROR;
    }

    variant->secrets[i] = keyed;

    return NGX_CONF_OK;
}


/* NULL, or what is wrong with its name, or without one */

static const char *
ngx_http_payments_secret_named(const payments_scheme_t *scheme,
    ngx_str_t *name)
{
    if (!scheme->named) {
        return (name->len == 0
                || payments_scheme_reads(scheme, PAYMENTS_SENT_KEY))
               ? NULL : "has \"key=\", and its gateway names no key";
    }

    if (name->len == 0 || name->len > PAYMENTS_MAX_KEY_NAME) {
        return "needs a \"public_key\", or \"key=\" and that, of 1 to 64 "
               "characters";
    }

    return ngx_http_payments_is_word(name)
           ? NULL : "has no public key beside it: one is of letters, digits, "
                    "\"_\" and \"-\"";
}


static char *
ngx_http_payments_secret_plain(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, ngx_str_t *secret)
{
    if (secret->len >= 3
        && (ngx_strncmp(secret->data, "sk_", 3) == 0
            || ngx_strncmp(secret->data, "rk_", 3) == 0
            || ngx_strncmp(secret->data, "pk_", 3) == 0))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "secret in \"payments_variant\" \"%V\" begins "
                           "with \"%*s\", it is an API key: use the signing "
                           "secret of the webhook endpoint%s",
                           &variant->name, (size_t) 3, secret->data,
                           variant->scheme->whole_whsec
                           ? ", \"whsec_...\"" : "");
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static void
ngx_http_payments_secret_wipe(void *data)
{
    ngx_str_t *text = data;

    ngx_explicit_memzero(text->data, text->len);
}


ngx_int_t
ngx_http_payments_secret_keep(ngx_pool_t *pool, payments_secret_t *secret)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        payments_secret_free(secret);
        return NGX_ERROR;
    }

    cln->handler = ngx_http_payments_secret_cleanup;
    cln->data = secret;

    return NGX_OK;
}


static void
ngx_http_payments_secret_cleanup(void *data)
{
    payments_secret_free(data);
}


char *
ngx_http_payments_secret_file(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    ngx_str_t  name;

    if (ngx_http_payments_secret_name(cf, &name) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_payments_secret_each(cf, ngx_http_payments_secret_add,
                                         variant);
}


char *
ngx_http_payments_secret_each(ngx_conf_t *cf, ngx_http_payments_secret_pt add,
    void *data)
{
    char       *rv;
    size_t      len;
    u_char     *buf;
    ngx_str_t  *value, name;

    value = cf->args->elts;
    name = value[1];

    if (ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    buf = ngx_alloc(NGX_HTTP_PAYMENTS_SECRET_FILE + 1, cf->log);
    if (buf == NULL) {
        return NGX_CONF_ERROR;
    }

    len = 0;

    rv = ngx_http_payments_secret_read(cf, &name, buf, &len);

    if (rv == NGX_CONF_OK) {
        rv = ngx_http_payments_secret_lines(cf, add, data, &name, buf,
                                            buf + len);
    }

    ngx_explicit_memzero(buf, NGX_HTTP_PAYMENTS_SECRET_FILE + 1);
    ngx_free(buf);

    return rv;
}


static char *
ngx_http_payments_secret_read(ngx_conf_t *cf, ngx_str_t *name, u_char *buf,
    size_t *len)
{
    char             *rv;
    ssize_t           n;
    ngx_fd_t          fd;
    ngx_str_t        *directive;
    ngx_file_info_t   fi;

    rv = NGX_CONF_ERROR;
    directive = cf->args->elts;

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);
    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "\"%V\" \"%V\" cannot be opened", directive, name);
        return NGX_CONF_ERROR;
    }

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR || !ngx_is_file(&fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" \"%V\" is not a regular file",
                           directive, name);
        goto done;
    }

    if (fi.st_mode & S_IRWXO) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"%V\" \"%V\" is open to every user of this "
                           "machine: chmod 600 it", directive, name);
    }

    do {
        n = ngx_read_fd(fd, buf + *len,
                        NGX_HTTP_PAYMENTS_SECRET_FILE + 1 - *len);
        if (n == -1) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                               "\"%V\" \"%V\" cannot be read", directive,
                               name);
            goto done;
        }

        *len += n;

    } while (n != 0 && *len <= NGX_HTTP_PAYMENTS_SECRET_FILE);

    if (*len > NGX_HTTP_PAYMENTS_SECRET_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" \"%V\" is larger than %d bytes",
                           directive, name, NGX_HTTP_PAYMENTS_SECRET_FILE);
        goto done;
    }

    rv = NGX_CONF_OK;

done:

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, cf->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", name);
    }

    return rv;
}


/* one secret a line, without the blanks around it */

static char *
ngx_http_payments_secret_lines(ngx_conf_t *cf,
    ngx_http_payments_secret_pt add, void *data, ngx_str_t *name, u_char *p,
    u_char *end)
{
    char        *rv;
    u_char      *last, *newline;
    ngx_str_t   *directive, secret;
    ngx_uint_t   n;

    directive = cf->args->elts;

    for (n = 0; p < end; p = newline + 1) {

        newline = ngx_strlchr(p, end, '\n');
        if (newline == NULL) {
            newline = end;
        }

        last = newline;

        while (p < last && (*p == ' ' || *p == '\t')) {
            p++;
        }

        while (last > p
               && (last[-1] == ' ' || last[-1] == '\t' || last[-1] == '\r'))
        {
            last--;
        }

        if (p == last || *p == '#') {
            continue;
        }

        secret.data = p;
        secret.len = last - p;

        rv = add(cf, data, &secret);

        if (rv != NGX_CONF_OK) {
            return rv;
        }

        n++;
    }

    if (n == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" \"%V\" has no secret: write one "
                           "a line", directive, name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
