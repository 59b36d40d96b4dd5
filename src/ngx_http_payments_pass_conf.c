
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * payments_pass, payments_fallback, payments_sign_key.
 */


#include "ngx_http_payments_pass.h"


/* a location that has to be there when all of them are known */

typedef struct {
    ngx_str_t                    directive;
    ngx_str_t                    name;
    ngx_http_core_srv_conf_t    *cscf;
    u_char                      *file;
    ngx_uint_t                   line;
} ngx_http_payments_named_t;


static char *ngx_http_payments_sign_key(ngx_conf_t *cf, void *data,
    ngx_str_t *text);
static ngx_uint_t ngx_http_payments_named_exists(
    ngx_http_payments_named_t *named);


ngx_int_t
ngx_http_payments_named_init(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf)
{
    return ngx_array_init(&pmcf->named, cf->pool, 4,
                          sizeof(ngx_http_payments_named_t));
}


char *
ngx_http_payments_named_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_str_t                      *value, *field;
    ngx_http_payments_named_t      *named;
    ngx_http_payments_main_conf_t  *pmcf;

    field = (ngx_str_t *) ((char *) conf + cmd->offset);

    if (field->len != 0) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len < 2 || value[1].data[0] != '@') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" needs a named location, as in \"@django\", "
                           "not \"%V\"", &value[0], &value[1]);
        return NGX_CONF_ERROR;
    }

    *field = value[1];

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_payments_module);

    named = ngx_array_push(&pmcf->named);
    if (named == NULL) {
        return NGX_CONF_ERROR;
    }

    named->directive = value[0];
    named->name = value[1];
    named->cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);
    named->file = cf->conf_file->file.name.data;
    named->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_payments_named_check(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf)
{
    ngx_uint_t                  i;
    ngx_http_payments_named_t  *named;

    named = pmcf->named.elts;

    for (i = 0; i < pmcf->named.nelts; i++) {

        if (ngx_http_payments_named_exists(&named[i])) {
            continue;
        }

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"%V %V\" in %s:%ui: there is no location \"%V\" in "
                      "this server", &named[i].directive, &named[i].name,
                      named[i].file, named[i].line, &named[i].name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_payments_named_exists(ngx_http_payments_named_t *named)
{
    ngx_http_core_loc_conf_t  **clcfp;

    clcfp = named->cscf->named_locations;

    for ( /* void */ ; clcfp != NULL && *clcfp != NULL; clcfp++) {
        if ((*clcfp)->name.len == named->name.len
            && ngx_strncmp((*clcfp)->name.data, named->name.data,
                           named->name.len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


char *
ngx_http_payments_sign_key_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_payments_loc_conf_t *plcf = conf;

    if (plcf->sign_keys != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    plcf->sign_keys = ngx_array_create(cf->pool, 2,
                                       sizeof(payments_secret_t *));
    if (plcf->sign_keys == NULL) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_payments_secret_each(cf, ngx_http_payments_sign_key,
                                         plcf->sign_keys);
}


static char *
ngx_http_payments_sign_key(ngx_conf_t *cf, void *data, ngx_str_t *text)
{
    ngx_array_t *keys = data;

    const char          *why;
    ngx_str_t           *value;
    payments_str_t       str;
    payments_secret_t  **key;

    value = cf->args->elts;

    if (keys->nelts == PAYMENTS_MAX_SECRETS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_sign_key\" \"%V\" has more than %d "
                           "keys: remove the old ones", &value[1],
                           PAYMENTS_MAX_SECRETS);
        return NGX_CONF_ERROR;
    }

    key = ngx_array_push(keys);
    if (key == NULL) {
        return NGX_CONF_ERROR;
    }

    str.len = text->len;
    str.data = text->data;
    why = "cannot be kept";

    *key = payments_sign_key(str, &why);

    if (*key == NULL
        || ngx_http_payments_secret_keep(cf->pool, *key) != NGX_OK)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_sign_key\" \"%V\": a key %s",
                           &value[1], why);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
