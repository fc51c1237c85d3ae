#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody with a hand in the database empties users, keys, trail and head together, to become the administrator of what looks like a
# new state.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

intruder "PRAGMA foreign_keys = OFF; DELETE FROM governance_audit; DELETE FROM governance_audit_head;
    DELETE FROM governance_user_keys; DELETE FROM governance_users"
expect 1 patchlab audit verify
says 'all of it is gone'
expect 1 patchlab user add eve --role admin
expect 1 patchlab audit verify
says 'all of it is gone'
[ "$(patchlab user list --json | jq '.users | length')" = 0 ] || fail 'somebody became a user'
