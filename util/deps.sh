#!/bin/sh

# Copyright (C) 2026 ngx_http_payments_module contributors

# Install the Debian packages that building, running or testing needs.
#
# Safe to repeat; apt is not touched when nothing is missing.  An nginx that
# is there already is never upgraded, restarted or reconfigured; one that
# comes with these packages is neither started nor enabled.

set -eu

build='gcc make libc6-dev nginx nginx-dev libexpat1-dev libssl-dev
       libpcre2-dev zlib1g-dev'
run='nginx curl openssl'
test='perl curl openssl python3 strace procps libyajl-dev'
lint='perl gcc cppcheck'
fuzz='clang libclang-rt-dev libyajl-dev'
check='clang libclang-rt-dev llvm valgrind gcovr dpkg-dev wrk
       debian-archive-keyring'
bench='perl curl wrk procps libnginx-mod-http-js libnginx-mod-http-lua lua-cjson
       python3-django gunicorn python3-stripe webhook'
matrix='debootstrap debian-archive-keyring git'

# Inside of a folder that util/matrix.sh has made
suite='clang libclang-rt-dev dpkg-dev debian-archive-keyring iproute2'

# For tests that are skipped where the system does not have them
peers='python3-braintree python3-django python3-stripe gunicorn nodejs'

# What Test::Nginx needs comes in through the package's own dependencies
test_nginx=libtest-nginx-perl

me=${0##*/}
tmp=
policy=


usage() {
    echo "usage: $me build|run|test|lint|fuzz|check|bench|matrix|suite|all" \
         "..." >&2
    exit 2
}


say() {
    echo "$me: $*"
}


die() {
    echo "$me: $*" >&2
    exit 1
}


as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}


# needrestart, where present, must list services only and restart none

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
        apt-get -qq -y -o DPkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" \
        </dev/null
}


# Prints the packages of its arguments that are not installed

missing() {
    for p in "$@"; do
        case $(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null) in
        installed) ;;
        *) echo "$p" ;;
        esac
    done
}


version() {
    dpkg-query -W -f='${db:Status-Status} ${Version}' "$1" 2>/dev/null \
        | sed -n 's/^installed //p'
}


cleanup() {
    if [ -n "$policy" ]; then
        as_root rm -f /usr/sbin/policy-rc.d
    fi

    if [ -n "$tmp" ]; then
        as_root rm -rf "$tmp"
    fi
}


# Packages start their services when they are installed; this stops them

forbid_services() {
    if [ -n "$policy" ] || [ -e /usr/sbin/policy-rc.d ]; then
        return
    fi

    printf '#!/bin/sh\nexit 101\n' >"$tmp/policy-rc.d"
    chmod 755 "$tmp/policy-rc.d"
    policy=yes
    as_root cp "$tmp/policy-rc.d" /usr/sbin/policy-rc.d
}


disable_nginx() {
    if command -v update-rc.d >/dev/null; then
        as_root update-rc.d nginx disable >/dev/null 2>&1 || :
    fi

    # The policy of this machine may have let it start
    if command -v systemctl >/dev/null; then
        as_root systemctl -q disable nginx >/dev/null 2>&1 || :

        if [ -d /run/systemd/system ]; then
            as_root systemctl -q stop nginx || :
        fi
    fi

    say "nginx is new here: it was not started and not enabled as a service"
}


# apt-get install, unless that would change an nginx that was there before

install() {
    had=$(version nginx)

    forbid_services

    plan=$(apt install -s --no-install-recommends --no-upgrade "$@" 2>&1) || {
        echo "$plan" >&2
        why_not "$had"
    }

    if [ -n "$had" ] \
       && echo "$plan" | grep -Eq '^(Inst|Remv) nginx(-common)? '
    then
        why_not "$had"
    fi

    apt install --no-install-recommends --no-upgrade "$@"

    if [ -z "$had" ] && [ -n "$(version nginx)" ]; then
        disable_nginx
    fi
}


why_not() {
    if [ -n "$1" ]; then
        offer=$(apt-cache policy nginx-dev | sed -n 's/^ *Candidate: //p')

        say "nginx $1 is installed here, and is left alone; nginx-dev must be"
        say "of the very same version, and apt offers ${offer:-none}."
        say "If these differ, upgrade nginx when it suits you, or build against"
        say "the sources of your nginx: make NGX_SRC=directory"
    fi

    die "cannot install the packages"
}


# Debian 12 has no libtest-nginx-perl.  The package of Debian's current suite
# is pure Perl and works there: that one file comes from the mirror that this
# system uses, checked against Debian's keys; whatever it depends on comes
# from the system's own suite.  apt's own sources and lists stay as they are.

sid_package() {
    # shellcheck disable=SC1091
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")

    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format \
                 '$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)' \
                 'Created-By: Packages' \
             | sed -n "s/^Debian $codename main //p" | head -n 1)

    if [ -z "$codename" ] || [ -z "$mirror" ]; then
        die "no $1 for this system, and no Debian mirror in apt's sources"
    fi

    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    test -r $keys || install debian-archive-keyring

    say "bringing $1 from Debian sid"

    mkdir -p "$tmp/lists/partial" "$tmp/cache/archives/partial" "$tmp/deb"
    echo "deb [signed-by=$keys] $mirror sid main" >"$tmp/sid.list"

    # apt downloads as the user _apt when it is run by root
    if [ "$(id -u)" -eq 0 ] && id _apt >/dev/null 2>&1; then
        chown _apt "$tmp/deb"
    fi

    sid_apt update || die "cannot read the package list of Debian sid"
    (cd "$tmp/deb" && sid_apt download "$1") || die "cannot download $1"

    deb=$(echo "$tmp"/deb/"$1"_*_all.deb)
    test -f "$deb" || die "$1 is not a package for all architectures"
    chmod 644 "$deb"

    install "$deb"
}


sid_apt() {
    apt-get -qq -o Dir::State::Lists="$tmp/lists" -o Dir::Cache="$tmp/cache" \
        -o Dir::Etc::SourceList="$tmp/sid.list" \
        -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::Etc::Preferences=/dev/null \
        -o Dir::Etc::PreferencesParts=/dev/null \
        -o APT::Default-Release= "$@" </dev/null
}


has_candidate() {
    apt-cache policy "$1" | grep -q '^ *Candidate: [^(]'
}


# Prints the packages of its arguments that are not installed, and could be

offered() {
    for p in $(missing "$@"); do
        if has_candidate "$p"; then
            echo "$p"
        fi
    done
}


want=
optional=

for arg in "${@:-}"; do
    case $arg in
    build) want="$want $build" ;;
    run)   want="$want $run" ;;
    test)  want="$want $build $test $test_nginx"; optional=$peers ;;
    lint)  want="$want $build $lint" ;;
    fuzz)  want="$want $build $fuzz" ;;
    check) want="$want $build $test $test_nginx $check"; optional=$peers ;;
    bench) want="$want $build $bench" ;;
    matrix) want="$want $matrix" ;;
    suite) want="$want $build $run $test $test_nginx $suite"; optional=$peers ;;
    all)   want="$want $build $run $test $test_nginx $lint $fuzz"
           optional=$peers ;;
    *)     usage ;;
    esac
done

if ! command -v apt-get >/dev/null; then
    die "not a Debian system: install by hand what README.md lists"
fi

# shellcheck disable=SC2086
need=$(missing $want | sort -u | tr '\n' ' ')
need=${need% }

# Without a list of packages nothing is on offer: it comes with the others
# shellcheck disable=SC2086
also=$(offered $optional)
need=$need${also:+${need:+ }$also}

if [ -z "$need" ]; then
    exit 0
fi

say "missing: $need"

if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    die "installing needs root, and there is no sudo: run this as root"
fi

tmp=$(mktemp -d)
chmod 755 "$tmp"
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

apt update

# shellcheck disable=SC2046,SC2086
need=$(printf '%s\n' $need $(offered $optional) | sort -u)

own=
foreign=

for p in $need; do
    if [ "$p" = $test_nginx ] && ! has_candidate "$p"; then
        foreign=$p
        continue
    fi

    # Not merely the newest nginx-dev, but the one of the nginx that is here
    # (a rebuild of the binary, +b1, has no nginx-dev of its own)
    if [ "$p" = nginx-dev ] && [ -n "$(version nginx)" ]; then
        p=nginx-dev=$(version nginx | sed 's/+b[0-9]*$//')
    fi

    own="$own $p"
done

if [ -n "$own" ]; then
    # shellcheck disable=SC2086
    install $own
fi

if [ -n "$foreign" ]; then
    sid_package "$foreign"
fi
