
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Przelewy24: which fields of a body are signed, and that none of them may
 * be another one.
 */


#include <openssl/evp.h>

#include "payments_provider.h"
#include "payments_signature.h"
#include "unit.h"


#define KEY  "a1b2c3d4e5f60718"

/* what is signed, by the page; a slash and UTF-8 are as they are */

#define TRANSACTION                                                           \
    "{\"merchantId\":12345,\"posId\":123,\"sessionId\":\"tok/\\\"\xc5\x82\"," \
    "\"amount\":1500,\"originAmount\":1600,\"currency\":\"PLN\","             \
    "\"orderId\":30,\"methodId\":32,\"statement\":\"p24-X\","                 \
    "\"crc\":\"" KEY "\"}"

#define REFUND(status)                                                        \
    "{\"orderId\":30,\"sessionId\":\"tok\",\"refundsUuid\":\"dda251\","       \
    "\"merchantId\":12345,\"amount\":1500,\"currency\":\"PLN\","              \
    "\"status\":" status ",\"crc\":\"" KEY "\"}"

/* what is sent, with the digest of the above in it */

#define TRANSACTION_BODY                                                      \
    "{ \"sign\" : \"%s\", \"statement\" :\"p24-X\",\n\"methodId\": 32,"       \
    "\"sessionId\":\"tok\\/\\u0022\\u0142\",\"more\":{\"amount\":9},"         \
    "\"merchantId\":12345,\"posId\":123,\"amount\":1500,"                     \
    "\"originAmount\":1600,\"currency\":\"PLN\",\"orderId\":30}"

#define REFUND_BODY(status)                                                   \
    "{\"orderId\":30,\"sessionId\":\"tok\",\"merchantId\":12345,"             \
    "\"requestId\":\"r\",\"refundsUuid\":\"dda251\",\"amount\":1500,"         \
    "\"currency\":\"PLN\",\"timestamp\":1,\"status\":" status                 \
    ",\"sign\":\"%s\"}"


static payments_str_t      sent[PAYMENTS_SENT_MAX];
static payments_schema_t   schema;
static payments_event_t    event;
static payments_scratch_t  scratch;
static unsigned            outside;


static void
digest_of(const char *message, char *hex)
{
    unsigned       i, len;
    unsigned char  digest[EVP_MAX_MD_SIZE];

    EVP_Digest(message, strlen(message), digest, &len, EVP_sha384(), NULL);

    for (i = 0; i < len; i++) {
        sprintf(hex + 2 * i, "%02x", digest[i]);
    }
}


static payments_rc_e
judge_key(payments_str_t body, const char *text_of_key)
{
    unsigned               matched;
    const char            *why;
    payments_rc_e          rc;
    payments_post_t        post;
    payments_secret_t     *secret;
    payments_signature_t   sig;

    memset(sent, 0, sizeof(sent));
    memset(&post, 0, sizeof(post));
    memset(&sig, 0xa5, sizeof(sig));

    post.body = boxed(body);
    post.sent = sent;
    post.room = malloc(2 * body.len);

    rc = payments_przelewy24.unwrap(&payments_przelewy24, &post);

    if (rc == PAYMENTS_OK) {
        outside += sent[PAYMENTS_SENT_SIGNATURE].data < post.room
                   || sent[PAYMENTS_SENT_SIGNATURE].data
                      + sent[PAYMENTS_SENT_SIGNATURE].len
                      > post.room + 2 * body.len;
        rc = payments_signature_parse(payments_przelewy24.scheme, sent, &sig);
    }

    if (rc == PAYMENTS_OK) {
        secret = payments_secret_read(payments_przelewy24.scheme,
                                      text(text_of_key), LIT(""), &why);

        rc = payments_signature_verify(&sig, &secret, 1, post.covered,
                                       &matched);
        payments_secret_free(secret);
    }

    unbox(post.body);
    free(post.room);

    return rc;
}


static payments_rc_e
judge(const char *body)
{
    return judge_key(text(body), KEY);
}


/* the body with one of its words replaced */

static payments_rc_e
judge_with(const char *body, const char *old, const char *new)
{
    char        *p, other[2048];
    const char  *at;

    at = strstr(body, old);
    if (at == NULL) {
        return PAYMENTS_RC_MAX;
    }

    p = other;
    memcpy(p, body, at - body);
    p += at - body;
    p += sprintf(p, "%s", new);
    strcpy(p, at + strlen(old));

    return judge(other);
}


/* 1 when any byte from the first word on to the second may be another one */

static int
flips(const char *body, const char *from, const char *to)
{
    char           other[2048];
    size_t         i, k, end;
    unsigned       taken;

    static const char  bits[] = { 0x01, 0x02, 0x10 };

    strcpy(other, body);
    end = strstr(body, to) - body;
    taken = 0;

    for (i = strstr(body, from) - body; i < end; i++) {
        for (k = 0; k < sizeof(bits); k++) {
            other[i] ^= bits[k];
            taken += judge(other) == PAYMENTS_OK;
            other[i] ^= bits[k];
        }
    }

    return taken != 0 || judge(other) != PAYMENTS_OK;
}


static void
transaction(void)
{
    char    hex[128], escaped[160], body[2048];
    size_t  i;

    static const char  *words[][2] = {
        { "\"merchantId\":12345", "\"merchantId\":12346" },
        { "\"merchantId\":12345", "\"merchantId\":\"12345\"" },
        { "\"posId\":123", "\"posId\":124" },
        { "tok", "toc" },
        { "\"amount\":1500", "\"amount\":1501" },
        { "\"amount\":1500", "\"amount\":\"1500\"" },
        { "\"amount\":1500", "\"amount\":1500.0" },
        { "\"originAmount\":1600", "\"originAmount\":1601" },
        { "PLN", "EUR" },
        { "\"orderId\":30", "\"orderId\":31" },
        { "\"methodId\": 32", "\"methodId\": 33" },
        { "p24-X", "p24-Y" },
        { "\"posId\":123,", "" },
        { "\"posId\":123,", "\"posId\":null," },
        { "\"posId\":123,", "\"refundsUuid\":\"a\"," }
    };

    digest_of(TRANSACTION, hex);
    snprintf(body, sizeof(body), TRANSACTION_BODY, hex);

    is_int(judge(body), PAYMENTS_OK, "a transaction");
    is_str(sent[PAYMENTS_SENT_TYPE].data, sent[PAYMENTS_SENT_TYPE].len,
           "transaction", 11, "is its type");

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        ok(judge_with(body, words[i][0], words[i][1]) != PAYMENTS_OK,
           "not with %s", words[i][1]);
    }

    is_int(judge_with(body, "\"amount\":9", "\"amount\":8"), PAYMENTS_OK,
           "what is not signed may be anything");
    is_int(judge_with(body, "\"amount\":1500",
                      "\"amount\":1500,\"amount\":1"),
           PAYMENTS_DUPLICATE_KEY, "a second amount");
    is_int(judge_with(body, "\"sign\"", "\"sigh\""),
           PAYMENTS_MISSING_SIGNATURE, "without a signature");
    is_int(judge_with(body, hex, ""), PAYMENTS_MISSING_SIGNATURE,
           "with an empty one");
    is_int(judge_with(body, hex, "00"), PAYMENTS_NO_MATCH, "a short one");

    ok(!flips(body, hex, "\", \"statement"), "no byte of it");
    ok(!flips(body, "\"merchantId\"", "}"), "no byte of signed fields");

    is_int(judge_key(text(body), "a1b2c3d4e5f60719"), PAYMENTS_NO_MATCH,
           "of another key");
    is_int(judge("{"), PAYMENTS_BAD_JSON, "no JSON");

    /* one with an escape in it does not lie in the body as it is */

    sprintf(escaped, "\\u%04x%s", hex[0], hex + 1);
    is_int(judge_with(body, hex, escaped), PAYMENTS_OK, "with an escape");
}


static void
refund(void)
{
    char  hex[128], body[2048];

    digest_of(REFUND("0"), hex);
    snprintf(body, sizeof(body), REFUND_BODY("0"), hex);

    is_int(judge(body), PAYMENTS_OK, "a refund");
    is_str(sent[PAYMENTS_SENT_TYPE].data, sent[PAYMENTS_SENT_TYPE].len,
           "refund", 6, "is its type");
    ok(judge_with(body, "\"status\":0", "\"status\":1") != PAYMENTS_OK,
       "its status is signed");
    ok(judge_with(body, "dda251", "dda252") != PAYMENTS_OK, "and its id");
    ok(judge_with(body, "\"amount\":1500", "\"amount\":15") != PAYMENTS_OK,
       "and its amount");
    ok(judge_with(body, "\"refundsUuid\":\"dda251\",", "") != PAYMENTS_OK,
       "and that it is one");

    digest_of(REFUND("1"), hex);
    snprintf(body, sizeof(body), REFUND_BODY("1"), hex);

    is_int(judge(body), PAYMENTS_OK, "one that was not made");
    is_str(sent[PAYMENTS_SENT_TYPE].data, sent[PAYMENTS_SENT_TYPE].len,
           "refund.cancelled", 16, "is another type");
}


/* texts that would be written longer than they were sent, in all fields */

static void
longer(void)
{
    char        body[16384], text_of[PAYMENTS_MAX_STRING * 2 + 1];
    size_t      i, k;

    static const char  *escapes[] = { "\\n", "\\t", "\\b", "\\f", "\\r" };
    static const char  *values[] = { "\\\"", "\\\\" };

    for (i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {

        for (k = 0; k < PAYMENTS_MAX_STRING; k++) {
            memcpy(text_of + 2 * k, escapes[i], 2);
        }

        text_of[2 * k] = '\0';

        snprintf(body, sizeof(body), "{\"sign\":\"x\",\"merchantId\":\"%s\","
                 "\"posId\":\"%s\",\"sessionId\":\"%s\",\"amount\":1,"
                 "\"originAmount\":1,\"currency\":\"%s\"}", text_of, text_of,
                 text_of, text_of);

        is_int(judge(body), PAYMENTS_MALFORMED_SIGNATURE, "of %s", escapes[i]);
    }

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {

        for (k = 0; k < PAYMENTS_MAX_STRING; k++) {
            memcpy(text_of + 2 * k, values[i], 2);
        }

        snprintf(body, sizeof(body), "{\"sign\":\"x\",\"merchantId\":\"%s\","
                 "\"posId\":\"%s\",\"sessionId\":\"%s\",\"amount\":1,"
                 "\"originAmount\":1,\"currency\":\"\",\"orderId\":1,"
                 "\"methodId\":1,\"statement\":\"\"}", text_of, text_of,
                 text_of);

        is_int(judge(body), PAYMENTS_NO_MATCH, "of %s, as long as they were",
               values[i]);
    }
}


static void
event_is(const char *body, const char *type, const char *status)
{
    const char  *name;

    payments_schema_compile(&schema, payments_przelewy24.fields,
                            payments_przelewy24.nfields);
    payments_event_read(&schema, text(body), &event, &scratch);
    scratch.sent_type = text(type);

    is_int(payments_przelewy24.normalize(&payments_przelewy24, &event),
           PAYMENTS_OK, "%s", type);

    name = payments_status_name(event.status);
    name = name != NULL ? name : "";

    is_str(name, strlen(name), status, strlen(status), "its status");
    is_int(event.amount.integer, 1500, "its amount");
    is_str(event.currency.data, event.currency.len, "PLN", 3, "in PLN");
    is_str(event.object_id.data, event.object_id.len, "30", 2, "its order");
    is_str(event.account.data, event.account.len, "12345", 5, "its shop");
    is_str(event.token.data, event.token.len, "tok", 3, "its token");
    ok(memcmp(event.id.data, "sha256:", 7) == 0, "its id is its body's");
}


static void
keys(void)
{
    size_t         len;
    unsigned char  key[PAYMENTS_MAX_SECRET], longest[PAYMENTS_MAX_SECRET];

    memset(longest, 'x', sizeof(longest));

    ok(payments_scheme_key(payments_przelewy24.scheme, LIT("a\"b"), key, &len)
       != NULL, "a key with a quote");
    ok(payments_scheme_key(payments_przelewy24.scheme, LIT("a\\"), key, &len)
       != NULL, "or with a backslash");
    ok(payments_scheme_key(payments_przelewy24.scheme,
                           bytes(longest, PAYMENTS_MAX_STRING), key, &len)
       == NULL, "the longest key");
    is_int(len, PAYMENTS_MAX_STRING, "all of it");
    ok(payments_scheme_key(payments_przelewy24.scheme,
                           bytes(longest, PAYMENTS_MAX_STRING + 1), key, &len)
       != NULL, "one byte more");
}


int
main(void)
{
    char  body[2048];

    setvbuf(stdout, NULL, _IOLBF, 0);

    transaction();
    refund();
    longer();
    keys();

    is_int(outside, 0, "what is left lies where it stays");

    snprintf(body, sizeof(body), REFUND_BODY("0"), "x");
    event_is(body, "transaction", "waiting");
    event_is(body, "refund", "");
    event_is(body, "refund.cancelled", "");

    return done_testing();
}
