#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One person asks for a run and approves it in the name of a colleague, with --as. Where a user is bound to an account that takes a
# right, and the policy may want different accounts; where nobody is bound, every document says who typed.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

rehearse
expect 0 patchlab --as rhea approve "$run"
says "(acting: $(id -un))"
says 'acted from one account'
expect 0 patchlab policy explain "$run"
says 'acted from one account'
expect 0 patchlab change show "$run"
says "(acting: $(id -un))"
says 'acted from one account'

sed 's/^name: .*/name: distinct\ndistinct-accounts: true/' "$work/policy.yaml" >"$work/distinct.yaml"
expect 1 patchlab policy explain "$run" --policy "$work/distinct.yaml"
says 'distinct-accounts'
expect 0 patchlab policy add "$work/distinct.yaml"
expect 1 patchlab --as rhea catalog promote "$run" --to ring-0

expect 0 patchlab user add rhea --replace --role release-manager --os-user somebody-else
expect 4 patchlab --as rhea approve "$run"
says 'may not act as'
expect 4 patchlab --as sam approve "$run"
expect 0 patchlab audit list
says 'refused'
