// SPDX-License-Identifier: Apache-2.0
//
// explain_fact(): who in the patch explains that a live fact is other than it was.
#include <algorithm>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

using Answer = std::optional<Explanation>;

Answer explained(const PatchedPackage* package, std::string why) {
    if (package == nullptr) return std::nullopt;
    return Explanation{package, std::move(why)};
}

/// Removed by the patch: gone, or gone but for the configuration that the package manager keeps.
bool is_removed(const std::optional<State>& after) {
    const auto* state = state_as<PackageState>(after);
    return !after || (state != nullptr && state->status == PackageStatus::config_files &&
                      !state->hold && state->error.empty());
}

Answer explain_package(const Change& change, const PackageIndex& packages) {
    if (!marked_otherwise(change).empty()) return std::nullopt;
    const auto* name = std::get_if<PackageName>(&change.about);
    const auto* package = name == nullptr ? nullptr : packages.by_name(name->name);
    if (package == nullptr) return std::nullopt;
    if (package->to.empty())
        return is_removed(change.after) ? explained(package, "removed by the patch") : std::nullopt;
    // Another version than the patch's, or one that is not wholly installed, is not what was asked
    // for.
    const auto* after = state_as<PackageState>(change.after);
    if (after == nullptr || after->version != package->to ||
        after->status != PackageStatus::installed || !after->error.empty())
        return std::nullopt;
    return explained(package,
                     package->from.empty() ? "installed by the patch" : "updated by the patch");
}

/// "x.service (user)" → "x.service": a unit of the managers of users.
std::string_view unit_name(std::string_view told) {
    constexpr std::string_view mark = " (user)";
    if (told.ends_with(mark)) told.remove_suffix(mark.size());
    return told;
}

Answer explain_unit(const Change& change, const PackageIndex& packages,
                    const FactContext& context) {
    if (const auto* settings = std::get_if<SettingsOf>(&change.about))
        return explain_settings(settings->unit, packages, context);
    if (const auto* package = packages.owner_of_unit(unit_name(change.subject)))
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

/// The package of the patch whose unit gave every process its terms that has others than before:
/// who brings a unit, or a setting of it, answers for what its processes were given.
const PatchedPackage* giver_of_terms(const Change& change, const PackageIndex& packages) {
    const auto* before = state_as<ProcessTerms>(change.before);
    const auto* after = state_as<ProcessTerms>(change.after);
    const PatchedPackage* giver = nullptr;
    const auto answers_for = [&](const ProcessTerms* here, const ProcessTerms* there) {
        if (here == nullptr) return true;
        for (const auto& group : here->groups) {
            if (there != nullptr &&
                std::find(there->groups.begin(), there->groups.end(), group) != there->groups.end())
                continue;
            if (group == std::vector<std::string>{"usual"}) continue;
            constexpr std::string_view of = "of ";
            const auto* package = group.back().starts_with(of)
                                      ? packages.owner_of_unit(group.back().substr(of.size()))
                                      : nullptr;
            if (package == nullptr) return false;
            giver = package;
        }
        return true;
    };
    return answers_for(after, before) && answers_for(before, after) ? giver : nullptr;
}

Answer explain_variable(const ServiceVariable& variable, const PackageIndex& packages) {
    const auto* package = packages.owner_of_unit(variable.unit);
    return package == nullptr ? Answer() : explained(package, "a unit of " + package->name);
}

/// Of the processes of an interpreter the unit tells whose they are, else the program. Their terms
/// are those of the unit that starts them, when the patch changed these.
Answer explain_process(const Change& change, const PackageIndex& packages,
                       const FactContext& context) {
    if (const auto* variable = std::get_if<ServiceVariable>(&change.about))
        return explain_variable(*variable, packages);
    const auto* process = process_of(change.about);
    if (process == nullptr) return std::nullopt;
    if (const auto* giver = giver_of_terms(change, packages))
        return explained(giver, "given by a unit of " + giver->name);
    if (!process->unit.empty()) {
        const auto* package = packages.owner_of_unit(process->unit);
        return package == nullptr ? Answer()
                                  : explained(package, "a process of a unit of " + package->name);
    }
    const Ownership& owner = packages.owner(process->program);
    const auto* package = owner.package();
    if (package != nullptr) return explained(package, "a program of " + package->name);
    if (!std::holds_alternative<TermsOf>(change.about)) return std::nullopt;
    const auto unit = context.changed_programs.find(file_name(process->program));
    return unit == context.changed_programs.end() ? Answer() : unit->second;
}

/// Of several that have it open, every one must be the patch's.
Answer explain_port(const Change& change, const PackageIndex& packages) {
    const auto* port = state_as<PortState>(change.after ? change.after : change.before);
    if (port == nullptr) return std::nullopt;
    const PatchedPackage* package = nullptr;
    for (const PortOwner& owner : port->owners) {
        package = owner.unit.empty() ? nullptr : packages.owner_of_unit(owner.unit);
        if (package == nullptr) package = packages.owner_of_program(owner.program);
        if (package == nullptr) return std::nullopt;
    }
    return package == nullptr ? Answer()
                              : explained(package, "opened by a program of " + package->name);
}

Answer explain_account(const Change& change, const PackageIndex& packages) {
    const auto* about = std::get_if<AccountName>(&change.about);
    if (about == nullptr) return std::nullopt;
    const std::string& account = about->name;
    const auto* package = packages.declaring_account(account);
    if (package != nullptr)
        return explained(package,
                         "an account that a line in sysusers.d of " + package->name + " asks for");
    package = packages.script_naming(account);
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
    file.about = DiskFile{};
    const Ownership& owner = packages.owner(path);
    file.kind = change.kind == ChangeKind::added && owner.before == nullptr ? ChangeKind::added
                                                                            : ChangeKind::changed;
    file.before = file.after = FileState{FileType::file, 0644};
    auto answer = explain_file(file, packages);
    if (!answer) {
        if (change.kind == ChangeKind::removed && owner.before != nullptr)
            answer = Explanation{owner.before, "no longer shipped by " + owner.before->name};
    }
    return answer;
}

/// Of several files for one name, the first that was not there on the other side tells.
Answer explain_library(const Change& change, const PackageIndex& packages) {
    const auto* before = state_as<LibraryFiles>(change.before);
    const auto* after = state_as<LibraryFiles>(change.after);
    const auto* here = after != nullptr ? after : before;
    if (here == nullptr) return std::nullopt;
    const LibraryFiles there = after != nullptr && before != nullptr ? *before : LibraryFiles{};
    for (const std::string& path : here->paths) {
        if (std::find(there.paths.begin(), there.paths.end(), path) != there.paths.end()) continue;
        Change appeared = change;
        if (change.kind == ChangeKind::changed)
            appeared.kind = ChangeKind::added;  // the path is new to the name
        return explain_by_file(appeared, path, packages);
    }
    return std::nullopt;
}

/// What stands behind another file of its name, which was there before: the administrator's.
Answer explain_hidden(const Change& change, const PackageIndex& packages) {
    const auto* hidden = state_as<HiddenPrograms>(change.after ? change.after : change.before);
    if (hidden == nullptr) return std::nullopt;
    for (const std::string& path : hidden->paths) {
        const Ownership& owner = packages.owner(path);
        const auto* package = owner.package();
        if (package != nullptr)
            return explained(package, path + " of " + package->name + " is the one not taken");
    }
    return std::nullopt;
}

/// Facts that were read from a file.
Answer explain_line(const Change& change, const PackageIndex& packages) {
    const auto* fact = std::get_if<FileFact>(&change.about);
    if (fact == nullptr) return std::nullopt;
    const bool hides = state_as<HiddenPrograms>(change.after ? change.after : change.before);
    if (change.cls == ChangeClass::alternative && fact->line != "diversion" && !hides)
        return explain_registered(change, *fact, packages);
    const auto* diversion = state_as<DiversionState>(change.after ? change.after : change.before);
    if (diversion == nullptr) {
        if (auto answer = explain_by_file(change, fact->path, packages)) return answer;
        return explain_hidden(change, packages);
    }
    const auto* package = packages.by_name(diversion->package);
    return package == nullptr ? Answer() : explained(package, "a diversion of " + package->name);
}

const PatchedPackage* kernel_package(const PackageIndex& packages, const FactContext& context) {
    return context.new_kernel.empty() ? nullptr
                                      : packages.owner("/boot/vmlinuz-" + context.new_kernel).now;
}

/// Nodes that a kernel, a module or a rule of udev's makes.
Answer explain_device(const Change& change, const PackageIndex& packages,
                      const FactContext& context) {
    if (const auto* kernel = kernel_package(packages, context))
        return explained(kernel, "of the new kernel");
    const auto* fact = std::get_if<FileFact>(&change.about);
    const auto* package = fact == nullptr ? nullptr : packages.script_naming(fact->path);
    if (package != nullptr)
        return explained(package, "named by the maintainer script of " + package->name);
    package = packages.satisfying(Need::ships, "/usr/lib/udev/rules.d/*");
    return package == nullptr ? Answer() : explained(package, package->name + " ships udev rules");
}

Answer explain_kernel(const Change& change, const PackageIndex& packages,
                      const FactContext& context) {
    if (change.subject == "command line") return std::nullopt;
    if (std::holds_alternative<ConfinedProgram>(change.about)) {
        if (change.kind != ChangeKind::added) return std::nullopt;
        const auto* package = packages.satisfying(Need::ships, "/etc/apparmor.d/*");
        return package == nullptr ? Answer()
                                  : explained(package, package->name + " ships a profile");
    }
    const auto* part = std::get_if<KernelPart>(&change.about);
    if (part != nullptr && part->kind == "binary format") {
        for (const std::string_view place : {"/usr/lib/binfmt.d/*", "/usr/share/binfmts/*"})
            if (const auto* package = packages.satisfying(Need::ships, place))
                return explained(package, package->name + " registers a format of programs");
    }
    return explained(kernel_package(packages, context), "the kernel of the patch runs");
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
    if (std::holds_alternative<FileFact>(change.about)) return std::nullopt;  // swap
    // /var/lib/x → var-lib-x.mount
    std::string unit(rest_below(change.subject, ""));
    for (char& c : unit) {
        if (c == '/') c = '-';
    }
    const auto* package = packages.owner_of_unit(unit + ".mount");
    return package == nullptr ? Answer() : explained(package, "a mount unit of " + package->name);
}

}  // namespace

std::string marked_otherwise(const Change& change) {
    const auto* before = state_as<PackageState>(change.before);
    const auto* after = state_as<PackageState>(change.after);
    if (change.cls != ChangeClass::package || after == nullptr) return {};
    const PackageState earlier = before == nullptr ? PackageState() : *before;
    if (after->hold && !earlier.hold) return "it was put on hold: no later update would come to it";
    if (earlier.hold && !after->hold) return "it is no longer on hold, as its owner had put it";
    if (before != nullptr && after->automatic && !earlier.automatic)
        return "it was marked as automatically installed: the next autoremove may take it away";
    return {};
}

std::optional<Explanation> explain_fact(const Change& change, const PackageIndex& packages,
                                        const FactContext& context) {
    switch (change.cls) {
        case ChangeClass::package: return explain_package(change, packages);
        case ChangeClass::unit:
        case ChangeClass::timer: return explain_unit(change, packages, context);
        case ChangeClass::process: return explain_process(change, packages, context);
        case ChangeClass::port: return explain_port(change, packages);
        case ChangeClass::user:
        case ChangeClass::group: return explain_account(change, packages);
        case ChangeClass::sysctl: return explain_sysctl(change, packages, context);
        case ChangeClass::module: return explain_module(change, packages, context);
        case ChangeClass::mount: return explain_mount(change, packages);
        case ChangeClass::kernel: return explain_kernel(change, packages, context);
        case ChangeClass::device: return explain_device(change, packages, context);
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
        case ChangeClass::log:
        case ChangeClass::network: return std::nullopt;
        case ChangeClass::file:
        case ChangeClass::setuid:
        case ChangeClass::capability: return std::nullopt;  // never facts
    }
    return std::nullopt;
}

}  // namespace patchlab::snapshots
