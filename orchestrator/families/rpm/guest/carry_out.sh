# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # install.sh, which stands behind, sets dir
# Put before install.sh: how packages of this family are installed from the patch disk. Sets functions only.

prepare_install() { rm -rf "$dir/cache" "$dir/repos"; }

# carry_out PACKAGE...: "name=version", or "-name" for one to remove
carry_out() { install_exactly "$dir" "$dir/disk/repo" "$@"; }
