# Copyright (C) 2026 ngx_http_payments_module contributors

# nginx is killed in the middle of its work, or told to end: what was answered
# with 200 is there afterwards.

use strict;
use warnings;

use Test::More;

use PaymentsServer qw(slurp wait_for);


my $LOST = 0;


# Posts events, and does something at some of the answers; a true value from
# that ends the run.  Nothing is sent twice, so that nothing may be there twice.

sub round {
    my ($server, $name, $n, $events) = @_;

    my @ids = map { "evt_${name}_$_" } 1 .. $n;

    my $result = $server->run(ids => \@ids, clients => 48, on_answer => sub {
        my ($id, $status, $count) = @_;

        return $events->{$count} && $events->{$count}->();
    });

    $LOST += grep { $_ eq 'lost' } values %$result;

    my %other = map { $_ => 1 }
        grep { $_ ne '200' && $_ ne 'lost' } values %$result;
    is_deeply(\%other, {}, "$name: no answer but 200");

    return $result;
}


my $server = PaymentsServer->new('110-kill', workers => 2)->start;


# workers, by turns all of them and one of them

for my $i (1 .. 4) {
    my $name = "worker_$i";
    my $kill = sub {
        my @workers = $server->workers;

        if ($i % 2 == 0) {
            $server->{killed}{$workers[0]}++;
            kill 'KILL', $workers[0];

        } else {
            $server->kill_workers;
        }

        return 0;
    };

    my $result = round($server, $name, 600,
                       { 100 + $i * 7 => $kill, 300 + $i => $kill });

    $server->ok_safe($result, $name);
    $server->ok_once($name);
    ok(wait_for(sub { $server->workers == 2 }), "$name: there are two again");
}

cmp_ok($LOST, '>', 0, 'some workers were at work');


# All of it.  What the master would log, nobody does.

for my $i (1 .. 3) {
    my $name = "all_$i";

    my $result = round($server, $name, 600, {
        150 + $i * 13 => sub { $server->kill_all; return 1; },
    });

    cmp_ok(scalar PaymentsServer::answered($result), '>=', 150 + $i * 13,
           "$name: some were answered");

    $server->start;

    $server->ok_safe($result, $name);
    $server->ok_once($name);
    $server->ok_idle($name);
}


# At the end of a process its thread ends its work: nothing is left

for my $signal (qw(TERM QUIT)) {
    for my $i (1 .. 3) {
        my $name = lc($signal) . "_$i";

        my $result = round($server, $name, 600, {
            150 + $i * 13 => sub { kill $signal, $server->{master}; return 1; },
        });

        ok($server->ended, "$name: it ends");
        is_deeply([$server->files('active')], [], "$name: active/ is empty");

        $server->ok_safe($result, $name);
        $server->ok_once($name);

        $server->start;
    }
}

$server->ok_idle('the last');
ok($server->stop, 'it ends');
$server->ok_clean;


# A segment that a failing disk has changed: what can be read is delivered, and
# the original is kept

my $name = '1764020246000000.nowhere.1.0.ndjson';
my $spool = $server->spool_path;
my $good = '{"id":"evt_good","data":{"payload":{"id":"evt_good"}}}' . "\n";
my $all = "\0" x 10 . "\n" . $good;

open my $f, '>', "$spool/active/$name" or die "$!\n";
print $f $all;
close $f;

$server->start;
$server->ok_idle('corrupt');
is(slurp("$spool/new/$name"), $good, 'its good line is in new/');
is(slurp("$spool/corrupt/$name"), $all, 'it is in corrupt/');
ok(wait_for(sub {
    return $server->log_lines(
        qr/\[crit\].*: 1 segments had unreadable lines, they are in "corrupt"/);
}), 'that is said');
ok($server->stop, 'it ends again');
$server->ok_clean('corrupt');

done_testing;
