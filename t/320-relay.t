# Copyright (C) 2026 ngx_http_payments_module contributors

# A spool and payments_pass: the answer is there when the event is stable, and
# the relay brings it to the application, whatever that does, and whatever
# becomes of the processes.
#
# PAYMENTS_LONG=1: 2,000 events for each disturbance instead of 400; 1 minute more.

use strict;
use warnings;

use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);

use PaymentsServer qw(event slurp wait_for);
use PaymentsUpstream;


my $MANY = $ENV{PAYMENTS_LONG} ? 2000 : 400;
my $FAST = 'backoff=50ms..400ms';

my $json = JSON::PP->new->utf8;

my ($server, $app);


sub start {
    my ($name, %opt) = @_;

    my $relay = $opt{relay} || $FAST;

    $app = PaymentsUpstream->new("320-$name");
    $app->start unless $opt{down};

    $server = PaymentsServer->new("320-$name", paths => [],
        main => $opt{main} || '', workers => $opt{workers} || 1,
        server => <<END, %{$opt{server} || {}});
    location /payments/process/ {
        payments_process;
        payments_spool spool min_free=0 seal=5ms;
        payments_pass \@app;
        payments_relay $relay;
        @{[$opt{location} || '']}
    }

    location \@app {
        proxy_pass http://127.0.0.1:@{[$app->port]};
        proxy_http_version 1.1;
        @{[$opt{app} || '']}
    }
END

    $server->start;
    ok(wait_for(sub { $server->relay }), "$name: a process relays");
}


sub finish {
    my ($name, %opt) = @_;

    ok($server->stop, "$name: it ends");
    is_deeply([map { "$_/" . ($server->files($_) || 0) }
               grep { $server->files($_) } qw(active new)], [],
              "$name: nothing is left") unless $opt{left};
    $server->ok_clean($name);
    $app->stop;
}


# Posted, all of them answered with 200

sub accepted {
    my ($name, @ids) = @_;

    my $result = $server->run(ids => \@ids, clients => 16, keepalive => 1);
    my @other = grep { $result->{$_} ne '200' } @ids;

    is_deeply(\@other, [], "$name: " . @ids . ' events are accepted');
}


# How often the application has taken each, and how often it was asked to

sub taken {
    my (%taken, %asked);

    for my $r ($app->requests) {
        next unless defined $r->{id};
        $asked{$r->{id}}++;
        $taken{$r->{id}}++ if ($r->{end} || '') =~ /^2/;
    }

    return (\%taken, \%asked);
}


sub ok_arrived {
    my ($name, $ids, %opt) = @_;

    my ($taken, $asked, @missing);

    wait_for(sub {
        ($taken, $asked) = taken();
        @missing = grep { !$taken->{$_} } @$ids;
        return !@missing;
    }, undef, $opt{patience} || 40);

    is(scalar @missing, 0, "$name: all " . @$ids . ' arrive')
        or diag("missing: @missing[0 .. ($#missing < 5 ? $#missing : 5)]");

    return if $opt{twice};

    ok_once($name);
}


sub ok_once {
    my ($name) = @_;

    my ($taken) = taken();
    my @twice = grep { $taken->{$_} > 1 } sort keys %$taken;

    is(scalar @twice, 0, "$name: none twice")
        or diag("twice: @twice[0 .. ($#twice < 5 ? $#twice : 5)]");
}


sub ok_empty {
    my ($name) = @_;

    ok(wait_for(sub {
        return !grep { $server->files($_) } qw(active new retry);
    }), "$name: nothing waits any more")
        or diag(join ' ', map { my $d = $_; map { "$d/$_" } $server->files($d) }
                qw(active new retry));
}


subtest 'what goes to it' => sub {
    start('plain');
    accepted('plain', map { "evt_$_" } 1 .. 50);
    ok_arrived('plain', [map { "evt_$_" } 1 .. 50]);
    ok_empty('plain');

    my ($r) = $app->requests;
    my $envelope = $json->decode($r->{body});

    is($r->{method}, 'POST', 'POST');
    is($r->{uri}, '/payments/process/stripe/', 'to the same URL');
    is($r->{headers}{'content-type'}, 'application/cloudevents+json',
       'an envelope');
    is($r->{headers}{'content-length'}, length $r->{body}, 'its length');
    is($envelope->{id}, $envelope->{data}{payload}{id}, 'and the event in it');

    finish('plain');
};


subtest 'it is down for a while' => sub {
    start('down', down => 1);

    my @ids = map { "evt_$_" } 1 .. 100;

    accepted('down', @ids);
    ok(wait_for(sub { $server->log_lines(qr/takes no events/) }),
       'that is said');
    $app->start;
    ok_arrived('down', \@ids);
    ok_empty('down');
    ok(wait_for(sub { $server->log_lines(qr/takes events again/) }),
       'and that it is over');
    is(scalar(my @said = $server->log_lines(qr/takes no events/)), 1, 'once');
    finish('down');
};


# What the application may say, and what becomes of the event

subtest 'answers' => sub {
    start('answers');

    my %plans = (
        evt_500 => { status => 500, times => 2 },
        evt_302 => { status => 302, headers => { Location => '/' }, times => 1 },
        evt_400 => { status => 400, times => 1 },
        evt_drop => { drop => 1, times => 1 },
        evt_reset => { reset => 1, times => 1 },
        evt_half => { status => 200, body => 'x' x 1000, cut => 500, times => 1 },
        evt_halfhead => { cut => 20, times => 1 },
        evt_410 => { status => 410 },
        evt_413 => { status => 413 },
        evt_415 => { status => 415 },
        evt_422 => { status => 422 },
        evt_201 => { status => 201 },
        evt_204 => { status => 204 },
        evt_chunked => { chunked => 1 },
        evt_eof => { eof => 1 },
        evt_big => { body => 'x' x 300000 },
    );

    $app->plan(map { { id => $_, %{$plans{$_}} } } sort keys %plans);

    my @dead = map { "evt_$_" } qw(410 413 415 422);
    my %dead = map { $_ => 1 } @dead;
    my @ids = sort keys %plans;
    my @others = map { "evt_other_$_" } 1 .. 40;

    accepted('answers', @ids, @others);
    ok_arrived('answers', [@others, grep { !$dead{$_} } @ids], twice => 1);
    ok_empty('answers');

    my ($taken, $asked) = taken();

    for my $id (@ids) {
        my $tries = $dead{$id} ? 1 : 1 + ($plans{$id}{times} || 0);

        is($asked->{$id}, $tries, "$id: $tries tries");
    }

    is($asked->{$_}, 1, "$_: one try") for @others;

    my %found;

    for my $file (grep { /\.ndjson$/ } $server->files('dead')) {
        my $dir = $server->spool_path . '/dead';
        my $envelope = $json->decode(slurp("$dir/$file"));
        my $why = $json->decode(slurp("$dir/$file.error"));

        $found{$envelope->{id}} = $why;
        is("evt_$why->{status}", $envelope->{id}, "$envelope->{id}: the answer");
        is($why->{attempts}, 1, "$envelope->{id}: the tries");
        like($why->{reason}, qr/refuses it/, "$envelope->{id}: the reason");
        like($why->{time}, qr/^20\d\d-\d\d-\d\dT[\d:]{8}Z$/, "$envelope->{id}: when");
    }

    is_deeply([sort keys %found], \@dead, 'the refused ones are in dead/');

    # and back

    $app->plan;

    for my $file ($server->files('dead')) {
        my $spool = $server->spool_path;

        rename "$spool/dead/$file", "$spool/new/$file" if $file =~ /ndjson$/;
    }

    ok_arrived('put back', \@dead, twice => 1);
    ok_empty('put back');
    finish('answers');
};


subtest 'no answer at all' => sub {
    start('none', app => 'proxy_read_timeout 300ms;');

    $app->plan({ id => 'evt_none', hold => 1, times => 1 });
    accepted('none', 'evt_none');
    ok_arrived('none', ['evt_none'], twice => 1);

    my ($taken, $asked) = taken();

    cmp_ok($asked->{evt_none}, '>=', 2, 'it is asked again');
    finish('none');
};


subtest 'retries, and Retry-After' => sub {
    start('retries', relay => 'backoff=20ms..40ms retries=3');

    $app->plan({ id => 'evt_never', status => 500 },
               { id => 'evt_later', status => 429, times => 1,
                 headers => { 'Retry-After' => 2 } },
               { id => 'evt_date', status => 503, times => 1,
                 headers => { 'Retry-After' => http_time(time + 3) } });

    accepted('retries', qw(evt_never evt_later evt_date evt_good));
    ok_arrived('retries', [qw(evt_later evt_date evt_good)]);

    my %times;
    push @{$times{$_->{id}}}, $_->{time} for $app->requests;

    for my $id (qw(evt_later evt_date)) {
        is(scalar @{$times{$id}}, 2, "$id: two tries");
        cmp_ok($times{$id}[1] - $times{$id}[0], '>=', 1.9,
               "$id: the second when it was asked for");
    }

    ok(wait_for(sub { $server->files('dead') == 2 }), 'one is dead');

    my ($taken, $asked) = taken();
    is($asked->{evt_never}, 4, 'after 1 + 3 tries');

    my ($file) = grep { /error$/ } $server->files('dead');
    my $why = $json->decode(slurp($server->spool_path . "/dead/$file"));

    is($why->{attempts}, 4, 'they are counted');
    is($why->{status}, 500, 'and the last answer noted');
    like($why->{reason}, qr/used up/, 'and the reason');

    finish('retries');
};


subtest 'an error page is no answer of the application' => sub {
    start('pages', relay => 'backoff=20ms..40ms retries=1',
          app => 'deny all; error_page 403 =200 /ping;');

    accepted('pages', 'evt_denied');
    ok(wait_for(sub { $server->files('dead') == 2 }), 'it is kept');

    my ($file) = grep { /error$/ } $server->files('dead');
    my $why = $json->decode(slurp($server->spool_path . "/dead/$file"));

    is($why->{status}, 502, 'as not taken');
    is($why->{attempts}, 2, 'and tried again');
    finish('pages');
};


sub http_time {
    my @t = gmtime $_[0];

    return sprintf '%s, %02d %s %d %02d:%02d:%02d GMT',
        (qw(Sun Mon Tue Wed Thu Fri Sat))[$t[6]], $t[3],
        (qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec))[$t[4]],
        $t[5] + 1900, @t[2, 1, 0];
}


subtest 'too old' => sub {
    start('old', relay => 'backoff=600ms..600ms max_age=1s');

    $app->plan({ id => 'evt_old', status => 500 });
    accepted('old', 'evt_old');
    ok(wait_for(sub { $server->files('dead') == 2 }), 'it is dead');

    my ($file) = grep { /error$/ } $server->files('dead');
    my $why = $json->decode(slurp($server->spool_path . "/dead/$file"));

    like($why->{reason}, qr/too old/, 'the reason');
    is($why->{attempts}, 2, 'after two tries');
    ok_empty('old');

    # who puts it back wants it to be tried: twice, whatever its age

    my $spool = $server->spool_path;

    rename "$spool/dead/$_", "$spool/new/$_"
        for grep { /ndjson$/ } $server->files('dead');

    ok(wait_for(sub { 4 == grep { $_ eq 'evt_old' } $app->ids }), 'and again');
    ok(wait_for(sub { $server->files('dead') == 3 }), 'dead once more');
    finish('old');
};


# What somebody else has put there is not sent, and does not hold up others

subtest 'a line of another kind' => sub {
    start('strange', relay => 'backoff=20ms..40ms retries=1',
          location => 'payments_format raw;');

    my $spool = $server->spool_path;
    my $name = '1764020246000000.host.1.0.ndjson';

    open my $f, '>', "$spool/active/.$name" or die "$name: $!\n";
    print $f qq({"no":"envelope"}\n{"specversion":"1.0","id":"evt_no_base64",)
        . qq("data":{"variant":"stripe","payload_base64":"%%%%"}}\n);
    close $f or die "$name: $!\n";
    rename "$spool/active/.$name", "$spool/new/$name" or die "$name: $!\n";

    accepted('strange', 'evt_after');
    ok_arrived('strange', ['evt_after']);
    ok(wait_for(sub { $server->files('dead') == 4 }), 'both are dead');

    my %why = map { $_->{reason} => $_->{attempts} }
        map { $json->decode(slurp("$spool/dead/$_")) }
        grep { /error$/ } $server->files('dead');

    is_deeply(\%why, { "it is no event's line" => 0,
                       'its tries are used up' => 2 }, 'the reasons');
    finish('strange');
};


# Where the same process does all

subtest 'without a master' => sub {
    $app = PaymentsUpstream->new('320-single')->start;
    $server = PaymentsServer->new('320-single', paths => [],
        main => 'master_process off;', server => <<END);
    location ~ ^/hooks/ {
        payments_process \$arg_variant;
        payments_spool spool min_free=0 seal=5ms;
        payments_pass \@app;
        payments_relay $FAST;
    }

    location \@app { proxy_pass http://127.0.0.1:@{[$app->port]}; }
END

    my $pid = $server->spawn("$server->{prefix}/logs/stderr", $server->{nginx},
        '-p', $server->{prefix}, '-c', 'conf/nginx.conf', '-e',
        'logs/error.log');

    $server->{master} = $pid;
    ok(wait_for(sub { $server->connect }), 'it listens');
    accepted_by('single', '/hooks/x?variant=stripe', map { "evt_$_" } 1 .. 20);
    ok_arrived('single', [map { "evt_$_" } 1 .. 20]);
    is(($app->requests)[0]{uri}, '/payments/process/stripe/',
       'a regular expression is no URL');
    ok_empty('single');
    ok($server->stop, 'it ends');
    $server->ok_clean('single');
    $app->stop;
};


sub accepted_by {
    my ($name, $path, @ids) = @_;

    is($server->post(event($_), path => $path)->{status}, 200,
       "$name: $_ is accepted") for @ids;
}


# The URL is that of the location

subtest 'where it goes' => sub {
    for my $case (['/hooks', '/hooks/stripe', '/hooks/stripe/'],
                  ['= /hook', '/hook', '/hook'],
                  ['^~ /a/b/', '/a/b/stripe', '/a/b/stripe/'])
    {
        my ($location, $post, $goes) = @$case;
        my $variant = $location =~ /^=/ ? 'stripe' : '';

        $app = PaymentsUpstream->new('320-where')->start;
        $server = PaymentsServer->new('320-where', paths => [], server => <<END);
    location $location {
        payments_process $variant;
        payments_spool spool min_free=0 seal=5ms;
        payments_pass \@app;
    }

    location \@app { proxy_pass http://127.0.0.1:@{[$app->port]}; }
END
        $server->start;
        accepted_by('where', $post, 'evt_1');
        ok_arrived($location, ['evt_1']);
        is(($app->requests)[0]{uri}, $goes, "$location: the URL");
        finish($location);
    }
};


# nginx delays requests by the connection of the client, who is nobody here

subtest 'limit_req' => sub {
    start('limit', relay => "$FAST timeout=5s",
          app => 'limit_req zone=limit burst=50;', server =>
          { http => 'limit_req_zone $uri zone=limit:1m rate=10r/s;' });

    my @ids = map { "evt_$_" } 1 .. 12;

    accepted('limit', @ids);
    ok_arrived('limit', \@ids);

    my ($taken, $asked) = taken();
    my @times = sort { $a <=> $b } map { $_->{time} } $app->requests;

    is($asked->{$_}, 1, "$_: one try") for @ids;
    cmp_ok($times[-1] - $times[0], '>=', 1, 'one after another');
    is(scalar(my @lines = $server->log_lines(qr/not taken|took too long/)), 0,
       'none too late');
    ok_empty('limit');
    finish('limit');
};


subtest 'limit_rate' => sub {
    start('rate', relay => "$FAST timeout=4s", app => 'limit_rate 100;');

    $app->plan({ id => 'evt_ours', body => 'x' x 6000 },
               { id => 'evt_its', body => 'x' x 6000,
                 headers => { 'X-Accel-Limit-Rate' => 4096 } });

    accepted('rate', qw(evt_ours evt_its));
    ok_arrived('rate', [qw(evt_ours evt_its)]);
    ok_empty('rate');

    my ($taken, $asked) = taken();

    is($asked->{$_}, 1, "$_: one try") for qw(evt_ours evt_its);
    finish('rate');
};


# A slow one is not in the way of others, nor of what is accepted

subtest 'concurrency and time' => sub {
    start('slow', relay => "$FAST concurrency=3 timeout=2s");

    $app->plan({ text => 'evt_slow', hold => 1 });

    my @slow = map { "evt_slow_$_" } 1 .. 2;
    my @ids = map { "evt_$_" } 1 .. 100;

    accepted('slow', @slow);
    ok($app->wait_for(2), 'two are on their way');
    accepted('slow', @ids);
    ok_arrived('the others', \@ids);

    my ($most) = sort { $b <=> $a } map { $_->{busy} } $app->requests;
    is($most, 3, 'three at a time');

    # they take too long

    ok(wait_for(sub {
        my ($taken, $asked) = taken();
        return $asked->{$slow[0]} > 1 && $asked->{$slow[1]} > 1;
    }), 'given up, and tried again');
    is_deeply([sort map { $_->{end} || '' } grep { $_->{id} =~ /slow/ }
               ($app->requests)[0, 1]], [qw(gone gone)], 'after the timeout');

    $app->plan;
    ok_arrived('slow', \@slow);
    finish('slow');
};


subtest 'order=token' => sub {
    start('order', relay => "$FAST concurrency=16 order=token", down => 1);

    # 8 tokens, and events of each that were made in another order than they
    # come in; one without a token in between

    my (@bodies, %token, %created);

    for my $i (0 .. 159) {
        my $id = sprintf 'evt_%03d', $i;
        my $token = $i % 10 == 9 ? '' : 'tok_' . $i % 8;
        my $created = 1764020000 + ($i * 37) % 160;

        $token{$id} = $token;
        $created{$id} = $created;

        my $body = event($id) =~ s/"created":\d+/"created":$created/r;
        $body =~ s/"object":\{/"object":{"client_reference_id":"$token",/
            if $token;
        push @bodies, $body;
    }

    is($server->post($_)->{status}, 200, 'accepted') for @bodies;
    ok(wait_for(sub { !$server->files('active') }), 'sealed');

    # some fail, which holds up their tokens only

    $app->plan({ id => 'evt_008', status => 500, times => 3 },
               { text => '"token":"tok_3"', status => 503, times => 5 },
               { text => '"token"', delay => 0.003 });
    $app->start;

    ok_arrived('order', [sort keys %token]);

    my (%last, %busy, @wrong);

    for my $r (sort { $a->{n} <=> $b->{n} } $app->requests) {
        my $token = $token{$r->{id}} or next;

        push @wrong, "$r->{id} of $token overtakes"
            if defined $last{$token} && $created{$r->{id}} < $last{$token};
        $last{$token} = $created{$r->{id}};
    }

    is_deeply(\@wrong, [], 'each token in the order of created');

    my ($most) = sort { $b <=> $a } map { $_->{busy} } $app->requests;
    cmp_ok($most, '>', 1, 'different tokens at the same time');
    cmp_ok($most, '<=', 16, 'but no more than was asked for');
    finish('order');
};


# Posted while something happens to the processes, and the application fails
# now and then

sub disturb {
    my ($name, $action, %opt) = @_;

    start($name, workers => 2, server => { daemon => $opt{daemon} || 'off' });

    $app->plan({ text => '_[0-9]*[37]","source', status => 500, times => 1,
                 each => 1 },
               { text => '_[0-9]*5","source', drop => 1, times => 1,
                 each => 1 },
               { text => '.', delay => 0.001 });

    my @ids = map { "evt_${name}_$_" } 1 .. $MANY;
    my $at = 0;

    my $result = $server->run(ids => \@ids, clients => 16, on_answer => sub {
        my ($id, $status, $count) = @_;

        if ($count >= $at + $MANY / 6) {
            $at = $count;
            $action->();
        }

        return 0;
    });

    my @answered = PaymentsServer::answered($result);

    cmp_ok(scalar @answered, '>=', $MANY / 2, "$name: most are answered");
    ok_arrived($name, \@answered, twice => $opt{twice}, patience => 60);
    ok_empty($name);
}


subtest 'HUP' => sub {
    disturb('hup', sub { kill 'HUP', $server->{master} });
    finish('hup');
};


subtest 'kill -9 of the relay' => sub {
    disturb('relay', sub {
        my $pid = $server->relay or return;
        $server->{killed}{$pid}++;
        kill 'KILL', $pid;
    }, twice => 1);

    $server->{faults} = [];
    ok($server->stop, 'it ends');
    my @alerts = grep { /\[(?:alert|emerg|crit)\]/
                        && !/process \d+ exited on signal 9/ }
        $server->log_lines;
    is_deeply(\@alerts, [], 'the log has no alert but that');
    $app->stop;
};


subtest 'kill -9 of a worker' => sub {
    disturb('worker', sub {
        my ($pid) = $server->workers;
        $server->{killed}{$pid}++;
        kill 'KILL', $pid;
    });
    finish('worker');
};


subtest 'kill -9 of all' => sub {
    disturb('all', sub {
        $server->kill_all;
        $server->start;
    }, twice => 1);
    finish('all');
};


subtest 'another binary' => sub {
    my $step = 0;

    # the old one ends when the clients, that is this process, go on

    disturb('binary', sub {
        if (++$step % 2) {
            my $old = $server->{master};

            $server->upgrade and kill 'QUIT', $old;

        } else {
            $server->retire;
        }
    }, daemon => 'on');

    $server->retire if $server->{upgrade};
    finish('binary');
};


subtest 'two instances on one spool' => sub {
    start('two');

    my $second = PaymentsServer->new('320-second', paths => [],
        spool => $server->spool_path, server => <<END);
    location /payments/process/ {
        payments_process;
        payments_spool @{[$server->spool_path]} min_free=0 seal=5ms;
        payments_pass \@app;
        payments_relay $FAST;
    }

    location \@app {
        proxy_pass http://127.0.0.1:@{[$app->port]};
        proxy_set_header X-Second 1;
    }
END
    $second->start;

    my @ids = map { "evt_$_" } 1 .. 60;

    is(($_ & 1 ? $server : $second)->post(event($ids[$_]))->{status}, 200,
       "$ids[$_]: accepted") for 0 .. 59;
    ok_arrived('two', \@ids);
    is(scalar(grep { $_->{headers}{'x-second'} } $app->requests), 0,
       'all by the first');

    ok($server->stop, 'the first ends');
    is($second->post(event('evt_last'))->{status}, 200, 'the second goes on');
    ok_arrived('the second', ['evt_last']);
    is(scalar(grep { $_->{headers}{'x-second'} } $app->requests), 1,
       'and has taken over');

    ok($second->stop, 'and ends');
    $server->ok_clean('first');
    $second->ok_clean('second');
    $app->stop;
};


done_testing;
