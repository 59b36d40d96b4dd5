#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# nginx keeps a body in one buffer, in several, in a file, or in both, as it
# happened to come in.  The signature is over all bytes of it, and so is the
# payload of the envelope, which is compared with what was sent in each test.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: one buffer
--- answers
200 {"status": "OK"}
--- result
accepted
--- envelope
id = "evt_1"



=== TEST 2: headers and body in packets
--- sign
packets=100
--- raw_request_middle_delay: 0.02
--- result
accepted



=== TEST 3: packets of one byte
--- sign
packets=1
--- raw_request_middle_delay: 0.0005
--- result
accepted



=== TEST 4: two buffers: one behind the headers, one that comes later
--- event eval
::text_of(6000)
--- sign
packets=1000
--- raw_request_middle_delay: 0.02
--- location
client_body_buffer_size 16k;
--- result
accepted



=== TEST 5: a single buffer, as far as nginx makes one
--- event eval
::text_of(6000)
--- sign
packets=700
--- raw_request_middle_delay: 0.01
--- location
client_body_in_single_buffer on;
client_body_buffer_size 16k;
--- result
accepted



=== TEST 6: chunks
--- event eval
::text_of(3000)
--- sign
chunked=100000
chunked=1000
chunked=7
--- result
accepted
accepted
accepted



=== TEST 7: chunks of one byte, with extensions
--- sign
chunked=1 ext=;name=value
chunked=50 ext=";a=\;b"
--- result
accepted
accepted



=== TEST 8: chunks in packets
--- sign
chunked=20 packets=33
--- raw_request_middle_delay: 0.002
--- result
accepted



=== TEST 9: chunks that are none
--- sign
header={header} length=none
--- more_headers
Transfer-Encoding: chunked
--- error_code: 400
--- spool_lines: 0



=== TEST 10: a file
--- location
client_body_in_file_only clean;
--- sign
age=0
chunked=50
--- result
accepted
accepted



=== TEST 11: a file, because it is larger than the buffer
--- location
client_body_buffer_size 1k;
--- event eval
::text_of(20000)
--- sign
age=0
chunked=1000
--- result
accepted
accepted
--- error_log
a client request body is buffered to a temporary file



=== TEST 12: a file, and packets
--- location
client_body_buffer_size 1k;
--- event eval
::text_of(20000)
--- sign
packets=1500
--- raw_request_middle_delay: 0.005
--- result
accepted
--- error_log
a client request body is buffered to a temporary file



=== TEST 13: 300 KB, in memory and in a file
--- config
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
    client_body_buffer_size 512k;
}
location /file/ {
    payments_process;
    payments_spool spool min_free=0;
    client_body_buffer_size 16k;
}
--- event eval
::text_of(300000)
--- sign
uri=/payments/process/stripe/
uri=/payments/process/stripe/ chunked=10000
uri=/file/stripe/
uri=/file/stripe/ chunked=10000
--- result
accepted
accepted
accepted
accepted



=== TEST 14: all bytes of a body, UTF-8 and blanks around
--- event eval
["  \r\n\t" . ::event_with(x => "\"\xc3\xa9\xf0\x9f\x98\x80\\u0000\\n\"")
 . "\r\n \n"]
--- result
accepted
--- spool_lines: 1
--- afterwards
my ($file) = glob "$spool/new/*";
my $line = whole_file($file);

like($line, qr/"payload": {4}\t\{"x":"\xc3\xa9\xf0\x9f\x98\x80\\u0000\\n",/,
     'what is before, and the bytes of a string');
like($line, qr/\}\}\} {4}\}\}\n\z/, 'what is behind');



=== TEST 15: who waits for 100 Continue gets it, and then the answer
--- more_headers
Expect: 100-continue
--- error_code: 100
--- response_body_like chomp
^HTTP/1\.1 200 OK\r\n.*\r\n\r\n\{"status": "OK"\}$
--- result
accepted



=== TEST 16: no body
--- event eval
['']
--- sign
length=0
length=none
--- answers
400 {"error": "Invalid payload", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid payload", "variant": "stripe", "error_code": 400}
--- result
refused/no_body
refused/no_body



=== TEST 17: no body, in chunks
--- event eval
['']
--- raw_request eval
my $time = time;
my $v1 = Digest::SHA::hmac_sha256_hex("$time.", 'whsec_test');
"POST /payments/process/stripe/ HTTP/1.1\r\nHost: localhost\r\n"
. "Connection: close\r\nTransfer-Encoding: chunked\r\n"
. "Stripe-Signature: t=$time,v1=$v1\r\n\r\n0\r\n\r\n"
--- answers
400 {"error": "Invalid payload", "variant": "stripe", "error_code": 400}
--- result
refused/no_body



=== TEST 18: several events on one connection
--- event eval
[map { ::event_with(id => "\"evt_$_\"", x => '"' . $_ x (500 * $_) . '"') }
     1 .. 4]
--- sign
keep=1
keep=1 chunked=99
keep=1
keep=1
--- answers
200 {"status": "OK"}
200 {"status": "OK"}
200 {"status": "OK"}
200 {"status": "OK"}
--- result
accepted
accepted
accepted
accepted
--- envelope
1/id = "evt_1"
2/id = "evt_2"
3/id = "evt_3"
4/id = "evt_4"



=== TEST 19: several events on one connection, in packets, one in a file
--- event eval
[map { ::event_with(id => "\"evt_$_\"", x => '"' . $_ x (2500 * $_) . '"') }
     1 .. 3]
--- location
client_body_buffer_size 4k;
--- sign
keep=1 packets=600
keep=1 packets=1000 chunked=700
keep=1 packets=2000
--- raw_request_middle_delay: 0.003
--- answers
200 {"status": "OK"}
200 {"status": "OK"}
200 {"status": "OK"}
--- result
accepted
accepted
accepted
--- envelope
1/id = "evt_1"
2/id = "evt_2"
3/id = "evt_3"



=== TEST 20: a body that is shorter than it was said to be
--- sign
length=1000
--- shutdown: 1
--- ignore_response
--- afterwards
is(join(' ', files_of("$spool/new"), files_of("$spool/active")), '',
   'nothing is spooled');



=== TEST 21: others see the body as it came, in one piece or in several
--- http_config
log_format body escape=none '$request_body';
--- location
access_log logs/body.log body;
--- event eval
::text_of(6000)
--- sign
packets=100000
packets=1000
chunked=1000
--- raw_request_middle_delay: 0.02
--- spool_lines: 3
--- afterwards
my @bodies = split /\n/, whole_file("$root/logs/body.log");
is(scalar @bodies, 3, 'three bodies');
is($bodies[$_], text_of(6000), 'the body of request ' . ($_ + 1)) for 0 .. 2;
