package BenchGrowth;

# Copyright (C) 2026 ngx_http_payments_module contributors

# What may grow, or go on beside the events, and should cost them nothing.

use strict;
use warnings;

use File::Path qw(make_path);
use FindBin ();

use BenchEvents ();
use BenchServer ();


# Files that are there when a server starts: finished ones, empty, since nobody
# takes them; and segments of a worker that has died, a MB each, which are
# recovered at once: how many events these have

sub fill {
    my ($server) = @_;

    my $spool = "$server->{prefix}/spool";
    my $line = sprintf qq({"id":"evt_%s"}\n), 'x' x 4082;
    my $lines = 0;

    make_path("$spool/new", "$spool/active")
        if $server->{files} || $server->{left};

    put("$spool/new", $_, '') for 1 .. $server->{files} // 0;

    for (1 .. $server->{left} // 0) {
        put("$spool/active", $_, $line x 256);
        $lines += 256;
    }

    return $lines;
}


sub put {
    my ($dir, $n, $text) = @_;

    BenchServer::spill(sprintf('%s/%016d.bench.1.0.ndjson', $dir,
                               1764020246000000 + $n), $text);
}


# Asks for the page that the case names, a hundred times a second

sub reader {
    my ($server, $seconds) = @_;

    return if !$server->{reads};

    return BenchServer::spawn($BenchServer::CLIENT_CORE,
        "$server->{prefix}/reader", 'wrk', '-t1', '-c1', "-d${seconds}s", '-s',
        "$FindBin::Bin/read.lua",
        "http://127.0.0.1:$server->{port}$server->{reads}");
}


sub read_all {
    my ($server, $reader, $seconds) = @_;

    my $said;

    BenchServer::await(sub {
        $said = BenchServer::slurp("$server->{prefix}/reader");
        return $said =~ /^Transfer/m;
    }, 'the reader');

    BenchServer::finish($reader);

    my ($n) = $said =~ /^ *(\d+) requests in/m;

    die "$server->{name}: the reader says: $said\n"
        if $said =~ /Non-2xx|Socket errors/ || $n < 20 * $seconds;
}


# Each a name, cases with their points on it

sub series {
    my ($short) = @_;

    my %case = map { $_->{name} => $_ } @BenchServer::CASES;
    my @series;

    for my $name (qw(floor verify durable)) {
        push @series, ["size of the body, bytes: $case{$name}{text}", map {
            { label => $_, case => $case{$name}, kind => $_ }
        } $short ? (1 << 10, 1 << 16) : map { 1 << 2 * $_ } 5 .. 10];
    }

    # 64 events to a variant before it is the next one's turn

    push @series, ["variants: $case{verify}{text}", map {
        { label => $_, kind => 'checkout', case => {
            %{$case{verify}}, variants => $_, records => 64,
            path => '/payments/process/s' } }
    } $short ? (1, 100) : (1, 10, 100, 1000)];

    push @series, ["secrets, the last one matches: $case{verify}{text}", map {
        { label => $_, kind => 'checkout', case => {
            %{$case{verify}}, secrets => [
                (map { sprintf "whsec_Other%02d", $_ } 2 .. $_),
                $BenchEvents::SECRET] } }
    } $short ? (1, 8) : (1, 2, 4, 8)];

    push @series, ["files in `new`: $case{durable}{text}", map {
        { label => $_, kind => 'checkout',
          case => { %{$case{durable}}, files => $_ } }
    } $short ? (10, 1000) : map { 10 ** $_ } 1 .. 5];

    push @series, ["what goes on beside: $case{durable}{text}", map {
        { label => $_->[0], kind => 'checkout',
          case => { %{$case{durable}}, @$_[1 .. $#$_] } }
    } ['nothing'], ['a status a hundred times a second', reads => '/status'],
      ['a recovery of 128 MB, from the first event on', left => 128]];

    for my $name (qw(verify durable)) {
        push @series, ["workers, wrk on the second one's core: $case{$name}{text}",
            map { { label => $_, kind => 'checkout',
                    case => { %{$case{$name}}, workers => $_ } } } 1, 2];
    }

    return @series;
}


1;
