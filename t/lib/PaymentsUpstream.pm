package PaymentsUpstream;

# Copyright (C) 2026 ngx_http_payments_module contributors

# An application for a test: an HTTP/1.1 server on a port of the loopback
# interface, in a process of its own, that notes each request and answers as
# it is told.
#
#     my $app = PaymentsUpstream->new('300-relay');     # build/t-300-relay-app
#     $app->start;                                      # it listens: $app->port
#     $app->plan({ id => 'evt_1', times => 2, status => 503,
#                  headers => { 'Retry-After' => 1 } },
#                { uri => '^/slow', delay => 0.2 });
#     ...
#     ok($app->wait_for(3), 'three requests');
#     my ($first) = $app->requests;
#     $app->stop;                                       # and start, same port
#
# plan() replaces the rules, and their counts.  It holds for every request
# that is complete after it has returned.  The first rule that matches is
# taken; where none does, the answer is 200 {"status": "OK"}.  What a rule
# matches by, all of it has to:
#
#     method      the very method
#     uri, text   a regular expression: of the request's URI, of its body
#     header      { name => regular expression }
#     id          the first "id" of the body: an envelope's, or an event's
#     times       so often, then the rule is spent; with each => 1, so often
#                 for each id
#
# and what it does:
#
#     status, headers => { }, body
#     delay       seconds before the answer
#     close       Connection: close, and does so
#     chunked     the body in chunks; eof: without a length, up to the close
#     cut         so many bytes of the answer, then closes
#     split       so many bytes, the rest when the next delay is over
#     drop        closes without an answer; reset: by an RST
#     hold        no answer until the plan is another one, by which the
#                 request is then judged
#
# requests() returns those since clear(), in the order in which they were
# complete: { n, time, connection, use (1: the first of its connection), busy
# (how many had no answer then, with this), method, uri, version, headers
# ({ lower case => value }, a repeated one joined by ", "), lines ([name,
# value] as they came), id, body, end }.  A request is noted before a byte of
# its answer is sent.  end is the status once all of the answer was sent,
# "gone" where the other side closed before that, "dropped" where this one did.
#
# The notes are lines of JSON, {log}.  All of it is bounded: 900 connections
# (others wait), 64 KB of headers, 32 MB of body, 1 GB of notes.

use strict;
use warnings;

use Cwd qw(getcwd);
use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use File::Path qw(make_path remove_tree);
use IO::Socket::INET;
use JSON::PP ();
use PaymentsNginx;
use POSIX ();
use Socket qw(IPPROTO_TCP SOL_SOCKET SO_LINGER TCP_NODELAY);
use Time::HiRes ();

my $CONNECTIONS = 900;
my $HEADERS = 65536;
my $BODY = 32 * 1024 * 1024;
my $NOTES = 1024 * 1024 * 1024;
my $BACKLOG = 1024;

# Seconds after which a test gives up
my $PATIENCE = $ENV{PAYMENTS_PATIENCE} || 20;

my %running;


END {
    my $status = $?;

    $_->stop for grep { $_->{owner} == $$ } values %running;

    $? = $status;
}


# name is that of a directory below build/; port, a free one by default

sub new {
    my ($class, $name, %opt) = @_;

    my $dir = getcwd() . "/build/t-$name-app";

    remove_tree($dir);
    make_path($dir);

    return bless { dir => $dir, log => "$dir/requests",
                   port => $opt{port} || PaymentsNginx::free_port(), offset => 0,
                   plans => 0, got => {}, list => [] }, $class;
}


sub port {
    my ($self) = @_;

    return $self->{port};
}


sub start {
    my ($self) = @_;

    die "it runs already\n" if $self->{pid};

    my $listen = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $self->{port},
        Listen => $BACKLOG, ReuseAddr => 1)
        or die "port $self->{port}: $!\n";

    my $parent = $$;

    $self->{owner} = $parent;
    $self->{pid} = fork;

    die "fork: $!\n" unless defined $self->{pid};

    if ($self->{pid} == 0) {
        eval { serve($self, $listen, $parent); 1 } or warn $@;
        POSIX::_exit(1);
    }

    close $listen;
    $running{$self} = $self;

    return $self;
}


# Whatever it has not answered is closed

sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} or return;

    delete $running{$self};

    kill 'KILL', $pid;
    waitpid $pid, 0;
}


sub plan {
    my ($self, @rules) = @_;

    my $file = "$self->{dir}/plan";

    open my $f, '>:raw', "$file.new" or die "$file.new: $!\n";
    print $f JSON::PP->new->ascii->encode(
        { plan => ++$self->{plans}, rules => [map { { %$_ } } @rules] });
    close $f or die "$file.new: $!\n";

    rename "$file.new", $file or die "$file: $!\n";
}


# Those that were noted up to now are not in requests() any more

sub clear {
    my ($self) = @_;

    $self->read_notes;
    $self->{list} = [];
    $self->{got} = {};
}


sub requests {
    my ($self) = @_;

    $self->read_notes;

    return @{$self->{list}};
}


sub ids {
    my ($self) = @_;

    return map { $_->{id} } $self->requests;
}


# Until there are so many, or an answer of the code is true

sub wait_for {
    my ($self, $what, $patience) = @_;

    my $end = Time::HiRes::time() + ($patience || $PATIENCE);

    for ( ;; ) {
        my $n = $self->requests;
        my $done = ref $what ? $what->($self) : $n >= $what;

        return $done if $done;
        return if Time::HiRes::time() > $end;

        Time::HiRes::sleep(0.005);
    }
}


# The notes.  JSON::PP would take minutes for what a test of load writes, so
# both ends of them are done here: a line is flat, and all ASCII.

my %ESCAPE = map { chr($_) => sprintf '\\u%04x', $_ } 0 .. 31, 127 .. 255;

$ESCAPE{'"'} = '\\"';
$ESCAPE{'\\'} = '\\\\';

my $STRING = qr/"([^"\\]*+(?:\\.[^"\\]*+)*+)"/s;


sub quote {
    my ($s) = @_;

    $s =~ s/(["\\\x00-\x1f\x7f-\xff])/$ESCAPE{$1}/g;

    return qq("$s");
}


sub unquote {
    my ($s) = @_;

    $s =~ s/\\(?:u([0-9a-f]{4})|(.))/defined $1 ? chr hex $1 : $2/ges
        if index($s, '\\') >= 0;

    return $s;
}


sub read_notes {
    my ($self) = @_;

    open my $f, '<:raw', $self->{log} or return;
    seek $f, $self->{offset}, 0;

    while (my $line = <$f>) {
        last if $line !~ /\n\z/;

        $self->{offset} += length $line;
        $self->read_note($line);
    }

    close $f;
}


sub read_note {
    my ($self, $line) = @_;

    if ($line =~ /^\{"n":(\d+),"end":"(\w+)"/) {
        $self->{got}{$1}{end} = $2 if $self->{got}{$1};
        return;
    }

    # inside of a string each " has a \ before it

    my ($head, $lines, $body)
        = $line =~ /^(.*?),"lines":\[(.*?)\],"body":"(.*)"\}$/
        or die "what is this note: $line\n";

    my $r = { lines => [], headers => {}, body => unquote($body) };

    while ($lines =~ /\[$STRING,$STRING\]/g) {
        my ($name, $value) = (unquote($1), unquote($2));
        my $key = lc $name;

        push @{$r->{lines}}, [$name, $value];
        $r->{headers}{$key} = exists $r->{headers}{$key}
            ? "$r->{headers}{$key}, $value" : $value;
    }

    while ($head =~ /"(\w+)":(?:([\d.]+)|$STRING)/g) {
        $r->{$1} = defined $2 ? $2 + 0 : unquote($3);
    }

    push @{$self->{list}}, $self->{got}{$r->{n}} = $r;
}


# The server's process.  A connection: { s, fd, in, out, uses, request (which
# has no answer), rule, close (after out), eof }

sub serve {
    my ($self, $listen, $parent) = @_;

    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP CHLD ALRM);
    $SIG{PIPE} = 'IGNORE';

    open STDIN, '<', '/dev/null' or die "$!\n";
    open STDOUT, '>', '/dev/null' or die "$!\n";
    open STDERR, '>>', "$self->{dir}/stderr" or die "$!\n";

    open my $log, '>>:raw', $self->{log} or die "$self->{log}: $!\n";

    # numbers go on where one that was stopped has ended

    my $last = 0;
    open my $old, '<:raw', $self->{log} or die "$self->{log}: $!\n";
    while (<$old>) {
        $last++ if !/^\{"n":\d+,"end"/;
    }
    close $old;

    my $server = { listen => $listen, log => $log, noted => -s $log,
                   file => "$self->{dir}/plan", n => $last, opened => 0,
                   busy => 0, connections => {}, waits => {}, held => {},
                   in => '', out => '', text => '', rules => [] };

    $listen->blocking(0);
    vec($server->{in}, fileno $listen, 1) = 1;

    serve_round($server) while getppid == $parent;
}


sub serve_round {
    my ($server) = @_;

    my $now = Time::HiRes::time();
    my $until = $now + (%{$server->{held}} ? 0.01 : 0.5);

    for (values %{$server->{waits}}) {
        $until = $_ if $_ < $until;
    }

    my ($in, $out) = ($server->{in}, $server->{out});

    my $n = select $in, $out, undef, $until > $now ? $until - $now : 0;

    release($server) if %{$server->{held}};

    if (%{$server->{waits}}) {
        $now = Time::HiRes::time();

        for my $fd (grep { $server->{waits}{$_} <= $now }
                         keys %{$server->{waits}})
        {
            delete $server->{waits}{$fd};
            go_on($server, $server->{connections}{$fd});
        }
    }

    return if $n <= 0;

    for my $c (values %{$server->{connections}}) {
        next if !vec $out, $c->{fd}, 1;
        flush($server, $c) if defined $c->{s};
    }

    for my $c (values %{$server->{connections}}) {
        next if !vec $in, $c->{fd}, 1;
        receive($server, $c) if defined $c->{s};
    }

    accept_all($server) if vec $in, fileno $server->{listen}, 1;
}


sub accept_all {
    my ($server) = @_;

    while (keys %{$server->{connections}} < $CONNECTIONS) {
        my $s = $server->{listen}->accept or return;
        my $fd = fileno $s;

        $s->blocking(0);
        setsockopt $s, IPPROTO_TCP, TCP_NODELAY, 1;
        vec($server->{in}, $fd, 1) = 1;
        vec($server->{out}, $fd, 1) = 0;

        $server->{connections}{$fd} = {
            s => $s, fd => $fd, in => '', out => '', uses => 0,
            number => ++$server->{opened} };
    }

    vec($server->{in}, fileno $server->{listen}, 1) = 0;
}


sub finish {
    my ($server, $c, $how) = @_;

    end_of_request($server, $c, $how) if $c->{request};

    vec($server->{in}, $c->{fd}, 1) = 0;
    vec($server->{out}, $c->{fd}, 1) = 0;
    vec($server->{in}, fileno $server->{listen}, 1) = 1;

    delete $server->{waits}{$c->{fd}};
    delete $server->{held}{$c->{fd}};
    delete $server->{connections}{$c->{fd}};

    close delete $c->{s};
}


sub receive {
    my ($server, $c) = @_;

    my $n = sysread $c->{s}, $c->{in}, 65536, length $c->{in};

    if (!defined $n) {
        return if $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR;
        return finish($server, $c, 'gone');
    }

    return finish($server, $c, 'gone') if $n == 0;

    next_request($server, $c) if !$c->{request};

    # what comes meanwhile has to wait in the kernel

    vec($server->{in}, $c->{fd}, 1) = 0
        if $c->{s} && length $c->{in} > $BODY + 2 * $HEADERS;
}


# The next request, when all of it is there

sub next_request {
    my ($server, $c) = @_;

    $c->{head} || read_head($server, $c) or return;

    my $r = $c->{head};

    if ($r->{chunked}) {
        return if !read_chunks($server, $c, $r);

    } else {
        return if length $c->{in} < $r->{length};
        $r->{body} = substr $c->{in}, 0, $r->{length}, '';
    }

    delete $c->{head};

    $r->{n} = ++$server->{n};
    ($r->{id}) = $r->{body} =~ /"id"\s*:\s*"([^"\\]*)"/;

    $c->{request} = $r;
    $c->{uses}++;
    $server->{busy}++;

    note_request($server, $c, $r);
    judge($server, $c);
}


sub read_head {
    my ($server, $c) = @_;

    my $end = index $c->{in}, "\r\n\r\n";

    if ($end < 0) {
        bad($server, $c, '431 Headers Too Large') if length $c->{in} > $HEADERS;
        return;
    }

    my ($line, @lines) = split /\r\n/, substr $c->{in}, 0, $end + 4, '';

    my ($method, $uri, $version) = ($line // '')
        =~ m{^([A-Z]+) (\S+) HTTP/(1\.[01])$}
        or return bad($server, $c, '400 Bad Request');

    my $r = { method => $method, uri => $uri, version => $version,
              body => '', length => 0, lines => [], headers => {} };

    for (@lines) {
        my ($name, $value) = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/s
            or return bad($server, $c, '400 Bad Request');

        push @{$r->{lines}}, [$name, $value];
        $r->{headers}{lc $name} = $value;
    }

    my $h = $r->{headers};

    $r->{chunked} = lc($h->{'transfer-encoding'} // '') eq 'chunked';
    $r->{length} = $h->{'content-length'} // 0;

    return bad($server, $c, '400 Bad Request') if $r->{length} !~ /^\d{1,15}$/;
    return bad($server, $c, '413 Too Large') if $r->{length} > $BODY;

    my $connection = lc($h->{connection} // '');

    $r->{close} = $connection eq 'close'
        || $version eq '1.0' && $connection ne 'keep-alive';

    return $c->{head} = $r;
}


sub read_chunks {
    my ($server, $c, $r) = @_;

    while ($c->{in} =~ /\A([0-9a-fA-F]{1,7})[^\r\n]{0,256}\r\n/) {
        my ($size, $start) = (hex $1, $+[0]);

        if (length($r->{body}) + $size > $BODY) {
            bad($server, $c, '413 Too Large');
            return 0;
        }

        # no trailers

        return 0 if length $c->{in} < $start + $size + 2;

        $r->{body} .= substr $c->{in}, $start, $size;
        substr $c->{in}, 0, $start + $size + 2, '';

        return 1 if $size == 0;
    }

    if ($c->{in} ne '' && $c->{in} !~ /\A[0-9a-fA-F]{1,7}[^\n]{0,300}\z/) {
        bad($server, $c, '400 Bad Request');
    }

    return 0;
}


sub bad {
    my ($server, $c, $status) = @_;

    syswrite $c->{s}, "HTTP/1.1 $status\r\nContent-Length: 0\r\n"
        . "Connection: close\r\n\r\n";
    finish($server, $c, 'dropped');

    return;
}


sub note {
    my ($server, $text) = @_;

    $server->{noted} += length $text;
    die "more than $NOTES bytes of notes\n" if $server->{noted} > $NOTES;

    my $n = syswrite $server->{log}, $text;
    die "the notes: $!\n" if !defined $n || $n != length $text;
}


sub note_request {
    my ($server, $c, $r) = @_;

    my $lines = join ',', map { '[' . quote($_->[0]) . ',' . quote($_->[1])
                                . ']' } @{$r->{lines}};

    note($server, sprintf(
        '{"n":%d,"time":%.6f,"connection":%d,"use":%d,"busy":%d,"method":"%s",'
        . '"version":"%s",', $r->{n}, Time::HiRes::time(), $c->{number},
        $c->{uses}, $server->{busy}, $r->{method}, $r->{version})
        . '"uri":' . quote($r->{uri})
        . (defined $r->{id} ? ',"id":' . quote($r->{id}) : '')
        . ",\"lines\":[$lines]" . ',"body":' . quote($r->{body}) . "}\n");
}


sub end_of_request {
    my ($server, $c, $how) = @_;

    note($server, qq({"n":$c->{request}{n},"end":"$how"}\n));

    $server->{busy}--;
    delete $c->{request};
}


# The plan of this moment

sub rules {
    my ($server) = @_;

    my $text = '';

    if (open my $f, '<:raw', $server->{file}) {
        local $/;
        $text = <$f> // '';
        close $f;
    }

    if ($text ne $server->{text}) {
        my $plan = JSON::PP->new->decode($text);

        $server->{text} = $text;
        $server->{rules} = $plan->{rules};
    }

    return $server->{rules};
}


sub matches {
    my ($rule, $r) = @_;

    return 0 if defined $rule->{method} && $rule->{method} ne $r->{method};
    return 0 if defined $rule->{id} && $rule->{id} ne ($r->{id} // '');
    return 0 if defined $rule->{uri} && $r->{uri} !~ /$rule->{uri}/;

    return 0 if defined $rule->{text} && $r->{body} !~ /$rule->{text}/;

    for my $name (keys %{$rule->{header} || {}}) {
        return 0 if ($r->{headers}{lc $name} // '') !~ /$rule->{header}{$name}/;
    }

    if (defined $rule->{times}) {
        my $key = $rule->{each} ? $r->{id} // '' : '';

        return 0 if ($rule->{used}{$key} // 0) >= $rule->{times};
        $rule->{used}{$key}++;
    }

    return 1;
}


sub judge {
    my ($server, $c) = @_;

    my ($rule) = grep { matches($_, $c->{request}) } @{rules($server)};

    $rule ||= {};

    if ($rule->{hold}) {
        $server->{held}{$c->{fd}} = $server->{text};
        return;
    }

    $c->{rule} = $rule;

    if ($rule->{delay}) {
        $server->{waits}{$c->{fd}} = Time::HiRes::time() + $rule->{delay};
        return;
    }

    respond($server, $c);
}


# Those that were held by another plan

sub release {
    my ($server) = @_;

    rules($server);

    for my $fd (keys %{$server->{held}}) {
        next if $server->{held}{$fd} eq $server->{text};

        delete $server->{held}{$fd};
        judge($server, $server->{connections}{$fd});
    }
}


sub go_on {
    my ($server, $c) = @_;

    return respond($server, $c) if !defined $c->{rest};

    $c->{out} .= delete $c->{rest};
    flush($server, $c);
}


sub respond {
    my ($server, $c) = @_;

    my ($r, $rule) = ($c->{request}, $c->{rule});

    if ($rule->{drop} || $rule->{reset}) {
        setsockopt $c->{s}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0
            if $rule->{reset};
        return finish($server, $c, 'dropped');
    }

    $c->{status} = $rule->{status} // 200;
    $c->{close} = $r->{close} || $rule->{close} || $rule->{eof}
        || defined $rule->{cut};

    my $out = answer($c, $rule, $r);

    if (defined $rule->{cut}) {
        $out = substr $out, 0, $rule->{cut};
        $c->{status} = 'dropped';
    }

    if (defined $rule->{split} && $rule->{split} < length $out) {
        $c->{rest} = substr $out, $rule->{split}, length $out, '';
        $server->{waits}{$c->{fd}} = Time::HiRes::time()
            + ($rule->{delay} // 0.05);
    }

    $c->{out} .= $out;
    flush($server, $c);
}


sub answer {
    my ($c, $rule, $r) = @_;

    my $body = $rule->{body} // ($c->{status} == 204 ? ''
        : $c->{status} < 300 ? '{"status": "OK"}' : '{"error": "as told"}');
    my %headers = ('Content-Type' => 'application/json',
                   %{$rule->{headers} || {}});

    $headers{Connection} = $c->{close} ? 'close' : 'keep-alive';

    if ($rule->{chunked}) {
        $headers{'Transfer-Encoding'} = 'chunked';
        $body = join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
                             unpack('(a1000)*', $body), '';

    } elsif (!$rule->{eof} && $c->{status} != 204 && $c->{status} != 304) {
        $headers{'Content-Length'} = length $body;
    }

    $body = '' if $r->{method} eq 'HEAD';

    return "HTTP/1.1 $c->{status} Told\r\n"
        . join('', map { "$_: $headers{$_}\r\n" } sort keys %headers)
        . "\r\n$body";
}


sub flush {
    my ($server, $c) = @_;

    if ($c->{out} ne '') {
        my $n = syswrite $c->{s}, $c->{out};

        if (!defined $n && $! != EAGAIN && $! != EWOULDBLOCK && $! != EINTR) {
            return finish($server, $c, 'gone');
        }

        substr $c->{out}, 0, $n, '' if $n;
    }

    vec($server->{out}, $c->{fd}, 1) = $c->{out} ne '' ? 1 : 0;

    return if $c->{out} ne '' || defined $c->{rest} || !$c->{request};

    return finish($server, $c, $c->{status}) if $c->{close};

    end_of_request($server, $c, $c->{status});
    vec($server->{in}, $c->{fd}, 1) = 1;

    next_request($server, $c) if $c->{in} ne '';
}


1;
