// SPDX-License-Identifier: Apache-2.0
//
// The change-control document of a run or of a catalog entry, for people who were not there.
#include "orchestrator/governance/approved_run.hpp"
#include "orchestrator/governance/change/document.hpp"
#include "orchestrator/governance/ruling_store.hpp"
#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/inventory_hosts.hpp"
#include "orchestrator/operations/nouns.hpp"

namespace patchlab::operations {

namespace {

governance::ChangeSource change_of_run(Call& call, const std::string& run) {
    governance::Governance& house = call.session.governance();
    governance::ChangeSource source;
    source.facts = governance::facts_of(house, run);
    source.decision = governance::decide(house, run);
    if (source.facts.intact())
        source.rulings = governance::rulings_of(house, run, source.facts.digest);
    return source;
}

std::vector<governance::KeptPackage> kept_by(const catalog::Entry& entry) {
    std::vector<governance::KeptPackage> kept;
    for (const catalog::EntryPackage& package : entry.packages)
        for (const catalog::EntryFile& old : package.before)
            kept.push_back({package.name, old.version, old.file, old.sha256});
    return kept;
}

std::string listed(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return list;
}

/// The hosts of the inventory that need the entry, or of which that is not known; nullopt when
/// there is no inventory.
std::optional<std::vector<governance::ChangeHost>> hosts_in_need(Call& call,
                                                                 const catalog::Entry& entry) {
    inventory::HostStore store(call.session.database());
    if (store.count() == 0) return std::nullopt;
    std::map<std::string, std::string> owners;
    store.each([&](const inventory::Host& host) { owners[host.name] = listed(host.owners); });
    std::vector<governance::ChangeHost> hosts;
    for (const rollout::HostFacts& facts :
         InventoryHosts(call.session.database(), call.session.clock()).hosts(entry))
        if (facts.need != assessment::Need::not_needed)
            hosts.push_back({facts.name, std::string(assessment::name(facts.criticality)),
                             owners[facts.name], facts.window,
                             facts.need == assessment::Need::unknown});
    return hosts;
}

/// From the entry's folder alone, once its whole chain holds; the hosts are the inventory's.
governance::ChangeSource change_of_entry(Call& call, const std::string& id) {
    catalog::Catalog house = open_catalog(call.session);
    const catalog::Entry stored = house.entries().get(id);
    const fs::path folder = house.entries().folder(id);
    const catalog::Trust trust = catalog::trust_of(call.session.state());
    const catalog::Entry entry = catalog::open_entry(folder, trust, stored.id);
    const governance::ApprovedRun approved = governance::read_approval(
        folder / "approvals", folder / "evidence", trust.installation, from_rfc3339(entry.created));
    governance::ChangeSource source;
    source.facts = approved.facts;
    source.decision = approved.decision;
    source.rulings = approved.rulings;
    source.entry = entry.id;
    source.kept = kept_by(entry);
    source.hosts = hosts_in_need(call, entry);
    const catalog::EntryStatus status = house.entries().status(id);
    if (status.state != catalog::EntryState::offered)
        call.events.note("the catalog does not offer entry " + id + " any more: it is " +
                         std::string(catalog::name(status.state)) +
                         (status.reason.empty() ? "" : ", " + status.reason));
    return source;
}

std::string rendered(const governance::ChangeDocument& document, const std::string& format) {
    const reports::outline::Outline outline = governance::outline_of(document);
    return format == "html" ? reports::outline::to_html(outline)
                            : reports::outline::to_markdown(outline);
}

/// `hosts`: a list that takes the place of the inventory's.
Outcome show_change(Call& call, const JsonReader& request) {
    const std::string id = request.string("id"), format = request.string_or("format", "json");
    return during("showing the change of '" + id + "'", [&]() -> Outcome {
        governance::ChangeSource source =
            id.starts_with("r-") ? change_of_run(call, id) : change_of_entry(call, id);
        if (request.has("hosts")) {
            const auto [file, text] = text_file(request, "hosts");
            source.hosts = governance::parse_change_hosts(text, file);
        }
        source.window = request.string_or("window", "");
        const governance::ChangeDocument document = governance::change_document(std::move(source));
        if (!document.approved)
            call.events.note("run " + document.run().id + " " + document.source.decision.summary());
        if (format == "json") return {governance::to_json(document)};
        return {{{"schema", "patchlab/rendered/v1"},
                 {"format", format},
                 {"text", rendered(document, format)}}};
    });
}

}  // namespace

std::vector<Operation> change_operations() {
    return {
        {"change.show", "The change-control document of a run or a catalog entry", Kind::read,
         anyone(), show_change, "id"},
    };
}

}  // namespace patchlab::operations
