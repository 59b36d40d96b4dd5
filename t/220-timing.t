# Copyright (C) 2026 ngx_http_payments_module contributors

# How long a signature is verified does not tell where it differs, or which one
# of several matches.
#
# Method: a program has payments_signature.c in it twice, as it is, and as a
# control that compares bytes until the first that differs (CRYPTO_memcmp()
# replaced).  In each round every kind of signature is verified once by each of
# both, in an order that is drawn anew; per round the difference to the kind
# that differs in its first byte is taken, so that what slows down the machine
# slows down both.  The median of the differences, and its 99.9 % interval
# (of order statistics: nothing is assumed about the noise), is held against a
# limit, a twentieth of what the control shows for a difference in the last byte
# instead of the first.  It fails when the interval lies beyond the limit,
# passes when it lies within, and otherwise goes on measuring; a machine that is
# too noisy for an answer skips visibly.
#
# What it can see: each verification compares 16 signatures of 32 bytes, all
# differing at the same place, so that the control's loop runs 16 * 31 bytes
# longer.  A twentieth of that is less than a nanosecond for each comparison:
# the time of one or two bytes in a plain loop.  A memcmp() that compares vectors
# may be as quick wherever they differ; no clock sees that, and so the object file
# is asked, too.
#
# PAYMENTS_LONG=1 measures ten times as long.

use strict;
use warnings;

use Cwd qw(getcwd);
use File::Path qw(make_path);
use Test::More;


my $ROUNDS = $ENV{PAYMENTS_LONG} ? 20000 : 2000;
my $TRIES = 8;

my @KINDS = qw(first middle last all match_first match_last);

my $cc = $ENV{CC} || 'gcc';
my $dir = getcwd() . '/build/t-220-timing';

my $version = `$cc --version 2>&1`;
plan skip_all => 'no compiler' if $? != 0;

make_path($dir);


# Both from one source; the control has other names

sub build {
    open my $f, '>', "$dir/main.c" or die "$dir/main.c: $!\n";
    local $/;
    print $f <DATA>;
    close $f;

    my $flags = '-std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -Isrc/core';
    my $source = 'src/core/payments_signature.c';
    my $names = join ' ', '-DCRYPTO_memcmp=leaky_memcmp',
        map { "-Dpayments_$_=leaky_$_" } qw(signature_judge signature_verify);
    my $others = join ' ', map { "src/core/payments_$_.c" }
        qw(secret scheme key base64 hex);

    for my $command ("$cc $flags -c -o $dir/real.o $source",
                     "$cc $flags $names -c -o $dir/leaky.o $source",
                     "$cc $flags -o $dir/timing $dir/main.c $dir/real.o"
                     . " $dir/leaky.o $others -lcrypto")
    {
        my $output = `$command 2>&1`;

        if ($? != 0) {
            diag("$command\n$output");
            return 0;
        }
    }

    return 1;
}


# [real or leaky][kind][round], in ticks, appended to what there is

sub measure {
    my ($times, $seed) = @_;

    open my $p, '-|', "$dir/timing", $ROUNDS, $seed or die "$dir/timing: $!\n";

    while (<$p>) {
        my @row = split;

        for my $which (0, 1) {
            push @{$times->[$which][$_]}, $row[$which * @KINDS + $_]
                for 0 .. $#KINDS;
        }
    }

    close $p;

    return $? == 0;
}


# Median of the paired differences, and its interval

sub interval {
    my ($times, $from, $to) = @_;

    my @d = sort { $a <=> $b }
        map { $times->[$to][$_] - $times->[$from][$_] }
        0 .. $#{$times->[$from]};

    my $half = 3.29 * sqrt(@d) / 2;
    my @at = map { int } (@d / 2 - $half, @d / 2, @d / 2 + $half);

    return map { $d[$_] } @at;
}


sub judge {
    my ($times) = @_;

    # first to last, of the control

    my ($low, $middle) = interval($times->[1], 0, 2);

    # noise as large as that would hide anything

    return ('noise') if $low <= 0 || $low < $middle / 2;

    my $limit = $middle / 20;
    my %verdict;

    for my $kind (1 .. $#KINDS) {
        my ($low, $median, $high) = interval($times->[0], 0, $kind);

        $verdict{$KINDS[$kind]} = {
            text => sprintf('%.1f (%.1f .. %.1f), limit %.1f',
                            $median, $low, $high, $limit),
            verdict => $low > $limit || $high < -$limit ? 'leaks'
                : $low >= -$limit && $high <= $limit ? 'even' : 'noise',
        };
    }

    return ('', $middle, \%verdict);
}


ok(build(), 'the program is built') or BAIL_OUT('no program');

my ($times, @last) = ([]);

for my $try (1 .. $TRIES) {
    if (!measure($times, $try)) {
        fail('the program runs');
        last;
    }

    @last = judge($times);

    last if $last[0] eq ''
        && !grep { $_->{verdict} eq 'noise' } values %{$last[2]};
}

my ($noise, $effect, $verdict) = @last;

SKIP: {
    skip 'the machine is too noisy to see the control', 1 + $#KINDS if $noise;

    my $rounds = @{$times->[0][0]};

    cmp_ok($effect, '>', 0, sprintf('the control tells the last byte from the'
                                    . ' first: %.1f ns in %d rounds', $effect,
                                    $rounds));

    for my $kind (@KINDS[1 .. $#KINDS]) {
        my $v = $verdict->{$kind};

        SKIP: {
            skip "too noisy: $kind, $v->{text}", 1 if $v->{verdict} eq 'noise';

            is($v->{verdict}, 'even', "$kind, against first: $v->{text}");
        }
    }
}


my $nm = `nm -u $dir/real.o 2>&1`;

SKIP: {
    skip 'no nm', 1 if $? != 0;

    like($nm, qr/\bCRYPTO_memcmp\b/, 'digests are compared by CRYPTO_memcmp()');
}


done_testing;

__DATA__

/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Prints the times of one round a line: of each kind, by payments_signature.c,
 * and then by the control; in ns for one verification.
 */

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "payments_signature.h"

#define KINDS    6
#define SECRETS  2
#define REPEAT   8

payments_rc_e leaky_signature_verify(const payments_signature_t *sig,
    payments_secret_t **secrets, unsigned n, payments_str_t body,
    unsigned *matched);
int leaky_memcmp(const void *a, const void *b, size_t len);

typedef payments_rc_e (*verify_pt)(const payments_signature_t *sig,
    payments_secret_t **secrets, unsigned n, payments_str_t body,
    unsigned *matched);

static const payments_scheme_t  scheme = {
    .timed = 1,
    .parts = {
        { PAYMENTS_PART_TIME, 0, payments_string(".") },
        { PAYMENTS_PART_BODY, 0, payments_string("") }
    }
};

static payments_signature_t  sigs[KINDS];
static payments_secret_t    *secrets[2][SECRETS];
static payments_str_t        body = payments_string("{\"id\":\"evt_1\"}");
static unsigned long long    state;


/* a plain loop, and one that the compiler does not know by name */

#if defined(__clang__)
#define PLAIN  __attribute__((noinline, optnone))
#else
#define PLAIN  __attribute__((noinline, optimize("no-tree-vectorize")))
#endif


PLAIN int
leaky_memcmp(const void *a, const void *b, size_t len)
{
    size_t                         i;
    const volatile unsigned char  *p, *q;

    p = a;
    q = b;

    for (i = 0; i < len; i++) {
        if (p[i] != q[i]) {
            return 1;
        }
    }

    return 0;
}


static unsigned
draw(unsigned n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;

    return (unsigned) (state >> 33) % n;
}


/*
 * The digest of the first secret, by asking: verify() says when it matches, so
 * that bytes are not known before; HMAC() of OpenSSL knows them
 */

#include <openssl/hmac.h>

static void
digest_of(const char *key, unsigned char *digest)
{
    unsigned  len;
    char      text[256];

    snprintf(text, sizeof(text), "1764020246.%s", (const char *) body.data);
    HMAC(EVP_sha256(), key, strlen(key), (unsigned char *) text, strlen(text),
         digest, &len);
}


/*
 * All signatures of a kind differ at the same place from the first secret's
 * digest; both secrets are the same, so that it is so for both
 */

static void
make(int kind, payments_signature_t *sig)
{
    unsigned       i, k;
    unsigned char  right[PAYMENTS_SHA256];

    static const char            time_text[] = "1764020246";
    static const payments_str_t  nothing[PAYMENTS_SENT_MAX];

    digest_of("whsec_timing", right);

    sig->scheme = &scheme;
    sig->sent = nothing;
    sig->time = 1764020246;
    sig->time_text.len = sizeof(time_text) - 1;
    sig->time_text.data = (const unsigned char *) time_text;
    sig->count = PAYMENTS_MAX_SIGNATURES;

    for (k = 0; k < sig->count; k++) {
        memcpy(sig->digests[k], right, PAYMENTS_SHA256);

        switch (kind) {

        case 1:
            sig->digests[k][PAYMENTS_SHA256 / 2] ^= 1;
            break;

        case 2:
            sig->digests[k][PAYMENTS_SHA256 - 1] ^= 1;
            break;

        case 3:
            for (i = 0; i < PAYMENTS_SHA256; i++) {
                sig->digests[k][i] ^= 1 + (7 * i + k) % 255;
            }

            break;

        case 4:
        case 5:
            if (k == (kind == 4 ? 0 : sig->count - 1)) {
                break;
            }

            /* fall through */

        default:
            sig->digests[k][0] ^= 1;
        }
    }
}


static double
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec * 1e9 + ts.tv_nsec;
}


static double
run(int which, int kind)
{
    int            i;
    double         start;
    unsigned       matched;
    payments_rc_e  rc, expected;

    static payments_signature_t  sig;

    static verify_pt  verify[] = {
        payments_signature_verify, leaky_signature_verify
    };

    /* from the same place, so that no cache knows one better */

    sig = sigs[kind];
    expected = kind >= 4 ? PAYMENTS_OK : PAYMENTS_NO_MATCH;

    start = now();

    for (i = 0; i < REPEAT; i++) {
        rc = verify[which](&sig, secrets[which], SECRETS, body, &matched);

        if (rc != expected) {
            fprintf(stderr, "kind %d: %d\n", kind, rc);
            exit(1);
        }
    }

    return (now() - start) / REPEAT;
}


int
main(int argc, char **argv)
{
    int     i, k, swap, rounds, order[2 * KINDS];
    double  times[2 * KINDS];

    static const char  key[] = "whsec_timing";

    rounds = argc > 1 ? atoi(argv[1]) : 1000;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

    for (i = 0; i < SECRETS; i++) {
        secrets[0][i] = payments_secret_create((const unsigned char *) key,
                                               sizeof(key) - 1);
        secrets[1][i] = payments_secret_create((const unsigned char *) key,
                                               sizeof(key) - 1);
    }

    for (k = 0; k < KINDS; k++) {
        make(k, &sigs[k]);
    }

    /* the first rounds warm it up */

    for (i = -50; i < rounds; i++) {

        for (k = 0; k < 2 * KINDS; k++) {
            order[k] = k;
        }

        for (k = 2 * KINDS - 1; k > 0; k--) {
            int j = draw(k + 1);

            swap = order[k];
            order[k] = order[j];
            order[j] = swap;
        }

        for (k = 0; k < 2 * KINDS; k++) {
            times[order[k]] = run(order[k] / KINDS, order[k] % KINDS);
        }

        for (k = 0; i >= 0 && k < 2 * KINDS; k++) {
            printf("%.1f%c", times[k], k == 2 * KINDS - 1 ? '\n' : ' ');
        }
    }

    return 0;
}
