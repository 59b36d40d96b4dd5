
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Recovery beside the living, and beside another recovery.
 */


#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "spool.h"


#define NAME  "1764020246000000.host.42.0.ndjson"
#define A     "{\"id\":\"a\",\"data\":{\"payload\":{\"x\":[1,{}]}}}\n"


static payments_recovery_t  recovery;


static void
owners(void)
{
    int                 fd, rc, to[2], from[2], status;
    pid_t               pid;
    char                c;
    payments_str_t      got;
    payments_segment_t  seg;

    /* in this process */

    write_file("active", NAME, LIT(A "{\"to"));
    fd = open(at("active", NAME), O_RDWR|O_CLOEXEC);

    if (flock(fd, LOCK_EX) != 0) {
        die("flock");
    }

    is_int(recover(&recovery), 0, "recover beside an owner");
    is_int(recovery.sealed + recovery.removed + recovery.corrupt, 0,
           "nothing is done");
    got = read_file("active", NAME);
    is_str(got.data, got.len, A "{\"to", sizeof(A "{\"to") - 1,
           "the segment is untouched");
    unbox(got);

    close(fd);
    is_int(recover(&recovery), 0, "recover when it is gone");
    is_int(recovery.sealed, 1, "the segment is sealed");
    spool_clear();

    /* an own segment */

    payments_segment_init(&seg, spool_buffer);
    rc = payments_segment_create(&seg, &spool, NOW, "host", 42, &fault);
    is_int(rc, 0, "create");
    is_int(recover(&recovery), 0, "recover beside an empty one");
    is_int(count("active"), 1, "which stays");
    is_int(commit(&seg, 0, 2), 0, "commit");
    is_int(recover(&recovery), 0, "recover");
    is_int(count("active"), 1, "it stays");
    is_int(commit(&seg, 2, 1), 0, "commit");
    is_int(payments_segment_seal(&seg, &spool, &fault), 0, "seal");
    ok(only(0, 3), "nothing is lost");
    spool_clear();

    /* in another process, until it is killed */

    if (pipe(to) != 0 || pipe(from) != 0) {
        die("pipe");
    }

    fflush(stdout);
    pid = fork();

    if (pid == 0) {
        /* through the page cache: half a record is half a block, too */

        payments_segment_init(&seg, NULL);
        c = payments_segment_create(&seg, &spool, NOW, "host", 42, &fault)
            | commit(&seg, 0, 3);

        if (write(from[1], &c, 1) != 1 || read(to[0], &c, 1) != 1) {
            _exit(3);
        }

        /* what the kernel wrote when the owner was killed */

        if (pwrite(seg.fd, "{\"n\":4", 6, seg.committed) != 6
            || write(from[1], &c, 1) != 1)
        {
            _exit(4);
        }

        for ( ;; ) {
            pause();
        }
    }

    c = 1;
    is_int(read(from[0], &c, 1), 1, "another process has a segment");
    is_int(c, 0, "with three records");

    is_int(recover(&recovery), 0, "recover beside it");
    is_int(recovery.sealed + recovery.removed, 0, "nothing is done");
    is_int(count("active"), 1, "the segment stays");

    if (write(to[1], "x", 1) != 1 || read(from[0], &c, 1) != 1) {
        die("write");
    }

    is_int(recover(&recovery), 0, "recover beside half a record");
    is_int(count("active"), 1, "the segment stays");

    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    ok(WIFSIGNALED(status), "the process is killed");

    is_int(recover(&recovery), 0, "recover");
    is_int(recovery.sealed, 1, "it is sealed");
    ok(only(0, 3), "with what was committed");
    spool_clear();

    close(to[0]);
    close(to[1]);
    close(from[0]);
    close(from[1]);
}


/* several processes recover the same segments */

static void
together(void)
{
    int              status, go[2], failed, bad, round;
    char             name[64], c;
    pid_t            pids[4];
    unsigned         i, k;
    payments_str_t   str;
    unsigned char    file[4096];

    bad = 0;
    failed = 0;

    for (round = 0; round < 10; round++) {

        for (i = 0; i < 60; i++) {
            sprintf(name, "17640202460000%02u.host.42.%u.ndjson", i, i);
            str = record(2 * i, NULL);
            memcpy(file, str.data, str.len);
            k = str.len;

            if (i % 3 == 0) {
                memcpy(file + k, "bad\n", 4);
                k += 4;
            }

            str = record(2 * i + 1, NULL);
            memcpy(file + k, str.data, str.len);
            k += str.len;

            if (i % 3 == 1) {
                memcpy(file + k, "{\"torn", 6);
                k += 6;
            }

            write_file("active", name, bytes(file, k));
        }

        if (pipe(go) != 0) {
            die("pipe");
        }

        fflush(stdout);

        for (i = 0; i < 4; i++) {
            pids[i] = fork();

            if (pids[i] == 0) {
                close(go[1]);

                if (read(go[0], &c, 1) != 0) {
                    _exit(9);
                }

                _exit(recover(&recovery) != 0);
            }
        }

        close(go[0]);
        close(go[1]);

        for (i = 0; i < 4; i++) {
            waitpid(pids[i], &status, 0);
            failed += (status != 0);
        }

        bad += !only(0, 120) || count("active") != 0 || count("new") != 60
               || count("corrupt") != 20;

        spool_clear();
    }

    is_int(failed, 0, "four recover at once");
    is_int(bad, 0, "each record is found once");
}


/* and while others create, commit and seal */

static void
alongside(void)
{
    int                 status, failed;
    pid_t               writers[3], recoverers[2];
    unsigned            w, i;
    payments_segment_t  seg;

    fflush(stdout);

    for (w = 0; w < 3; w++) {
        writers[w] = fork();

        if (writers[w] == 0) {
            payments_segment_init(&seg, spool_buffer);

            for (i = 0; i < 200; i++) {

                while (payments_segment_create(&seg, &spool,
                                               NOW + 1000 * i, "host",
                                               1000 + w, &fault)
                       != 0)
                {
                    if (fault.err != EAGAIN) {
                        _exit(1);
                    }
                }

                if (commit(&seg, 500 * w + 2 * i, 1) != 0
                    || commit(&seg, 500 * w + 2 * i + 1, 1) != 0
                    || payments_segment_seal(&seg, &spool, &fault) != 0)
                {
                    _exit(2);
                }
            }

            _exit(0);
        }
    }

    for (w = 0; w < 2; w++) {
        recoverers[w] = fork();

        if (recoverers[w] == 0) {
            for ( ;; ) {
                if (recover(&recovery) != 0) {
                    _exit(1);
                }
            }
        }
    }

    failed = 0;

    for (w = 0; w < 3; w++) {
        waitpid(writers[w], &status, 0);

        if (status != 0) {
            diag("a writer ends with %d", WEXITSTATUS(status));
            failed++;
        }
    }

    for (w = 0; w < 2; w++) {
        kill(recoverers[w], SIGKILL);
        waitpid(recoverers[w], &status, 0);

        if (!WIFSIGNALED(status)) {
            diag("recovery ends with %d", WEXITSTATUS(status));
            failed++;
        }
    }

    is_int(failed, 0, "two recover while three write");
    is_int(recover(&recovery), 0, "and afterwards");

    survey();
    failed = 0;

    for (i = 0; i < RECORDS; i++) {
        failed += (found[i] != (i < 1500 && i % 500 < 400));
    }

    is_int(failed, 0, "each record is found once");
    is_int(strange, 0, "and nothing else");
    is_int(count("active"), 0, "active is empty");

    spool_clear();
}


int
main(void)
{
    spool_init();

    owners();
    together();
    alongside();

    spool_done();

    return done_testing();
}
