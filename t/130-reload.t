# Copyright (C) 2026 ngx_http_payments_module contributors

# New configuration and new binary under load: no request fails, no event is
# lost or there twice, and the old workers leave nothing behind.

use strict;
use warnings;

use Test::More;

use PaymentsServer qw(wait_for);


sub reload {
    my ($name, $server, $n, $every, %opt) = @_;

    my @ids = map { "evt_${name}_$_" } 1 .. $n;
    my %old = map { $_ => 1 } $server->workers;
    my $count = 0;

    my $result = $server->run(ids => \@ids, clients => 32, %opt,
        on_answer => sub {
            if ($_[2] % $every == 0) {
                kill 'HUP', $server->{master};
                $count++;
            }

            return 0;
        });

    is(PaymentsServer::tally($result), "200: $n",
       "$name: all are answered while it is told $count times");

    ok(wait_for(sub {
        my @workers = $server->workers;

        return @workers == $server->{workers}
            && !grep { $old{$_} } @workers;
    }, 'end of the old workers'), "$name: only new workers are left");

    $server->ok_safe($result, $name);
    $server->ok_once($name);
    $server->ok_idle($name);
}


# only a daemon lets another binary take over

my $server = PaymentsServer->new('130-reload', daemon => 'on')->start;

reload('close', $server, 1500, 200);
reload('keepalive', $server, 1500, 200, keepalive => 1, reopen => 1);


# a binary takes over

my @ids = map { "evt_upgrade_$_" } 1 .. 800;
my $old = $server->{master};
my ($upgraded, $retired);

my $result = $server->run(ids => \@ids, clients => 32, on_answer => sub {
    $upgraded = $server->upgrade if $_[2] == 200;
    kill 'QUIT', $old if $_[2] == 400 && $upgraded;

    return 0;
});

ok($upgraded, 'upgrade: there is another master');
is(PaymentsServer::tally($result), '200: 800', 'upgrade: all are answered');
ok($upgraded && $server->retire, 'upgrade: the old one ends');
isnt($server->{master}, $old, 'upgrade: the other is the one');

$server->ok_safe($result, 'upgrade');

my $answer = $server->post(PaymentsServer::event('evt_upgrade_after'));
is($answer && $answer->{status}, 200, 'upgrade: it works');
ok(wait_for(sub { $server->look->{evt_upgrade_after} }),
   'upgrade: for the spool too');

$server->ok_once('upgrade');
$server->ok_idle('upgrade');

ok($server->stop, 'it ends');
is_deeply([$server->files('active')], [], 'active/ is empty');
$server->ok_clean;

done_testing;
