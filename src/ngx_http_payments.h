
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The map: configuration, what is known of a request, its way by the files.
 */


#ifndef _NGX_HTTP_PAYMENTS_H_INCLUDED_
#define _NGX_HTTP_PAYMENTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "payments.h"
#include "payments_claims.h"
#include "payments_counts.h"
#include "payments_envelope.h"
#include "payments_event.h"
#include "payments_provider.h"
#include "payments_rules.h"
#include "payments_schema.h"
#include "payments_segment.h"
#include "payments_signature.h"


#if !(NGX_THREADS)
#error payments: nginx has to be configured --with-threads
#endif


/* of a time; NGX_CONF_UNSET is -1 */
#define NGX_HTTP_PAYMENTS_OFF   -2

#define NGX_HTTP_PAYMENTS_ANY   0
#define NGX_HTTP_PAYMENTS_LIVE  1
#define NGX_HTTP_PAYMENTS_TEST  2

#define NGX_HTTP_PAYMENTS_ENVELOPE  0
#define NGX_HTTP_PAYMENTS_RAW       1

#define NGX_HTTP_PAYMENTS_JSON        1
#define NGX_HTTP_PAYMENTS_PROMETHEUS  2


typedef struct ngx_http_payments_batch_s  ngx_http_payments_batch_t;
typedef struct ngx_http_payments_cert_s   ngx_http_payments_cert_t;
typedef struct ngx_http_payments_counters_s
                                          ngx_http_payments_counters_t;
typedef struct ngx_http_payments_ctx_s    ngx_http_payments_ctx_t;
typedef struct ngx_http_payments_dedup_s  ngx_http_payments_dedup_t;
typedef struct ngx_http_payments_relay_s  ngx_http_payments_relay_t;
typedef struct ngx_http_payments_relay_conf_s
                                          ngx_http_payments_relay_conf_t;
typedef struct ngx_http_payments_spool_s  ngx_http_payments_spool_t;
typedef struct ngx_http_payments_spool_counts_s
                                          ngx_http_payments_spool_counts_t;
typedef struct ngx_http_payments_main_conf_s
                                          ngx_http_payments_main_conf_t;

/* "payments_variant" */

typedef struct {
    ngx_str_node_t                node;          /* first, by name */
    ngx_str_t                     name;
    const payments_provider_t    *provider;
    payments_schema_t             schema;
    const payments_scheme_t      *scheme;
    payments_scheme_t            *own;           /* NULL: the provider's */
    ngx_uint_t                    axes;          /* set in it, bits */
    ngx_uint_t                    digests;       /* allowed; 0: as it has */
    ngx_str_t                     url;           /* signed, as registered */
    ngx_str_t                     webhook;       /* the same: its id */
    ngx_str_t                     trusted;       /* a file */
    ngx_array_t                  *certs;         /* _cert_t, NULL: none */

    ngx_uint_t                    nsecrets;
    ngx_str_t                     texts[PAYMENTS_MAX_SECRETS]; /* until keyed */
    ngx_str_t                     keys[PAYMENTS_MAX_SECRETS];  /* their names */
    ngx_str_t                     public_key;    /* of those without one */
    payments_secret_t            *secrets[PAYMENTS_MAX_SECRETS];
    ngx_array_t                  *slips;         /* _slip_t; NULL: none */

    time_t                        tolerance;     /* or _OFF */
    time_t                        future;        /* or _OFF */
    ngx_uint_t                    verify;
    ngx_uint_t                    mode;
    ngx_array_t                  *events;        /* ngx_str_t, NULL: all */
    ngx_array_t                  *accounts;      /* the same */
    ngx_array_t                  *rules;         /* payments_rule_t, or NULL */
    payments_rule_t              *token, *event_id; /* or the provider's */

    time_t                        clock_warned;  /* in this worker */
    payments_variant_counts_t    *counts;        /* of all processes */
} ngx_http_payments_variant_t;


/* what a secret would be if it had been copied with more care */

typedef struct {
    payments_secret_t            *secret;
    const char                   *slip;
} ngx_http_payments_slip_t;


struct ngx_http_payments_main_conf_s {
    ngx_rbtree_t                  variants;
    ngx_rbtree_node_t             sentinel;
    ngx_array_t                   spools;    /* ngx_http_payments_spool_t * */
    ngx_array_t                   named;     /* _named_t: they have to exist */
    ngx_array_t                   zones;     /* ngx_http_payments_zone_t * */

    payments_variant_counts_t    *unknown;   /* of what is for no variant */
    ngx_uint_t                    status;    /* there is a payments_status */
    ngx_queue_t                   watchers;  /* wait for a look at a disk */
};


typedef struct {
    ngx_flag_t                    process;
    ngx_http_complex_value_t     *variant;   /* NULL: from the URI */
    ngx_http_payments_spool_t    *spool;     /* NULL: off */
    ngx_thread_pool_t            *pool;      /* reads bodies from files */
    ngx_http_payments_dedup_t    *dedup;     /* NULL: nothing was said */

    ngx_str_t                     pass;      /* "@name", or empty */
    ngx_str_t                     fallback;
    ngx_uint_t                    format;
    ngx_array_t                  *sign_keys; /* payments_secret_t * */
    ngx_http_payments_relay_conf_t
                                 *relay;     /* NULL: as by default */

    ngx_uint_t                    log_level;
    ngx_uint_t                    status;    /* 0: no payments_status */
} ngx_http_payments_loc_conf_t;


/* a request on its way into a spool; the request owns the memory */

typedef struct {
    ngx_queue_t                   queue;
    ngx_http_payments_ctx_t      *ctx;
    struct iovec                  iov[3];    /* head, payload, tail */
    int64_t                       joined;    /* us, of a monotonic clock */
} ngx_http_payments_entry_t;


struct ngx_http_payments_ctx_s {
    ngx_http_request_t           *request;
    ngx_http_payments_loc_conf_t *plcf;      /* of the request's beginning */
    ngx_uint_t                    step;      /* of the driver, the next one */
    payments_rc_e                 rc;

    ngx_str_t                     name;      /* of the variant, as sent */
    ngx_http_payments_variant_t  *variant;   /* NULL: unknown */

    payments_str_t                sent[PAYMENTS_SENT_MAX]; /* headers */
    payments_signature_t         *signature;
    int64_t                       age;       /* of it, seconds */
    unsigned                      secret;    /* that matched, from 1; or 0 */
    ngx_http_payments_cert_t     *cert;      /* that it names, or NULL */
    const char                   *hint;      /* of a refusal, or NULL */

    ngx_str_t                     body;
    payments_post_t               post;      /* what is in it, once verified */
    payments_event_t             *event;     /* NULL: not read */

    ngx_http_payments_batch_t    *batch;     /* NULL: it is one event */
    payments_claim_t              claim;
    ngx_msec_t                    twin_since;  /* waits for another's claim */

    ngx_http_payments_entry_t     entry;
    int64_t                       waited;    /* us, for the commit; or 0 */

    ngx_str_t                     json;      /* the answer */

    ngx_uint_t                    status;    /* of the application, no 2xx */
    ngx_uint_t                    changes;   /* of the URI: left to r, passed */
    void                        (*ended)(ngx_http_payments_ctx_t *ctx);
    void                         *data;      /* of ended(), before the pool's */

    unsigned                      live:1;      /* by its certificate */
    unsigned                      parked:1;
    unsigned                      claimed:1;
    unsigned                      answered:1;
    unsigned                      passed:1;    /* not answered yet */
    unsigned                      replaced:1;  /* nginx's own error page */
    unsigned                      counted:1;
    unsigned                      unsealed:1;  /* events sign themselves */
};


/*
 * The way of a request: ngx_http_payments_request.c
 */

/* The content handler: makes the context, and runs the driver. */
ngx_int_t ngx_http_payments_handler(ngx_http_request_t *r);

/*
 * The driver: goes on with ctx's next step until one waits or the event's
 * fate, ctx->rc, is known, and then answers.  The request may be gone after.
 */
void ngx_http_payments_run(ngx_http_payments_ctx_t *ctx);

/*
 * Steps return NGX_OK, having set ctx->rc to a refusal or left it, or
 * NGX_AGAIN when the driver is run again later: then ctx may be gone.
 */

/*
 * ngx_http_payments_route.c: sets ctx->name and ctx->variant.  NGX_AGAIN: what
 * is no variant's went to payments_fallback.
 */
ngx_int_t ngx_http_payments_route(ngx_http_payments_ctx_t *ctx);

/* The same, and no more: an unknown variant is in ctx->rc. */
void ngx_http_payments_name(ngx_http_payments_ctx_t *ctx);

/*
 * ngx_http_payments_refuse.c: what needs no body; sets ctx->sent, signature
 * and age.
 */
ngx_int_t ngx_http_payments_refuse(ngx_http_payments_ctx_t *ctx);

/* The signature of ctx->sent, and its time; the rest of the above. */
payments_rc_e ngx_http_payments_signature(ngx_http_payments_ctx_t *ctx);

/*
 * ngx_http_payments_body.c: sets ctx->body, in one piece, writable, of the
 * request's memory.  Always NGX_AGAIN, but for an error at once.
 */
ngx_int_t ngx_http_payments_body(ngx_http_payments_ctx_t *ctx);

/* ngx_http_payments_screen.c: ignores what the variant does not want */
ngx_int_t ngx_http_payments_screen(ngx_http_payments_ctx_t *ctx);

/*
 * ngx_http_payments_claim.c: nobody else may deliver it now; or it is a
 * duplicate.
 */
ngx_int_t ngx_http_payments_claim(ngx_http_payments_ctx_t *ctx);

/* Whether the id alone is nobody's word: the body joins it. */
ngx_uint_t ngx_http_payments_claim_by_body(
    ngx_http_payments_variant_t *variant);

/* What was claimed is done or, by ctx->rc, free again. */
void ngx_http_payments_claim_settle(ngx_http_payments_ctx_t *ctx);

/*
 * ngx_http_payments_pass.c: on to payments_pass, with another body; the
 * application answers.  NGX_AGAIN, or an error.
 */
ngx_int_t ngx_http_payments_pass(ngx_http_payments_ctx_t *ctx);

/* The context of r, also in the named location that it went on to; or NULL. */
ngx_http_payments_ctx_t *ngx_http_payments_get_ctx(ngx_http_request_t *r);

/* Settles ctx->rc by the header of the answer that is being sent. */
void ngx_http_payments_passed(ngx_http_payments_ctx_t *ctx);

/*
 * ngx_http_payments_answer.c: the one place that answers and finalizes a
 * request, by ctx->rc.
 */
void ngx_http_payments_answer(ngx_http_payments_ctx_t *ctx);

/* The same in the place of an answer of nginx's own: its header. */
ngx_int_t ngx_http_payments_answer_instead(ngx_http_payments_ctx_t *ctx);

/* And its body, one link and a buffer of the request's memory. */
ngx_int_t ngx_http_payments_answer_body(ngx_http_payments_ctx_t *ctx,
    ngx_chain_t *out);

/*
 * ngx_http_payments_count.c: counts the event's fate, ctx->rc, once and for
 * all.
 */
void ngx_http_payments_count(ngx_http_payments_ctx_t *ctx);

/* $payments_result of a fate; static, NUL-terminated. */
const char *ngx_http_payments_result(payments_rc_e rc);

/* The status that it is answered with, or would be. */
ngx_uint_t ngx_http_payments_code(payments_rc_e rc);

/*
 * ngx_http_payments_log.c: the line in the error log about a request that was
 * not accepted.  Refusals are limited; those that have no line are counted.
 */
void ngx_http_payments_answer_log(ngx_http_payments_ctx_t *ctx);

/* Of a worker: a full bucket; and how many had no line, at its end. */
void ngx_http_payments_log_init(void);
void ngx_http_payments_log_exit(void);

/*
 * ngx_http_payments_cause.c: writes what is likely behind a refusal of the
 * signature, if anything, and returns its end.  Hashes a bounded number of
 * bytes.
 */
u_char *ngx_http_payments_cause(ngx_http_payments_ctx_t *ctx, u_char *p,
    u_char *last);

/*
 * Keys the forms that a secret that was copied wrongly may have had: they
 * are never accepted, and tell what is wrong when a signature matches one.
 */
ngx_int_t ngx_http_payments_cause_add(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant, ngx_str_t *secret);

/*
 * ngx_http_payments_filter.c: gives nginx's own 413 the form of our answers,
 * and sees what the application answers.
 */
ngx_int_t ngx_http_payments_filter_init(ngx_conf_t *cf);

/*
 * ngx_http_payments_counters.c: shared memory of the module in the
 * configuration that is replaced, by its name and kind; or NULL.
 */
ngx_shm_zone_t *ngx_http_payments_former_zone(ngx_str_t *name,
    ngx_shm_zone_init_pt init);

/* ngx_http_payments_request.c: the time, in ms since the epoch */
int64_t ngx_http_payments_now(void);

/* ngx_http_payments_variables.c */
ngx_int_t ngx_http_payments_add_variables(ngx_conf_t *cf);

/*
 * Makes text fit for a header: a copy in pool when it has a control
 * character, which is a "?" there.
 */
ngx_int_t ngx_http_payments_safe_text(ngx_pool_t *pool, payments_str_t *text);


/*
 * ngx_http_payments_location.c: the last word on a location with
 * payments_process, when its configuration is merged.
 */
char *ngx_http_payments_location(ngx_conf_t *cf,
    ngx_http_payments_loc_conf_t *plcf);


/*
 * Variants: ngx_http_payments_variant.c
 */

char *ngx_http_payments_variant_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* A variant by its name, or NULL. */
ngx_http_payments_variant_t *ngx_http_payments_variant_find(
    ngx_http_payments_main_conf_t *pmcf, ngx_str_t *name);

/*
 * ngx_http_payments_secret.c: "secret" and "secret_file" add to a variant,
 * and wipe the text from the memory that they read it from.  When the
 * provider is known it is keyed, and the copy wiped.
 */
char *ngx_http_payments_secret(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_secret_file(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);
char *ngx_http_payments_secret_key(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);

/* Compiles the provider's paths and those of the rules. */
char *ngx_http_payments_compile_paths(ngx_conf_t *cf,
    ngx_http_payments_variant_t *variant);

/*
 * Calls add for each line of the file that the directive's first argument
 * names, but for blank ones and comments; NGX_CONF_ERROR when there is none.
 */
typedef char *(*ngx_http_payments_secret_pt)(ngx_conf_t *cf, void *data,
    ngx_str_t *secret);

char *ngx_http_payments_secret_each(ngx_conf_t *cf,
    ngx_http_payments_secret_pt add, void *data);

/* Frees it with pool. */
ngx_int_t ngx_http_payments_secret_keep(ngx_pool_t *pool,
    payments_secret_t *secret);


/*
 * Passing on, configured: ngx_http_payments_pass_conf.c
 */

ngx_int_t ngx_http_payments_named_init(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf);

char *ngx_http_payments_named_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_payments_sign_key_directive(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);

/* NGX_ERROR when a location that was named does not exist. */
ngx_int_t ngx_http_payments_named_check(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf);


/*
 * Duplicates: ngx_http_payments_zone_conf.c, ngx_http_payments_zone.c
 */

char *ngx_http_payments_zone_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_payments_dedup_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_payments_dedup_merge(ngx_conf_t *cf,
    ngx_http_payments_loc_conf_t *plcf);

/* NGX_ERROR when one forgets an event while it may be sent again. */
ngx_int_t ngx_http_payments_zones_check(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf);

ngx_int_t ngx_http_payments_zone_init(ngx_shm_zone_t *shm_zone, void *data);


/*
 * The relay: ngx_http_payments_relay_conf.c, _relay_process.c
 */

char *ngx_http_payments_relay_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* Gives the spool of a location with payments_pass a relay. */
char *ngx_http_payments_relay_merge(ngx_conf_t *cf,
    ngx_http_payments_loc_conf_t *plcf);

/* The master's: nginx starts a helper process then, where relays begin. */
ngx_int_t ngx_http_payments_relay_paths(ngx_cycle_t *cycle,
    ngx_http_payments_main_conf_t *pmcf);

/* Of an nginx that is one process. */
void ngx_http_payments_relay_single(ngx_http_payments_relay_t *relay);

/* Gives up the files, and writes what has been settled. */
void ngx_http_payments_relay_close(ngx_http_payments_relay_t *relay);


/*
 * Spools, configured: ngx_http_payments_spool_conf.c, _spool_dirs.c
 */

char *ngx_http_payments_spool_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Creates what is missing, for the workers' user if that is known yet.
 * NGX_ERROR, and in the log why, when a spool could not be written.
 */
ngx_int_t ngx_http_payments_spool_create_dirs(ngx_cycle_t *cycle,
    ngx_http_payments_main_conf_t *pmcf);


/*
 * Spools, of a worker: ngx_http_payments_spool.c
 */

ngx_int_t ngx_http_payments_spool_init(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool);

/* Seals what is open, after the threads have ended; blocks. */
void ngx_http_payments_spool_exit(ngx_http_payments_spool_t *spool);

/* PAYMENTS_OK, or why no event can be taken now. */
payments_rc_e ngx_http_payments_spool_admit(ngx_http_payments_spool_t *spool);

/*
 * Joins the next commit: on PAYMENTS_OK the request is to be parked, and is
 * unparked with the commit's result in ctx->rc; the entry and what its iov
 * points to have to stay until then.  Otherwise as admit.
 */
payments_rc_e ngx_http_payments_spool_append(ngx_http_payments_spool_t *spool,
    ngx_http_payments_entry_t *entry);


/*
 * What was counted: ngx_http_payments_counters.c, _status.c
 */

/* Adds the shared memory, if there is anything to count. */
ngx_int_t ngx_http_payments_counters_add(ngx_conf_t *cf,
    ngx_http_payments_main_conf_t *pmcf);

char *ngx_http_payments_status_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


extern ngx_module_t  ngx_http_payments_module;


#endif /* _NGX_HTTP_PAYMENTS_H_INCLUDED_ */
