
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The log line of a request that was not accepted.  Whoever can reach the
 * port can cause refusals, but not fill the disk by them.
 */


#include "ngx_http_payments_batch.h"
#include "ngx_http_payments_cert.h"


/* of a worker: ms for each line, and lines that may come at once */
#define NGX_HTTP_PAYMENTS_LINE_EACH   100
#define NGX_HTTP_PAYMENTS_LINE_BURST  50

/* ms until those without a line are told when no line follows */
#define NGX_HTTP_PAYMENTS_LINE_TELL   60000


typedef struct {
    ngx_event_t    tell;    /* timer */
    ngx_msec_t     last;
    ngx_msec_t     credit;  /* ms */
    ngx_uint_t     missed;
    ngx_uint_t     level;   /* of the gravest of them */
    ngx_log_t     *log;     /* of the last one */
} ngx_http_payments_lines_t;


static u_char *ngx_http_payments_log_signature(ngx_http_payments_ctx_t *ctx,
    u_char *p, u_char *last);
static ngx_uint_t ngx_http_payments_log_level(ngx_http_payments_ctx_t *ctx);
static ngx_uint_t ngx_http_payments_log_limited(ngx_http_payments_ctx_t *ctx);
static ngx_uint_t ngx_http_payments_log_take(ngx_http_request_t *r,
    ngx_uint_t level);
static u_char *ngx_http_payments_log_missed(u_char *p, u_char *last);
static void ngx_http_payments_log_tell(ngx_event_t *ev);


static ngx_http_payments_lines_t  ngx_http_payments_lines;


void
ngx_http_payments_answer_log(ngx_http_payments_ctx_t *ctx)
{
    u_char              *p, *last, detail[1024];
    ngx_uint_t           level;
    ngx_http_request_t  *r;

    /* what went well is in the access log */

    if (ctx->rc == PAYMENTS_OK) {
        return;
    }

    r = ctx->request;
    level = ngx_http_payments_log_level(ctx);

    if (r->connection->log->log_level < level
        || (ngx_http_payments_log_limited(ctx)
            && !ngx_http_payments_log_take(r, level)))
    {
        return;
    }

    p = detail;
    last = detail + sizeof(detail);

    p = ngx_http_payments_log_signature(ctx, p, last);

    if (ctx->rc == PAYMENTS_UPSTREAM) {
        p = ngx_slprintf(p, last, ", the application answered %ui",
                         ctx->status);
    }

    if (ctx->batch != NULL && ctx->batch->shown != 0) {
        p = ngx_slprintf(p, last, ", item %ui of %ui", ctx->batch->shown,
                         ctx->batch->nitems);
    }

    if (ngx_http_payments_log_limited(ctx)) {
        p = ngx_http_payments_log_missed(p, last);
    }

    ngx_log_error(level, r->connection->log, 0,
                  "payments: event for \"%V\" %s: %s%*s", &ctx->name,
                  ngx_http_payments_result(ctx->rc),
                  payments_rc_name(ctx->rc), (size_t) (p - detail), detail);
}


static u_char *
ngx_http_payments_log_signature(ngx_http_payments_ctx_t *ctx, u_char *p,
    u_char *last)
{
    if (ctx->hint != NULL) {
        p = ngx_slprintf(p, last, ", %s", ctx->hint);
    }

    if (ctx->rc == PAYMENTS_NO_CERTIFICATE) {
        p = ngx_http_payments_cert_why(ctx, p, last);

    } else if (ctx->rc == PAYMENTS_NO_MATCH && ctx->cert != NULL) {
        p = ngx_slprintf(p, last, ", not made for \"webhook_id\" %V, or of "
                         "another body", &ctx->variant->webhook);

    } else if (ctx->rc == PAYMENTS_NO_MATCH && ctx->signature != NULL
               && ctx->secret == 0)
    {
        p = ngx_slprintf(p, last, ", made with none of %ui secrets",
                         ctx->variant->nsecrets);
    }

    if (ctx->signature != NULL && ctx->signature->scheme->timed) {
        p = ngx_slprintf(p, last, ", the signature is %L s old", ctx->age);
    }

    if (ctx->signature != NULL || ctx->rc == PAYMENTS_NO_MATCH) {
        p = ngx_http_payments_cause(ctx, p, last);
    }

    return p;
}


/* what failed is the spool's to say, once and not for each request */

static ngx_uint_t
ngx_http_payments_log_level(ngx_http_payments_ctx_t *ctx)
{
    ngx_uint_t  code;

    code = ngx_http_payments_code(ctx->rc);

    if (code == 503 && ctx->rc != PAYMENTS_UPSTREAM) {
        return (ctx->rc == PAYMENTS_INTERNAL
                || ctx->rc == PAYMENTS_NO_CERTIFICATE)
               ? NGX_LOG_ERR : NGX_LOG_INFO;
    }

    return (code == 200) ? NGX_LOG_INFO : ctx->plcf->log_level;
}


/* the others are lines of those who hold a secret, or of our own troubles */

static ngx_uint_t
ngx_http_payments_log_limited(ngx_http_payments_ctx_t *ctx)
{
    ngx_uint_t  code;

    code = ngx_http_payments_code(ctx->rc);

    return code < 500 ? code >= 400
                      : ctx->rc == PAYMENTS_UPSTREAM
                        || ctx->rc == PAYMENTS_NO_CERTIFICATE;
}


/* a line of this worker's, or the request is counted */

static ngx_uint_t
ngx_http_payments_log_take(ngx_http_request_t *r, ngx_uint_t level)
{
    ngx_msec_t                  max, passed;
    ngx_http_core_loc_conf_t   *clcf;
    ngx_http_payments_lines_t  *lines;

    lines = &ngx_http_payments_lines;

    max = NGX_HTTP_PAYMENTS_LINE_BURST * NGX_HTTP_PAYMENTS_LINE_EACH;
    passed = ngx_current_msec - lines->last;

    lines->last = ngx_current_msec;
    lines->credit += ngx_min(passed, max - lines->credit);

    if (lines->credit >= NGX_HTTP_PAYMENTS_LINE_EACH) {
        lines->credit -= NGX_HTTP_PAYMENTS_LINE_EACH;
        return 1;
    }

    lines->level = lines->missed ? ngx_min(lines->level, level) : level;
    lines->missed++;

    /* that of the connection will be gone; in one process, a cycle's too */

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    lines->log = (ngx_process == NGX_PROCESS_WORKER) ? clcf->error_log
                                                     : NULL;

    if (!lines->tell.timer_set) {
        lines->tell.log = ngx_cycle->log;
        ngx_add_timer(&lines->tell, NGX_HTTP_PAYMENTS_LINE_TELL);
    }

    return 0;
}


static u_char *
ngx_http_payments_log_missed(u_char *p, u_char *last)
{
    ngx_http_payments_lines_t  *lines;

    lines = &ngx_http_payments_lines;

    if (lines->missed == 0) {
        return p;
    }

    p = ngx_slprintf(p, last, "; %ui more refused requests were not logged",
                     lines->missed);

    lines->missed = 0;

    ngx_del_timer(&lines->tell);

    return p;
}


/* when no line has followed */

static void
ngx_http_payments_log_tell(ngx_event_t *ev)
{
    ngx_log_t                  *log;
    ngx_http_payments_lines_t  *lines;

    lines = &ngx_http_payments_lines;

    if (lines->missed == 0) {
        return;
    }

    log = (lines->log != NULL) ? lines->log : ngx_cycle->log;

    ngx_log_error(lines->level, log, 0,
                  "payments: %ui more refused requests were not logged",
                  lines->missed);

    lines->missed = 0;
}


void
ngx_http_payments_log_init(void)
{
    ngx_http_payments_lines_t  *lines;

    lines = &ngx_http_payments_lines;

    lines->credit = NGX_HTTP_PAYMENTS_LINE_BURST
                    * NGX_HTTP_PAYMENTS_LINE_EACH;
    lines->last = ngx_current_msec;

    lines->tell.handler = ngx_http_payments_log_tell;
    lines->tell.data = lines;

    /* a worker that retires tells it at its end */
    lines->tell.cancelable = 1;
}


void
ngx_http_payments_log_exit(void)
{
    ngx_http_payments_log_tell(&ngx_http_payments_lines.tell);
}
