
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A connection to nobody: nothing comes from it, and all that is sent to it
 * is gone.
 */


#include "ngx_http_payments_relay.h"


#define NGX_HTTP_PAYMENTS_CONNECTION_POOL  2048


/* found by r->http_connection, whichever request of it c->data is */

typedef struct {
    ngx_http_connection_t          http;
    ngx_http_log_ctx_t             log;
    ngx_http_payments_delivery_t  *delivery;
    struct sockaddr_un             address;
} ngx_http_payments_nobody_t;


static ngx_int_t ngx_http_payments_nobody_init(ngx_connection_t *c,
    ngx_http_payments_delivery_t *delivery);
static void ngx_http_payments_nobody_event(ngx_event_t *ev);
static ssize_t ngx_http_payments_nobody_recv(ngx_connection_t *c,
    u_char *buf, size_t size);
static ngx_chain_t *ngx_http_payments_nobody_send(ngx_connection_t *c,
    ngx_chain_t *in, off_t limit);
static u_char *ngx_http_payments_nobody_log(ngx_log_t *log, u_char *buf,
    size_t len);


ngx_connection_t *
ngx_http_payments_nobody(ngx_http_payments_delivery_t *delivery)
{
    ngx_fd_t           fd;
    ngx_connection_t  *c;

    /* nginx closes it with the connection */

    fd = fcntl(delivery->relay->null, F_DUPFD_CLOEXEC, 0);
    if (fd == -1) {
        ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, ngx_errno,
                      "payments: fcntl(F_DUPFD_CLOEXEC) failed");
        return NULL;
    }

    c = ngx_get_connection(fd, ngx_cycle->log);
    if (c == NULL) {
        (void) ngx_close_file(fd);
        return NULL;
    }

    c->pool = ngx_create_pool(NGX_HTTP_PAYMENTS_CONNECTION_POOL,
                              ngx_cycle->log);
    if (c->pool == NULL) {
        ngx_close_connection(c);
        return NULL;
    }

#if (NGX_STAT_STUB)
    (void) ngx_atomic_fetch_add(ngx_stat_active, 1);
#endif

    if (ngx_http_payments_nobody_init(c, delivery) != NGX_OK) {
        ngx_http_close_connection(c);
        return NULL;
    }

    return c;
}


/* what nginx may ask a connection for */

static ngx_int_t
ngx_http_payments_nobody_init(ngx_connection_t *c,
    ngx_http_payments_delivery_t *delivery)
{
    ngx_http_payments_nobody_t  *nobody;

    nobody = ngx_pcalloc(c->pool, sizeof(ngx_http_payments_nobody_t));
    c->log = ngx_palloc(c->pool, sizeof(ngx_log_t));
    c->buffer = ngx_create_temp_buf(c->pool, 1);

    if (nobody == NULL || c->log == NULL || c->buffer == NULL) {
        return NGX_ERROR;
    }

    nobody->delivery = delivery;
    nobody->http.conf_ctx = delivery->relay->cscf->ctx;
    nobody->log.connection = c;
    nobody->address.sun_family = AF_UNIX;

    *c->log = *ngx_cycle->log;
    c->log->connection = c->number;
    c->log->handler = ngx_http_payments_nobody_log;
    c->log->data = &nobody->log;
    c->log->action = NULL;

    c->data = &nobody->http;
    c->type = SOCK_STREAM;
    c->sockaddr = (struct sockaddr *) &nobody->address;
    c->socklen = offsetof(struct sockaddr_un, sun_path);
    c->local_sockaddr = c->sockaddr;
    c->local_socklen = c->socklen;
    c->listening = ngx_cycle->listening.elts;
    ngx_str_set(&c->addr_text, "unix:");

    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);
    c->start_time = ngx_current_msec;
    c->tcp_nodelay = NGX_TCP_NODELAY_DISABLED;
    c->tcp_nopush = NGX_TCP_NOPUSH_DISABLED;
    c->need_last_buf = 1;

    c->recv = ngx_http_payments_nobody_recv;
    c->send_chain = ngx_http_payments_nobody_send;

    /* nothing to wait for, and nothing to read at its end */

    c->read->handler = ngx_http_payments_nobody_event;
    c->read->log = c->log;
    c->read->active = 1;
    c->read->eof = 1;

    c->write->handler = ngx_http_payments_nobody_event;
    c->write->log = c->log;
    c->write->active = 1;
    c->write->ready = 1;

    return NGX_OK;
}


/*
 * No socket, but a timer: limit_req, auth_delay and limit_rate wait by that of
 * the client's connection
 */

static void
ngx_http_payments_nobody_event(ngx_event_t *ev)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    c = ev->data;
    r = c->data;

    ngx_http_set_log_request(c->log, r);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, ev->log, 0,
                   "payments: nobody's event, write: %d", ev->write);

    if (ev->delayed && ev->timedout) {
        ev->delayed = 0;
        ev->timedout = 0;
    }

    if (ev->write) {
        r->write_event_handler(r);

    } else {
        r->read_event_handler(r);
    }

    ngx_http_run_posted_requests(c);
}


static ssize_t
ngx_http_payments_nobody_recv(ngx_connection_t *c, u_char *buf, size_t size)
{
    return NGX_AGAIN;
}


/* all that is wanted of the answer is its end */

static ngx_chain_t *
ngx_http_payments_nobody_send(ngx_connection_t *c, ngx_chain_t *in,
    off_t limit)
{
    ngx_buf_t                   *b;
    ngx_http_request_t          *r;
    ngx_http_payments_nobody_t  *nobody;

    r = c->data;
    nobody = (ngx_http_payments_nobody_t *) r->http_connection;

    for ( /* void */ ; in != NULL; in = in->next) {
        b = in->buf;

        c->sent += ngx_buf_size(b);

        if (b->in_file) {
            b->file_pos = b->file_last;
        }

        b->pos = b->last;

        if (b->last_buf) {
            nobody->delivery->complete = 1;
        }
    }

    return NULL;
}


static u_char *
ngx_http_payments_nobody_log(ngx_log_t *log, u_char *buf, size_t len)
{
    u_char              *p;
    ngx_http_log_ctx_t  *ctx;

    p = buf;

    if (log->action) {
        p = ngx_snprintf(buf, len, " while %s", log->action);
        len -= p - buf;
        buf = p;
    }

    ctx = log->data;

    p = ngx_snprintf(buf, len, ", client: the relay");
    len -= p - buf;

    if (ctx->request == NULL) {
        return p;
    }

    return ctx->request->log_handler(ctx->request, ctx->current_request, p,
                                     len);
}
