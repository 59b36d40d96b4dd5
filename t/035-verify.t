#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# Who may say that a payment was made: whoever has the secret, and nobody else.
# Stripe's scheme: v1 is the HMAC-SHA256, in hexadecimal, of t, a dot and the
# raw body; the key is the whole text of the secret.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: a signature made by somebody else, for values known
--- variant
secret whsec_known;
tolerance off;
--- event chomp
{"id":"evt_known","type":"a"}
--- sign
header=t=1700000000,v1=054f9b80792ef7288594f994172b052df825c94145ba218d94fbde1a7f020d44
header=t=1700000001,v1=054f9b80792ef7288594f994172b052df825c94145ba218d94fbde1a7f020d44
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
--- result
accepted
refused/no_match



=== TEST 2: the right secret, and wrong ones
--- sign
secret=whsec_test
secret=whsec_Test
secret=whsec_tes
secret=whsec_test2
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400
400
--- result
accepted
refused/no_match
refused/no_match
refused/no_match



=== TEST 3: the key is the whole text of the secret, not a part, not decoded
--- variant
secret whsec_dGVzdHRlc3R0ZXN0dGVzdA==;
--- sign
secret=whsec_dGVzdHRlc3R0ZXN0dGVzdA==
secret=dGVzdHRlc3R0ZXN0dGVzdA==
secret=testtesttesttest
--- result
accepted
refused/no_match
refused/no_match



=== TEST 4: each of several secrets
--- variant
secret whsec_one;
secret whsec_two;
secret whsec_three;
--- sign
secret=whsec_one
secret=whsec_two
secret=whsec_three
secret=whsec_four
secret=whsec_onewhsec_two
--- result
accepted
accepted
accepted
refused/no_match
refused/no_match



=== TEST 5: each of eight, the same twice among them
--- variant
secret whsec_1;
secret whsec_2;
secret whsec_3;
secret whsec_1;
secret whsec_5;
secret whsec_6;
secret whsec_7;
secret whsec_8;
--- sign
secret=whsec_1
secret=whsec_8
secret=whsec_4
--- result
accepted
accepted
refused/no_match



=== TEST 6: several signatures, while Stripe's secret is rolled
--- sign
header=t={t},v1={bad},v1={v1}
header=t={t},v1={v1},v1={bad}
header=t={t},v1={bad},v1={v1:whsec_old},v1={v1},v1={bad}
header=t={t},v1={bad},v1={v1:whsec_old}
--- result
accepted
accepted
accepted
refused/no_match



=== TEST 7: the time may stand anywhere
--- sign
header=v1={v1},t={t}
header=v1={bad},t={t},v1={v1}
--- result
accepted
accepted



=== TEST 8: other schemes are ignored, wrong ones of v1 too
--- sign
header=t={t},v0={bad},v1={v1}
header=t={t},v1={v1},v0={bad},v2=xyz
header=t={t},v1=,v1=zz,v1={v1}
header=t={t},v1={v1}00,v1={v1}
header=t={t},v11={bad},v1={v1},V1={bad}
--- result
accepted
accepted
accepted
accepted
accepted



=== TEST 9: a right signature of another scheme is none
--- sign
header=t={t},v0={v1}
header=t={t},v2={v1}
header=t={t},V1={v1}
header=t={t},v11={v1}
--- error_code: 400
--- response_body eval
'{"error": "Invalid signature", "variant": "stripe", "error_code": 400}'
--- spool_lines: 0



=== TEST 10: a signature that is cut, longer, or not of hexadecimal digits
--- sign eval
my $event = ::event_with();
my $time = time;
my $v1 = Digest::SHA::hmac_sha256_hex("$time.$event", 'whsec_test');
::lines_with map { "header=t=$time,v1=$_" }
    substr($v1, 0, 63), substr($v1, 0, 62), substr($v1, 0, 2), $v1 . '0',
    $v1 . $v1, "0x$v1", 'g' . substr($v1, 1), substr($v1, 0, 63) . ':',
    substr($v1, 0, 63) . '%', scalar CORE::reverse($v1)
--- error_code: 400
--- response_body eval
'{"error": "Invalid signature", "variant": "stripe", "error_code": 400}'
--- spool_lines: 0



=== TEST 11: blanks around items
--- sign
header="t={t}, v1={v1}"
header="t={t}  ,   v1={v1}  "
header="  v1={bad} , t={t} ,v1={v1}"
--- result
accepted
accepted
accepted



=== TEST 12: digits in upper case
--- sign
header=t={t},v1={V1}
--- result
accepted



=== TEST 13: one bit of the body
--- sign
tamper=body
--- answers
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
--- result
refused/no_match



=== TEST 14: one bit of a long body, in a file and in chunks
--- location
client_body_buffer_size 1k;
--- event eval
::text_of(100000)
--- sign
tamper=body
tamper=body chunked=1000
--- result
refused/no_match
refused/no_match
--- answers
400
400



=== TEST 15: one second
--- sign
tamper=t
--- answers
400
--- result
refused/no_match



=== TEST 16: the time counts as it was written
--- variant
secret whsec_test;
tolerance off;
--- event chomp
{"id":"evt_1","type":"a"}
--- sign eval
my $v1 = Digest::SHA::hmac_sha256_hex('007.{"id":"evt_1","type":"a"}',
                                      'whsec_test');
"header=t=007,v1=$v1\nheader=t=7,v1=$v1"
--- answers
200
400
--- result
accepted
refused/no_match



=== TEST 17: a blank is a byte, and so is a line break
--- event eval
["{\"id\": \"evt_1\",\r\n\"type\":\"a\"}\r\n"]
--- sign eval
my $time = time;
my $sign = sub { Digest::SHA::hmac_sha256_hex("$time.$_[0]", 'whsec_test') };
::lines_with map { "header=t=$time,v1=" . $sign->($_) }
    "{\"id\": \"evt_1\",\r\n\"type\":\"a\"}\r\n",
    "{\"id\": \"evt_1\",\n\"type\":\"a\"}\n",
    "{\"id\": \"evt_1\",\r\n\"type\":\"a\"}",
    "{\"id\":\"evt_1\",\"type\":\"a\"}"
--- answers
200
400
400
400
--- result
accepted
refused/no_match
refused/no_match
refused/no_match



=== TEST 18: a file of secrets, with comments, blanks, and lines of Windows
--- variant
secret_file $TEST_NGINX_SECRETS;
--- secrets eval
"# the present one\r\nwhsec_new\r\n\r\n  \t\r\n"
. "# until Friday: whsec_comment\n\n\twhsec_old  \n  # whsec_other\nwhsec_last"
--- sign
secret=whsec_new
secret=whsec_old
secret=whsec_last
secret=whsec_comment
secret=whsec_other
secret="# whsec_other"
secret="#"
--- result
accepted
accepted
accepted
refused/no_match
refused/no_match
refused/no_match
refused/no_match
--- answers
200
200
200
400
400
400
400



=== TEST 19: secrets of a file and others
--- variant
secret whsec_one;
secret_file $TEST_NGINX_SECRETS;
secret whsec_four;
--- secrets
whsec_two
whsec_three
--- sign
secret=whsec_one
secret=whsec_two
secret=whsec_three
secret=whsec_four
secret=whsec_five
--- result
accepted
accepted
accepted
accepted
refused/no_match



=== TEST 20: verify off accepts what is not signed, and says so
--- variant
verify off;
--- suppress_stderr
--- sign
header=none
--- answers
200 {"status": "OK"}
--- result
accepted
--- envelope
data.signed = "none"



=== TEST 21: verify off does not look at the header
--- variant
secret whsec_test;
verify off;
--- suppress_stderr
--- sign
header=nonsense
header={header}|{header}
secret=whsec_wrong
age=100000
--- result
accepted
accepted
accepted
accepted
--- envelope
1/data.signed = "none"
4/data.signed = "none"



=== TEST 22: verify on, which is the default
--- variant
secret whsec_test;
verify on;
--- sign
age=0
header=none
--- answers
200
400
--- result
accepted
refused/missing_signature
--- envelope
data.signed = "body"



=== TEST 23: a signature is judged before anybody reads the event
--- event eval
['not JSON', '{"id":', '{"id":"evt_1","id":"evt_2"}']
--- sign
secret=whsec_wrong
secret=whsec_wrong
secret=whsec_wrong
--- answers
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
400 {"error": "Invalid signature", "variant": "stripe", "error_code": 400}
--- result
refused/no_match
refused/no_match
refused/no_match



=== TEST 24: no secret gets into the log, at the level of debug
--- needs: debug
--- variant
secret plain-key-of-48;
secret_file $TEST_NGINX_SECRETS;
--- secrets
another-key-of-48
--- sign
secret=plain-key-of-48
secret=another-key-of-48
secret=whsec_wrong
--- answers
200
200
400
--- result
accepted
accepted
refused/no_match
--- afterwards
like($log, qr/\[debug\]/, 'the level of the log');
unlike($log, qr/key-of-48/, 'no secret');
