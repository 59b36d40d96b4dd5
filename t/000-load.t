#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# The module is loaded into an nginx that serves other things too: it must say
# nothing, and change nothing where it was not asked for.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: the module loads, and nginx -t has nothing to say
--- answers
200 {"status": "OK"}
--- result
accepted
--- no_error_log
[warn]
[error]
--- while_running
my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
my $said = `$nginx -t -q -p $root/ -c $root/conf/nginx.conf 2>&1`;
is($?, 0, 'nginx -t is content');
is($said, '', 'nginx -t is quiet');



=== TEST 2: the module loads into an nginx that does not use it
--- without: variant location
--- config
location / {
    return 200 "plain\n";
}
--- request
GET /
--- response_body
plain
--- response_headers
Content-Type: text/plain
--- no_error_log
[warn]
[error]



=== TEST 3: a location beside is as it was
--- config
location / {
    root html;
}
location = /created {
    return 201 "created\n";
}
--- request eval
["GET /index.html", "POST /index.html\nbody", "GET /missing",
 "POST /created\nbody"]
--- error_code eval
[200, 405, 404, 201]
--- response_body eval
[qr/It works!/, qr/<title>405/, qr/<title>404/, "created\n"]
--- response_headers eval
["Content-Type: text/html", "Content-Type: text/html",
 "Content-Type: text/html", "Content-Type: text/plain"]



=== TEST 4: a variant and a spool that no location uses
--- without: location
--- http_config
payments_spool spool;
--- config
location / {
    return 204;
}
--- request
POST /payments/process/stripe/
{}
--- error_code: 204
--- no_error_log
[warn]
[error]
