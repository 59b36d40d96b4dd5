#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# What the module signs, others accept: Stripe's libraries for Python (Debian's)
# and for node, and the one of Standard Webhooks; and none of them when a bit
# of it is another one.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use IPC::Open2 qw(open2);
use JSON::PP;
use MIME::Base64 qw(encode_base64 decode_base64);
use Test::More;

use PaymentsLibraries qw(node python);
use PaymentsServer qw(event wait_for);
use PaymentsUpstream;

my $SECRET = $PaymentsServer::SECRET;
my $KEY = 'whsec_' . encode_base64('k' x 31 . "\xff", '');

# As old as it may be, but for the time that the test takes
my $AGE = 200;

my @VERIFIERS = (
    { name => 'stripe for Python', format => 'raw',
      run => ['python', <<'END'] },
import base64, json, sys, stripe
for line in sys.stdin:
    case = json.loads(line)
    try:
        event = stripe.Webhook.construct_event(
            base64.b64decode(case["body"]),
            case["headers"]["stripe-signature"], case["secret"])
        print("accepted", event["id"], flush=True)
    except (stripe.error.SignatureVerificationError, ValueError) as e:
        print("refused", type(e).__name__, flush=True)
END
    { name => 'stripe for node', format => 'raw', run => ['node', <<'END'] },
const stripe = new (require('stripe'))('none');
require('readline').createInterface({ input: process.stdin }).on('line', l => {
    const c = JSON.parse(l);
    try {
        console.log('accepted', stripe.webhooks.constructEvent(
            Buffer.from(c.body, 'base64'), c.headers['stripe-signature'],
            c.secret).id);
    } catch (e) {
        console.log('refused', e.constructor.name);
    }
});
END
    { name => 'standardwebhooks', format => 'envelope',
      run => ['node', <<'END'] },
const { Webhook } = require('standardwebhooks');
require('readline').createInterface({ input: process.stdin }).on('line', l => {
    const c = JSON.parse(l);
    try {
        console.log('accepted', new Webhook(c.secret).verify(
            Buffer.from(c.body, 'base64').toString(), c.headers).id);
    } catch (e) {
        console.log('refused', e.constructor.name);
    }
});
END
);

my %BODY = (
    evt_plain => event('evt_plain') =~ s/\}\}\}\z/,"n":"\\u00fc"}}}/r,
    evt_utf8 => event('evt_utf8') =~ s/\}\}\}\z/,"n":"\xc3\xbc"}}}/r,
);


sub verdict {
    my ($verifier, $case) = @_;

    print {$verifier->{in}} encode_json({
        headers => $case->{headers}, secret => $case->{secret},
        body => encode_base64($case->{body}, '') }), "\n";

    my $line = readline $verifier->{out};

    return 'no answer' if !defined $line;

    chomp $line;
    return $line;
}


# A bit of it is another one

sub flipped {
    my ($case, $what, $at) = @_;

    my %other = (%$case, headers => { %{$case->{headers}} });
    my $text = $what eq 'body' ? \$other{body} : \$other{headers}{$what};

    substr($$text, $at, 1) ^= "\x01";

    return \%other;
}


sub accepted {
    my ($verifier, $case, $name) = @_;

    my $id = $case->{id};
    my $said = verdict($verifier, $case);

    $name = "$verifier->{name}, $name";

    is($said, "accepted $id", "$name: accepted");

    my @flips = (['body', 0], ['body', length($case->{body}) / 2],
                 ['body', length($case->{body}) - 1]);

    if ($verifier->{format} eq 'raw') {
        my $header = $case->{headers}{'stripe-signature'} // '';

        push @flips, ['stripe-signature', index($header, 't=') + 11],
                     ['stripe-signature', length($header) - 1];

    } else {
        push @flips, ['webhook-id', 4], ['webhook-timestamp', 9],
                     ['webhook-signature', 10];
    }

    for my $flip (@flips) {
        my $other = eval { flipped($case, @$flip) };

        ok($other && verdict($verifier, $other) =~ /^refused /,
           "$name: refused with another bit in the $flip->[0]");
    }

    ok(verdict($verifier, { %$case, secret => 'whsec_' . 'YWFh' x 10 })
           =~ /^refused /, "$name: refused with another secret");
}


# The verifiers themselves, with what is signed here

sub ours {
    my ($format, $id, $body) = @_;

    my $now = int time;

    if ($format eq 'raw') {
        return { id => $id, body => $body, secret => $SECRET, headers => {
            'stripe-signature' =>
                "t=$now,v1=" . hmac_sha256_hex("$now.$body", $SECRET) } };
    }

    my $key = decode_base64($KEY =~ s/^whsec_//r);

    return { id => $id, body => $body, secret => $KEY, headers => {
        'webhook-id' => $id,
        'webhook-timestamp' => "$now",
        'webhook-signature' => 'v1,' . encode_base64(
            pack('H*', hmac_sha256_hex("$id.$now.$body", $key)), '') } };
}


my @ready;

for my $verifier (@VERIFIERS) {
    my ($language, $script) = @{$verifier->{run}};
    my ($command, $why) = $language eq 'node' ? node() : python('stripe');

    SKIP: {
        skip "$verifier->{name}: $why", 1 if !$command;

        open2($verifier->{out}, $verifier->{in}, @$command, $script);
        $verifier->{in}->autoflush(1);

        accepted($verifier, ours($verifier->{format}, 'evt_utf8', $BODY{evt_utf8}),
                 'signed by the test');
        push @ready, $verifier;
    }
}


# Of events whose own signature will soon be too old

my $app = PaymentsUpstream->new('340')->start;
my $port = $app->port;

my $nginx = PaymentsServer->new('340', paths => [], server => <<END);
        location /raw/ {
            payments_process stripe;
            payments_pass \@app;
            payments_format raw;
        }

        location /envelope/ {
            payments_process stripe;
            payments_pass \@app;
            payments_sign_key key;
        }

        location /raw/later/ {
            payments_process stripe;
            payments_pass \@app;
            payments_format raw;
            payments_spool spool-raw min_free=0;
        }

        location /envelope/later/ {
            payments_process stripe;
            payments_pass \@app;
            payments_spool spool-envelope min_free=0;
            payments_sign_key key;
        }

        location \@app { proxy_pass http://127.0.0.1:$port; }
END

open my $key, '>', "$nginx->{prefix}/conf/key" or die "$!\n";
print $key "$KEY\n";
close $key;
chmod 0600, "$nginx->{prefix}/conf/key";

$nginx->start;


# What came to the application

sub passed {
    my ($path, $id, $body) = @_;

    my $then = int(time) - $AGE;
    my $s = $nginx->connect;

    syswrite $s, "POST $path HTTP/1.1\r\nHost: localhost\r\n"
        . 'Content-Length: ' . length($body) . "\r\n"
        . "Stripe-Signature: t=$then,v1="
        . hmac_sha256_hex("$then.$body", $SECRET)
        . "\r\nConnection: close\r\n\r\n$body";

    my $answer = $nginx->answer($s);

    is($answer && $answer->{status}, 200, "$path $id: answered");

    ok($app->wait_for(1), "$path $id: at the application");

    my ($r) = $app->requests;

    $app->clear;

    return $r;
}


for my $path (qw(/raw/ /raw/later/ /envelope/ /envelope/later/)) {
    my ($format) = $path =~ m{^/(\w+)};

    for my $id (sort keys %BODY) {
        my $body = $BODY{$id};
        my $before = int time;
        my $r = passed($path, $id, $body);
        my $h = $r->{headers};

        if ($format eq 'raw') {
            is($r->{body}, $body, "$path $id: the bytes that were sent");
            is($h->{'content-type'}, 'application/json', "$path $id: type");

        } else {
            is($h->{'content-type'}, 'application/cloudevents+json',
               "$path $id: type");
            is($h->{'stripe-signature'}, undef,
               "$path $id: without the gateway's signature");
            is($h->{'webhook-id'}, $id, "$path $id: webhook-id");
            is(eval { decode_json($r->{body})->{id} }, $id,
               "$path $id: an envelope");
        }

        my ($time) = $format eq 'raw'
            ? ($h->{'stripe-signature'} // '') =~ /^t=(\d+),v1=[0-9a-f]{64}$/
            : ($h->{'webhook-timestamp'} // '') =~ /^(\d+)$/;

        ok(defined $time && $time >= $before && $time <= time,
           "$path $id: signed with the present time");

        for my $verifier (grep { $_->{format} eq $format } @ready) {
            accepted($verifier, {
                id => $id, body => $r->{body}, headers => $h,
                secret => $format eq 'raw' ? $SECRET : $KEY }, "$path $id");
        }
    }
}


$nginx->stop;
$nginx->ok_clean;

done_testing();
