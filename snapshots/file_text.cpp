// SPDX-License-Identifier: Apache-2.0
#include "snapshots/file_text.hpp"

#include <fnmatch.h>

#include <array>
#include <charconv>
#include <cstdio>

namespace patchlab::snapshots {
namespace {

std::string octal(std::uint32_t mode) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
    return text.data();
}

std::string type_word(char type) {
    switch (type) {
        case 'f': return "file";
        case 'd': return "directory";
        case 'l': return "symlink";
        case 'c': return "character-device";
        case 'b': return "block-device";
        case 'p': return "fifo";
        case 's': return "socket";
        default: return "unknown";
    }
}

std::uint32_t mode_of(std::string_view description) {
    const std::size_t at = description.find(" mode=");
    if (at == std::string_view::npos) return 0;
    std::uint32_t mode = 0;
    for (const char c : description.substr(at + 6, 4)) {
        if (c < '0' || c > '7') return 0;
        mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
    }
    return mode;
}

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

std::string describe(const disk::FileState& state) {
    std::string text = type_word(state.type);
    if (state.type != 'l') text += " mode=" + octal(state.mode);
    text += " owner=" + std::to_string(state.uid) + ":" + std::to_string(state.gid);
    if (!state.flags.empty()) text += " flags=" + state.flags;
    for (const auto& [attribute, value] : state.xattrs) text += " " + attribute + "=" + value;
    if (state.type == 'f')
        return text + " size=" + std::to_string(state.size) + " sha256=" + state.content;
    if (state.type == 'l') return text + " -> " + state.content;
    if (!state.content.empty()) text += " " + state.content;
    return text;
}

std::string_view meaning(std::string_view description) {
    if (!is_regular_file(description)) return description;
    return description.substr(0, description.rfind(" size="));
}

std::optional<std::uint64_t> size_in(std::string_view description) {
    constexpr std::string_view mark = " size=";
    const std::size_t at =
        is_regular_file(description) ? description.rfind(mark) : std::string_view::npos;
    std::uint64_t size = 0;
    if (at == std::string_view::npos) return std::nullopt;
    const char* const digits = description.data() + at + mark.size();
    return std::from_chars(digits, description.data() + description.size(), size).ec == std::errc()
               ? std::optional(size)
               : std::nullopt;
}

std::string_view sha256_in(std::string_view description) {
    constexpr std::string_view mark = " sha256=";
    const std::size_t at =
        is_regular_file(description) ? description.rfind(mark) : std::string_view::npos;
    return at == std::string_view::npos ? std::string_view() : description.substr(at + mark.size());
}

bool is_regular_file(std::string_view description) { return description.starts_with("file "); }

bool is_executable(std::string_view description) {
    return is_regular_file(description) && (mode_of(description) & 0111U) != 0;
}

bool is_owned_by_root(std::string_view description) {
    return description.find(" owner=0:") != std::string_view::npos;
}

bool is_locked(std::string_view description) {
    return description.find(" flags=") != std::string_view::npos;
}

bool is_world_writable(std::string_view description) {
    const std::uint32_t mode = mode_of(description);
    const bool folder = description.starts_with("directory ") && (mode & 01000U) == 0;
    return (folder || is_regular_file(description)) && (mode & 0002U) != 0;
}

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

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos || slash == 0 ? std::string_view("/")
                                                         : path.substr(0, slash);
}

}  // namespace patchlab::snapshots
