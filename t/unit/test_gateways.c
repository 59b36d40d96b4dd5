
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Every gateway's signature, made here by OpenSSL's HMAC() over the bytes that
 * the gateway's page names; and that nothing of it may be another byte.
 */


#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "payments_provider.h"
#include "payments_sign.h"
#include "payments_signature.h"
#include "unit.h"


#define BODY  "{\"id\":\"evt_1\",\"type\":\"a\",\"event\":{\"id\":\"2\"}}"
#define URL   "https://shop.example.com/payments/process/x/"
#define ID    "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define TIME  "1614265330"


/* a message is made of BODY, and what stands before it; no md: a token */

typedef struct {
    const payments_provider_t  *provider;
    const EVP_MD             *(*md)(void);
    int                         hex;
    const char                 *secret;
    payments_str_t              key;      /* what the secret stands for */
    const char                 *before;   /* in the message */
    const char                 *form;     /* of the header */
    const char                 *id;       /* headers of their own, or NULL */
    const char                 *time;
    const char                 *url;
} gateway_t;


static const gateway_t  gateways[] = {
    { &payments_stripe, EVP_sha256, 1, "whsec_c2VjcmV0",
      payments_string("whsec_c2VjcmV0"), TIME ".", "t=" TIME ",v1=%s",
      NULL, NULL, NULL },
    { &payments_adyen, EVP_sha256, 0, "736563726574",
      payments_string("secret"), "", "%s", NULL, NULL, NULL },
    { &payments_gocardless, EVP_sha256, 1, "secret",
      payments_string("secret"), "", "%s", NULL, NULL, NULL },
    { &payments_standard, EVP_sha256, 0, "whsec_c2VjcmV0",
      payments_string("secret"), ID "." TIME ".", "v1,%s", ID, TIME, NULL },
    { &payments_checkout, EVP_sha256, 1, "secret", payments_string("secret"),
      "", "%s", NULL, NULL, NULL },
    { &payments_github, EVP_sha256, 1, "secret", payments_string("secret"),
      "", "sha256=%s", NULL, NULL, NULL },
    { &payments_shopify, EVP_sha256, 0, "secret", payments_string("secret"),
      "", "%s", NULL, NULL, NULL },
    { &payments_paystack, EVP_sha512, 1, "sk_live_1",
      payments_string("sk_live_1"), "", "%s", NULL, NULL, NULL },
    { &payments_razorpay, EVP_sha256, 1, "secret", payments_string("secret"),
      "", "%s", NULL, NULL, NULL },
    { &payments_lemonsqueezy, EVP_sha256, 1, "secret",
      payments_string("secret"), "", "%s", NULL, NULL, NULL },
    { &payments_coinbase, EVP_sha256, 1, "secret", payments_string("secret"),
      "", "%s", NULL, NULL, NULL },
    { &payments_mollie, EVP_sha256, 1, "secret", payments_string("secret"),
      "", "sha256=%s", NULL, NULL, NULL },
    { &payments_paddle, EVP_sha256, 1, "pdl_ntfset_1",
      payments_string("pdl_ntfset_1"), TIME ":", "ts=" TIME ";h1=%s",
      NULL, NULL, NULL },
    { &payments_square, EVP_sha256, 0, "secret", payments_string("secret"),
      URL, "%s", NULL, NULL, URL },
    { &payments_woocommerce, EVP_sha256, 0, "secret",
      payments_string("secret"), "", "%s", NULL, NULL, NULL },
    { &payments_flutterwave, NULL, 0, "a token", payments_string("a token"),
      "", "%s", NULL, NULL, NULL },
    { &payments_xendit, NULL, 0, "a token", payments_string("a token"),
      "", "%s", NULL, NULL, NULL }
};


/* hex or base64 of the HMAC of two parts */

static void
encode(const gateway_t *g, const char *before, const char *body, char *dst)
{
    char           message[1024];
    unsigned       i, len;
    unsigned char  digest[EVP_MAX_MD_SIZE];

    if (g->md == NULL) {
        strcpy(dst, g->secret);
        return;
    }

    snprintf(message, sizeof(message), "%s%s", before, body);

    HMAC(g->md(), g->key.data, g->key.len, (unsigned char *) message,
         strlen(message), digest, &len);

    if (!g->hex) {
        EVP_EncodeBlock((unsigned char *) dst, digest, len);
        return;
    }

    for (i = 0; i < len; i++) {
        sprintf(dst + 2 * i, "%02x", digest[i]);
    }
}


static payments_rc_e
judge(const gateway_t *g, const payments_str_t *sent, payments_str_t body)
{
    size_t                 len;
    unsigned               matched;
    const char            *why;
    payments_rc_e          rc;
    payments_secret_t     *secret;
    unsigned char          key[PAYMENTS_MAX_SECRET];
    payments_signature_t   sig;

    memset(&sig, 0xa5, sizeof(sig));

    rc = payments_signature_parse(g->provider->scheme, sent, &sig);
    if (rc != PAYMENTS_OK) {
        return rc;
    }

    why = payments_scheme_key(g->provider->scheme, text(g->secret), key, &len);
    if (why != NULL) {
        return PAYMENTS_INTERNAL;
    }

    secret = payments_secret_create_for(g->provider->scheme->algorithm, key,
                                        len);
    rc = payments_signature_verify(&sig, &secret, 1, body, &matched);
    payments_secret_free(secret);

    return rc;
}


typedef struct {
    const gateway_t  *gateway;
    payments_str_t   *sent;
    payments_str_t   *body;
} event_t;


static payments_rc_e
judge_event(const void *data)
{
    const event_t *e = data;

    return judge(e->gateway, e->sent, *e->body);
}


static int
flips(const gateway_t *g, payments_str_t *sent, payments_str_t *body,
    payments_str_t *str)
{
    event_t  e = { g, sent, body };

    return any_byte(str, judge_event, &e);
}


static void
gateway_is(const gateway_t *g)
{
    char            encoded[256], header[512];
    payments_str_t  body, sent[PAYMENTS_SENT_MAX];
    const char     *name;

    memset(sent, 0, sizeof(sent));

    name = (const char *) g->provider->name.data;
    body = LIT(BODY);

    encode(g, g->before, BODY, encoded);
    snprintf(header, sizeof(header), g->form, encoded);

    sent[PAYMENTS_SENT_SIGNATURE] = text(header);
    sent[PAYMENTS_SENT_ID] = text(g->id != NULL ? g->id : "");
    sent[PAYMENTS_SENT_TIME] = text(g->time != NULL ? g->time : "");
    sent[PAYMENTS_SENT_URL] = text(g->url != NULL ? g->url : "");

    is_int(judge(g, sent, body), PAYMENTS_OK, "%s: as it is", name);
    ok(!flips(g, sent, &body, &body), "%s: no byte of its body", name);
    ok(!flips(g, sent, &body, &sent[PAYMENTS_SENT_SIGNATURE]),
       "%s: no byte of its header", name);

    is_int(payments_scheme_covers(g->provider->scheme, PAYMENTS_SENT_ID),
           g->id != NULL, "%s: whether its id is signed", name);

    if (g->id != NULL) {
        ok(!flips(g, sent, &body, &sent[PAYMENTS_SENT_ID]),
           "%s: no byte of its id", name);
        ok(!flips(g, sent, &body, &sent[PAYMENTS_SENT_TIME]),
           "%s: no byte of its time", name);

        sent[PAYMENTS_SENT_ID].len = 0;
        is_int(judge(g, sent, body), PAYMENTS_MISSING_SIGNATURE,
               "%s: nor without one", name);
        sent[PAYMENTS_SENT_ID] = text(g->id);
    }

    if (g->url != NULL) {
        ok(!flips(g, sent, &body, &sent[PAYMENTS_SENT_URL]),
           "%s: no byte of its URL", name);
    }

    if (!g->hex) {

        /* the next letter decodes to the same bytes: two bits are of none */

        header[strlen(header) - 2]++;
        is_int(judge(g, sent, body), PAYMENTS_NO_MATCH,
               "%s: as base64 that nobody writes", name);
    }

    sent[PAYMENTS_SENT_SIGNATURE].len = 0;
    is_int(judge(g, sent, body), PAYMENTS_MISSING_SIGNATURE,
           "%s: without a signature", name);
}


static payments_rc_e
token_judge(const gateway_t *g, const char *token, const char *body)
{
    payments_rc_e   rc;
    payments_str_t  box, sent[PAYMENTS_SENT_MAX];

    memset(sent, 0, sizeof(sent));

    box = boxed(text(token));
    sent[PAYMENTS_SENT_SIGNATURE] = box;
    rc = judge(g, sent, text(body));
    unbox(box);

    return rc;
}


/* a token says nothing about the body: only that it has to be the same */

static void
token_is(const gateway_t *g)
{
    size_t          i;
    char            other[64];
    payments_str_t  body, sent[PAYMENTS_SENT_MAX];
    const char     *name;

    static const char  *wrong[] = {
        "a toke", "a tokenn", " ", "A token", "a  token", "atoken", "a",
        "a token,a token"
    };

    memset(sent, 0, sizeof(sent));

    name = (const char *) g->provider->name.data;
    body = LIT(BODY);
    sent[PAYMENTS_SENT_SIGNATURE] = text(g->secret);

    is_int(judge(g, sent, body), PAYMENTS_OK, "%s: as it is", name);
    ok(!flips(g, sent, &body, &sent[PAYMENTS_SENT_SIGNATURE]),
       "%s: no byte of its token", name);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        is_int(token_judge(g, wrong[i], BODY), PAYMENTS_NO_MATCH,
               "%s: not \"%s\"", name, wrong[i]);
    }

    snprintf(other, sizeof(other), "\t %s ", g->secret);
    is_int(token_judge(g, other, BODY), PAYMENTS_OK, "%s: with blanks", name);
    is_int(token_judge(g, "", BODY), PAYMENTS_MISSING_SIGNATURE,
           "%s: without one", name);
    is_int(token_judge(g, g->secret, ""), PAYMENTS_NO_BODY,
           "%s: without a body", name);
    is_int(token_judge(g, g->secret, "{}"), PAYMENTS_OK,
           "%s: with any body", name);
    is_str(g->provider->signed_by.data, g->provider->signed_by.len, "token",
           5, "%s: as the envelope says", name);
    ok(!payments_scheme_covers(g->provider->scheme, PAYMENTS_SENT_ID),
       "%s: nor is an id signed", name);
}


/* what is signed again is what the gateway would have sent */

static void
again_is(const gateway_t *g)
{
    char                encoded[256], header[512];
    size_t              len, keylen;
    payments_str_t      body, sent[PAYMENTS_SENT_MAX];
    payments_secret_t  *secret;
    unsigned char       key[PAYMENTS_MAX_SECRET];
    unsigned char      *dst;

    memset(sent, 0, sizeof(sent));

    encode(g, g->before, BODY, encoded);
    snprintf(header, sizeof(header), g->form, encoded);

    sent[PAYMENTS_SENT_ID] = text(ID);
    sent[PAYMENTS_SENT_URL] = text(URL);
    body = LIT(BODY);

    payments_scheme_key(g->provider->scheme, text(g->secret), key, &keylen);
    secret = payments_secret_create_for(g->provider->scheme->algorithm, key,
                                        keylen);
    dst = malloc(PAYMENTS_SIGN_SCHEME_LEN);

    len = payments_sign_scheme(g->provider->scheme, secret, sent, 1614265330,
                               &body, 1, dst);

    is_str(dst, len, header, strlen(header), "%s: signed again",
           g->provider->name.data);

    free(dst);
    payments_secret_free(secret);
}


/* https://docs.github.com/en/webhooks/using-webhooks/
 * validating-webhook-deliveries, and GitHub's own libraries' tests */

static void
published(void)
{
    gateway_t       g;
    payments_str_t  sent[PAYMENTS_SENT_MAX];

    memset(sent, 0, sizeof(sent));
    memset(&g, 0, sizeof(g));

    g.provider = &payments_github;
    g.secret = "It's a Secret to Everybody";

    sent[PAYMENTS_SENT_SIGNATURE] = text("sha256=757107ea0eb2509fc211221cce984"
        "b8a37570b6d7586c22c46f4379c8b043e17");

    is_int(judge(&g, sent, LIT("Hello, World!")), PAYMENTS_OK,
           "github: the vector of its page");

    sent[PAYMENTS_SENT_SIGNATURE].data += 7;
    sent[PAYMENTS_SENT_SIGNATURE].len -= 7;

    is_int(judge(&g, sent, LIT("Hello, World!")),
           PAYMENTS_MALFORMED_SIGNATURE, "github: without its prefix");
}


static void
tokens(void)
{
    size_t              i, len;
    payments_str_t      token, sent[PAYMENTS_SENT_MAX];
    payments_secret_t  *secret;
    unsigned char       key[PAYMENTS_MAX_SECRET];
    unsigned char       longest[PAYMENTS_MAX_SECRET + 1], *dst;

    static const char  *wrong[] = {
        "", " ", " a", "a ", "\ta", "a\tb", "a\n", "a\x7f", "\xc3\xa9"
    };

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ok(payments_scheme_key(payments_xendit.scheme, text(wrong[i]), key,
                               &len)
           != NULL, "no token: %zu", i);
    }

    memset(longest, '~', sizeof(longest));
    ok(payments_scheme_key(payments_xendit.scheme,
                           bytes(longest, sizeof(longest)), key, &len)
       != NULL, "no token: too long");
    ok(payments_scheme_key(payments_xendit.scheme,
                           bytes(longest, PAYMENTS_MAX_SECRET), key, &len)
       == NULL, "the longest token");

    ok(payments_secret_create_for(PAYMENTS_TOKEN, longest, sizeof(longest))
       == NULL, "which nothing longer is");

    secret = payments_secret_create_for(PAYMENTS_TOKEN, key, len);
    memset(key, 0, sizeof(key));
    token = payments_secret_key(secret);
    is_str(token.data, token.len, longest, PAYMENTS_MAX_SECRET,
           "which is kept");

    memset(sent, 0, sizeof(sent));

    dst = malloc(PAYMENTS_SIGN_SCHEME_LEN);
    len = payments_sign_scheme(payments_xendit.scheme, secret, sent, 1,
                               &token, 1, dst);
    is_str(dst, len, longest, PAYMENTS_MAX_SECRET, "and sent again");

    free(dst);
    payments_secret_free(secret);

    secret = payments_secret_create((const unsigned char *) "k", 1);
    is_int(payments_secret_key(secret).len, 0, "an HMAC's key is not kept");
    payments_secret_free(secret);
}


static void
keys(void)
{
    size_t                    i, len;
    unsigned char             key[PAYMENTS_MAX_SECRET];
    const payments_scheme_t  *scheme;

    static const char  *wrong[] = {
        "", "whsec_", "whsec_=", "whsec_A", "whsec_AAAAA", "whsec_AA AA",
        "whsec_AAA-", "whpk_AAAA", "whsec_AAAA===", " AAAA", "AAAA\n"
    };

    scheme = payments_standard.scheme;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ok(payments_scheme_key(scheme, text(wrong[i]), key, &len) != NULL,
           "no key: \"%s\"", wrong[i]);
    }

    ok(payments_scheme_key(scheme, LIT("whsec_YWI="), key, &len) == NULL,
       "a key with its padding");
    is_str(key, len, "ab", 2, "which it is");
    ok(payments_scheme_key(scheme, LIT("YWI"), key, &len) == NULL,
       "a key without anything");
    is_str(key, len, "ab", 2, "which it is");
}


static void
hex_keys(void)
{
    size_t             i, len;
    payments_scheme_t  scheme;
    unsigned char      key[PAYMENTS_MAX_SECRET], longest[PAYMENTS_MAX_SECRET];

    static const char  *wrong[] = {
        "", "0", "0g", "g0", "00 ", " 0", "0x00", "00:11", "0\xff"
    };

    memset(&scheme, 0, sizeof(scheme));
    scheme.hex_key = 1;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ok(payments_scheme_key(&scheme, text(wrong[i]), key, &len) != NULL,
           "no hex key: \"%s\"", wrong[i]);
    }

    ok(payments_scheme_key(&scheme, LIT("00aFFa09"), key, &len) == NULL,
       "a hex key, in both cases");
    is_str(key, len, "\x00\xaf\xfa\x09", 4, "which it is");

    memset(longest, 'a', sizeof(longest));
    ok(payments_scheme_key(&scheme, bytes(longest, sizeof(longest)), key,
                           &len) == NULL, "the longest hex key");
    is_int(len, sizeof(longest) / 2, "of half as many bytes");
}


/* an id that is not signed goes into an envelope as well */

static void
sorted(void)
{
    size_t          i;
    payments_str_t  rows[PAYMENTS_MAX_HEADERS], sent[PAYMENTS_SENT_MAX];
    unsigned char   longest[PAYMENTS_MAX_STRING + 1];

    static const char  *wrong[] = {
        "a b", "a\"", "a\\", "a\x7f", "\xc3\xa9", "\x01", " "
    };

    memset(rows, 0, sizeof(rows));
    memset(longest, 'x', sizeof(longest));

    rows[1] = text("id");
    is_int(payments_scheme_sort(payments_github.scheme, rows, sent),
           PAYMENTS_OK, "an id");
    is_str(sent[PAYMENTS_SENT_ID].data, sent[PAYMENTS_SENT_ID].len, "id", 2,
           "is one");
    is_int(sent[PAYMENTS_SENT_TYPE].len, 0, "and there is no type");

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        rows[1] = text(wrong[i]);
        is_int(payments_scheme_sort(payments_github.scheme, rows, sent),
               PAYMENTS_MALFORMED_SIGNATURE, "no id: %zu", i);
    }

    rows[1] = bytes(longest, PAYMENTS_MAX_STRING);
    is_int(payments_scheme_sort(payments_github.scheme, rows, sent),
           PAYMENTS_OK, "the longest id");

    rows[1] = bytes(longest, PAYMENTS_MAX_STRING + 1);
    is_int(payments_scheme_sort(payments_github.scheme, rows, sent),
           PAYMENTS_MALFORMED_SIGNATURE, "one byte more");

    /* of Standard Webhooks' two spellings the first */

    memset(rows, 0, sizeof(rows));
    rows[5] = text("svix");
    payments_scheme_sort(payments_standard.scheme, rows, sent);
    is_str(sent[PAYMENTS_SENT_ID].data, sent[PAYMENTS_SENT_ID].len, "svix", 4,
           "svix-id");

    rows[4] = text("webhook");
    payments_scheme_sort(payments_standard.scheme, rows, sent);
    is_str(sent[PAYMENTS_SENT_ID].data, sent[PAYMENTS_SENT_ID].len,
           "webhook", 7, "webhook-id before svix-id");
}


int
main(void)
{
    size_t                      i;
    unsigned                    n;
    const payments_provider_t  *provider;

    setvbuf(stdout, NULL, _IOLBF, 0);

    for (n = 0; (provider = payments_provider_next(n)) != NULL; n++) {

        /*
         * Has no scheme until it is configured, or has tests of its own:
         * test_axes.c, test_cert.c, test_posts.c, test_przelewy24.c
         */

        if (provider == &payments_hmac
            || provider == &payments_mercadopago
            || provider == &payments_payu
            || provider == &payments_worldline
            || provider->scheme->certified
            || provider->unwrap != NULL)
        {
            continue;
        }

        for (i = 0; i < sizeof(gateways) / sizeof(gateways[0]); i++) {
            if (gateways[i].provider == provider) {
                if (gateways[i].md != NULL) {
                    gateway_is(&gateways[i]);

                } else {
                    token_is(&gateways[i]);
                }

                again_is(&gateways[i]);
                break;
            }
        }

        ok(i < sizeof(gateways) / sizeof(gateways[0]), "%s has a test",
           provider->name.data);
        ok(payments_scheme_signs(provider->scheme,
                                 provider->scheme->headers[0].name),
           "%s signs by its first header", provider->name.data);
        is_int(payments_provider_signs(provider->scheme->headers[0].name),
               provider != &payments_lemonsqueezy
               && provider != &payments_xendit,
               "%s: which is its own", provider->name.data);
    }

    ok(!payments_provider_signs(LIT("webhook-id")), "an id is no signature");
    ok(!payments_provider_signs(LIT("x-signature")), "nor what several have");
    ok(!payments_provider_signs(LIT("data.id")), "nor what is in a query");
    ok(payments_provider_signs(LIT("openpayu-signature")), "PayU's is one");
    ok(payments_provider_signs(LIT("x-gcs-signature")), "and Worldline's");
    ok(payments_provider_signs(LIT("svix-signature")), "svix-signature is");
    ok(payments_provider_signs(LIT("paypal-transmission-sig")), "PayPal's is");
    ok(!payments_provider_signs(LIT("paypal-transmission-id")), "no id");

    published();
    keys();
    tokens();
    hex_keys();
    sorted();

    return done_testing();
}
