// SPDX-License-Identifier: Apache-2.0
//
// subtract_noise(): what an unpatched control did by itself is not the patch's doing. A change is
// noise only when a control shows the same thing (class, kind, and subject or its fingerprint) and
// what the change *means* (mode, owner, attributes, state) is the same in both. The exceptions are
// a database's own storage, written at moments of the server's choosing, and what the kernel sizes
// anew at each boot: no control can be relied on to show the very same.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <sstream>
#include <tuple>

#include "platform/core/text.hpp"
#include "snapshots/attribute_parts.hpp"
#include "snapshots/fingerprint.hpp"
#include "snapshots/paths.hpp"
#include "snapshots/rules.hpp"

namespace patchlab::snapshots {
namespace {

/// Where in the control a change is looked up: exact subjects, and fingerprints of names in places
/// whose names change by themselves.
using Key = std::tuple<std::string, ChangeClass, ChangeKind, std::string>;

/// A port of the range from which the kernel gives numbers to who asks for none, without it: a
/// server that asks for none has another one after each start.
std::string without_given_number(const Change& change) {
    constexpr int first_given = 32768, last_given = 60999;
    const auto* socket = std::get_if<SocketName>(&change.about);
    if (socket == nullptr || socket->port < first_given || socket->port > last_given)
        return change.subject;
    return socket->place + "given";
}

Key key_of(const Change& change) {
    const bool by_fingerprint = change.is_of_file() && change.cls == ChangeClass::file;
    return {change.machine, change.cls, change.kind,
            by_fingerprint ? path_fingerprint(change.subject) : without_given_number(change)};
}

bool equal_attributes(const FileState* left, const FileState* right) {
    if (left == nullptr || right == nullptr) return left == right;
    return same_attributes(*left, *right);
}

bool executable(const Change& change) {
    const FileState* before = change.file_before();
    const FileState* after = change.file_after();
    return (after != nullptr && is_executable(*after)) ||
           (before != nullptr && is_executable(*before));
}

/// Data that is lost or altered must not hide behind other data of the control with a like name;
/// logs, caches and temporary files may.
bool like_name_suffices(const Change& change) {
    return change.kind == ChangeKind::added || !is_below(change.subject, "/var/lib");
}

bool same_file_noise(const Change& change, const Change& control) {
    const bool exact = change.after == control.after;
    // Programs, and whatever lies where nothing changes by itself, are noise only when the control
    // ends with the very same file.
    if (executable(change) || executable(control) || !is_volatile_place(change.subject))
        return exact && change.subject == control.subject;
    if (!equal_attributes(change.file_after(), control.file_after())) return false;
    if (is_wiped_log(change) && !is_wiped_log(control)) return false;
    if (!like_name_suffices(change) && change.subject != control.subject) return false;
    // Mode, owner and attributes must be altered in neither, or in both alike.
    return equal_attributes(change.file_before(), control.file_before());
}

bool same_fact_noise(const Change& change, const Change& control) {
    const auto fingerprint_of = [](const std::optional<State>& state) {
        return state ? fingerprint(to_text(*state)) : std::string();
    };
    return fingerprint_of(change.after) == fingerprint_of(control.after);
}

/// A log that lost something in the control, too, and no less.
bool same_loss(const Change& change, const Change& control) {
    const auto* here = state_as<LogExtent>(change.after);
    const auto* there = state_as<LogExtent>(control.after);
    if (here == nullptr || there == nullptr) return change.after == control.after;
    return there->entries <= here->entries && there->since >= here->since;
}

bool is_noise(const Change& change, const Change& control) {
    if (is_sensitive_class(change.cls)) {
        if (change.subject == control.subject) return change.after == control.after;
        return change.before == control.before && change.after == control.after &&
               without_given_number(change) == without_given_number(control);
    }
    if (change.is_of_file()) return control.is_of_file() && same_file_noise(change, control);
    if (change.subject != control.subject) return false;
    if (change.cls == ChangeClass::log) return same_loss(change, control);
    const bool breathes = change.cls == ChangeClass::process || change.cls == ChangeClass::mount;
    return breathes ? same_fact_noise(change, control) : change.after == control.after;
}

/// Whatever it held before, also nothing or no file: a server's storage is never excused for being
/// empty.
bool is_empty_now(const Change& change) {
    const FileState* after = change.file_after();
    return after != nullptr && is_empty_file(*after);
}

/// The server that wrote this file of its own storage by itself, or null. Mode, owner and
/// attributes must have stayed as they were.
const StorageRule* own_storage(const Change& change, const AttributionRules& rules) {
    if (!change.is_of_file() || change.cls != ChangeClass::file || executable(change) ||
        is_empty_now(change))
        return nullptr;
    if (change.kind == ChangeKind::changed &&
        !equal_attributes(change.file_before(), change.file_after()))
        return nullptr;
    for (const StorageRule& rule : rules.storage) {
        if (!matches(rule.glob, change.subject)) continue;
        if (change.kind == ChangeKind::changed || rule.passing) return &rule;
    }
    return nullptr;
}

constexpr double trace = 0.02;  ///< of the larger value; boots of one machine were seen to differ
                                ///< by less than a hundredth
constexpr double least_size = 1000;  ///< smaller numbers are somebody's choice

/// The numbers of a value such as "4605 6143 9210", or nullopt when it holds anything else.
std::optional<std::vector<double>> numbers(const std::string& text) {
    std::istringstream in(text);
    std::vector<double> values;
    double value = 0;
    while (in >> value) values.push_back(value);
    if (!in.eof() || values.empty()) return std::nullopt;
    return values;
}

/// By which part of itself a number moved that the kernel may have sized when it started, by the
/// memory that was free at that moment; nullopt for any other change. Several numbers move by the
/// most of them.
std::optional<double> drift(const Change& change) {
    const auto* then = state_as<PlainState>(change.before);
    const auto* now = state_as<PlainState>(change.after);
    if (change.cls != ChangeClass::sysctl || change.kind != ChangeKind::changed ||
        !change.across_boots || !std::holds_alternative<PlainSubject>(change.about) ||
        then == nullptr || now == nullptr)
        return std::nullopt;
    const auto before = numbers(then->text), after = numbers(now->text);
    if (!before || !after || before->size() != after->size()) return std::nullopt;
    double most = 0;
    for (std::size_t i = 0; i < before->size(); ++i) {
        const double a = (*before)[i], b = (*after)[i];
        if (a == b) continue;
        if (std::min(a, b) < least_size) return std::nullopt;
        most = std::max(most, std::abs(a - b) / std::max(a, b));
    }
    return most;
}

/// "net.ipv4.ip_forward" as "net/ipv4/ip_forward", which is the same setting.
std::string with_slashes(std::string name) {
    std::replace(name.begin(), name.end(), '.', '/');
    return name;
}

/// A line of a file in the language of sysctl.d, whose names may be patterns, sets what is called
/// `path` ("net/ipv4/ip_forward").
bool assigns(std::string_view text, const std::string& path) {
    for (const std::string_view line : split_lines(text)) {
        const std::string_view name = trimmed(line.substr(0, line.find('=')), " \t\r-");
        if (!name.empty() && matches(with_slashes(std::string(name)), path)) return true;
    }
    return false;
}

/// A file or a script of the patch says something of the setting.
bool is_configured(const std::string& name, const std::vector<Change>& changes,
                   const std::vector<PatchedPackage>& packages) {
    const std::string path = with_slashes(name);
    const auto names_it = [&](const std::string& text) {
        return text.find(name) != std::string::npos || text.find(path) != std::string::npos;
    };
    const auto says_something = [&](const PatchedPackage& package) {
        return names_it(package.maintainer_scripts) ||
               std::any_of(package.texts.begin(), package.texts.end(),
                           [&](const auto& file) { return assigns(file.second, path); });
    };
    return std::any_of(packages.begin(), packages.end(), says_something) ||
           std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
               const auto* fact = std::get_if<FileFact>(&change.about);
               return fact != nullptr && names_it(fact->line);
           });
}

/// Numbers that the kernel sizes by itself when it starts differ a little from boot to boot of the
/// very same machine. What control boots showed is the kernel's own to twice that degree; a larger
/// step is somebody's doing, and so is the smallest where somebody configures it.
bool sized_by_kernel(const Change& change, const std::vector<Change>& changes,
                     const std::vector<std::vector<Change>>& controls,
                     const std::vector<PatchedPackage>& packages) {
    const auto moved = drift(change);
    if (!moved) return false;
    double usual = trace;
    for (const auto& control : controls)
        for (const Change& other : control)
            if (other.machine == change.machine && other.subject == change.subject)
                usual = std::max(usual, 2 * drift(other).value_or(0));
    return *moved <= usual && !is_configured(change.subject, changes, packages);
}

}  // namespace

void subtract_noise(std::vector<Change>& changes, const std::vector<std::vector<Change>>& controls,
                    const AttributionRules& rules, const std::vector<PatchedPackage>& packages) {
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
        } else if (const StorageRule* const rule = own_storage(change, rules)) {
            change.attribution = Attribution::noise();
            change.why = "storage that the running server of " + rule->server +
                         " writes by itself; its checks ask whether the data is right";
        } else if (sized_by_kernel(change, changes, controls, packages)) {
            change.attribution = Attribution::noise();
            change.why =
                "the kernel sizes it by the memory that is free when it starts; it differs a "
                "little from boot to boot";
            change.sensitive = false;
        }
    }
}

}  // namespace patchlab::snapshots
