#!/bin/bash

# Copyright (C) 2026 ngx_http_payments_module contributors

# Run the tests on other releases of Debian, that is, of nginx, OpenSSL, Perl
# and the compilers.
#
#     util/matrix.sh [suite ...]
#
# Called by "make test-matrix".  Each suite gets a folder of its own, made by
# debootstrap below build/matrix, from the Debian mirror that apt is configured
# with; and each of gcc and clang
#
#     dynamic   builds the module for the suite's nginx: all of "make test"
#     static    builds an nginx that has it compiled in, from NGX_SRC or else
#               from the suite's source of nginx: t/*.t and util/run.sh.  What
#               the tests load there is a module that is empty.
#
# and posts events over TLS by HTTP/1.1, HTTP/2 and, where nginx and curl have
# it, HTTP/3.
#
#     SUITES    bookworm trixie sid, when none is named
#     SHORT=1   dynamic by gcc and static by clang only, and few of t/*.t there
#     KEEP=1    leave the folders, and take those that another run has left
#     NGX_SRC   a source tree of nginx for static
#
# Tested is what is in this directory, but for what git ignores; the corpus,
# when there is one, can be read.  What runs in a folder has its own
# mounts, processes and, but for installing, a network of its own that is
# nothing but a loopback interface: all of them end with it.  The logs are
# build/matrix/*.log.  Needs root.

set -euo pipefail

cd "$(dirname "$0")/.."

me=${0##*/}
base=$PWD/build/matrix
keys=/usr/share/keyrings/debian-archive-keyring.gpg
pid=
root=


die() {
    echo "$me: $*" >&2
    exit 1
}


# To who looks on, and into the log

say() {
    echo "== $*" >&3
    echo "== $*"
}


# The part that makes folders

# As util/deps.sh does for a package; the codename of sid's own os-release is
# not what its mirror has

find_mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format \
            '$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)' \
            'Created-By: Packages' \
        | sed -n 's/^Debian [a-z]* main //p'
}


# Proxies, and whether a mirror may be an old copy

apt_settings() {
    local names='Check-Valid-Until|Check-Date|Retries|ForceIPv[46]|https?'

    apt-config dump | grep -E "^Acquire::($names)(::[^ ]*)? " || :
}


# Runs a command of which nothing stays: in namespaces of its own.  In the
# background, since a shell that waits can be interrupted.

apart() {
    unshare --mount --pid --fork --kill-child "$@" </dev/null &
    pid=$!

    local status=0
    wait $pid || status=$?
    pid=

    return $status
}


make_folder() {
    if [ -e "$root/.made" ]; then
        say "$suite: the folder that another run has left"
        return
    fi

    say "$suite: making the folder"
    remove

    apart debootstrap --variant=minbase --include=ca-certificates \
            "--keyring=$keys" "$suite" "$root" "$mirror" || {
        grep '^E: ' "$log" >&3 || :
        say "$suite: FAILED, debootstrap could not make it from $mirror:" \
            "no network, or no such suite on that mirror?"
        return 1
    }

    apt_settings >"$root/etc/apt/apt.conf.d/90matrix"
    touch "$root/.made"
}


remove() {
    test -n "$root" || return 0

    # Nothing is mounted here: that was in namespaces which are gone
    rm -rf --one-file-system "$root"
}


copy_checkout() {
    local files=() f src=$root/src/checkout

    cp /etc/resolv.conf "$root/etc/" || :
    echo '127.0.0.1 localhost' >"$root/etc/hosts"

    rm -rf "$root/src"
    mkdir -p "$src"

    # One that git knows may be gone
    while IFS= read -r -d '' f; do
        test ! -e "$f" || files+=("$f")
    done < <(git -c safe.directory='*' ls-files -z -co --exclude-standard)

    tar -cf - "${files[@]}" | tar -xof - -C "$src" || return 1

    if [ -n "${NGX_SRC-}" ]; then
        mkdir "$root/src/nginx"
        tar -C "$NGX_SRC" --exclude=./.git --exclude=./objs -cf - . \
            | tar -xof - -C "$root/src/nginx" || return 1
    fi

    if [ -d ../shared/corpus ]; then
        mkdir -p "$root/src/shared/corpus"
    fi
}


# $1 root, $2 corpus, and what is to be run in there

# shellcheck disable=SC2016
ENTER='
    mount -t proc proc "$1/proc"
    mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm"

    if [ -d "$1/src/shared/corpus" ]; then
        mount --bind "$2" "$1/src/shared/corpus"
        mount -o remount,bind,ro "$1/src/shared/corpus"
    fi

    root=$1
    shift 2
    exec chroot "$root" "$@"
'

run_suite() {
    suite=$1
    root=$base/$suite
    log=$base/$suite.log

    local status=0

    {
        make_folder && copy_checkout && apart sh -ec "$ENTER" sh "$root" \
            "$PWD/../shared/corpus" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            HOME=/root LC_ALL=C.UTF-8 ${http_proxy:+"http_proxy=$http_proxy"} \
            MATRIX="$suite" SHORT="${SHORT-}" \
            /src/checkout/util/matrix.sh inside suite || status=1
    } >"$log" 2>&1

    test -n "${KEEP-}" || remove
    root=

    return $status
}


ended() {
    if [ -n "$pid" ]; then
        # and with it all that it has started
        kill -KILL "$pid" || :
        wait "$pid" 2>/dev/null || :
    fi

    test -n "${KEEP-}" || remove
}


outside() {
    local s bad=''

    test "$(id -u)" -eq 0 \
        || die "making folders and going into them takes root: use sudo"

    for s in debootstrap unshare git; do
        command -v $s >/dev/null || die "no $s: run util/deps.sh matrix"
    done

    git -c safe.directory='*' rev-parse 2>/dev/null \
        || die "this is not a git checkout"

    unshare --mount --pid --net --fork true \
        || die "this system has no namespaces for it, even for root"

    mirror=$(find_mirror)
    mirror=${mirror%%$'\n'*}
    test -n "$mirror" || die "no Debian mirror in apt's sources"

    if [ -n "${NGX_SRC-}" ]; then
        test -f "$NGX_SRC/src/core/nginx.h" \
            || die "NGX_SRC=$NGX_SRC is not a source tree of nginx"
    fi

    # shellcheck disable=SC2086
    test $# -gt 0 || set -- ${SUITES:-bookworm trixie sid}

    umask 022
    mkdir -p "$base"

    exec 3>&1
    trap ended EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
    test -z "${http_proxy-}" || export http_proxy

    for s in "$@"; do
        run_suite "$s" || bad="$bad $s"
    done

    echo
    for s in "$@"; do
        grep '^== ' "$base/$s.log"
        echo
    done

    test -z "$bad" || die "FAILED:$bad; see build/matrix/*.log"
    echo "$me: nothing failed: $*"
}


# The part that runs inside of one: each step is a process

inside_suite() {
    util/deps.sh suite || { say "$MATRIX: FAILED to install"; exit 1; }

    if [ ! -d /src/nginx ]; then
        util/nginx-source.sh /src/nginx \
            || say "$MATRIX: static: skipped, as the mirror has no source of" \
                   "this nginx: NGX_SRC can name one"
    fi

    exec unshare --net "$0" inside steps
}


versions() {
    local p line=''

    for p in nginx libssl-dev libyajl-dev libexpat1-dev perl curl strace gcc \
             clang
    do
        line="$line $p $(dpkg-query -W -f='${Version}' $p),"
    done

    say "$MATRIX:${line%,}"
}


inside_steps() {
    local cc failed=''

    ip link set lo up
    versions

    for cc in gcc clang; do
        if [ $cc = gcc ] || [ -z "$SHORT" ]; then
            step dynamic $cc || failed=yes
        fi

        test -d /src/nginx || continue

        if [ $cc = clang ] || [ -z "$SHORT" ]; then
            step static $cc || failed=yes
        fi
    done

    test -z "$failed"
}


# What a step has skipped, and why, is told too

step() {
    local out=/src/step.log status=0 start=$SECONDS

    printf '\n\n-- %s\n\n' "$*"

    # prove then shows what was skipped
    HARNESS_VERBOSE=1 "$0" inside "$@" 2>&1 3>&- | tee $out || status=1

    if [ $status -eq 0 ]; then
        say "$MATRIX: $*: passed, $((SECONDS - start)) s"
    else
        say "$MATRIX: $*: FAILED, $((SECONDS - start)) s"
    fi

    {
        sed -n 's/^HTTP: //p; /^Files=/p; /^Result: FAIL/p' $out
        sed -n '/^Test Summary Report/,/^Files=/p' $out \
            | grep -E '^(t|build)/|^  ' || :

        sed -nE 's/.*# (SKIP|skip|Skip)[a-z]*:? */skipped: /p' $out \
            | sort | uniq -c | sed 's/^ *//'
    } | while IFS= read -r line; do
        say "$MATRIX:     $line"
    done

    return $status
}


inside_dynamic() {
    local status=0

    make test CC="$1" || status=1
    http /usr/sbin/nginx "$PWD/build/ngx_http_payments_module.so"

    return $status
}


# The flags that util/sanitize.sh has, and HTTP/3

FLAGS='--with-compat --with-threads --with-debug --with-http_ssl_module
    --with-http_v2_module --with-http_auth_request_module
    --with-http_realip_module --with-http_stub_status_module
    --with-http_sub_module --with-http_addition_module
    --with-http_slice_module --with-http_gunzip_module
    --with-http_gzip_static_module'

inside_static() {
    local cc=$1 dir=$PWD/build/static-$1 module tests='t/*.t' status=0

    build_static "$cc" "$dir" >"$dir.log" 2>&1 || {
        tail -n 40 "$dir.log"
        return 1
    }

    # The tests load a module, and have none here but this
    module=$PWD/build/ngx_http_payments_module.so
    echo 'void *ngx_modules[] = { 0 }; char *ngx_module_names[] = { 0 };' \
        | $cc -shared -fPIC -o "$module" -x c -

    if [ -n "$SHORT" ]; then
        tests='t/000-load.t t/035-verify.t t/090-http2.t t/100-load.t'
    fi

    # shellcheck disable=SC2086
    TEST_NGINX_BINARY=$dir/nginx TEST_NGINX_LOAD_MODULES=$module \
    TEST_NGINX_SERVROOT=$PWD/build/servroot CC=$cc \
        prove -It/lib $tests || status=1

    NGINX_BIN=$dir/nginx util/run.sh || status=1
    http "$dir/nginx" "$module"

    return $status
}


build_static() {
    local cc=$1 dir=$2 root=$PWD configure=auto/configure flags=$FLAGS

    (
        cd /src/nginx

        test -f $configure || configure=configure
        ! grep -q HTTP_V3 auto/options \
            || flags="$flags --with-http_v3_module"

        # shellcheck disable=SC2086
        sh $configure $flags --with-cc="$cc" --with-cc-opt='-g -O2' \
            --builddir="$dir" --add-module="$root"
        make -j2 -f "$dir/Makefile" binary
    )
}


# Events over TLS, by all protocols: small, in a file of nginx, and refused

http() {
    local nginx=$1 module=$2 prefix=$PWD/build/http
    local listen='ssl http2' on='' quic='' protocols='--http1.1 --http2'

    rm -rf "$prefix"
    mkdir -p "$prefix/logs" "$prefix/tmp"

    if version_is "$nginx" 1.25.1; then
        listen=ssl
        on='http2 on;'
    fi

    if ! "$nginx" -V 2>&1 | grep -q -- --with-http_v3_module; then
        echo "HTTP: no HTTP/3 in this nginx: skipped"
    else
        quic='listen 127.0.0.1:8443 quic;'

        if curl -V | grep -qw HTTP3; then
            protocols="$protocols --http3-only"
        else
            echo "HTTP: no HTTP/3 in this curl: nginx -t only"
        fi
    fi

    openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
        -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
        -keyout "$prefix/key" -out "$prefix/cert"

    cat >"$prefix/nginx.conf" <<END
load_module $module;
daemon off;
user root;
error_log logs/error.log info;
pid nginx.pid;
events {}
http {
    access_log logs/access.log;
    client_body_temp_path tmp/body;
    proxy_temp_path tmp/proxy;
    fastcgi_temp_path tmp/fastcgi;
    uwsgi_temp_path tmp/uwsgi;
    scgi_temp_path tmp/scgi;
    payments_variant stripe { secret whsec_http; }
    server {
        listen 127.0.0.1:8443 $listen;
        $on
        $quic
        ssl_certificate cert;
        ssl_certificate_key key;
        client_body_buffer_size 32k;
        location /payments/process/ {
            payments_process;
            payments_dedup off;
            payments_spool spool min_free=0;
        }
    }
}
END

    local said
    said=$("$nginx" -t -q -p "$prefix" -c nginx.conf -e logs/error.log 2>&1)
    test -z "$said" || { echo "HTTP: nginx -t says $said"; return 1; }

    "$nginx" -p "$prefix" -c nginx.conf -e logs/error.log &
    pid=$!
    trap 'kill -KILL $pid 2>/dev/null || :' EXIT

    talk
    kill -QUIT $pid
    wait $pid || { echo "HTTP: nginx ended by $?"; return 1; }
    trap - EXIT

    said=$(grep -E '\[(emerg|alert|crit)\]' "$prefix/logs/error.log" || :)
    test -z "$said" || { echo "HTTP: in error.log: $said"; return 1; }

    # two of each protocol, byte for byte
    local n=0 p size lines
    lines=$(cat "$prefix"/spool/new/*.ndjson)

    for p in $protocols; do
        for size in small large; do
            grep -Fqf "$prefix/$size$p" <<<"$lines" \
                || { echo "HTTP: no $size event of $p in the spool"; return 1; }
            n=$((n + 1))
        done
    done

    test "$(wc -l <<<"$lines")" -eq $n \
        || { echo "HTTP: $(wc -l <<<"$lines") envelopes, not $n"; return 1; }

    echo "HTTP: $n events over TLS: ${protocols//--/}"
}


# At least so new

version_is() {
    local v

    v=$("$1" -v 2>&1 | sed 's|.*nginx/\([0-9.]*\).*|\1|')

    dpkg --compare-versions "$v" ge "$2"
}


talk() {
    local p size tries=100

    until curl -sk -o "$prefix/answer" https://127.0.0.1:8443/; do
        tries=$((tries - 1))
        test $tries -gt 0 || { echo "HTTP: nginx does not answer"; return 1; }
        sleep 0.1
    done

    for p in $protocols; do
        event "evt_small$p" 10 >"$prefix/small$p"
        event "evt_large$p" 200000 >"$prefix/large$p"

        for size in small large; do
            post "$p" "$prefix/$size$p" whsec_http 200
            post "$p" "$prefix/$size$p" whsec_wrong 400
        done
    done
}


event() {
    printf '{"id":"%s","object":"event","type":"charge.refunded",' "$1"
    printf '"created":1764020246,"livemode":false,"data":{"object":{'
    printf '"id":"ch_1","object":"charge","note":"%0*d"}}}' "$2" 0
}


post() {
    local protocol=$1 file=$2 secret=$3 expected=$4 now signature code

    now=$(date +%s)
    signature=$({ printf '%s.' "$now"; cat "$file"; } \
        | openssl dgst -sha256 -hmac "$secret" | sed 's/.*= *//')

    code=$(curl -s "$protocol" --cacert "$prefix/cert" --max-time 10 \
        -o "$prefix/answer" -w '%{http_code} %{http_version}' \
        -H "Stripe-Signature: t=$now,v1=$signature" --data-binary "@$file" \
        https://127.0.0.1:8443/payments/process/stripe/) || code="$code, $?"

    # --http3-only: 3
    local version=${protocol#--http}

    if [ "$code" != "$expected ${version%-only}" ]; then
        echo "HTTP: $code: $protocol ${file##*/} $secret," \
             "not $expected: $(cat "$prefix/answer")"
        return 1
    fi
}


if [ "${1-}" = inside ]; then
    # The steps' own, which say nothing by themselves
    { true >&3; } 2>/dev/null || exec 3>/dev/null

    "inside_$2" "${@:3}"
else
    outside "$@"
fi
