// SPDX-License-Identifier: Apache-2.0
//
// explain_fact(): who in the patch explains that a live fact is other than it was.
#include "snapshots/attribute_parts.hpp"
#include "snapshots/file_text.hpp"

namespace patchlab::snapshots {
namespace {

using Answer = std::optional<Explanation>;

Answer explained(const PatchedPackage* package, std::string why) {
    if (package == nullptr) return std::nullopt;
    return Explanation{package, std::move(why)};
}

Answer explain_package(const Change& change, const PackageIndex& packages) {
    const auto* package =
        packages.by_name(std::string_view(change.subject).substr(0, change.subject.find(':')));
    if (package == nullptr) return std::nullopt;
    if (package->to.empty()) {
        const bool gone = !change.after || change.after->ends_with(" config-files");
        return gone ? explained(package, "removed by the patch") : std::nullopt;
    }
    // Another version than the patch's, or one that is not wholly installed, is not what was asked
    // for.
    if (change.after != package->to + " installed" &&
        change.after != package->to + " installed hold")
        return std::nullopt;
    return explained(package,
                     package->from.empty() ? "installed by the patch" : "updated by the patch");
}

Answer explain_unit(const Change& change, const PackageIndex& packages) {
    if (const auto* package = packages.owner_of_unit(change.subject))
        return explained(package, "a unit of " + package->name);
    if (is_root_check_moved(change)) {
        const auto* package = packages.satisfying(Need::ships, "/boot/vmlinuz-*");
        if (package == nullptr) package = packages.satisfying(Need::trigger, "update-initramfs");
        return explained(package,
                         "the first RAM disk was built anew, and whether it checks the root file "
                         "system decides whether systemd does");
    }
    return std::nullopt;
}

/// "www-data /usr/sbin/nginx", "root /usr/bin/python3.11 in x.service", and each with ": terms"
/// behind it
Answer explain_process(const Change& change, const PackageIndex& packages) {
    std::string_view program = process_of(change.subject);
    program.remove_prefix(program.find(' ') + 1);
    if (const std::size_t in = program.find(" in "); in != std::string_view::npos) {
        const auto* package = packages.owner_of_unit(program.substr(in + 4));
        return package == nullptr ? Answer()
                                  : explained(package, "a process of a unit of " + package->name);
    }
    const Ownership& owner = packages.owner(program);
    const auto* package = owner.now != nullptr ? owner.now : owner.before;
    return package == nullptr ? Answer() : explained(package, "a program of " + package->name);
}

/// "nginx", "python3.11 in x.service", several joined by ", ": every one must be the patch's.
Answer explain_port(const Change& change, const PackageIndex& packages) {
    std::string_view rest = change.after ? *change.after : *change.before;
    const PatchedPackage* package = nullptr;
    while (!rest.empty()) {
        const std::string_view owner = rest.substr(0, rest.find(", "));
        rest.remove_prefix(std::min(rest.size(), owner.size() + 2));
        const std::size_t in = owner.find(" in ");
        package =
            in == std::string_view::npos ? nullptr : packages.owner_of_unit(owner.substr(in + 4));
        if (package == nullptr) package = packages.owner_of_program(owner.substr(0, in));
        if (package == nullptr) return std::nullopt;
    }
    return package == nullptr ? Answer()
                              : explained(package, "opened by a program of " + package->name);
}

Answer explain_account(const Change& change, const PackageIndex& packages) {
    const std::string_view account =
        std::string_view(change.subject).substr(0, change.subject.find(' '));
    const auto* package = packages.script_naming(account);
    if (package != nullptr) {
        for (const std::string_view tool :
             {"adduser", "useradd", "addgroup", "groupadd", "usermod", "groupmod", "gpasswd",
              "chpasswd", "passwd", "deluser", "userdel", "delgroup", "groupdel", "chage",
              "systemd-sysusers"}) {
            if (names_word(package->maintainer_scripts, tool))
                return explained(package, "an account that the maintainer script of " +
                                              package->name + " names");
        }
    }
    package = packages.by_stem(account);
    if (change.kind != ChangeKind::added || package == nullptr ||
        packages.satisfying(Need::ships, "/usr/lib/sysusers.d/*") == nullptr)
        return std::nullopt;
    return explained(package, "an account of " + package->name + ", made by systemd-sysusers");
}

/// Of a fact that stands or falls with the file at `path`.
Answer explain_by_file(const Change& change, const std::string& path,
                       const PackageIndex& packages) {
    Change file = change;
    file.subject = path;
    const Ownership& owner = packages.owner(path);
    file.kind = change.kind == ChangeKind::added && owner.before == nullptr ? ChangeKind::added
                                                                            : ChangeKind::changed;
    file.before = file.after = "file mode=0644 owner=0:0";
    auto answer = explain_file(file, packages);
    if (!answer) {
        if (change.kind == ChangeKind::removed && owner.before != nullptr)
            answer = Explanation{owner.before, "no longer shipped by " + owner.before->name};
    }
    return answer;
}

/// "/usr/lib/x86_64-linux-gnu/libz.so.1", several with a space between: the first that was not
/// there on the other side tells.
Answer explain_library(const Change& change, const PackageIndex& packages) {
    const std::string& here = change.after ? *change.after : *change.before;
    const std::string there = change.after && change.before ? " " + *change.before + " " : "";
    for (std::size_t at = 0; at < here.size();) {
        const std::string path = here.substr(at, here.find(' ', at) - at);
        at += path.size() + 1;
        if (there.find(" " + path + " ") != std::string::npos) continue;
        Change appeared = change;
        if (change.kind == ChangeKind::changed)
            appeared.kind = ChangeKind::added;  // the path is new to the name
        return explain_by_file(appeared, path, packages);
    }
    return std::nullopt;
}

/// Facts that were read from a file: "/etc/cron.d/x: * * * * * root true".
Answer explain_line(const Change& change, const PackageIndex& packages) {
    const std::size_t cut = change.subject.find(": ");
    if (!change.subject.starts_with('/') || cut == std::string::npos) return std::nullopt;
    const std::string path = change.subject.substr(0, cut);
    if (change.cls == ChangeClass::alternative && change.subject.ends_with(": diversion")) {
        const std::string& value = change.after ? *change.after : *change.before;
        const auto* package =
            packages.by_name(std::string_view(value).substr(value.rfind(' ') + 1));
        return package == nullptr ? Answer()
                                  : explained(package, "a diversion of " + package->name);
    }
    return explain_by_file(change, path, packages);
}

const PatchedPackage* kernel_package(const PackageIndex& packages, const FactContext& context) {
    return context.new_kernel.empty() ? nullptr
                                      : packages.owner("/boot/vmlinuz-" + context.new_kernel).now;
}

Answer explain_sysctl(const Change& change, const PackageIndex& packages,
                      const FactContext& context) {
    if (const auto* package = packages.script_naming(change.subject))
        return explained(package, "set by the maintainer script of " + package->name);
    if (const auto* package = packages.satisfying(Need::ships, "*/sysctl.d/*"))
        return explained(package, package->name + " ships kernel settings");
    return explained(kernel_package(packages, context), "of the new kernel");
}

Answer explain_module(const Change& change, const PackageIndex& packages,
                      const FactContext& context) {
    if (const auto* package = packages.script_naming(change.subject))
        return explained(package, "named by the maintainer script of " + package->name);
    if (const auto* package = packages.satisfying(Need::ships, "*/modules-load.d/*"))
        return explained(package, package->name + " ships a list of modules to load");
    return explained(kernel_package(packages, context), "of the new kernel");
}

Answer explain_mount(const Change& change, const PackageIndex& packages) {
    // /var/lib/x → var-lib-x.mount
    std::string unit = change.subject.substr(1);
    for (char& c : unit) {
        if (c == '/') c = '-';
    }
    const auto* package = packages.owner_of_unit(unit + ".mount");
    return package == nullptr ? Answer() : explained(package, "a mount unit of " + package->name);
}

}  // namespace

std::optional<Explanation> explain_fact(const Change& change, const PackageIndex& packages,
                                        const FactContext& context) {
    switch (change.cls) {
        case ChangeClass::package: return explain_package(change, packages);
        case ChangeClass::unit:
        case ChangeClass::timer: return explain_unit(change, packages);
        case ChangeClass::process: return explain_process(change, packages);
        case ChangeClass::port: return explain_port(change, packages);
        case ChangeClass::user:
        case ChangeClass::group: return explain_account(change, packages);
        case ChangeClass::sysctl: return explain_sysctl(change, packages, context);
        case ChangeClass::module: return explain_module(change, packages, context);
        case ChangeClass::mount: return explain_mount(change, packages);
        case ChangeClass::kernel:
            if (change.subject == "command line") return std::nullopt;
            if (change.subject.starts_with("confined: ")) {
                const auto* package = change.kind == ChangeKind::added
                                          ? packages.satisfying(Need::ships, "/etc/apparmor.d/*")
                                          : nullptr;
                return package == nullptr ? Answer()
                                          : explained(package, package->name + " ships a profile");
            }
            return explained(kernel_package(packages, context), "the kernel of the patch runs");
        case ChangeClass::library: return explain_library(change, packages);
        case ChangeClass::sudo:
        case ChangeClass::ssh_key:
        case ChangeClass::cron:
        case ChangeClass::certificate:
        case ChangeClass::boot:
        case ChangeClass::apt_source:
        case ChangeClass::pam:
        case ChangeClass::preload:
        case ChangeClass::alternative: return explain_line(change, packages);
        case ChangeClass::firewall:
        case ChangeClass::network: return std::nullopt;
        case ChangeClass::file:
        case ChangeClass::setuid:
        case ChangeClass::capability: return std::nullopt;  // never facts
    }
    return std::nullopt;
}

}  // namespace patchlab::snapshots
