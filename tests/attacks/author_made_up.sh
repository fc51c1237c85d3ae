#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody sends an approval that names a release manager and brings a key along, to a verifier who has evidence, public keys and the
# users as they were pinned.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

rehearse
patchlab key export --users -o "$work/users.json"
patchlab key export -o "$work/keys.pem"
verify() { patchlab evidence verify "$PATCHLAB_STATE/runs/$run/evidence" --key "$work/keys.pem" --approval "$1" --users "$work/users.json"; }
expect 0 patchlab --as rhea approve "$run" -o "$work/approval"
expect 0 verify "$work/approval"
says 'approval good'

# a key that nobody pinned: here the installation's own binding, which is what a thief of its key could make as well
expect 0 patchlab --as sam user key sam --new
expect 0 patchlab --as sam approve "$run" -o "$work/other"
expect 1 verify "$work/other"
says 'is none of those that sam had'

# an approval of another run
first=$run
rehearse
[ "$first" != "$run" ] || fail 'there is no second run'
expect 1 verify "$work/approval"
says 'approval NOT good'
