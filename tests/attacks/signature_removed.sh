#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody with a copy of an evidence folder changes the verdict, writes a whole new manifest, and takes the signature away that they
# cannot forge.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

rehearse
cp -r "$PATCHLAB_STATE/runs/$run/evidence" "$work/evidence"
chmod -R u+w "$work/evidence"
expect 0 patchlab evidence verify "$work/evidence"
says 'of this installation'
rm "$work/evidence/evidence.dsse.json"
expect 1 patchlab evidence verify "$work/evidence"
says 'NOT signed'
expect 0 patchlab evidence verify "$work/evidence" --no-signature
expect 0 patchlab evidence verify "$run"
