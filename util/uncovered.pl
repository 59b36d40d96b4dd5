#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# The lines that no test reaches, held against the list of those that none
# can, t/uncovered, which says why for each.
#
#     util/uncovered.pl file.json ...    what gcovr --json has written
#     util/uncovered.pl                  whether the list is of this code
#
# Called by "make coverage" and by "make lint".  Prints the lines that are not
# in the list, and places of the list that are not in the code, and ends with 1
# when there are any.  The list has a reason in lines that begin
# with "# ", and then the places that it is the reason of: a file, and the
# text of the line or of the last condition before it.  Line numbers would not
# stay true for long.

use strict;
use warnings;

use JSON::PP ();


my $LIST = 't/uncovered';

my (%count, %listed, @unlisted);


for my $file (@ARGV) {
    my $report = JSON::PP->new->decode(slurp($file));

    for my $source (@{$report->{files}}) {
        for my $line (@{$source->{lines}}) {
            next if $line->{'gcovr/noncode'};
            $count{$source->{file}}[$line->{line_number}] += $line->{count};
        }
    }
}

$listed{$_} = 1
    for grep { !/^(?:#|$)/ } split /\n/, slurp($LIST);

my @gone = grep { !there($_) } sort keys %listed;

print "$LIST: not there any more: $_\n" for @gone;

exit(@gone ? 1 : 0) if !@ARGV;

my ($lines, $reached) = (0, 0);

for my $file (sort keys %count) {
    my @text = ('', split /\n/, slurp($file));

    for my $n (grep { defined $count{$file}[$_] } 1 .. $#text) {
        $lines++;

        if ($count{$file}[$n]) {
            $reached++;

        } elsif (!grep { $listed{"$file: $_"} } places($n, @text)) {
            push @unlisted, "$file:$n: " . (places($n, @text))[-1];
        }
    }
}

printf "%d of %d lines are reached, %.1f %%; %d others are not in %s%s\n",
    $reached, $lines, 100 * $reached / ($lines || 1), scalar @unlisted, $LIST,
    @unlisted ? ':' : '';
print "$_\n" for @unlisted;

exit(@unlisted || @gone ? 1 : 0);


# Whether a place of the list is one of the code

sub there {
    my ($file, $place) = $_[0] =~ /^(\S+): (.*)$/ or return;

    return -f $file && grep { trim($_) eq $place } split /\n/, slurp($file);
}


# What a line is known by: itself, and the condition that it is below

sub places {
    my ($n, @text) = @_;

    my @places = trim($text[$n]);

    for (reverse 1 .. $n) {
        if ($text[$_] =~ /^ *(?:\} else )?(?:if|case|while|for)\b/) {
            push @places, trim($text[$_]);
            last;
        }

        last if $text[$_] =~ /^\S/;
    }

    return @places;
}


sub trim {
    my ($text) = @_;

    return $text =~ s/^\s+|\s+$//gr;
}


sub slurp {
    my ($file) = @_;

    open my $f, '<', $file or die "$file: $!\n";
    local $/;

    return scalar <$f>;
}
