# SPDX-License-Identifier: Apache-2.0
# Waits until the first package is being unpacked; fails when the installation is over before. dnf says
# "Preparing" before the first package, dnf 5 and zypper count the packages.
dir=/run/patchlab n=0
until grep -Eq '^ *Preparing  *:|^\[1/[0-9]+\]|^\(1/[0-9]+\) (Installing|Removing)' $dir/install.log 2>/dev/null ||
    grep -q '[0-9]' $dir/install.exit 2>/dev/null; do
    sleep 0.05
    n=$((n + 1))
    [ $n -lt 5000 ] || exit 1
done
! grep -q '[0-9]' $dir/install.exit 2>/dev/null
