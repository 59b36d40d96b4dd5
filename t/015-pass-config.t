# Copyright (C) 2026 ngx_http_payments_module contributors

# What nginx -t says of the directives that pass events on.

use strict;
use warnings;

use File::Path qw(make_path);
use Test::More;

use PaymentsServer qw(wait_for);


my $KEY = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfaZhlQHFs=';

my $APP = 'location @app { return 200; }';


# The locations of a server, maybe the http block, and what it says

sub conf {
    my ($name, $server, $said, %opt) = @_;

    my $nginx = PaymentsServer->new('015-pass', paths => [],
                                    server => $server, http => $opt{http} || '');

    for my $file (sort keys %{$opt{files} || {}}) {
        open my $f, '>', "$nginx->{prefix}/conf/$file" or die "$!\n";
        print $f $opt{files}{$file};
        close $f;
        chmod $opt{mode} || 0600, "$nginx->{prefix}/conf/$file";
    }

    my $output = $nginx->test;

    like($output, $said, $name);

    unlike($output, $_, "$name: no word of " . substr $_, 0, 30)
        for @{$opt{not} || []};
}


sub process {
    my ($directives) = @_;

    return "$APP location /p/ { payments_process; $directives }";
}


my $FINE = qr/test is successful/;
my $SPOOL = 'payments_spool spool min_free=0;';


# locations that have to be there

conf('a pass', process('payments_pass @app;'), $FINE);
conf('a spool and a pass', process("$SPOOL payments_pass \@app;"), $FINE);
conf('a fallback', process("$SPOOL payments_fallback \@app;"), $FINE);
conf('nowhere', process(''),
     qr/\[emerg\].*location "\/p\/" has "payments_process" and nowhere to put the events: add "payments_spool" or "payments_pass"/);
conf('a pass to nowhere', process('payments_pass @none;'),
     qr/\[emerg\].*"payments_pass \@none" in \S+nginx.conf:\d+: there is no location "\@none" in this server/);
conf('a fallback to nowhere', process("$SPOOL payments_fallback \@none;"),
     qr/\[emerg\].*"payments_fallback \@none" in \S+:\d+: there is no location/);
conf('a pass to another server\'s',
     process('payments_pass @there;'), qr/\[emerg\].*there is no location "\@there"/,
     http => 'server { listen unix:/tmp/payments-015.sock; location @there { return 200; } }');
conf('no name', process('payments_pass http://127.0.0.1;'),
     qr/\[emerg\].*"payments_pass" needs a named location, as in "\@django", not "http:/);
conf('a name of nothing', process('payments_pass @;'),
     qr/\[emerg\].*"payments_pass" needs a named location/);
conf('twice', process('payments_pass @app; payments_pass @app;'),
     qr/\[emerg\] "payments_pass" directive is duplicate/);
conf('in a server', "payments_pass \@app; $APP",
     qr/\[emerg\] "payments_pass" directive is not allowed here/);
conf('another content handler', process("$SPOOL proxy_pass http://127.0.0.1;"),
     qr/\[emerg\].*location "\/p\/" has "payments_process" and another directive that answers/);
conf('below an if', process('payments_pass @app; if ($arg_x) { set $y 1; }'),
     $FINE);


# formats and keys

conf('raw', process('payments_pass @app; payments_format raw;'), $FINE);
conf('a format that is none', process('payments_pass @app; payments_format xml;'),
     qr/\[emerg\] invalid value "xml"/);

my %keys = (
    'one' => [$KEY, $FINE],
    'two and comments' => ["# old\n$KEY\n\n $KEY \r\n", $FINE],
    'none' => ["# nothing\n", qr/\[emerg\].*"payments_sign_key" "\S+" has no secret/],
    'no prefix' => ["C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfaZhlQHFs=\n",
                    qr/\[emerg\].*"payments_sign_key" "\S*key": a key /],
    'no base64' => ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfaZhlQHF-=\n",
                    qr/\[emerg\].*"payments_sign_key" "\S*key": a key /],
    'too short' => ["whsec_AAAAAAAAAAAAAAAAAAAA\n",
                    qr/\[emerg\].*"payments_sign_key" "\S*key": a key /],
    'too many' => ["$KEY\n" x 9, qr/\[emerg\].*has more than 8 keys/],
);

for my $name (sort keys %keys) {
    my ($text, $said) = @{$keys{$name}};

    conf("keys: $name", process('payments_pass @app; payments_sign_key key;'),
         $said, files => { key => $text },
         not => [qr/C2FVsBQ/, qr/AAAAAAAA/]);
}

conf('keys: others may read them',
     process('payments_pass @app; payments_sign_key key;'),
     qr/\[warn\].*"payments_sign_key" "\S*key" is open to every user/,
     files => { key => $KEY }, mode => 0644);
conf('keys: no file', process('payments_pass @app; payments_sign_key nix;'),
     qr/\[emerg\].*"payments_sign_key" "\S*nix" cannot be opened/);


# the relay

for my $fine ('concurrency=1', 'concurrency=128', 'timeout=500ms', 'retries=0',
              'retries=100', 'backoff=10ms..10ms', 'backoff=1s..1h',
              'max_age=1s', 'max_age=365d', 'order=token',
              'concurrency=2 timeout=1m retries=3 backoff=1s..2s max_age=1d order=token')
{
    conf($fine, process("$SPOOL payments_pass \@app; payments_relay $fine;"),
         $FINE);
}

for my $bad ('concurrency=0', 'concurrency=129', 'concurrency=x', 'timeout=0',
             'timeout=x', 'retries=-1', 'retries=x', 'backoff=1s', 'backoff=2s..1s',
             'backoff=0..1s', 'backoff=1s..', 'backoff=..1s', 'max_age=0',
             'max_age=366d', 'order=', 'order=id', 'what=1', 'concurrency')
{
    conf($bad, process("$SPOOL payments_pass \@app; payments_relay $bad;"),
         qr/\[emerg\].*invalid parameter "\Q$bad\E" of "payments_relay"/);
}

conf('relay twice', process("$SPOOL payments_pass \@app; payments_relay retries=1; payments_relay retries=1;"),
     qr/\[emerg\] "payments_relay" directive is duplicate/);


# a spool has one relay

my $both = sub {
    my ($first, $second) = @_;

    return "$APP location \@other { return 200; }"
        . "location /a/ { payments_process; $SPOOL $first }"
        . "location /b/ { payments_process; $SPOOL $second }";
};

my $other = qr/\[emerg\].*location "\/[ab]\/": the events of "payments_spool" "\S+spool" are relayed to "\@\w+" in another way/;

conf('shared', $both->('payments_pass @app;', 'payments_pass @app;'), $FINE);
conf('shared, one without', $both->('payments_pass @app;', ''), $FINE);
conf('shared, above', 'payments_relay retries=2; payments_format raw;'
     . $both->('payments_pass @app;', 'payments_pass @app;'), $FINE);
conf('another location', $both->('payments_pass @app;', 'payments_pass @other;'),
     $other);
conf('another format', $both->('payments_pass @app;',
                               'payments_pass @app; payments_format raw;'),
     $other);
conf('other parameters', $both->('payments_pass @app;',
                                 'payments_pass @app; payments_relay retries=1;'),
     $other);


# all relays are in one process

for my $case ([112, $FINE],
              [113, qr/\[emerg\].*may have 240 deliveries .* these have 241 /])
{
    my ($n, $said) = @$case;

    conf("128 and $n at the same time",
         join('', $APP, map { "location /$_->[0]/ { payments_process; "
                              . "payments_spool $_->[0] min_free=0; "
                              . 'payments_pass @app; '
                              . "payments_relay concurrency=$_->[1]; }" }
              ['a', 128], ['b', $n]),
         $said);
}


# its directories

{
    my $nginx = PaymentsServer->new('015-pass', paths => [],
                                    server => process("$SPOOL payments_pass \@app;"));
    like($nginx->test, $FINE, 'directories: test');

    for my $dir (qw(active new corrupt retry dead)) {
        my @stat = stat $nginx->spool_path . "/$dir";

        is(sprintf('%04o', ($stat[2] // 0) & 07777), '0750', "directories: $dir");
    }
}


# a spool that was there before stays its owner's, and one that is made before
# anybody has said for whom has the same mode

if ($> == 0) {
    my $own = PaymentsServer->new('015-own', paths => [],
                                  server => process("$SPOOL payments_pass \@app;"));
    my $spool = $own->spool_path;

    mkdir $spool or die "$spool: $!\n";
    chown 1, 1, $spool;
    chmod 02770, $spool;
    $own->start;

    my @stat = stat $spool;

    is("@stat[4, 5]", '1 1', 'the owner of a spool that was there');
    is(sprintf('%04o', $stat[2] & 07777), '2770', 'the mode');
    is(sprintf('%04o', (stat "$spool/retry")[2] & 07777), '0750', 'of retry/');
    ok(wait_for(sub { $own->relay }), 'a process relays');
    ok($own->stop, 'it ends');

    my $late = PaymentsServer->new('015-late', paths => [], user => undef,
                                   server => process("$SPOOL payments_pass \@app;"));
    like($late->test, $FINE, 'without "user"');
    @stat = stat $late->spool_path;
    is(sprintf('%04o', $stat[2] & 07777), '0750', 'the mode of the spool');
    is($stat[4], (stat $late->spool_path . '/new')[4], 'the owner');
}

done_testing;
