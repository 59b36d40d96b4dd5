#!/bin/sh

# Copyright (C) 2026 ngx_http_payments_module contributors

# Bring the npm packages that t/340-libraries.t and t/345-clients.t sign and
# verify with:
#
#     util/npm.sh [directory]     build/npm/node_modules by default
#
# npm itself would be 300 packages of Debian's, and what these depend on another
# hundred: these are eleven files, from the registry that npm is configured with
# (NPM_CONFIG_REGISTRY), and nothing of them is run here.  Safe to repeat; the
# network is left alone when all of them are there.

set -eu

cd "$(dirname "$0")/.."

me=${0##*/}
modules=${1:-build/npm}/node_modules
tmp=

# name version integrity; the newest ones for the node of Debian 12
packages='
stripe 20.4.1 axCguHItc8Sxt0HC6aSkdVRPffjYPV7EQqZRb2GkIa8FzWDycE7nHJM19C6xAIynH1Qp1/BHiopSi96jGBxT0w==
standardwebhooks 1.1.1 bCbX9ZEyFkWPsRz7Bl3NuQUJohmwGSev/yhr7vhaGPlc4AfIrspIRa6cPTBuI1ItmrTDJ4d/S2hCsfe4+vQGnQ==
svix 1.76.1 CRuDWBTgYfDnBLRaZdKp9VuoPcNUq9An14c/k+4YJ15Qc5Grvf66vp0jvTltd4t7OIRj+8lM1DAgvSgvf7hdLw==
@paddle/paddle-node-sdk 2.8.0 7SeFdE1k8j4Lme0A4SvPh3ak2e4HLtmTwsxEcQeWWSwy3vcwMSoE8hpHKGkqgHWdLV71FKFCMn9RYJFtbUb4Zg==
@octokit/webhooks-methods 5.1.1 NGlEHZDseJTCj8TMMFehzwa9g7On4KJMPVHDSrHxCQumL6uSQR8wIkP/qesv52fXqV1BPf4pTxwtS31ldAt9Xg==
@shopify/shopify-api 11.14.1 5VyQZyNhMN2PJLosA6OytYL1ENmdpqslcTcr1jFjGn6sEuxhXtLav+I74ygdL2iTdjEud4aDBZycgDVxPIH+uw==
compare-versions 6.1.1 4hm4VPpIecmlg59CHXnRDnqGplJFrbLG4aFEl5vl6cK1u76ws3LLvX7ikFnTDl5vo39sjWD6AaDPYodJp/NNHg==
razorpay 2.9.6 zsHAQzd6e1Cc6BNoCNZQaf65ElL6O6yw0wulxmoG5VQDr363fZC90Mp1V5EktVzG45yPyNomNXWlf4cQ3622gQ==
square 43.2.0 CfEWqf17kApAJvk2VV8y7bLBOBwDs6oRzr2GHKDbCKPPL6zoJVCtmvNXvDyuBxF675qBvTZwb5FEHF+awruo9g==
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
