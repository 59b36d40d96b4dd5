#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# Whatever can be refused is refused before the body is read: a flood of rubbish
# costs headers and no more, and a connection stays usable after it.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: only POST
--- event eval
['']
--- sign
method=GET
method=PUT
method=DELETE
method=OPTIONS
method=PATCH
method=PROPFIND
method=post
--- error_code eval
[(405) x 6, 400]
--- response_body eval
[('{"error": "Method not allowed", "variant": "stripe", "error_code": 405}')
 x 6, qr/400 Bad Request/]
--- response_headers eval
[("Allow: POST\nContent-Type: application/json") x 6, '']
--- result
refused/method
refused/method
refused/method
refused/method
refused/method
refused/method
-



=== TEST 2: HEAD has the headers and no body
--- event eval
['']
--- sign
method=HEAD
--- error_code: 405
--- response_headers
Allow: POST
Content-Type: application/json
--- response_body eval
''
--- result
refused/method



=== TEST 3: another method with a body that is signed well
--- sign
method=PUT
method=GET
--- answers
405
405
--- result
refused/method
refused/method



=== TEST 4: an encoded body is not decoded
--- more_headers
Content-Encoding: gzip
--- answers
415 {"error": "Unsupported content encoding", "variant": "stripe", "error_code": 415}
--- response_headers
Content-Type: application/json
--- result
refused/encoding



=== TEST 5: nor by any other encoding
--- more_headers
content-encoding: br
--- answers
415
--- result
refused/encoding



=== TEST 6: nor by two
--- more_headers
Content-Encoding: identity
Content-Encoding: deflate
--- answers
415
--- result
refused/encoding



=== TEST 7: identity is none
--- more_headers
Content-Encoding: identity
--- result
accepted



=== TEST 8: identity in capitals
--- more_headers
CONTENT-ENCODING: IDENTITY
--- result
accepted



=== TEST 9: an empty Content-Encoding is none
--- more_headers
Content-Encoding:
--- result
accepted



=== TEST 10: no signature header
--- sign
header=none
header=
--- answers
400 {"error": "Missing signature", "variant": "stripe", "error_code": 400}
400 {"error": "Missing signature", "variant": "stripe", "error_code": 400}
--- result
refused/missing_signature
refused/missing_signature



=== TEST 11: a signature elsewhere is none
--- sign
header=none uri=/payments/process/stripe/?Stripe-Signature=t=1,v1=0
--- more_headers
X-Stripe-Signature: t=1,v1=0
Stripe-Signature2: t=1,v1=0
Stripe_Signature: t=1,v1=0
--- answers
400 {"error": "Missing signature", "variant": "stripe", "error_code": 400}
--- result
refused/missing_signature



=== TEST 12: the name of the header in any case
--- sign
header=none
--- more_headers eval
my $time = time;
my $v1 = Digest::SHA::hmac_sha256_hex("$time." . ::event_with(), 'whsec_test');
"STRIPE-signature: t=$time,v1=$v1"
--- result
accepted



=== TEST 13: a header that is no list of names and values
--- sign
header=nonsense
header={v1}
header={t},{v1}
header="t {t} v1 {v1}"
--- answers
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
--- result
refused/malformed_signature
refused/malformed_signature
refused/malformed_signature
refused/malformed_signature



=== TEST 14: a header without a time, with two, or with one that is none
--- sign
header=v1={v1}
header=t=,v1={v1}
header=t={t},t={t},v1={v1}
header=t=-{t},v1={v1}
header=t=+{t},v1={v1}
header=t={t}.0,v1={v1}
header=t=0x{t},v1={v1}
header="t={t} 0,v1={v1}"
header=t=9999999999999999,v1={v1}
header=t=99999999999999999999999999999999,v1={v1}
--- answers eval
"400 " . '{"error": "Invalid signature", "variant": "stripe", '
. qq("error_code": 400}\n) x 1 . "400\n" x 9
--- result eval
"refused/malformed_signature\n" x 10



=== TEST 15: a header without a signature
--- sign
header=t={t}
--- answers
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
--- result
refused/malformed_signature



=== TEST 16: two headers: which would be meant?
--- sign
header={header}|{header}
header={header}|nonsense
header=nonsense|{header}
--- answers
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400
400
--- result
refused/malformed_signature
refused/malformed_signature
refused/malformed_signature



=== TEST 17: a header of endless length, and one of endless signatures
--- sign eval
'header={header},x=' . 'y' x 4096 . "\n"
. 'header={header}' . ',v1={bad}' x 100
--- answers
400
400
--- result
refused/malformed_signature
refused/malformed_signature



=== TEST 18: an old signature, 5 minutes are the default
--- sign
age=290
age=310
age=86400
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400
--- result
accepted
refused/too_old
refused/too_old



=== TEST 19: tolerance 1h
--- variant
secret whsec_test;
tolerance 1h;
--- sign
age=3580
age=3620
--- answers
200
400
--- result
accepted
refused/too_old



=== TEST 20: tolerance off
--- variant
secret whsec_test;
tolerance off;
--- sign
age=100000000
age=1700000000
--- result
accepted
accepted



=== TEST 21: a time in the future is accepted, once with a warning
--- sign
age=-3600
age=-3600
--- result
accepted
accepted
--- afterwards
my @lines = $log =~ /(\[warn\].*clock.*)/g;

is(scalar @lines, 1, 'one warning');
like($lines[0], qr/"stripe".* behind/, 'it says what may be wrong');



=== TEST 22: a wrong signature says nothing about the clock
--- sign
age=-3600 secret=whsec_wrong
--- answers
400
--- result
refused/no_match
--- no_error_log
clock



=== TEST 23: a bounded future
--- variant
secret whsec_test;
tolerance 5m future=30s;
--- sign
age=-10
age=-60
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
--- result
accepted
refused/too_new



=== TEST 24: a bounded future, without a bound on the past
--- variant
secret whsec_test;
tolerance off future=30s;
--- sign
age=1000
age=-60
--- answers
200
400
--- result
accepted
refused/too_new



=== TEST 25: who would wait for 100 Continue is refused at once
--- location
lingering_timeout 100ms;
--- event eval
['']
--- sign
header=none length=1000
header=nonsense length=1000
age=1000 length=1000
method=PUT length=1000
uri=/payments/process/other/ length=1000
--- more_headers
Expect: 100-continue
--- answers
400
400
400
405
400
--- result
refused/missing_signature
refused/malformed_signature
refused/too_old
refused/method
refused/unknown_variant



=== TEST 26: an encoded body, too
--- location
lingering_timeout 100ms;
--- event eval
['']
--- sign
length=1000
--- more_headers
Expect: 100-continue
Content-Encoding: gzip
--- answers
415
--- result
refused/encoding



=== TEST 27: a Content-Length above client_max_body_size
--- location
client_max_body_size 1k;
--- event eval
::event_with(x => '"' . 'y' x 1024 . '"')
--- answers
413 {"error": "Payload too large", "variant": "stripe", "error_code": 413}
--- response_headers
Content-Type: application/json
--- result
refused/too_large



=== TEST 28: chunks above client_max_body_size
--- location
client_max_body_size 1k;
--- event eval
::event_with(x => '"' . 'y' x 1024 . '"')
--- sign
chunked=100
chunked=4096
--- answers
413 {"error": "Payload too large", "variant": "stripe", "error_code": 413}
413 {"error": "Payload too large", "variant": "stripe", "error_code": 413}
--- response_headers
Content-Type: application/json
--- result
refused/too_large
refused/too_large



=== TEST 29: a body of just client_max_body_size
--- location
client_max_body_size 1k;
--- event eval
my $event = ::event_with(x => '""');
::event_with(x => '"' . 'y' x (1024 - length $event) . '"')
--- sign
length=1024
chunked=300
--- result
accepted
accepted



=== TEST 30: too large, and the body is not waited for
--- location
client_max_body_size 1k;
lingering_timeout 100ms;
--- event eval
['']
--- sign
length=1025
length=9000000000
--- more_headers
Expect: 100-continue
--- answers
413 {"error": "Payload too large", "variant": "stripe", "error_code": 413}
413
--- result
refused/too_large
refused/too_large



=== TEST 31: a body above 16m is too large, whatever client_max_body_size is
--- location
client_max_body_size 0;
lingering_timeout 100ms;
--- event eval
['']
--- sign
length=16777217
length=9000000000
--- more_headers
Expect: 100-continue
--- answers
413 {"error": "Payload too large", "variant": "stripe", "error_code": 413}
413
--- result
refused/too_large
refused/too_large



=== TEST 32: an unknown variant that sends too much
--- location
client_max_body_size 1k;
--- event eval
'x' x 2000
--- sign
uri=/payments/process/x%22y/
--- error_code: 413
--- response_body_filters eval
sub { JSON::PP->new->utf8->decode($_[0])->{error} }
--- response_body eval
'Payload too large'
--- spool_lines: 0



=== TEST 33: the 413 of another location is nginx's
--- config
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
}
location /upload {
    client_max_body_size 1k;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/end;
}
location /own {
    return 413 "own\n";
}
--- event eval
'x' x 2000
--- sign
uri=/upload
uri=/upload chunked=100
uri=/own
--- error_code: 413
--- response_body eval
[qr/<title>413 Request Entity Too Large/,
 qr/<title>413 Request Entity Too Large/, "own\n"]
--- response_headers eval
["Content-Type: text/html", "Content-Type: text/html",
 "Content-Type: text/plain"]



=== TEST 34: on a kept connection, the body of a refused request is no request
--- event eval
["GET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n", ::event_with()]
--- sign
header=none keep=1
keep=1
--- answers
400 {"error": "Missing signature", "variant": "stripe", "error_code": 400}
200 {"status": "OK"}
--- result
refused/missing_signature
accepted



=== TEST 35: nor when it comes in chunks, or late, or is refused otherwise
--- event eval
[("GET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n" x 10) x 5, ::event_with()]
--- sign
header=none keep=1 chunked=50 packets=100
header=nonsense keep=1 packets=200
age=1000 keep=1 packets=150
method=PUT keep=1 chunked=1000 packets=151
uri=/payments/process/other/ keep=1 packets=152
keep=1
--- raw_request_middle_delay: 0.005
--- answers
400
400
400
405
400
200 {"status": "OK"}
--- result
refused/missing_signature
refused/malformed_signature
refused/too_old
refused/method
refused/unknown_variant
accepted



=== TEST 36: nor when it was read, and refused only then
--- event eval
["GET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n", "{}", ::event_with()]
--- sign
secret=whsec_wrong keep=1
keep=1
keep=1
--- answers
400
400
200
--- result
refused/no_match
refused/no_event_id
accepted
