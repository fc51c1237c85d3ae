# SPDX-License-Identifier: Apache-2.0
# Prints what is wrong with the packages after an installation, and gives back what install.sh took.
failed_scripts /run/patchlab/install.log
twice_installed | sed 's/^\([^ ]*\) \(.*\)$/\1 is installed twice: \2/'
umount /run/patchlab/disk
rm -rf /run/patchlab/cache /run/patchlab/repos
exit 0
