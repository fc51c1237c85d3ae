// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/inventory_hosts.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/inventory/need_finder.hpp"
#include "orchestrator/inventory/scan_store.hpp"

namespace patchlab::operations {

std::optional<std::vector<std::string>> InventoryLookup::hosts_with(
    const std::string& package, const std::string& version) const {
    if (!database_.query_one(
            "SELECT 1 AS one FROM inventory_scans WHERE scanned IS NOT NULL LIMIT 1"))
        return std::nullopt;
    return inventory::ScanStore(database_).hosts_with(package, version);
}

std::size_t InventoryLookup::unknown_hosts() const {
    const inventory::NeedFinder finder(database_, clock_.now());
    return static_cast<std::size_t>(
        std::count_if(finder.hosts().begin(), finder.hosts().end(),
                      [](const auto& host) { return !host.unknown.empty(); }));
}

std::vector<rollout::HostFacts> InventoryHosts::hosts(const catalog::Entry& entry) {
    std::unordered_map<std::string, assessment::Need> needs;
    inventory::NeedFinder(database_, clock_.now())
        .find(offer_of(entry), [&](const auto& host, const inventory::NeedAnswer& answer) {
            needs[host.name] = answer.for_rollout();
        });
    std::vector<rollout::HostFacts> all;
    inventory::HostStore(database_).each([&](const inventory::Host& host) {
        if (!host.gone.empty()) return;
        const auto need = needs.find(host.name);
        all.push_back({host.name, host.counts_as(), host.groups, host.window,
                       need == needs.end() ? assessment::Need::unknown : need->second});
    });
    return all;
}

assessment::Windows InventoryHosts::windows() { return inventory::HostStore(database_).windows(); }

inventory::Offer offer_of(const catalog::Entry& entry) {
    inventory::Offer offer{"entry", entry.id, {}, {}};
    for (const catalog::EntryPackage& package : entry.packages) {
        inventory::OfferedPackage offered{
            package.name, package.architecture, package.format, {}, package.after.version};
        for (const catalog::EntryFile& before : package.before)
            offered.from.push_back(before.version);
        offer.packages.push_back(std::move(offered));
    }
    for (const catalog::EntryPatch& patch : entry.patches)
        offer.advisories.insert(offer.advisories.end(), patch.advisories.begin(),
                                patch.advisories.end());
    std::sort(offer.advisories.begin(), offer.advisories.end());
    offer.advisories.erase(std::unique(offer.advisories.begin(), offer.advisories.end()),
                           offer.advisories.end());
    return offer;
}

inventory::Offer offer_of(const intake::Patch& patch) {
    inventory::Offer offer{"patch", patch.id, {}, patch.advisories};
    for (const intake::PatchPackage& package : patch.packages)
        offer.packages.push_back({package.name, package.architecture,
                                  patch.kind == "rpm" ? "rpm" : "deb",
                                  package.from.empty() ? std::vector<std::string>{}
                                                       : std::vector<std::string>{package.from},
                                  package.to});
    return offer;
}

std::vector<inventory::Offer> current_offers(const std::filesystem::path& state,
                                             store::Database& database) {
    std::vector<inventory::Offer> offers;
    std::set<std::string> in_entries;
    catalog::EntryStore entries(state, database);
    for (const catalog::Entry& entry : entries.list()) {
        if (entries.status(entry.id).state != catalog::EntryState::offered) continue;
        offers.push_back(offer_of(entry));
        for (const catalog::EntryPatch& patch : entry.patches) in_entries.insert(patch.id);
    }
    for (const intake::Patch& patch : intake::PatchStore(state, database).list())
        if (!in_entries.contains(patch.id)) offers.push_back(offer_of(patch));
    return offers;
}

}  // namespace patchlab::operations
