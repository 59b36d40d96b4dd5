#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# Signed is not the same as well-formed.  What is no event is refused, since a
# consumer could do nothing with it; what two readers might read differently
# is refused too.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: what is no JSON
--- event eval
['not JSON', '{', '{"id":"evt_1","type":"a"', '{"id":"evt_1","type":"a",}',
 "{'id':'evt_1','type':'a'}", '{id:"evt_1","type":"a"}',
 '{"id":"evt_1","type":"a","n":01}', '{"id":"evt_1","type":"a","n":NaN}',
 '{"id":"evt_1","type":"a","n":1.}', '{"id":"evt_1","type":"a" "n":1}',
 '{"id":"evt_1","type":"a","s":"\\x"}', '{"id":"evt_1","type":"a","s":"\\u12"}',
 "{\"id\":\"evt_1\",\"type\":\"a\",\"s\":\"\n\"}",
 "{\"id\":\"evt_1\",\"type\":\"a\"}\0", "{\"id\":\"evt_1\",\"type\":\"a\0\"}",
 '{"id":"evt_1","type":"a"} // no', '/* no */ {"id":"evt_1","type":"a"}',
 'id=evt_1&type=a', '   ']
--- sign eval
"age=0\n" x 19
--- error_code: 400
--- response_body eval
'{"error": "Invalid payload", "variant": "stripe", "error_code": 400}'
--- result eval
"refused/bad_json\n" x 19



=== TEST 2: JSON with something behind it
--- event eval
['{"id":"evt_1","type":"a"}x', '{"id":"evt_1","type":"a"}{}',
 '{"id":"evt_1","type":"a"}{"id":"evt_2","type":"a"}',
 '{"id":"evt_1","type":"a"}}', '{"id":"evt_1","type":"a"},',
 "{\"id\":\"evt_1\",\"type\":\"a\"}\n{\"id\":\"evt_2\",\"type\":\"a\"}"]
--- sign eval
"age=0\n" x 6
--- error_code: 400
--- result eval
"refused/bad_json\n" x 6



=== TEST 3: JSON that is no object
--- event eval
['[]', '[{"id":"evt_1","type":"a"}]', '"evt_1"', '1', 'null', 'true']
--- sign eval
"age=0\n" x 6
--- error_code: 400
--- response_body eval
'{"error": "Invalid payload", "variant": "stripe", "error_code": 400}'
--- spool_lines: 0



=== TEST 4: bytes that are no UTF-8
--- event eval
["{\"id\":\"evt_1\",\"type\":\"a\",\"s\":\"\xff\"}",
 "{\"id\":\"evt_1\",\"type\":\"a\",\"s\":\"\xc3\"}",
 "{\"id\":\"evt_1\",\"type\":\"a\",\"s\":\"\xc0\xaf\"}",
 "{\"id\":\"evt_1\",\"type\":\"a\",\"s\":\"\xed\xa0\x80\"}",
 "{\"id\":\"evt_1\",\"type\":\"a\",\"s\":\"\xf4\x90\x80\x80\"}"]
--- sign eval
"age=0\n" x 5
--- error_code: 400
--- response_body eval
'{"error": "Invalid payload", "variant": "stripe", "error_code": 400}'
--- result eval
"refused/bad_utf8\n" x 5



=== TEST 5: 64 objects and arrays in another are enough
--- event eval
[::event_with(x => '[' x 63 . ']' x 63), ::event_with(x => '[' x 64 . ']' x 64),
 ::event_with(x => '{"a":' x 64 . '1' . '}' x 64),
 ::event_with(x => '[' x 100000 . ']' x 100000), '[' x 100000]
--- sign eval
"age=0\n" x 5
--- error_code eval
[200, 400, 400, 400, 400]
--- result
accepted
refused/too_deep
refused/too_deep
refused/too_deep
refused/too_deep



=== TEST 6: a name that is there twice, where it would matter
--- event eval
['{"id":"evt_1","id":"evt_2","type":"a"}',
 '{"id":"evt_1","type":"a","type":"b"}',
 '{"id":"evt_1","type":"a","i\u0064":"evt_2"}',
 '{"id":"evt_1","type":"a","data":{"object":{"id":"x","id":"y"}}}',
 '{"id":"evt_1","type":"a","data":{"object":{}},"data":{"object":{}}}']
--- sign eval
"age=0\n" x 5
--- error_code: 400
--- response_body eval
'{"error": "Invalid payload", "variant": "stripe", "error_code": 400}'
--- result eval
"refused/duplicate_key\n" x 5



=== TEST 7: an amount is an integer
--- event eval
my $with = sub {
    '{"id":"evt_1","type":"checkout.session.completed","data":{"object":'
    . '{"id":"cs_1","amount_total":' . $_[0] . '}}}'
};
[map { $with->($_) } '1.5', '2000.0', '1e3', '99999999999999999999', '2000']
--- sign eval
"age=0\n" x 5
--- error_code eval
[400, 400, 400, 400, 200]
--- result
refused/bad_number
refused/bad_number
refused/bad_number
refused/bad_number
accepted



=== TEST 8: other numbers may be what they like, and are not touched
--- event eval
::event_with(x => '[1.5,-0.0,1e3,1E-7,99999999999999999999,1e999]')
--- result
accepted



=== TEST 9: an event without an id
--- event eval
['{}', '{"type":"a"}', '{"id":"","type":"a"}', '{"id":null,"type":"a"}',
 '{"data":{"id":"evt_1"},"type":"a"}', '{"ID":"evt_1","type":"a"}']
--- sign eval
"age=0\n" x 6
--- error_code: 400
--- response_body eval
'{"error": "Invalid payload", "variant": "stripe", "error_code": 400}'
--- result eval
"refused/no_event_id\n" x 6



=== TEST 10: an id that is no string
--- event eval
['{"id":1,"type":"a"}', '{"id":true,"type":"a"}', '{"id":{},"type":"a"}',
 '{"id":["evt_1"],"type":"a"}']
--- sign eval
"age=0\n" x 4
--- error_code: 400
--- response_body eval
'{"error": "Invalid payload", "variant": "stripe", "error_code": 400}'
--- spool_lines: 0



=== TEST 11: an event without a type
--- event eval
['{"id":"evt_1"}', '{"id":"evt_1","type":""}', '{"id":"evt_1","type":null}']
--- sign eval
"age=0\n" x 3
--- error_code: 400
--- result eval
"refused/no_event_type\n" x 3



=== TEST 12: an id of 512 bytes, and a longer one
--- event eval
[map { ::event_with(id => '"' . 'x' x $_ . '"') } 512, 513, 100000]
--- sign eval
"age=0\n" x 3
--- error_code eval
[200, 400, 400]
--- result
accepted
refused/too_long
refused/too_long



=== TEST 13: what is not read may be long
--- event eval
::event_with(x => '"' . 'y' x 100000 . '"')
--- result
accepted
