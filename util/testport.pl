#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# Fail when something listens on the port that the tests are going to use:
# they would talk to it, or Test::Nginx would kill it.

use strict;
use warnings;

use IO::Socket::INET;

my $port = shift or die "usage: $0 port\n";

if (IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 2)) {
    die "\n"
        . "*** Something listens on 127.0.0.1:$port, where the tests'\n"
        . "*** nginx is to listen (a leftover of an earlier run?).\n"
        . "*** Stop it, or use another port: make test TEST_PORT=1999\n\n";
}
