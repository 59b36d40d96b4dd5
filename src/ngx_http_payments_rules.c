
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Which events a variant wants, and where their token and id lie: "events",
 * "accounts", "require", "token" and "event_id" of a payments_variant block.
 */


#include "ngx_http_payments_scheme.h"


static char *ngx_http_payments_set_path(ngx_conf_t *cf,
    payments_rule_t **rule);
static ngx_int_t ngx_http_payments_check_path(ngx_conf_t *cf,
    ngx_str_t *path);
static ngx_int_t ngx_http_payments_add_path(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, payments_field_t *fields,
    payments_rule_t *rule, const char *directive);


char *
ngx_http_payments_set_events(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    u_char      *star;
    ngx_str_t   *value, *event;
    ngx_uint_t   i;

    if (variant->events != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    variant->events = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                       sizeof(ngx_str_t));
    if (variant->events == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        star = (u_char *) ngx_strchr(value[i].data, '*');

        if (value[i].len == 0
            || (star != NULL && star != value[i].data + value[i].len - 1))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid event type \"%V\" in \"events\": a "
                               "\"*\" may only be its last character",
                               &value[i]);
            return NGX_CONF_ERROR;
        }

        event = ngx_array_push(variant->events);
        if (event == NULL) {
            return NGX_CONF_ERROR;
        }

        *event = value[i];
    }

    return NGX_CONF_OK;
}


char *
ngx_http_payments_set_accounts(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    ngx_str_t   *value, *account;
    ngx_uint_t   i;

    if (variant->accounts != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    variant->accounts = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                         sizeof(ngx_str_t));
    if (variant->accounts == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (value[i].len == 0 || value[i].len > PAYMENTS_MAX_STRING) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"accounts\" has an id that is not one of 1 "
                               "to %d bytes; the platform's own account is "
                               "\"none\": \"%V\"", PAYMENTS_MAX_STRING,
                               &value[i]);
            return NGX_CONF_ERROR;
        }

        account = ngx_array_push(variant->accounts);
        if (account == NULL) {
            return NGX_CONF_ERROR;
        }

        *account = value[i];

        if (ngx_strcmp(value[i].data, "none") == 0) {
            account->len = 0;
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_http_payments_set_require(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    ngx_str_t        *value;
    const char       *error;
    payments_rule_t  *rule;

    value = cf->args->elts;

    if (ngx_http_payments_check_path(cf, &value[1]) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (variant->rules == NULL) {
        variant->rules = ngx_array_create(cf->pool, 4,
                                          sizeof(payments_rule_t));
        if (variant->rules == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (variant->rules->nelts == PAYMENTS_MAX_RULES) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"require\" \"%V\" is one too many: \"%V\" may "
                           "have %d", &value[1], &variant->name,
                           PAYMENTS_MAX_RULES);
        return NGX_CONF_ERROR;
    }

    rule = ngx_array_push(variant->rules);
    if (rule == NULL) {
        return NGX_CONF_ERROR;
    }

    rule->path.len = value[1].len;
    rule->path.data = value[1].data;
    rule->value.len = value[2].len;
    rule->value.data = value[2].data;

    error = payments_rule_error(rule->value);

    if (error != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the value of \"require\" \"%V\" %s", &value[1],
                           error);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_payments_set_token(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    return ngx_http_payments_set_path(cf, &variant->token);
}


char *
ngx_http_payments_set_event_id(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    return ngx_http_payments_set_path(cf, &variant->event_id);
}


static char *
ngx_http_payments_set_path(ngx_conf_t *cf, payments_rule_t **rule)
{
    ngx_str_t  *value;

    if (*rule != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_payments_check_path(cf, &value[1]) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    *rule = ngx_pcalloc(cf->pool, sizeof(payments_rule_t));
    if (*rule == NULL) {
        return NGX_CONF_ERROR;
    }

    (*rule)->path.len = value[1].len;
    (*rule)->path.data = value[1].data;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_payments_check_path(ngx_conf_t *cf, ngx_str_t *path)
{
    ngx_str_t       *value;
    const char      *error;
    payments_str_t   str;

    value = cf->args->elts;

    str.len = path->len;
    str.data = path->data;

    error = payments_path_error(str);

    if (error != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" has a path that %s: \"%V\"", &value[0],
                           error, path);
        return NGX_ERROR;
    }

    return NGX_OK;
}


char *
ngx_http_payments_compile_paths(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    ngx_uint_t                  i;
    payments_rule_t            *rule;
    payments_field_t           *fields;
    const payments_provider_t  *provider;

    provider = variant->provider;

    if (payments_schema_compile(&variant->schema, provider->fields,
                                provider->nfields)
        != 0)
    {
        return "has more paths than its schema has room for";
    }

    if (variant->rules == NULL && variant->token == NULL
        && variant->event_id == NULL)
    {
        return NGX_CONF_OK;
    }

    /* the provider knows its own by their index: the others come behind */

    fields = ngx_palloc(cf->pool, sizeof(payments_field_t)
                                  * (provider->nfields + PAYMENTS_MAX_RULES
                                     + 2));
    if (fields == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(fields, provider->fields,
               sizeof(payments_field_t) * provider->nfields);

    if (variant->rules != NULL) {
        rule = variant->rules->elts;

        for (i = 0; i < variant->rules->nelts; i++) {
            if (ngx_http_payments_add_path(cf, variant, fields, &rule[i],
                                           "require")
                != NGX_OK)
            {
                return NGX_CONF_ERROR;
            }
        }
    }

    if (ngx_http_payments_add_path(cf, variant, fields, variant->token,
                                   "token")
        != NGX_OK
        || ngx_http_payments_add_path(cf, variant, fields, variant->event_id,
                                      "event_id")
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* a path more, unless it is there, or none; each compiles anew, to name it */

static ngx_int_t
ngx_http_payments_add_path(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, payments_field_t *fields,
    payments_rule_t *rule, const char *directive)
{
    unsigned     i, n;
    const char  *path;

    if (rule == NULL) {
        return NGX_OK;
    }

    n = variant->schema.nfields;
    path = (const char *) rule->path.data;

    for (i = variant->provider->nfields; i < n; i++) {
        if (ngx_strcmp(fields[i].path, path) == 0) {
            rule->field = i;
            return NGX_OK;
        }
    }

    fields[n].path = path;
    fields[n].types = PAYMENTS_OTHER;

    rule->field = n;

    if (payments_schema_compile(&variant->schema, fields, n + 1) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the path \"%s\" of \"%s\" is too much for "
                           "\"payments_variant\" \"%V\": its paths, with "
                           "those of the provider, have more than %d fields, "
                           "or %d keys", path, directive, &variant->name,
                           PAYMENTS_MAX_FIELDS, PAYMENTS_MAX_NODES - 1);
        return NGX_ERROR;
    }

    return NGX_OK;
}
