# Copyright (C) 2026 ngx_http_payments_module contributors

# A disk that fails below the relay: no event is lost, one line says it, and
# the relay goes on when the disk does.

use strict;
use warnings;

use Errno qw(EIO EMFILE ENOMEM ENOSPC);
use Test::More;
use Time::HiRes qw(time);

use PaymentsFaults;
use PaymentsServer qw(event slurp wait_for);
use PaymentsUpstream;


my $why = PaymentsFaults::cannot();
plan skip_all => $why if $why;

my $faults = PaymentsFaults->new('330-relay-faults');
my $app = PaymentsUpstream->new('330-relay')->start;

my $server = PaymentsServer->new('330-relay', paths => [], server => <<END);
    location /payments/process/ {
        payments_process;
        payments_spool spool min_free=0 seal=5ms;
        payments_pass \@app;
        payments_relay backoff=20ms..50ms retries=4;
    }

    location \@app { proxy_pass http://127.0.0.1:@{[$app->port]}; }
END

$faults->start($server);
$faults->set(pid => wait_for(sub { $server->relay }));


sub crits {
    return $server->log_lines(qr/\[crit\].* failed in the relay/);
}


sub taken {
    my ($id) = @_;

    return grep { defined $_->{id} && $_->{id} eq $id
                  && ($_->{end} || '') eq '200' } $app->requests;
}


sub accepted {
    is($server->post(event($_))->{status}, 200, "$_ is accepted") for @_;
}


# a call, its error, and whether the event fails at first, or for ever

my @cases = (
    ['pwritev', EIO, 'once'], ['pwritev', ENOSPC, 'once'],
    ['fdatasync', EIO, 'once'], ['openat', EMFILE, 'once'],
    ['openat', EIO, ''], ['pread', EIO, ''], ['unlinkat', EIO, ''],
    ['fdopendir', ENOMEM, ''], ['fsync', EIO, 'dead'],
    ['pwritev', ENOSPC, 'dead'],
);

my $n = 0;

for my $case (@cases) {
    my ($call, $error, $fails) = @$case;
    my $id = 'evt_' . ++$n;
    my $name = "$call" . ($fails ? ", $fails" : '');
    my $before = crits();

    $app->plan({ id => $id, status => 500,
                 $fails eq 'once' ? (times => 1) : () }) if $fails;

    $faults->arm($call, error => $error, times => -1);
    accepted($id);
    ok(wait_for(sub { $faults->hits($call) }), "$name: it fails");
    ok(wait_for(sub { crits() > $before }), "$name: it is said");
    $faults->disarm;

    if ($fails eq 'dead') {
        ok(wait_for(sub {
            return grep { slurp($server->spool_path . "/dead/$_") =~ /"$id"/ }
                grep { /ndjson$/ } $server->files('dead');
        }), "$name: it is dead in the end");

    } else {
        ok(wait_for(sub { taken($id) }), "$name: and is delivered");
    }

    $app->plan;
    ok(wait_for(sub {
        return !grep { $server->files($_) } qw(active new retry);
    }), "$name: nothing waits")
        or diag(join ' ', map { my $d = $_; map { "$d/$_" } $server->files($d) }
                qw(active new retry));
}

is($faults->get('again'), 0, 'no descriptor was synced again after an error');


# Somebody takes the file away while an event of it waits

$app->plan({ id => 'evt_away', status => 500, times => 1 });
accepted('evt_away');
ok($app->wait_for(sub { grep { $_ eq 'evt_away' } $app->ids }), 'it is tried');
unlink glob $server->spool_path . '/retry/*.ndjson';
unlink glob $server->spool_path . '/new/*.ndjson';
accepted('evt_next');
ok(wait_for(sub { taken('evt_next') }), 'the relay goes on');

sub ends {
    my ($name) = @_;

    ok($server->stop, "$name: it ends");
    $server->{faults} = [];
    my @bad = grep { !/\[(?:info|notice|warn|error|crit)\]/ } $server->log_lines;
    is_deeply(\@bad, [], "$name: the log has no alert");
}


ends('faults');


# What was not sent is not tried: an event with one try has that afterwards

for my $order ('', 'order=token') {
    my $name = "no connection $order";

    $server = PaymentsServer->new('330-start', paths => [], server => <<END);
    location /payments/process/ {
        payments_process;
        payments_spool spool min_free=0 seal=5ms;
        payments_pass \@app;
        payments_relay retries=0 $order;
    }

    location \@app { proxy_pass http://127.0.0.1:@{[$app->port]}; }
END

    $faults->start($server);
    $faults->set(pid => wait_for(sub { $server->relay }));
    $faults->arm('fcntl', error => EMFILE, times => -1);

    my @ids = map { "evt_start_${order}_$_" } 1 .. 3;

    accepted(@ids);
    ok(wait_for(sub { $faults->hits('fcntl') }), "$name: it fails");

    my $since = time;

    ok(wait_for(sub { $faults->hits('fcntl') >= 3 }), "$name: again");
    cmp_ok(time - $since, '>', 1, "$name: but not at once");
    $faults->disarm;

    ok(wait_for(sub { taken($_) }), "$name: $_ is delivered") for @ids;
    is(scalar(my @lines = $server->log_lines(qr/cannot be started/)), 1,
       "$name: one line says so");
    is(scalar(my @files = $server->files('dead')), 0, "$name: none is dead");
    ends($name);
}


# A relay of its own, for which no file can be written

sub full {
    my ($name, $relay) = @_;

    $server = PaymentsServer->new("330-$name", paths => [], server => <<END);
    location /payments/process/ {
        payments_process;
        payments_spool spool min_free=0 seal=5ms;
        payments_pass \@app;
        payments_relay $relay;
    }

    location \@app { proxy_pass http://127.0.0.1:@{[$app->port]}; }
END

    $faults->start($server);
    $faults->set(pid => wait_for(sub { $server->relay }));
    $faults->arm('pwritev', error => ENOSPC, times => -1);
}


# A disk that stays full: that is said once, and what cannot be put into retry
# or dead waits in memory, where its tries are counted

$app->plan({ id => 'evt_full', status => 500 },
           { id => 'evt_gone', status => 410 });

full('full', 'backoff=3s..4s');


sub asked {
    my ($id) = @_;

    return grep { ($_->{id} || '') eq $id } $app->requests;
}


my $begin = time;

accepted('evt_full', 'evt_gone');
ok(wait_for(sub { crits() }), 'full: it is said');

# others go their way meanwhile

while (time < $begin + 2) {
    my $id = 'evt_other_' . ++$n;

    accepted($id);
    ok(wait_for(sub { taken($id) }), "full: $id is taken");
}

is(scalar(my @tries = asked('evt_full')), 1, 'full: one try, and a pause');
is(scalar(@tries = asked('evt_gone')), 1, 'full: so of what is to be buried');
is_deeply([grep { !/done$/ } map { $server->files($_) } qw(retry dead)], [],
          'full: no file is left of it');
is(scalar(my @said = crits()), 1, 'full: it was said once');

ok(wait_for(sub { 2 == asked('evt_full') }), 'full: the second try');
cmp_ok($tries[1]{time} - $tries[0]{time}, '>=', 2.2, 'full: after the pause')
    if (@tries = asked('evt_full')) > 1;
is(scalar(@said = crits()), 1, 'full: it is no news');

$faults->disarm;
ok(wait_for(sub { $server->files('dead') == 2 }), 'room: one is buried');
ok(wait_for(sub { grep { /^\d+\.[34]\.ndjson$/ } $server->files('retry') }),
   'room: and one is in retry, with its tries');
$app->plan;
ok(wait_for(sub { taken('evt_full') }), 'room: it is taken');
ok(wait_for(sub { !grep { $server->files($_) } qw(active new retry) }),
   'room: nothing waits');

ok($server->stop, 'it ends');
$server->{faults} = [];
$server->ok_clean('full');


# More than there is room for in memory

sub bad {
    return grep { /bad/ } $app->ids;
}


my $sample = (map { $_->{body} } asked('evt_next'))[0];

$app->clear;
$app->plan({ text => 'evt_bad', status => 500 });
full('held', 'backoff=60s..60s concurrency=100');

my $file = 0;

for my $ids ([map { "evt_bad_$_" } 1 .. 1300], ['evt_good']) {
    my $spool = $server->spool_path;
    my $path = sprintf "$spool/new/%016d.ndjson", ++$file;

    open my $f, '>', "$spool/active/.$file" or die "$file: $!\n";

    for my $id (@$ids) {
        my $text = $sample =~ s/evt_next/$id/gr;

        $text =~ s/"token":null/"token":"$id"/ or die "no token: $text\n";
        print $f "$text\n";
    }

    close $f or die "$file: $!\n";
    rename "$spool/active/.$file", $path or die "$path: $!\n";
}

ok(wait_for(sub { 1024 <= bad() }), 'held: many are');
Time::HiRes::sleep(2.5);
cmp_ok(scalar(my @tried = bad()), '<', 1024 + 100, 'held: and not more');

my %asked;
$asked{$_}++ for bad();
is_deeply([grep { $asked{$_} > 1 } keys %asked], [], 'held: none twice');

ok($server->stop, 'held: it ends');
unlink glob $server->spool_path . '/new/*';
$server->{faults} = [];
$server->ok_clean('held');

done_testing;
