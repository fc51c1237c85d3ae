# SPDX-License-Identifier: Apache-2.0
# after_packages.sh ROOT, as a hook of mmdebstrap: where grub-pc installs itself when it is updated.
# After the packages: before, grub-pc's own script would see a disk to install to, and that is the
# host's.
set -eu
echo grub-pc grub-pc/install_devices multiselect /dev/vda | chroot "$1" debconf-set-selections
