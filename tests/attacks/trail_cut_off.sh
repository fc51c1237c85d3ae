#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody with a hand in the database (no key) takes the newest decision out, with its row of the audit trail, and waits until an
# ordinary command appends the next row and signs over the gap.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

rehearse
expect 0 patchlab --as rhea approve "$run"
cp "$PATCHLAB_STATE/patchlab.db" "$work/before.db"
patchlab audit head -o "$work/older-head"
expect 0 patchlab --as carol reject "$run" --reason 'the shop closes its books'
expect 0 patchlab audit verify

intruder "DELETE FROM governance_rulings WHERE kind = 'reject'; DELETE FROM governance_audit WHERE action = 'reject'"
expect 1 patchlab audit verify
says 'the newest rows are gone'
expect 1 patchlab policy explain "$run"
expect 1 patchlab --as rhea catalog promote "$run" --to ring-0
expect 1 patchlab --as sam approve "$run"
expect 1 patchlab audit verify
says 'the newest rows are gone'

# the older head is put back over the deleted rows, as `audit head` gave it out
intruder "UPDATE governance_audit_head SET envelope = CAST(readfile('$work/older-head') AS TEXT)"
expect 1 patchlab audit verify
says 'kept beside the database'
expect 1 patchlab --as rhea catalog promote "$run" --to ring-0
expect 1 patchlab audit verify
