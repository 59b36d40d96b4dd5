# Copyright (C) 2026 ngx_http_payments_module contributors

# Many clients at once: every event is taken, each one once, and one
# fdatasync pays for many of them.

use strict;
use warnings;

use Test::More;

use PaymentsServer qw(can_strace);


sub load {
    my ($name, $n, $clients, $server, @paths) = @_;

    my @ids = map { "evt_${name}_$_" } 1 .. $n;

    my $result = $server->run(ids => \@ids, clients => $clients,
                              keepalive => 1, paths => \@paths);

    is(PaymentsServer::tally($result), "200: $n", "$name: all answered");

    $server->ok_safe($result, $name);
    $server->ok_once($name);

    is(scalar keys %{$server->look}, $n, "$name: and no other event");

    return $result;
}


sub finish {
    my ($server, $name) = @_;

    $server->ok_idle($name);
    ok($server->stop('QUIT'), "$name: it ends");
    $server->ok_clean($name);
}


my $one = PaymentsServer->new('100-load')->start;

load('one', 2000, 64, $one, '/payments/process/stripe/');
finish($one, 'one worker');


# other people may pass through all directories on the way

sub visible {
    my ($path) = @_;

    while ($path =~ s{/[^/]*\z}{}) {
        return 0 unless (stat "$path/")[2] & 0001;
    }

    return 1;
}


# as the user that nginx chooses, who owns nothing but the spool

subtest 'other user' => sub {
    plan skip_all => 'only root can start workers of another user' if $> != 0;

    my $other = PaymentsServer->new('100-other', user => undef);
    my @user = getpwnam 'nobody';

    plan skip_all => 'nobody cannot come here'
        unless @user && visible($other->{prefix});

    $other->start;

    load('other', 200, 16, $other, '/payments/process/stripe');

    is((stat $other->spool_path . '/new')[4], $user[2],
       'other user: the spool is its own');
    finish($other, 'other user');
};


my $two = PaymentsServer->new('100-two', workers => 2,
                              listen => 'reuseport',
                              paths => ['/payments/process/', '/other/'])
    ->start;

is(scalar $two->workers, 2, 'two workers');
load('two', 2000, 64, $two, '/payments/process/stripe/', '/other/stripe/');

my %segments;
$segments{$_}++ for map { /\.(\d+)\.\d+\.ndjson$/ } $two->files('new');
is(scalar keys %segments, 2, 'both have worked');

finish($two, 'two workers');


subtest 'group commit' => sub {
    my $why = can_strace();

    plan skip_all => $why if $why;

    my $server = PaymentsServer->new('100-group')->start;
    my ($worker) = $server->workers;
    my $trace = $server->strace($worker, '-e', 'trace=fdatasync');

    load('group', 600, 64, $server, '/payments/process/stripe/');

    my $syncs = grep { /fdatasync\(/ } $server->untrace($trace);

    cmp_ok($syncs, '>', 0, 'group commit: there are syncs');
    cmp_ok($syncs, '<', 300, 'group commit: fewer than half as many as events')
        or diag("$syncs");
    note("$syncs syncs for 600 events");

    finish($server, 'group commit');
};


done_testing;
