#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# Whoever can reach the port can have requests refused, but not fill the disk
# with the lines about them: what has no line is counted.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use PaymentsServer qw(event wait_for);


my $UNKNOWN = '/payments/process/unknown/';

my $server = PaymentsServer->new('085-log-flood')->start;
my ($worker) = $server->workers;

my $sent = 0;
my $ids = 0;


# Requests that are refused

sub flood {
    my ($n) = @_;

    my $result = $server->run(ids => [map { 'evt_' . ++$ids } 1 .. $n],
                              clients => 16, keepalive => 1, reopen => 1,
                              paths => [$UNKNOWN]);

    is(PaymentsServer::tally($result), "400: $n", "$n are refused");

    $sent += $n;
}


sub lines {
    return scalar $server->log_lines('event for .* refused: unknown_variant');
}


# Of all requests: those with a line, and those that a line counts

sub accounted {
    my $n = lines();

    $n += $_ for map { /; (\d+) more|payments: (\d+) more/; $1 // $2 // 0 }
        $server->log_lines('more refused requests were not logged');

    return $n;
}


# Until the last of them has no line: one may have become due

sub unsaid {
    for (1 .. 10) {
        flood(200);
        return if accounted() != $sent;
    }

    fail('a request without a line');
}


# In the next line that is written

my $start = time;

flood(5000);

my $seconds = time - $start;
my $lines = lines();

cmp_ok($lines, '>=', 50, 'those of a moment have a line');
cmp_ok($lines, '<=', 50 + 10 * $seconds + 1, 'and ten a second more');

ok(wait_for(sub {
    $server->post('{}', path => $UNKNOWN);
    $sent++;
    return lines() > $lines;
}), 'a line follows');

is(accounted(), $sent, 'each has a line or is counted in one');

is(scalar(() = $server->log_lines('payments: \d+ more')), 0,
   'which needs no line of its own');


# Accepted events are none of it, nor are lines of another kind

is($server->post(event('evt_right'))->{status}, 200, 'an event is taken');


# By a worker that retires

unsaid();

kill 'HUP', $server->{master};

ok(wait_for(sub { !grep { $_ == $worker } $server->workers }),
   'the worker ends before the time of the count has come');

is(scalar(() = $server->log_lines("\\[warn\\] $worker#.*payments: \\d+ more "
                                  . 'refused requests were not logged$')), 1,
   'and tells it');
is(accounted(), $sent, 'right');


# After a minute of silence

SKIP: {
    skip 'PAYMENTS_LONG is not set: a minute', 2 if !$ENV{PAYMENTS_LONG};

    unsaid();

    ok(wait_for(sub { accounted() == $sent }, 'the count', 70), 'told');
    is(scalar(() = $server->log_lines('payments: \d+ more')), 2,
       'in a line of its own');
}


# By one that is stopped

unsaid();

ok($server->stop, 'it ends');
is(accounted(), $sent, 'nothing is left uncounted');

$server->ok_clean;

done_testing();
