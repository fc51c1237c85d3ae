#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Another user of this host (nobody) knows the names of checkpoints and evidence, as QEMU's command line shows them, and reads
# production's secrets out of them.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"
if [ "$(id -u)" != 0 ]; then skip "only root can look with the eyes of another user"; fi

rehearse
chmod 0711 "$work"
others() { setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; }
tried=0
while IFS= read -r -d '' file; do
    tried=$((tried + 1))
    if others head -c 1 "$file" >/dev/null 2>&1; then fail "nobody reads $file"; fi
done < <(find "$PATCHLAB_STATE"/{prepared,runs,keys,patchlab.db} -type f -print0)
[ "$tried" -gt 20 ] || fail "there was nothing to read: $tried files"
if others ls "$PATCHLAB_STATE/runs" >/dev/null 2>&1; then fail "nobody lists the runs"; fi
# the kvm group is for people who may use /dev/kvm: no file of ours is for them
if kvm=$(getent group kvm | cut -d: -f3) && [ -n "$kvm" ]; then
    [ -z "$(find "$PATCHLAB_STATE" -gid "$kvm" -print -quit)" ] || fail "a file belongs to group kvm"
fi
