#!/bin/sh

# Copyright (C) 2026 ngx_http_payments_module contributors

# Run fuzz targets one after the other: seeds come from t/fuzz/seeds, what is
# found on the way grows in build/fuzz/corpus-*, inputs that break a target
# and the targets' output are left in build/fuzz/.
#
# usage: run.sh build-directory seconds target ...

set -eu

dir=$1/fuzz
seconds=$2
shift 2

here=${0%/*}
failed=

tmp=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

share=$((seconds / $#))

if [ $share -eq 0 ]; then
    share=1
fi


# Bytes of an input: enough for what the target reads, and no more

max_len() {
    case $1 in
    event)     echo 8192 ;;
    form)      echo 2048 ;;
    gateway)   echo 8192 ;;
    recover)   echo 2048 ;;
    unwrap)    echo 2048 ;;
    xml)       echo 2048 ;;
    grammar)   echo 5000 ;;
    signature) echo 4200 ;;
    *)         echo 256 ;;
    esac
}


run() {
    mkdir -p "$dir/corpus-$1"

    TMPDIR=$tmp nice -n 10 "$dir/fuzz_$1" -max_total_time=$share \
        -max_len="$(max_len "$1")" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -dict="$here/$1.dict" \
        -artifact_prefix="$dir/$1-" \
        "$dir/corpus-$1" "$here/seeds/$1" >"$dir/$1.log" 2>&1
}


# Executions, covered edges, size of the corpus

numbers() {
    line=$(grep '^#[0-9].* cov: ' "$dir/$1.log" | tail -n 1)

    # shellcheck disable=SC2086
    set -- $line

    while [ $# -gt 1 ]; do
        case $1 in
        '#'*)  printf '%s runs' "${1#?}" ;;
        cov:)  printf ', %s edges' "$2" ;;
        corp:) printf ', %s inputs' "${2%/*}" ;;
        esac
        shift
    done
}


for target in "$@"; do
    if run "$target"; then
        echo "ok     $target: $(numbers "$target") in $share s"

    else
        echo "BROKEN $target: $(numbers "$target"); $dir/$target.log ends:"
        grep -v '^#[0-9]' "$dir/$target.log" | tail -n 40
        failed="$failed $target"
    fi
done

if [ -n "$failed" ]; then
    echo "${0##*/}: broken:$failed" >&2
    exit 1
fi
