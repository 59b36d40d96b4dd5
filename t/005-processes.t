# Copyright (C) 2026 ngx_http_payments_module contributors

# An nginx, or a process of it, in which the module has nothing to do.

use strict;
use warnings;

use Test::More;

use PaymentsServer qw(event wait_for);


my $server = PaymentsServer->new('005-processes',
    http => 'proxy_cache_path cache keys_zone=cache:1m;');
my $prefix = $server->{prefix};


# Beside the worker there are two processes that look after the cache

$server->start;

ok(wait_for(sub { 3 == $server->children }),
   'a worker and helper processes');
is($server->post(event('evt_1'))->{status}, 200, 'an event is taken');
ok($server->stop, 'they end');
$server->ok_safe({ evt_1 => 200 }, 'a helper process');
$server->ok_clean('a helper process');


# Without an http block

open my $f, '>', "$prefix/conf/nginx.conf" or die "$!\n";
print $f <<END;
load_module $server->{module};
daemon off;
error_log logs/error.log info;
pid logs/nginx.pid;
events { worker_connections 16; }
END
close $f;

like($server->test, qr/test is successful/, 'no http block: nginx -t');

my $pid = $server->spawn("$prefix/logs/stderr", $server->{nginx}, '-p', $prefix,
                         '-c', 'conf/nginx.conf', '-e', 'logs/error.log');

$server->{master} = $pid;
ok(wait_for(sub { 1 == $server->workers }), 'no http block: it works');
ok($server->stop, 'no http block: it ends');
$server->ok_clean('no http block');

done_testing;
