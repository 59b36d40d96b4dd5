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



=== TEST 9: all that an event says
--- http_config
log_format all '<$payments_provider|$payments_event_type|$payments_object_id|'
               '$payments_token|$payments_payment_status|$payments_amount|'
               '$payments_currency|$payments_livemode|$payments_account|'
               '$payments_created|$payments_secret>';
--- location
access_log logs/access.log all;
--- event eval
['{"id":"evt_1","type":"checkout.session.completed","created":1764020246,'
 . '"livemode":true,"account":"acct_1","data":{"object":{"id":"cs_1",'
 . '"object":"checkout.session","amount_total":2000,"currency":"usd",'
 . '"client_reference_id":"order-7","payment_status":"paid",'
 . '"status":"complete"}}}',
 ::event_with(livemode => 'false', created => undef), 'x']
--- sign
age=0
age=0
age=0
secret=whsec_wrong
uri=/payments/process/other/
--- error_code eval
[200, 200, 400, 400, 400]
--- spool_lines: 2
--- afterwards
is(whole_file("$root/logs/access.log"), <<'END', 'the log');
<stripe|checkout.session.completed|cs_1|order-7|confirmed|2000|usd|1|acct_1|1764020246|1>
<stripe|charge.refunded|ch_1|-|confirmed|-|-|0|-|-|1>
<stripe|-|-|-|-|-|-|-|-|-|1>
<stripe|-|-|-|-|-|-|-|-|-|->
<-|-|-|-|-|-|-|-|-|-|->
END



=== TEST 10: numbers at the ends of their range
--- http_config
log_format numbers '$payments_amount $payments_created';
--- location
access_log logs/access.log numbers;
--- event eval
['{"id":"evt_1","type":"x","created":-9223372036854775808,"data":{"object":{'
 . '"id":"ch_1","object":"charge","amount":9223372036854775807}}}']
--- answers
200
--- spool_lines: 1
--- afterwards
is(whole_file("$root/logs/access.log"),
   "9223372036854775807 -9223372036854775808\n", 'the log');



=== TEST 11: the secret that has matched, and how old the signature is
--- variant
secret whsec_new;
secret whsec_test;
--- http_config
log_format signed '$payments_secret $payments_signature_age';
--- location
access_log logs/access.log signed;
--- sign
secret=whsec_new age=100
secret=whsec_test age=-1000
secret=whsec_other age=200
age=1000
header=none
header=nonsense
age=0
--- error_code eval
[200, 200, 400, 400, 400, 400, 200]
--- spool_lines: 3
--- afterwards
like(whole_file("$root/logs/access.log"),
     qr/\A1 10\d\n2 -(?:9\d\d|1000)\n- 20\d\n- 10\d\d\n- -\n- -\n2 \d\n\z/,
     'the log');



=== TEST 12: verify off: no secret, no age
--- variant
verify off;
--- location
add_header X-All "[$payments_secret$payments_signature_age]";
--- answers
200
--- response_headers
X-All: []
--- spool_lines: 1



=== TEST 13: the time that it took to be stable
--- http_config
log_format times '$payments_commit_time $request_time';
--- variant
secret whsec_test;
events charge.*;
--- location
access_log logs/access.log times;
--- event eval
[::event_with(), ::event_with(type => '"x"'), ::event_with()]
--- sign
age=0
age=0
age=1000
--- error_code eval
[200, 200, 400]
--- spool_lines: 1
--- afterwards
my @line = split /\n/, whole_file("$root/logs/access.log");
like($line[0], qr/^\d\.\d{6} \d/, 'seconds with microseconds');
my ($commit, $request) = split / /, $line[0];
cmp_ok($commit, '>', 0, 'some');
cmp_ok($commit, '<', $request + 0.01, 'not more than of the request');
like($line[1], qr/^- /, 'none of an event that is ignored');
like($line[2], qr/^- /, 'none of one that is refused');



=== TEST 14: in the location that events are passed to
--- config
location /payments/process/ {
    payments_process;
    payments_pass @app;
}
location @app {
    set $before "$payments_variant|$payments_provider|$payments_result|$payments_error|$payments_event_id|$payments_object_id|$payments_livemode|$payments_created|$payments_secret|$payments_commit_time";
    return 200 $before;
}
--- answers
200 stripe|stripe|||evt_1|ch_1|0|1764020246|1|
--- spool_lines: 0



=== TEST 15: "if" knows test from live
--- config
location /payments/process/ {
    payments_process;
    payments_pass @app;
}
location @app {
    if ($payments_livemode) {
        return 201;
    }
    return 202;
}
--- event eval
[::event_with(), ::event_with(livemode => 'true')]
--- sign
age=0
age=0
--- error_code eval
[202, 201]
--- spool_lines: 0



=== TEST 16: control characters in whatever the sender controls
--- http_config
log_format quoted '"$payments_object_id" "$payments_token" '
                  '"$payments_currency" "$payments_account"';
--- location
access_log logs/access.log quoted;
add_header X-Token "[$payments_token]";
add_header X-Account "[$payments_account]";
--- event eval
my $bad = '\u000d\u000aX-Evil: 1\u0000\u007f\u0022';
qq({"id":"evt_1","type":"x","account":"a$bad","data":{"object":{"id":"o$bad",)
. qq("object":"checkout.session","client_reference_id":"t$bad",)
. qq("currency":"c$bad","amount_total":1}}})
--- answers
200
--- response_headers
X-Token: [t??X-Evil: 1??"]
X-Account: [a??X-Evil: 1??"]
--- spool_lines: 1
--- afterwards
is(whole_file("$root/logs/access.log"),
   '"o??X-Evil: 1??\x22" "t??X-Evil: 1??\x22" "c??X-Evil: 1??\x22"'
   . ' "a??X-Evil: 1??\x22"' . "\n", 'the log');
