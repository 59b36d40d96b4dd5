#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# What a consumer finds, and may rely on: where, under which names, with which
# rights, and only complete.  And that an event is refused, so that the gateway
# keeps it, when it cannot be kept here.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: the directories are there before the first event
--- request
GET /payments/process/stripe/
--- error_code: 405
--- spool_lines: 0
--- while_running
is(join(' ', files_of($spool)), 'active corrupt new', 'the directories');

for my $dir ($spool, map { "$spool/$_" } files_of($spool)) {
    is(sprintf('%04o', (stat $dir)[2] & 07777), '0750', "the mode of $dir");
}



=== TEST 2: a segment in new/, of mode 0640, and its name
--- result
accepted
--- while_running
sealed($spool, 1);
my @files = files_of("$spool/new");

is(scalar @files, 1, 'one file');

my ($time, $host, $pid, $number)
    = $files[0] =~ /^(\d{16,17})\.([\w.-]+)\.(\d+)\.(\d+)\.ndjson$/;

ok(defined $number, "the name of $files[0]");

cmp_ok(abs(time() - $time / 1e6), '<', 30, 'the time, in microseconds');

my $file = "$spool/new/$files[0]";
is(sprintf('%04o', (stat $file)[2] & 07777), '0640', 'the mode');
is((stat _)[4], $>, 'the owner');

like(whole_file("$root/logs/nginx.pid"), qr/^$pid$/, 'the process');



=== TEST 3: names sort by time
--- event eval
[map { ::event_with(id => qq("evt_$_")) } 1 .. 5]
--- sign eval
"age=0\n" x 5
--- error_code: 200
--- while_running
sealed($spool, 5);
for my $i (0 .. 4) {
    at_once($block, 1, $i);
    ok(sealed($spool, 6 + $i), 'sealed');
}
--- spool_lines: 10
--- envelope
6/id = "evt_1"
7/id = "evt_2"
8/id = "evt_3"
9/id = "evt_4"
10/id = "evt_5"
--- afterwards
cmp_ok(scalar(my @files = files_of("$spool/new")), '>', 5, 'several segments');



=== TEST 4: a segment waits for more events, and is then sealed by its age
--- spool: spool min_free=0 seal=60s
--- sign
keep=1
keep=1
keep=1
--- result
accepted
accepted
accepted
--- afterwards
is(scalar(my @files = files_of("$spool/new")), 1, 'one segment');



=== TEST 5: nothing that a caller sent is part of a path
--- event eval
[::event_with(id => '"../../evil"', type => '"/etc/evil"')]
--- result
accepted
--- afterwards
unlike(join(' ', map { files_of($_) } $root, $spool, map { "$spool/$_" }
                     files_of($spool)), qr/evil/, 'no name');



=== TEST 6: several locations share a spool
--- config
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
}
location /a/ {
    payments_process;
    payments_spool spool/ min_free=0;
}
location = /b {
    payments_process stripe;
    payments_spool $TEST_NGINX_SERVER_ROOT/spool min_free=0;
}
--- sign
uri=/payments/process/stripe/
uri=/a/stripe/
uri=/b
--- result
accepted
accepted
accepted
--- spool_lines: 3



=== TEST 7: two spools
--- config
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
}
location /other/ {
    payments_process;
    payments_spool spool2 min_free=0;
}
--- event eval
[map { ::event_with(id => qq("evt_$_")) } 1 .. 3]
--- sign
uri=/payments/process/stripe/
uri=/other/stripe/
uri=/other/stripe/
--- result
accepted
accepted
accepted
--- spool_lines
spool: 1
spool2: 2
--- envelope
1/id = "evt_1"
2/id = "evt_2"
3/id = "evt_3"



=== TEST 8: a spool is inherited from http
--- http_config
payments_spool spool min_free=0;
--- config
location /payments/process/ {
    payments_process;
}
--- result
accepted
--- spool_lines: 1



=== TEST 9: a spool is inherited from the server, before that of http
--- http_config
payments_spool spool2 min_free=0;
--- config
payments_spool spool min_free=0;

location /payments/ {
    location /payments/process/ {
        payments_process;
    }
    location /payments/other/ {
        payments_process;
        payments_spool spool3 min_free=0;
    }
}
--- sign
uri=/payments/process/stripe/
uri=/payments/other/stripe/
--- result
accepted
accepted
--- spool_lines
spool: 1
spool2: 0
spool3: 1



=== TEST 10: sync=off
--- spool: spool min_free=0 sync=off
--- suppress_stderr
--- sign
age=0
age=1
--- result
accepted
accepted



=== TEST 11: a pool of threads of one's own
--- main_config
thread_pool payments threads=2;
--- spool: spool min_free=0 pool=payments
--- location
client_body_buffer_size 1k;
--- event eval
::text_of(20000)
--- result
accepted



=== TEST 12: no more than min_free: 503, and the disk's error once
--- spool: spool min_free=1000000g
--- sign
age=0
age=0
age=0
--- answers
503 {"error": "Try again", "variant": "stripe", "error_code": 503}
503 {"error": "Try again", "variant": "stripe", "error_code": 503}
503 {"error": "Try again", "variant": "stripe", "error_code": 503}
--- response_headers_like
Content-Type: application/json
Retry-After: [1-9][0-9]*
--- result
failed/spool_full
failed/spool_full
failed/spool_full
--- allow: crit
--- afterwards
is(scalar(my @lines = $log =~ /\[crit\]/g), 1, 'one line of the log');
like($log, qr/\[crit\].*spool".*min_free=/, 'it says why');
is(join(' ', files_of("$spool/new"), files_of("$spool/active")), '',
   'nothing is left in the spool');



=== TEST 13: no more than min_free, and the body is not read
--- spool: spool min_free=1000000g
--- location
lingering_timeout 100ms;
--- event eval
[::event_with(), '']
--- sign
age=0
length=1000
--- more_headers
Expect: 100-continue
--- error_code_like eval
['^(100|503)$', '^503$']
--- result
failed/spool_full
failed/spool_full
--- allow: crit



=== TEST 14: what is wrong is refused, and not tried again, when it is full
--- spool: spool min_free=1000000g
--- sign
header=none
age=1000
--- result
refused/missing_signature
refused/too_old
--- allow: crit



=== TEST 15: pending=1 is enough for one at a time
--- spool: spool min_free=0 pending=1
--- sign eval
"keep=1\n" x 10
--- result eval
"accepted\n" x 10



=== TEST 16: more than pending=1 at once: 503, and a gateway sends it again
--- spool: spool min_free=0 pending=1
--- while_running
my @answers = at_once($block, 2);

is(join(' ', sort map { /^HTTP\S+ (\d+)/ } @answers), '200 503', 'two codes');
like(join('', @answers), qr/\r\nRetry-After: \d+\r\n/, 'when to try again');
like(join('', @answers), qr/\{"error": "Try again", "variant": "stripe", /,
     'what to try');
--- result
accepted
refused/method
refused/method
failed/queue_full
accepted
--- error_code: 200
--- spool_lines: 2
--- afterwards
like($log, qr/\[error\].*pending=1/, 'the log says what is too small');



=== TEST 17: what came at once is in one segment
--- spool: spool min_free=0 seal=60s
--- while_running
my @answers = at_once($block, 8);

is(join(' ', map { /^HTTP\S+ (\d+)/ } @answers), join(' ', (200) x 8),
   'all are accepted');
--- error_code: 200
--- spool_lines: 9
--- afterwards
is(scalar(my @files = files_of("$spool/new")), 1, 'one segment');



=== TEST 18: group= may read and remove
--- skip_eval: 3: $> != 0
--- spool: spool min_free=0 group=daemon
--- result
accepted
--- while_running
sealed($spool, 1);
my $group = getgrnam 'daemon';

for my $dir ($spool, map { "$spool/$_" } files_of($spool)) {
    is(sprintf('%04o', (stat $dir)[2] & 07777), '2770', "the mode of $dir");
    is((stat _)[5], $group, "the group of $dir");
}

my ($file) = glob "$spool/new/*";
is(sprintf('%04o', (stat $file)[2] & 07777), '0660', 'the mode of a segment');
is((stat _)[5], $group, 'the group of a segment');



=== TEST 19: a spool that was there before stays its owner's
--- skip_eval: 3: $> != 0
--- post_setup_server_root
mkdir "$ServRoot/spool", 0755 and chmod 0755, "$ServRoot/spool"
    and chown 1, 1, "$ServRoot/spool" or die "$!\n";
--- result
accepted
--- while_running
is((stat $spool)[4], 1, 'the owner');
is(sprintf('%04o', (stat _)[2] & 07777), '0755', 'the mode');
is(sprintf('%04o', (stat "$spool/new")[2] & 07777), '0750', 'that of new/');



=== TEST 20: a consumer may take files away at any time
--- error_code: 200
--- while_running
sealed($spool, 1);
unlink glob "$spool/new/*";
at_once($block, 1);
--- spool_lines: 1



=== TEST 21: a spool that fails: 503 for each event, and a line when it begins
--- sign
age=0
--- error_code: 200
--- while_running
for my $n (1, 2) {
    sealed($spool, $n);
    rename "$spool/active", "$spool/away" or die "$!\n";

    my @answers = map { at_once($block, 1) } 1 .. 3;

    is(join(' ', map { /^HTTP\S+ (\d+)/ } @answers), '503 503 503', 'refused');
    like($answers[2], qr/\r\nRetry-After: \d+\r\n/, 'when to try again');
    like($answers[2], qr/\{"error": "Try again", "variant": "stripe", /, 'what');

    rename "$spool/away", "$spool/active" or die "$!\n";

    my ($answer) = at_once($block, 1);

    like($answer, qr/^HTTP\S+ 200/, 'accepted, when it works again');
}
--- result eval
"accepted\n" . ("refused/method\nfailed/spool_error\n" x 3
                . "refused/method\naccepted\n") x 2
--- spool_lines: 3
--- allow: crit
--- afterwards
is(scalar(my @lines = $log =~ /\[crit\]/g), 2, 'a line each time');
