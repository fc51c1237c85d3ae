#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An administrator puts a key of their own in place of the key that a release manager keeps, to decide in her name under a policy that
# counts only such keys.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

rehearse
expect 0 patchlab --as rhea user key rhea --generate "$work/rhea.key"
expect 4 patchlab user key rhea --generate "$work/eve.key"
says 'keeps their own key'
expect 4 patchlab user key rhea --new
expect 4 patchlab --as rhea user key rhea --generate "$work/eve.key"
[ ! -e "$work/eve.key" ] || fail 'a key was left behind'

# neither does the way over the name help: whoever was removed comes back with the key that they keep
expect 0 patchlab user remove rhea --yes
expect 2 patchlab user add rhea --role release-manager
says 'not given to another person'
expect 0 patchlab user add rhea --replace --role release-manager
expect 4 patchlab --as rhea approve "$run"
expect 0 patchlab --as rhea approve "$run" --key "$work/rhea.key"

# her own word is enough
expect 0 patchlab --as rhea user key rhea --generate "$work/new.key" --old-key "$work/rhea.key"
expect 4 patchlab --as rhea approve "$run" --key "$work/rhea.key"
expect 0 patchlab --as rhea approve "$run" --key "$work/new.key"
