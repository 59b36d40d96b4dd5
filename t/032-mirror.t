# Copyright (C) 2026 ngx_http_payments_module contributors

# A mirror gets each event byte for byte, as it was signed, whatever becomes of
# its body here.

use strict;
use warnings;

use Test::More;

use PaymentsServer qw(event);
use PaymentsUpstream;


my $app = PaymentsUpstream->new('032-mirror')->start;

my $server = PaymentsServer->new('032-mirror', paths => [], server => <<END);
    client_body_buffer_size 16k;

    location /spool/ {
        mirror /mirror;
        payments_process;
        payments_spool spool min_free=0;
    }

    # room for one piece beside the other

    location /pass/ {
        client_body_in_single_buffer on;
        mirror /mirror;
        payments_process;
        payments_pass \@app;
    }

    location = /mirror {
        internal;
        proxy_pass http://127.0.0.1:@{[$app->port]}/mirror;
    }

    location \@app { proxy_pass http://127.0.0.1:@{[$app->port]}; }
END

$server->start;


# With line breaks between tokens, which are blanks in an envelope

sub body {
    my ($id, $size) = @_;

    return event($id, $size - 5) =~ s/,"data"/,\r\n\n\r "data"/r;
}


# In one packet, with the header; the rest of it later; or in chunks

my %ways = (
    whole => sub { $server->request($_[0], path => $_[1]) },

    parts => sub {
        my $text = $server->request($_[0], path => $_[1]);
        my $head = index($text, "\r\n\r\n") + 50;

        return (substr($text, 0, $head), substr $text, $head);
    },

    chunks => sub {
        my ($body, $path) = @_;
        my $chunks = join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
            unpack '(a700)*', $body;

        return $server->request($body, path => $path)
            =~ s/Content-Length: \d+/Transfer-Encoding: chunked/r
            =~ s/\r\n\r\n.*/\r\n\r\n${chunks}0\r\n\r\n/sr;
    },
);


sub mirrored {
    my ($id) = @_;

    my ($got) = grep { $_->{id} eq $id && $_->{uri} eq '/mirror' }
        $app->requests;

    return $got && $got->{body};
}


for my $to (qw(spool pass)) {
    for my $way (sort keys %ways) {
        for my $size (400, 9000, 60000) {
            my $id = "evt_${to}_${way}_$size";
            my $body = body($id, $size);
            my ($first, @rest) = $ways{$way}->($body, "/$to/stripe/");
            my $s = $server->connect;

            syswrite $s, $first;

            if (@rest) {
                $server->get('/ping');
                syswrite $s, $rest[0];
            }

            is($server->answer($s)->{status}, 200, "$id: is taken");

            $app->wait_for(sub { mirrored($id) });
            is(mirrored($id), $body, "$id: the mirror has the same bytes");
        }
    }
}

ok($server->stop, 'it ends');
$server->ok_clean;
$app->stop;

done_testing;
