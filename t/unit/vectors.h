
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Signature vectors of a corpus, which is no part of this repository:
 * PAYMENTS_CORPUS says where it lies.
 */


#ifndef _VECTORS_H_INCLUDED_
#define _VECTORS_H_INCLUDED_


#include <yajl/yajl_tree.h>

#include "payments_event.h"
#include "payments_provider.h"
#include "payments_signature.h"
#include "unit.h"


typedef struct {
    const char                 *prefix;  /* of the vectors' ids */
    const payments_provider_t  *provider;
    unsigned                    n;
} gateway_t;


typedef struct {
    const char     *expect;
    payments_rc_e   rc;
} word_t;


/*
 * What a vector expects, by its id or by its word.  A signature that cannot be
 * right is refused before its time is looked at.
 */

static const word_t  words[] = {
    { "paddle/bad-signature", PAYMENTS_NO_MATCH },
    { "standard/too-new-301", PAYMENTS_TOO_NEW },

    /* libraries differ; as it is, and then in lower case */
    { "mercadopago/upper-query-lower-signed", PAYMENTS_OK },
    { "accept", PAYMENTS_OK },
    { "reject:no-key", PAYMENTS_NO_MATCH },
    { "reject:payload", PAYMENTS_BAD_FORM },
    { "reject:challenge", PAYMENTS_METHOD },
    { "accept-signature/reject:json", PAYMENTS_OK },
    { "reject:no-header", PAYMENTS_MISSING_SIGNATURE },
    { "reject:header", PAYMENTS_MALFORMED_SIGNATURE },
    { "reject:no-scheme", PAYMENTS_MALFORMED_SIGNATURE },
    { "reject:algo", PAYMENTS_MALFORMED_SIGNATURE },
    { "reject:signature", PAYMENTS_NO_MATCH },
    { "reject:no-body", PAYMENTS_NO_BODY },
    { "legacy-unsigned", PAYMENTS_MISSING_SIGNATURE },
    { "reject:timestamp", PAYMENTS_TOO_OLD },

    /* no rule of a header's: nginx -t has refused the variant */
    { "reject:config", PAYMENTS_RC_MAX }
};


static const char         *corpus;
static yajl_val            tree;
static payments_schema_t   schema;
static payments_event_t    event;
static payments_scratch_t  scratch;


static inline char *
slurp(const char *name)
{
    FILE    *f;
    char    *buf;
    size_t   size, len, n;
    char     path[4096];

    snprintf(path, sizeof(path), "%s/%s", corpus, name);

    f = fopen(path, "rb");
    if (f == NULL) {
        return NULL;
    }

    buf = NULL;
    size = 0;
    len = 0;

    do {
        size += 1 << 20;
        buf = realloc(buf, size);
        n = fread(buf + len, 1, size - len - 1, f);
        len += n;
    } while (n != 0);

    buf[len] = '\0';
    fclose(f);

    return buf;
}


static inline const char *
string_of(yajl_val vector, const char *name)
{
    yajl_val     val;
    const char  *path[] = { name, NULL };

    val = yajl_tree_get(vector, path, yajl_t_string);

    return val != NULL ? YAJL_GET_STRING(val) : NULL;
}


/* what a member names, "corpus/...", beside the vectors; NULL: no such file */

static inline char *
file_of(yajl_val vector, const char *member)
{
    const char  *name;

    name = string_of(vector, member);

    return name != NULL ? slurp(name + sizeof("corpus/") - 1) : NULL;
}


static inline int64_t
number_of(yajl_val vector, const char *name)
{
    yajl_val     val;
    const char  *path[] = { name, NULL };

    val = yajl_tree_get(vector, path, yajl_t_number);

    return val != NULL ? YAJL_GET_INTEGER(val) : -1;
}


/* one, or each of several */

static inline const char *
secret_of(yajl_val vector, size_t i)
{
    yajl_val     val;
    const char  *secret;
    const char  *path[] = { "secrets", NULL };

    val = yajl_tree_get(vector, path, yajl_t_array);

    if (val != NULL) {
        return i < YAJL_GET_ARRAY(val)->len
               ? YAJL_GET_STRING(YAJL_GET_ARRAY(val)->values[i]) : NULL;
    }

    if (i != 0) {
        return NULL;
    }

    secret = string_of(vector, "secret");

    return secret != NULL ? secret : string_of(vector, "key_hex");
}


/* a payments_rc_e, or -1 */

static inline int
expected_of(yajl_val vector)
{
    size_t       i;
    const char  *id, *expect;

    id = string_of(vector, "id");
    expect = string_of(vector, "expect");

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(expect, words[i].expect) == 0
            || strcmp(id, words[i].expect) == 0)
        {
            return words[i].rc;
        }
    }

    ok(0, "%s: unknown word %s", id, expect);

    return -1;
}


/* 0 when there are none */

static inline int
vectors(void)
{
    char  *json, error[1024];

    setvbuf(stdout, NULL, _IOLBF, 0);

    corpus = getenv("PAYMENTS_CORPUS");

    if (corpus == NULL || *corpus == '\0') {
        corpus = "../shared/corpus";
    }

    json = slurp("vectors.json");

    if (json == NULL) {
        return 0;
    }

    tree = yajl_tree_parse(json, error, sizeof(error));
    free(json);

    if (!YAJL_IS_ARRAY(tree)) {
        diag("%s", error);
        exit(1);
    }

    return 1;
}


/* 1 for a vector that has been tried by its gateway's test */

static inline int
vector_by_gateway(yajl_val vector, gateway_t *gateways, size_t n,
    void (*test)(yajl_val vector, const payments_provider_t *provider))
{
    size_t       k;
    const char  *id;

    id = string_of(vector, "id");

    for (k = 0; k < n; k++) {
        if (strncmp(id, gateways[k].prefix, strlen(gateways[k].prefix)) == 0) {
            test(vector, gateways[k].provider);
            gateways[k].n++;
            return 1;
        }
    }

    return 0;
}


static inline void
vectors_done(gateway_t *gateways, size_t n)
{
    size_t  k;

    for (k = 0; k < n; k++) {
        ok(gateways[k].n != 0, "%s: %u vectors", gateways[k].prefix,
           gateways[k].n);
    }

    yajl_tree_free(tree);
}


#endif /* _VECTORS_H_INCLUDED_ */
