#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A mirror serves an old snapshot of a channel, whole and signed, so that hosts return to the version with the hole, or stay there.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

command -v aptly >/dev/null || skip 'aptly is not installed'
offer
folder=$(patchlab catalog channels --json | jq -r '.channels[0].folder')

# the index says until when it may be believed, in both suites
for suite in ring-0 ring-0.back; do
    until=$(sed -n 's/^Valid-Until: //p' "$folder/dists/$suite/InRelease")
    [ -n "$until" ] || fail "suite $suite is valid for ever"
    days=$((($(date -d "$until" +%s) - $(date +%s)) / 86400))
    if [ "$days" -lt 1 ] || [ "$days" -gt 31 ]; then fail "suite $suite is valid for $days days"; fi
done

# what the channel offers never goes before a newer version that is installed; only what a withdrawal names does
patchlab catalog subscribe ring-0 --json | jq -r .preferences >"$work/preferences"
grep -A1 -x 'Pin: release o=patchlab, n=ring-0' "$work/preferences" | grep -qx 'Pin-Priority: 990' ||
    fail 'an old snapshot leads hosts back'
[ ! -s "$folder/dists/ring-0.back/main/binary-$(dpkg --print-architecture)/Packages" ] ||
    fail 'nothing was withdrawn, and something leads back'

# a refresh begins the validity anew
before=$(patchlab catalog channels --json | jq -r '.channels[0].snapshot')
expect 0 patchlab --as rhea catalog refresh
[ "$(patchlab catalog channels --json | jq -r '.channels[0].snapshot')" != "$before" ] || fail 'a refresh changes nothing'
expect 0 patchlab catalog verify
