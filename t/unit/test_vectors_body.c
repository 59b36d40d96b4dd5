
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What a corpus of signature vectors has for gateways that sign in the body.
 */


#include "payments_items.h"
#include "vectors.h"


static gateway_t  gateways[] = {
    { "adyen/", &payments_adyen, 0 },
    { "braintree/", &payments_braintree, 0 },
    { "dotpay/", &payments_dotpay, 0 },
    { "p24/", &payments_przelewy24, 0 }
};


#define GATEWAYS  (sizeof(gateways) / sizeof(gateways[0]))


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
    key = key != NULL ? key : string_of(vector, "crc");
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


/* a vector has fields in order, and what is signed of them lies in the body */

static char *
fields_of(yajl_val vector)
{
    size_t       i;
    char        *body, *p;
    yajl_val     fields, *field;
    const char  *path[] = { "fields", NULL };

    fields = yajl_tree_get(vector, path, yajl_t_array);
    body = malloc(4096);
    p = body + sprintf(body, "{ \"more\" : [], \"sign\": \"%s\"",
                       string_of(vector, "sign"));

    /* none of them is signed in the order of the body's */

    for (i = YAJL_GET_ARRAY(fields)->len; i-- > 0; /* void */) {
        field = YAJL_GET_ARRAY(YAJL_GET_ARRAY(fields)->values[i])->values;

        p += YAJL_IS_STRING(field[1])
             ? sprintf(p, ",\n\"%s\": \"%s\"", YAJL_GET_STRING(field[0]),
                       YAJL_GET_STRING(field[1]))
             : sprintf(p, ",\n\"%s\": %s", YAJL_GET_STRING(field[0]),
                       YAJL_GET_NUMBER(field[1]));
    }

    strcpy(p, "}");

    return body;
}


/* the whole way of a body, to its event */

static payments_rc_e
judge_body(payments_str_t body, payments_secret_t *secret,
    const payments_provider_t *provider)
{
    unsigned               matched;
    payments_rc_e          rc;
    payments_str_t         sent[PAYMENTS_SENT_MAX];
    payments_post_t        post;
    payments_signature_t   sig;

    memset(sent, 0, sizeof(sent));
    post.body = boxed(body);
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
        rc = (provider->read != NULL)
             ? provider->read(&schema, post.payload, &event, &scratch)
             : payments_event_read(&schema, post.payload, &event, &scratch);
    }

    if (rc == PAYMENTS_OK) {
        scratch.sent_type = sent[PAYMENTS_SENT_TYPE];
        rc = provider->normalize(provider, &event);
    }

    free(post.room);
    unbox(post.body);

    return rc;
}


static void
post_is(yajl_val vector, const payments_provider_t *provider, int expected)
{
    char               *json, *body, error[1024];
    yajl_val            params, file;
    const char         *id, *name, *path[] = { "params", NULL };
    payments_rc_e       rc;
    payments_secret_t  *secret;

    id = string_of(vector, "id");
    name = string_of(vector, "params_file");
    params = yajl_tree_get(vector, path, yajl_t_object);
    file = NULL;

    if (name != NULL) {
        json = file_of(vector, "params_file");

        if (!ok(json != NULL, "%s: has a body", id)) {
            return;
        }

        file = yajl_tree_parse(json, error, sizeof(error));
        params = file;
        free(json);

    } else if (params == NULL) {
        params = vector;
    }

    secret = named_secret(vector, provider->scheme);

    if (!ok(params != NULL && secret != NULL, "%s: can be tried", id)) {
        return;
    }

    if (string_of(vector, "sign") != NULL) {
        body = fields_of(vector);
        rc = judge_body(text(body), secret, provider);

    } else if (string_of(vector, "bt_payload") == NULL && params == vector) {
        body = NULL;
        rc = answer_to(vector, secret, provider);

    } else {
        body = malloc(1 << 20);
        rc = judge_body(bytes(body, form_of(params, body)), secret, provider);
    }

    is_int(rc, expected, "%s", id);

    payments_secret_free(secret);
    yajl_tree_free(file);
    free(body);
}


/* an item as JSON again, of what a value of the tree may be */

static char *
json_of(yajl_val val, char *p)
{
    size_t       i;
    const char  *s;

    if (YAJL_IS_OBJECT(val)) {
        *p++ = '{';

        for (i = 0; i < YAJL_GET_OBJECT(val)->len; i++) {
            p += sprintf(p, "%s\"%s\":", i != 0 ? "," : "",
                         YAJL_GET_OBJECT(val)->keys[i]);
            p = json_of(YAJL_GET_OBJECT(val)->values[i], p);
        }

        return p + sprintf(p, "}");
    }

    if (YAJL_IS_NUMBER(val)) {
        return p + sprintf(p, "%s", YAJL_GET_NUMBER(val));
    }

    *p++ = '"';

    for (s = YAJL_IS_STRING(val) ? YAJL_GET_STRING(val) : ""; *s; s++) {
        if (*s == '"' || *s == '\\') {
            *p++ = '\\';
        }

        *p++ = *s;
    }

    return p + sprintf(p, "\"");
}


/* an item of a body, as the module does it */

static payments_rc_e
judge_item(yajl_val vector, payments_str_t item)
{
    unsigned               matched;
    const char            *why;
    payments_rc_e          rc;
    payments_str_t         sent[PAYMENTS_SENT_MAX];
    payments_post_t        post;
    payments_secret_t     *secret;
    payments_signature_t   sig;
    unsigned char          room[PAYMENTS_MAX_COVERED];

    static payments_event_t    whole;
    static payments_scratch_t  spare;

    memset(&post, 0, sizeof(post));
    memset(sent, 0, sizeof(sent));

    post.sent = sent;
    post.room = room;

    payments_schema_compile(&schema, payments_adyen.fields,
                            payments_adyen.nfields);

    payments_event_start(&whole, &spare, LIT("{}"));
    rc = payments_event_read(&schema, item, &event, &scratch);

    if (rc == PAYMENTS_OK) {
        rc = payments_adyen.open(&whole, &event, &post);
    }

    if (rc == PAYMENTS_OK) {
        rc = payments_signature_parse(payments_adyen.scheme, sent, &sig);
    }

    secret = payments_secret_read(payments_adyen.scheme,
                                  text(secret_of(vector, 0)), LIT(""), &why);

    if (rc == PAYMENTS_OK) {
        rc = payments_signature_verify(&sig, &secret, 1, post.covered,
                                       &matched);
    }

    payments_secret_free(secret);

    return rc;
}


static void
item_is(yajl_val vector, int expected)
{
    char            buf[8192], *file;
    const char     *path[] = { "item", NULL };
    const char     *name;
    payments_str_t  item;

    name = string_of(vector, "item_file");
    file = file_of(vector, "item_file");

    if (name == NULL) {
        *json_of(yajl_tree_get(vector, path, yajl_t_object), buf) = '\0';
    }

    if (!ok(name == NULL || file != NULL, "%s: has an item",
            string_of(vector, "id")))
    {
        return;
    }

    item = boxed(text(file != NULL ? file : buf));
    free(file);

    is_int(judge_item(vector, item), expected, "%s", string_of(vector, "id"));

    unbox(item);
}


/* a body of two events, without the newline that ends the file */

static void
gocardless(void)
{
    char                  *file;
    unsigned               matched;
    payments_str_t         body, sent[PAYMENTS_SENT_MAX];
    payments_secret_t     *secret;
    payments_signature_t   sig;

    static payments_items_t  items;
    static const char        key[] = "ED7D658C-D8EB-4941-948B-3973214F2D49";

    file = slurp("gocardless/signed/webhook_body.json");

    if (!ok(file != NULL, "gocardless: has a body")) {
        return;
    }

    body = text(file);
    body.len -= body.data[body.len - 1] == '\n';

    memset(sent, 0, sizeof(sent));
    sent[PAYMENTS_SENT_SIGNATURE] = LIT("2693754819d3e32d7e8fcb13c729631f"
        "316c6de8dc1cf634d6527f1c07276e7e");

    secret = payments_secret_create((unsigned char *) key, sizeof(key) - 1);

    is_int(payments_signature_parse(payments_gocardless.scheme, sent, &sig),
           PAYMENTS_OK, "gocardless: its header");
    is_int(payments_signature_verify(&sig, &secret, 1, body, &matched),
           PAYMENTS_OK, "gocardless: its signature");
    is_int(payments_items_split(body, payments_gocardless.list, NULL, &items),
           PAYMENTS_OK, "gocardless: its list");
    is_int(items.n, 2, "gocardless: of two events");

    payments_secret_free(secret);
    free(file);
}


static void
vector_is(yajl_val vector, const payments_provider_t *provider)
{
    int  expected;

    expected = expected_of(vector);

    if (provider->unwrap != NULL) {
        post_is(vector, provider, expected);

    } else if (strcmp(string_of(vector, "scheme"), "adyen-item") == 0) {
        item_is(vector, expected);
    }
}


int
main(void)
{
    size_t  i;

    if (!vectors()) {
        return skip_all("corpus not found");
    }

    for (i = 0; i < YAJL_GET_ARRAY(tree)->len; i++) {
        vector_by_gateway(YAJL_GET_ARRAY(tree)->values[i], gateways, GATEWAYS,
                          vector_is);
    }

    gocardless();

    vectors_done(gateways, GATEWAYS);

    return done_testing();
}
