package PaymentsHttp2;

# Copyright (C) 2026 ngx_http_payments_module contributors

# A client of HTTP/2, as small as the tests need it.  It writes as much as it
# may before it reads, and so has nothing to do with what a client makes of an
# answer that comes before it has sent its body: some lose it.

use strict;
use warnings;

use IO::Socket::UNIX;

use constant {
    DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4, GOAWAY => 7,
    WINDOW_UPDATE => 8,

    END_STREAM => 1, END_HEADERS => 4,

    INITIAL_WINDOW_SIZE => 4,

    MAX_FRAME => 16384,

    PATIENCE => 10
};


# Requests, as hashes of method, uri, headers and body, on one connection to a
# Unix socket.  Returns "code body" for each.

sub talk {
    my ($path, @requests) = @_;

    my $socket = IO::Socket::UNIX->new($path) or die "$path: $!\n";

    my $h2 = { socket => $socket,
               window => { 0 => 65535 }, initial => 65535,
               code => {}, body => {}, over => {} };

    local $SIG{ALRM} = sub { die "HTTP/2: no answer\n" };
    local $SIG{PIPE} = 'IGNORE';
    alarm PATIENCE;

    syswrite $socket, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                      . frame(SETTINGS, 0, 0, '');

    my @streams = map { 2 * $_ + 1 } 0 .. $#requests;

    for my $i (0 .. $#requests) {
        send_request($h2, $streams[$i], $requests[$i]);
    }

    while (grep { !$h2->{over}{$_} } @streams) {
        last if !receive($h2);
    }

    alarm 0;

    return map { ($h2->{code}{$_} // '000') . ' ' . ($h2->{body}{$_} // '') }
               @streams;
}


sub frame {
    my ($type, $flags, $stream, $payload) = @_;

    my $length = length $payload;

    return pack('CnCCN', $length >> 16, $length & 0xffff, $type, $flags,
                $stream) . $payload;
}


# A text in a block of headers, as it is

sub hpack {
    my ($text) = @_;

    my $length = length $text;

    return chr($length) . $text if $length < 127;

    my $bytes = "\x7f";

    for ($length -= 127; $length > 127; $length >>= 7) {
        $bytes .= chr($length & 127 | 128);
    }

    return $bytes . chr($length) . $text;
}


sub send_request {
    my ($h2, $stream, $r) = @_;

    my $headers = '';

    for (":method: $r->{method}", ':scheme: http', ":path: $r->{uri}",
         ':authority: localhost', split /\n/, $r->{headers})
    {
        my ($name, $value) = /^(:?[^:]+): *(.*)/ or die "header: $_\n";

        $headers .= "\0" . hpack(lc $name) . hpack($value);
    }

    $h2->{window}{$stream} = $h2->{initial};

    my $body = $r->{body};
    my $wire = frame(HEADERS, END_HEADERS | (length $body ? 0 : END_STREAM),
                     $stream, $headers);

    while (length $body) {
        my ($room) = sort { $a <=> $b } MAX_FRAME, @{$h2->{window}}{0, $stream};

        if ($room <= 0) {
            syswrite $h2->{socket}, $wire;
            $wire = '';

            receive($h2) or return;
            return if $h2->{over}{$stream};
            next;
        }

        my $part = substr $body, 0, $room, '';

        $h2->{window}{$_} -= length $part for 0, $stream;
        $wire .= frame(DATA, length $body ? 0 : END_STREAM, $stream, $part);
    }

    syswrite $h2->{socket}, $wire;
}


# Reads a frame; false at the end

sub receive {
    my ($h2) = @_;

    read($h2->{socket}, my $head, 9) or return 0;

    my ($high, $low, $type, $flags, $stream) = unpack 'CnCCN', $head;

    read $h2->{socket}, my $payload, $high << 16 | $low;

    if ($type == HEADERS) {
        $h2->{code}{$stream} = code_of($payload);

    } elsif ($type == DATA) {
        $h2->{body}{$stream} .= $payload;

    } elsif ($type == RST_STREAM) {
        $h2->{code}{$stream} //= 'reset ' . unpack 'N', $payload;
        $h2->{over}{$stream} = 1;

    } elsif ($type == SETTINGS) {
        my %setting = unpack '(nN)*', $payload;
        my $initial = $setting{INITIAL_WINDOW_SIZE()} // $h2->{initial};

        $h2->{window}{$_} += $initial - $h2->{initial}
            for grep { $_ } keys %{$h2->{window}};

        $h2->{initial} = $initial;

    } elsif ($type == WINDOW_UPDATE) {
        $h2->{window}{$stream} += unpack 'N', $payload;

    } elsif ($type == GOAWAY) {
        return 0;
    }

    if (($type == HEADERS || $type == DATA) && $flags & END_STREAM) {
        $h2->{over}{$stream} = 1;
    }

    return 1;
}


# :status comes first, behind a change of the table's size

sub code_of {
    my ($headers) = @_;

    $headers =~ s/^\x20//;

    return $headers =~ /^\x88/ ? 200
           : $headers =~ /^\x8c/ ? 400
           : $headers =~ /^\x48\x03(\d{3})/ ? $1 : 'unknown';
}


1;
