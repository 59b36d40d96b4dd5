
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What a corpus of signature vectors has for gateways that sign in a header.
 */


#include "payments_cert.h"
#include "vectors.h"


static gateway_t  gateways[] = {
    { "adyen/", &payments_adyen, 0 },
    { "coinbase/", &payments_coinbase, 0 },
    { "mercadopago/", &payments_mercadopago, 0 },
    { "mollie/", &payments_mollie, 0 },
    { "paddle/", &payments_paddle, 0 },
    { "paypal/", &payments_paypal, 0 },
    { "payu/", &payments_payu, 0 },
    { "razorpay/", &payments_razorpay, 0 },
    { "shopify/", &payments_shopify, 0 },
    { "square/", &payments_square, 0 },
    { "standard/", &payments_standard, 0 },
    { "stripe/", &payments_stripe, 0 },
    { "worldline/", &payments_worldline, 0 }
};


#define GATEWAYS  (sizeof(gateways) / sizeof(gateways[0]))


static payments_str_t
lower(const char *name, char *buf)
{
    size_t  i;

    for (i = 0; name[i] != '\0' && i < 63; i++) {
        buf[i] = name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i];
    }

    return bytes(buf, i);
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
judge_certified(yajl_val vector, const payments_scheme_t *scheme,
    payments_str_t body)
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
key_id_is(const char *id)
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

    file = file_of(valid, "body_file");
    body = text(file != NULL ? file : "");

    is_int(judge(valid, payments_worldline.scheme, "dummy-key-id", body),
           PAYMENTS_OK, "with its key's name");
    is_int(judge(valid, payments_worldline.scheme, "dummy", body),
           PAYMENTS_NO_MATCH, "%s", id);

    free(file);
}


static void
event_is(yajl_val vector, const payments_provider_t *provider,
    payments_str_t body)
{
    int  right;

    right = strcmp(string_of(vector, "expect"), "accept") == 0;

    payments_schema_compile(&schema, provider->fields, provider->nfields);

    is_int(payments_event_read(&schema, body, &event, &scratch),
           right ? PAYMENTS_OK : PAYMENTS_BAD_JSON, "%s: body",
           string_of(vector, "id"));

    if (right && provider == &payments_stripe) {
        is_int(provider->normalize(provider, &event), PAYMENTS_OK,
               "%s: event", string_of(vector, "id"));
    }
}


static void
vector_is(yajl_val vector, const payments_provider_t *provider)
{
    int             expected;
    char           *file;
    const char     *id, *body_text;
    payments_rc_e   rc;
    payments_str_t  body;

    id = string_of(vector, "id");

    if (strcmp(string_of(vector, "scheme"), "keyid") == 0) {
        key_id_is(id);
        return;
    }

    expected = expected_of(vector);
    file = file_of(vector, "body_file");

    if (!ok(string_of(vector, "body_file") == NULL || file != NULL,
            "%s: has a body", id))
    {
        return;
    }

    body_text = string_of(vector, "body");
    body = boxed(text(file != NULL ? file : body_text != NULL ? body_text
                                                              : ""));
    free(file);

    rc = provider->scheme->certified
         ? judge_certified(vector, provider->scheme, body)
         : judge(vector, scheme_of(provider, id), "", body);

    is_int(rc, expected, "%s: %s", id, string_of(vector, "expect"));

    /* PayU's are words, not events */

    if (rc == PAYMENTS_OK && body.len != 0 && provider != &payments_payu) {
        event_is(vector, provider, body);
    }

    unbox(body);
}


/* those of test_vectors_body.c */

static int
elsewhere(yajl_val vector)
{
    size_t       i;
    const char  *scheme;

    static const char  *schemes[] = {
        "adyen-item", "braintree", "braintree-challenge", "dotpay",
        "hmac-sha1-of-sha1-key", "p24"
    };

    scheme = string_of(vector, "scheme");

    for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (strcmp(scheme, schemes[i]) == 0) {
            return 1;
        }
    }

    return 0;
}


int
main(void)
{
    size_t    i;
    yajl_val  vector;

    if (!vectors()) {
        return skip_all("corpus not found");
    }

    for (i = 0; i < YAJL_GET_ARRAY(tree)->len; i++) {
        vector = YAJL_GET_ARRAY(tree)->values[i];

        if (!elsewhere(vector)
            && !vector_by_gateway(vector, gateways, GATEWAYS, vector_is))
        {
            ok(0, "%s: of no gateway", string_of(vector, "id"));
        }
    }

    vectors_done(gateways, GATEWAYS);

    return done_testing();
}
