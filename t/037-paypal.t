#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# PayPal: certificates from files, of an authority that is made here, and what
# is said when one is not there or not right.

use lib 't/lib';
use PaymentsTest 'no_plan';

use Compress::Zlib qw(crc32);
use File::Temp qw(tempdir);
use MIME::Base64 qw(encode_base64);
use POSIX qw(strftime);

our $SANDBOX = 'https://api-m.sandbox.paypal.com';
our $NAME = 'messageverificationcerts.paypal.com';

my $dir = tempdir(CLEANUP => 1);
my $day = 24 * 60 * 60;

$ENV{TEST_NGINX_PAYPAL} = $dir;

authority();


sub spew {
    my ($name, $text) = @_;

    open my $out, '>:raw', "$dir/$name" or die "$dir/$name: $!\n";
    print $out $text;
    close $out or die "$dir/$name: $!\n";
}


sub slurp {
    my ($name) = @_;

    open my $in, '<:raw', "$dir/$name" or die "$dir/$name: $!\n";

    return do { local $/; <$in> };
}


sub openssl {
    my ($command) = @_;

    system("cd $dir && openssl $command >openssl.log 2>&1") == 0
        or die "openssl $command: " . slurp('openssl.log');
}


# A certificate of $name, and its key, from so many days ago to so many ahead

sub issue {
    my ($file, $name, $by, $from, $to, $ca) = @_;

    my @times = map { strftime('%Y%m%d%H%M%SZ', gmtime(time() + $_ * $day)) }
                    $from, $to;
    my $issuer = $by ? "-cert $by.pem -keyfile $by.key" : "-selfsign -keyfile "
                                                          . "$file.key";

    openssl("req -new -newkey rsa:2048 -nodes -keyout $file.key "
            . "-out $file.csr -subj /CN=$name");
    openssl("ca -batch -notext -config ca.cnf -extensions "
            . ($ca ? 'issuer' : 'server') . " $issuer -startdate $times[0] "
            . "-enddate $times[1] -in $file.csr -out $file.pem");
}


# "x-alone" is without its issuer

sub authority {
    spew('ca.cnf', <<END);
[ca]
default_ca = it
[it]
database = $dir/index
new_certs_dir = $dir
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[issuer]
basicConstraints = critical,CA:TRUE
[server]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
END
    spew('index', '');

    issue('root', 'root', undef, -9, 99, 1);
    issue('other', 'root', undef, -9, 99, 1);
    issue('mid', 'mid', 'root', -9, 99, 1);

    issue('CERT-live', $NAME, 'mid', -9, 99);
    issue('CERT-box', 'messageverificationcerts.sandbox.paypal.com', 'mid',
          -9, 99);
    issue('CERT-old', $NAME, 'mid', -9, -1);
    issue('CERT-new', $NAME, 'mid', 1, 99);
    issue('CERT-evil', "$NAME.evil.com", 'mid', -9, 99);

    spew('CERT-alone.pem', slurp('CERT-live.pem'));

    for my $name (qw(live box old new evil)) {
        spew("CERT-$name.pem", slurp("CERT-$name.pem") . slurp('mid.pem'));
    }
}


our $EVENT = '{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED",'
    . '"resource":{"id":"42","amount":{"currency_code":"USD",'
    . '"value":"7.47"},"custom_id":"tok"}}';


# The second event is the first with another digit

sub events {
    (my $other = $EVENT) =~ s/7\.47/7.48/;

    return [$EVENT, $other];
}


sub url {
    my ($name, $host) = @_;

    return ($host // 'https://api.paypal.com')
           . "/v1/notifications/certs/$name";
}


# Headers of $EVENT; what is named is not as PayPal sends it

sub headers {
    my (%other) = @_;

    my %h = (url => url('CERT-live'), key => 'CERT-live', id => 'T-1',
             time => '2023-03-03T23:52:04Z', webhook => 'WEBHOOK1',
             algo => 'SHA256withRSA', %other);

    spew('message', "$h{id}|$h{time}|$h{webhook}|" . crc32($EVENT));
    openssl("dgst -sha256 -sign $h{key}.key -out signature message");

    my $sign = encode_base64(slurp('signature'), '');

    return "PayPal-Transmission-Id: $h{id}\n"
           . "PayPal-Transmission-Time: $h{time}\n"
           . "PayPal-Transmission-Sig: $sign\n"
           . "PayPal-Auth-Algo: $h{algo}\n"
           . "PayPal-Cert-Url: $h{url}\n";
}


# Another name of the live one

sub copied {
    my ($name) = @_;

    mkdir "$dir/some.d";
    spew($name, slurp('CERT-live.pem'));

    return "$dir/$name";
}


sub http_config {
    my ($lines) = @_;

    return 'payments_variant paypal { webhook_id WEBHOOK1; '
           . "trusted_certificate $dir/root.pem; $lines }\n";
}


sub cert {
    return join ' ', map { "cert_file $dir/CERT-$_.pem;" } @_;
}


run_tests();

__DATA__

=== TEST 1: an event, of any age, and one with another digit
--- http_config eval: ::http_config(::cert('live', 'box') . 'mode live;')
--- event eval: ::events()
--- sign
header=none uri=/payments/process/paypal/
header=none uri=/payments/process/paypal
--- more_headers eval: ::headers()
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "paypal", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
type = "com.paypal.PAYMENT.CAPTURE.COMPLETED"
id = "WH-1"
subject = "42"
data.status = "confirmed"
data.amount = 747
data.amount_decimal = "7.47"
data.currency = "USD"
data.token = "tok"
data.livemode = true
data.signed = "body"
data.provider = "paypal"



=== TEST 2: of another webhook
--- http_config eval: ::http_config(::cert('live'))
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval: ::headers(webhook => 'WEBHOOK2')
--- result
refused/no_match
--- error_log
not made for "webhook_id" WEBHOOK1, or of another body



=== TEST 3: with another certificate's key
--- http_config eval: ::http_config(::cert('live', 'box'))
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval: ::headers(key => 'CERT-box')
--- result
refused/no_match



=== TEST 4: the sandbox
--- http_config eval: ::http_config(::cert('box') . 'mode test;')
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval
::headers(key => 'CERT-box', url => ::url('CERT-box', $::SANDBOX))
--- result
accepted
--- envelope
data.livemode = false



=== TEST 5: the sandbox is not live
--- http_config eval: ::http_config(::cert('box') . 'mode live;')
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval
::headers(key => 'CERT-box', url => ::url('CERT-box', $::SANDBOX))
--- result
refused/malformed_signature
--- error_log
it is the sandbox's, and the variant's "mode" is live



=== TEST 6: and not by saying so
--- http_config eval: ::http_config(::cert('box') . 'mode live;')
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval
::headers(key => 'CERT-box', url => ::url('CERT-box'))
--- result
refused/malformed_signature
--- error_log
the sandbox's certificate is for no live event



=== TEST 7: what is live is no test
--- http_config eval: ::http_config(::cert('live') . 'mode test;')
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval: ::headers()
--- result
refused/malformed_signature
--- error_log
it is live, and the variant's "mode" is test



=== TEST 8: a certificate that is not there, and how to get it
--- http_config eval: ::http_config(::cert('live'))
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval: ::headers(url => ::url('CERT-36_0c'))
--- answers
503 {"error": "Try again", "variant": "paypal", "error_code": 503}
--- response_headers_like
Retry-After: \d+
--- result
failed/no_certificate
--- error_log eval
my $file = "$Test::Nginx::Util::ServRoot/conf/CERT-36_0c.pem";
["[error]",
 "curl -fo '$file' '" . ::url('CERT-36_0c') . "'; add to the variant: "
 . "cert_file '$file'; and run: nginx -s reload"]



=== TEST 9: none at all
--- http_config eval: ::http_config('')
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval: ::headers()
--- result
failed/no_certificate
--- error_log
[warn]
"payments_variant" "paypal" has no "cert_file" yet



=== TEST 10: a certificate that has expired
--- http_config eval: ::http_config(::cert('old'))
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval
::headers(key => 'CERT-old', url => ::url('CERT-old'))
--- result
failed/no_certificate
--- error_log eval
["[warn]", "CERT-old.pem\", or what it was issued with, has expired",
 "[error]", "its certificate has expired; get the present one by: curl -fo '",
 "CERT-old.pem' '" . ::url('CERT-old') . "'; and run: nginx -s reload"]



=== TEST 11: one that is not valid yet
--- http_config eval: ::http_config(::cert('new'))
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval
::headers(key => 'CERT-new', url => ::url('CERT-new'))
--- result
failed/no_certificate
--- error_log
CERT-new.pem", or what it was issued with, is not valid yet
its certificate is not valid yet; the clock of this machine may be behind



=== TEST 12: a URL of somebody else's, before anything is looked for
--- http_config eval: ::http_config(::cert('live'))
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval
::headers(url => ::url('CERT-live', 'https://api.paypal.com.evil.com'))
--- answers
400 {"error": "Invalid signature", "variant": "paypal", "error_code": 400}
--- result
refused/malformed_signature
--- error_log
the URL of its certificate is none of the gateway's
--- no_error_log
curl



=== TEST 13: an algorithm that is not PayPal's
--- http_config eval: ::http_config(::cert('live'))
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval: ::headers(algo => 'SHA1withRSA')
--- result
refused/malformed_signature



=== TEST 14: no signature
--- http_config eval: ::http_config(::cert('live'))
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- result
refused/missing_signature



=== TEST 15: a tolerance
--- http_config eval: ::http_config(::cert('live') . 'tolerance 1h;')
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval: ::headers()
--- result
refused/too_old



=== TEST 16: a time within it
--- http_config eval: ::http_config(::cert('live') . 'tolerance 1h;')
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval
::headers(time => POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - 600)))
--- result
accepted



=== TEST 17: raw, the headers go with the body that they are of
--- http_config eval: ::http_config(::cert('live'))
--- config
location /payments/process/ {
    payments_process;
    payments_pass @app;
    payments_format raw;
}
location @app {
    return 200 "$http_paypal_transmission_id $http_paypal_cert_url
$http_paypal_transmission_time $http_paypal_auth_algo";
}
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval: ::headers()
--- response_body eval
"T-1 " . ::url('CERT-live') . "
2023-03-03T23:52:04Z SHA256withRSA"
--- spool_lines
0



=== TEST 18: not a line for each who asks for a certificate
--- http_config eval: ::http_config(::cert('live'))
--- event eval: $::EVENT
--- sign eval
"header=none uri=/payments/process/paypal/ keep=1\n" x 200
--- more_headers eval: ::headers(url => ::url('CERT-x'))
--- result eval
"failed/no_certificate\n" x 200
--- afterwards
my $n = () = $log =~ /failed: no_certificate/g;
cmp_ok($n, '>=', 50, 'those of a moment have a line');
cmp_ok($n, '<', 200, 'and not all of them');
like($log, qr/more refused requests were not logged/, 'but are counted');



=== TEST 19: without a webhook's id
--- http_config
payments_variant paypal { cert_file $TEST_NGINX_PAYPAL/CERT-live.pem; }
--- must_die
--- error_log
[emerg]
"payments_variant" "paypal" of provider "paypal" has no "webhook_id"



=== TEST 20: with a secret
--- http_config
payments_variant paypal { webhook_id A; secret s; }
--- must_die
--- error_log
[emerg]
of provider "paypal" has a secret, and signs with certificates



=== TEST 21: certificates for a gateway that has none
--- http_config
payments_variant github { secret s; cert_file $TEST_NGINX_PAYPAL/root.pem; }
--- must_die
--- error_log
[emerg]
"payments_variant" "github" of provider "github" has "cert_file", "trusted_certificate" or "webhook_id"



=== TEST 22: a webhook's id that is none
--- http_config
payments_variant paypal { webhook_id "A|B"; }
--- must_die
--- error_log
[emerg]
"webhook_id" directive needs the id



=== TEST 23: of another root
--- http_config
payments_variant paypal {
    webhook_id A;
    cert_file $TEST_NGINX_PAYPAL/CERT-live.pem;
    trusted_certificate $TEST_NGINX_PAYPAL/other.pem;
}
--- must_die
--- error_log
[emerg]
append the certificate of its issuer to the file



=== TEST 24: the system's roots, when nothing is said
--- http_config
payments_variant paypal {
    webhook_id A;
    cert_file $TEST_NGINX_PAYPAL/CERT-live.pem;
}
--- must_die
--- error_log
[emerg]
/etc/ssl/certs/ca-certificates.crt



=== TEST 25: without its issuer
--- http_config eval: ::http_config(::cert('alone'))
--- must_die
--- error_log
[emerg]
CERT-alone.pem" was issued by nobody that



=== TEST 26: of another name
--- http_config eval: ::http_config(::cert('evil'))
--- must_die
--- error_log
[emerg]
CERT-evil.pem" is another one's: it has not the gateway's name



=== TEST 27: a file that is not there
--- http_config eval: ::http_config(::cert('none'))
--- must_die
--- error_log
[emerg]
CERT-none.pem" cannot be opened



=== TEST 28: no file of roots
--- http_config
payments_variant paypal {
    webhook_id A;
    cert_file $TEST_NGINX_PAYPAL/CERT-live.pem;
    trusted_certificate $TEST_NGINX_PAYPAL/none.pem;
}
--- must_die
--- error_log
[emerg]
none.pem" has no certificates that could be trusted



=== TEST 29: the same name twice
--- http_config eval: ::http_config(::cert('live', 'live'))
--- must_die
--- error_log
[emerg]
"cert_file" directive names a file like another one



=== TEST 30: more than there is room for
--- http_config eval: ::http_config(::cert(1 .. 17))
--- must_die
--- error_log
[emerg]
"cert_file" directive is there more than 16 times



=== TEST 31: without verification nothing is needed
--- http_config
payments_variant paypal { verify off; }
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- result
accepted
--- envelope
data.signed = "none"
data.livemode = null



=== TEST 32: at the URL of a single payment nobody would check it
--- http_config eval: ::http_config(::cert('live'))
--- location
payments_fallback @app;
--- config
location @app { return 200; }
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
    payments_fallback @app;
}
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/a-payment/
--- more_headers eval: ::headers()
--- result
refused/side_door



=== TEST 33: two ids of a webhook
--- http_config
payments_variant paypal { webhook_id A; webhook_id B; }
--- must_die
--- error_log
[emerg]
"webhook_id" directive is duplicate



=== TEST 34: two files of roots
--- http_config
payments_variant paypal { trusted_certificate a; trusted_certificate b; }
--- must_die
--- error_log
[emerg]
"trusted_certificate" directive is duplicate



=== TEST 35: a file by another ending, of a directory with a dot
--- http_config eval
::http_config('cert_file ' . ::copied('some.d/CERT-other.crt') . ';')
--- event eval: $::EVENT
--- sign
header=none uri=/payments/process/paypal/
--- more_headers eval: ::headers(url => ::url('CERT-other'))
--- result
accepted
