# Copyright (C) 2026 ngx_http_payments_module contributors

# Clients that go away, at any time: nothing leaks, nothing breaks, and others
# are served.

use strict;
use warnings;

use Socket qw(SHUT_WR SOL_SOCKET SO_LINGER);
use Test::More;

use PaymentsServer qw(can_strace event wait_for);


my $TIMES = 200;

my $n = 0;
my @later;


sub reset_by_client {
    my ($s) = @_;

    setsockopt $s, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    close $s;
}


# Part of a request, and then a reset; at 1 all of it was sent

sub abort_at {
    my ($server, $part) = @_;

    my $id = 'evt_abort_' . ++$n;
    my $request = $server->request(event($id), keepalive => 1);
    my $head = index($request, "\r\n\r\n") + 4;
    my $length = $head + int($part * (length($request) - $head));

    my $s = $server->connect or return 0;

    syswrite $s, substr $request, 0, $length;

    push @later, $s;

    # sometimes at once, sometimes when nginx has seen it

    reset_by_client(shift @later) while @later > $n % 3;

    return 1;
}


sub works {
    my ($server, $name) = @_;

    my $id = 'evt_works_' . ++$n;
    my $answer = $server->post(event($id));

    is($answer && $answer->{status}, 200, "$name: others are served");
    ok(wait_for(sub { $server->look->{$id} }), "$name: into the spool");
}


sub calm {
    my ($server, $name, $worker, $fds) = @_;

    works($server, $name);
    $server->ok_idle($name);

    is_deeply([$server->workers], [$worker], "$name: the worker is the same");

    ok(wait_for(sub { PaymentsServer::fds($worker) == $fds }),
       "$name: as many descriptors as before")
        or diag(PaymentsServer::fds($worker) . ", not $fds");

    $server->ok_once($name);
}


my $server = PaymentsServer->new('140-abort', http2 => 1)->start;
my ($worker) = $server->workers;

works($server, 'before');
$server->ok_idle('before');

my $fds = $server->idle_fds($worker);


for my $case (['before the body', 0], ['in the body', 0.5],
              ['after the body', 1])
{
    my ($name, $part) = @$case;

    is(scalar(grep { abort_at($server, $part) } 1 .. $TIMES), $TIMES, $name);
    reset_by_client(shift @later) while @later;

    calm($server, $name, $worker, $fds);

    is(scalar(grep { /^evt_abort_/ } keys %{$server->look}), 0,
       "$name: nothing was taken") if $part < 1;
}


# A client that has said all, and still listens, gets its answer

{
    my @answers;

    for (1 .. $TIMES) {
        my $s = $server->send(event('evt_half_' . ++$n));
        shutdown $s, SHUT_WR;
        push @answers, $server->answer($s);
    }

    is(scalar(grep { $_ && $_->{status} == 200 } @answers), $TIMES,
       'half-closed: answered');

    calm($server, 'half-closed', $worker, $fds);

    # in the body it cannot be an event

    for (1 .. $TIMES) {
        my $s = $server->connect;
        my $request = $server->request(event('evt_half_' . ++$n));
        syswrite $s, substr $request, 0, -10;
        shutdown $s, SHUT_WR;
        my $answer = $server->answer($s);
        push @answers, $answer if $answer && $answer->{status} == 200;
    }

    is(scalar @answers, $TIMES, 'half-closed in the body: not taken');
    is(scalar(grep { /^evt_half_/ } keys %{$server->look}), $TIMES,
       'half-closed in the body: not in the spool');

    calm($server, 'half-closed in the body', $worker, $fds);
}


# While the commit runs: it ends only when the tracer lets it

subtest 'in the commit' => sub {
    my $why = can_strace();

    plan skip_all => $why if $why;

    my $trace = $server->strace($worker, '-e', 'trace=fdatasync',
        '-e', 'inject=fdatasync:delay_enter=600000000');

    my $first = $server->send(event('evt_held'));

    ok(wait_for(sub { held($server) }), 'a commit is held');

    # these wait for the next one

    my @ids = map { "evt_gone_$_" } 1 .. $TIMES;
    my @sockets = map { $server->send(event($_)) } @ids;

    ok(wait_for(sub { read_all($server, @sockets) }), 'all are read');

    reset_by_client($first);
    reset_by_client($_) for @sockets;

    # and one that stays

    my $s = $server->send(event('evt_stays'));
    ok(wait_for(sub { read_all($server, $s) }), 'one more is read');

    $server->untrace($trace);

    my $answer = $server->answer($s);
    is($answer && $answer->{status}, 200, 'who stays is answered');

    my %gone = map { $_ => '200' } 'evt_held', 'evt_stays', @ids;
    $server->ok_safe(\%gone, 'who has gone was written');

    calm($server, 'in the commit', $worker, $fds);
};


subtest 'HTTP/2' => sub {
    my $lack = PaymentsNginx::lacks('http2');

    plan skip_all => $lack if $lack;

    my $curl = `curl -V 2>&1`;

    plan skip_all => 'no curl with HTTP/2' if $curl !~ /\bHTTP2\b/;

    my $why = can_strace();
    plan skip_all => $why if $why;

    my $url = "http://127.0.0.1:$server->{port2}/payments/process/stripe/";

    my $post = sub {
        my ($id) = @_;

        my $file = "$server->{prefix}/$id.json";
        my $body = event($id);

        open my $f, '>', $file or die "$!\n";
        print $f $body;
        close $f;

        return $server->spawn("$server->{prefix}/$id.out", 'curl', '-s',
            '--noproxy', '*', '--http2-prior-knowledge', '--max-time', 30,
            '-w', ' %{http_code}', '--data-binary', "\@$file",
            '-H', 'Stripe-Signature: ' . PaymentsServer::sign($body), $url);
    };

    my $pid = $post->('evt_h2');
    waitpid $pid, 0;
    like(PaymentsServer::slurp("$server->{prefix}/evt_h2.out"), qr/ 200$/,
         'an event is taken');

    my $trace = $server->strace($worker, '-e', 'trace=fdatasync',
        '-e', 'inject=fdatasync:delay_enter=600000000');

    my @pids = map { $post->("evt_h2_$_") } 1 .. 20;

    ok(wait_for(sub { held($server) }), 'a commit is held');
    ok(wait_for(sub {
        my @all = grep { $_->{accepted} }
            $server->connections($server->{port2});

        return @all == 20 && !grep { $_->{unread} } @all;
    }), 'all are read');

    kill 'KILL', @pids;
    waitpid $_, 0 for @pids;

    works_not_blocked($server);

    $server->untrace($trace);

    calm($server, 'HTTP/2', $worker, $fds);
};


# Bytes in active/: written, and not yet sealed

sub held {
    my ($server) = @_;

    return grep { -s $server->spool_path . "/active/$_" }
        $server->files('active');
}


sub read_all {
    my ($server, @clients) = @_;

    my %read = map { $_->{from} => $_->{accepted} && !$_->{unread} }
        $server->connections($server->{port});

    return !grep { !$read{$_->sockport} } @clients;
}


sub works_not_blocked {
    my ($server) = @_;

    my $answer = $server->get('/ping');
    is($answer && $answer->{status}, 204, 'the worker is not blocked');
}


ok($server->stop('QUIT'), 'it ends');
$server->ok_clean;

done_testing;
