#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# examples/django as it is: its configurations of nginx, but for the places of
# files and ports; its application below gunicorn; and what becomes of payments
# in its database.

use strict;
use warnings;

use Cwd qw(getcwd);
use Digest::SHA qw(hmac_sha256_hex);
use File::Path qw(make_path remove_tree);
use IPC::Open2 qw(open2);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use POSIX ();
use Test::More;

use PaymentsLibraries qw(python_with);
use PaymentsNginx;
use PaymentsServer qw(wait_for);

my $EXAMPLE = getcwd() . '/examples/django';
my $SECRET = $PaymentsServer::SECRET;
my $KEY = 'whsec_' . encode_base64('k' x 32, '');
my $URL = '/payments/process/stripe/';

my ($python, $why) = python_with(qw(django gunicorn stripe));

plan skip_all => $why if !$python;

my $dir = getcwd() . '/build/t-350';
my (%apps, $database, $payments);

END {
    my $status = $?;

    stop_app($_) for keys %apps;

    $? = $status;
}

remove_tree($dir);
make_path($dir);

$ENV{PYTHONDONTWRITEBYTECODE} = 1;
$ENV{SHOP_DATABASE} = "$dir/db.sqlite3";
$ENV{STRIPE_ENDPOINT_SECRET_FILE} = secret_file('stripe', $SECRET);
$ENV{PAYMENTS_SIGN_KEY_FILE} = secret_file('relay', $KEY);


sub secret_file {
    my ($name, $secret) = @_;

    my $file = "$dir/$name.whsec";

    open my $f, '>', $file or die "$file: $!\n";
    print $f "$secret\n";
    close $f or die "$file: $!\n";

    chmod 0600, $file;

    return $file;
}


sub manage {
    my (@arguments) = @_;

    my $said = `cd '$EXAMPLE' && $python manage.py @arguments 2>&1`;

    return ($? >> 8, $said);
}


# The database, by another connection than Django's

sub query {
    my ($sql) = @_;

    if (!$database) {
        $database = {};
        open2($database->{out}, $database->{in}, $python, '-c', <<'END');
import json, os, sqlite3, sys
for line in sys.stdin:
    with sqlite3.connect(os.environ["SHOP_DATABASE"], timeout=20) as db:
        rows = db.execute(json.loads(line)).fetchall()
    db.close()
    print(json.dumps(rows), flush=True)
END
        $database->{in}->autoflush(1);
    }

    print {$database->{in}} JSON::PP->new->allow_nonref->encode($sql), "\n";

    return @{decode_json(readline($database->{out})
                         // die "the database does not answer: $sql\n")};
}


# A payment of a shop: its token

sub payment {
    my (%with) = (variant => 'stripe', total => '20.00', currency => 'USD',
                  status => 'waiting', @_);

    my $token = sprintf '6c4a3a3e-5d0e-4b57-9c39-%012x', ++$payments;
    my $now = POSIX::strftime('%Y-%m-%d %H:%M:%S', gmtime);

    query("INSERT INTO shop_payment (variant, status, fraud_status, "
          . "fraud_message, created, modified, transaction_id, currency, "
          . "total, captured_amount, extra_data, message, token) VALUES "
          . "('$with{variant}', '$with{status}', 'unknown', '', '$now', "
          . "'$now', '', '$with{currency}', '$with{total}', '0.0', '', '', "
          . "'$token')");

    return $token;
}


sub state_of {
    my ($token) = @_;

    my ($row) = query("SELECT status, fraud_status, captured_amount + 0, "
                      . "transaction_id FROM shop_payment "
                      . "WHERE token = '$token'");

    return join ' ', @$row;
}


# What was done with an event: once, or not at all

sub results {
    my ($id) = @_;

    return join ' ', map { $_->[0] }
        query("SELECT result FROM shop_event WHERE event_id = '$id'");
}


# An event of Stripe, in its own layout; object: members of the session

sub stripe_event {
    my ($id, $token, %with) = @_;

    my $type = delete $with{type} || 'completed';

    my %session = (
        id => "cs_$id", object => 'checkout.session', amount_total => 2000,
        currency => 'usd', client_reference_id => $token, mode => 'payment',
        payment_status => 'paid', status => 'complete', payment_intent => 'pi',
        livemode => JSON::PP::false, customer_details => { name => "Zo\x{eb}" },
        %with);

    return JSON::PP->new->pretty->canonical->utf8->encode({
        id => $id, object => 'event', api_version => '2025-03-31.basil',
        created => 1764020246, livemode => JSON::PP::false,
        type => "checkout.session.$type", data => { object => \%session } });
}


# The application, at an address

sub start_app {
    my ($server, $bind) = @_;

    my $log = "$server->{prefix}/logs/django";

    # A thread for each of the relay's connections that stays open

    my $pid = $server->spawn($log, $python, '-m', 'gunicorn', '--bind', $bind,
                             '--workers', 1, '--threads', 16, '--chdir',
                             $EXAMPLE, '--no-sendfile', '--worker-tmp-dir',
                             $dir, 'shop.wsgi');

    $apps{$pid} = 1;

    # the worker, who has loaded the application when it says so

    wait_for(sub { (PaymentsServer::slurp($log) // '')
                       =~ /Booting worker with pid/ }, 'gunicorn', 60)
        or die 'gunicorn: ' . PaymentsServer::slurp($log) . "\n";

    return $pid;
}


sub stop_app {
    my ($pid) = @_;

    return if !delete $apps{$pid};

    kill 'TERM', $pid;
    waitpid $pid, 0;
}


# nginx with a configuration of the example

sub configured {
    my ($name, $app) = @_;

    my $server = PaymentsServer->new("350-$name", spool => 'spool');
    my $prefix = $server->{prefix};

    my $conf = PaymentsServer::slurp((glob "$EXAMPLE/$name-*.conf")[0]);

    my $places = $conf =~ s{modules/ngx_http_payments_module\.so}
                           {$server->{module}};
    $places += $conf =~ s{127\.0\.0\.1:8080}{127.0.0.1:$server->{port}};
    $places += $conf =~ s{unix:/run/shop/django\.sock|127\.0\.0\.1:8000}{$app};

    is($places, 3, "$name: a configuration with what is replaced here");

    my $user = $> == 0 ? 'user root;' : '';

    # the same question as in other tests: does it listen

    $conf =~ s{(server_name .*\n)}{$1location = /ping { return 204; }\n};

    open my $f, '>', "$prefix/conf/nginx.conf" or die "$!\n";
    print $f "daemon off; $user\n$conf";
    close $f or die "$!\n";

    for my $file (qw(stripe relay)) {
        system('cp', '-p', "$dir/$file.whsec", "$prefix/conf/$file.whsec");
    }

    my $said = $server->test;

    unlike($said, qr/\[(?:emerg|alert|crit|warn)\]/, "$name: nginx -t")
        or die "$name: $said\n";

    return $server->start;
}


# The status, or the answer

sub sent {
    my ($server, $method, $path, $body, @headers) = @_;

    my $s = $server->connect;

    syswrite $s, join "\r\n", "$method $path HTTP/1.1", 'Host: localhost',
        'Connection: close', 'Content-Length: ' . length $body, @headers, '',
        $body;

    return $server->answer($s) || { status => 'none', body => '' };
}


sub posted {
    my ($server, $path, $body, $secret) = @_;

    my $now = int time;
    my $v1 = hmac_sha256_hex("$now.$body", $secret // $SECRET);

    return sent($server, 'POST', $path, $body,
                "Stripe-Signature: t=$now,v1=$v1")->{status};
}


sub becomes {
    my ($token, $state, $name) = @_;

    wait_for(sub { state_of($token) eq $state });
    is(state_of($token), $state, $name);
}


# An event for each that has become of another event: nothing is on its way

sub done_with {
    my (@ids) = @_;

    for my $id (@ids) {
        wait_for(sub { results($id) ne '' }, "event $id");
    }
}


# What is the same for all of them.  process is what makes them go on, where
# that is not done by itself.

sub shop {
    my ($name, $server, $process) = @_;

    my $answers = $name eq 'a';
    my $token = payment();
    my $event = stripe_event("evt_${name}_paid", $token);

    is(posted($server, $URL, $event), 200, "$name: an event");
    $process->();
    becomes($token, "confirmed unknown 20 cs_evt_${name}_paid",
            "$name: the payment is confirmed");

    is(posted($server, $URL, $event), 200, "$name: the same event");
    is(posted($server, '/payments/process/stripe', $event), 200,
       "$name: and again, to the URL without the slash");

    my $late = stripe_event("evt_${name}_late", $token, type => 'expired',
                            status => 'expired', payment_status => 'unpaid');

    is(posted($server, $URL, $late), 200, "$name: it expires, too late");

    my $little = payment();
    my $other = payment();
    my $yen = payment(currency => 'JPY', total => '2000.00');

    is(posted($server, $URL, stripe_event("evt_${name}_little", $little,
                                          amount_total => 1)), 200,
       "$name: an event of a smaller amount");
    is(posted($server, $URL, stripe_event("evt_${name}_other", $other,
                                          currency => 'jpy')), 200,
       "$name: an event of another currency");
    is(posted($server, $URL, stripe_event("evt_${name}_yen", $yen,
                                          currency => 'jpy')), 200,
       "$name: an event of a currency without decimals");

    my $gone = payment();

    is(posted($server, $URL, stripe_event("evt_${name}_gone", $gone,
        type => 'expired', status => 'expired', payment_status => 'unpaid')),
       200, "$name: one that expires");

    my $delayed = payment();

    is(posted($server, $URL, stripe_event("evt_${name}_unpaid", $delayed,
                                          payment_status => 'unpaid')), 200,
       "$name: one that is complete and not paid");
    is(posted($server, $URL, stripe_event("evt_${name}_failed", $delayed,
        type => 'async_payment_failed', payment_status => 'unpaid')), 200,
       "$name: and fails");

    $process->();
    done_with(map { "evt_${name}_$_" }
                  qw(late little other yen gone unpaid failed));

    is(state_of($token), "confirmed unknown 20 cs_evt_${name}_paid",
       "$name: the payment is as it was");
    is(results("evt_${name}_paid"), 'confirmed', "$name: confirmed once");
    is(results("evt_${name}_late"), 'ignored', "$name: not rejected");
    is(state_of($little), 'waiting review 0 ', "$name: a wrong amount");
    is(state_of($other), 'waiting review 0 ', "$name: a wrong currency");
    is(state_of($yen), "confirmed unknown 2000 cs_evt_${name}_yen",
       "$name: yen are whole");
    is(state_of($gone), "rejected unknown 0 cs_evt_${name}_gone",
       "$name: expired");
    is(state_of($delayed), "rejected unknown 0 cs_evt_${name}_failed",
       "$name: failed");

    # not for this variant, refunded already

    my $test = payment(variant => 'stripe-test');
    my $refunded = payment(status => 'refunded');

    like(posted($server, $URL, stripe_event("evt_${name}_variant", $test)),
         $answers ? qr/^[45]/ : qr/^200/,
         "$name: an event of another variant's payment");
    is(posted($server, $URL, stripe_event("evt_${name}_refunded", $refunded)),
       200, "$name: an event of a payment that was refunded");

    # not for Stripe's key

    my $forged = payment();
    my $body = stripe_event("evt_${name}_forged", $forged);

    is(posted($server, $URL, $body, 'whsec_guessed'), 400, "$name: forged");
    is(sent($server, 'POST', $URL, $body)->{status}, 400, "$name: not signed");

    # the payment's own URL

    my $own = "/payments/process/$forged/";
    my $answer = sent($server, 'GET', "$own?a=1", '');

    is($answer->{status}, 302, "$name: the buyer comes back");
    like($answer->{headers}, qr{\nlocation: \S*/thanks/$forged/\r}i,
         "$name: by way of Django");
    is(posted($server, $own, $body), 400,
       "$name: a signed event to the payment's URL");
    unlike(sent($server, 'POST', $own, $body)->{status}, qr/^2/,
           "$name: one that is not signed to the payment's URL");
    like(sent($server, 'GET', "/thanks/$forged/", '')->{body},
         qr/^Your payment: waiting$/m, "$name: Django's other URLs");

    # a last one, after which these are done

    my $last = payment();

    is(posted($server, $URL, stripe_event("evt_${name}_last", $last)), 200,
       "$name: a last event");
    $process->();
    done_with("evt_${name}_refunded", "evt_${name}_last");

    is(state_of($forged), 'waiting unknown 0 ', "$name: nothing is confirmed");
    is(results("evt_${name}_forged"), '', "$name: and nothing of it is known");
    is(state_of($test), 'waiting unknown 0 ', "$name: nor of that variant");
    is(state_of($refunded), 'refunded unknown 0 ', "$name: nor once more");
}


sub over {
    my ($name, $server, $pid) = @_;

    $server->stop;
    stop_app($pid);

    # while the application was down, the relay has asked for it

    my @bad = grep { !/\[crit\].* connect\(\) to unix:.* to upstream/ }
        $server->log_lines('\[(?:emerg|alert|crit)\]');

    is_deeply(\@bad, [], "$name: nothing in the error log");
}


my ($code, $said) = manage('migrate', '--run-syncdb', '-v0');
is($code, 0, 'the database') or die "$said\n";


# a

{
    my $port = PaymentsNginx::free_port();
    my $nginx = configured('a', "127.0.0.1:$port");
    my $app = start_app($nginx, "127.0.0.1:$port");

    shop('a', $nginx, sub { });

    my $none = posted($nginx, $URL, stripe_event('evt_a_none', '1' x 36));
    like($none, qr/^[45]/, 'a: of a payment that Django does not have');

    stop_app($app);

    like(posted($nginx, $URL, stripe_event('evt_a_down', payment())),
         qr/^50[234]/, 'a: without Django, Stripe is to try again');

    over('a', $nginx, $app);
}


# b

{
    local $ENV{SHOP_SECURE_ENDPOINT} = 'no';
    local $ENV{STRIPE_ENDPOINT_SECRET_FILE} = '';

    my $nginx = configured('b', "unix:$dir/django.sock");
    my $app = start_app($nginx, "unix:$dir/django.sock");

    shop('b', $nginx, sub { });

    # here it is nginx that has to see to it

    my $own = '/payments/process/' . payment() . '/';

    is(sent($nginx, 'POST', $own, '{}')->{status}, 403,
       "b: nothing that is posted to a payment's URL gets to Django");

    stop_app($app);

    my $token = payment();

    is(posted($nginx, $URL, stripe_event('evt_b_down', $token)), 200,
       'b: without Django, the event is kept');

    $app = start_app($nginx, "unix:$dir/django.sock");

    becomes($token, 'confirmed unknown 20 cs_evt_b_down',
            'b: and delivered when it is back');

    over('b', $nginx, $app);
}


# c

{
    my $port = PaymentsNginx::free_port();
    my $nginx = configured('c', "127.0.0.1:$port");
    my $app = start_app($nginx, "127.0.0.1:$port");

    my $process = sub {
        wait_for(sub { !$nginx->files('active') }, 'the spool');

        my ($code, $said) = manage('process_payments', '--once', '--spool',
                                   "$nginx->{prefix}/spool");

        is($code, 0, 'c: process_payments') or diag($said);
        is_deeply([$nginx->files('new')], [], 'c: has removed all files');
    };

    shop('c', $nginx, $process);

    # one event of a file cannot be done: the others are, and all of it stays

    my @tokens = (payment(), payment());
    my $file = "$nginx->{prefix}/spool/new/1.ndjson";

    my @lines = map {
        my $payload = decode_json(stripe_event("evt_c_part$_", $tokens[$_]));

        encode_json({ id => "evt_c_part$_", type => 'com.stripe.x',
                      source => '/payments/process/stripe', data => {
                          variant => 'stripe', status => 'confirmed',
                          event => $payload->{type}, token => $tokens[$_],
                          amount => 2000, currency => 'usd',
                          payload => $payload } });
    } 0, 1;

    open my $f, '>', $file or die "$file: $!\n";
    print $f "$lines[0]\n", substr($lines[1], 0, 40), "\n", "$lines[1]\n";
    close $f or die "$file: $!\n";

    my ($code, $said) = manage('process_payments', '--once', '--spool',
                               "$nginx->{prefix}/spool");

    isnt($code, 0, 'c: a line that is no event');
    ok(-e $file, 'c: its file stays');
    is(state_of($tokens[$_]), "confirmed unknown 20 cs_evt_c_part$_",
       "c: event $_ of that file is done") for 0, 1;

    open $f, '>', $file or die "$file: $!\n";
    print $f map { "$_\n" } @lines;
    close $f or die "$file: $!\n";

    $process->();
    is(results("evt_c_part$_"), 'confirmed', "c: event $_, once") for 0, 1;

    over('c', $nginx, $app);
}


# d

{
    my $port = PaymentsNginx::free_port();
    my $nginx = configured('d', "127.0.0.1:$port");
    my $app = start_app($nginx, "127.0.0.1:$port");

    shop('d', $nginx, sub { });

    my $token = payment();
    my $body = '{"id":"evt_d_own","source":"/payments/process/stripe",'
        . '"data":{"variant":"stripe","event":"checkout.session.completed",'
        . '"status":"confirmed","token":"' . $token . '","amount":2000,'
        . '"currency":"usd"}}';

    my $now = int time;
    my $signature = encode_base64('x' x 32, '');

    is(sent($nginx, 'POST', '/payments/events/', $body)->{status}, 400,
       'd: an envelope that is not signed');
    is(sent($nginx, 'POST', '/payments/events/', $body, 'webhook-id: evt_d_own',
            "webhook-timestamp: $now", "webhook-signature: v1,$signature")
           ->{status}, 400, 'd: one that is forged');
    is(state_of($token), 'waiting unknown 0 ', 'd: it confirms nothing');

    over('d', $nginx, $app);
}


done_testing();
