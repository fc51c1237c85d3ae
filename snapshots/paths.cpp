// SPDX-License-Identifier: Apache-2.0
#include "snapshots/paths.hpp"

#include <fnmatch.h>

namespace patchlab::snapshots {
namespace {

struct Place {
    const char* glob;
    ChangeClass cls;
};

/// First match wins. Paths are in their form under /usr.
constexpr Place places[] = {
    {"/etc/sudoers", ChangeClass::sudo},
    {"/etc/sudoers.d/*", ChangeClass::sudo},
    {"/etc/doas.conf", ChangeClass::sudo},
    {"/etc/polkit-1/rules.d/*", ChangeClass::sudo},
    {"/usr/share/polkit-1/rules.d/*", ChangeClass::sudo},
    {"/etc/ld.so.preload", ChangeClass::preload},
    {"*/.ssh/authorized_keys*", ChangeClass::ssh_key},
    {"/etc/ssh/authorized_keys*", ChangeClass::ssh_key},
    {"/etc/ssh/ssh_host_*key*", ChangeClass::ssh_key},
    {"/etc/crontab", ChangeClass::cron},
    {"/etc/anacrontab", ChangeClass::cron},
    {"/etc/cron.*/*", ChangeClass::cron},
    {"/var/spool/cron/crontabs/*", ChangeClass::cron},
    {"/var/spool/cron/atjobs/*", ChangeClass::cron},
    {"/etc/pam.d/*", ChangeClass::pam},
    {"/etc/pam.conf", ChangeClass::pam},
    {"/usr/lib/*/security/pam_*.so", ChangeClass::pam},
    {"/usr/lib/security/pam_*.so", ChangeClass::pam},
    {"/usr/lib64/security/pam_*.so", ChangeClass::pam},
    {"/etc/sysctl.conf", ChangeClass::sysctl},
    {"/etc/sysctl.d/*", ChangeClass::sysctl},
    {"/usr/lib/sysctl.d/*", ChangeClass::sysctl},
    {"/etc/modules", ChangeClass::module},
    {"/etc/modules-load.d/*", ChangeClass::module},
    {"/usr/lib/modules-load.d/*", ChangeClass::module},
    {"/etc/modprobe.d/*", ChangeClass::module},
    {"/usr/lib/modprobe.d/*", ChangeClass::module},
    {"/etc/fstab", ChangeClass::mount},
    {"/etc/systemd/system/*.mount", ChangeClass::mount},
    {"/usr/lib/systemd/system/*.mount", ChangeClass::mount},
    {"/etc/ssl/certs/*", ChangeClass::certificate},
    {"/etc/pki/ca-trust/*", ChangeClass::certificate},
    {"/etc/pki/tls/certs/*", ChangeClass::certificate},
    {"/etc/ca-certificates.conf", ChangeClass::certificate},
    {"/usr/share/ca-certificates/*", ChangeClass::certificate},
    {"/usr/local/share/ca-certificates/*", ChangeClass::certificate},
    {"/etc/apt/sources.list", ChangeClass::apt_source},
    {"/etc/apt/sources.list.d/*", ChangeClass::apt_source},
    {"/etc/apt/trusted.gpg*", ChangeClass::apt_source},
    {"/etc/apt/keyrings/*", ChangeClass::apt_source},
    {"/usr/share/keyrings/*", ChangeClass::apt_source},
    {"/etc/apt/preferences*", ChangeClass::apt_source},
    {"/etc/apt/auth.conf*", ChangeClass::apt_source},
    {"/etc/yum.repos.d/*", ChangeClass::apt_source},
    {"/etc/zypp/repos.d/*", ChangeClass::apt_source},
    {"/etc/dnf/vars/*", ChangeClass::apt_source},
    {"/etc/dnf/dnf.conf", ChangeClass::apt_source},
    {"/etc/pki/rpm-gpg/*", ChangeClass::apt_source},
    {"/etc/nftables.conf", ChangeClass::firewall},
    {"/etc/nftables.d/*", ChangeClass::firewall},
    {"/etc/iptables/*", ChangeClass::firewall},
    {"/etc/ufw/*", ChangeClass::firewall},
    {"/boot/*", ChangeClass::boot},
    {"/etc/default/grub*", ChangeClass::boot},
    {"/etc/grub.d/*", ChangeClass::boot},
    {"/etc/kernel/*", ChangeClass::boot},
    {"/vmlinuz*", ChangeClass::boot},
    {"/initrd.img*", ChangeClass::boot},
    {"/etc/systemd/system/*.timer", ChangeClass::timer},
    {"/etc/systemd/system/*.timer.d/*", ChangeClass::timer},
    {"/usr/lib/systemd/system/*.timer", ChangeClass::timer},
    {"/etc/systemd/user/*.timer", ChangeClass::timer},
    {"/usr/lib/systemd/user/*.timer", ChangeClass::timer},
    {"/etc/systemd/system/*", ChangeClass::unit},
    {"/etc/systemd/user/*", ChangeClass::unit},
    {"/usr/lib/systemd/system/*", ChangeClass::unit},
    {"/usr/lib/systemd/user/*", ChangeClass::unit},
    {"/usr/local/lib/systemd/*", ChangeClass::unit},
    {"/usr/lib/systemd/system-generators/*", ChangeClass::unit},
    {"/etc/systemd/system-generators/*", ChangeClass::unit},
    {"/etc/rc.local", ChangeClass::unit},
    {"/etc/init.d/*", ChangeClass::unit},
    {"/etc/rc?.d/*", ChangeClass::unit},
    {"/etc/alternatives/*", ChangeClass::alternative},
    {"/etc/passwd", ChangeClass::user},
    {"/etc/shadow", ChangeClass::user},
    {"/etc/subuid", ChangeClass::user},
    {"/etc/group", ChangeClass::group},
    {"/etc/gshadow", ChangeClass::group},
    {"/etc/subgid", ChangeClass::group},
};

}  // namespace

ChangeClass class_of_path(std::string_view path) {
    const std::string merged = merged_usr(path);
    for (const Place& place : places) {
        if (matches(place.glob, merged)) return place.cls;
    }
    return ChangeClass::file;
}

std::string merged_usr(std::string_view path) {
    for (const std::string_view top : {"/lib", "/bin", "/sbin", "/lib64", "/lib32", "/libx32"}) {
        if (path.starts_with(top) && (path.size() == top.size() || path[top.size()] == '/'))
            return "/usr" + std::string(path);
    }
    return std::string(path);
}

bool matches(std::string_view glob, std::string_view path) {
    return fnmatch(std::string(glob).c_str(), std::string(path).c_str(), 0) == 0;
}

bool is_below(std::string_view path, std::string_view folder) {
    return path.size() > folder.size() + 1 && path.starts_with(folder) &&
           path[folder.size()] == '/';
}

std::string_view rest_below(std::string_view path, std::string_view folder) {
    return path.substr(folder.size() + 1);
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos || slash == 0 ? std::string_view("/")
                                                         : path.substr(0, slash);
}

}  // namespace patchlab::snapshots
