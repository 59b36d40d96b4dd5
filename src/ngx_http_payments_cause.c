
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What is behind most signatures that do not match: the secret of another
 * endpoint, a secret that was copied with something around it, a clock.
 */


#include "ngx_http_payments.h"


/* for one line: secrets of other variants, and bytes in all */
#define NGX_HTTP_PAYMENTS_OTHERS  32
#define NGX_HTTP_PAYMENTS_HASHED  (1024 * 1024)

#define NGX_HTTP_PAYMENTS_PREFIX      "whsec_"
#define NGX_HTTP_PAYMENTS_PREFIX_LEN  (sizeof("whsec_") - 1)


static u_char *ngx_http_payments_cause_secret(ngx_http_payments_ctx_t *ctx,
    u_char *p, u_char *last);
static ngx_http_payments_variant_t *ngx_http_payments_cause_variant(
    ngx_http_payments_ctx_t *ctx, ngx_uint_t left);
static ngx_uint_t ngx_http_payments_cause_matches(
    ngx_http_payments_ctx_t *ctx, payments_secret_t *secret);
static u_char *ngx_http_payments_cause_prefix(ngx_str_t *secret);
static ngx_int_t ngx_http_payments_cause_key(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, u_char *key, size_t len,
    const char *text);
static ngx_uint_t ngx_http_payments_is_plain(u_char c);
static ngx_uint_t ngx_http_payments_is_quote(u_char c);


u_char *
ngx_http_payments_cause(ngx_http_payments_ctx_t *ctx, u_char *p,
    u_char *last)
{
    switch (ctx->rc) {

    case PAYMENTS_TOO_OLD:
        return ngx_slprintf(p, last,
                            "; the clock of this machine may be ahead, or it "
                            "is an old request that is sent again");

    case PAYMENTS_TOO_NEW:
        return ngx_slprintf(p, last,
                            "; the clock of this machine may be behind");

    case PAYMENTS_NO_MATCH:

        if (ctx->secret != 0) {
            return ngx_slprintf(p, last, "; what is signed is for another "
                                "object than the body is about");
        }

        if (ctx->signature != NULL) {
            return ngx_http_payments_cause_secret(ctx, p, last);
        }

        if (ctx->variant->scheme->digest_word.len != 0) {
            return ngx_slprintf(p, last, "; it may be of a digest that "
                                "\"signature_digests\" does not allow");
        }

        return p;

    default:
        return p;
    }
}


static u_char *
ngx_http_payments_cause_secret(ngx_http_payments_ctx_t *ctx, u_char *p,
    u_char *last)
{
    ngx_uint_t                    i, left;
    ngx_array_t                  *slips;
    ngx_http_payments_slip_t     *slip;
    ngx_http_payments_variant_t  *variant;

    /* one that lies in the body may be none at all */

    if (ctx->post.covered.len == 0 || ctx->signature == NULL) {
        return p;
    }

    left = NGX_HTTP_PAYMENTS_HASHED / ctx->post.covered.len;

    slips = ctx->variant->slips;

    if (slips != NULL) {
        slip = slips->elts;

        for (i = 0; i < slips->nelts && left; i++, left--) {
            if (ngx_http_payments_cause_matches(ctx, slip[i].secret)) {
                return ngx_slprintf(p, last, "; the secret of \"%V\" was "
                                    "written %s", &ctx->variant->name,
                                    slip[i].slip);
            }
        }
    }

    variant = ngx_http_payments_cause_variant(ctx, left);

    if (variant != NULL) {
        return ngx_slprintf(p, last, "; it was made with the secret of "
                            "\"%V\": is the endpoint's URL another one's?",
                            &variant->name);
    }

    return p;
}


static ngx_http_payments_variant_t *
ngx_http_payments_cause_variant(ngx_http_payments_ctx_t *ctx, ngx_uint_t left)
{
    ngx_uint_t                      i;
    ngx_rbtree_node_t              *node;
    ngx_http_payments_variant_t    *variant;
    ngx_http_payments_main_conf_t  *pmcf;

    pmcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_payments_module);

    left = ngx_min(left, NGX_HTTP_PAYMENTS_OTHERS);

    for (node = ngx_rbtree_min(pmcf->variants.root, pmcf->variants.sentinel);
         node != NULL;
         node = ngx_rbtree_next(&pmcf->variants, node))
    {
        variant = (ngx_http_payments_variant_t *) node;

        if (variant == ctx->variant
            || variant->provider != ctx->variant->provider
            || variant->scheme->algorithm != ctx->variant->scheme->algorithm)
        {
            continue;
        }

        for (i = 0; i < variant->nsecrets; i++) {

            if (left-- == 0) {
                return NULL;
            }

            if (ngx_http_payments_cause_matches(ctx, variant->secrets[i])) {
                return variant;
            }
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_payments_cause_matches(ngx_http_payments_ctx_t *ctx,
    payments_secret_t *secret)
{
    unsigned  matched;

    return payments_signature_verify(ctx->signature, &secret, 1,
                                     ctx->post.covered, &matched)
           == PAYMENTS_OK;
}


/*
 * A Stripe secret is "whsec_" and letters and digits.  One that is no more
 * than that has no other form here, and costs nothing.
 */

ngx_int_t
ngx_http_payments_cause_add(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, ngx_str_t *secret)
{
    u_char      *p, *end, *last;
    size_t       len;
    ngx_int_t    rc;
    const char  *slip;
    u_char       key[NGX_HTTP_PAYMENTS_PREFIX_LEN + PAYMENTS_MAX_SECRET];

    last = secret->data + secret->len;

    p = ngx_http_payments_cause_prefix(secret);

    if (p != NULL) {
        end = p;

        while (end < last && ngx_http_payments_is_plain(*end)) {
            end++;
        }

        if (p == secret->data && end == last) {
            return NGX_OK;
        }

        slip = (end < last && ngx_http_payments_is_quote(*end))
               ? "with quotes around it" : "with something around it";

        return ngx_http_payments_cause_key(cf, variant, p, end - p, slip);
    }

    p = secret->data;
    end = last;

    while (p < end && !ngx_http_payments_is_plain(*p)) {
        p++;
    }

    while (end > p && !ngx_http_payments_is_plain(end[-1])) {
        end--;
    }

    len = end - p;

    ngx_memcpy(key, NGX_HTTP_PAYMENTS_PREFIX, NGX_HTTP_PAYMENTS_PREFIX_LEN);
    ngx_memcpy(key + NGX_HTTP_PAYMENTS_PREFIX_LEN, p, len);

    rc = ngx_http_payments_cause_key(cf, variant, key,
                                     NGX_HTTP_PAYMENTS_PREFIX_LEN + len,
                                     "without its \"whsec_\"");

    ngx_explicit_memzero(key, sizeof(key));

    return rc;
}


/* the last one: who writes it before a secret may do so twice */

static u_char *
ngx_http_payments_cause_prefix(ngx_str_t *secret)
{
    size_t  i;

    for (i = secret->len; i >= NGX_HTTP_PAYMENTS_PREFIX_LEN; i--) {
        if (ngx_memcmp(secret->data + i - NGX_HTTP_PAYMENTS_PREFIX_LEN,
                       NGX_HTTP_PAYMENTS_PREFIX, NGX_HTTP_PAYMENTS_PREFIX_LEN)
            == 0)
        {
            return secret->data + i - NGX_HTTP_PAYMENTS_PREFIX_LEN;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_payments_cause_key(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, u_char *key, size_t len,
    const char *text)
{
    payments_secret_t         *keyed;
    ngx_http_payments_slip_t  *slip;

    if (variant->slips == NULL) {
        variant->slips = ngx_array_create(cf->pool, 1,
                                          sizeof(ngx_http_payments_slip_t));
        if (variant->slips == NULL) {
            return NGX_ERROR;
        }
    }

    slip = ngx_array_push(variant->slips);
    if (slip == NULL) {
        return NGX_ERROR;
    }

    keyed = payments_secret_create(key, len);

    if (keyed == NULL
        || ngx_http_payments_secret_keep(cf->pool, keyed) != NGX_OK)
    {
        return NGX_ERROR;
    }

    slip->secret = keyed;
    slip->slip = text;

    return NGX_OK;
}


/* also what Standard Webhooks' secrets are made of */

static ngx_uint_t
ngx_http_payments_is_plain(u_char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
           || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '+'
           || c == '/' || c == '=';
}


static ngx_uint_t
ngx_http_payments_is_quote(u_char c)
{
    return c == '"' || c == '\'' || c == '`';
}
