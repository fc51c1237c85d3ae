# SPDX-License-Identifier: Apache-2.0
# Takes away what fill_disk.sh put there.
rm -f /patchlab-fill
sync
