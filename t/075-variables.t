#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# The reasons that no caller learns are in variables: for the access log, for
# headers behind a proxy, and to decide what is logged.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: in the access log
--- variant
secret whsec_test;
events charge.* x;
mode test;
--- http_config
log_format all '<$payments_variant|$payments_result|$payments_error|'
               '$payments_event_id|$payments_event_type>';
--- location
access_log logs/access.log all;
--- event eval
[::event_with(), ::event_with(type => '"y"'), ::event_with(livemode => 'true'),
 ::event_with(), ::event_with(), ::event_with(), '{"type":"x"}', 'x']
--- sign
age=0
age=0
age=0
secret=whsec_wrong
header=none
uri=/payments/process/other/
age=0
age=0
--- error_code eval
[200, 200, 200, 400, 400, 400, 400, 400]
--- spool_lines: 1
--- afterwards
is(whole_file("$root/logs/access.log"), <<'END', 'the log');
<stripe|accepted|-|evt_1|charge.refunded>
<stripe|ignored|event_type|evt_1|y>
<stripe|ignored|mode|evt_1|charge.refunded>
<stripe|refused|no_match|-|->
<stripe|refused|missing_signature|-|->
<-|refused|unknown_variant|-|->
<stripe|refused|no_event_id|-|->
<stripe|refused|bad_json|-|->
END



=== TEST 2: in headers
--- variant
secret whsec_test;
events charge.*;
--- location
add_header X-All "$payments_variant/$payments_result/$payments_error/$payments_event_id/$payments_event_type" always;
--- event eval
[::event_with(), ::event_with(type => '"x"'), ::event_with()]
--- sign
age=0
age=0
age=1000
uri=/payments/process/other/
--- error_code eval
[200, 200, 400, 400]
--- response_headers eval
['X-All: stripe/accepted//evt_1/charge.refunded',
 'X-All: stripe/ignored/event_type/evt_1/x', 'X-All: stripe/refused/too_old//',
 'X-All: /refused/unknown_variant//']
--- spool_lines: 1



=== TEST 3: in headers of what nginx refuses for us
--- location
client_max_body_size 100;
add_header X-All "$payments_variant/$payments_result/$payments_error" always;
--- sign
age=0
chunked=50
--- error_code: 413
--- response_headers
X-All: stripe/refused/too_large
--- spool_lines: 0



=== TEST 4: in a map, to log only what was not accepted
--- http_config
map $payments_result $interesting {
    accepted  0;
    ignored   0;
    default   1;
}
log_format short '$payments_error';
--- location
access_log logs/access.log short if=$interesting;
--- sign
age=0
age=1000
age=0
secret=whsec_wrong
--- error_code eval
[200, 400, 200, 400]
--- spool_lines: 2
--- afterwards
is(whole_file("$root/logs/access.log"), "too_old\nno_match\n", 'the log');



=== TEST 5: before the event is known, and elsewhere, they are empty
--- config
location /payments/process/ {
    if ($payments_result) {
        return 500;
    }
    if ($payments_variant) {
        return 500;
    }
    set $before "[$payments_event_id]";
    add_header X-Before $before always;
    add_header X-After $payments_event_id always;
    payments_process;
    payments_spool spool min_free=0;
}
--- response_headers
X-Before: []
X-After: evt_1
--- result
accepted



=== TEST 6: in a location of another kind they are empty
--- config
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
}
location /other {
    return 200 "[$payments_variant$payments_result$payments_error$payments_event_id$payments_event_type]\n";
}
--- request
GET /other
--- response_body
[]



=== TEST 7: text from a signed event breaks out of neither log nor header
--- http_config
log_format quoted '"$payments_event_id" "$payments_event_type"';
--- location
access_log logs/access.log quoted;
add_header X-Id $payments_event_id;
--- event eval
['{"id":"evt\u0022 \"\\\\ \u000a\u000d\u0000\u001b[2J","type":"a\u00e9"}']
--- answers
200
--- response_headers
X-Id: evt" "\ ????[2J
--- spool_lines: 1
--- afterwards
is(whole_file("$root/logs/access.log"),
   '"evt\x22 \x22\x5C ????[2J" "a\xC3\xA9"' . "\n", 'the log');



=== TEST 8: nothing is known of an event that was not signed
--- location
add_header X-Id "[$payments_event_id$payments_event_type]" always;
--- sign
secret=whsec_wrong
header=none
--- answers
400
400
--- response_headers
X-Id: []
