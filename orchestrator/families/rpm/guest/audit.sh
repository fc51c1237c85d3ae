# SPDX-License-Identifier: Apache-2.0
# Prints what is wrong with the package database.
twice_installed | sed 's/^\([^ ]*\) \(.*\)$/\1 is installed twice: \2/'
rpmdb --verifydb 2>&1 | grep -v '^warning: ' | head -n 20
exit 0
