
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Each system call of the queue's life fails in turn, or is the last one of
 * the process: no line is lost, and none that was marked comes again.
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
#include "queue.h"


#define TURNS   10000
#define ALL     24      /* records of a turn */
#define ROUNDS  60
#define FLIGHT  5
#define CLEAN   256


/* shared with the processes that crash */

typedef struct {
    unsigned  delivered[ALL];
    unsigned  marked[ALL];     /* delivered, and flushed after that */
    unsigned  buried[ALL];     /* and that was synced */
    unsigned  tick;
    unsigned  broken;
} ledger_t;


static ledger_t    *ledger;

/* what has been synced of which file */

static struct {
    char   name[64];
    off_t  size;
} clean[CLEAN];


static void
complain(const char *what, unsigned i)
{
    diag("%s: %u: call %u (%s), errno %d", what, i, inject.nth,
         inject.call != NULL ? inject.call : "none", inject.err);

    ledger->broken++;
}


/* what becomes of a record: delivered, at once or after tries, or buried */

static unsigned
tries(unsigned i)
{
    return i % 4 == 1 ? 1 + i % 8 / 4 : 0;
}


static int
doomed(unsigned i)
{
    return i % 4 == 2;
}


/* the bytes of a file that have been synced */

static off_t *
synced(const char *name)
{
    unsigned  i;

    for (i = 0; i < CLEAN - 1 && clean[i].name[0] != '\0'; i++) {
        if (strcmp(clean[i].name, name) == 0) {
            break;
        }
    }

    if (i == CLEAN - 1) {
        die("clean");
    }

    snprintf(clean[i].name, sizeof(clean[i].name), "%s", name);

    return &clean[i].size;
}


/* which records are in those bytes of the files of a directory */

static void
stable(const char *dir)
{
    char        **list;
    size_t        k, n;
    struct stat   st;

    list = names(dir, &n);

    for (k = 0; k < n; k++) {
        if (strstr(list[k], ".done") == NULL
            && strstr(list[k], ".error") == NULL
            && stat(at(dir, list[k]), &st) == 0)
        {
            if (!spool.sync || !watch_waits(at(dir, list[k]))) {
                *synced(list[k]) = st.st_size;
            }

            in_file(dir, list[k], *synced(list[k]));
        }
    }

    free_names(list);
}


/* without its name, nothing in dead */

static void
note_buried(void)
{
    unsigned  i;

    stable("retry");
    memset(seen, 0, sizeof(seen));

    if (!spool.sync || !watch_waits(at("dead", ""))) {
        stable("dead");
    }

    for (i = 0; i < ALL; i++) {
        ledger->buried[i] |= (seen[i] != 0);
    }
}


/* what was moved is durable before what it comes from goes */

static void
check_unlink(int dir, const char *name)
{
    unsigned     i, lines[RECORDS], others[RECORDS];
    inject_e     mode;
    const char  *from;
    struct stat  st, new, retry;

    if (stat(at("new", ""), &new) != 0 || stat(at("retry", ""), &retry) != 0
        || __real_fstat(dir, &st) != 0
        || (st.st_ino != new.st_ino && st.st_ino != retry.st_ino)
        || strstr(name, ".done") != NULL)
    {
        return;
    }

    from = (st.st_ino == new.st_ino) ? "new" : "retry";

    mode = inject.mode;
    inject.mode = INJECT_NONE;

    memset(seen, 0, sizeof(seen));
    in_file(from, name, -1);
    memcpy(lines, seen, sizeof(seen));

    /* elsewhere than in what goes */

    memset(seen, 0, sizeof(seen));
    stable("retry");
    memcpy(others, seen, sizeof(seen));

    if (st.st_ino == retry.st_ino) {
        memset(seen, 0, sizeof(seen));
        in_file(from, name, *synced(name));

        for (i = 0; i < ALL; i++) {
            others[i] -= seen[i];
        }

        *synced(name) = 0;
    }

    for (i = 0; i < ALL; i++) {
        lines[i] = lines[i] && !others[i] && !ledger->delivered[i];
    }

    note_buried();

    for (i = 0; i < ALL; i++) {
        if (lines[i] && !ledger->buried[i]) {
            complain("a source goes, and what was moved is not synced", i);
        }
    }

    inject.mode = mode;
}


static void
prepare(void)
{
    queue_clear();
    memset(ledger, 0, sizeof(ledger_t));
    watch_reset();
    memset(clean, 0, sizeof(clean));

    put("new", "1764020246000000.host.1.0.ndjson", 0, 7, "");
    put("new", "1764020246000001.host.1.1.ndjson", 7, 7, "");
    put("new", "put-back.ndjson", 14, 3, "");
    put("retry", "0000000000000100.1.ndjson", 17, 3, "");
    put("retry", "0000000000000200.1.ndjson", 20, 4, "{\"n\":");
    put("retry", "gone.ndjson.new.done", 0, 0, "1 2 3.000000000\n0\n");
}


static void
settle(const payments_item_t *item, unsigned *settled)
{
    int  rc, i;

    rc = payments_queue_load(q, item, line, &fault);

    if (rc == 0) {
        complain("a line is gone", item->offset);
        return;
    }

    if (rc == -1) {
        payments_queue_release(q, item);
        return;
    }

    i = number(line, item->len);

    if (i < 0 || i >= ALL) {
        complain("a strange line", item->offset);
        payments_queue_release(q, item);
        return;
    }

    /* what is moved may be there twice after a crash, or a failed sync */

    if (ledger->marked[i] && tries(i) == 0) {
        complain("a line that was marked comes again", i);
    }

    if (doomed(i)) {
        rc = payments_queue_bury(q, item, line, NOW + ledger->tick, "why",
                                 &fault);

    } else if (item->attempts < tries(i)) {
        rc = payments_queue_retry(q, item, line, item->attempts + 1,
                                  NOW_MS + ledger->tick,
                                  NOW_MS + ledger->tick / 1600 * 1600 + 2400,
                                  &fault);

    } else {
        ledger->delivered[i]++;
        settled[i] = 1;
        rc = payments_queue_done(q, item);
    }

    if (rc != 0) {
        payments_queue_release(q, item);
    }
}


static int
idle(void)
{
    int       empty;
    inject_e  mode;

    mode = inject.mode;
    inject.mode = INJECT_NONE;
    empty = (count("new") == 0 && count("retry") == 0);
    inject.mode = mode;

    return empty;
}


/* a relay, until there is nothing more to do, or for that many rounds */

static void
work(unsigned rounds)
{
    int               rc, open;
    unsigned          i, k, n, settled[ALL];
    inject_e          mode;
    payments_item_t   items[FLIGHT];

    q = payments_queue_create(&spool, "host", 42, LONGEST);
    open = 0;

    while (rounds--) {
        ledger->tick += 400;
        memset(&fault, 0, sizeof(fault));
        memset(settled, 0, sizeof(settled));

        if (!open) {
            open = (payments_queue_open(q, &fault) == 1);

            if (!open) {
                continue;
            }
        }

        for (n = 0; n < FLIGHT; n++) {
            fault.call = NULL;
            rc = payments_queue_next(q, NOW_MS + ledger->tick, &items[n],
                                     &fault);
            if (rc == -1 && fault.call == NULL) {
                complain("next fails without a reason", n);
            }

            if (rc != 1) {
                break;
            }
        }

        for (i = 0; i < n; i++) {
            settle(&items[i], settled);
        }

        fault.call = NULL;
        rc = payments_queue_flush(q, &fault);

        if (rc == -1 && fault.call == NULL) {
            complain("flush fails without a reason", 0);
        }

        if (rc == 0) {
            mode = inject.mode;
            inject.mode = INJECT_NONE;
            note_buried();
            inject.mode = mode;
        }

        for (k = 0; rc == 0 && k < ALL; k++) {
            ledger->marked[k] |= settled[k];
        }

        if (n == 0 && idle()) {
            break;
        }
    }

    payments_queue_free(q);
}


/* between two processes: each line is somewhere */

static void
check_somewhere(void)
{
    unsigned  i;

    memset(seen, 0, sizeof(seen));
    in_files("new");
    in_files("retry");
    in_files("dead");

    for (i = 0; i < ALL; i++) {
        if (!seen[i] && !ledger->delivered[i]) {
            complain("a line is lost", i);
        }
    }
}


static void
check_end(unsigned once)
{
    unsigned  i;

    memset(seen, 0, sizeof(seen));
    unknown = 0;
    in_files("dead");

    for (i = 0; i < ALL; i++) {

        if (doomed(i) ? (seen[i] == 0 || ledger->delivered[i])
                      : (seen[i] || ledger->delivered[i] == 0))
        {
            complain("a line did not get where it was to go", i);
        }

        if (once && seen[i] + ledger->delivered[i] != 1) {
            complain("a line was there more than once", i);
        }
    }

    if (once && unknown) {
        complain("a part of a line in dead", unknown);
    }

    if (count("new") != 0 || count("retry") != 0) {
        complain("something stays", count("new") * 100 + count("retry"));
    }

    if (watch_resynced) {
        complain("a sync was tried again", watch_resynced);
    }
}


static unsigned
fail_in_turn(inject_e mode, int err)
{
    unsigned  nth, hits, broken, before;

    broken = 0;
    hits = 1;

    for (nth = 1; nth < TURNS && hits; nth++) {
        prepare();
        before = descriptors();

        inject_arm(mode, nth, err);
        work(ROUNDS);
        hits = inject.hit;
        note_call();
        inject.mode = INJECT_NONE;

        if (descriptors() != before) {
            complain("descriptors are left", descriptors());
        }

        check_somewhere();
        work(ROUNDS);
        check_end(0);

        broken += ledger->broken;
    }

    ok(hits == 0 && nth > 100, "%u calls in turn", nth - 1);

    return broken;
}


static unsigned
crash_in_turn(void)
{
    int       status;
    pid_t     pid;
    unsigned  nth, broken;

    broken = 0;
    status = 1;

    for (nth = 1; nth < TURNS && status != 0; nth++) {
        prepare();
        fflush(stdout);

        pid = fork();

        if (pid == 0) {
            inject_arm(INJECT_CRASH, nth, 0);
            work(ROUNDS);
            fflush(stdout);
            _exit(0);
        }

        waitpid(pid, &status, 0);
        inject_arm(INJECT_NONE, nth, 0);

        if (status != 0 && WEXITSTATUS(status) != 99) {
            complain("an end that was not ours", status);
        }

        check_somewhere();
        work(ROUNDS);
        check_end(0);

        broken += ledger->broken;
    }

    ok(status == 0 && nth > 100, "%u crashes", nth - 1);

    return broken;
}


static void
all(const char *what)
{
    prepare();
    inject_arm(INJECT_NONE, 0, 0);
    work(ROUNDS);
    check_end(1);
    is_int(ledger->broken, 0, "%s: each line once when nothing fails", what);

    prepare();
    inject_arm(INJECT_SLOW, 0, 0);
    work(ROUNDS);
    inject.mode = INJECT_NONE;
    check_end(1);
    is_int(ledger->broken, 0, "%s: writes of some bytes", what);

    is_int(fail_in_turn(INJECT_ONCE, EIO), 0, "%s: EIO once", what);
    is_int(fail_in_turn(INJECT_ONCE, ENOSPC), 0, "%s: ENOSPC once", what);
    is_int(fail_in_turn(INJECT_FROM, EIO), 0, "%s: EIO from then on", what);
    is_int(fail_in_turn(INJECT_SHORT, 0), 0, "%s: half a write", what);
    is_int(fail_in_turn(INJECT_SHORT_FAIL, 0), 0,
           "%s: half a write and no space", what);
    is_int(crash_in_turn(), 0, "%s: crashes lose nothing", what);
}


/* a sync that fails: what was moved comes again, what was delivered not */

static void
no_sync(const char *call, unsigned nth)
{
    unsigned         i;
    payments_str_t   file;
    payments_item_t  items[3];

    prepare();
    unlink(at("retry", "0000000000000100.1.ndjson"));
    unlink(at("retry", "0000000000000200.1.ndjson"));

    queue_start();

    for (i = 0; i < 3; i++) {
        is_int(take(NOW_MS, &items[i]), i, "%s: record %u", call, i);
    }

    payments_queue_done(q, &items[0]);
    payments_queue_load(q, &items[1], line, &fault);
    is_int(payments_queue_retry(q, &items[1], line, 1, NOW_MS, NOW_MS + 5000,
                                &fault),
           0, "%s: one is moved", call);
    payments_queue_done(q, &items[2]);

    /* nothing else is synced in a flush */

    memset(&fault, 0, sizeof(fault));
    inject_arm(INJECT_ONCE, nth, EIO);
    is_int(payments_queue_flush(q, &fault), -1, "%s: it fails", call);
    inject.mode = INJECT_NONE;
    is_int(strcmp(fault.call, call), 0, "%s: that is said", call);

    if (nth == 1) {
        ok(access(at("retry", "0001764020251200.1.ndjson"), F_OK) != 0,
           "%s: no file", call);

    } else {
        file = read_file("retry", "0001764020251200.1.ndjson");
        is_int(file.len, items[1].len + 1, "%s: what is in the file", call);
        unbox(file);
    }

    for (i = 3; i < 7; i++) {
        is_int(take(NOW_MS, &items[0]), i, "%s: record %u", call, i);
        payments_queue_done(q, &items[0]);
    }

    is_int(take(NOW_MS, &items[0]), 7, "%s: the next file", call);
    payments_queue_done(q, &items[0]);
    is_int(flush(), 0, "%s: flush", call);
    ok(access(at("new", "1764020246000000.host.1.0.ndjson"), F_OK) == 0,
       "%s: the file stays", call);

    queue_stop();
    queue_start();
    is_int(take(NOW_MS, &items[0]), 1, "%s: only what was moved", call);
    is_int(take(NOW_MS, &items[1]), 8, "%s: comes again", call);
    queue_stop();
}


/* lines may be added to a file whose name is not on the disk yet */

static void
inherited(void)
{
    prepare();
    queue_start();

    memset(&fault, 0, sizeof(fault));
    inject_arm(INJECT_ONCE, 2, EIO);
    is_int(payments_queue_flush(q, &fault), -1, "names: they are synced");
    inject.mode = INJECT_NONE;
    is_str(fault.call, strlen(fault.call), "fsync", 5, "names: by fsync");
    is_int(flush(), 0, "names: until that is done");

    inject_arm(INJECT_ONCE, 1, EIO);
    is_int(payments_queue_flush(q, &fault), 0, "names: once");
    inject.mode = INJECT_NONE;
    queue_stop();
}


/* what is no file's fault, or that of a second file */

static void
blamed(void)
{
    int              i;
    unsigned         nth, first, other, silent;
    payments_item_t  item;

    other = 0;
    first = 0;
    silent = 0;

    for (nth = 1; nth < 60; nth++) {
        prepare();
        queue_start();
        inject_arm(INJECT_ONCE, nth, ENFILE);
        i = take(NOW_MS, &item);
        inject.mode = INJECT_NONE;

        if (i == -3) {
            other += *payments_queue_culprit(q) != '\0';
        }

        queue_stop();

        prepare();
        queue_start();
        inject_arm(INJECT_ONCE, nth, EIO);
        i = take(NOW_MS, &item);
        inject.mode = INJECT_NONE;

        if (i == -3 && *payments_queue_culprit(q) != '\0'
            && strcmp(fault.call, "pread") == 0)
        {
            first = nth;
        }

        queue_stop();
    }

    is_int(other, 0, "blamed: no file, when there are no descriptors");
    ok(first != 0, "blamed: one that is not read");

    for (nth = 1; nth < 60; nth++) {
        prepare();
        queue_start();
        inject_arm(INJECT_ONCE, first, EIO);
        take(NOW_MS, &item);
        inject_arm(INJECT_ONCE, nth, EIO);
        i = take(NOW_MS, &item);
        inject.mode = INJECT_NONE;

        silent += (i >= 0 && inject.call != NULL
                   && strcmp(inject.call, "pread") == 0);

        queue_stop();
    }

    ok(silent != 0, "blamed: another one, of which nothing is said");
}


/* a file of its own that a line could not be written to does not stay */

static void
no_line(inject_e mode)
{
    payments_item_t  item;

    prepare();
    unlink(at("retry", "0000000000000100.1.ndjson"));
    unlink(at("retry", "0000000000000200.1.ndjson"));
    queue_start();
    flush();

    take(NOW_MS, &item);
    memset(&fault, 0, sizeof(fault));
    inject_arm(mode, 3, ENOSPC);
    is_int(payments_queue_retry(q, &item, line, 1, NOW_MS, NOW_MS + 500,
                                &fault),
           -1, "no line, %d: there is no space", mode);
    inject.mode = INJECT_NONE;
    is_str(fault.call, strlen(fault.call), "pwritev", 7,
           "no line, %d: for the line", mode);
    is_int(flush(), 0, "no line, %d: flush", mode);
    is_int(count("retry"), 0, "no line, %d: no file stays", mode);
    is_int(payments_queue_wait(q, NOW_MS), -1, "no line, %d: nor is one known",
           mode);

    is_int(payments_queue_retry(q, &item, line, 1, NOW_MS, NOW_MS + 500,
                                &fault),
           0, "no line, %d: later there is", mode);
    is_int(flush(), 0, "no line, %d: flush", mode);
    is_int(count("retry"), 2, "no line, %d: the file, and a mark", mode);
    queue_stop();
}


/* no space for one line: the file goes on without it, or another does */

static void
no_space(unsigned cut)
{
    size_t           i;
    struct stat      st;
    payments_str_t   file;
    payments_item_t  items[3];

    prepare();
    unlink(at("retry", "0000000000000100.1.ndjson"));
    unlink(at("retry", "0000000000000200.1.ndjson"));

    queue_start();

    for (i = 0; i < 3; i++) {
        take(NOW_MS, &items[i]);
        payments_queue_load(q, &items[i], line, &fault);
        memset(&fault, 0, sizeof(fault));

        if (i == 1) {
            inject_arm(cut ? INJECT_SHORT_FAIL : INJECT_STUCK, 1, ENOSPC);
        }

        is_int(payments_queue_retry(q, &items[i], line, 1, NOW_MS,
                                    NOW_MS + 500, &fault),
               i == 1 ? -1 : 0, "no space, %u: line %zu", cut, i);
        inject.mode = INJECT_NONE;

        if (i == 1) {
            is_int(fault.err, ENOSPC, "no space, %u: that is said", cut);
            payments_queue_release(q, &items[i]);

            stat(at("retry", "0001764020246500.1.ndjson"), &st);
            ok(cut ? st.st_size == (off_t) items[0].len + 1
                   : st.st_size > (off_t) items[0].len + 1,
               "no space, %u: what is in the file", cut);
        }
    }

    is_int(flush(), 0, "no space, %u: flush", cut);
    file = read_file("retry", cut ? "0001764020246500.1.ndjson"
                                  : "0001764020246501.1.ndjson");
    is_int(file.len, items[2].len + 1 + (cut ? items[0].len + 1 : 0),
           "no space, %u: the next line", cut);
    unbox(file);

    memset(ledger, 0, sizeof(ledger_t));
    queue_stop();
    work(ROUNDS);

    for (i = 0; i < 17; i++) {
        if (!doomed(i) && ledger->delivered[i] != 1) {
            complain("not once", i);
        }
    }

    is_int(ledger->broken, 0, "no space, %u: each line once", cut);
}


int
main(void)
{
    size_t  i;

    static const char  *const calls[] = {
        "open", "openat", "flock", "fchmod", "fstat", "fstatat", "pread",
        "pwritev", "fdatasync", "fsync", "unlinkat", "fdopendir", "readdir",
        "close"
    };

    queue_init();
    inject_unlink = check_unlink;
    watch_only = 1;

    ledger = mmap(NULL, sizeof(ledger_t), PROT_READ|PROT_WRITE,
                  MAP_SHARED|MAP_ANONYMOUS, -1, 0);
    if (ledger == MAP_FAILED) {
        die("mmap");
    }

    all("sync");

    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        ok(was_hit(calls[i]), "%s was made to fail", calls[i]);
    }

    no_sync("fdatasync", 1);
    no_sync("fsync", 5);

    inherited();
    blamed();

    no_line(INJECT_ONCE);
    no_line(INJECT_STUCK);

    no_space(1);
    no_space(0);

    spool.sync = 0;
    all("no sync");

    queue_done();

    return done_testing();
}
