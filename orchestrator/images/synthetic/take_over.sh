# SPDX-License-Identifier: Apache-2.0
# take_over.sh FOLDER: gives a system of Debian, in whose root folder it runs, to rpm and dnf: what
# dpkg and apt brought goes, a release package says what the system is now, and the packages in
# FOLDER/rpms, which hold what is installed, are written down in RPM's database.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root
top=$1
dropped='apt dpkg libapt-pkg6.0 debian-archive-keyring'

# Their names stay: packages require them.
# shellcheck disable=SC2016,SC2086 # the names in braces are dpkg's; one word for each package
dpkg-query -W -f 'Provides: ${Package} = ${Version}\n' $dropped >"$top/provides"
# shellcheck disable=SC2086
for package in $dropped; do dpkg -L "$package"; done | sort -ur >"$top/dropped"
# Debian's database of alternatives has the form and, elsewhere, the place that others use.
mkdir -p /var/lib/alternatives
cp -p /var/lib/dpkg/alternatives/* /var/lib/alternatives/
while read -r path; do
    if [ -d "$path" ] && [ ! -L "$path" ]; then
        rmdir --ignore-fail-on-non-empty "$path" 2>/dev/null || :
    elif [ ! -d "$path" ]; then
        rm -f "$path"
    fi
done <"$top/dropped"
rm -rf /var/lib/dpkg /var/lib/apt /var/cache/apt /var/cache/debconf /etc/apt /etc/dpkg \
    /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /root/.rpmdb \
    /vmlinuz /vmlinuz.old /initrd.img /initrd.img.old /etc/debian_version

chmod 0555 /proc /sys
mkdir -p /etc/rpm /etc/yum.repos.d /etc/dnf/vars /etc/dnf/plugins/needs-restarting.d
printf '%s\n' '%_dbpath /var/lib/rpm' '%_db_backend sqlite' '%_pkgverify_level digest' \
    >/etc/rpm/macros
# Debian's rpm warns people off; here it is the system's own.
printf 'rpm\talias -U -U --force-debian\nrpm\talias -i -i --force-debian\n' >/etc/popt
printf 'rpm\talias -e -e --force-debian\n' >>/etc/popt
cat >/usr/lib/os-release <<'END'
NAME="Synthetic EL"
VERSION="9.0"
ID="synthetic-el"
ID_LIKE="rhel fedora"
VERSION_ID="9.0"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Synthetic EL 9.0"
END
ln -sfn ../usr/lib/os-release /etc/os-release
cat >/etc/dnf/dnf.conf <<'END'
[main]
gpgcheck=1
installonly_limit=3
clean_requirements_on_remove=True
best=True
skip_if_unavailable=False
module_platform_id=platform:el9
zchunk=False
END
printf '[main]\nenabled = 0\n' >/etc/dnf/plugins/local.conf
# `dnf needs-restarting -r` knows the names of other distributions only.
printf '%s\n' linux-image-cloud-amd64 libc6 systemd dbus libssl3 \
    >/etc/dnf/plugins/needs-restarting.d/synthetic.conf
cat >/etc/yum.repos.d/updates.repo <<'END'
[updates]
name=Updates
baseurl=file:///srv/updates
enabled=1
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-synthetic
skip_if_unavailable=1
END
mkdir -p /etc/pki/rpm-gpg
cp "$top/updates-rpms/RPM-GPG-KEY-synthetic" /etc/pki/rpm-gpg/

root=$top/work-release
mkdir -p "$root/root"
cat >"$root/files" <<'END'
/bin
/sbin
/lib
/lib64
/usr/lib/os-release
/etc/os-release
/usr/sbin/synthetic-boot-menu
%config(noreplace) /etc/rpm/macros
%config(noreplace) /etc/popt
%config(noreplace) /etc/dnf/dnf.conf
%config(noreplace) /etc/dnf/plugins/local.conf
%config(noreplace) /etc/dnf/plugins/needs-restarting.d/synthetic.conf
%config(noreplace) /etc/yum.repos.d/updates.repo
/etc/pki/rpm-gpg/RPM-GPG-KEY-synthetic
END
install -m 0755 "$top/boot_menu.sh" /usr/sbin/synthetic-boot-menu
sed 's/.* //; s,^/,,' "$root/files" | (cd / && xargs cp -a --parents -t "$root/root")
{
    cat <<'END'
Name: synthetic-el-release
Version: 9.0
Release: 1
Summary: What this system is
License: Apache-2.0
Vendor: synthetic-el
BuildArch: noarch
AutoReqProv: no
Provides: system-release = 9.0
Provides: system-release(releasever) = 9
Provides: redhat-release = 9.0
END
    cat "$top/provides"
    printf '%s\n' '%description' 'What this system is: the names that other packages ask for.' '%files'
    cat "$root/files"
} >"$root/package.spec"
rpmbuild -bb --quiet --noclean --buildroot "$root/root" --target noarch \
    --define "_topdir $root" --define "_rpmdir $root/rpms" --define '__os_install_post %{nil}' \
    --define '__check_files %{nil}' --define '_build_id_links none' \
    --define '_binary_payload w1.zstdio' --define '_buildhost synthetic' "$root/package.spec"
mv "$root"/rpms/*/*.rpm "$top/rpms/"
rm -rf "$root"

mkdir -p /var/lib/rpm
rpm -i --justdb --nodeps --noscripts --notriggers --nosignature --nodigest --noverify \
    --force-debian "$top"/rpms/*.rpm
rpm -qa --qf '%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{ARCH}\n' | sort \
    >"$top/packages"
rpmdb --exportdb >"$top/database"
# Whoever only reads leaves this behind.
[ -s /var/lib/rpm/rpmdb.sqlite-wal ] || rm -f /var/lib/rpm/rpmdb.sqlite-wal /var/lib/rpm/rpmdb.sqlite-shm
