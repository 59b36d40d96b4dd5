# Copyright (C) 2026 ngx_http_payments_module contributors

# payments_fallback: what is no variant's URL is the application's, untouched,
# but for what is signed: that is a variant's, and was sent to the wrong door.

use strict;
use warnings;

use Test::More;

use PaymentsServer qw(event wait_for);
use PaymentsUpstream;


my $TOKEN = '6c4a1f9e-0d6b-4f0e-9c8f-2f0a3b1c5d7e';

my $app = PaymentsUpstream->new('310-fallback')->start;

my $server = PaymentsServer->new('310-fallback', paths => [], server => <<END);
    client_body_buffer_size 4k;

    location /payments/process/ {
        payments_process;
        payments_spool spool min_free=0;
        payments_fallback \@app;
    }

    location /none/ {
        payments_process;
        payments_spool spool min_free=0;
    }

    location ~ ^/re/ {
        payments_process \$arg_variant;
        payments_pass \@app;
        payments_fallback \@app;
    }

    location \@app {
        proxy_pass http://127.0.0.1:@{[$app->port]};
        proxy_set_header X-Result "[\$payments_result]";
    }
END

$server->start;


sub ask {
    my ($method, $uri, $headers, $body) = @_;

    my $s = $server->connect or return;
    my $length = defined $body ? 'Content-Length: ' . length($body) . "\r\n"
        : '';

    syswrite $s, "$method $uri HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\n$headers$length\r\n" . ($body // '');

    return $server->answer($s);
}


sub last_request {
    my @requests = $app->requests;

    return $requests[-1];
}


subtest 'left alone' => sub {
    my @cases = (
        ['GET', "/payments/process/$TOKEN/?token=EC-1&PayerID=a%20b",
         "Cookie: sessionid=1; csrftoken=2\r\n"],
        ['POST', "/payments/process/$TOKEN/",
         "Content-Type: application/x-www-form-urlencoded\r\n",
         'id=1&control=2&status=OK'],
        ['POST', "/payments/process/$TOKEN/", '', 'x' x 60000],
        ['PUT', "/payments/process/$TOKEN", '', '{}'],
        ['DELETE', '/payments/process/', ''],
        ['GET', '/payments/process/a/b/c?x', "X-Signature: ts=1,v1=2\r\n"],
        ['GET', '/payments/process/%73tripe2/', ''],
    );

    for my $case (@cases) {
        my ($method, $uri, $headers, $body) = @$case;
        my $answer = ask(@$case);
        my $got = last_request();
        my $name = "$method $uri" . (defined $body ? ' ' . length $body : '');

        is($answer->{status}, 200, "$name: answered by the application");
        is($got->{method}, $method, "$name: the method");
        is($got->{uri}, $uri, "$name: the URL");
        is($got->{body}, $body // '', "$name: the body");
        is($got->{headers}{'x-result'}, '[]', "$name: no event");

        my ($header, $value) = $headers =~ /^(\S+): (.*)\r\n/ or next;
        is($got->{headers}{lc $header}, $value, "$name: $header");
    }

    $app->plan({ status => 302, headers => { Location => '/thanks/' } });

    my $answer = ask('GET', "/payments/process/$TOKEN/", '');

    is($answer->{status}, 302, 'a redirect comes back');
    like($answer->{headers}, qr{\nLocation: \S*/thanks/\r}, 'to where it says');
    $app->plan;
};


subtest 'the side door' => sub {
    my $n = $app->requests;

    my $more = join '', map { "X-Header-$_: $_\r\n" } 1 .. 60;

    for my $header ("${more}Stripe-Signature: t=1,v1=2", 'STRIPE-SIGNATURE:') {
        for my $method (qw(POST GET PUT)) {
            my $answer = ask($method, "/payments/process/$TOKEN/",
                             "$header\r\n", $method eq 'GET' ? undef : '{}');

            is($answer->{status}, 400, "$method $header");
            is($answer->{body}, '{"error": "Invalid payment provider", '
               . "\"variant\": \"$TOKEN\"}", "$method $header: the answer");
        }
    }

    is(scalar(my @all = $app->requests), $n, 'none went to the application');
    is(scalar(my @lines = $server->log_lines(qr/\[warn\].* refused: side_door/)),
       6, 'the log says why');
};


subtest 'a variant is one' => sub {
    my $n = $app->requests;

    is($server->post(event('evt_1'))->{status}, 200, 'its events are taken');
    is(ask('GET', '/payments/process/stripe/', '')->{status}, 405,
       'and nothing else of it');
    is(ask('POST', '/payments/process/stripe/', '', '{}')->{status}, 400,
       'nor what is not signed');
    is(scalar(my @all = $app->requests), $n, 'the application saw nothing');

    $server->ok_safe({ evt_1 => 200 }, 'a variant');
};


subtest 'without it' => sub {
    is(ask('GET', "/none/$TOKEN/", '')->{status}, 400, 'unknown');
};


subtest 'with a variant of the request\'s' => sub {
    is($server->post(event('evt_2'), path => '/re/x?variant=stripe')->{status},
       200, 'one that is declared');
    is(last_request()->{headers}{'x-result'}, '[]', 'is passed');
    is(ask('GET', '/re/x?variant=nix', '')->{status}, 200, 'another');
    is(last_request()->{headers}{'x-result'}, '[]', 'falls back');
};


ok($server->stop, 'it ends');
$server->ok_clean;

done_testing;
