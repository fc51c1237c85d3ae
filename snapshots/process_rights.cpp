// SPDX-License-Identifier: Apache-2.0
#include "snapshots/process_rights.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace patchlab::snapshots {
namespace {

constexpr std::string_view root = "root ";
constexpr std::string_view terms = ": terms";

bool is_about_terms(std::string_view subject) { return subject.ends_with(terms); }

struct Rights {
    std::uint64_t capabilities = 0;
    bool may_gain = true;      ///< by a setuid program, say
    bool is_filtered = false;  ///< its system calls
};

/// Of all the processes that a fact speaks of: "open files 4096, capabilities 3f | nice 5"; what is
/// usual is not written.
Rights rights_in(const std::string& subject, const std::optional<std::string>& text) {
    constexpr std::string_view mark = "capabilities ";
    const std::uint64_t usual = subject.starts_with(root) ? ~std::uint64_t{0} : 0;
    Rights all{0, false, true};
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    while (true) {
        const std::string_view one = rest.substr(0, rest.find(" | "));
        std::uint64_t capabilities = usual;
        if (const std::size_t at = one.find(mark); at != std::string_view::npos)
            std::from_chars(one.data() + at + mark.size(), one.data() + one.size(), capabilities,
                            16);
        all.capabilities |= capabilities;
        all.may_gain = all.may_gain || one.find("no new privileges") == std::string_view::npos;
        all.is_filtered =
            all.is_filtered && one.find("system calls filtered") != std::string_view::npos;
        if (one.size() == rest.size()) return all;
        rest.remove_prefix(one.size() + 3);
    }
}

}  // namespace

ProcessContext process_context(const std::vector<Change>& changes) {
    ProcessContext context;
    for (const Change& change : changes) {
        if (change.cls != ChangeClass::process || is_about_terms(change.subject)) continue;
        if (change.kind == ChangeKind::added) context.started.insert(change.subject);
        if (change.kind == ChangeKind::removed) context.ended.insert(change.subject);
    }
    return context;
}

std::string_view process_of(std::string_view subject) {
    return is_about_terms(subject) ? subject.substr(0, subject.size() - terms.size()) : subject;
}

bool is_roots_of(std::string_view roots, std::string_view others) {
    return roots.starts_with(root) && !others.starts_with(root) &&
           others.substr(others.find(' ') + 1) == roots.substr(root.size());
}

bool gained_rights(const Change& change, const ProcessContext& context) {
    if (change.kind == ChangeKind::unreadable) return false;
    if (!is_about_terms(change.subject))
        return change.kind != ChangeKind::removed &&
               std::any_of(
                   context.ended.begin(), context.ended.end(),
                   [&](const std::string& other) { return is_roots_of(change.subject, other); });
    const std::string process(process_of(change.subject));
    if (context.ended.contains(process) || context.started.contains(process)) return false;
    const Rights before = rights_in(change.subject, change.before);
    const Rights after = rights_in(change.subject, change.after);
    return (after.capabilities & ~before.capabilities) != 0 ||
           (after.may_gain && !before.may_gain) || (before.is_filtered && !after.is_filtered);
}

}  // namespace patchlab::snapshots
