# Copyright (C) 2026 ngx_http_payments_module contributors

# Rounds of events while what takes them is killed, stopped, reloaded and
# replaced at random moments: whatever was answered with 200 is in new/ after
# the next start, whole, and nothing else is.
#
# It ends processes, not the machine: what a file system does to data that was
# not synced is not seen here.  A copy of the spool, taken while it is written,
# stands for what a crash leaves.
#
#   CRASH_ROUNDS=15     rounds, of about 1.5 s each
#   CRASH_SECONDS=0     no further round begins after that time; 0: no limit
#   CRASH_SEED=...      what a round does, and when; by default another one
#                       each time.  The schedule of the kernel is not in it: a
#                       failure may take several tries to come again.
#   CRASH_FIRST=1       number of the first round
#
# What a failed round leaves is kept below build/t-crash-*.

use strict;
use warnings;

use lib 't/crash';

use Cwd qw(getcwd);
use Fcntl qw(LOCK_EX);
use File::Path qw(make_path remove_tree);
use List::Util qw(shuffle sum0 uniq);
use Test::More;
use Time::HiRes qw(sleep stat time);

use CrashLoad ();
use CrashServer;
use PaymentsServer qw(slurp wait_for);


my $ROUNDS = $ENV{CRASH_ROUNDS} || 15;
my $SECONDS = $ENV{CRASH_SECONDS} || 0;
my $FIRST = $ENV{CRASH_FIRST} || 1;
my $SEED = $ENV{CRASH_SEED} || (time ^ $$ << 8) % 1000000;

# Events of a round at most
my $EVENTS = 3000;

my %ACTIONS = (
    worker => \&act_worker,         # kill -9 of one, perhaps of its successor
    workers => \&act_workers,       # kill -9 of all of a master
    all => \&act_all,               # kill -9 of a master, then its workers
    orphans => \&act_orphans,       # kill -9 of a master; its workers go on
    term => \&act_end,
    quit => \&act_end,
    hup => \&act_hup,
    storm => \&act_storm,           # of HUPs
    upgrade => \&act_upgrade,       # USR2, then the old one ends
    downgrade => \&act_downgrade,   # USR2, then the new one ends
    stop => \&act_stop,             # SIGSTOP, SIGCONT of a worker
    full => \&act_full,             # writes of a worker end midway
    image => \&act_image,           # a copy of the spool is recovered
);

my @KINDS = sort keys %ACTIONS;

my (%TOTAL, @BROKEN);

# nginx inherits it: a write beyond the limit is to fail
$SIG{XFSZ} = 'IGNORE';

diag("CRASH_SEED=$SEED CRASH_ROUNDS=$ROUNDS");

my $since = time;

for my $n ($FIRST .. $FIRST + $ROUNDS - 1) {
    last if $SECONDS && time - $since > $SECONDS;
    play(schedule($n));
}

cmp_ok($TOTAL{acknowledged} || 0, '>', 0, 'events were taken');

diag(summary());
diag("broken: @BROKEN") if @BROKEN;

done_testing;


# Everything random of a round, from its number and the seed

sub schedule {
    my ($n) = @_;

    srand $SEED * 1000 + $n;

    my @kinds = map { $KINDS[rand @KINDS] } 1 .. 2 + rand 3;

    # each is some round's
    push @kinds, $KINDS[$n % @KINDS];

    my $plan = {
        n => $n,
        tag => sprintf('%d.%d', $SEED, $n) =~ y/./x/r,
        servers => 1 + (rand() < 0.45),
        workers => [map { 1 + int rand 2 } 1 .. 3],
        seal => ('1ms', '20ms', '5s')[rand 3],
        sync => ('on', 'on', 'off')[rand 3],
        threads => (1, 2, 32)[rand 3],
        consume => int rand 2,
        keepalive => (0, 0.5, 1)[rand 3],
        think => (0.005, 0.05, 0.1)[rand 3],
        held => rand() < 0.3,
        reused => rand() < 0.3,
        actions => [map { { kind => $_, server => rand, after => int rand 120,
                            pause => rand 0.02,
                            random => [map { rand } 1 .. 40] } }
                    shuffle @kinds],
        ends => [map { ('KILL', 'TERM', 'QUIT')[rand 3] } 1 .. 3],
        early => int rand 2,
        seed => int rand 1 << 30,
    };

    # ports are no part of it
    srand;

    return $plan;
}


sub describe {
    my ($plan) = @_;

    return "round $plan->{n} ("
        . join('+', @{$plan->{workers}}[0 .. $plan->{servers} - 1])
        . " workers seal=$plan->{seal} sync=$plan->{sync}"
        . ($plan->{consume} ? ' consumer' : '') . '): '
        . join(' ', map { $_->{kind} } @{$plan->{actions}});
}


sub play {
    my ($plan) = @_;

    my $round = {
        plan => $plan, faults => [], kills => 0, result => {}, sent => {},
        ids => {}, files => {}, did => {}, extra => {},
        full => scalar grep { $_->{kind} eq 'full' } @{$plan->{actions}},
    };

    prepare($round);

    # whatever breaks is this round's only, but for a signal to this process

    for my $part (\&work, \&clear) {
        eval { $part->($round); 1 } or fault($round, "broken off: $@");
        die $@ if $@ =~ /^got SIG/;
    }

    verify($round);

    ok(!@{$round->{faults}}, describe($plan))
        or complain($round);

    add_up($round);

    remove_tree(map { $_->{prefix} } @{$round->{all}})
        unless @{$round->{faults}};
}


# The last but one is for an hour of need, the last one for copies

sub prepare {
    my ($round) = @_;

    my $plan = $round->{plan};
    my $main = "thread_pool default threads=$plan->{threads};";
    my $base = "crash-$$-$plan->{n}";

    $round->{spool} = getcwd() . "/build/t-$base-0/spool";

    my $args = "min_free=0 seal=$plan->{seal} sync=$plan->{sync}";
    my $i = 0;

    my @servers = map { CrashServer->new("$base-" . $i++, workers => $_,
                                         main => $main, spool_args => $args,
                                         spool => $round->{spool}) }
        @{$plan->{workers}}[0 .. $plan->{servers} - 1], $plan->{workers}[2];

    my $copy = CrashServer->new("$base-copy", workers => 2,
                                spool_args => 'min_free=0');

    $round->{spare} = $servers[-1];
    $round->{copy} = $copy;
    $round->{servers} = [@servers[0 .. $#servers - 1]];
    $round->{sharing} = \@servers;
    $round->{all} = [@servers, $copy];
}


sub work {
    my ($round) = @_;

    my $plan = $round->{plan};
    my @servers = @{$round->{servers}};

    $_->start for @servers;

    hold($round) if $plan->{held};

    my $prefix = $servers[0]{prefix};

    $round->{watch} = CrashLoad::start(\&CrashLoad::watch,
        file => "$prefix/watch.log", spool => $round->{spool},
        consume => $plan->{consume});

    $round->{load} = CrashLoad::start(\&CrashLoad::load,
        file => "$prefix/load.log", seed => $plan->{seed},
        ports => [map { $_->{port} } @{$round->{sharing}}],
        tag => $plan->{tag}, think => $plan->{think}, max => $EVENTS,
        keepalive => $plan->{keepalive});

    for my $action (@{$plan->{actions}}) {
        act($round, $action);
    }

    answers($round, 50);

    end_load($round) unless $plan->{early};
    end_servers($round);
    end_load($round);
    end_child($round, 'watch');

    release($round) if $plan->{held};
    reuse($round) if $plan->{reused};

    # the next start, and what it finds

    $servers[0]->start;
    await_recovery($round, $servers[0], 'active/');
    end_by($round, $servers[0], 'QUIT');
}


# Nothing is left, whatever became of it

sub clear {
    my ($round) = @_;

    end_load($round);
    end_child($round, 'watch');

    for my $server (@{$round->{all}}) {
        my @left = keys %{$server->processes} or next;

        fault($round, "$server->{name}: processes are left: @left");
        $server->kill_all;
    }
}


sub fault {
    my ($round, $text) = @_;

    push @{$round->{faults}}, $text;
}


# What clients and watcher have noted meanwhile

sub pump {
    my ($round) = @_;

    for my $child (grep { $_ } @$round{qw(load watch)}) {
        for my $line (CrashLoad::lines($child)) {
            my ($what, @word) = split / /, $line;

            if ($what eq 'sent') {
                $round->{sent}{$word[0]} = 1;

            } elsif ($what eq 'result') {
                $round->{result}{$word[0]} = $word[1];

            } elsif ($what eq 'id') {
                $round->{ids}{$word[0]}++;

            } elsif ($what eq 'file') {
                $round->{files}{$word[0]} = "@word[1 .. 3]";

            } elsif ($what eq 'end') {
                $child->{ended} = 1;

            } else {
                fault($round, $line =~ s/^! //r);
            }
        }
    }
}


# Some more, or none for a while: none may listen

sub answers {
    my ($round, $n) = @_;

    pump($round);

    $n += keys %{$round->{result}};

    wait_for(sub {
        pump($round);
        return keys %{$round->{result}} >= $n;
    }, undef, 0.5);
}


sub acknowledged {
    my ($round) = @_;

    return grep { $round->{result}{$_} eq '200' } keys %{$round->{result}};
}


sub end_load {
    my ($round) = @_;

    end_child($round, 'load');
}


sub end_child {
    my ($round, $name) = @_;

    my $child = $round->{$name} or return;
    my $ended = CrashLoad::stop($child);

    pump($round);
    fault($round, "$name did not end well") unless $ended && $child->{ended};

    delete $round->{$name};
}


sub end_servers {
    my ($round) = @_;

    my @how = @{$round->{plan}{ends}};

    for my $server (@{$round->{sharing}}) {
        my $how = shift @how;
        end_by($round, $server, $how) if $server->running;
    }
}


sub end_by {
    my ($round, $server, $signal) = @_;

    did($round, "end by $signal");

    my $ended = $signal eq 'KILL' ? $server->kill_all
        : $server->finish($signal);

    $round->{kills}++ if $signal eq 'KILL';

    return if $ended;

    fault($round, "$server->{name} did not end by $signal");
    $server->kill_all;
}


sub await_recovery {
    my ($round, $server, $what) = @_;

    wait_for(sub { !$server->files('active') }, "$what to be empty")
        or fault($round, "$what has " . join ' ', $server->files('active'));
}


sub did {
    my ($round, $what, $times) = @_;

    $round->{did}{$what} += $times || 1;
}


# Actions

sub act {
    my ($round, $action) = @_;

    answers($round, $action->{after});
    sleep $action->{pause};

    my $servers = $round->{servers};
    my $server = $servers->[$action->{server} * @$servers];

    die "$server->{name} does not run\n" unless $server->running;

    did($round, $action->{kind});
    $ACTIONS{$action->{kind}}->($round, $server, $action);
}


# Numbers of the plan, one by one; from 0 to less than a number, or chances

sub random {
    my ($action, $less) = @_;

    my $random = shift @{$action->{random}};

    return (defined $random ? $random : 0.5) * $less;
}


sub chance {
    my ($action, $chance) = @_;

    return random($action, 1) < $chance;
}


sub kill_one {
    my ($round, $server, $action) = @_;

    my @workers = $server->working or return;

    $server->kill_pids($workers[random($action, scalar @workers)]);
    $round->{kills}++;
    did($round, 'workers killed');
}


sub start_again {
    my ($server, $action) = @_;

    sleep random($action, 0.15);
    $server->start;
}


sub act_worker {
    my ($round, $server, $action) = @_;

    kill_one($round, $server, $action);

    if (chance($action, 0.4)) {
        sleep random($action, 0.03);
        kill_one($round, $server, $action);
    }
}


sub act_workers {
    my ($round, $server, $action) = @_;

    my @workers = $server->working;

    $server->kill_pids(@workers);
    $round->{kills} += @workers;
    did($round, 'workers killed', scalar @workers);
}


sub act_all {
    my ($round, $server, $action) = @_;

    $round->{kills}++;
    did($round, 'masters killed');
    did($round, 'workers killed', scalar $server->working);

    $server->kill_all(random($action, 0.005));
    start_again($server, $action);
}


# They listen on its port as long as they live, so another takes over

sub act_orphans {
    my ($round, $server, $action) = @_;

    my $spare = $round->{spare};
    my @orphans = $server->behead;

    $round->{kills}++;
    did($round, 'masters killed');

    sleep random($action, 0.1);
    $spare->start unless $spare->running;
    sleep random($action, 0.3);

    my $signal = ('KILL', 'TERM', 'QUIT')[random($action, 3)];

    did($round, "orphans ended by $signal", scalar @orphans);

    if ($signal eq 'KILL') {
        $server->kill_pids(@orphans);

    } else {
        kill $signal, @orphans;
    }

    if (!$server->emptied) {
        fault($round, "orphans did not end by $signal");
        $server->kill_all;
    }

    start_again($server, $action);
}


# TERM or QUIT, and perhaps a death meanwhile

sub act_end {
    my ($round, $server, $action) = @_;

    my $signal = uc $action->{kind};

    if (chance($action, 0.3)) {
        $server->tell($signal);
        sleep random($action, 0.01);
        kill_one($round, $server, $action);
    }

    end_by($round, $server, $signal);
    start_again($server, $action);
}


sub act_hup {
    my ($round, $server, $action) = @_;

    $server->tell('HUP');

    if (chance($action, 0.4)) {
        sleep random($action, 0.02);
        kill_one($round, $server, $action);
    }
}


sub act_storm {
    my ($round, $server, $action) = @_;

    for (1 .. 10 + random($action, 20)) {
        $server->tell('HUP');
        did($round, 'HUPs of storms');
        sleep random($action, 0.01);
    }
}


sub upgraded {
    my ($round, $server, $action) = @_;

    my $pid = $server->upgrade;

    fault($round, "$server->{name}: no new binary") unless $pid;
    sleep random($action, 0.1);

    return $pid;
}


sub act_upgrade {
    my ($round, $server, $action) = @_;

    upgraded($round, $server, $action) or return;

    my $old = $server->{master};
    my $signal = ('QUIT', 'TERM')[random($action, 2)];

    $server->end_master($old, $signal)
        or fault($round, "the old binary did not end by $signal");

    $server->{master} = delete $server->{upgrade};
}


sub act_downgrade {
    my ($round, $server, $action) = @_;

    my $new = upgraded($round, $server, $action) or return;

    my $old = $server->{master};
    my $signal = ('KILL', 'QUIT', 'TERM')[random($action, 3)];

    if ($signal eq 'KILL') {
        my $processes = $server->processes;

        $server->kill_pids($new);
        wait_for(sub { !PaymentsServer::alive($new) }, 'end of its master');
        $server->kill_pids(grep { $processes->{$_}{parent} == $new }
                           keys %$processes);

        $round->{kills}++;
        did($round, 'masters killed');

    } else {
        $server->end_master($new, $signal)
            or fault($round, "the new binary did not end by $signal");
    }

    # the old one takes its file back when it learns of it

    wait_for(sub {
        my $pid = $server->written_pid;

        return $pid && $pid == $old;
    }, 'nginx.pid') or fault($round, 'nginx.pid is not that of the old binary');

    delete $server->{upgrade};
}


sub act_stop {
    my ($round, $server, $action) = @_;

    my @workers = $server->working or return;
    my $worker = $workers[random($action, scalar @workers)];
    my $signal = ('', '', 'HUP', 'QUIT')[random($action, 4)];

    kill 'STOP', $worker;
    sleep random($action, 0.1);

    $server->tell($signal) if $signal;
    kill_one($round, $server, $action) if chance($action, 0.3);

    sleep random($action, 0.2);
    kill 'CONT', $worker;

    return if $signal ne 'QUIT';

    if (!$server->emptied) {
        fault($round, "$server->{name} did not end by QUIT");
        $server->kill_all;
    }

    start_again($server, $action);
}


# A limit of its files' size stands for a disk that takes half a write

sub act_full {
    my ($round, $server, $action) = @_;

    my @workers = $server->working or return;
    my $worker = $workers[random($action, scalar @workers)];

    my $signal = ('', 'HUP', 'QUIT', 'TERM')[random($action, 4)];

    # not far from the end of what it writes now

    my ($size) = map { -s "$round->{spool}/active/$_" || () }
        grep { /\.$worker\.\d+\.ndjson$/ } $server->files('active');

    limit($worker, ($size || 0) + 1 + int random($action, 4000));
    sleep 0.02 + random($action, 0.3);

    # what it has begun is sealed at its end

    if ($signal eq 'HUP') {
        $server->tell($signal);

    } elsif ($signal) {
        end_by($round, $server, $signal);
        start_again($server, $action);
        return;
    }

    sleep random($action, 0.2);
    kill_one($round, $server, $action) if chance($action, 0.3);
    limit($worker, 'unlimited');
}


sub limit {
    my ($worker, $size) = @_;

    # it may have ended
    system("prlimit --pid $worker --fsize=$size: 2>/dev/null");
}


# A crash keeps a file that is renamed in one place or the other: active/ is
# copied first, and what was sealed meanwhile is not recovered again.

sub act_image {
    my ($round, $server, $action) = @_;

    my $copy = $round->{copy};
    my $path = $copy->spool_path;

    remove_tree($path);
    make_path("$path/corrupt", { mode => 0750 });

    pump($round);
    my @before = acknowledged($round);

    for my $dir (qw(active new)) {
        my $errors = qx(cp -a '$round->{spool}/$dir' '$path/' 2>&1);

        # renamed, or consumed
        fault($round, "cp: $_")
            for grep { !/No such file or directory$/ } split /\n/, $errors;
    }

    pump($round);
    my %ids = %{$round->{ids}};

    unlink grep { -e } map { "$path/active/$_" } $copy->files('new');

    for my $name ($copy->files('active')) {
        my $text = slurp("$path/active/$name");

        tear("$path/active/$name", $text, $action) if chance($action, 0.3);
        did($round, 'torn files in images')
            if slurp("$path/active/$name") =~ /[^\n]\z/;
    }

    $copy->start;
    await_recovery($round, $copy, "active/ of a copy");
    end_by($round, $copy, 'QUIT');

    $ids{$_}++ for read_new($round, $copy, {});

    my @missing = grep { !$ids{$_} } @before;
    fault($round, 'missing in a copy, though ' . @before . ' were answered '
          . 'with 200 before it was made: ' . some(@missing)) if @missing;
    for my $name ($copy->files('corrupt')) {
        if (holed(slurp("$path/corrupt/$name"))) {
            did($round, 'holes in images');
            $copy->{holes}++;

        } else {
            fault($round, "a copy has corrupt/$name");
        }
    }

    did($round, 'events in images', scalar @before);
}


# A commit that went on while cp was between two pieces of the file: its end is
# there, and zeros in the place of its beginning

sub holed {
    my ($text) = @_;

    return !grep { !/^\{.*\}$/ && !/\0/ }
           split /\n/, $text =~ s/[^\n]*\z//r;
}


# Some of a line, as if its write had not come to its end

sub tear {
    my ($file, $text, $action) = @_;

    my ($line) = $text =~ /\A([^\n]+)\n/ or return;
    return unless $text =~ /\n\z/;

    open my $f, '>>:raw', $file or die "$file: $!\n";
    print $f substr $line, 0, 1 + random($action, length($line) - 1);
    close $f;
}


# Segments that no worker has written: one is held by this process, its pid
# is nobody's; the other is nobody's, its pid is that of this process

sub own {
    my ($round, $what, $pid) = @_;

    my $id = "evt_$round->{plan}{tag}${what}_0_700_1";
    my $body = CrashLoad::body($id) =~ y/\n/ /r;
    my ($name, $file, $f);

    # as a worker does it: recovery may take an empty file before it is locked

    do {
        $name = sprintf '%016d.%s.%d.0.ndjson', time * 1e6, $what, $pid;
        $file = "$round->{spool}/active/$name";

        open $f, '>:raw', $file or die "$file: $!\n";
        flock $f, LOCK_EX or die "$file: $!\n";
    } until ((stat $f)[3]);

    my $line = qq({"id":"$id","data":{"payload":$body}}\n);

    syswrite $f, $line;
    syswrite $f, substr $line, 0, 100 if $round->{plan}{early};

    $round->{extra}{$id} = $name;

    return ($f, $file);
}


sub hold {
    my ($round) = @_;

    # beyond what a pid can be
    @$round{qw(held held_file)} = own($round, 'held', 99999999);
}


sub release {
    my ($round) = @_;

    my $f = delete $round->{held};

    fault($round, 'a segment that was held is not in active/ any more')
        unless -e $round->{held_file} && (-s _) == (-s $f);

    close $f;
}


sub reuse {
    my ($round) = @_;

    my ($f) = own($round, 'reused', $$);

    close $f;
}


# What there is

sub read_new {
    my ($round, $server, $files) = @_;

    my $new = $server->spool_path . '/new';
    my @found;

    for my $name ($server->files('new')) {
        my @stat = stat "$new/$name";
        my $was = delete $files->{$name};

        if (defined $was) {
            my $is = "@stat[1, 7, 9]";
            fault($round, "$name has changed: $was, $is") if $is ne $was;
            next;
        }

        my ($faults, $ids) = CrashLoad::check($name, slurp("$new/$name"));

        fault($round, $_) for @$faults;
        push @found, @$ids;
    }

    return @found;
}


sub verify {
    my ($round) = @_;

    my $ids = $round->{ids};
    my %files = $round->{plan}{consume} ? () : %{$round->{files}};
    my $server = $round->{servers}[0];

    $ids->{$_}++ for read_new($round, $server, \%files);

    fault($round, 'gone from new/: ' . some(keys %files)) if %files;

    my @acknowledged = acknowledged($round);
    my @missing = grep { !$ids->{$_} } @acknowledged,
        sort keys %{$round->{extra}};

    fault($round, 'missing of ' . @acknowledged . ' that were answered with '
          . '200: ' . some(@missing)) if @missing;

    my @never = grep { !$round->{sent}{$_} && !$round->{extra}{$_} }
        keys %$ids;
    fault($round, 'never sent: ' . some(@never)) if @never;

    my @twice = grep { $ids->{$_} > 1 } keys %$ids;
    fault($round, 'more than once, without a kill: ' . some(@twice))
        if @twice && !$round->{kills};

    did($round, 'duplicates', scalar @twice) if @twice;

    my @corrupt = $server->files('corrupt');
    fault($round, "in corrupt/: @corrupt") if @corrupt;

    my @odd = grep { my $result = $round->{result}{$_};
                     $result !~ /^(?:200|lost|left)$/
                         && !($result =~ /^50[03]$/ && $round->{full}) }
        keys %{$round->{result}};
    fault($round, 'results: ' . some(map { "$_=$round->{result}{$_}" } @odd))
        if @odd;

    for my $of (@{$round->{all}}) {
        fault($round, $_) for $of->complaints($round->{full});

        did($round, "alerts: $_", $of->{excused}{$_})
            for keys %{$of->{excused}};
    }
}


sub some {
    my (@ids) = sort @_;

    my $n = @ids;

    return "$n, @ids[0 .. ($n < 4 ? $n : 4) - 1]" . ($n > 4 ? ' ...' : '');
}


sub complain {
    my ($round) = @_;

    my @faults = uniq @{$round->{faults}};

    diag(join "\n", map { "  $_" } @faults > 12
         ? (@faults[0 .. 11], '... ' . @faults . ' in all') : @faults);
    diag("again: make test-crash CRASH_SEED=$SEED "
         . "CRASH_FIRST=$round->{plan}{n} CRASH_ROUNDS=1");
    diag("kept: $_->{prefix}") for @{$round->{all}};

    push @BROKEN, $round->{plan}{n};
}


sub add_up {
    my ($round) = @_;

    $TOTAL{rounds}++;
    $TOTAL{'rounds with a kill'}++ if $round->{kills};
    $TOTAL{sent} += keys %{$round->{sent}};
    $TOTAL{acknowledged} += acknowledged($round);
    $TOTAL{duplicates} += delete $round->{did}{duplicates} || 0;
    $TOTAL{'segments recovered'} += sum0(map { $_->recovered }
                                         @{$round->{all}});
    $TOTAL{results}{$_}++ for values %{$round->{result}};
    $TOTAL{did}{$_} += $round->{did}{$_} for keys %{$round->{did}};
}


sub summary {
    my $did = $TOTAL{did} || {};
    my $results = $TOTAL{results} || {};

    return "seed $SEED: "
        . join(', ', map { "$_ " . ($TOTAL{$_} || 0) }
               'rounds', 'rounds with a kill', 'sent', 'acknowledged',
               'duplicates', 'segments recovered')
        . '; answers: '
        . join(', ', map { "$_ $results->{$_}" } sort keys %$results)
        . '; ' . join(', ', map { "$_ $did->{$_}" } sort keys %$did)
        . sprintf('; %d s', time - $since);
}
