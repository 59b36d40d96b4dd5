# Copyright (C) 2026 ngx_http_payments_module contributors

# payments_status: each event moves the counter of its fate and no other, over
# several workers, reloads and relays; both formats say the same; and the page
# is there when the disk is not.

use strict;
use warnings;

use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);

use PaymentsFaults;
use PaymentsServer qw(event slurp wait_for);
use PaymentsUpstream;


my $json = JSON::PP->new->utf8;

my ($server, $prefix);

my $PAGES = <<'END';
    location = /status { payments_status; }
    location = /metrics { payments_status prometheus; }
END


sub start {
    my ($name, %opt) = @_;

    my $faults = delete $opt{faults};

    $opt{server} = $PAGES . ($opt{server} || '');

    $server = PaymentsServer->new("400-$name", %opt);
    $prefix = $server->{prefix};

    $faults ? $faults->start($server) : $server->start;
}


sub finish {
    my ($name) = @_;

    ok($server->stop, "$name: it ends");
    $server->ok_clean($name);
}


sub page {
    my $answer = $server->get('/status') or return;

    return $answer->{status} eq '200' ? $json->decode($answer->{body}) : undef;
}


# Every number of the page, by its path

sub flat {
    my ($value, $path, $flat) = @_;

    if (ref $value eq 'HASH') {
        flat($value->{$_}, "$path/$_", $flat) for keys %$value;

    } elsif (ref $value eq 'ARRAY') {
        flat($value->[$_], "$path/" . ($_ + 1), $flat) for 0 .. $#$value;

    } elsif (defined $value && !ref $value) {
        $flat->{substr $path, 1} = $value;
    }

    return $flat;
}


# What counts events, and how it has changed

sub counts {
    my $page = page();

    return flat({ variants => $page->{variants},
                  unknown => $page->{unknown} }, '', {});
}


sub moved {
    my ($code) = @_;

    my $before = counts();

    $code->();

    my $after = counts();

    return join ' ', map { "$_+" . ($after->{$_} - ($before->{$_} || 0)) }
        grep { !m{/signature_age/} && !m{/bytes$} }
        grep { $after->{$_} != ($before->{$_} || 0) } sort keys %$after;
}


# A request as it is: the text before the body, and the body

sub raw {
    my ($head, $body) = @_;

    my $s = $server->connect or return 'none';

    $head =~ s/\n/\r\n/g;
    syswrite $s, "$head\r\nHost: localhost\r\nConnection: close\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";

    my $answer = $server->answer($s);

    return $answer ? $answer->{status} : 'none';
}


# Prometheus' text format 0.0.4, strictly: { name => { labels => value } }

sub parse {
    my ($text) = @_;

    my (%value, %type, %help, @faults, $current, %done);

    push @faults, 'no line break at its end' if $text !~ /\n\z/;

    for my $line (split /\n/, $text) {

        if ($line =~ /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*)$/) {
            my ($what, $name, $rest) = ($1, $2, $3);

            my $hash = $what eq 'HELP' ? \%help : \%type;

            push @faults, "$what twice: $name" if exists $hash->{$name};
            push @faults, "$name comes twice" if $done{$name};
            $hash->{$name} = $rest;

            $done{$current} = 1 if defined $current && $current ne $name;
            $current = $name;

            push @faults, "no type: $line"
                if $what eq 'TYPE' && $rest !~ /^(counter|gauge|histogram)$/;
            next;
        }

        if ($line !~ /^([a-zA-Z_:][a-zA-Z0-9_:]*)
                      \{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\[\\n"])*"(?:,(?!\}))?)*)\}
                      \ (-?\d+(?:\.\d+)?)$/x)
        {
            push @faults, "no sample: $line";
            next;
        }

        my ($name, $labels, $n) = ($1, $2, $3);
        (my $base = $name) =~ s/_(bucket|sum|count)$//;
        $base = $name unless ($type{$base} || '') eq 'histogram';

        push @faults, "out of place: $line"
            if !defined $current || $base ne $current;
        push @faults, "no HELP or TYPE: $line"
            unless exists $help{$base} && exists $type{$base};
        push @faults, "twice: $line" if exists $value{$name}{$labels};
        push @faults, "not called _total: $line"
            if ($type{$base} || '') eq 'counter' && $name !~ /_total$/;
        push @faults, "called _total: $line"
            if ($type{$base} || '') ne 'counter' && $name =~ /_total$/;

        $value{$name}{$labels} = $n;
    }

    # a histogram's buckets only grow, and the last one is all

    for my $name (grep { /_bucket$/ } keys %value) {
        (my $base = $name) =~ s/_bucket$//;
        my %last;

        for my $labels (sort { bound($a) <=> bound($b) } keys %{ $value{$name} }) {
            (my $of = $labels) =~ s/,le="[^"]*"//;

            push @faults, "shrinks: $name $labels"
                if $value{$name}{$labels} < ($last{$of} || 0);
            $last{$of} = $value{$name}{$labels};
        }

        for (keys %last) {
            push @faults, "count of $base" if $value{"${base}_count"}{$_}
                                              != $last{$_};
        }
    }

    return (\%value, \@faults);
}


sub bound {
    my ($labels) = @_;

    return $labels =~ /le="\+Inf"/ ? 9e99 : ($labels =~ /le="([^"]*)"/)[0];
}


# The same numbers of both, while nothing happens

sub ok_same {
    my ($name) = @_;

    my $page = page();
    my $answer = $server->get('/metrics');
    my ($value, $faults) = parse($answer->{body});

    is_deeply($faults, [], "$name: the text is well-formed")
        or diag(join "\n", @$faults[0 .. ($#$faults < 9 ? $#$faults : 9)]);

    my (%events, %of);

    for my $labels (keys %{ $value->{payments_events_total} }) {
        my %l = $labels =~ /(\w+)="([^"]*)"/g;
        $events{join '/', $l{variant}, $l{result}, $l{reason} // ()}
            = $value->{payments_events_total}{$labels};
    }

    my %variants = (%{ $page->{variants} }, '(unknown)' => $page->{unknown});

    for my $v (keys %variants) {
        my %results = %{ $variants{$v} };
        delete @results{qw(secrets bytes signature_age)};
        flat(\%results, "/$v", \%of);
    }

    is_deeply(\%events, \%of, "$name: events are the same in both");

    for my $path (sort keys %{ $page->{spools} }) {
        my $spool = $page->{spools}{$path};
        my $at = qq(spool="$path");

        my %same = (
            spool_commits_total => $spool->{commits},
            spool_failed_commits_total => $spool->{failed_commits},
            spool_events_total => $spool->{events},
            spool_waiting_events => $spool->{waiting},
            spool_commit_seconds_count => $spool->{commit_us}{le}{inf},
        );

        @same{qw(relay_delivered_total relay_retried_total relay_dead_total
                 relay_delivery_seconds_count)}
            = (@{ $spool->{relay} }{qw(delivered retried dead)},
               $spool->{relay}{delivery_us}{le}{inf}) if $spool->{relay};

        is_deeply({ map { $_ => $value->{"payments_$_"}{$at} } keys %same },
                  \%same, "$name: so is a spool");
    }

    return $value;
}


subtest 'each fate moves its counter' => sub {
    start('fates', workers => 3, http => <<'END',
    payments_variant filtered {
        provider stripe;
        secret whsec_T4jF0r7hePr0cessTests;
        events charge.*;
    }
    payments_variant live { provider stripe; secret whsec_T4jF0r7hePr0cessTests; mode live; }
    payments_variant rotated {
        provider stripe;
        secret whsec_old;
        secret whsec_T4jF0r7hePr0cessTests;
    }
    payments_variant strict {
        provider stripe;
        secret whsec_T4jF0r7hePr0cessTests;
        tolerance 5m future=5m;
    }
END
        server => <<'END');
    client_max_body_size 20k;
END

    my $sign = sub {
        my ($body, $age, $key) = @_;
        my $t = int(time) - ($age || 0);

        require Digest::SHA;
        return "t=$t,v1=" . Digest::SHA::hmac_sha256_hex("$t.$body",
                                              $key || $PaymentsServer::SECRET);
    };

    my $post = sub {
        my ($variant, $body, $signature, $more) = @_;

        return raw("POST /payments/process/$variant/ HTTP/1.1\n"
                   . (defined $signature ? "Stripe-Signature: $signature\n"
                                         : '')
                   . ($more // '') . 'X: y', $body);
    };

    my $n = 0;
    my $body = sub { event('evt_' . ++$n, 500) };

    my @cases = (
        ['stripe', 200, 'variants/stripe/accepted+1 variants/stripe/secrets/1+1',
         sub { my $b = $body->(); ($b, $sign->($b)) }],
        ['rotated', 200,
         'variants/rotated/accepted+1 variants/rotated/secrets/2+1',
         sub { my $b = $body->(); ($b, $sign->($b)) }],
        ['rotated', 200,
         'variants/rotated/accepted+1 variants/rotated/secrets/1+1',
         sub { my $b = $body->(); ($b, $sign->($b, 0, 'whsec_old')) }],
        ['filtered', 200, 'variants/filtered/ignored/event_type+1 '
         . 'variants/filtered/secrets/1+1',
         sub { my $b = $body->(); ($b, $sign->($b)) }],
        ['live', 200,
         'variants/live/ignored/mode+1 variants/live/secrets/1+1',
         sub { my $b = $body->(); ($b, $sign->($b)) }],
        ['nobody', 400, 'unknown/refused/unknown_variant+1',
         sub { my $b = $body->(); ($b, $sign->($b)) }],
        ['(unknown)', 400, 'unknown/refused/unknown_variant+1',
         sub { my $b = $body->(); ($b, $sign->($b)) }],
        ['stripe', 400, 'variants/stripe/refused/missing_signature+1',
         sub { ($body->()) }],
        ['stripe', 400, 'variants/stripe/refused/malformed_signature+1',
         sub { ($body->(), 't=x,v1=y') }],
        ['stripe', 400, 'variants/stripe/refused/no_match+1',
         sub { my $b = $body->(); ($b, $sign->($b, 0, 'whsec_other')) }],
        ['stripe', 400, 'variants/stripe/refused/too_old+1',
         sub { my $b = $body->(); ($b, $sign->($b, 400)) }],
        ['strict', 400, 'variants/strict/refused/too_new+1',
         sub { my $b = $body->(); ($b, $sign->($b, -400)) }],
        ['stripe', 400, 'variants/stripe/refused/no_body+1',
         sub { ('', $sign->('')) }],
        ['stripe', 400,
         'variants/stripe/refused/bad_json+1 variants/stripe/secrets/1+1',
         sub { my $b = '{"id":'; ($b, $sign->($b)) }],
        ['stripe', 400,
         'variants/stripe/refused/bad_utf8+1 variants/stripe/secrets/1+1',
         sub { my $b = qq({"id":"\xff"}); ($b, $sign->($b)) }],
        ['stripe', 400,
         'variants/stripe/refused/too_deep+1 variants/stripe/secrets/1+1',
         sub { my $b = '[' x 100 . ']' x 100; ($b, $sign->($b)) }],
        ['stripe', 400,
         'variants/stripe/refused/no_event_id+1 variants/stripe/secrets/1+1',
         sub { my $b = '{"type":"x"}'; ($b, $sign->($b)) }],
        ['stripe', 413, 'variants/stripe/refused/too_large+1',
         sub { my $b = 'x' x 30000; ($b, $sign->($b)) }],
        ['stripe', 415, 'variants/stripe/refused/encoding+1',
         sub { my $b = $body->();
               ($b, $sign->($b), "Content-Encoding: gzip\n") }],
    );

    for my $case (@cases) {
        my ($variant, $status, $expected, $request) = @$case;
        my $answer;

        my $moved = moved(sub { $answer = $post->($variant, $request->()) });

        is("$answer $moved", "$status $expected", "$status $expected");
    }

    is(moved(sub { raw('GET /payments/process/stripe/ HTTP/1.1', '') }),
       'variants/stripe/refused/method+1', 'method');

    # the bytes are the bodies' that were accepted

    my $bytes = page()->{variants}{stripe}{bytes};
    my $b = $body->();

    is($post->('stripe', $b, $sign->($b)), 200, 'one more');
    is(page()->{variants}{stripe}{bytes} - $bytes, length $b, 'its bytes');

    # the ages of right signatures of this minute, whoever has taken them

    $b = $body->();
    is($post->('strict', $b, $sign->($b, 200)), 200, 'an old one');
    $b = $body->();
    is($post->('strict', $b, $sign->($b, -100)), 200, 'one of the future');

    my $age = page()->{variants}{strict}{signature_age};

    cmp_ok($age->{max}, '>=', 200, 'the oldest');
    cmp_ok($age->{max}, '<', 230, 'and no older');
    cmp_ok($age->{min}, '<=', -70, 'the newest');
    cmp_ok($age->{min}, '>=', -100, 'and no newer');
    is(page()->{variants}{live}{signature_age}{min} >= 0, 1, 'of another');

    my $value = ok_same('fates');

    my $events = page()->{spools}{$server->spool_path}{events};
    my $accepted = 0;
    $accepted += $_->{accepted} for values %{ page()->{variants} };
    is($events, $accepted, 'all that was accepted is in the spool');
    is($value->{payments_secret_matches_total}
           {'variant="rotated",secret="2"'}, 1, 'and by secret');

    my $answer = $server->get('/metrics');
    like($answer->{headers},
         qr{\ncontent-type: text/plain; version=0\.0\.4; charset=utf-8\r}i,
         'the type of the text');
    $answer = $server->get('/status');
    like($answer->{headers}, qr{\ncontent-type: application/json\r}i,
         'and of the other');

    is(raw('POST /status HTTP/1.1', 'x'), 405, 'a POST is not allowed');

    SKIP: {
        my ($promtool) = grep { -x } map { "$_/promtool" }
            split /:/, $ENV{PATH};
        skip 'no promtool (Debian: prometheus)', 1 unless $promtool;

        open my $f, '>', "$prefix/metrics" or die "$!\n";
        print $f $server->get('/metrics')->{body};
        close $f;

        is(`$promtool check metrics <'$prefix/metrics' 2>&1`, '',
           'promtool has no objection');
    }

    finish('fates');
};


subtest 'a reload keeps them, and a name that comes back' => sub {
    start('reload', workers => 2);

    my $conf = "$prefix/conf/nginx.conf";
    my $text = slurp($conf);

    my $write = sub {
        my ($more) = @_;

        (my $new = $text) =~ s/(?=    server \{)/$more/;
        open my $f, '>', $conf or die "$!\n";
        print $f $new;
        close $f;

        my %old = map { $_ => 1 } $server->workers;
        kill 'HUP', $server->{master};

        ok(wait_for(sub {
            my @workers = $server->workers;
            return @workers == 2 && !grep { $old{$_} } @workers;
        }), 'the workers are new');
    };

    my $variant = sub {
        return "payments_variant $_[0] { provider stripe; "
            . "secret $PaymentsServer::SECRET; }\n";
    };

    my @ids = map { "evt_reload_$_" } 1 .. 300;
    my $n = 0;

    my $result = $server->run(ids => \@ids, clients => 16, on_answer => sub {
        kill 'HUP', $server->{master} if $_[2] % 100 == 50;
        return 0;
    });

    is(PaymentsServer::tally($result), '200: 300', 'all are accepted');
    is(page()->{variants}{stripe}{accepted}, 300, 'and counted');
    is(page()->{spools}{$server->spool_path}{events}, 300, 'in the spool too');

    $write->($variant->('other'));
    is(page()->{variants}{stripe}{accepted}, 300, 'with a variant more');
    is(page()->{variants}{other}{accepted}, 0, 'which has none');

    $server->post(event('evt_other'), path => '/payments/process/other/');
    is(page()->{variants}{other}{accepted}, 1, 'then it has');

    $write->('');
    ok(!exists page()->{variants}{other}, 'it is gone');

    $write->($variant->('other') . $variant->('third'));
    is(page()->{variants}{other}{accepted}, 1, 'and back');

    # so many that the memory has to be another one

    $write->(join '', map { $variant->("v$_") } 1 .. 1000);

    my $page = page();
    is(scalar keys %{ $page->{variants} }, 1001, 'a thousand of them');
    is($page->{variants}{stripe}{accepted}, 300, 'with what there was');
    is($page->{variants}{v1000}{accepted}, 0, 'and nothing else');
    is($page->{spools}{$server->spool_path}{events}, 301, 'of the spool too');

    $server->post(event('evt_v7'), path => '/payments/process/v7/');
    is(page()->{variants}{v7}{accepted}, 1, 'one of them counts');

    my $start = time;
    my $value = ok_same('thousand');
    note sprintf 'both pages: %.2f s', time - $start;
    is($value->{payments_events_total}{'variant="v7",result="accepted"'}, 1,
       'in both');

    # full of names that nobody has any more, again and again

    for my $round (1 .. 3) {
        $write->(join '', map { $variant->("r${round}_$_") } 1 .. 700);
        is(page()->{variants}{stripe}{accepted}, 300, "round $round");
    }

    $write->('');
    is(page()->{variants}{stripe}{accepted}, 300, 'at last');

    finish('reload');
};


subtest 'the application answers' => sub {
    my $app = PaymentsUpstream->new('400-pass')->start;

    start('pass', paths => [], server => <<END);
    location /payments/process/ {
        payments_process;
        payments_pass \@app;
    }
    location \@app { proxy_pass http://127.0.0.1:@{[$app->port]}; }
END

    $app->plan({ id => 'evt_500', status => 500 }, { id => 'evt_hold', hold => 1 });

    is(moved(sub { $server->post(event('evt_200')) }),
       'variants/stripe/accepted+1 variants/stripe/secrets/1+1', 'a 2xx');
    is(moved(sub { $server->post(event('evt_500')) }),
       'variants/stripe/failed/upstream+1 variants/stripe/secrets/1+1',
       'an error');

    # the gateway does not wait for it

    is(moved(sub {
        my $s = $server->send(event('evt_hold'));
        ok(wait_for(sub { grep { $_ eq 'evt_hold' } $app->ids }),
           'it is there');
        close $s;
        ok(wait_for(sub { page()->{variants}{stripe}{failed}{upstream} == 2 }),
           'it is counted');
    }), 'variants/stripe/failed/upstream+1 variants/stripe/secrets/1+1',
       'the gateway is gone');

    $app->stop;

    is(moved(sub { $server->post(event('evt_502')) }),
       'variants/stripe/failed/upstream+1 variants/stripe/secrets/1+1',
       'no application');

    ok_same('pass');
    finish('pass');
};


sub relay {
    return page()->{spools}{$server->spool_path}{relay};
}


sub disk {
    return page()->{spools}{$server->spool_path}{disk};
}


subtest 'a relay' => sub {
    my $app = PaymentsUpstream->new('400-relay')->start;

    start('relay', paths => [], workers => 2, server => <<END);
    location /payments/process/ {
        payments_process;
        payments_spool spool min_free=0 seal=5ms;
        payments_pass \@app;
        payments_relay backoff=100ms..200ms;
    }
    location \@app { proxy_pass http://127.0.0.1:@{[$app->port]}; }
END

    $app->plan({ id => 'evt_gone', status => 410 },
               { id => 'evt_twice', status => 500, times => 2 });

    my @ids = map { "evt_relay_$_" } 1 .. 40;

    is(PaymentsServer::tally($server->run(ids => \@ids, clients => 4)),
       '200: 40', 'events are accepted');
    ok(wait_for(sub { relay()->{delivered} == 40 }), 'and delivered');
    is(relay()->{delivery_us}{le}{inf}, 40, 'each in its time');
    is(relay()->{delivery_us}{le}{10000000}, 40, 'which is short');
    cmp_ok(relay()->{delivery_us}{sum}, '>', 0, 'and not nothing');
    is(relay()->{retried}, 0, 'none again');

    is($server->post(event('evt_twice'))->{status}, 200, 'one that fails');
    ok(wait_for(sub { relay()->{delivered} == 41 }), 'until it is delivered');
    is(relay()->{retried}, 2, 'after two tries');

    is($server->post(event('evt_gone'))->{status}, 200, 'one that is refused');
    ok(wait_for(sub { relay()->{dead} == 1 }), 'is dead');
    ok(wait_for(sub { disk()->{dead}{files} == 1 }), 'and lies there');
    ok(wait_for(sub { disk()->{new}{files} + disk()->{retry}{files} == 0 }),
       'nothing waits');
    is(relay()->{lag}, 0, 'so that nothing is late');

    # down: events wait in retry, whose names do not say since when

    $app->stop;

    is($server->post(event('evt_late'))->{status}, 200, 'without application');
    ok(wait_for(sub { relay()->{lag} >= 2 }), 'the lag grows');
    cmp_ok(disk()->{new}{files} + disk()->{retry}{files}, '>', 0, 'it waits');
    is(relay()->{delivered}, 41, 'not delivered');

    $app->start;

    ok(wait_for(sub { relay()->{delivered} == 42 }), 'with it, it is');
    ok(wait_for(sub { relay()->{lag} == 0 }), 'and nothing is late');
    cmp_ok(relay()->{delivery_us}{le}{inf} - relay()->{delivery_us}{le}{1000000},
           '>=', 1, 'but has been');

    my %stripe = %{ page()->{variants}{stripe} };
    is($stripe{accepted}, 43, 'deliveries are not counted as events');
    is($stripe{failed}{upstream}, 0, 'nor those that fail');

    ok_same('relay');
    finish('relay');
    $app->stop;
};


subtest 'what lies in a spool' => sub {
    start('disk', spool_args => 'min_free=0 seal=5ms');

    my $spool = $server->spool_path;

    $server->post(event("evt_disk_$_")) for 1 .. 3;

    my $lines = sub {
        my $n = 0;
        for my $name ($server->files('new')) {
            my $text = slurp("$spool/new/$name");
            $n += ($text =~ tr/\n//);
        }
        return $n;
    };

    ok(wait_for(sub { $lines->() == 3 }), 'three events');

    my @files = $server->files('new');
    my $bytes = 0;
    $bytes += -s "$spool/new/$_" for @files;

    ok(wait_for(sub { disk()->{new}{bytes} == $bytes }), 'their bytes');
    is(disk()->{new}{files}, scalar @files, 'their files');
    cmp_ok(disk()->{new}{oldest}, '<', 30, 'just now');
    cmp_ok(disk()->{free}, '>', 0, 'there is room');

    # an old one, and what is none

    my $old = sprintf '%016d', (time - 1000) * 1_000_000;

    for my $name ("$old.h.1.0.ndjson", '.hidden.ndjson', 'README') {
        open my $f, '>', "$spool/new/$name" or die "$!\n";
        print $f "{}\n";
    }

    ok(wait_for(sub { disk()->{new}{files} == @files + 1 }), 'one more');
    cmp_ok(disk()->{new}{oldest}, '>=', 1000, 'it is old');
    cmp_ok(disk()->{new}{oldest}, '<', 1030, 'and not older');

    my $value = ok_same('disk');
    like($value->{payments_spool_oldest_seconds}{qq(spool="$spool")},
         qr/^10[0-2]\d\.\d+$/, 'in seconds');
    is($value->{payments_spool_files}{qq(spool="$spool",directory="new")},
       @files + 1, 'and its file');

    unlink "$spool/new/$old.h.1.0.ndjson", "$spool/new/README",
        "$spool/new/.hidden.ndjson";

    # one that nobody has sealed, which would wait for recovery

    $old = sprintf '%016d', (time - 2000) * 1_000_000;

    is(disk()->{active}{files}, 0, 'nothing in active');

    open my $f, '>', "$spool/active/$old.h.1.0.ndjson" or die "$!\n";
    print $f "{}\n";
    close $f;

    ok(wait_for(sub { disk()->{active}{files} == 1 }), 'something in active');
    is(disk()->{active}{bytes}, 3, 'its bytes');
    cmp_ok(disk()->{active}{oldest}, '>=', 2000, 'its age');

    $value = ok_same('active');
    like($value->{payments_spool_oldest_seconds}{qq(spool="$spool")},
         qr/^20[0-2]\d\.\d+$/, 'is that of what waits');
    is($value->{payments_spool_files}{qq(spool="$spool",directory="active")},
       1, 'and its file');

    unlink "$spool/active/$old.h.1.0.ndjson";

    finish('disk');
};


subtest 'the disk hangs, and fails' => sub {
    my $why = PaymentsFaults::cannot();
    plan skip_all => $why if $why;

    my $faults = PaymentsFaults->new('400-hang');

    start('hang', faults => $faults, main => 'thread_pool default threads=2;');

    my $spool = $server->spool_path;
    my $of = sub { page()->{spools}{$spool} };

    is($server->post(event('evt_before'))->{status}, 200, 'at first');
    ok(wait_for(sub { my $d = disk(); $d && $d->{new}{files} == 1 }),
       'it was looked at');

    # a commit fails

    $faults->arm('fdatasync', error => 5);
    is($server->post(event('evt_failed'))->{status}, 503, 'it fails');
    is(page()->{variants}{stripe}{failed}{spool_error}, 1, 'which is counted');
    is($of->()->{failed_commits}, 1, 'for the spool too');
    is($of->()->{commits}, 1, 'and is no commit');
    $faults->disarm;

    # both threads hang: one in a commit, the other in a look

    $faults->set(hold => 1);
    $faults->arm('statvfs', delay => 4_000_000, times => 0, skip => 0);

    my $s = $server->send(event('evt_hangs'));
    my $gone = $server->send(event('evt_gone'));

    ok(wait_for(sub { $of->()->{waiting} == 2 }), 'events wait');

    my $last = 0;

    ok(wait_for(sub {
        my $start = time;
        my $disk = disk();
        my $took = time - $start;

        $last = $took if $took > $last;

        return $disk->{looked_ms_ago} > 1200;
    }), 'what is known of the disk grows old');
    cmp_ok($last, '<', 1, 'no page took a second');
    is(disk()->{new}{files}, 1, 'it is known still');

    # who asks may go, too

    for (1 .. 5) {
        my $c = $server->connect;
        syswrite $c, "GET /status HTTP/1.1\r\nHost: x\r\n\r\n";
        close $c;
    }

    close $gone;

    $faults->disarm;
    $faults->set(hold => 0);

    my $answer = $server->answer($s);
    is($answer && $answer->{status}, 200, 'the event is answered');
    ok(wait_for(sub { $of->()->{waiting} == 0 }), 'nothing waits');
    ok(wait_for(sub { disk()->{looked_ms_ago} < 1000 }), 'it is looked at');
    is(page()->{variants}{stripe}{accepted}, 3,
       'accepted, whether or not the gateway is there');
    is($of->()->{events}, 3, 'by the spool too');
    cmp_ok($of->()->{commit_us}{le}{inf} - $of->()->{commit_us}{le}{500000},
           '>=', 1, 'a commit was slow');

    ok_same('hang');

    ok($server->stop, 'it ends');
    is(scalar(grep { /\[alert\]/ } $server->log_lines('.')), 0, 'no alert');
};


subtest 'no room' => sub {
    start('full', spool_args => 'min_free=8000g');

    ok(wait_for(sub { $server->post(event('evt_' . rand))->{status} eq '503'
                      && page()->{variants}{stripe}{failed}{spool_full} }),
       'it is full');
    is(page()->{spools}{$server->spool_path}{events}, 0, 'and empty');

    ok($server->stop, 'it ends');
};


# An old worker that may not wait any more gives up its requests, and then the
# commit ends: nobody is answered, and the event is there

subtest 'an event without an answer' => sub {
    my $why = PaymentsFaults::cannot();
    plan skip_all => $why if $why;

    my $faults = PaymentsFaults->new('400-cut');

    start('cut', faults => $faults, main => 'worker_shutdown_timeout 100ms;');

    my ($worker) = $server->workers;

    is($server->post(event('evt_cut'))->{status}, 200, 'an event');

    $faults->set(hold => 1);
    my $s = $server->send(event('evt_unanswered'));
    ok(wait_for(sub { page()->{spools}{$server->spool_path}{waiting} == 1 }),
       'another one waits');

    my $start = time;
    kill 'HUP', $server->{master};

    ok(wait_for(sub {
        return time - $start > 1 && grep { $_ != $worker } $server->workers;
    }), 'its worker may not wait for it');

    $faults->set(hold => 0);

    is($server->answer($s), undef, 'there is no answer');
    ok(wait_for(sub { page()->{spools}{$server->spool_path}{events} == 2 }),
       'the event is in the spool');
    is(page()->{variants}{stripe}{accepted}, 2, 'and was accepted');

    finish('cut');
};


subtest 'a killed worker' => sub {
    my $why = PaymentsFaults::cannot();
    plan skip_all => $why if $why;

    my $faults = PaymentsFaults->new('400-kill');

    start('kill', faults => $faults, main => 'thread_pool default threads=2;');

    my ($worker) = $server->workers;

    is($server->post(event('evt_kill'))->{status}, 200, 'an event');
    $faults->set(hold => 1);
    my $s = $server->send(event('evt_lost'));
    ok(wait_for(sub { page()->{spools}{$server->spool_path}{waiting} == 1 }),
       'another one waits');

    # its commit may only be on the way to where it is held

    $server->kill_workers;
    $faults->set(pid => 0);

    ok(wait_for(sub {
        my ($new) = $server->workers;
        return $new && $new != $worker && page();
    }), 'there is another worker');

    my $page = page();

    is($page->{spools}{$server->spool_path}{waiting}, 0, 'nothing waits');
    is($page->{variants}{stripe}{accepted}, 1, 'what was counted stays');

    close $s;
    ok($server->stop, 'it ends');
};


subtest 'nginx -t' => sub {
    $server = PaymentsServer->new('400-test', server => <<'END');
    location = /both {
        payments_status;
        payments_process stripe;
        payments_spool spool min_free=0;
    }
END
    like($server->test, qr/location "\/both" has "payments_process" and another/,
         'not both, the one first');

    $server = PaymentsServer->new('400-test', server => <<'END');
    location = /both {
        payments_process stripe;
        payments_spool spool min_free=0;
        payments_status prometheus;
    }
END
    like($server->test, qr/location "\/both" has "payments_process" and another/,
         'nor the other');

    $server = PaymentsServer->new('400-test', server => <<'END');
    location = /status { payments_status xml; }
END
    like($server->test, qr/"payments_status" is "json" or "prometheus", not/,
         'no other format');

    $server = PaymentsServer->new('400-test', server => <<'END');
    location = /status { payments_status; payments_status; }
END
    like($server->test, qr/is duplicate/, 'not twice');
};


done_testing;
