// SPDX-License-Identifier: Apache-2.0
//
// gained_rights(): an exploit of a service reaches further, whoever shipped the change.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <sstream>

#include "snapshots/attribute_parts.hpp"

namespace patchlab::snapshots {
namespace {

struct Rights {
    std::uint64_t capabilities = 0;
    std::uint64_t at_most = ~std::uint64_t{0};  ///< that a program it starts may have
    bool may_gain = true;                       ///< by a setuid program, say
    bool is_filtered = false;                   ///< its system calls
    std::set<std::string> groups{};
    std::set<std::string> apart{};  ///< kinds of namespaces that are its own
};

bool contains(const std::vector<std::string>& terms, std::string_view term) {
    return std::find(terms.begin(), terms.end(), term) != terms.end();
}

/// "capabilities 3f"; what is usual is not written.
std::uint64_t capabilities_of(const std::vector<std::string>& terms, std::string_view mark,
                              std::uint64_t usual) {
    for (const std::string& term : terms) {
        if (!term.starts_with(mark)) continue;
        std::uint64_t value = 0;
        const char* const end = term.data() + term.size();
        const auto [rest, problem] = std::from_chars(term.data() + mark.size(), end, value, 16);
        if (problem == std::errc() && rest == end) return value;
    }
    return usual;
}

/// "groups adm ssl-cert"
std::set<std::string> words_of(const std::vector<std::string>& terms, std::string_view mark) {
    std::set<std::string> words;
    for (const std::string& term : terms) {
        if (!term.starts_with(mark)) continue;
        std::istringstream text(term.substr(mark.size()));
        for (std::string word; text >> word;) words.insert(word);
    }
    return words;
}

Rights rights_of(const std::vector<std::string>& terms, std::uint64_t usual) {
    return {capabilities_of(terms, "capabilities ", usual) |
                capabilities_of(terms, "capabilities it may take up ", 0) |
                capabilities_of(terms, "capabilities handed on ", 0),
            capabilities_of(terms, "capabilities at most ", ~std::uint64_t{0}),
            !contains(terms, "no new privileges"),
            contains(terms, "system calls filtered"),
            words_of(terms, "groups "),
            words_of(terms, "namespaces ")};
}

/// The first holds all of the second.
bool includes(const std::set<std::string>& all, const std::set<std::string>& some) {
    return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

/// The most that any of the processes may.
Rights rights_of(const ProcessName& process, const std::optional<State>& state) {
    const std::uint64_t usual = process.is_roots() ? ~std::uint64_t{0} : 0;
    const auto* terms = state_as<ProcessTerms>(state);
    if (terms == nullptr || terms->groups.empty()) return rights_of({}, usual);
    Rights all = rights_of(terms->groups.front(), usual);
    for (const auto& group : terms->groups) {
        Rights one = rights_of(group, usual);
        all.capabilities |= one.capabilities;
        all.at_most |= one.at_most;
        all.may_gain = all.may_gain || one.may_gain;
        all.is_filtered = all.is_filtered && one.is_filtered;
        all.groups.merge(one.groups);
        std::erase_if(all.apart,
                      [&](const std::string& kind) { return !one.apart.contains(kind); });
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
           (after.at_most & ~before.at_most) != 0 || (after.may_gain && !before.may_gain) ||
           (before.is_filtered && !after.is_filtered) || !includes(before.groups, after.groups) ||
           !includes(after.apart, before.apart);
}

}  // namespace patchlab::snapshots
