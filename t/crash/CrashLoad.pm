package CrashLoad;

# Copyright (C) 2026 ngx_http_payments_module contributors

# What runs beside nginx in a round, each in a process of its own that notes
# line by line in a file what it knows: clients that post events, and a
# consumer (or only a watcher) of new/.  Both end when their end of a pipe
# does.
#
# An event follows from its id alone, so that what is found later is held
# against what was sent, byte for byte.

use strict;
use warnings;

use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use Fcntl qw(O_APPEND O_CREAT O_WRONLY);
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(sleep stat time);

use PaymentsServer qw(event slurp);

# Seconds after which a request that has no answer hangs
my $PATIENCE = 20;

my $CLIENTS = 32;

my $JSON = JSON::PP->new->utf8;


# evt_<tag>_<number>_<size>_<style>

sub body {
    my ($id) = @_;

    my ($size, $style) = $id =~ /^evt_\w+_(\d+)_(\d)$/ or return;
    my $body = event($id, $size);

    # as Stripe's are
    $body =~ s/,"/,\n  "/g if $style;

    return $body;
}


sub size {
    my $kind = rand;

    return int($kind < 0.9 ? 400 + rand 1600
               : $kind < 0.98 ? 4000 + rand 16000 : 60000 + rand 140000);
}


# What is wrong with a file of new/, and the ids in it

sub check {
    my ($name, $text) = @_;

    my (@faults, @ids);

    push @faults, "$name: its name"
        unless $name =~ /^\d{16}\.[^.]+\.\d+\.\d+\.ndjson$/;
    push @faults, "$name is empty" if $text eq '';
    push @faults, "$name has a NUL" if $text =~ /\0/;
    push @faults, "$name has a torn line at its end: ..." . substr $text, -40
        unless $text =~ /\n\z/;

    for my $line (split /\n/, $text) {
        my $id = line_id($line);

        if (defined $id) {
            push @ids, $id;

        } else {
            push @faults, "$name has a line that is no envelope of an event "
                . 'that was sent: ' . substr($line, 0, 100) . '...';
        }
    }

    return (\@faults, \@ids);
}


# The payload is compared, the rest parsed

sub line_id {
    my ($line) = @_;

    my $at = index $line, '"payload":';
    return if $at == -1;

    my $head = substr $line, 0, $at + 10;
    my $envelope = eval { $JSON->decode($head . 'null}}') } or return;

    return if ref $envelope ne 'HASH' || ref $envelope->{data} ne 'HASH'
        || !defined $envelope->{id};

    my $id = $envelope->{id};
    my $body = body($id);
    return if !defined $body;

    $body =~ y/\n/ /;

    return substr($line, $at + 10) eq "$body}}" ? $id : undef;
}


sub start {
    my ($work, %opt) = @_;

    pipe my $reader, my $writer or die "pipe: $!\n";

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;

    if ($pid) {
        close $reader;
        return { pid => $pid, control => $writer, file => $opt{file},
                 offset => 0 };
    }

    # no end of this process, whatever happens, is the test's

    close $writer;
    $SIG{$_} = sub { POSIX::_exit(1) } for qw(INT TERM HUP);

    sysopen my $out, $opt{file}, O_WRONLY|O_CREAT|O_APPEND
        or POSIX::_exit(2);

    my $self = { %opt, control => $reader, out => $out, lines => '' };

    eval { $work->($self); 1 } or note($self, '!', "$$: $@");

    note($self, 'end');
    flush($self);

    POSIX::_exit(0);
}


sub note {
    my ($self, @words) = @_;

    s/\n/ /g for @words;

    $self->{lines} .= join(' ', @words) . "\n";
}


sub flush {
    my ($self) = @_;

    return if $self->{lines} eq '';

    syswrite $self->{out}, $self->{lines};
    $self->{lines} = '';
}


# Waits a while; true when the other end of the pipe is closed

sub told {
    my ($self, $seconds) = @_;

    my $bits = '';
    vec($bits, fileno $self->{control}, 1) = 1;

    return select($bits, undef, undef, $seconds) > 0;
}


# The other side: lines that are new, and the end of it all

sub lines {
    my ($child) = @_;

    open my $f, '<:raw', $child->{file} or return;
    seek $f, $child->{offset}, 0;

    my $text = do { local $/; <$f> };
    return unless defined $text && $text =~ s/\n[^\n]*\z/\n/;

    $child->{offset} += length $text;

    return split /\n/, $text;
}


sub stop {
    my ($child) = @_;

    close delete $child->{control};

    my $end = time + 2 * $PATIENCE;

    while (waitpid($child->{pid}, POSIX::WNOHANG()) == 0) {
        if (time > $end) {
            kill 'KILL', $child->{pid};
            waitpid $child->{pid}, 0;
            return 0;
        }

        sleep 0.002;
    }

    return $? == 0;
}


# Clients: each posts an event, waits for the answer, thinks, and posts the
# next.  ports, of the servers in turn; tag, of the ids; think, in seconds at
# most; keepalive, share of the clients; max, of events; seed

sub load {
    my ($self) = @_;

    srand $self->{seed};

    $self->{sent} = 0;
    my @clients = map { { next => time + rand 0.01,
                          keepalive => rand() < $self->{keepalive} } }
        1 .. $CLIENTS;

    for ( ;; ) {
        $self->{over} ||= told($self, 0);

        my ($in, $out, $busy) = ('', '', 0);

        for my $c (@clients) {
            client_next($self, $c) unless defined $c->{id};
            next unless defined $c->{id};

            client_hangs($self, $c) if time > $c->{end};
            next unless defined $c->{id};

            $busy++;
            vec($in, fileno $c->{socket}, 1) = 1;
            vec($out, fileno $c->{socket}, 1) = 1 if $c->{out} ne '';
        }

        flush($self);

        last if !$busy && $self->{over};
        next if select($in, $out, undef, 0.005) <= 0;

        for my $c (@clients) {
            next unless defined $c->{id};

            my $fd = fileno $c->{socket};
            my $readable = vec $in, $fd, 1;

            client_write($self, $c) if vec $out, $fd, 1;
            client_read($self, $c) if $readable && defined $c->{id};
        }
    }
}


sub client_next {
    my ($self, $c) = @_;

    return if $self->{over} || time < $c->{next}
        || $self->{sent} >= $self->{max};

    $c->{socket} ||= client_connect($self) or return;

    my $n = $self->{sent}++;
    my $id = sprintf 'evt_%s_%d_%d_%d', $self->{tag}, $n, size(), rand 2;

    $c->{id} = $id;
    $c->{in} = '';
    $c->{out} = PaymentsServer->request(body($id),
                                        keepalive => $c->{keepalive});
    $c->{end} = time + $PATIENCE;

    # some do not wait for the answer
    $c->{leave} = rand() < 0.01;

    note($self, 'sent', $id);
}


sub client_connect {
    my ($self) = @_;

    my $ports = $self->{ports};

    for (1 .. @$ports) {
        my $port = $ports->[$self->{turn}++ % @$ports];
        my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => $port);
        if ($s) {
            $s->blocking(0);
            return $s;
        }
    }

    return;
}


sub client_write {
    my ($self, $c) = @_;

    my $n = syswrite $c->{socket}, $c->{out};

    if (defined $n) {
        substr $c->{out}, 0, $n, '';
        client_done($self, $c, 'left') if $c->{leave} && $c->{out} eq '';

    } elsif (!again()) {
        # an answer may have come all the same
        $c->{out} = '';
        $c->{keepalive} = 0;
    }
}


sub client_read {
    my ($self, $c) = @_;

    my $n = sysread $c->{socket}, $c->{in}, 65536, length $c->{in};

    return if !defined $n && again();

    my $answer = PaymentsServer::parse($c->{in}, !$n);

    if ($answer) {
        client_done($self, $c, $answer->{status},
                    $c->{keepalive} && !$answer->{close} && $n
                        && $c->{out} eq '');

    } elsif (!$n) {
        client_done($self, $c, 'lost');
    }
}


sub client_hangs {
    my ($self, $c) = @_;

    client_done($self, $c, 'hangs');
}


sub client_done {
    my ($self, $c, $result, $keep) = @_;

    note($self, 'result', delete $c->{id}, $result);

    close delete $c->{socket} unless $keep;

    $c->{next} = time + rand $self->{think};
}


sub again {
    return $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR;
}


# new/ of the spool, and takes away what it has read when it is to consume

sub watch {
    my ($self) = @_;

    my (%seen, $over);
    my $new = "$self->{spool}/new";

    for ( ;; ) {
        my @read;

        for my $name (directory($new)) {
            next if $seen{$name};

            my @stat = stat "$new/$name" or next;
            my $text = slurp("$new/$name");
            next unless defined $text;

            $seen{$name} = 1;
            push @read, $name;

            my ($faults, $ids) = check($name, $text);

            note($self, '!', $_) for @$faults;
            note($self, 'id', $_, $name) for @$ids;
            note($self, 'file', $name, @stat[1, 7, 9]);
        }

        flush($self);

        # noted first

        if ($self->{consume}) {
            for my $name (@read) {
                note($self, '!', "$name has gone") unless unlink "$new/$name";
                delete $seen{$name};
            }
        }

        last if $over;
        $over = told($self, 0.005);
    }
}


# Names without a dot at the beginning, sorted

sub directory {
    my ($dir) = @_;

    opendir my $d, $dir or return;

    my @names = sort grep { !/^\./ } readdir $d;

    return @names;
}


1;
