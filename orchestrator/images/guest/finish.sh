# SPDX-License-Identifier: Apache-2.0
# Runs in a new image at its first boot, as one script: a round trip costs more than most of its lines.
# Words before "=" are read by first_boot.cpp. Before it stands what differs between families of
# packages: finish_deb.sh, finish_rpm.sh.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
echo "system=$(systemctl is-system-running --wait || true)"
systemctl list-units --failed --plain --no-legend --no-pager |
    while read -r unit _; do echo "failed=$unit"; done
audit=$(audit_packages 2>&1 | head -c 500 | tr '\n' ' ')
echo "audit=$audit"
if [ -d /sys/firmware/efi ]; then
    mountpoint -q /boot/efi
    install_loader >/dev/null 2>&1
fi
write_boot_menu >/dev/null 2>&1
grep -q 'console=ttyS0' /boot/grub/grub.cfg
echo "kernel=$(uname -r)"
forget_caches
rm -rf /var/lib/dbus/machine-id
: >/etc/machine-id
fstrim / || true
sync
echo "finished=yes"
