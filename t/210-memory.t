# Copyright (C) 2026 ngx_http_payments_module contributors

# Thousands of clients that have announced a large body and are in no hurry to
# send it: what each of them costs a worker is what it costs a plain proxy_pass
# that reads the same body, and all of it comes back.
#
# Bound: a connection that waits takes, of the worker's resident memory, no more
# than 1.25 times what it takes for proxy_pass, in an nginx of the same
# configuration, in the same run.  4000 connections, or 10000 with
# PAYMENTS_LONG=1 (5 s more), or as many as the limits of this machine permit.

use strict;
use warnings;

use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;

use PaymentsNginx;
use PaymentsServer qw(event slurp wait_for);


my $BOUND = 1.25;
my $WANTED = $ENV{PAYMENTS_LONG} ? 10000 : 4000;
my $LEAST = 500;

# nginx's default of client_max_body_size is just above

my $LENGTH = 1000000;

# Bytes of a connection that count as left behind: a pool of nginx's has 512;
# and rounds until there must be none

my $LEFT = 200;
my $ROUNDS = 10;

# Per connection, and some for everything else

my $KB = 64;


my $lacks = PaymentsNginx::lacks('proxy_pass');
plan skip_all => $lacks if $lacks;

my $nginx = PaymentsNginx::program();

open my $f, '<:raw', $nginx or die "$nginx: $!\n";
read $f, my $magic, 4;
close $f;

plan skip_all => 'nginx is below a tool that has memory of its own'
    if $magic ne "\x7fELF";


sub limit {
    my ($connections, $why) = ($WANTED, '');

    my ($files) = slurp('/proc/self/limits') =~ /^Max open files +(\d+)/m;
    my ($kb) = slurp('/proc/meminfo') =~ /^MemAvailable: +(\d+)/m;
    my ($low, $high) = slurp('/proc/sys/net/ipv4/ip_local_port_range')
        =~ /(\d+)\s+(\d+)/;

    for (['open files', int(($files - 300) / 1.2)], ['memory', int($kb / $KB / 4)],
         ['ports', int(($high - $low) / 2)])
    {
        ($why, $connections) = @$_ if $_->[1] < $connections;
    }

    return ($connections, $why);
}


my ($connections, $why) = limit();

plan skip_all => "no more than $connections connections: $why"
    if $connections < $LEAST;

diag("$connections connections instead of $WANTED: $why")
    if $connections < $WANTED;


# Both have everything that the other has

sub start {
    my ($name) = @_;

    # of a larger buffer other pages would be the first ones in each round

    my $server = PaymentsServer->new("210-$name", server => <<END);
        location /proxy/ { proxy_pass http://127.0.0.1:9/; }
        client_body_buffer_size 8k;
        client_body_timeout 600s;
        client_header_timeout 600s;
        lingering_timeout 100ms;
END
    my $file = "$server->{prefix}/conf/nginx.conf";
    my $conf = slurp($file);

    # with less than a sixteenth to spare nginx closes some that wait

    my $files = int(1.2 * $connections) + 200;

    $conf =~ s/worker_connections 512;/worker_connections $files;/
        or die "worker_connections\n";
    $conf = "worker_rlimit_nofile $files;\n$conf";

    open my $f, '>', $file or die "$file: $!\n";
    print $f $conf;
    close $f;

    return $server->start;
}


sub rss {
    my ($worker) = @_;

    return slurp("/proc/$worker/status") =~ /^VmRSS:\s+(\d+) kB/m ? $1 : 0;
}


# That many descriptors of a worker, and nothing that it has not read: it goes
# to sleep when there is no more to do.  One line of a file for each connection
# would take a while

sub quiet {
    my ($server, $worker, $fds, $name) = @_;

    my $was = -1;

    return wait_for(sub {
        return if PaymentsServer::fds($worker) != $fds;
        return if $server->get('/ping')->{status} != 204;

        my $is = rss($worker);
        my $same = $is == $was
            && slurp("/proc/$worker/stat") =~ /^\d+ \(.*\) S /;

        $was = $is;

        return $same;
    }, $name, 20);
}


sub head {
    my ($path) = @_;

    return "POST $path HTTP/1.1\r\nHost: localhost\r\n"
        . "Content-Length: $LENGTH\r\nContent-Type: application/json\r\n"
        . 'Stripe-Signature: ' . PaymentsServer::sign('') . "\r\n\r\n{";
}


sub close_all {
    for my $s (@_) {
        setsockopt $s, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
        close $s;
    }
}


# Opens all of them; while, a test that is made meanwhile; brief, when nginx
# does not wait for them.  Returns the KB that
# they took and the KB that were there at most.

sub fill {
    my ($server, $name, $bytes, $while, $brief) = @_;

    my ($worker) = $server->workers;

    $server->get('/ping');

    my $fds = $server->idle_fds($worker);
    my $before = rss($worker);
    my @sockets;

    for (1 .. $connections) {
        my $s = $server->connect or last;

        syswrite $s, $bytes;
        push @sockets, $s;
    }

    is(scalar @sockets, $connections, "$name: all are connected");
    ok(quiet($server, $worker, $fds + ($brief ? 0 : $connections), $name),
       "$name: all are " . ($brief ? 'over' : 'waited for'));

    my $after = rss($worker);

    $while->(\@sockets) if $while;

    close_all(@sockets);

    ok(quiet($server, $worker, $fds, "$name: the end"),
       "$name: all are closed again");

    is_deeply([$server->workers], [$worker], "$name: the worker is the same");

    return ($after - $before, $after);
}


sub each_kb {
    return sprintf '%.2f KB for each', $_[0] / $connections;
}


my $path = '/payments/process/stripe/';

my $payments;


# Events are taken while the others wait, and one of the others may end well

sub meanwhile {
    my ($sockets) = @_;

    my $answer = $payments->post(event('evt_meanwhile'));
    is($answer && $answer->{status}, 200, 'meanwhile: an event is taken');

    my $body = event('evt_slow', $LENGTH);
    my $s = $payments->connect;

    my $request = $payments->request($body);
    my $head = index($request, "\r\n\r\n") + 5;

    syswrite $s, substr $request, 0, $head, '';
    $payments->get('/ping');

    while (length $request) {
        my $done = syswrite $s, $request or last;
        substr $request, 0, $done, '';
    }

    $answer = $payments->answer($s);
    is($answer && $answer->{status}, 200, 'and one that took its time');

    # each has one more byte

    syswrite $_, '"' for @$sockets;
}


# Two that have just been started, and the same bytes for both

sub compare {
    my ($name, $while, $change) = @_;

    my $tag = $name =~ tr/a-z0-9/-/cr;
    my $plain = start("$tag-plain");

    $payments = start($tag);

    my ($plain_kb) = fill($plain, "$name, proxy_pass",
                          $change->(head('/proxy/')));
    my ($kb, $peak) = fill($payments, $name, $change->(head($path)), $while);

    note("$name: proxy_pass: " . each_kb($plain_kb) . ', payments: '
         . each_kb($kb));

    cmp_ok($plain_kb / $connections, '>', 1,
           "$name: there is something to compare with");
    cmp_ok($kb / $plain_kb, '<=', $BOUND, sprintf('%s: %.2f times what it'
           . ' takes for proxy_pass', $name, $kb / $plain_kb));

    ok($plain->stop, "$name, proxy_pass: it ends");
    $plain->ok_clean("$name, proxy_pass");

    return $peak;
}


sub finish {
    my ($name) = @_;

    $payments->ok_once($name);
    $payments->ok_idle($name);
    ok($payments->stop, "$name: it ends");
    $payments->ok_clean($name);
}


# As many and as long as can be

compare('16 signatures', undef, sub {
    my $pad = ',v1=' . 'f' x 64;

    return $_[0] =~ s/(v1=\w+)/$1 . $pad x 15/er;
});
finish('16 signatures');


my $peak = compare('waiting', \&meanwhile, sub { $_[0] });

$payments->ok_safe({ map { $_ => '200' } 'evt_meanwhile', 'evt_slow' },
                   'meanwhile');


# Again, and again: nothing is kept.  The allocator has its holes, and may want
# more for some rounds; what a connection leaves behind would be wanted always.

my $round = 1;
my $more;

for ( ;; ) {
    (undef, my $now) = fill($payments, 'round ' . ++$round, head($path));

    $more = ($now - $peak) * 1024 / $connections;
    note(sprintf 'round %d: %.0f bytes more for each', $round, $more);
    $peak = $now;

    last if $more < $LEFT || $round == $ROUNDS;
}

cmp_ok($more, '<', $LEFT, 'at last there is no need for more');


# Those that are not that far, and those that are refused: no more than that

for my $case (['headers that do not end', substr head($path), 0, 60],
              ['refused', head($path) =~ s/v1=/v2=/r])
{
    my ($name, $bytes) = @$case;
    my (undef, $now) = fill($payments, $name, $bytes, undef,
                            $name eq 'refused');

    cmp_ok(($now - $peak) * 1024 / $connections, '<', $LEFT,
           "$name: no more than that");
}

finish('waiting');


done_testing;
