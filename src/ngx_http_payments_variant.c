
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The payments_variant block.
 */


#include "ngx_http_payments_cert.h"
#include "ngx_http_payments_scheme.h"


/* words of a directive in the block, its name among them */
#define NGX_HTTP_PAYMENTS_MANY       (1 + PAYMENTS_MAX_ACCOUNTS)


typedef char *(*ngx_http_payments_set_pt)(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);


typedef struct {
    ngx_str_t                   name;
    ngx_uint_t                  min;      /* words */
    ngx_uint_t                  max;
    ngx_http_payments_set_pt    set;
} ngx_http_payments_command_t;


static ngx_int_t ngx_http_payments_variant_name(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf, ngx_str_t *name);
static char *ngx_http_payments_variant_line(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_payments_variant_check(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
static char *ngx_http_payments_set_verify(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
static char *ngx_http_payments_set_mode(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
static char *ngx_http_payments_set_word(ngx_conf_t *cf, ngx_uint_t *word,
    ngx_conf_enum_t *e);


static ngx_http_payments_command_t  ngx_http_payments_variant_commands[] = {

    { ngx_string("provider"), 2, 2, ngx_http_payments_set_provider },
    { ngx_string("secret"), 2, 3, ngx_http_payments_secret },
    { ngx_string("secret_file"), 2, 3, ngx_http_payments_secret_file },
    { ngx_string("public_key"), 2, 2, ngx_http_payments_set_public_key },
    { ngx_string("tolerance"), 2, 3, ngx_http_payments_set_tolerance },
    { ngx_string("verify"), 2, 2, ngx_http_payments_set_verify },
    { ngx_string("events"), 2, NGX_HTTP_PAYMENTS_MANY,
      ngx_http_payments_set_events },
    { ngx_string("mode"), 2, 2, ngx_http_payments_set_mode },
    { ngx_string("accounts"), 2, NGX_HTTP_PAYMENTS_MANY,
      ngx_http_payments_set_accounts },
    { ngx_string("require"), 3, 3, ngx_http_payments_set_require },
    { ngx_string("token"), 2, 2, ngx_http_payments_set_token },
    { ngx_string("event_id"), 2, 2, ngx_http_payments_set_event_id },
    { ngx_string("notification_url"), 2, 2, ngx_http_payments_set_url },
    { ngx_string("webhook_id"), 2, 2, ngx_http_payments_set_webhook_id },
    { ngx_string("cert_file"), 2, 2, ngx_http_payments_set_cert_file },
    { ngx_string("trusted_certificate"), 2, 2, ngx_http_payments_set_trusted },
    { ngx_string("signature_header"), 2, 2, ngx_http_payments_set_scheme },
    { ngx_string("signature_prefix"), 2, 2, ngx_http_payments_set_scheme },
    { ngx_string("signature_encoding"), 2, 2, ngx_http_payments_set_scheme },
    { ngx_string("signature_algorithm"), 2, 2, ngx_http_payments_set_scheme },
    { ngx_string("signature_message"), 2, NGX_HTTP_PAYMENTS_MANY,
      ngx_http_payments_set_scheme },
    { ngx_string("signature_digests"), 2, 6, ngx_http_payments_set_digests },
    { ngx_string("time_header"), 2, 2, ngx_http_payments_set_scheme },
    { ngx_string("time_unit"), 2, 2, ngx_http_payments_set_scheme },
    { ngx_string("key_header"), 2, 2, ngx_http_payments_set_scheme },
    { ngx_string("signature_key"), 2, 2, ngx_http_payments_set_scheme },
    { ngx_string("signature_list"), 3, 4, ngx_http_payments_set_scheme },
    { ngx_string("id_header"), 2, 2, ngx_http_payments_set_scheme },
    { ngx_string("type_header"), 2, 2, ngx_http_payments_set_scheme },

    { ngx_null_string, 0, 0, NULL }
};


char *
ngx_http_payments_variant_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_payments_main_conf_t *pmcf = conf;

    char                         *rv;
    ngx_str_t                    *value;
    ngx_conf_t                    save;
    ngx_http_payments_variant_t  *variant;

    value = cf->args->elts;

    if (ngx_http_payments_variant_name(cf, pmcf, &value[1]) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    variant = ngx_pcalloc(cf->pool, sizeof(ngx_http_payments_variant_t));
    if (variant == NULL) {
        return NGX_CONF_ERROR;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     variant->provider = NULL;
     *     variant->scheme = NULL;
     *     variant->own = NULL;
     *     variant->url = variant->webhook = variant->trusted = { 0, NULL };
     *     variant->certs = NULL;
     *     variant->nsecrets = 0;
     *     variant->slips = NULL;
     *     variant->events = NULL;
     *     variant->accounts = NULL;
     *     variant->rules = NULL;
     *     variant->token = variant->event_id = NULL;
     *     variant->clock_warned = 0;
     */

    variant->name = value[1];
    variant->tolerance = NGX_CONF_UNSET;
    variant->future = NGX_CONF_UNSET;
    variant->verify = NGX_CONF_UNSET_UINT;
    variant->mode = NGX_CONF_UNSET_UINT;

    variant->node.str = value[1];
    variant->node.node.key = ngx_crc32_long(value[1].data, value[1].len);

    ngx_rbtree_insert(&pmcf->variants, &variant->node.node);

    save = *cf;

    cf->handler = ngx_http_payments_variant_line;
    cf->handler_conf = (char *) variant;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return ngx_http_payments_variant_check(cf, variant);
}


ngx_uint_t
ngx_http_payments_is_word(ngx_str_t *text)
{
    u_char      c;
    ngx_uint_t  i;

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'))
        {
            return 0;
        }
    }

    return 1;
}


char *
ngx_http_payments_set_once(ngx_conf_t *cf, ngx_str_t *text)
{
    ngx_str_t  *value;

    if (text->data != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;
    *text = value[1];

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_payments_variant_name(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf, ngx_str_t *name)
{
    if (name->len == 0 || name->len > PAYMENTS_MAX_VARIANT) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_variant\" needs a name of 1 to %d "
                           "characters, not \"%V\"", PAYMENTS_MAX_VARIANT,
                           name);
        return NGX_ERROR;
    }

    if (!ngx_http_payments_is_word(name)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_variant\" name \"%V\" may have "
                           "letters, digits, \"-\" and \"_\" only: it is the "
                           "last part of a URL", name);
        return NGX_ERROR;
    }

    if (ngx_http_payments_variant_find(pmcf, name) != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate \"payments_variant\" \"%V\": give the "
                           "second one another name", name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static char *
ngx_http_payments_variant_line(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char                         *rv;
    ngx_str_t                    *value;
    ngx_http_payments_command_t  *command;

    value = cf->args->elts;

    if (value[0].len == sizeof("include") - 1
        && ngx_strcmp(value[0].data, "include") == 0)
    {
        return ngx_conf_include(cf, cmd, conf);
    }

    for (command = ngx_http_payments_variant_commands;
         command->name.len;
         command++)
    {
        if (command->name.len != value[0].len
            || ngx_strcmp(command->name.data, value[0].data) != 0)
        {
            continue;
        }

        if (cf->args->nelts < command->min || cf->args->nelts > command->max)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid number of arguments in \"%V\" "
                               "directive of a \"payments_variant\"",
                               &value[0]);
            return NGX_CONF_ERROR;
        }

        rv = command->set(cf, conf);

        if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" directive %s", &value[0], rv);
            return NGX_CONF_ERROR;
        }

        return rv;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unknown directive \"%V\" in a \"payments_variant\" "
                       "block", &value[0]);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_payments_variant_check(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    payments_str_t  name;

    if (variant->provider == NULL) {
        name.len = variant->name.len;
        name.data = variant->name.data;

        variant->provider = payments_provider_find(name);

        if (variant->provider == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"payments_variant\" \"%V\" needs a "
                               "\"provider\": its name is not one itself",
                               &variant->name);
            return NGX_CONF_ERROR;
        }
    }

    if (ngx_http_payments_variant_scheme(cf, variant) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_conf_init_uint_value(variant->verify, 1);
    ngx_conf_init_uint_value(variant->mode, NGX_HTTP_PAYMENTS_ANY);

    if (!variant->verify) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"verify off\" in \"payments_variant\" \"%V\": "
                           "anybody can send it events, never use this for "
                           "real payments", &variant->name);

    } else if (variant->nsecrets == 0 && !variant->scheme->certified) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_variant\" \"%V\" has no secret: add "
                           "\"secret_file\" with the signing secret of the "
                           "endpoint", &variant->name);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_payments_cert_check(cf, variant) != NGX_CONF_OK
        || ngx_http_payments_secret_key(cf, variant) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_payments_compile_paths(cf, variant);
}


static char *
ngx_http_payments_set_verify(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    static ngx_conf_enum_t  words[] = {
        { ngx_string("on"), 1 },
        { ngx_string("off"), 0 },
        { ngx_null_string, 0 }
    };

    return ngx_http_payments_set_word(cf, &variant->verify, words);
}


static char *
ngx_http_payments_set_mode(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    static ngx_conf_enum_t  words[] = {
        { ngx_string("any"), NGX_HTTP_PAYMENTS_ANY },
        { ngx_string("live"), NGX_HTTP_PAYMENTS_LIVE },
        { ngx_string("test"), NGX_HTTP_PAYMENTS_TEST },
        { ngx_null_string, 0 }
    };

    return ngx_http_payments_set_word(cf, &variant->mode, words);
}


static char *
ngx_http_payments_set_word(ngx_conf_t *cf, ngx_uint_t *word,
    ngx_conf_enum_t *e)
{
    ngx_str_t  *value;

    if (*word != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for ( /* void */ ; e->name.len; e++) {
        if (ngx_strcmp(e->name.data, value[1].data) == 0) {
            *word = e->value;
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" of \"%V\"", &value[1],
                       &value[0]);

    return NGX_CONF_ERROR;
}


ngx_http_payments_variant_t *
ngx_http_payments_variant_find(ngx_http_payments_main_conf_t *pmcf,
    ngx_str_t *name)
{
    return (ngx_http_payments_variant_t *)
               ngx_str_rbtree_lookup(&pmcf->variants, name,
                                     ngx_crc32_long(name->data, name->len));
}
