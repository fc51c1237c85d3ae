# SPDX-License-Identifier: Apache-2.0
# before_packages.sh ROOT, as a hook of mmdebstrap: what the packages must find when they are installed.
# Before the kernel: its initial RAM disk carries the checker of the root file system, as on any
# installed host, only when the table of file systems names the root and its type is known; and here
# is no device yet that could be asked for it. Made otherwise, the first kernel update would seem to
# turn systemd's own check off.
#   PATCHLAB_FSTAB   the line of the root file system
#   PATCHLAB_SETTINGS_OF_RAM_DISK   a file below ROOT
set -eu
mkdir -p "$1/etc/initramfs-tools/conf.d"
printf '%s\n' "$PATCHLAB_FSTAB" >"$1/etc/fstab"
echo FSTYPE=ext4 >"$1/$PATCHLAB_SETTINGS_OF_RAM_DISK"
