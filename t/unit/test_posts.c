
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Gateways whose signature lies in the body: forms that are signed here by
 * OpenSSL, as their pages say it, and that nothing of them may be another byte.
 */


#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "payments_provider.h"
#include "payments_signature.h"
#include "payments_text.h"
#include "unit.h"


#define XML                                                                   \
    "<notification><kind>transaction_settled</kind><timestamp type="          \
    "\"datetime\">2026-11-24T22:11:41Z</timestamp><source-merchant-id>m1"     \
    "</source-merchant-id><subject><transaction><id>tx1</id><type>%s</type>"  \
    "<amount>10.5</amount><currency-iso-code>EUR</currency-iso-code>"         \
    "<order-id nil=\"%s\">tok</order-id></transaction></subject>"             \
    "</notification>"

/* the vector of django-payments, whose PIN is 123 */

#define DOTPAY                                                                \
    "id=123&operation_number=MI-5&operation_type=payment&operation_status="   \
    "completed&operation_amount=212.35&operation_currency=PLN&"               \
    "operation_original_amount=58.07&operation_original_currency=USD&"        \
    "operation_datetime=2018-02-28+12%3a00%3a00&control=1&description="       \
    "Order+%231&email=user%40example.org&p_info=John+Doe+"                    \
    "%28seller%40example.com%29&p_email=seller%40example.com&channel=1"
#define DOTPAY_SIGNATURE                                                      \
    "2970746ecb6b12bdf21ed98ebb6b251fa27bd68b99ce745c67348781cbf31221"


static payments_schema_t   schema;
static payments_event_t    event;
static payments_scratch_t  scratch;
static payments_post_t     post;
static payments_str_t      sent[PAYMENTS_SENT_MAX];
static unsigned char       room[1 << 16];


static payments_secret_t *
secret(const payments_provider_t *provider, const char *plain,
    const char *name)
{
    const char         *why;
    payments_secret_t  *s;

    s = payments_secret_read(provider->scheme, text(plain), text(name), &why);

    if (s == NULL) {
        abort();
    }

    return s;
}


/* as the module does it */

static payments_rc_e
judge(const payments_provider_t *provider, payments_secret_t **secrets,
    unsigned n, payments_str_t body)
{
    unsigned              matched;
    payments_rc_e         rc;
    payments_signature_t  sig;

    memset(sent, 0, sizeof(sent));
    memset(&sig, 0xa5, sizeof(sig));

    post.body = body;
    post.covered = body;
    post.payload = body;
    post.sent = sent;
    post.room = room;

    rc = provider->unwrap(provider, &post);

    if (rc == PAYMENTS_OK) {
        rc = payments_signature_parse(provider->scheme, sent, &sig);
    }

    if (rc == PAYMENTS_OK) {
        rc = payments_signature_verify(&sig, secrets, n, post.covered,
                                       &matched);
    }

    return rc;
}


static payments_rc_e
read_event(const payments_provider_t *provider)
{
    payments_rc_e  rc;

    payments_schema_compile(&schema, provider->fields, provider->nfields);

    rc = provider->read(&schema, post.payload, &event, &scratch);

    return rc == PAYMENTS_OK ? provider->normalize(provider, &event) : rc;
}


/* a form of its parameters, everything escaped */

static void
escape(char **p, const char *name, const char *value)
{
    *p += sprintf(*p, "%s=", name);

    for ( /* void */ ; *value != '\0'; value++) {
        *p += sprintf(*p, "%%%02X", (unsigned char) *value);
    }
}


static void
braintree_sign(const char *key, const char *payload, char *hex)
{
    unsigned       i, len;
    unsigned char  sha1[SHA_DIGEST_LENGTH], digest[EVP_MAX_MD_SIZE];

    SHA1((unsigned char *) key, strlen(key), sha1);
    HMAC(EVP_sha1(), sha1, sizeof(sha1), (unsigned char *) payload,
         strlen(payload), digest, &len);

    for (i = 0; i < len; i++) {
        sprintf(hex + 2 * i, "%02x", digest[i]);
    }
}


/* in lines of 60 letters, as they come */

static void
braintree_payload(const char *xml, char *payload)
{
    size_t  i, n, len;

    len = strlen(xml);

    for (i = 0; i < len; i += 45) {
        n = len - i < 45 ? len - i : 45;
        payload += EVP_EncodeBlock((unsigned char *) payload,
                                   (const unsigned char *) xml + i, n);
        *payload++ = '\n';
    }

    *payload = '\0';
}


static void
braintree_form(const char *signature, const char *payload, char *form)
{
    escape(&form, "bt_signature", signature);
    *form++ = '&';
    escape(&form, "bt_payload", payload);
}


/* every byte, in any of three ways: no other message is taken */

static void
flips(const payments_provider_t *provider, payments_secret_t *s,
    const char *form, const char *name)
{
    size_t          i, k, taken, same;
    payments_str_t  box, covered;
    unsigned char  *p;

    static const unsigned char  bits[] = { 0x01, 0x10, 0x80 };

    box = boxed(text(form));
    p = (unsigned char *) box.data;
    taken = 0;
    same = 0;

    is_int(judge(provider, &s, 1, box), PAYMENTS_OK, "%s: as it is", name);
    covered = boxed(post.covered);

    for (i = 0; i < box.len; i++) {
        for (k = 0; k < sizeof(bits); k++) {
            p[i] ^= bits[k];

            if (judge(provider, &s, 1, box) == PAYMENTS_OK) {
                if (post.covered.len == covered.len
                    && memcmp(post.covered.data, covered.data, covered.len)
                       == 0)
                {
                    same++;

                } else {
                    taken++;
                }
            }

            p[i] ^= bits[k];
        }
    }

    is_int(taken, 0, "%s: no other byte (%zu say the same)", name, same);
    ok(same < box.len / 4, "%s: most say something else", name);

    unbox(covered);
    unbox(box);
}


static void
braintree(void)
{
    char                xml[2048], payload[4096], hex[64], other[64];
    char                signature[512], form[16384];
    payments_secret_t  *both[2], *unnamed;

    snprintf(xml, sizeof(xml), XML, "sale", "false");
    braintree_payload(xml, payload);
    braintree_sign("private", payload, hex);

    both[0] = secret(&payments_braintree, "next", "pub2");
    both[1] = secret(&payments_braintree, "private", "pub1");

    snprintf(signature, sizeof(signature), "x|00&%s|%s", "pub1", hex);
    braintree_form(signature, payload, form);
    flips(&payments_braintree, both[1], form, "braintree");

    is_int(judge(&payments_braintree, both, 2, text(form)), PAYMENTS_OK,
           "the second of two secrets");
    is_str(post.payload.data, post.payload.len, xml, strlen(xml),
           "its payload is the XML");
    is_int(read_event(&payments_braintree), PAYMENTS_OK, "which is an event");
    is_str(event.type.data, event.type.len, "transaction_settled", 19,
           "its type");
    is_str(event.object_id.data, event.object_id.len, "tx1", 3, "its object");
    is_str(event.token.data, event.token.len, "tok", 3, "its token");
    is_str(event.account.data, event.account.len, "m1", 2, "its account");
    is_int(event.amount.integer, 1050, "its amount");
    is_int(event.created.integer, 1795558301, "its time");
    is_int(event.status, PAYMENTS_CONFIRMED, "its status");
    ok(event.id.len == 7 + 64 && memcmp(event.id.data, "sha256:", 7) == 0,
       "its id is a digest");

    /* of another's name it is nobody's, whoever's key it is made with */

    snprintf(signature, sizeof(signature), "pub2|%s", hex);
    braintree_form(signature, payload, form);
    is_int(judge(&payments_braintree, both, 2, text(form)), PAYMENTS_NO_MATCH,
           "with another public key");

    snprintf(signature, sizeof(signature), "pub1|%040d&pub3|%s", 0, hex);
    braintree_form(signature, payload, form);
    is_int(judge(&payments_braintree, both, 2, text(form)), PAYMENTS_NO_MATCH,
           "its own is another one, and the right one has another name");

    snprintf(signature, sizeof(signature), "pub1|%s", hex);
    braintree_form(signature, payload, form);
    unnamed = secret(&payments_braintree, "private", "");
    is_int(judge(&payments_braintree, &unnamed, 1, text(form)),
           PAYMENTS_NO_MATCH, "a secret that has no name");
    payments_secret_free(unnamed);

    snprintf(signature, sizeof(signature), "|%s&%s&pub1", hex, hex);
    braintree_form(signature, payload, form);
    is_int(judge(&payments_braintree, both, 2, text(form)), PAYMENTS_NO_MATCH,
           "without any");

    braintree_sign("next", payload, other);
    snprintf(signature, sizeof(signature), "pub2|%s&pub1|%s", other, other);
    braintree_form(signature, payload, form);
    is_int(judge(&payments_braintree, both + 1, 1, text(form)),
           PAYMENTS_NO_MATCH, "with another's key");
    is_int(judge(&payments_braintree, both, 1, text(form)), PAYMENTS_OK,
           "which is right for the other");

    /* one line feed may have got lost, and no more than that */

    payload[strlen(payload) - 1] = '\0';
    snprintf(signature, sizeof(signature), "pub1|%s", hex);
    braintree_form(signature, payload, form);
    is_int(judge(&payments_braintree, both, 2, text(form)), PAYMENTS_OK,
           "without the last line feed");

    strcat(payload, "\n\n");
    braintree_form(signature, payload, form);
    is_int(judge(&payments_braintree, both, 2, text(form)),
           PAYMENTS_NO_MATCH, "with one more");

    /* a refund says nothing of its sale; an absent reference is none */

    snprintf(xml, sizeof(xml), XML, "credit", "true");
    braintree_payload(xml, payload);
    braintree_form(signature, payload, form);
    judge(&payments_braintree, both, 2, text(form));
    is_int(read_event(&payments_braintree), PAYMENTS_OK, "a refund");
    is_int(event.status, PAYMENTS_STATUS_NONE, "no status");
    is_int(event.token.len, 0, "no token");

    payments_secret_free(both[0]);
    payments_secret_free(both[1]);
}


static void
braintree_refuses(void)
{
    char                form[256], hex[64];
    size_t              i;
    payments_secret_t  *s;

    static const struct {
        const char     *form;
        payments_rc_e   rc;
    } tests[] = {
        { "", PAYMENTS_MISSING_SIGNATURE },
        { "{}", PAYMENTS_MISSING_SIGNATURE },
        { "bt_payload=QUJD", PAYMENTS_MISSING_SIGNATURE },
        { "bt_signature=a%7C00", PAYMENTS_NO_BODY },
        { "bt_signature=a%7C00&bt_payload=", PAYMENTS_NO_BODY },
        { "bt_signature=a%7C00&bt_payload=QUJD", PAYMENTS_NO_MATCH },
        { "bt_signature=bad_stuff&bt_payload=QUJD", PAYMENTS_NO_MATCH },
        { "bt_signature=a%7C00&bt_payload=QUJDR", PAYMENTS_BAD_FORM },
        { "bt_signature=a%7C00&bt_payload=~*+invalid!+*~",
          PAYMENTS_BAD_FORM },
        { "bt_signature=a%7C00&bt_payload=QU%0DJD", PAYMENTS_BAD_FORM },
        { "bt_signature=a%7C00&bt_payload=QU+JD", PAYMENTS_BAD_FORM },
        { "bt_signature=a%7C00&bt_payload=QUJD&bt_payload=QUJD",
          PAYMENTS_DUPLICATE_KEY },
        { "bt_signature=a&bt_signature=a&bt_payload=QUJD",
          PAYMENTS_DUPLICATE_KEY },
        { "bt_signature=%&bt_payload=QUJD", PAYMENTS_BAD_FORM }
    };

    s = secret(&payments_braintree, "private", "a");

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(judge(&payments_braintree, &s, 1, text(tests[i].form)),
               tests[i].rc, "refused: %s", tests[i].form);
    }

    /* what anybody gets signed as a challenge is signed, and no event */

    braintree_sign("private", "50606060506060605060", hex);
    snprintf(form, sizeof(form), "bt_signature=a%%7C%s&bt_payload="
             "50606060506060605060", hex);
    is_int(judge(&payments_braintree, &s, 1, text(form)), PAYMENTS_OK,
           "a challenge as a payload");
    ok(read_event(&payments_braintree) != PAYMENTS_OK, "is no XML");

    payments_secret_free(s);
}


/* braintree_python, tests/unit/test_webhooks.py */

static void
challenge(void)
{
    int                 n;
    size_t              i;
    payments_secret_t  *s;
    unsigned char       dst[PAYMENTS_MAX_CHALLENGE];

    static const char  *wrong[] = {
        "", "bt_challenge=", "bt_challenge=bad challenge",
        "bt_challenge=20f9f8ed05f77439fe9",
        "bt_challenge=20f9f8ed05f77439fe955c977e4c8a531",
        "bt_challenge=20f9f8ed05f77439fe955c977e4c8a53\n",
        "bt_challenge=20F9F8ED05F77439FE955C977E4C8A53",
        "bt_challenge=20f9f8ed05f77439fe955c977e4c8a5g",
        "bt_challenge=20f9f8ed05f77439fe955c977e4c8a53&a",
        "xt_challenge=20f9f8ed05f77439fe955c977e4c8a53",
        "bt_challenge:20f9f8ed05f77439fe955c977e4c8a53"
    };

    s = secret(&payments_braintree, "integration_private_key",
               "integration_public_key");

    n = payments_braintree.challenge(s, LIT("bt_challenge=20f9f8ed05f77439fe9"
                                            "55c977e4c8a53"), dst);
    is_str(dst, n, "integration_public_key|d9b899556c966b3f06945ec21311865d"
           "35df3ce4", 63, "a challenge");

    ok(payments_braintree.challenge(s, LIT("bt_challenge=0123456789abcdef0"
                                           "123"), dst) > 0, "the shortest");

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        is_int(payments_braintree.challenge(s, text(wrong[i]), dst), 0,
               "no challenge: %s", wrong[i]);
    }

    payments_secret_free(s);
    s = secret(&payments_braintree, "integration_private_key", "");
    is_int(payments_braintree.challenge(s, LIT("bt_challenge=20f9f8ed05f774"
                                               "39fe955c977e4c8a53"), dst),
           0, "without a public key");

    payments_secret_free(s);
}


static void
dotpay(void)
{
    payments_secret_t  *s;

    s = secret(&payments_dotpay, "123", "");

    flips(&payments_dotpay, s, DOTPAY "&signature=" DOTPAY_SIGNATURE,
          "dotpay");

    judge(&payments_dotpay, &s, 1,
          LIT("signature=" DOTPAY_SIGNATURE "&z=1&" DOTPAY));
    is_int(read_event(&payments_dotpay), PAYMENTS_OK, "dotpay: an event");
    is_str(event.id.data, event.id.len, "MI-5:completed", 14, "its id");
    is_str(event.type.data, event.type.len, "payment", 7, "its type");
    is_str(event.token.data, event.token.len, "1", 1, "its token");
    is_str(event.account.data, event.account.len, "123", 3, "its account");
    is_str(event.currency.data, event.currency.len, "USD", 3, "its currency");
    is_int(event.amount.integer, 5807, "its amount, as it was asked for");
    is_int(event.status, PAYMENTS_CONFIRMED, "its status");

    is_int(judge(&payments_dotpay, &s, 1, LIT(DOTPAY)),
           PAYMENTS_MISSING_SIGNATURE, "without a signature");
    is_int(judge(&payments_dotpay, &s, 1,
                 LIT(DOTPAY "&signature=" DOTPAY_SIGNATURE "&channel=1")),
           PAYMENTS_DUPLICATE_KEY, "a field twice");
    is_int(judge(&payments_dotpay, &s, 1, LIT("signature=" DOTPAY_SIGNATURE)),
           PAYMENTS_NO_BODY, "without a field");

    payments_secret_free(s);
    s = secret(&payments_dotpay, "12", "");
    is_int(judge(&payments_dotpay, &s, 1,
                 LIT(DOTPAY "&signature=" DOTPAY_SIGNATURE)),
           PAYMENTS_NO_MATCH, "with another PIN");
    payments_secret_free(s);

    post.payload = LIT("operation_type=refund&operation_status=completed");
    is_int(read_event(&payments_dotpay), PAYMENTS_OK, "without a number");
    ok(memcmp(event.id.data, "sha256:", 7) == 0, "the body is its id");
    is_int(event.status, PAYMENTS_STATUS_NONE, "no status of a refund");

    post.payload = LIT("operation_number=1&operation_status=new");
    is_int(read_event(&payments_dotpay), PAYMENTS_NO_EVENT_TYPE,
           "without a type");
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    braintree();
    braintree_refuses();
    challenge();
    dotpay();

    return done_testing();
}
