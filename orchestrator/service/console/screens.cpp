// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/console/screens.hpp"

#include "orchestrator/service/console/rows.hpp"

namespace patchlab::service::console {

namespace {

std::vector<Screen> all_screens() {
    std::vector<Screen> all;
    for (const auto& of_subject :
         {today_screens(), patch_screens(), run_screens(), change_screens(), compare_screens(),
          decision_screens(), lab_screens(), image_screens(), catalog_screens(), channel_screens(),
          rollout_screens(), host_screens(), cve_screens(), people_screens(), upkeep_screens(),
          management_screens(), session_screens(), search_screens(), rollout_start_screens()})
        all.insert(all.end(), of_subject.begin(), of_subject.end());
    return all;
}

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        const std::size_t end = path.find('/');
        if (end != 0) segments.push_back(path.substr(0, end));
        if (end == std::string_view::npos) break;
        path.remove_prefix(end + 1);
    }
    return segments;
}

std::optional<Values> matched(std::string_view pattern,
                              const std::vector<std::string_view>& given) {
    const auto wanted = segments_of(pattern);
    if (wanted.size() != given.size()) return std::nullopt;
    Values params;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].starts_with('{'))
            params.add(std::string(wanted[i].substr(1, wanted[i].size() - 2)),
                       std::string(given[i]));
        else if (wanted[i] != given[i]) return std::nullopt;
    }
    return params;
}

}  // namespace

std::span<const Screen> screens() {
    static const std::vector<Screen> table = all_screens();
    return table;
}

std::optional<Found> find_screen(std::string_view path) {
    if (!path.starts_with('/') || path.size() > 2000) return std::nullopt;
    const auto given = segments_of(path);
    std::optional<Found> found;
    for (const Screen& screen : screens()) {
        auto params = matched(screen.pattern, given);
        if (!params) continue;
        // a pattern without parameters is the more exact one: /rollouts/new is no rollout
        if (params->all().empty()) return Found{&screen, {}};
        if (!found) found = Found{&screen, std::move(*params)};
    }
    return found;
}

}  // namespace patchlab::service::console
