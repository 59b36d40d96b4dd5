#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# A gateway sends more than one wants, and test events to live endpoints: what
# is filtered out is answered with 200, since sending it again would not help,
# and never gets into the spool.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: all events by default
--- event eval
[map { ::event_with(type => qq("$_")) } 'charge.refunded', 'x', 'a.b.c']
--- sign eval
"age=0\n" x 3
--- result
accepted
accepted
accepted



=== TEST 2: a type, to the letter
--- variant
secret whsec_test;
events charge.refunded;
--- event eval
[map { ::event_with(type => qq("$_")) } 'charge.refunded', 'charge.refunded2',
 'charge.refunde', 'Charge.refunded', 'charge.refunded.x', 'x']
--- sign eval
"age=0\n" x 6
--- error_code: 200
--- response_body eval
['{"status": "OK"}', ('{"status": "OK", "result": "ignored"}') x 5]
--- response_headers
Content-Type: application/json
--- result
accepted
ignored/event_type
ignored/event_type
ignored/event_type
ignored/event_type
ignored/event_type



=== TEST 3: a prefix
--- variant
secret whsec_test;
events checkout.session.*;
--- event eval
[map { ::event_with(type => qq("$_")) } 'checkout.session.completed',
 'checkout.session.expired', 'checkout.session.', 'checkout.session',
 'checkout.sessions.completed', 'xcheckout.session.completed', 'c']
--- sign eval
"age=0\n" x 7
--- result
accepted
accepted
accepted
ignored/event_type
ignored/event_type
ignored/event_type
ignored/event_type



=== TEST 4: everything
--- variant
secret whsec_test;
events *;
--- event eval
[map { ::event_with(type => qq("$_")) } 'charge.refunded', 'x']
--- sign eval
"age=0\n" x 2
--- result
accepted
accepted



=== TEST 5: several
--- variant
secret whsec_test;
events charge.refunded checkout.* review.opened;
--- event eval
[map { ::event_with(type => qq("$_")) } 'review.opened', 'charge.refunded',
 'checkout.session.completed', 'review.closed', 'charge.failed']
--- sign eval
"age=0\n" x 5
--- result
accepted
accepted
accepted
ignored/event_type
ignored/event_type



=== TEST 6: mode any, the default
--- event eval
[map { ::event_with(livemode => $_) } 'true', 'false', undef, 'null']
--- sign eval
"age=0\n" x 4
--- result
accepted
accepted
accepted
accepted



=== TEST 7: mode any, said
--- variant
secret whsec_test;
mode any;
--- event eval
[map { ::event_with(livemode => $_) } 'true', 'false', undef]
--- sign eval
"age=0\n" x 3
--- result
accepted
accepted
accepted



=== TEST 8: mode live
--- variant
secret whsec_test;
mode live;
--- event eval
[map { ::event_with(livemode => $_) } 'true', 'false', undef, 'null']
--- sign eval
"age=0\n" x 4
--- error_code: 200
--- response_body eval
['{"status": "OK"}', ('{"status": "OK", "result": "ignored"}') x 3]
--- result
accepted
ignored/mode
ignored/mode
ignored/mode



=== TEST 9: mode test
--- variant
secret whsec_test;
mode test;
--- event eval
[map { ::event_with(livemode => $_) } 'true', 'false', undef, 'null']
--- sign eval
"age=0\n" x 4
--- error_code: 200
--- response_body eval
['{"status": "OK", "result": "ignored"}', '{"status": "OK"}',
 ('{"status": "OK", "result": "ignored"}') x 2]
--- result
ignored/mode
accepted
ignored/mode
ignored/mode



=== TEST 10: a livemode somewhere else is none
--- variant
secret whsec_test;
mode live;
--- event eval
['{"id":"evt_1","type":"a","data":{"object":{"livemode":true}}}']
--- result
ignored/mode



=== TEST 11: both have to agree
--- variant
secret whsec_test;
events charge.*;
mode live;
--- event eval
[::event_with(livemode => 'true'), ::event_with(livemode => 'false'),
 ::event_with(livemode => 'true', type => '"x"')]
--- sign eval
"age=0\n" x 3
--- result
accepted
ignored/mode
ignored/event_type



=== TEST 12: what is not signed is refused, also where it would be ignored
--- variant
secret whsec_test;
events x;
--- sign
secret=whsec_wrong
--- answers
400
--- result
refused/no_match



=== TEST 13: one variant's filter is not another's
--- http_config
payments_variant one {
    provider stripe;
    secret whsec_test;
    events charge.*;
}
payments_variant two {
    provider stripe;
    secret whsec_test;
    events x;
}
--- sign
uri=/payments/process/one/
uri=/payments/process/two/
--- result
accepted
ignored/event_type
--- envelope
data.variant = "one"
