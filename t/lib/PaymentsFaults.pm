package PaymentsFaults;

# Copyright (C) 2026 ngx_http_payments_module contributors

# System calls, and allocations, of a worker that fail, are short or do not
# return when a test says so: a small library between nginx and libc
# (LD_PRELOAD), built by the test, and told what to do by a file that both have.

use strict;
use warnings;

use Cwd qw(getcwd);
use Errno qw(ENOMEM);
use File::Path qw(make_path);
use Test::More ();
use PaymentsNginx;


# The order of the enum below

my @CALLS = qw(malloc pwritev fdatasync fsync ftruncate renameat unlinkat open
               openat flock fstat statx fchmod statvfs pread fdopendir
               fcntl);
my %CALL = map { $CALLS[$_] => $_ } 0 .. $#CALLS;

# Words of 8 bytes: these, and then those of each call

my %HEAD = (pid => 0, hold => 1, tokens => 2, again => 3, held => 4,
            ahead => 5);
my %FIELD = (skip => 0, times => 1, error => 2, short => 3, hits => 4,
             calls => 5, delay => 6);
my $HEAD = 8;
my $FIELDS = 8;


# Why there can be none, or undef

sub cannot {
    my $nginx = PaymentsNginx::program();

    # a script has a sanitizer in it, which wants to be the first in the chain

    open my $f, '<:raw', $nginx or return "$nginx: $!";
    read $f, my $magic, 4;
    close $f;

    return 'nginx is below a tool of its own' if $magic ne "\x7fELF";

    my $cc = compiler();
    my $version = `$cc --version 2>&1`;

    return 'no compiler' if $? != 0;
    return;
}


sub compiler {
    return $ENV{CC} || 'gcc';
}


# Builds it; name is that of a directory below build/

sub new {
    my ($class, $name) = @_;

    my $dir = getcwd() . "/build/t-$name-shim";

    make_path($dir);

    my $self = bless { file => "$dir/control", shim => "$dir/shim.so" }, $class;

    local $/;
    my $at = tell DATA;
    my $source = <DATA>;
    seek DATA, $at, 0;

    open my $f, '>', "$dir/shim.c" or die "$dir/shim.c: $!\n";
    print $f $source;
    close $f;

    my $cc = compiler();
    my $output = `$cc -shared -fPIC -O1 -Wall -Wextra -Werror \\
        -o '$self->{shim}' '$dir/shim.c' -ldl 2>&1`;

    die "the shim: $output\n" if $? != 0;

    return $self;
}


# Of a server

sub start {
    my ($self, $server) = @_;

    open $self->{control}, '+>:raw', $self->{file} or die "$!\n";
    syswrite $self->{control}, "\0" x (8 * ($HEAD + $FIELDS * @CALLS));

    local $ENV{LD_PRELOAD} = $self->{shim};
    local $ENV{PAYMENTS_SHIM} = $self->{file};

    $server->start;

    my ($worker) = $server->workers;
    $self->set(pid => $worker);

    return $worker;
}


sub word {
    my ($self, $at, $value) = @_;

    sysseek $self->{control}, 8 * $at, 0;

    if (defined $value) {
        syswrite $self->{control}, pack 'q', $value;
        return $value;
    }

    sysread $self->{control}, my $word, 8;

    return unpack 'q', $word;
}


# pid, the worker, or -1 for all; hold, 1 while no fdatasync returns; tokens, how many of them
# may; held, how many are waiting; again, syncs of a descriptor whose sync had
# failed; ahead, seconds that its monotonic clock is ahead

sub set {
    my ($self, $name, $value) = @_;

    $self->word($HEAD{$name}, $value);
}


sub get {
    my ($self, $name) = @_;

    return $self->word($HEAD{$name});
}


# skip calls are let through, then times of them fail with error, -1 for all;
# short, bytes: the last one before is cut to that, of pwritev; delay, in us,
# before each

sub arm {
    my ($self, $call, %opt) = @_;

    my $at = $HEAD + $FIELDS * $CALL{$call};

    # times is what it waits for

    $self->word($at + $FIELD{times}, 0);
    $self->word($at + $FIELD{$_}, $opt{$_} || 0)
        for qw(skip error short hits calls delay);
    $self->word($at + $FIELD{times}, $opt{times} // 1);
}


sub disarm {
    my ($self, @calls) = @_;

    for my $call (@calls ? @calls : @CALLS) {
        my $at = $HEAD + $FIELDS * $CALL{$call};

        $self->word($at + $FIELD{$_}, 0) for qw(times skip short delay);
    }
}


# How many have failed; how many there were, since it was armed

sub hits {
    my ($self, $call) = @_;

    return $self->word($HEAD + $FIELDS * $CALL{$call} + $FIELD{hits});
}


sub calls {
    my ($self, $call) = @_;

    return $self->word($HEAD + $FIELDS * $CALL{$call} + $FIELD{calls});
}


# Each allocation of a request fails, one after the other, so many times from
# there.  request: given the number, what became of it; right: what may; after:
# the same of one that is let through, "" when it is as it should be; some: there
# are more than that.

sub ok_allocations {
    my ($self, $name, %opt) = @_;

    my (%outcomes, @wrong);
    my ($at, $misses) = (0, 0);

    for (; $at < 400 && $misses < 3 && @wrong < 6; $at++) {
        $self->arm('malloc', error => ENOMEM, skip => $at,
                   times => $opt{times});

        my $outcome = $opt{request}->($at);

        $misses = $self->hits('malloc') ? 0 : $misses + 1;
        $self->disarm;

        my $after = $opt{after}->($at);

        $outcomes{$outcome}++;
        push @wrong, "$at: $outcome" if $outcome !~ /^(?:$opt{right})$/;
        push @wrong, "$at: $outcome, then $after" if $after ne '';
    }

    Test::More::is_deeply(\@wrong, [], "$name: all of " . ($at - $misses)
                          . ' allocations fail as they should');
    Test::More::note("$name: " . join ', ', map { "$_: $outcomes{$_}" }
                     sort keys %outcomes);
    Test::More::cmp_ok($at - $misses, '>', $opt{some}, "$name: there are some");
    Test::More::is($misses, 3, "$name: no more than that");
}


1;

__DATA__

#define _GNU_SOURCE

/* no redirection of names by the headers: both are defined below */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    MALLOC, PWRITEV, FDATASYNC, FSYNC, FTRUNCATE, RENAMEAT, UNLINKAT, OPEN,
    OPENAT, FLOCK, FSTAT, STATX, FCHMOD, STATVFS, PREAD, FDOPENDIR,
    FCNTL, CALLS
};

typedef struct {
    int64_t  skip, times, error, limit, hits, calls, delay, pad;
} slot_t;

static struct {
    int64_t  pid, hold, tokens, again, held, ahead, pad[2];
    slot_t   slot[CALLS];
} *control;

static unsigned char  failed[65536];

#define load(p)    __atomic_load_n(p, __ATOMIC_SEQ_CST)
#define add(p, n)  __atomic_add_fetch(p, n, __ATOMIC_SEQ_CST)


__attribute__((constructor)) static void
shim_init(void)
{
    int          fd;
    void        *p;
    const char  *name;

    name = getenv("PAYMENTS_SHIM");
    fd = name != NULL ? (int) open(name, O_RDWR|O_CLOEXEC) : -1;

    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(*control), PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);

    if (p != MAP_FAILED) {
        control = p;
    }
}


static int
shim_concerned(void)
{
    int64_t  pid;

    if (control == NULL) {
        return 0;
    }

    pid = load(&control->pid);

    return pid == -1 || pid == getpid();
}


/* 1 when this call is to fail, -1 when it is to be short */

static int
shim_judge(int call)
{
    slot_t   *slot;
    int64_t   delay, times;

    if (!shim_concerned()) {
        return 0;
    }

    slot = &control->slot[call];

    delay = load(&slot->delay);
    if (delay) {
        usleep(delay);
    }

    times = load(&slot->times);
    if (times == 0) {
        return 0;
    }

    add(&slot->calls, 1);

    if (load(&slot->skip) > 0 && add(&slot->skip, -1) >= 0) {
        return load(&slot->skip) == 0 && load(&slot->limit) ? -1 : 0;
    }

    if (times > 0 && add(&slot->times, -1) < 0) {
        return 0;
    }

    add(&slot->hits, 1);
    errno = load(&slot->error);

    return 1;
}


static void *
shim_next(const char *name)
{
    void  *p = dlsym(RTLD_NEXT, name);

    if (p == NULL) {
        abort();
    }

    return p;
}

#define NEXT(type, name)                                                      \
    static __typeof__(type)  next;                                            \
    if (next == NULL) {                                                       \
        next = (__typeof__(type)) shim_next(name);                            \
    }


/* allocations: libc's own are known by other names, dlsym() wants them too */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *
malloc(size_t size)
{
    return shim_judge(MALLOC) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    return shim_judge(MALLOC) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
    return shim_judge(MALLOC) ? NULL : __libc_realloc(p, size);
}

int
posix_memalign(void **p, size_t alignment, size_t size)
{
    if (shim_judge(MALLOC)) {
        return ENOMEM;
    }

    *p = __libc_memalign(alignment, size);

    return *p != NULL ? 0 : ENOMEM;
}


/* system calls: the names of both sizes of off_t */

#define SIMPLE(call, type, name, params, args)                                \
    type name params                                                          \
    {                                                                         \
        NEXT(type (*) params, #name)                                          \
        return shim_judge(call) ? (type) -1 : next args;                      \
    }

SIMPLE(FTRUNCATE, int, ftruncate, (int fd, off_t len), (fd, len))
SIMPLE(FTRUNCATE, int, ftruncate64, (int fd, off_t len), (fd, len))
SIMPLE(RENAMEAT, int, renameat, (int a, const char *b, int c, const char *d),
       (a, b, c, d))
SIMPLE(UNLINKAT, int, unlinkat, (int a, const char *b, int c), (a, b, c))
SIMPLE(FLOCK, int, flock, (int a, int b), (a, b))
SIMPLE(FCHMOD, int, fchmod, (int a, mode_t b), (a, b))
SIMPLE(FSTAT, int, fstat, (int a, void *b), (a, b))
SIMPLE(FSTAT, int, fstat64, (int a, void *b), (a, b))
SIMPLE(STATX, int, statx, (int a, const char *b, int c, unsigned d, void *e),
       (a, b, c, d, e))
SIMPLE(STATVFS, int, statvfs, (const char *a, void *b), (a, b))
SIMPLE(STATVFS, int, statvfs64, (const char *a, void *b), (a, b))
SIMPLE(PREAD, ssize_t, pread, (int a, void *b, size_t c, off_t d),
       (a, b, c, d))
SIMPLE(PREAD, ssize_t, pread64, (int a, void *b, size_t c, off_t d),
       (a, b, c, d))

void *
fdopendir(int fd)
{
    NEXT(void *(*) (int), "fdopendir")

    return shim_judge(FDOPENDIR) ? NULL : next(fd);
}


/* of a connection that has no socket; an argument is as wide as a pointer */

#define FCNTLS(name)                                                          \
    int name(int fd, int command, ...)                                        \
    {                                                                         \
        void     *arg;                                                        \
        va_list   args;                                                       \
        NEXT(int (*) (int, int, ...), #name)                                  \
        va_start(args, command);                                              \
        arg = va_arg(args, void *);                                           \
        va_end(args);                                                         \
        return command == F_DUPFD_CLOEXEC && shim_judge(FCNTL)                \
               ? -1 : next(fd, command, arg);                                 \
    }

FCNTLS(fcntl)
FCNTLS(fcntl64)


static int
shim_mode(int flags, va_list args)
{
    return flags & (O_CREAT|O_TMPFILE) ? va_arg(args, int) : 0;
}

#define OPENS(name)                                                           \
    int name(const char *path, int flags, ...)                                \
    {                                                                         \
        int      mode;                                                        \
        va_list  args;                                                        \
        NEXT(int (*) (const char *, int, ...), #name)                         \
        va_start(args, flags);                                                \
        mode = shim_mode(flags, args);                                        \
        va_end(args);                                                         \
        return shim_judge(OPEN) ? -1 : next(path, flags, mode);               \
    }

#define OPENATS(name)                                                         \
    int name(int dir, const char *path, int flags, ...)                       \
    {                                                                         \
        int      mode;                                                        \
        va_list  args;                                                        \
        NEXT(int (*) (int, const char *, int, ...), #name)                    \
        va_start(args, flags);                                                \
        mode = shim_mode(flags, args);                                        \
        va_end(args);                                                         \
        return shim_judge(OPENAT) ? -1 : next(dir, path, flags, mode);        \
    }

OPENS(open)
OPENS(open64)
OPENATS(openat)
OPENATS(openat64)


/* a short one writes what it says it has */

static ssize_t
shim_pwritev(ssize_t (*next)(int, const struct iovec *, int, off_t), int fd,
    const struct iovec *iov, int n, off_t offset)
{
    int           i, judged;
    size_t        left;
    struct iovec  part[1024];

    judged = shim_judge(PWRITEV);

    if (judged == 1) {
        return -1;
    }

    if (judged == 0) {
        return next(fd, iov, n, offset);
    }

    left = load(&control->slot[PWRITEV].limit);

    for (i = 0; i < n && i < 1024 && left; i++) {
        part[i] = iov[i];

        if (part[i].iov_len > left) {
            part[i].iov_len = left;
        }

        left -= part[i].iov_len;
    }

    return next(fd, part, i, offset);
}

#define PWRITEVS(name)                                                        \
    ssize_t name(int fd, const struct iovec *iov, int n, off_t offset)        \
    {                                                                         \
        NEXT(ssize_t (*) (int, const struct iovec *, int, off_t), #name)      \
        return shim_pwritev(next, fd, iov, n, offset);                        \
    }

PWRITEVS(pwritev)
PWRITEVS(pwritev64)


static int
shim_sync(int call, int (*next)(int), int fd)
{
    int  rc;

    if (control != NULL && failed[fd & 0xffff]) {
        add(&control->again, 1);
    }

    if (shim_judge(call)) {
        rc = -1;

    } else {

        if (call == FDATASYNC && shim_concerned() && load(&control->hold)) {
            add(&control->held, 1);

            while (load(&control->hold)) {
                if (load(&control->tokens) > 0) {
                    add(&control->tokens, -1);
                    break;
                }

                usleep(500);
            }

            add(&control->held, -1);
        }

        rc = next(fd);
    }

    if (rc != 0) {
        failed[fd & 0xffff] = 1;
    }

    return rc;
}

int
fdatasync(int fd)
{
    NEXT(int (*) (int), "fdatasync")

    return shim_sync(FDATASYNC, next, fd);
}

int
fsync(int fd)
{
    NEXT(int (*) (int), "fsync")

    return shim_sync(FSYNC, next, fd);
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
    int  rc;
    NEXT(int (*) (clockid_t, struct timespec *), "clock_gettime")

    rc = next(clock, ts);

    if (rc == 0 && clock != CLOCK_REALTIME && shim_concerned()) {
        ts->tv_sec += load(&control->ahead);
    }

    return rc;
}

int
close(int fd)
{
    NEXT(int (*) (int), "close")

    failed[fd & 0xffff] = 0;

    return next(fd);
}
