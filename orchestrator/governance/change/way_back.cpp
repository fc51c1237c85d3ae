// SPDX-License-Identifier: Apache-2.0
//
// The commands that put the exact old versions back. They will be pasted into a root shell at
// night, so a name or version that is not plain never becomes one.
#include <algorithm>
#include <set>

#include "orchestrator/families/package_family.hpp"
#include "orchestrator/governance/change/parts.hpp"

namespace patchlab::governance {

namespace {

bool is_plain_word(const std::string& word) {
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view(".+~:_-").find(c) != std::string_view::npos;
    };
    return !word.empty() && word.front() != '-' && word.size() <= 200 &&
           std::all_of(word.begin(), word.end(), plain);
}

/// The family of all patches of the run; nullptr when they are of several.
const families::PackageFamily* family_of(const ChangeDocument& document) {
    const auto& patches = document.run().patches;
    if (patches.empty()) return nullptr;
    const bool same = std::all_of(patches.begin(), patches.end(), [&](const auto& patch) {
        return patch.kind == patches.front().kind;
    });
    return same ? families::find_family(patches.front().kind) : nullptr;
}

/// Every word of the commands is plain, and each package has one old version, so that they hold for
/// every host.
bool can_be_typed(const ChangeDocument& document) {
    return std::all_of(document.packages.begin(), document.packages.end(),
                       [](const ChangePackage& package) {
                           return is_plain_word(package.name) && package.from.size() <= 1 &&
                                  (package.from.empty() || is_plain_word(package.from.front()));
                       });
}

}  // namespace

void write_way_back(ChangeDocument& document) {
    if (document.packages.empty() || !can_be_typed(document)) return;
    const families::PackageFamily* const family = family_of(document);
    if (!family) return;
    std::vector<families::ExactPackage> back;
    std::vector<std::string> gone, names;
    for (const ChangePackage& package : document.packages) {
        names.push_back(package.name);
        if (package.from.empty()) gone.push_back(package.name);
        else back.push_back({package.name, package.from.front()});
    }
    document.back = family->backout_commands(back, gone);
    if (document.reboot) document.back.emplace_back("systemctl reboot");
    std::string services;
    for (const std::string& service : document.services)
        if (is_plain_word(service)) services += " " + service;
    if (!document.reboot && !services.empty())
        document.back.push_back("systemctl restart" + services);
    document.back.push_back(family->list_command(names));
}

}  // namespace patchlab::governance
