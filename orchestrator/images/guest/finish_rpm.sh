# SPDX-License-Identifier: Apache-2.0
# What finish.sh asks of a system of RPM packages.
audit_packages() {
    rpmdb --verifydb
    dnf -q check
}
write_boot_menu() { synthetic-boot-menu; }
install_loader() { grub-install --target=x86_64-efi --removable --no-nvram; }
# The loader's cache still names the libraries of apt: the first update to run ldconfig would be blamed for it.
forget_caches() {
    rm -rf /var/cache/dnf/*
    ldconfig
}
