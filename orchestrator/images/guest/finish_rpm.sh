# SPDX-License-Identifier: Apache-2.0
# What finish.sh asks of a system of RPM packages.
audit_packages() {
    rpmdb --verifydb
    dnf -q check
}
write_boot_menu() { synthetic-boot-menu; }
install_loader() { grub-install --target=x86_64-efi --removable --no-nvram; }
forget_caches() { rm -rf /var/cache/dnf/*; }
