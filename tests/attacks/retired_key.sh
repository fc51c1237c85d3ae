#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody copied the installation's secret key. The key was rotated since; they change a verdict and seal the evidence anew with the old
# one, which the verifier still knows.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=support/attack.sh
source "$here/support/attack.sh"
command -v openssl >/dev/null || skip 'openssl is not installed'
command -v python3 >/dev/null || skip 'python3 is not installed'

rehearse
kept=$run
cp "$PATCHLAB_STATE"/keys/installation/*.key "$work/stolen.key"
expect 0 patchlab key rotate --yes
patchlab key export -o "$work/keys.pem"
expect 0 patchlab evidence verify "$kept"
expect 0 patchlab evidence verify "$PATCHLAB_STATE/runs/$kept/evidence" --key "$work/keys.pem"

cp -r "$PATCHLAB_STATE/runs/$kept/evidence" "$work/forged"
chmod -R u+w "$work/forged"
python3 "$here/support/reseal.py" "$work/forged" "$work/stolen.key" || skip 'this openssl cannot sign with Ed25519'
expect 1 patchlab evidence verify "$work/forged"
says 'was retired'
expect 1 patchlab evidence verify "$work/forged" --key "$work/keys.pem"
says 'was retired'

# evidence that nobody decided about does not outlive a key that was stolen; what the trail names does
rehearse
decided=$run
expect 0 patchlab --as rhea approve "$decided"
rehearse
undecided=$run
expect 0 patchlab key revoke --reason 'the disk of the backup host was sold' --yes
expect 0 patchlab evidence verify "$decided"
expect 1 patchlab evidence verify "$undecided"
expect 0 patchlab policy explain "$decided"
expect 0 patchlab audit verify
