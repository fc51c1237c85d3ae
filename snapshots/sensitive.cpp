// SPDX-License-Identifier: Apache-2.0
//
// is_sensitive(): what is never waved through because a package ships it. Calm where an update
// merely carries on: the same setuid program at its new version, a unit whose text changed but not
// its state.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/file_text.hpp"

namespace patchlab::snapshots {
namespace {

struct UnitState {
    std::string_view enabled = "absent";
    std::string_view active = "inactive";
};

UnitState state_of(const std::optional<std::string>& text) {
    if (!text) return {};
    const std::string_view view = *text;
    const std::size_t slash = view.find('/');
    return slash == std::string_view::npos
               ? UnitState{}
               : UnitState{view.substr(0, slash), view.substr(slash + 1)};
}

bool starts_by_itself(std::string_view enabled) {
    return enabled.starts_with("enabled") || enabled == "generated" || enabled == "linked";
}

/// Enabled, disabled, masked or turned off. A unit that comes along unused is not.
bool unit_matters(const Change& change) {
    const UnitState before = state_of(change.before);
    const UnitState after = state_of(change.after);
    if (starts_by_itself(before.enabled) != starts_by_itself(after.enabled)) return true;
    if ((before.enabled.starts_with("masked")) != (after.enabled.starts_with("masked")))
        return true;
    if (is_root_check_moved(change)) return change.attribution.is_unexplained();
    if (before.active == "active" && after.active != "active") return true;
    if (after.active == "failed") return true;
    return change.cls == ChangeClass::timer && change.kind == ChangeKind::added &&
           after.active == "active";
}

/// The same package shipped the file before and ships it now, and its mode, owner and attributes
/// are as they were.
bool carries_on(const Change& change, const PackageIndex& packages) {
    if (change.kind != ChangeKind::changed || !change.before || !change.after) return false;
    const Ownership& owner = packages.owner(change.subject);
    return owner.now != nullptr && owner.before != nullptr &&
           owner.now->name == owner.before->name &&
           meaning(*change.before) == meaning(*change.after);
}

/// A link that enables a unit says what the unit's own state says, unless it masks.
bool unit_file_matters(const Change& change, const PackageIndex& packages) {
    if (change.kind == ChangeKind::removed) return change.attribution.is_unexplained();
    if (change.after && change.after->starts_with("symlink "))
        return change.after->ends_with("-> /dev/null");
    if (change.after && change.after->starts_with("directory ")) return false;
    const bool new_timer = change.cls == ChangeClass::timer && change.kind == ChangeKind::added;
    return new_timer ? change.attribution.is_unexplained()
                     : !carries_on(change, packages) && change.attribution.is_unexplained();
}

/// Sizes that the kernel derives from the memory it finds move a little with every kernel.
bool derived_from_memory(const Change& change) {
    if (!change.before || !change.after) return false;
    double before = 0;
    double after = 0;
    const auto read = [](const std::string& text, double& value) {
        return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
    };
    return read(*change.before, before) && read(*change.after, after) && before > 1000 &&
           std::abs(after - before) <= 0.03 * before;
}

bool sysctl_matters(const Change& change, const FactContext& context) {
    if (is_file_change(change) || context.new_kernel.empty()) return true;
    // crypto.fips_version and the like only repeat which kernel runs.
    if (change.after == context.new_kernel) return false;
    return change.kind == ChangeKind::changed && !derived_from_memory(change);
}

bool module_matters(const Change& change, const PackageIndex& packages,
                    const FactContext& context) {
    if (is_file_change(change) || context.new_kernel.empty()) return true;
    if (change.kind == ChangeKind::removed) return false;
    std::string glob = "/usr/lib/modules/" + context.new_kernel + "/kernel/*/";
    for (const char c : change.subject)
        glob += c == '_' || c == '-' ? std::string("[-_]") : std::string(1, c);
    return packages.satisfying(Need::ships, glob + ".ko*") == nullptr;
}

bool boot_matters(const Change& change) {
    // The files of a new kernel are what a kernel patch is; the arguments it is started with are
    // not.
    return !is_file_change(change) &&
           (change.subject.find(": kernel arguments: ") != std::string::npos ||
            change.subject.find("GRUB_CMDLINE") != std::string::npos);
}

/// Classes whose facts tell what is in force: an update of a shipped file that alters no fact is
/// only text.
bool text_matters(const Change& change, const PackageIndex& packages) {
    return !is_file_change(change) || !carries_on(change, packages);
}

bool port_matters(const Change& change) {
    // The number is new, or another program answers, or nobody does.
    return change.kind != ChangeKind::unreadable;
}

/// "auto -> /usr/bin/vim.tiny"; empty when it leads nowhere.
std::string_view program_of(const std::string& alternative) {
    const std::size_t arrow = alternative.find(" -> ");
    return arrow == std::string::npos ? std::string_view()
                                      : std::string_view(alternative).substr(arrow + 4);
}

/// "before /usr/bin/ls", "before /usr/bin/ls /bin/ls": programs of the same name that nobody finds
/// any more.
bool stands_before_anothers(const Change& change, const PackageIndex& packages) {
    std::string_view rest = change.after ? std::string_view(*change.after) : std::string_view();
    rest.remove_prefix(std::min(rest.size(), std::string_view("before ").size()));
    while (!rest.empty()) {
        const std::string_view path = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), path.size() + 1));
        const Ownership& owner = packages.owner(path);
        if (owner.now == nullptr && owner.before == nullptr) return true;
    }
    return false;
}

/// Another package's program answers to the name now, or another package's file was put aside.
bool alternative_matters(const Change& change, const PackageIndex& packages) {
    if (is_file_change(change)) return false;  // the fact tells
    if (change.subject.ends_with(": diversion")) return change.kind == ChangeKind::added;
    if (change.subject.ends_with(": program"))
        return change.kind != ChangeKind::removed && stands_before_anothers(change, packages);
    if (change.kind != ChangeKind::changed || !change.before || !change.after ||
        program_of(*change.before) == program_of(*change.after))
        return false;
    const PatchedPackage* before = packages.owner(program_of(*change.before)).before;
    return before == nullptr || before != packages.owner(program_of(*change.after)).now;
}

}  // namespace

bool is_root_check_moved(const Change& change) {
    if (change.cls != ChangeClass::unit || change.subject != "systemd-fsck-root.service" ||
        !change.before || !change.after)
        return false;
    const UnitState before = state_of(change.before);
    const UnitState after = state_of(change.after);
    return before.enabled == after.enabled && before.active != after.active &&
           after.active != "failed";
}

bool is_sensitive(const Change& change, const PackageIndex& packages, const FactContext& context) {
    if (reaches_beyond(change, packages, context)) return true;
    switch (change.cls) {
        case ChangeClass::port: return port_matters(change);
        case ChangeClass::setuid:
        case ChangeClass::capability:
            return change.kind == ChangeKind::removed ? change.attribution.is_unexplained()
                                                      : !carries_on(change, packages);
        case ChangeClass::user:
        case ChangeClass::group:
        case ChangeClass::ssh_key:
        case ChangeClass::firewall:
        case ChangeClass::network:
        case ChangeClass::certificate:
        case ChangeClass::apt_source:
        case ChangeClass::preload:
            return !(change.subject.starts_with("/usr/share/") && carries_on(change, packages));
        case ChangeClass::sudo:
        case ChangeClass::cron:
        case ChangeClass::pam: return text_matters(change, packages);
        case ChangeClass::sysctl: return sysctl_matters(change, context);
        case ChangeClass::module: return module_matters(change, packages, context);
        case ChangeClass::unit:
        case ChangeClass::timer:
            return is_file_change(change) ? unit_file_matters(change, packages)
                                          : unit_matters(change);
        // A new library is what updates bring; programs that get another file than before for the
        // same name are a matter of its own.
        case ChangeClass::library: return change.kind == ChangeKind::changed;
        case ChangeClass::kernel:
            return change.subject == "command line" ||
                   (change.subject.starts_with("confined: ") && change.kind != ChangeKind::added);
        case ChangeClass::boot: return boot_matters(change);
        case ChangeClass::package:
        case ChangeClass::file:
        case ChangeClass::mount: return false;
        case ChangeClass::process: return gained_rights(change, context.processes);
        case ChangeClass::alternative: return alternative_matters(change, packages);
    }
    return true;
}

}  // namespace patchlab::snapshots
