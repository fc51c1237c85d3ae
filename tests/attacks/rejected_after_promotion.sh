#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A release manager in a hurry goes on with an entry although another one rejected its run after it had been promoted. Lists and
# documents that still say "approved" would help.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"

offer
expect 0 patchlab --as sam reject "$run" --reason 'it breaks the shop'
says "catalog withdraw $entry"

expect 1 patchlab catalog verify "$entry"
says 'it breaks the shop'
expect 1 patchlab --as rhea catalog publish ring-0
expect 1 patchlab --as rhea catalog refresh
expect 1 patchlab --as rhea catalog promote "$entry" --to ring-1
expect 0 patchlab catalog list
says rejected
expect 0 patchlab catalog show "$entry"
says 'it breaks the shop'

printf '%s\n' 'schema: patchlab/rollout/v1' 'name: web' 'rings: [{ name: all, rest: true }]' >"$work/web.yaml"
echo '{"schema": "patchlab/simulation/v1", "default": {"versions": {"hello": "1.0"}}, "hosts": {"web-1": {}}}' >"$work/hosts.json"
expect 1 patchlab rollout plan "$work/web.yaml" --entry "$entry" --simulate "$work/hosts.json"
says 'it breaks the shop'
expect 1 patchlab --as rhea rollout start "$work/web.yaml" --entry "$entry" --simulate "$work/hosts.json"

for subject in "$entry" "$run"; do
    expect 0 patchlab change show "$subject" --format json
    [ "$(patchlab change show "$subject" --json 2>/dev/null | jq .approved)" = false ] || fail "the document of $subject says approved"
    expect 0 patchlab change show "$subject" --format html
    says 'it may not be deployed'
done
