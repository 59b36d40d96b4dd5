# Copyright (C) 2026 ngx_http_payments_module contributors

# What befalls the spool of a relay: files that it may not read, that are put
# there while it looks, or have events that fail for long; and other directories
# in the place of its own.

use strict;
use warnings;

use File::Path qw(remove_tree);
use Test::More;
use Time::HiRes qw(sleep time);

use PaymentsServer qw(event slurp wait_for);
use PaymentsUpstream;


my ($server, $app, $line);


END {
    my $status = $?;

    $server->kill_all if $server;

    $? = $status;
}


sub start {
    my ($name, $relay, %opt) = @_;

    $app = PaymentsUpstream->new("335-$name")->start;

    $server = PaymentsServer->new("335-$name", paths => [], server => <<END, %opt);
    location /payments/process/ {
        payments_process;
        payments_spool spool min_free=0 seal=5ms;
        payments_pass \@app;
        payments_relay $relay;
    }

    location \@app { proxy_pass http://127.0.0.1:@{[$app->port]}; }
END

    $server->start;

    # what an event looks like there

    accepted('evt_first');
    ok(wait_for(sub { asked('evt_first') }), "$name: it relays");

    ($line) = map { $_->{body} } $app->requests;
}


sub finish {
    my ($name) = @_;

    ok($server->stop, "$name: it ends");
    unlink glob $server->spool_path . '/new/00*';
    $server->ok_clean($name);
    $app->stop;
}


sub accepted {
    is($server->post(event($_))->{status}, 200, "$_ is accepted") for @_;
}


# An event's line, as it would lie in "new"

sub line {
    my ($id, $token) = @_;

    my $text = $line =~ s/evt_first/$id/gr;

    $text =~ s/"token":null/"token":"$token"/ or die "no token: $text\n"
        if defined $token;

    return "$text\n";
}


sub put {
    my ($name, $text, %opt) = @_;

    my $spool = $server->spool_path;

    open my $f, '>', "$spool/active/.$name" or die "$name: $!\n";
    print $f $text;
    close $f or die "$name: $!\n";
    chmod $opt{mode}, "$spool/active/.$name" if defined $opt{mode};
    rename "$spool/active/.$name", "$spool/new/$name" or die "$name: $!\n";
}


sub asked {
    my ($id) = @_;

    return grep { ($_->{id} || '') eq $id } $app->requests;
}


sub crits {
    return $server->log_lines(qr/\[crit\].* failed in the relay/);
}


SKIP: {
    skip 'only root has files that others may not read', 1 if $> != 0;

    subtest 'a file that it may not read' => sub {
        start('barred', 'backoff=50ms..400ms', user => undef);

        put('0000000000000001.ndjson', line('evt_barred'), mode => 0600);
        ok(wait_for(sub { crits() }), 'it is said');
        like((crits())[0], qr/openat\(\) .*"new\/0{15}1\.ndjson".*\(13:/,
             'which one, and why');

        for (1 .. 8) {
            accepted("evt_$_");
            ok(wait_for(sub { asked("evt_$_") }, undef, 1),
               "evt_$_ need not wait for it");
            sleep 0.3;
        }

        is(scalar crits(), 1, 'it was said once');
        chmod 0644, $server->spool_path . '/new/0000000000000001.ndjson';
        ok(wait_for(sub { asked('evt_barred') }), 'when it may, it does');
        ok(wait_for(sub { !$server->files('new') }), 'and nothing is left');
        finish('barred');
    };
}


# Each file has one event that fails, and stays open to the relay so long

subtest 'order=token, and many that fail' => sub {
    start('many', 'backoff=60s..60s order=token concurrency=16');

    $app->plan({ text => 'evt_bad', status => 500 });
    put(sprintf('%016d.ndjson', $_), line("evt_bad_$_", "tok_$_"))
        for 1 .. 1100;
    put('0000000000002000.ndjson', line('evt_good', 'tok_good'));

    ok(wait_for(sub { asked('evt_good') }), 'do not stop another token');
    is(scalar(my @asked = grep { /bad/ } $app->ids), 1100,
       'each of them was tried once');

    # what comes later waits for those of its token

    put("000000000000300$_.ndjson", line("evt_later_$_", "tok_${_}00"))
        for 1 .. 9;
    put('0000000000004000.ndjson', line('evt_good_later', 'tok_good'));
    ok(wait_for(sub { asked('evt_good_later') }), 'nor a later one');
    is_deeply([grep { /evt_later/ } $app->ids], [], 'nothing overtakes');
    finish('many');
};


subtest 'order=token, and many that fail once' => sub {
    start('once', 'backoff=2s..2s order=token concurrency=16');

    $app->plan({ text => 'evt_bad', status => 500, times => 1, each => 1 });
    put(sprintf('%016d.ndjson', $_), line("evt_bad_$_", "tok_$_"))
        for 1 .. 1500;
    ok(wait_for(sub { 1400 <= grep { /bad/ } $app->ids }), 'most are tried');

    # made a second later than those that they have to wait for

    my ($created) = line('x') =~ /"created":(\d+)/;

    for my $i (1 .. 300) {
        my $n = 5 * $i;
        my $text = line("evt_later_$n", "tok_$n");

        $text =~ s/"created":$created/'"created":' . ($created + 1)/ge;
        put(sprintf('%016d.ndjson', 3000 + $i), $text);
    }

    ok(wait_for(sub {
        my %taken = map { $_->{id} => 1 }
            grep { ($_->{end} || '') eq '200' } $app->requests;
        return 1 + 1500 + 300 == keys %taken;
    }, undef, 40), 'all of them are taken');

    my (%taken, @wrong, $twice);

    for my $r ($app->requests) {
        my ($kind, $n) = $r->{id} =~ /^evt_(bad|later)_(\d+)$/ or next;

        push @wrong, $n if $kind eq 'later' && !$taken{$n};
        next if $r->{end} ne '200';
        $twice++ if $kind eq 'bad' && $taken{$n}++;
    }

    is_deeply(\@wrong, [], 'each token in the order of created');
    is($twice, undef, 'none twice');
    ok(wait_for(sub { !grep { $server->files($_) } qw(new retry) }),
       'nothing is left');
    finish('once');
};


# One without a token holds up nobody, so that it need not be kept in memory

subtest 'order=token, and no token' => sub {
    start('none', 'backoff=60s..60s order=token');
    $app->plan({ id => 'evt_none', status => 500 });
    accepted('evt_none');
    ok(wait_for(sub { grep { /\.1\.ndjson$/ } $server->files('retry') }),
       'it goes to retry');
    ok(wait_for(sub { !$server->files('new') }), 'and from new');
    finish('none');
};


sub renew {
    my ($old) = @_;

    my $spool = $server->spool_path;
    my ($uid, $gid) = (stat $spool)[4, 5];

    ok(wait_for(sub { !$server->files('active') }), 'nothing is written');

    if (defined $old) {
        rename $spool, $old or die "$spool: $!\n";

    } else {
        remove_tree($spool);
    }

    for my $dir ($spool, map { "$spool/$_" } qw(active new corrupt retry dead)) {
        mkdir $dir or die "$dir: $!\n";
        chown $uid, $gid, $dir;
    }
}


subtest 'another spool in its place' => sub {
    start('replaced', 'backoff=20s..20s timeout=15s');

    my $spool = $server->spool_path;
    my $old = "$spool.old";

    remove_tree($old);
    $app->plan({ text => 'evt_held', hold => 1 });
    accepted(qw(evt_held_good evt_held_bad));
    ok(wait_for(sub { asked('evt_held_good') && asked('evt_held_bad') }),
       'two are on their way');

    renew($old);
    accepted('evt_new');
    sleep 1.5;
    ok(!asked('evt_new'), 'the old ones are waited for');
    $app->plan({ id => 'evt_held_bad', status => 500 });
    ok(wait_for(sub { asked('evt_new') }), 'then the new ones are relayed');
    is(scalar(my @asked = asked('evt_held_good')), 1, 'the good one once');
    is_deeply([glob "$old/new/*"], [], 'it is gone from the old spool');

    my ($retry) = glob "$old/retry/*.1.ndjson";
    like(slurp($retry), qr/^\{.*"evt_held_bad".*\n\z/, 'the bad one is there');
    is_deeply([map { $server->files($_) } qw(new retry)], [],
              'and nothing in the new one');

    # one that waits in memory, or in a file, goes with the spool

    $app->plan({ id => 'evt_lost', status => 500 });
    accepted('evt_lost');
    ok(wait_for(sub { asked('evt_lost') }), 'one waits');
    ok(wait_for(sub { $server->files('retry') }), 'for another try');
    renew();
    accepted('evt_last');
    ok(wait_for(sub { asked('evt_last') }), 'removed: what comes is relayed');
    is(scalar(my @said = $server->log_lines(qr/directories were replaced/)), 2,
       'it was said each time');
    is_deeply([crits()], [], 'and there was no fault');
    remove_tree($old);
    finish('replaced');
};


done_testing;
