#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# What the gateways' own libraries sign, nginx takes; and what they say of
# headers and bodies that are not quite right, it says as well, but for
# what is listed below, with the reason.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 hmac_sha256_hex);
use IPC::Open2 qw(open2);
use JSON::PP;
use MIME::Base64 qw(encode_base64 decode_base64);
use Test::More;

use PaymentsLibraries qw(node python);
use PaymentsServer qw(slurp wait_for);

my $URL = 'https://shop.example.com/hooks/square';
my $KEY = 'whsec_' . encode_base64('k' x 31 . "\xff", '');

my $NODE = <<'END';
const dir = process.env.NODE_PATH + '/';
const { Webhook } = require('standardwebhooks');
const svix = require(dir + 'svix/dist/webhook.js');
const stripe = new (require('stripe'))('none');
const { Paddle } = require('@paddle/paddle-node-sdk');
const { WebhooksHelper } = require(dir + 'square/wrapper/WebhooksHelper.js');
const razorpay = require(dir + 'razorpay/dist/utils/razorpay-utils.js');
const shopify = dir + '@shopify/shopify-api/dist/cjs/';
require(shopify + 'runtime/crypto/crypto.js').setCrypto(require('crypto'));
const { validateHmacString } =
    require(shopify + 'lib/utils/hmac-validator.js');
const octokit = import(dir
    + '@octokit/webhooks-methods/dist-node/index.js');

const date = c => new Date(c.time * 1000);
const sign = {
    'stripe': c => stripe.webhooks.generateTestHeaderString({
        payload: c.body, secret: c.secret, timestamp: c.time }),
    'standardwebhooks': c => new Webhook(c.secret).sign(c.id, date(c), c.body),
    'svix': c => new svix.Webhook(c.secret).sign(c.id, date(c), c.body),
    'octokit': async c => (await octokit).sign(c.secret, c.body),
};
const verify = {
    'stripe': c => stripe.webhooks.constructEvent(c.body, c.signature,
                                                  c.secret),
    'standardwebhooks': c => new Webhook(c.secret).verify(c.body, c.headers),
    'svix': c => new svix.Webhook(c.secret).verify(c.body, c.headers),
    'octokit': async c => (await octokit).verify(c.secret, c.body,
                                                 c.signature),
    'paddle': c => new Paddle('none').webhooks.isSignatureValid(
        c.body, c.secret, c.signature),
    'square': c => WebhooksHelper.verifySignature({ requestBody: c.body,
        signatureHeader: c.signature, signatureKey: c.secret,
        notificationUrl: c.url }),
    'razorpay': c => razorpay.validateWebhookSignature(c.body, c.signature,
                                                       c.secret),
    'shopify': c => validateHmacString({ apiSecretKey: c.secret }, c.body,
                                       c.signature, 'base64'),
};
(async () => {
    await octokit;
    const lines = require('readline').createInterface({
        input: process.stdin });
    for await (const line of lines) {
        const c = JSON.parse(line);
        if (c.signature === null) { delete c.signature; }
        let said;
        try {
            said = c.op === 'sign' ? await sign[c.library](c)
                   : await verify[c.library](c) ? 'accepted' : 'refused';
        } catch (e) {
            said = 'refused';
        }
        console.log(said);
    }
})();
END

my $PYTHON = <<'END';
import json, sys, stripe
for line in sys.stdin:
    c = json.loads(line)
    try:
        if c["op"] == "sign":
            said = "t=%d,v1=%s" % (c["time"],
                stripe.WebhookSignature._compute_signature(
                    "%d.%s" % (c["time"], c["body"]), c["secret"]))
        else:
            stripe.Webhook.construct_event(c["body"], c["signature"],
                                           c["secret"])
            said = "accepted"
    except Exception:
        said = "refused"
    print(said, flush=True)
END


# A library, and the variant that has its gateway; whether it signs; how it
# writes a signature (hex or base64) behind which word and time.  Paddle's takes
# 5 seconds, and any time that is ahead: so is ours, however slow this machine.

my %PAIRS = (sign => 1, encoding => 'hex', secret => 'whsec_clients',
             header => 'Stripe-Signature', word => 'v1', time => 't',
             separator => ',', variant => 'own-stripe');
my %STANDARD = (sign => 1, encoding => 'base64', secret => $KEY,
                separator => ' ', versioned => 1);

my @LIBRARIES = (
    { %PAIRS, name => 'stripe', language => 'node' },
    { %PAIRS, name => 'stripe', language => 'python' },
    { %STANDARD, name => 'standardwebhooks', language => 'node',
      prefix => 'webhook', variant => 'standard-webhooks' },
    { %STANDARD, name => 'svix', language => 'node', prefix => 'svix',
      variant => 'standard-webhooks' },
    { name => 'octokit', language => 'node', sign => 1, encoding => 'hex',
      secret => 'secret', header => 'X-Hub-Signature-256',
      before => 'sha256=', variant => 'github', id => 'X-GitHub-Delivery',
      more => "X-GitHub-Event: ping\r\n" },
    { %PAIRS, name => 'paddle', language => 'node', sign => 0,
      secret => 'pdl_ntfset_1', header => 'Paddle-Signature', word => 'h1',
      time => 'ts', between => ':', separator => ';', variant => 'paddle',
      ahead => 100 },
    { name => 'square', language => 'node', encoding => 'base64',
      secret => 'secret', header => 'X-Square-HmacSha256-Signature',
      url => $URL, variant => 'square' },
    { name => 'razorpay', language => 'node', encoding => 'hex',
      secret => 'secret', header => 'X-Razorpay-Signature',
      variant => 'razorpay', id => 'X-Razorpay-Event-Id' },
    { name => 'shopify', language => 'node', encoding => 'base64',
      secret => 'secret', header => 'X-Shopify-Hmac-Sha256',
      variant => 'shopify', id => 'X-Shopify-Webhook-Id',
      more => "X-Shopify-Topic: orders/paid\r\n" },
);


# What differs.  Stricter: the library takes it, and nginx does not.

my $LAST = 'of two times each reader may take another one';
my $DIGITS = 'what is no time is not made one';
my $PAIRS = 'it is no list of pairs';
my $LENGTH = 'a digest has 64 digits and no more';
my $EVENT = 'what is signed, and no event, is nothing to deliver';

my %STRICTER = (
    'stripe for node' => { 'two times' => $LAST,
                           'letters behind the time' => $DIGITS,
                           'a word without a value' => $PAIRS,
                           'an equals sign behind it' => $LENGTH },
    'stripe for python' => { 'a word without a value' => $PAIRS,
                             'an equals sign behind it' => $LENGTH },
    'standardwebhooks for node' => { 'letters behind the time' => $DIGITS,
                                     'a comma behind it' =>
                                         'a signature has no third part' },
    'octokit for node' => { 'no JSON' => $EVENT },
    'paddle for node' => { 'two times' => $LAST,
                           'letters behind the time' => $DIGITS,
                           'a word without a value' => $PAIRS,
                           'an equals sign behind it' => $LENGTH,
                           'no JSON' => $EVENT, 'an empty body' => $EVENT },
    'square for node' => { 'no JSON' => $EVENT, 'an empty body' => $EVENT },
    'razorpay for node' => { 'no JSON' => $EVENT,
                             'an empty body' => $EVENT },
    'shopify for node' => { 'no JSON' => $EVENT,
                            'an empty body' => $EVENT },
);
$STRICTER{'svix for node'} = $STRICTER{'standardwebhooks for node'};

# Laxer: nginx takes it.  The digest is right in all of them.

my $HEX = 'hex digits are the same in either case';
my $BLANKS = 'blanks around an item are nothing';

my %LAXER = (
    'stripe for node' => { 'upper case' => $HEX, 'blanks' => $BLANKS },
    'stripe for python' => { 'upper case' => $HEX, 'blanks' => $BLANKS },
    'octokit for node' => { 'upper case' => $HEX },
    'paddle for node' => { 'upper case' => $HEX, 'blanks' => $BLANKS,
                           'right and wrong' =>
                               'the library knows the last one only',
                           'old' => 'it takes 5 seconds, here it is 300' },
    'razorpay for node' => { 'upper case' => $HEX },
);


my (%process, %missing);

for (['node', $NODE, node()], ['python', $PYTHON, python('stripe')]) {
    my ($language, $program, $command, $why) = @$_;

    if (!$command) {
        $missing{$language} = $why;
        next;
    }

    my %p;
    open2($p{out}, $p{in}, @$command, $program);
    $p{in}->autoflush(1);
    $process{$language} = \%p;
}


sub ask {
    my ($library, $op, $case) = @_;

    my $p = $process{$library->{language}};
    my %headers = map { lc, $case->{headers}{$_} } keys %{$case->{headers}};

    print {$p->{in}} encode_json({
        op => $op, library => $library->{name}, secret => $library->{secret},
        body => $case->{body}, time => $case->{time}, id => $case->{id},
        url => $library->{url}, headers => \%headers,
        signature => $library->{header}
                     ? $headers{lc $library->{header}} : undef }), "\n";

    my $line = readline $p->{out};
    $line = 'no answer' if !defined $line;
    chomp $line;

    return $line;
}


# The bare signature of what is sent

sub digest {
    my ($library, $case) = @_;

    my ($key, $body) = @$case{qw(secret body)};
    my $message = $library->{versioned} ? "$case->{id}.$case->{time}.$body"
        : $library->{time}
            ? $case->{time} . ($library->{between} // '.') . $body
        : ($library->{url} // '') . $body;

    $key = decode_base64($key =~ s/^whsec_//r) if $library->{versioned};

    return $library->{encoding} eq 'hex' ? hmac_sha256_hex($message, $key)
        : encode_base64(hmac_sha256($message, $key), '');
}


# What the library signs, or what its gateway does

sub signed {
    my ($library, %case) = @_;

    $case{id} //= "$library->{name}-$library->{language}-1";
    $case{time} //= int(time) + ($library->{ahead} // 0);
    $case{secret} //= $library->{secret};
    $case{body} //= qq({"id":"$case{id}","event_id":"$case{id}","type":"a.b",)
        . '"event_type":"a.b","event":"a.b"}';

    my $sig = digest($library, \%case);

    $case{item} = $library->{versioned} ? "v1,$sig"
        : $library->{word} ? "$library->{word}=$sig"
        : ($library->{before} // '') . $sig;
    $case{sig} = $sig;
    $case{all} = $library->{time}
        ? "$library->{time}=$case{time}$library->{separator}$case{item}"
        : $case{item};

    return \%case;
}


# And its headers, with another text of the signature, or time

sub sent {
    my ($library, $case, $text, $time) = @_;

    my %headers;

    if ($library->{versioned}) {
        $headers{"$library->{prefix}-id"} = $case->{id};
        $headers{"$library->{prefix}-timestamp"} = $time // $case->{time};
    }

    $headers{$library->{id}} = $case->{id} if $library->{id};
    $headers{$library->{header} // "$library->{prefix}-signature"} = $text
        if defined $text;

    return { %$case, headers => \%headers };
}


my $nginx = PaymentsServer->new('345', paths => [],
    http => <<END, server => <<END);
    payments_variant own-stripe { provider stripe; secret whsec_clients; }
    payments_variant standard-webhooks { secret $KEY; }
    payments_variant github { secret secret; }
    payments_variant paddle { secret pdl_ntfset_1; }
    payments_variant square { secret secret; notification_url $URL; }
    payments_variant razorpay { secret secret; }
    payments_variant shopify { secret secret; }
    payments_dedup off;
END
    location /payments/process/ {
        payments_process;
        payments_spool spool min_free=0 seal=5ms;
    }
END

$nginx->start;


sub post {
    my ($library, $case) = @_;

    my $headers = join '', map { "$_: $case->{headers}{$_}\r\n" }
                                sort keys %{$case->{headers}};
    my $s = $nginx->connect or return 'no connection';

    syswrite $s, "POST /payments/process/$library->{variant}/ HTTP/1.1\r\n"
        . "Host: localhost\r\nConnection: close\r\n$headers"
        . ($library->{more} // '') . 'Content-Length: '
        . length($case->{body}) . "\r\n\r\n$case->{body}";

    my $answer = $nginx->answer($s) or return 'no answer';

    return { 200 => 'accepted', 400 => 'refused' }->{$answer->{status}}
        // $answer->{status};
}


# The envelopes that are there by now

sub envelopes {
    wait_for(sub { !$nginx->files('active') }, 'sealed');

    return map { split /\n/, slurp($nginx->spool_path . "/new/$_") }
               $nginx->files('new');
}


sub other {
    my ($text, $at) = @_;

    substr($text, $at, 1) = substr($text, $at, 1) eq 'a' ? 'b' : 'a';

    return $text;
}


# Name, and what is sent

sub cases {
    my ($library) = @_;

    my $case = signed($library);
    my ($sig, $item, $all, $time) = @$case{qw(sig item all time)};
    my $sep = $library->{separator} // ',';
    my $wrong = $item =~ s/\Q$sig\E\z/other($sig, 5)/er;
    my $put = sub { sent($library, $case, $_[0], $_[1]) };
    my $in = sub { $put->($all =~ s/\Q$sig\E\z/$_[0]/r) };
    my $again = sub {
        my $c = signed($library, @_);
        return sent($library, $c, $c->{all});
    };
    my $right = $put->($all);

    my @cases = (
        'right' => $right,
        'another byte' => $in->(other($sig, 5)),
        'the first byte' => $in->(other($sig, 0)),
        'a digit less' => $in->(substr $sig, 0, -1),
        'a digit more' => $in->($sig . 'a'),
        'half of it' => $in->(substr $sig, 0, length($sig) / 2),
        'nothing behind the word' => $in->(''),
        'an empty header' => $put->(''),
        'no header' => $put->(undef),
        'a blank inside' => $in->(substr($sig, 0, 8) . ' '
                                  . substr($sig, 9)),
        'another body' => { %$right, body => $case->{body} =~ s/a\.b/a.c/r },
        'a newline behind the body' =>
            { %$right, body => "$case->{body}\n" },
        'another secret' => $again->(secret => $library->{versioned}
            ? 'whsec_' . encode_base64('x' x 32, '') : 'other'),
        'an empty body' => $again->(body => ''),
        'no JSON' => $again->(body => '{"id":'),
        'wrong and right' => $put->($all =~ s/\Q$item\E/$wrong$sep$item/r),
        'right and wrong' => $put->("$all$sep$wrong"),
        'twice' => $put->("$all$sep$item"),
        'another word' => $put->($all =~ s/(v1|h1|sha256)(?=[,=])/v7/r),
        'without the word' => $put->($all =~ s/(v1|h1|sha256)[,=]//r),
    );

    if ($library->{encoding} eq 'hex') {
        push @cases, 'upper case' => $in->(uc $sig);

    } else {
        # the next letter: the same bytes, and bits that are of none

        my $bits = $sig;
        substr($bits, -2, 1) =~ tr{A-Za-z0-9+/}{B-Za-z0-9+/A};

        push @cases,
            'no padding' => $in->($sig =~ s/=//r),
            'bits of no byte' => $in->($bits),
            'for URLs' => $in->($sig =~ tr{+/}{-_}r . ''),
            'as hex' => $in->(unpack 'H*', decode_base64($sig));
    }

    if ($library->{time} || $library->{versioned}) {
        push @cases,
            'old' => $again->(time => int(time) - 200),
            'early' => $again->(time => int(time) + 200),
            'too early' => $again->(time => int(time) + 400),
            'too old' => $again->(time => int(time) - 400),
            'no time' => $library->{time} ? $put->($item)
                                          : $put->($item, ''),
            'letters behind the time' => $library->{time}
                ? $put->($all =~ s/$time/${time}abc/r)
                : $put->($item, "${time}abc"),
            'a word for a time' => $library->{time}
                ? $put->($all =~ s/$time/now/r) : $put->($item, 'now'),
            'another time' => $library->{time}
                ? $put->($all =~ s/$time/$time - 1/er)
                : $put->($item, $time - 1);
    }

    if ($library->{time}) {
        my $t = "$library->{time}=$time";

        push @cases,
            'the other way round' => $put->("$item$sep$t"),
            'two times' => $put->("$library->{time}=1$sep$all"),
            'blanks' => $put->("$t$sep $item"),
            'another pair' => $put->("$all${sep}v0=" . 'a' x 64),
            'a word without a value' => $put->("$t${sep}x$sep$item"),
            'an equals sign behind it' => $put->("$all=x");
    }

    if ($library->{versioned}) {
        push @cases,
            'a comma behind it' => $put->("$item,x"),
            'another version first' => $put->("v1a,AAAA $item"),
            'no id' => do {
                my $c = $put->($item);
                delete $c->{headers}{"$library->{prefix}-id"};
                $c;
            },
            'another id' => do {
                my $c = $put->($item);
                $c->{headers}{"$library->{prefix}-id"} .= 'x';
                $c;
            };
    }

    if ($library->{url}) {
        push @cases, 'another URL' => sent($library, $case,
            digest({ %$library, url => "$URL/" }, $case));
    }

    return @cases;
}


for my $library (@LIBRARIES) {
    my $name = "$library->{name} for $library->{language}";

    SKIP: {
        skip "$name: $missing{$library->{language}}", 1
            if $missing{$library->{language}};

        # what the library makes

        if ($library->{sign}) {
            my $case = signed($library, id => "$library->{name}-signs");
            my $text = ask($library, 'sign', $case);

            is($text, $case->{all}, "$name: signs as its gateway does");

            my $whole = sent($library, $case, $text);

            is(post($library, $whole), 'accepted', "$name: its signature");
            is(post($library, { %$whole, body => $case->{body}
                                                 =~ s/a\.b/a.c/r }),
               'refused', "$name: and of another body");
        }

        # what both say

        my @cases = cases($library);
        my ($right, $accepted) = (signed($library), 0);
        my %seen;

        while (my ($what, $case) = splice @cases, 0, 2) {
            my $theirs = ask($library, 'verify', $case);
            my $ours = post($library, $case);

            my $expected = $STRICTER{$name}{$what} ? 'refused'
                : $LAXER{$name}{$what} ? 'accepted' : $theirs;
            my $known = $STRICTER{$name}{$what} ? 'accepted'
                : $LAXER{$name}{$what} ? 'refused' : $theirs;
            my $why = $STRICTER{$name}{$what} // $LAXER{$name}{$what};

            is("$theirs/$ours", "$known/$expected", "$name: $what: $theirs"
               . (defined $why ? ", but here $ours: $why" : ''));
            $seen{$what} = $theirs;
            $accepted++
                if $ours eq 'accepted' && $case->{body} eq $right->{body};
        }

        is($seen{right}, 'accepted', "$name: and what is right is taken");

        my @stale = grep { !$seen{$_} } keys %{$STRICTER{$name}},
                                        keys %{$LAXER{$name}};
        is("@stale", '', "$name: all that differs was tried");

        # the envelopes, with the bytes that were sent

        my @lines = grep { index($_, qq("payload":$right->{body}})) != -1 }
                         envelopes();
        my @theirs = grep {
            $_->{id} eq $right->{id}
                && $_->{source} eq "/payments/process/$library->{variant}"
                && $_->{data}{signed} eq 'body'
        } map { decode_json($_) } @lines;

        is(scalar @lines, $accepted, "$name: each has its envelope");
        is(scalar @theirs, $accepted, "$name: of its variant");
    }
}


$nginx->stop;
$nginx->ok_clean;

done_testing();
