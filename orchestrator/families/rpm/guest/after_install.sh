# SPDX-License-Identifier: Apache-2.0
# Prints what is wrong with the packages after an installation, and gives back what install.sh took.
failed_scripts /run/patchlab/install.log
tell_twice_installed
umount /run/patchlab/disk
rm -rf /run/patchlab/cache /run/patchlab/repos
exit 0
