#!/bin/bash

# Copyright (C) 2026 ngx_http_payments_module contributors

# Run the tests with a detector of errors of memory, behaviour or threads
# below nginx; any report of it is printed, and fails the run.
#
#     util/sanitize.sh address [test ...]
#     util/sanitize.sh thread [test ...]
#     util/sanitize.sh valgrind [test ...]
#
# Called by "make test-sanitize", "test-tsan" and "test-valgrind".  address
# (AddressSanitizer, LeakSanitizer, UndefinedBehaviorSanitizer) and thread
# (ThreadSanitizer) build an nginx, the module and the unit tests by clang,
# from NGX_SRC or else from Debian's source of the installed nginx; valgrind
# takes the installed nginx and the module as they are.  clang, because what
# gcc's UBSan finds beside its ASan does not come into a log file.
#
# Everything is below build/, and talks over the loopback interface only.  The
# tests that start servers of their own use build/t-*, as "make test" does:
# not both at once, in one checkout.
#
# bash, because an nginx that upgrades itself has to come through here again,
# by the name that it was started with: exec -a.

set -eu

cd "$(dirname "$0")/.."

me=${0##*/}


die() {
    echo "$me: $*" >&2
    exit 1
}


test $# -ge 1 || die "usage: $me address|thread|valgrind [test ...]"

kind=$1
shift

build=$PWD/build/$kind
reports=$build/reports
log=$reports/report
source=${NGX_SRC-}

common=log_path=$log:print_stacktrace=1:external_symbolizer_path=\
$build/llvm-symbolizer


settings() {
    case $kind in
    address)
        flags=-fsanitize=address,undefined

        # The module has variables of the same names as nginx, as every
        # dynamic one has: each is to mind its own
        cflags="-fno-sanitize-recover=all -fsanitize-address-use-odr-indicator \
-DNGX_DEBUG_PALLOC=1 -DNGX_HAVE_NONALIGNED=0 \
-fsanitize-ignorelist=$PWD/util/ubsan.ignore"
        env=("ASAN_OPTIONS=$common:detect_leaks=1:detect_odr_violation=0:\
detect_stack_use_after_return=1:exitcode=23"
             "UBSAN_OPTIONS=$common:exitcode=23"
             "LSAN_OPTIONS=suppressions=$PWD/util/lsan.supp:\
print_suppressions=0:exitcode=23")
        ;;
    thread)
        flags=-fsanitize=thread
        cflags=-DNGX_DEBUG_PALLOC=1
        env=("TSAN_OPTIONS=$common:suppressions=$PWD/util/tsan.supp:\
second_deadlock_stack=1:exitcode=23")
        ;;
    valgrind)
        env=()
        ;;
    *)
        die "what is $kind?"
        ;;
    esac
}


# The program that the tests take for nginx.  nginx clears the environment
# when it starts another itself (USR2).

wrapper() {
    {
        echo '#!/bin/bash'

        if [ "$kind" = valgrind ]; then
            # -V says what nginx it is, to Test::Nginx, before each file
            printf 'if [ "$*" = -V ]; then exec %q -V; fi\n' "$NGINX_BIN"
            printf 'exec valgrind -q --log-file=%q.%%p %s %q "$@"\n' "$log" \
                "--suppressions=$PWD/util/valgrind.supp --num-callers=40 \
--leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
--error-exitcode=0 --gen-suppressions=all" "$NGINX_BIN"
        else
            printf 'export %q\n' "${env[@]}"
            echo "ASAN_OPTIONS=\${ASAN_OPTIONS-}:strict_string_checks=1"
            # shellcheck disable=SC2016
            printf 'exec -a "$0" %q "$@"\n' "$build/objs/nginx"
        fi
    } >"$build/nginx-$kind"

    chmod 755 "$build/nginx-$kind"
}


# What it has to say itself, of a library without symbols, is not for the error
# log that the tests look at

symbolizer() {
    path=$(command -v llvm-symbolizer) \
        || die "no llvm-symbolizer: run util/deps.sh check"

    printf '#!/bin/sh\nexec %q "$@" 2>/dev/null\n' "$path" \
        >"$build/llvm-symbolizer"
    chmod 755 "$build/llvm-symbolizer"
}


# nginx gives a spinlock back, and ends its threads, by plain stores.  That is
# well on the machines that it runs on, but nothing that ThreadSanitizer takes
# for a release, and all that a thread hands over that way would look like a
# race: the sources are copied, and there they become one.

release() {
    copy=$PWD/build/thread-src
    rm -rf "$copy"
    cp -rp "$source" "$copy"

    change src/os/unix/ngx_atomic.h '^(#define ngx_unlock\(lock\)).*' \
        '\1 __atomic_store_n(lock, 0, __ATOMIC_RELEASE)'
    change src/core/ngx_thread_pool.c '^    \*lock = 0;' \
        '    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);'
    change src/core/ngx_thread_pool.c '^        while \(lock\) \{' \
        '        while (__atomic_load_n(\&lock, __ATOMIC_ACQUIRE)) {'

    source=$copy
}


# make is not to take it for new

change() {
    sed -E "s/$2/$3/" "$copy/$1" >"$copy/new"
    ! cmp -s "$copy/new" "$copy/$1" || die "$1 is not as it is known"
    touch -r "$source/$1" "$copy/new"
    mv "$copy/new" "$copy/$1"
}


settings

rm -rf "$reports"
mkdir -p "$reports"

# Workers may belong to another user
chmod 1777 "$reports"

vars=()
test $# -eq 0 || vars+=("T=$*")
test -n "${TEST_PORT-}" && vars+=("TEST_PORT=$TEST_PORT")

if [ "$kind" = valgrind ]; then
    vars+=("NGX_SRC=$source")
    test -n "${NGINX_BIN-}" || die "NGINX_BIN has to say which nginx"
    command -v valgrind >/dev/null || die "no valgrind: run util/deps.sh check"

    # Test::Nginx and the tests wait that much longer
    export TEST_NGINX_TIMEOUT=30

else
    if [ -z "$source" ]; then
        source=$PWD/build/nginx-src
        util/nginx-source.sh "$source"
    fi

    if [ "$kind" = thread ]; then
        release
    fi

    # The tests use some of nginx's own modules, all of which Debian has
    conf="--with-compat --with-threads --with-debug --with-http_ssl_module \
--with-http_v2_module --with-http_auth_request_module \
--with-http_realip_module --with-http_stub_status_module \
--with-http_sub_module --with-http_addition_module --with-http_slice_module \
--with-http_gunzip_module --with-http_gzip_static_module"

    vars+=(CC=clang "NGX_CONF_FLAGS=$conf" "BUILD=build/$kind" "NGX_SRC=$source" "LDFLAGS=$flags"
           "CFLAGS=-O1 -gline-tables-only -fno-omit-frame-pointer $flags $cflags")

    if [ "$kind" = thread ]; then
        # A program can have one of them only
        vars+=("UNIT_CFLAGS=-std=gnu11 -g -Isrc/core -It/unit")
    fi

    symbolizer
fi

wrapper

test ${#env[@]} -eq 0 || export "${env[@]}"

status=0
MAKEFLAGS='' "${MAKE:-make}" test "${vars[@]}" "NGINX_BIN=$build/nginx-$kind" \
    || status=$?

found=0

for f in "$log"*; do
    test -s "$f" || continue

    # A worker that ended while a test still had it below strace
    if ! grep -Evq '^==[0-9]+==(LeakSanitizer has enc|HINT: )' "$f"; then
        echo "$me: ${f##*.}: no leaks looked for, below strace"
        continue
    fi

    found=$((found + 1))

    if [ $found -le 20 ]; then
        printf '\n%s\n\n' "$f"
        head -n 200 "$f"
    fi
done

echo
test $found -eq 0 || die "$found reports of $kind: see $reports"
test $status -eq 0 || die "the tests failed, without a report of $kind"
echo "$me: no report of $kind"
