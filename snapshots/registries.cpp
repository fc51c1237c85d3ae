// SPDX-License-Identifier: Apache-2.0
#include "snapshots/registries.hpp"

namespace patchlab::snapshots {

const std::string* Registries::in(const std::map<std::string, Entries>& side,
                                  std::string_view registry, std::string_view subject) {
    const auto entries = side.find(std::string(registry));
    if (entries == side.end()) return nullptr;
    const auto found = entries->second.find(std::string(subject));
    return found == entries->second.end() ? nullptr : &found->second;
}

const Registries::Entries& Registries::all_before(std::string_view registry) const {
    static const Entries none;
    const auto found = before_.find(std::string(registry));
    return found == before_.end() ? none : found->second;
}

std::vector<std::string> said_by_all(std::string_view entry) {
    constexpr std::string_view mark = " | ";
    std::vector<std::string> parts;
    while (true) {
        const std::size_t at = entry.find(mark);
        parts.emplace_back(entry.substr(0, at));
        if (at == std::string_view::npos) return parts;
        entry.remove_prefix(at + mark.size());
    }
}

}  // namespace patchlab::snapshots
