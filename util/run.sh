#!/bin/sh

# Copyright (C) 2026 ngx_http_payments_module contributors

# Show the module at work: start an nginx of our own with examples/spool.conf,
# send it signed sample events, look at its answers and at the spool.
#
#     util/run.sh          send the samples, check the answers, stop nginx
#     util/run.sh serve    leave nginx in the foreground until Ctrl-C
#
# Called by "make run" and "make serve".  All files are below build/run; the
# nginx of the system, if one runs, is not touched.  RUN_PORT=8090 makes it
# listen on another port, NGINX_BIN names another nginx.

set -eu

cd "$(dirname "$0")/.."

me=${0##*/}
port=${RUN_PORT:-8080}
url=http://127.0.0.1:$port/payments/process
prefix=$PWD/build/run
events=examples/events
pid=
failed=

PATH=$PATH:/usr/sbin:/sbin
nginx=${NGINX_BIN:-nginx}


die() {
    echo "$me: $*" >&2
    exit 1
}


# A proxy of the environment must not get what is sent to this machine

http() {
    curl -s --noproxy '*' --max-time 10 "$@"
}


# Runs a command until it succeeds, for ten seconds at most

wait_for() {
    tries=100

    until "$@"; do
        tries=$((tries - 1))
        test $tries -gt 0 || return 1
        sleep 0.1
    done
}


listening() {
    http -o /dev/null "http://127.0.0.1:$port/"
}


# The server is up, or has given up

started() {
    listening || ! kill -0 "$pid" 2>/dev/null
}


stop() {
    if [ -n "$pid" ]; then
        kill -QUIT "$pid" 2>/dev/null || :
        wait "$pid" || :
        pid=
    fi
}


prepare() {
    test -f build/ngx_http_payments_module.so || die "no module: run make"

    for tool in "$nginx" curl openssl; do
        command -v "$tool" >/dev/null || die "no $tool: run util/deps.sh run"
    done

    if listening; then
        die "port $port is taken: stop what listens there," \
            "or choose another: make run RUN_PORT=8090"
    fi

    rm -rf "$prefix"
    mkdir -p "$prefix/conf" "$prefix/logs" "$prefix/tmp" "$prefix/modules"
    ln -s ../../ngx_http_payments_module.so "$prefix/modules/"

    sed "s/127\.0\.0\.1:8080/127.0.0.1:$port/" examples/spool.conf \
        >"$prefix/conf/spool.conf"

    # As Stripe's: the key of the HMAC is the whole text, whsec_ included
    (umask 077; echo "whsec_$(openssl rand -hex 16)" \
        >"$prefix/conf/stripe.whsec")
    secret=$(cat "$prefix/conf/stripe.whsec")
}


start() {
    globals='daemon off;'

    # Started by root, nginx's worker would be nobody, who cannot write into
    # a checkout.  For this demonstration root may do it; never do that on a
    # server: there, the spool belongs to the user of the workers.
    if [ "$(id -u)" -eq 0 ]; then
        globals="$globals user root;"
    fi

    "$nginx" -p "$prefix" -c conf/spool.conf -e logs/error.log \
        -g "$globals" &
    pid=$!

    trap stop EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    wait_for started || die "nginx does not answer: see $prefix/logs/error.log"

    if ! kill -0 "$pid" 2>/dev/null; then
        pid=
        die "nginx did not start"
    fi
}


# The header that Stripe would send for a file, at a time, with a secret

sign() {
    printf 't=%s,v1=%s' "$2" "$(
        { printf '%s.' "$2"; cat "$1"; } \
            | openssl dgst -sha256 -hmac "$3" | sed 's/.*= *//'
    )"
}


# send title code path file time secret

send() {
    code=$(http -o "$prefix/answer" -w '%{http_code}' \
               -H "Stripe-Signature: $(sign "$events/$4" "$5" "$6")" \
               -H 'Content-Type: application/json' \
               --data-binary "@$events/$4" "$url$3") || code="${code:-000}"

    printf '\n%s\n    POST %s  %s\n    %s  %s\n' \
        "$1" "/payments/process$3" "$4" "$code" "$(cat "$prefix/answer")"

    rm -f "$prefix/answer"

    if [ "$code" != "$2" ]; then
        echo "    WRONG: $2 was expected"
        failed=yes
    fi
}


spooled() {
    test "$(cat "$prefix"/spool/new/*.ndjson 2>/dev/null | wc -l)" -ge "$1"
}


# What was accepted, and only that, is in the spool

check_spool() {
    wait_for spooled "$1" || :

    count=0
    printf '\nThe spool, %s:\n' build/run/spool/new

    for f in "$prefix"/spool/new/*.ndjson; do
        test -f "$f" || continue

        printf '\n%s\n' "${f##*/}"
        sed 's/^/    /' "$f"
        count=$((count + $(wc -l <"$f")))
    done

    if [ $count -ne "$1" ]; then
        printf '\nWRONG: %s envelopes, %s were expected\n' $count "$1"
        failed=yes
    fi
}


samples() {
    now=$(date +%s)

    send 'A paid checkout' 200 \
        /stripe/ checkout.session.completed.json "$now" "$secret"
    send 'A bank debit that failed' 200 \
        /stripe/ checkout.session.async_payment_failed.json "$now" "$secret"
    send 'A refund, to the URL without the slash' 200 \
        /stripe charge.refunded.json "$now" "$secret"
    send 'A thin event: what it is about must be fetched from Stripe' 200 \
        /stripe/ v2.core.account.updated.json "$now" "$secret"
    send 'Signed with another secret' 400 \
        /stripe/ checkout.session.completed.json "$now" whsec_wrong
    send 'Signed well, ten minutes ago' 400 \
        /stripe/ checkout.session.completed.json $((now - 600)) "$secret"
    send 'For a gateway that is not configured' 400 \
        /nobody/ checkout.session.completed.json "$now" "$secret"

    check_spool 4

    printf '\nThe access log:\n\n'
    sed -n 's/^/    /; /POST/p' "$prefix/logs/access.log"

    stop

    if grep -E '\[(emerg|alert|crit)\]' "$prefix/logs/error.log"; then
        failed=yes
    fi

    test -z "$failed" || die "not as expected: see $prefix/logs/error.log"

    printf '\nAll as expected.\n'
}


serve() {
    f=$events/checkout.session.completed.json

    cat <<END

Listening: $url/stripe/
The spool: $prefix/spool/new    the logs: $prefix/logs

Paste this into another terminal, in this directory:

f=$f
t=\$(date +%s)
s=\$({ printf '%s.' \$t; cat \$f; } | openssl dgst -sha256 \\
    -hmac "\$(cat build/run/conf/stripe.whsec)" | sed 's/.*= *//')
curl -i -H "Stripe-Signature: t=\$t,v1=\$s" --data-binary @\$f \\
    $url/stripe/

Ctrl-C stops it.
END

    # Ctrl-C reaches nginx too; that is how it is meant to end
    trap 'stop; exit 0' INT
    wait "$pid" || :
    pid=
}


case ${1-} in
'')    prepare; start; samples ;;
serve) prepare; start; serve ;;
*)     die "usage: $me [serve]" ;;
esac
