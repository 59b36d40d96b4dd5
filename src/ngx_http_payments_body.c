
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The body as raw bytes in one piece, from wherever nginx has put it.
 */


#include "ngx_http_payments_thread.h"


/* a body in a temporary file, read by a thread */

typedef struct {
    ngx_http_payments_ctx_t  *ctx;
    ngx_chain_t              *in;
    ngx_err_t                 err;
} ngx_http_payments_load_t;


static void ngx_http_payments_body_ready(ngx_http_request_t *r);
static payments_rc_e ngx_http_payments_body_error(ngx_int_t status);
static payments_rc_e ngx_http_payments_body_gather(
    ngx_http_payments_ctx_t *ctx);
static ngx_uint_t ngx_http_payments_body_join(ngx_http_request_t *r,
    ngx_chain_t *in);
static payments_rc_e ngx_http_payments_body_load(
    ngx_http_payments_ctx_t *ctx);
static void ngx_http_payments_body_thread(void *data, ngx_log_t *log);
static void ngx_http_payments_body_loaded(ngx_event_t *ev);


ngx_int_t
ngx_http_payments_body(ngx_http_payments_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;

    /* a hint: there will be room for what came with the header */

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_payments_body_ready);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        ctx->rc = ngx_http_payments_body_error(rc);

        /* what is left of it is not to be taken for the next request */

        r->keepalive = 0;

        return NGX_OK;
    }

    /* the reference of the reading; the answer has one of its own */

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_AGAIN;
}


static payments_rc_e
ngx_http_payments_body_error(ngx_int_t status)
{
    if (status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
        return PAYMENTS_TOO_LARGE;
    }

    return status < NGX_HTTP_INTERNAL_SERVER_ERROR ? PAYMENTS_BAD_BODY
                                                   : PAYMENTS_INTERNAL;
}


static void
ngx_http_payments_body_ready(ngx_http_request_t *r)
{
    ngx_http_payments_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_payments_module);

    ctx->rc = ngx_http_payments_body_gather(ctx);

    if (!ctx->parked) {
        ngx_http_payments_run(ctx);
    }
}


static payments_rc_e
ngx_http_payments_body_gather(ngx_http_payments_ctx_t *ctx)
{
    off_t                size;
    u_char              *p;
    ngx_buf_t           *b;
    ngx_uint_t           files;
    ngx_chain_t         *in, *cl;
    ngx_http_request_t  *r;

    r = ctx->request;

    in = (r->request_body != NULL) ? r->request_body->bufs : NULL;

    size = 0;
    files = 0;

    for (cl = in; cl != NULL; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
        files += !ngx_buf_in_memory(cl->buf) && cl->buf->in_file;
    }

    if (size == 0) {
        return PAYMENTS_NO_BODY;
    }

    if (size > PAYMENTS_MAX_BODY) {
        return PAYMENTS_TOO_LARGE;
    }

    ctx->body.len = (size_t) size;

    if (files == 0 && ngx_http_payments_body_join(r, in)) {
        ctx->body.data = in->buf->pos;
        return PAYMENTS_OK;
    }

    ctx->body.data = ngx_pnalloc(r->pool, ctx->body.len);
    if (ctx->body.data == NULL) {
        return PAYMENTS_INTERNAL;
    }

    if (files != 0) {
        return ngx_http_payments_body_load(ctx);
    }

    p = ctx->body.data;

    for (cl = in; cl != NULL; cl = cl->next) {
        b = cl->buf;

        /* the last one of a chunked body is empty, and nowhere */

        if (b->pos != b->last) {
            p = ngx_cpymem(p, b->pos, b->last - b->pos);
        }
    }

    return PAYMENTS_OK;
}


/*
 * Pieces that lie side by side are one.  Of a body that came with the header
 * in part nginx has left room for that part, but behind the other one.
 */

static ngx_uint_t
ngx_http_payments_body_join(ngx_http_request_t *r, ngx_chain_t *in)
{
    size_t        n;
    u_char       *start, *last, *end;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    /* a mirror sends later what came, while ours is written to */

    if (r->preserve_body) {
        return 0;
    }

    if (in->next == NULL) {
        return 1;
    }

    b = in->buf;
    n = b->last - b->pos;

    start = in->next->buf->pos;
    last = start;
    end = start;

    /* what is in chunks never is: its last piece is nowhere */

    for (cl = in->next; cl != NULL; cl = cl->next) {

        if (cl->buf->pos != last) {
            return 0;
        }

        last = cl->buf->last;
        end = cl->buf->end;
    }

    if (b->last == start) {
        start = b->pos;

    } else if ((size_t) (end - last) >= n) {
        ngx_memmove(start + n, start, last - start);
        ngx_memcpy(start, b->pos, n);
        last += n;

    } else {
        return 0;
    }

    /* for whoever else looks at it */

    b->start = start;
    b->pos = start;
    b->last = last;
    b->end = end;
    b->last_buf = 1;

    in->next = NULL;

    return 1;
}


static payments_rc_e
ngx_http_payments_body_load(ngx_http_payments_ctx_t *ctx)
{
    ngx_thread_task_t         *task;
    ngx_http_request_t        *r;
    ngx_http_payments_load_t  *load;

    r = ctx->request;

    task = ngx_http_payments_task(r->pool, r->connection->log,
                                  sizeof(ngx_http_payments_load_t),
                                  ngx_http_payments_body_thread,
                                  ngx_http_payments_body_loaded);
    if (task == NULL) {
        return PAYMENTS_INTERNAL;
    }

    load = task->ctx;
    load->ctx = ctx;
    load->in = r->request_body->bufs;

    if (ngx_http_payments_task_post(ctx->plcf->pool, task) != NGX_OK) {
        return PAYMENTS_QUEUE_FULL;
    }

    ngx_http_payments_park(ctx);

    return PAYMENTS_OK;
}


static void
ngx_http_payments_body_thread(void *data, ngx_log_t *log)
{
    ngx_http_payments_load_t *load = data;

    off_t         offset;
    u_char       *p;
    ssize_t       n;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    p = load->ctx->body.data;

    for (cl = load->in; cl != NULL; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            p = ngx_cpymem(p, b->pos, b->last - b->pos);
            continue;
        }

        for (offset = b->file_pos; offset < b->file_last; offset += n) {

            n = pread(b->file->fd, p, (size_t) (b->file_last - offset),
                      offset);

            if (n == -1 && ngx_errno == NGX_EINTR) {
                n = 0;
                continue;
            }

            if (n <= 0) {
                load->err = (n == 0) ? EIO : ngx_errno;
                return;
            }

            p += n;
        }
    }
}


static void
ngx_http_payments_body_loaded(ngx_event_t *ev)
{
    ngx_thread_task_t         *task;
    ngx_http_payments_ctx_t   *ctx;
    ngx_http_payments_load_t  *load;

    if (ngx_http_payments_task_done(ev, "a body in a file") != NGX_OK) {
        return;
    }

    task = ev->data;
    load = task->ctx;
    ctx = load->ctx;

    if (load->err) {
        ngx_log_error(NGX_LOG_CRIT, ev->log, load->err,
                      "payments: a body's temporary file cannot be read");
        ctx->rc = PAYMENTS_INTERNAL;
    }

    ngx_http_payments_unpark(ctx);
}
