// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/patch_urgency.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/governance/facts.hpp"
#include "orchestrator/inventory/host_store.hpp"
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

/// The worst that is said of several hosts, unless one of them says nothing: what is worst of all
/// is known even so.
template <typename Value>
class Worst {
  public:
    explicit Worst(Value worst_of_all) : worst_of_all_(worst_of_all) {}
    void add(const std::string& host, const std::optional<Value>& said) {
        if (!said) silent_.push_back(host);
        else if (!worst_ || *said > *worst_) {
            worst_ = said;
            whose_ = host;
        }
    }
    /// What is known, and in words whose it is.
    std::pair<std::optional<Value>, std::string> answer(const std::string& nobody) const {
        if (worst_ == worst_of_all_ || (worst_ && silent_.empty()))
            return {worst_, "host " + whose_};
        if (silent_.empty()) return {std::nullopt, nobody};
        return {std::nullopt, "the inventory does not say it of " + a_few(silent_)};
    }

  private:
    Value worst_of_all_;
    std::optional<Value> worst_;
    std::string whose_;
    std::vector<std::string> silent_;
};

std::vector<std::string> packages_of(const intake::Patch& patch) {
    std::set<std::string> names{patch.source};
    for (const intake::PatchPackage& package : patch.packages)
        if (!package.prerequisite) names.insert(package.name);
    return {names.begin(), names.end()};
}

}  // namespace

PatchUrgency::PatchUrgency(store::Database& database, TimePoint now, feeds::Table table)
    : now_(now), table_(table), book_(database, now), finder_(database, now) {
    inventory::HostStore(database).each([&](const inventory::Host& host) {
        if (host.gone.empty()) hosts_.emplace(host.name, Reach{host.exposed, host.criticality});
    });
}

feeds::Stakes PatchUrgency::stakes_of(const intake::Patch& patch) {
    feeds::Stakes stakes;
    Worst<feeds::Exposure> exposure(feeds::Exposure::open);
    Worst<feeds::HumanImpact> impact(feeds::HumanImpact::very_high);
    finder_.find(offer_of(patch), [&](const auto& asked, const inventory::NeedAnswer& answer) {
        if (answer.need == assessment::Need::not_needed) return;
        const auto host = hosts_.find(asked.name);
        if (host == hosts_.end()) return;
        ++stakes.hosts;
        exposure.add(asked.name, host->second.exposed
                                     ? std::optional(exposure_of(*host->second.exposed))
                                     : std::nullopt);
        impact.add(asked.name, host->second.criticality
                                   ? std::optional(impact_of(*host->second.criticality))
                                   : std::nullopt);
    });
    const std::string nobody =
        hosts_.empty() ? "there is no host in the inventory" : "no host of the inventory needs it";
    std::tie(stakes.exposure, stakes.exposure_from) = exposure.answer(nobody);
    std::tie(stakes.impact, stakes.impact_from) = impact.answer(nobody);
    return stakes;
}

feeds::RankedPatch PatchUrgency::rank(const intake::Patch& patch) {
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
            feeds::rank_cve(book_.about(cve, packages), ranked.stakes, ranked.known_since, table_));
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
        for (const feeds::Table table : {feeds::Table::bod_26_04, feeds::Table::ssvc_deployer}) {
            PatchUrgency urgency(database, clock.now(), table);
            for (const reports::RunPatch& sealed : facts.run.patches) {
                const std::string seen = seen_of(facts, sealed.id);
                if (seen.empty()) continue;
                const feeds::RankedPatch ranked = urgency.rank(rehearsed(sealed, seen, store));
                dues.push_back({sealed.id, std::string(feeds::name(table)), ranked.due(),
                                ranked.due_at_best(), reason_of(ranked)});
            }
        }
        return dues;
    };
}

}  // namespace patchlab::operations
