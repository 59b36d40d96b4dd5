
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The file of done ids: there and back, cut and changed at every byte, with
 * failing calls, and written by several processes at once.
 */


#include <limits.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "claims.h"
#include "faults.h"
#include "payments_state.h"


/* LDFLAGS: -Wl,--wrap=open,--wrap=openat,--wrap=flock,--wrap=fchmod */
/* LDFLAGS: -Wl,--wrap=fstat,--wrap=fstatat,--wrap=fsync,--wrap=fdatasync */
/* LDFLAGS: -Wl,--wrap=statx,--wrap=readdir */
/* LDFLAGS: -Wl,--wrap=ftruncate,--wrap=renameat,--wrap=unlinkat */
/* LDFLAGS: -Wl,--wrap=close,--wrap=fdopendir,--wrap=pread,--wrap=write */
/* LDFLAGS: -Wl,--wrap=pwrite,--wrap=writev,--wrap=pwritev */

#define HEADER  40
#define RECORD  32
#define T0      1000


static payments_state_counts_t  counts;
static char                     path[1024];


/* the same ids in each file, as next() gives them */

typedef struct {
    uint32_t  i;
    uint32_t  n;
    unsigned  most;
} range_t;


static size_t
next_of(void *data, payments_done_t *dst, size_t n)
{
    size_t    k;
    range_t  *range;

    range = data;

    if (range->most != 0 && n > range->most) {
        n = range->most;
    }

    for (k = 0; k < n && range->i < range->n; k++, range->i++) {
        dst[k] = done_id(range->i, T0 + 1 + range->i);
    }

    return k;
}


static void
open_state(payments_state_t *state)
{
    if (payments_state_init(state, path, claims_key) != 0) {
        die("payments_state_init");
    }
}


static int
append(payments_state_t *state, uint32_t first, uint32_t n)
{
    int               rc;
    uint32_t          i;
    payments_done_t  *done;

    done = malloc((n + 1) * sizeof(payments_done_t));

    for (i = 0; i < n; i++) {
        done[i] = done_id(first + i, T0 + 1 + first + i);
    }

    rc = payments_state_append(state, done, n, 1, &fault);
    free(done);

    return rc;
}


/* a new file of n ids */

static void
make_file(uint32_t n)
{
    payments_state_t  state;

    unlink(path);
    open_state(&state);

    if (append(&state, 0, n) != 0) {
        die(fault.call);
    }

    payments_state_close(&state);
}


/* what is loaded: the ids below n, all with their expiry, nothing else */

static int
load(payments_claims_t **t, int64_t now)
{
    *t = claims_new(ROOM(8192));
    memset(&counts, 0x5a, sizeof(counts));
    memset(&fault, 0, sizeof(fault));

    return payments_state_load(path, *t, now, &counts, &fault);
}


static uint32_t
known(payments_claims_t *t, uint32_t n, unsigned *strange)
{
    uint32_t          ref, count;
    payments_node_t  *node;

    for (ref = 1, count = 0; ref <= t->used; ref++) {
        node = payments_table_node(t, ref);

        if (memcmp(node->id, id_of(number_of(node->id)), PAYMENTS_HASH) != 0
            || number_of(node->id) >= n
            || node->time != T0 + 1 + number_of(node->id))
        {
            (*strange)++;
        }

        count++;
    }

    return count;
}


/* what stands in the file */

static void
put(payments_str_t str)
{
    write_file("active", "state", str);
}


static payments_str_t
get(void)
{
    return read_file("active", "state");
}


static void
round_trip(void)
{
    range_t             range;
    unsigned            strange, i;
    struct stat         st;
    unsigned char       key[PAYMENTS_HASH_KEY];
    payments_state_t    state, other;
    payments_claims_t  *t;

    strange = 0;
    unlink(path);
    is_int(payments_state_key(path, key, &fault), PAYMENTS_STATE_NONE,
           "there is no file");
    is_int(load(&t, T0), -1, "and nothing to load");
    is_int(fault.err, ENOENT, "as it does not exist");
    free(t);

    umask(0);
    open_state(&state);
    is_int(append(&state, 0, 0), 0, "no ids are appended");
    is_int(state.size, HEADER, "it has a header");
    is_int(append(&state, 0, 1), 0, "one");
    is_int(append(&state, 1, 299), 0, "and more than one write has");
    is_int(state.size, HEADER + 300 * RECORD, "it tells the size");
    is_int(stat(path, &st), 0, "a file");
    is_int(st.st_size, HEADER + 300 * RECORD, "of that size");
    is_int(st.st_mode & 07777, 0600, "for its owner alone");

    is_int(payments_state_key(path, key, &fault), PAYMENTS_STATE_FOUND,
           "it has a key");
    is_str(key, sizeof(key), claims_key, sizeof(key), "the very one");

    is_int(load(&t, T0), 0, "loaded");
    is_int(counts.loaded, 300, "all of it");
    is_int(counts.expired + counts.damaged, 0, "and nothing else");
    is_int(known(t, 300, &strange), 300, "all are known");
    free(t);

    is_int(load(&t, T0 + 100), 0, "loaded later");
    is_int(counts.loaded, 200, "what has not expired");
    is_int(counts.expired, 100, "without what has");
    is_int(known(t, 300, &strange), 200, "which is not known");
    is_int(strange, 0, "with their expiry");
    ok(expiry_of(t, 99) == -1 && expiry_of(t, 100) == T0 + 101,
       "to the second");
    free(t);

    /* sorted: a file of two processes' records is not */

    unlink(path);

    for (i = 10; i != 0; i--) {
        append(&state, i, 1);
    }

    load(&t, T0);
    is_int(payments_table_node(t, t->done.first)->time, T0 + 2,
           "the first to expire is the first to go");
    free(t);

    /* compaction */

    range = (range_t) { 5, 1000, 7 };
    is_int(payments_state_compact(&state, next_of, &range, &fault), 0,
           "a new file");
    is_int(state.size, HEADER + 995 * RECORD, "with its size");
    is_int(append(&state, 1000, 1), 0, "and one more");
    load(&t, T0);
    is_int(known(t, 1001, &strange), 996, "has what it was given");
    is_int(strange + counts.damaged, 0, "and nothing else");
    free(t);
    is_int(stat(path, &st), 0, "a file");
    is_int(st.st_mode & 07777, 0600, "for its owner alone");
    ok(access(at("active", "state.new"), F_OK) != 0, "and no other");

    /* another process's */

    open_state(&other);
    append(&other, 1001, 1);
    range = (range_t) { 0, 10, 0 };
    is_int(payments_state_compact(&state, next_of, &range, &fault), 0,
           "a new file");
    is_int(append(&other, 10, 5), 0, "is found by who had the old one open");
    load(&t, T0);
    is_int(known(t, 15, &strange), 15, "and has what it appended");
    is_int(strange, 0, "alone");
    free(t);

    /* not two of them, and not by somebody else's link */

    is_int(link(path, at("active", "backup")), 0, "a second name");
    range = (range_t) { 0, 10, 0 };
    payments_state_compact(&state, next_of, &range, &fault);
    append(&other, 10, 6);
    load(&t, T0);
    is_int(known(t, 16, &strange), 16, "does not keep the old file in use");
    free(t);

    unlink(path);
    is_int(append(&other, 3, 1), 0, "the file was removed");
    load(&t, T0);
    is_int(known(t, 16, &strange), 1, "and comes again");
    free(t);

    payments_state_close(&other);
    payments_state_close(&state);
}


static void
other_keys(void)
{
    range_t             range;
    payments_state_t    state;
    payments_claims_t  *t;
    unsigned char       key[PAYMENTS_HASH_KEY];

    make_file(3);
    memcpy(key, claims_key, sizeof(key));
    key[3]++;

    if (payments_state_init(&state, path, key) != 0) {
        die("payments_state_init");
    }

    is_int(append(&state, 0, 1), -1, "nothing is appended with another key");
    is_int(fault.err, EINVAL, "EINVAL");
    is_int(append(&state, 0, 1), -1, "nor at the second try");
    is_int(load(&t, T0), 0, "the file is as it was");
    is_int(counts.loaded, 3, "three ids");
    is_int(counts.damaged, 0, "and nothing damaged");
    free(t);

    range = (range_t) { 0, 10, 0 };
    is_int(payments_state_compact(&state, next_of, &range, &fault), 0,
           "a new file with the other key");
    is_int(append(&state, 10, 1), 0, "and one id more");
    is_int(payments_state_key(path, key, &fault), PAYMENTS_STATE_FOUND,
           "has that key");
    is_int(key[3], claims_key[3] + 1, "indeed");
    is_int(load(&t, T0), -1, "not to be loaded into a table of the old one");
    is_int(fault.err, EINVAL, "EINVAL");
    is_int(t->done.count, 0, "and it is not");
    free(t);

    payments_state_close(&state);
}


static void
cut_anywhere(void)
{
    int                 rc;
    size_t              len;
    unsigned            wrong, strange, expected;
    payments_str_t      file;
    unsigned char       key[PAYMENTS_HASH_KEY];
    payments_claims_t  *t;

    make_file(4);
    file = get();
    is_int(file.len, HEADER + 4 * RECORD, "a small file");
    wrong = 0;
    strange = 0;

    for (len = 0; len < file.len; len++) {
        put(bytes(file.data, len));

        rc = payments_state_key(path, key, &fault);
        expected = (len == 0) ? PAYMENTS_STATE_NONE
                   : (len < HEADER) ? PAYMENTS_STATE_DAMAGED
                   : PAYMENTS_STATE_FOUND;
        wrong += rc != (int) expected;

        rc = load(&t, T0);
        expected = (len < HEADER) ? 0 : (len - HEADER) / RECORD;
        wrong += rc != (len < HEADER ? -1 : 0);
        wrong += counts.loaded != expected;
        wrong += known(t, expected, &strange) != expected;
        wrong += counts.damaged
                 != (len > HEADER && (len - HEADER) % RECORD != 0);
        free(t);
    }

    is_int(wrong, 0, "cut at any byte, what is whole is loaded");
    is_int(strange, 0, "and nothing else");
    unbox(file);
}


static void
flip_anywhere(void)
{
    int                 rc;
    size_t              i;
    unsigned            bit, wrong, strange;
    payments_str_t      file, copy;
    unsigned char       key[PAYMENTS_HASH_KEY];
    payments_claims_t  *t;

    make_file(4);
    file = get();
    copy = boxed(file);
    wrong = 0;
    strange = 0;

    for (i = 0; i < file.len * 8; i++) {
        bit = 1 << i % 8;
        ((unsigned char *) copy.data)[i / 8] ^= bit;
        put(copy);
        ((unsigned char *) copy.data)[i / 8] ^= bit;

        rc = payments_state_key(path, key, &fault);

        if (i / 8 < HEADER) {
            wrong += rc != PAYMENTS_STATE_DAMAGED;
            wrong += load(&t, T0) != -1;

        } else {
            wrong += rc != PAYMENTS_STATE_FOUND;
            wrong += load(&t, T0) != 0;
            wrong += counts.loaded != 3 || counts.damaged != 1;
            wrong += known(t, 4, &strange) != 3;
            wrong += expiry_of(t, (i / 8 - HEADER) / RECORD) != -1;
        }

        free(t);
    }

    is_int(wrong, 0, "each bit: the others are loaded");
    is_int(strange, 0, "and none that was not there");
    unbox(copy);
    unbox(file);
}


/* parts of records between others: what two disks full leave */

static void
torn(void)
{
    size_t              len;
    unsigned            wrong, strange;
    unsigned char      *big;
    payments_str_t      file;
    payments_claims_t  *t;

    make_file(6);
    file = get();
    big = malloc(file.len + PAYMENTS_STATE_SKIPPED + 4 * RECORD);
    wrong = 0;
    strange = 0;

    for (len = 1; len < 2 * RECORD; len++) {
        memcpy(big, file.data, HEADER + 2 * RECORD);
        memset(big + HEADER + 2 * RECORD, 0x5a, len);
        memcpy(big + HEADER + 2 * RECORD + len,
               file.data + HEADER + 2 * RECORD, 4 * RECORD);
        put(bytes(big, file.len + len));

        wrong += load(&t, T0) != 0 || counts.loaded != 6
                 || counts.damaged != 1;
        wrong += known(t, 6, &strange) != 6;
        free(t);
    }

    is_int(wrong, 0, "all records around what is none");

    for (len = PAYMENTS_STATE_SKIPPED; len < PAYMENTS_STATE_SKIPPED + 2; len++)
    {
        memset(big + HEADER + 2 * RECORD, 0x5a, len);
        memcpy(big + HEADER + 2 * RECORD + len,
               file.data + HEADER + 2 * RECORD, 4 * RECORD);
        put(bytes(big, file.len + len));

        is_int(load(&t, T0), 0, "%zu bytes that are no records", len);
        is_int(counts.loaded, len == PAYMENTS_STATE_SKIPPED ? 6 : 2,
               "are looked through, and no more");
        is_int(known(t, 6, &strange), counts.loaded, "known");
        free(t);
    }

    is_int(strange, 0, "with their expiry");
    free(big);
    unbox(file);
}


/* what is no file of ours */

static void
refused(const char *what, int err)
{
    range_t             range;
    unsigned char       key[PAYMENTS_HASH_KEY];
    payments_state_t    state;
    payments_claims_t  *t;

    open_state(&state);
    range = (range_t) { 0, 10, 0 };

    is_int(payments_state_key(path, key, &fault), -1, "%s: no key", what);
    is_int(fault.err, err, "by its errno");
    is_int(load(&t, T0), -1, "%s: not loaded", what);
    is_int(fault.err, err, "by its errno");
    is_int(append(&state, 0, 1), -1, "%s: not appended to", what);
    is_int(fault.err, err, "by its errno");
    is_int(payments_state_compact(&state, next_of, &range, &fault), -1,
           "%s: not replaced", what);

    free(t);
    payments_state_close(&state);
}


static void
no_files(void)
{
    char                target[1024], name[PATH_MAX];
    range_t             range;
    unsigned            n;
    struct stat         st;
    payments_state_t    state;
    payments_claims_t  *t;

    snprintf(target, sizeof(target), "%s", at("active", "target"));
    n = descriptors();

    make_file(3);
    rename(path, target);

    if (symlink(target, path) != 0) {
        die("symlink");
    }

    refused("a symbolic link", ELOOP);
    is_int(lstat(path, &st), 0, "it is there");
    ok(S_ISLNK(st.st_mode), "still one");
    unlink(path);

    if (mkfifo(path, 0600) != 0) {
        die("mkfifo");
    }

    refused("a fifo", EINVAL);
    unlink(path);

    /* the name of the new file: of one who died, or of an enemy */

    make_file(3);
    snprintf(name, sizeof(name), "%s.new", path);

    if (symlink(target, name) != 0) {
        die("symlink");
    }

    open_state(&state);
    range = (range_t) { 0, 10, 0 };
    is_int(payments_state_compact(&state, next_of, &range, &fault), 0,
           "a link in the way of the new file");
    is_int(stat(target, &st), 0, "its target");
    is_int(st.st_size, HEADER + 3 * RECORD, "is as it was");
    load(&t, T0);
    is_int(counts.loaded, 10, "and the new file is ours");
    free(t);

    mkdir(name, 0700);
    is_int(payments_state_compact(&state, next_of, &range, &fault), -1,
           "a directory in its way");
    ok(strcmp(fault.call, "unlink") == 0, "cannot be removed");
    rmdir(name);
    payments_state_close(&state);

    memset(name, 'a', sizeof(name) - 1);
    name[0] = '/';
    name[sizeof(name) - 1] = '\0';
    payments_state_init(&state, name, claims_key);
    is_int(payments_state_compact(&state, next_of, &range, &fault), -1,
           "a long name");
    is_int(append(&state, 0, 1), -1, "is none");
    payments_state_close(&state);

    is_int(descriptors(), n, "no descriptor is left");
    unlink(target);
}


/* a file as large as one may be, without its bytes */

static void
too_large(void)
{
    payments_state_t  state;

    make_file(3);
    open_state(&state);

    if (truncate(path, PAYMENTS_STATE_MAX - 4096) != 0) {
        die("truncate");
    }

    is_int(append(&state, 0, 1), 0, "the last bytes of a file");
    is_int(append(&state, 0, 1), -1, "and no more");
    is_int(fault.err, EFBIG, "EFBIG");

    payments_state_close(&state);
    unlink(path);
}


/* each call fails in turn: an error is told, and nothing is lost by it */

static void
failing(void)
{
    int                 rc, again;
    unsigned            nth, wrong, strange, n, lenient, compact;
    range_t             range;
    payments_state_t    state;
    payments_claims_t  *t;

    for (compact = 0; compact < 2; compact++) {
        wrong = 0;
        strange = 0;
        lenient = 0;

        for (nth = 1; ; nth++) {
            n = descriptors();
            make_file(200);
            open_state(&state);
            range = (range_t) { 0, 300, 0 };

            inject_arm(nth % 2 ? INJECT_ONCE : INJECT_SHORT_FAIL,
                       (nth + 1) / 2, EIO);
            rc = compact ? payments_state_compact(&state, next_of, &range,
                                                  &fault)
                         : append(&state, 200, 100);
            again = inject.hit == 0;

            if (nth % 2 && inject.hit && rc == 0) {
                lenient += strcmp(inject.call, "close") == 0
                           || strcmp(inject.call, "flock") == 0;
                wrong += strcmp(inject.call, "close") != 0
                         && strcmp(inject.call, "flock") != 0;
            }

            if (nth % 2 && inject.hit && rc != 0) {
                wrong += strcmp(inject.call, fault.call) != 0
                         || fault.err != EIO;
            }

            inject_arm(INJECT_NONE, 0, 0);

            /* the old file, or the new one */

            wrong += load(&t, T0) != 0;
            wrong += compact && counts.loaded != (rc == 0 ? 300 : 200);
            wrong += !compact && counts.loaded < (rc == 0 ? 300 : 200);
            known(t, 300, &strange);
            free(t);

            /* and then it works */

            wrong += append(&state, 0, 300) != 0;
            wrong += load(&t, T0) != 0 || known(t, 300, &strange) != 300;
            free(t);

            payments_state_close(&state);
            wrong += descriptors() != n;
            wrong += access(at("active", "state.new"), F_OK) == 0;

            if (again) {
                break;
            }
        }

        ok(nth > 10, "%s: %u calls fail", compact ? "compact" : "append",
           nth / 2);
        is_int(wrong, 0, "nothing is lost by it");
        is_int(strange, 0, "and nothing strange is loaded");
        ok(lenient <= 3, "%u of them do not matter", lenient);
    }
}


/* reading: what came before the error counts */

static void
failing_load(void)
{
    int                 rc;
    unsigned            nth, wrong, strange, n;
    unsigned char       key[PAYMENTS_HASH_KEY];
    payments_claims_t  *t;

    make_file(200);
    wrong = 0;
    strange = 0;
    n = descriptors();

    for (nth = 1; ; nth++) {
        inject_arm(INJECT_ONCE, nth, EIO);
        rc = load(&t, T0);
        inject_arm(INJECT_NONE, 0, 0);

        if (rc == 0 && known(t, 200, &strange) == 200 && nth > 7) {
            free(t);
            break;
        }

        wrong += rc == 0 ? known(t, 200, &strange) != 200
                         : fault.err != EIO;
        wrong += known(t, 200, &strange) != counts.loaded;
        free(t);

        inject_arm(INJECT_ONCE, nth, EINTR);
        rc = load(&t, T0);
        inject_arm(INJECT_NONE, 0, 0);
        wrong += strcmp(rc == 0 ? "pread" : fault.call, "pread") == 0
                 && known(t, 200, &strange) != 200;
        free(t);

        inject_arm(INJECT_ONCE, nth, EIO);
        rc = payments_state_key(path, key, &fault);
        wrong += rc != -1 && inject.hit && strcmp(inject.call, "close") != 0;
        inject_arm(INJECT_NONE, 0, 0);
    }

    is_int(wrong, 0, "%u calls fail while a file is loaded", nth - 1);
    is_int(strange, 0, "and nothing strange is loaded");
    is_int(descriptors(), n, "no descriptor is left");
}


static size_t
next_removed(void *data, payments_done_t *dst, size_t n)
{
    (void) data;
    (void) dst;
    (void) n;

    unlink(at("active", "state.new"));

    return 0;
}


/* the new file is removed, and a file is begun while its lock fails */

static void
removed(void)
{
    payments_state_t    state;
    payments_claims_t  *t;

    make_file(5);
    open_state(&state);
    is_int(payments_state_compact(&state, next_removed, NULL, &fault), -1,
           "the new file was removed");
    ok(strcmp(fault.call, "rename") == 0, "it cannot be renamed");
    load(&t, T0);
    is_int(counts.loaded, 5, "the old one is there");
    free(t);

    unlink(path);
    inject_arm(INJECT_ONCE, 4, EIO);
    is_int(append(&state, 0, 1), -1, "the lock of a new file fails");
    ok(strcmp(inject.call, "flock") == 0, "indeed");
    inject_arm(INJECT_NONE, 0, 0);
    is_int(append(&state, 0, 1), 0, "but not again");
    payments_state_close(&state);
}


/*
 * Two processes append one id after the other, a third one writes new files
 * all the time; ids are done in a table of all three before.
 */

#define EACH  1500

typedef struct {
    volatile int       lock;
    volatile unsigned  appended[2];   /* by each */
    payments_claims_t *t;
} shared_t;


static void
lock(shared_t *shared)
{
    while (__sync_lock_test_and_set(&shared->lock, 1)) {
        sched_yield();
    }
}


static void
unlock(shared_t *shared)
{
    __sync_lock_release(&shared->lock);
}


static void
appender(shared_t *shared, uint32_t first)
{
    int               rc;
    uint32_t          i;
    unsigned          busy;
    payments_done_t   done;
    payments_state_t  state;

    open_state(&state);
    busy = 0;

    for (i = first; i < first + EACH; i++) {
        done = done_id(i, T0 + 1 + i);

        lock(shared);
        rc = payments_claims_done(shared->t, done.id, T0, 1 + i);
        unlock(shared);

        if (rc != 0) {
            _exit(3);
        }

        /* with and without waiting */

        while (payments_state_append(&state, &done, 1, i % 2, &fault) != 0) {

            if (fault.err != EWOULDBLOCK || i % 2) {
                _exit(4);
            }

            busy = 1;
            sched_yield();
        }

        shared->appended[first / EACH]++;
    }

    payments_state_close(&state);

    _exit(busy);
}


typedef struct {
    shared_t  *shared;
    uint32_t   cursor;
} listing_t;


static size_t
next_listed(void *data, payments_done_t *dst, size_t n)
{
    size_t      k;
    listing_t  *listing;

    listing = data;

    lock(listing->shared);
    k = payments_claims_list(listing->shared->t, &listing->cursor, dst, n, T0);
    unlock(listing->shared);

    return k;
}


/*
 * Each that appends has a turn between two new files: one whose file is new
 * each time that it has the lock gives up.  0 when one has not had it in 10 s,
 * or all have ended
 */

static int
turns(shared_t *shared, unsigned seen[2])
{
    unsigned  i, tries, more;

    more = 0;

    for (i = 0; i < 2; i++) {

        for (tries = 0; shared->appended[i] == seen[i] && seen[i] < EACH;
             tries++)
        {
            if (tries == 100000) {
                return 0;
            }

            usleep(100);
        }

        seen[i] = shared->appended[i];
        more |= (seen[i] < EACH);
    }

    return more;
}


static void
together(void)
{
    int                 status;
    pid_t               pids[2];
    unsigned            i, strange, compacted, failed, seen[2] = { 0, 0 };
    shared_t           *shared;
    listing_t           listing;
    payments_state_t    state;
    payments_claims_t  *t;

    unlink(path);
    strange = 0;
    compacted = 0;
    failed = 0;

    shared = mmap(NULL, 4096 + ROOM(8192), PROT_READ|PROT_WRITE,
                  MAP_SHARED|MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        die("mmap");
    }

    shared->t = payments_claims_init((char *) shared + 4096, ROOM(8192),
                                     claims_key);

    for (i = 0; i < 2; i++) {
        fflush(stdout);
        pids[i] = fork();

        if (pids[i] == -1) {
            die("fork");
        }

        if (pids[i] == 0) {
            appender(shared, i * EACH);
        }
    }

    open_state(&state);

    do {
        listing.shared = shared;
        listing.cursor = 0;
        failed += payments_state_compact(&state, next_listed, &listing, &fault)
                  != 0;
        compacted++;
    } while (turns(shared, seen));

    for (i = 0; i < 2; i++) {
        if (waitpid(pids[i], &status, 0) != pids[i]) {
            die("waitpid");
        }

        ok(WIFEXITED(status) && WEXITSTATUS(status) < 2, "process %u", i);
    }

    is_int(failed, 0, "%u new files while two processes append", compacted);

    /* the last one has all of them from the table */

    is_int(load(&t, T0), 0, "loaded");
    is_int(known(t, 2 * EACH, &strange), 2 * EACH, "all ids are known");
    is_int(strange + counts.damaged, 0, "nothing is damaged");
    free(t);

    payments_state_close(&state);
    munmap(shared, 4096 + ROOM(8192));
}


/* the lock of one who writes a new file */

static size_t
next_blocked(void *data, payments_done_t *dst, size_t n)
{
    payments_done_t  done;

    (void) dst;
    (void) n;

    done = done_id(1, T0 + 2);
    is_int(payments_state_append(data, &done, 1, 0, &fault), -1,
           "not appended while a new file is written");
    is_int(fault.err, EWOULDBLOCK, "but later");

    return 0;
}


static void
blocked(void)
{
    payments_done_t     done;
    payments_state_t    state, other;
    payments_claims_t  *t;

    make_file(5);
    open_state(&state);
    open_state(&other);

    is_int(payments_state_compact(&state, next_blocked, &other, &fault), 0,
           "a new, empty file");
    done = done_id(1, T0 + 2);
    is_int(payments_state_append(&other, &done, 1, 0, &fault), 0,
           "appended after it");
    load(&t, T0);
    is_int(counts.loaded, 1, "to the new one");
    free(t);

    payments_state_close(&state);
    payments_state_close(&other);
}


int
main(void)
{
    spool_init();
    snprintf(path, sizeof(path), "%s", at("active", "state"));

    round_trip();
    other_keys();
    cut_anywhere();
    flip_anywhere();
    torn();
    no_files();
    too_large();
    failing();
    failing_load();
    removed();
    blocked();
    together();

    spool_done();

    return done_testing();
}
