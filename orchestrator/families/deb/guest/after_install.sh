# SPDX-License-Identifier: Apache-2.0
# Prints what dpkg complains of after an installation, and gives back what install.sh took.
dpkg --audit
umount /run/patchlab/disk
rm -rf /run/patchlab/lists /run/patchlab/cache
