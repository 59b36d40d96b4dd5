#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# nginx -t is where a mistake is found, and not the first payment: what is
# refused, what is warned of, and that the message says what to do.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: a variant needs a secret
--- variant
tolerance 5m;
--- must_die
--- error_log
[emerg]
"payments_variant" "stripe" has no secret



=== TEST 2: an empty variant has no secret
--- variant
# nothing
--- must_die
--- error_log
[emerg]
"payments_variant" "stripe" has no secret



=== TEST 3: a variant that is to verify needs a secret
--- variant
verify on;
--- must_die
--- error_log
[emerg]
"payments_variant" "stripe" has no secret



=== TEST 4: a provider that nobody knows
--- variant
provider paypall;
secret whsec_test;
--- must_die
--- error_log
[emerg]
unknown "provider" "paypall"



=== TEST 5: a variant that is not named as a provider needs one
--- http_config
payments_variant shop {
    secret whsec_test;
}
--- must_die
--- error_log
[emerg]
"payments_variant" "shop" needs a "provider"



=== TEST 6: an API key, sk_, is no signing secret, and is not shown
--- variant
secret sk_live_therestofthekey;
--- must_die
--- error_log
[emerg]
begins with "sk_", it is an API key
--- no_error_log
live_
therestofthekey



=== TEST 7: an API key, rk_, is no signing secret, and is not shown
--- variant
secret rk_live_therestofthekey;
--- must_die
--- error_log
[emerg]
begins with "rk_", it is an API key
--- no_error_log
live_
therestofthekey



=== TEST 8: an API key, pk_, is no signing secret, and is not shown
--- variant
secret pk_live_therestofthekey;
--- must_die
--- error_log
[emerg]
begins with "pk_", it is an API key
--- no_error_log
live_
therestofthekey



=== TEST 9: an API key in a file is not shown either
--- variant
secret_file $TEST_NGINX_SECRETS;
--- secrets
# the wrong one
sk_live_therestofthekey
--- must_die
--- error_log
[emerg]
begins with "sk_", it is an API key
--- no_error_log
live_
therestofthekey



=== TEST 10: an empty secret
--- variant
secret "";
--- must_die
--- error_log
[emerg]
empty secret in "payments_variant" "stripe"



=== TEST 11: a secret of more than 512 bytes
--- variant
secret xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;
--- must_die
--- error_log
[emerg]
secret in "payments_variant" "stripe" is longer than 512 bytes



=== TEST 12: more than 8 secrets
--- variant
secret whsec_0;
secret whsec_1;
secret whsec_2;
secret whsec_3;
secret whsec_4;
secret whsec_5;
secret whsec_6;
secret whsec_7;
secret whsec_8;
--- must_die
--- error_log
[emerg]
"payments_variant" "stripe" has more than 8 secrets



=== TEST 13: more than 8 secrets, those of a file counted
--- variant
secret whsec_1;
secret_file $TEST_NGINX_SECRETS;
--- secrets
whsec_0
whsec_1
whsec_2
whsec_3
whsec_4
whsec_5
whsec_6
whsec_7
--- must_die
--- error_log
[emerg]
"payments_variant" "stripe" has more than 8 secrets



=== TEST 14: a secret_file that is not there
--- variant
secret_file $TEST_NGINX_SECRETS;
--- must_die
--- error_log
[emerg]
secrets" cannot be opened
No such file or directory



=== TEST 15: a secret_file that is empty
--- variant
secret_file $TEST_NGINX_SECRETS;
--- secrets
--- must_die
--- error_log
[emerg]
secrets" has no secret



=== TEST 16: a secret_file of blank lines and comments
--- variant
secret_file $TEST_NGINX_SECRETS;
--- secrets eval
"# whsec_old\n\n   \n\t\r\n  # another\n"
--- must_die
--- error_log
[emerg]
secrets" has no secret



=== TEST 17: a secret_file that is a directory
--- variant
secret_file $TEST_NGINX_SERVER_ROOT/html;
--- must_die
--- error_log
[emerg]
html" is not a regular file



=== TEST 18: a secret_file that is too large
--- variant
secret_file $TEST_NGINX_SECRETS;
--- secrets eval
"#" x 65537
--- must_die
--- error_log
[emerg]
secrets" is larger than 65536 bytes



=== TEST 19: the same variant twice
--- http_config
payments_variant stripe {
    secret whsec_one;
}
payments_variant stripe {
    secret whsec_two;
}
--- must_die
--- error_log
[emerg]
duplicate "payments_variant" "stripe"



=== TEST 20: a name that is no part of a URL, str.ipe
--- http_config
payments_variant str.ipe {
    provider stripe;
    secret whsec_test;
}
--- must_die
--- error_log
[emerg]
may have letters, digits, "-" and "_" only



=== TEST 21: a name that is no part of a URL, str/ipe
--- http_config
payments_variant str/ipe {
    provider stripe;
    secret whsec_test;
}
--- must_die
--- error_log
[emerg]
may have letters, digits, "-" and "_" only



=== TEST 22: a name that is no part of a URL, "str ipe"
--- http_config
payments_variant "str ipe" {
    provider stripe;
    secret whsec_test;
}
--- must_die
--- error_log
[emerg]
may have letters, digits, "-" and "_" only



=== TEST 23: a name that is no part of a URL, 'str"ipe'
--- http_config
payments_variant 'str"ipe' {
    provider stripe;
    secret whsec_test;
}
--- must_die
--- error_log
[emerg]
may have letters, digits, "-" and "_" only



=== TEST 24: an empty name
--- http_config
payments_variant "" {
    provider stripe;
    secret whsec_test;
}
--- must_die
--- error_log
[emerg]
"payments_variant" needs a name of 1 to 64 characters



=== TEST 25: a name of more than 64 characters
--- http_config
payments_variant xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx {
    provider stripe;
    secret whsec_test;
}
--- must_die
--- error_log
[emerg]
"payments_variant" needs a name of 1 to 64 characters



=== TEST 26: a variant without a name
--- http_config
payments_variant {
    secret whsec_test;
}
--- must_die
--- error_log
[emerg]
invalid number of arguments in "payments_variant" directive



=== TEST 27: a variant in a server
--- config
payments_variant other {
    provider stripe;
    secret whsec_test;
}
--- must_die
--- error_log
[emerg]
"payments_variant" directive is not allowed here



=== TEST 28: an unknown directive in a variant
--- variant
secrets whsec_test;
--- must_die
--- error_log
[emerg]
unknown directive "secrets" in a "payments_variant" block



=== TEST 29: a directive of nginx in a variant
--- variant
secret whsec_test;
root html;
--- must_die
--- error_log
[emerg]
unknown directive "root" in a "payments_variant" block



=== TEST 30: a wrong number of arguments, provider
--- variant
provider;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "provider" directive



=== TEST 31: a wrong number of arguments, provider stripe stripe
--- variant
provider stripe stripe;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "provider" directive



=== TEST 32: a wrong number of arguments, secret
--- variant
secret;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "secret" directive



=== TEST 33: a wrong number of arguments, secret whsec_a whsec_b
--- variant
secret whsec_a whsec_b;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "secret" directive



=== TEST 34: a wrong number of arguments, secret_file
--- variant
secret_file;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "secret_file" directive



=== TEST 35: a wrong number of arguments, secret_file a b
--- variant
secret_file a b;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "secret_file" directive



=== TEST 36: a wrong number of arguments, tolerance
--- variant
tolerance;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "tolerance" directive



=== TEST 37: a wrong number of arguments, tolerance 5m future=1m 5m
--- variant
tolerance 5m future=1m 5m;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "tolerance" directive



=== TEST 38: a wrong number of arguments, verify
--- variant
verify;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "verify" directive



=== TEST 39: a wrong number of arguments, verify on on
--- variant
verify on on;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "verify" directive



=== TEST 40: a wrong number of arguments, events
--- variant
events;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "events" directive



=== TEST 41: a wrong number of arguments, mode
--- variant
mode;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "mode" directive



=== TEST 42: a wrong number of arguments, mode live test
--- variant
mode live test;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "mode" directive



=== TEST 43: the same twice, provider
--- variant
secret whsec_test;
provider stripe;
provider stripe;
--- must_die
--- error_log
[emerg]
"provider" directive is duplicate



=== TEST 44: the same twice, tolerance
--- variant
secret whsec_test;
tolerance 5m;
tolerance off;
--- must_die
--- error_log
[emerg]
"tolerance" directive is duplicate



=== TEST 45: the same twice, verify
--- variant
secret whsec_test;
verify on;
verify off;
--- must_die
--- error_log
[emerg]
"verify" directive is duplicate



=== TEST 46: the same twice, events
--- variant
secret whsec_test;
events a.b;
events c.d;
--- must_die
--- error_log
[emerg]
"events" directive is duplicate



=== TEST 47: the same twice, mode
--- variant
secret whsec_test;
mode live;
mode any;
--- must_die
--- error_log
[emerg]
"mode" directive is duplicate



=== TEST 48: a tolerance that is none, 0
--- variant
secret whsec_test;
tolerance 0;
--- must_die
--- error_log
[emerg]
invalid "tolerance" "0"



=== TEST 49: a tolerance that is none, 0s
--- variant
secret whsec_test;
tolerance 0s;
--- must_die
--- error_log
[emerg]
invalid "tolerance" "0s"



=== TEST 50: a tolerance that is none, -5m
--- variant
secret whsec_test;
tolerance -5m;
--- must_die
--- error_log
[emerg]
invalid "tolerance" "-5m"



=== TEST 51: a tolerance that is none, soon
--- variant
secret whsec_test;
tolerance soon;
--- must_die
--- error_log
[emerg]
invalid "tolerance" "soon"



=== TEST 52: a tolerance that is none, 5x
--- variant
secret whsec_test;
tolerance 5x;
--- must_die
--- error_log
[emerg]
invalid "tolerance" "5x"



=== TEST 53: a tolerance that is none, ""
--- variant
secret whsec_test;
tolerance "";
--- must_die
--- error_log
[emerg]
invalid "tolerance" ""



=== TEST 54: a tolerance, future=
--- variant
secret whsec_test;
tolerance 5m future=;
--- must_die
--- error_log
[emerg]
invalid time in "future=" of "tolerance"



=== TEST 55: a tolerance, future=x
--- variant
secret whsec_test;
tolerance 5m future=x;
--- must_die
--- error_log
[emerg]
invalid time in "future=x" of "tolerance"



=== TEST 56: a tolerance, future=-1s
--- variant
secret whsec_test;
tolerance 5m future=-1s;
--- must_die
--- error_log
[emerg]
invalid time in "future=-1s" of "tolerance"



=== TEST 57: a tolerance with another parameter
--- variant
secret whsec_test;
tolerance 5m past=1m;
--- must_die
--- error_log
[emerg]
invalid parameter "past=1m" of "tolerance"



=== TEST 58: a type of events that can match nothing, checkout.*.completed
--- variant
secret whsec_test;
events charge.refunded checkout.*.completed;
--- must_die
--- error_log
[emerg]
invalid event type "checkout.*.completed" in "events"



=== TEST 59: a type of events that can match nothing, *.completed
--- variant
secret whsec_test;
events charge.refunded *.completed;
--- must_die
--- error_log
[emerg]
invalid event type "*.completed" in "events"



=== TEST 60: a type of events that can match nothing, charge.**
--- variant
secret whsec_test;
events charge.refunded charge.**;
--- must_die
--- error_log
[emerg]
invalid event type "charge.**" in "events"



=== TEST 61: a type of events that can match nothing, ""
--- variant
secret whsec_test;
events charge.refunded "";
--- must_die
--- error_log
[emerg]
invalid event type "" in "events"



=== TEST 62: verify is on or off
--- variant
secret whsec_test;
verify maybe;
--- must_die
--- error_log
[emerg]
"verify"
"maybe"



=== TEST 63: mode is live, test or any
--- variant
secret whsec_test;
mode sandbox;
--- must_die
--- error_log
[emerg]
"mode"
"sandbox"



=== TEST 64: payments_process without payments_spool
--- config
location /hooks/ {
    payments_process;
}
--- must_die
--- error_log
[emerg]
location "/hooks/" has "payments_process" and nowhere to put the events



=== TEST 65: payments_process below a spool that is off
--- config
payments_spool spool;
location /hooks/ {
    payments_process;
    payments_spool off;
}
--- must_die
--- error_log
[emerg]
location "/hooks/" has "payments_process" and nowhere to put the events



=== TEST 66: payments_process without any variant
--- without
variant
--- must_die
--- error_log
[emerg]
location "/payments/process/" has "payments_process" and there is no "payments_variant"



=== TEST 67: payments_process with a variant that is none
--- config
location = /hook {
    payments_process strype;
    payments_spool spool;
}
--- must_die
--- error_log
[emerg]
location "/hook" has "payments_process strype" and there is no such "payments_variant"



=== TEST 68: payments_process twice
--- location
payments_process stripe;
--- must_die
--- error_log
[emerg]
"payments_process" directive is duplicate



=== TEST 69: payments_process with two variants
--- config
location = /hook {
    payments_process stripe stripe;
    payments_spool spool;
}
--- must_die
--- error_log
[emerg]
invalid number of arguments in "payments_process" directive



=== TEST 70: payments_process in a server
--- config
payments_process stripe;
--- must_die
--- error_log
[emerg]
"payments_process" directive is not allowed here



=== TEST 71: payments_process with a variable that is none
--- config
location = /hook {
    payments_process $no_such_variable;
    payments_spool spool;
}
--- must_die
--- error_log
[emerg]
unknown "no_such_variable" variable



=== TEST 72: a spool below a file
--- spool
$TEST_NGINX_SECRETS/spool
--- secrets
x
--- must_die
--- error_log
[emerg]
cannot be created
Not a directory



=== TEST 73: a spool that is a file
--- spool
$TEST_NGINX_SECRETS
--- secrets
x
--- must_die
--- error_log
[emerg]
cannot be opened as a directory



=== TEST 74: a spool below what is not there
--- spool
missing/spool
--- must_die
--- error_log
[emerg]
cannot be created
No such file or directory



=== TEST 75: a directory of a spool that is a symbolic link
--- post_setup_server_root
mkdir "$ServRoot/spool" and symlink "/tmp", "$ServRoot/spool/new"
    or die "$!\n";
--- must_die
--- error_log
[emerg]
"new" cannot be opened as a directory



=== TEST 76: a spool without a path
--- location
payments_spool;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "payments_spool" directive



=== TEST 77: a spool whose path is empty
--- spool
""
--- must_die
--- error_log
[emerg]
"payments_spool" directive needs a path



=== TEST 78: a spool with sync=
--- spool
spool sync=
--- must_die
--- error_log
[emerg]
invalid parameter "sync=" of "payments_spool"



=== TEST 79: a spool with sync=maybe
--- spool
spool sync=maybe
--- must_die
--- error_log
[emerg]
invalid parameter "sync=maybe" of "payments_spool"



=== TEST 80: a spool with min_free=
--- spool
spool min_free=
--- must_die
--- error_log
[emerg]
invalid parameter "min_free=" of "payments_spool"



=== TEST 81: a spool with min_free=lots
--- spool
spool min_free=lots
--- must_die
--- error_log
[emerg]
invalid parameter "min_free=lots" of "payments_spool"



=== TEST 82: a spool with min_free=-1
--- spool
spool min_free=-1
--- must_die
--- error_log
[emerg]
invalid parameter "min_free=-1" of "payments_spool"



=== TEST 83: a spool with pending=
--- spool
spool pending=
--- must_die
--- error_log
[emerg]
invalid parameter "pending=" of "payments_spool"



=== TEST 84: a spool with pending=0
--- spool
spool pending=0
--- must_die
--- error_log
[emerg]
invalid parameter "pending=0" of "payments_spool"



=== TEST 85: a spool with pending=-1
--- spool
spool pending=-1
--- must_die
--- error_log
[emerg]
invalid parameter "pending=-1" of "payments_spool"



=== TEST 86: a spool with pending=few
--- spool
spool pending=few
--- must_die
--- error_log
[emerg]
invalid parameter "pending=few" of "payments_spool"



=== TEST 87: a spool with seal=
--- spool
spool seal=
--- must_die
--- error_log
[emerg]
invalid parameter "seal=" of "payments_spool"



=== TEST 88: a spool with seal=0
--- spool
spool seal=0
--- must_die
--- error_log
[emerg]
invalid parameter "seal=0" of "payments_spool"



=== TEST 89: a spool with seal=61s
--- spool
spool seal=61s
--- must_die
--- error_log
[emerg]
invalid parameter "seal=61s" of "payments_spool"



=== TEST 90: a spool with seal=soon
--- spool
spool seal=soon
--- must_die
--- error_log
[emerg]
invalid parameter "seal=soon" of "payments_spool"



=== TEST 91: a spool with pool=
--- spool
spool pool=
--- must_die
--- error_log
[emerg]
invalid parameter "pool=" of "payments_spool"



=== TEST 92: a spool with group=
--- spool
spool group=
--- must_die
--- error_log
[emerg]
invalid parameter "group=" of "payments_spool"



=== TEST 93: a spool with sink=on
--- spool
spool sink=on
--- must_die
--- error_log
[emerg]
invalid parameter "sink=on" of "payments_spool"



=== TEST 94: a spool with spool2
--- spool
spool spool2
--- must_die
--- error_log
[emerg]
invalid parameter "spool2" of "payments_spool"



=== TEST 95: a spool for a group that there is not
--- spool
spool group=no-such-group
--- must_die
--- error_log
[emerg]
there is no group "no-such-group"



=== TEST 96: a spool with threads that there are not
--- spool
spool pool=no-such-pool
--- must_die
--- error_log
[emerg]
unknown thread pool "no-such-pool"



=== TEST 97: a spool that is off and has parameters
--- spool
off sync=on
--- must_die
--- error_log
[emerg]
"payments_spool" directive has parameters after "off"



=== TEST 98: a spool twice
--- location
payments_spool other;
--- must_die
--- error_log
[emerg]
"payments_spool" directive is duplicate



=== TEST 99: the same spool with other parameters, sync=off
--- config
location /a/ {
    payments_process;
    payments_spool spool;
}
location /b/ {
    payments_process;
    payments_spool spool sync=off;
}
--- must_die
--- error_log
[emerg]
was given other parameters elsewhere



=== TEST 100: the same spool with other parameters, min_free=1
--- config
location /a/ {
    payments_process;
    payments_spool spool;
}
location /b/ {
    payments_process;
    payments_spool spool min_free=1;
}
--- must_die
--- error_log
[emerg]
was given other parameters elsewhere



=== TEST 101: the same spool with other parameters, pending=7
--- config
location /a/ {
    payments_process;
    payments_spool spool;
}
location /b/ {
    payments_process;
    payments_spool spool pending=7;
}
--- must_die
--- error_log
[emerg]
was given other parameters elsewhere



=== TEST 102: the same spool with other parameters, seal=1s
--- config
location /a/ {
    payments_process;
    payments_spool spool;
}
location /b/ {
    payments_process;
    payments_spool spool seal=1s;
}
--- must_die
--- error_log
[emerg]
was given other parameters elsewhere



=== TEST 103: payments_log_level is none of debug
--- location
payments_log_level debug;
--- must_die
--- error_log
[emerg]
invalid value "debug"



=== TEST 104: payments_log_level is none of loud
--- location
payments_log_level loud;
--- must_die
--- error_log
[emerg]
invalid value "loud"



=== TEST 105: payments_log_level is none of nothing
--- location
payments_log_level ;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "payments_log_level" directive



=== TEST 106: warned of: verify off
--- suppress_stderr
--- variant
verify off;
--- result
accepted
--- error_log
[warn]
"verify off" in "payments_variant" "stripe"



=== TEST 107: warned of: verify off, with a secret too
--- suppress_stderr
--- variant
secret whsec_test;
verify off;
--- result
accepted
--- error_log
[warn]
"verify off" in "payments_variant" "stripe"



=== TEST 108: warned of: a secret_file of mode 0644
--- suppress_stderr
--- variant
secret_file $TEST_NGINX_SECRETS;
--- secrets
whsec_test
--- secrets_mode
0644
--- result
accepted
--- error_log
[warn]
secrets" is open to every user



=== TEST 109: warned of: a secret_file of mode 0604
--- suppress_stderr
--- variant
secret_file $TEST_NGINX_SECRETS;
--- secrets
whsec_test
--- secrets_mode
0604
--- result
accepted
--- error_log
[warn]
secrets" is open to every user



=== TEST 110: warned of: a secret_file of mode 0601
--- suppress_stderr
--- variant
secret_file $TEST_NGINX_SECRETS;
--- secrets
whsec_test
--- secrets_mode
0601
--- result
accepted
--- error_log
[warn]
secrets" is open to every user



=== TEST 111: not warned of: a secret_file of mode 0600
--- variant
secret_file $TEST_NGINX_SECRETS;
--- secrets
whsec_test
--- secrets_mode
0600
--- location
client_body_buffer_size 128k;
--- result
accepted
--- no_error_log
[warn]



=== TEST 112: not warned of: a secret_file of mode 0640
--- variant
secret_file $TEST_NGINX_SECRETS;
--- secrets
whsec_test
--- secrets_mode
0640
--- location
client_body_buffer_size 128k;
--- result
accepted
--- no_error_log
[warn]



=== TEST 113: warned of: a spool with sync=off
--- suppress_stderr
--- spool
spool min_free=0 sync=off
--- result
accepted
--- error_log
[warn]
"sync=off" in "payments_spool"



=== TEST 114: not warned of: everything that may be said
--- http_config
payments_variant shop-1_A {
    provider stripe;
    secret whsec_test;
    secret whsec_0;
    secret whsec_1;
    secret whsec_2;
    secret whsec_3;
    secret whsec_4;
    secret whsec_5;
    secret whsec_6;
    tolerance 10m future=0;
    verify on;
    events charge.* checkout.session.completed *;
    mode test;
}
client_body_buffer_size 128k;
payments_log_level info;
payments_spool spool sync=on min_free=0 pending=1 seal=60s pool=default;
--- config
payments_log_level error;
location /payments/process/ {
    payments_log_level notice;
    payments_process;
    payments_spool spool/ sync=on min_free=0 pending=1 seal=60000ms;
}
location /off {
    payments_spool off;
}
--- sign
uri=/payments/process/shop-1_A/
--- error_code: 200
--- no_error_log
[warn]
[error]



=== TEST 115: a name of 64 characters, and a secret of 512 bytes
--- http_config
payments_variant xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx {
    provider stripe;
    secret yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy;
}
--- sign
uri=/payments/process/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/ secret=yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
--- result
accepted



=== TEST 116: a variant may include files, with paths relative to the configuration
--- suppress_stderr
--- variant
include ../html/variant.conf;
--- user_files
>>> variant.conf
secret_file ../html/stripe.whsec;
>>> stripe.whsec
whsec_test
--- result
accepted



=== TEST 117: the order of directives does not matter
--- http_config
server {
    listen unix:$TEST_NGINX_SOCKET;
    location / {
        payments_process shop;
        payments_spool spool;
    }
}
payments_variant shop {
    secret whsec_test;
    provider stripe;
}
payments_variant stripe {
    secret whsec_test;
}
--- spool
spool
--- request
GET /payments/process/stripe/
--- error_code: 405



=== TEST 118: warned of: bodies that go by way of a file
--- suppress_stderr
--- location
client_body_buffer_size 16k;
--- request
GET /payments/process/stripe/
--- error_code: 405
--- error_log
[warn]
events of more than 16384 bytes go by way of a file there



=== TEST 119: not of large enough a buffer
--- location
client_body_buffer_size 32k;
--- request
GET /payments/process/stripe/
--- error_code: 405
--- no_error_log
by way of a file



=== TEST 120: nor of small events
--- location
client_body_buffer_size 16k;
client_max_body_size 16k;
--- request
GET /payments/process/stripe/
--- error_code: 405
--- no_error_log
by way of a file
