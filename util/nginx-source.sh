#!/bin/sh

# Copyright (C) 2026 ngx_http_payments_module contributors

# Put the sources of the installed nginx into a directory, as Debian builds
# it: its patches are applied.
#
#     util/nginx-source.sh directory
#
# Called by "make test-sanitize" and the like, when no NGX_SRC is given.  Does
# nothing when they are there.  They come from the mirrors that apt is
# configured with, checked against Debian's keys; apt's own sources and lists
# stay as they are.

set -eu

me=${0##*/}


die() {
    echo "$me: $*" >&2
    exit 1
}


# apt with a list of its own; it may be run by anyone

src_apt() {
    apt-get -qq -o Dir::State::Lists="$tmp/lists" \
        -o Dir::Cache="$tmp/cache" -o Dir::Etc::SourceList="$tmp/src.list" \
        -o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User="$(id -un)" \
        "$@" </dev/null
}


# Of the same release of nginx, when this very package has no source: the
# nginx is built from it too, so that they need not be the same

candidates() {
    echo "$version"

    apt-cache -o Dir::State::Lists="$tmp/lists" -o Dir::Cache="$tmp/cache" \
            -o Dir::Etc::SourceList="$tmp/src.list" \
            -o Dir::Etc::SourceParts=/dev/null showsrc --only-source nginx \
        | sed -n "s/^Version: \(${version%%-*}-.*\)/\1/p" \
        | grep -Fxv "$version" | sort -rV
}


test $# -eq 1 || die "usage: $me directory"

dir=$1

version=$(dpkg-query -W -f='${source:Version}' nginx 2>/dev/null) \
    || die "no nginx is installed: run util/deps.sh build"

if [ "$(cat "$dir/.version" 2>/dev/null)" = "$version" ]; then
    exit 0
fi

command -v dpkg-source >/dev/null \
    || die "no dpkg-source: run util/deps.sh check"

keys=/usr/share/keyrings/debian-archive-keyring.gpg
test -r $keys || die "no $keys: run util/deps.sh check"

echo "$me: bringing the source of nginx $version"

tmp=$dir.new
rm -rf "$tmp"
mkdir -p "$tmp/lists/partial" "$tmp/cache/archives/partial" "$tmp/src"
tmp=$(cd "$tmp" && pwd)

# shellcheck disable=SC2016
apt-get indextargets --format \
        '$(ORIGIN) deb-src [signed-by=KEYS] $(REPO_URI) $(RELEASE) main' \
        'Created-By: Packages' 'Component: main' \
    | sed -n "s|KEYS|$keys|; s/^Debian //p" | sort -u >"$tmp/src.list"

test -s "$tmp/src.list" || die "no Debian mirror in apt's sources"

src_apt update || die "cannot read the lists of sources"

found=

for v in $(candidates); do
    if (cd "$tmp/src" && src_apt source --download-only "nginx=$v") \
            >"$tmp/log" 2>&1
    then
        found=$v
        break
    fi
done

if [ -z "$found" ]; then
    cat "$tmp/log" >&2
    die "no source of nginx $version: unpack one by hand, and give its" \
        "directory as NGX_SRC"
fi

test "$found" = "$version" || echo "$me: taking that of $found instead"

dpkg-source -x "$tmp/src"/nginx_*.dsc "$tmp/nginx" >"$tmp/log" 2>&1 \
    || { cat "$tmp/log" >&2; die "cannot unpack the source"; }

rm -rf "$dir"
mv "$tmp/nginx" "$dir"
rm -rf "$tmp"

echo "$version" >"$dir/.version"
