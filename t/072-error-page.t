# Copyright (C) 2026 ngx_http_payments_module contributors

# An error page makes no success of an event that nobody has, whoever refuses
# it: nginx, too, while it reads the body.

use strict;
use warnings;

use Test::More;

use PaymentsServer qw(event);


my $server = PaymentsServer->new('072-error-page', server => <<'END');
    client_body_buffer_size 1k;

    error_page 400 403 404 413 500 502 503 504 =200 /ok;

    location = /ok { return 200 "ok\n"; }

    location /denied/ {
        payments_process;
        payments_spool spool min_free=0;
        deny all;
    }

    location /if/ {
        payments_process;
        payments_spool spool min_free=0;
        error_page 404 = /ok;

        if ($arg_none) { return 404; }

        location /if/inside/ { return 404; }
    }

    location /other/ { return 404; }
END

$server->start;


# The rest of it when nginx has judged the header

sub later {
    my ($head, $rest) = @_;

    my $s = $server->connect or return;

    syswrite $s, $head;
    $server->get('/ping');
    syswrite $s, $rest;

    return $server->answer($s);
}


subtest 'a body that cannot be put down' => sub {
    my ($head, $body) = split /(?<=\r\n\r\n)/,
        $server->request(event('evt_500', 9000));
    my $temp = "$server->{prefix}/tmp/body";

    rename $temp, "$temp.away" or die "$temp: $!\n";
    is(later($head, $body)->{status}, 500, 'that comes later');
    is($server->post($body)->{status}, 503, 'or at once');
    rename "$temp.away", $temp or die "$temp: $!\n";
};


subtest 'a body in chunks' => sub {
    my $body = event('evt_400');
    my $head = "POST /payments/process/stripe/ HTTP/1.1\r\n"
        . "Host: localhost\r\nConnection: close\r\n"
        . 'Stripe-Signature: ' . PaymentsServer::sign($body)
        . "\r\nTransfer-Encoding: chunked\r\n\r\n";

    is(later($head . "5\r\n" . substr($body, 0, 5) . "\r\n", "x\r\n")->{status},
       400, 'of which a later one is none');
};


subtest 'other modules' => sub {
    is($server->post(event('evt_1'), path => '/denied/stripe/')->{status}, 403,
       'deny');
    is($server->post(event('evt_2'), path => '/if/stripe/?none=1')->{status},
       404, 'return');
};


subtest 'other locations' => sub {
    is($server->get($_)->{status}, 200, "$_ has its error pages")
        for qw(/other/ /if/inside/);
};


is($server->post(event('evt_fine'))->{status}, 200, 'what is right is taken');
$server->ok_safe({ evt_fine => '200' }, 'and nothing else');
is_deeply([keys %{$server->look}], ['evt_fine'], 'is there');
ok($server->stop, 'it ends');
$server->ok_clean;

done_testing;
