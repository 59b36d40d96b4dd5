# Copyright (C) 2026 ngx_http_payments_module contributors

# payments_pass without a spool: the application gets another body, with headers
# that describe it and a signature that is ours, and its answer is the
# gateway's.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_base64 hmac_sha256_hex);
use JSON::PP ();
use MIME::Base64 qw(decode_base64);
use Test::More;

use PaymentsHttp2;
use PaymentsNginx;
use PaymentsServer qw(event slurp wait_for);
use PaymentsUpstream;


my $KEY = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfaZhlQHFs=';
my $OLD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAAAAAAAAA=';
my $PATH = '/payments/process/stripe/';

my $json = JSON::PP->new->utf8;
my $socket = "/tmp/payments-300-$$.sock";
my $http2 = !PaymentsNginx::lacks('http2');

my $app = PaymentsUpstream->new('300-pass')->start;
my $other = PaymentsUpstream->new('300-other')->start;

my $server = PaymentsServer->new('300-pass', paths => [], http => <<END,
    upstream app { server 127.0.0.1:@{[$app->port]} max_fails=0; keepalive 4; }
    upstream two {
        server 127.0.0.1:@{[$app->port]} max_fails=0;
        server 127.0.0.1:@{[$other->port]} backup;
    }

    payments_variant hub { provider github; secret hub; }
    payments_variant square { secret sq; notification_url https://a.b/c; }
    payments_variant std { provider standard-webhooks; secret $KEY; }
    payments_variant token { provider xendit; secret "a token"; }
END
    server => ($http2 ? PaymentsNginx::listen_http2("unix:$socket") : '')
              . <<END);
    client_body_buffer_size 16k;
    client_max_body_size 2m;

    location /payments/process/ {
        payments_process;
        payments_pass \@app;
        payments_sign_key keys;
    }

    location /raw/ {
        payments_process;
        payments_pass \@app;
        payments_format raw;
    }

    location /stream/ {
        payments_process;
        payments_pass \@stream;
        payments_sign_key keys;
    }

    location /two/ {
        payments_process;
        payments_pass \@two;
    }

    location /pages/ {
        payments_process;
        payments_pass \@pages;
    }

    location = /fixed {
        payments_process stripe;
        payments_pass \@app;
    }

    location \@app {
        proxy_pass http://app;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header X-Event \$payments_event_id;
        proxy_set_header X-Variant \$payments_variant;
        proxy_read_timeout 2s;
    }

    location \@stream {
        proxy_pass http://app;
        proxy_http_version 1.1;
        proxy_request_buffering off;
    }

    location \@two {
        proxy_pass http://two;
        proxy_next_upstream error timeout http_503 non_idempotent;
    }

    location \@pages {
        proxy_pass http://app;
        proxy_intercept_errors on;
        error_page 500 502 =200 /ok.html;
    }

    location = /ok.html { return 200 "fine\\n"; }

@{[map { <<LOCATION } qw(unresolved denied recursive second other own empty)]}
    location /$_/ {
        payments_process;
        payments_pass \@$_;
    }
LOCATION

    location \@unresolved {
        set \$name no.host;
        proxy_pass http://\$name;
        error_page 502 =200 \@sorry;
    }

    location \@denied {
        deny all;
        proxy_pass http://app;
        error_page 403 = \@sorry;
    }

    location \@recursive {
        recursive_error_pages on;
        return 503;
        error_page 503 =200 /ok.html;
    }

    location \@second {
        recursive_error_pages on;
        proxy_pass http://app;
        proxy_intercept_errors on;
        error_page 500 = \@unresolved;
    }

    location \@other {
        proxy_pass http://app;
        proxy_intercept_errors on;
        error_page 500 = \@others;
    }

    location \@others { proxy_pass http://127.0.0.1:@{[$other->port]}; }
    location \@sorry { return 200 "sorry\\n"; }
    location \@own { error_page 403 /ok.html; return 200 "own\\n"; }
    location \@empty { error_page 403 /ok.html; return 204; }
END

open my $f, '>', "$server->{prefix}/conf/keys" or die "$!\n";
print $f "# the new one first\n$KEY\n$OLD\n";
close $f;
chmod 0600, "$server->{prefix}/conf/keys";

$server->start;


END {
    my $status = $?;
    unlink $socket;
    $? = $status;
}


# What became of it by the access log

sub result {
    my ($id) = @_;

    my $line;

    wait_for(sub {
        ($line) = grep { / \Q$id\E$/ }
            split /\n/, slurp("$server->{prefix}/logs/access.log");
        return $line;
    }, "a line about $id");

    return ($line || '') =~ m{ (\S*)/(\S*) \S+$} ? "$1/$2" : 'none';
}


sub got {
    my ($id, $n) = @_;

    my @requests;

    wait_for(sub {
        @requests = grep { defined $_->{id} && $_->{id} eq $id }
            $app->requests;
        return @requests >= ($n || 1);
    });

    return wantarray ? @requests : $requests[0];
}


sub signed {
    my ($key, $request) = @_;

    my $h = $request->{headers};
    my $mac = hmac_sha256_base64(
        "$h->{'webhook-id'}.$h->{'webhook-timestamp'}.$request->{body}",
        decode_base64(substr $key, 6));

    return 'v1,' . $mac . '=' x (-length($mac) % 4);
}


# An envelope, whole and signed, of that event

sub ok_envelope {
    my ($request, $body, $id, $name) = @_;

    my $h = $request->{headers};
    my $envelope = eval { $json->decode($request->{body}) };

    ok($envelope, "$name: JSON") or return;

    is($request->{body} =~ tr/\n//, 0, "$name: one line without its end");
    is($envelope->{id}, $id, "$name: the event's id");
    is_deeply($envelope->{data}{payload}, $json->decode($body),
              "$name: the gateway's own event in it");
    is($h->{'content-type'}, 'application/cloudevents+json', "$name: type");
    is($h->{'content-length'}, length $request->{body}, "$name: length");
    is($h->{'stripe-signature'}, undef, "$name: no signature of the gateway");
    is($h->{'transfer-encoding'}, undef, "$name: not in chunks");
    is($h->{'webhook-id'}, $id, "$name: webhook-id");
    cmp_ok(abs($h->{'webhook-timestamp'} - time), '<', 60, "$name: the time");
    is($h->{'webhook-signature'},
       signed($KEY, $request) . ' ' . signed($OLD, $request),
       "$name: a signature by each key");
}


sub chunked {
    my ($path, $body, $size) = @_;

    my $chunks = join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
        unpack "(a$size)*", $body;

    return "POST $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        . 'Stripe-Signature: ' . PaymentsServer::sign($body)
        . "\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n";
}


sub raw {
    my ($text) = @_;

    my $s = $server->connect or return;

    syswrite $s, $text;

    return $server->answer($s);
}


subtest 'bodies, however they come' => sub {
    my %ways = (
        buffer => sub { $server->post($_[0]) },
        chunked => sub { raw(chunked($PATH, $_[0], 700)) },
        stream => sub { $server->post($_[0], path => '/stream/stripe/') },
        stream_chunked => sub {
            raw(chunked('/stream/stripe/', $_[0], 999));
        },
        http2 => sub {
            my ($answer) = PaymentsHttp2::talk($socket, {
                method => 'POST', uri => $PATH, body => $_[0],
                headers => 'stripe-signature: ' . PaymentsServer::sign($_[0])
            });

            return { status => (split / /, $answer)[0],
                     body => $answer =~ s/^\d+ //r };
        },
    );

    delete $ways{http2} unless $http2;

    # one buffer, two or more of them, a temporary file

    for my $way (sort keys %ways) {
        for my $size (900, 9000, 60000) {
            my $id = "evt_${way}_$size";
            my $body = event($id, $size);
            my $answer = $ways{$way}->($body);

            is($answer->{status}, 200, "$id: the answer");
            is($answer->{body}, '{"status": "OK"}', "$id: the application's");
            ok_envelope(scalar got($id), $body, $id, $id);
            is(result($id), 'accepted/-', "$id: accepted");
        }
    }

    my ($request) = got('evt_buffer_900');
    is($request->{uri}, $PATH, 'the URL');
    is($request->{method}, 'POST', 'the method');
    is($request->{headers}{'x-event'}, 'evt_buffer_900', '$payments_event_id');
    is($request->{headers}{'x-variant'}, 'stripe', '$payments_variant');
};


subtest 'raw, signed again' => sub {
    for my $size (900, 60000) {
        my $id = "evt_raw_$size";
        my $body = event($id, $size) =~ s/,"type"/,\r\n "type"/r;
        my $answer = $server->post($body, path => '/raw/stripe/');

        is($answer->{status}, 200, "$id: the answer");

        my $request = got($id);
        my ($t, $v1) = $request->{headers}{'stripe-signature'}
            =~ /^t=(\d+),v1=([0-9a-f]{64})$/;

        is($request->{body}, $body, "$id: byte for byte");
        cmp_ok(abs($t - time), '<', 60, "$id: the present time");
        is($v1, hmac_sha256_hex("$t.$body", $PaymentsServer::SECRET),
           "$id: the signature");
        is($request->{headers}{'content-length'}, length $body,
           "$id: the length");
        is($request->{headers}{'webhook-id'}, undef, "$id: no other one");
    }
};


# As the gateway signs by its page, with the variant's secret

subtest 'raw, signed again in the scheme of the gateway' => sub {
    my %sign = (
        hub => sub { 'X-Hub-Signature-256: sha256='
                     . hmac_sha256_hex($_[0], 'hub')
                     . "\r\nX-GitHub-Delivery: g1\r\nX-GitHub-Event: ping" },
        square => sub { 'X-Square-HmacSha256-Signature: '
                        . hmac_sha256_base64("https://a.b/c$_[0]", 'sq')
                        . '=' },
        std => sub {
            my $t = $_[1] // time - 200;
            my $key = decode_base64(substr $KEY, 6);

            return "webhook-id: m1\r\nwebhook-timestamp: $t\r\n"
                   . 'webhook-signature: v1,'
                   . hmac_sha256_base64("m1.$t.$_[0]", $key) . '=';
        },
        token => sub { 'X-Callback-Token: a token' },
    );

    for my $name (sort keys %sign) {
        my $body = qq({"event_id":"e1","type":"$name"});
        my $line = $sign{$name}->($body);
        my $request = $server->request($body, path => "/raw/$name/")
                          =~ s/Stripe-Signature: [^\r]*/$line/r;

        is(raw($request)->{status}, 200, "$name: the answer");

        my ($got) = grep { $_->{body} eq $body } $app->requests;
        my $t = $got->{headers}{'webhook-timestamp'};

        cmp_ok(abs($t - time), '<', 60, "$name: the present time") if $t;

        for my $header (split /\r\n/, $sign{$name}->($body, $t)) {
            my ($key, $value) = split /: /, $header;

            is_deeply([map { $_->[1] } grep { lc $_->[0] eq lc $key }
                       @{$got->{lines}}], [$value], "$name: $key");
        }
    }
};


subtest 'nothing of the caller is taken for ours' => sub {
    my $body = event('evt_forged');
    my $request = $server->request($body)
        =~ s/\r\n\r\n/\r\nWebhook-Id: x\r\nWEBHOOK-SIGNATURE: v1,x\r\nWebhook-Timestamp: 1\r\nContent-Type: text\/plain\r\nX-Other: kept\r\n\r\n/r;

    is(raw($request)->{status}, 200, 'taken');

    my $got = got('evt_forged');

    ok_envelope($got, $body, 'evt_forged', 'forged');
    is(scalar(grep { lc $_->[0] eq 'webhook-id' } @{$got->{lines}}), 1,
       'one webhook-id');
    is($got->{headers}{'x-other'}, 'kept', 'other headers are kept');

    # an id that would begin a header

    $body = event('X') =~ s/"id":"X"/"id":"evt_a\\r\\nX-Evil: 1"/r;
    is($server->post($body)->{status}, 200, 'an id with a line break');

    ($got) = grep { $_->{body} =~ /X-Evil/ } $app->requests;
    is($got->{headers}{'x-evil'}, undef, 'begins no header');
    is($got->{headers}{'webhook-id'}, 'evt_a??X-Evil: 1', 'and is made safe');
    is((split / /, $got->{headers}{'webhook-signature'})[0],
       signed($KEY, $got), 'as it is signed');
};


subtest 'many headers' => sub {
    my $body = event('evt_headers');
    my $more = join '', map { "X-Header-$_: $_\r\n" } 1 .. 60;

    is(raw($server->request($body) =~ s/\r\n\r\n/\r\n$more\r\n/r)->{status},
       200, 'taken');

    my $got = got('evt_headers');

    ok_envelope($got, $body, 'evt_headers', 'many headers');
    is(scalar(grep { ($got->{headers}{"x-header-$_"} // '') eq $_ } 1 .. 60),
       60, 'each of them is kept');
};


subtest 'URLs' => sub {
    my @urls = (
        ['/payments/process/stripe', '/payments/process/stripe/'],
        ['/payments/process/stripe?a=%20b', '/payments/process/stripe/?a=%20b'],
        ['/payments/process/stripe/?x=1', '/payments/process/stripe/?x=1'],
        ['/fixed', '/fixed'],
    );

    for my $i (0 .. $#urls) {
        my $answer = $server->post(event("evt_url_$i"), path => $urls[$i][0]);

        is($answer->{status}, 200, "$urls[$i][0]: no redirect");
        is(scalar(got("evt_url_$i"))->{uri}, $urls[$i][1], 'and where it goes');
    }

    is($server->post(event('evt_dir'), path => '/payments/process')->{status},
       404, 'the location without its slash is none, and no redirect');
};


subtest 'the answer is the application\'s' => sub {
    my @cases = (
        { status => 201, body => 'created', result => 'accepted/-' },
        { status => 204, result => 'accepted/-' },
        { status => 302, headers => { Location => '/x' },
          result => 'failed/upstream' },
        { status => 400, body => 'no', result => 'failed/upstream' },
        { status => 429, headers => { 'Retry-After' => 7 },
          result => 'failed/upstream' },
        { status => 500, result => 'failed/upstream' },
        { drop => 1, expect => 502, result => 'failed/upstream' },
        { hold => 1, expect => 504, result => 'failed/upstream' },
    );

    for my $i (0 .. $#cases) {
        my %case = %{$cases[$i]};
        my $result = delete $case{result};
        my $status = delete $case{expect} || $case{status};
        my $id = "evt_answer_$i";

        $app->plan({ id => $id, %case });

        my $answer = $server->post(event($id));

        is($answer->{status}, $status, "$status: the answer");
        is(result($id), $result, "$status: $result");
        is($answer->{body}, $case{body}, "$status: its body") if $case{body};
        like($answer->{headers}, qr/\n\Q$_\E: \S*\Q$case{headers}{$_}\E\r/i,
             "$status: $_") for keys %{$case{headers} || {}};
    }

    $app->plan;

    like(($server->log_lines(qr/failed: upstream/))[0],
         qr/\[warn\].*"stripe" failed: upstream, .*, the application answered 302/,
         'the log says what it was');
};


subtest 'an error page makes no success' => sub {
    $app->plan({ id => 'evt_page', status => 500 });

    my $answer = $server->post(event('evt_page'), path => '/pages/stripe/');

    is($answer->{status}, 502, 'not 200');
    is(result('evt_page'), 'failed/upstream', 'but failed');

    is($server->post(event('evt_fine'), path => '/pages/stripe/')->{status},
       200, 'a success is one');
    is(result('evt_fine'), 'accepted/-', 'accepted');
    $app->plan;
};


# Nobody was asked, or the last one has said nothing

subtest 'nor of what has not come to an upstream' => sub {
    for my $name (qw(unresolved denied recursive second)) {
        my $id = "evt_page_$name";

        $app->plan({ id => $id, status => 500 });
        is($server->post(event($id), path => "/$name/stripe/")->{status}, 502,
           "$name: not 200");
        is(result($id), 'failed/upstream', "$name: but failed");
    }

    $app->plan({ id => 'evt_page_other', status => 500 });
    is($server->post(event('evt_page_other'), path => '/other/stripe/')
           ->{status}, 200, 'an upstream in its place');
    is(result('evt_page_other'), 'accepted/-', 'has taken it');
    is(scalar(grep { $_->{id} eq 'evt_page_other' } $other->requests), 1,
       'itself');
    $app->plan;

    for my $case (['own', 200], ['empty', 204]) {
        my ($name, $status) = @$case;

        is($server->post(event("evt_$name"), path => "/$name/stripe/")
               ->{status}, $status, "$name: a location without an upstream");
        is(result("evt_$name"), 'accepted/-', "$name: answers itself");
    }
};


subtest 'the next upstream gets all of it again' => sub {
    for my $size (900, 60000) {
        my $id = "evt_next_$size";
        my $body = event($id, $size);

        $app->plan({ id => $id, status => 503 });
        is($server->post($body, path => '/two/stripe/')->{status}, 200,
           "$id: the answer of the second");

        my ($second) = grep { $_->{id} eq $id } $other->requests;

        is($second->{body}, scalar(got($id))->{body}, "$id: the same body");
        is_deeply($json->decode($second->{body})->{data}{payload},
                  $json->decode($body), "$id: the event");
        is(result($id), 'accepted/-', "$id: accepted");
    }

    $app->plan;
};


subtest 'connections are kept' => sub {
    my $s = $server->connect;
    my @ids = map { "evt_keep_$_" } 1 .. 6;

    for my $i (0 .. $#ids) {
        my $size = (900, 30000, 1500)[$i % 3];

        syswrite $s, $server->request(event($ids[$i], $size), keepalive => 1);

        my $answer = PaymentsServer::read_answer($s);

        is($answer->{status}, 200, "$ids[$i]: on the same connection");
        ok(!$answer->{close}, "$ids[$i]: which stays");
    }

    # and pipelined

    my @piped = map { "evt_pipe_$_" } 1 .. 3;

    syswrite $s, join '', map { $server->request(event($_), keepalive => 1) }
        @piped;

    ok(wait_for(sub { @piped == grep { scalar got($_) } @piped }),
       'pipelined ones, too');
    close $s;

    is(scalar(() = got($_)), 1, "$_: once") for @ids, @piped;
    cmp_ok(scalar(got($ids[5]))->{use}, '>', 1, 'and so does the upstream\'s');
};


subtest 'refused before it goes anywhere' => sub {
    my $n = $app->requests;
    my $s = $server->connect;

    syswrite $s, $server->request(event('evt_bad')) =~ s/v1=/v1=0/r;
    is($server->answer($s)->{status}, 400, 'a wrong signature');
    is($server->post('{"id":"evt_half"')->{status}, 400, 'half an event');
    is($server->get($PATH)->{status}, 405, 'GET');

    is(scalar(my @now = $app->requests), $n, 'the application got nothing');
};


ok($server->stop, 'it ends');

my @bad = grep { /\[(?:alert|emerg|crit)\]/ } $server->log_lines;
is_deeply(\@bad, [], 'the error log has no alert');

done_testing;
