package CrashServer;

# Copyright (C) 2026 ngx_http_payments_module contributors

# A PaymentsServer that is killed in more ways than one.  Its processes are
# those that have its own copy of the module mapped: whoever their parent is,
# whatever they call themselves, nothing else is ever signalled or overlooked.

use strict;
use warnings;

use IO::Socket::INET;
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

use PaymentsServer qw(slurp wait_for);

our @ISA = ('PaymentsServer');

# nginx's master gives its workers about that long after TERM, then it kills
# them itself
my $MASTER_PATIENCE = 1;

my $CHILD = qr/(?:worker|new binary) process/;

my %ports;


sub new {
    my ($class, $name, %opt) = @_;

    my $self = $class->SUPER::new($name, daemon => 'on',
                                  server => 'access_log off;', %opt);

    # not the tests' ports: a server that is down does not keep its own
    $self->{port} = port();
    $self->configure;

    return $self;
}


sub port {
    for (1 .. 200) {
        my $port = 12000 + int rand 8000;

        next if $ports{$port};

        my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                      LocalPort => $port, Listen => 1);
        if ($s) {
            $ports{$port} = 1;
            return $port;
        }
    }

    die "no free port\n";
}


# { pid => { parent, worker } }; zombies have nothing mapped

sub processes {
    my ($self) = @_;

    my %processes;

    for my $dir (glob '/proc/[0-9]*') {
        my $name = slurp("$dir/comm");
        next unless defined $name && $name eq "nginx\n";

        my $maps = slurp("$dir/maps");
        next unless defined $maps && index($maps, "$self->{module}") != -1;

        my ($parent) = (slurp("$dir/stat") || '') =~ /^\d+ \(.*\) \S (\d+)/s
            or next;
        my ($pid) = $dir =~ /(\d+)$/;

        $processes{$pid} = {
            parent => $parent,
            worker => (slurp("$dir/cmdline") || '')
                =~ /^nginx: worker process/ ? 1 : 0,
        };
    }

    return \%processes;
}


sub working {
    my ($self) = @_;

    my $processes = $self->processes;
    my @workers = sort { $a <=> $b }
        grep { $processes->{$_}{worker} } keys %$processes;

    return @workers;
}


sub start {
    my ($self) = @_;

    # of one that was killed
    unlink map { "$self->{prefix}/logs/$_" } 'nginx.pid', 'nginx.pid.oldbin';

    delete @$self{qw(orphan upgrade)};

    return $self->SUPER::start;
}


# As PaymentsServer's for a daemon, only that the process which was started may
# end before the daemon has put down its pid

sub up {
    my ($self) = @_;

    if (!$self->{orphan}) {
        return if waitpid($self->{master}, WNOHANG) == 0;
        return 'dead' if $?;

        $self->{orphan} = 1;
        delete $self->{master};
    }

    $self->{master} ||= $self->written_pid or return;

    return $self->workers >= $self->{workers} && $self->connect;
}


sub written_pid {
    my ($self) = @_;

    return (slurp("$self->{prefix}/logs/nginx.pid") || '') =~ /^(\d+)$/m
        ? $1 : undef;
}


sub running {
    my ($self) = @_;

    return defined $self->{master};
}


sub kill_pids {
    my ($self, @pids) = @_;

    $self->{killed}{$_}++ for @pids;
    kill 'KILL', @pids;
}


# kill -9 of the master, or of both; the orphans that they leave

sub behead {
    my ($self) = @_;

    my @masters = grep { $_ } $self->{master}, delete $self->{upgrade};

    $self->kill_pids(@masters);

    wait_for(sub { !grep { PaymentsServer::alive($_) } @masters },
             'end of a master that was killed');

    delete @$self{qw(master orphan)};

    return sort { $a <=> $b } keys %{$self->processes};
}


# kill -9 of all; also what PaymentsServer does in the end

sub kill_all {
    my ($self, $gap) = @_;

    $self->behead if $self->running;
    sleep $gap if $gap;

    return wait_for(sub {
        my @left = keys %{$self->processes} or return 1;

        $self->kill_pids(@left);

        return 0;
    }, 'end of all');
}


# By a signal to the master; true when all of them have ended

sub finish {
    my ($self, $signal) = @_;

    $self->end_master($self->{master}, $signal) or return 0;

    return $self->emptied;
}


# One of two, while the other works

sub end_master {
    my ($self, $master, $signal) = @_;

    my $since = time;

    kill $signal, $master;

    my $ended = wait_for(sub { !PaymentsServer::alive($master) },
                         "end of a master by $signal");

    $self->{impatient} = 1
        if $signal eq 'TERM' && time - $since > $MASTER_PATIENCE;

    return $ended;
}


sub tell {
    my ($self, $signal) = @_;

    kill $signal, $self->{master} if $self->running;
}


sub emptied {
    my ($self) = @_;

    wait_for(sub { !%{$self->processes} }, "end of $self->{name}")
        or return 0;

    delete @$self{qw(master orphan upgrade)};

    return 1;
}


# Lines of the error log that must not be.
#
# "alert" is nginx's level for its own bugs, but its master also uses it for
# what this test does to others, all of them in nginx's own code:
#
#   "worker process N exited on signal 9", "new binary process N exited on
#   signal 9" (ngx_process_get_status), where N is one that was killed here,
#   or its master killed it: a second after TERM;
#
#   "sendmsg() failed (32: Broken pipe)" (ngx_write_channel), where the master
#   told a worker something that had been killed here and that it had not yet
#   noticed.
#
#   "open socket #N left in connection N" and "aborting" after them
#   (ngx_worker_process_exit), where a worker that was shutting down gracefully
#   got TERM: nginx 1.22 takes that for a leak, newer ones do not.
#
# "crit" is a failing disk: allowed where writes were made to fail (those of
# the log, too: a line may have lost its end), not for sealing and recovery.

sub complaints {
    my ($self, $full) = @_;

    my ($term, @bad);

    for ($self->log_lines) {
        $term = 1 if /signal 15 \(SIGTERM\) received/;
        $term = 0 if /start worker processes/;

        next unless /\[(?:alert|emerg|crit)\]/;

        my $excuse = /\[alert\] \S+ $CHILD (\d+) exited on signal 9$/
            ? ($self->{killed}{$1} || $self->{impatient}) && 'killed'
            : /\[alert\] \S+ sendmsg\(\) failed \(32: Broken pipe\)$/
            ? %{$self->{killed}} && 'broken pipe'
            : /\[alert\] \S+ (?:\*\d+ open socket #\d+ left|aborting$)/
            ? $term && 'open socket'
            : /\[crit\] .* segments had unreadable lines/
            ? $self->{holes} && 'holes' : '';

        if ($excuse) {
            $self->{excused}{$excuse}++;
            next;
        }

        next if /\[crit\]/ && $full
            && !/unreadable lines|segments were recovered|segment was sealed/;

        push @bad, "$self->{name}: $_";
    }

    return @bad;
}


sub recovered {
    my ($self) = @_;

    my $n = 0;

    $n += $_ for map { /recovered (\d+) segments/ ? $1 : () }
        $self->log_lines;

    return $n;
}


1;
