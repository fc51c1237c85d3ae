// SPDX-License-Identifier: Apache-2.0
//
// `change show`: the change-control document of a run or of a catalog entry, for people who were
// not there.
#include <iostream>

#include "orchestrator/cli/catalog_view.hpp"
#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/output.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/governance/approved_run.hpp"
#include "orchestrator/governance/change/document.hpp"
#include "orchestrator/governance/ruling_store.hpp"
#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/operations/inventory_hosts.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

constexpr std::uint64_t max_hosts_bytes = 64U << 20;

struct ShowChangeWords {
    std::string id, format = "markdown", file, hosts, window;
};

governance::ChangeSource of_run(Context& context, const std::string& run) {
    governance::Governance& house = context.governance();
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

/// The hosts of the inventory that need the entry, or of which that is not known; nullopt when
/// there is no inventory.
std::optional<std::vector<governance::ChangeHost>> of_inventory(Context& context,
                                                                const catalog::Entry& entry) {
    inventory::HostStore store(context.database());
    if (store.count() == 0) return std::nullopt;
    std::map<std::string, std::string> owners;
    store.each([&](const inventory::Host& host) { owners[host.name] = joined(host.owners); });
    std::vector<governance::ChangeHost> hosts;
    for (const rollout::HostFacts& facts :
         operations::InventoryHosts(context.database(), context.clock()).hosts(entry))
        if (facts.need != assessment::Need::not_needed)
            hosts.push_back({facts.name, std::string(assessment::name(facts.criticality)),
                             owners[facts.name], facts.window,
                             facts.need == assessment::Need::unknown});
    return hosts;
}

/// From the entry's folder alone, once its whole chain holds; the hosts are the inventory's.
governance::ChangeSource of_entry(Context& context, const std::string& id) {
    catalog::Catalog house = open_catalog(context);
    const catalog::Entry stored = house.entries().get(id);
    const fs::path folder = house.entries().folder(id);
    const catalog::Trust trust = catalog::trust_of(context.state());
    const catalog::Entry entry = catalog::open_entry(folder, trust, stored.id);
    const governance::ApprovedRun approved = governance::read_approval(
        folder / "approvals", folder / "evidence", trust.installation, from_rfc3339(entry.created));
    governance::ChangeSource source;
    source.facts = approved.facts;
    source.decision = approved.decision;
    source.rulings = approved.rulings;
    source.entry = entry.id;
    source.kept = kept_by(entry);
    source.hosts = of_inventory(context, entry);
    const catalog::EntryStatus status = house.entries().status(id);
    if (status.state != catalog::EntryState::offered)
        std::cerr << "note: the catalog does not offer entry " << id << " any more: it is "
                  << catalog::name(status.state)
                  << (status.reason.empty() ? "" : ", " + one_line(status.reason)) << "\n";
    return source;
}

void show(Context& context, const ShowChangeWords& words) {
    during("showing the change of '" + words.id + "'", [&] {
        governance::ChangeSource source =
            words.id.starts_with("r-") ? of_run(context, words.id) : of_entry(context, words.id);
        if (!words.hosts.empty())
            source.hosts = governance::parse_change_hosts(read_file(words.hosts, max_hosts_bytes),
                                                          words.hosts);
        source.window = words.window;
        const governance::ChangeDocument document = governance::change_document(std::move(source));
        const std::string format = context.json ? "json" : words.format;
        const std::string text =
            format == "json"   ? to_text(governance::to_json(document))
            : format == "html" ? reports::outline::to_html(governance::outline_of(document))
                               : reports::outline::to_markdown(governance::outline_of(document));
        write_output(text, words.file);
        if (!document.approved)
            std::cerr << "note: run " << document.run().id << " "
                      << one_line(document.source.decision.summary()) << "\n";
    });
}

}  // namespace

void add_change(CLI::App& app, Context& context) {
    CLI::App* noun = app.add_subcommand(
        "change",
        "change-control documents: what comes, why, when, who approved it, how to go back");
    noun->require_subcommand(1);
    CLI::App* verb = noun->add_subcommand("show",
                                          "the change-control document of a run or a catalog "
                                          "entry, from sealed evidence and signed rulings alone");
    auto words = std::make_shared<ShowChangeWords>();
    verb->add_option("RUN|ENTRY", words->id, "the run (r-…) or the catalog entry (e-…)")
        ->required();
    verb->add_option("--format", words->format,
                     "markdown (default), html (one self-contained page) or json")
        ->check(CLI::IsMember({"html", "markdown", "json"}));
    verb->add_option("-o,--output", words->file,
                     "write to this file (whole or not at all) instead of stdout")
        ->type_name("FILE");
    verb->add_option("--hosts", words->hosts,
                     "who gets it, instead of whom the inventory says: "
                     "NAME[,criticality[,owner[,window]]] a line, or JSON with a list `hosts`")
        ->type_name("FILE");
    verb->add_option("--window", words->window,
                     "when, in words: \"Tuesday 22:00-04:00 Europe/Zurich\"")
        ->type_name("TEXT");
    add_json_flag(*verb, context);
    verb->callback([&context, words] { show(context, *words); });
}

}  // namespace patchlab::cli
