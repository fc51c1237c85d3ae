// SPDX-License-Identifier: Apache-2.0
//
// gained_rights(): an exploit of a service reaches further, whoever shipped the change.
#include <algorithm>
#include <charconv>
#include <cstdint>

#include "snapshots/attribute_parts.hpp"

namespace patchlab::snapshots {
namespace {

struct Rights {
    std::uint64_t capabilities = 0;
    bool may_gain = true;      ///< by a setuid program, say
    bool is_filtered = false;  ///< its system calls
};

bool contains(const std::vector<std::string>& terms, std::string_view term) {
    return std::find(terms.begin(), terms.end(), term) != terms.end();
}

/// "capabilities 3f"; what is usual is not written.
std::uint64_t capabilities_of(const std::vector<std::string>& terms, std::uint64_t usual) {
    constexpr std::string_view mark = "capabilities ";
    for (const std::string& term : terms) {
        std::uint64_t value = 0;
        if (term.starts_with(mark) &&
            std::from_chars(term.data() + mark.size(), term.data() + term.size(), value, 16).ec ==
                std::errc())
            return value;
    }
    return usual;
}

/// The most that any of the processes may.
Rights rights_of(const ProcessName& process, const std::optional<State>& state) {
    const std::uint64_t usual = process.is_roots() ? ~std::uint64_t{0} : 0;
    const auto* terms = state_as<ProcessTerms>(state);
    if (terms == nullptr) return {usual, true, false};
    Rights all{0, false, true};
    for (const auto& group : terms->groups) {
        all.capabilities |= capabilities_of(group, usual);
        all.may_gain = all.may_gain || !contains(group, "no new privileges");
        all.is_filtered = all.is_filtered && contains(group, "system calls filtered");
    }
    return all;
}

/// A program that root runs now, and that another user does not run any more.
bool is_taken_over(const ProcessName& process, const ProcessContext& context) {
    return std::any_of(context.ended.begin(), context.ended.end(),
                       [&](const ProcessName& other) { return is_roots_of(process, other); });
}

}  // namespace

ProcessContext process_context(const std::vector<Change>& changes) {
    ProcessContext context;
    for (const Change& change : changes) {
        const auto* process = std::get_if<ProcessName>(&change.about);
        if (process == nullptr) continue;
        if (change.kind == ChangeKind::added) context.started.insert(*process);
        if (change.kind == ChangeKind::removed) context.ended.insert(*process);
    }
    return context;
}

bool gained_rights(const Change& change, const ProcessContext& context) {
    if (change.kind == ChangeKind::unreadable) return false;
    if (const auto* process = std::get_if<ProcessName>(&change.about))
        return change.kind != ChangeKind::removed && is_taken_over(*process, context);
    const ProcessName* process = process_of(change.about);
    if (process == nullptr || context.ended.contains(*process) ||
        context.started.contains(*process))
        return false;
    const Rights before = rights_of(*process, change.before);
    const Rights after = rights_of(*process, change.after);
    return (after.capabilities & ~before.capabilities) != 0 ||
           (after.may_gain && !before.may_gain) || (before.is_filtered && !after.is_filtered);
}

}  // namespace patchlab::snapshots
