package PaymentsTest;

# Copyright (C) 2026 ngx_http_payments_module contributors

# Test::Nginx::Socket for signed events.  A block needs no configuration and
# no request of its own: by default, an event that is signed with the secret
# of the variant "stripe" is posted to /payments/process/stripe/.  After each
# block nginx is stopped; its log, and its spool, are looked at then, when
# nothing can come any more.
#
# Sections that say what is configured:
#
#     --- variant          the inside of payments_variant stripe
#     --- location         what the location has besides payments_process and
#                          payments_spool
#     --- spool            the arguments of payments_spool
#     --- http_config      comes before the default variant, or instead of it
#                          if it has a payments_variant; config likewise
#     --- without          variant, location: not even the default ones
#     --- secrets          the text of the file $TEST_NGINX_SECRETS,
#     --- secrets_mode     and its mode, default 0600
#
# what is sent:
#
#     --- event            the body, or by eval an array of bodies; the last
#                          one is used again for further requests
#     --- sign             one request a line, of name=value, or name="value"
#                          when there are blanks:
#                              secret=      the key, default whsec_test
#                              age=         seconds, negative: in the future
#                              header=      the signature header, in which
#                                           {t}, {v1}, {V1} (upper case),
#                                           {v1:secret}, {bad} and {header}
#                                           are replaced; "|" is between two
#                                           headers, "none": no header
#                              tamper=      body or t: changed once signed
#                              method= uri=
#                              length=      another Content-Length, or none
#                              chunked=     bytes of a chunk
#                              ext=         a chunk extension
#                              packets=     bytes of a packet
#                              keep=1       all on one connection
#     --- more_headers     as ever, for each of the requests
#     --- over: h2         send them over HTTP/2 to a Unix socket, where a
#                          server with the default location listens
#     --- needs            what the block needs of nginx, if its configuration
#                          does not say so: debug.  Where nginx lacks that, or
#                          a module of a directive, the block is skipped.
#
# and what is expected, besides Test::Nginx's own:
#
#     --- answers          one answer a line: its code and its body
#     --- result           $payments_result/$payments_error, one a line
#     --- spool_lines      how many envelopes are in the spool; or one spool
#                          a line, "name: number"; default: the number of
#                          accepted in result
#     --- envelope         path = JSON, or absent, one a line; 2/path is that
#                          of the second envelope
#     --- allow            crit: the error log may have such lines
#     --- line             the whole envelope, but for {received}
#     --- while_running    Perl, before nginx is stopped,
#     --- afterwards       and when it is, with $spool, $log and $block
#
# Whatever is in a spool must be lines of JSON that end in bytes that were
# sent.  The error log has no [alert], [crit] or [emerg], but for must_die, and
# no secret, at the level of debug too.

use v5.10.1;

# seconds; Test::Nginx sleeps some of them before it looks at a log
BEGIN { $ENV{TEST_NGINX_SLEEP} //= 0.005 }

use Test::Nginx::Socket -Base;
use Test::Nginx::Util qw($RunTestHelper is_running);

use Digest::SHA qw(hmac_sha256_hex);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use JSON::PP;
use MIME::Base64 qw(decode_base64);
use PaymentsHttp2;
use PaymentsNginx;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(event_with lines_with text_of wait_for);

my $SECRET = 'whsec_test';
my $URI = '/payments/process/stripe/';

my $EVENT = '{"id":"evt_1","object":"event","type":"charge.refunded",'
            . '"created":1764020246,"livemode":false,'
            . '"data":{"object":{"id":"ch_1","object":"charge"}}}';

my $FORMAT = q{
    log_format payments '$payments_result/$payments_error'
                        ' variant=$payments_variant'
                        ' id=$payments_event_id type=$payments_event_type';
    access_log logs/payments.log payments;
};

# seconds
my $PATIENCE = $ENV{PAYMENTS_PATIENCE} || 20;

my $root = $Test::Nginx::Util::ServRoot;
my $json = JSON::PP->new->utf8->canonical->allow_nonref;

# a socket's path may not be longer than 107 bytes, wherever the checkout is
my $temp = tempdir(CLEANUP => 1);

$ENV{TEST_NGINX_SOCKET} = "$temp/socket";
$ENV{TEST_NGINX_SECRETS} = "$temp/secrets";


no_root_location();
no_shuffle();
no_long_string();


sub wait_for ($) {
    my ($condition) = @_;

    my $end = time() + $PATIENCE;

    until ($condition->()) {
        return 0 if time() > $end;
        sleep 0.005;
    }

    return 1;
}


sub whole_file ($) {
    my ($path) = @_;

    open my $in, '<:raw', $path or return '';

    return do { local $/; <$in> } // '';
}


# The default event, with some members of it replaced or, by undef, removed

sub event_with (@) {
    my (%member) = @_;

    my $event = $EVENT;

    for my $name (sort keys %member) {
        my $value = $member{$name};

        $event =~ s/"\Q$name\E":(?:"[^"]*"|\w+),?//;
        $event =~ s/^\{/{"$name":$value,/ if defined $value;
    }

    return $event;
}


# Such an event, at least so many bytes long, in which no part is like another

sub text_of ($) {
    my ($size) = @_;

    my $text = '';

    for (my $i = 0; length $text < $size; $i++) {
        $text .= "$i ";
    }

    return event_with(text => "\"$text\"");
}


# For sections that are Perl, where join is a filter's

sub lines_with (@) {
    return join '', map { "$_\n" } @_;
}


sub lines_of ($) {
    my ($text) = @_;

    return grep { /\S/ } split /\n/, $text // '';
}


# Sections

sub configure ($) {
    my ($block) = @_;

    my $http = $block->http_config // '';
    my $config = $block->config // '';
    my $variant = $block->variant // "secret $SECRET;";
    my $spool = $block->spool // 'spool min_free=0';
    my $location = $block->location // '';

    chomp $spool;

    my $without = $block->without // '';
    my $default = "location /payments/process/ { payments_process; "
                  . "payments_spool $spool; $location }\n";

    if ($http !~ /(?<!\$)payments_variant/ && $without !~ /variant/) {
        $http .= "payments_variant stripe { $variant }\n";
    }

    # every location is warned of that says nothing

    $http .= "payments_dedup off;\n" if "$http$config" !~ /payments_dedup/;
    $http .= "client_body_buffer_size 32k;\n"
        if "$http$config" !~ /client_body_buffer_size/;

    if ($config !~ /payments_process/ && $without !~ /location/) {
        $config .= $default;
    }

    if (($block->over // '') eq 'h2') {
        $http .= 'server { '
                 . PaymentsNginx::listen_http2("unix:$ENV{TEST_NGINX_SOCKET}")
                 . " $default }\n";
    }

    $block->set_value(http_config => $FORMAT . $http);
    $block->set_value(config => $config);

    my ($lack) = grep { defined } map { PaymentsNginx::lacks($_) }
                      "$http\n$config", lines_of($block->needs);

    if (defined $lack) {
        $block->set_value(skip_nginx => "1: >= 0.0.1: $lack");
    }
}


sub options_of ($) {
    my ($line) = @_;

    my %option;

    while ($line =~ /\G\s*(\w+)=(?:"([^"]*)"|(\S*))/gc) {
        $option{$1} = $2 // $3;
    }

    die "sign: what is this: $line\n" if $line !~ /\G\s*$/;

    return \%option;
}


sub signature_of ($$) {
    my ($option, $body) = @_;

    my $time = int(time()) - ($option->{age} // 0);
    my $sign = sub { hmac_sha256_hex("$time.$body", $_[0] // $SECRET) };

    my $v1 = $sign->($option->{secret});
    my $shown = $time + (($option->{tamper} // '') eq 't');
    my $header = $option->{header} // '{header}';

    $header =~ s/\{header\}/t={t},v1={v1}/g;
    $header =~ s/\{t\}/$shown/g;
    $header =~ s/\{v1\}/$v1/g;
    $header =~ s/\{V1\}/uc $v1/ge;
    $header =~ s/\{v1:(\S+?)\}/$sign->($1)/ge;
    $header =~ s/\{bad\}/'0' x 64/ge;

    return $header;
}


sub request_of ($$$) {
    my ($option, $body, $more) = @_;

    my $signature = signature_of($option, $body);
    my $headers = $signature eq 'none' ? ''
                  : join '', map { "Stripe-Signature: $_\n" }
                             length $signature ? split /\|/, $signature : '';

    if (($option->{tamper} // '') eq 'body') {
        substr($body, length($body) / 2, 1) ^= "\x01";
    }

    my $wire = $body;

    if ($option->{chunked}) {
        my @chunks = unpack "(a$option->{chunked})*", $body;

        $wire = join '', map { sprintf("%x", length) . ($option->{ext} // '')
                               . "\r\n$_\r\n" } @chunks, '';
        $headers .= "Transfer-Encoding: chunked\n";

    } elsif (($option->{length} // '') ne 'none') {
        $headers .= 'Content-Length: '
                    . ($option->{length} // length $body) . "\n";
    }

    return { method => $option->{method} // 'POST',
             uri => $option->{uri} // $URI,
             headers => $headers . $more,
             body => $body,
             wire => $wire };
}


sub build_requests ($) {
    my ($block) = @_;

    my @options = map { options_of($_) } lines_of($block->sign);
    my @events = ref $block->event ? @{$block->event}
                                   : ($block->event // $EVENT);
    my (@requests, @packets);

    @options = map { {} } @events if !@options;

    chomp @events if !ref $block->event;

    for my $i (0 .. $#options) {
        my $body = $events[$i < @events ? $i : -1];

        push @requests, request_of($options[$i], $body,
                                   $block->more_headers // '');
    }

    $block->set_value(requests => \@requests);

    if (!grep { $_->{keep} || $_->{packets} } @options) {
        my @texts = map { "$_->{method} $_->{uri}\n$_->{wire}" } @requests;
        my @headers = map { $_->{headers} } @requests;

        $block->set_value(request => \@texts);
        $block->set_value(more_headers => \@headers);
        return;
    }

    for my $i (0 .. $#requests) {
        my $r = $requests[$i];
        my $size = $options[$i]{packets};

        (my $headers = $r->{headers}) =~ s/\n/\r\n/g;

        my $text = "$r->{method} $r->{uri} HTTP/1.1\r\nHost: localhost\r\n"
                   . ($i == $#requests ? "Connection: close\r\n" : '')
                   . "$headers\r\n$r->{wire}";

        push @packets, $size ? unpack("(a$size)*", $text) : $text;
    }

    $block->set_value(raw_request => \@packets);
    $block->set_value(pipelined_requests => \@requests) if @requests > 1;
}


# The code of an answer, by $payments_result/$payments_error

sub code_of ($) {
    my ($result) = @_;

    my %code = (method => 405, too_large => 413, encoding => 415);
    my ($class, $error) = split m{/}, $result;

    return $class eq 'refused' ? $code{$error} // 400
           : $class eq 'failed' ? 503 : 200;
}


sub expect_answers ($) {
    my ($block) = @_;

    my (@codes, @bodies);

    for my $line (lines_of($block->answers)) {
        my ($code, $body) = split ' ', $line, 2;

        push @codes, $code;
        push @bodies, $body // qr/^/;
    }

    if (@codes) {
        $block->set_value(error_code => \@codes);
        $block->set_value(response_body => \@bodies);

    } elsif (!defined $block->error_code && defined $block->result) {
        @codes = map { code_of($_) } lines_of($block->result);
        $block->set_value(error_code => \@codes);
    }

    my $n = @{$block->requests // []};

    # the same is expected of each

    for my $section (qw(error_code response_body response_body_like
                        response_headers response_headers_like
                        raw_response_headers_like
                        raw_response_headers_unlike))
    {
        my $value = $block->$section;

        if ($n > 1 && defined $value && ref $value ne 'ARRAY') {
            $block->set_value($section => [($value) x $n]);
        }
    }

    if ($n > 1 && !defined $block->error_code) {
        $block->set_value(error_code => [(200) x $n]);
    }
}


sub write_secrets ($) {
    my ($block) = @_;

    my $file = $ENV{TEST_NGINX_SECRETS};

    unlink $file;

    return if !defined $block->secrets;

    open my $out, '>:raw', $file or die "$file: $!\n";
    print $out $block->secrets;
    close $out or die "$file: $!\n";

    chmod oct($block->secrets_mode // '0600'), $file or die "$file: $!\n";
}


add_block_preprocessor(sub {
    my ($block) = @_;

    remove_spools();

    write_secrets($block);
    configure($block);

    if (!defined $block->request && !defined $block->raw_request
        && !defined $block->pipelined_requests)
    {
        build_requests($block);
    }

    # what nginx says is in its log too
    $block->set_value(suppress_stderr => 1) if defined $block->must_die;

    expect_answers($block);
});


# Sends a request of the block on so many connections while nginx stands still:
# it finds all of them when it goes on.  Each connection was used once before,
# and so was accepted.

sub at_once ($$;$) {
    my ($block, $n, $i) = @_;

    my $r = $block->requests->[$i // 0];
    my ($pid) = whole_file($Test::Nginx::Util::PidFile) =~ /(\d+)/;
    my (@sockets, @answers);

    (my $headers = $r->{headers}) =~ s/\n/\r\n/g;

    for (1 .. $n) {
        my $socket = IO::Socket::INET->new(
            PeerAddr => '127.0.0.1',
            PeerPort => $Test::Nginx::Util::ServerPort,
            Timeout => $PATIENCE) or die "nginx: $!\n";

        print $socket "GET $r->{uri} HTTP/1.1\r\nHost: localhost\r\n\r\n";
        answer_of($socket);
        push @sockets, $socket;
    }

    # it may be about to return with what the first one has sent, until it stops

    kill 'STOP', $pid;
    wait_for(sub { whole_file("/proc/$pid/stat") =~ /^\d+ \(.*\) T /s });

    for my $socket (@sockets) {
        print $socket "$r->{method} $r->{uri} HTTP/1.1\r\nHost: localhost\r\n"
                      . "Connection: close\r\n$headers\r\n$r->{wire}";
    }

    kill 'CONT', $pid;

    return map { answer_of($_) } @sockets;
}


sub answer_of ($) {
    my ($socket) = @_;

    my $answer = '';

    local $SIG{ALRM} = sub { die "no answer of nginx\n" };
    alarm $PATIENCE;

    while (my $line = <$socket>) {
        $answer .= $line;
        last if $line eq "\r\n";
    }

    my ($length) = $answer =~ /^Content-Length: (\d+)/mi;

    read $socket, $answer, $length // 0, length $answer;
    alarm 0;

    return $answer;
}


# HTTP/2

sub over_h2 ($) {
    my ($block) = @_;

    my @requests = @{$block->requests};
    my @codes = @{$block->error_code};
    my @bodies = @{$block->response_body};
    my $name = $block->name;

    my @groups = ($block->sign // '') =~ /keep=1/ ? \@requests
                 : map { [$_] } @requests;

    for my $answer (map { PaymentsHttp2::talk($ENV{TEST_NGINX_SOCKET}, @$_) }
                        @groups)
    {
        my ($code, $body) = split ' ', $answer, 2;

        is($code, shift @codes, "$name - HTTP/2 code");
        is($body, shift @bodies, "$name - HTTP/2 body");
    }
}


my $run = $RunTestHelper;

$RunTestHelper = sub ($$) {
    my ($block, $dry_run, $index) = @_;

    # Test::Nginx warns of levels that are judged later

    local $SIG{__WARN__} = sub { warn @_ if $_[0] !~ /\[crit\]/ }
        if defined $block->allow;

    if (($block->over // '') eq 'h2') {
        over_h2($block);
        $Test::Nginx::Util::CheckErrorLog->($block, undef, $dry_run, $index);

    } else {
        $run->($block, $dry_run, $index);
    }
};


# Afterwards

sub remove_spools () {
    remove_tree(glob "$root/spool*");
    unlink $ENV{TEST_NGINX_SOCKET};
}


sub listening () {
    return defined IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $Test::Nginx::Util::ServerPort);
}


sub stop_nginx ($) {
    my ($block) = @_;

    my $file = $Test::Nginx::Util::PidFile;
    my $pid = whole_file($file) =~ /(\d+)/ ? $1 : return;

    # It is told again and again: without a master, a signal that comes just
    # before it begins to wait for events is seen when the next one comes.  As
    # long as one of its threads is ending, it still has its sockets.

    my $again = 0;

    ok(wait_for(sub {
        if (is_running($pid)) {
            return 0 if time() < $again;

            kill 'QUIT', $pid;
            $again = time() + 0.2;
            return 0;
        }

        return !listening() && !-e $file;
    }), $block->name . ' - nginx stops');
}


sub files_of ($) {
    my ($dir) = @_;

    opendir my $handle, $dir or return ();

    return sort grep { !/^\.\.?$/ } readdir $handle;
}


sub envelopes_of ($) {
    my ($spool) = @_;

    my $text = join '', map { whole_file("$spool/new/$_") }
                        files_of("$spool/new");

    return split /^/, $text;
}


# Waits for so many envelopes in segments that are sealed

sub sealed ($$) {
    my ($spool, $n) = @_;

    return wait_for(sub {
        envelopes_of($spool) >= $n && !files_of("$spool/active")
    });
}


# $payments_result of each request, where there was an error with it

sub results () {
    return map { m{^(\S+?)(?:/-)? } ? $1 : $_ }
           lines_of(whole_file("$root/logs/payments.log"));
}


sub check_logs ($) {
    my ($block) = @_;

    my $name = $block->name;
    my $allowed = $block->allow // '';
    my @levels = grep { $allowed !~ /$_/ } qw(alert crit emerg);

    @levels = grep { $_ ne 'emerg' } @levels if defined $block->must_die;

    my $log = whole_file("$root/logs/error.log");

    for my $level (@levels) {
        my @lines = grep { /\[$level\]/ } split /^/, $log;

        is(join('', @lines), '', "$name - nothing of level $level");
    }

    ok($log !~ /whsec_\w/, "$name - no secret in the log");

    if (defined $block->result) {
        is(join("\n", results()), join("\n", lines_of($block->result)),
           "$name - results");
    }
}


# The end of each line is a body that was sent, byte for byte

sub check_payloads ($$) {
    my ($block, $lines) = @_;

    my $name = $block->name;
    my %sent = map { ($_->{body} =~ tr/\r\n/  /r => 1) }
               @{$block->requests // []};

    for my $line (@$lines) {
        my $tree = eval { $json->decode($line) };

        is(ref $tree, 'HASH', "$name - an envelope is JSON");

        next if !%sent;

        my ($payload) = $line =~ /"payload":(.*)\}\}\n\z/s;

        # what is no JSON

        if ($line =~ m{"payload_base64":"([A-Za-z0-9+/]*=*)"\}\}\n\z}) {
            $payload = decode_base64($1);
        }

        ok($sent{$payload // ''}, "$name - its payload is what was sent")
            or diag("$line");
    }
}


sub check_spool ($$$) {
    my ($block, $dir, $expected) = @_;

    my $name = $block->name;
    my $spool = "$root/$dir";

    my @lines = envelopes_of($spool);

    is(scalar @lines, $expected, "$name - envelopes in $dir");
    is(join(' ', files_of("$spool/active")), '',
       "$name - no open segment is left");

    check_payloads($block, \@lines);

    return @lines;
}


sub check_envelopes ($@) {
    my ($block, @lines) = @_;

    my $name = $block->name;

    for my $rule (lines_of($block->envelope)) {
        my ($n, $path, $expected) = $rule =~ m{^\s*(?:(\d+)/)?(\S+) = (.*)$}
            or die "envelope: what is this: $rule\n";

        my $value = eval { $json->decode($lines[($n // 1) - 1]) };

        for my $key (split /\./, $path) {
            $value = ref $value eq 'HASH' && exists $value->{$key}
                     ? $value->{$key} : \"absent";
        }

        is(ref $value eq 'SCALAR' ? 'absent' : $json->encode($value),
           $expected eq 'absent' ? $expected
                                 : $json->encode($json->decode($expected)),
           "$name - $path");
    }

    if (defined $block->line) {
        my $time = '\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z';

        chomp(my $line = $block->line);
        my $expected = join $time, map { quotemeta } split /\{received\}/, $line;

        like($lines[0] // '', qr/\A$expected\n\z/, "$name - the line");
    }
}


sub perl_of ($$) {
    my ($block, $section) = @_;

    my $code = $block->$section;

    return if !defined $code;

    my $spool = "$root/spool";
    my $log = whole_file("$root/logs/error.log");

    # where it is, for what fails in it

    my $place = $block->name =~ s/:.*/, $section/sr;

    eval qq(#line 1 "$place"\n$code; 1) or die "$place: $@";
}


add_test_cleanup_handler(sub {
    my ($block) = @_;

    return if defined $block->skip_nginx;
    return if ($block->skip_eval // '') =~ /:(.*)/s && eval $1;

    perl_of($block, 'while_running');

    my $expected = $block->spool_lines;

    if (!defined $expected && defined $block->result) {
        $expected = grep { /^accepted/ } lines_of($block->result);
    }

    my @spools = map { /^(\w+): *(\d+)$/ ? [$1, $2] : ['spool', $_ + 0] }
                 lines_of($expected);

    for my $s (@spools) {
        next if !$s->[1] || ($block->spool // '') =~ /seal=60s/;

        # not by the end of nginx

        ok(sealed("$root/$s->[0]", $s->[1]), $block->name . ' - sealed');
    }

    # A request that lingers is logged after its answer, and by an nginx that
    # is told to stop, never

    wait_for(sub { results() >= lines_of($block->result) });

    stop_nginx($block);
    perl_of($block, 'afterwards');
    check_logs($block);

    my @lines = map { check_spool($block, $_->[0], $_->[1]) } @spools;
    check_envelopes($block, @lines);

    remove_spools();
});


1;
