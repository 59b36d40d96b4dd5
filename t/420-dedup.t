# Copyright (C) 2026 ngx_http_payments_module contributors

# An event that comes more than once is delivered once, and each time answered
# with 200 when it is: later, at the same moment, in another worker, across
# reloads and restarts, and whatever becomes of the first.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use Fcntl qw(LOCK_EX);
use JSON::PP ();
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;

use PaymentsFaults;
use PaymentsServer qw(event slurp wait_for);
use PaymentsUpstream;


my $ZONE = 'payments_dedup_zone zone=events:1m;';
my $DEDUP = 'payments_dedup zone=events;';

my ($server, $app);


sub server {
    my ($name, %opt) = @_;

    $app = PaymentsUpstream->new("420-$name")->start if $opt{app};

    my $port = $app ? $app->port : 1;

    return PaymentsServer->new("420-$name", paths => [],
        workers => $opt{workers} || 1, main => $opt{main} || '',
        http => ($opt{zone} || $ZONE)
                . 'payments_variant other { provider stripe; secret '
                . "$PaymentsServer::SECRET; }",
        server => <<END);
    location /payments/process/ {
        payments_process;
        payments_spool spool min_free=0 seal=@{[$opt{seal} || '5ms']};
        @{[$opt{dedup} || $DEDUP]}
    }

    location = /status { payments_status; }

    location /pass/ {
        payments_process;
        payments_pass \@app;
        payments_dedup zone=events wait=@{[$opt{wait} || '5s']};
    }

    location \@app { proxy_pass http://127.0.0.1:$port; }
END
}


sub start {
    $server = server(@_);
    $server->start;
}


sub finish {
    my ($name) = @_;

    ok($server->stop, "$name: it ends");
    $server->ok_clean($name);
    $app->stop if $app;
    undef $app;
}


sub said {
    my ($answer) = @_;

    return 'none' if !$answer;
    return "$answer->{status} "
        . ($answer->{body} =~ /"result": "(\w+)"/ ? $1 : 'new');
}


sub post {
    my ($id, %opt) = @_;

    return said($server->post(event($id), %opt));
}


sub times_in_new {
    my ($id) = @_;

    wait_for(sub { !$server->files('active') });

    return $server->look->{$id} || 0;
}


subtest 'later' => sub {
    start('later');

    is(post('evt_1'), '200 new', 'the first');
    is(post('evt_1'), '200 duplicate', 'the second') for 1 .. 3;
    is(post('evt_2'), '200 new', 'another event');
    is(post('evt_1', path => '/payments/process/other/'), '200 new',
       'the same id of another variant');
    is(post('evt_1', path => '/payments/process/stripe?x'), '200 duplicate',
       'another spelling of the URL');

    is($server->post(event('evt_1') =~ s/"id":"evt_1"/"id":"evt_\\u0031"/r)
           ->{body}, '{"status": "OK", "result": "duplicate"}',
       'another spelling of the id');

    is(times_in_new('evt_1'), 2, 'once for each variant');
    is(times_in_new('evt_2'), 1, 'once');

    ok(wait_for(sub {
        return grep { m{ 200 duplicate/- evt_1$} }
            split /\n/, slurp("$server->{prefix}/logs/access.log");
    }), '$payments_result');

    finish('later');
};


# Twins at the same moment, from two clients, to two workers

sub twins {
    my ($name, $n, %opt) = @_;

    my @ids = map { "evt_${name}_$_" } 1 .. $n;
    my (%said, @open);

    for my $i (0 .. $#ids) {
        push @open, [$ids[$i], $server->send(event($ids[$i]))] for 1 .. 2;

        $opt{at}{$i}->() if $opt{at}{$i};

        next if @open < 32 && $i != $#ids;

        push @{$said{$_->[0]}}, said($server->answer($_->[1])) for @open;
        @open = ();
    }

    return \%said;
}


# Without a signature an id is nobody's word: it stands for that body only

subtest 'not verified' => sub {
    start('unsigned', zone => "$ZONE payments_variant open { provider stripe; "
          . 'verify off; }');

    my @path = (path => '/payments/process/open/');

    is(post('evt_1', @path), '200 new', 'the first');
    is(post('evt_1', @path), '200 duplicate', 'the same');
    is(said($server->post(event('evt_1') =~ s/"note":"/"note":"y/r, @path)),
       '200 new', 'another body');
    finish('unsigned');
};


# So it does where the id comes in a header that is not signed

subtest 'an id that is not signed' => sub {
    start('github', zone => "$ZONE payments_variant github { secret shared; }");

    my $send = sub {
        my ($id, $body) = @_;
        my $s = $server->connect or return;
        my $mac = hmac_sha256_hex($body, 'shared');

        syswrite $s, "POST /payments/process/github/ HTTP/1.1\r\n"
            . "Host: localhost\r\nConnection: close\r\n"
            . "X-Hub-Signature-256: sha256=$mac\r\nX-GitHub-Delivery: $id\r\n"
            . "X-GitHub-Event: ping\r\nContent-Length: " . length($body)
            . "\r\n\r\n$body";

        return said($server->answer($s));
    };

    is($send->('1-2-3', '{"id":"1-2-3","a":1}'), '200 new', 'the first');
    is($send->('1-2-3', '{"id":"1-2-3","a":1}'), '200 duplicate', 'the same');
    is($send->('1-2-3', '{"id":"1-2-3","a":2}'), '200 new', 'another body');
    finish('github');
};


# Also where the variant says in which header it comes

subtest 'an id that is not signed, of a scheme that is configured' => sub {
    start('hmac', zone => <<END);
        $ZONE
        payments_variant bare {
            provider hmac;
            secret shared;
            signature_header X-Sign;
            id_header X-Id;
        }
        payments_variant covered {
            provider hmac;
            secret shared;
            signature_header X-Sign;
            signature_message id . body;
            id_header X-Id;
        }
        payments_variant body {
            provider hmac;
            secret shared;
            signature_header X-Sign;
        }
        payments_variant path {
            provider hmac;
            secret shared;
            signature_header X-Sign;
            event_id id;
        }
END

    my $send = sub {
        my ($variant, $before, $body) = @_;
        my $s = $server->connect or return;
        my $mac = hmac_sha256_hex($before . $body, 'shared');

        syswrite $s, "POST /payments/process/$variant/ HTTP/1.1\r\n"
            . "Host: localhost\r\nConnection: close\r\n"
            . "X-Sign: $mac\r\nX-Id: i1\r\nContent-Length: "
            . length($body) . "\r\n\r\n$body";

        return said($server->answer($s));
    };

    is($send->('bare', '', '{"id":"i1","a":1}'), '200 new', 'the first');
    is($send->('bare', '', '{"id":"i1","a":1}'), '200 duplicate', 'the same');
    is($send->('bare', '', '{"id":"i1","a":2}'), '200 new', 'another body');

    is($send->('covered', 'i1.', '{"id":"i1","a":1}'), '200 new', 'signed');
    is($send->('covered', 'i1.', '{"id":"i1","a":2}'), '200 duplicate',
       'another body of the id that is signed');

    is($send->('body', '', '{"id":"i1","a":1}'), '200 new',
       'an id that may be a payment\'s');
    is($send->('body', '', '{"id":"i1","a":1}'), '200 duplicate', 'the same');
    is($send->('body', '', '{"id":"i1","a":2}'), '200 new',
       'what becomes of the payment');

    is($send->('path', '', '{"id":"i1","a":1}'), '200 new',
       'an id that is the event\'s');
    is($send->('path', '', '{"id":"i1","a":2}'), '200 duplicate',
       'another body of it');
    finish('hmac');
};


subtest 'at the same moment' => sub {
    start('twins', workers => 2);

    my $said = twins('twin', 1000,
        at => { map { $_ => sub { kill 'HUP', $server->{master} } }
                300, 500, 700 });
    my (%seen, @wrong);

    for my $id (sort keys %$said) {
        my $both = join ', ', sort @{$said->{$id}};

        $seen{$both}++;
        push @wrong, "$id: $both" if $both ne '200 duplicate, 200 new';
    }

    is_deeply(\@wrong, [], 'one is new, and one a duplicate')
        or diag(join "\n", map { "$_: $seen{$_}" } sort keys %seen);

    $server->ok_safe({ map { $_ => '200' } keys %$said }, 'twins');
    $server->ok_once('twins');
    finish('twins');
};


subtest 'while the first is with the application' => sub {
    start('flight', app => 1, wait => '300ms', workers => 2);

    # it takes it

    $app->plan({ id => 'evt_ok', hold => 1 });

    my $first = $server->send(event('evt_ok'), path => '/pass/stripe/');
    ok($app->wait_for(1), 'the first is there');

    my $second = $server->send(event('evt_ok'), path => '/pass/stripe/');
    my $third = $server->send(event('evt_ok'), path => '/pass/stripe/');

    # others are not in its way

    is(post('evt_other', path => '/pass/stripe/'), '200 new', 'others go');

    $app->plan;
    is(said($server->answer($first)), '200 new', 'the first is taken');

    my @others = map { said($server->answer($_)) } $second, $third;

    # their time may have been over before

    like($_, qr/^(?:200 duplicate|503 new)$/, 'and a twin shares that')
        for @others;
    is(post('evt_ok', path => '/pass/stripe/'), '200 duplicate', 'or later');
    is(scalar(grep { $_ eq 'evt_ok' } $app->ids), 1, 'it was asked once');

    # it refuses it

    $app->plan({ id => 'evt_no', status => 500 });
    is((split / /, post('evt_no', path => '/pass/stripe/'))[0], 500, 'refused');
    $app->plan;
    is(post('evt_no', path => '/pass/stripe/'), '200 new',
       'and is tried again when the gateway does');

    # it takes longer than a twin waits

    $app->plan({ id => 'evt_long', hold => 1 });
    $first = $server->send(event('evt_long'), path => '/pass/stripe/');
    ok(wait_for(sub { grep { $_ eq 'evt_long' } $app->ids }), 'on its way');

    my $answer = $server->post(event('evt_long'), path => '/pass/stripe/');

    is($answer->{status}, 503, 'a twin gives up');
    like($answer->{headers}, qr/\nRetry-After: \d+\r/, 'and may come again');
    ok(wait_for(sub {
        return grep { m{ 503 failed/in_flight evt_long$} }
            split /\n/, slurp("$server->{prefix}/logs/access.log");
    }), 'the reason');

    $app->plan;
    is(said($server->answer($first)), '200 new', 'the first is not disturbed');

    # the client of the first goes away: nobody has answered for it

    $app->plan({ id => 'evt_gone', hold => 1 });
    $first = $server->send(event('evt_gone'), path => '/pass/stripe/');
    ok(wait_for(sub { grep { $_ eq 'evt_gone' } $app->ids }), 'on its way');
    setsockopt $first, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0;
    close $first;

    ok(wait_for(sub {
        return grep { m{ 499 \S+ evt_gone$} }
            split /\n/, slurp("$server->{prefix}/logs/access.log");
    }), 'its client has gone');
    $app->plan;
    is(post('evt_gone', path => '/pass/stripe/'), '200 new',
       'the event is tried again');

    # and the client of a twin

    $app->plan({ id => 'evt_twin', hold => 1 });
    $first = $server->send(event('evt_twin'), path => '/pass/stripe/');
    ok(wait_for(sub { grep { $_ eq 'evt_twin' } $app->ids }), 'on its way');
    $second = $server->send(event('evt_twin'), path => '/pass/stripe/');
    setsockopt $second, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0;
    close $second;
    $app->plan;
    is(said($server->answer($first)), '200 new', 'is nothing to the first');

    # which had gone before anybody looked at it

    $app->plan({ id => 'evt_before', hold => 1 });
    $first = $server->send(event('evt_before'), path => '/pass/stripe/');
    ok(wait_for(sub { grep { $_ eq 'evt_before' } $app->ids }), 'on its way');

    my @workers = $server->workers;

    kill 'STOP', @workers;
    close $server->send(event('evt_before'), path => '/pass/stripe/');
    kill 'CONT', @workers;

    my $line;

    ok(wait_for(sub {
        ($line) = slurp("$server->{prefix}/logs/access.log")
            =~ m{ (\d+ \S+) evt_before$}m;
        return $line;
    }), 'a twin has an end');
    like($line, qr/^499 /, 'as soon as its client had');

    $app->plan;
    is(said($server->answer($first)), '200 new', 'and that is all');
    finish('flight');
};


subtest 'a worker dies with its claim' => sub {
    start('claim', app => 1);

    $app->plan({ id => 'evt_1', hold => 1 });

    my $first = $server->send(event('evt_1'), path => '/pass/stripe/');
    ok(wait_for(sub { $app->ids }), 'an event is with the application');

    my ($worker) = $server->kill_workers;

    $app->plan;
    close $first;
    ok(wait_for(sub {
        my @workers = $server->workers;
        return @workers == 1 && $workers[0] != $worker;
    }), 'another worker');

    is(post('evt_1', path => '/pass/stripe/'), '200 new',
       'the event is taken from it');
    finish('claim');
};


# And within a commit: its segment is the next worker's to recover

subtest 'a worker dies in a commit' => sub {
    my $why = PaymentsFaults::cannot();
    plan skip_all => $why if $why;

    my $faults = PaymentsFaults->new('420-dedup');

    # and a zone that no spool has

    $server = server('dies', zone => "$ZONE payments_dedup_zone zone=none:64k;");

    my $worker = $faults->start($server);

    ok(wait_for(sub { post('evt_0') eq '200 new' }), 'it works');
    $faults->set(hold => 1);

    my $first = $server->send(event('evt_dies'));
    ok(wait_for(sub { $faults->get('held') }), 'a commit hangs');

    $server->kill_workers;
    $faults->set(hold => 0);
    close $first;
    ok(wait_for(sub {
        my @workers = $server->workers;
        return @workers == 1 && $workers[0] != $worker;
    }), 'another worker');

    # the one before may not have been sealed, either

    ok(wait_for(sub { $server->log_lines('recovered [12] segments') }),
       'which recovers the segment');
    is(post('evt_dies'), '200 duplicate', 'so that the event is known');
    is(times_in_new('evt_dies'), 1, 'and there once');
    finish('dies');
};


# A reload that does not wait: nobody is answered, and the event is there

subtest 'stable, and not answered' => sub {
    my $why = PaymentsFaults::cannot();
    plan skip_all => $why if $why;

    my $faults = PaymentsFaults->new('420-dedup');

    $server = server('unanswered', main => 'worker_shutdown_timeout 100ms;');

    my $worker = $faults->start($server);

    ok(wait_for(sub { post('evt_0') eq '200 new' }), 'it works');
    $faults->set(hold => 1);

    my $first = $server->send(event('evt_1'));
    ok(wait_for(sub { $faults->get('held') }), 'a commit hangs');

    kill 'HUP', $server->{master};
    is($server->answer($first), undef, 'nobody is answered');
    $faults->set(hold => 0);
    ok(wait_for(sub { !grep { $_ == $worker } $server->workers }),
       'its worker ends');

    is(post('evt_1'), '200 duplicate', 'the event is known');
    is(times_in_new('evt_1'), 1, 'and there once');

    ok($server->stop, 'it ends');
    my @bad = grep { /\[(?:alert|emerg|crit)\]/ && !/open socket/ }
        $server->log_lines;
    is_deeply(\@bad, [], 'the log has no other alert');
};


subtest 'a disk that fails' => sub {
    my $why = PaymentsFaults::cannot();
    plan skip_all => $why if $why;

    my $faults = PaymentsFaults->new('420-dedup');

    $server = server('disk');
    $faults->start($server);

    ok(wait_for(sub { post('evt_0') eq '200 new' }), 'it works');
    $server->ok_idle('before');
    $faults->arm('pwritev', error => 5, times => 1);
    is((split / /, post('evt_1'))[0], 503, 'refused');
    $faults->disarm;
    is(post('evt_1'), '200 new', 'and taken when it comes again');
    is(times_in_new('evt_1'), 1, 'once');
    finish('disk');
};


subtest 'the smallest zone' => sub {
    start('small', zone => 'payments_dedup_zone zone=events:32k;', workers => 2);

    my @ids = map { "evt_$_" } 1 .. 10_000;
    my $result = $server->run(ids => \@ids, clients => 32, keepalive => 1,
                              size => 300);

    is(PaymentsServer::tally($result), '200: 10000', 'none is refused');
    $server->ok_safe($result, 'small');
    $server->ok_once('small');
    is(post('evt_10000'), '200 duplicate', 'the last is known');
    is(post('evt_1'), '200 new', 'the first is not, any more');

    my $zone = JSON::PP->new->decode($server->get('/status')->{body})
        ->{zones}{events};

    is($zone->{entries}, $zone->{capacity}, 'it is full');
    is($zone->{entries} + $zone->{evicted}, 10_001, 'and all are accounted for');
    is($zone->{in_flight}, 0, 'nothing is in flight');

    my @said = $server->log_lines(qr/\[warn\].*"payments_dedup_zone" "events" is full with \d+ events/);
    cmp_ok(scalar @said, '>=', 1, 'that is said');
    cmp_ok(scalar @said, '<=', 2, 'once by each worker');
    finish('small');
};


# What is known over reloads and restarts

sub set_conf {
    my ($conf) = @_;

    my $file = "$server->{prefix}/conf/nginx.conf";
    my $text = slurp($file);

    $conf->() for local $_ = $text;
    open my $f, '>', $file or die "$!\n";
    print $f $_;
    close $f;
}


sub reload {
    my ($conf) = @_;

    set_conf($conf);

    my @old = $server->workers;

    kill 'HUP', $server->{master};

    wait_for(sub {
        my %now = map { $_ => 1 } $server->workers;
        return %now && !grep { $now{$_} } @old;
    }, 'new workers');
}


subtest 'reloads' => sub {
    start('reload');

    is(post("evt_$_"), '200 new', "evt_$_") for 1 .. 200;
    reload(sub { });
    is(post('evt_1'), '200 duplicate', 'it is known after a reload');

    for my $size ('2m', '64k', '1m') {
        reload(sub { s/events:\w+/events:$size/ });
        is(post("evt_$_"), '200 duplicate', "evt_$_ with $size")
            for 1, 100, 200;
        is(post("evt_$size"), '200 new', "a new one with $size");
    }

    is(scalar(() = $server->log_lines(qr/has another size now: \d+ events are still known, the oldest 0 are not/)),
       3, 'which is said');

    # too small for all

    is(post("evt_more_$_"), '200 new', "evt_more_$_") for 1 .. 800;
    reload(sub { s/events:\w+/events:32k/ });
    is(post('evt_more_800'), '200 duplicate', 'the newest are kept');
    ok(scalar($server->log_lines(qr/\[warn\].*another size now: \d+ events are still known, the oldest [1-9]\d* are not/)),
       'and what is lost is said');

    finish('reload');
};


subtest 'a restart' => sub {
    start('restart');

    is(post("evt_$_"), '200 new', "evt_$_") for 1 .. 20;
    ok($server->stop, 'it ends');
    $server->start;
    is(post("evt_$_"), '200 duplicate', "evt_$_ is in the spool") for 1, 20;

    $server->kill_all;
    $server->start;
    is(post("evt_$_"), '200 duplicate', "evt_$_ after kill -9") for 1, 20;

    ok(wait_for(sub { !$server->files('active') }), 'recovered');
    $server->consume;
    ok($server->stop, 'it ends');
    $server->start;
    is(post('evt_1'), '200 new', 'what was taken away is not known');
    finish('restart');
};


# What lies in active is done when recovery has made it so, and not before: it
# may be a commit that fails

sub line_of {
    my ($id) = @_;

    for my $file ($server->files('new')) {
        my $text = slurp($server->spool_path . "/new/$file");

        return "$1\n" if $text =~ /^(.*"id":"$id".*)$/m;
    }
}


sub put_active {
    my ($name, $text) = @_;

    my $file = $server->spool_path . "/active/$name.ndjson";

    open my $f, '>:raw', $file or die "$file: $!\n";
    syswrite $f, $text;

    return $f;
}


for my $state ('', ' state=state') {
    my $name = $state ? 'active-state' : 'active';

    subtest "a restart that finds something in active,$state" => sub {
        start($name, zone => "payments_dedup_zone zone=events:1m$state;");

        my @ids = map { "evt_$_" } qw(whole torn hole_before good live);

        is(post($_), '200 new', $_) for @ids;
        wait_for(sub { !$server->files('active') });

        my %line = map { $_ => line_of($_) } @ids;

        ok($server->stop, 'it ends');
        unlink glob $server->spool_path . '/new/*';
        unlink "$server->{prefix}/state";

        # zeros within a line are a block of it that was not written

        my $torn = sub { $_[0] =~ s/x{512}/"\0" x 512/er };

        put_active('1764020246000000.h.1.0',
                   $line{evt_whole} . $torn->($line{evt_torn}));
        put_active('1764020246000001.h.1.1',
                   $torn->($line{evt_hole_before}) . $line{evt_good});

        my $owned = put_active('1764020246000002.h.1.2', $line{evt_live});

        flock $owned, LOCK_EX or die "$!\n";

        $server->start;
        is(post("evt_$_"), '200 new', "$_ is nowhere else")
            for qw(torn hole_before live);

        ok(wait_for(sub { 2 == $server->log_lines('recovered 2 segments|1 segments had unreadable lines') }),
           'the others are recovered');
        is(post("evt_$_"), '200 duplicate', "$_ was sealed")
            for qw(whole good);

        ok(wait_for(sub { $server->files('active') == 1 }),
           'what has an owner stays');
        is_deeply($server->look, { map { $_ => 1 } @ids }, 'each is there once');

        # with a state also what has been taken away

        if ($state) {
            ok(wait_for(sub {
                (-s "$server->{prefix}/state" || 0) >= 40 + 5 * 32;
            }), 'all of them are noted');
            $server->consume;
            ok($server->stop, 'it ends');
            $server->start;
            is(post("evt_$_"), '200 duplicate', "$_: in the state, too")
                for qw(whole good);
        }

        close $owned;
        finish($name);
    };
}


# A worker that retires has the table of before, when its size has changed

subtest 'the state file of a zone that was replaced' => sub {
    my $why = PaymentsFaults::cannot();
    plan skip_all => $why if $why;

    my $faults = PaymentsFaults->new('420-dedup');

    $server = server('replaced', seal => '60s',
                     zone => 'payments_dedup_zone zone=events:1m state=state;');

    my $old = $faults->start($server);
    my $file = "$server->{prefix}/state";

    is(post('evt_1'), '200 new', 'an event');
    ok(wait_for(sub { -s $file }), 'is noted');

    # something that the worker has to wait for

    my ($head, $body) = split /(?<=\r\n\r\n)/,
        $server->request(event('evt_slow'));
    my $slow = $server->connect;

    syswrite $slow, $head;
    $server->get('/status');

    set_conf(sub { s/events:\w+/events:2m/ });
    kill 'HUP', $server->{master};
    ok(wait_for(sub {
        my @workers = $server->workers;
        return @workers == 2 && $server->log_lines('gracefully shutting down');
    }), 'another worker, with another table');

    is(post("evt_$_"), '200 new', "evt_$_") for 2 .. 4;

    my $size = (40 + 4 * 32);
    ok(wait_for(sub { -s $file == $size }), 'are noted') or diag(-s $file);

    # its last segment is recovered, not sealed

    $faults->arm('renameat', error => 5, times => 1);
    syswrite $slow, $body;
    is(said($server->answer($slow)), '200 new', 'the slow one');
    ok(wait_for(sub { !grep { $_ == $old } $server->workers }), 'it ends');
    ok(scalar($server->log_lines('recovered 1 segments')), 'and has recovered');
    $faults->disarm;

    ok($server->stop, 'nginx ends');
    $server->consume;
    $server->start;
    is(post("evt_$_"), '200 duplicate', "evt_$_ is known") for 1 .. 4, 'slow';
    ok($server->stop, 'it ends');
};


subtest 'a state file' => sub {
    start('state', workers => 2,
          zone => 'payments_dedup_zone zone=events:1m state=state;');

    my $file = "$server->{prefix}/state";

    is(post('evt_0'), '200 new', 'evt_0');
    ok(wait_for(sub { -s $file }), 'is noted a little later');

    is(post("evt_$_"), '200 new', "evt_$_") for 1 .. 30;
    ok(wait_for(sub { !$server->files('active') }), 'sealed');
    $server->consume;
    ok($server->stop, 'it ends');

    my $whole = slurp($file);
    my @stat = stat $file;

    is(sprintf('%04o', $stat[2] & 07777), '0600', 'the mode of the file');
    $server->start;
    is(post("evt_$_"), '200 duplicate', "evt_$_ is in it") for 1, 15, 30;
    is(post('evt_31'), '200 new', 'a new one');
    ok(wait_for(sub { -s $file > length $whole }), 'is noted');
    ok(wait_for(sub { !$server->files('active') }), 'sealed');
    $server->consume;
    $server->kill_all;
    $server->start;
    is(post("evt_$_"), '200 duplicate', "evt_$_ after kill -9") for 1, 31;
    ok($server->stop, 'it ends');

    # whatever is left of it, nginx starts, and knows what is whole

    my $put = sub {
        my ($bytes) = @_;

        open my $f, '>', $file or die "$!\n";
        print $f $bytes;
        close $f;
    };

    for my $cut (0, 1, 39, 40, 41, 71, 72, 73, 500, length($whole) - 1) {
        $put->(substr $whole, 0, $cut);
        like($server->test, qr/test is successful/, "cut at $cut");
    }

    $put->('x' x 1000);
    $server->start;
    ok(scalar($server->log_lines(qr/\[warn\].*"events": the beginning of "\S+state" is damaged/)),
       'another file: that is said');
    is(post('evt_1'), '200 new', 'nothing is known');
    is(post('evt_1'), '200 duplicate', 'and then it is');
    ok($server->stop, 'it ends');
    $server->consume;
    $server->start;
    is(post('evt_1'), '200 duplicate', 'a file was begun anew');
    ok($server->stop, 'it ends');

    $put->(substr($whole, 0, 300) . 'x' x 20 . substr $whole, 300);
    $server->consume;
    $server->start;
    ok(scalar($server->log_lines(qr/\[warn\].*"\S+state" is damaged in \d+ places/)),
       'damage in the middle: that is said');
    is(post('evt_30'), '200 duplicate', 'what comes behind is known');

    finish('state');
};


# nginx -t

for my $case (
    ['no zone', 'payments_dedup_zone zone=a;', '', qr/invalid parameter "zone=a"/],
    ['no size', 'payments_dedup_zone window=4d;', '', qr/needs a name and a size/],
    ['too small', 'payments_dedup_zone zone=a:16k;', '',
     qr/"payments_dedup_zone" "a" is too small/],
    ['twice', 'payments_dedup_zone zone=a:1m; payments_dedup_zone zone=a:1m;', '',
     qr/duplicate "payments_dedup_zone" "a"/],
    ['one file of two', 'payments_dedup_zone zone=a:1m state=logs/s;'
     . ' payments_dedup_zone zone=b:1m state=logs/s;', '',
     qr/"payments_dedup_zone" "b" has the state file of "a"/],
    ['the counters\' name', 'payments_dedup_zone zone=payments_counters:256k;',
     '', qr/"payments_dedup_zone" "payments_counters" has the name of/],
    ['bad window', 'payments_dedup_zone zone=a:1m window=x;', '',
     qr/invalid parameter "window=x"/],
    ['short window', 'payments_dedup_zone zone=a:1m window=4m;', '',
     qr/"window" of "payments_dedup_zone" "a" is 240 s, and "payments_variant" "stripe" takes signatures that are up to 300 s old/],
    ['what', 'payments_dedup_zone zone=a:1m what=1;', '',
     qr/invalid parameter "what=1" of "payments_dedup_zone"/],
    ['unknown zone', '', 'payments_dedup zone=b;',
     qr/there is no "payments_dedup_zone" "b"/],
    ['bad wait', 'payments_dedup_zone zone=a:1m;', 'payments_dedup zone=a wait=x;',
     qr/invalid parameter "wait=x" of "payments_dedup"/],
    ['long wait', 'payments_dedup_zone zone=a:1m;', 'payments_dedup zone=a wait=61s;',
     qr/invalid parameter "wait=61s" of "payments_dedup"/],
    ['no zone named', '', 'payments_dedup wait=1s;', qr/needs a zone, or "off"/],
    ['dedup twice', '', 'payments_dedup off; payments_dedup off;', qr/is duplicate/],
    ['off and more', '', 'payments_dedup off wait=1s;', qr/has parameters after "off"/],
    ['nothing said', '', '', qr/\[warn\].*has "payments_process" and no "payments_dedup".*test is successful/s],
    ['off', '', 'payments_dedup off;', qr/\A(?!.*\[warn\]).*test is successful/s],
    ['fine', 'payments_dedup_zone zone=a:32k window=5m;',
     'payments_dedup zone=a wait=0;', qr/\A(?!.*\[warn\]).*test is successful/s],
)
{
    my ($name, $http, $location, $said) = @$case;

    my $nginx = PaymentsServer->new('420-conf', paths => [], http => $http,
        dedup => '',
        server => "location /p/ { payments_process; payments_spool spool min_free=0; $location }");

    like($nginx->test, $said, "nginx -t: $name");
}


done_testing;
