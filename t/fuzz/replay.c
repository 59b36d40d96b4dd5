
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A fuzz target without a fuzzer: runs it on every seed, on each beginning of
 * a seed and on each seed without one of its bytes.  With arguments, runs it
 * on these files alone, e.g. on what "make fuzz" left in build/fuzz/.
 */


#include <dirent.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"
#include "tap.h"


/* bytes of a seed of which each is an end once; of a larger one some are */
#define ENDS  512


/* a target may be without */

int  LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__ ((weak));


static unsigned char *
load(const char *path, size_t *len)
{
    FILE           *file;
    long            size;
    unsigned char  *p;

    file = fopen(path, "rb");

    if (file == NULL || fseek(file, 0, SEEK_END) != 0
        || (size = ftell(file)) < 0)
    {
        printf("Bail out! %s: %s\n", path, strerror(errno));
        exit(2);
    }

    rewind(file);

    p = fuzz_alloc(size);
    *len = fread(p, 1, size, file);
    fclose(file);

    return p;
}


/* what the input was when it broke, on stderr: a child's last words */

static void
run(const unsigned char *data, size_t len)
{
    unsigned char  *copy;

    copy = fuzz_copy(data, len);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}


static void
run_all(const unsigned char *data, size_t len, int variants)
{
    size_t          i, step;
    unsigned char  *without;

    run(data, len);

    if (!variants || len == 0) {
        return;
    }

    step = len / ENDS + 1;
    without = fuzz_alloc(len - 1);

    for (i = 0; i < len; i += step) {
        run(data, i);

        memcpy(without, data, i);
        memcpy(without + i, data + i + 1, len - i - 1);
        run(without, len - 1);
    }

    free(without);
}


/* each in a process of its own: a sanitizer ends the one where it finds */

static void
replay(const char *path, int variants)
{
    int             status;
    pid_t           pid;
    size_t          len;
    unsigned char  *data;

    data = load(path, &len);

    fflush(NULL);
    pid = fork();

    if (pid == 0) {
        run_all(data, len, variants);
        free(data);
        exit(0);
    }

    if (pid == -1 || waitpid(pid, &status, 0) == -1) {
        printf("Bail out! fork: %s\n", strerror(errno));
        exit(2);
    }

    is_int(status, 0, "%s", path);
    free(data);
}


static int
is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}


static void
replay_seeds(const char *dir)
{
    int              i, n;
    char             path[1024];
    struct dirent  **entries;

    n = scandir(dir, &entries, is_seed, alphasort);

    ok(n > 0, "there are seeds in %s", dir);

    for (i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
        replay(path, 1);
        free(entries[i]);
    }

    if (n >= 0) {
        free(entries);
    }
}


int
main(int argc, char **argv)
{
    int  i;

    if (LLVMFuzzerInitialize != NULL) {
        LLVMFuzzerInitialize(&argc, &argv);
    }

    for (i = 1; i < argc; i++) {
        replay(argv[i], 0);
    }

    if (argc == 1) {
        replay_seeds(FUZZ_SEEDS);
    }

    return done_testing();
}
