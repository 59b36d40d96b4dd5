#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# Which variant an event is for: gateways post to a URL that was typed into a
# form once, with or without the last slash, and never follow a redirect.
# Anybody may post to any name: what comes back is bounded, and is JSON.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: the last segment of the URI, with the slash and without
--- sign
uri=/payments/process/stripe/
uri=/payments/process/stripe
--- answers
200 {"status": "OK"}
200 {"status": "OK"}
--- result
accepted
accepted
--- envelope
1/source = "/payments/process/stripe"
2/source = "/payments/process/stripe"
1/data.variant = "stripe"
2/data.variant = "stripe"



=== TEST 2: nothing is ever redirected
--- config
location /payments/process/stripe/ {
    payments_process;
    payments_spool spool min_free=0;
}
location = /hook {
    payments_process stripe;
    payments_spool spool min_free=0;
}
location = /hook/ {
    payments_process stripe;
    payments_spool spool min_free=0;
}
--- sign
uri=/payments/process/stripe/
uri=/payments/process//stripe//
uri=/payments/process/other/../stripe/
uri=/payments/process/stripe/?from=here
uri=/hook
uri=/hook/
--- result
accepted
accepted
accepted
accepted
accepted
accepted
--- raw_response_headers_unlike: Location



=== TEST 3: the place itself, without a variant
--- sign
uri=/payments/process/
--- answers
400 {"error": "Invalid payment provider", "variant": "process"}
--- result
refused/unknown_variant



=== TEST 4: a location without the slash, asked for itself
--- config
location /payments/process {
    payments_process;
    payments_spool spool min_free=0;
}
--- sign
uri=/payments/process
uri=/payments/process/stripe
uri=/payments/process/stripe/
--- answers
400 {"error": "Invalid payment provider", "variant": "process"}
200 {"status": "OK"}
200 {"status": "OK"}
--- result
refused/unknown_variant
accepted
accepted



=== TEST 5: an unknown variant, as django-payments says it
--- sign
uri=/payments/process/x/
uri=/payments/process/strip
uri=/payments/process/stripe2
uri=/payments/process/stripe/x
--- answers
400 {"error": "Invalid payment provider", "variant": "x"}
400 {"error": "Invalid payment provider", "variant": "strip"}
400 {"error": "Invalid payment provider", "variant": "stripe2"}
400 {"error": "Invalid payment provider", "variant": "x"}
--- response_headers
Content-Type: application/json
--- result
refused/unknown_variant
refused/unknown_variant
refused/unknown_variant
refused/unknown_variant



=== TEST 6: hostile names, in an answer that is JSON and short
--- sign eval
::lines_with map { "uri=/payments/process/$_" }
           '%22', 'a%22,%22b%22:%22', '%5C', '%5C%22', '%0A', '%0D%0AX:%20y/',
           '%01%1f%7f', '%C3%A9', '%FF%FE', '%E2%80%A8', '{}', '%25V%25s',
           '%3Cscript%3E', 'x' x 1000, '%22' x 1000, '%F0%9F%98%80' x 100
--- error_code eval
400
--- response_body_filters eval
sub {
    my ($answer) = @_;

    my $tree = eval { JSON::PP->new->utf8->decode($answer) };

    return 'bad: ' . $answer if !defined $tree || length $answer > 250;

    return CORE::join ' ', $tree->{error}, ref \$tree->{variant}, sort keys %$tree;
}
--- response_body eval
'Invalid payment provider SCALAR error variant'
--- result eval
"refused/unknown_variant\n" x 16



=== TEST 7: a hostile name is one line of the error log, and a short one
--- log_level: info
--- sign eval
::lines_with map { "uri=/payments/process/$_" }
           '%0Aforged:%20line', '%1B%5B2J', 'x' x 3000
--- error_code eval
400
--- afterwards
unlike($log, qr/^forged/m, 'no line of the caller');
unlike($log, qr/\x1b/, 'no control character');

my @lines = $log =~ /(payments: event for .*?refused.*?),/g;

is(scalar @lines, 3, 'a line each');
cmp_ok(length $lines[2], '<', 200, 'a short one');



=== TEST 8: a byte 0 in the name
--- sign
uri=/payments/process/stripe%00/
uri=/payments/process/%00
--- error_code: 400
--- afterwards
is(join(' ', files_of("$spool/new")), '', 'nothing is spooled');



=== TEST 9: a name is compared byte for byte
--- http_config
payments_variant Shop_1-A {
    provider stripe;
    secret whsec_test;
}
--- sign
uri=/payments/process/Shop_1-A/
uri=/payments/process/%53hop_1-A/
uri=/payments/process/shop_1-a/
--- answers
200 {"status": "OK"}
200 {"status": "OK"}
400 {"error": "Invalid payment provider", "variant": "shop_1-a"}
--- result
accepted
accepted
refused/unknown_variant
--- envelope
source = "/payments/process/Shop_1-A"
data.variant = "Shop_1-A"
data.provider = "stripe"



=== TEST 10: a variant is not opened by the secret of another
--- http_config
payments_variant one {
    provider stripe;
    secret whsec_one;
}
payments_variant two {
    provider stripe;
    secret whsec_two;
}
--- sign
uri=/payments/process/one/ secret=whsec_one
uri=/payments/process/two/ secret=whsec_two
uri=/payments/process/one/ secret=whsec_two
uri=/payments/process/two/ secret=whsec_one
--- answers
200
200
400 {"error": "Invalid signature", "variant": "one", "error_code": 400}
400 {"error": "Invalid signature", "variant": "two", "error_code": 400}
--- result
accepted
accepted
refused/no_match
refused/no_match
--- envelope
1/data.variant = "one"
2/data.variant = "two"



=== TEST 11: the argument is the variant, whatever the URI is
--- config
location = /hook {
    payments_process stripe;
    payments_spool spool min_free=0;
}
--- sign
uri=/hook
--- answers
200 {"status": "OK"}
--- result
accepted
--- envelope
source = "/payments/process/stripe"



=== TEST 12: the argument may be of a regular expression
--- config
location ~ ^/shops/(?<shop>[^/]+)/hook$ {
    payments_process $shop;
    payments_spool spool min_free=0;
}
--- sign
uri=/shops/stripe/hook
uri=/shops/other/hook
uri=/shops/a%22b/hook
--- answers
200 {"status": "OK"}
400 {"error": "Invalid payment provider", "variant": "other"}
400
--- result
accepted
refused/unknown_variant
refused/unknown_variant
--- envelope
data.variant = "stripe"



=== TEST 13: the argument may have text and variables
--- http_config
payments_variant shop-live {
    provider stripe;
    secret whsec_test;
}
--- config
location = /hook {
    payments_process shop-$arg_mode;
    payments_spool spool min_free=0;
}
--- sign
uri=/hook?mode=live
uri=/hook?mode=dead
uri=/hook
--- answers
200 {"status": "OK"}
400 {"error": "Invalid payment provider", "variant": "shop-dead"}
400 {"error": "Invalid payment provider", "variant": "shop-"}
--- result
accepted
refused/unknown_variant
refused/unknown_variant



=== TEST 14: an argument that is empty
--- config
location = /hook {
    payments_process $arg_variant;
    payments_spool spool min_free=0;
}
--- sign
uri=/hook
--- answers
400 {"error": "Invalid payment provider", "variant": ""}
--- result
refused/unknown_variant



=== TEST 15: exact, prefix, regular and nested locations
--- config
location = /exact/stripe {
    payments_process;
    payments_spool spool min_free=0;
}
location ^~ /prefix/ {
    payments_process;
    payments_spool spool min_free=0;
}
location ~* ^/regex/ {
    payments_process;
    payments_spool spool min_free=0;
}
location /outer/ {
    location /outer/inner/ {
        payments_process;
        payments_spool spool min_free=0;
    }
    return 404;
}
--- sign
uri=/exact/stripe
uri=/prefix/stripe/
uri=/REGEX/stripe/
uri=/outer/inner/stripe
--- result
accepted
accepted
accepted
accepted



=== TEST 16: payments_process is not inherited
--- config
location /outer/ {
    payments_process;
    payments_spool spool min_free=0;

    location /outer/inner/ {
    }
}
--- sign
uri=/outer/stripe/
uri=/outer/inner/stripe/
--- error_code eval
[200, 404]
--- result
accepted
-



=== TEST 17: a named location, to which a request goes with its method
--- config
location /anything/ {
    try_files /no-such-file @payments;
}
location @payments {
    payments_process stripe;
    payments_spool spool min_free=0;
}
--- sign
uri=/anything/at/all
--- answers
200 {"status": "OK"}
--- result
accepted



=== TEST 18: a rewritten URI
--- config
rewrite ^/old-hook$ /payments/process/stripe/ last;

location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
}
--- sign
uri=/old-hook
--- answers
200 {"status": "OK"}
--- result
accepted



=== TEST 19: a subrequest has no body to take, and nothing is accepted
--- config
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
}
location /asks/ {
    auth_request /payments/process/stripe/;
    root html;
}
--- sign
uri=/asks/
--- error_code: 403
--- spool_lines: 0



=== TEST 20: a mirror is a subrequest
--- config
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
}
location /mirrored {
    mirror /payments/process/stripe/;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/end;
}
location /end {
    return 200 "end\n";
}
--- sign
uri=/mirrored
--- response_body
end
--- spool_lines: 0
