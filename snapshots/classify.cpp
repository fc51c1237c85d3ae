// SPDX-License-Identifier: Apache-2.0
//
// find_changes(): the plain difference of two moments, each change in the class that says most
// about it.
#include <algorithm>
#include <utility>

#include "snapshots/compare.hpp"
#include "snapshots/paths.hpp"

namespace patchlab::snapshots {
namespace {

using Facts = std::map<std::string, std::string>;

/// Pools of workers breathe; only a population that grows or shrinks out of all proportion is a
/// change.
bool same_population(const ProcessCount& before, const ProcessCount& after) {
    const long low = std::min(before.count, after.count);
    const long high = std::max(before.count, after.count);
    return low > 0 && high < 2 * low + 8;
}

/// Root runs a program that another user ran before, and runs no more: root took its processes
/// over, however many they are.
bool took_over(const Subject& subject, const Facts& before, const Facts& after) {
    const auto* roots = std::get_if<ProcessName>(&subject);
    return roots != nullptr && std::any_of(before.begin(), before.end(), [&](const auto& fact) {
               const Subject known = fact_subject(ChangeClass::process, fact.first, fact.second);
               const auto* others = std::get_if<ProcessName>(&known);
               return others != nullptr && is_roots_of(*roots, *others) &&
                      !after.contains(fact.first);
           });
}

/// A unit that nothing enables was started on demand or by its timer (its processes and ports are
/// facts of their own). One that ends or fails is a change.
bool started_on_demand(const UnitState& before, const UnitState& after) {
    return before.enabled == "static" && before.active == "inactive" && after.enabled == "static" &&
           before.starts == after.starts &&
           (after.active == "active" || after.active == "activating" ||
            after.active == "deactivating");
}

bool holds_as_much(const LogExtent& before, const LogExtent& after) {
    return after.entries >= before.entries && after.since <= before.since;
}

bool runs(const Capture& capture, const std::string& unit) {
    const auto units = capture.facts.find(ChangeClass::unit);
    if (units == capture.facts.end()) return true;  // not known
    const auto fact = units->second.find(unit);
    return fact != units->second.end() && fact->second.ends_with("/active");
}

/// Both captures of a machine, and where the difference goes.
struct FactComparison {
    const std::string& machine;
    ChangeClass cls;
    const Capture& first;
    const Capture& second;
    std::vector<Change>& out;
    const Facts& before = first.facts.at(cls);
    const Facts& after = second.facts.at(cls);

    /// `before` or `after` is null when the fact is not there on that side.
    void add(const std::string& subject, ChangeKind kind, const std::string* then,
             const std::string* now) {
        Change change;
        change.machine = machine;
        change.cls = cls;
        change.subject = subject;
        change.about = fact_subject(cls, subject, then != nullptr ? *then : *now);
        change.kind = kind;
        change.across_boots = first.boot_id != second.boot_id;
        if (then != nullptr) change.before = fact_state(cls, change.about, *then);
        if (now != nullptr) change.after = fact_state(cls, change.about, *now);
        if (!is_same(change)) out.push_back(std::move(change));
    }

    /// What nobody is told: a log that is new, the environment of a service that does not run.
    bool says_nothing(const Change& change) const {
        if (cls == ChangeClass::log) return change.kind == ChangeKind::added;
        const auto* variable = std::get_if<ServiceVariable>(&change.about);
        return variable != nullptr && change.kind == ChangeKind::removed &&
               !runs(second, variable->unit);
    }

    bool is_same(const Change& change) const {
        if (says_nothing(change)) return true;
        if (change.kind != ChangeKind::changed) return false;
        const auto* log_before = state_as<LogExtent>(change.before);
        const auto* log_after = state_as<LogExtent>(change.after);
        if (log_before != nullptr && log_after != nullptr)
            return holds_as_much(*log_before, *log_after);
        const auto* unit_before = state_as<UnitState>(change.before);
        const auto* unit_after = state_as<UnitState>(change.after);
        if (cls == ChangeClass::unit && unit_before != nullptr && unit_after != nullptr)
            return started_on_demand(*unit_before, *unit_after);
        const auto* count_before = state_as<ProcessCount>(change.before);
        const auto* count_after = state_as<ProcessCount>(change.after);
        if (count_before == nullptr || count_after == nullptr) return false;
        const bool more = count_after->count > count_before->count;
        return same_population(*count_before, *count_after) &&
               !(more && took_over(change.about, before, after));
    }
};

void compare_facts(const std::string& machine, ChangeClass cls, const Capture& first,
                   const Capture& second, std::vector<Change>& out) {
    FactComparison comparison{machine, cls, first, second, out};
    const Facts& before = comparison.before;
    const Facts& after = comparison.after;
    for (const auto& [subject, value] : before) {
        const auto now = after.find(subject);
        if (now == after.end()) comparison.add(subject, ChangeKind::removed, &value, nullptr);
        else if (now->second != value)
            comparison.add(subject, ChangeKind::changed, &value, &now->second);
    }
    for (const auto& [subject, value] : after) {
        if (!before.contains(subject)) comparison.add(subject, ChangeKind::added, nullptr, &value);
    }
}

/// Why a class of a capture says nothing, or nullopt when it was read.
std::optional<std::string> why_unreadable(const Capture& capture, ChangeClass cls) {
    if (const auto reason = capture.unreadable.find(cls); reason != capture.unreadable.end())
        return reason->second;
    if (!capture.facts.contains(cls)) return "it was not captured";
    return std::nullopt;
}

void compare_captures(const std::string& machine, const Capture& before, const Capture& after,
                      std::vector<Change>& out) {
    for (const ChangeClass cls : live_classes()) {
        const auto then = why_unreadable(before, cls);
        const auto now = why_unreadable(after, cls);
        if (!then && !now) {
            compare_facts(machine, cls, before, after, out);
            continue;
        }
        Change change;
        change.machine = machine;
        change.cls = cls;
        change.subject = "(everything)";
        change.kind = ChangeKind::unreadable;
        if (then) change.before = Unreadable{*then};
        if (now) change.after = Unreadable{*now};
        change.why = now ? *now : *then;
        out.push_back(std::move(change));
    }
}

bool has_set_id(const std::optional<disk::FileState>& state) {
    return state && state->type == 'f' && (state->mode & 06000U) != 0;
}

bool has_capability(const std::optional<disk::FileState>& state) {
    return state && state->xattrs.contains("security.capability");
}

ChangeClass class_of(const disk::FileChange& file) {
    if (has_set_id(file.before) || has_set_id(file.after)) return ChangeClass::setuid;
    if (has_capability(file.before) || has_capability(file.after)) return ChangeClass::capability;
    // A folder in a telling place tells nothing by itself.
    const auto& state = file.after ? file.after : file.before;
    if (state && state->type == 'd') return ChangeClass::file;
    return class_of_path(file.path);
}

void compare_files(const std::string& machine, const disk::OverlayComparison& files,
                   std::vector<Change>& out) {
    for (const disk::FileChange& file : files.changes) {
        Change change;
        change.machine = machine;
        change.cls = class_of(file);
        change.subject = file.path;
        change.about = DiskFile{};
        if (file.before) change.before = file_state(*file.before);
        if (file.after) change.after = file_state(*file.after);
        change.rewritten = file.rewritten;
        switch (file.kind) {
            case disk::FileChangeKind::added: change.kind = ChangeKind::added; break;
            case disk::FileChangeKind::removed: change.kind = ChangeKind::removed; break;
            case disk::FileChangeKind::changed: change.kind = ChangeKind::changed; break;
            case disk::FileChangeKind::unreadable:
                change.kind = ChangeKind::unreadable;
                change.why = file.note;
                break;
        }
        // Only names in it, its times or its number of links differ: those names are listed
        // themselves.
        if (change.kind == ChangeKind::changed && change.before == change.after) continue;
        out.push_back(std::move(change));
    }
}

}  // namespace

std::vector<Change> find_changes(const std::string& machine, const Observation& observation) {
    std::vector<Change> changes;
    compare_captures(machine, observation.before, observation.after, changes);
    compare_files(machine, observation.files, changes);
    return changes;
}

}  // namespace patchlab::snapshots
