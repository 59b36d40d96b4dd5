
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Signatures of ours.  What is expected was calculated with Python's hmac and
 * base64, or stands in an RFC or in the tests of Standard Webhooks.
 */


#include "payments_sign.h"
#include "stripe.h"
#include "unit.h"


#define BODY  "{\"id\":\"evt_1\",\"object\":\"event\"}"
#define KEY   "whsec_old_0123456789"

/* base64 of the bytes 0, 1, 2 and so on: 23, 24, 25, 26, and 64 to 66 */
#define KEY_23     "AAECAwQFBgcICQoLDA0ODxAREhMUFRY="
#define KEY_24     "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
#define KEY_25     KEY_24 "GA=="
#define KEY_26     KEY_24 "GBk="
#define KEY_LONG                                                              \
    KEY_24 "GBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P"
#define KEY_64     KEY_LONG "w=="
#define KEY_65     KEY_LONG "0A="
#define KEY_66     KEY_LONG "0BB"


static payments_secret_t *
secret(const char *key)
{
    payments_secret_t  *s;

    s = payments_secret_create((const unsigned char *) key, strlen(key));
    if (s == NULL) {
        abort();
    }

    return s;
}


static void
digest_is(payments_secret_t *s, const payments_str_t *parts, unsigned n,
    const char *expected, const char *name)
{
    char           hex[2 * PAYMENTS_SHA256 + 1];
    unsigned       i;
    unsigned char  digest[PAYMENTS_SHA256];

    is_int(payments_secret_digest(s, parts, n, digest), 0, "%s", name);

    for (i = 0; i < PAYMENTS_SHA256; i++) {
        sprintf(hex + 2 * i, "%02x", digest[i]);
    }

    is_str(hex, 64, expected, strlen(expected), "%s: its digest", name);
}


static void
digests(void)
{
    payments_secret_t  *s;

    /* RFC 4231, 4.3 */
    static const char  known[] =
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    static const char  nothing[] =
        "923598ca6d64af2a5dba79dcd021a8a0fe5c5f557519adaaf0ad532d4506dd30";

    const payments_str_t  whole[] = { LIT("what do ya want for nothing?") };
    const payments_str_t  parts[] = {
        LIT("what do ya"), LIT(""), LIT(" want for "), LIT("nothing?")
    };
    const payments_str_t  absent[] = { { 0, NULL }, whole[0], { 0, NULL } };

    s = secret("Jefe");

    digest_is(s, whole, 1, known, "one part");
    digest_is(s, parts, 4, known, "four parts, after one");
    digest_is(s, absent, 3, known, "parts without a byte");
    digest_is(s, NULL, 0, nothing, "no part");
    digest_is(s, whole, 1, known, "one part again");

    payments_secret_free(s);
}


/* into a block of the size that it may need */

static void
stripe_is(payments_secret_t *s, int64_t now, const payments_str_t *body,
    unsigned n, const char *expected, const char *name)
{
    size_t          len;
    unsigned char  *dst;

    dst = malloc(PAYMENTS_SIGN_SCHEME_LEN);
    len = stripe_sign(s, now, body, n, dst);
    is_str(dst, len, expected, strlen(expected), "%s", name);
    free(dst);
}


static void
stripe(void)
{
    payments_secret_t  *s;

    static const char  known[] = "t=1764020246,v1="
        "6ec2cc31b84e756dfb9d0e2606326ca43dc9524fecfa8e065e50f3ae62c78572";
    static const char  first[] = "t=0,v1="
        "497d8080360330ecfe5d58bcd537ac7ce3f572f26d5e5641d87716d1714332d2";
    static const char  least[] = "t=-9223372036854775808,v1="
        "60355fe4331361102d95dd85f675df08f6f70d0373d2908fa64b4e8fdd48057d";

    const payments_str_t  whole[] = { LIT(BODY) };
    const payments_str_t  parts[] = {
        LIT("{"), LIT("\"id\""), LIT(":"), LIT("\"evt_1\""), LIT(","),
        LIT("\"object\""), LIT(":\"event\""), LIT("}"), LIT("")
    };

    s = secret(KEY);

    stripe_is(s, 1764020246, whole, 1, known, "as the gateway signs");
    stripe_is(s, 1764020246, parts, PAYMENTS_SIGN_PARTS, known,
              "of as many parts as there may be");
    stripe_is(s, 1764020246, parts, PAYMENTS_SIGN_PARTS + 1, "",
              "of one more");
    stripe_is(s, 0, whole, 1, first, "the shortest time");
    stripe_is(s, INT64_MIN, whole, 1, least, "the longest time");
    ok(sizeof(least) - 1 <= PAYMENTS_SIGN_SCHEME_LEN,
           "which has room");

    payments_secret_free(s);
}


/* what is made here is accepted here, and nothing else is */

static void
round_trip(void)
{
    unsigned               matched;
    payments_str_t         header, body;
    payments_secret_t     *secrets[2];
    payments_signature_t   sig;
    unsigned char          dst[PAYMENTS_SIGN_SCHEME_LEN];

    const payments_str_t  parts[] = { LIT("{\"id\":"), LIT("\"evt_1\"}") };

    secrets[0] = secret("whsec_else");
    secrets[1] = secret(KEY);
    body = LIT("{\"id\":\"evt_1\"}");

    header.len = stripe_sign(secrets[1], 1764020246, parts, 2, dst);
    header.data = dst;

    is_int(stripe_parse(header, &sig), PAYMENTS_OK, "parsed");
    is_int(sig.time, 1764020246, "its time");
    is_int(sig.count, 1, "its digests");

    is_int(payments_signature_verify(&sig, secrets, 2, body, &matched),
           PAYMENTS_OK, "accepted");
    is_int(matched, 1, "by the secret that signed");

    is_int(payments_signature_verify(&sig, secrets, 1, body, &matched),
           PAYMENTS_NO_MATCH, "but not by another");

    body.len--;
    is_int(payments_signature_verify(&sig, secrets, 2, body, &matched),
           PAYMENTS_NO_MATCH, "and not for another body");

    payments_secret_free(secrets[0]);
    payments_secret_free(secrets[1]);
}


static void
webhook_is(const char *key, payments_str_t id, int64_t now,
    const payments_str_t *body, unsigned n, const char *expected)
{
    size_t              len;
    const char         *why;
    unsigned char      *dst;
    payments_str_t      box;
    payments_secret_t  *s;

    box = boxed(text(key));
    why = "";
    s = payments_sign_key(box, &why);
    memset((void *) box.data, 0xdd, box.len);
    unbox(box);

    if (!ok(s != NULL, "a key: %s", key)) {
        diag("%s", why);
        return;
    }

    dst = malloc(PAYMENTS_SIGN_WEBHOOK_LEN);
    len = payments_sign_webhook(s, id, now, body, n, dst);
    is_str(dst, len, expected, strlen(expected), "signed with it");
    free(dst);

    payments_secret_free(s);
}


static void
webhook(void)
{
    const payments_str_t  test[] = { LIT("{\"test\": 2432232314}") };
    const payments_str_t  whole[] = { LIT(BODY) };
    const payments_str_t  parts[] = {
        LIT("{"), LIT("\"id\""), LIT(":"), LIT("\"evt_1\""), LIT(","),
        LIT("\"object\""), LIT(":\"event\""), LIT("}"), LIT("")
    };

    webhook_is("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
               LIT("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330, test, 1,
               "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

    webhook_is("whsec_" KEY_24, LIT("evt_1"), 1764020246, whole, 1,
               "v1,q6dDHD86wE0KH8LdypNT1PUqqoF3xR18Q+rG8M9/LZ0=");
    webhook_is("whsec_" KEY_25, LIT("evt_1"), 1764020246, whole, 1,
               "v1,igU5ioC9xf32Wpp16YCiBxmwLs8jICKVszPV5na5OwE=");
    webhook_is("whsec_" KEY_26, LIT("evt_1"), 1764020246, whole, 1,
               "v1,kJZxXlJHvCwizrwEN9BoK2Sh+it3liBFXrQ3NZe0iWU=");
    webhook_is("whsec_" KEY_64, LIT("evt_1"), 1764020246, parts,
               PAYMENTS_SIGN_PARTS,
               "v1,QLjwnv6SwTjvMrGBwv2+W09whf4eflwQDhmoYjdcGTs=");
    webhook_is("whsec_" KEY_64, LIT("evt_1"), 1764020246, parts,
               PAYMENTS_SIGN_PARTS + 1, "");
}


static void
refused(payments_str_t key, const char *expected)
{
    const char         *why;
    payments_str_t      box;
    payments_secret_t  *s;

    box = boxed(key);
    why = "";
    s = payments_sign_key(box, &why);
    unbox(box);

    ok(s == NULL, "no key of %zu bytes", key.len);

    if (!is_str(why, strlen(why), expected, strlen(expected), "and why")) {
        tap_bytes("     key", key.data, key.len);
    }

    payments_secret_free(s);
}


static void
keys(void)
{
    static const char  prefix[] = "it does not begin with \"whsec_\"";
    static const char  base64[] = "it is not base64 after \"whsec_\"";
    static const char  small[] = "its key is shorter than 24 bytes";
    static const char  large[] = "its key is longer than 64 bytes";

    refused(LIT(""), prefix);
    refused(LIT("whsec"), prefix);
    refused(LIT(KEY_24), prefix);
    refused(LIT("whsk_" KEY_24), prefix);
    refused(LIT("WHSEC_" KEY_24), prefix);
    refused(LIT(" whsec_" KEY_24), prefix);

    refused(LIT("whsec_"), small);
    refused(LIT("whsec_AAAA"), small);
    refused(LIT("whsec_" KEY_23), small);
    refused(LIT("whsec_" KEY_65), large);
    refused(LIT("whsec_" KEY_66), large);
    refused(LIT("whsec_" KEY_66 "A"),
            "its key is longer than 64 bytes, or not in base64");

    /* not of the alphabet: base64url's, a NUL, and what is no ASCII */

    refused(LIT("whsec_-AECAwQFBgcICQoLDA0ODxAREhMUFRYX"), base64);
    refused(LIT("whsec__AECAwQFBgcICQoLDA0ODxAREhMUFRYX"), base64);
    refused(LIT("whsec_AAECAwQFBgcICQoL\0A0ODxAREhMUFRYX"), base64);
    refused(LIT("whsec_AAECAwQFBgcICQoL\xc3\xa9" "0ODxAREhMUFRYX"), base64);

    /* blanks, which EVP_DecodeBlock() takes at both ends */

    refused(LIT("whsec_ " KEY_24), base64);
    refused(LIT("whsec_" KEY_24 " "), base64);
    refused(LIT("whsec_" KEY_24 "\n"), base64);
    refused(LIT("whsec_" KEY_24 "-"), base64);
    refused(LIT("whsec_    " KEY_24), base64);
    refused(LIT("whsec_" KEY_24 "\r\n\r\n"), base64);
    refused(LIT("whsec_AAECAwQFBgcICQoL DA0ODxAREhMUFRY"), base64);

    /* padding: missing, too much, and in the middle */

    refused(LIT("whsec_" KEY_24 "GA"), base64);
    refused(LIT("whsec_" KEY_24 "GA="), base64);
    refused(LIT("whsec_" KEY_24 "G==="), base64);
    refused(LIT("whsec_" KEY_24 "===="), base64);
    refused(LIT("whsec_===="), base64);
    refused(LIT("whsec_="), base64);
    refused(LIT("whsec_GA==" KEY_24), base64);

    /* bits that belong to no byte */

    refused(LIT("whsec_" KEY_24 "GB=="), base64);
    refused(LIT("whsec_" KEY_24 "GBl="), base64);
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    digests();
    stripe();
    round_trip();
    webhook();
    keys();

    return done_testing();
}
