#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody with a hand in the database exchanges two rows, so that the approval looks newer than the rejection after it. Nothing is
# deleted, and the audit trail stays as it is.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

rehearse
expect 0 patchlab --as rhea approve "$run"
expect 0 patchlab --as rhea reject "$run" --reason 'a second look'
expect 1 patchlab policy explain "$run"
says 'rejection:rhea'

intruder "UPDATE governance_rulings SET seq = seq + 1000;
    UPDATE governance_rulings SET seq = CASE kind WHEN 'reject' THEN 1 ELSE 2 END"
expect 0 patchlab audit verify
expect 1 patchlab policy explain "$run"
says 'another place'
expect 1 patchlab --as rhea catalog add "$run"
expect 1 patchlab --as sam approve "$run"
