#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# Braintree by its own library for Python (Debian's): what that signs is
# accepted here, what comes to the application it accepts, and it takes our
# answer to a challenge.  And a real payload of 110 KB, where there is a corpus.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha1_hex sha1);
use IPC::Open2 qw(open2);
use JSON::PP;
use MIME::Base64 qw(decode_base64 encode_base64);
use Test::More;

use PaymentsLibraries qw(python);
use PaymentsServer qw(slurp);
use PaymentsUpstream;

my $CORPUS = ($ENV{PAYMENTS_CORPUS} || '../shared/corpus')
             . '/braintree/signed-pay';

my $TYPE = 'application/x-www-form-urlencoded';

my $PYTHON = <<'END';
import json, sys, urllib.parse
import braintree
gateway = braintree.BraintreeGateway(braintree.Configuration(
    braintree.Environment.Sandbox, merchant_id="m", public_key="pub_1",
    private_key="private"))
for line in sys.stdin:
    case = json.loads(line)
    try:
        if case["do"] == "sign":
            said = urllib.parse.urlencode(
                gateway.webhook_testing.sample_notification(case["kind"],
                                                            case["id"]))
        elif case["do"] == "verify":
            form = urllib.parse.parse_qs(case["body"], strict_parsing=True)
            said = gateway.webhook_notification.parse(
                form["bt_signature"][0], form["bt_payload"][0]).kind
        else:
            said = gateway.webhook_notification.verify(case["challenge"])
    except Exception as e:
        said = "refused: " + type(e).__name__
    print(json.dumps(said), flush=True)
END

my $json = JSON::PP->new->utf8->allow_nonref;

my ($python, $why) = python('braintree');

plan skip_all => $why if !$python;

open2(my $out, my $in, @$python, $PYTHON);
$in->autoflush(1);


sub library {
    my (%case) = @_;

    print $in encode_json(\%case), "\n";

    return $json->decode(scalar readline $out);
}


# The places, and each of them with a body in a file

my $app = PaymentsUpstream->new('346')->start;
my $port = $app->port;

my $nginx = PaymentsServer->new('346', paths => [], http => <<END,
    payments_variant braintree { secret private key=pub_1; }
    payments_variant pay {
        provider braintree;
        secret 00f0df79303e1270881e5feda7788927 key=5r59rrxhn89npc9n;
    }
END
    server => <<END);
        client_body_buffer_size 1k;

        location /raw/ { payments_process; payments_pass \@app;
                         payments_format raw; }
        location /envelope/ { payments_process; payments_pass \@app; }
        location /raw/later/ { payments_process; payments_pass \@app;
                               payments_format raw;
                               payments_spool spool-raw min_free=0; }
        location /envelope/later/ { payments_process; payments_pass \@app;
                                    payments_spool spool-envelope min_free=0; }
        location \@app { proxy_pass http://127.0.0.1:$port; }
END

$nginx->start;


sub request {
    my ($method, $path, $body, $type) = @_;

    my $s = $nginx->connect;

    syswrite $s, "$method $path HTTP/1.1\r\nHost: localhost\r\n"
        . ($method eq 'POST' ? 'Content-Length: ' . length($body) . "\r\n"
           . ($type ? "Content-Type: $type\r\n" : '') : '')
        . "Connection: close\r\n\r\n$body";

    return $nginx->answer($s);
}


# To each of the places, and what came from there; the type that it should
# have is also that of a request which came without one

sub goes_on {
    my ($variant, $body, $kind, $name) = @_;

    for my $place (qw(raw envelope raw/later envelope/later)) {
        my $answer = request('POST', "/$place/$variant/", $body,
                             $variant eq 'pay' ? $TYPE : undef);

        is($answer && $answer->{status}, 200, "$name, $place: answered");
        ok($app->wait_for(1), "$name, $place: at the application");

        my ($r) = $app->requests;
        my $came = $r->{body};

        $app->clear;

        if ($place =~ /^raw/) {
            is($r->{headers}{'content-type'}, $TYPE, "$name, $place: type");

        } else {
            my $envelope = eval { $json->decode($came) };

            is($envelope->{data}{event}, $kind, "$name, $place: the event");
            ok($came !~ /\n/, "$name, $place: one line");

            $came = decode_base64($envelope->{data}{payload_base64} // '');
        }

        is($came, $body, "$name, $place: the body as it was sent");

        next if $variant ne 'braintree';

        is(library(do => 'verify', body => $came), $kind,
           "$name, $place: which the library accepts");
    }
}


for my $kind (qw(transaction_settled subscription_charged_successfully
                 dispute_opened check))
{
    my $body = library(do => 'sign', kind => $kind, id => 'my_id');

    goes_on('braintree', $body, $kind, $kind);

    my $at = index($body, 'bt_payload=') + 40;

    substr($body, $at, 1) = substr($body, $at, 1) eq 'A' ? 'B' : 'A';

    my $answer = request('POST', '/raw/braintree/', $body);

    is($answer && $answer->{status}, 400, "$kind: with another letter");
}


# The library asks

my $challenge = '20f9f8ed05f77439fe955c977e4c8a53';
my $answer = request('GET', "/raw/braintree/?bt_challenge=$challenge", '');

is($answer && $answer->{status}, 200, 'a challenge');
is($answer->{body}, library(do => 'challenge', challenge => $challenge),
   'has the answer of the library');


# What Braintree has sent to others

SKIP: {
    skip 'corpus not found', 1 if !-d $CORPUS;

    for my $name (qw(subscription_cancelled subscription_charged_successfully))
    {
        my $post = $json->decode(slurp("$CORPUS/$name.json"));
        my $kind = $name =~ s/cancelled/canceled/r;
        my $body = join '&', map { "$_=" . $post->{$_}
            =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger }
            qw(bt_signature bt_payload);

        goes_on('pay', $body, $kind, $name);
    }
}


$nginx->stop;
$nginx->ok_clean;

done_testing();
