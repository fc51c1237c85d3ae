#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A release manager (no administrator) writes a program of this host into a rollout's definition, to have it run as the user of patchlab.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

rehearse
expect 0 patchlab --as rhea approve "$run"
expect 0 patchlab --as rhea catalog add "$run"
entry=$(patchlab catalog list --json | jq -r '.entries[0].id')
cat >"$work/rollout.yaml" <<YAML
schema: patchlab/rollout/v1
name: evil
rings:
  - { name: all, rest: true }
notify:
  - command: [/bin/sh, -c, "id >$work/pwned"]
YAML
expect 2 patchlab --as rhea rollout check "$work/rollout.yaml"
says 'runs no program'
expect 2 patchlab --as rhea rollout start "$work/rollout.yaml" --entry "$entry"
says 'target: NAME'

# by the name of a target that an administrator did not give
sed -i 's/- command: .*/- target: pager/' "$work/rollout.yaml"
expect 2 patchlab --as rhea rollout start "$work/rollout.yaml" --entry "$entry"
says "no notify target 'pager'"
printf '%s\n' 'schema: patchlab/notify/v1' 'targets:' "  - { name: pager, command: [touch, $work/pwned] }" >"$work/notify.yaml"
expect 4 patchlab --as rhea notify add "$work/notify.yaml"
[ ! -e "$work/pwned" ] || fail "the program ran"
