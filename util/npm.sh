#!/bin/sh

# Copyright (C) 2026 ngx_http_payments_module contributors

# Bring the npm packages that t/340-libraries.t verifies signatures with:
#
#     util/npm.sh [directory]     build/npm/node_modules by default
#
# npm itself would be 300 packages of Debian's: these are four files, from the
# registry that npm is configured with (NPM_CONFIG_REGISTRY).  Safe to repeat;
# the network is left alone when all of them are there.

set -eu

cd "$(dirname "$0")/.."

me=${0##*/}
modules=${1:-build/npm}/node_modules
tmp=

# name version integrity; the newest stripe for the node of Debian 12
packages='
stripe 20.4.1 axCguHItc8Sxt0HC6aSkdVRPffjYPV7EQqZRb2GkIa8FzWDycE7nHJM19C6xAIynH1Qp1/BHiopSi96jGBxT0w==
standardwebhooks 1.1.1 bCbX9ZEyFkWPsRz7Bl3NuQUJohmwGSev/yhr7vhaGPlc4AfIrspIRa6cPTBuI1ItmrTDJ4d/S2hCsfe4+vQGnQ==
@stablelib/base64 1.0.1 1bnPQqSxSuc3Ii6MhBysoWCg58j97aUjuCSZrGSmDxNqtytIi0k8utUenAwTZN4V5mXXYGsVUI9zeBqy+jBOSQ==
fast-sha256 1.3.0 n11RGP/lrWEFI/bWdygLxhI+pVeo1ZYIVwvvPkW7azl/rOy+F3HYRZ2K5zeE9mmkhQppyv9sQFx0JM9UabnpPQ==
'


die() {
    echo "$me: $*" >&2
    exit 1
}


cleanup() {
    if [ -n "$tmp" ]; then
        rm -rf "$tmp"
    fi
}


registry() {
    if [ -n "${NPM_CONFIG_REGISTRY:-${npm_config_registry:-}}" ]; then
        echo "${NPM_CONFIG_REGISTRY:-$npm_config_registry}"
    elif command -v npm >/dev/null; then
        npm config get registry
    else
        echo https://registry.npmjs.org
    fi
}


sha512() {
    openssl dgst -sha512 -binary "$1" | openssl base64 -A
}


# bring name version integrity

bring() {
    url=$base/$1/-/${1##*/}-$2.tgz

    curl -fsSL --max-time 60 -o "$tmp/tgz" "$url" || die "cannot get $url"

    test "$(sha512 "$tmp/tgz")" = "$3" || die "$url is not what it was"

    rm -rf "$tmp/unpacked"
    mkdir "$tmp/unpacked"
    tar -xzf "$tmp/tgz" -C "$tmp/unpacked" --strip-components=1 --no-same-owner

    echo "$2" >"$tmp/unpacked/.version"
    mkdir -p "$modules/$(dirname "$1")"
    rm -rf "${modules:?}/$1"
    mv "$tmp/unpacked" "$modules/$1"
}


trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

base=

while read -r name version integrity; do
    test -n "$name" || continue

    if [ "$(cat "$modules/$name/.version" 2>/dev/null)" = "$version" ]; then
        continue
    fi

    if [ -z "$base" ]; then
        base=$(registry)
        base=${base%/}
        mkdir -p "$modules"
        tmp=$(mktemp -d "$modules/.tmp.XXXXXX")
    fi

    bring "$name" "$version" "$integrity"
done <<END
$packages
END
