package BenchReport;

# Copyright (C) 2026 ngx_http_payments_module contributors

# RESULTS.md and the chart

use strict;
use warnings;

use List::Util qw(max);

use BenchServer ();

my %TITLES = (thin => 'thin event', checkout => 'checkout.session.completed',
              invoice => 'invoice.paid');


sub sorted {
    return sort { $a <=> $b } @_;
}


sub median {
    my @sorted = sorted(@_);

    return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}


# Three digits that mean something

sub figure {
    my ($n) = @_;

    return sprintf $n >= 100 ? '%.0f' : $n >= 10 ? '%.1f' : $n >= 0.1 ? '%.2f'
        : '%.3f', $n;
}


sub range {
    my @sorted = sorted(@_);

    return sprintf '%s (%s–%s)', map { figure($_) } median(@sorted),
        @sorted[0, -1];
}


# To the floor of the same round

sub ratios {
    my ($runs, $floor) = @_;

    return map { $runs->[$_]{rate} / $floor->[$_]{rate} } 0 .. $#$runs;
}


sub pick {
    my ($key, $by, @runs) = @_;

    return map { $_->{$key} / $by } @runs;
}


sub cases {
    my ($title, $cases, $groups, $runs, $appends) = @_;

    my $text = "## $title\n\n"
        . "Rate: events a second as a ratio to `return 204` in the same round.\n"
        . "CPU: microseconds an event, user and system, of all processes of the\n"
        . "server; core: how much of its core that was. RSS: of the largest\n"
        . "worker. All are medians with (least–most) of the rounds.\n";

    for my $group (@$groups) {
        my ($kind, $connections) = @$group;
        my $of = $runs->{"@$group"};
        my $floor = $of->{floor};

        $text .= sprintf "\n### %s, %.1f KB, %d connection%s\n\n",
            $TITLES{$kind}, $floor->[0]{size} / 1000, $connections,
            $connections == 1 ? '' : 's';
        $text .= "| | rate | events/s | CPU µs | core % | p50 ms | p99 ms | RSS MB |\n"
            . "|---|---|---|---|---|---|---|---|\n";

        for my $case (@$cases) {
            my @runs = @{$of->{$case->{name}}};

            $text .= '| ' . join(' | ', $case->{text},
                range(ratios(\@runs, $floor)),
                figure(median(pick('rate', 1, @runs))),
                range(pick('cpu', 1, @runs)),
                figure(median(pick('use', 1, @runs))),
                range(pick('p50', 1000, @runs)),
                range(pick('p99', 1000, @runs)),
                figure(max(pick('rss', 1024, @runs)))) . " |\n";
        }
    }

    $text .= lone($runs->{'checkout 1'}, $appends);

    return ($text, chart($cases, $runs->{'checkout 64'}));
}


sub lone {
    my ($of, $appends) = @_;

    return '' if !$of->{durable} || !@$appends;

    my @durable = @{$of->{durable}};
    my @added = map {
        $durable[$_]{p50} - $of->{verify}[$_]{p50}
    } $of->{verify} ? (0 .. $#durable) : ();

    return "\n### A lone event\n\nOne connection, checkout.session.completed; "
        . "p50 in ms, beside a program that does\nnothing but write as many bytes "
        . "and `fdatasync` them, on the same core and file system.\n\n"
        . "| | p50 ms |\n|---|---|\n"
        . '| `return 204` | ' . range(pick('p50', 1000, @{$of->{floor}}))
        . " |\n| this module: durable spool | "
        . range(pick('p50', 1000, @durable))
        . " |\n| write and `fdatasync`, zero-filled file | "
        . range(map { $_->[0] / 1000 } @$appends)
        . " |\n| write and `fdatasync`, file that grows | "
        . range(map { $_->[1] / 1000 } @$appends) . " |\n"
        . (@added ? '| durable spool, less verify and read | '
           . range(map { $_ / 1000 } @added)
           . " |\n| that as a ratio to the zero-filled file | "
           . range(map { $added[$_] / $appends->[$_][0] } 0 .. $#added)
           . " |\n| to the file that grows | "
           . range(map { $added[$_] / $appends->[$_][1] } 0 .. $#added)
           . " |\n" : '');
}


sub growth {
    my @series = @_;

    my $text = "## What grows\n\n64 connections; checkout.session.completed "
        . "where nothing else is said. CPU:\nmicroseconds an event, and as a ratio "
        . "to the first line in the same round. Bodies of more than\n"
        . "client_body_buffer_size, 128k here, go by way of a file.\n";

    for my $series (@series) {
        my ($name, @points) = @$series;
        my @first = @{$points[0]{runs}};

        $text .= "\n### \u$name\n\n| | CPU µs | ratio | events/s | p99 ms |\n"
            . "|---|---|---|---|---|\n";

        for my $point (@points) {
            my @runs = @{$point->{runs}};

            $text .= '| ' . join(' | ', $point->{label},
                range(pick('cpu', 1, @runs)),
                range(map { $runs[$_]{cpu} / $first[$_]{cpu} } 0 .. $#runs),
                range(pick('rate', 1, @runs)),
                range(pick('p99', 1000, @runs))) . " |\n";
        }
    }

    return $text;
}


sub line {
    my ($command) = @_;

    my ($line) = split /\n/, `$command`;

    return $line // '';
}


# Said before the runs: the load is that of others

sub machine {
    my ($rounds, $seconds) = @_;

    my ($cpu) = BenchServer::slurp('/proc/cpuinfo')
        =~ /^model name\s*: (.*)/m;
    my ($load) = BenchServer::slurp('/proc/loadavg') =~ /^(\S+)/;
    my ($device, $type) = split ' ',
        (split /\n/, `df --output=source,fstype '$BenchServer::DIR'`)[1];
    my ($disk) = $device =~ m{([^/]+)$};
    my ($options) = map { (split ' ')[3] } grep { /^\Q$device\E / }
        split /\n/, BenchServer::slurp('/proc/mounts');
    my $journal = $type ne 'ext4' ? 'whether it has a journal was not looked at'
        : -e "/proc/fs/jbd2/$disk-8" ? 'with a journal' : 'without a journal';

    return "\n### Where and how\n\n" . join('', map { "* $_\n" }
        sprintf('%d rounds of %d s for each line, all lines by turns; %s, the '
            . 'module at %s', $rounds, $seconds, line('date -I'),
            line("git -C '$FindBin::Bin' describe --always --dirty 2>&1")),
        line('nproc') . ' × ' . ($cpu // 'CPU') . ', Linux ' . line('uname -r'),
        'the server with all its threads on one core, wrk, the upstream and '
            . 'this program on another; loopback, HTTP/1.1, keepalive',
        "spool and database on $type, $journal (" . ($options // '?')
            . "), $device",
        line("'$BenchServer::NGINX' -v 2>&1") . ', ' . line('openssl version')
            . '; one worker, no access log, client_header_buffer_size 8k and '
            . 'client_body_buffer_size 128k, so that most requests are one read',
        versions(),
        'Django: 2 sync workers, WAL with synchronous=FULL, no middleware; '
            . 'webhook is asked without nginx before it, and answers before its '
            . 'command runs: more than 100 % of a core is what it had to catch up',
        "load average before: $load");
}


sub versions {
    my %version = map { split ' ' } split /\n/, `dpkg-query -W -f='\${Package}\\
        \${Version}\\n' libnginx-mod-http-js libnginx-mod-http-lua lua-cjson \\
        python3-django gunicorn python3-stripe webhook wrk 2>/dev/null`;

    return join ', ', map { "$_ $version{$_}" } sort keys %version;
}


# How much of the server's core was not the server's: others, and the kernel

sub foreign {
    my @percent = @_;

    return sprintf "* of the server's core %.0f %% (median; at most %.0f %%) "
        . "were used by others, the\n  kernel's own threads among them: more "
        . "than a few are noise\n", median(@percent), max(@percent);
}


# The parts of a file are replaced each on its own

sub put {
    my ($file, $part, $text) = @_;

    my %parts;
    my $old = BenchServer::slurp($file);

    $parts{$1} = $2 while $old =~ /<!-- (\w+) -->\n(.*?)(?=\n<!-- |\z)/gs;
    $parts{$part} = $text;

    BenchServer::spill($file, "# Benchmarks\n\nWritten by `make bench`, and "
        . "by that with\n`CASE=growth` and `CASE=journal`.\n"
        . join '', map { "\n<!-- $_ -->\n$parts{$_}" } sort keys %parts);
}


sub escape {
    my ($text) = @_;

    $text =~ s/`//g;
    $text =~ s/&/&amp;/g;
    $text =~ s/</&lt;/g;

    return $text;
}


# Bars of the rates, a line from the least to the most

sub chart {
    my ($cases, $of) = @_;

    return if !$of;

    my ($left, $width, $row) = (270, 330, 22);
    my $height = 44 + $row * @$cases;
    my $most = max(1, map { ratios($of->{$_->{name}}, $of->{floor}) } @$cases);
    my $y = 34;
    my $svg = <<END;
<svg xmlns="http://www.w3.org/2000/svg" width="720" height="$height"
     viewBox="0 0 720 $height" font-family="sans-serif" font-size="12">
<style>
text { fill: #24292f } .bar { fill: #9aa4af } .ours { fill: #2f7d4f }
line { stroke: #24292f }
\@media (prefers-color-scheme: dark) {
text { fill: #d1d7de } .bar { fill: #6b7682 } .ours { fill: #3fa968 }
line { stroke: #d1d7de } }
</style>
<text x="8" y="18" font-weight="bold">Events a second on one core, nginx's return 204 = 1, 64 connections</text>
END

    for my $case (@$cases) {
        my @sorted = sorted(ratios($of->{$case->{name}}, $of->{floor}));
        my ($least, $middle, $end) = map { sprintf '%.1f', $_ / $most * $width }
            $sorted[0], median(@sorted), $sorted[-1];

        $svg .= sprintf qq(<text x="%d" y="%d" text-anchor="end">%s</text>\n)
            . qq(<rect class="%s" x="%d" y="%d" width="%s" height="14"/>\n)
            . qq(<line x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>\n)
            . qq(<text x="%.1f" y="%d">%s</text>\n),
            $left - 8, $y + 11, escape($case->{chart} // $case->{text}),
            $case->{ours} ? 'ours' : 'bar', $left, $y, $middle,
            $left + $least, $y + 7, $left + $end, $y + 7,
            $left + $end + 6, $y + 11, figure(median(@sorted));

        $y += $row;
    }

    return "$svg</svg>\n";
}


1;
