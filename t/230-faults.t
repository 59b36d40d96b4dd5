# Copyright (C) 2026 ngx_http_payments_module contributors

# Whatever fails below the module: an event is refused, or waits, one line in
# the log says why, the worker lives, events are taken again when the cause is
# gone, and what was answered with 200 is in the spool.
#
# PAYMENTS_LONG=1 tries more places and errors, and a disk that hangs: 70 s more.

use strict;
use warnings;

use Errno qw(EDQUOT EFBIG EINTR EIO EMFILE ENFILE ENOMEM ENOSPC EROFS);
use File::Path qw(make_path);
use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);

use PaymentsFaults;
use PaymentsHttp2;
use PaymentsNginx;
use PaymentsServer qw(event slurp wait_for);


my $LONG = $ENV{PAYMENTS_LONG};

my $why = PaymentsFaults::cannot();
plan skip_all => $why if $why;

my $faults = PaymentsFaults->new('230-faults');
my $files = 'client_body_in_file_only clean;';

my ($server, $worker, $mounted);

my $n = 0;


END {
    my $status = $?;

    $server->kill_all if $server;
    system 'umount', $mounted if defined $mounted;

    $? = $status;
}


# One thread, so that calls can be counted

# A start is over when the worker has recovered what lies in its spools: until
# then a fault may hit that, or a thread be busy with it

sub start {
    my ($name, %opt) = @_;

    my $others = delete $opt{others} || [];

    $server = PaymentsServer->new("230-$name",
        main => 'thread_pool default threads=1;', spool_args =>
        'min_free=0 seal=300ms', %opt);

    my @empty = map { "$_/active/0000000000000001.none.1.0.ndjson" }
        $server->spool_path, map { "$server->{prefix}/$_" } @$others;

    for my $file (@empty) {
        (my $dir = $file) =~ s{/active/.*}{};
        make_path(map { "$dir/$_" } qw(active new corrupt));
        open my $f, '>', $file or die "$file: $!\n";
        close $f;
    }

    $worker = $faults->start($server);

    wait_for(sub { !grep { -e } @empty }, 'the recovery at the start');

    return $worker;
}


sub finish {
    my ($name, %allowed) = @_;

    $faults->disarm;
    is($faults->get('again'), 0,
       "$name: no descriptor was synced again after an error");
    is_deeply([$server->workers], [$worker], "$name: the same worker");
    $server->ok_idle($name);
    $server->ok_once($name) unless $allowed{twice};
    ok($server->stop, "$name: it ends");
    $server->ok_clean($name) unless $allowed{log};

    undef $server;
}


sub id {
    return 'evt_' . $_[0] . '_' . ++$n;
}


# What became of a request: a status, "closed", or "hung"

sub outcome {
    my ($s) = @_;

    return 'closed' if !$s;

    my ($text, $end) = ('', time + 10);

    for ( ;; ) {
        my $left = $end - time;

        if (!PaymentsServer::readable($s, $left > 0 ? $left : 0)) {
            return 'hung';
        }

        my $got = sysread $s, $text, 65536, length $text;
        my $answer = PaymentsServer::parse($text, !$got);

        return $answer->{status} if $answer;
        return 'closed' if !$got;
    }
}


sub post {
    my ($id, %opt) = @_;

    my $s = $server->send(event($id), %opt);
    my $outcome = outcome($s);

    close $s if $s;

    return $outcome;
}


sub posted {
    my ($id, $expected, $name, %opt) = @_;

    is(post($id, %opt), $expected, "$name: $expected");
}


# Until it is taken again; the id of that event

sub again {
    my ($name) = @_;

    my $id;

    ok(wait_for(sub {
        $id = id('again');
        return post($id) eq '200';
    }, undef, 10), "$name: events are taken again");

    return $id;
}


sub safe {
    my ($name, @ids) = @_;

    $server->ok_safe({ map { $_ => '200' } @ids }, $name);
}


sub crits {
    return $server->log_lines('\[crit\]');
}


# Lines since there were so many

sub one_line {
    my ($name, $before, $pattern) = @_;

    my @crits = crits();
    splice @crits, 0, $before;

    is(scalar @crits, 1, "$name: one line in the log")
        or diag(join "\n", @crits);
    like($crits[0] || '', $pattern, "$name: which says so");
}


# What is worse than a crit, but for what is expected, in the log of a server
# that has ended

sub bad_lines {
    my ($prefix, $allowed) = @_;

    return grep { !/\[(?:info|notice|warn|error|crit)\]/ && !/$allowed/
                  || /\[alert\]|exited on signal|open socket .*left/ }
        split /\n/, slurp("$prefix/logs/error.log");
}


# $payments_error of an event's path

sub error_of {
    my ($tag) = @_;

    my $error;

    wait_for(sub {
        ($error) = slurp("$server->{prefix}/logs/access.log")
            =~ /^\S*\?$tag \d+ \w*\/(\S*)/m;
        return defined $error;
    }, 'a line of the access log');

    return $error;
}


sub tagged {
    my ($tag) = @_;

    return (path => "/payments/process/stripe/?$tag");
}


# A write that fails, at once or behind a part: nothing of it stays

subtest 'pwritev' => sub {
    start('pwritev');

    my @safe;

    # the numbers of bytes that were written before: of a small event, in the
    # head of the envelope, in the body, and up to the line's end

    my @short = (undef, 1, 100, 1000, -1);

    for my $error (EDQUOT, ENOSPC, EIO, EFBIG) {
        my $full = $error == EDQUOT || $error == ENOSPC;

        for my $short (@short) {
            my $name = "pwritev, error $error"
                . (defined $short ? ", after $short bytes" : '');

            push @safe, my $before = id('before');
            posted($before, 200, "$name: before");

            my $crits = crits();
            my $id = id('failed');
            my $limit = $short;

            # as long as that event, whose id is as long

            $limit = length(envelope($before)) + length(event($id))
                - length(event($before)) + $short
                if defined $short && $short < 0;

            $faults->arm('pwritev', error => $error,
                         defined $short ? (skip => 1, short => $limit) : ());
            posted($id, 503, $name, tagged($id));
            is($faults->hits('pwritev'), 1, "$name: it was that");
            is(error_of($id), $full ? 'spool_full' : 'spool_error',
               "$name: the reason");
            one_line($name, $crits, qr/pwritev\(\) failed.*\($error: /);
            $faults->disarm;

            push @safe, my $after = id('after');
            posted($after, 200, "$name: the next");
        }
    }

    # the file cannot be cut back, either

    for my $error (ENOSPC, EIO) {
        my $name = "pwritev and ftruncate, error $error";

        push @safe, my $before = id('before');
        posted($before, 200, "$name: before");

        my $crits = crits();

        $faults->arm('pwritev', error => $error, skip => 1, short => 500);
        $faults->arm('ftruncate', error => EIO);
        posted(id('failed'), 503, $name);
        is($faults->hits('ftruncate'), 1, "$name: it was that");
        one_line($name, $crits, qr/pwritev\(\) failed.*\($error: /);
        $faults->disarm;

        push @safe, my $after = id('after');
        posted($after, 200, "$name: the next");
    }

    # only what is short is no error

    for my $short (1, 2, 999) {
        push @safe, my $id = id('short');
        $faults->arm('pwritev', skip => 1, short => $short, times => 1,
                     error => EINTR);
        posted($id, 200, "a write of $short bytes, and an interrupted one");
        is($faults->hits('pwritev'), 1, 'it was that');
        $faults->disarm;
    }

    safe('pwritev', @safe);
    is(scalar(grep { /_failed_/ } keys %{$server->look}), 0,
       'pwritev: not what was refused');
    finish('pwritev');
};


# Its line in the spool

sub envelope {
    my ($id) = @_;

    for my $dir ('active', 'new') {
        for my $file ($server->files($dir)) {
            my $text = slurp($server->spool_path . "/$dir/$file");

            return "$1\n" if ($text || '') =~ /^(.*"id":"$id".*)$/m;
        }
    }

    die "$id is nowhere\n";
}


# Each call that there is, the first, second, ... time that it comes

subtest 'each call' => sub {
    start('each', spool_args => 'min_free=0 seal=5ms');

    my (@safe, %reached, @wrong);
    my $lines = crits();

    for my $call (qw(statvfs open openat flock fstat statx fchmod fsync pwritev
                     fdatasync ftruncate renameat unlinkat fdopendir))
    {
        for my $error ($LONG ? (EIO, ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM,
                                EROFS) : (EIO, ENOSPC))
        {
            for my $nth (0 .. ($LONG ? 5 : 3)) {
                # each begins with a new segment

                wait_for(sub { !$server->files('active') }, undef, 2);

                $faults->arm($call, error => $error, skip => $nth);

                for (1 .. 2) {
                    my $id = id("${call}_$nth");
                    my $outcome = post($id);

                    push @wrong, "$call $nth, error $error: $outcome"
                        if $outcome !~ /^(?:200|503)$/;
                    push @safe, $id if $outcome eq '200';
                }

                # what comes after the answer

                wait_for(sub {
                    return $faults->hits($call) || !$server->files('active');
                }, undef, 2);

                $reached{$call}++ if $faults->hits($call);
                $faults->disarm;

                my $id = id('after');
                my $outcome = post($id);

                push @safe, $id if $outcome eq '200';
                push @wrong, "$call $nth, error $error: then $outcome"
                    if $outcome ne '200' && !wait_for(sub {
                        return post(id('later')) eq '200';
                    }, undef, 5);

                my @crits = crits();
                my @refused = grep { /events are refused/ }
                    @crits[$lines .. $#crits];

                $lines = @crits;
                push @wrong, "$call $nth, error $error: " . @refused . ' lines'
                    if @refused > 1;
            }
        }
    }

    is_deeply(\@wrong, [], 'each fails as it should');
    note(join ', ', map { "$_: $reached{$_}" } sort keys %reached);

    # those that only come after another

    ok($reached{$_}, "$_ has failed")
        for qw(statvfs open openat flock fstat statx fchmod fsync pwritev
               fdatasync renameat);

    # a recovery that has failed comes again in a minute, or at the next start

    is_deeply([$server->workers], [$worker], 'the same worker');
    is($faults->get('again'), 0, 'no descriptor was synced again');

    kill 'HUP', $server->{master};
    ok(wait_for(sub {
        my @workers = $server->workers;
        return @workers == 1 && $workers[0] != $worker
            && ($worker = $workers[0]);
    }), 'another worker');

    safe('each call', @safe);
    finish('each call');
};


# Two at a time: an event that failed may be there, one that was taken has to be

subtest 'a sync that fails, and what comes then' => sub {
    start('sync');

    my (@safe, @failed);

    for my $also (undef, 'ftruncate', 'openat', 'renameat') {
        my $name = 'fdatasync' . (defined $also ? " and $also" : '');

        push @safe, my $before = id('before');
        posted($before, 200, "$name: before");

        my $crits = crits();

        $faults->arm('fdatasync', error => EIO);
        $faults->arm($also, error => EIO) if defined $also;
        push @failed, id('failed');
        posted($failed[-1], 503, $name);
        one_line($name, $crits, qr/fdatasync\(\) failed.*\(5: /)
            if !defined $also || $also eq 'ftruncate';
        $faults->disarm;

        push @safe, again($name);
    }

    # directories: where a file is born, and where it goes

    $server->ok_idle('before fsync');

    my $crits = crits();

    $faults->arm('fsync', error => EIO);
    posted(id('failed'), 503, 'fsync of active');
    one_line('fsync of active', $crits, qr/fsync\(\) failed.*\(5: /);
    push @safe, again('fsync of active');
    $server->ok_idle('fsync of active');
    $faults->disarm;

    $crits = crits();
    $faults->arm('fsync', error => EIO, skip => 1);
    push @safe, my $id = id('sealed');
    posted($id, 200, 'fsync of new');
    safe('fsync of new', $id);
    ok(wait_for(sub { crits() > $crits }), 'fsync of new: it is said');
    one_line('fsync of new', $crits, qr/fsync\(\) failed while a segment was/);
    $faults->disarm;
    push @safe, again('fsync of new');

    # of a recovery

    push @safe, $id = id('left');
    posted($id, 200, 'recovery: before');
    $crits = crits();
    $faults->set(pid => -1);
    $faults->arm('fsync', error => EIO);
    $server->kill_workers;
    ok(wait_for(sub {
        my @workers = $server->workers;
        return @workers == 1 && $workers[0] != $worker
            && ($worker = $workers[0]);
    }), 'recovery: another worker');
    ok(wait_for(sub { $faults->hits('fsync') }), 'recovery: fsync has failed');
    ok(wait_for(sub { crits() > $crits }), 'recovery: it is said');
    one_line('recovery', $crits, qr/fsync\(\) failed while segments were/);
    $faults->disarm;
    $faults->set(pid => $worker);
    safe('recovery', $id);
    push @safe, again('recovery');

    safe('sync', @safe);
    finish('sync');
};


# A segment whose owner has died when nobody started any more: a worker that
# was retiring, or one of another nginx

subtest 'a segment without an owner' => sub {
    start('orphan');

    my $id = id('orphan');
    my $file = $server->spool_path . '/active/1764020246000000.h.1.0.ndjson';

    posted($id, 200, 'before');
    safe('before', $id);
    $server->ok_idle('before');

    my $line = envelope($id);

    $server->consume;
    delete $server->{ids}{$id};

    open my $f, '>', $file or die "$file: $!\n";
    syswrite $f, $line;
    close $f;

    $faults->set(ahead => 59);
    posted(id('early'), 200, 'a minute is not over');
    ok(-e $file, 'it is still there');

    $faults->set(ahead => 61);
    ok(wait_for(sub {
        $server->get('/ping');
        return !-e $file;
    }, undef, 10), 'found within a minute');
    safe('recovered', $id);
    ok(wait_for(sub { $server->log_lines('recovered 1 segments') }),
       'which is said');

    # and again

    open $f, '>', $file or die "$file: $!\n";
    syswrite $f, "{\"torn";
    close $f;

    $faults->set(ahead => 122);
    ok(wait_for(sub {
        $server->get('/ping');
        return !-e $file;
    }, undef, 10), 'and within the next');
    ok(wait_for(sub {
        $server->log_lines('1 of them ended in bytes of a commit');
    }), 'and that there was more than nothing');

    finish('orphan');
};


# The last that a worker does: what cannot be sealed is recovered, since there
# may be no worker to come.  By that or by others that fail before

for my $case (
    ['the seal at its end', sub {
        $faults->arm('renameat', error => EIO);
    }, qr/renameat\(\) failed while a segment was sealed, recovery has to/],

    ['a commit, just before', sub {
        $faults->arm('fdatasync', error => EIO);
        posted(id('failed'), 503, 'a commit that fails');
    }, qr/fdatasync\(\) failed, events are refused/],

    # a disk that fails for good

    ['all of it', sub {
        $faults->arm('renameat', error => EIO, times => -1);
    }, qr/renameat\(\) failed while segments were recovered/],
)
{
    my ($name, $fail, $said) = @$case;

    subtest "an exit: $name" => sub {
        start('exit', spool_args => 'min_free=0 seal=60s');

        my $id = id('exit');

        posted($id, 200, 'an event');
        $fail->();
        ok($server->stop, 'it ends');

        is(scalar $server->log_lines($said), 1, 'the error is in the log');

        if ($name eq 'all of it') {
            is(scalar(() = $server->files('active')), 1, 'the segment is left');
            $faults->disarm;
            $server->start;
        }

        safe($name, $id);
        is_deeply([$server->files('active')], [], 'nothing is left in active');
        $server->ok_once($name);
        ok($server->stop, 'it ends');
        $server->ok_clean;

        undef $server;
    };
}


subtest 'a body in a file that cannot be read' => sub {
    start('body', server => $files);

    my $crits = crits();
    my $id = id('body');
    my @safe;

    $faults->arm('pread', error => EIO);
    posted($id, 503, 'the error', tagged($id));
    is($faults->hits('pread'), 1, 'it was that');
    is(error_of($id), 'internal', 'the reason');
    one_line('a body', $crits, qr/temporary file cannot be read \(5: /);
    $faults->disarm;

    $faults->arm('pread', error => EINTR, times => 3);
    push @safe, $id = id('body');
    posted($id, 200, 'interrupted three times');
    is($faults->hits('pread'), 3, 'it was that');
    $faults->disarm;

    safe('a body', @safe, again('a body'));
    finish('a body');
};


# The worker's own limit, which leaves it some descriptors or none

subtest 'descriptors' => sub {
    plan skip_all => 'no prlimit' if `prlimit --version 2>&1` !~ /^prlimit/;

    start('descriptors', server => 'location = /file/stripe '
          . '{ payments_process; '
          . "payments_spool spool min_free=0 seal=300ms; $files }");

    my $limit = sub {
        return system('prlimit', "--pid=$worker", "--nofile=$_[0]:") == 0;
    };

    my ($soft) = slurp("/proc/$worker/limits") =~ /^Max open files +(\d+)/m;

    my $idle = $server->idle_fds($worker);

    # connections are there before

    my @sockets = map {
        my $s = $server->connect;
        syswrite $s, $server->request(event(id('first')), keepalive => 1);
        is(outcome($s), 200, 'a connection');
        $s;
    } 1 .. 8;

    my @free;

    ok(wait_for(sub {
        my @open = map { m{/(\d+)$} } glob "/proc/$worker/fd/*";
        my %open = map { $_ => 1 } @open;

        @free = grep { !$open{$_} } 0 .. @open + 10;

        return !$server->files('active') && @open == $idle + @sockets;
    }), 'nothing else to do');

    my $crits = crits();
    my (@outcomes, @safe);

    for my $left (0 .. 5) {
        ok($limit->($free[$left]), "$left are left");

        my $id = id('few');

        syswrite $sockets[$left], $server->request(event($id),
                                                   keepalive => 1);
        push @outcomes, outcome($sockets[$left]);
        push @safe, $id if $outcomes[-1] eq '200';

        $server->ok_idle("$left are left");
    }

    like("@outcomes", qr/^503 (?:503 )*200(?: 200)*$/, "few: @outcomes");

    is(scalar(grep { /events are refused/ } splice @{[crits()]}, $crits), 1,
       'few: one line');

    # none for a body

    ok($limit->($free[0]), 'none is left');

    syswrite $sockets[6], $server->request(event(id('none')), keepalive => 1,
                                           path => '/file/stripe');
    is(outcome($sockets[6]), 503, 'a body that has to go to a file');

    ok($limit->($soft), 'as many as before');

    push @safe, again('descriptors');
    close $_ for @sockets;

    my $prefix = $server->{prefix};

    safe('descriptors', @safe);
    finish('descriptors', log => 1);

    my @bad = bad_lines($prefix, qr/\(24: Too many open files\)/);
    is_deeply(\@bad, [], 'descriptors: the log has nothing else');
};


subtest 'the file system' => sub {
    plan skip_all => 'only root can mount' if $> != 0;

    $server = PaymentsServer->new('230-mount', main =>
        'thread_pool default threads=1;', spool_args => 'min_free=0');

    my $dir = $server->spool_path;

    system "umount '$dir' 2>/dev/null" if -d $dir;
    make_path($dir);

    my $error = `mount -t tmpfs -o size=4m,nr_inodes=20 payments '$dir' 2>&1`;
    plan skip_all => "cannot mount: $error" if $? != 0;

    $mounted = $dir;
    $worker = $faults->start($server);

    my $remount = sub {
        my ($how) = @_;

        return wait_for(sub {
            return system("mount -o remount,$how '$dir' 2>/dev/null") == 0;
        }, "remount,$how");
    };

    my @safe = id('mount');

    posted($safe[0], 200, 'at first');
    safe('at first', @safe);
    $server->ok_idle('at first');

    # a file that is open would keep it from that

    SKIP: {
        skip 'cannot remount', 1 if !$remount->('ro');

        my $crits = crits();

        posted(id('ro'), 503, 'read-only') for 1 .. 3;
        one_line('read-only', $crits, qr/openat\(\) failed.*\(30: /);
        ok($remount->('rw'), 'writable again');
        push @safe, again('read-only');
    }

    # no file more

    $server->ok_idle('before the last file');

    my $i = 0;
    while (open my $f, '>', "$dir/new/.file" . $i++) {}

    my $crits = crits();
    my $id = id('inodes');

    posted($id, 503, 'no inodes', tagged($id));
    is(error_of($id), 'spool_full', 'no inodes: the reason');
    one_line('no inodes', $crits, qr/openat\(\) failed.*\(28: /);
    unlink glob "$dir/new/.file*";
    push @safe, again('no inodes');

    safe('the file system', @safe);

    my $tested = $server;

    finish('the file system');

    # a segment cannot be renamed to another one

    my $relayed = PaymentsServer->new('230-relayed', paths => [],
        server => 'location /payments/process/ { payments_process; '
                  . "payments_spool $dir min_free=0; payments_pass \@app; }"
                  . 'location @app { return 204; }');

    like($relayed->test, qr/test is successful/, 'one file system');

    for my $case (['new', $tested], ['corrupt', $tested], ['retry', $relayed],
                  ['dead', $relayed])
    {
        my ($name, $nginx) = @$case;

        for my $how ('-t tmpfs payments', "--bind '$dir/$name'") {
            ok(system("mount $how '$dir/$name'") == 0, "$name/: mount $how");

            my $said = $nginx->test;

            ok(system('umount', "$dir/$name") == 0, 'and no more');
            like($said,
                 qr{\[emerg\].*: "active" and "$name" are on different file},
                 'nginx does not start so');
        }
    }

    ok(system('umount', $mounted) == 0, 'unmounted');
    undef $mounted;
};


# One thread, and one that may wait for it

subtest 'the queue of the threads' => sub {
    start('queue', main => 'thread_pool default threads=1 max_queue=1;',
          others => [qw(b c)],
          spool_args => 'min_free=0 seal=60s',
          server => join '', map {
              "location = /$_/stripe { payments_process;"
              . " payments_spool $_ min_free=0; $files }\n"
          } qw(b c));

    $faults->set(hold => 1);

    my $a = $server->send(event('evt_a'));
    ok(wait_for(sub { $faults->get('held') }), 'a commit is held');

    # these want another thread, to read their bodies

    my $b = $server->send(event('evt_b'), path => '/b/stripe');

    wait_for(sub { $server->get('/ping')->{status} == 204 && idle_queue() },
             'the body to be in the queue');

    my @full = map {
        $server->send(event("evt_c_$_"), path => "/c/stripe?c$_")
    } 1 .. 3;

    my @answers = map { $server->answer($_) } @full;

    is(join(' ', map { $_ ? $_->{status} : 'none' } @answers), '503 503 503',
       'the queue is full');
    like($answers[0]{headers}, qr/\nretry-after: *\d+\r/i, 'Retry-After');
    is(error_of("c$_"), 'queue_full', "the reason, $_") for 1 .. 3;

    $faults->set(hold => 0);

    is(outcome($a), 200, 'the first is answered');
    is(outcome($b), 200, 'and who waited');

    my @safe = ('evt_a', again('the queue'));

    # Old enough to be sealed: that takes the place in the queue that the next
    # commit wanted.  Many wait for that, more than one commit has room for.

    $faults->set(hold => 1);

    $a = $server->send(event('evt_a2'));
    ok(wait_for(sub { $faults->get('held') }), 'a commit is held again');

    my @many = map { $server->send(event("evt_many_$_")) } 1 .. 400;
    my %ports = map { $_->sockport => 1 } @many;

    ok(wait_for(sub {
        return 400 == grep { $ports{$_->{from}} && $_->{accepted}
                             && !$_->{unread} }
            $server->connections($server->{port});
    }), 'many wait');
    ok(wait_for(sub {
        my ($born) = map { /^(\d{16})\./ } sort $server->files('active');
        return $born && time > $born / 1e6 + 1.1;
    }), 'the segment is old');

    $b = $server->send(event('evt_b2'), path => '/b/stripe');
    is($server->get('/ping')->{status}, 204, 'another is there');

    $faults->set(hold => 0);

    my %outcome;

    for my $i (0 .. $#many) {
        my $outcome = outcome($many[$i]);

        $outcome{$outcome}++;
        push @safe, 'evt_many_' . ($i + 1) if $outcome eq '200';

        last if $outcome eq 'hung';
    }

    is($outcome{hung} || 0, 0, 'none is forgotten')
        or diag(join ', ', map { "$_: $outcome{$_}" } sort keys %outcome);
    is(($outcome{200} || 0) + ($outcome{503} || 0), 400, 'all are answered')
        or diag(join ', ', map { "$_: $outcome{$_}" } sort keys %outcome);
    note(join ', ', map { "$_: $outcome{$_}" } sort keys %outcome);

    is(outcome($a), 200, 'who was held is answered');
    like(outcome($b), qr/^(?:200|503)$/, 'and the other');
    close $_ for @many;

    push @safe, 'evt_a2', again('many');

    # its end seals what is open for a minute

    $faults->disarm;
    is($faults->get('again'), 0, 'no descriptor was synced again');
    is_deeply([$server->workers], [$worker], 'the same worker');
    ok($server->stop, 'it ends');
    is_deeply([$server->files('active')], [], 'active/ is empty');
    safe('the queue', @safe);
    $server->ok_clean('the queue');
    undef $server;
};


# The body's file is written, and closed only when it is done

sub idle_queue {
    return grep { (readlink $_ || '') =~ m{/tmp/body/} }
        glob "/proc/$worker/fd/*";
}


# It takes 2 s

subtest 'a slow disk' => sub {
    start('slow', spool_args => 'min_free=0');

    $faults->arm('fdatasync', delay => 2000000, times => 0);

    my @ids = map { "evt_slow_$_" } 1 .. 20;
    my $first = $server->send(event($ids[0]));

    ok(wait_for(sub {
        grep { -s $server->spool_path . "/active/$_" } $server->files('active');
    }), 'a commit runs');

    my @others = map { $server->send(event($_)) } @ids[1 .. 19];

    is($server->get('/ping')->{status}, 204, 'others are served') for 1 .. 20;
    is(post('evt_refused', path => '/payments/process/x/'), 400,
       'and refused');
    ok(!PaymentsServer::readable($_, 0), 'no answer before its end')
        for $first, $others[0];
    ok(!-s $server->spool_path . "/new/$_", 'and nothing to see')
        for $server->files('new');

    is(outcome($_), 200, 'then it is answered') for $first, @others;
    is(scalar(crits()), 0, 'it is no error');

    $faults->disarm;
    safe('a slow disk', @ids, again('a slow disk'));
    finish('a slow disk');
};


# Or does not come back for a minute, which somebody has to hear of

subtest 'a disk that hangs' => sub {
    plan skip_all => 'a minute: for PAYMENTS_LONG=1' if !$LONG;

    start('hangs', spool_args => 'min_free=0');

    $faults->set(hold => 1);

    my $s = $server->send(event('evt_hangs'));

    ok(wait_for(sub { crits() }, 'the minute', 80), 'it is said');
    one_line('hangs', 0, qr/a commit has not returned from the disk for 60 s/);
    ok(!PaymentsServer::readable($s, 0), 'there is no answer');

    $faults->set(hold => 0);
    is(outcome($s), 200, 'until it is back');

    safe('a disk that hangs', 'evt_hangs', again('a disk that hangs'));
    finish('a disk that hangs');
};


# Each allocation of a request, one after the other

sub allocations {
    my ($name, $request, $times) = @_;

    my @safe;

    $faults->ok_allocations($name, times => $times, some => 3,
        right => '200|500|503|000|closed|reset.*',
        request => sub {
            my $id = id('alloc');
            my $outcome = $request->($id);

            push @safe, $id if $outcome eq '200';

            return $outcome;
        },
        after => sub {
            return 'the worker has died'
                if join(' ', $server->workers) ne $worker;

            my $id = id('after');
            my $outcome = post($id);

            push @safe, $id if $outcome eq '200';

            return $outcome eq '200' ? '' : $outcome;
        });

    return @safe;
}


subtest 'memory' => sub {
    my $http2 = !PaymentsNginx::lacks('http2');
    my $socket = '/tmp/payments-230-' . $$ . '.sock';

    start('memory', spool_args => 'min_free=0',
          server => ($http2 ? PaymentsNginx::listen_http2("unix:$socket") : '')
          . 'location = /file/stripe '
          . "{ payments_process; payments_spool spool min_free=0; $files }");

    # files and sealing come and go, and want some too

    my %ways = (
        'one buffer' => sub { post($_[0]) },
        'two buffers' => sub {
            my $s = $server->connect or return 'closed';
            my $request = $server->request(event($_[0], 3000));
            my $head = index($request, "\r\n\r\n") + 4;

            syswrite $s, substr $request, 0, $head + 10, '';
            $server->get('/ping');
            syswrite $s, $request;

            my $outcome = outcome($s);
            close $s;
            return $outcome;
        },
        'a file' => sub { post($_[0], path => '/file/stripe') },
        'HTTP/2' => sub {
            my $body = event($_[0]);
            my ($answer) = eval { PaymentsHttp2::talk($socket, {
                method => 'POST', uri => '/payments/process/stripe/',
                headers => 'stripe-signature: ' . PaymentsServer::sign($body),
                body => $body }) };

            alarm 0;

            return $@ =~ /no answer/ ? 'hung' : 'closed' if $@;
            return (split / /, $answer)[0];
        },
        'a refusal' => sub {
            my $s = $server->connect or return 'closed';

            syswrite $s, $server->request(event($_[0]))
                =~ s/v1=/v1=0/r;

            my $outcome = outcome($s);

            close $s;
            return $outcome eq '400' ? 'closed' : $outcome;
        },
    );

    delete $ways{'HTTP/2'} unless $http2;

    my @safe;

    for my $name (sort keys %ways) {
        push @safe, allocations("$name, one", $ways{$name}, 1);
        push @safe, allocations("$name, all from there", $ways{$name}, -1)
            if $name ne 'HTTP/2';
    }

    my $prefix = $server->{prefix};

    safe('memory', @safe, again('memory'));
    finish('memory', log => 1, twice => 1);

    my @bad = bad_lines($prefix, qr/\(12: Cannot allocate memory\)/);
    is_deeply(\@bad, [], 'memory: the log has nothing else');
};


done_testing;
