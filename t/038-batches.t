# Copyright (C) 2026 ngx_http_payments_module contributors

# Many events in one request: each is a line of its own, the answer comes when
# all are stable, and what is sent again brings no more than what was missing.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 hmac_sha256_hex sha256_hex);
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Test::More;

use PaymentsFaults;
use PaymentsServer qw(slurp wait_for);
use PaymentsUpstream;


my $KEY = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056';
my $DEDUP = 'payments_dedup zone=events wait=2s;';

my ($server, $app);


sub server {
    my ($name, %opt) = @_;

    my $port = $app ? $app->port : 1;

    return PaymentsServer->new("038-$name", paths => [],
        workers => $opt{workers} || 1,
        http => "payments_dedup_zone zone=events:1m;
            payments_variant gocardless { secret shared; @{[$opt{rules} || '']} }
            payments_variant adyen { secret $KEY; secret_file old.key; }
            payments_variant open { provider adyen; verify off; }",
        server => <<END);
    location /payments/process/ {
        payments_process;
        payments_spool spool min_free=0 seal=5ms;
        @{[$opt{dedup} || $DEDUP]}
        @{[$opt{spool} || '']}
    }

    location /pass/ {
        payments_process;
        payments_pass \@app;
        payments_format raw;
        $DEDUP
    }

    location = /status { payments_status; }
    location \@app { proxy_pass http://127.0.0.1:$port; }
    @{[$opt{more} || '']}
END
}


sub start {
    $server = server(@_);

    open my $f, '>', "$server->{prefix}/conf/old.key" or die "$!\n";
    print $f 'AB' x 32, "\n";
    close $f;

    return $server;
}


sub finish {
    my ($name, %opt) = @_;

    ok($server->stop, "$name: it ends");

    # who looks at the lines wants the id in the payload as well

    no warnings 'redefine';
    local *PaymentsServer::look = sub { } if $opt{own_ids};

    $server->ok_clean($name);
}


sub gc_event {
    my ($id, %opt) = @_;

    return sprintf '{"id":"%s","created_at":"2018-07-05T09:13:51.404Z",'
        . '"resource_type":"%s","action":"%s","links":{"payment":"PM1",'
        . '"payout":"PO1"},"resource_metadata":{"token":"tok"}}',
        $id, $opt{resource} // 'payments', $opt{action} // 'confirmed';
}


sub gc {
    my (@events) = @_;

    return '{"events": [' . join(', ', @events)
        . '], "meta":{"webhook_id":"WB1"}}';
}


sub send_gc {
    my ($body, $path, $sign) = @_;

    $sign //= hmac_sha256_hex($body, 'shared');

    return send_to($body, $path // '/payments/process/gocardless/',
                   "Webhook-Signature: $sign\r\n");
}


sub send_to {
    my ($body, $path, $headers) = @_;

    my $s = $server->connect or die "$!\n";

    syswrite $s, "POST $path HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\nContent-Type: application/json\r\n$headers"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";

    return $s;
}


sub said {
    my ($answer) = @_;

    return 'none' if !$answer;
    return "$answer->{status} "
        . ($answer->{body} =~ /"result": "(\w+)"/ ? $1
           : $answer->{body} =~ /"error": "([^"]+)"/ ? $1 : 'new');
}


sub post_gc { return said($server->answer(send_gc(@_))) }


# The fields that are signed, in their order

my @SIGNED = qw(pspReference originalReference merchantAccountCode
                merchantReference value currency eventCode success);


sub item {
    my (%opt) = @_;

    my %item = (pspReference => '8515131751004933', originalReference => '',
                merchantAccountCode => 'Shop', merchantReference => 'order:1',
                value => 1130, currency => 'EUR', eventCode => 'AUTHORISATION',
                success => 'true', %opt);
    my $sign = $opt{sign} // encode_base64(
        hmac_sha256(join(':', map { $item{$_} } @SIGNED),
                    pack 'H*', $opt{key} // $KEY), '');

    return '{ "additionalData": {"hmacSignature": "' . $sign . '"}, '
        . '"amount": {"currency": "' . $item{currency} . '", "value": '
        . $item{value} . '}, "reason": "x", '
        . join(', ', map { qq("$_": "$item{$_}") }
               grep { !/^(?:value|currency)$/ } @SIGNED) . '}';
}


sub adyen {
    my (@items) = @_;

    return '{"live":"false","notificationItems":['
        . join(',', map { qq({"NotificationRequestItem":$_}) } @items) . ']}';
}


sub post_adyen {
    my ($body, $path, $headers) = @_;

    return $server->answer(send_to($body, $path // '/payments/process/adyen/',
                                   $headers // ''));
}


# Every envelope in new/, by its id, and how often

sub lines {
    my (%lines, %n);

    wait_for(sub { !$server->files('active') });

    for my $file ($server->files('new')) {
        for my $line (split /\n/, slurp($server->spool_path . "/new/$file")) {
            my $event = JSON::PP->new->utf8->decode($line);

            $n{$event->{id}}++;
            $event->{line} = $line;
            $lines{$event->{id}} = $event;
        }
    }

    return (\%lines, \%n);
}


sub counts {
    my ($variant) = @_;

    return JSON::PP->new->decode($server->get('/status')->{body})
        ->{variants}{$variant};
}


sub logged {
    my ($pattern) = @_;

    return wait_for(sub {
        return (slurp("$server->{prefix}/logs/access.log") || '')
            =~ $pattern;
    });
}


subtest 'GoCardless' => sub {
    start('gocardless')->start;

    my @events = map { gc_event("EV$_") } 1 .. 3;

    is(post_gc(gc(@events)), '200 new', 'three events');

    my ($lines, $n) = lines();

    is_deeply($n, { EV1 => 1, EV2 => 1, EV3 => 1 }, 'are three lines');
    ok(index($lines->{"EV$_"}{line}, qq("payload":$events[$_ - 1]}})) > 0,
       'byte for byte') for 1 .. 3;

    my $event = $lines->{EV2};

    is($event->{type}, 'com.gocardless.payments.confirmed', 'type');
    is($event->{subject}, 'PM1', 'the payment, not the payout');
    is($event->{data}{status}, 'confirmed', 'status');
    is($event->{data}{token}, 'tok', 'token');
    is($event->{data}{amount}, undef, 'amount');
    is($event->{data}{signed}, 'body', 'signed');

    is(post_gc(gc(@events)), '200 duplicate', 'all again');
    is(post_gc(gc(gc_event('EV4'), @events[0, 1])), '200 new',
       'one new one among them');
    is(post_gc(gc(gc_event('EV5'), gc_event('EV5'))), '200 new',
       'one twice in a request');
    is(post_gc('{"events":[]}'), '200 new', 'none');
    is(post_gc('{ "m":{"events":[1]}, "\u0065vents" : [ ] }'), '200 new',
       'however it is written');
    is((lines())[1]{"EV$_"}, 1, "EV$_ is there once") for 1 .. 5;

    my $counts = counts('gocardless');

    is($counts->{accepted}, 5, 'events are counted');
    is_deeply($counts->{secrets}, [6], 'and signatures');

    # all of one request in one commit

    my $spool = sub {
        my ($one) = values %{JSON::PP->new->decode(
            $server->get('/status')->{body})->{spools}};
        return $one;
    };

    my $before = $spool->()->{commits};

    is(post_gc(gc(map { gc_event("EV_$_") } 1 .. 250)), '200 new',
       'as many as they send');
    is(scalar(grep { /^EV_/ } keys %{(lines())[0]}), 250, 'are 250');
    is($spool->()->{commits} - $before, 1, 'in one commit');

    is(post_gc(gc(map { gc_event("EX_$_") } 1 .. 256)), '200 new',
       'the most');
    is(post_gc(gc(map { gc_event("EY_$_") } 1 .. 257)),
       '413 Payload too large', 'one more');
    ok(logged(qr{ 413 refused/too_large -$}m), 'the reason');
    ok(!grep({ /^EY_/ } keys %{(lines())[0]}), 'none of them');

    # no list, or no events

    is(post_gc($_->[0]), '400 Invalid payload', $_->[0]) for
        ['{"events":{}}'], ['{"events":[1]}'], ['{"events":[{}'],
        ['{"events":[],"events":[]}'], ['[]'], ['{"events":["{"]}'],
        ['{"events":[[{}]]}'], ['{"events":[],}'];

    is(post_gc(gc(@events), undef, 'ab' x 32), '400 Invalid signature',
       'another signature');

    # one that cannot be read leaves the others alone

    is(post_gc(gc(gc_event('EZ1'), gc_event('EZ2', action => ''),
                  gc_event('EZ3'))), '400 Invalid payload', 'no type');
    is_deeply([sort grep { /^EZ/ } keys %{(lines())[0]}], ['EZ1', 'EZ3'],
              'the others are there');
    ok(logged(qr{ 400 refused/no_event_type -$}m), 'the reason');
    ok($server->log_lines(qr/no_event_type, item 2 of 3/), 'which one it is');

    finish('gocardless');
};


subtest 'rules' => sub {
    start('rules', rules => 'events payments.confirmed;')->start;

    is(post_gc(gc(gc_event('EV1', action => 'created'), gc_event('EV2'),
                  gc_event('EV3', resource => 'refunds'))),
       '200 new', 'one is wanted');
    ok(logged(qr{ 200 accepted/- EV2$}m), 'that is shown');
    is_deeply([keys %{(lines())[0]}], ['EV2'], 'and is there');
    is(post_gc(gc(gc_event('EV4', action => 'created'))), '200 ignored',
       'none is');
    is(counts('gocardless')->{ignored}{event_type}, 3, 'counted');

    finish('rules');
};


subtest 'Adyen' => sub {
    start('adyen')->start;

    my @items = map { item(pspReference => "P$_") } 1 .. 3;

    my $answer = post_adyen(adyen(@items));

    is("$answer->{status} $answer->{body}", '200 [accepted]', 'three items');
    like($answer->{headers}, qr{\nContent-Type: text/plain\r}, 'as a text');

    my ($lines, $n) = lines();

    is_deeply($n, { map { ("P$_:AUTHORISATION:true" => 1) } 1 .. 3 },
              'are three lines');

    my $event = $lines->{'P3:AUTHORISATION:true'};

    ok(index($event->{line}, qq("payload":$items[2]}})) > 0, 'byte for byte');
    is($event->{data}{signed}, 'fields', 'signed');
    is($event->{data}{amount}, 1130, 'amount');
    is($event->{data}{currency}, 'EUR', 'currency');
    is($event->{data}{token}, 'order:1', 'token');
    is($event->{data}{status}, 'confirmed', 'status');
    is($event->{subject}, 'P3', 'subject');
    is(JSON::PP->new->canonical->encode([$event->{data}{livemode}]),
       '[false]', 'livemode');

    is(post_adyen(adyen(@items))->{body}, '[accepted]', 'again');

    # one that is not right: none is delivered

    for my $bad ([sign => 'A' x 43 . '='], [sign => ''], [sign => 'x'],
                 [key => 'CD' x 32], [merchantAccountCode => 'a:b'],
                 [success => '1'], [eventCode => 'A:B'], [success => ''],
                 [value => '1.5'])
    {
        is(post_adyen(adyen(item(pspReference => 'Q1'),
                            item(pspReference => 'Q2'),
                            item(pspReference => 'Q3', @$bad)))->{status},
           400, "one has @$bad");
    }

    is(post_adyen('{"notificationItems":[]}')->{status}, 200, 'no items');
    is(post_adyen('{"a":1}')->{status}, 400, 'neither');
    is((lines())[1]{"Q1:AUTHORISATION:true"}, undef, 'nothing came of these');
    ok($server->log_lines(qr/no_match, made with none of 2 secrets, item 3/),
       'which one it was');

    # the older key, and the header

    is(post_adyen(adyen(item(pspReference => 'R1', key => 'AB' x 32)))
           ->{status}, 200, 'the other key');

    my $body = '{"type":"balancePlatform.accountHolder.created",'
        . '"environment":"live","data":{"id":"AH1"}}';
    my $sign = encode_base64(hmac_sha256($body, pack 'H*', $KEY), '');

    is(post_adyen($body, undef, "HmacSignature: $sign\r\n")->{body},
       '[accepted]', 'a signed body');
    ($event) = (lines())[0]{'sha256:' . sha256_hex($body)};
    is($event->{data}{signed}, 'body', 'signed');
    is($event->{subject}, 'AH1', 'its object');
    is($event->{type}, 'com.adyen.balancePlatform.accountHolder.created',
       'its type');
    is(post_adyen("$body ", undef, "HmacSignature: $sign\r\n")->{status}, 400,
       'not so another');
    is(post_adyen($body)->{status}, 400, 'nor one without');
    ok(logged(qr{ 400 refused/missing_signature -$}m), 'the reason');

    is(post_adyen(adyen(item(pspReference => 'U1', sign => 'x')),
                  '/payments/process/open/')->{status}, 200, 'verify off');
    is((lines())[0]{'U1:AUTHORISATION:true'}{data}{signed}, 'none', 'signed');

    is_deeply(counts('adyen')->{secrets}, [7, 1],
              'secrets, of all that were delivered');

    finish('adyen', own_ids => 1);
};


# A body of one event's signature cannot become an item's, nor an item another

subtest 'no byte of what is signed' => sub {
    start('bytes')->start;

    my $right = item(pspReference => 'PSP1', originalReference => 'ORIG',
                     value => 123456);
    my $taken = 0;

    for my $field (@SIGNED) {
        $right =~ /"$field": "?([^",}]+)/ or die $field;

        for my $i ($-[1] .. $+[1] - 1) {
            my $wrong = $right;

            substr($wrong, $i, 1) ^= "\x01";
            $taken++ if post_adyen(adyen($wrong))->{status} != 400;
        }
    }

    is($taken, 0, 'may be another');

    # the colons are somewhere else

    (my $moved = $right) =~ s/"originalReference": "ORIG"/"originalReference": "ORIG:Shop"/;
    $moved =~ s/"merchantAccountCode": "Shop"/"merchantAccountCode": "order"/;
    $moved =~ s/"merchantReference": "order:1"/"merchantReference": "1"/;
    is(post_adyen(adyen($moved))->{status}, 400, 'the same message in other fields');
    is_deeply((lines())[1], {}, 'nothing came of all that');
    is(post_adyen(adyen($right))->{status}, 200, 'as it was');

    finish('bytes', own_ids => 1);
};


sub start_with_faults {
    my ($name) = @_;

    my $faults = PaymentsFaults->new('038-batches');

    start($name);
    $faults->start($server);

    ok(wait_for(sub { post_gc(gc(gc_event('EV0'))) eq '200 new' }), 'it works');

    return $faults;
}


subtest 'a disk that fails' => sub {
    my $why = PaymentsFaults::cannot();
    plan skip_all => $why if $why;

    my $faults = start_with_faults('disk');

    $server->ok_idle('before');

    # the older events are in a commit of their own

    is(post_gc(gc(gc_event('EV1'))), '200 new', 'one of them');
    $server->ok_idle('before');
    $faults->arm('pwritev', error => 5, times => 1);
    is(post_gc(gc(map { gc_event("EV$_") } 1 .. 3)), '503 Try again',
       'refused');
    $faults->disarm;
    is_deeply([sort keys %{(lines())[0]}], ['EV0', 'EV1'], 'none is there');
    is(post_gc(gc(map { gc_event("EV$_") } 1 .. 3)), '200 new',
       'and taken when they come again');
    is_deeply((lines())[1], { map { ("EV$_" => 1) } 0 .. 3 },
              'what was missing, once');
    is(counts('gocardless')->{failed}{spool_error}, 2, 'counted');

    # while they are in another's commit

    $faults->set(hold => 1);

    my $first = send_gc(gc(map { gc_event("EW$_") } 1 .. 3));
    ok(wait_for(sub { $faults->get('held') }), 'a commit hangs');

    my $second = send_gc(gc(map { gc_event("EW$_") } 4, 3, 2));
    ok(wait_for(sub {
        my ($zone) = values %{JSON::PP->new->decode(
            $server->get('/status')->{body})->{zones}};
        return $zone->{in_flight} == 4;
    }), 'the other has what is left');
    $faults->set(hold => 0);
    is(said($server->answer($first)), '200 new', 'the first');
    is(said($server->answer($second)), '200 new', 'the second');
    is((lines())[1]{"EW$_"}, 1, "EW$_ is there once") for 1 .. 4;

    # longer than the other waits

    $faults->set(hold => 1);
    $first = send_gc(gc(map { gc_event("EX$_") } 1 .. 3));
    ok(wait_for(sub { $faults->get('held') }), 'a commit hangs');
    is(post_gc(gc(map { gc_event("EX$_") } 3, 2)), '503 Try again',
       'a twin gives up');
    ok(logged(qr{ 503 failed/in_flight EX3$}m), 'the reason');

    # and one whose client goes meanwhile

    my $gone = send_gc(gc(map { gc_event("EX$_") } 2, 1));

    # it has been read when what was sent after it is answered

    $server->get('/ping') for 1 .. 2;
    close $gone;
    ok(logged(qr{^/payments/process/gocardless/ 499 }m), 'a client has gone');
    $faults->set(hold => 0);
    is(said($server->answer($first)), '200 new', 'the first is not disturbed');

    finish('disk');
};


# The same events in another order, to two workers

subtest 'at the same moment' => sub {
    start('twins', workers => 2)->start;

    my %n;

    for my $round (1 .. 50) {
        my @events = map { gc_event("EV${round}_$_") } 1 .. 20;
        my @open = (send_gc(gc(@events)), send_gc(gc(reverse @events)),
                    send_gc(gc(@events[10 .. 19, 0 .. 9])));

        $n{(split / /, said($server->answer($_)))[0]}++ for @open;
    }

    is_deeply(\%n, { 200 => 150 }, 'all are answered');

    my @twice = grep { $_ != 1 } values %{(lines())[1]};

    is(scalar keys %{(lines())[1]}, 1000, 'all events are there');
    is(scalar @twice, 0, 'once');
    is(counts('gocardless')->{accepted}, 1000, 'counted');

    finish('twins');
};


subtest 'passed on' => sub {
    $app = PaymentsUpstream->new('038-pass')->start;
    start('pass', rules => 'events payments.*;')->start;

    my $body = gc(gc_event('EV1'), gc_event('EV2', resource => 'refunds'));

    is(post_gc($body, '/pass/gocardless/'), '200 new', 'as it came');
    is(post_gc($body, '/pass/gocardless/'), '200 duplicate', 'again');

    is(post_gc(gc(gc_event('EV2', resource => 'refunds')),
               '/pass/gocardless/'), '200 ignored', 'nothing that is wanted');
    is(post_gc(gc(), '/pass/gocardless/'), '200 new', 'nothing at all');

    my @requests = $app->requests;

    is(scalar @requests, 1, 'one request');
    is($requests[0]{body}, $body, 'its body');
    is(counts('gocardless')->{accepted}, 1, 'counted as one');

    $app->plan({ status => 500 });
    $body = gc(gc_event('EV3'));
    like(post_gc($body, '/pass/gocardless/'), qr/^500/, 'refused');
    $app->plan;
    is(post_gc($body, '/pass/gocardless/'), '200 new', 'and taken');

    finish('pass');
    $app->stop;
    undef $app;
};


# Memory is short in the middle of a request: either all of its events are there,
# or it is to be sent again

sub allocations {
    my ($faults, $name, $post) = @_;

    my @safe;

    $faults->ok_allocations($name, times => -1, some => 5,
        right => '200 new|500 new|503 Try again|none',
        request => sub {
            my $answer = $post->("${name}_$_[0]");

            push @safe, "${name}_$_[0]" if $answer =~ /^200/;

            return $answer;
        },
        after => sub {
            my $answer = $post->("${name}_then_$_[0]");

            push @safe, "${name}_then_$_[0]";

            return $answer eq '200 new' ? '' : $answer;
        });

    return @safe;
}


subtest 'memory' => sub {
    my $why = PaymentsFaults::cannot();
    plan skip_all => $why if $why;

    my $faults = start_with_faults('memory');
    my ($worker) = $server->workers;
    my @gc = allocations($faults, 'gocardless', sub {
        post_gc(gc(map { gc_event("$_[0].$_") } 1 .. 3));
    });
    my @adyen = allocations($faults, 'adyen', sub {
        said(post_adyen(adyen(map { item(pspReference => "$_[0].$_") } 1, 2)));
    });

    my $n = (lines())[1];
    my @ids = ('EV0', (map { my $id = $_; map { "$id.$_" } 1 .. 3 } @gc),
               map { my $id = $_;
                     map { "$id.$_:AUTHORISATION:true" } 1, 2 } @adyen);

    is_deeply([grep { !$n->{$_} } @ids], [], 'what was taken is there');
    is_deeply([grep { $n->{$_} > 1 } sort keys %$n], [], 'once');
    is_deeply([$server->workers], [$worker], 'the same worker');
    ok($server->stop, 'it ends');
    is_deeply([grep { !/\(12: Cannot allocate memory\)/ }
               $server->log_lines('\[(?:alert|emerg)\]')], [],
              'the log has nothing else');
};


subtest 'what cannot be configured' => sub {
    like(start('conf', more => 'location /a/ { payments_process;
               payments_pass @app; payments_dedup off; }')->test,
         qr/location "\/a\/" takes "payments_variant" "adyen", whose requests have many events each: add "payments_spool" to deliver them one by one, or "payments_format raw" to pass them on together/,
         'envelopes at once');
    like(start('conf', spool => 'payments_pass @app; payments_format raw;')
             ->test,
         qr/with "payments_spool" they can only be delivered by "payments_format envelope"/,
         'raw from the spool');
    like(start('conf', more => 'location /a/ { payments_process stripe;
               payments_pass @app; payments_dedup off; }')->test,
         qr/test is successful/, 'another variant');
};


done_testing();
