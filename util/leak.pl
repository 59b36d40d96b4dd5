#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# How much memory of a worker stays behind for each event: posts events to an
# nginx of its own, over kept-alive connections of the loopback interface,
# takes away what comes into new/, and prints the slope of the worker's memory
# over the events.
#
#     util/leak.pl [events [bound]]
#
# events: 200,000 by default, of which the first quarter warms up.  bound: in
# kilobytes for each 1000 events; the slope may not be steeper.  A leak of the
# smallest block that there is, at each event, is 31 of them.
#
# Called by "make test-leak".  Everything is below build/t-leak.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
use Time::HiRes qw(time);

use lib dirname(abs_path($0)) . '/../t/lib';
use PaymentsServer qw(slurp wait_for);

my $CLIENTS = 32;
my $ROUNDS = 40;

# a signature that is wrong, a variant that is none, JSON that is none, an
# event that is not wanted: of 20, this many are not taken
my %REFUSED = (3 => 'signature', 7 => 'variant', 11 => 'json', 15 => 'mode');

my $events = shift // 200_000;
my $bound = shift // 2;

die "usage: $0 [events [bound]]\n"
    if @ARGV || $events !~ /^\d+$/ || $events < 2000 || $bound !~ /^[\d.]+$/;


package Mixed;

our @ISA = ('PaymentsServer');


sub kind {
    my ($id) = @_;

    return $REFUSED{($id =~ /(\d+)$/)[0] % 20} || 'taken';
}


sub request {
    my ($self, $body, %opt) = @_;

    my $kind = kind($opt{path});

    $body =~ s/"data":\{/"data":{{/ if $kind eq 'json';
    $body =~ s/"livemode":false/"livemode":true/ if $kind eq 'mode';
    $opt{path} =~ s/stripe/none/ if $kind eq 'variant';

    my $text = $self->SUPER::request($body, %opt);

    $text =~ s/,v1=./,v1=x/ if $kind eq 'signature';

    return $text;
}


package main;


# Anonymous memory, in KB: pages of files come and go

sub memory {
    my ($pid) = @_;

    my ($kb) = slurp("/proc/$pid/status") =~ /^RssAnon:\s*(\d+) kB/m;

    return $kb;
}


# The consumer: how many lines it has taken away

sub consume {
    my ($server) = @_;

    my $new = $server->spool_path . '/new';
    my $lines = 0;

    for my $file ($server->files('new')) {
        $lines += slurp("$new/$file") =~ tr/\n//;
        unlink "$new/$file";
    }

    return $lines;
}


# Least squares

sub slope {
    my (@points) = @_;

    my ($n, $sx, $sy, $sxx, $sxy) = (scalar @points, 0, 0, 0, 0);

    for my $p (@points) {
        $sx += $p->[0];
        $sy += $p->[1];
        $sxx += $p->[0] ** 2;
        $sxy += $p->[0] * $p->[1];
    }

    return ($n * $sxy - $sx * $sy) / ($n * $sxx - $sx ** 2);
}


my $server = Mixed->new('leak', server => 'error_log logs/error.log crit;');

# the variant wants events of one mode only
my $file = "$server->{prefix}/conf/nginx.conf";
my $conf = slurp($file);
$conf =~ s/(payments_variant stripe \{)/$1 mode test;/;
open my $out, '>', $file or die "$file: $!\n";
print $out $conf;
close $out or die "$file: $!\n";

$server->start;

my ($worker) = $server->workers;
my ($sent, $expected, $got) = (0, 0, 0);
my (%wrong, @points);
my $start = time;

for my $round (1 .. $ROUNDS) {
    my @ids = map { "evt_$_" } $sent .. int($events * $round / $ROUNDS) - 1;

    my $result = $server->run(ids => \@ids, clients => $CLIENTS,
                              keepalive => 1, reopen => 1, patience => 600,
                              on_answer => sub { return 0; });

    for my $id (@ids) {
        my $kind = Mixed::kind($id);
        my $status = $kind eq 'taken' || $kind eq 'mode' ? 200 : 400;

        $expected++ if $kind eq 'taken';
        $wrong{"$kind: $result->{$id}"}++
            if ($result->{$id} // '') ne $status;
    }

    $sent += @ids;

    # all is sealed, and no work is left

    wait_for(sub {
        $got += consume($server);
        return $got >= $expected && !$server->files('active');
    }, 'the spool to be empty');

    my $kb = memory($worker);
    last if !defined $kb;

    push @points, [$sent, $kb];
    printf "# %7d events %6d KB\n", $sent, $kb if $round % 4 == 0;
}

my $seconds = time - $start;

is_deeply(\%wrong, {}, 'all were answered as they should be');
is($got, $expected, 'all that were taken were in new/');
is_deeply([$server->workers], [$worker], 'by one worker');

my $slope = 1000 * slope(grep { $_->[0] > $events / 4 } @points);

cmp_ok($slope, '<=', $bound, sprintf 'memory: %.3f KB for 1000 events',
       $slope);
ok($server->stop, 'it ends');
$server->ok_clean;

printf "# %d events in %.0f s: slope %.3f KB for 1000 events, bound %s\n",
    $sent, $seconds, $slope, $bound;

done_testing;
