# SPDX-License-Identifier: Apache-2.0
# Runs in the guest, handed over on stdin after lines that set: packages (words name=version), extra (apt-get options).
# Puts the packages of the read-only patch disk in, from a unit of its own: the guest agent may be replaced or restarted by the
# patch, and whatever runs below it would die with it. Nothing of ours is written to the guest's disk: /run is memory.
# install.pid and install.exit are written by the shell itself: a patch may break every program there is, and that must be seen.
set -u
dir=/run/patchlab
mkdir -p -m 0755 $dir $dir/disk $dir/lists/partial $dir/cache/archives/partial || exit 100
device=/dev/disk/by-id/virtio-$serial
# settle knows only of events that are here already: a slot that was emptied a moment ago takes a second until it is filled again
udevadm wait --timeout=30 $device 2>/dev/null || udevadm settle --timeout=30 --exit-if-exists=$device
[ -e $device ] || { echo "the patch disk did not appear" >&2; exit 101; }
mount -t ext4 -o ro,nosuid,nodev,noexec $device $dir/disk 2>$dir/mount.log || mountpoint -q $dir/disk || { cat $dir/mount.log >&2; exit 102; }
# No source but the disk's index, named to apt below: read as it is, there is nothing to update, which would cost a second.
cat >$dir/apt.conf <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "-";
Dir::State::lists "$dir/lists";
Dir::Cache "$dir/cache";
Dir::Cache::archives "archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Get::Assume-Yes "true";
Dpkg::Use-Pty "false";
Dpkg::Options { "--force-confdef"; "--force-confold"; };
END
rm -f $dir/install.exit $dir/install.pid $dir/install.log
if [ -s $dir/answers ]; then debconf-set-selections <$dir/answers || exit 103; fi
cat >$dir/install.sh <<END
echo \$\$ >$dir/install.pid
apt-get -c $dir/apt.conf -q --with-source $dir/disk/repo/Packages $extra install $packages
code=\$?
sync
echo \$code >$dir/install.exit
END
# A unit is no child of this shell: what the channel decided about addresses (setarch -R) is handed on.
same_addresses=
[ ! -r /proc/self/personality ] || read -r personality </proc/self/personality
case ${personality-} in *[4567cdef]????) same_addresses="/usr/bin/setarch -R" ;; esac
systemctl reset-failed patchlab-install.service 2>/dev/null
# KillMode: what a package's script leaves running lives on, as after apt's own service and after apt by hand; it is the patch's doing
exec systemd-run --quiet --unit=patchlab-install --description="patchlab installs the patch" \
  --property=KillMode=process --property=StandardInput=null --property=StandardOutput=append:$dir/install.log --property=StandardError=append:$dir/install.log \
  --setenv=DEBIAN_FRONTEND=noninteractive --setenv=DEBCONF_NONINTERACTIVE_SEEN=true --setenv=LC_ALL=C.UTF-8 \
  --setenv=NEEDRESTART_MODE=l --setenv=UCF_FORCE_CONFFOLD=1 \
  --setenv=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --setenv=HOME=/root $same_addresses /bin/sh $dir/install.sh
