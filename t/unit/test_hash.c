
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The keyed hash against SipHash as its paper has it, which is held against
 * the reference's vectors; and parts that must not run into each other.
 */


#include "payments_hash.h"
#include "unit.h"


#define ROTL(x, n)  ((x) << (n) | (x) >> (64 - (n)))


typedef struct {
    size_t         len;
    unsigned char  digest[PAYMENTS_HASH];
} vector_t;


/* https://github.com/veorq/SipHash/blob/master/vectors.h, vectors_sip128 */

static const vector_t  vectors[] = {
    { 0, { 0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6,
           0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93 } },
    { 1, { 0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44,
           0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45 } },
    { 7, { 0xa1, 0xf1, 0xeb, 0xbe, 0xd8, 0xdb, 0xc1, 0x53,
           0xc0, 0xb8, 0x4a, 0xa6, 0x1f, 0xf0, 0x82, 0x39 } },
    { 8, { 0x3b, 0x62, 0xa9, 0xba, 0x62, 0x58, 0xf5, 0x61,
           0x0f, 0x83, 0xe2, 0x64, 0xf3, 0x14, 0x97, 0xb4 } },
    { 15, { 0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11,
            0x7e, 0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3, 0xd9 } },
    { 63, { 0x51, 0x50, 0xd1, 0x77, 0x2f, 0x50, 0x83, 0x4a,
            0x50, 0x3e, 0x06, 0x9a, 0x97, 0x3f, 0xbd, 0x7c } }
};


static uint64_t
word(const unsigned char *p, size_t n)
{
    uint64_t  w;

    for (w = 0; n != 0; n--) {
        w = w << 8 | p[n - 1];
    }

    return w;
}


static void
rounds(uint64_t v[4], unsigned n)
{
    while (n--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = ROTL(v[1], 13) ^ v[0];
        v[3] = ROTL(v[3], 16) ^ v[2];
        v[0] = ROTL(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = ROTL(v[1], 17) ^ v[2];
        v[3] = ROTL(v[3], 21) ^ v[0];
        v[2] = ROTL(v[2], 32);
    }
}


static void
siphash(const unsigned char *key, const unsigned char *p, size_t len,
    unsigned char *digest)
{
    size_t    left;
    uint64_t  m, h, v[4];
    unsigned  i;

    v[0] = word(key, 8) ^ UINT64_C(0x736f6d6570736575);
    v[1] = word(key + 8, 8) ^ UINT64_C(0x646f72616e646f6d) ^ 0xee;
    v[2] = word(key, 8) ^ UINT64_C(0x6c7967656e657261);
    v[3] = word(key + 8, 8) ^ UINT64_C(0x7465646279746573);

    for (left = len; ; left -= 8, p += 8) {
        m = (left >= 8) ? word(p, 8) : word(p, left) | (uint64_t) len << 56;

        v[3] ^= m;
        rounds(v, 2);
        v[0] ^= m;

        if (left < 8) {
            break;
        }
    }

    v[2] ^= 0xee;
    h = 0;

    for (i = 0; i < PAYMENTS_HASH; i++) {

        if (i % 8 == 0) {
            rounds(v, 4);
            h = v[0] ^ v[1] ^ v[2] ^ v[3];
            v[1] ^= 0xdd;
        }

        digest[i] = h >> 8 * (i % 8);
    }
}


static void
digest_of(payments_hash_t *hash, payments_str_t a, payments_str_t b,
    unsigned char *digest)
{
    payments_str_t  parts[2];

    parts[0] = a;
    parts[1] = b;

    memset(digest, 0x5a, PAYMENTS_HASH);

    if (payments_hash_digest(hash, parts, 2, digest) != 0) {
        abort();
    }
}


int
main(void)
{
    size_t            i, k;
    unsigned          same;
    payments_hash_t  *hash, *other;
    payments_str_t    part;
    unsigned char     key[PAYMENTS_HASH_KEY], data[64], framed[64 + 16];
    unsigned char     a[PAYMENTS_HASH], b[PAYMENTS_HASH];

    for (i = 0; i < sizeof(data); i++) {
        data[i] = i;
        key[i % sizeof(key)] = i % sizeof(key);
    }

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        siphash(key, data, vectors[i].len, a);
        is_str(a, sizeof(a), vectors[i].digest, sizeof(a),
               "the test's own SipHash of %zu bytes", vectors[i].len);
    }

    hash = payments_hash_create(key);
    if (hash == NULL) {
        abort();
    }

    for (i = 0, same = 0; i < sizeof(data); i++) {
        memset(framed, 0, 8);
        framed[0] = i;
        memcpy(framed + 8, data, i);
        siphash(key, framed, 8 + i, b);

        part = boxed(bytes(data, i));
        payments_hash_digest(hash, &part, 1, a);
        unbox(part);
        same += memcmp(a, b, sizeof(a)) == 0;
    }

    is_int(same, sizeof(data), "one part is its length and itself");

    for (i = 0, same = 0; i < 32; i++) {
        k = 32 - i;
        memset(framed, 0, sizeof(framed));
        framed[0] = i;
        memcpy(framed + 8, data, i);
        framed[8 + i] = k;
        memcpy(framed + 16 + i, data + i, k);
        siphash(key, framed, 16 + i + k, b);

        digest_of(hash, bytes(data, i), bytes(data + i, k), a);
        same += memcmp(a, b, sizeof(a)) == 0;
    }

    is_int(same, 32, "two parts are two of these");

    digest_of(hash, LIT("stripe"), LIT("evt_1"), a);
    digest_of(hash, LIT("stripee"), LIT("vt_1"), b);
    ok(memcmp(a, b, sizeof(a)) != 0, "parts do not run into each other");
    digest_of(hash, LIT("stripe"), LIT("evt_1"), b);
    ok(memcmp(a, b, sizeof(a)) == 0, "each digest begins anew");

    key[15]++;
    other = payments_hash_create(key);
    digest_of(other, LIT("stripe"), LIT("evt_1"), b);
    ok(memcmp(a, b, sizeof(a)) != 0, "another key, another digest");
    digest_of(hash, LIT("stripe"), LIT("evt_1"), b);
    ok(memcmp(a, b, sizeof(a)) == 0, "and two keys at once");

    is_int(payments_hash_digest(hash, NULL, 0, a), 0, "no parts");
    siphash((const unsigned char *) "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17",
            data, 0, b);
    is_str(a, sizeof(a), b, sizeof(b), "are the hash of nothing");

    payments_hash_free(other);
    payments_hash_free(hash);
    payments_hash_free(NULL);

    return done_testing();
}
