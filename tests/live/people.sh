# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # what the test sets
# The people of a live test; sourced, after program and state are set.

# missing_people NAME ROLE…: adds those that the state does not know yet, with the rights of its administrator
missing_people() {
    local admin
    admin=$("$program" --state "$state" user list --json | jq -r '[.users[] | select(.roles | index("admin")) | .name][0] // empty')
    while [ $# -gt 0 ]; do
        if ! "$program" --state "$state" user show "$1" >/dev/null 2>&1; then
            "$program" --state "$state" ${admin:+--as "$admin"} user add "$1" --role "$2" >/dev/null || return
        fi
        shift 2
    done
}
