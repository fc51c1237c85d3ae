// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/patch_urgency.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/governance/facts.hpp"
#include "orchestrator/operations/inventory_hosts.hpp"
#include "platform/core/text.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::operations {

namespace {

using assessment::Criticality;
using assessment::Exposed;

feeds::Exposure exposure_of(Exposed exposed) {
    switch (exposed) {
        case Exposed::internet: return feeds::Exposure::open;
        case Exposed::internal: return feeds::Exposure::controlled;
        case Exposed::isolated: break;
    }
    return feeds::Exposure::small;
}

/// SSVC asks for safety besides, which no inventory says: the impact on the mission alone.
feeds::HumanImpact impact_of(Criticality criticality) {
    switch (criticality) {
        case Criticality::mission_critical: return feeds::HumanImpact::very_high;
        case Criticality::business_critical: return feeds::HumanImpact::medium;
        case Criticality::business_operational: break;
    }
    return feeds::HumanImpact::low;
}

std::vector<std::string> packages_of(const intake::Patch& patch) {
    std::set<std::string> names{patch.source};
    for (const intake::PatchPackage& package : patch.packages)
        if (!package.prerequisite) names.insert(package.name);
    return {names.begin(), names.end()};
}

}  // namespace

template <typename Value>
void WorstOfHosts<Value>::add(const std::string& host, const std::optional<Value>& said) {
    if (!said) {
        if (++silent_count_ <= ever_named) silent_.push_back(host);
    } else if (!worst_ || *said > *worst_) {
        worst_ = said;
        whose_ = host;
    }
}

template <typename Value>
std::pair<std::optional<Value>, std::string> WorstOfHosts<Value>::answer(
    const std::string& nobody) const {
    if (worst_ == worst_of_all_ || (worst_ && silent_.empty())) return {worst_, "host " + whose_};
    if (silent_.empty()) return {std::nullopt, nobody};
    return {std::nullopt, "the inventory does not say it of " + silent_text()};
}

/// As a_few() has it of all of them.
template <typename Value>
std::string WorstOfHosts<Value>::silent_text() const {
    if (silent_count_ <= ever_named) return joined(silent_);
    return joined({silent_[0], silent_[1]}) + " and " + std::to_string(silent_count_ - 2) + " more";
}

PatchUrgency::PatchUrgency(store::Database& database, TimePoint now)
    : now_(now), book_(database, now), finder_(database, now) {
    const auto& hosts = finder_.hosts();
    reach_.resize(hosts.size());
    std::size_t at = 0;
    database.prepare("SELECT id, exposed, criticality FROM inventory_hosts ORDER BY id")
        .query({}, [&](const store::Row& row) {
            const std::int64_t id = row.integer("id");
            while (at < hosts.size() && hosts[at].id < id) ++at;
            if (at == hosts.size() || hosts[at].id != id) return;  // gone
            if (const auto word = row.text_or_null("exposed"))
                reach_[at].exposed = assessment::exposed_from(*word);
            if (const auto word = row.text_or_null("criticality"))
                reach_[at].criticality = assessment::criticality_from(*word);
        });
    for (at = 0; at < hosts.size(); ++at)
        if (!hosts[at].unknown.empty()) add(unscanned_, at);
}

void PatchUrgency::add(ReachOfMany& many, std::size_t at) const {
    const std::string& name = finder_.hosts()[at].name;
    const Reach& reach = reach_[at];
    ++many.hosts;
    many.exposure.add(name,
                      reach.exposed ? std::optional(exposure_of(*reach.exposed)) : std::nullopt);
    many.impact.add(
        name, reach.criticality ? std::optional(impact_of(*reach.criticality)) : std::nullopt);
}

feeds::Stakes PatchUrgency::stakes_of(const intake::Patch& patch) {
    ReachOfMany reached = unscanned_;
    finder_.find_having(offer_of(patch), [&](std::size_t at, const inventory::NeedAnswer& answer) {
        if (answer.need != assessment::Need::not_needed) add(reached, at);
    });
    const std::string nobody =
        reach_.empty() ? "there is no host in the inventory" : "no host of the inventory needs it";
    feeds::Stakes stakes;
    stakes.hosts = reached.hosts;
    std::tie(stakes.exposure, stakes.exposure_from) = reached.exposure.answer(nobody);
    std::tie(stakes.impact, stakes.impact_from) = reached.impact.answer(nobody);
    return stakes;
}

feeds::RankedPatch PatchUrgency::rank(const intake::Patch& patch, feeds::Table table) {
    feeds::RankedPatch ranked;
    ranked.id = patch.id;
    ranked.source = patch.source;
    ranked.known_since = patch.added;
    ranked.stakes = stakes_of(patch);
    std::set<std::string> cves;
    for (const std::string& advisory : patch.advisories)
        for (const std::string& cve : book_.cves_of(advisory)) cves.insert(cve);
    const std::vector<std::string> packages = packages_of(patch);
    for (const std::string& cve : cves)
        ranked.cves.push_back(
            feeds::rank_cve(book_.about(cve, packages), ranked.stakes, ranked.known_since, table));
    feeds::settle(ranked);
    return ranked;
}

namespace {

/// The patch as it was rehearsed; one that was removed since has no packages to ask hosts about.
intake::Patch rehearsed(const reports::RunPatch& sealed, const std::string& seen,
                        intake::PatchStore& store) {
    intake::Patch patch = store.find(sealed.id).value_or(intake::Patch{});
    patch.id = sealed.id;
    patch.source = sealed.source;
    patch.advisories = sealed.advisories;
    patch.added = seen;
    return patch;
}

std::string reason_of(const feeds::RankedPatch& ranked) {
    const feeds::RankedCve* cve = ranked.decisive();
    if (!cve) return "it names no CVE";
    return std::string(feeds::name(cve->at_worst)) + ", " + cve->answers.cve +
           (cve->assumed.empty() ? "" : ", assumed: " + joined(cve->assumed));
}

std::string seen_of(const governance::EvidenceFacts& facts, const std::string& patch) {
    for (const governance::PatchRelease& release : facts.releases)
        if (release.patch == patch) return release.seen;
    return {};
}

}  // namespace

governance::AskDue ask_due(std::filesystem::path state, store::Database& database,
                           const Clock& clock) {
    return [state = std::move(state), &database, &clock](const governance::EvidenceFacts& facts) {
        std::vector<governance::PatchDue> dues;
        intake::PatchStore store(state, database);
        PatchUrgency urgency(database, clock.now());
        for (const feeds::Table table : {feeds::Table::bod_26_04, feeds::Table::ssvc_deployer}) {
            for (const reports::RunPatch& sealed : facts.run.patches) {
                const std::string seen = seen_of(facts, sealed.id);
                if (seen.empty()) continue;
                const feeds::RankedPatch ranked =
                    urgency.rank(rehearsed(sealed, seen, store), table);
                dues.push_back({sealed.id, std::string(feeds::name(table)), ranked.due(),
                                ranked.due_at_best(), reason_of(ranked)});
            }
        }
        return dues;
    };
}

}  // namespace patchlab::operations
