// SPDX-License-Identifier: Apache-2.0
//
// is_sensitive(): what is never waved through because a package ships it. Calm where an update
// merely carries on: the same setuid program at its new version, a unit whose text changed but not
// its state.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

UnitState unit_state(const std::optional<State>& state) {
    const auto* unit = state_as<UnitState>(state);
    return unit == nullptr ? UnitState{} : *unit;
}

/// Several timers of one description say several things at once: nothing is concluded from that.
bool is_unclear(const std::optional<State>& state) {
    return state && state_as<UnitState>(state) == nullptr;
}

/// Turned on, or pulled in by a link or a line of another unit; nothing that only exists, as a
/// switched-off script for which systemd makes a unit.
bool starts_by_itself(const UnitState& unit) {
    return unit.enabled.starts_with("enabled") || !unit.starts.empty();
}

/// Enabled, disabled, masked or turned off. A unit that comes along unused is not.
bool unit_matters(const Change& change) {
    if (std::holds_alternative<FileFact>(change.about)) return false;    // a setting for this boot
    if (std::holds_alternative<SettingsOf>(change.about)) return false;  // concern_of_fact() tells
    if (is_unclear(change.before) || is_unclear(change.after)) return true;
    const UnitState before = unit_state(change.before);
    const UnitState after = unit_state(change.after);
    if (starts_by_itself(before) != starts_by_itself(after)) return true;
    if (before.starts == "event" && after.starts == "boot") return true;
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
    const FileState* before = change.file_before();
    const FileState* after = change.file_after();
    if (change.kind != ChangeKind::changed || before == nullptr || after == nullptr) return false;
    const Ownership& owner = packages.owner(change.subject);
    return owner.now != nullptr && owner.before != nullptr &&
           owner.now->name == owner.before->name && same_attributes(*before, *after);
}

/// A link that enables a unit says what the unit's own state says, unless it masks.
bool unit_file_matters(const Change& change, const PackageIndex& packages) {
    if (change.kind == ChangeKind::removed) return change.attribution.is_unexplained();
    const FileState* after = change.file_after();
    if (after != nullptr && after->type == FileType::symlink) return after->leads_to == "/dev/null";
    if (after != nullptr && after->type == FileType::directory) return false;
    const bool new_timer = change.cls == ChangeClass::timer && change.kind == ChangeKind::added;
    return new_timer ? change.attribution.is_unexplained()
                     : !carries_on(change, packages) && change.attribution.is_unexplained();
}

/// Sizes that the kernel derives from the memory it finds move a little with every kernel.
bool derived_from_memory(const Change& change) {
    const auto* then = state_as<PlainState>(change.before);
    const auto* now = state_as<PlainState>(change.after);
    if (then == nullptr || now == nullptr) return false;
    double before = 0;
    double after = 0;
    const auto read = [](const std::string& text, double& value) {
        return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
    };
    return read(then->text, before) && read(now->text, after) && before > 1000 &&
           std::abs(after - before) <= 0.03 * before;
}

bool sysctl_matters(const Change& change, const FactContext& context) {
    if (change.is_of_file() || context.new_kernel.empty()) return true;
    // crypto.fips_version and the like only repeat which kernel runs.
    if (change.after == State(PlainState{context.new_kernel})) return false;
    return change.kind == ChangeKind::changed && !derived_from_memory(change);
}

bool module_matters(const Change& change, const PackageIndex& packages,
                    const FactContext& context) {
    if (change.is_of_file() || context.new_kernel.empty()) return true;
    if (change.kind == ChangeKind::removed) return false;
    std::string glob = "/usr/lib/modules/" + context.new_kernel + "/kernel/*/";
    for (const char c : change.subject)
        glob += c == '_' || c == '-' ? std::string("[-_]") : std::string(1, c);
    return packages.satisfying(Need::ships, glob + ".ko*") == nullptr;
}

/// The files of a new kernel are what a kernel patch is; the arguments it is started with are not.
bool boot_matters(const Change& change) {
    if (std::holds_alternative<FirmwareVariable>(change.about)) return true;
    const auto* fact = std::get_if<FileFact>(&change.about);
    return fact != nullptr && (fact->line.find("kernel arguments: ") != std::string::npos ||
                               fact->line.find("GRUB_CMDLINE") != std::string::npos);
}

/// Classes whose facts tell what is in force: an update of a shipped file that alters no fact is
/// only text.
bool text_matters(const Change& change, const PackageIndex& packages) {
    return !change.is_of_file() || !carries_on(change, packages);
}

bool port_matters(const Change& change) {
    if (change.kind == ChangeKind::unreadable) return false;
    // The number is new, or another program answers, or nobody does. Nobody reaches a new socket of
    // this machine's own from outside: it matters when it is not there any more, or for others.
    const auto* socket = std::get_if<SocketName>(&change.about);
    return socket == nullptr || !socket->is_unix || change.kind != ChangeKind::added;
}

/// A node that is new, other than it was, or gone for no reason.
bool device_matters(const Change& change, const FactContext& context) {
    if (change.is_of_file()) return false;  // told by itself
    if (change.kind == ChangeKind::removed) return change.attribution.is_unexplained();
    return context.new_kernel.empty() || change.kind != ChangeKind::added;
}

/// What a program is made of is found by these: who sets one decides what runs.
bool decides_what_runs(std::string_view variable) {
    constexpr std::string_view names[] = {
        "PATH",    "BASH_ENV",    "ENV",       "NODE_OPTIONS", "GCONV_PATH",
        "RUBYLIB", "RUBYOPT",     "CLASSPATH", "NODE_PATH",    "PROMPT_COMMAND",
        "IFS",     "HOSTALIASES", "LOCPATH",   "NLSPATH",      "_JAVA_OPTIONS"};
    constexpr std::string_view beginnings[] = {"LD_",  "PYTHON",   "PERL",    "JAVA_", "GLIBC_",
                                               "LUA_", "OPENSSL_", "MALLOC_", "PHP"};
    const auto begins = [&](std::string_view beginning) { return variable.starts_with(beginning); };
    return std::find(std::begin(names), std::end(names), variable) != std::end(names) ||
           std::any_of(std::begin(beginnings), std::end(beginnings), begins);
}

bool process_matters(const Change& change, const FactContext& context) {
    const auto* variable = std::get_if<ServiceVariable>(&change.about);
    if (variable != nullptr)
        return change.kind != ChangeKind::removed && decides_what_runs(variable->name);
    return gained_rights(change, context.processes);
}

/// The command line, what is no longer confined, and whatever was put into the running kernel. A
/// new one brings keys of its own.
bool kernel_matters(const Change& change, const FactContext& context) {
    if (change.subject == "command line") return true;
    if (std::holds_alternative<ConfinedProgram>(change.about))
        return change.kind != ChangeKind::added;
    const auto* part = std::get_if<KernelPart>(&change.about);
    return part != nullptr && (context.new_kernel.empty() || part->kind != "key");
}

/// Programs of the same name that nobody finds any more, and not all are the patch's.
bool stands_before_anothers(const Change& change, const PackageIndex& packages) {
    const auto* hidden = state_as<HiddenPrograms>(change.after);
    return hidden == nullptr ||
           std::any_of(hidden->paths.begin(), hidden->paths.end(), [&](const std::string& path) {
               const Ownership& owner = packages.owner(path);
               return owner.now == nullptr && owner.before == nullptr;
           });
}

/// Another package's program answers to the name now.
bool leads_to_anothers(const Change& change, const PackageIndex& packages) {
    const auto* before = state_as<AlternativeState>(change.before);
    const auto* after = state_as<AlternativeState>(change.after);
    if (before == nullptr || after == nullptr) return true;
    if (before->target == after->target) return false;
    const PatchedPackage* owner = packages.owner(before->target).before;
    return owner == nullptr || owner != packages.owner(after->target).now;
}

/// A file that is another package's, or nobody knows whose, was put aside or would be.
bool diverts_anothers(const Change& change, const std::string& path, const PackageIndex& packages,
                      const FactContext& context) {
    return change.kind != ChangeKind::removed && packages.owner(path).before == nullptr &&
           !context.new_diverted.contains(path);
}

/// "root acme 4755": whoever runs it gets rights, or everybody may write it.
bool override_gives_rights(const Change& change) {
    const auto* state = state_as<PlainState>(change.after);
    if (state == nullptr) return false;
    const std::string mode = state->text.substr(state->text.rfind(' ') + 1);
    unsigned bits = 0;
    const auto [end, problem] = std::from_chars(mode.data(), mode.data() + mode.size(), bits, 8);
    return problem != std::errc() || end != mode.data() + mode.size() || (bits & 06002U) != 0;
}

/// Another package's program answers to the name now, or another package's file was put aside.
bool alternative_matters(const Change& change, const PackageIndex& packages,
                         const FactContext& context) {
    const auto* fact = std::get_if<FileFact>(&change.about);
    if (fact == nullptr) return false;  // a file: the fact tells
    if (fact->line == "diversion") return diverts_anothers(change, fact->path, packages, context);
    if (fact->line == "mode override") return override_gives_rights(change);
    // which of them answers is a fact of its own
    if (fact->line.starts_with("candidate ")) return false;
    if (state_as<HiddenPrograms>(change.after ? change.after : change.before) != nullptr)
        return change.kind != ChangeKind::removed && stands_before_anothers(change, packages);
    return change.kind == ChangeKind::changed && leads_to_anothers(change, packages);
}

}  // namespace

bool is_root_check_moved(const Change& change) {
    if (change.cls != ChangeClass::unit || change.subject != "systemd-fsck-root.service" ||
        !change.before || !change.after)
        return false;
    const UnitState before = unit_state(change.before);
    const UnitState after = unit_state(change.after);
    return before.enabled == after.enabled && before.active != after.active &&
           after.active != "failed";
}

bool is_sensitive(const Change& change, const PackageIndex& packages, const FactContext& context) {
    if (reaches_beyond(change)) return true;
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
            return !(is_below(change.subject, "/usr/share") && carries_on(change, packages));
        case ChangeClass::sudo:
        case ChangeClass::cron:
        case ChangeClass::pam: return text_matters(change, packages);
        case ChangeClass::sysctl: return sysctl_matters(change, context);
        case ChangeClass::module: return module_matters(change, packages, context);
        case ChangeClass::unit:
        case ChangeClass::timer:
            return change.is_of_file() ? unit_file_matters(change, packages) : unit_matters(change);
        // A new library is what updates bring; programs that get another file than before for the
        // same name are a matter of its own.
        case ChangeClass::library: return change.kind == ChangeKind::changed;
        case ChangeClass::log: return true;
        case ChangeClass::device: return device_matters(change, context);
        case ChangeClass::kernel: return kernel_matters(change, context);
        case ChangeClass::boot: return boot_matters(change);
        case ChangeClass::package:
        case ChangeClass::file:
        case ChangeClass::mount: return false;
        case ChangeClass::process: return process_matters(change, context);
        case ChangeClass::alternative: return alternative_matters(change, packages, context);
    }
    return true;
}

}  // namespace patchlab::snapshots
