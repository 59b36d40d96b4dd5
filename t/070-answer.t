#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# What a gateway, and whoever else knows the URL, gets to hear: the class of an
# error as JSON, and never the reason, which would help to forge.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: each answer, byte for byte
--- variant
secret whsec_test;
events charge.*;
--- event eval
[(::event_with()) x 6, 'x', ::event_with(type => '"x"')]
--- sign
age=0
uri=/payments/process/x/
header=none
header=nonsense
secret=whsec_wrong
method=PUT
age=0
age=0
--- answers
200 {"status": "OK"}
400 {"error": "Invalid payment provider", "variant": "x"}
400 {"error": "Missing signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
405 {"error": "Method not allowed", "variant": "stripe", "error_code": 405}
400 {"error": "Invalid payload", "variant": "stripe", "error_code": 400}
200 {"status": "OK", "result": "ignored"}
--- response_headers
Content-Type: application/json
--- raw_response_headers_unlike: Transfer-Encoding|Location|Set-Cookie
--- result
accepted
refused/unknown_variant
refused/missing_signature
refused/malformed_signature
refused/no_match
refused/method
refused/bad_json
ignored/event_type



=== TEST 2: the length of an answer is said
--- response_headers
Content-Length: 16
Content-Type: application/json
--- answers
200 {"status": "OK"}



=== TEST 3: the ways in which a signature is wrong look the same
--- variant
secret whsec_test;
tolerance 5m future=5m;
--- sign
header=nonsense
secret=whsec_wrong
tamper=body
tamper=t
age=1000
age=-1000
header=t={t}
header={header}|{header}
--- error_code: 400
--- response_body eval
'{"error": "Invalid signature", "variant": "stripe", "error_code": 400}'
--- response_headers
Content-Length: 70
Content-Type: application/json
--- result
refused/malformed_signature
refused/no_match
refused/no_match
refused/no_match
refused/too_old
refused/too_new
refused/malformed_signature
refused/malformed_signature



=== TEST 4: the ways in which an event is wrong look the same
--- event eval
['x', '{}', '{"id":"evt_1"}', '{"id":"evt_1","id":"evt_2"}', "\xff",
 '[' x 100, '']
--- sign eval
"age=0\n" x 7
--- error_code: 400
--- response_body eval
'{"error": "Invalid payload", "variant": "stripe", "error_code": 400}'
--- spool_lines: 0



=== TEST 5: error_page does not replace an answer
--- config
error_page 400 403 405 413 415 500 502 503 /error;

location = /error {
    return 200 "replaced\n";
}
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
}
--- sign
header=none
age=1000
secret=whsec_wrong
method=PUT
uri=/payments/process/x/
--- answers
400 {"error": "Missing signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
405 {"error": "Method not allowed", "variant": "stripe", "error_code": 405}
400 {"error": "Invalid payment provider", "variant": "x"}
--- response_headers
Content-Type: application/json
--- result
refused/missing_signature
refused/too_old
refused/no_match
refused/method
refused/unknown_variant



=== TEST 6: error_page does not replace 415
--- location
error_page 415 =200 /error;
--- config eval
"location = /error { return 200 'replaced'; }"
--- more_headers
Content-Encoding: gzip
--- answers
415 {"error": "Unsupported content encoding", "variant": "stripe", "error_code": 415}
--- result
refused/encoding



=== TEST 7: error_page does not replace 503
--- spool: spool min_free=1000000g
--- location
error_page 503 /error;
--- config eval
"location = /error { return 200 'replaced'; }"
--- answers
503 {"error": "Try again", "variant": "stripe", "error_code": 503}
--- response_headers_like
Retry-After: \d+
--- result
failed/spool_full
--- allow: crit



=== TEST 8: error_page does not replace 413
--- location
client_max_body_size 100;
error_page 413 /error;
--- config eval
"location = /error { return 200 'replaced'; }"
--- sign
age=0
chunked=50
--- answers
413 {"error": "Payload too large", "variant": "stripe", "error_code": 413}
413 {"error": "Payload too large", "variant": "stripe", "error_code": 413}
--- response_headers
Content-Type: application/json
--- result
refused/too_large
refused/too_large



=== TEST 9: no file and no index is looked for
--- config
root html;
index index.html;

location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
    gzip_static on;
    types { text/html html; }
}
--- sign
uri=/payments/process/stripe/
uri=/payments/process/index.html
--- answers
200 {"status": "OK"}
400 {"error": "Invalid payment provider", "variant": "index.html"}
--- response_headers
Content-Type: application/json
--- result
accepted
refused/unknown_variant



=== TEST 10: charset, gzip and other filters have nothing to spoil
--- location
charset utf-8;
gzip on;
gzip_types application/json;
gzip_min_length 1;
sub_filter OK KO;
ssi on;
--- more_headers
Accept-Encoding: identity
--- answers
200 {"status": "OK"}
--- result
accepted



=== TEST 11: a condition does not turn what was accepted into an error
--- more_headers
If-Match: "x"
--- answers
200 {"status": "OK"}
--- result
accepted



=== TEST 12: nor does another one
--- more_headers
If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT
If-None-Match: *
If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT
Range: bytes=0-3
--- answers
200 {"status": "OK"}
--- result
accepted



=== TEST 13: HTTP/1.0, too
--- raw_request eval
my $time = time;
my $event = ::event_with();
my $v1 = Digest::SHA::hmac_sha256_hex("$time.$event", 'whsec_test');
"POST /payments/process/stripe/ HTTP/1.0\r\nContent-Length: "
. length($event) . "\r\nStripe-Signature: t=$time,v1=$v1\r\n\r\n$event"
--- answers
200 {"status": "OK"}
--- result
accepted



=== TEST 14: who must not come does not reach the module
--- location
deny all;
--- error_code: 403
--- response_body_like: 403 Forbidden
--- spool_lines: 0
