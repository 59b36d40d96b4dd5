# Copyright (C) 2026 ngx_http_payments_module contributors

# The promise, as the kernel sees it: no answer with 200 leaves before the
# bytes of its event were written, and synced, and the directory before them.

use strict;
use warnings;

use Test::More;

use PaymentsServer qw(can_strace event);


# Lines of "strace -f -y" as [pid, call, arguments, result], in the order in
# which calls were entered or, with a result, came back; one that another
# thread interrupted in the trace is put together again.

sub calls {
    my (@lines) = @_;

    my (@calls, %unfinished);

    for (@lines) {
        my ($pid, $text) = /^(\d+) +(.*)$/ or next;

        if ($text =~ /^<\.\.\. (\w+) resumed>(.*)$/) {
            my ($call, $rest) = ($1, $2);
            my $begun = delete $unfinished{$pid};

            next unless defined $begun;

            my ($result) = $rest =~ /\) += (-?\d+)/ or next;
            push @calls, [$pid, $call, $begun . $rest, $result];
            next;
        }

        my ($call, $arguments) = $text =~ /^(\w+)\((.*)$/ or next;

        push @calls, [$pid, $call, $arguments, undef];

        if ($arguments =~ s/ *<unfinished \.\.\.>$//) {
            $unfinished{$pid} = $arguments;
            next;
        }

        my ($result) = $arguments =~ /.*\) += (-?\d+)/ or next;
        push @calls, [$pid, $call, $arguments, $result];
    }

    return @calls;
}


# Follows a trace.  Returns how often each thing was seen, and what was wrong.

sub follow {
    my ($spool, @calls) = @_;

    my %seen = (created => 0, written => 0, synced => 0, answered => 0);
    my (%file, %syncing, %request, %state, @wrong);

    for (@calls) {
        my ($pid, $call, $arguments, $result) = @$_;

        my ($fd, $path) = $arguments =~ /^(\d+)<([^>]*)>/;
        my $done = defined $result;

        # a segment is born, and the directory has it

        if ($call eq 'openat' && $done && $result >= 0
            && $arguments =~ /"(\S+\.ndjson)", \S*O_CREAT/)
        {
            $file{"$spool/active/$1"} = { listed => 0, ids => [] };
            $seen{created}++;
            next;
        }

        next unless defined $path;

        if ($call =~ /^f(?:data)?sync$/) {

            if (!$done) {
                # what comes while it runs may not be in it

                $syncing{$pid} = $path eq "$spool/active"
                    ? [grep { !$file{$_}{listed} } keys %file]
                    : [@{$file{$path} ? $file{$path}{ids} : []}];
                next;
            }

            my $what = delete $syncing{$pid} || [];

            next if $result != 0;

            if ($path eq "$spool/active") {
                $file{$_}{listed} = 1 for @$what;
                next;
            }

            next unless $file{$path};

            for my $id (@$what) {
                push @wrong, "$id: its directory was not synced before"
                    unless $file{$path}{listed};
                $state{$id} = 'synced';
                $seen{synced}++;
            }

            $file{$path}{ids} = [];

        } elsif ($call =~ /^p?writev?(?:64)?2?$/ && $file{$path}) {
            next unless $done && $result > 0;

            # all of it, or the test would have to know where it ends

            my $length = 0;
            $length += $1 while $arguments =~ /iov_len=(\d+)/g;
            push @wrong, "a part of $path was written"
                if $length != $result;

            while ($arguments =~ /"specversion\W*1\.0\W*id\W*(evt_\w+)/g) {

                # the block that the file ended in is written again, with more

                next if $state{$1};

                push @{$file{$path}{ids}}, $1;
                $state{$1} = 'written';
                $seen{written}++;
            }

        } elsif ($call =~ /^(?:recvfrom|recv|read|readv)$/ && $done
                 && $arguments =~ m{"POST /\S+\?(evt_\w+) HTTP})
        {
            $request{$fd} = $1;

        } elsif ($call =~ /^(?:writev|write|send|sendto|sendmsg)$/ && !$done
                 && $arguments =~ m{"HTTP/1\.1 (\d+)})
        {
            my $id = delete $request{$fd};

            next if $1 ne '200';

            if (!defined $id) {
                push @wrong, 'an answer to nothing';
                next;
            }

            push @wrong, "$id: answered, and " . ($state{$id} || 'not written')
                if ($state{$id} || '') ne 'synced';
            $seen{answered}++;
        }
    }

    return (\%seen, @wrong);
}


# The follower itself: it must see what is wrong

sub traced {
    my ($order) = @_;

    my %lines = (
        create => '7 openat(5</s/active>, "1.h.7.0.ndjson", O_RDWR|O_CREAT'
            . '|O_EXCL, 0640) = 6</s/active/1.h.7.0.ndjson>',
        list => '7 fsync(5</s/active>) = 0',
        write => '7 pwritev(6</s/active/1.h.7.0.ndjson>, [{iov_base="{'
            . '\"specversion\":\"1.0\",\"id\":\"evt_1\","..., iov_len=30}], '
            . '1, 0) = 30',
        short => '7 pwritev(6</s/active/1.h.7.0.ndjson>, [{iov_base="{'
            . '\"specversion\":\"1.0\",\"id\":\"evt_1\","..., iov_len=30}], '
            . '1, 0) = 29',
        sync => '7 fdatasync(6</s/active/1.h.7.0.ndjson>) = 0',
        begin => '7 fdatasync(6</s/active/1.h.7.0.ndjson> <unfinished ...>',
        end => '7 <... fdatasync resumed>) = 0',
        fail => '7 fdatasync(6</s/active/1.h.7.0.ndjson>) = -1 EIO (Input)',
        ask => '6 recvfrom(3<socket:[1]>, "POST /p/stripe/?evt_1 HTTP/1.1"'
            . '..., 1024, 0, NULL, NULL) = 900',
        answer => '6 writev(3<socket:[1]>, [{iov_base="HTTP/1.1 200 OK"...,'
            . ' iov_len=200}], 1) = 200',
        refuse => '6 writev(3<socket:[1]>, [{iov_base="HTTP/1.1 503 S"...,'
            . ' iov_len=200}], 1) = 200',
    );

    my ($seen, @wrong) = follow('/s', calls(@lines{split ' ', $order}));

    return scalar @wrong;
}

is(traced('ask create list write sync answer'), 0, 'follower: all is well');
is(traced('ask create list write begin end answer'), 0, 'follower: apart');
is(traced('ask create list write fail refuse'), 0, 'follower: refused');

for ('ask create list write answer', 'ask create list write answer sync',
     'ask create list sync write answer', 'ask create write sync answer',
     'ask create write sync list answer',
     'ask create list write fail answer', 'ask answer',
     'ask create list begin write end answer',
     'ask create list write begin answer end',
     'ask create list short sync answer')
{
    cmp_ok(traced($_), '>', 0, "follower: not well: $_");
}


SKIP: {
    my $why = can_strace();

    skip $why, 1 if $why;

    my $server = PaymentsServer->new('160-order')->start;
    my ($worker) = $server->workers;
    my @options = ('-y', '-s', '300000', '-e', 'trace=openat,fsync,fdatasync,'
                   . 'write,writev,pwrite64,pwritev,pwritev2,recvfrom,read,'
                   . 'readv,sendto,sendmsg,sendfile');

    for my $case (['lone', 1, 1], ['lone again', 1, 1], ['load', 300, 32]) {
        my ($name, $n, $clients) = @$case;

        my $trace = $server->strace($worker, @options);

        my @ids = map { "evt_" . $name =~ s/ /_/r . "_$_" } 1 .. $n;
        my $result = $server->run(ids => \@ids, clients => $clients);

        my ($seen, @wrong) = follow($server->spool_path,
                                    calls($server->untrace($trace)));

        is(PaymentsServer::tally($result), "200: $n", "$name: all answered");
        is_deeply([@wrong[0 .. ($#wrong < 9 ? $#wrong : 9)]], [],
                  "$name: in order");

        my $created = delete $seen->{created};

        cmp_ok($created, '>', 0, "$name: with a segment's birth");
        is_deeply($seen, { written => $n, synced => $n, answered => $n },
                  "$name: all of it was seen");

        $server->ok_safe($result, $name);
        $server->ok_idle($name);
    }

    ok($server->stop, 'it ends');
    $server->ok_clean;
}

done_testing;
