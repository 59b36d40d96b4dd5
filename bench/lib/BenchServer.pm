package BenchServer;

# Copyright (C) 2026 ngx_http_payments_module contributors

# The servers that are compared: started on one core with all their threads,
# what they cost by /proc, and how many events have arrived by their own count.

use strict;
use warnings;

use File::Path qw(make_path remove_tree);
use FindBin ();
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);


our ($NGINX, $MODULE, $DIR);
our ($SERVER_CORE, $CLIENT_CORE) = (0, 1);

my $PATH = '/payments/process/stripe/';
# Debian's, whatever is below /usr/local
my $PYTHON = '/usr/bin/python3';
our $TICKS = POSIX::sysconf(POSIX::_SC_CLK_TCK());

my %started;


END {
    my $status = $?;

    finish(keys %started);

    $? = $status;
}


my $SPOOL = 'payments_process; payments_spool spool';
my $OFF = 'payments_dedup off;';
my $KEEP = 'proxy_http_version 1.1; proxy_set_header Connection "";';
my $APP = "location \@app { $KEEP proxy_pass http://app; }";

# What answers, in the order of the report.  text: its name there.  location:
# of the path; http, server, main: more of the configuration; stripe: of the
# variant.  arrived: where events are counted.  signed: it has to refuse what
# is not.  workers: so many, on wrk's core, too.

our @CASES = (
    { name => 'floor', text => '`return 204`', location => 'return 204;',
      arrived => 'requests' },
    { name => 'proxy', text => '`proxy_pass` to a 204', arrived => 'app',
      location => "$KEEP proxy_pass http://app;" },
    { name => 'verify', text => 'this module: verify and read', ours => 1,
      stripe => 'events bench.none;', signed => 1, arrived => 'ignored',
      location => "$SPOOL min_free=0; $OFF" },
    { name => 'pass', text => 'this module: pass to a 204', ours => 1,
      signed => 1, arrived => 'app', server => $APP,
      location => "payments_process; payments_pass \@app; $OFF" },
    { name => 'nosync', text => 'this module: spool, `sync=off`', ours => 1,
      signed => 1, arrived => 'spool',
      location => "$SPOOL sync=off min_free=0; $OFF" },
    { name => 'durable', text => 'this module: durable spool', ours => 1,
      signed => 1, arrived => 'spool', location => "$SPOOL; $OFF" },
    { name => 'dedup', text => 'this module: durable spool, dedup', ours => 1,
      signed => 1, arrived => 'spool', variants => 1,
      http => 'payments_dedup_zone zone=bench:64m;',
      location => "$SPOOL; payments_dedup zone=bench;" },
    { name => 'njs', text => 'njs: HMAC', module => 'ngx_http_js_module',
      signed => 1, arrived => 'requests',
      http => 'js_import check from check.js;',
      location => 'js_content check.check;' },
    { name => 'njs-json', text => 'njs: HMAC and JSON.parse', signed => 1,
      module => 'ngx_http_js_module', arrived => 'requests',
      http => 'js_import check from check.js;',
      location => 'js_content check.check_json;' },
    { name => 'lua', text => 'Lua: HMAC', module => 'ngx_http_lua_module',
      signed => 1, arrived => 'requests',
      location => 'content_by_lua_block { require("check").check() }' },
    { name => 'lua-json', text => 'Lua: HMAC and cjson', signed => 1,
      module => 'ngx_http_lua_module', arrived => 'requests',
      location => 'content_by_lua_block { require("check").check_json() }' },
    { name => 'webhook', text => 'webhook (adnanh): HMAC, runs `true`',
      signed => 1, of_body => 1, path => '/hooks/bench',
      start => \&start_webhook },
    { name => 'django', signed => 1, arrived => 'rows', start => \&start_django,
      text => 'Django: construct_event, a row in SQLite',
      chart => 'Django: check, a row in SQLite',
      location => "$KEEP proxy_set_header Host localhost;"
                  . ' proxy_read_timeout 60s; proxy_pass http://django;' },
);


sub new {
    my ($class, $case) = @_;

    my $self = bless { %$case, pids => [] }, $class;

    $self->{path} //= $case->{variants} ? '/payments/process/s' : $PATH;
    $self->{prefix} = "$DIR/server";
    $self->{port} = free_port();

    remove_tree($self->{prefix});
    make_path("$self->{prefix}/tmp");
    chmod 0755, $self->{prefix};

    return $self;
}


# Below the ports that outgoing connections take

sub free_port {
    for (1 .. 200) {
        my $port = 20000 + int rand 12000;

        return $port if IO::Socket::INET->new(
            LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1);
    }

    die "no free port\n";
}


sub slurp {
    my ($file) = @_;

    open my $f, '<:raw', $file or return '';
    local $/;

    return <$f> // '';
}


sub spill {
    my ($file, $text) = @_;

    open my $f, '>:raw', $file or die "$file: $!\n";
    print $f $text or die "$file: $!\n";
    close $f or die "$file: $!\n";
}


# A session of its own, so that all its processes are found

sub spawn {
    my ($core, $log, @command) = @_;

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        POSIX::setsid();
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', $log or POSIX::_exit(127);
        open STDERR, '>&', \*STDOUT;
        exec 'taskset', '-c', $core, @command or POSIX::_exit(127);
    }

    $started{$pid} = 1;

    return $pid;
}


# Patiently, then by force: the processes that were started, and their own

sub finish {
    my @pids = @_;

    kill 'TERM', @pids;

    for my $pid (@pids) {
        my $end = time + 20;

        until (waitpid($pid, POSIX::WNOHANG()) != 0) {
            kill 'KILL', map { $_->{pid} } processes($pid) if time > $end;
            sleep 0.01;
        }

        delete $started{$pid};
    }
}


sub started {
    return keys %started;
}


sub await {
    my ($question, $what, $seconds) = @_;

    my $end = time + ($seconds // 20);

    for ( ;; ) {
        my $answer = $question->();

        return $answer if $answer;
        die "gave up waiting: $what\n" if time > $end;
        sleep 0.01;
    }
}


# The processes of a session: pid, clock ticks with those of dead children

sub processes {
    my @processes;

    my %session = map { $_ => 1 } @_;

    for my $stat (glob '/proc/[0-9]*/stat') {
        my ($pid, $rest) = slurp($stat) =~ /^(\d+) \(.*\) (.*)$/s or next;
        my @fields = split ' ', $rest;

        next unless $session{$fields[3]};

        push @processes, {
            pid => $pid, parent => $fields[1],
            ticks => $fields[11] + $fields[12] + $fields[13] + $fields[14],
        };
    }

    return @processes;
}


# Microseconds of all the server's processes

sub cpu {
    my ($self) = @_;

    my $ticks = 0;

    $ticks += $_->{ticks} for processes(@{$self->{pids}});

    return $ticks * 1e6 / $TICKS;
}


# KB of the largest one that is no master

sub rss {
    my ($self) = @_;

    my @all = processes(@{$self->{pids}});
    my %parent = map { $_->{parent} => 1 } @all;
    my ($most) = sort { $b <=> $a } map {
        slurp("/proc/$_->{pid}/status") =~ /^VmHWM:\s*(\d+)/m ? $1 : 0
    } grep { !$parent{$_->{pid}} } @all;

    return $most;
}


sub listens {
    my ($port) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
}


sub launch {
    my ($self, $core, $port, @command) = @_;

    my $log = "$self->{prefix}/output";
    my $pid = spawn($core, $log, @command);

    await(sub {
        die "$self->{name} did not start: " . slurp($log)
            if waitpid($pid, POSIX::WNOHANG()) != 0;
        return listens($port);
    }, "$command[0] to listen");

    return $pid;
}


sub start {
    my ($self) = @_;

    $self->start_app
        if join(' ', map { $self->{$_} // '' } qw(location server))
            =~ m{//app\b};
    $self->{start}->($self) if $self->{start};

    if ($self->{location}) {
        spill("$self->{prefix}/nginx.conf", $self->nginx_conf);
        push @{$self->{pids}}, $self->launch(
            $self->{workers} ? "$SERVER_CORE,$CLIENT_CORE" : $SERVER_CORE,
            $self->{port}, $NGINX, '-p', $self->{prefix}, '-c', 'nginx.conf',
            '-e', 'error.log');
    }

    return $self;
}


# On the client's core: it is no part of what is measured

sub start_app {
    my ($self) = @_;

    my $prefix = "$DIR/app";

    remove_tree($prefix);
    make_path("$prefix/tmp");

    $self->{app_port} = free_port();
    spill("$prefix/nginx.conf", conf($self->{app_port}, '', '',
                                     'location / { return 204; }'));
    $self->{app} = $self->launch(
        $CLIENT_CORE, $self->{app_port}, $NGINX, '-p', $prefix, '-c',
        'nginx.conf', '-e', 'error.log');
}


sub start_webhook {
    my ($self) = @_;

    spill("$self->{prefix}/hooks.json", <<END);
[{ "id": "bench", "execute-command": "/bin/true",
   "http-methods": ["POST"], "trigger-rule-mismatch-http-response-code": 400,
   "trigger-rule": { "match": {
       "type": "payload-hmac-sha256", "secret": "$BenchEvents::SECRET",
       "parameter": { "source": "header", "name": "X-Hub-Signature-256" } } } }]
END

    push @{$self->{pids}}, $self->launch(
        $SERVER_CORE, $self->{port}, 'webhook', '-ip', '127.0.0.1',
        '-port', $self->{port}, '-hooks', "$self->{prefix}/hooks.json");
}


sub start_django {
    my ($self) = @_;

    local $ENV{BENCH_DB} = $self->{db} = "$self->{prefix}/db.sqlite3";
    local $ENV{BENCH_SECRET} = $BenchEvents::SECRET;

    local $ENV{PYTHONDONTWRITEBYTECODE} = 1;

    system($PYTHON, "$FindBin::Bin/shop.py") == 0 or die "shop.py failed\n";

    $self->{django_port} = free_port();

    push @{$self->{pids}}, $self->launch(
        $SERVER_CORE, $self->{django_port}, $PYTHON, '/usr/bin/gunicorn',
        '--chdir', $FindBin::Bin, '-w', 2, '--log-level', 'error',
        '-b', "127.0.0.1:$self->{django_port}", 'shop:app');
}


sub conf {
    my ($port, $main, $http, $server, $workers) = @_;

    # if it is said how many, each has connections of its own, and a core

    my $processes = $workers ? "$workers; worker_cpu_affinity auto" : 1;
    my $listen = "127.0.0.1:$port" . ($workers ? ' reuseport' : '');
    my $user = $> == 0 ? 'user root;' : '';

    return <<END;
$main
daemon off;
$user
worker_processes $processes;
worker_rlimit_nofile 8192;
error_log error.log warn;
pid nginx.pid;
events { worker_connections 4096; }
http {
    access_log off;
    client_header_buffer_size 8k;
    client_body_buffer_size 128k;
    client_max_body_size 16m;
    client_body_temp_path tmp/body;
    proxy_temp_path tmp/proxy;
    fastcgi_temp_path tmp/fastcgi;
    uwsgi_temp_path tmp/uwsgi;
    scgi_temp_path tmp/scgi;
    keepalive_requests 100000000;
    $http
    server {
        listen $listen backlog=1024;
        location = /stub { stub_status; }
        $server
    }
}
END
}


sub nginx_conf {
    my ($self) = @_;

    my $main = $self->{module} ? $self->other_module
        : $self->{ours} ? "load_module $MODULE;" : '';
    my $http = $self->{http} // '';

    $http .= ' lua_package_path "' . $self->{prefix} . '/?.lua;;";'
        if ($self->{module} // '') =~ /lua/;

    for my $up (qw(app django)) {
        my $port = $self->{"${up}_port"} or next;

        $http .= " upstream $up { server 127.0.0.1:$port;"
            . ($up eq 'app' ? ' keepalive 512;'
               . ' keepalive_requests 100000000;' : '') . ' }';
    }

    my $server = ($self->{server} // '')
        . " location /payments/process/ { $self->{location} }";

    if ($self->{ours}) {
        $server .= ' location = /status { payments_status; }';
        $http = join(' ', $self->variants) . " $http";
    }

    return conf($self->{port}, $main, $http, $server, $self->{workers});
}


sub variants {
    my ($self) = @_;

    my @secrets = @{$self->{secrets} // [$BenchEvents::SECRET]};
    my $has = join(' ', map { "secret $_;" } @secrets) . ' '
        . ($self->{stripe} // '');
    my $n = $self->{variants};

    return $n ? map { "payments_variant s$_ { provider stripe; $has }" }
                    0 .. $n - 1
        : "payments_variant stripe { $has }";
}


sub other_module {
    my ($self) = @_;

    my ($dir) = `'$NGINX' -V 2>&1` =~ /--modules-path=(\S+)/;
    my ($ending) = $self->{module} =~ /_(js|lua)_/;
    my $check = slurp("$FindBin::Bin/check.$ending");

    $check =~ s/SECRET/$BenchEvents::SECRET/;
    spill("$self->{prefix}/check.$ending", $check);

    return join ' ', map { "load_module $dir/$_.so;" }
        $ending eq 'lua' ? 'ndk_http_module' : (), $self->{module};
}


# The status of an answer and its body

sub http {
    my ($port, $request) = @_;

    my $s = listens($port) or die "nobody listens any more\n";

    $request =~ s/\r\nHost: /\r\nConnection: close\r\nHost: /;
    print $s $request;

    my $text = do { local $/; <$s> } // '';
    my ($status, $body) = $text =~ /^HTTP\S+ (\d+).*?\r\n\r\n(.*)/s;

    return wantarray ? ($status // 0, $body) : $status // 0;
}


sub get {
    my ($port, $path) = @_;

    return (http($port, "GET $path HTTP/1.1\r\nHost: localhost\r\n\r\n"))[1];
}


# How many events have arrived by now, or undef where nobody counts

sub arrived {
    my ($self) = @_;

    my $where = $self->{arrived} // return;

    if ($where eq 'spool') {

        # a file on its way from active/ to new/ would be in neither, or both

        await(sub { !(() = glob "$self->{prefix}/spool/active/*") }, 'sealed files');

        return $self->lines;

    } elsif ($where eq 'rows') {
        my $n = `$PYTHON -c 'import sqlite3, sys; print(sqlite3.connect(
sys.argv[1]).execute("SELECT count(*) FROM bench_event").fetchone()[0])' \\
'$self->{db}'`;

        return $n + 0;

    } elsif ($where eq 'ignored') {
        my $n = 0;

        $n += $_ for get($self->{port}, '/status')
            =~ /"ignored":\{"event_type":(\d+)/g;

        return $n;
    }

    # each look is a request, too

    my ($n) = get($where eq 'app' ? $self->{app_port} : $self->{port}, '/stub')
        =~ /^ *\d+ +\d+ +(\d+)/m;

    return $n - ++$self->{looks};
}


sub lines {
    my ($self) = @_;

    my $lines = 0;

    for my $file (glob "$self->{prefix}/spool/new/*") {
        open my $f, '<:raw', $file or next;

        while (sysread $f, my $block, 1 << 20) {
            $lines += $block =~ tr/\n//;
        }
    }

    return $lines;
}


sub log_text {
    my ($self) = @_;

    return join '', grep { /\[(?:error|crit|alert|emerg)\]/ }
        map { "$_\n" } split /\n/, slurp("$self->{prefix}/error.log");
}


# Frees what the run has written: the consumer, between rounds

sub stop {
    my ($self) = @_;

    finish(grep { $_ } @{$self->{pids}}, $self->{app});
    remove_tree("$self->{prefix}/spool");
}


1;
