#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A team shares one installation through its socket, each from an account of their own and nobody with --as: rehearse, approve, promote.
# An account that is nobody's learns nothing, a member acts as nobody else, and what an account may not read, the service does not read
# for it. The policy asks for distinct accounts.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"
[ "$(id -u)" = 0 ] || skip 'only root can act from other accounts'

chmod 755 "$work"
socket=$work/run/back.sock
"$PATCHLAB_PROGRAM" serve --back-socket "$socket" --group nogroup >/dev/null 2>"$work/serve.log" &
service=$!
trap 'kill "$service" 2>/dev/null; wait "$service" || true; chmod -R u+w "$work"; rm -rf "$work"' EXIT
for _ in $(seq 100); do
    grep -q 'serves at' "$work/serve.log" && break
    sleep 0.1
done

# from UID WORDS…: the command line of that account; it knows the address and no state
from() {
    local uid=$1
    shift
    env -i PATH="$PATH" HOME=/nowhere PATCHLAB_SERVER="unix:$socket" \
        setpriv --reuid "$uid" --regid nogroup --clear-groups -- "$PATCHLAB_PROGRAM" "$@"
}
tess=61001 rhea=61002 carol=61003 mallory=61004

for user in tess:tester:$tess rhea:release-manager:$rhea carol:system-owner:$carol; do
    IFS=: read -r name role uid <<<"$user"
    expect 0 patchlab user add "$name" --replace --role "$role" --os-user "uid-$uid"
done
sed -e 's/^name: .*/name: team/' -e 's/^approvals:.*/distinct-accounts: true\napprovals: [{ role: release-manager }, { role: system-owner }]/' \
    "$work/policy.yaml" >"$work/team.yaml"
expect 0 patchlab policy add "$work/team.yaml"

expect 0 from $tess run start --lab shop --patch hello_2.0 --no-drill
says 'verdict  validated'
run=$(from $tess run list --json | jq -r '.runs[0].id')
expect 4 from $tess approve @last
expect 0 from $carol approve @last --reason 'the shop may have it'
expect 1 from $rhea catalog promote "$run" --to ring-0
expect 0 from $rhea approve @last
expect 0 from $rhea policy explain @last
says 'everybody acted from an account of their own'
expect 0 from $rhea catalog promote "$run" --to ring-0 --publish
expect 0 from $carol audit verify
says 'intact'
expect 0 patchlab audit list --json
[ "$(jq -r '[.rows[] | select(.action == "approve") | .os_user] | join(" ")' "$work/said")" = "uid-$carol uid-$rhea" ] ||
    fail 'the trail does not name the accounts'

for words in 'run list' 'catalog list' 'audit list' 'approve @last' 'user add mallory --role admin'; do
    # shellcheck disable=SC2086 # several words
    expect 4 from $mallory $words
    says "'uid-$mallory' is not a user of this patchlab"
done
expect 4 from $tess --as rhea approve @last
says 'may not act as'
# root's own files, and those of the installation
install -m 600 "$work/hello_2.0_amd64.deb" "$work/roots.deb"
expect 4 from $tess patch add "$work/roots.deb"
says 'Permission denied'
