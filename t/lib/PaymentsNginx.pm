package PaymentsNginx;

# Copyright (C) 2026 ngx_http_payments_module contributors

# Which nginx it is that the tests have, and what it can do: not each one has
# been built with all that a test uses besides the module.

use strict;
use warnings;

use IO::Socket::INET;


# What is a directive of which module of nginx's own: of those that are only
# there when they are asked for, and of those that are there unless they are
# refused

my %OPTIONAL = (
    auth_request => 'http_auth_request_module',
    gzip_static => 'http_gzip_static_module',
    http2 => 'http_v2_module',
    ssl_certificate => 'http_ssl_module',
    sub_filter => 'http_sub_module',
);

my %USUAL = (
    charset => 'http_charset_module',
    gzip => 'http_gzip_module',
    map => 'http_map_module',
    mirror => 'http_mirror_module',
    proxy_pass => 'http_proxy_module',
    ssi => 'http_ssi_module',
);

my $about;


# With its directory: nginx starts itself again by it

sub program {
    my $name = $ENV{TEST_NGINX_BINARY} || $ENV{NGINX_BIN} || 'nginx';

    return $name if $name =~ m{/};

    for my $dir (split(/:/, $ENV{PATH}), '/usr/sbin', '/sbin') {
        return "$dir/$name" if -x "$dir/$name";
    }

    die "no $name\n";
}


# What nginx -V says

sub about {
    if (!defined $about) {
        my $program = program();

        $about = `'$program' -V 2>&1`;
    }

    return $about;
}


# Whether it is at least that one

sub since {
    my (@since) = @_;

    my @is = about() =~ m{version: \S+?/(\d+)\.(\d+)\.(\d+)}
        or die 'nginx -V: ' . about() . "\n";

    for my $i (0 .. 2) {
        return $is[$i] > $since[$i] if $is[$i] != $since[$i];
    }

    return 1;
}


# Why it cannot do what a part of a configuration says, or undef; "debug" is
# for the log of that level

sub lacks {
    my ($conf) = @_;

    my $with = about();

    return 'nginx has no debug log'
        if $conf eq 'debug' && $with !~ /--with-debug\b/;

    for (sort keys %OPTIONAL) {
        return "nginx has no $OPTIONAL{$_}"
            if $conf =~ /(?<![\w\$])$_(?!\w)/
                && $with !~ /--with-$OPTIONAL{$_}(?![\w=])/;
    }

    for (sort keys %USUAL) {
        return "nginx has no $USUAL{$_}"
            if $conf =~ /(?:^|[;{}])\s*$_(?!\w)/m
                && $with =~ /--without-$USUAL{$_}\b/;
    }

    return;
}


# Listens at an address, for HTTP/2 without TLS

sub listen_http2 {
    my ($address) = @_;

    return since(1, 25, 1) ? "listen $address; http2 on;"
        : "listen $address http2;";
}


# Below the ports that outgoing connections take

sub free_port {
    for (1 .. 200) {
        my $port = 20000 + int rand 12000;

        my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                      LocalPort => $port, Listen => 1);
        return $port if $s;
    }

    die "no free port\n";
}


1;
