
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Each system call of a segment's life fails in turn, or is the last one of
 * the process: nothing that was committed is lost, nothing is seen in part.
 */

/* LDFLAGS: -Wl,--wrap=open,--wrap=openat,--wrap=flock,--wrap=fchmod */
/* LDFLAGS: -Wl,--wrap=fstat,--wrap=fstatat,--wrap=fsync,--wrap=fdatasync */
/* LDFLAGS: -Wl,--wrap=statx,--wrap=readdir */
/* LDFLAGS: -Wl,--wrap=ftruncate,--wrap=renameat,--wrap=unlinkat */
/* LDFLAGS: -Wl,--wrap=close,--wrap=fdopendir,--wrap=pread,--wrap=write */
/* LDFLAGS: -Wl,--wrap=pwrite,--wrap=writev,--wrap=pwritev */


#include <sys/mman.h>
#include <sys/wait.h>

#include "faults.h"


#define TURNS  10000

/* files of the spool that recovery gets, and their records */
#define TORN   "1764020246000000.host.1.0.ndjson"
#define MIXED  "1764020246000001.host.1.1.ndjson"
#define WHOLE  "1764020246000002.host.1.2.ndjson"
#define EMPTY  "1764020246000003.host.1.3.ndjson"


/* shared with the processes that crash */

typedef struct {
    unsigned char  committed[RECORDS];
    unsigned       tried;
    unsigned       broken;  /* promises, see complain() */
} ledger_t;


static ledger_t            *ledger;
static payments_recovery_t  recovery;


static void
complain(const char *what)
{
    diag("%s: call %u (%s), errno %d", what, inject.nth,
         inject.call != NULL ? inject.call : "none", inject.err);

    ledger->broken++;
}


static void
noted(int rc, const char *what)
{
    if (rc != 0 && (fault.call == NULL || fault.err == 0)) {
        complain(what);
    }
}


/* what a worker does: three segments of some commits, whatever fails */

static void
write_some(void)
{
    int                 rc;
    unsigned            step, first, n;
    payments_segment_t  seg;

    payments_segment_init(&seg, spool_buffer);

    for (step = 0; step < 9; step++) {

        if (seg.fd == -1) {
            memset(&fault, 0, sizeof(fault));
            rc = payments_segment_create(&seg, &spool, NOW + step, "host", 42,
                                         &fault);
            noted(rc, "create without a reason");

            if (rc != 0) {
                if (seg.fd != -1) {
                    complain("a segment that was not created");
                }

                continue;
            }

            if (spool.sync && watch_waits(at("active", ""))) {
                complain("created, and active not synced");
            }
        }

        n = 1 + step % 3;
        first = ledger->tried;
        ledger->tried += n;

        rc = commit(&seg, first, n);
        noted(rc, "commit without a reason");

        if (rc == 0) {
            memset(ledger->committed + first, 1, n);

            if (spool.sync && watch_waits(at("active", seg.name))) {
                complain("committed, and not synced");
            }
        }

        if (step % 3 == 2 && seg.fd != -1) {
            memset(&fault, 0, sizeof(fault));
            rc = payments_segment_seal(&seg, &spool, &fault);
            noted(rc, "seal without a reason");

            if (seg.fd != -1) {
                complain("sealed, and not closed");
            }

            if (rc == 0 && spool.sync && watch_waits(at("new", ""))) {
                complain("sealed, and new not synced");
            }
        }
    }

    if (seg.fd != -1) {
        payments_segment_seal(&seg, &spool, &fault);
    }
}


static void
ledger_clear(void)
{
    memset(ledger, 0, sizeof(ledger_t));
}


/* what is in new: all that was committed when it is said to be complete */

static void
check_new(int complete)
{
    unsigned  i;

    survey();

    if (strange) {
        complain("a part of a record");
    }

    if (disorder && complete) {
        complain("out of order");
    }

    for (i = 0; i < RECORDS; i++) {

        if (found[i] > 1 || (found[i] && i >= ledger->tried)) {
            complain("a record too many");
        }

        if (ledger->committed[i] && !found[i] && complete) {
            complain("a record that was committed is lost");
        }

        /* recovery finds whole records that nobody was promised */

        if (!ledger->committed[i] && found[i] && !complete) {
            complain("a record that was not committed is sealed");
        }
    }
}


static void
check_all(void)
{
    check_new(0);

    if (recover(&recovery) != 0) {
        complain("recovery fails when nothing fails");
    }

    check_new(1);

    if (count("active") != 0) {
        complain("something stays in active");
    }

    if (count("corrupt") != 0) {
        complain("something is corrupt");
    }

    if (watch_resynced) {
        complain("a sync was tried again");
    }

    if (spool.sync && watch_unsynced) {
        complain("renamed and not synced");
    }
}


static unsigned
fail_in_turn(inject_e mode, int err)
{
    unsigned  nth, broken, hits, before, broke;

    broken = 0;
    hits = 0;

    for (nth = 1; nth < TURNS; nth++) {
        ledger_clear();
        watch_reset();
        before = descriptors();

        inject_arm(mode, nth, err);
        write_some();

        broke = ledger->broken;
        hits = inject.hit;
        note_call();
        inject.mode = INJECT_NONE;

        if (descriptors() != before) {
            complain("descriptors are left");
        }

        check_all();
        broken += broke + (ledger->broken != broke);
        spool_clear();

        if (hits == 0) {
            break;
        }
    }

    ok(hits == 0 && nth > 20, "%u calls in turn", nth - 1);

    return broken;
}


static void
writers(void)
{
    unsigned  i, lost;

    is_int(fail_in_turn(INJECT_ONCE, EIO), 0, "EIO once");
    is_int(fail_in_turn(INJECT_ONCE, ENOSPC), 0, "ENOSPC once");
    is_int(fail_in_turn(INJECT_ONCE, EINTR), 0, "EINTR once");
    is_int(fail_in_turn(INJECT_FROM, EIO), 0, "EIO from then on");
    is_int(fail_in_turn(INJECT_FROM, ENOSPC), 0, "ENOSPC from then on");
    is_int(fail_in_turn(INJECT_SHORT, 0), 0, "half a write");
    is_int(fail_in_turn(INJECT_SHORT_FAIL, 0), 0,
           "half a write and no space");

    /* nothing fails, but every write takes a few bytes */

    ledger_clear();
    watch_reset();
    inject_arm(INJECT_SLOW, 0, 0);
    write_some();
    ok(inject.calls > 100, "slow: %u calls", inject.calls);
    inject.mode = INJECT_NONE;
    check_all();

    for (i = 0, lost = 0; i < ledger->tried; i++) {
        lost += !ledger->committed[i];
    }

    is_int(lost, 0, "slow: all are committed");
    is_int(ledger->broken, 0, "slow: and found");
    spool_clear();
}


/* no space for one commit: the segment goes on without it */

static void
no_space(void)
{
    payments_segment_t  seg;

    payments_segment_init(&seg, spool_buffer);
    is_int(payments_segment_create(&seg, &spool, NOW, "host", 42, &fault), 0,
           "no space: create");
    is_int(commit(&seg, 0, 2), 0, "no space: commit");

    inject_arm(INJECT_SHORT_FAIL, 1, 0);
    is_int(commit(&seg, 600, 5), -1, "no space: half a commit");
    is_int(fault.err, ENOSPC, "no space: the error is noted");
    inject.mode = INJECT_NONE;

    ok(seg.fd != -1, "no space: the segment stays");
    is_int(commit(&seg, 2, 1), 0, "no space: the next commit, a shorter one");
    is_int(payments_segment_seal(&seg, &spool, &fault), 0, "no space: seal");
    ok(only(0, 3), "no space: what was committed is found, and only that");
    spool_clear();
}


/* a signal is no error of the disk */

static void
interrupted(void)
{
    payments_segment_t  seg;

    payments_segment_init(&seg, spool_buffer);
    is_int(payments_segment_create(&seg, &spool, NOW, "host", 42, &fault), 0,
           "interrupted: create");

    inject_arm(INJECT_ONCE, 1, EINTR);
    is_int(commit(&seg, 0, 2), 0, "interrupted: commit");
    is_int(inject.hit, 1, "interrupted: once");
    inject.mode = INJECT_NONE;

    is_int(payments_segment_seal(&seg, &spool, &fault), 0,
           "interrupted: seal");
    ok(only(0, 2), "interrupted: all is found");
    spool_clear();
}


/* a sync that failed: the descriptor is given up */

static void
no_sync(void)
{
    payments_segment_t  seg;

    watch_reset();
    payments_segment_init(&seg, spool_buffer);
    is_int(payments_segment_create(&seg, &spool, NOW, "host", 42, &fault), 0,
           "no sync: create");
    is_int(commit(&seg, 0, 2), 0, "no sync: commit");

    /* after the record, and zeros behind it */

    inject_arm(INJECT_ONCE, 3, EIO);
    is_int(commit(&seg, 600, 1), -1, "no sync: commit");
    is_str(inject.call, strlen(inject.call), "fdatasync", 9,
           "no sync: it was fdatasync");
    is_int(fault.err, EIO, "no sync: the error is noted");
    inject.mode = INJECT_NONE;

    is_int(seg.fd, -1, "no sync: the segment is given up");
    is_int(count("new"), 0, "no sync: and left to recovery");
    is_int(recover(&recovery), 0, "no sync: recover");

    survey();
    ok(found[0] == 1 && found[1] == 1, "no sync: nothing committed is lost");
    is_int(strange, 0, "no sync: nothing is seen in part");
    is_int(watch_resynced, 0, "no sync: it was not tried again");
    spool_clear();
}


/* the process ends in each call, in writes after half of it */

static void
crashes(void)
{
    int       status;
    pid_t     pid;
    unsigned  nth, broken;

    broken = 0;
    status = 0;

    for (nth = 1; nth < TURNS; nth++) {
        ledger_clear();
        watch_reset();
        fflush(stdout);

        pid = fork();

        if (pid == 0) {
            inject_arm(INJECT_CRASH, nth, 0);
            write_some();
            _exit(0);
        }

        waitpid(pid, &status, 0);
        inject_arm(INJECT_NONE, nth, 0);

        if (status != 0 && WEXITSTATUS(status) != 99) {
            complain("another end");
        }

        check_all();
        broken += ledger->broken;
        spool_clear();

        if (status == 0) {
            break;
        }
    }

    ok(status == 0 && nth > 20, "%u crashes of a writer", nth - 1);
    is_int(broken, 0, "lose nothing");
}


/* what recovery finds: records 0 to 5, of which 6 is half */

static void
prepare(void)
{
    unsigned        i;
    size_t          len;
    unsigned char   buf[8192];
    payments_str_t  str;

    ledger_clear();
    watch_reset();

    for (i = 0, len = 0; i < 7; i++) {
        str = record(i, NULL);
        memcpy(buf + len, str.data, str.len);
        len += str.len;

        if (i == 1) {
            memcpy(buf + len, "{\"torn", 6);
            write_file("active", TORN, bytes(buf, len + 6));
            len = 0;

        } else if (i == 2) {
            memcpy(buf + len, "bad\n", 4);
            len += 4;

        } else if (i == 3) {
            write_file("active", MIXED, bytes(buf, len));
            len = 0;

        } else if (i == 5) {
            write_file("active", WHOLE, bytes(buf, len));
            len = 0;
        }
    }

    write_file("active", EMPTY, bytes(buf, len / 2));

    ledger->tried = 6;
    memset(ledger->committed, 1, 6);
}


static void
check_recovered(void)
{
    if (recover(&recovery) != 0) {
        complain("the second recovery fails");
    }

    check_new(1);

    if (count("active") != 0) {
        complain("something stays in active");
    }

    if (count("corrupt") != 1) {
        complain("the original is not kept");
    }

    if (watch_resynced) {
        complain("a sync was tried again");
    }

    if (watch_unsynced) {
        complain("renamed and not synced");
    }
}


/* who is told that a record is stable would answer so */

static void
tell(void *data, payments_str_t line)
{
    int       i;
    unsigned *told = data;

    if (sscanf((const char *) line.data, "{\"n\":%d,", &i) == 1) {
        told[i]++;
    }
}


static void
check_told(const unsigned *told, unsigned all)
{
    unsigned  i;

    for (i = 0; i < 6; i++) {

        if (told[i] && !found[i]) {
            complain("told of what is not in new");
        }

        if (all && told[i] != 1) {
            complain("success, and not told once");
        }
    }
}


static unsigned
recover_in_turn(inject_e mode, int err)
{
    int       rc;
    unsigned  nth, broken, hits, before, told[7];

    broken = 0;
    hits = 0;

    for (nth = 1; nth < TURNS; nth++) {
        prepare();
        before = descriptors();

        memset(told, 0, sizeof(told));
        memset(&fault, 0, sizeof(fault));

        inject_arm(mode, nth, err);
        rc = payments_segment_recover(&spool, tell, told, &recovery, &fault);
        hits = inject.hit;
        note_call();
        inject.mode = INJECT_NONE;

        noted(rc, "recovery without a reason");

        if (descriptors() != before) {
            complain("descriptors are left");
        }

        /* nothing in part, nothing twice, whatever failed */

        survey();

        if (strange) {
            complain("a part of a record");
        }

        check_told(told, hits == 0);

        if (rc == 0) {
            if (count("active") != 0) {
                complain("success, and something stays in active");
            }

            if (watch_waits(at("new", ""))) {
                complain("success, and new not synced");
            }
        }

        check_recovered();
        broken += ledger->broken;
        spool_clear();

        if (hits == 0) {
            break;
        }
    }

    ok(hits == 0 && nth > 20, "%u calls of recovery in turn", nth - 1);

    return broken;
}


static void
recoveries(void)
{
    int       status;
    pid_t     pid;
    unsigned  nth, broken;

    is_int(recover_in_turn(INJECT_ONCE, EIO), 0, "EIO once");
    is_int(recover_in_turn(INJECT_ONCE, ENOSPC), 0, "ENOSPC once");
    is_int(recover_in_turn(INJECT_FROM, EIO), 0, "EIO from then on");
    is_int(recover_in_turn(INJECT_SHORT, 0), 0, "half a write");
    is_int(recover_in_turn(INJECT_SHORT_FAIL, 0), 0,
           "half a write and no space");

    broken = 0;
    status = 0;

    for (nth = 1; nth < TURNS; nth++) {
        prepare();
        fflush(stdout);

        pid = fork();

        if (pid == 0) {
            inject_arm(INJECT_CRASH, nth, 0);
            _exit(recover(&recovery) != 0);
        }

        waitpid(pid, &status, 0);
        inject_arm(INJECT_NONE, nth, 0);

        survey();

        if (strange) {
            complain("a part of a record");
        }

        check_recovered();
        broken += ledger->broken;
        spool_clear();

        if (status == 0) {
            break;
        }
    }

    ok(status == 0 && nth > 20, "%u crashes of recovery", nth - 1);
    is_int(broken, 0, "lose nothing");
}


/* sealing what a commit has left in part, or what never had one */

static void
seal_fails(const char *call, unsigned nth, int committed)
{
    payments_segment_t  seg;

    ledger_clear();
    watch_reset();
    payments_segment_init(&seg, spool_buffer);

    if (payments_segment_create(&seg, &spool, NOW, "host", 42, &fault) != 0) {
        die("create");
    }

    if (committed) {
        is_int(commit(&seg, 0, 1), 0, "one is committed");
        ledger->committed[0] = 1;
        ledger->tried = 2;

        inject_arm(INJECT_SHORT_FAIL, 1, 0);
        is_int(commit(&seg, 1, 1), -1, "and another in part");
    }

    memset(&fault, 0, sizeof(fault));
    inject_arm(INJECT_ONCE, nth, EIO);
    is_int(payments_segment_seal(&seg, &spool, &fault), -1, "%s fails", call);
    ok(fault.call != NULL && strcmp(fault.call, call) == 0, "that is said");
    is_int(fault.err, EIO, "and why");
    inject.mode = INJECT_NONE;

    is_int(seg.fd, -1, "it is closed");
    is_int(count("new"), 0, "and not sealed");
    is_int(count("active"), 1, "but waits for recovery");

    check_all();
    is_int(ledger->broken, 0, "which finds what was committed");
    spool_clear();
}


static void
seals(void)
{
    seal_fails("unlinkat", 1, 0);
    seal_fails("ftruncate", 1, 1);
    seal_fails("fdatasync", 2, 1);
}


int
main(void)
{
    size_t  i;

    static const char  *const calls[] = {
        "openat", "flock", "pwritev", "fdatasync", "fsync", "renameat",
        "ftruncate", "unlinkat", "close", "pread", "write", "readdir"
    };

    spool_init();

    ledger = mmap(NULL, sizeof(ledger_t), PROT_READ|PROT_WRITE,
                  MAP_SHARED|MAP_ANONYMOUS, -1, 0);
    if (ledger == MAP_FAILED) {
        die("mmap");
    }

    writers();
    seals();
    no_space();
    interrupted();
    no_sync();
    crashes();
    recoveries();

    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        ok(was_hit(calls[i]), "%s was made to fail", calls[i]);
    }

    spool.sync = 0;
    is_int(fail_in_turn(INJECT_ONCE, EIO), 0, "EIO once, without syncs");
    is_int(fail_in_turn(INJECT_SHORT_FAIL, 0), 0, "no space, without syncs");
    crashes();

    spool_done();

    return done_testing();
}
