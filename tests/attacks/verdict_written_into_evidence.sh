#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody with a hand in the state folder (no key) writes a better verdict into the evidence of a rejected run, and hopes that a command
# shows it.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

echo '{"packages": {"hello": "1.0"}, "install_exit": 100}' >"$PATCHLAB_FAKE_SCRIPT"
expect 1 patchlab --as tess run start --lab shop --patch hello_2.0 --no-drill
run=$(patchlab run list --json | jq -r '.runs[0].id')
evidence=$PATCHLAB_STATE/runs/$run/evidence
chmod -R u+w "$evidence"
jq '.verdict = "validated" | .reasons = [] | .changes.items = []' "$evidence/run.json" >"$work/run.json"
cat "$work/run.json" >"$evidence/run.json"

for command in "run show $run" "run show $run --exit-code" "run show $run --json" "diff $run" "run wait $run" "run resume $run" \
    "report $run --format html" "run compare $run $run"; do
    # shellcheck disable=SC2086 # words of a command
    expect 1 patchlab --as tess $command
    if grep -q validated "$work/said"; then fail "shown: $command"; fi
done

# evidence of a good run in its place, sealed and signed by this very installation
echo '{"packages": {"hello": "1.0"}}' >"$PATCHLAB_FAKE_SCRIPT"
good=$(patchlab --as tess run start --lab shop --patch hello_2.0 --no-drill --json 2>/dev/null | jq -r .id)
rm -rf "$evidence"
cp -a "$PATCHLAB_STATE/runs/$good/evidence" "$evidence"
expect 1 patchlab run show "$run"
says "it is the evidence of run $good"

# no evidence at all, and a state that claims to know
chmod -R u+w "$evidence"
rm -rf "$evidence"
jq '.verdict = "validated"' "$PATCHLAB_STATE/runs/$run/state.json" >"$work/state.json" && cat "$work/state.json" >"$PATCHLAB_STATE/runs/$run/state.json"
expect 3 patchlab run show "$run" --exit-code
says inconclusive
