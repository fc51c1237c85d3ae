// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/service_units.hpp"

#include <algorithm>

namespace patchlab::families {

namespace {

constexpr std::string_view unit_folders[] = {"/lib/systemd/system/", "/usr/lib/systemd/system/"};

bool says(std::string_view unit, std::string_view setting) {
    for (auto at = unit.find(setting); at != std::string_view::npos;
         at = unit.find(setting, at + 1))
        if (at == 0 || unit[at - 1] == '\n') return true;
    return false;
}

}  // namespace

bool is_unit_file(std::string_view path) {
    constexpr std::string_view ending = ".service";
    if (path.size() < ending.size() || path.substr(path.size() - ending.size()) != ending)
        return false;
    return std::any_of(std::begin(unit_folders), std::end(unit_folders),
                       [&](std::string_view folder) {
                           return path.substr(0, folder.size()) == folder &&
                                  path.find('/', folder.size()) == std::string_view::npos;
                       });
}

std::vector<std::string> service_units(const PackageContents& package) {
    std::vector<std::string> units;
    for (const auto& [path, text] : package.texts) {
        if (!is_unit_file(path)) continue;
        const std::string unit = path.substr(path.rfind('/') + 1);
        if (unit.find('@') != std::string::npos || says(text, "Type=oneshot") ||
            says(text, "RefuseManualStart=yes"))
            continue;
        units.push_back(unit);
    }
    return units;
}

}  // namespace patchlab::families
