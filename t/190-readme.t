#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# What a reader copies from README.md has to work: the configuration, and the
# two consumers of the spool.

use strict;
use warnings;

use Cwd qw(getcwd);
use File::Path qw(make_path remove_tree);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use PaymentsNginx;
use Test::More;

my $nginx  = PaymentsNginx::program();
my $module = $ENV{TEST_NGINX_LOAD_MODULES}
    || getcwd() . '/build/ngx_http_payments_module.so';
my $dir = getcwd() . '/build/t-readme';

remove_tree($dir);
make_path("$dir/logs", "$dir/new");

my $readme = slurp('README.md');


sub slurp {
    my ($name) = @_;

    open my $fh, '<:raw', $name or die "$name: $!";
    local $/;
    return scalar <$fh>;
}


sub spew {
    my ($name, $text) = @_;

    open my $fh, '>:raw', $name or die "$name: $!";
    print $fh $text;
    close $fh or die "$name: $!";
}


# The first block of a language after a line

sub block {
    my ($after, $language) = @_;

    $readme =~ /^\Q$after\E.*?^```\Q$language\E\n(.*?)^```$/ms
        or die "README.md has no $language after \"$after\"";
    return $1;
}


# Runs a consumer, which never ends by itself, until the spool is empty

sub consume {
    my (@command) = @_;

    my $pid = fork;
    die "fork: $!" if !defined $pid;

    if (!$pid) {
        open STDERR, '>', "$dir/stderr" or die $!;
        exec @command or die "$command[0]: $!";
    }

    for (1 .. 100) {
        my @left = glob "$dir/new/*.ndjson";
        last if !@left;
        select undef, undef, undef, 0.1;
    }

    kill 'KILL', $pid;
    waitpid $pid, 0;
}


# U+2028 is a line's end to some languages, and none in NDJSON

sub fill {
    my @names = map {"179556343079400$_.host.1.0.ndjson"} 1 .. 3;
    my $n = 0;

    for my $name (@names) {
        spew("$dir/new/$name", join '', map {
            my $id = $n++ % 5;
            qq({"source":"/payments/process/stripe","id":"evt_$id",)
            . qq("data":{"event":"$id","payload":"\xe2\x80\xa8 \\\\n"}}\n)
        } 1 .. 4);
    }
}


sub handled {
    return map { decode_json($_)->{id} } split /\n/, slurp("$dir/handled");
}


my $conf = block('All that is needed, and complete:', 'nginx');

system("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=example.com"
       . " -days 2 -out $dir/cert.pem -keyout $dir/key.pem 2>$dir/stderr") == 0
    or die slurp("$dir/stderr");

spew("$dir/stripe.whsec", "whsec_test\n");
chmod 0600, "$dir/stripe.whsec";

$conf =~ s{modules/ngx_http_payments_module\.so}{$module};
$conf =~ s{/etc/nginx/stripe\.whsec}{$dir/stripe.whsec};
$conf =~ s{/etc/ssl/certs/\S+\.pem}{$dir/cert.pem};
$conf =~ s{/etc/ssl/private/\S+\.key}{$dir/key.pem};
$conf =~ s{/var/spool/payments}{$dir/spool};

# The same, with the relay in the place of its location, and with the status

my $relay = block('With the relay:', 'nginx');
my $status = block('## The status page', 'nginx');

spew("$dir/shop.key", 'whsec_' . encode_base64('k' x 32, '') . "\n");
chmod 0600, "$dir/shop.key";

$relay =~ s{/etc/nginx/shop\.key}{$dir/shop.key};
$relay =~ s{/var/spool/payments}{$dir/relayed};

my $relayed = $conf =~ s/^ *location .*?^        \}\n/$relay/msr;
$relayed =~ s/^\}\s*\z/$status}\n/m;

for (['the complete configuration', $conf],
     ['that of the relay, and the status', $relayed])
{
    my ($name, $text) = @$_;

    spew("$dir/nginx.conf", "pid nginx.pid;\nuser root;\n" . $text);

    SKIP: {
        my $lack = PaymentsNginx::lacks($text);

        skip $lack, 2 if $lack;

        my $said = `$nginx -t -e stderr -p $dir -c $dir/nginx.conf 2>&1`;
        is($?, 0, "$name is one") or diag($said);
        unlike($said, qr/\[(warn|alert|crit)\].*payments/, 'without a warning');
    }
}


my $shell = block('In shell:', 'sh');
$shell =~ s{/var/spool/payments}{$dir};
$shell =~ s{your-handler}{cat >>$dir/handled};

fill();
spew("$dir/handled", '');
spew("$dir/consumer.sh", $shell);
consume('sh', "$dir/consumer.sh");

is(join(' ', handled()), join(' ', map { 'evt_' . $_ % 5 } 0 .. 11),
   'the consumer in shell gets each line, in order');
is_deeply([glob "$dir/new/*"], [], 'and removes the files');


my $python = block('In Python,', 'python');
$python =~ s{/var/spool/payments}{$dir};
$python =~ s{/var/lib/shop}{$dir};

fill();
spew("$dir/handled", '');
spew("$dir/consumer.py", <<"PYTHON" . $python);
def handle(data):
    with open("$dir/handled", "a") as f:
        f.write('{"id":"evt_' + data["event"] + '"}\\n')


PYTHON
consume('python3', "$dir/consumer.py");

is(join(' ', handled()), join(' ', map {"evt_$_"} 0 .. 4),
   'the consumer in Python handles each event once, in order');
is_deeply([glob "$dir/new/*"], [], 'and removes the files');

done_testing();
