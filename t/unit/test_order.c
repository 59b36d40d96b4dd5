
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Whose turn it is: by cases, and against a model that looks at all items.
 */


#include "payments_order.h"
#include "unit.h"


/* LDFLAGS: -Wl,--wrap=calloc */

#define MAX  64


typedef struct {
    char              name;
    payments_turn_t   turn;
} item_t;


static int  granted = -1;  /* allocations until one fails, or -1 */


void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);


void *
__wrap_calloc(size_t n, size_t size)
{
    if (granted >= 0 && granted-- == 0) {
        return NULL;
    }

    return __real_calloc(n, size);
}


static payments_order_t *
create(unsigned max)
{
    payments_order_t  *order;

    order = payments_order_create(max, 42);
    if (order == NULL) {
        abort();
    }

    return order;
}


static item_t *
item_of(payments_turn_t *turn)
{
    return turn == NULL ? NULL
           : (item_t *) ((char *) turn - offsetof(item_t, turn));
}


static void
add(payments_order_t *order, item_t *item, char name, const char *token,
    int64_t created)
{
    payments_str_t  box;

    /* what was there before does not count, and the token may go */

    memset(item, 0x5a, sizeof(item_t));
    item->name = name;

    box = boxed(text(token));
    is_int(payments_order_add(order, &item->turn, box, created), 0,
           "%c is added: \"%s\", %" PRId64, name, token, created);
    unbox(box);
}


/* '-' for none */

static item_t *
next_is(payments_order_t *order, int64_t now, char expected)
{
    char     name;
    item_t  *item;

    item = item_of(payments_order_next(order, now));
    name = (item != NULL) ? item->name : '-';

    ok(name == expected, "at %" PRId64 " it is the turn of %c (%c)", now,
       expected, name);

    return item;
}


static void
done(payments_order_t *order, item_t *item)
{
    payments_order_done(order, &item->turn);
}


static void
one_token(void)
{
    item_t             a, b, c, d;
    payments_order_t  *order;

    order = create(8);

    next_is(order, 0, '-');
    is_int(payments_order_wait(order, 0), -1, "nothing to wait for");

    add(order, &a, 'a', "t", 30);
    add(order, &b, 'b', "t", 10);
    add(order, &c, 'c', "t", 20);
    add(order, &d, 'd', "t", 10);

    is_int(payments_order_wait(order, 0), 0, "one may go");
    next_is(order, 0, 'b');
    next_is(order, 0, '-');
    is_int(payments_order_wait(order, 0), -1, "none may while one is away");

    done(order, &b);
    is_int(payments_order_wait(order, 0), 0, "the next one may");
    next_is(order, 0, 'd');
    done(order, &d);
    next_is(order, 0, 'c');

    /* one that comes while another is away */

    add(order, &b, 'B', "t", 5);
    next_is(order, 0, '-');
    done(order, &c);
    next_is(order, 0, 'B');
    done(order, &b);
    next_is(order, 0, 'a');
    done(order, &a);

    next_is(order, 0, '-');
    is_int(payments_order_wait(order, 0), -1, "all are over");

    /* before the epoch, and the ends of time */

    add(order, &a, 'a', "t", INT64_MAX);
    add(order, &b, 'b', "t", INT64_MIN);
    add(order, &c, 'c', "t", -1);
    done(order, next_is(order, 0, 'b'));
    done(order, next_is(order, 0, 'c'));
    done(order, next_is(order, 0, 'a'));

    payments_order_free(order);
}


static void
tokens(void)
{
    item_t             a, b, c, d, e, f;
    payments_order_t  *order;

    order = create(8);

    /* one after the other, though the first one has more of them */

    add(order, &a, 'a', "t", 1);
    add(order, &b, 'b', "t", 2);
    add(order, &c, 'c', "u", 0);
    add(order, &d, 'd', "", 0);
    add(order, &e, 'e', "", 0);

    next_is(order, 0, 'a');
    next_is(order, 0, 'c');
    next_is(order, 0, 'd');
    next_is(order, 0, 'e');
    next_is(order, 0, '-');

    /* "t" queues up behind those that are ready */

    add(order, &f, 'f', "v", 9);
    done(order, &a);
    next_is(order, 0, 'f');
    next_is(order, 0, 'b');

    done(order, &e);
    done(order, &d);
    done(order, &c);
    done(order, &b);
    done(order, &f);

    /* a token that was away is one like any other */

    add(order, &a, 'a', "t", 2);
    add(order, &b, 'b', "t", 1);
    next_is(order, 0, 'b');
    next_is(order, 0, '-');
    done(order, &b);
    done(order, next_is(order, 0, 'a'));

    /* a NUL, and a token that begins as another does */

    is_int(payments_order_add(order, &a.turn, LIT("t\0a"), 0), 0, "t, NUL, a");
    is_int(payments_order_add(order, &b.turn, LIT("t\0b"), 0), 0, "t, NUL, b");
    add(order, &c, 'c', "t", 0);
    ok(payments_order_next(order, 0) == &a.turn, "the first");
    ok(payments_order_next(order, 0) == &b.turn, "the second");
    ok(payments_order_next(order, 0) == &c.turn, "the third");

    payments_order_free(order);
}


static void
sleeping(void)
{
    item_t             a, b, c, d;
    payments_order_t  *order;

    order = create(8);

    add(order, &a, 'a', "t", 10);
    add(order, &b, 'b', "t", 10);
    next_is(order, 100, 'a');
    payments_order_sleep(order, &a.turn, 200);

    next_is(order, 100, '-');
    is_int(payments_order_wait(order, 100), 100, "100 ms to go");
    is_int(payments_order_wait(order, 199), 1, "1 ms to go");
    next_is(order, 199, '-');
    is_int(payments_order_wait(order, 200), 0, "it may go");
    is_int(payments_order_wait(order, 300), 0, "still");

    /* the first of its created, as before */

    next_is(order, 200, 'a');
    payments_order_sleep(order, &a.turn, 300);

    /* an earlier one goes before it, but wakes nobody */

    add(order, &c, 'c', "t", 9);
    add(order, &d, 'd', "u", 0);
    is_int(payments_order_wait(order, 200), 0, "another token may go");
    next_is(order, 200, 'd');
    next_is(order, 299, '-');
    is_int(payments_order_wait(order, 299), 1, "1 ms to go");

    next_is(order, 300, 'c');
    next_is(order, 300, '-');
    done(order, &c);
    next_is(order, 300, 'a');
    done(order, &a);
    next_is(order, 300, 'b');

    /* as they wake, not as they fell asleep; after those that are ready */

    add(order, &a, 'a', "v", 0);
    add(order, &c, 'c', "w", 0);
    next_is(order, 300, 'a');
    next_is(order, 300, 'c');
    payments_order_sleep(order, &b.turn, 420);
    payments_order_sleep(order, &d.turn, 410);
    payments_order_sleep(order, &a.turn, 410);
    done(order, &c);
    add(order, &c, 'c', "w", 0);

    is_int(payments_order_wait(order, 300), 0, "one may go");
    next_is(order, 500, 'c');
    next_is(order, 500, 'd');
    next_is(order, 500, 'a');
    next_is(order, 500, 'b');
    next_is(order, 500, '-');

    /* until a time that has gone, and alone */

    done(order, &a);
    done(order, &b);
    done(order, &c);
    payments_order_sleep(order, &d.turn, 400);
    is_int(payments_order_wait(order, 500), 0, "at once");
    next_is(order, 500, 'd');
    payments_order_sleep(order, &d.turn, INT64_MAX);
    is_int(payments_order_wait(order, 500), INT64_MAX - 500, "for ever");

    payments_order_free(order);
}


static void
limits(void)
{
    item_t             a, b, c, d;
    unsigned           i;
    payments_order_t  *order;

    order = create(3);

    is_int(payments_order_full(order), 0, "there is room");
    add(order, &a, 'a', "t", 1);
    add(order, &b, 'b', "", 1);
    is_int(payments_order_full(order), 0, "and still");
    add(order, &c, 'c', "", 1);
    is_int(payments_order_full(order), 1, "it is full");

    memset(&d, 0x5a, sizeof(d));
    is_int(payments_order_add(order, &d.turn, LIT("t"), 0), -1,
           "another one is not taken");
    next_is(order, 0, 'a');
    next_is(order, 0, 'b');
    next_is(order, 0, 'c');
    next_is(order, 0, '-');

    is_int(payments_order_full(order), 1, "who is away has his place");
    payments_order_sleep(order, &a.turn, 10);
    is_int(payments_order_full(order), 1, "and who is asleep");
    done(order, &b);
    is_int(payments_order_full(order), 0, "not who is over");
    add(order, &d, 'd', "t", 2);
    is_int(payments_order_full(order), 1, "full again");
    is_int(payments_order_hold(order, &b.turn, 0), -1, "nothing is held");
    next_is(order, 10, 'a');
    done(order, &c);
    memset(&c, 0x5a, sizeof(c));
    c.name = 'c';
    is_int(payments_order_hold(order, &c.turn, 20), 0, "one is held");
    is_int(payments_order_full(order), 1, "which has a place");
    next_is(order, 19, '-');
    is_int(payments_order_wait(order, 19), 1, "and sleeps");
    next_is(order, 20, 'c');
    done(order, &c);

    payments_order_free(order);
    payments_order_free(NULL);

    for (i = 0; i < 3; i++) {
        granted = i;
        order = payments_order_create(3, 0);
        granted = -1;

        ok(order == NULL, "none without allocation %u", i);
        payments_order_free(order);
    }
}


/* another seed, other hashes: in one of 2^8 buckets some tokens meet */

static void
buckets(void)
{
    char               token[16];
    unsigned           i, k, bad;
    payments_turn_t    turns[512], *turn;
    payments_order_t  *order;

    static const uint64_t  seeds[] = { 0, 1, UINT64_MAX, UINT64_C(1) << 63 };

    for (k = 0; k < 4; k++) {
        order = payments_order_create(512, seeds[k]);
        bad = 0;

        /* two of each of 256 tokens: the later one first */

        for (i = 0; i < 512; i++) {
            sprintf(token, "%u", i % 256);
            bad += payments_order_add(order, &turns[i], text(token),
                                      512 - i) != 0;
        }

        bad += !payments_order_full(order);

        for (i = 0; i < 256; i++) {
            turn = payments_order_next(order, 0);
            bad += (turn != &turns[256 + i]);
        }

        bad += (payments_order_next(order, 0) != NULL);

        for (i = 256; i < 512; i++) {
            payments_order_done(order, &turns[i]);
        }

        for (i = 0; i < 256; i++) {
            turn = payments_order_next(order, 0);
            bad += (turn != &turns[i]);
        }

        bad += (payments_order_next(order, 0) != NULL);

        is_int(bad, 0, "256 tokens, seed %" PRIx64, seeds[k]);

        payments_order_free(order);
    }
}


/* the model: a list of items, and of tokens, and the number of each event */

typedef enum { NONE = 0, WAITS, WENT } state_e;
typedef enum { READY, BUSY, ASLEEP } slow_state_e;


typedef struct {
    state_e           state;
    unsigned          token;
    int64_t           created;
    unsigned          added;
    payments_turn_t   turn;
} slow_item_t;


typedef struct {
    unsigned          items;
    slow_state_e      state;
    unsigned          since;
    int64_t           until;
} slow_token_t;


static slow_item_t   items[MAX];
static slow_token_t  slow[8 + MAX];  /* those after 8 are an item's alone */
static unsigned      events;


static void
slow_add(unsigned i, unsigned token, int64_t created)
{
    items[i].state = WAITS;
    items[i].token = token;
    items[i].created = created;
    items[i].added = events++;

    if (slow[token].items++ == 0) {
        slow[token].state = READY;
        slow[token].since = events++;
    }
}


static int
slow_next(int64_t now)
{
    int  i, t, best;

    for ( ;; ) {
        best = -1;

        for (t = 0; t < 8 + MAX; t++) {
            if (slow[t].items && slow[t].state == ASLEEP
                && slow[t].until <= now
                && (best == -1 || slow[t].until < slow[best].until
                    || (slow[t].until == slow[best].until
                        && slow[t].since < slow[best].since)))
            {
                best = t;
            }
        }

        if (best == -1) {
            break;
        }

        slow[best].state = READY;
        slow[best].since = events++;
    }

    for (t = 0; t < 8 + MAX; t++) {
        if (slow[t].items && slow[t].state == READY
            && (best == -1 || slow[t].since < slow[best].since))
        {
            best = t;
        }
    }

    if (best == -1) {
        return -1;
    }

    slow[best].state = BUSY;
    t = best;
    best = -1;

    for (i = 0; i < MAX; i++) {
        if (items[i].state == WAITS && items[i].token == (unsigned) t
            && (best == -1 || items[i].created < items[best].created
                || (items[i].created == items[best].created
                    && items[i].added < items[best].added)))
        {
            best = i;
        }
    }

    items[best].state = WENT;

    return best;
}


static int64_t
slow_wait(int64_t now)
{
    int      t;
    int64_t  wait, w;

    wait = -1;

    for (t = 0; t < 8 + MAX; t++) {
        if (slow[t].items == 0 || slow[t].state == BUSY) {
            continue;
        }

        w = 0;

        if (slow[t].state == ASLEEP && slow[t].until > now) {
            w = slow[t].until - now;
        }

        if (wait == -1 || w < wait) {
            wait = w;
        }
    }

    return wait;
}


static unsigned
random_below(unsigned n)
{
    static uint64_t  state = 88172645463325252;

    /* xorshift: the same numbers on each machine */

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;

    return (state >> 20) % n;
}


/* an item in a state, chosen at random, or -1 */

static int
any(state_e state)
{
    int  i, n;

    i = random_below(MAX);

    for (n = 0; n < MAX; n++, i = (i + 1) % MAX) {
        if (items[i].state == state) {
            return i;
        }
    }

    return -1;
}


static int
step(payments_order_t *order, unsigned ntokens, int64_t *now)
{
    int               i, k;
    char              name[2];
    unsigned          token;
    int64_t           created;
    payments_turn_t  *turn;

    switch (random_below(8)) {

    case 0:
    case 1:
    case 2:
        i = any(NONE);

        if (payments_order_full(order) != (i == -1)) {
            return 0;
        }

        if (i == -1) {
            return 1;
        }

        token = random_below(ntokens + 1);
        created = random_below(5);

        name[0] = 'a' + token;
        name[1] = '\0';

        if (token == ntokens) {
            name[0] = '\0';
            token = 8 + i;
        }

        slow_add(i, token, created);

        if (token >= 8 && random_below(2)) {
            slow[token].state = ASLEEP;
            slow[token].until = *now + random_below(20) - 2;

            return payments_order_hold(order, &items[i].turn,
                                       slow[token].until)
                   == 0;
        }

        return payments_order_add(order, &items[i].turn, text(name), created)
               == 0;

    case 3:
    case 4:
        i = any(WENT);

        if (i == -1) {
            return 1;
        }

        items[i].state = NONE;
        slow[items[i].token].items--;
        slow[items[i].token].state = READY;
        slow[items[i].token].since = events++;

        payments_order_done(order, &items[i].turn);
        return 1;

    case 5:
        i = any(WENT);

        if (i == -1) {
            return 1;
        }

        items[i].state = WAITS;
        slow[items[i].token].state = ASLEEP;
        slow[items[i].token].until = *now + random_below(20) - 2;
        slow[items[i].token].since = events++;

        payments_order_sleep(order, &items[i].turn,
                             slow[items[i].token].until);
        return 1;

    default:
        *now += random_below(4);

        if (payments_order_wait(order, *now) != slow_wait(*now)) {
            return 0;
        }

        k = slow_next(*now);
        turn = payments_order_next(order, *now);

        return turn == (k == -1 ? NULL : &items[k].turn);
    }
}


static void
model(unsigned ntokens)
{
    int                good;
    int64_t            now;
    unsigned           n;
    payments_order_t  *order;

    memset(items, 0, sizeof(items));
    memset(slow, 0, sizeof(slow));
    order = create(MAX);
    now = 0;
    good = 1;

    for (n = 0; n < 100000 && good; n++) {
        good = step(order, ntokens, &now);
    }

    ok(good, "%u steps with %u tokens are the model's", n, ntokens);

    payments_order_free(order);
}


int
main(void)
{
    unsigned  n;

    setvbuf(stdout, NULL, _IOLBF, 0);

    one_token();
    tokens();
    sleeping();
    limits();
    buckets();

    for (n = 0; n <= 8; n++) {
        model(n);
    }

    return done_testing();
}
