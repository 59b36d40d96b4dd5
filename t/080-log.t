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
