#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody (or the kernel, which gives numbers away again) lets the lease of a run name a process that has nothing to do with it, and waits
# until the user of patchlab cancels the run.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

PATCHLAB_FAULT=apply:kill expect 3 patchlab --as tess run start --lab shop --patch hello_2.0 --no-drill
run=$(patchlab run list --json | jq -r '.runs[0].id')
lease=$PATCHLAB_STATE/runs/$run/lease.json
sleep 100 &
stranger=$!
jq --argjson pid "$stranger" '.holder.pid = $pid | .released = false' "$lease" >"$work/lease"
cat "$work/lease" >"$lease"
expect 0 patchlab --as tess run cancel "$run"
kill -0 "$stranger" 2>/dev/null || fail "a process that is no worker was killed"

# an emulator's command line that only looks as if it were of the run, started after it was looked at, is told by its start time; one
# that names no file of the state is left alone in any case
expect 0 patchlab reap
kill -0 "$stranger" 2>/dev/null || fail "reap killed a process that is no emulator"
kill "$stranger"
