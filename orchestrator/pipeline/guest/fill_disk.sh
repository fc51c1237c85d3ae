# SPDX-License-Identifier: Apache-2.0
# Leaves no room on the root file system, for others than root neither: what only root may use counts,
# too. Allocated, not written, so that the clone does not grow.
# shellcheck disable=SC2046 # two numbers
set -- $(stat -f -c '%f %S' /)
left=$(($1 * $2 / 1048576 - 1))
while [ $left -gt 0 ] && ! fallocate -l ${left}M /patchlab-fill 2>/dev/null; do
    left=$((left - 8))
done
test -e /patchlab-fill
