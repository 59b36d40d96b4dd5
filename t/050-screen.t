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



=== TEST 14: accounts, to the letter
--- variant
secret whsec_test;
accounts acct_1 acct_2;
--- event eval
[map { ::event_with(account => $_) } '"acct_1"', '"acct_2"', '"acct_3"',
 '"acct_"', '"acct_11"', '"Acct_1"', '"none"', '""', 'null', undef]
--- sign eval
"age=0\n" x 10
--- error_code: 200
--- response_body eval
[('{"status": "OK"}') x 2, ('{"status": "OK", "result": "ignored"}') x 8]
--- result eval
"accepted\n" x 2 . "ignored/account\n" x 8



=== TEST 15: the platform's own account, which has no id
--- variant
secret whsec_test;
accounts acct_1 none;
--- event eval
[map { ::event_with(account => $_) } undef, 'null', '"acct_1"', '"acct_2"',
 '"none"']
--- sign eval
"age=0\n" x 5
--- result
accepted
accepted
accepted
ignored/account
ignored/account



=== TEST 16: the account of a thin event is its context
--- variant
secret whsec_test;
accounts acct_1;
--- event eval
[map { qq({"id":"evt_1","object":"v2.core.event","type":"a","context":$_}) }
 '"acct_1"', '"acct_2"', 'null']
--- sign eval
"age=0\n" x 3
--- result
accepted
ignored/account
ignored/account



=== TEST 17: 64 accounts, the last one of them
--- http_config eval
"payments_variant stripe { secret whsec_test; accounts "
. CORE::join(' ', map { "acct_$_" } 1 .. 64) . "; }"
--- event eval
[map { ::event_with(account => qq("acct_$_")) } 64, 65]
--- sign eval
"age=0\n" x 2
--- result
accepted
ignored/account



=== TEST 18: require, the Payment Link of another product
--- variant
secret whsec_test;
require data.object.payment_link null;
require data.object.mode payment;
--- event eval
[map { qq({"id":"evt_1","type":"checkout.session.completed",)
       . qq("data":{"object":{"id":"cs_1"$_}}}) }
 ',"mode":"payment"', ',"mode":"payment","payment_link":null',
 ',"mode":"payment","payment_link":"plink_1"',
 ',"mode":"payment","payment_link":{"id":"plink_1"}',
 ',"mode":"payment","payment_link":""',
 ',"mode":"payment","payment_l\u0069nk":"plink_1"',
 ',"payment_link":"plink_1","mode":"payment"',
 ',"mode":"subscription"', ',"mode":null', '']
--- sign eval
"age=0\n" x 10
--- error_code: 200
--- response_body eval
[('{"status": "OK"}') x 2, ('{"status": "OK", "result": "ignored"}') x 8]
--- result eval
"accepted\n" x 2 . "ignored/required\n" x 8



=== TEST 19: a path of a rule may occur once
--- variant
secret whsec_test;
require data.object.payment_link null;
--- event eval
['{"id":"evt_1","type":"a","data":{"object":{"payment_link":null,'
 . '"payment_link":"plink_1"}}}',
 '{"id":"evt_1","type":"a","data":{"object":{"payment_link":"plink_1",'
 . '"payment\u005flink":null}}}']
--- sign eval
"age=0\n" x 2
--- result
refused/duplicate_key
refused/duplicate_key



=== TEST 20: where no rule follows it, nobody does
--- event eval
'{"id":"evt_1","type":"a","data":{"object":{"payment_link":null,'
. '"payment_link":"plink_1"}}}'
--- result
accepted



=== TEST 21: the words of two rules match no object
--- variant
secret whsec_test;
require data.object null;
require data.object x;
require data.object.amount 2000;
--- event eval
[map { qq({"id":"evt_1","type":"a","data":{"object":$_}}) }
 '{"amount":2000}', '"x"', 'null']
--- sign eval
"age=0\n" x 3
--- result
ignored/required
ignored/required
ignored/required



=== TEST 22: any of one path, all of the paths, and the envelope as ever
--- variant
secret whsec_test;
require data.object.amount 2000;
require livemode true;
require data.object.amount 3000;
require data.object.currency usd;
require type a;
require id evt_1;
--- event eval
[map { qq({"id":"evt_1","type":"a","livemode":$$_[0],"data":{"object":{)
       . qq("amount":$$_[1],"currency":"$$_[2]"}}}) }
 ['true', 2000, 'usd'], ['true', 3000, 'usd'], ['true', 4000, 'usd'],
 ['false', 2000, 'usd'], ['true', 2000, 'eur'], ['"true"', 2000, 'usd'],
 ['true', '"2000"', 'usd']]
--- sign eval
"age=0\n" x 7
--- result
accepted
accepted
ignored/required
ignored/required
ignored/required
accepted
accepted
--- envelope
id = "evt_1"
type = "com.stripe.a"
data.amount = 2000
data.amount_decimal = "20.00"
data.currency = "usd"
data.livemode = true
data.token = null



=== TEST 23: a path that is on the way of another
--- variant
secret whsec_test;
require data.object.customer null;
require data.object.customer x;
require data.object.customer.id null;
--- event eval
[map { qq({"id":"evt_1","type":"a","data":{"object":{"customer":$_}}}) }
 'null', '"x"', '{}', '[]', '{"id":null}', '"y"']
--- sign eval
"age=0\n" x 6
--- result
accepted
accepted
ignored/required
ignored/required
ignored/required
ignored/required



=== TEST 24: each of the filters, in their order
--- variant
secret whsec_test;
events charge.*;
mode live;
accounts acct_1;
require data.object.paid true;
--- event eval
[map { qq({"id":"evt_1","type":"$$_[0]","livemode":$$_[1],"account":"$$_[2]",)
       . qq("data":{"object":{"paid":$$_[3]}}}) }
 ['charge.x', 'true', 'acct_1', 'true'], ['x', 'false', 'acct_2', 'false'],
 ['charge.x', 'false', 'acct_2', 'false'],
 ['charge.x', 'true', 'acct_2', 'false'],
 ['charge.x', 'true', 'acct_1', 'false']]
--- sign eval
"age=0\n" x 5
--- result
accepted
ignored/event_type
ignored/mode
ignored/account
ignored/required



=== TEST 25: what is not signed is refused, also where it would be ignored
--- variant
secret whsec_test;
require data.object.paid true;
accounts acct_1;
--- sign
secret=whsec_wrong
--- answers
400
--- result
refused/no_match



=== TEST 26: a token from somewhere else, and from there alone
--- variant
secret whsec_test;
token data.object.metadata.order_id;
--- event eval
[map { qq({"id":"evt_1","type":"a","data":{"object":{)
       . qq("client_reference_id":"theirs","metadata":$_}}}) }
 '{"order_id":"order-17"}', '{"order_id":"order\u002d18"}',
 '{"order_id":17}', '{"order_id":-9223372036854775808}',
 '{"order_id":null}', '{}', 'null', '{"order_id":1.5}', '{"order_id":true}',
 '{"order_id":{"order_id":"x"}}', '{"order_id":["x"]}',
 '{"order_id":99999999999999999999}',
 '{"order_id":"' . 'a' x 512 . '"}', '{"order_id":"' . 'a' x 513 . '"}']
--- sign eval
"age=0\n" x 14
--- result eval
"accepted\n" x 14
--- envelope eval
::lines_with map { "$$_[0]/data.token = $$_[1]" }
[1, '"order-17"'], [2, '"order-18"'], [3, '"17"'],
[4, '"-9223372036854775808"'], (map { [$_, 'null'] } 5 .. 12),
[13, '"' . 'a' x 512 . '"'], [14, 'null']



=== TEST 27: a token and a rule at one path, the provider's own
--- variant
secret whsec_test;
require data.object.id ch_1;
token data.object.id;
--- event eval
[map { qq({"id":"evt_1","type":"a","data":{"object":{"id":"$_",)
       . qq("client_reference_id":"theirs"}}}) } 'ch_1', 'ch_2']
--- sign eval
"age=0\n" x 2
--- result
accepted
ignored/required
--- envelope
subject = "ch_1"
data.token = "ch_1"



=== TEST 28: without a rule of one's own, the provider's
--- event
{"id":"evt_1","type":"a","data":{"object":{"client_reference_id":"mine"}}}
--- result
accepted
--- envelope
data.token = "mine"



=== TEST 29: a path with blanks, and a value with them; an empty value
--- variant
secret whsec_test;
require "data.object.metadata.Order # 'é' $x;" "two words";
require data.empty "";
--- event eval
[map { qq({"id":"evt_1","type":"a","data":{"empty":"$$_[1]",)
       . qq("object":{"metadata":{"Order # '\\u00e9' \$x;":"$$_[0]"}}}}) }
 ['two words', ''], ['two', ''], ['two words', ' ']]
--- sign eval
"age=0\n" x 3
--- result
accepted
ignored/required
ignored/required
