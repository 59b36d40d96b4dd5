# Copyright (C) 2026 ngx_http_payments_module contributors

# Clients that are hostile, broken or odd: whatever they send, the worker lives,
# nobody gets a 200 who was not entitled to it, and the spool has what was
# answered with 200, byte for byte, and nothing else.
#
# PAYMENTS_LONG=1 turns all bytes of a request by each of its bits, and aborts
# after each byte more often: 3 s more.

use strict;
use warnings;

use IO::Select;
use Socket qw(IPPROTO_TCP SHUT_WR SOL_SOCKET SO_LINGER TCP_NODELAY);
use Test::More;
use Time::HiRes qw(time);

use PaymentsHttp2;
use PaymentsNginx;
use PaymentsServer qw(can_strace event slurp wait_for);


my $LONG = $ENV{PAYMENTS_LONG};
my $PATIENCE = 20;
my $PATH = '/payments/process/stripe/';

my $n = 0;


my $server = PaymentsServer->new('200-hostile', http2 => 1, server => <<END
        client_max_body_size 20m;
        client_body_buffer_size 64k;
        lingering_timeout 200ms;
        keepalive_requests 10000;
END
)->start;
my ($worker) = $server->workers;


# What is to be in the spool: the body of each event that was answered with 200,
# or may be there, since nobody read the answer

my (%owed, %maybe);

# ... and what is found there, which is taken away

my %found;


sub take {
    my $new = $server->spool_path . '/new';

    for my $file ($server->files('new')) {
        my $text = slurp("$new/$file");

        $server->fault("$file: no whole lines") if $text !~ /\n\z/;
        $server->fault("$file: NUL") if $text =~ /\0/;

        for my $line (split /\n/, $text) {
            # the first "payload" is ours, and there is none in what stands
            # before it

            my ($head, $body) = split /,"payload":/, $line, 2;
            my ($id) = $head =~ /\A\{"specversion":"1\.0","id":"([^"]+)",/;

            if (!defined $id || $body !~ s/\}\}\z//) {
                $server->fault('no envelope: ' . substr $line, 0, 200);
                next;
            }

            push @{$found{$id}}, $body;
        }

        unlink "$new/$file";
    }
}


# Comes to the same as what is owed

sub ok_spool {
    my ($name) = @_;

    wait_for(sub {
        take();
        return !grep { !$found{$_} } keys %owed;
    }, 'what was answered with 200');

    # whatever else there was to come has come

    wait_for(sub { !$server->files('active') }, 'active/ to be empty');
    take();

    my @faults;

    for my $id (keys %owed) {
        my $bodies = $found{$id} || [];

        push @faults, "$id: " . @$bodies . ' times' if @$bodies != 1;
        push @faults, "$id: other bytes" if @$bodies
            && $bodies->[0] ne $owed{$id} =~ tr/\r\n/  /r;
    }

    for my $id (keys %found) {
        push @faults, "$id: nobody was told" if !$owed{$id} && !$maybe{$id};
        push @faults, "$id: more than once" if @{$found{$id}} != 1;
    }

    is(join("\n", splice @faults, 0, 5), '', "$name: the spool is as it must be");

    is_deeply([$server->workers], [$worker], "$name: the worker is the same")
        or BAIL_OUT('the worker has died: ' . $name);

    (%owed, %maybe, %found) = ();
}


sub id {
    my ($name) = @_;

    return 'evt_' . ($name || 'x') . '_' . ++$n;
}


# A request; head, more lines of a header, or instead of ours; path, method,
# signature, length, a value or undef for no header; body

sub request {
    my ($body, %opt) = @_;

    my $length = exists $opt{length} ? $opt{length} : length $body;
    my $signature = exists $opt{signature} ? $opt{signature}
        : PaymentsServer::sign($body);

    return join "\r\n",
        ($opt{method} || 'POST') . ' ' . ($opt{path} || $PATH) . ' '
            . ($opt{protocol} || 'HTTP/1.1'),
        'Host: localhost',
        (defined $length ? "Content-Length: $length" : ()),
        (defined $signature ? "Stripe-Signature: $signature" : ()),
        ($opt{last} ? 'Connection: close' : ()),
        @{$opt{head} || []},
        '', defined $opt{sent} ? $opt{sent} : $body;
}


# A request that is right, which is then owed an event

sub good {
    my ($body, $id, %opt) = @_;

    $owed{$id} = $body;

    return request($body, %opt);
}


# Writes all of it, reads until the end; returns the answers in their order.
# Whatever comes after the server has closed it is not sent.

sub talk {
    my ($bytes, %opt) = @_;

    my $s = $server->connect or die "connect: $!\n";

    $s->blocking(0);

    my ($in, $sent) = ('', 0);
    my $end = time + $PATIENCE;

    my $reader = IO::Select->new($s);

    for ( ;; ) {
        my ($r, $w) = IO::Select->select($reader,
            $sent < length $bytes ? $reader : undef, undef, $end - time);

        if (!$r) {
            diag('no end of an answer');
            last;
        }

        if (@$w) {
            my $done = syswrite $s, $bytes, 262144, $sent;
            $sent += $done if $done;
            shutdown $s, SHUT_WR if $opt{half} && $sent == length $bytes;
        }

        if (@$r) {
            my $done = sysread $s, $in, 65536, length $in;
            last if defined $done && $done == 0;
            last if !defined $done && !$!{EAGAIN} && !$!{EINTR};
        }

        last if $opt{answers} && answers($in) >= $opt{answers};
    }

    close $s;

    return answers($in);
}


sub answers {
    my ($in) = @_;

    my @answers;

    while (my $answer = PaymentsServer::parse($in, 1)) {
        push @answers, $answer;
        substr $in, 0, $answer->{length}, '';
    }

    return @answers;
}


sub statuses {
    return join ' ', map { $_->{status} } @_;
}


# One that closes: its answers are the statuses

sub says {
    my ($bytes, $expected, $name, %opt) = @_;

    my $got = statuses(talk($bytes, %opt));

    ref $expected ? like($got, $expected, $name) : is($got, $expected, $name);
}


sub chunk {
    my ($data, $extension) = @_;

    return sprintf "%x%s\r\n%s\r\n", length $data, $extension || '', $data;
}


sub reset_by_client {
    my ($s) = @_;

    setsockopt $s, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    close $s;
}


# What $payments_error was, from the access log, of the requests with a tag

sub errors {
    my ($tag, $count) = @_;

    my @lines;

    wait_for(sub {
        @lines = slurp("$server->{prefix}/logs/access.log")
            =~ /^\S*\?$tag\S* (\d+ \S+)/mg;
        return @lines >= $count;
    }, "lines of the access log, $tag");

    return @lines;
}


# Small, with all that the envelope wants

sub small {
    my ($id) = @_;

    return event($id, 400);
}


# Wraps anything into an event that is right

sub with {
    my ($id, $json) = @_;

    return qq({"id":"$id","object":"event","type":"x.y","created":1764020246,)
        . qq("data":{"object":{"id":"o"}},"more":$json});
}


my $fds = $server->idle_fds($worker);


# How often the worker has gone to sleep

sub woken {
    return slurp("/proc/$worker/status") =~ /^voluntary_ctxt_switches:\s+(\d+)/m
        ? $1 : 0;
}


subtest 'packets of one byte, the next when the last was read' => sub {
    my $id = id('bytes');
    my $body = small($id);
    my $half = int(length($body) / 2);

    my %ways = (
        'with a length' => good($body, $id, last => 1),
    );

    $id = id('bytes');
    $body = small($id);

    $ways{'in chunks, with extensions and trailers'} = good($body, $id,
        last => 1, length => undef, head => ['Transfer-Encoding: chunked'],
        sent => chunk(substr($body, 0, $half), ';a=b;c="d e"')
            . chunk(substr($body, $half), ' ; x')
            . "0;last\r\nX-One: 1\r\nX-Two: 2\r\n\r\n");

    for my $name (sort keys %ways) {
        my $s = $server->connect;

        setsockopt $s, IPPROTO_TCP, TCP_NODELAY, 1;

        for my $byte (split //, $ways{$name}) {
            my $woken = woken();

            syswrite $s, $byte;

            # how it is cut is not what the answer depends on

            wait_for(sub { woken() > $woken }, undef, 0.1);
        }

        my $answer = $server->answer($s);
        is($answer && $answer->{status}, 200, $name);
    }

    ok_spool('packets');
};


subtest 'a Content-Length that is wrong' => sub {
    my $short = sub { small(id('wrong')) };
    my $body = $short->();
    my $length = length $body;

    # what follows is no request

    says(request($body, length => $length - 1), '400 400', 'shorter');
    says(request($short->(), length => 1), '400 400', 'one byte');
    says(request($short->(), length => 0), '400 400', 'none');

    # the first byte of the next one is the last of it

    says(request($body, length => $length + 1)
         . request($short->(), last => 1), '400 405', 'longer');
    says(request($body, length => $length + 1), '', 'longer, and the end',
         half => 1);
    says(request($body, length => 2 * $length), '', 'twice, and the end',
         half => 1);

    for my $value (-1, -$length, "+$length", sprintf('0x%x', $length),
                   "$length, $length", "$length $length", "$length;", ' ', 'x',
                   "$length.0", '1e3', '9' x 19, '9' x 20, '9' x 4000,
                   '18446744073709551615', '18446744073709552016')
    {
        says(request($body, length => $value), qr/^4\d\d\b(?!.*200)/,
             'Content-Length: ' . substr $value, 0, 30);
    }

    my @twice = ("Content-Length: $length", 'Content-Length: ' . ($length - 1));

    says(request($body, length => undef, head => [@twice]), '400',
         'two that differ');
    says(request($body, length => undef, head => [reverse @twice]), '400',
         'two that differ, the other way round');
    says(request($body, length => undef, head => [@twice[0, 0]]), '400',
         'twice the same');

    my $chunked = chunk($body) . "0\r\n\r\n";
    my @chunked = ('Transfer-Encoding: chunked');

    says(request($body, head => [@chunked], sent => $chunked), '400',
         'and Transfer-Encoding');
    says(request($body, head => [@chunked], length => 4, sent => $chunked),
         '400', 'of one chunk, and Transfer-Encoding');
    says(request($body, head => [@chunked], length => length $chunked,
                 sent => $chunked), '400',
         'of all chunks, and Transfer-Encoding');

    for my $coding ('gzip', 'identity', 'chunked, chunked', 'gzip, chunked',
                    'xchunked', "chunked\x0b", '"chunked"')
    {
        says(request($body, length => undef, sent => $chunked,
                     head => ["Transfer-Encoding: $coding"]),
             qr/^(?:400|501)\b(?!.*200)/, "Transfer-Encoding: $coding");
    }

    says(request($body, length => undef, sent => $chunked,
                 head => [@chunked, 'Transfer-Encoding: gzip']),
         qr/^(?:400|501)$/, 'two Transfer-Encodings');
    says(request($body, length => undef, sent => $chunked,
                 head => [@chunked], protocol => 'HTTP/1.0'), '400',
         'Transfer-Encoding in HTTP/1.0');

    ok_spool('Content-Length');
};


subtest 'chunks' => sub {
    my $way = sub {
        my ($name, $make, %opt) = @_;

        my $id = id('chunks');
        my $body = small($id);

        says(good($body, $id, last => 1, length => undef, %opt,
                  head => ['Transfer-Encoding: chunked'],
                  sent => $make->($body)), '200', $name);
    };

    my $hex = sub { sprintf $_[0], length $_[1] };

    $way->('capitals', sub { $hex->('%X', @_) . "\r\n$_[0]\r\n0\r\n\r\n" });
    $way->('zeros', sub { $hex->('%012x', @_) . "\r\n$_[0]\r\n000\r\n\r\n" });
    $way->('an extension of 100 KB', sub {
        chunk($_[0], ';' . 'x' x 100000) . "0\r\n\r\n";
    });
    $way->('trailers of 100 KB', sub {
        chunk($_[0]) . "0\r\n" . "X-Trailer: yes\r\n" x 6250 . "\r\n";
    });
    $way->('trailers that have another length and signature', sub {
        chunk($_[0]) . "0\r\nContent-Length: 1\r\n"
            . "Stripe-Signature: t=1,v1=0\r\n\r\n";
    });

    # no more comes, of whoever has not sent enough

    my $wrong = sub {
        my ($name, $expected, $make, %opt) = @_;

        my $body = small(id('chunks_wrong'));

        says(request($body, length => undef,
                     head => ['Transfer-Encoding: chunked'],
                     sent => $make->($body), %opt), $expected, $name,
             half => 1);
    };

    my $tail = "\r\n0\r\n\r\n";

    $wrong->('a size that is one less', qr/^400\b(?!.*200)/, sub {
        sprintf("%x\r\n", length($_[0]) - 1) . $_[0] . $tail;
    });
    $wrong->('a size that is one more', qr/^(?:400\b|$)(?!.*200)/, sub {
        sprintf("%x\r\n", length($_[0]) + 1) . $_[0] . $tail;
    });

    for my $size ('-1', '+10', '0x10', 'g', '', ' ', 'f' x 15, '7' . 'f' x 15,
                  'f' x 16, '1' . '0' x 16, '8' . '0' x 15)
    {
        $wrong->("a size of \"$size\"", qr/^(?:4\d\d\b|$)(?!.*200)/,
                 sub { "$size\r\n$_[0]$tail" });
    }

    $wrong->('no end', '', sub { chunk($_[0]) });
    $wrong->('half an end', '', sub { chunk($_[0]) . "0\r\n" });
    $wrong->('the signature in a trailer', qr/^400\b(?!.*200)/, sub {
        chunk($_[0]) . "0\r\nStripe-Signature: "
            . PaymentsServer::sign($_[0]) . "\r\n\r\n";
    }, signature => undef);

    ok_spool('chunks');
};


subtest 'pipelines' => sub {
    my $id = sub { id('pipeline') };

    my $ok = sub { my $i = $id->(); good(small($i), $i, @_) };

    my $bad = sub {
        my $body = small($id->());
        request($body, signature => PaymentsServer::sign("$body "));
    };

    says($ok->() . $bad->() . $ok->(last => 1), '200 400 200',
         'good, bad, good');

    my @bad = (
        [400, $bad],
        [400, sub { request(small($id->()), signature => undef) }],
        [400, sub { request(small($id->()), signature => 'x') }],
        [400, sub { request('{"id":') }],
        [400, sub { request('') }],
        [400, sub { request(small($id->()), path => '/payments/process/x/') }],
        [405, sub { request(small($id->()), method => 'PUT') }],
        [415, sub { request(small($id->()), head => ['Content-Encoding: x']) }],
        [404, sub { request(small($id->()), path => '/nowhere') }],
        [400, sub {
            my $body = small($id->());
            request($body, length => undef,
                    head => ['Transfer-Encoding: chunked'],
                    sent => chunk("$body ") . "0\r\n\r\n");
        }],
    );

    my ($text, @expected) = ('');

    for (1 .. 20) {
        for my $bad (@bad) {
            $text .= $ok->() . $bad->[1]->();
            push @expected, 200, $bad->[0];
        }
    }

    says($text . $ok->(last => 1), "@expected 200", '401 requests');

    # who says that it ends there is taken at its word

    my $more = request(small($id->()));
    says($ok->(last => 1) . $more, '200', 'behind the last');
    says(request('{}', last => 1) . $more, '400', 'behind the last, a bad one');

    # nginx does not go on after these

    says(request('x' x 100, length => 21 * 1024 * 1024) . $more, '413',
         'behind one that is too large');

    ok_spool('pipelines');
};


subtest 'aborts after each byte' => sub {
    my $times = $LONG ? 5 : 1;
    my $id = id('cut');
    my $request = request(small($id));
    my @answers;

    # at once, by a reset

    for (1 .. $times) {
        for my $k (0 .. length($request) - 1) {
            my $s = $server->connect or die "connect: $!\n";
            syswrite $s, substr $request, 0, $k;
            reset_by_client($s);
        }
    }

    # when nginx has read it, by an end

    my @sockets;

    for my $k (0 .. length($request) - 1) {
        my $s = $server->connect or die "connect: $!\n";
        syswrite $s, substr $request, 0, $k;
        shutdown $s, SHUT_WR;
        push @sockets, $s;

        next if @sockets < 50 && $k < length($request) - 1;

        push @answers, map { $server->answer($_) || () } splice @sockets;
    }

    is(scalar(grep { $_->{status} == 200 } @answers), 0, 'none was taken');

    # all of it: it may be there

    my @last = map { id('cut_last') } 1 .. 50;

    for my $id (@last) {
        my $s = $server->connect or die "connect: $!\n";
        $maybe{$id} = 1;
        syswrite $s, request(small($id));
        reset_by_client($s);
    }

    my $after = id('cut_after');
    says(good(small($after), $after, last => 1), '200', 'others are served');

    ok_spool('aborts');
};


subtest 'headers' => sub {
    my $ok = sub {
        my ($name, @head) = @_;

        my $id = id('headers');
        says(good(small($id), $id, last => 1, head => \@head), '200', $name);
    };

    my $bad = sub {
        my ($name, $expected, @opt) = @_;

        says(request(small(id('headers_bad')), last => 1, @opt), $expected,
             $name);
    };

    $ok->('100 of them', map { "X-Header-$_: $_" } 1 .. 100);
    $ok->('500 of them', map { "X-$_: $_" } 1 .. 500);
    $ok->('16 KB of them', map { "X-$_: " . 'y' x 1000 } 1 .. 16);
    $ok->('one of 7 KB', 'X-Header: ' . 'y' x 7000);
    $ok->('empty ones', map { "X-Header-$_:" } 1 .. 50);
    $ok->('bytes above ASCII', "X-Header: \xff\xfe\x80");

    $bad->('one of 16 KB', qr/^4\d\d$/, head => ['X: ' . 'y' x 16384]);
    $bad->('64 KB of them', qr/^4\d\d$/,
           head => [map { "X-$_: " . 'y' x 1000 } 1 .. 64]);
    $bad->('a NUL', qr/^4\d\d$/, head => ["X: \0"]);

    my $id = id('headers_twenty');
    my $body = small($id);
    my $right = PaymentsServer::sign($body);

    $bad->('20 signatures', '400', signature => undef,
           head => [map { 'Stripe-Signature: ' . 'x' x $_ } 1 .. 20]);
    says(request($body, last => 1, signature => undef,
                 head => [("Stripe-Signature: $right") x 20]), '400',
         '20 times the right one');
    says(request($body, last => 1,
                 head => ['Stripe-Signature: ' . PaymentsServer::sign('x')]),
         '400', 'the right one, and another');

    # 4096 bytes are the limit, 16 signatures the other

    for my $length (4096, 4097, 5000, 8000) {
        my $padded = "$right,x=";
        $padded .= 'y' x ($length - length $padded);

        if ($length == 4096) {
            my $id = id('headers');
            my $body = small($id);
            $padded = PaymentsServer::sign($body) . ',x=';
            $padded .= 'y' x ($length - length $padded);

            says(good($body, $id, last => 1, signature => $padded), '200',
                 "a signature of $length bytes");
            next;
        }

        says(request($body, last => 1, signature => $padded), '400',
             "a signature of $length bytes");
    }

    says(request($body, last => 1, signature => join ',', (',') x 2000), '400',
         'a signature of commas');
    says(request($body, last => 1, signature => $right . ',' x 10), '400',
         'commas behind the right one');
    says(request($body, last => 1,
                 signature => $right . ',v1=' . join ',v1=', (0) x 16), '400',
         '17 signatures');

    # a name that is long, and one of all bytes

    says(request($body, last => 1, path => '/payments/process/' . 'a' x 7000),
         '400', 'a variant of 7000 bytes');

    my ($answer) = talk(request($body, last => 1, path =>
        '/payments/process/' . join '', map { sprintf '%%%02x', $_ } 1 .. 255));

    is($answer->{status}, 400, 'a variant of all bytes');
    ok(eval { JSON::PP->new->decode($answer->{body}) } || 0,
       'the answer is JSON') or diag($answer->{body});

    ok_spool('headers');
};


# Events that are signed well: signed is not the same as well-formed

subtest 'JSON' => sub {
    my $ok = sub {
        my ($name, $json) = @_;

        my $id = id('json');
        my $body = with($id, $json);

        says(good($body, $id, last => 1), '200', $name);
    };

    my $bad = sub {
        my ($name, $error, $body) = @_;

        my $tag = 'json' . ++$n;

        says(request($body, last => 1, path => "$PATH?$tag"), '400', $name);
        is_deeply([errors($tag, 1)], ["400 refused/$error"], "$name: $error");
    };

    my $million = 1000000;

    $bad->('1 MB of [', 'too_deep', '[' x $million);
    $bad->('1 MB of {"a":', 'too_deep', '{"a":' x ($million / 5));
    $bad->('1 MB of [ in an event', 'too_deep', with(id('json'),
           '[' x $million . ']' x $million));
    $bad->('16 MB of [', 'too_deep', '[' x (16 * 1024 * 1024));
    $bad->('1 MB of ]', 'bad_json', ']' x $million);
    $bad->('1 MB of "', 'bad_json', '"' x $million);
    $bad->('1 MB of \\', 'bad_json', '"' . '\\' x $million);
    $bad->('1 MB of blanks', 'bad_json', ' ' x $million);
    $bad->('1 MB of NUL', 'bad_json', "\0" x $million);
    $bad->('1 MB of 0xff', 'bad_json', "\xff" x $million);
    $bad->('1 MB of 0xff in a string', 'bad_utf8',
          '{"id":"' . "\xff" x $million);
    $bad->('an event, and 1 MB of blanks and a dot', 'bad_json',
           small(id('json')) . ' ' x $million . '.');
    $bad->('a string without an end', 'bad_json',
           substr with(id('json'), '"' . 'x' x $million . '"'), 0, -2);

    # an object and the event around it are two

    my $deep = sub { '[' x $_[0] . ']' x $_[0] };

    $ok->('64 deep', $deep->(63));
    $bad->('65 deep', 'too_deep', with(id('json'), $deep->(64)));
    $ok->('64 deep, of objects', '{"a":' x 63 . '1' . '}' x 63);
    $bad->('65 deep, of objects', 'too_deep',
           with(id('json'), '{"a":' x 64 . '1' . '}' x 64));
    $ok->('63 deep, 1000 times', '[' . join(',', ($deep->(62)) x 1000) . ']');

    my $escapes = '\\u00e9\\n\\"\\\\\\ud83d\\ude00\\/';

    $ok->('a string of 1 MB', '"' . 'x' x $million . '"');
    $ok->('a string of 1 MB of escapes',
          '"' . $escapes x ($million / length $escapes) . '"');
    $ok->('a name of 1 MB', '{"' . $escapes x ($million / length $escapes)
          . '":1}');
    $bad->('an id of 1 MB', 'too_long',
           event('x' x $million));
    $bad->('an id of 1 MB of escapes', 'too_long',
           event($escapes x ($million / length $escapes)));
    $bad->('a type of 1 MB', 'too_long',
           small(id('json')) =~ s/checkout.session.completed/'x' x $million/er);

    $ok->('100,000 names', '{' . join(',', map { qq("k$_":$_) } 1 .. 100000)
          . '}');
    $ok->('100,000 times one name', '{' . join(',', ('"k":1') x 100000) . '}');
    $ok->('100,000 names that look like ours', '{'
          . join(',', map { qq("id$_":"evt") } 1 .. 100000) . '}');
    $ok->('100,000 elements', '[' . join(',', 1 .. 100000) . ']');
    $bad->('the id 100,000 times', 'duplicate_key',
           '{' . join(',', ('"id":"evt_1"') x 100000) . '}');

    my $digits = '1234567890' x 10000;

    $ok->('100,000 digits', $digits);
    $ok->('100,000 digits behind the point', "-0.$digits");
    $ok->('100,000 digits of an exponent', "1e$digits");
    $ok->('and below', "1E-$digits");
    $bad->('100,000 digits of created', 'bad_number',
           small(id('json')) =~ s/1764020246/$digits/r);
    $bad->('of amount_total', 'bad_number',
           small(id('json')) =~ s/2000,/-$digits,/r);
    $bad->('an exponent of amount_total', 'bad_number',
           small(id('json')) =~ s/2000,/2e$digits,/r);
    $bad->('100,000 zeros', 'bad_json', with(id('json'), '0' x 100000));

    ok_spool('JSON');
};


# The line of the header, with its name and its end.  A letter of the name, and
# of the digits, is the same in upper case, and a tab in place of the CR is a
# blank before the LF, with which nginx is content; nothing else is.

subtest 'each byte of the signature header turned' => sub {
    my $case = sub {
        my ($line, $i, $bit) = @_;

        my $c = substr $line, $i, 1;
        my $v1 = index $line, 'v1=';

        return $c eq "\r" if $bit == 0x04;
        return 0 if $bit != 0x20;
        return $c =~ /[A-Za-z]/ && $i < index($line, ':')
            || $c =~ /[a-f]/ && $i >= $v1 + 3;
    };

    my %other;
    my $tried = 0;

    for my $bit ($LONG ? map { 1 << $_ } 0 .. 7 : (0x01, 0x20)) {
        my $length = length 'Stripe-Signature: '
            . PaymentsServer::sign('') . "\r\n";

        for my $i (0 .. $length - 1) {
            my $body = small(id('turned'));
            my $line = 'Stripe-Signature: ' . PaymentsServer::sign($body)
                . "\r\n";
            my $same = $case->($line, $i, $bit);

            substr($line, $i, 1) ^= chr $bit;
            $tried++;

            my ($answer) = talk(
                request($body, signature => undef, last => 1)
                =~ s/\r\n\r\n/\r\n$line\r\n/r);

            my $status = $answer ? $answer->{status} : 'none';

            if ($same) {
                my ($id) = $body =~ /"id":"([^"]+)"/;
                $owed{$id} = $body;
            }

            if ($same ? $status ne '200' : $status !~ /^4\d\d$/) {
                $other{sprintf '%d ^ %#x: %s', $i, $bit, $status} = 1;
            }
        }
    }

    is_deeply(\%other, {}, "never 200, but for hexadecimal digits in upper"
              . " case and the name in either: $tried");

    ok_spool('turned header');
};


subtest 'each byte of the body turned' => sub {
    my ($bytes, $count) = ('', 0);
    my $tag = 'turned_body';

    for my $bit ($LONG ? map { 1 << $_ } 0 .. 7 : (0x01, 0x80)) {
        my $body = small(id('turned_body'));
        my $signature = PaymentsServer::sign($body);

        for my $i (0 .. length($body) - 1) {
            my $turned = $body;
            substr($turned, $i, 1) ^= chr $bit;
            $bytes .= request($turned, signature => $signature,
                              path => "$PATH?$tag$count");
            $count++;
        }
    }

    my $id = id('turned_body');
    $bytes .= good(small($id), $id, last => 1);

    my @answers = talk($bytes);

    is(scalar(grep { $_->{status} == 400 } @answers), $count,
       "400, for all of $count");
    is(statuses($answers[-1]), '200', 'and then one that is right');
    is(scalar(grep { $_ ne '400 refused/no_match' } errors($tag, $count)), 0,
       'because of the signature');

    ok_spool('turned body');
};


# HTTP/2: streams that are reset at each stage, next to others

sub h2 {
    my $socket = $server->connect($server->{port2}) or die "connect: $!\n";

    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;

    my $h2 = { socket => $socket, window => { 0 => 65535 }, initial => 65535,
               code => {}, body => {}, over => {}, next => 1 };

    syswrite $socket, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        . PaymentsHttp2::frame(PaymentsHttp2::SETTINGS(), 0, 0, '');

    return $h2;
}


sub h2_stream {
    my ($h2) = @_;

    my $stream = $h2->{next};
    $h2->{next} += 2;

    return $stream;
}


sub h2_headers {
    my ($stream, $body, %opt) = @_;

    my $signature = exists $opt{signature} ? $opt{signature}
        : PaymentsServer::sign($body);

    my $block = join '', map { "\0" . PaymentsHttp2::hpack($_->[0])
                               . PaymentsHttp2::hpack($_->[1]) }
        [':method', 'POST'], [':scheme', 'http'], [':path', $PATH],
        [':authority', 'localhost'],
        (defined $signature ? ['stripe-signature', $signature] : ()),
        map { ['content-length', $_] }
            defined $opt{length} ? $opt{length} : ();

    return PaymentsHttp2::frame(PaymentsHttp2::HEADERS(),
                                PaymentsHttp2::END_HEADERS(), $stream, $block);
}


sub h2_data {
    my ($stream, $data, $last) = @_;

    return PaymentsHttp2::frame(PaymentsHttp2::DATA(),
        $last ? PaymentsHttp2::END_STREAM() : 0, $stream, $data);
}


sub h2_reset {
    my ($stream) = @_;

    return PaymentsHttp2::frame(PaymentsHttp2::RST_STREAM(), 0, $stream,
                                pack 'N', 8);
}


# Until it is over

sub h2_code {
    my ($h2, $stream) = @_;

    local $SIG{ALRM} = sub { die "HTTP/2: no answer\n" };
    alarm $PATIENCE;

    while (!$h2->{over}{$stream}) {
        PaymentsHttp2::receive($h2) or last;
    }

    alarm 0;

    return $h2->{code}{$stream} || 'none';
}


sub h2_good {
    my ($h2, $name) = @_;

    my $stream = h2_stream($h2);
    my $id = id('h2_good');
    my $body = $owed{$id} = small($id);

    syswrite $h2->{socket}, h2_headers($stream, $body)
        . h2_data($stream, $body, 1);

    is(h2_code($h2, $stream), 200, "$name: the next one is taken");
}


# All frames of a PING's answer: nginx has read what was before it

sub h2_read {
    my ($h2) = @_;

    syswrite $h2->{socket}, PaymentsHttp2::frame(6, 0, 0, 'payments');

    local $SIG{ALRM} = sub { die "HTTP/2: no pong\n" };
    alarm $PATIENCE;

    for ( ;; ) {
        read($h2->{socket}, my $head, 9) or last;
        my ($high, $low, $type) = unpack 'CnC', $head;
        read $h2->{socket}, my $payload, $high << 16 | $low;
        last if $type == 6;
    }

    alarm 0;
}


subtest 'HTTP/2' => sub {
    my $lacks = PaymentsNginx::lacks('http2');
    plan skip_all => $lacks if $lacks;

    my @stages = (
        ['behind the headers', sub { h2_headers(@_[0, 1]) }],
        ['in the body', sub {
            h2_headers(@_[0, 1]) . h2_data($_[0], substr $_[1], 0, 200);
        }],
        ['behind the body, before its end', sub {
            h2_headers(@_[0, 1]) . h2_data($_[0], $_[1]);
        }],
        ['behind the end', sub {
            h2_headers(@_[0, 1]) . h2_data($_[0], $_[1], 1);
        }],
    );

    for my $stage (@stages) {
        my ($name, $make) = @$stage;

        for my $read (0, 1) {
            my $h2 = h2();
            my $name = $read ? "$name, read before" : $name;

            for (1 .. 40) {
                my $stream = h2_stream($h2);
                my $id = id('h2');

                $maybe{$id} = 1 if $name =~ /behind the end/;

                syswrite $h2->{socket}, $make->($stream, small($id));
                h2_read($h2) if $read;
                syswrite $h2->{socket}, h2_reset($stream);
            }

            h2_good($h2, $name);
            close $h2->{socket};
        }

        # all in one packet, and the connection with them

        my $h2 = h2();
        my $bytes = '';

        for (1 .. 40) {
            my $id = id('h2');
            $maybe{$id} = 1 if $name eq 'behind the end';
            $bytes .= $make->(h2_stream($h2), small($id));
        }

        syswrite $h2->{socket}, $bytes;
        h2_read($h2);
        reset_by_client($h2->{socket});
    }

    # a body that is not of the length that it was said to have

    for my $case ([-1, 'longer'], [1, 'shorter']) {
        my $h2 = h2();
        my $stream = h2_stream($h2);
        my $body = small(id('h2_length'));

        syswrite $h2->{socket},
            h2_headers($stream, $body, length => length($body) + $case->[0])
            . h2_data($stream, $body, 1);

        like(h2_code($h2, $stream), qr/^(?:4\d\d|reset|none|unknown)/,
             "a body that is $case->[1]: not taken");
        close $h2->{socket};
    }

    # data behind the end, and for a stream that never was

    for my $case (['behind the end', sub { $_[0] }],
                  ['elsewhere', sub { $_[0] + 100 }])
    {
        my $h2 = h2();
        my $stream = h2_stream($h2);
        my $id = id('h2');
        my $body = small($id);

        $maybe{$id} = 1;

        syswrite $h2->{socket}, h2_headers($stream, $body)
            . h2_data($stream, $body, 1)
            . h2_data($case->[1]->($stream), 'more', 1);
        h2_code($h2, $stream);
        close $h2->{socket};
    }

    # one byte in a frame, and empty frames between

    my $h2 = h2();
    my $stream = h2_stream($h2);
    my $id = id('h2_bytes');
    my $body = $owed{$id} = small($id);

    syswrite $h2->{socket}, h2_headers($stream, $body)
        . join('', map { h2_data($stream, $_) } split //, $body)
        . h2_data($stream, '', 1);
    is(h2_code($h2, $stream), 200, 'frames of one byte');

    ok_spool('HTTP/2');
};


# The commit ends only when the tracer lets it

subtest 'HTTP/2, reset in the commit' => sub {
    my $why = PaymentsNginx::lacks('http2') || can_strace();
    plan skip_all => $why if $why;

    my $trace = $server->strace($worker, '-e', 'trace=fdatasync',
        '-e', 'inject=fdatasync:delay_enter=600000000');

    my $h2 = h2();
    my @streams;

    for (1 .. 40) {
        my $stream = h2_stream($h2);
        my $id = id('h2_commit');

        # nobody waits for the answer: it is in the spool all the same

        my $body = $owed{$id} = small($id);

        syswrite $h2->{socket}, h2_headers($stream, $body)
            . h2_data($stream, $body, 1);
        push @streams, $stream;
    }

    ok(wait_for(sub {
        grep { -s $server->spool_path . "/active/$_" }
            $server->files('active');
    }), 'a commit is held');

    h2_read($h2);
    syswrite $h2->{socket}, h2_reset($_) for @streams[0 .. 19];
    h2_read($h2);

    $server->untrace($trace);

    is(scalar(grep { h2_code($h2, $_) eq '200' } @streams[20 .. 39]), 20,
       'the others are answered');
    h2_good($h2, 'in the commit');
    close $h2->{socket};

    ok_spool('HTTP/2, in the commit');
};


# Bytes that are nothing at all; the same in each run

subtest 'rubbish' => sub {
    my $seed = 20261125;

    my $random = sub {
        $seed = ($seed * 1103515245 + 12345) % 2147483648;
        return int($seed / 65536) % $_[0];
    };

    my %statuses;

    for my $i (1 .. ($LONG ? 5000 : 500)) {
        my $bytes = request(small(id('rubbish')), last => 1);

        # within the bytes of a request that is right but for these

        for (0 .. $random->(4)) {
            my $at = $random->(length $bytes);
            my $way = $random->(3);

            $way == 0 ? (substr($bytes, $at, 1) = chr $random->(256))
                : $way == 1 ? substr($bytes, $at, 1 + $random->(20), '')
                : substr($bytes, $at, 0,
                         substr $bytes, $random->(length $bytes), 30);
        }

        # which may have met what does not matter

        my ($id) = $bytes =~ /"id":"([^"]+)"/;
        $maybe{$id} = 1 if $id;

        my @answers = talk($bytes, half => 1);
        $statuses{$_}++ for @answers ? map { $_->{status} } @answers : 'none';
    }

    note(join ', ', map { "$_: $statuses{$_}" } sort keys %statuses);
    cmp_ok($statuses{200} || 0, '<=', $LONG ? 500 : 50, 'few are taken');
    cmp_ok($statuses{400} || 0, '>=', $LONG ? 500 : 50, 'many are refused');

    ok_spool('rubbish');
};


ok(wait_for(sub { PaymentsServer::fds($worker) == $fds }),
   'as many descriptors as before')
    or diag(PaymentsServer::fds($worker) . ", not $fds");

ok($server->stop('QUIT'), 'it ends');
$server->ok_clean;

done_testing;
