#!/bin/bash

# Copyright (C) 2026 ngx_http_payments_module contributors

# Configure nginx's build for the module, out of tree: called by make.
#
#     util/configure.sh builddir [nginx-source-dir [configure-flags]]
#
# builddir/nginx is a directory of symbolic links to the nginx tree (nginx's
# configure writes a Makefile into the directory where it runs, and the tree
# may belong to root); builddir/objs receives everything that is built.
#
# bash, because Debian's conf_flags is a bash array.

set -eu

root=$PWD
build=$1
src=${2-}
flags=${3-}

CC=${CC:-cc}
CFLAGS=${CFLAGS-}

die() {
    printf 'configure: %s\n' "$@" >&2
    exit 1
}


# What is missing, and the package that has it, instead of pages of errors

has_header() {
    # shellcheck disable=SC2086
    echo "#include <$1>" | $CC $CFLAGS -E - >/dev/null 2>&1
}


command -v "${CC%% *}" >/dev/null \
    || die "no C compiler '$CC': install gcc, or run make deps"

lack=
has_header stdlib.h        || lack="$lack libc6-dev"
has_header expat.h         || lack="$lack libexpat1-dev"
has_header openssl/hmac.h  || lack="$lack libssl-dev"
has_header pcre2posix.h    || lack="$lack libpcre2-dev"
has_header zlib.h          || lack="$lack zlib1g-dev"

test -z "$lack" || die "missing:$lack" "install them, or run make deps"

if [ -n "$src" ]; then
    test -f "$src/src/core/nginx.h" \
        || die "NGX_SRC=$src is not a source tree of nginx"

    # shellcheck disable=SC2206
    flags=($flags)

else
    src=/usr/share/nginx/src

    test -f $src/conf_flags \
        || die "missing: nginx-dev" \
               "install it, or run make deps, or use make NGX_SRC=directory"

    # shellcheck disable=SC1091
    . $src/conf_flags

    flags=("${NGX_CONF_FLAGS[@]}")
fi

src=$(cd "$src" && pwd)

rm -rf "$build/nginx" "$build/objs"
mkdir -p "$build/nginx"

for f in "$src"/*; do
    case ${f##*/} in
    Makefile | objs) ;;
    *) ln -s "$f" "$build/nginx/" ;;
    esac
done

build=$(cd "$build" && pwd)
cd "$build/nginx"

# A git checkout has no configure at the top
configure=auto/configure
test -f $configure || configure=configure

log=$build/configure.log

sh $configure "${flags[@]}" \
    --with-cc="$CC" \
    --with-cc-opt="-g -O2 $CFLAGS" \
    --with-ld-opt="${LDFLAGS-}" \
    --builddir="$build/objs" \
    --add-dynamic-module="$root" >"$log" 2>&1 \
    || {
        tail -n 30 "$log" >&2
        rm -rf "$build/objs"
        die "nginx's configure failed: see $log"
    }

# Not by --with-cc-opt: configure's own tests do not compile with -Werror, it
# would find no pwrite(), and the module would not fit the nginx binary.

warn='-Wall -Wextra -Wno-unused-parameter -Werror'
sed -i "s/^CFLAGS = .*/& $warn/" "$build/objs/Makefile"
