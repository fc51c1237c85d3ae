// SPDX-License-Identifier: Apache-2.0
//
// Which host needs what. An unscanned host is told of once, as unknown, and not for each offer
// again; it is never left out.
#include <algorithm>
#include <iostream>
#include <set>

#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/cli/catalog_view.hpp"
#include "orchestrator/cli/inventory_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/inventory/need_finder.hpp"
#include "orchestrator/operations/inventory_hosts.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

using assessment::Need;

constexpr std::size_t max_unknown_lines = 20;

struct NeededWords {
    HostWords hosts;
    std::vector<std::string> entries, patches, advisories;
    double max_age_days = inventory::fresh_for.count() / 86400;
    bool all = false;
};

/// The offers that were asked for. Naming none means all that are current; a CVE that none of them
/// names is an error, for silence would look like "nobody has it".
std::vector<inventory::Offer> offers_of(Context& context, const NeededWords& words) {
    std::vector<inventory::Offer> offers;
    catalog::EntryStore entries(context.state(), context.database());
    intake::PatchStore patches(context.state(), context.database());
    for (const std::string& id : words.entries)
        offers.push_back(operations::offer_of(entries.get(id)));
    for (const std::string& id : words.patches)
        offers.push_back(operations::offer_of(patches.get(id)));
    if (words.entries.empty() && words.patches.empty()) offers = current_offers(context);
    if (words.advisories.empty()) return offers;
    const auto names = [](const inventory::Offer& offer, const std::string& advisory) {
        return std::find(offer.advisories.begin(), offer.advisories.end(), advisory) !=
               offer.advisories.end();
    };
    for (const std::string& advisory : words.advisories)
        if (std::none_of(offers.begin(), offers.end(),
                         [&](const auto& offer) { return names(offer, advisory); }))
            throw Error(ErrorCode::not_found,
                        "no catalog entry and no patch names " + advisory +
                            ": which hosts have it is unknown",
                        "fetch what the vendor released: patchlab patch fetch");
    std::erase_if(offers, [&](const auto& offer) {
        return std::none_of(words.advisories.begin(), words.advisories.end(),
                            [&](const auto& advisory) { return names(offer, advisory); });
    });
    return offers;
}

Json needed_json(const std::vector<inventory::NeededPackage>& packages) {
    Json items = Json::array();
    for (const inventory::NeededPackage& package : packages)
        items.push_back(
            {{"name", package.name},
             {"architecture", package.architecture},
             {"installed", package.installed},
             {"to", package.to},
             {"rehearsed", package.rehearsed ? Json(*package.rehearsed) : Json(nullptr)}});
    return items;
}

struct HostsInNeed {
    Json items = Json::array(), unknown = Json::array(), totals = Json::array();
    std::vector<std::vector<std::string>> rows, unknown_rows;
};

class Finder {
  public:
    Finder(Context& context, const NeededWords& words)
        : context_(context),
          words_(words),
          finder_(context.database(), context.clock().now(), Seconds(words.max_age_days * 86400)) {
        inventory::HostFilter filter = filter_of(words.hosts);
        filter.with_gone = false;
        filtered_ = !filter.names.empty() || !filter.groups.empty() || filter.criticality;
        if (filtered_)
            for (const inventory::Host& host :
                 inventory::HostStore(context.database()).list(filter))
                wanted_.insert(host.name);
        for (const auto& host : finder_.hosts()) {
            if (!wanted(host.name)) continue;
            ++hosts_;
            if (host.unknown.empty()) continue;
            found_.unknown.push_back({{"host", host.name}, {"why", host.unknown}});
            if (found_.unknown_rows.size() < max_unknown_lines)
                found_.unknown_rows.push_back({host.name, "unknown", "-", host.unknown, ""});
        }
    }

    void ask(const inventory::Offer& offer) {
        std::map<Need, std::size_t> counts;
        finder_.find(
            offer,
            [&](const auto& host, const inventory::NeedAnswer& answer) {
                if (!wanted(host.name)) return;
                ++counts[answer.need];
                if (!host.unknown.empty() || (answer.need == Need::not_needed && !words_.all))
                    return;
                const std::string need(assessment::name(answer.need));
                if (context_.json)
                    found_.items.push_back({{"host", host.name},
                                            {"kind", offer.kind},
                                            {"id", offer.id},
                                            {"need", need},
                                            {"reason", answer.reason},
                                            {"packages", needed_json(answer.packages)},
                                            {"advisories", offer.advisories}});
                else
                    found_.rows.push_back({host.name, need, offer.kind + " " + offer.id,
                                           answer.reason, a_few(offer.advisories)});
            },
            words_.hosts.names.size() == 1 ? words_.hosts.names.front() : "");
        found_.totals.push_back({{"kind", offer.kind},
                                 {"id", offer.id},
                                 {"advisories", offer.advisories},
                                 {"needed", counts[Need::needed]},
                                 {"not_needed", counts[Need::not_needed]},
                                 {"unknown", counts[Need::unknown]}});
    }

    void print(std::size_t offers) {
        std::sort(found_.rows.begin(), found_.rows.end());
        found_.rows.insert(found_.rows.end(), found_.unknown_rows.begin(),
                           found_.unknown_rows.end());
        const std::size_t unknown = found_.unknown.size();
        context_.print(
            {{"schema", "patchlab/needed/v1"},
             {"hosts", hosts_},
             {"offers", std::move(found_.totals)},
             {"items", std::move(found_.items)},
             {"unknown_hosts", std::move(found_.unknown)}},
            [&] {
                if (!found_.rows.empty())
                    print_table(context_, {"HOST", "NEED", "OFFER", "WHY", "ADVISORIES"},
                                found_.rows);
                if (unknown > found_.unknown_rows.size())
                    std::cout << "and " << unknown - found_.unknown_rows.size()
                              << " more hosts are unknown (see: patchlab inventory list)\n";
                if (hosts_ == 0)
                    std::cout << "No hosts. Take some in with: patchlab inventory import FILE\n";
                else if (offers == 0)
                    std::cout << "Nothing is offered: there is no catalog entry and no patch.\n";
                else if (found_.rows.empty())
                    std::cout << "none of " << hosts_ << (hosts_ == 1 ? " host" : " hosts")
                              << " needs any of it\n";
            });
    }

  private:
    bool wanted(const std::string& name) const { return !filtered_ || wanted_.contains(name); }

    Context& context_;
    const NeededWords& words_;
    inventory::NeedFinder finder_;
    std::set<std::string> wanted_;
    bool filtered_ = false;
    std::size_t hosts_ = 0;
    HostsInNeed found_;
};

}  // namespace

void add_inventory_needed(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "needed",
        "which host needs which catalog entry or candidate patch, and which CVEs that means");
    auto words = std::make_shared<NeededWords>();
    add_host_words(*verb, words->hosts, false);
    verb->add_option("--entry", words->entries, "only this catalog entry (may be repeated)")
        ->type_name("ENTRY");
    verb->add_option("--patch", words->patches, "only this patch (may be repeated)")
        ->type_name("ID");
    verb->add_option("--cve", words->advisories, "only what mends this (may be repeated)")
        ->type_name("CVE");
    verb->add_option("--max-age", words->max_age_days,
                     "a scan that is older says nothing (default: 7)")
        ->check(CLI::Range(0.0, 36500.0))
        ->type_name("DAYS");
    verb->add_flag("--all", words->all, "also tell of hosts that do not need it, and why");
    add_json_flag(*verb, context);
    verb->callback([&context, words] {
        const std::vector<inventory::Offer> offers = offers_of(context, *words);
        Finder finder(context, *words);
        for (const inventory::Offer& offer : offers) finder.ask(offer);
        finder.print(offers.size());
    });
}

}  // namespace patchlab::cli
