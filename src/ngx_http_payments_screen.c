
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What is ignored of the events that are right, and the token of the others;
 * and what is kept of either.
 */


#include "ngx_http_payments.h"


static void ngx_http_payments_judge(ngx_http_payments_ctx_t *ctx);
static ngx_uint_t ngx_http_payments_wanted(ngx_array_t *events,
    payments_str_t *type);
static ngx_uint_t ngx_http_payments_wanted_mode(ngx_uint_t mode,
    payments_value_t *livemode);
static ngx_uint_t ngx_http_payments_wanted_account(ngx_array_t *accounts,
    payments_str_t *account);
static void ngx_http_payments_keep(ngx_http_payments_ctx_t *ctx);


ngx_int_t
ngx_http_payments_screen(ngx_http_payments_ctx_t *ctx)
{
    ngx_http_payments_judge(ctx);
    ngx_http_payments_keep(ctx);

    return NGX_OK;
}


static void
ngx_http_payments_judge(ngx_http_payments_ctx_t *ctx)
{
    payments_event_t             *event;
    ngx_http_payments_variant_t  *variant;

    event = ctx->event;
    variant = ctx->variant;

    if (variant->events != NULL
        && !ngx_http_payments_wanted(variant->events, &event->type))
    {
        ctx->rc = PAYMENTS_EVENT_TYPE;

    } else if (!ngx_http_payments_wanted_mode(variant->mode,
                                              &event->livemode))
    {
        ctx->rc = PAYMENTS_MODE;

    } else if (variant->accounts != NULL
               && !ngx_http_payments_wanted_account(variant->accounts,
                                                    &event->account))
    {
        ctx->rc = PAYMENTS_ACCOUNT;

    } else if (variant->rules != NULL
               && !payments_rules_match(variant->rules->elts,
                                        variant->rules->nelts, event))
    {
        ctx->rc = PAYMENTS_REQUIRED;

    } else if (variant->token != NULL) {
        event->token = payments_event_text(event,
                                     &event->values[variant->token->field]);
    }
}


static ngx_uint_t
ngx_http_payments_wanted(ngx_array_t *events, payments_str_t *type)
{
    size_t       len;
    ngx_str_t   *event;
    ngx_uint_t   i;

    event = events->elts;

    for (i = 0; i < events->nelts; i++) {

        len = event[i].len;

        if (event[i].data[len - 1] == '*') {
            len--;

            if (type->len < len) {
                continue;
            }

        } else if (type->len != len) {
            continue;
        }

        if (ngx_memcmp(type->data, event[i].data, len) == 0) {
            return 1;
        }
    }

    return 0;
}


/* an event that does not say is neither */

static ngx_uint_t
ngx_http_payments_wanted_mode(ngx_uint_t mode, payments_value_t *livemode)
{
    if (mode == NGX_HTTP_PAYMENTS_ANY) {
        return 1;
    }

    return livemode->type != PAYMENTS_NULL
           && livemode->integer == (mode == NGX_HTTP_PAYMENTS_LIVE);
}


/* the platform's own account has no id, and an empty name in the list */

static ngx_uint_t
ngx_http_payments_wanted_account(ngx_array_t *accounts,
    payments_str_t *account)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    name = accounts->elts;

    for (i = 0; i < accounts->nelts; i++) {
        if (name[i].len != account->len) {
            continue;
        }

        if (account->len == 0
            || ngx_memcmp(name[i].data, account->data, account->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* few events have texts of their own, and all may have to wait for others */

static void
ngx_http_payments_keep(ngx_http_payments_ctx_t *ctx)
{
    size_t   len;
    u_char  *room;

    room = NULL;
    len = payments_event_texts(ctx->event);

    if (len != 0) {
        room = ngx_pnalloc(ctx->request->pool, len);
        if (room == NULL) {
            ctx->event = NULL;
            ctx->rc = PAYMENTS_INTERNAL;
            return;
        }
    }

    payments_event_keep(ctx->event, room);
}
