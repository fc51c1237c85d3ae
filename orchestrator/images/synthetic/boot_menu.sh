#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# synthetic-boot-menu: writes the boot menu, the newest kernel first. GRUB's own generator asks dpkg
# for the order of versions, and takes any order without it.
set -eu
root=$(awk '$2 == "/" && $1 !~ /^#/ { print $1 }' /etc/fstab)
# shellcheck disable=SC1091 # a file of the machine that this runs on
words=$(. /etc/default/grub && echo "$GRUB_CMDLINE_LINUX")
menu=/boot/grub/grub.cfg
{
    echo 'set default=0'
    echo 'set timeout=0'
    echo "search --no-floppy --fs-uuid --set=root ${root#UUID=}"
    for kernel in $(cd /boot && printf '%s\n' vmlinuz-* | sed 's/^vmlinuz-//' | sort -rV); do
        [ -e "/boot/initrd.img-$kernel" ] || continue
        echo "menuentry 'Synthetic EL ($kernel)' {"
        echo "    linux /boot/vmlinuz-$kernel root=$root ro $words"
        echo "    initrd /boot/initrd.img-$kernel"
        echo '}'
    done
} >"$menu.new"
grep -q '^menuentry' "$menu.new"
mv "$menu.new" "$menu"
