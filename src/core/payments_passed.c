
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Files that cannot be read: each is left alone for a while, and those that
 * can be go their way.
 */


#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "payments_queue_parts.h"


/* milliseconds after which one that was not met again is no more */
#define PAYMENTS_PASSED_KEPT  60000


static payments_passed_t *payments_passed_find(payments_queue_t *q,
    payments_dir_e dir, const char *name);
static void payments_passed_expire(payments_queue_t *q);


int
payments_passed_over(payments_queue_t *q, payments_dir_e dir,
    const char *name, const payments_fault_t *fault)
{
    unsigned            first;
    payments_passed_t  *passed;

    /* no file is to blame for these */

    if (fault->err == EMFILE || fault->err == ENFILE
        || fault->err == ENOMEM)
    {
        return 0;
    }

    payments_passed_expire(q);

    first = (q->npassed == 0);
    passed = payments_passed_find(q, dir, name);

    if (passed == NULL && q->npassed < PAYMENTS_MAX_PASSED) {

        passed = &q->passed[q->npassed++];

        passed->dir = dir;
        memcpy(passed->name, name, strlen(name) + 1);
    }

    /* without room it is met again at once, which is no more than a call */

    if (passed != NULL) {
        passed->when = q->now + PAYMENTS_AGAIN;
    }

    if (first) {
        snprintf(q->culprit, sizeof(q->culprit), "%s/%s",
                 payments_dir_names[dir], name);
    }

    return !first;
}


static payments_passed_t *
payments_passed_find(payments_queue_t *q, payments_dir_e dir,
    const char *name)
{
    unsigned  i;

    for (i = 0; i < q->npassed; i++) {

        if (q->passed[i].dir == dir && strcmp(q->passed[i].name, name) == 0) {
            return &q->passed[i];
        }
    }

    return NULL;
}


static void
payments_passed_expire(payments_queue_t *q)
{
    unsigned  i;

    i = 0;

    while (i < q->npassed) {

        if (q->now - q->passed[i].when > PAYMENTS_PASSED_KEPT) {
            q->passed[i] = q->passed[--q->npassed];

        } else {
            i++;
        }
    }
}


int
payments_passed_waits(payments_queue_t *q, payments_dir_e dir,
    const char *name)
{
    payments_passed_t  *passed;

    passed = payments_passed_find(q, dir, name);

    /* unless the clock has been put back */

    return passed != NULL && passed->when > q->now
           && passed->when - q->now <= PAYMENTS_AGAIN;
}


void
payments_passed_drop(payments_queue_t *q, payments_dir_e dir,
    const char *name)
{
    payments_passed_t  *passed;

    passed = payments_passed_find(q, dir, name);

    if (passed != NULL) {
        *passed = q->passed[--q->npassed];
    }
}
