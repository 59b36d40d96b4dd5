
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Certificates of a variant: read by the master, chosen by what a request
 * says, and never fetched.
 */


#include "ngx_http_payments_cert.h"
#include "ngx_http_payments_scheme.h"


/* "cert_file" of a variant */
#define NGX_HTTP_PAYMENTS_CERTS    16

#define NGX_HTTP_PAYMENTS_TRUSTED  "/etc/ssl/certs/ca-certificates.crt"

/* the names that the gateway's certificates have, and those of its tests */
#define NGX_HTTP_PAYMENTS_NAMED    ".paypal.com"
#define NGX_HTTP_PAYMENTS_SANDBOX  ".sandbox.paypal.com"


struct ngx_http_payments_cert_s {
    ngx_str_t                     name;    /* of the file, no ".pem" */
    ngx_str_t                     file;
    payments_cert_t              *cert;
    ngx_uint_t                    sandbox;
};


static ngx_str_t ngx_http_payments_cert_name(ngx_str_t *file);
static char *ngx_http_payments_cert_load(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
static char *ngx_http_payments_cert_load_one(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, ngx_http_payments_cert_t *cert,
    payments_trust_t *trust);
static void ngx_http_payments_cert_cleanup(void *data);
static void ngx_http_payments_trust_cleanup(void *data);


char *
ngx_http_payments_set_cert_file(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    ngx_str_t                 *value;
    ngx_uint_t                 i;
    ngx_http_payments_cert_t  *cert;

    value = cf->args->elts;

    if (variant->certs == NULL) {
        variant->certs = ngx_array_create(cf->pool, 1,
                                          sizeof(ngx_http_payments_cert_t));
        if (variant->certs == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (variant->certs->nelts == NGX_HTTP_PAYMENTS_CERTS) {
        return "is there more than 16 times: remove the old ones";
    }

    cert = ngx_array_push(variant->certs);
    if (cert == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(cert, sizeof(ngx_http_payments_cert_t));

    cert->file = value[1];

    if (ngx_conf_full_name(cf->cycle, &cert->file, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    cert->name = ngx_http_payments_cert_name(&cert->file);

    for (i = 0; i < variant->certs->nelts - 1; i++) {
        value = &((ngx_http_payments_cert_t *) variant->certs->elts)[i].name;

        if (value->len == cert->name.len
            && ngx_memcmp(value->data, cert->name.data, value->len) == 0)
        {
            return "names a file like another one: the name is that of the "
                   "certificate";
        }
    }

    return NGX_CONF_OK;
}


static ngx_str_t
ngx_http_payments_cert_name(ngx_str_t *file)
{
    u_char     *p, *end;
    ngx_str_t   name;

    end = file->data + file->len;
    p = end;

    while (p > file->data && p[-1] != '/') {
        p--;
    }

    if (end - p > 4
        && (ngx_memcmp(end - 4, ".pem", 4) == 0
            || ngx_memcmp(end - 4, ".crt", 4) == 0))
    {
        end -= 4;
    }

    name.data = p;
    name.len = end - p;

    return name;
}


char *
ngx_http_payments_set_trusted(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    char  *rv;

    rv = ngx_http_payments_set_once(cf, &variant->trusted);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return ngx_conf_full_name(cf->cycle, &variant->trusted, 1) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_payments_set_webhook_id(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    char       *rv;
    ngx_str_t  *id;

    id = &variant->webhook;

    rv = ngx_http_payments_set_once(cf, id);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (id->len == 0 || id->len > PAYMENTS_MAX_SECRET
        || !ngx_http_payments_is_word(id))
    {
        return "needs the id that the gateway's page shows beside the "
               "webhook, letters and digits";
    }

    return NGX_CONF_OK;
}


char *
ngx_http_payments_cert_check(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    const char  *wrong;

    wrong = NULL;

    if (!variant->scheme->certified) {
        if (variant->certs != NULL || variant->webhook.len != 0
            || variant->trusted.len != 0)
        {
            wrong = "\"cert_file\", \"trusted_certificate\" or "
                    "\"webhook_id\", and no certificates";
        }

    } else if (variant->nsecrets != 0) {
        wrong = "a secret, and signs with certificates: give \"webhook_id\" "
                "and \"cert_file\"";

    } else if (variant->verify && variant->webhook.len == 0) {
        wrong = "no \"webhook_id\": it is on the gateway's page, beside the "
                "webhook";
    }

    if (wrong != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"payments_variant\" \"%V\" of provider "
                           "\"%*s\" has %s", &variant->name,
                           variant->provider->name.len,
                           variant->provider->name.data, wrong);
        return NGX_CONF_ERROR;
    }

    if (!variant->scheme->certified || !variant->verify) {
        return NGX_CONF_OK;
    }

    if (variant->certs == NULL) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"payments_variant\" \"%V\" has no \"cert_file\" "
                           "yet: events are answered 503, and the error log "
                           "says how to get what they are signed with",
                           &variant->name);
        return NGX_CONF_OK;
    }

    return ngx_http_payments_cert_load(cf, variant);
}


static char *
ngx_http_payments_cert_load(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant)
{
    ngx_uint_t                 i;
    payments_trust_t          *trust;
    ngx_pool_cleanup_t        *cln;
    ngx_http_payments_cert_t  *certs;

    if (variant->trusted.len == 0) {
        ngx_str_set(&variant->trusted, NGX_HTTP_PAYMENTS_TRUSTED);
    }

    /* nginx runs these in the opposite order: what is made first is last */

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    trust = payments_trust_create((char *) variant->trusted.data);

    if (trust == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" has no certificates that could be "
                           "trusted: install ca-certificates, or name a file "
                           "of roots in \"trusted_certificate\" of "
                           "\"payments_variant\" \"%V\"", &variant->trusted,
                           &variant->name);
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_http_payments_trust_cleanup;
    cln->data = trust;

    certs = variant->certs->elts;

    for (i = 0; i < variant->certs->nelts; i++) {
        if (ngx_http_payments_cert_load_one(cf, variant, &certs[i], trust)
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_payments_cert_load_one(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, ngx_http_payments_cert_t *cert,
    payments_trust_t *trust)
{
    const char          *why;
    payments_cert_e      rc;
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    cert->cert = payments_cert_create((char *) cert->file.data,
                                      NGX_HTTP_PAYMENTS_NAMED, trust, &why);
    if (cert->cert == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"cert_file\" \"%V\" %s",
                           &cert->file, why);
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_http_payments_cert_cleanup;
    cln->data = cert->cert;

    cert->sandbox = payments_cert_named(cert->cert,
                                        NGX_HTTP_PAYMENTS_SANDBOX);

    rc = payments_cert_check(cert->cert, ngx_time());

    if (rc == PAYMENTS_CERT_UNKNOWN) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"cert_file\" \"%V\" was issued by nobody that "
                           "\"%V\" knows: append the certificate of its "
                           "issuer to the file", &cert->file,
                           &variant->trusted);
        return NGX_CONF_ERROR;
    }

    /* nothing that stops a machine from starting after the last day */

    if (rc != PAYMENTS_CERT_RIGHT) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"cert_file\" \"%V\", or what it was issued "
                           "with, %s", &cert->file,
                           rc == PAYMENTS_CERT_EXPIRED
                           ? "has expired: remove it, if there is another "
                             "one" : "is not valid yet");
    }

    return NGX_CONF_OK;
}


static void
ngx_http_payments_cert_cleanup(void *data)
{
    payments_cert_free(data);
}


static void
ngx_http_payments_trust_cleanup(void *data)
{
    payments_trust_free(data);
}


payments_rc_e
ngx_http_payments_cert_find(ngx_http_payments_ctx_t *ctx)
{
    int                           live;
    ngx_uint_t                    i;
    payments_str_t                name;
    ngx_http_payments_cert_t     *cert;
    ngx_http_payments_variant_t  *variant;

    variant = ctx->variant;

    if (!payments_paypal_url(ctx->sent[PAYMENTS_SENT_CERT], &name, &live)) {
        ctx->hint = "the URL of its certificate is none of the gateway's";
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    if (variant->mode == (ngx_uint_t) (live ? NGX_HTTP_PAYMENTS_TEST
                                            : NGX_HTTP_PAYMENTS_LIVE))
    {
        ctx->hint = live ? "it is live, and the variant's \"mode\" is test"
                         : "it is the sandbox's, and the variant's \"mode\" "
                           "is live";
        return PAYMENTS_MALFORMED_SIGNATURE;
    }

    ctx->live = live;

    cert = (variant->certs != NULL) ? variant->certs->elts : NULL;

    for (i = 0; cert != NULL && i < variant->certs->nelts; i++) {

        if (cert[i].name.len != name.len
            || ngx_memcmp(cert[i].name.data, name.data, name.len) != 0)
        {
            continue;
        }

        ctx->cert = &cert[i];

        if (cert[i].sandbox && live) {
            ctx->hint = "the sandbox's certificate is for no live event";
            return PAYMENTS_MALFORMED_SIGNATURE;
        }

        return payments_cert_check(cert[i].cert, ngx_time())
               == PAYMENTS_CERT_RIGHT ? PAYMENTS_OK
                                      : PAYMENTS_NO_CERTIFICATE;
    }

    return PAYMENTS_NO_CERTIFICATE;
}


payments_rc_e
ngx_http_payments_cert_verify(ngx_http_payments_ctx_t *ctx)
{
    return payments_cert_verify(ctx->cert->cert, ctx->signature,
                                ctx->post.covered);
}


/* what is in the URL has been looked at: nothing in it is for a shell */

u_char *
ngx_http_payments_cert_why(ngx_http_payments_ctx_t *ctx, u_char *p,
    u_char *last)
{
    int              live;
    payments_str_t   name, *url;
    payments_cert_e  rc;

    url = &ctx->sent[PAYMENTS_SENT_CERT];

    if (!payments_paypal_url(*url, &name, &live)) {
        return p;
    }

    if (ctx->cert == NULL) {
        return ngx_slprintf(p, last, ", it is signed with a certificate that "
                            "is not there yet; get it by: curl -fo "
                            "'%V%*s.pem' '%*s'; add to the variant: "
                            "cert_file '%V%*s.pem'; and run: nginx -s reload",
                            &ngx_cycle->conf_prefix, name.len, name.data,
                            url->len, url->data, &ngx_cycle->conf_prefix,
                            name.len, name.data);
    }

    rc = payments_cert_check(ctx->cert->cert, ngx_time());

    if (rc == PAYMENTS_CERT_EARLY) {
        return ngx_slprintf(p, last, ", its certificate is not valid yet; "
                            "the clock of this machine may be behind");
    }

    p = ngx_slprintf(p, last, ", its certificate %s",
                     rc == PAYMENTS_CERT_EXPIRED
                     ? "has expired" : "was issued by nobody that is trusted");

    return ngx_slprintf(p, last, "; get the present one by: curl -fo '%V' "
                        "'%*s'; and run: nginx -s reload", &ctx->cert->file,
                        url->len, url->data);
}
