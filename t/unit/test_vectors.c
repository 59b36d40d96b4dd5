
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Stripe's part of a corpus of signature vectors, which is no part of this
 * repository: PAYMENTS_CORPUS says where it lies.
 */


#include <yajl/yajl_tree.h>

#include "payments_event.h"
#include "payments_provider.h"
#include "stripe.h"
#include "unit.h"


static payments_schema_t  schema;
static payments_event_t   event;


static char *
slurp(const char *dir, const char *name)
{
    FILE    *f;
    char    *buf;
    size_t   size, len, n;
    char     path[4096];

    snprintf(path, sizeof(path), "%s/%s", dir, name);

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


static const char *
string_of(yajl_val vector, const char *name)
{
    yajl_val     val;
    const char  *path[] = { name, NULL };

    val = yajl_tree_get(vector, path, yajl_t_string);

    return val != NULL ? YAJL_GET_STRING(val) : NULL;
}


static int64_t
number_of(yajl_val vector, const char *name)
{
    yajl_val     val;
    const char  *path[] = { name, NULL };

    val = yajl_tree_get(vector, path, yajl_t_number);

    return val != NULL ? YAJL_GET_INTEGER(val) : -1;
}


/* as the module does it: the time is judged before the body is hashed */

static payments_rc_e
judge(const char *header, const char *key, payments_str_t body, int64_t now,
    int64_t tolerance)
{
    int64_t               age;
    unsigned              matched;
    payments_rc_e         rc;
    payments_secret_t    *secret;
    payments_signature_t  sig;

    rc = stripe_parse(text(header), &sig);

    if (rc == PAYMENTS_OK) {
        rc = payments_signature_judge(&sig, now, tolerance ? tolerance : -1,
                                      -1, &age);
    }

    if (rc == PAYMENTS_OK) {
        secret = payments_secret_create((const unsigned char *) key,
                                        strlen(key));
        rc = payments_signature_verify(&sig, &secret, 1, body, &matched);
        payments_secret_free(secret);
    }

    return rc;
}


static void
vector_is(yajl_val vector)
{
    int             json, expected;
    size_t          i;
    yajl_val        val;
    const char     *header, *expect, *id;
    payments_rc_e   rc;
    payments_str_t  body;
    const char     *path[] = { "headers", "Stripe-Signature", NULL };

    static const struct {
        const char     *expect;
        payments_rc_e   rc;
    } words[] = {
        { "accept", PAYMENTS_OK },
        { "accept-signature/reject:json", PAYMENTS_OK },
        { "reject:no-header", PAYMENTS_MISSING_SIGNATURE },
        { "reject:header", PAYMENTS_MALFORMED_SIGNATURE },
        { "reject:no-scheme", PAYMENTS_MALFORMED_SIGNATURE },
        { "reject:signature", PAYMENTS_NO_MATCH },
        { "reject:no-body", PAYMENTS_NO_BODY },
        { "reject:timestamp", PAYMENTS_TOO_OLD }
    };

    id = string_of(vector, "id");
    expect = string_of(vector, "expect");
    expected = -1;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(expect, words[i].expect) == 0) {
            expected = words[i].rc;
        }
    }

    if (expected == -1) {
        ok(0, "%s: unknown word %s", id, expect);
        return;
    }

    val = yajl_tree_get(vector, path, yajl_t_string);
    header = val != NULL ? YAJL_GET_STRING(val) : "";
    body = boxed(text(string_of(vector, "body")));

    rc = judge(header, string_of(vector, "secret"), body,
               number_of(vector, "now"), number_of(vector, "tolerance"));

    is_int(rc, expected, "%s: %s", id, expect);

    if (rc == PAYMENTS_OK) {
        json = (strcmp(expect, "accept") == 0);

        rc = payments_event_read(&schema, body, &event);
        is_int(rc, json ? PAYMENTS_OK : PAYMENTS_BAD_JSON, "%s: body", id);

        if (rc == PAYMENTS_OK) {
            is_int(payments_stripe.normalize(&payments_stripe,
                                             &event), PAYMENTS_OK,
                   "%s: event", id);
        }
    }

    unbox(body);
}


int
main(void)
{
    size_t       i, n;
    char        *json, error[1024];
    yajl_val     tree, vector;
    const char  *corpus, *scheme;

    setvbuf(stdout, NULL, _IOLBF, 0);

    corpus = getenv("PAYMENTS_CORPUS");

    if (corpus == NULL || *corpus == '\0') {
        corpus = "../shared/corpus";
    }

    json = slurp(corpus, "vectors.json");

    if (json == NULL) {
        return skip_all("corpus not found");
    }

    tree = yajl_tree_parse(json, error, sizeof(error));
    free(json);

    if (!ok(YAJL_IS_ARRAY(tree), "the vectors are an array")) {
        diag("%s", error);
        return done_testing();
    }

    payments_schema_compile(&schema, payments_stripe.fields,
                            payments_stripe.nfields);
    n = 0;

    for (i = 0; i < YAJL_GET_ARRAY(tree)->len; i++) {
        vector = YAJL_GET_ARRAY(tree)->values[i];
        scheme = string_of(vector, "scheme");

        if (scheme != NULL && strcmp(scheme, "stripe") == 0) {
            vector_is(vector);
            n++;
        }
    }

    ok(n != 0, "%zu vectors of the scheme stripe", n);

    yajl_tree_free(tree);

    return done_testing();
}
