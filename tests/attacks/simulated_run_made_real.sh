#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A tester with the program that simulates machines lets a run come up to its seal there, and has it finished by the released program, so
# that signed evidence says "libvirt" of machines that never ran.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"
released() { env -u PATCHLAB_BACKEND "$PATCHLAB_RELEASED" "$@"; }

PATCHLAB_FAULT=seal:kill expect 3 patchlab --as tess run start --lab shop --patch hello_2.0 --no-drill
run=$(patchlab run list --json | jq -r '.runs[0].id')
folder=$PATCHLAB_STATE/runs/$run
[ ! -e "$folder/evidence" ] || fail "the run was sealed already"

expect 1 released --as tess run resume "$run"
says 'was started on the backend fake'
# past the command, the worker itself
expect 1 released internal-worker "$folder"
[ ! -e "$folder/evidence" ] || fail "the released program sealed a simulated run"

# a request that says nothing of a backend is no way around it
jq 'del(.runs_on)' "$folder/input/request.json" >"$work/request" && cat "$work/request" >"$folder/input/request.json"
expect 1 released --as tess run resume "$run"
says 'does not say which backend'

# nor is a request that was altered: each stage has its backend in the evidence
jq '.runs_on = {backend: "fake", emulator: "fake", acceleration: "tcg"}' "$work/request" >"$folder/input/request.json"
expect 0 patchlab --as tess run resume "$run"
[ "$(patchlab run show "$run" --json | jq -r '.host.backend')" = fake ] || fail "the evidence says real machines"

# the released program takes no simulated machines, whatever the environment says
PATCHLAB_BACKEND=fake expect 2 "$PATCHLAB_RELEASED" --as tess run start --lab shop --patch hello_2.0
says 'patchlab-sim'
