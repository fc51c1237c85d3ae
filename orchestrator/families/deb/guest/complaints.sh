# SPDX-License-Identifier: Apache-2.0
# Prints what the package system complains of by itself: packages that are half installed, and
# dependencies that are not met. Nothing when it is sound. Leaves nothing behind.
dir=/run/patchlab/complaints
mkdir -p $dir/lists/partial || exit 1
dpkg --audit
# the first line that says more than what it is doing names the package
apt-get -q -o Debug::NoLocking=true -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists=$dir/lists -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= check >$dir/said 2>&1 ||
    grep -E '^( |E: )' $dir/said | head -n 20
rm -rf $dir
exit 0
