# Copyright (C) 2026 ngx_http_payments_module contributors

# A disk that is full: events are refused, nothing that was taken suffers, and
# they are taken again when there is room.

use strict;
use warnings;

use File::Path qw(make_path);
use Test::More;

use PaymentsServer qw(event wait_for);


my $MEGABYTE = 1024 * 1024;
my $SIZE = 8000;

my ($server, $mounted);


END {
    my $status = $?;

    $server->kill_all if $server;
    system 'umount', $mounted if defined $mounted;

    $? = $status;
}


sub mount {
    my ($dir) = @_;

    return 'only root can mount' if $> != 0;

    system "umount '$dir' 2>/dev/null" if -d $dir;
    make_path($dir);

    my $error = `mount -t tmpfs -o size=4m,mode=755 payments '$dir' 2>&1`;
    return "cannot mount: $error" if $? != 0;

    $mounted = $dir;

    return;
}


sub unmount {
    my $dir = $mounted;

    undef $mounted;

    return system('umount', $dir) == 0;
}


sub free_bytes {
    my ($text) = `df -B1 --output=avail '$mounted'` =~ /(\d+)\s*\z/;

    return $text;
}


sub crits {
    return scalar $server->log_lines('\[crit\]');
}


# A batch for which there is no room is given up as a whole, and its pages are
# free again: there may be room for an event alone.  Posts such, one by one,
# until one is refused while no other segment is left that could become smaller.

sub fill_up {
    my ($name, $result) = @_;

    my $status = '';

    for my $i (1 .. 32) {
        wait_for(sub { !$server->files('active') }, 'an end of the segments');

        my $id = "evt_${name}_lone_$i";
        my $answer = $server->post(event($id, $SIZE));

        $status = $result->{$id} = $answer ? $answer->{status} : 'lost';
        last if $status ne '200';
    }

    is($status, 503, "$name: an event alone is refused");
}


# Until 100 events were refused; returns how much was free at the first

sub fill {
    my ($name) = @_;

    my @ids = map { "evt_${name}_$_" } 1 .. 2000;
    my ($free, $refused) = (undef, 0);

    my $result = $server->run(ids => \@ids, clients => 16, size => $SIZE,
        keepalive => 1, on_answer => sub {
            my ($id, $status, $count) = @_;

            if ($status == 503) {
                $free = free_bytes() unless defined $free;
                $refused++;
            }

            # a torn line would not be there for long

            $server->look if $count % 20 == 0 || $status == 503;

            return $refused == 100;
        });

    my %other = map { $_ => 1 } grep { !/^(?:200|503)$/ } values %$result;
    is_deeply(\%other, {}, "$name: no answer but 200 and 503");

    cmp_ok($refused, '>=', 100, "$name: events are refused");
    cmp_ok(scalar PaymentsServer::answered($result), '>', 100,
           "$name: others were taken before");

    fill_up($name, $result);

    $server->ok_safe($result, $name);
    $server->ok_once($name);

    my %taken = map { $_ => 1 } PaymentsServer::answered($result);
    my @more = grep { /^evt_${name}_/ && !$taken{$_} } keys %{$server->look};
    is_deeply(\@more, [], "$name: those that were refused are not there");

    return $free;
}


sub refused {
    my ($name) = @_;

    my $answer = $server->post(event("evt_${name}_refused", $SIZE))
        || { status => 'none', headers => '', body => '' };

    is($answer->{status}, 503, "$name: 503");
    like($answer->{headers}, qr/\nretry-after: *\d+\r/i,
         "$name: Retry-After");
    like($answer->{headers}, qr{\ncontent-type: *application/json\r}i,
         "$name: JSON");

    my $json = eval { JSON::PP->new->decode($answer->{body}) };
    is(ref $json eq 'HASH' ? $json->{error} : $json, 'Try again',
       "$name: the error");
}


# Once it is known, a body is not even waited for

sub refused_early {
    my ($name) = @_;

    my $s = $server->connect;
    my $request = $server->request(event("evt_${name}_early", $SIZE));

    $request =~ s/\r\n\r\n.*/\r\n\r\n/s;
    syswrite $s, $request;

    my $answer = $server->answer($s);

    is($answer && $answer->{status}, 503, "$name: 503 before the body");
}


sub consume {
    my ($name) = @_;

    my $n = 0;

    $server->consume;

    ok(wait_for(sub {
        my $id = "evt_${name}_again_" . ++$n;
        my $answer = $server->post(event($id, $SIZE));

        return $answer && $answer->{status} == 200
            && wait_for(sub { $server->look->{$id} });
    }), "$name: taken again when there is room");
}


sub test {
    my ($name, $min_free) = @_;

    $server = PaymentsServer->new("120-full",
                                  spool_args => "min_free=$min_free");

    my $error = mount($server->spool_path);
    plan skip_all => $error if $error;

    $server->start;

    for my $round (1, 2) {
        my $name = "${name}_$round";
        my $crits = crits();
        my $free = fill($name);

        refused($name);

        if ($min_free ne '0') {
            refused_early($name);
            cmp_ok($free, '<=', $MEGABYTE, "$name: not before it has to");

            # what the clients had sent when that was asked

            cmp_ok($free, '>=', $MEGABYTE - 16 * ($SIZE + 4096),
                   "$name: before it is really full");

        } else {
            cmp_ok($free, '<', 32 * ($SIZE + 4096),
                   "$name: not before it has to");
        }

        consume($name);

        # small batches may have found the last pages

        $crits = crits() - $crits;
        cmp_ok($crits, '>=', 1, "$name: it is in the log");
        cmp_ok($crits, '<=', $min_free eq '0' ? 10 : 2,
               "$name: not for each request");
    }

    $server->ok_idle($name);
    ok($server->stop, "$name: it ends");
    $server->ok_clean($name);

    undef $server;
    ok(unmount(), 'unmounted');
}


subtest 'full' => sub { test('full', '0'); };
subtest 'min_free' => sub { test('min_free', '1m'); };


# A recovery that fails is repeated in a minute, and nobody waits for that

subtest 'beside a recovery that fails' => sub {
    $server = PaymentsServer->new('120-full',
                                  spool_args => 'min_free=1m seal=1ms');

    my $error = mount($server->spool_path);
    plan skip_all => $error if $error;

    make_path(map { $server->spool_path . "/$_" } qw(active new corrupt));

    # a socket has the name of a segment, and cannot be opened

    system $^X, '-MSocket', '-e', 'chdir shift or die $!;'
        . 'socket my $s, PF_UNIX, SOCK_STREAM, 0 or die $!;'
        . 'bind $s, sockaddr_un("0000000000000001.none.1.0.ndjson") or die $!',
        $server->spool_path . '/active';

    $server->start;
    ok(wait_for(sub {
        $server->log_lines('failed while segments were recovered');
    }), 'the recovery has failed');

    my $file = $server->spool_path . '/large';

    open my $f, '>', $file or die "$file: $!\n";
    syswrite $f, 'x' x (free_bytes() - $MEGABYTE / 2);
    close $f;

    # for longer than the first commit's own upkeep takes

    my %statuses;
    $statuses{$server->post(event("evt_full_$_"))->{status}}++ for 1 .. 100;
    is_deeply(\%statuses, { 503 => 100 }, 'full');
    unlink $file;
    ok(wait_for(sub {
        return $server->post(event('evt_room'))->{status} == 200;
    }, undef, 10), 'taken when there is room');

    is(scalar $server->log_lines('failed while segments were recovered'), 1,
       'and the recovery was not repeated for that');

    ok($server->stop, 'it ends');
    $server->ok_clean;

    undef $server;
    ok(unmount(), 'unmounted');
};

done_testing;
