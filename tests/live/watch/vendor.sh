# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # what `in-lab` sets and uses
# A vendor on the loopback device; sourced by `in-lab`, which sets program, state and work. Its packages are altered copies of one that
# the image has, so that they install on any machine of it.

package=netbase                # small, and nothing restarts because of it
suite=bookworm-updates
stamp=$(date +%s)              # versions of their own for each try: no candidate is rehearsed twice
repository=$work/repository

make_vendor() {
    local digest port=''
    digest=$("$program" --state "$state" image show debian-12-web --json | jq -r .digest)
    original=$(ls "$state/images/$digest.debs/${package}"_*.deb)
    version=$(dpkg-deb -f "$original" Version)
    mkdir -m 0700 "$work/gnupg"
    gpg --homedir "$work/gnupg" --batch --quiet --passphrase '' --quick-gen-key vendor@example.org ed25519 sign never 2>/dev/null
    gpg --homedir "$work/gnupg" --batch --export >"$work/apt/vendor.gpg"
    mkdir -p "$repository/pool" "$repository/dists/$suite/main/binary-amd64"
    python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$repository" >"$work/server.log" 2>&1 &
    server=$!
    for _ in $(seq 100); do
        port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$work/server.log")
        [ -n "$port" ] && break
        sleep 0.1
    done
    printf 'Types: deb\nURIs: http://127.0.0.1:%s\nSuites: %s\nComponents: main\nSigned-By: /etc/apt/vendor.gpg\n' \
        "$port" "$suite" >"$work/apt/sources.list.d/vendor.sources"
}

# altered VERSION COMMAND: a package of this version that runs the command at the end of its installation; prints its file
altered() {
    local folder=$work/build/$1 script deb
    mkdir -p "$folder"
    dpkg-deb -R "$original" "$folder"
    sed -i "s/^Version: .*/Version: $1/" "$folder/DEBIAN/control"
    printf 'a change of %s\n' "$1" >"$folder/usr/share/doc/$package/NEWS.vendor"
    script=$folder/DEBIAN/postinst
    [ -e "$script" ] || printf '#!/bin/sh\nset -e\n' >"$script"
    sed -i '/^exit 0$/d' "$script"
    printf '%s\n' "$2" >>"$script"
    chmod 0755 "$script"
    deb=$work/build/${package}_${1#*:}_all.deb
    dpkg-deb --root-owner-group -b "$folder" "$deb" >/dev/null
    printf '%s' "$deb"
}

# publish FILE…: the suite offers these, and nothing else any more
publish() {
    sleep 1.1  # an index says its date in whole seconds
    rm -f "$repository/pool"/*
    cp "$@" "$repository/pool"
    (
        cd "$repository" || exit
        apt-ftparchive packages pool >"dists/$suite/main/binary-amd64/Packages"
        rm -f "dists/$suite/Release"
        apt-ftparchive -o APT::FTPArchive::Release::Origin=Vendor -o "APT::FTPArchive::Release::Codename=$suite" \
            -o "APT::FTPArchive::Release::Suite=$suite" release "dists/$suite" >"$work/Release"
        mv "$work/Release" "dists/$suite/Release"
        gpg --homedir "$work/gnupg" --batch --quiet --yes --clearsign -o "dists/$suite/InRelease" "dists/$suite/Release"
    )
}
