# Copyright (C) 2026 ngx_http_payments_module contributors

# What is left of a body that could not be kept must not be taken for the
# next request of the connection.

use strict;
use warnings;

use Test::More;

use PaymentsServer;


my $server = PaymentsServer->new('145-smuggling',
    http => 'client_body_buffer_size 16k;')->start;

# nginx puts a body of more than client_body_buffer_size into a file there

rename "$server->{prefix}/tmp/body", "$server->{prefix}/tmp/away" or die $!;

my $smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
my $body = ("\r\n" x 12000) . $smuggled;

my $s = $server->connect;
syswrite $s, $server->request($body, keepalive => 1);

# until nginx closes: a read that times out would not be the end

my ($text, $piece) = ('');
$text .= $piece
    while PaymentsServer::readable($s, 20) && sysread $s, $piece, 65536;

is(join(' ', $text =~ m{HTTP/1\.1 (\d+)}g), '503',
   'one request has one answer, to try again');

unlike(PaymentsServer::slurp("$server->{prefix}/logs/access.log"),
       qr/smuggled/, 'nobody asked for what the body said');

rename "$server->{prefix}/tmp/away", "$server->{prefix}/tmp/body" or die $!;

ok($server->stop, 'it ends');

done_testing;
