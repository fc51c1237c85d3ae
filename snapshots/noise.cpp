// SPDX-License-Identifier: Apache-2.0
//
// subtract_noise(): what an unpatched control did by itself is not the patch's doing. A change is
// noise only when a control shows the same thing (class, kind, and subject or its shape) and what
// the change *means* (mode, owner, attributes, state) is the same in both. The exceptions are a
// database's own storage, written at moments of the server's choosing, and what the kernel sizes
// anew at each boot: no control can be relied on to show the very same.
#include <algorithm>
#include <map>
#include <tuple>

#include "snapshots/attribute_parts.hpp"
#include "snapshots/file_text.hpp"
#include "snapshots/kernel_sized.hpp"
#include "snapshots/loss.hpp"
#include "snapshots/rules.hpp"
#include "snapshots/shape.hpp"

namespace patchlab::snapshots {
namespace {

/// Where in the control a change is looked up: exact subjects, and shapes of names in places whose
/// names change by themselves.
using Key = std::tuple<std::string, ChangeClass, ChangeKind, std::string>;

Key key_of(const Change& change) {
    const bool by_shape = is_file_change(change) && change.cls == ChangeClass::file;
    return {change.machine, change.cls, change.kind,
            by_shape ? path_shape(change.subject) : change.subject};
}

bool same_meaning(const std::optional<std::string>& left, const std::optional<std::string>& right) {
    if (!left || !right) return !left && !right;
    return meaning(*left) == meaning(*right);
}

bool executable(const Change& change) {
    return (change.after && is_executable(*change.after)) ||
           (change.before && is_executable(*change.before));
}

/// Data that is lost or altered must not hide behind other data of the control with a like name;
/// logs, caches and temporary files may.
bool shape_suffices(const Change& change) {
    return change.kind == ChangeKind::added || !change.subject.starts_with("/var/lib/");
}

bool same_file_noise(const Change& change, const Change& control) {
    const bool exact = change.after == control.after;
    // Programs, and whatever lies where nothing changes by itself, are noise only when the control
    // ends with the very same file.
    if (executable(change) || executable(control) || !is_volatile_place(change.subject))
        return exact && change.subject == control.subject;
    if (!same_meaning(change.after, control.after)) return false;
    if (is_wiped_log(change) && !is_wiped_log(control)) return false;
    if (!shape_suffices(change) && change.subject != control.subject) return false;
    // Mode, owner and attributes must be altered in neither, or in both alike.
    return same_meaning(change.before, control.before);
}

bool same_fact_noise(const Change& change, const Change& control) {
    const auto shape_of = [](const std::optional<std::string>& text) {
        return text ? shape(*text) : std::string();
    };
    return shape_of(change.after) == shape_of(control.after);
}

bool is_noise(const Change& change, const Change& control) {
    if (is_sensitive_class(change.cls))
        return change.subject == control.subject && change.after == control.after;
    if (is_file_change(change)) return is_file_change(control) && same_file_noise(change, control);
    if (change.subject != control.subject) return false;
    const bool breathes = change.cls == ChangeClass::process || change.cls == ChangeClass::mount;
    return breathes ? same_fact_noise(change, control) : change.after == control.after;
}

/// Whatever it held before, also nothing or no file: a server's storage is never excused for being
/// empty.
bool is_empty_now(const Change& change) { return change.after && size_in(*change.after) == 0U; }

/// The server that wrote this file of its own storage by itself, or null. Mode, owner and
/// attributes must have stayed as they were.
const StorageRule* own_storage(const Change& change) {
    if (!is_file_change(change) || change.cls != ChangeClass::file || executable(change) ||
        is_empty_now(change))
        return nullptr;
    if (change.kind == ChangeKind::changed && !same_meaning(change.before, change.after))
        return nullptr;
    for (const StorageRule& rule : storage_rules()) {
        if (!matches(rule.glob, change.subject)) continue;
        if (change.kind == ChangeKind::changed || rule.passing) return &rule;
    }
    return nullptr;
}

}  // namespace

void subtract_noise(std::vector<Change>& changes,
                    const std::vector<std::vector<Change>>& controls) {
    std::multimap<Key, const Change*> seen;
    for (const auto& control : controls) {
        for (const Change& change : control) {
            if (change.kind != ChangeKind::unreadable) seen.emplace(key_of(change), &change);
        }
    }
    for (Change& change : changes) {
        if (change.kind == ChangeKind::unreadable) continue;  // unreadable never counts as the same
        const auto [first, last] = seen.equal_range(key_of(change));
        if (std::any_of(first, last,
                        [&](const auto& entry) { return is_noise(change, *entry.second); })) {
            change.attribution = Attribution::noise();
            change.why = "the unpatched control did the same";
            change.sensitive = false;
        } else if (const StorageRule* const rule = own_storage(change)) {
            change.attribution = Attribution::noise();
            change.why = "storage that the running server of " + std::string(rule->server) +
                         " writes by itself; its checks ask whether the data is right";
        } else if (sized_by_kernel(change)) {
            change.attribution = Attribution::noise();
            change.why =
                "the kernel sizes it by the memory that is free when it starts; it differs a "
                "little from boot to boot";
            change.sensitive = false;
        }
    }
}

}  // namespace patchlab::snapshots
