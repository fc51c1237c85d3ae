#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A release manager registers a colleague's public key as their own, with a proof that another key signed: what the colleague signs would
# count as theirs.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

possession() { patchlab audit list --json | jq -r '[.rows[] | select(.action == "user-key" or .action == "user-added") | .detail.possession // empty] | '"$1"; }

# two keys that nobody registered yet
for name in rhea sam; do
    openssl genpkey -algorithm ed25519 -out "$work/$name.key" 2>/dev/null
    chmod 600 "$work/$name.key"
    openssl pkey -in "$work/$name.key" -pubout -out "$work/$name.pem"
done

expect 1 patchlab --as sam user key sam --register "$work/rhea.pem" --secret "$work/sam.key"
[ "$(patchlab user show sam --json | jq -r '.keys | length')" = 1 ] || fail "rhea's key is sam's"
expect 1 patchlab user add max --role tester --key "$work/rhea.pem" --secret "$work/sam.key"
expect 2 patchlab user show max

# the owner of the secret is believed, and the trail says how the key came
expect 0 patchlab --as rhea user key rhea --register "$work/rhea.pem" --secret "$work/rhea.key"
[ "$(possession last)" = shown ] || fail 'the trail does not say that the secret was there'

# who brings no proof, as scripts did before, is told
expect 0 patchlab --as sam user key sam --register "$work/sam.pem"
says 'nobody showed that the user has the secret'
[ "$(possession last)" = 'not shown' ] || fail 'the trail does not say that nothing was shown'
rehearse
expect 4 patchlab --as sam approve "$run"
expect 4 patchlab --as sam approve "$run" --key "$work/rhea.key"
expect 0 patchlab --as sam approve "$run" --key "$work/sam.key"
