// SPDX-License-Identifier: Apache-2.0
//
// The change-control document of a run or of a catalog entry, for people who were not there.
#include <unistd.h>

#include <array>
#include <map>

#include "orchestrator/governance/approved_run.hpp"
#include "orchestrator/governance/change/document.hpp"
#include "orchestrator/governance/ruling_store.hpp"
#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/inventory/scan_store.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/inventory_hosts.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/patch_history.hpp"
#include "orchestrator/rollout/store/store.hpp"
#include "platform/core/text.hpp"

namespace patchlab::operations {

namespace {

std::vector<governance::KeptPackage> kept_by(const catalog::Entry& entry) {
    std::vector<governance::KeptPackage> kept;
    for (const catalog::EntryPackage& package : entry.packages)
        for (const catalog::EntryFile& old : package.before)
            kept.push_back({package.name, old.version, old.file, old.sha256});
    return kept;
}

/// The rulings of the entry, and those that came later: a rejection is told with its reason.
std::vector<governance::Ruling> later_rulings(Call& call, const catalog::Entry& entry,
                                              std::vector<governance::Ruling> known) {
    try {
        std::vector<governance::Ruling> now =
            governance::rulings_of(call.session.governance(), entry.run, entry.evidence_digest);
        if (now.size() > known.size()) return now;
    } catch (const Error&) {  // the standing tells that it cannot be read
    }
    return known;
}

/// "the inventory knows them, scanned between 2026-11-30T01:00:00Z and 2026-11-30T02:00:00Z".
std::string scanned_when(Call& call, const std::vector<governance::ChangeHost>& hosts) {
    const auto statuses = inventory::ScanStore(call.session.database()).statuses();
    std::string first, last;
    for (const governance::ChangeHost& host : hosts) {
        const auto status = statuses.find(host.name);
        if (status == statuses.end() || status->second.scanned.empty()) continue;
        const std::string& time = status->second.scanned;
        if (first.empty() || time < first) first = time;
        last = std::max(last, time);
    }
    const std::string known = "the inventory knows them";
    if (first.empty()) return known + ", never scanned";
    return known + ", scanned " + (first == last ? first : "between " + first + " and " + last);
}

/// The hosts of the inventory that need the entry, or of which that is not known; none are told
/// when there is no inventory.
void add_hosts_in_need(Call& call, const catalog::Entry& entry, governance::ChangeSource& source) {
    inventory::HostStore store(call.session.database());
    if (store.count() == 0) return;
    std::map<std::string, std::string> owners;
    store.each([&](const inventory::Host& host) { owners[host.name] = joined(host.owners); });
    source.hosts.emplace();
    for (const rollout::HostFacts& facts :
         InventoryHosts(call.session.database(), call.session.clock()).hosts(entry))
        if (facts.need != assessment::Need::not_needed)
            source.hosts->push_back({facts.name, std::string(assessment::name(facts.criticality)),
                                     owners[facts.name], facts.window,
                                     facts.need == assessment::Need::unknown});
    source.hosts_told_by = scanned_when(call, *source.hosts);
}

/// How the entry stands today, and its rollouts that can still be stopped or taken back.
governance::ChangeStanding standing_of(Call& call, const catalog::Entry& entry) {
    const catalog::Standing standing = open_catalog(call.session).standing(entry.id);
    governance::ChangeStanding told{entry.id,
                                    std::string(catalog::name(standing.state)),
                                    standing.reason,
                                    standing.since,
                                    standing.by,
                                    standing.signed_,
                                    catalog::is_taken_back(standing.state),
                                    {},
                                    {}};
    for (const catalog::Objection& objection : standing.objections)
        told.objections.push_back(objection.why);
    for (const rollout::RolloutRow& row : rollout::RolloutStore(call.session.database()).list())
        if (row.entry == entry.id && row.simulated.empty() && !rollout::is_over(row.state))
            told.rollouts.push_back(row.id);
    return told;
}

/// When its patches are due by the policy's table, and what became of earlier updates.
void add_background(Call& call, governance::ChangeSource& source) {
    governance::Governance& house = call.session.governance();
    const std::string table = governance::PolicyStore(house).in_force().policy.ranking;
    std::map<std::string, std::string> dues;
    for (const governance::PatchDue& due : house.due(source.facts))
        if (due.table == table)
            dues[due.patch] =
                (due.due.empty() ? "no date" : due.due.substr(0, 10)) + ": " + due.why;
    for (const reports::RunPatch& patch : source.facts.run.patches)
        source.background.push_back(
            {patch.id, dues[patch.id], history_line(history_of(call.session, patch.source))});
}

governance::ChangeSource change_of_run(Call& call, const std::string& run) {
    governance::Governance& house = call.session.governance();
    governance::DecidedRun decided = governance::decided_run(house, run);
    governance::ChangeSource source;
    source.facts = std::move(decided.facts);
    source.decision = std::move(decided.decision);
    source.rulings = std::move(decided.rulings);
    catalog::EntryStore entries(call.session.state(), call.session.database());
    if (const std::string entry = entries.of_run(run); !entry.empty())
        source.standing = standing_of(call, entries.get(entry));
    return source;
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
    source.rulings = later_rulings(call, entry, approved.rulings);
    source.entry = entry.id;
    source.kept = kept_by(entry);
    source.standing = standing_of(call, entry);
    add_hosts_in_need(call, entry, source);
    return source;
}

/// What stops it is said besides, for whoever sends the page on unread.
void warn_when_stopped(Call& call, const governance::ChangeDocument& document) {
    if (!document.stopped()) return;
    const governance::ChangeStanding& standing = *document.source.standing;
    const std::string why =
        standing.taken_back
            ? standing.state + (standing.reason.empty() ? "" : ", " + standing.reason)
            : standing.objections.front();
    call.events.warning("entry " + standing.entry + " may not be deployed: " + why);
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
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
            source.hosts_told_by.clear();
        }
        source.window = request.string_or("window", "");
        source.made = {to_rfc3339(call.session.clock().now()), call.session.account().os_user,
                       host_name()};
        if (source.facts.intact()) add_background(call, source);
        const governance::ChangeDocument document = governance::change_document(std::move(source));
        warn_when_stopped(call, document);
        if (!document.source.decision.satisfied())
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
