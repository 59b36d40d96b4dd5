
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What the queue hands out, in which order, and what it leaves on the disk.
 */


#include <signal.h>
#include <sys/wait.h>

/* more files than are worked on at a time */
#define RECORDS  10240

#include "queue.h"


#define FIRST   "1764020246000000.host.1.0.ndjson"
#define SECOND  "1764020246000001.host.1.1.ndjson"

/* as in payments_queue_parts.h */
#define MAX_SOURCES  8192
#define MAX_OPEN     64
#define MAX_PARCELS  4096


static int  order[RECORDS];


static int
exists(const char *dir, const char *name)
{
    return access(at(dir, name), F_OK) == 0;
}


/* milliseconds since the epoch when a file was changed */

static int64_t
changed(const char *dir, const char *name)
{
    struct stat  st;

    if (stat(at(dir, name), &st) != 0) {
        die("stat");
    }

    return (int64_t) st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}


static int
in_order(unsigned first, unsigned n)
{
    unsigned  i;

    for (i = 0; i < n; i++) {
        if (order[i] != (int) (first + i)) {
            diag("record %d at place %u", order[i], i);
            return 0;
        }
    }

    return 1;
}


/* as deliver(), beyond what is said of files that cannot be read */

static unsigned  nculprits;
static char      culprits[512];
static int       culprit_err;


static unsigned
passed(int64_t now, int *list)
{
    int              i;
    unsigned         n;
    payments_item_t  item;

    n = 0;

    for (i = take(now, &item); i != -2; i = take(now, &item)) {

        if (i == -3 && *payments_queue_culprit(q) != '\0') {
            nculprits++;
            culprit_err = fault.err;
            snprintf(culprits, sizeof(culprits), "%s",
                     payments_queue_culprit(q));
            continue;
        }

        if (i < 0) {
            diag("take: %d, %s: %s", i, fault.call, strerror(fault.err));
            break;
        }

        list[n++] = i;
        payments_queue_done(q, &item);
    }

    is_int(flush(), 0, "passed: flush");

    return n;
}


static void
normal(void)
{
    unsigned         before;
    payments_item_t  item;

    before = descriptors();

    put("new", SECOND, 3, 2, "");
    put("new", FIRST, 0, 3, "");
    put("new", "put-back.ndjson", 5, 2, "");
    put("new", ".hidden.ndjson", 100, 1, "");
    put("new", "other.json", 100, 1, "");

    queue_start();
    is_int(take(NOW_MS, &item), 0, "the first record");
    is_int(item.attempts, 0, "no attempts");
    is_int(item.offset, 0, "at the start");
    payments_queue_release(q, &item);
    is_int(deliver(NOW_MS, 5, order), 7, "all, and again what was not");
    queue_stop();

    is_int(count("new"), 1, "other.json stays");
    ok(exists("new", ".hidden.ndjson"), "a hidden file stays");
    is_int(count("retry"), 0, "and nothing in retry");

    unlink(at("new", ".hidden.ndjson"));
    queue_clear();

    put("new", SECOND, 3, 2, "");
    put("new", FIRST, 0, 3, "\n\n");
    put("new", "put-back.ndjson", 5, 2, "");
    queue_start();
    is_int(deliver(NOW_MS, 3, order), 7, "seven lines");
    ok(in_order(0, 7), "in order, and empty lines are none");
    is_int(payments_queue_wait(q, NOW_MS), -1, "there is nothing to wait for");
    is_int(count("new"), 0, "all files are gone");
    is_int(deliver(NOW_MS, 3, NULL), 0, "nothing more");
    is_int(payments_queue_wait(q, NOW_MS), 10, "a scan may be worth it soon");
    queue_stop();

    is_int(descriptors(), before, "no descriptors are left");
}


/* marks: of a queue that went away */

static void
marked(void)
{
    unsigned         i;
    payments_str_t   marks;
    payments_item_t  item;

    put("new", FIRST, 0, 6, "");
    queue_start();

    for (i = 0; i < 6; i++) {
        take(NOW_MS, &item);

        /* 1, 2 and 4 */

        if (i == 1 || i == 2 || i == 4) {
            payments_queue_done(q, &item);

        } else {
            payments_queue_release(q, &item);
        }
    }

    queue_stop();

    ok(exists("new", FIRST), "the file stays");
    ok(exists("retry", FIRST ".new.done"), "and so do its marks");

    /* as after a power loss or a full disk */

    marks = read_file("retry", FIRST ".new.done");
    marks.len -= 1;
    write_file("retry", FIRST ".new.done", marks);

    queue_start();
    is_int(take(NOW_MS, &item), 0, "0 is handed out again");
    payments_queue_done(q, &item);
    is_int(take(NOW_MS, &item), 3, "1 and 2 are not");
    payments_queue_release(q, &item);
    is_int(take(NOW_MS, &item), 4, "a torn mark is none");
    payments_queue_release(q, &item);
    queue_stop();

    queue_start();
    is_int(take(NOW_MS, &item), 3, "marks are added after a torn one");
    payments_queue_done(q, &item);
    is_int(take(NOW_MS, &item), 4, "and none of it is left");
    payments_queue_done(q, &item);
    is_int(take(NOW_MS, &item), 5, "the last one");
    payments_queue_done(q, &item);
    is_int(take(NOW_MS, &item), -2, "the end");
    is_int(flush(), 0, "flush");
    is_int(count("new") + count("retry"), 0, "file and marks are gone");
    queue_stop();

    unbox(marks);
}


/* marks that say nothing about this file */

static void
foreign(const char *what, const char *rest, unsigned times)
{
    char             to[1024];
    FILE            *f;
    payments_item_t  item;

    put("new", FIRST, 0, 4, "");
    queue_start();
    take(NOW_MS, &item);
    payments_queue_done(q, &item);
    queue_stop();

    f = fopen(at("retry", FIRST ".new.done"), "ab");
    if (f == NULL) {
        die("fopen");
    }

    while (times--) {
        fputs(rest, f);
    }

    fclose(f);

    if (rest[0] == '\0') {
        put("new", "edited", 1, 4, "");
        snprintf(to, sizeof(to), "%s", at("new", FIRST));

        if (rename(at("new", "edited"), to) != 0) {
            die("rename");
        }
    }

    queue_start();
    is_int(deliver(NOW_MS, 10, order), 4, "%s: all lines", what);
    is_int(count("new") + count("retry"), 0, "%s: nothing stays", what);
    queue_stop();
}


static void
retries(void)
{
    char           **list;
    size_t           n;
    int64_t          due, named;
    unsigned         i, grain;
    struct stat      st;
    payments_item_t  item;

    static const int64_t  waits[] = {
        -5000, 0, 1, 799, 1600, 1601, 5000, 60000, 3600000, 86400000
    };

    for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        put("new", FIRST, i, 1, "");
        queue_start();
        is_int(take(NOW_MS, &item), i, "wait %d", (int) waits[i]);
        due = NOW_MS + waits[i];
        is_int(payments_queue_retry(q, &item, line, 3, NOW_MS, due, &fault),
               0, "is put into retry");
        is_int(flush(), 0, "flush");
        is_int(count("new"), 0, "out of new");

        list = names("retry", &n);
        named = 0;
        ok(n == 1 && strlen(list[0]) == 16 + 2 + 7
           && sscanf(list[0], "%" SCNd64 ".3.ndjson", &named) == 1,
           "into a file with its time");
        ok(n == 1 && stat(at("retry", list[0]), &st) == 0
           && (st.st_mode & 0777) == 0640, "of the right mode");
        free_names(list);

        grain = waits[i] / 8 > 100 ? waits[i] / 8 : 100;
        ok(named >= due && named < due + grain,
           "not before, and not much later: %d", (int) (named - due));

        /* a file for each tells nobody anything; a multiple of something */

        is_int(named % 100, 0, "on a grain");

        if (named > NOW_MS) {
            is_int(payments_queue_wait(q, NOW_MS), named - NOW_MS, "a wait");
            is_int(take(named - 1, &item), -2, "nothing before it is due");
        }

        is_int(take(named, &item), i, "then it is handed out");
        is_int(item.attempts, 3, "with its attempts");
        payments_queue_done(q, &item);
        is_int(take(named, &item), -2, "once");
        is_int(flush(), 0, "flush");
        is_int(count("retry"), 0, "and gone");
        queue_stop();
    }
}


/* many at about the same time go to few files */

static void
grains(void)
{
    unsigned         i;
    payments_item_t  item;

    put("new", FIRST, 0, 1000, "");
    queue_start();

    for (i = 0; i < 1000; i++) {
        take(NOW_MS + i, &item);
        payments_queue_retry(q, &item, line, 1, NOW_MS + i,
                             NOW_MS + i + 60000 + i * 60, &fault);
    }

    is_int(flush(), 0, "1000 lines go to retry");

    /* at least a sixteenth of a minute, or the grain would be doubled */

    ok(count("retry") <= 61000 / 3750 + 2, "in %u files",
       (unsigned) count("retry"));

    is_int(deliver(NOW_MS + 60000, 10, NULL), 0, "nothing is due before");
    is_int(payments_queue_wait(q, NOW_MS + 60000) > 0, 1, "there is a wait");
    queue_stop();

    /* by the next process */

    queue_start();
    i = deliver(NOW_MS + 90000, 10, NULL);
    ok(i > 400 && i < 600, "half of them in half of the time: %u", i);
    is_int(i + deliver(NOW_MS + 150000, 10, NULL), 1000, "all of them");
    is_int(count("retry"), 0, "nothing stays");
    queue_stop();
}


/* no line is added to a file that is worked on */

static void
closed(void)
{
    payments_item_t  item, other;

    put("retry", "1764020246500.1.ndjson", 9, 1, "");
    put("retry", "0001764020246500.1.ndjson", 0, 2, "");
    put("retry", "0001764020246500.01.ndjson", 9, 1, "");
    put("retry", "0001764020246700.1.ndjson", 4, 1, "{\"n\":5");
    put("new", FIRST, 2, 2, "");

    queue_start();
    is_int(take(1764020246500, &item), 0, "it is due");

    is_int(take(1764020246500, &other), 2, "one of new");
    is_int(payments_queue_retry(q, &other, line, 1, 1764020246400,
                                1764020246500, &fault),
           0, "of the same name");
    is_int(take(1764020246500, &other), 1, "the next one");
    payments_queue_done(q, &other);
    payments_queue_done(q, &item);
    is_int(take(1764020246500, &other), 3, "one of new");

    is_int(payments_queue_retry(q, &other, line, 1, 1764020246600,
                                1764020246700, &fault),
           0, "of the name of a file with a torn end");
    is_int(flush(), 0, "flush");
    ok(exists("retry", "0001764020246501.1.ndjson"), "it went to the next");
    ok(exists("retry", "0001764020246701.1.ndjson"), "and so did this");

    is_int(deliver(1764020246800, 5, order), 3, "all are delivered");
    is_int(order[0], 2, "in the order of their times");
    is_int(order[1], 4, "without the torn line");
    is_int(order[2], 3, "to the last");
    is_int(count("retry"), 2, "files with other names stay");
    queue_stop();
    queue_clear();
}


/* what was written a moment ago, and is worked on before any flush */

static void
at_once(void)
{
    payments_item_t  item, other;

    put("new", FIRST, 0, 3, "");
    queue_start();

    is_int(take(NOW_MS, &item), 0, "at once: one of new");
    payments_queue_retry(q, &item, line, 1, NOW_MS, NOW_MS, &fault);
    is_int(take(NOW_MS, &item), 0, "at once: it is due");
    is_int(take(NOW_MS, &other), 1, "at once: the next one");
    payments_queue_retry(q, &other, line, 1, NOW_MS, NOW_MS, &fault);
    payments_queue_done(q, &item);

    is_int(deliver(NOW_MS + 100, 5, order), 2, "at once: the others, once");
    is_int(count("new") + count("retry"), 0, "at once: nothing stays");

    /* a name is not free as long as it is worked on */

    put("new", FIRST, 0, 2, "");
    take(NOW_MS + 200, &item);
    payments_queue_retry(q, &item, line, 1, NOW_MS, NOW_MS + 200, &fault);
    flush();
    is_int(take(NOW_MS + 200, &item), 0, "removed: an item");
    unlink(at("retry", "0001764020246200.1.ndjson"));
    take(NOW_MS + 200, &other);
    payments_queue_retry(q, &other, line, 1, NOW_MS, NOW_MS + 200, &fault);
    flush();
    ok(exists("retry", "0001764020246201.1.ndjson"), "removed: another name");
    payments_queue_done(q, &item);
    is_int(deliver(NOW_MS + 300, 5, order), 1, "removed: that is delivered");
    is_int(order[0], 1, "removed: and only that");
    queue_stop();
}


/* what is given back comes again after a pause, and nothing else waits */

static void
released(void)
{
    payments_item_t  item;

    put("retry", "0001764020245000.1.ndjson", 0, 2, "");
    put("retry", "0001764020245001.7.ndjson", 2, 1, "");
    queue_start();

    is_int(take(NOW_MS, &item), 0, "released: an item");
    payments_queue_release(q, &item);
    is_int(deliver(NOW_MS, 5, order), 2, "released: the others");
    is_int(take(NOW_MS + 50, &item), -2, "released: nothing now");
    is_int(payments_queue_wait(q, NOW_MS + 50), 950, "released: a pause");
    is_int(take(NOW_MS + 999, &item), -2, "released: not before");
    is_int(take(NOW_MS + 1000, &item), 0, "released: again");
    is_int(item.attempts, 1, "released: with its attempts");
    payments_queue_done(q, &item);
    is_int(deliver(NOW_MS + 1000, 5, order), 0, "released: and only that");
    is_int(count("retry"), 0, "released: nothing stays");
    queue_stop();
}


static void
turns(void)
{
    put("new", FIRST, 0, 4, "");
    put("retry", "0001764020245000.1.ndjson", 10, 1, "");
    put("retry", "0001764020245001.1.ndjson", 11, 2, "");

    queue_start();
    is_int(deliver(NOW_MS, 20, order), 7, "seven lines");
    is_int(order[0], 10, "retry first");
    is_int(order[1], 0, "then new");
    is_int(order[2], 11, "in turns");
    is_int(order[3], 1, "even");
    is_int(order[4], 12, "over files");
    is_int(order[5], 2, "until retry ends");
    is_int(order[6], 3, "and new goes on");
    queue_stop();
}


static void
torn(void)
{
    FILE             *f;
    int64_t           when;
    payments_item_t   item;

    put("new", FIRST, 0, 1, "{\"n\":1");
    when = changed("new", FIRST);

    queue_start();
    is_int(take(when + 5, &item), 0, "torn: the whole line");
    payments_queue_done(q, &item);
    is_int(take(when + 5, &item), -2, "the rest may still be written");
    is_int(flush(), 0, "flush");
    ok(exists("new", FIRST), "and the file stays");

    f = fopen(at("new", FIRST), "ab");
    if (f == NULL || fputs("1}", f) == EOF || fclose(f) != 0) {
        die("fopen");
    }

    when = changed("new", FIRST);
    is_int(take(when + 9000, &item), 0, "as another file it comes again");
    payments_queue_done(q, &item);
    is_int(take(when + 9000, &item), -2, "a little more");
    is_int(flush(), 0, "flush");

    is_int(take(when + 10000, &item), -1, "it is complete");
    is_int(item.len, 8, "all of it");
    is_int(item.offset, (int64_t) record(0, NULL).len, "after the other");
    ok(memcmp(line, "{\"n\":11}", 8) == 0, "as it is");

    is_int(payments_queue_bury(q, &item, line, NOW, "no event", &fault), 0,
           "it is buried");
    is_int(take(when + 10000, &item), -2, "the end");
    is_int(flush(), 0, "flush");
    is_int(count("new") + count("retry"), 0, "nothing stays");
    queue_stop();
    queue_clear();
}


/* one with nothing in it is so, too: somebody has just made it */

static void
empty(void)
{
    FILE             *f;
    int64_t           when;
    payments_item_t   item;

    put("new", FIRST, 0, 0, "");
    put("new", SECOND, 0, 0, "");
    put("retry", "0001764020245000.1.ndjson", 0, 0, "");
    when = changed("new", FIRST);

    queue_start();
    is_int(deliver(when + 9000, 5, NULL), 0, "empty: no lines");
    ok(exists("new", FIRST), "empty: it may still be written");
    is_int(count("retry"), 0, "empty: nobody else writes into retry");

    f = fopen(at("new", FIRST), "ab");
    if (f == NULL) {
        die("fopen");
    }

    fwrite(record(3, NULL).data, 1, record(3, NULL).len, f);
    fclose(f);

    is_int(take(when + 9100, &item), 3, "empty: it is written");
    payments_queue_done(q, &item);
    is_int(deliver(when + 9200, 5, NULL), 0, "empty: the other one is not");
    is_int(flush(), 0, "empty: flush");
    ok(!exists("new", FIRST), "empty: that is delivered");
    is_int(deliver(changed("new", SECOND) + 10000, 5, NULL), 0,
           "empty: nobody has");
    is_int(count("new"), 0, "empty: and it goes");
    queue_stop();
}


/* more than a line may be, and more than one chunk of a file */

static void
longest(void)
{
    FILE            *f;
    size_t           i;
    payments_item_t  item;

    static const size_t  parts[] = { 5, PAYMENTS_MAX_LINE, 10, 70000 };

    f = fopen(at("new", FIRST), "wb");
    if (f == NULL) {
        die("fopen");
    }

    fputs("short\n", f);

    for (i = 0; i < PAYMENTS_MAX_LINE + 10; i++) {
        putc('x', f);
    }

    putc('\n', f);

    for (i = 0; i < 70000; i++) {
        putc('y', f);
    }

    putc('\n', f);
    fwrite(record(0, NULL).data, 1, record(0, NULL).len, f);
    fclose(f);

    queue_start();

    for (i = 0; i < 4; i++) {
        is_int(take(NOW_MS, &item), -1, "part %zu", i);
        is_int(item.len, parts[i], "its length");
        ok(line[item.len - 1] == "txxy"[i], "its end");
        payments_queue_done(q, &item);
    }

    is_int(take(NOW_MS, &item), 0, "the line after it");
    payments_queue_done(q, &item);
    is_int(take(NOW_MS, &item), -2, "the end");
    is_int(flush(), 0, "flush");
    is_int(count("new"), 0, "gone");
    queue_stop();
}


static void
buried(void)
{
    char           **list;
    char             why[3000];
    size_t           n;
    payments_str_t   file;
    payments_item_t  item;

    memset(why, 'w', sizeof(why) - 1);
    why[sizeof(why) - 1] = '\0';

    put("new", FIRST, 0, 2, "");
    queue_start();
    take(NOW_MS, &item);
    is_int(payments_queue_bury(q, &item, line, NOW, "{\"a\":1}", &fault), 0,
           "one is buried");
    take(NOW_MS, &item);
    is_int(payments_queue_bury(q, &item, line, NOW, why, &fault), 0,
           "another at the same time");
    is_int(take(NOW_MS, &item), -2, "the end");
    is_int(flush(), 0, "flush");
    is_int(count("new") + count("retry"), 0, "nothing stays");

    list = names("dead", &n);
    is_int(n, 4, "four files");

    if (n == 4) {
        is_str(list[0], strlen(list[0]),
               "1764020246000000.host-name-x.42.0.ndjson", 40, "the name");
        is_str(list[1], strlen(list[1]),
               "1764020246000000.host-name-x.42.0.ndjson.error", 46, "its");
        is_str(list[2], strlen(list[2]),
               "1764020246000001.host-name-x.42.1.ndjson", 40, "the next");

        file = read_file("dead", list[0]);
        is_str(file.data, file.len, record(0, NULL).data,
               record(0, NULL).len, "the line");
        unbox(file);

        file = read_file("dead", list[1]);
        is_str(file.data, file.len, "{\"a\":1}\n", 8, "the reason");
        unbox(file);

        file = read_file("dead", list[2]);
        is_str(file.data, file.len, record(1, NULL).data,
               record(1, NULL).len, "the next line");
        unbox(file);

        file = read_file("dead", list[3]);
        is_int(file.len, PAYMENTS_MAX_REASON + 1, "a reason that is too long");
        unbox(file);
    }

    free_names(list);

    /* put back */

    list = names("dead", &n);
    file = read_file("dead", list[0]);
    write_file("new", list[0], file);
    unbox(file);
    free_names(list);

    is_int(deliver(NOW_MS + 1000, 3, order), 1, "put back, it is delivered");
    is_int(order[0], 0, "as it was");
    queue_stop();
    queue_clear();
}


static void
locked(void)
{
    int                status, pipes[2];
    char               c;
    pid_t              pid;
    payments_queue_t  *other;

    put("new", FIRST, 0, 1, "");
    queue_start();

    other = payments_queue_create(&spool, "host", 43, LONGEST);
    is_int(payments_queue_open(other, &fault), 0, "another has the lock");
    payments_queue_close(other);

    if (pipe(pipes) != 0) {
        die("pipe");
    }

    fflush(stdout);
    pid = fork();

    if (pid == 0) {
        _exit(payments_queue_open(other, &fault));
    }

    waitpid(pid, &status, 0);
    is_int(status, 0, "so it is for another process");
    queue_stop();

    is_int(payments_queue_open(other, &fault), 1, "until it is given up");
    payments_queue_close(other);

    /* a process that is killed has given it up */

    pid = fork();

    if (pid == 0) {
        c = payments_queue_open(other, &fault);

        if (write(pipes[1], &c, 1) != 1) {
            _exit(1);
        }

        pause();
        _exit(0);
    }

    is_int(read(pipes[0], &c, 1), 1, "another process");
    is_int(c, 1, "has the lock");
    is_int(payments_queue_open(other, &fault), 0, "and nobody else");
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    is_int(payments_queue_open(other, &fault), 1, "until it is killed");
    payments_queue_free(other);

    close(pipes[0]);
    close(pipes[1]);

    queue_clear();
}


static void
removed(void)
{
    char             to[1024];
    payments_item_t  items[3], item;

    put("new", FIRST, 0, 3, "");
    put("new", SECOND, 3, 3, "");
    queue_start();

    is_int(payments_queue_next(q, NOW_MS, &items[0], &fault), 1, "an item");
    is_int(payments_queue_next(q, NOW_MS, &items[1], &fault), 1, "another");
    is_int(payments_queue_next(q, NOW_MS, &items[2], &fault), 1, "the last");
    is_int(payments_queue_load(q, &items[0], line, &fault), 1, "it is there");
    payments_queue_done(q, &items[0]);
    unlink(at("new", FIRST));
    is_int(payments_queue_load(q, &items[1], line, &fault), 0, "it is gone");
    is_int(payments_queue_load(q, &items[2], line, &fault), 0, "and this");

    /* another file in the place of one that is worked on */

    is_int(take(NOW_MS, &item), 3, "the next file");
    payments_queue_done(q, &item);
    is_int(payments_queue_next(q, NOW_MS, &item, &fault), 1, "its next line");
    is_int(flush(), 0, "flush");
    is_int(count("retry"), 1, "there are marks of one file only");

    put("new", "x", 6, 2, "");
    snprintf(to, sizeof(to), "%s", at("new", SECOND));

    if (rename(at("new", "x"), to) != 0) {
        die("rename");
    }

    is_int(payments_queue_load(q, &item, line, &fault), 0, "it is replaced");
    is_int(take(NOW_MS, &item), 0 - 5, "and so is the rest");
    is_int(flush(), 0, "flush");
    is_int(deliver(NOW_MS + 100, 5, order), 2, "what is there");
    ok(in_order(6, 2), "is delivered");
    is_int(count("new") + count("retry"), 0, "and nothing stays");

    /* so, and what was settled has no marks yet */

    put("new", FIRST, 0, 2, "");
    take(NOW_MS + 200, &items[0]);
    take(NOW_MS + 200, &items[1]);
    payments_queue_done(q, &items[0]);
    payments_queue_done(q, &items[1]);
    put("new", "x", 2, 2, "");
    snprintf(to, sizeof(to), "%s", at("new", FIRST));

    if (rename(at("new", "x"), to) != 0) {
        die("rename");
    }

    is_int(flush(), 0, "flush");
    is_int(count("retry"), 0, "it gets none of another file");

    /* a file of retry that goes while it is written */

    take(NOW_MS + 300, &item);
    payments_queue_retry(q, &item, line, 1, NOW_MS, NOW_MS + 500, &fault);
    unlink(at("retry", "0001764020246500.1.ndjson"));
    is_int(flush(), -1, "what was moved is lost");
    is_int(fault.err, ENOENT, "that is said");
    is_int(take(NOW_MS + 300, &item), 3, "the next line");
    payments_queue_done(q, &item);
    is_int(flush(), 0, "flush");
    is_int(deliver(NOW_MS + 400, 5, order), 1, "the line comes again");
    is_int(order[0], 2, "and only that");
    queue_stop();
}


/* more files than are kept from a scan, and than are worked on at a time */

static void
many(void)
{
    int               i, bad;
    char              name[64];
    unsigned          before;
    payments_item_t  *items;

    items = calloc(RECORDS, sizeof(payments_item_t));
    before = descriptors();

    for (i = 0; i < RECORDS; i++) {
        snprintf(name, sizeof(name), "%016d.host.1.0.ndjson",
                 (i * 1021) % RECORDS);
        put("new", name, (i * 1021) % RECORDS, 1, "");
    }

    queue_start();

    for (i = 0; i < MAX_SOURCES; i++) {
        if (payments_queue_next(q, NOW_MS, &items[i], &fault) != 1) {
            break;
        }
    }

    is_int(i, MAX_SOURCES, "as many are worked on");
    is_int(payments_queue_next(q, NOW_MS, &items[i], &fault), 0, "not more");
    is_int(payments_queue_wait(q, NOW_MS), -1, "until some are settled");
    ok(descriptors() < before + MAX_OPEN + 10, "with %u descriptors",
       descriptors() - before);

    snprintf(name, sizeof(name), "%016d.host.1.0.ndjson", 500);
    unlink(at("new", name));

    for (i = 0, bad = 0; i < MAX_SOURCES; i++) {
        if (i == 600) {
            is_int(flush(), 0, "flush");
        }

        if (payments_queue_load(q, &items[i], line, &fault) == 1) {
            bad += (number(line, items[i].len) != i);
            payments_queue_done(q, &items[i]);

        } else {
            bad += (i != 500);
        }
    }

    is_int(bad, 0, "in the order of their names");
    ok(descriptors() < before + MAX_OPEN + 10, "with few descriptors");
    is_int(flush(), 0, "flush");
    is_int(count("new"), RECORDS - MAX_SOURCES, "these are gone");
    is_int(deliver(NOW_MS, 100, order), RECORDS - MAX_SOURCES, "the others");
    ok(in_order(MAX_SOURCES, RECORDS - MAX_SOURCES), "in order, too");
    is_int(count("new") + count("retry"), 0, "nothing stays");
    queue_stop();
    free(items);
}


/* what is no file hides nothing behind it */

static void
strange_names(void)
{
    int   i;
    char  name[64];

    for (i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "%016d.ndjson", i);

        if (i % 2 ? mkdir(at("new", name), 0700)
                  : symlink("/etc/passwd", at("new", name)))
        {
            die("mkdir");
        }
    }

    put("new", FIRST, 0, 2, "");
    put("new", SECOND, 2, 2, "");
    put("new", "a.ndjson", 4, 2, "");

    queue_start();
    i = deliver(NOW_MS, 20, order);
    i += deliver(NOW_MS + 20, 20, order + i);
    is_int(i, 6, "all lines");
    ok(in_order(0, 6), "in order");
    queue_stop();

    for (i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "%016d.ndjson", i);

        if (i % 2 ? rmdir(at("new", name)) : unlink(at("new", name))) {
            die("rmdir");
        }
    }
}


/* what may not be read is passed over, said once, and read when it may be */

static void
barred(void)
{
    char      name[64];
    uid_t     user;
    unsigned  i;

    static const char  *const dirs[] = { "", "new", "retry", "dead" };

    user = geteuid();

    for (i = 0; user == 0 && i < 4; i++) {
        if (chown(at(dirs[i], ""), 65534, -1) != 0) {
            die("chown");
        }
    }

    put("new", FIRST, 0, 1, "");
    put("new", SECOND, 1, 2, "");
    put("new", "a.ndjson", 3, 1, "");
    put("retry", "0001764020245000.1.ndjson", 4, 1, "");
    put("retry", "0001764020245001.1.ndjson", 5, 1, "");
    chmod(at("new", FIRST), 0);
    chmod(at("new", "a.ndjson"), 0);
    chmod(at("retry", "0001764020245000.1.ndjson"), 0);
    chmod(at("new", SECOND), 0644);
    chmod(at("retry", "0001764020245001.1.ndjson"), 0644);

    if (user == 0 && seteuid(65534) != 0) {
        die("seteuid");
    }

    queue_start();
    is_int(passed(NOW_MS, order), 3, "barred: the others are handed out");
    is_int(order[0], 1, "barred: of new");
    is_int(order[1], 5, "barred: and of retry");
    is_int(order[2], 2, "barred: all lines");
    is_int(nculprits, 1, "barred: it is said once");
    is_str(culprits, strlen(culprits), "retry/0001764020245000.1.ndjson", 31,
           "barred: of which file");
    is_int(culprit_err, EACCES, "barred: and why");

    for (i = 1; i < 40; i++) {
        is_int(passed(NOW_MS + i * 700, order), 0, "barred: none of them");
    }

    is_int(nculprits, 1, "barred: not again");
    is_int(payments_queue_wait(q, NOW_MS) >= 0, 1, "barred: there is a wait");

    if (user == 0 && seteuid(0) != 0) {
        die("seteuid");
    }

    chmod(at("new", FIRST), 0644);
    chmod(at("retry", "0001764020245000.1.ndjson"), 0644);

    if (user == 0 && seteuid(65534) != 0) {
        die("seteuid");
    }

    is_int(passed(NOW_MS + 39 * 700 + 1000, order), 2, "barred: no more");
    is_int(order[0], 4, "barred: the one of retry");
    is_int(order[1], 0, "barred: the one of new");
    is_int(nculprits, 1, "barred: the third is known");

    /* one that goes is forgotten after a minute, and then another is said */

    unlink(at("new", "a.ndjson"));
    put("new", FIRST, 0, 1, "");
    chmod(at("new", FIRST), 0);
    is_int(passed(NOW_MS + 80000, order), 0, "barred: another");
    is_int(nculprits, 1, "barred: one of several");
    is_int(passed(NOW_MS + 150000, order), 0, "barred: later");
    is_int(nculprits, 2, "barred: the only one");
    is_str(culprits, strlen(culprits), "new/" FIRST, 36, "barred: this one");
    unlink(at("new", FIRST));

    /* more of them than are known */

    for (i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "%016u.ndjson", i);
        put("new", name, 9, 1, "");
        chmod(at("new", name), 0);
    }

    put("new", FIRST, 0, 3, "");

    for (i = 0; i < 3; i++) {
        is_int(passed(NOW_MS + 300000 + i * 100, order), i ? 0 : 3,
               "barred: many hide nothing behind them");
    }

    is_int(nculprits, 3, "barred: they are said once");

    queue_stop();

    if (user == 0 && seteuid(0) != 0) {
        die("seteuid");
    }

    for (i = 0; user == 0 && i < 4; i++) {
        if (chown(at(dirs[i], ""), 0, -1) != 0) {
            die("chown");
        }
    }

    queue_clear();
}


/* other directories in the place of those that are open */

static void
replaced(void)
{
    char             to[1024];
    payments_item_t  item;

    queue_start();
    is_int(payments_queue_replaced(q), 0, "replaced: not yet");

    snprintf(to, sizeof(to), "%s", at("dead.old", ""));
    to[strlen(to) - 1] = '\0';
    if (rename(at("dead", ""), to) != 0) {
        die("rename");
    }

    is_int(payments_queue_replaced(q), 1, "replaced: there is none");

    if (mkdir(at("dead", ""), 0700) != 0) {
        die("mkdir");
    }

    is_int(payments_queue_replaced(q), 1, "replaced: there is another");

    rmdir(at("dead", ""));
    if (rename(to, at("dead", "")) != 0) {
        die("rename");
    }

    is_int(payments_queue_replaced(q), 0, "replaced: it is back");

    /* all of the spool */

    put("new", FIRST, 0, 2, "");
    is_int(take(NOW_MS, &item), 0, "replaced: a line of the old one");

    snprintf(to, sizeof(to), "%s.old", spool_path);
    if (rename(spool_path, to) != 0) {
        die("rename");
    }

    is_int(payments_queue_replaced(q), 1, "replaced: no spool");

    if (mkdir(spool_path, 0700) != 0 || mkdir(at("new", ""), 0700) != 0
        || mkdir(at("retry", ""), 0700) != 0
        || mkdir(at("dead", ""), 0700) != 0)
    {
        die("mkdir");
    }

    put("new", FIRST, 5, 1, "");
    is_int(payments_queue_replaced(q), 1, "replaced: another spool");
    is_int(take(NOW_MS, &item), 1, "replaced: the old one is read on");
    payments_queue_done(q, &item);
    payments_queue_close(q);
    is_int(count("retry"), 0, "replaced: nothing of it is in the new one");

    is_int(payments_queue_open(q, &fault), 1, "replaced: the new one");
    is_int(payments_queue_replaced(q), 0, "replaced: that is the one");
    is_int(deliver(NOW_MS, 5, order), 1, "replaced: is delivered");
    is_int(order[0], 5, "replaced: what is in it");
    payments_queue_close(q);

    rmdir(at("new", ""));
    rmdir(at("retry", ""));
    rmdir(at("dead", ""));

    if (rmdir(spool_path) != 0 || rename(to, spool_path) != 0) {
        die("rename");
    }

    is_int(payments_queue_open(q, &fault), 1, "replaced: the old one again");
    is_int(deliver(NOW_MS, 5, order), 1, "replaced: goes on");
    is_int(order[0], 0, "replaced: where it was");
    queue_stop();
}


/* more moves in a round than files are open, and odd times */

static void
moves(void)
{
    int              i, bad;
    unsigned         before;
    payments_item_t  items[3], item;

    static const int64_t  dues[] = { INT64_MIN, INT64_MAX, -1 };

    put("new", FIRST, 0, 400, "");
    queue_start();
    before = descriptors();

    for (i = 0, bad = 0; i < 200; i++) {
        take(NOW_MS, &item);
        bad += (payments_queue_bury(q, &item, line, NOW, "why", &fault) != 0);
    }

    for (i = 0; i < 200; i++) {
        take(NOW_MS, &item);
        bad += (payments_queue_retry(q, &item, line, i + 1, NOW_MS,
                                     NOW_MS + 200, &fault)
                != 0);
    }

    is_int(bad, 0, "200 are buried, and as many retried");
    ok(descriptors() < before + 80, "with %u descriptors",
       descriptors() - before);
    is_int(flush(), 0, "flush");
    is_int(descriptors(), before, "with none after it");
    is_int(count("dead"), 400, "all are there");
    is_int(count("retry"), 200, "in as many files");
    is_int(deliver(NOW_MS + 30000, 7, NULL), 200, "and delivered");

    put("new", FIRST, 0, 3, "");

    for (i = 0; i < 3; i++) {
        is_int(take(NOW_MS + 30100, &items[i]), i, "a line");
    }

    for (i = 0; i < 3; i++) {
        payments_queue_load(q, &items[i], line, &fault);
        is_int(payments_queue_retry(q, &items[i], line, UINT32_MAX, NOW_MS,
                                    dues[i], &fault),
               0, "is due at a strange time");
    }

    is_int(flush(), 0, "flush");
    is_int(deliver(NOW_MS + 31000, 7, order), 3, "all are due");
    is_int(count("retry"), 0, "also the one in thousands of years");

    /* the file for another try has been removed since */

    put("new", FIRST, 0, 2, "");

    for (i = 0; i < 2; i++) {
        is_int(take(NOW_MS + 100, &item), i, "one of two lines");
        payments_queue_retry(q, &item, line, 1, NOW_MS, NOW_MS + 500, &fault);
        is_int(flush(), 0, "flush");

        if (i == 0) {
            unlink(at("retry", "0001764020246500.1.ndjson"));
        }
    }

    is_int(count("retry"), 1, "there is one again");
    put("retry", "0001764020246500-1.ndjson", 0, 1, "");
    put("retry", "0001764020246500.9999999999.ndjson", 0, 1, "");
    queue_stop();
    queue_start();
    is_int(deliver(NOW_MS + 50000, 7, order), 1, "with one line");
    is_int(order[0], 1, "the other is gone with its file");
    queue_stop();
    queue_clear();
}


/* more files of retry than are known at a time */

static void
parcels(void)
{
    int              i, n;
    char             name[64];
    payments_item_t  item;

    for (i = 0; i < MAX_PARCELS + 100; i++) {
        snprintf(name, sizeof(name), "%016d.1.ndjson", 1050 + 100 * i);
        put("retry", name, i % RECORDS, 1, "");
    }

    put("new", FIRST, 0, 1, "");
    queue_start();

    is_int(payments_queue_wait(q, 900), 150, "the first one");

    while (take(500, &item) == -2) { /* void */ }

    /* there is no room for a file of its own */

    is_int(payments_queue_retry(q, &item, line, 2, 500, 1001, &fault), -1,
           "a line with as many attempts as no other");
    is_int(fault.err, ENFILE, "has no place");
    is_int(payments_queue_retry(q, &item, line, 1, 500, 1001, &fault), 0,
           "another line");
    is_int(flush(), 0, "flush");
    is_int(count("retry"), MAX_PARCELS + 100, "goes to one that is there");
    ok(changed("retry", "0000000000001150.1.ndjson")
       > changed("retry", "0000000000001050.1.ndjson"), "the next one");

    n = deliver(1050 + 100 * (MAX_PARCELS + 49), 500, NULL);
    is_int(n, MAX_PARCELS + 50 + 1, "all that are due");
    n += deliver(1050 + 100 * (MAX_PARCELS + 1000), 500, NULL);
    is_int(n, MAX_PARCELS + 100 + 1, "and later the others");
    is_int(count("retry"), 0, "nothing stays");
    queue_stop();
}


/* named by a clock that was ahead */

static void
ahead(void)
{
    int              i;
    char             name[64];
    int64_t          last;
    payments_item_t  item;

    /* what may be asked for, rounded, is one that was */

    last = NOW_MS + LONGEST + LONGEST / 8;

    snprintf(name, sizeof(name), "%016" PRId64 ".1.ndjson", last);
    put("retry", name, 0, 1, "");
    snprintf(name, sizeof(name), "%016" PRId64 ".1.ndjson", last + 1000);
    put("retry", name, 1, 1, "");
    snprintf(name, sizeof(name), "%016" PRId64 ".7.ndjson",
             NOW_MS + 365 * (int64_t) LONGEST);
    put("retry", name, 2, 2, "");

    queue_start();
    is_int(take(NOW_MS, &item), 1, "ahead: a second too far is due now");
    payments_queue_done(q, &item);
    is_int(take(NOW_MS, &item), 2, "ahead: so is a year");
    is_int(item.attempts, 7, "ahead: with its attempts");
    payments_queue_done(q, &item);
    is_int(deliver(NOW_MS, 5, order), 1, "ahead: and its other line");
    is_int(count("retry"), 1, "ahead: what is not stays");

    /* the clock is put back while the relay works */

    is_int(deliver(NOW_MS - 2000, 5, order), 1, "back: it is too far as well");
    queue_stop();

    /* behind more than are known at a time */

    for (i = 0; i < MAX_PARCELS; i++) {
        snprintf(name, sizeof(name), "%016" PRId64 ".1.ndjson",
                 NOW_MS + 1000 + 100 * i);
        put("retry", name, 3, 1, "");
    }

    snprintf(name, sizeof(name), "%016" PRId64 ".1.ndjson",
             NOW_MS + 365 * (int64_t) LONGEST);
    put("retry", name, 5, 1, "");

    queue_start();
    is_int(deliver(NOW_MS, 5, order), 1, "ahead: it is not hidden");
    is_int(order[0], 5, "ahead: that one");
    i = deliver(NOW_MS + 1000 + 100 * MAX_PARCELS, 500, order);
    is_int(i, MAX_PARCELS, "ahead: the others in their time");
    is_int(count("retry"), 0, "ahead: nothing stays");
    queue_stop();
}


int
main(void)
{
    queue_init();

    normal();
    marked();
    foreign("garbage", "abc\n", 1);
    foreign("an offset too far", "99999999999\n", 1);
    foreign("an empty line", "\n", 1);
    foreign("too many", "0\n", 2000);
    foreign("another file", "", 0);
    retries();
    grains();
    closed();
    at_once();
    released();
    turns();
    torn();
    empty();
    longest();
    buried();
    locked();
    removed();
    many();
    strange_names();
    barred();
    replaced();
    moves();
    parcels();
    ahead();

    queue_done();

    return done_testing();
}
