# SPDX-License-Identifier: Apache-2.0
# after_packages.sh ROOT, as a hook of mmdebstrap: where GRUB installs itself when it is updated.
# After the packages: before, grub-pc's own script would see a disk to install to, and that is the
# host's.
set -eu
chroot "$1" debconf-set-selections <<'END'
grub-pc grub-pc/install_devices multiselect /dev/vda
grub-efi-amd64 grub2/force_efi_extra_removable boolean true
grub-efi-amd64 grub2/update_nvram boolean false
END
