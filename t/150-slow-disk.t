# Copyright (C) 2026 ngx_http_payments_module contributors

# A disk that is slow, that fails, that goes away: other requests do not wait,
# one commit pays for many events, and a failure costs what was in it only.

use strict;
use warnings;

use File::Path qw(make_path remove_tree);
use Test::More;
use Time::HiRes qw(time);

use PaymentsServer qw(can_strace event wait_for);


my $why = can_strace();
plan skip_all => $why if $why;


my ($server, $worker);

my $n = 0;


# One thread, so that calls can be counted, and an empty segment of nobody, so
# that there is something to see of a recovery: it has calls of its own

sub start {
    my ($name, %opt) = @_;

    $server = PaymentsServer->new("150-$name",
        main => 'thread_pool default threads=1;', %opt);

    my $spool = $server->spool_path;

    make_path(map { "$spool/$_" } qw(active new corrupt));

    open my $f, '>', "$spool/active/1764020246000000.none.1.0.ndjson"
        or die "$!\n";
    close $f;

    $server->start;
    ($worker) = $server->workers;

    ok(wait_for(sub { $server->log_lines('recovered 0 segments .* 1 others') }),
       "$name: the worker has recovered what there was");
}


sub finish {
    my ($name) = @_;

    $server->ok_once($name);
    $server->ok_idle($name);
    is_deeply([$server->workers], [$worker], "$name: the same worker");
    ok($server->stop, "$name: it ends");
    $server->ok_clean($name);
}


sub status {
    my ($answer) = @_;

    return $answer ? $answer->{status} : 'none';
}


sub post {
    my ($id) = @_;

    return status($server->post(event($id)));
}


sub posted {
    my ($id, $expected, $name) = @_;

    is(post($id), $expected, "$name: $expected");
}


# Until it is taken again; the id of that event

sub again {
    my ($name) = @_;

    my $id;

    ok(wait_for(sub {
        $id = 'evt_again_' . ++$n;
        return post($id) eq '200';
    }), "$name: events are taken again");

    return $id;
}


sub safe {
    my ($name, @ids) = @_;

    $server->ok_safe({ map { $_ => '200' } @ids }, $name);
}


sub crits {
    my ($name, $expected, $pattern) = @_;

    my @crits = $server->log_lines('\[crit\]');

    is(scalar @crits, $expected, "$name: $expected in the log")
        or diag(join "\n", @crits);
    like($crits[0] || '', $pattern, "$name: which says so");
}


# What is written, and not yet sealed

sub held {
    return grep { -s $server->spool_path . "/active/$_" }
        $server->files('active');
}


# $payments_commit_time of n that were accepted; a line comes after its answer

sub commit_times {
    my ($n) = @_;

    my @times;

    ok(wait_for(sub {
        @times = grep { /^[\d.]+$/ } split /\n/,
            PaymentsServer::slurp("$server->{prefix}/logs/time.log");
        return @times == $n;
    }), "\$payments_commit_time of each of $n");

    return @times;
}


# While the disk works on one commit, the next one gathers

subtest 'slow' => sub {
    start('slow', http => 'log_format time "$payments_commit_time";',
          server => 'access_log logs/time.log time;');

    my $trace = $server->strace($worker, '-e', 'trace=fdatasync',
        '-e', 'inject=fdatasync:delay_enter=300000');

    my @sockets = map { $server->send(event("evt_first_$_")) } 1, 2;

    ok(wait_for(\&held), 'a commit runs');

    push @sockets, map { $server->send(event("evt_during_$_")) } 1 .. 20;

    is(scalar(grep { status($server->answer($_)) eq '200' } @sockets), 22,
       'all are answered');

    my @syncs = grep { /fdatasync\(/ } $server->untrace($trace);

    # the first two may come apart, and the others before the last is sent

    cmp_ok(scalar @syncs, '>=', 2, 'the commits that are needed');
    cmp_ok(scalar @syncs, '<=', 5, 'and not many more');
    note(scalar(@syncs) . ' commits for 22 events');

    # the delay is of the first and of the second commit at least

    my @times = sort { $a <=> $b } commit_times(22);

    cmp_ok($times[0], '>=', 0.3, 'not less than the delay');
    cmp_ok($times[-1], '>=', 0.35, 'longer when one commit had to be over');

    my $start = time;

    posted('evt_alone', 200, 'one that comes later');
    my $seconds = time - $start;

    cmp_ok((commit_times(23))[-1], '<=', $seconds, 'has a time of its own');

    safe('slow', 'evt_first_1', 'evt_first_2', 'evt_alone',
         map { "evt_during_$_" } 1 .. 20);

    finish('slow');
};


# It ends only when the tracer lets it

subtest 'hanging' => sub {
    start('hanging');

    my $trace = $server->strace($worker, '-e', 'trace=fdatasync',
        '-e', 'inject=fdatasync:delay_enter=600000000');

    my $s = $server->send(event('evt_hanging'));

    ok(wait_for(\&held), 'a commit runs');

    for (1 .. 5) {
        is(status($server->get('/ping')), 204, 'others are served');
    }

    my $more = $server->send(event('evt_more'));

    ok(!PaymentsServer::readable($s, 0), 'no answer before its end');
    ok(!PaymentsServer::readable($more, 0), 'nor to the next');
    is(status($server->post('{}', path => '/payments/process/x/')), 400,
       'others are refused');

    $server->untrace($trace);

    is(status($server->answer($s)), 200, 'then it is answered');
    is(status($server->answer($more)), 200, 'and the next');

    safe('hanging', 'evt_hanging', 'evt_more');
    finish('hanging');
};


# An id that is escaped in the body has another text than the body's, which
# the log asks for when others have been read

subtest 'texts of their own' => sub {
    start('texts',
          http => 'log_format id "$payments_event_id $payments_object_id";',
          server => 'access_log logs/id.log id;');

    my $trace = $server->strace($worker, '-e', 'trace=fdatasync',
        '-e', 'inject=fdatasync:delay_enter=600000000');

    my @sockets = $server->send(event('evt_\u0061'));

    ok(wait_for(\&held), 'a commit runs');

    push @sockets, $server->send(event('evt_\u0062'));

    # once this is answered both have been read

    is(status($server->post('{}')), 400, 'a third');

    $server->untrace($trace);

    is(status($server->answer($_)), 200, 'answered') for @sockets;

    my @lines;

    ok(wait_for(sub {
        @lines = grep { /evt/ } split /\n/,
            PaymentsServer::slurp("$server->{prefix}/logs/id.log");
        return @lines == 2;
    }), 'both are in the log');

    is_deeply([sort @lines], ['evt_a cs_evt_a', 'evt_b cs_evt_b'],
              'by their names');

    finish('texts');
};


# nginx is told to end, and the disk does not: what it has begun is kept.  The
# answer may be lost on the way, by TERM or when the time of a retiring worker
# is up.

for my $case (['TERM', ''], ['QUIT', 'worker_shutdown_timeout 50ms;'],
              ['QUIT', ''], ['HUP', 'worker_shutdown_timeout 50ms;'])
{
    my ($signal, $main) = @$case;

    my $name = $main eq '' ? $signal : "$signal with a time-out";

    subtest "$name while it hangs" => sub {
        start($name =~ s/ .*/-timeout/r,
              main => "thread_pool default threads=1; $main");

        # one that never says what it wants

        my $mute = $server->connect;
        ok(wait_for(sub {
            return grep { $_->{accepted} && $_->{from} == $mute->sockport }
                $server->connections($server->{port});
        }), 'a connection is idle');

        my $trace = $server->strace($worker, '-e', 'trace=fdatasync',
            '-e', 'inject=fdatasync:delay_enter=600000000');

        my $s = $server->send(event('evt_begun'));
        ok(wait_for(\&held), 'a commit runs');

        # this one waits for the next

        my $next = $server->send(event('evt_next'));

        kill $signal, $server->{master};

        ok(wait_for(sub {
            $server->log_lines("$worker#.*(?:gracefully shutting down"
                               . '|exiting)');
        }), 'the worker knows');

        # it is closed when the time is up

        ok(PaymentsServer::readable($mute, 10), 'the time is up')
            if $main ne '';
        close $mute;

        $server->untrace($trace);

        my @answers = map { status($server->answer($_)) } $s, $next;

        is_deeply(\@answers, [200, 200], 'they are answered')
            if $signal eq 'QUIT' && $main eq '';

        if ($signal eq 'HUP') {
            ok(wait_for(sub { !PaymentsServer::alive($worker) }), 'it ends');
            posted('evt_new', 200, 'the new worker');

        } else {
            ok($server->ended, 'it ends');
            is_deeply([$server->files('active')], [], 'active/ is empty');
        }

        safe($name, 'evt_begun', $signal eq 'HUP' ? 'evt_new' : (),
             $answers[1] eq '200' ? 'evt_next' : ());
        $server->ok_once($name);
        $server->ok_idle($name);
        ok($server->stop, "$name: it ends");
        $server->ok_clean($name);
    };
}


subtest 'death while it hangs' => sub {
    start('death');

    my $trace = $server->strace($worker, '-e', 'trace=fdatasync',
        '-e', 'inject=fdatasync:delay_enter=600000000');

    my $s = $server->send(event('evt_begun'));
    ok(wait_for(\&held), 'a commit runs');

    $server->kill_workers;
    $server->untrace($trace, 'KILL');
    is($server->answer($s), undef, 'no answer');

    ok(wait_for(sub {
        my @workers = $server->workers;
        return @workers == 1 && $workers[0] != $worker;
    }), 'there is a new worker');
    ($worker) = $server->workers;

    # it was written; not synced, but the machine has not died

    safe('death', 'evt_begun');
    finish('death');
};


# The kernel may have dropped the pages, and call the next sync a success

sub synced_again {
    my (@lines) = @_;

    my (%failed, @again);
    my $errors = 0;

    for (@lines) {
        /\bclose\((\d+)/ and delete $failed{$1};
        /\bopenat\(.* = (\d+)/ and delete $failed{$1};

        if (/\bf(?:data)?sync\((\d+)\S* *\) += (-?\d+)/) {
            push @again, $_ if $failed{$1};

            if ($2 < 0) {
                $failed{$1} = 1;
                $errors++;
            }
        }
    }

    return ($errors, \@again);
}


subtest 'fdatasync fails' => sub {
    start('fdatasync', spool_args => 'min_free=0 seal=500ms');

    my $trace = $server->strace($worker, '-e',
        'trace=fdatasync,fsync,close,openat,pwritev,ftruncate',
        '-e', 'inject=fdatasync:error=EIO:when=2');

    posted('evt_before', 200, 'before');
    posted('evt_failed', 503, 'the error');
    posted('evt_after', 200, 'the next');

    # the segment was abandoned, with what it had: it is sealed all the same

    safe('the error', 'evt_before', 'evt_after');

    crits('the error', 1, qr/fdatasync\(\) failed.*\(5: /);

    finish('the error');

    ok(!$server->look->{evt_failed}, 'what was refused is not there');

    my ($errors, $again) = synced_again($server->untrace($trace));

    is($errors, 1, 'one sync failed');
    is_deeply($again, [], 'its descriptor was not synced again');
};


# ... so is the next one, and the next

subtest 'fdatasync goes on failing' => sub {
    start('failing');

    my $trace = $server->strace($worker, '-e',
        'trace=fdatasync,fsync,close,openat,pwritev',
        '-e', 'inject=fdatasync:error=EIO');

    is(post("evt_failing_$_"), 503, "refused, $_") for 1 .. 5;

    crits('failing', 1, qr/fdatasync\(\) failed.*\(5: /);

    my ($errors, $again) = synced_again($server->untrace($trace));

    cmp_ok($errors, '>=', 5, 'syncs failed');
    is_deeply($again, [], 'none of their descriptors was synced again');

    safe('failing', again('failing'));

    finish('failing');
};


for my $case (['pwritev', 'ENOSPC', 28, 1], ['pwritev', 'EIO', 5, 1],
              ['pwritev', 'ENOSPC', 28, 2], ['pwritev', 'EIO', 5, 2],
              ['openat', 'EMFILE', 24, 1], ['openat', 'EMFILE', 24, 3],
              ['fsync', 'EIO', 5, 1], ['flock', 'ENOLCK', 37, 1])
{
    my ($call, $error, $errno, $when) = @$case;

    my $name = "$call $error $when";

    subtest $name => sub {
        start("$call-$error-$when",
              spool_args => 'min_free=0 seal=500ms');

        # those before are in the segment, if there is to be one

        my @safe = $call eq 'pwritev' ? map { "evt_before_$_" } 2 .. $when
            : ();

        my $trace = $server->strace($worker, '-e', "trace=$call",
            '-e', "inject=$call:error=$error:when=$when");

        posted($_, 200, "$name: before") for @safe;
        posted('evt_failed', 503, $name);

        # without an event a segment ends as nothing

        if ($when == 1) {
            $server->ok_idle("$name, before the next");
            is_deeply([$server->files('new')], [], "$name: new/ is empty");
        }

        posted('evt_after', 200, "$name: the next");

        safe($name, @safe, 'evt_after');
        ok(!$server->look->{evt_failed}, "$name: not what was refused");

        crits($name, 1, qr/failed.*\($errno: /);

        $server->untrace($trace);
        finish($name);
    };
}


# An event is sealed later; that may fail too

for my $case (['renameat', 'EIO', 5], ['renameat', 'ENOSPC', 28]) {
    my ($call, $error, $errno) = @$case;

    subtest "$call $error" => sub {
        start("$call-$error");

        my $trace = $server->strace($worker, '-e', "trace=$call",
            '-e', "inject=$call:error=$error:when=1");

        posted('evt_one', 200, $call);
        safe($call, 'evt_one');
        crits($call, 1, qr/$call\(\) failed.*\($errno: /);

        $server->untrace($trace);
        finish($call);
    };
}


subtest 'the spool is gone' => sub {
    start('gone');

    my $spool = $server->spool_path;

    posted('evt_one', 200, 'at first');
    safe('at first', 'evt_one');
    $server->ok_idle('at first');

    rename $spool, "$spool.away" or die "$!\n";

    posted("evt_away_$_", 503, 'away') for 1 .. 3;
    crits('away', 1, qr/failed.*\(2: /);

    rename "$spool.away", $spool or die "$!\n";

    safe('back', again('back'));

    # another in its place

    $server->ok_idle('back');
    rename $spool, "$spool.old" or die "$!\n";
    posted('evt_between', 503, 'between');
    make_path(map { "$spool/$_" } qw(active new corrupt));

    safe('replaced', again('replaced'));
    $server->ok_idle('replaced');

    # gone for good, until nginx makes it

    remove_tree($spool);
    posted('evt_removed', 503, 'removed');

    kill 'HUP', $server->{master};
    safe('made', again('made'));

    ok(wait_for(sub {
        my @workers = $server->workers;
        return @workers == 1 && $workers[0] != $worker;
    }), 'made: there is a new worker');
    ($worker) = $server->workers;

    ok(!$server->look->{$_}, "$_ is not there")
        for qw(evt_away_1 evt_between evt_removed);

    finish('gone');
};


# Nothing asks the directory as long as a segment is open

subtest 'the spool is removed under a segment, and made again' => sub {
    start('under', spool_args => 'min_free=0 seal=60s');

    my $spool = $server->spool_path;

    posted('evt_lost', 200, 'at first');

    remove_tree($spool);
    make_path(map { "$spool/$_" } qw(active new corrupt));

    posted('evt_nowhere', 503, 'removed');
    crits('removed', 1, qr/statx.*failed.*\(2: /);
    posted('evt_again', 200, 'made again');

    ok($server->stop, 'it ends');
    is(join(' ', sort keys %{ $server->look }), 'evt_again',
       'made again: what was answered after that is there');
};


done_testing;
