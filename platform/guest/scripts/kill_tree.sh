# SPDX-License-Identifier: Apache-2.0
# kill_tree.sh PID: kills a process and its descendants, deepest first.
kill_tree() {
    # shellcheck disable=SC2013 # words are what is wanted
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do kill_tree "$child"; done
    kill -KILL "$1" 2>/dev/null
}
kill_tree "$1"
