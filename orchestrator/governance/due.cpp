// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/governance/due.hpp"

#include <algorithm>
#include <sstream>

#include "orchestrator/governance/decision.hpp"
#include "orchestrator/governance/requirements.hpp"

namespace patchlab::governance {

namespace {

constexpr std::string_view due_mark = "due for certain: ";
constexpr double seconds_a_day = 86400;

/// nullptr: there is none.
const PatchDue* find_due(const std::vector<PatchDue>& dues, const std::string& patch,
                         const std::string& table) {
    const auto found = std::find_if(dues.begin(), dues.end(), [&](const PatchDue& one) {
        return one.patch == patch && one.table == table;
    });
    return found == dues.end() ? nullptr : &*found;
}

bool asks_for_age(const Policy& policy) {
    const auto asks = [](const Demands& demands) { return demands.release_age.has_value(); };
    return asks(policy.all) || asks(policy.needs_review) ||
           std::any_of(policy.criticality.begin(), policy.criticality.end(),
                       [&](const auto& level) { return asks(level.second); });
}

}  // namespace

void look_for_dues(const AskDue& ask, const Policy& policy, EvidenceFacts& facts) {
    if (!ask || !facts.intact()) return;
    const bool freezes = std::any_of(policy.freezes.begin(), policy.freezes.end(),
                                     [](const Freeze& one) { return one.except_due_within > 0; });
    if (freezes || asks_for_age(policy)) facts.dues = ask(facts);
}

const PatchDue* due_of(const EvidenceFacts& facts, const Policy& policy, const std::string& patch) {
    return find_due(facts.dues, patch, policy.ranking);
}

bool certainly_due_within(const PatchDue* due, double days, TimePoint now) {
    const auto certain = due ? time_of(due->certain) : std::nullopt;
    return certain && Seconds(*certain - now).count() <= days * seconds_a_day;
}

std::string line_of(const PatchDue& due) {
    return std::string(due_mark) + due.patch + " " + due.certain + " " + due.table + " " + due.why;
}

void remember_dues(const Decision& told, EvidenceFacts& facts) {
    for (const Requirement& requirement : told.requirements)
        for (const std::string& line : requirement.evidence) {
            if (!line.starts_with(due_mark)) continue;
            std::istringstream words(line.substr(due_mark.size()));
            PatchDue due;
            words >> due.patch >> due.certain >> due.table;
            due.due = due.certain;
            if (!find_due(facts.dues, due.patch, due.table) && time_of(due.certain))
                facts.dues.push_back(std::move(due));
        }
}

std::vector<std::string> warnings_about_dues(const Policy& policy, const EvidenceFacts& facts,
                                             TimePoint now) {
    std::vector<std::string> warnings;
    const std::vector<ReleaseAge> ages = demanded_of(policy, facts.run).release_ages;
    for (const PatchRelease& release : facts.releases) {
        const PatchDue* due = due_of(facts, policy, release.patch);
        const auto seen = time_of(release.seen), date = due ? time_of(due->due) : std::nullopt;
        if (!seen || !date) continue;
        const double days = wait_of(ages, release, due, now);
        const TimePoint end =
            *seen + std::chrono::duration_cast<TimePoint::duration>(Seconds(days * seconds_a_day));
        if (end <= *date) continue;
        warnings.push_back("the release age that the policy asks for ends on " +
                           to_rfc3339(end).substr(0, 10) + ", but " + release.patch +
                           " is due on " + due->due.substr(0, 10) + " (" + due->why + ")");
    }
    return warnings;
}

}  // namespace patchlab::governance
