
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What a corpus of signature vectors has for our gateways.  It is no part of
 * this repository: PAYMENTS_CORPUS says where it lies.
 */


#include <yajl/yajl_tree.h>

#include "payments_cert.h"
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


static gateway_t  gateways[] = {
    { "stripe/", &payments_stripe, 0 },
    { "standard/", &payments_standard, 0 },
    { "square/", &payments_square, 0 },
    { "paddle/", &payments_paddle, 0 },
    { "coinbase/", &payments_coinbase, 0 },
    { "razorpay/", &payments_razorpay, 0 },
    { "shopify/", &payments_shopify, 0 },
    { "braintree/", &payments_braintree, 0 },
    { "dotpay/", &payments_dotpay, 0 },
    { "mercadopago/", &payments_mercadopago, 0 },
    { "mollie/", &payments_mollie, 0 },
    { "payu/", &payments_payu, 0 },
    { "paypal/", &payments_paypal, 0 },
    { "worldline/", &payments_worldline, 0 }
};


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
    { "reject:no-key", PAYMENTS_NO_MATCH },

    /* no rule of a header's: nginx -t has refused the variant */
    { "reject:config", PAYMENTS_RC_MAX }
};


static yajl_val           tree;
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


static payments_str_t
lower(const char *name, char *buf)
{
    size_t  i;

    for (i = 0; name[i] != '\0' && i < 63; i++) {
        buf[i] = name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i];
    }

    return bytes(buf, i);
}


/* one, or each of several */

static const char *
secret_of(yajl_val vector, size_t i)
{
    yajl_val     val;
    const char  *path[] = { "secrets", NULL };

    val = yajl_tree_get(vector, path, yajl_t_array);

    if (val != NULL) {
        return i < YAJL_GET_ARRAY(val)->len
               ? YAJL_GET_STRING(YAJL_GET_ARRAY(val)->values[i]) : NULL;
    }

    return i == 0 ? string_of(vector, "secret") : NULL;
}


/* its only parameter, with the blanks and all else escaped */

static payments_str_t
query_of(yajl_val vector, char *buf, size_t size)
{
    size_t       len;
    const char  *p;
    yajl_val     val;
    const char  *path[] = { "query", "data.id", NULL };

    val = yajl_tree_get(vector, path, yajl_t_string);
    len = 0;

    if (val != NULL) {
        len = snprintf(buf, size, "data.id=");

        for (p = YAJL_GET_STRING(val); *p != '\0' && len + 4 < size; p++) {
            len += snprintf(buf + len, size - len, "%%%02x",
                            (unsigned char) *p);
        }
    }

    return bytes(buf, len);
}


static payments_rc_e
sort(yajl_val vector, const payments_scheme_t *scheme, unsigned char *room,
    payments_str_t *sent)
{
    int              row;
    char             name[64], query[512];
    size_t           i;
    yajl_val         headers;
    const char      *path[] = { "headers", NULL };
    payments_rc_e    rc;
    payments_str_t   rows[PAYMENTS_MAX_HEADERS];

    memset(rows, 0, sizeof(rows));

    headers = yajl_tree_get(vector, path, yajl_t_object);

    for (i = 0; i < YAJL_GET_OBJECT(headers)->len; i++) {
        row = payments_scheme_header(scheme,
                          lower(YAJL_GET_OBJECT(headers)->keys[i], name));

        if (row != -1) {
            rows[row] = text(YAJL_GET_STRING(
                                 YAJL_GET_OBJECT(headers)->values[i]));
        }
    }

    rc = payments_scheme_query(scheme,
                               query_of(vector, query, sizeof(query)), room,
                               rows);

    return rc == PAYMENTS_OK ? payments_scheme_sort(scheme, rows, sent) : rc;
}


/* as the module does it: the time is judged before the body is hashed */

static payments_rc_e
judge(yajl_val vector, const payments_scheme_t *scheme, const char *key_id,
    payments_str_t body)
{
    size_t                 i, n;
    int64_t                age, tolerance;
    unsigned               matched;
    const char            *url, *why;
    payments_rc_e          rc;
    payments_str_t         sent[PAYMENTS_SENT_MAX];
    payments_secret_t     *secrets[PAYMENTS_MAX_SECRETS];
    unsigned char          room[512];
    payments_signature_t   sig;

    url = string_of(vector, "url");
    rc = PAYMENTS_OK;

    for (n = 0; secret_of(vector, n) != NULL && rc == PAYMENTS_OK; n++) {
        secrets[n] = (n < PAYMENTS_MAX_SECRETS)
                     ? payments_secret_read(scheme,
                                            text(secret_of(vector, n)),
                                            text(key_id), &why)
                     : NULL;

        if (secrets[n] == NULL) {
            rc = PAYMENTS_RC_MAX;
            break;
        }
    }

    if (n == 0
        || (payments_scheme_covers(scheme, PAYMENTS_SENT_URL)
            && (url == NULL || *url == '\0')))
    {
        rc = PAYMENTS_RC_MAX;
    }

    if (rc == PAYMENTS_OK) {
        rc = sort(vector, scheme, room, sent);
    }

    if (rc == PAYMENTS_OK) {
        sent[PAYMENTS_SENT_URL] = text(url != NULL ? url : "");
        rc = payments_signature_parse(scheme, sent, &sig);
    }

    if (rc == PAYMENTS_OK) {
        tolerance = number_of(vector, "tolerance");

        rc = payments_signature_judge(&sig, number_of(vector, "now"),
                                      tolerance > 0 ? tolerance : -1,
                                      tolerance > 0 ? scheme->future : -1,
                                      &age);
    }

    if (rc == PAYMENTS_OK) {
        rc = payments_signature_verify(&sig, secrets, n, body, &matched);
    }

    for (i = 0; i < n; i++) {
        payments_secret_free(secrets[i]);
    }

    return rc;
}


/*
 * By its certificate, which has expired, on the day that it was made on; whose
 * issuers the corpus does not have, so that it is what is trusted itself
 */

static payments_rc_e
judge_certified(yajl_val vector, const char *corpus,
    const payments_scheme_t *scheme, payments_str_t body)
{
    int                    row;
    char                   name[64], path[4096];
    size_t                 i;
    yajl_val               headers;
    const char            *key, *value, *why;
    const char            *keys[] = { "headers", NULL };
    payments_rc_e          rc;
    payments_str_t         rows[PAYMENTS_MAX_HEADERS];
    payments_str_t         sent[PAYMENTS_SENT_MAX];
    payments_cert_t       *cert;
    payments_trust_t      *trust;
    payments_signature_t   sig;

    memset(rows, 0, sizeof(rows));

    headers = yajl_tree_get(vector, keys, yajl_t_object);

    for (i = 0; i < YAJL_GET_OBJECT(headers)->len; i++) {
        value = YAJL_GET_STRING(YAJL_GET_OBJECT(headers)->values[i]);
        row = payments_scheme_header(scheme,
                          lower(YAJL_GET_OBJECT(headers)->keys[i], name));

        if (row != -1) {
            rows[row] = text(value);
        }
    }

    key = string_of(vector, "key") + sizeof("corpus/") - 1;
    snprintf(path, sizeof(path), "%s/%s", corpus, key);

    trust = payments_trust_create(path);
    cert = payments_cert_create(path, ".paypal.com", trust, &why);

    rc = payments_scheme_sort(scheme, rows, sent);
    sent[PAYMENTS_SENT_WEBHOOK] = text(string_of(vector, "webhook_id"));

    if (rc == PAYMENTS_OK) {
        rc = payments_signature_parse(scheme, sent, &sig);
    }

    if (rc == PAYMENTS_OK) {
        is_int(payments_cert_check(cert, sig.time), PAYMENTS_CERT_RIGHT,
               "%s: right on its day", string_of(vector, "id"));
        is_int(payments_cert_check(cert, 1556280000), PAYMENTS_CERT_EXPIRED,
               "and expired on 2019-04-26");

        rc = payments_cert_verify(cert, &sig, body);
    }

    payments_cert_free(cert);
    payments_trust_free(trust);

    return rc;
}


/* a form, of the parameters of a vector or of its file */

static size_t
form_of(yajl_val params, char *form)
{
    char        *p;
    size_t       i;
    const char  *value;

    p = form;

    for (i = 0; i < YAJL_GET_OBJECT(params)->len; i++) {
        if (!YAJL_IS_STRING(YAJL_GET_OBJECT(params)->values[i])
            || strcmp(YAJL_GET_OBJECT(params)->keys[i], "private_key") == 0)
        {
            continue;
        }

        value = YAJL_GET_STRING(YAJL_GET_OBJECT(params)->values[i]);

        p += sprintf(p, "%s%s=", p == form ? "" : "&",
                     YAJL_GET_OBJECT(params)->keys[i]);

        for ( /* void */ ; *value != '\0'; value++) {
            p += sprintf(p, "%%%02x", (unsigned char) *value);
        }
    }

    return p - form;
}


static payments_secret_t *
named_secret(yajl_val vector, const payments_scheme_t *scheme)
{
    const char  *key, *name, *why;

    key = string_of(vector, "private_key");
    key = key != NULL ? key : string_of(vector, "pin");
    name = string_of(vector, "public_key");

    return payments_secret_read(scheme, text(key),
                                text(name != NULL ? name : ""), &why);
}


/* what is no event: a challenge, or the digest of a text */

static payments_rc_e
answer_to(yajl_val vector, payments_secret_t *secret,
    const payments_provider_t *provider)
{
    int             n;
    char            query[256], hex[64];
    const char     *asked, *response;
    payments_str_t  body;
    unsigned char   dst[PAYMENTS_MAX_CHALLENGE];

    asked = string_of(vector, "bt_challenge");
    response = string_of(vector, "response");

    if (asked != NULL) {
        snprintf(query, sizeof(query), "bt_challenge=%s", asked);
        n = provider->challenge(secret, text(query), dst);

        return n > 0 && response != NULL && (size_t) n == strlen(response)
               && memcmp(dst, response, n) == 0 ? PAYMENTS_OK
                                                : PAYMENTS_METHOD;
    }

    body = text(string_of(vector, "body"));
    payments_secret_digest(secret, &body, 1, dst);

    for (n = 0; n < 20; n++) {
        sprintf(hex + 2 * n, "%02x", dst[n]);
    }

    return strcmp(hex, response) == 0 ? PAYMENTS_OK : PAYMENTS_NO_MATCH;
}


/* the whole way of a form, to its event */

static payments_rc_e
judge_form(yajl_val params, payments_secret_t *secret,
    const payments_provider_t *provider)
{
    char                  *form;
    unsigned               matched;
    payments_rc_e          rc;
    payments_str_t         sent[PAYMENTS_SENT_MAX];
    payments_post_t        post;
    payments_signature_t   sig;

    form = malloc(1 << 20);

    memset(sent, 0, sizeof(sent));
    post.body = boxed(bytes(form, form_of(params, form)));
    post.covered = post.body;
    post.payload = post.body;
    post.sent = sent;
    post.room = malloc(2 * post.body.len);

    rc = provider->unwrap(provider, &post);

    if (rc == PAYMENTS_OK) {
        rc = payments_signature_parse(provider->scheme, sent, &sig);
    }

    if (rc == PAYMENTS_OK) {
        rc = payments_signature_verify(&sig, &secret, 1, post.covered,
                                       &matched);
    }

    if (rc == PAYMENTS_OK) {
        payments_schema_compile(&schema, provider->fields,
                                provider->nfields);
        rc = provider->read(&schema, post.payload, &event);
    }

    if (rc == PAYMENTS_OK) {
        rc = provider->normalize(provider, &event);
    }

    free(post.room);
    unbox(post.body);
    free(form);

    return rc;
}


/* the scheme that a vector is for: MD5 and SHA-1 have to be allowed */

static const payments_scheme_t *
scheme_of(const payments_provider_t *provider, const char *id)
{
    static payments_scheme_t  weak;

    if (strcmp(id, "payu/util-MD5") != 0 && strcmp(id, "payu/util-SHA-1") != 0)
    {
        return provider->scheme;
    }

    weak = *provider->scheme;
    weak.digests |= 1 << PAYMENTS_PLAIN_MD5 | 1 << PAYMENTS_PLAIN_SHA1;

    return &weak;
}


static yajl_val
vector_by(const char *id)
{
    size_t  i;

    for (i = 0; i < YAJL_GET_ARRAY(tree)->len; i++) {
        if (strcmp(string_of(YAJL_GET_ARRAY(tree)->values[i], "id"), id) == 0)
        {
            return YAJL_GET_ARRAY(tree)->values[i];
        }
    }

    return NULL;
}


/* what is said in words, about the one that is right */

static void
key_id_is(const char *id, const char *corpus)
{
    char            *file;
    yajl_val         valid;
    payments_str_t   body;

    if (strcmp(id, "worldline/unknown-key-id") != 0) {
        ok(1, "%s # SKIP two headers: t/036-gateways.t", id);
        return;
    }

    valid = vector_by("worldline/valid");

    if (!ok(valid != NULL, "the right one is there")) {
        return;
    }

    file = slurp(corpus, string_of(valid, "body_file")
                         + sizeof("corpus/") - 1);
    body = text(file != NULL ? file : "");

    is_int(judge(valid, payments_worldline.scheme, "dummy-key-id", body),
           PAYMENTS_OK, "with its key's name");
    is_int(judge(valid, payments_worldline.scheme, "dummy", body),
           PAYMENTS_NO_MATCH, "%s", id);

    free(file);
}


static void
post_is(yajl_val vector, const char *corpus,
    const payments_provider_t *provider, int expected)
{
    char               *json, error[1024];
    yajl_val            params, tree;
    const char         *id, *name, *path[] = { "params", NULL };
    payments_rc_e       rc;
    payments_secret_t  *secret;

    id = string_of(vector, "id");
    name = string_of(vector, "params_file");
    params = yajl_tree_get(vector, path, yajl_t_object);
    tree = NULL;

    if (name != NULL) {
        json = slurp(corpus, name + sizeof("corpus/") - 1);

        if (!ok(json != NULL, "%s: has a body", id)) {
            return;
        }

        tree = yajl_tree_parse(json, error, sizeof(error));
        params = tree;
        free(json);

    } else if (params == NULL) {
        params = vector;
    }

    secret = named_secret(vector, provider->scheme);

    if (!ok(params != NULL && secret != NULL, "%s: can be tried", id)) {
        return;
    }

    rc = (string_of(vector, "bt_payload") == NULL && params == vector)
         ? answer_to(vector, secret, provider)
         : judge_form(params, secret, provider);

    is_int(rc, expected, "%s", id);

    payments_secret_free(secret);
    yajl_tree_free(tree);
}


static void
vector_is(yajl_val vector, const char *corpus,
    const payments_provider_t *provider)
{
    int             expected;
    char           *file;
    size_t          i;
    const char     *expect, *id, *name;
    payments_rc_e   rc;
    payments_str_t  body;

    id = string_of(vector, "id");
    expect = string_of(vector, "expect");
    expected = -1;

    if (strcmp(string_of(vector, "scheme"), "keyid") == 0) {
        key_id_is(id, corpus);
        return;
    }

    for (i = 0; i < sizeof(words) / sizeof(words[0]) && expected == -1; i++) {
        if (strcmp(expect, words[i].expect) == 0
            || strcmp(id, words[i].expect) == 0)
        {
            expected = words[i].rc;
        }
    }

    if (expected == -1) {
        ok(0, "%s: unknown word %s", id, expect);
        return;
    }

    if (provider->unwrap != NULL) {
        post_is(vector, corpus, provider, expected);
        return;
    }

    /* "corpus/...", beside the directory of the vectors */

    name = string_of(vector, "body_file");
    file = name != NULL ? slurp(corpus, name + sizeof("corpus/") - 1) : NULL;

    if (!ok(name == NULL || file != NULL, "%s: has a body", id)) {
        return;
    }

    name = string_of(vector, "body");
    body = boxed(text(file != NULL ? file : name != NULL ? name : ""));
    free(file);

    rc = provider->scheme->certified
         ? judge_certified(vector, corpus, provider->scheme, body)
         : judge(vector, scheme_of(provider, id), "", body);

    is_int(rc, expected, "%s: %s", id, expect);

    /* PayU's are words, not events */

    if (rc == PAYMENTS_OK && body.len != 0 && provider != &payments_payu) {
        payments_schema_compile(&schema, provider->fields,
                                provider->nfields);

        is_int(payments_event_read(&schema, body, &event),
               strcmp(expect, "accept") == 0 ? PAYMENTS_OK
                                             : PAYMENTS_BAD_JSON,
               "%s: body", id);
    }

    if (rc == PAYMENTS_OK && strcmp(expect, "accept") == 0
        && provider == &payments_stripe)
    {
        is_int(provider->normalize(provider, &event), PAYMENTS_OK,
               "%s: event", id);
    }

    unbox(body);
}


int
main(void)
{
    size_t       i, k;
    char        *json, error[1024];
    yajl_val     vector;
    const char  *corpus, *id;

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

    for (i = 0; i < YAJL_GET_ARRAY(tree)->len; i++) {
        vector = YAJL_GET_ARRAY(tree)->values[i];
        id = string_of(vector, "id");

        for (k = 0; k < sizeof(gateways) / sizeof(gateways[0]); k++) {
            if (strncmp(id, gateways[k].prefix, strlen(gateways[k].prefix))
                == 0)
            {
                vector_is(vector, corpus, gateways[k].provider);
                gateways[k].n++;
            }
        }
    }

    for (k = 0; k < sizeof(gateways) / sizeof(gateways[0]); k++) {
        ok(gateways[k].n != 0, "%s: %u vectors", gateways[k].prefix,
           gateways[k].n);
    }

    yajl_tree_free(tree);

    return done_testing();
}
