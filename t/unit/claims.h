
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Tables of claims for a test, numbered ids, and whether all links are right.
 */


#ifndef _CLAIMS_H_INCLUDED_
#define _CLAIMS_H_INCLUDED_


#include "payments_claims_table.h"
#include "unit.h"


/* the block for a number of ids, by the sizes that the header promises */

#define ROOM(ids)  ((size_t) PAYMENTS_CLAIMS_HEADER + 8 + 44 * (size_t) (ids))


static const unsigned char  claims_key[PAYMENTS_HASH_KEY] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
};


static inline payments_claims_t *
claims_new(size_t size)
{
    void               *mem;
    payments_claims_t  *claims;

    /* of its very size, and not of zeros */

    mem = malloc(size);
    if (mem == NULL) {
        abort();
    }

    memset(mem, 0x5a, size);

    claims = payments_claims_init(mem, size, claims_key);
    if (claims == NULL) {
        abort();
    }

    return claims;
}


/* splitmix64: http://prng.di.unimi.it/splitmix64.c; as good as the hash */

static inline uint64_t
mixed(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);

    return x ^ (x >> 31);
}


/* of the number i, valid until the call after the next */

static inline unsigned char *
id_of(uint32_t i)
{
    uint64_t  half[2];

    static unsigned       turn;
    static unsigned char  ids[2][PAYMENTS_HASH];

    turn = !turn;
    half[0] = mixed(i);
    half[1] = i;
    memcpy(ids[turn], half, PAYMENTS_HASH);

    return ids[turn];
}


static inline uint32_t
number_of(const unsigned char *id)
{
    uint64_t  i;

    memcpy(&i, id + 8, 8);

    return i;
}


static inline payments_done_t
done_id(uint32_t i, int64_t expiry)
{
    payments_done_t  done;

    memcpy(done.id, id_of(i), PAYMENTS_HASH);
    done.expiry = expiry;

    return done;
}


/* the expiry of a done id, or -1 */

static inline int64_t
expiry_of(payments_claims_t *claims, uint32_t i)
{
    uint32_t         ref;
    payments_node_t *node;

    for (ref = 1; ref <= claims->used; ref++) {
        node = payments_table_node(claims, ref);

        if (memcmp(node->id, id_of(i), PAYMENTS_HASH) == 0
            && node->state == PAYMENTS_NODE_DONE)
        {
            return node->time;
        }
    }

    return -1;
}


/* nodes of a list whose links are right, or -1 */

static inline int64_t
list_sound(payments_claims_t *claims, payments_node_list_t *list, int done)
{
    uint32_t          n, ref, last;
    payments_node_t  *node;

    n = 0;
    last = 0;

    for (ref = list->first; ref != 0; ref = node->next) {

        if (ref > claims->used || n++ == claims->used) {
            return -1;
        }

        node = payments_table_node(claims, ref);

        if (node->prev != last || (done ? node->state != PAYMENTS_NODE_DONE
                                        : node->state <= 0))
        {
            return -1;
        }

        last = ref;
    }

    return (last == list->last && n == list->count) ? (int64_t) n : -1;
}


static inline int
sound(payments_claims_t *claims)
{
    int64_t           flight, done;
    uint32_t          i, n, ref, *bucket, *link;
    payments_node_t  *node;

    flight = list_sound(claims, &claims->flight, 0);
    done = list_sound(claims, &claims->done, 1);

    if (flight == -1 || done == -1 || claims->busy) {
        diag("lists: %" PRId64 ", %" PRId64 ", busy %u", flight, done,
             claims->busy);
        return 0;
    }

    bucket = payments_table_buckets(claims);

    for (i = 0, n = 0; i < claims->capacity; i++) {
        for (ref = bucket[i]; ref != 0; ref = node->chain) {

            if (ref > claims->used || n++ == claims->used) {
                diag("chain %u", i);
                return 0;
            }

            node = payments_table_node(claims, ref);

            if (payments_table_search(claims, node->id,
                                      PAYMENTS_CLAIMS_CHAIN, &link)
                != node)
            {
                diag("node %u is not found", ref);
                return 0;
            }
        }
    }

    if (n != flight + done) {
        diag("%u nodes in chains, %" PRId64 " in lists", n, flight + done);
        return 0;
    }

    for (ref = claims->free; ref != 0; ref = node->next) {

        if (ref > claims->used || n++ == claims->used) {
            diag("free list");
            return 0;
        }

        node = payments_table_node(claims, ref);

        if (node->state != PAYMENTS_NODE_FREE) {
            diag("free node %u has state %d", ref, node->state);
            return 0;
        }
    }

    if (n != claims->used || n > claims->capacity) {
        diag("%u nodes of %u of %u", n, claims->used, claims->capacity);
        return 0;
    }

    return 1;
}


#endif /* _CLAIMS_H_INCLUDED_ */
