#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# What nginx -t says of "accounts", "require" and "token".

use strict;
use warnings;

use Test::More;

use PaymentsServer;


my $server = PaymentsServer->new('012-rules-config');


# What nginx -t says of a variant with these lines

sub said {
    my ($lines) = @_;

    $server->{http} = "payments_variant shop {\n    provider stripe;\n"
                      . "    secret whsec_test;\n    $lines\n}\n";
    $server->configure;

    return $server->test;
}


sub refused {
    my ($name, $lines, $message) = @_;

    my $said = said($lines);

    like($said, qr/\[emerg\] \Q$message\E/, $name);
    is($? >> 8, 1, "$name: nginx -t fails");
}


sub taken {
    my ($name, $lines) = @_;

    my $said = said($lines);

    is($?, 0, $name) or diag($said);
    unlike($said, qr/\[(warn|error|crit|alert|emerg)\]/, "$name: no word");
}


# n keys with a name of their own before them

sub path {
    my ($name, $n) = @_;

    return join '.', $name, 2 .. $n;
}


# Paths of both directives

for my $directive (qw(require token)) {
    my $value = $directive eq 'require' ? ' x' : '';
    my $has = qq("$directive" has a path that);
    my $empty = "$has has an empty key, as a dot cannot be part of one:";
    my $wrong = "$has has a control character, a quote or a backslash:";

    my @paths = (
        ['""',             qq($empty "")],
        ['.id',            qq($empty ".id")],
        ['data.',          qq($empty "data.")],
        ['data..id',       qq($empty "data..id")],
        ['data.a"b',       qq($wrong "data.a"b")],
        ['data.a\\\\b',    qq($wrong "data.a\\b")],
        ['"data.a\tb"',    qq($wrong "data.a\tb")],
        ["data.a\x7f",     qq($wrong "data.a\x7f")],
        ["data.a\xe9",     qq($has is not UTF-8: "data.a\xe9")],
        ['a' x 257,        qq($has is longer than 256 bytes: "aaa)],
        [path('a', 17),
         qq($has has more than 16 keys: ") . path('a', 17)],
    );

    for my $i (0 .. $#paths) {
        my ($path, $message) = @{$paths[$i]};

        refused("$directive: path $i", "$directive $path$value;", $message);
    }

    taken("$directive: $_", qq($directive "$_"$value;))
        for 'id', 'data.object.metadata.Order no # 1 \'é\' {$x};',
            'data', 'data.object', 'data.object.id', 'data.object.id.x',
            'a' x 256, path('a', 16);
}


my @refused = (
    ['require: no value', 'require data.object.mode;',
     'invalid number of arguments in "require"'],
    ['require: two values', 'require data.object.mode payment setup;',
     'invalid number of arguments in "require"'],
    ['require: a long value', 'require id ' . 'a' x 513 . ';',
     'the value of "require" "id" is longer than 512 bytes'],
    ['require: a value in Latin 1', "require id a\xe9;",
     'the value of "require" "id" is not UTF-8'],
    ['require: 17 lines of one path',
     join('', map {"require data.$_ x;"} ('a') x 16, 'b'),
     '"require" "data.b" is one too many: "shop" may have 16'],
    ['require: more keys than there is room for',
     join('', map { 'require ' . path($_, 16) . ' x;' } qw(a b c)),
     'the path "' . path('c', 16) . '" of "require" is too much for '
     . '"payments_variant" "shop": its paths, with those of the provider, '
     . 'have more than 48 fields, or 63 keys'],
    ['token: more keys than there is room for',
     'token ' . path('t', 16) . ';'
     . join('', map { 'require ' . path($_, 16) . ' x;' } qw(a b)),
     'the path "' . path('t', 16) . '" of "token" is too much for'],
    ['token: no path', 'token;', 'invalid number of arguments in "token"'],
    ['token: two', 'token a.b; token a.b;', '"token" directive is duplicate'],
    ['accounts: two lines', 'accounts acct_1; accounts acct_2;',
     '"accounts" directive is duplicate'],
    ['accounts: none at all', 'accounts;',
     'invalid number of arguments in "accounts"'],
    ['accounts: 65', 'accounts ' . 'acct_1 ' x 65 . ';',
     'invalid number of arguments in "accounts"'],
    ['accounts: an empty one', 'accounts acct_1 "";',
     '"accounts" has an id that is not one of 1 to 512 bytes; '
     . 'the platform\'s own account is "none": ""'],
    ['accounts: a long one', 'accounts acct_1 ' . 'a' x 513 . ';',
     '"accounts" has an id that is not one of 1 to 512 bytes'],
);

refused(@$_) for @refused;


# Stripe's paths have 28 keys: with two of 16, three are left

my $full = join '', map { 'require ' . path($_, 16) . ' x;' } qw(a b);

taken('as many keys as there is room for', $full . 'require data.x.y.z x;');
refused('and one more', $full . 'require data.w.x.y.z x;',
        'the path "data.w.x.y.z" of "require" is too much for');

taken('as much as there may be of each',
      'accounts ' . 'a' x 512 . ' none' . ' acct_1' x 62 . ';'
      . 'require id ' . 'a' x 512 . ';'
      . join('', map {"require data.$_ null;"} 1 .. 15)
      . 'token data.16; events *; mode any;');

taken('one path, again and again',
      'require ' . path('a', 16) . ' x;' . ('require a x;') x 15
      . 'token ' . path('a', 16) . ';');

done_testing;
