#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# Over HTTP/2 bodies come in frames, without a length that could be trusted,
# and a request is no connection: the same rules, by another way.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: a small body
--- over: h2
--- answers
200 {"status": "OK"}
--- result
accepted



=== TEST 2: 20 KB, in memory
--- over: h2
--- location
client_body_buffer_size 64k;
--- event eval
::text_of(20000)
--- answers
200 {"status": "OK"}
--- result
accepted



=== TEST 3: in a file, small and large
--- over: h2
--- location
client_body_in_file_only clean;
--- event eval
[::event_with(), ::text_of(300000)]
--- sign
age=0
age=0
--- answers
200 {"status": "OK"}
200 {"status": "OK"}
--- result
accepted
accepted
--- error_log
a client request body is buffered to a temporary file



=== TEST 4: larger than the buffer
--- over: h2
--- location
client_body_buffer_size 1k;
--- event eval
::text_of(300000)
--- answers
200 {"status": "OK"}
--- result
accepted
--- error_log
a client request body is buffered to a temporary file



=== TEST 5: refused before the body is read
--- over: h2
--- event eval
::text_of(200000)
--- sign
header=none
header=
header=nonsense
header={header}|{header}
age=1000
method=PUT
uri=/payments/process/other/
--- answers
400 {"error": "Missing signature", "variant": "stripe", "error_code": 400}
400 {"error": "Missing signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
405 {"error": "Method not allowed", "variant": "stripe", "error_code": 405}
400 {"error": "Invalid payment provider", "variant": "other"}
--- result
refused/missing_signature
refused/missing_signature
refused/malformed_signature
refused/malformed_signature
refused/too_old
refused/method
refused/unknown_variant



=== TEST 6: refused when it is read
--- over: h2
--- event eval
[::event_with(), ::text_of(100000), '{}', 'x']
--- sign
secret=whsec_wrong
tamper=body
age=0
age=0
--- answers
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid payload", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid payload", "variant": "stripe", "error_code": 400}
--- result
refused/no_match
refused/no_match
refused/no_event_id
refused/bad_json



=== TEST 7: no body
--- over: h2
--- event eval
['']
--- answers
400 {"error": "Invalid payload", "variant": "stripe", "error_code": 400}
--- result
refused/no_body



=== TEST 8: too large
--- over: h2
--- location
client_max_body_size 1k;
--- event eval
::text_of(2000)
--- answers
413 {"error": "Payload too large", "variant": "stripe", "error_code": 413}
--- result
refused/too_large



=== TEST 9: too large, which shows only when it is read
--- over: h2
--- location
client_max_body_size 1k;
--- event eval
::text_of(2000)
--- sign
length=none
--- answers
413 {"error": "Payload too large", "variant": "stripe", "error_code": 413}
--- result
refused/too_large



=== TEST 10: ignored
--- over: h2
--- variant
secret whsec_test;
events x;
--- answers
200 {"status": "OK", "result": "ignored"}
--- result
ignored/event_type



=== TEST 11: no room
--- over: h2
--- spool: spool min_free=1000000g
--- answers
503 {"error": "Try again", "variant": "stripe", "error_code": 503}
--- result
failed/spool_full
--- allow: crit



=== TEST 12: with bodies that nobody reads, between others, on one connection
--- over: h2
--- event eval
[::event_with(id => '"evt_1"'), ::text_of(20000), ::text_of(1000),
 ::event_with(id => '"evt_2"'), 'x' x 20000, ::event_with(id => '"evt_3"')]
--- sign
keep=1
keep=1 header=none
keep=1 method=PUT
keep=1
keep=1 uri=/payments/process/other/
keep=1
--- answers
200 {"status": "OK"}
400 {"error": "Missing signature", "variant": "stripe", "error_code": 400}
405 {"error": "Method not allowed", "variant": "stripe", "error_code": 405}
200 {"status": "OK"}
400 {"error": "Invalid payment provider", "variant": "other"}
200 {"status": "OK"}
--- spool_lines: 3
