#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No adversary, a full disk: a run is asked for when there is no room for it. No folder may stay that no row names, and the next run with
# room works.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"
if [ "$(id -u)" != 0 ] || ! unshare --mount true 2>/dev/null; then skip "only root can make a small disk"; fi
if [ "${1:-}" != inside ]; then
    export PATCHLAB_PROGRAM PATCHLAB_RELEASED
    unshare --mount --propagation private bash "$0" inside
    exit
fi

mkdir "$work/small"
trap 'umount "$work/small"; rm -rf "$work"' EXIT
mount -t tmpfs -o size=8m none "$work/small"
cp -a "$PATCHLAB_STATE" "$work/small/state"
export PATCHLAB_STATE=$work/small/state
for left in 4 16 40 80 160 400; do
    rm -f "$work/small/fill"
    room=$(df -k --output=avail "$work/small" | tail -n 1)
    dd if=/dev/zero of="$work/small/fill" bs=1k count=$((room - left)) status=none
    code=0
    patchlab --as tess run start --lab shop --patch hello_2.0 --no-drill >"$work/said" 2>&1 || code=$?
    [ "$code" != 1 ] || fail "a full disk condemned the patch, $left KiB left"
    rm -f "$work/small/fill"
    patchlab run list --json | jq -r '.runs[].id' | sort >"$work/rows"
    mkdir -p "$PATCHLAB_STATE/runs"
    find "$PATCHLAB_STATE/runs" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort >"$work/folders"
    diff "$work/rows" "$work/folders" >"$work/said" || fail "folders without a row, or rows without a folder, $left KiB left"
    expect 0 patchlab audit verify
done
expect 0 patchlab --as tess run start --lab shop --patch hello_2.0 --no-drill
