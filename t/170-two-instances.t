# Copyright (C) 2026 ngx_http_payments_module contributors

# Two nginx share a spool: neither takes the other's live segments away, and
# each one's dead ones are the other's to recover.

use strict;
use warnings;

use POSIX ();
use Test::More;

use PaymentsServer qw(event wait_for);


# Segments that stay open for as long as a test may take

my $one = PaymentsServer->new('170-one', spool_args => 'min_free=0 seal=60s');
my $spool = $one->spool_path;

# One thread, so that its recovery is done before its first event is taken

my $two = PaymentsServer->new('170-two', spool => $spool,
                              main => 'thread_pool default threads=1;');


sub posted {
    my ($server, $id) = @_;

    my $answer = $server->post(event($id));
    is($answer && $answer->{status}, 200, "$id: answered");
}


# Ids in active/: whole lines, or there were none

sub open_ids {
    return map { /"id":"(evt_\w+)"/ ? $1 : () }
        map { split /\n/, PaymentsServer::slurp("$spool/active/$_") || '' }
        $one->files('active');
}


# A new worker of a server; it recovers when it starts

sub restarted {
    my ($server, $name) = @_;

    my ($old) = $server->workers;

    kill 'HUP', $server->{master};

    ok(wait_for(sub {
        my @workers = $server->workers;
        return @workers == 1 && $workers[0] != $old;
    }), "$name: a new worker");
}


$one->start;
posted($one, 'evt_live_1');

my ($segment) = $one->files('active');

is_deeply([open_ids()], ['evt_live_1'], 'the segment of one is open');


# the other starts, and starts again

$two->start;
posted($two, 'evt_two_1');
ok(wait_for(sub { $two->look->{evt_two_1} }), 'the other works');

restarted($two, 'reloaded');
posted($two, 'evt_two_2');
ok(wait_for(sub { $two->look->{evt_two_2} }), 'the other works again');

is_deeply([grep { $_ eq $segment } $one->files('active')], [$segment],
          'the segment of one is still where it was');
is_deeply([$two->log_lines('recovered')], [], 'the other recovered nothing');

# and is still its own

posted($one, 'evt_live_2');
ok(!$one->look->{evt_live_1}, 'it is not sealed');
is_deeply([sort(open_ids())], ['evt_live_1', 'evt_live_2'],
          'the next event went there');


# Dead, it is the other's

$one->kill_all;

restarted($two, 'after a death');
ok(wait_for(sub { $two->look->{evt_live_1} && $two->{ids}{evt_live_2} }),
   'the other recovers what the dead one had');

# once it has been told that the thread has done so

ok(wait_for(sub { $two->log_lines('recovered 1 segments') }), 'and says so');
is(scalar $two->log_lines('recovered 1 segments'), 1, 'and says so once');
$two->ok_once('after a death');


# Both under load, with deaths and reloads

$one->{spool_args} = 'min_free=0';
$one->configure;
$one->start;

my @ids = map { "evt_load_$_" } 1 .. 1200;

# two clients, so that both are at work at once

pipe my $reader, my $writer or die "$!\n";

my $pid = fork;
die "fork: $!\n" unless defined $pid;

if ($pid == 0) {
    close $reader;

    # no end of this process, whatever happens, is the test's

    my $result = eval { $two->run(ids => [grep { /[02468]$/ } @ids],
                           clients => 24, on_answer => sub {
        kill 'HUP', $two->{master} if $_[2] % 150 == 0;
        return 0;
    }) };

    syswrite $writer, join(' ', $result ? %$result : ()) . "\n";
    POSIX::_exit(0);
}

close $writer;

my $result = $one->run(ids => [grep { /[13579]$/ } @ids], clients => 24,
    on_answer => sub {
        $one->kill_workers if $_[2] == 100 || $_[2] == 300;
        kill 'HUP', $one->{master} if $_[2] == 200 || $_[2] == 400;
        return 0;
    });

my $line = do { local $/; <$reader> };
waitpid $pid, 0;

my %other = split ' ', defined $line ? $line : '';

is(PaymentsServer::tally(\%other), '200: 600', 'load: the other is not hurt');
cmp_ok(scalar PaymentsServer::answered($result), '>', 400,
       'load: the one answers too');

$one->ok_safe({ %$result, %other }, 'load');
$one->ok_once('load');

ok($two->stop, 'the other ends');
posted($one, 'evt_last');
ok(wait_for(sub { $one->look->{evt_last} }), 'the one does not care');

$one->ok_idle('load');
ok($one->stop, 'the one ends');

$one->ok_once('in the end');
$one->ok_clean('one');
$two->ok_clean('the other');

done_testing;
