#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody wants a patch in production that a rollout put into quarantine: by another run of the same packages, by a plain "needed"
# in the inventory, or by calling the entry offered in the database.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

offer
expect 0 patchlab --as rhea catalog withdraw "$entry" --reason 'it broke web-3' --yes

rehearse
expect 1 patchlab policy explain "$run"
says not-taken-back
says 'it broke web-3'
expect 4 patchlab --as rhea approve "$run"
expect 1 patchlab --as rhea catalog promote "$run" --to ring-1

intruder "UPDATE catalog_entries SET state = 'offered' WHERE id = '$entry'"
expect 1 patchlab catalog verify "$entry"
says 'audit trail'
expect 1 patchlab --as rhea catalog publish ring-0
expect 1 patchlab --as rhea catalog promote "$entry" --to ring-1
