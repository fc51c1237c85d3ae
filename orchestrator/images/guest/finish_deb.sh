# SPDX-License-Identifier: Apache-2.0
# What finish.sh asks of a system of Debian packages.
audit_packages() { dpkg --audit; }
write_boot_menu() { update-grub; }
install_loader() { grub-install --target=x86_64-efi --force-extra-removable --no-nvram; }
forget_caches() { rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin; }
