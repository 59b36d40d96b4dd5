#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# The error log has the precise reason, for whoever sets up an endpoint; but it
# is read by more people than may see a payment, and a scanner must not fill a
# disk by way of it.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: a refused event is a warning, with the variant and the reason
--- sign
secret=whsec_wrong
--- error_code: 400
--- error_log eval
qr/\[warn\] .*payments: .*"stripe".* refused.*no_match/



=== TEST 2: with the age of its signature
--- sign
age=1000
--- error_code: 400
--- error_log eval
qr/\[warn\] .*payments: .*"stripe".* refused.*too_old.* 10[01]\d s old/



=== TEST 3: with the client and the request, as everything that nginx logs
--- sign
header=none
--- error_code: 400
--- error_log eval
qr/\[warn\] .*missing_signature.*client: 127\.0\.0\.1,.*request: "POST \/payments/



=== TEST 4: payments_log_level info
--- location
payments_log_level info;
--- sign
secret=whsec_wrong
--- error_code: 400
--- error_log eval
qr/\[info\] .*payments: .*"stripe".* refused.*no_match/
--- no_error_log
[warn]
[error]



=== TEST 5: payments_log_level notice
--- location
payments_log_level notice;
--- sign
secret=whsec_wrong
--- error_code: 400
--- error_log eval
qr/\[notice\] .*payments: .*"stripe".* refused.*no_match/
--- no_error_log
[warn]
[error]



=== TEST 6: payments_log_level error
--- location
payments_log_level error;
--- sign
secret=whsec_wrong
--- error_code: 400
--- error_log eval
qr/\[error\] .*payments: .*"stripe".* refused.*no_match/
--- no_error_log
[warn]



=== TEST 7: payments_log_level is inherited, and set anew
--- http_config
payments_log_level error;
--- config
payments_log_level notice;

location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
}
location /quiet/ {
    payments_log_level info;
    payments_process;
    payments_spool spool min_free=0;
}
--- sign
age=1000
uri=/quiet/stripe/ secret=whsec_wrong
--- answers
400
400
--- afterwards
like($log, qr/\[notice\] .*payments: .*refused.*too_old/, 'of the server');
like($log, qr/\[info\] .*payments: .*refused.*no_match/, 'of the location');
unlike($log, qr/\[error\]/, 'not that of http');



=== TEST 8: nothing below the level of the error log
--- log_level: warn
--- location
payments_log_level notice;
--- sign
secret=whsec_wrong
header=none
--- answers
400
400
--- afterwards
unlike($log, qr/payments/, 'no line');



=== TEST 9: what nginx refuses for us is logged like the rest
--- location
client_max_body_size 100;
payments_log_level notice;
--- sign
age=0
--- error_code: 413
--- error_log eval
qr/\[notice\] .*payments: .*"stripe".* refused.*too_large/



=== TEST 10: each reason
--- log_level: info
--- event eval
[(::event_with()) x 6, 'x', '{}', '']
--- sign
method=GET
header=none
header=nonsense
secret=whsec_wrong
age=1000
uri=/payments/process/other/
age=0
age=0
age=0
--- error_code eval
[405, (400) x 8]
--- afterwards
is(join(' ', $log =~ /\[warn\] .*payments: .* refused: (\w+)/g),
   'method missing_signature malformed_signature no_match too_old'
   . ' unknown_variant bad_json no_event_id no_body', 'the lines');



=== TEST 11: accepted and ignored events are no matter for warnings
--- variant
secret whsec_test;
events charge.*;
--- event eval
[::event_with(), ::event_with(type => '"x"')]
--- sign
age=0
age=0
--- result
accepted
ignored/event_type
--- afterwards
unlike($log, qr/\[(?:notice|warn|error)\].*payments/, 'no line');



=== TEST 12: neither body, nor secret, nor signature, at the level of info
--- log_level: info
--- event eval
['{"id":"evt_private","type":"private.type","email":"private@example.com"}',
 '{"id":"evt_private","type":"private.type",private', 'private']
--- sign
age=0
age=0
secret=whsec_wrong
age=1000
header=t={t},v1={v1},private
tamper=body
--- error_code eval
[200, (400) x 5]
--- spool_lines: 1
--- afterwards
unlike($log, qr/private/, 'no part of a body or a header');
unlike($log, qr/[0-9a-f]{32}/, 'no signature');
is(scalar(my @lines = $log =~ /refused/g), 5, 'but the lines');



=== TEST 13: a header of bytes that are no text
--- log_level: info
--- sign eval
"header=\x01\x1b[2J\"\\\xff"
--- error_code: 400
--- afterwards
unlike($log, qr/\x1b|\x01/, 'are not in the log');



=== TEST 14: made with the secret of another variant
--- variant
secret whsec_test;
secret whsec_next;
--- http_config
payments_variant stripe { secret whsec_test; secret whsec_next; }
payments_variant stripe-eu {
    provider stripe;
    secret whsec_eu_new;
    secret whsec_eu;
}
payments_variant stripe-us { provider stripe; secret whsec_us; }
--- sign
secret=whsec_eu
secret=whsec_eu tamper=body
secret=whsec_us uri=/payments/process/stripe-eu/
secret=whsec_nobody
--- answers
400
400
400
400
--- afterwards
my @line = grep { /refused/ } split /\n/, $log;
like($line[0], qr/"stripe" refused: no_match, made with none of 2 secrets, the signature is \d s old; it was made with the secret of "stripe-eu": is the endpoint's URL another one's\?, client/,
     'is named');
like($line[1], qr/"stripe" refused: no_match, .* s old, client/,
     'not when the body is another');
like($line[2], qr/"stripe-eu" refused: .* secret of "stripe-us"/,
     'from wherever');
like($line[3], qr/"stripe" refused: no_match, .* s old, client/,
     'not when it is nobody\'s');



=== TEST 15: a secret that was copied with something around it
--- http_config
payments_variant stripe { secret '"whsec_test"'; }
payments_variant single { provider stripe; secret "'whsec_test'"; }
payments_variant space { provider stripe; secret "whsec_test "; }
payments_variant shell { provider stripe; secret SECRET=whsec_test; }
payments_variant twice { provider stripe; secret whsec_whsec_test; }
payments_variant mark { provider stripe; secret "whsec_test;"; }
payments_variant bare { provider stripe; secret test; }
payments_variant quoted { provider stripe; secret '"test"'; }
payments_variant right { provider stripe; secret whsec_fine+/=-; }
--- sign
secret=whsec_test
secret=whsec_test uri=/payments/process/single/
secret=whsec_test uri=/payments/process/space/
secret=whsec_test uri=/payments/process/shell/
secret=whsec_test uri=/payments/process/twice/
secret=whsec_test uri=/payments/process/mark/
secret=whsec_test uri=/payments/process/bare/
secret=whsec_test uri=/payments/process/quoted/
secret=whsec_test uri=/payments/process/right/
secret=whsec_fine uri=/payments/process/right/
secret=whsec_other
--- error_code eval
[(400) x 11]
--- spool_lines: 0
--- afterwards
is(join('|', $log =~ /refused: no_match, .* s old(.*?), client/g),
   '; the secret of "stripe" was written with quotes around it'
   . '|; the secret of "single" was written with quotes around it'
   . '|; the secret of "space" was written with something around it'
   . '|; the secret of "shell" was written with something around it'
   . '|; the secret of "twice" was written with something around it'
   . '|; the secret of "mark" was written with something around it'
   . '|; the secret of "bare" was written without its "whsec_"'
   . '|; the secret of "quoted" was written without its "whsec_"'
   . '|||', 'what it was');



=== TEST 16: a secret of the length that is allowed, without its prefix
--- http_config eval
my $long = 'a' x 512;
"payments_variant stripe { secret $long; }"
--- sign eval
'secret=whsec_' . 'a' x 512
--- answers
400
--- error_log
was written without its "whsec_"



=== TEST 17: secrets of others are tried, but not any number of them
--- http_config eval
::lines_with('payments_variant stripe { secret whsec_test; }', map {
    my $v = $_;
    "payments_variant v$v { provider stripe;",
        (map { "secret whsec_$v-$_;" } 1 .. 8), '}'
} 1 .. 5)
--- sign eval
::lines_with(map { my $v = $_; map { "secret=whsec_$v-$_" } 1 .. 8 } 1 .. 5)
--- error_code eval
[(400) x 40]
--- afterwards
is(scalar(my @named = $log =~ /it was made with the secret of "v\d"/g), 32,
   'as many');



=== TEST 18: nor is a large body hashed time and again
--- http_config
payments_variant stripe { secret whsec_test; }
payments_variant other { provider stripe; secret whsec_1; secret whsec_2; }
client_max_body_size 2m;
--- event eval
[(::text_of(600000)) x 2, ::text_of(1100000)]
--- sign
secret=whsec_1
secret=whsec_2
secret=whsec_1
--- error_code eval
[(400) x 3]
--- afterwards
is(join('|', $log =~ /refused: no_match, .* s old(.*?), client/g),
   '; it was made with the secret of "other": is the endpoint\'s URL another'
   . ' one\'s?||', 'one of 600 KB, none of 1.1 MB');



=== TEST 19: clocks
--- variant
secret whsec_test;
tolerance 5m future=1m;
--- sign
age=1000
age=-1000
--- answers
400
400
--- afterwards
like($log, qr/refused: too_old, the signature is 10\d\d s old; the clock of this machine may be ahead, or it is an old request that is sent again, client/,
     'ahead');
like($log, qr/refused: too_new, the signature is -\d+ s old; the clock of this machine may be behind, client/,
     'behind');



=== TEST 20: neither body nor token nor secret, at the level of debug
--- needs: debug
--- log_level: debug
--- http_config
payments_variant stripe { secret '"whsec_test"'; }
payments_variant other { provider stripe; secret whsec_other; }
--- event eval
my $event = '{"id":"evt_private1","type":"private2","account":"private3",'
            . '"data":{"object":{"id":"private4","object":"checkout.session",'
            . '"client_reference_id":"private5","email":"private6"}}}';
[($event) x 3, "$event,"]
--- sign
secret="whsec_test"
secret=whsec_other
secret=whsec_nobody
secret=whsec_other uri=/payments/process/other/
--- error_code eval
[(400) x 4]
--- afterwards
unlike($log, qr/private\d|whsec_(?:test|other)/, 'not a word of them');
like($log, qr/quotes around it/, 'but the lines');
