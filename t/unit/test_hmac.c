
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <openssl/hmac.h>

#include "payments_signature.h"
#include "stripe.h"
#include "unit.h"


#define BODY  "{\"id\":\"evt_1\",\"object\":\"event\"}"
#define TIME  "1764020246"
#define OLD   "whsec_old_0123456789"
#define NEW   "whsec_new_9876543210"
#define ELSE  "whsec_else"

/* calculated with "openssl dgst -sha256 -hmac", not by this program */
#define KNOWN  "6ec2cc31b84e756dfb9d0e2606326ca4"                              \
               "3dc9524fecfa8e065e50f3ae62c78572"


/* "t.body" signed by OpenSSL in one call, in hex */

static void
sign(char *hex, payments_str_t key, payments_str_t time, payments_str_t body)
{
    unsigned        i, len;
    unsigned char  *message, digest[EVP_MAX_MD_SIZE];

    message = malloc(time.len + 1 + body.len);
    memcpy(message, time.data, time.len);
    message[time.len] = '.';

    if (body.len) {
        memcpy(message + time.len + 1, body.data, body.len);
    }

    if (HMAC(EVP_sha256(), key.data, key.len, message,
             time.len + 1 + body.len, digest, &len) == NULL
        || len != PAYMENTS_SHA256)
    {
        abort();
    }

    free(message);

    for (i = 0; i < len; i++) {
        sprintf(hex + 2 * i, "%02x", digest[i]);
    }
}


static payments_secret_t *
secret(payments_str_t key)
{
    payments_str_t      box;
    payments_secret_t  *s;

    /* the key may be wiped by the caller */

    box = boxed(key);
    s = payments_secret_create(box.data, box.len);
    memset((void *) box.data, 0xdd, box.len);
    unbox(box);

    if (s == NULL) {
        abort();
    }

    return s;
}


/* a header and a body against up to three secrets, NULL after the last */

static payments_rc_e
verify(const char *header, payments_str_t body, const char *s0,
    const char *s1, const char *s2, unsigned *matched)
{
    unsigned              i, n;
    payments_rc_e         rc;
    payments_str_t        box;
    const char           *keys[3] = { s0, s1, s2 };
    payments_secret_t    *secrets[3];
    payments_signature_t  sig;

    rc = stripe_parse(text(header), &sig);
    if (rc != PAYMENTS_OK) {
        return rc;
    }

    for (n = 0; n < 3 && keys[n] != NULL; n++) {
        secrets[n] = secret(text(keys[n]));
    }

    box = boxed(body);
    *matched = 424242;
    rc = payments_signature_verify(&sig, secrets, n, box, matched);
    unbox(box);

    for (i = 0; i < n; i++) {
        payments_secret_free(secrets[i]);
    }

    return rc;
}


static void
known(void)
{
    unsigned  matched;
    char      header[256], hex[65];

    is_int(verify("t=" TIME ",v1=" KNOWN, LIT(BODY), OLD, NULL, NULL,
                  &matched),
           PAYMENTS_OK, "a known signature");

    sign(hex, LIT(OLD), LIT(TIME), LIT(BODY));
    is_str(hex, 64, KNOWN, 64, "the same by HMAC()");

    /* the key is the whole text, prefix and all */

    sign(hex, LIT("old_0123456789"), LIT(TIME), LIT(BODY));
    sprintf(header, "t=" TIME ",v1=%s", hex);
    is_int(verify(header, LIT(BODY), OLD, NULL, NULL, &matched),
           PAYMENTS_NO_MATCH, "the key without its prefix");

    sign(hex, LIT(OLD " "), LIT(TIME), LIT(BODY));
    sprintf(header, "t=" TIME ",v1=%s", hex);
    is_int(verify(header, LIT(BODY), OLD, NULL, NULL, &matched),
           PAYMENTS_NO_MATCH, "the key with a blank");

    /* the time is signed as sent */

    sign(hex, LIT(OLD), LIT("0" TIME), LIT(BODY));
    sprintf(header, "t=0" TIME ",v1=%s", hex);
    is_int(verify(header, LIT(BODY), OLD, NULL, NULL, &matched),
           PAYMENTS_OK, "a time with a leading zero, signed so");

    sprintf(header, "t= 0" TIME "\t,v1= %s", hex);
    is_int(verify(header, LIT(BODY), OLD, NULL, NULL, &matched),
           PAYMENTS_OK, "blanks are not signed");

    sprintf(header, "t=" TIME ",v1=%s", hex);
    is_int(verify(header, LIT(BODY), OLD, NULL, NULL, &matched),
           PAYMENTS_NO_MATCH, "the zero left out");
}


static void
rotation(void)
{
    unsigned  matched;
    char      header[512], by_old[65], by_new[65], by_else[65];

    sign(by_old, LIT(OLD), LIT(TIME), LIT(BODY));
    sign(by_new, LIT(NEW), LIT(TIME), LIT(BODY));
    sign(by_else, LIT(ELSE), LIT(TIME), LIT(BODY));

    sprintf(header, "t=" TIME ",v1=%s", by_old);

    is_int(verify(header, LIT(BODY), OLD, NEW, NULL, &matched), PAYMENTS_OK,
           "signed with the first of two");
    is_int(matched, 0, "which is 0");

    is_int(verify(header, LIT(BODY), NEW, OLD, NULL, &matched), PAYMENTS_OK,
           "signed with the second of two");
    is_int(matched, 1, "which is 1");

    is_int(verify(header, LIT(BODY), NEW, ELSE, OLD, &matched), PAYMENTS_OK,
           "signed with the last of three");
    is_int(matched, 2, "which is 2");

    is_int(verify(header, LIT(BODY), ELSE, OLD, NEW, &matched), PAYMENTS_OK,
           "signed with the middle one of three");
    is_int(matched, 1, "which is 1");

    is_int(verify(header, LIT(BODY), NEW, NULL, NULL, &matched),
           PAYMENTS_NO_MATCH, "signed with a secret that is gone");
    is_int(verify(header, LIT(BODY), NEW, ELSE, "x", &matched),
           PAYMENTS_NO_MATCH, "signed with none of three");
    is_int(verify(header, LIT(BODY), NULL, NULL, NULL, &matched),
           PAYMENTS_NO_MATCH, "no secrets at all");

    /* the gateway signs with both while a secret is rolled */

    sprintf(header, "t=" TIME ",v1=%s,v1=%s", by_old, by_new);

    is_int(verify(header, LIT(BODY), OLD, NULL, NULL, &matched), PAYMENTS_OK,
           "signed twice, the old secret configured");
    is_int(verify(header, LIT(BODY), NEW, NULL, NULL, &matched), PAYMENTS_OK,
           "signed twice, the new secret configured");
    is_int(verify(header, LIT(BODY), ELSE, NEW, NULL, &matched),
           PAYMENTS_OK, "signed twice, one of two configured");
    is_int(matched, 1, "which is 1");
    is_int(verify(header, LIT(BODY), OLD, NEW, NULL, &matched),
           PAYMENTS_OK, "signed twice, both configured");
    ok(matched < 2, "which is one of them");

    sprintf(header, "t=" TIME ",v1=%s,v1=x,v1=%s,v0=%s", by_else, by_else,
            by_old);
    is_int(verify(header, LIT(BODY), OLD, NEW, NULL, &matched),
           PAYMENTS_NO_MATCH, "right in v0 is not right");
}


static void
sixteenth(void)
{
    int       i;
    unsigned  matched;
    char      header[PAYMENTS_MAX_HEADER], hex[65], other[65], *p;

    sign(hex, LIT(OLD), LIT(TIME), LIT(BODY));
    sign(other, LIT(NEW), LIT(TIME), LIT(BODY));

    p = header + sprintf(header, "t=" TIME);

    for (i = 1; i < PAYMENTS_MAX_SIGNATURES; i++) {
        p += sprintf(p, ",v1=%s", other);
    }

    sprintf(p, ",v1=%s", hex);

    is_int(verify(header, LIT(BODY), ELSE, OLD, NULL, &matched), PAYMENTS_OK,
           "right in the sixteenth v1");
    is_int(matched, 1, "by the second secret");
}


static void
bodies(void)
{
    int             i;
    size_t          len;
    unsigned        matched;
    unsigned char  *big;
    char            header[256], hex[65];

    sign(hex, LIT(OLD), LIT(TIME), LIT(""));
    sprintf(header, "t=" TIME ",v1=%s", hex);
    is_int(verify(header, LIT(""), OLD, NULL, NULL, &matched),
           PAYMENTS_NO_BODY, "an empty body, rightly signed");

    sign(hex, LIT(OLD), LIT(TIME), LIT("\0"));
    sprintf(header, "t=" TIME ",v1=%s", hex);
    is_int(verify(header, LIT("\0"), OLD, NULL, NULL, &matched),
           PAYMENTS_OK, "a NUL byte");
    is_int(verify(header, LIT("\0\0"), OLD, NULL, NULL, &matched),
           PAYMENTS_NO_MATCH, "is not two");

    /* about the block of SHA-256, and megabytes */

    big = malloc(PAYMENTS_MAX_BODY);

    for (len = 0; len < PAYMENTS_MAX_BODY; len++) {
        big[len] = len * 2654435761u >> 13;
    }

    for (i = 40; i <= 130; i += 9) {
        sign(hex, LIT(OLD), LIT(TIME), bytes(big, i));
        sprintf(header, "t=" TIME ",v1=%s", hex);
        is_int(verify(header, bytes(big, i), OLD, NULL, NULL, &matched),
               PAYMENTS_OK, "%d bytes", i);
    }

    sign(hex, LIT(OLD), LIT(TIME), bytes(big, PAYMENTS_MAX_BODY));
    sprintf(header, "t=" TIME ",v1=%s", hex);
    is_int(verify(header, bytes(big, PAYMENTS_MAX_BODY), OLD, NULL, NULL,
                  &matched),
           PAYMENTS_OK, "the largest body");

    big[PAYMENTS_MAX_BODY - 1] ^= 1;
    is_int(verify(header, bytes(big, PAYMENTS_MAX_BODY), OLD, NULL, NULL,
                  &matched),
           PAYMENTS_NO_MATCH, "a bit of its last byte");

    free(big);
}


/* any other byte, anywhere, and the signature is not right */

static void
flips(void)
{
    size_t    i, len;
    unsigned  matched, x, wrong, tried;
    char      header[256], flipped[256], hex[65], body[] = BODY;

    static const unsigned char  masks[] = { 0x01, 0x80, 0xff, 0x20, 0x10 };

    sign(hex, LIT(OLD), LIT(TIME), LIT(BODY));
    len = sprintf(header, "t=" TIME ",v1=%s", hex);

    wrong = 0;
    tried = 0;

    for (i = 0; i < len; i++) {
        for (x = 0; x < sizeof(masks); x++) {
            strcpy(flipped, header);
            flipped[i] ^= masks[x];

            /* a hex digit may be of either case */

            if (i >= len - 64 && masks[x] == 0x20 && header[i] >= 'a') {
                continue;
            }

            tried++;
            wrong += (verify(flipped, LIT(BODY), OLD, NEW, NULL, &matched)
                      == PAYMENTS_OK);
        }
    }

    is_int(wrong, 0, "%u flips of the header", tried);

    wrong = 0;

    for (i = 0; i < sizeof(body) - 1; i++) {
        for (x = 1; x < 256; x++) {
            body[i] ^= x;
            wrong += (verify(header, bytes(body, sizeof(body) - 1), OLD, NEW,
                             NULL, &matched)
                      != PAYMENTS_NO_MATCH);
            body[i] ^= x;
        }
    }

    is_int(wrong, 0, "flips of the body");

    wrong = 0;

    for (i = 1; i < sizeof(body) - 1; i++) {
        wrong += (verify(header, bytes(body, i), OLD, NEW, NULL, &matched)
                  != PAYMENTS_NO_MATCH);
    }

    is_int(wrong, 0, "prefixes of the body");
    is_int(verify(header, LIT(BODY "\n"), OLD, NULL, NULL, &matched),
           PAYMENTS_NO_MATCH, "a line feed after the body");
    is_int(verify(header, LIT(BODY), OLD, NULL, NULL, &matched),
           PAYMENTS_OK, "the body itself");
}


/* a secret is keyed once and serves many, whatever came between */

static void
reuse(void)
{
    int                   i, wrong;
    unsigned              matched;
    char                  header[256], hex[65], body[64];
    payments_secret_t    *s;
    payments_signature_t  sig;

    s = secret(LIT(OLD));
    wrong = 0;

    for (i = 0; i < 1000; i++) {
        sprintf(body, "{\"id\":\"evt_%d\"}", i);
        sign(hex, i % 3 ? LIT(OLD) : LIT(NEW), LIT(TIME), text(body));
        sprintf(header, "t=" TIME ",v1=%s", hex);

        if (stripe_parse(text(header), &sig) != PAYMENTS_OK) {
            abort();
        }

        wrong += (payments_signature_verify(&sig, &s, 1, text(body), &matched)
                  != (i % 3 ? PAYMENTS_OK : PAYMENTS_NO_MATCH));
    }

    is_int(wrong, 0, "one secret verifies a thousand");

    payments_secret_free(s);
    payments_secret_free(NULL);
}


static void
keys(void)
{
    int                   i, wrong;
    unsigned              matched;
    char                  header[256], hex[65];
    unsigned char         key[PAYMENTS_MAX_SECRET];
    payments_secret_t    *s;
    payments_signature_t  sig;

    wrong = 0;

    for (i = 0; i < PAYMENTS_MAX_SECRET; i++) {
        key[i] = i * 7 + 1;
    }

    /* RFC 2104: longer than a block, the key is hashed first */

    for (i = 1; i <= PAYMENTS_MAX_SECRET; i++) {
        sign(hex, bytes(key, i), LIT(TIME), LIT(BODY));
        sprintf(header, "t=" TIME ",v1=%s", hex);

        if (stripe_parse(text(header), &sig) != PAYMENTS_OK) {
            abort();
        }

        s = secret(bytes(key, i));
        wrong += (payments_signature_verify(&sig, &s, 1, LIT(BODY), &matched)
                  != PAYMENTS_OK);
        payments_secret_free(s);
    }

    is_int(wrong, 0, "keys of 1 to %d bytes", PAYMENTS_MAX_SECRET);
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    known();
    rotation();
    sixteenth();
    bodies();
    flips();
    reuse();
    keys();

    return done_testing();
}
