package PaymentsServer;

# Copyright (C) 2026 ngx_http_payments_module contributors

# An nginx of its own for a test of processes: a free port of the loopback
# interface, a prefix below build/, signed events over plain sockets, and what
# became of them in the spool.
#
# Nothing here sleeps to let something happen: wait_for() asks until it has.

use strict;
use warnings;

use Cwd qw(getcwd);
use Digest::SHA qw(hmac_sha256_hex);
use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use IO::Socket::INET;
use JSON::PP ();
use PaymentsNginx;
use POSIX qw(WNOHANG);
use Test::More ();
use Time::HiRes qw(sleep time);

use Exporter 'import';

our @EXPORT_OK = qw(event wait_for slurp can_strace);

our $SECRET = 'whsec_T4jF0r7hePr0cessTests';

my $PATH = '/payments/process/stripe/';

# Seconds after which a test gives up; nothing waits as long as that unless
# it is broken
my $PATIENCE = $ENV{PAYMENTS_PATIENCE} || 20;

my (%running, %tracers);


# Ends what this process has started, whatever became of the test

END {
    my $status = $?;

    kill 'TERM', $_ for keys %tracers;
    waitpid $_, 0 for keys %tracers;

    $_->kill_all for values %running;

    $? = $status;
}

for my $signal (qw(INT TERM HUP)) {
    $SIG{$signal} = sub { die "got SIG$signal\n" };
}

$SIG{PIPE} = 'IGNORE';


# Asks until the answer is true, and returns it

sub wait_for {
    my ($question, $what, $patience) = @_;

    my $end = time + ($patience || $PATIENCE);

    for ( ;; ) {
        my $answer = $question->();
        return $answer if $answer;

        if (time > $end) {
            Test::More::diag("gave up waiting: $what") if $what;
            return;
        }

        sleep 0.005;
    }
}


sub slurp {
    my ($file) = @_;

    open my $f, '<:raw', $file or return;
    local $/;
    my $text = <$f>;
    close $f;

    return defined $text ? $text : '';
}


# An event of a kilobyte or some more; size makes it that long

sub event {
    my ($id, $size) = @_;

    my $hash = 0;
    $hash = ($hash * 31 + ord) % 2003 for split //, $id;

    my $body = qq({"id":"$id","object":"event","created":1764020246,)
        . qq("livemode":false,"type":"checkout.session.completed",)
        . qq("data":{"object":{"id":"cs_$id","object":"checkout.session",)
        . qq("payment_status":"paid","amount_total":2000,"currency":"usd",)
        . qq("note":");
    my $tail = '"}}}';

    $size ||= 1000 + $hash;
    $size -= length($body) + length($tail);

    return $body . 'x' x ($size > 0 ? $size : 0) . $tail;
}


# name, and: workers; user, of the workers, undef for nginx's own choice;
# spool, a path; spool_args; main, http, server: more of the configuration;
# paths, of locations; listen, its parameters; daemon, on or off; http2,
# whether to have a port of it

sub new {
    my ($class, $name, %self) = @_;

    my $self = bless {
        workers => 1, user => 'root', spool => 'spool',
        spool_args => 'min_free=0', main => '', http => '', server => '',
        listen => '', daemon => 'off',
        paths => ['/payments/process/'], %self,
        name => $name,
        prefix => getcwd() . "/build/t-$name",
        killed => {}, verified => {}, ids => {},
    }, $class;

    $self->{nginx} = PaymentsNginx::program();
    $self->{port} = PaymentsNginx::free_port();

    # where nginx has it
    delete $self->{http2} if PaymentsNginx::lacks('http2');
    $self->{port2} = PaymentsNginx::free_port() if $self->{http2};

    remove_tree($self->{prefix});
    make_path(map { "$self->{prefix}/$_" } qw(conf logs tmp));

    # a copy: who builds another meanwhile writes into the one that is mapped

    my $module = $ENV{TEST_NGINX_LOAD_MODULES}
        || getcwd() . '/build/ngx_http_payments_module.so';
    $self->{module} = "$self->{prefix}/module.so";
    copy($module, $self->{module}) or die "$module: $!\n";

    $self->configure;

    return $self;
}


sub configure {
    my ($self) = @_;

    my $user = $> == 0 && defined $self->{user} ? "user $self->{user};" : '';
    my $http2 = $self->{http2}
        ? PaymentsNginx::listen_http2("127.0.0.1:$self->{port2}") : '';

    # every location is warned of that says nothing

    my $dedup = $self->{dedup}
        // ("$self->{http}$self->{server}" =~ /payments_dedup/ ? ''
            : 'payments_dedup off;');

    my $buffer = "$self->{http}$self->{server}" =~ /client_body_buffer_size/
        ? '' : 'client_body_buffer_size 32k;';

    my $locations = join '', map { <<END } @{$self->{paths}};
        location $_ {
            payments_process;
            payments_spool $self->{spool} $self->{spool_args};
        }
END

    open my $f, '>', "$self->{prefix}/conf/nginx.conf" or die "$!\n";
    print $f <<END;
load_module $self->{module};
daemon $self->{daemon};
$user
worker_processes $self->{workers};
error_log logs/error.log info;
pid logs/nginx.pid;
$self->{main}
events { worker_connections 512; }
http {
    log_format result '\$request_uri \$status \$payments_result'
                      '/\$payments_error \$payments_event_id';
    access_log logs/access.log result;
    client_body_temp_path tmp/body;
    proxy_temp_path tmp/proxy;
    fastcgi_temp_path tmp/fastcgi;
    uwsgi_temp_path tmp/uwsgi;
    scgi_temp_path tmp/scgi;
    payments_variant stripe { secret $SECRET; }
    $dedup
    $buffer
    $self->{http}
    server {
        listen 127.0.0.1:$self->{port} $self->{listen};
        $http2
        location = /ping { return 204; }
        $self->{server}
$locations
    }
}
END
    close $f;
}


# What nginx -t says of it

sub test {
    my ($self) = @_;

    return `'$self->{nginx}' -t -p '$self->{prefix}' -c conf/nginx.conf \\
        -e logs/error.log 2>&1`;
}


# Waits until it listens; dies when it gives up

sub start {
    my ($self) = @_;

    $self->{master} = $self->spawn("$self->{prefix}/logs/stderr",
        $self->{nginx}, '-p', $self->{prefix}, '-c', 'conf/nginx.conf',
        '-e', 'logs/error.log');

    $running{$self} = $self;
    delete $self->{launched};

    my $up = wait_for(sub { $self->up }, 'nginx');

    if (!$up || $up eq 'dead') {
        die "nginx did not start: "
            . slurp("$self->{prefix}/logs/stderr") . "\n";
    }

    return $self;
}


sub up {
    my ($self) = @_;

    my ($pid) = (slurp("$self->{prefix}/logs/nginx.pid") || '') =~ /^(\d+)$/m;

    if ($self->{daemon} eq 'off') {
        return 'dead' if waitpid($self->{master}, WNOHANG) != 0;
        return unless $pid && $pid == $self->{master};

    } elsif (!$self->{orphan}) {

        # who was started ends, maybe before the daemon has said its number

        if (!$self->{launched}) {
            return if waitpid($self->{master}, WNOHANG) == 0;
            return 'dead' if $?;
            $self->{launched} = 1;
        }

        return unless $pid && alive($pid);

        $self->{master} = $pid;
        $self->{orphan} = 1;
    }

    return $self->workers >= $self->{workers} && $self->connect;
}


sub spawn {
    my ($self, $output, @command) = @_;

    my $pid = fork;
    die "fork: $!\n" unless defined $pid;
    return $pid if $pid;

    delete $ENV{NGINX};
    $ENV{PATH} .= ':/usr/sbin:/sbin';

    open STDIN, '<', '/dev/null';
    open STDOUT, '>>', $output;
    open STDERR, '>&', \*STDOUT;

    $SIG{PIPE} = 'DEFAULT';

    exec { $command[0] } @command or POSIX::_exit(127);
}


# Ends it by a signal to the master, QUIT or TERM; true when it did end

sub stop {
    my ($self, $signal) = @_;

    return 1 unless $self->{master};

    kill $signal || 'QUIT', $self->{master};

    return $self->ended;
}


sub ended {
    my ($self) = @_;

    wait_for(sub { $self->gone }, 'end of nginx') or return 0;

    delete $running{$self};
    delete $self->{master};
    delete $self->{orphan};

    return 1;
}


sub gone {
    my ($self) = @_;

    # the child of a child is waited for by another

    return $self->{orphan} ? !alive($self->{master})
        : waitpid($self->{master}, WNOHANG) != 0;
}


# Another binary, here the same one, starts beside the old one, which retire()
# ends; true when it has

sub upgrade {
    my ($self) = @_;

    my $old = $self->{master};

    kill 'USR2', $old;

    $self->{upgrade} = wait_for(sub {
        my $pid = slurp("$self->{prefix}/logs/nginx.pid") || '';

        return $pid =~ /^(\d+)$/m && $1 != $old
            && $self->workers($1) >= $self->{workers} && $1;
    }, 'the new binary');

    return $self->{upgrade};
}


sub retire {
    my ($self) = @_;

    kill 'QUIT', $self->{master};
    wait_for(sub { $self->gone }, 'end of the old binary') or return 0;

    $self->{master} = delete $self->{upgrade};
    $self->{orphan} = 1;

    return 1;
}


# kill -9 of the workers, or of the master too

sub kill_workers {
    my ($self) = @_;

    my @workers = $self->workers;

    $self->{killed}{$_}++ for @workers;
    kill 'KILL', @workers;

    return @workers;
}


sub kill_all {
    my ($self) = @_;

    return unless $self->{master};

    $self->up if $self->{daemon} eq 'on';

    my @masters = grep { $_ } $self->{master}, delete $self->{upgrade};

    # no worker is born while they are counted
    kill 'STOP', @masters;

    my @workers = map { $self->children($_) } @masters;

    kill 'KILL', @masters, @workers;

    wait_for(sub { $self->gone && !grep { alive($_) } @workers },
             'end of all');

    delete $running{$self};
    delete $self->{master};
    delete $self->{orphan};
}


sub alive {
    my ($pid) = @_;

    my $stat = slurp("/proc/$pid/stat");

    return 0 if !defined $stat;

    # until the last of its threads has ended its files are open

    return $stat =~ /^\d+ \(.*\) [^ZX]/s || 1 < (() = glob "/proc/$pid/task/*");
}


# The workers of the master, or of another

sub workers {
    my ($self, $master) = @_;

    return grep { title($_) !~ /^nginx: cache/ } $self->children($master);
}


# The process that relays

sub relay {
    my ($self, $master) = @_;

    my ($pid) = grep { title($_) =~ /^nginx: cache manager/ }
        $self->children($master);

    return $pid;
}


sub title {
    my ($pid) = @_;

    return slurp("/proc/$pid/cmdline") // '';
}


# All processes of a master; zombies are none

sub children {
    my ($self, $master) = @_;

    $master ||= $self->{master} or return;

    my @pids;

    for my $dir (glob '/proc/[0-9]*') {
        my $stat = slurp("$dir/stat");

        next unless defined $stat
            && $stat =~ /^(\d+) \(.*\) ([^ZX]) $master /s;
        push @pids, $1;
    }

    return @pids;
}


sub fds {
    my ($pid) = @_;

    opendir my $d, "/proc/$pid/fd" or return -1;

    return scalar grep { /^\d/ } readdir $d;
}


# The server's side of connections to a port of it: the client's port, bytes
# that were not read yet, and whether nginx has it, that is, has accepted and
# not closed it

sub connections {
    my ($self, $port) = @_;

    my @connections;

    for (split /\n/, slurp('/proc/net/tcp')) {
        my ($local, $remote, $state, $queues, $inode) = (split)[1 .. 4, 9];

        next if $local !~ /:([0-9A-F]{4})$/ || hex $1 != $port
            || $state eq '0A';

        push @connections, { from => hex((split /:/, $remote)[1]),
                             unread => hex((split /:/, $queues)[1]),
                             accepted => $inode ne '0' };
    }

    return @connections;
}


# As many descriptors as a worker has that has nothing to do

sub idle_fds {
    my ($self, $worker) = @_;

    wait_for(sub {
        return !$self->files('active') && !grep { $_->{accepted} }
            map { $self->connections($_) }
            grep { $_ } $self->{port}, $self->{port2};
    }, 'nothing to do');

    my $fds = -1;

    # directories of a spool are closed a little later than it looks

    wait_for(sub {
        my $was = $fds;

        sleep 0.05;
        $fds = fds($worker);

        return $fds == $was;
    }, 'descriptors that stay');

    return $fds;
}


sub connect {
    my ($self, $port) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $port || $self->{port});
}


sub sign {
    my ($body) = @_;

    my $now = int time;

    return "t=$now,v1=" . hmac_sha256_hex("$now.$body", $SECRET);
}


sub request {
    my ($self, $body, %opt) = @_;

    my $connection = $opt{keepalive} ? '' : "Connection: close\r\n";

    return sprintf "POST %s HTTP/1.1\r\nHost: localhost\r\n%s"
        . "Content-Length: %d\r\nStripe-Signature: %s\r\n\r\n%s",
        $opt{path} || $PATH, $connection, length $body, sign($body), $body;
}


# An answer that is complete, or nothing: { status, headers, body, length }

sub parse {
    my ($text, $eof) = @_;

    $text =~ /\AHTTP\/1\.[01] (\d+)[^\r]*\r\n(.*?\r\n)\r\n/s or return;

    my ($status, $headers, $start) = ($1, "\n$2", $+[0]);
    my $length = $headers =~ /\ncontent-length: *(\d+)\r/i ? $1
        : $status == 204 ? 0 : $eof ? length($text) - $start : return;

    return if length $text < $start + $length;

    return { status => $status, headers => $headers,
             body => substr($text, $start, $length),
             length => $start + $length,
             close => $headers =~ /\nconnection: *close\r/i ? 1 : 0 };
}


# One event; the answer or undef

sub post {
    my ($self, $body, %opt) = @_;

    my $s = $self->send($body, %opt) or return;

    return $self->answer($s);
}


sub send {
    my ($self, $body, %opt) = @_;

    my $s = $self->connect or return;

    syswrite $s, $self->request($body, %opt);

    return $s;
}


sub get {
    my ($self, $path) = @_;

    my $s = $self->connect or return;

    syswrite $s, "GET $path HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\n\r\n";

    return $self->answer($s);
}


# Reads it, and closes the connection: nginx lingers on it otherwise

sub answer {
    my ($self, $s) = @_;

    my $answer = read_answer($s);

    close $s;

    return $answer;
}


sub read_answer {
    my ($s) = @_;

    my $text = '';
    my $end = time + $PATIENCE;

    for ( ;; ) {
        return unless readable($s, $end - time);

        my $n = sysread $s, $text, 65536, length $text;

        return parse($text, 1) if !$n;

        my $answer = parse($text);
        return $answer if $answer;
    }
}


sub readable {
    my ($s, $seconds) = @_;

    my $bits = '';
    vec($bits, fileno $s, 1) = 1;

    return $seconds >= 0 && select($bits, undef, undef, $seconds) > 0;
}


# Posts the events of ids, each once and of a size: clients of them at a time,
# keepalive or not, to paths in turn.  After each answer on_answer gets its id,
# its status, and how many there are; a true value from it ends the run, and
# leaves the rest unsent.  Returns { id => status }, or "lost" where the
# connection ended before the answer did.  A kept-alive connection that ends
# without a byte between two requests was idle for the server: with reopen, its
# request is sent again.

sub run {
    my ($self, %opt) = @_;

    my $run = {
        queue => [@{$opt{ids}}], result => {}, count => 0, served => 0,
        paths => $opt{paths} || [$PATH], opt => \%opt,
        clients => [map { {} } 1 .. $opt{clients} || 32],
        end => time + ($opt{patience} || 60),
    };

    while ($self->run_round($run)) {
        if (time > $run->{end}) {
            Test::More::diag("gave up a run: " . @{$run->{queue}}
                             . " not sent");
            last;
        }
    }

    return $run->{result};
}


sub run_round {
    my ($self, $run) = @_;

    my ($in, $out) = ('', '');
    my $busy = 0;

    for my $c (@{$run->{clients}}) {
        $self->run_next($run, $c)
            if !defined $c->{id} && @{$run->{queue}} && !$run->{over};

        next unless defined $c->{id};

        $busy++;
        vec($in, fileno $c->{socket}, 1) = 1;
        vec($out, fileno $c->{socket}, 1) = 1 if $c->{out} ne '';
    }

    # none listens, or none is left

    if (!$busy) {
        return 0 if $run->{over} || !@{$run->{queue}};
        sleep 0.005;
        return 1;
    }

    return 1 if select($in, $out, undef, 1) <= 0;

    for my $c (@{$run->{clients}}) {
        next unless defined $c->{id};

        my $fd = fileno $c->{socket};

        if (vec $out, $fd, 1) {
            my $n = syswrite $c->{socket}, $c->{out};
            substr $c->{out}, 0, $n, '' if $n;
        }

        $self->run_read($run, $c) if vec $in, $fd, 1;
    }

    return 1;
}


sub run_next {
    my ($self, $run, $c) = @_;

    if (!$c->{socket}) {
        $c->{socket} = $self->connect or return;
        $c->{socket}->blocking(0);
        $c->{reused} = 0;
    }

    my $paths = $run->{paths};

    $c->{id} = shift @{$run->{queue}};
    $c->{in} = '';
    $c->{out} = $self->request(event($c->{id}, $run->{opt}{size}),
                               keepalive => $run->{opt}{keepalive},
                               path => $paths->[$run->{served}++ % @$paths]
                                   . "?$c->{id}");
}


sub run_read {
    my ($self, $run, $c) = @_;

    my $n = sysread $c->{socket}, $c->{in}, 65536, length $c->{in};

    return if !defined $n && ($! == EAGAIN || $! == EWOULDBLOCK
                              || $! == EINTR);

    my $answer = parse($c->{in}, !$n);

    return if !$answer && $n;

    my $id = delete $c->{id};

    if (!$answer) {
        my $idle = $c->{reused} && $c->{in} eq '' && $run->{opt}{reopen};

        close delete $c->{socket};

        if ($idle) {
            unshift @{$run->{queue}}, $id;
            return;
        }

        $run->{result}{$id} = 'lost';
        return;
    }

    $run->{result}{$id} = $answer->{status};
    $c->{reused} = 1;

    close delete $c->{socket}
        if $answer->{close} || !$run->{opt}{keepalive};

    my $hook = $run->{opt}{on_answer} or return;

    $run->{over} = 1 if $hook->($id, $answer->{status}, ++$run->{count});
}


# How many of each status

sub tally {
    my ($result) = @_;

    my %tally;
    $tally{$_}++ for values %$result;

    return join ', ', map { "$_: $tally{$_}" } sort keys %tally;
}


sub spool_path {
    my ($self) = @_;

    return $self->{spool} =~ m{^/} ? $self->{spool}
        : "$self->{prefix}/$self->{spool}";
}


sub files {
    my ($self, $dir) = @_;

    opendir my $d, $self->spool_path . "/$dir" or return;

    # "sort" in scalar context would be nothing

    my @files = sort grep { !/^\.\.?$/ } readdir $d;

    return @files;
}


# Reads what is new in new/: files are complete when they appear, and never
# change.  What is wrong with them goes to {faults}, ids are counted in {ids}.

sub look {
    my ($self) = @_;

    my $json = JSON::PP->new->utf8;
    my $new = $self->spool_path . '/new';

    for my $file ($self->files('new')) {
        my @stat = stat "$new/$file" or next;
        my $is = "$stat[1].$stat[7].$stat[9]";
        my $was = $self->{verified}{$file};

        if (defined $was) {
            $self->fault("$file has changed") if $is ne $was;
            next;
        }

        my $text = slurp("$new/$file");
        next unless defined $text;

        $self->{verified}{$file} = $is;

        $self->fault("$file: its name")
            unless $file =~ /^\d{16}\.[^.]+\.\d+\.\d+\.ndjson$/;
        $self->fault("$file is empty") if $text eq '';
        $self->fault("$file has a NUL") if $text =~ /\0/;
        $self->fault("$file does not end with a newline")
            unless $text =~ /\n\z/;

        for my $line (split /\n/, $text, -1) {
            next if $line eq '';

            my $event = eval { $json->decode($line) };

            if (ref $event ne 'HASH' || !defined $event->{id}
                || ref $event->{data} ne 'HASH'
                || ($event->{id} !~ /^sha256:[\da-f]{64}$/
                    && $event->{data}{payload}{id} ne $event->{id}))
            {
                $self->fault("$file has a line that is no envelope: "
                             . substr $line, 0, 200);
                next;
            }

            $self->{ids}{$event->{id}}++;
        }
    }

    return $self->{ids};
}


sub fault {
    my ($self, $text) = @_;

    push @{$self->{faults}}, $text;
}


# The consumer: takes away what it has read

sub consume {
    my ($self) = @_;

    $self->look;

    my $new = $self->spool_path . '/new';

    for my $file (keys %{$self->{verified}}) {
        if (defined $self->{verified}{$file}) {
            unlink "$new/$file";
            $self->{verified}{$file} = undef;
        }
    }

    delete @{$self->{verified}}{keys %{$self->{verified}}};
}


sub answered {
    my ($result) = @_;

    return grep { $result->{$_} eq '200' } keys %$result;
}


# Every id that was answered with 200 is there (again and again until it is)

sub ok_safe {
    my ($self, $result, $name) = @_;

    my @answered = answered($result);
    my @missing;

    wait_for(sub {
        $self->look;
        @missing = grep { !$self->{ids}{$_} } @answered;
        return !@missing;
    }, 'events that were answered with 200');

    Test::More::is(scalar @missing, 0, $name . ': all ' . @answered
                   . ' events that were answered with 200 are in new/')
        or Test::More::diag("missing: @missing[0 .. ($#missing < 5
                                                    ? $#missing : 5)]");
}


# None is there twice

sub ok_once {
    my ($self, $name) = @_;

    my $ids = $self->look;
    my @twice = grep { $ids->{$_} != 1 } sort keys %$ids;

    Test::More::is(scalar @twice, 0, "$name: none twice")
        or Test::More::diag("twice: @twice[0 .. ($#twice < 5
                                                 ? $#twice : 5)]");
}


sub ok_idle {
    my ($self, $name) = @_;

    Test::More::ok(wait_for(sub { !$self->files('active') },
                            "active/ to be empty"),
                   "$name: active/ is empty")
        or Test::More::diag(join ' ', $self->files('active'));
}


# What every test ends with: the error log, and each line in new/

sub ok_clean {
    my ($self, $name) = @_;

    $name = $name ? "$name: " : '';

    $self->look;

    Test::More::is_deeply($self->{faults} || [], [],
                          $name . 'new/ has envelopes, whole lines, only');

    my @bad;

    for ($self->log_lines) {
        next if /\[(?:info|notice|warn|error|crit)\]/
            && !/exited on signal|open socket .*left/;
        next if /worker process (\d+) exited on signal 9$/
            && $self->{killed}{$1};

        push @bad, $_;
    }

    Test::More::is_deeply(\@bad, [], $name . 'the error log has no alert');
}


sub log_lines {
    my ($self, $pattern) = @_;

    my $log = slurp("$self->{prefix}/logs/error.log");
    my @lines = split /\n/, defined $log ? $log : '';

    return defined $pattern ? grep { /$pattern/ } @lines : @lines;
}


# strace of a worker and all its threads: what is in options, to a file.
# Returns when all of them are traced.

sub strace {
    my ($self, $worker, @options) = @_;

    my $file = "$self->{prefix}/strace." . ++$self->{traces};

    my $pid = $self->spawn("$file.err", 'strace', '-f', '-o', $file,
                           @options, '-p', $worker);
    $tracers{$pid} = 1;

    my $traced = wait_for(sub {
        return 'dead' if waitpid($pid, WNOHANG) != 0;

        for my $dir (glob "/proc/$worker/task/*") {
            my $status = slurp("$dir/status");
            return if !defined $status || $status !~ /^TracerPid:\t$pid$/m;
        }

        return 1;
    }, 'strace');

    if (!$traced || $traced eq 'dead') {
        delete $tracers{$pid} if ($traced || '') eq 'dead';
        die 'strace: ' . slurp("$file.err") . "\n";
    }

    return { pid => $pid, file => $file };
}


# Lets go of the worker and returns the lines; KILL where the worker was killed
# while a call was delayed, since strace would wait for it

sub untrace {
    my ($self, $trace, $signal) = @_;

    if ($tracers{$trace->{pid}}) {
        kill $signal || 'TERM', $trace->{pid};

        wait_for(sub { waitpid($trace->{pid}, WNOHANG) != 0 },
                 'end of strace', 10)
            or do { kill 'KILL', $trace->{pid}; waitpid $trace->{pid}, 0 };

        delete $tracers{$trace->{pid}};
    }

    return split /\n/, slurp($trace->{file});
}


# Why not, or undef

sub can_strace {
    my $self = { prefix => getcwd() . '/build', traces => 0 };

    make_path($self->{prefix});

    my $output = "$self->{prefix}/t-strace.$$";
    my $pid = fork;

    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $output;
        open STDERR, '>&', \*STDOUT;
        exec { 'sleep' } 'sleep', 60 or POSIX::_exit(127);
    }

    # -p is what may be forbidden
    my $tracer = spawn($self, "$output.err", 'strace', '-f', '-o', $output,
                       '-e', 'inject=fdatasync:delay_enter=1', '-p', $pid);

    my $state = wait_for(sub {
        return 'dead' if waitpid($tracer, WNOHANG) != 0;
        return (slurp("/proc/$pid/status") || '')
            =~ /^TracerPid:\t$tracer$/m;
    }, undef, 5);

    if (!$state || $state ne 'dead') {
        kill 'TERM', $tracer;
        waitpid $tracer, 0;
    }

    kill 'KILL', $pid;
    waitpid $pid, 0;

    my $why = slurp("$output.err");
    unlink $output, "$output.err";

    return if $state && $state ne 'dead';

    $why = '' unless defined $why;
    $why =~ s/\n.*//s;

    return $why eq '' ? 'strace is not installed' : $why;
}


1;
