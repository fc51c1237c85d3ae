#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Root on the host, or whoever restores backups, puts the whole state folder of yesterday back, to lose a rejection. Nothing in the folder
# can show that; a head that went elsewhere does.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

rehearse
expect 0 patchlab audit witness --command tee "$work/witness"
expect 0 patchlab --as rhea approve "$run"
expect 0 patchlab --as rhea catalog promote "$run" --to ring-0
entry=$(patchlab catalog list --json | jq -r '.entries[0].id')
cp -a "$PATCHLAB_STATE" "$work/yesterday"
expect 0 patchlab --as rhea catalog withdraw "$entry" --reason 'it lost an order' --yes
cp "$PATCHLAB_STATE/catalog/public/audit-heads.jsonl" "$work/mirrored"
expect 0 patchlab audit verify --against "$work/witness"
expect 0 patchlab audit verify --against "$work/mirrored"

mv "$PATCHLAB_STATE" "$work/today"
mv "$work/yesterday" "$PATCHLAB_STATE"
expect 0 patchlab audit verify
expect 1 patchlab audit verify --against "$work/witness"
says 'rewritten or put back'
expect 1 patchlab audit verify --against "$work/mirrored"
