// SPDX-License-Identifier: Apache-2.0
//
// find_changes(): the plain difference of two moments, each change in the class that says most
// about it.
#include <algorithm>
#include <charconv>
#include <utility>

#include "snapshots/compare.hpp"
#include "snapshots/file_text.hpp"
#include "snapshots/process_rights.hpp"

namespace patchlab::snapshots {
namespace {

using Facts = std::map<std::string, std::string>;

long count_of(const std::string& text) {
    long value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Pools of workers breathe; only a population that grows or shrinks out of all proportion is a
/// change.
bool same_population(const std::string& before, const std::string& after) {
    const long low = std::min(count_of(before), count_of(after));
    const long high = std::max(count_of(before), count_of(after));
    return low > 0 && high < 2 * low + 8;
}

/// "root /usr/sbin/x" where "www-data /usr/sbin/x" ran before, and runs no more: root took its
/// processes over, however many they are.
bool took_over(const std::string& subject, const Facts& before, const Facts& after) {
    return std::any_of(before.begin(), before.end(), [&](const auto& fact) {
        return is_roots_of(subject, fact.first) && !after.contains(fact.first);
    });
}

/// A unit that nothing enables was started on demand or by its timer (its processes and ports are
/// facts of their own). One that ends or fails is a change.
bool started_on_demand(const std::string& before, const std::string& after) {
    return before == "static/inactive" &&
           (after == "static/active" || after == "static/activating" ||
            after == "static/deactivating");
}

bool is_same(ChangeClass cls, const std::string& before, const std::string& after) {
    if (before == after) return true;
    if (cls == ChangeClass::process) return same_population(before, after);
    return cls == ChangeClass::unit && started_on_demand(before, after);
}

void compare_facts(const std::string& machine, ChangeClass cls, const Facts& before,
                   const Facts& after, std::vector<Change>& out) {
    for (const auto& [subject, value] : before) {
        const auto now = after.find(subject);
        if (now == after.end()) {
            out.push_back({machine, cls, subject, ChangeKind::removed, value, std::nullopt});
        } else if (!is_same(cls, value, now->second) ||
                   (cls == ChangeClass::process && count_of(now->second) > count_of(value) &&
                    took_over(subject, before, after))) {
            out.push_back({machine, cls, subject, ChangeKind::changed, value, now->second});
        }
    }
    for (const auto& [subject, value] : after) {
        if (!before.contains(subject))
            out.push_back({machine, cls, subject, ChangeKind::added, std::nullopt, value});
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
            compare_facts(machine, cls, before.facts.at(cls), after.facts.at(cls), out);
            continue;
        }
        Change change{machine,      cls,         "(everything)", ChangeKind::unreadable,
                      std::nullopt, std::nullopt};
        if (then) change.before = "unreadable: " + *then;
        if (now) change.after = "unreadable: " + *now;
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
        if (file.before) change.before = describe(*file.before);
        if (file.after) change.after = describe(*file.after);
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
