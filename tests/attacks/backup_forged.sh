#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody who reaches the backups (no passphrase) packs an altered one, so that the next restore brings back what they like.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"
for tool in tar zstd; do command -v "$tool" >/dev/null || skip "$tool is not installed"; done

rehearse
printf 'correct horse battery' >"$work/pass"
chmod 600 "$work/pass"
expect 0 patchlab backup create "$work/all.tar.zst" --passphrase-file "$work/pass"
expect 0 patchlab backup verify "$work/all.tar.zst"
mkdir "$work/inside"
tar -C "$work/inside" --zstd -xf "$work/all.tar.zst"
if grep -rq 'PRIVATE KEY' "$work/inside"; then fail "a secret key lies in the backup"; fi
sqlite3 "$work/inside/patchlab.db" "DROP TRIGGER IF EXISTS governance_users_stay; UPDATE runs SET verdict = 'rejected'"
digest=$(sha256sum <"$work/inside/patchlab.db" | cut -d' ' -f1)
size=$(stat -c %s "$work/inside/patchlab.db")
jq --arg digest "$digest" --argjson size "$size" \
    '(.items[] | select(.path == "patchlab.db")) |= (.sha256 = $digest | .size = $size)' \
    "$work/inside/backup.json" >"$work/manifest"
cp "$work/manifest" "$work/inside/backup.json"
(cd "$work/inside" && tar --zstd -cf "$work/forged.tar.zst" backup.json backup-keys.locked patchlab.db ./*/)
expect 1 patchlab backup verify "$work/forged.tar.zst" --passphrase-file "$work/pass"
says backup-keys.locked
expect 1 patchlab --state-dir "$work/elsewhere" backup restore "$work/forged.tar.zst" --passphrase-file "$work/pass"
[ ! -e "$work/elsewhere" ] || fail "the forged backup was restored"

# a path that leads out of the state
jq '.items[0].path = "../out"' "$work/manifest" >"$work/inside/backup.json"
(cd "$work/inside" && tar --zstd -cf "$work/out.tar.zst" backup.json backup-keys.locked patchlab.db ./*/)
expect 2 patchlab --state-dir "$work/elsewhere" backup restore "$work/out.tar.zst" --passphrase-file "$work/pass"
says 'leads out of the backup'
