
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Claims in a block that is not as it should be: any of its links changed, and
 * processes that were killed in the middle of a call.
 */


#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "claims.h"


#define CAP     64
#define ROUNDS  150


static int32_t   who;
static unsigned  unsound;


static payments_claim_e
take(payments_claims_t *claims, uint32_t i, int64_t ms)
{
    payments_claim_t  claim;

    memcpy(claim.id, id_of(i), PAYMENTS_HASH);
    claim.owner = 42;

    return payments_claims_take(claims, &claim, 1000, ms, 1000, &who);
}


/* some of each: done, claimed, and free again */

static payments_claims_t *
populated(void)
{
    unsigned            i;
    payments_claim_t    claim;
    payments_claims_t  *t;

    t = claims_new(ROOM(CAP));

    for (i = 0; i < 50; i++) {
        memcpy(claim.id, id_of(i), PAYMENTS_HASH);
        claim.owner = 42;
        payments_claims_take(t, &claim, 1000, 5000, 1000, &who);

        if (i % 5 == 4) {
            payments_claims_drop(t, &claim);

        } else if (i % 5 != 3) {
            payments_claims_done(t, claim.id, 1000, 100 + i);
        }
    }

    return t;
}


/* every call, whatever comes of it */

static void
exercise(payments_claims_t *t)
{
    unsigned            i;
    uint32_t            cursor;
    payments_claim_t    claim;
    payments_done_t     done[8];

    cursor = 0;

    while (payments_claims_list(t, &cursor, done, 8, 1000) != 0) { /* void */ }

    for (i = 0; i < 100; i++) {
        memcpy(claim.id, id_of(i), PAYMENTS_HASH);
        claim.owner = 42;

        if (payments_claims_take(t, &claim, 1000, i, 1000, &who)
            == PAYMENTS_CLAIM_OURS)
        {
            if (i % 4 == 0) {
                payments_claims_drop(t, &claim);

            } else if (i % 4 != 1) {
                payments_claims_done(t, claim.id, 1000, 100);
            }

        } else if (i % 2) {
            payments_claims_steal(t, &claim, 42, i, 1000);
        }
    }

    payments_claims_sort(t);
}


/* each 32 bits that are a link, changed to each kind of what is wrong */

static void
links(void)
{
    size_t              at, nodes, size;
    unsigned            i, k, found, lost, repaired, n, uncopied;
    uint32_t           *link, old;
    payments_claims_t  *t, *fresh, *copy;

    /* each fourth node is claimed, the others are done */

    static const uint32_t  values[] = {
        0, 1, 2, 4, 16, 17, CAP, CAP + 1, UINT32_MAX
    };

    size = ROOM(CAP);
    nodes = PAYMENTS_CLAIMS_HEADER + 4 * CAP;
    fresh = populated();
    found = 0;
    uncopied = 0;
    lost = 0;
    n = 0;
    repaired = 0;

    /* an endless loop is a failure, too */

    alarm(100);

    for (at = 0; at < nodes + 40 * CAP; at += 4) {

        if (at >= PAYMENTS_CLAIMS_HEADER) {

            /* the last three of a node's ten words */

            if (at >= nodes && (at - nodes) % 40 < 28) {
                continue;
            }

        } else if (at < offsetof(payments_claims_t, used)
                   || at >= offsetof(payments_claims_t, evicted))
        {
            continue;
        }

        for (k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
            t = malloc(size);
            memcpy(t, fresh, size);

            link = (uint32_t *) ((char *) t + at);
            old = *link;
            *link = values[k];

            if (old == values[k]) {
                free(t);
                continue;
            }

            /* of 30 ids that are done */

            if (at != offsetof(payments_claims_t, used)) {
                copy = claims_new(ROOM(CAP));
                payments_claims_copy(copy, t, 1000);
                uncopied += copy->done.count != 30 || copy->flight.count != 0;
                unsound += !sound(copy);
                free(copy);

                free(t);
                t = malloc(size);
                memcpy(t, fresh, size);
                *(uint32_t *) ((char *) t + at) = values[k];
            }

            exercise(t);
            repaired += t->repaired != 0;

            /* a repair by hand finds all that is left */

            payments_table_repair(t);
            t->busy = 0;
            unsound += !sound(t);
            n++;
            free(t);

            /* and no done id, or claim, is lost by it alone */

            t = malloc(size);
            memcpy(t, fresh, size);
            *(uint32_t *) ((char *) t + at) = values[k];

            if (at != offsetof(payments_claims_t, used)) {
                payments_table_repair(t);
                t->busy = 0;
                unsound += !sound(t);

                for (i = 0; i < 50; i++) {
                    found++;
                    lost += take(t, i, 500)
                            != (i % 5 == 4 ? PAYMENTS_CLAIM_OURS
                                : i % 5 == 3 ? PAYMENTS_CLAIM_BUSY
                                : PAYMENTS_CLAIM_DONE);
                }
            }

            free(t);
        }
    }

    alarm(0);

    ok(n > 500, "%u links changed, %u of them found by a call", n, repaired);
    is_int(unsound, 0, "all are right again");
    is_int(uncopied, 0, "a copy has all ids that are done, and no claim");
    is_int(lost, 0, "no repair has lost any of %u ids", found);

    free(fresh);
}


/* what is found within a call is right at its end */

static void
neighbours(void)
{
    unsigned            i, wrong;
    payments_node_t    *node;
    payments_claims_t  *t;

    wrong = 0;

    for (i = 1; i <= 4; i++) {
        t = claims_new(ROOM(CAP));
        payments_claims_done(t, id_of(1), 1000, 100);
        take(t, 2, 0);
        take(t, 3, 0);
        take(t, 4, 0);

        node = payments_table_node(t, 3);
        *(i % 2 ? &node->prev : &node->next) = i;

        payments_claims_done(t, id_of(3), 1000, 100);
        wrong += !sound(t) || t->done.count != 2 || t->flight.count != 2;
        wrong += t->repaired != (i != 4);
        free(t);
    }

    is_int(wrong, 0, "a wrong neighbour is left alone");

    /* lists that begin in the other one: nothing of that may go */

    t = claims_new(ROOM(CAP));
    take(t, 1, 0);

    for (i = 2; i <= CAP; i++) {
        payments_claims_done(t, id_of(i), 1000, 100);
    }

    t->done.first = 1;
    payments_claims_done(t, id_of(CAP + 1), 1000, 100);
    is_int(take(t, 1, 0), PAYMENTS_CLAIM_BUSY, "a claim does not go");
    ok(sound(t), "all links are right");

    t->flight.first = 2;
    take(t, 1000, 2000);
    is_int(take(t, 5, 2000), PAYMENTS_CLAIM_DONE,
           "nor what is done, for a lease");
    is_int(t->repaired, 2, "it is found");
    free(t);
}


/* a chain as long as no hash makes it */

static void
chains(void)
{
    unsigned            i, known;
    payments_done_t     done;
    payments_claims_t  *t;

    t = claims_new(ROOM(400));

    for (i = 0; i < 400; i++) {
        done = done_id(i, 5000);
        memset(done.id, 0, 8);
        payments_claims_load(t, &done, 1000);
    }

    ok(t->repaired != 0, "a long chain is found");
    known = t->done.count;
    ok(known <= PAYMENTS_CLAIMS_CHAIN + 1 && known >= PAYMENTS_CLAIMS_CHAIN,
       "and cut (%u)", known);

    payments_table_repair(t);
    t->busy = 0;
    is_int(t->done.count, PAYMENTS_CLAIMS_CHAIN, "repaired, it is sound");
    ok(sound(t), "all links are right");
    payments_claims_done(t, id_of(1), 1000, 100);
    is_int(t->repaired, 400 - PAYMENTS_CLAIMS_CHAIN, "and needs no other one");

    free(t);
}


static void
twins(void)
{
    payments_node_t    *node;
    payments_claims_t  *t;

    /* the same id, claimed and done: it is done */

    t = claims_new(ROOM(CAP));
    take(t, 1, 0);
    payments_claims_done(t, id_of(2), 1000, 100);
    payments_claims_done(t, id_of(3), 1000, 300);
    payments_claims_done(t, id_of(4), 1000, 200);

    node = payments_table_node(t, 2);
    memcpy(node->id, id_of(1), PAYMENTS_HASH);
    node = payments_table_node(t, 4);
    memcpy(node->id, id_of(3), PAYMENTS_HASH);

    t->busy = PAYMENTS_TABLE_BUSY;
    is_int(take(t, 1, 0), PAYMENTS_CLAIM_DONE, "done and claimed is done");
    is_int(expiry_of(t, 1), 1100, "for its time");
    is_int(expiry_of(t, 3), 1300, "done twice is so for the longer time");
    is_int(t->done.count, 2, "two ids");
    ok(sound(t), "all links are right");

    free(t);
}


/* what the children tell: the number of the id that was done last */

static volatile uint32_t  *progress;


static void
child(payments_claims_t *t)
{
    uint32_t          i;
    payments_claim_t  claim;

    for (i = *progress; ; i++) {
        take(t, i, 1000);

        if (i % 3 == 0) {
            memcpy(claim.id, id_of(1000000 + i), PAYMENTS_HASH);
            claim.owner = 42;

            payments_claims_take(t, &claim, 1000, 1000, 1000, &who);
            payments_claims_drop(t, &claim);
        }

        payments_claims_done(t, id_of(i), 1000, 100 + i);
        *progress = i + 1;
    }
}


static void
killed(void)
{
    int                  status;
    char                *mem;
    pid_t                pid;
    size_t               size;
    uint32_t             i, until, lost;
    unsigned             round, unrepaired;
    payments_claims_t   *t;

    size = ROOM(4096);

    mem = mmap(NULL, size + 4096, PROT_READ|PROT_WRITE,
               MAP_SHARED|MAP_ANONYMOUS, -1, 0);
    if (mem == MAP_FAILED) {
        abort();
    }

    t = payments_claims_init(mem + 4096, size, claims_key);
    progress = (uint32_t *) mem;
    lost = 0;
    unrepaired = 0;

    for (round = 0; round < ROUNDS; round++) {
        until = *progress + 1 + mixed(round) % 500;
        fflush(stdout);
        pid = fork();

        if (pid == -1) {
            abort();
        }

        if (pid == 0) {
            child(t);
        }

        while (*progress < until) { /* void */ }

        kill(pid, SIGKILL);

        if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status)) {
            abort();
        }

        /* the last ones that were done are known; what came after may be */

        until = *progress;
        i = until > 3000 ? until - 3000 : 0;

        for ( ; i < until; i++) {
            lost += take(t, i, 1000) != PAYMENTS_CLAIM_DONE;
        }

        unrepaired += !sound(t);
    }

    is_int(lost, 0, "no id is lost when a process is killed in a call");
    is_int(unrepaired, 0, "all links are right");
    ok(t->repaired != 0, "%u of %u had to be repaired",
       (unsigned) t->repaired, ROUNDS);

    munmap(mem, size + 4096);
}


int
main(void)
{
    links();
    neighbours();
    chains();
    twins();
    killed();

    return done_testing();
}
