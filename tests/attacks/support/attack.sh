# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the attacks share. A script sources this file; then PATCHLAB_STATE is a state folder of its own with a simulated image, a lab
# "shop", a patch "hello_2.0", and the users tess (tester), rhea and sam (release managers), carol (system owner).
set -euo pipefail

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export PATCHLAB_STATE=$work/state PATCHLAB_BACKEND=fake PATCHLAB_FAKE_SCRIPT=$work/script.json
unset PATCHLAB_USER SUDO_USER

skip() {
    echo "skipped: $*"
    exit 77
}

for tool in sqlite3 jq dpkg-deb; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done

patchlab() { "$PATCHLAB_PROGRAM" "$@"; }

fail() {
    echo "THE ATTACK WORKS: $*" >&2
    [ ! -s "$work/said" ] || sed 's/^/    /' "$work/said" >&2
    exit 1
}

# expect EXIT COMMAND…: the command ends with that exit code; what it prints is kept for `says`
expect() {
    local wanted=$1 got=0
    shift
    "$@" >"$work/said" 2>&1 || got=$?
    [ "$got" = "$wanted" ] || fail "exit $got instead of $wanted: $*"
}

# says TEXT: the last command under `expect` printed it
says() { grep -qF -- "$1" "$work/said" || fail "not said: $1"; }

# intruder SQL: somebody with a hand in the database, who drops what guards it first
intruder() {
    local triggers
    triggers=$(sqlite3 "$PATCHLAB_STATE/patchlab.db" "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'")
    sqlite3 "$PATCHLAB_STATE/patchlab.db" "$triggers $1"
}

make_image() {
    local image=$PATCHLAB_STATE/images digest
    mkdir -p "$image"
    digest=$(printf 'a simulated disk\n' | sha256sum | cut -d' ' -f1)
    printf 'a simulated disk\n' >"$image/$digest.qcow2"
    chmod 444 "$image/$digest.qcow2"
    jq -n --arg digest "$digest" --arg file "$image/$digest.qcow2" '{
        schema: "patchlab/image/v1", name: "played", digest: $digest, file: $file, file_bytes: 17,
        virtual_bytes: 0, created: "2026-01-01T00:00:00Z", origin: "built", suite: "", kernel: "",
        os: {type: "linux", distro: "", version: "", codename: "", product: "Simulated",
             architecture: "", hostname: "", package_format: "deb", boot_mode: "",
             guest_agent: true, filesystems: []},
        deviations: [], warnings: [], package_count: 1,
        packages: [{name: "hello", version: "1.0", architecture: "amd64"}]}' >"$image/$digest.json"
    sqlite3 "$PATCHLAB_STATE/patchlab.db" \
        "INSERT INTO images VALUES('played', '$digest', '2026-01-01T00:00:00Z')"
}

make_patch() {
    local tree=$work/hello
    mkdir -p "$tree/DEBIAN" "$tree/usr/share/hello"
    echo 2.0 >"$tree/usr/share/hello/version"
    printf '%s\n' 'Package: hello' 'Version: 2.0' 'Architecture: amd64' \
        'Maintainer: Test <test@example.org>' 'Description: a test' >"$tree/DEBIAN/control"
    dpkg-deb --root-owner-group --build "$tree" "$work/hello_2.0_amd64.deb" >/dev/null
    patchlab patch add "$work/hello_2.0_amd64.deb" >/dev/null
}

make_state() {
    echo '{"packages": {"hello": "1.0"}}' >"$PATCHLAB_FAKE_SCRIPT"
    patchlab init >/dev/null
    make_image
    printf '%s\n' 'schema: patchlab/lab/v1' 'name: shop' 'machines:' \
        '  web: { image: played, suites: [base, nginx] }' >"$work/lab.yaml"
    patchlab lab add "$work/lab.yaml" >/dev/null
    make_patch
    local user
    for user in tess:tester rhea:release-manager sam:release-manager carol:system-owner; do
        patchlab user add "${user%:*}" --role "${user#*:}" >/dev/null
    done
    printf '%s\n' 'schema: patchlab/policy/v1' 'name: simulated' 'played-runs: accepted' \
        'approvals: [{ role: release-manager }]' >"$work/policy.yaml"
    patchlab policy add "$work/policy.yaml" >/dev/null
}

# rehearse: a validated run that tess asked for; its id is in $run
rehearse() {
    patchlab --as tess run start --lab shop --patch hello_2.0 --no-drill >/dev/null 2>"$work/said" ||
        fail "the simulated run did not validate"
    # shellcheck disable=SC2034 # for the script that sources this file
    run=$(patchlab run list --json | jq -r '.runs[0].id')
}

# offer: an entry of a new run, which rhea approved, published in ring-0; their ids are in $run and $entry
offer() {
    rehearse
    expect 0 patchlab --as rhea approve "$run"
    expect 0 patchlab --as rhea catalog promote "$run" --to ring-0 --publish
    # shellcheck disable=SC2034 # for the script that sources this file
    entry=$(patchlab catalog list --json | jq -r '.entries[0].id')
}

make_state
