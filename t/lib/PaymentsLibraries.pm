package PaymentsLibraries;

# Copyright (C) 2026 ngx_http_payments_module contributors

# Where other people's libraries are: those for node by util/npm.sh, those for
# Python from Debian's packages.

use strict;
use warnings;

use Cwd qw(getcwd);
use Exporter qw(import);


our @EXPORT_OK = qw(node python python_with);


# The command that takes a program as its next word and has our libraries, as
# a list's reference, or undef and why there is none

sub node {
    system('node --version >/dev/null 2>&1') == 0
        or return undef, 'nodejs is not installed';

    my $said = `util/npm.sh 2>&1`;
    return undef, $said =~ s/\n.*//sr if $? != 0;

    $ENV{NODE_PATH} = getcwd() . '/build/npm/node_modules';

    return ['node', '-e'];
}


# The same, with modules that can be imported

sub python {
    my ($python, $why) = python_with(@_);

    return $python ? [$python, '-W', 'ignore', '-c'] : (undef, $why);
}


# The interpreter alone: another python3 may come before that which has Debian's
# packages

sub python_with {
    my (@modules) = @_;

    my $import = 'import ' . join ', ', @modules;

    for my $python (qw(python3 /usr/bin/python3)) {
        return $python
            if system("$python -W ignore -c '$import' 2>/dev/null") == 0;
    }

    return undef, join(', ', map { "python3-$_" } @modules)
                  . ': one is not installed';
}


1;
