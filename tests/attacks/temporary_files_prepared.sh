#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Another user of this host lays links out among the temporary files, under names that a play of Ansible looks for, to have files of the
# user of patchlab opened.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"
for tool in ansible-playbook flock; do command -v "$tool" >/dev/null || skip "$tool is not installed"; done

export TMPDIR=$work/tmp
mkdir "$TMPDIR"
echo secret >"$work/victim"
for name in patchlab-ansible-x patchlab-ansible.x ansible-x; do
    mkdir "$TMPDIR/$name"
    ln -s "$work/victim" "$TMPDIR/$name/lock"
    ln -s "$work/made" "$TMPDIR/$name.lock"
done
printf '[web]\nlocalhost ansible_connection=local\n' >"$work/hosts"
expect 0 patchlab inventory import "$work/hosts"
# whoever opens the file and locks it waits for this lock, and the scan does not end in time
exec 9<>"$work/victim"
flock 9
before=$(stat -c '%X %Y %Z' "$work/victim")
timeout 60 "$PATCHLAB_PROGRAM" inventory scan >"$work/said" 2>&1 || [ $? -lt 124 ] || fail "the scan opened what lay in the temporary folder"
exec 9>&-
[ ! -e "$work/made" ] || fail "a lock was made through a link"
[ -d "$TMPDIR/ansible-x" ] || fail "a folder of somebody else was removed"
[ "$(stat -c '%X %Y %Z' "$work/victim")" = "$before" ] || fail "the file was touched"
