# SPDX-License-Identifier: Apache-2.0
# enter.sh ROOT JOBS, as root of a user namespace with mounts of its own: converts the packages of the
# system in ROOT, gives it to rpm, and makes the repository of its updates. The system's own tools do
# it, in ROOT/.patchlab; what they need of /dev is there and goes with the namespace.
set -eu
root=$1 jobs=$2
work=$root/.patchlab
mount -t tmpfs -o mode=0755 none "$root/dev"
for device in null zero random urandom; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir -p "$work/rpms" "$work/updates-rpms"
chroot "$root" perl /.patchlab/convert.pl /.patchlab "$jobs"

# A key of this repository alone, which nobody has afterwards: what is there now is all that it vouches
# for. In a place of a short name, since the agent of gpg makes sockets there.
mount -t tmpfs -o mode=0700 none /mnt
export GNUPGHOME=/mnt
key='Synthetic EL updates'
gpg --batch --quiet --passphrase '' --quick-generate-key "$key" ed25519 sign never
# xargs: there may be no update at all
find "$work/updates-rpms" -name '*.rpm' -print0 |
    xargs -0 -r rpmsign --define "__gpg $(command -v gpg)" --define "_gpg_name $key" --addsign >/dev/null
createrepo_c --quiet --no-database "$work/updates-rpms"
modifyrepo_c --mdtype=updateinfo "$work/updateinfo.xml" "$work/updates-rpms/repodata" >/dev/null
gpg --batch --quiet --armor --detach-sign "$work/updates-rpms/repodata/repomd.xml"
gpg --batch --quiet --armor --export >"$work/updates-rpms/RPM-GPG-KEY-synthetic"
gpgconf --kill all

chroot "$root" sh /.patchlab/take_over.sh /.patchlab
