#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# How fast the relay delivers what waits, beside what wrk gets through the same
# nginx to the same application, and how much memory it needs for that.
#
#     util/drain.pl [events [rounds]]
#
# events: in new/ before the relay starts, 100,000 by default, of about 2.3 KB
# and 1,000 to a file.  rounds: 5, each of all of them, by turns with wrk: as
# many connections as the relay has deliveries at a time, POSTs of the same
# size, 2 s.  The time is from nginx's start.  Prints the medians with their
# ranges, the median of the rounds' ratios, and the most memory of the relay.
#
# Called by "make test-drain".  Everything is below build/t-drain*, and on the
# loopback interface.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use Test::More;
use Time::HiRes qw(time);

use lib dirname(abs_path($0)) . '/../t/lib';
use PaymentsServer qw(event slurp wait_for);

my $AT_ONCE = 16;
my $BODY = 2300;
my $FILE = 1000;
my $PATIENCE = 600;

my $events = shift // 100_000;
my $rounds = shift // 5;

die "usage: $0 [events [rounds]]\n"
    if @ARGV || $events !~ /^\d+$/ || $events < 1000
       || $rounds !~ /^\d+$/ || !$rounds;


my $app = PaymentsServer->new('drain-app', paths => [], http =>
    'access_log off;', server => <<END);
    location / { return 200 '{"status": "OK"}'; }
END

my $server = PaymentsServer->new('drain', paths => [], http => <<END,
    upstream app {
        server 127.0.0.1:$app->{port};
        keepalive 32;
        keepalive_requests 1000000;
    }
END
    server => <<END);
    access_log off;

    location /payments/process/ {
        payments_process;
        payments_spool spool min_free=0;
        payments_pass \@app;
        payments_relay concurrency=$AT_ONCE;
    }

    location \@app {
        proxy_pass http://app;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
    }

    location = /wrk {
        proxy_pass http://app;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
    }
END


# Lines as a worker writes them, of which only the ids differ

sub fill {
    my ($n) = @_;

    my $new = $server->spool_path . '/new';

    make_path($new);

    for (my $i = 0; $i < $n; $i += $FILE) {
        my $name = sprintf '%016d.drain.1.0.ndjson', 1764020246000000 + $i;
        my $last = $i + $FILE < $n ? $i + $FILE : $n;

        open my $f, '>', "$new/.$name" or die "$name: $!\n";
        print $f map { line("evt_$_") } $i + 1 .. $last;
        close $f or die "$name: $!\n";
        rename "$new/.$name", "$new/$name" or die "$name: $!\n";
    }
}


sub line {
    my ($id) = @_;

    return qq({"specversion":"1.0","id":"$id","source":)
        . '"/payments/process/stripe","type":"com.stripe.checkout.session.'
        . 'completed","datacontenttype":"application/json","data":{"variant":'
        . '"stripe","provider":"stripe","signed":"body","event":"checkout.'
        . 'session.completed","token":null,"created":1764020246,"received":'
        . '"2026-11-24T23:32:16.298Z","payload":' . event($id, $BODY)
        . "}}\n";
}


sub waits {
    return scalar(() = $server->files('new'))
        + grep { !/\.done$/ } $server->files('retry');
}


# The seconds until nothing waits; the relay's memory, in KB, at its most

sub drain {
    my ($n) = @_;

    fill($n);

    my $begin = time;
    my $most = 0;

    $server->start;

    my $relay = wait_for(sub { $server->relay }, 'the relay');

    my $done = wait_for(sub {
        my ($kb) = (slurp("/proc/$relay/status") // '') =~ /^VmHWM:\s*(\d+)/m;

        $most = $kb if $kb && $kb > $most;
        return !waits();
    }, 'the spool to be empty', $PATIENCE);

    my $seconds = time - $begin;

    $server->stop;

    die "it did not end\n" if !$done;
    die "some are dead\n" if $server->files('dead');

    return ($seconds, $most);
}


# POSTs a second

sub wrk {
    my $script = "$server->{prefix}/post.lua";

    open my $f, '>', $script or die "$script: $!\n";
    print $f "wrk.method = 'POST'\nwrk.body = '", 'x' x ($BODY + 400), "'\n";
    close $f;

    $server->start;

    my $said = `wrk -t1 -c$AT_ONCE -d2s -s '$script' http://127.0.0.1:$server->{port}/wrk 2>&1`;

    $server->stop;

    die "wrk: $said\n" if $said =~ /Non-2xx/ || $said !~ m{^Requests/sec: *([\d.]+)}m;

    return $1;
}


sub median {
    my @sorted = sort { $a <=> $b } @_;

    return $sorted[$#sorted / 2];
}


sub range {
    my ($unit, @values) = @_;

    my @sorted = sort { $a <=> $b } @values;

    return sprintf "%.$unit (%.$unit to %.$unit)", median(@values), $sorted[0],
        $sorted[-1];
}


plan skip_all => 'no wrk: run util/deps.sh check'
    if system('command -v wrk >/dev/null') != 0;

$app->start;

my (@relay, @wrk, @ratio, @most);
my ($few) = (drain(1000))[1];

for (1 .. $rounds) {
    my ($seconds, $most) = drain($events);

    push @relay, $events / $seconds;
    push @wrk, wrk();
    push @ratio, $relay[-1] / $wrk[-1];
    push @most, $most;
}

my ($most) = sort { $b <=> $a } @most;

diag('delivered a second: ' . range('0f', @relay));
diag('by wrk:             ' . range('0f', @wrk));
diag('ratio:              ' . range('2f', @ratio));
diag("memory:             $most KB, $few KB with 1,000 that wait");

# as many bytes as events would show

cmp_ok($most - $few, '<', 4096, 'memory does not grow with what waits');

$server->ok_clean;

done_testing;
