
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Claims: each way from one state to another, a full table, expiry, copies,
 * and random calls against a model of two plain lists.
 */


#include <time.h>

#include "claims.h"


#define WINDOW  345600
#define LEASE   60000


static int32_t  who;


static payments_claim_t
claim_of(uint32_t i, int32_t owner)
{
    payments_claim_t  claim;

    memset(&claim, 0x5a, sizeof(claim));
    memcpy(claim.id, id_of(i), PAYMENTS_HASH);
    claim.owner = owner;

    return claim;
}


static payments_claim_e
take(payments_claims_t *claims, uint32_t i, int32_t owner, int64_t s,
    int64_t ms)
{
    payments_claim_t  claim;

    who = 0;
    claim = claim_of(i, owner);

    return payments_claims_take(claims, &claim, s, ms, LEASE, &who);
}


static payments_claims_counts_t
counts_of(payments_claims_t *claims)
{
    payments_claims_counts_t  counts;

    payments_claims_counts(claims, &counts);

    return counts;
}


static void
transitions(void)
{
    payments_claim_t    a, b, c;
    payments_claims_t  *t;

    t = claims_new(ROOM(20));
    a = claim_of(1, 100);
    b = claim_of(1, 200);
    c = claim_of(1, 100);

    is_int(payments_claims_take(t, &a, 1000, 5000, LEASE, &who),
           PAYMENTS_CLAIM_OURS, "a new id is ours");
    is_int(a.until, 5000 + LEASE, "for the lease");
    is_int(payments_claims_take(t, &b, 1000, 5001, LEASE, &who),
           PAYMENTS_CLAIM_BUSY, "its twin is busy");
    is_int(who, 100, "with its owner");
    is_int(take(t, 1, 100, 1000, 5001), PAYMENTS_CLAIM_BUSY,
           "for another request of the owner, too");
    is_int(counts_of(t).in_flight, 1, "one in flight");

    b.until = a.until;
    payments_claims_drop(t, &b);
    is_int(take(t, 1, 200, 1000, 5001), PAYMENTS_CLAIM_BUSY,
           "not dropped by another process");
    payments_claims_drop(t, &a);
    is_int(counts_of(t).in_flight, 0, "dropped by its owner");
    is_int(payments_claims_take(t, &b, 1000, 5002, LEASE, &who),
           PAYMENTS_CLAIM_OURS, "and ours again");

    /* the lease */

    is_int(take(t, 1, 300, 1000, 5002 + LEASE - 1), PAYMENTS_CLAIM_BUSY,
           "busy in the last ms of the lease");
    is_int(payments_claims_take(t, &a, 1000, 5002 + LEASE, LEASE, &who),
           PAYMENTS_CLAIM_OURS, "ours when it has run out");
    payments_claims_drop(t, &b);
    is_int(take(t, 1, 300, 1000, 5002 + LEASE), PAYMENTS_CLAIM_BUSY,
           "what was dropped was not the new owner's");
    is_int(payments_claims_take(t, &c, 1000, 5002 + 2 * LEASE, LEASE, &who),
           PAYMENTS_CLAIM_OURS, "taken over from a request of this process");
    payments_claims_drop(t, &a);
    is_int(counts_of(t).in_flight, 1, "which does not drop the new one");

    /* done */

    is_int(payments_claims_done(t, a.id, 1000, WINDOW), 0, "it is done");
    is_int(counts_of(t).in_flight, 0, "and no longer in flight");
    is_int(counts_of(t).done, 1, "but done");
    payments_claims_drop(t, &c);
    is_int(take(t, 1, 300, 1000 + WINDOW - 1, 0), PAYMENTS_CLAIM_DONE,
           "its twin is a duplicate, to the last second");
    is_int(payments_claims_done(t, id_of(1), 1010, WINDOW), 0, "done again");
    is_int(expiry_of(t, 1), 1010 + WINDOW, "and known for longer");
    is_int(payments_claims_done(t, id_of(1), 900, WINDOW), 0,
           "done, when the clock has stepped back");
    is_int(expiry_of(t, 1), 1010 + WINDOW, "and not for shorter");
    is_int(take(t, 1, 300, 1010 + WINDOW, 0), PAYMENTS_CLAIM_OURS,
           "ours after the window");
    is_int(counts_of(t).in_flight, 1, "in flight once more");
    is_int(counts_of(t).done, 0, "and not done");

    is_int(payments_claims_done(t, id_of(2), 1000, WINDOW), 0,
           "done without a claim");
    is_int(take(t, 2, 300, 1000, 0), PAYMENTS_CLAIM_DONE, "is done, too");
    b = claim_of(3, 100);
    payments_claims_take(t, &b, 1000, 5000, INT64_MAX, &who);
    is_int(b.until, 5000 + PAYMENTS_CLAIMS_LEASE, "no lease is longer");
    ok(sound(t), "all links are right");

    free(t);
}


static void
dead_owners(void)
{
    payments_claim_t    a, b;
    payments_claims_t  *t;

    t = claims_new(ROOM(20));
    a = claim_of(1, 100);
    b = claim_of(1, 200);

    is_int(payments_claims_steal(t, &b, 100, 0, LEASE), -1,
           "nothing to take from a dead process");
    take(t, 1, 100, 0, 1000);
    is_int(payments_claims_steal(t, &b, 300, 2000, LEASE), -1,
           "nor from one that is not the owner");
    is_int(payments_claims_steal(t, &b, 100, 2000, LEASE), 0,
           "taken from the owner");
    is_int(b.until, 2000 + LEASE, "for a new lease");
    is_int(payments_claims_steal(t, &a, 100, 2000, LEASE), -1,
           "but once");
    is_int(take(t, 1, 300, 0, 2001), PAYMENTS_CLAIM_BUSY, "busy");
    is_int(who, 200, "by the new owner");

    payments_claims_done(t, id_of(1), 0, WINDOW);
    is_int(payments_claims_steal(t, &b, 200, 2000, LEASE), -1,
           "what is done is nobody's");
    is_int(payments_claims_steal(t, &b, PAYMENTS_NODE_DONE, 2000, LEASE), -1,
           "whatever the pid");

    is_int(counts_of(t).done, 1, "what is done stays");
    ok(sound(t), "all links are right");

    free(t);
}


static void
blocks(void)
{
    char               *mem, *copy;
    size_t              size;
    payments_claims_t  *t;

    size = PAYMENTS_CLAIMS_MIN;
    mem = malloc(size + 8);
    copy = malloc(size);
    memset(mem, 0, size + 8);

    ok(payments_claims_init(mem, size - 1, claims_key) == NULL, "too small");
    ok(payments_claims_init(mem + 4, size, claims_key) == NULL,
       "not aligned");
    ok(payments_claims_attach(mem, size) == NULL, "none is there");

    t = payments_claims_init(mem, size, claims_key);
    ok(t != NULL, "the smallest one");
    ok(counts_of(t).capacity >= 16, "%u ids in it", counts_of(t).capacity);
    is_str(payments_claims_key(t), PAYMENTS_HASH_KEY, claims_key,
           PAYMENTS_HASH_KEY, "it has its key");

    payments_claims_done(t, id_of(7), 0, WINDOW);

    ok(payments_claims_attach(mem, size) == t, "there it is");
    ok(payments_claims_attach(mem, size + 8) == NULL, "not of another size");
    ok(payments_claims_attach(mem, size - 8) == NULL, "not of a smaller one");
    ok(payments_claims_attach(mem, 8) == NULL, "not of no size");

    memcpy(copy, mem, size);
    free(mem);
    t = payments_claims_attach(copy, size);
    ok(t != NULL && take(t, 7, 1, 0, 0) == PAYMENTS_CLAIM_DONE,
       "at another address");

    t->layout++;
    ok(payments_claims_attach(copy, size) == NULL, "not of another layout");
    t->layout--;
    t->capacity--;
    ok(payments_claims_attach(copy, size) == NULL, "not of a wrong capacity");
    t->capacity++;
    t->magic[7] = 'S';
    ok(payments_claims_attach(copy, size) == NULL, "not of another kind");

    free(copy);
}


static void
smallest(void)
{
    unsigned                   i, wrong, cap;
    payments_claims_t         *t;
    payments_claims_counts_t   counts;

    t = claims_new(PAYMENTS_CLAIMS_MIN);
    cap = counts_of(t).capacity;
    wrong = 0;

    /* five stay in flight all the time */

    for (i = 0; i < 5; i++) {
        take(t, i, 42, 1000, 1000);
    }

    for (i = 5; i < 10000; i++) {
        wrong += take(t, i, 43, 1000 + i, 1000) != PAYMENTS_CLAIM_OURS;
        wrong += payments_claims_done(t, id_of(i), 1000 + i, WINDOW) != 0;
        wrong += take(t, i, 43, 1000 + i, 1000) != PAYMENTS_CLAIM_DONE;
        wrong += take(t, i % 5, 43, 1000 + i, 1000) != PAYMENTS_CLAIM_BUSY;
    }

    counts = counts_of(t);
    is_int(wrong, 0, "10,000 ids in a table of %u", cap);
    is_int(counts.in_flight, 5, "what is in flight stays");
    is_int(counts.done, cap - 5, "and the last ones that were done");
    is_int(counts.evicted, 9995 - (cap - 5), "the others had to go");
    is_int(counts.full, 0, "there was always room");

    for (i = 10000 - (cap - 5), wrong = 0; i < 10000; i++) {
        wrong += expiry_of(t, i) != 1000 + i + WINDOW;
    }

    is_int(wrong, 0, "the oldest went first");

    /* all in flight */

    for (i = 20000; i < 20000 + cap - 5; i++) {
        wrong += take(t, i, 43, 11000, 1000) != PAYMENTS_CLAIM_OURS;
    }

    is_int(wrong, 0, "the whole table can be in flight");
    is_int(counts_of(t).in_flight, cap, "and is");
    is_int(take(t, 30000, 43, 11000, 1000), PAYMENTS_CLAIM_OURS,
           "one more is not refused");
    is_int(take(t, 30000, 43, 11000, 1000), PAYMENTS_CLAIM_OURS,
           "and cannot be known");
    is_int(counts_of(t).full, 2, "which is counted");
    is_int(payments_claims_done(t, id_of(30000), 11000, WINDOW), -1,
           "nor be done");
    is_int(counts_of(t).full, 3, "which is counted, too");
    is_int(take(t, 20000, 44, 11000, 1000), PAYMENTS_CLAIM_BUSY,
           "none in flight had to go");

    payments_claims_done(t, id_of(20000), 11000, WINDOW);
    is_int(payments_claims_done(t, id_of(30000), 11001, WINDOW), 0,
           "room for it when one is done");
    is_int(take(t, 30000, 43, 11001, 1000), PAYMENTS_CLAIM_DONE,
           "it is known");
    is_int(take(t, 0, 43, 11001, 1000 + LEASE), PAYMENTS_CLAIM_OURS,
           "and when a lease is over");
    ok(sound(t), "all links are right");

    free(t);
}


static void
expiry(void)
{
    unsigned            i, wrong;
    payments_claims_t  *t;

    t = claims_new(ROOM(100));

    for (i = 0; i < 100; i++) {
        payments_claims_done(t, id_of(i), i, 1000);
    }

    /* of 100, 50 have expired: two go for each that comes */

    for (i = 100; i < 125; i++) {
        payments_claims_done(t, id_of(i), 1049, 1000);
    }

    is_int(counts_of(t).done, 100 - 50 + 25, "expired ids make room");
    is_int(counts_of(t).evicted, 0, "and none had to go before its time");

    for (i = 50, wrong = 0; i < 125; i++) {
        wrong += take(t, i, 1, 1049, 0) != PAYMENTS_CLAIM_DONE;
    }

    is_int(wrong, 0, "all of the others are known");

    /* clocks that step back, and windows without end */

    is_int(payments_claims_done(t, id_of(200), 10, 1000), 0,
           "done, and the clock is back");
    is_int(take(t, 200, 1, 11, 0), PAYMENTS_CLAIM_DONE, "known");
    is_int(payments_claims_done(t, id_of(201), 10, INT64_MAX), 0,
           "a window without end");
    is_int(take(t, 201, 1, INT64_MAX - 1, 0), PAYMENTS_CLAIM_DONE,
           "is one");
    is_int(payments_claims_done(t, id_of(202), 10, INT64_MIN), 0,
           "a negative window");
    is_int(take(t, 202, 1, 10, 0), PAYMENTS_CLAIM_OURS, "is none");

    is_int(take(t, 300, 1, 11, 5000000000), PAYMENTS_CLAIM_OURS,
           "a claim before the monotonic clock steps back");
    is_int(take(t, 300, 2, 11, 1000), PAYMENTS_CLAIM_OURS,
           "is not for ever");
    is_int(take(t, 301, 1, 11, INT64_MAX), PAYMENTS_CLAIM_OURS,
           "at the end of time");
    is_int(take(t, 301, 2, 11, INT64_MIN), PAYMENTS_CLAIM_OURS,
           "and at its beginning");
    ok(sound(t), "all links are right");

    free(t);
}


static void
copies(void)
{
    unsigned            i, k, wrong;
    payments_done_t     done;
    payments_claims_t  *small, *big, *other, *t;

    big = claims_new(ROOM(100));
    small = claims_new(ROOM(30));

    /* 10 have expired by 1010, one is in flight */

    for (i = 0; i < 60; i++) {
        payments_claims_done(big, id_of(i), i, 1001);
    }

    take(big, 60, 42, 0, 1000);

    is_int(payments_claims_copy(small, big, 1010), 20,
           "30 of 50 fit into a smaller one");

    for (i = 0, wrong = 0; i < 100; i++) {
        wrong += expiry_of(small, i)
                 != (i >= 30 && i < 60 ? i + INT64_C(1001) : -1);
    }

    is_int(wrong, 0, "the youngest, with their expiry");
    is_int(counts_of(small).in_flight, 0, "and no claims");
    is_int(counts_of(big).done, 60, "they are still where they were");
    ok(sound(small), "all links are right");

    free(big);
    big = claims_new(ROOM(200));

    is_int(payments_claims_copy(big, small, 1010), 0,
           "all fit into a larger one");
    is_int(counts_of(big).done, 30, "30");

    for (i = 100; i < 270; i++) {
        payments_claims_done(big, id_of(i), 1010, 1000);
    }

    is_int(counts_of(big).evicted, 0, "up to 200");
    payments_claims_done(big, id_of(270), 1010, 1000);
    is_int(expiry_of(big, 30), -1, "then the oldest goes");
    is_int(expiry_of(big, 31), 31 + 1001, "and no other");

    /* no room at all */

    t = claims_new(ROOM(20));

    for (i = 0; i < 20; i++) {
        take(t, 1000 + i, 42, 1010, 1000);
    }

    is_int(payments_claims_copy(t, small, 1010), 30, "all in flight");
    is_int(counts_of(t).in_flight, 20, "and that stays so");
    free(t);

    /* what is claimed is not overwritten by what is loaded */

    t = claims_new(ROOM(100));
    take(t, 40, 42, 1010, 1000);
    is_int(payments_claims_copy(t, small, 1010), 0, "29 and one in flight");
    is_int(take(t, 40, 43, 1010, 1000), PAYMENTS_CLAIM_BUSY, "which stays");
    done = done_id(41, 5000);
    payments_claims_load(t, &done, 1010);
    is_int(expiry_of(t, 41), 5000, "loaded again, with the later expiry");
    done = done_id(41, 4000);
    payments_claims_load(t, &done, 1010);
    is_int(expiry_of(t, 41), 5000, "which stays");
    done = done_id(99, 1010);
    payments_claims_load(t, &done, 1010);
    is_int(expiry_of(t, 99), -1, "not loaded when it has expired");
    free(t);

    /* another key */

    other = malloc(ROOM(100));
    other = payments_claims_init(other, ROOM(100),
                                 (const unsigned char *) "another key 1234");
    is_int(payments_claims_copy(other, small, 1010), 30,
           "ids of another key are worth nothing");
    is_int(counts_of(other).done, 0, "and not copied");

    /* sorted */

    free(other);
    other = claims_new(ROOM(64));

    for (i = 0; i < 64; i++) {
        k = i * 37 % 64;
        done = done_id(k, 2000 + k / 2);
        payments_claims_load(other, &done, 1010);
    }

    payments_claims_sort(other);

    for (i = 64, wrong = 0; i < 128; i++) {
        wrong += counts_of(other).done != 64;
        payments_claims_done(other, id_of(i), 1010, 5000);

        if (i % 2) {
            wrong += expiry_of(other, i - 64) != -1;
            wrong += expiry_of(other, i - 65) != -1;
            wrong += (i < 127 && expiry_of(other, i - 63) == -1);
        }
    }

    is_int(wrong, 0, "sorted: they go by their expiry");
    ok(sound(other), "all links are right");

    free(other);
    free(small);
    free(big);
}


static void
lists(void)
{
    size_t              i, n;
    uint32_t            cursor;
    unsigned            seen[200], wrong;
    payments_done_t     done[7];
    payments_claims_t  *t;

    t = claims_new(ROOM(200));
    memset(seen, 0, sizeof(seen));

    for (i = 0; i < 150; i++) {
        take(t, i, 42, 0, 1000);

        if (i % 3) {
            payments_claims_done(t, id_of(i), i, 1000);
        }
    }

    cursor = 0;

    /* others come and go between the calls */

    do {
        n = payments_claims_list(t, &cursor, done, 7, 1000);

        for (i = 0; i < n; i++) {
            seen[number_of(done[i].id)]++;
            seen[number_of(done[i].id)] +=
                2 * (done[i].expiry != number_of(done[i].id) + 1000);
        }

        take(t, 1000 + cursor, 42, 0, 1000);
    } while (n != 0);

    for (i = 0, wrong = 0; i < 200; i++) {
        wrong += seen[i] != (i < 150 && i % 3 && i > 0);
    }

    is_int(wrong, 0, "each that is done is listed once");

    free(t);
}


/*
 * The model: two plain lists, in order.  Two of the oldest done ids go with
 * each new id, when they have expired, and two of the oldest claims with each
 * try to claim.
 */

#define CAP  40
#define IDS  120

typedef struct {
    uint32_t  id;
    int32_t   owner;
    int64_t   time;
} entry_t;


typedef struct {
    entry_t   flight[CAP];
    entry_t   done[CAP];
    unsigned  nf;
    unsigned  nd;
    uint64_t  evicted;
    uint64_t  full;
} model_t;


static void
cut(entry_t *list, unsigned *n, unsigned i)
{
    memmove(list + i, list + i + 1, (*n - i - 1) * sizeof(entry_t));
    (*n)--;
}


static int
seek(entry_t *list, unsigned n, uint32_t id)
{
    unsigned  i;

    for (i = 0; i < n; i++) {
        if (list[i].id == id) {
            return i;
        }
    }

    return -1;
}


static int
model_room(model_t *m, int64_t s)
{
    unsigned  i;

    for (i = 0; i < 2; i++) {
        if (m->nd && m->done[0].time <= s) {
            cut(m->done, &m->nd, 0);
        }
    }

    if (m->nd + m->nf < CAP) {
        return 1;
    }

    if (m->nd == 0) {
        m->full++;
        return 0;
    }

    m->evicted += m->done[0].time > s;
    cut(m->done, &m->nd, 0);

    return 1;
}


static payments_claim_e
model_take(model_t *m, uint32_t id, int32_t owner, int64_t s, int64_t ms,
    int64_t lease)
{
    int       i;
    unsigned  k;

    for (k = 0; k < 2; k++) {
        if (m->nf && m->flight[0].time <= ms) {
            cut(m->flight, &m->nf, 0);
        }
    }

    i = seek(m->done, m->nd, id);

    if (i != -1) {
        if (m->done[i].time > s) {
            return PAYMENTS_CLAIM_DONE;
        }

        cut(m->done, &m->nd, i);

    } else {
        i = seek(m->flight, m->nf, id);

        if (i != -1) {
            if (m->flight[i].time > ms) {
                return PAYMENTS_CLAIM_BUSY;
            }

            cut(m->flight, &m->nf, i);

        } else if (!model_room(m, s)) {
            return PAYMENTS_CLAIM_OURS;
        }
    }

    m->flight[m->nf].id = id;
    m->flight[m->nf].owner = owner;
    m->flight[m->nf++].time = ms + lease;

    return PAYMENTS_CLAIM_OURS;
}


static int
model_done(model_t *m, uint32_t id, int64_t s, int64_t window)
{
    int      i;
    int64_t  time;

    time = s + window;
    i = seek(m->done, m->nd, id);

    if (i != -1) {
        time = m->done[i].time > time ? m->done[i].time : time;
        cut(m->done, &m->nd, i);

    } else {
        i = seek(m->flight, m->nf, id);

        if (i != -1) {
            cut(m->flight, &m->nf, i);

        } else if (!model_room(m, s)) {
            return -1;
        }
    }

    m->done[m->nd].id = id;
    m->done[m->nd++].time = time;

    return 0;
}


static void
random_calls(void)
{
    int                        i, same;
    int32_t                    owner;
    int64_t                    s, ms, lease;
    uint32_t                   id;
    uint64_t                   r;
    unsigned                   n, k, wrong;
    payments_claim_e           rc;
    payments_claim_t           claim, held[IDS];
    payments_claims_t         *t;
    payments_claims_counts_t   c;

    static model_t  m;

    t = claims_new(ROOM(CAP));
    memset(held, 0, sizeof(held));
    s = 100000;
    ms = 1;
    same = 1;

    for (n = 0; n < 200000 && same; n++) {
        r = mixed(n);
        id = r % IDS;
        owner = 1 + (r >> 8) % 3;
        lease = 1 + (r >> 16) % 300;

        /* by turns all in flight and all done, and back in time */

        ms += (n / 1000 % 3 == 0) ? 0 : (r >> 24) % 3;
        s += (int64_t) ((r >> 32) % 5) - ((r >> 35) % 64 == 0 ? 20 : 1);

        switch ((r >> 44) % 8) {

        case 0:
        case 1:
        case 2:
            claim = claim_of(id, owner);
            who = 0;
            rc = payments_claims_take(t, &claim, s, ms, lease, &who);
            same = rc == model_take(&m, id, owner, s, ms, lease);

            if (rc == PAYMENTS_CLAIM_BUSY) {
                i = seek(m.flight, m.nf, id);
                same = same && i != -1 && m.flight[i].owner == who;

            } else if (rc == PAYMENTS_CLAIM_OURS) {
                held[id] = claim;
            }

            break;

        case 3:
        case 4:
            same = payments_claims_done(t, id_of(id), s, 100 + lease)
                   == model_done(&m, id, s, 100 + lease);
            break;

        case 5:
            if (held[id].owner == 0) {
                break;
            }

            payments_claims_drop(t, &held[id]);
            i = seek(m.flight, m.nf, id);

            if (i != -1 && m.flight[i].owner == held[id].owner
                && m.flight[i].time == held[id].until)
            {
                cut(m.flight, &m.nf, i);
            }

            break;

        case 6:
            claim = claim_of(id, owner);
            i = seek(m.flight, m.nf, id);
            same = payments_claims_steal(t, &claim, 2, ms, lease)
                   == (i != -1 && m.flight[i].owner == 2 ? 0 : -1);

            if (i != -1 && m.flight[i].owner == 2) {
                cut(m.flight, &m.nf, i);
                m.flight[m.nf].id = id;
                m.flight[m.nf].owner = owner;
                m.flight[m.nf++].time = ms + lease;
                held[id] = claim;
            }

            break;

        default:
            break;
        }

        c = counts_of(t);
        same = same && c.in_flight == m.nf && c.done == m.nd
               && c.evicted == m.evicted && c.full == m.full
               && c.repaired == 0;

        if (n % 64 == 0) {
            same = same && sound(t);
        }
    }

    ok(same, "200,000 random calls (%u)", n);
    ok(m.evicted > 1000 && m.full > 1000,
       "of which %" PRIu64 " evicted an id and %" PRIu64 " had no room",
       m.evicted, m.full);

    for (k = 0, wrong = 0; k < m.nd; k++) {
        wrong += expiry_of(t, m.done[k].id) != m.done[k].time;
    }

    is_int(wrong, 0, "the same ids are known at the end, to the same time");

    free(t);
}


static double
seconds(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec + ts.tv_nsec / 1e9;
}


static void
million(void)
{
    double              start, spent;
    uint32_t            i, wrong;
    payments_claims_t  *t;

    t = claims_new((size_t) 64 * 1024 * 1024);
    ok(counts_of(t).capacity >= 1000000, "64 MB hold %u ids",
       counts_of(t).capacity);

    start = seconds();

    for (i = 0, wrong = 0; i < 1000000; i++) {
        wrong += take(t, i, 42, 1000, 1000) != PAYMENTS_CLAIM_OURS;
        wrong += payments_claims_done(t, id_of(i), 1000, WINDOW) != 0;
    }

    spent = seconds() - start;

    is_int(counts_of(t).done, 1000000, "a million ids are done");

    for (i = 0; i < 1000000; i++) {
        wrong += take(t, i, 42, 1000, 1000) != PAYMENTS_CLAIM_DONE;
    }

    is_int(wrong, 0, "and known");
    is_int(counts_of(t).evicted + counts_of(t).repaired, 0, "none had to go");
    diag("%.2f us for an id, take and done", spent);
    ok(spent < 60, "in linear time");

    start = seconds();
    payments_table_repair(t);
    diag("%.2f s for a repair", seconds() - start);
    is_int(counts_of(t).done, 1000000, "all survive a repair");

    free(t);
}


int
main(void)
{
    transitions();
    dead_owners();
    blocks();
    smallest();
    expiry();
    copies();
    lists();
    random_calls();
    million();

    return done_testing();
}
