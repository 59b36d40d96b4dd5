
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Between its creation and its lock a segment may be taken for one without an
 * owner, and removed by a recovery: it is created anew, not written to.
 */


#include <sys/file.h>

#include "spool.h"


/* LDFLAGS: -Wl,--wrap=flock */


static int  recoveries;  /* that are faster, from now on */


int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);


int
__wrap_flock(int fd, int operation)
{
    payments_recovery_t  recovery;

    /* the recovery's own lock comes here, too */

    if (recoveries && !(operation & LOCK_NB)) {
        recoveries--;

        if (recover(&recovery) != 0 || recovery.removed != 1) {
            die("recover");
        }
    }

    return __real_flock(fd, operation);
}


static int
born(payments_segment_t *seg, int faster)
{
    recoveries = faster;
    payments_segment_init(seg, spool_buffer);

    return payments_segment_create(seg, &spool, INT64_C(1795563430794000),
                                   "host", 1, &fault);
}


int
main(void)
{
    unsigned            before;
    payments_segment_t  seg;

    spool_init();

    before = descriptors();

    is_int(born(&seg, 2), 0, "two recoveries are faster: the third try is it");
    is_int(count("active"), 1, "there is one segment");
    is_int(commit(&seg, 0, 1), 0, "which takes a record");
    is_int(payments_segment_seal(&seg, &spool, &fault), 0, "and is sealed");
    ok(only(0, 1), "the record is seen");
    is_int(descriptors(), before, "no descriptor is left");

    spool_clear();

    is_int(born(&seg, 3), -1, "it does not try for ever");
    is_int(fault.err, EAGAIN, "but says that it may be tried again");
    is_int(count("active"), 0, "and leaves nothing behind");
    is_int(descriptors(), before, "not even a descriptor");

    spool_clear();
    spool_done();

    return done_testing();
}
