#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody with a hand in the database gives a tester the role that approves, or takes the place of a release manager by exchanging her
# key or her account.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

rehearse
expect 0 patchlab user add tim --role tester
expect 4 patchlab --as tim approve "$run"
intruder "UPDATE governance_users SET roles = 'release-manager' WHERE name = 'tim'"
expect 1 patchlab --as tim approve "$run"
says 'not what the audit trail says'
intruder "UPDATE governance_users SET os_user = '$(id -un)' WHERE name = 'rhea'"
expect 1 patchlab --as rhea approve "$run"
says 'not what the audit trail says'
intruder "UPDATE governance_users SET os_user = NULL"
intruder "PRAGMA foreign_keys = OFF; DELETE FROM governance_user_keys WHERE user = 'sam';
    UPDATE governance_user_keys SET user = 'sam' WHERE user = 'tim'"
expect 1 patchlab --as sam approve "$run"
says 'not what the audit trail says'
expect 0 patchlab --as rhea approve "$run"
