#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# What an event costs: this module beside what else checks webhooks.
#
#     bench/bench.pl            the cases, by turns
#     bench/bench.pl growth     this module, over what may grow
#     bench/bench.pl journal    this module, on a file system with a journal:
#                               one in a file, so that it takes root to mount
#
# From the environment: ROUNDS, SECONDS of a run, CASES, names of some cases
# ("floor" is always there), SHORT.  Called by "make bench".
#
# The server has one core, wrk another one.  A run starts its server anew.  It
# fails, and nothing is written, when an answer is an error, when the server
# takes a wrong signature, or when fewer events have arrived than were answered.

use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin ();
use List::Util qw(max min);
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/lib";
use BenchEvents ();
use BenchGrowth ();
use BenchReport ();
use BenchServer ();

my $ROOT = abs_path("$FindBin::Bin/..");

# Of a server before it is measured
my $WARM_UP = 0.3;
my $WARM_UP_EVENTS = 300;

# Of the records of a file, in bytes, for the larger ones
my $FILE = 64 << 20;

my @GROUPS = (['checkout', 1], ['checkout', 64], ['checkout', 512],
              ['thin', 64], ['invoice', 64]);

# Times the records of a file: more events than a second has
my $VARIANTS = 32;

my $SHORT = 'floor|proxy|verify|durable|lua|django';
my $JOURNAL = 'floor|verify|nosync|durable|dedup';
my $JOURNAL_MB = 4096;

my $short = $ENV{SHORT};
my $what = shift // 'cases';
my $rounds = $ENV{ROUNDS} || ($short ? 2 : $what eq 'growth' ? 3 : 5);
my $seconds = $ENV{SECONDS} || ($short ? 1 : 2);
my %wanted = map { $_ => 1 } split ' ', $ENV{CASES} // '';
my @foreign;
my ($journal, $loop);

$BenchServer::DIR = "$ROOT/build/bench";
$BenchServer::NGINX = $ENV{NGINX_BIN} || 'nginx';
$BenchServer::MODULE = "$ROOT/build/ngx_http_payments_module.so";

die "usage: $0 [cases|growth|journal]\n"
    if @ARGV || $what !~ /^(?:cases|growth|journal)$/;
die "ROUNDS is a number from 1 on, SECONDS one from 1 to 10\n"
    if $rounds !~ /^[1-9]\d*$/ || $seconds !~ /^(?:[1-9]|10)$/;

for my $signal (qw(INT TERM HUP)) {
    $SIG{$signal} = sub { die "got SIG$signal\n" };
}

$SIG{PIPE} = 'IGNORE';
$| = 1;


# Ticks of the server's core that somebody used

sub busy {
    my ($line) = BenchServer::slurp('/proc/stat')
        =~ /^cpu$BenchServer::SERVER_CORE (.*)/m or die "no such core\n";
    my @ticks = split ' ', $line;

    return $ticks[0] + $ticks[1] + $ticks[2] + $ticks[5] + $ticks[6]
        + $ticks[7];
}


# A record of a file as a request

sub record {
    my ($f, $path) = @_;

    my ($length, $request) = scalar <$f>;

    return if !defined $length;

    read $f, $request, $length;

    return "POST $path$request";
}


# Takes what is right, refuses what is not, and has seen some of it

sub warm_up {
    my ($server, $file) = @_;

    my $path = $server->{path};

    # of these wrk gets last

    $path .= $server->{variants} - 1 . '/' if $server->{variants};

    open my $f, '<:raw', $file or die "$file: $!\n";

    if ($server->{signed}) {
        my $request = record($f, $path);

        $request =~ s/"livemode": true/"livemode":\ttrue/
            or die "nothing to change\n";

        my $status = BenchServer::http($server->{port}, $request);

        die "$server->{name} answers $status to a wrong signature\n"
            if $status < 400;
    }

    my $end = time + $WARM_UP;

    for (1 .. $WARM_UP_EVENTS) {
        my $request = record($f, $path) // last;
        my $status = BenchServer::http($server->{port}, $request);

        die "$server->{name} answers $status\n" . $server->log_text
            if $status !~ /^20[04]$/;
        last if time > $end;
    }
}


sub wrk {
    my ($server, $file, $connections) = @_;

    my @command = ('taskset', '-c', $BenchServer::CLIENT_CORE, 'wrk', '-t1',
        "-c$connections", "-d${seconds}s", '--timeout', '60s', '-s',
        "$FindBin::Bin/post.lua", "http://127.0.0.1:$server->{port}", '--',
        $file, $server->{path}, $server->{variants} // 0, 0);

    open my $pipe, '-|', @command or die "wrk: $!\n";
    my $said = do { local $/; <$pipe> };
    close $pipe;

    my ($answers, $us, $errors, $lost, $p50, $p99)
        = $said =~ /^bench: (\d+) (\d+) (\d+) (\d+) (\S+) (\S+)/m
        or die "wrk: $said\n";

    die "$server->{name}: of $answers answers $errors are errors, and $lost"
        . " connections failed\n" . $server->log_text
        if !$answers || $errors || $lost;

    return { answers => $answers, us => $us, rate => $answers / $us * 1e6,
             p50 => $p50, p99 => $p99 };
}


# Until the server has done what it had: clients have gone, events may be there

sub quiet {
    my ($server) = @_;

    my $cpu = -1;

    BenchServer::await(sub {
        my $was = $cpu;

        sleep 0.06;
        $cpu = $server->cpu;

        return $cpu == $was;
    }, "$server->{name} to be done", 60);

    return $cpu;
}


sub check_arrived {
    my ($server, $run, $before, $connections) = @_;

    return if !defined $before;

    my $arrived = $server->arrived - $before;

    die "$server->{name}: $run->{answers} answers, $arrived events arrived\n"
        if $arrived < $run->{answers}
           || $arrived > $run->{answers} + $connections;

    $run->{arrived} = $arrived;
}


# A case once: events a second, microseconds, KB

sub run {
    my ($case, $kind, $connections) = @_;

    my $records = $case->{records} // $BenchEvents::RECORDS;

    $records = int($FILE / $kind)
        if $kind =~ /^\d+$/ && $kind * $records > $FILE;

    my ($file, $size) = BenchEvents::file($BenchServer::DIR, $kind,
        of_body => $case->{of_body}, records => $records);

    my $server = BenchServer->new($case);
    my $left = BenchGrowth::fill($server);

    $server->start;
    warm_up($server, $file) if !$left;

    # what is left is recovered at once

    my $before = $left || $server->arrived;
    my ($cpu, $busy, $begin) = ($left ? $server->cpu : quiet($server), busy(),
                                time);
    my $reader = BenchGrowth::reader($server, $seconds);
    my $run = wrk($server, $file, $connections);

    BenchGrowth::read_all($server, $reader, $seconds) if $reader;

    $cpu = quiet($server) - $cpu;
    $busy = (busy() - $busy) / $BenchServer::TICKS * 1e6 - $cpu;
    push @foreign, max(0, $busy / (time - $begin) / 1e4);

    check_arrived($server, $run, $before, $connections);

    $run->{cpu} = $cpu / ($run->{arrived} // $run->{answers});
    $run->{use} = $cpu / $run->{us} * 100;
    $run->{rss} = $server->rss;
    $run->{size} = $size;

    die "$case->{name}:\n" . $server->log_text if $server->log_text ne '';

    $server->stop;

    return $run;
}


sub show {
    my (@what) = @_;

    my $run = pop @what;

    printf "%-32s %8.0f/s  %7.1f us CPU  p50 %8.0f us  p99 %8.0f us  %3.0f MB\n",
        "@what", $run->{rate}, $run->{cpu}, $run->{p50}, $run->{p99},
        $run->{rss} / 1024;
}


# Microseconds of a write and an fdatasync

sub append {
    my ($size) = @_;

    my $said = `taskset -c $BenchServer::SERVER_CORE /usr/bin/python3 '$FindBin::Bin/append.py' \\
        '$BenchServer::DIR' $size 0.5`;

    return split ' ', $said;
}


sub cases {
    my @cases = grep {
        !%wanted || $_->{name} eq 'floor' || $wanted{$_->{name}}
    } @BenchServer::CASES;
    my %known = map { $_->{name} => 1 } @BenchServer::CASES;
    my @groups = $short ? @GROUPS[0, 1] : @GROUPS;

    if ($what eq 'journal' && !%wanted) {
        @cases = grep { $_->{name} =~ /^(?:$JOURNAL)$/ } @cases;

    } elsif ($short && !%wanted) {
        @cases = grep { $_->{name} =~ /^(?:$SHORT)$/ } @cases;
    }

    for (grep { !$known{$_} } keys %wanted) {
        die "no case $_: ", join(' ', map { $_->{name} } @cases), "\n";
    }

    my (%runs, @appends);

    # with dedup each event has to be another one

    $_->{variants} &&= $VARIANTS * $seconds for @cases;

    for my $round (1 .. $rounds) {
        for my $group (@groups) {
            for my $case (@cases) {
                my $run = run($case, @$group);

                show($round, @$group, $case->{name}, $run);
                push @{$runs{"@$group"}{$case->{name}}}, $run;
            }

            push @appends, [append(int $runs{"@$group"}{floor}[0]{size})]
                if $group->[1] == 1;
        }
    }

    return BenchReport::cases(
        $what eq 'journal' ? 'With a journal' : 'What an event costs', \@cases, \@groups, \%runs, \@appends);
}


sub growth {
    my @series = BenchGrowth::series($short);

    for my $round (1 .. $rounds) {
        for my $series (@series) {
            my ($name, @points) = @$series;

            for my $point (@points) {
                my $run = run($point->{case}, $point->{kind}, 64);

                show($round, $name =~ /^(\w+)/, $point->{case}{name},
                     $point->{label}, $run);
                push @{$point->{runs}}, $run;
            }
        }
    }

    return BenchReport::growth(@series);
}


# ext4 in a file below build/bench, without the cache of what it lies on

sub mount_journal {
    my $dir = "$BenchServer::DIR/journal";
    my $image = "$dir.img";

    die "only root can mount: a journal cannot be measured\n" if $> != 0;

    mkdir $dir;
    unlink $image;

    my $device = `truncate -s ${JOURNAL_MB}M '$image' \\
        && mkfs.ext4 -q -F '$image' && losetup --direct-io=on --show -f '$image'`;

    chomp $device;
    die "no loop device\n" if $? != 0 || $device eq '';

    $loop = $device;
    system('mount', $device, $dir) == 0 or die "mount failed\n";
    $journal = $dir;

    return $dir;
}


END {
    my $status = $?;

    # nobody may use it any more

    BenchServer::finish(BenchServer::started());
    system('umount', $journal) if defined $journal;
    system('losetup', '-d', $loop) if defined $loop;
    unlink "$journal.img" if defined $journal;

    $? = $status;
}


sub main {
    die "two cores are needed: one for the server, one for wrk\n"
        if `nproc` < 2;

    mkdir "$ROOT/build";
    mkdir $BenchServer::DIR;

    $BenchServer::DIR = mount_journal() if $what eq 'journal';

    my $machine = BenchReport::machine($rounds, $seconds);

    # the server's core is the server's
    system("taskset -cp $BenchServer::CLIENT_CORE $$ >/dev/null") == 0
        or die "taskset failed\n";

    my ($text, $chart) = $what eq 'growth' ? growth() : cases();

    undef $chart if $what eq 'journal';

    $text .= $machine . BenchReport::foreign(@foreign);

    # what is not all of it is not for the README

    my $to = $short || %wanted ? "$ROOT/build/bench" : $FindBin::Bin;

    BenchReport::put("$to/RESULTS.md", $what, $text);
    BenchServer::spill("$to/chart.svg", $chart) if $chart;

    print "\n", $text, "\n$to/RESULTS.md\n";
}


main();
