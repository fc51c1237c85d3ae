// SPDX-License-Identifier: Apache-2.0
//
// Which host needs what, and how far a lab has drifted from the hosts it stands for. An unscanned
// host is told of once, as unknown, and not for each offer again; it is never left out.
#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/inventory/fidelity.hpp"
#include "orchestrator/inventory/need_finder.hpp"
#include "orchestrator/inventory/scan_store.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/inventory_hosts.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/taken_back_offers.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"

namespace patchlab::operations {

namespace {

using assessment::Need;

constexpr double day = 86400;

bool names_advisory(const inventory::Offer& offer, const std::string& advisory) {
    return std::find(offer.advisories.begin(), offer.advisories.end(), advisory) !=
           offer.advisories.end();
}

/// The offers that were asked for. Naming none means all that are current; a CVE that none of them
/// names is an error, for silence would look like "nobody has it".
std::vector<inventory::Offer> offers_of(Call& call, const JsonReader& request) {
    std::vector<inventory::Offer> offers;
    catalog::EntryStore entries(call.session.state(), call.session.database());
    intake::PatchStore patches(call.session.state(), call.session.database());
    for (const std::string& id : request.strings_or_empty("entries"))
        offers.push_back(offer_of(entries.get(id)));
    for (const std::string& id : request.strings_or_empty("patches"))
        offers.push_back(offer_of(patches.get(id)));
    if (offers.empty()) offers = current_offers(call.session.state(), call.session.database());
    const std::vector<std::string> advisories = request.strings_or_empty("advisories");
    if (advisories.empty()) return offers;
    for (const std::string& advisory : advisories)
        if (std::none_of(offers.begin(), offers.end(),
                         [&](const auto& offer) { return names_advisory(offer, advisory); }))
            throw Error(ErrorCode::not_found,
                        "no catalog entry and no patch names " + advisory +
                            ": which hosts have it is unknown",
                        "fetch what the vendor released: patchlab patch fetch");
    std::erase_if(offers, [&](const auto& offer) {
        return std::none_of(advisories.begin(), advisories.end(),
                            [&](const auto& advisory) { return names_advisory(offer, advisory); });
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

class NeedReport {
  public:
    NeedReport(Call& call, const JsonReader& request)
        : all_(request.boolean_or("all", false)),
          counts_(request.boolean_or("counts", false)),
          offers_taken_back_(call),
          finder_(call.session.database(), call.session.clock().now(),
                  Seconds(request.number_or("max_age_days", inventory::fresh_for.count() / day) *
                          day)) {
        choose(call, request);
        for (const auto& host : finder_.hosts()) {
            if (!wanted(host.name)) continue;
            ++hosts_;
            if (host.unknown.empty()) continue;
            ++unknown_count_;
            if (!counts_) unknown_.push_back({{"host", host.name}, {"why", host.unknown}});
        }
    }

    void ask(const inventory::Offer& offer) {
        std::map<Need, std::size_t> counts;
        const Json taken_back = offers_taken_back_.of(offer);
        if (counts_ && !filtered_) {
            count(offer, counts);
            offers_.push_back(offer_json(offer, counts, taken_back));
            return;
        }
        finder_.find(
            offer,
            [&](const auto& host, const inventory::NeedAnswer& answer) {
                if (!wanted(host.name)) return;
                ++counts[answer.need];
                if (counts_ || !host.unknown.empty() || (answer.need == Need::not_needed && !all_))
                    return;
                Json item{{"host", host.name},
                          {"kind", offer.kind},
                          {"id", offer.id},
                          {"need", std::string(assessment::name(answer.need))},
                          {"reason", answer.reason},
                          {"packages", needed_json(answer.packages)},
                          {"advisories", offer.advisories}};
                // nobody is to take what was taken back for a recommendation
                if (taken_back.is_null()) {
                    items_.push_back(std::move(item));
                    return;
                }
                item["taken_back"] = taken_back;
                taken_back_.push_back(std::move(item));
            },
            only_);
        offers_.push_back(offer_json(offer, counts, taken_back));
    }

    Json document() && {
        return {{"schema", "patchlab/needed/v1"},       {"hosts", hosts_},
                {"offers", std::move(offers_)},         {"items", std::move(items_)},
                {"taken_back", std::move(taken_back_)}, {"unknown_hosts", std::move(unknown_)}};
    }

  private:
    static Json offer_json(const inventory::Offer& offer, std::map<Need, std::size_t>& counts,
                           const Json& taken_back) {
        return {{"kind", offer.kind},
                {"id", offer.id},
                {"advisories", offer.advisories},
                {"needed", counts[Need::needed]},
                {"not_needed", counts[Need::not_needed]},
                {"unknown", counts[Need::unknown]},
                {"taken_back", taken_back}};
    }

    /// Of all hosts, told of one by one are only those that have a package of the offer.
    void count(const inventory::Offer& offer, std::map<Need, std::size_t>& counts) {
        std::size_t told = 0;
        finder_.find_having(offer, [&](std::size_t, const inventory::NeedAnswer& answer) {
            ++counts[answer.need];
            ++told;
        });
        counts[Need::unknown] += unknown_count_;
        counts[Need::not_needed] += hosts_ - unknown_count_ - told;
    }

    void choose(Call& call, const JsonReader& request) {
        inventory::HostFilter filter = host_filter(request);
        filter.with_gone = false;
        filtered_ = !filter.names.empty() || !filter.groups.empty() || filter.criticality;
        if (filter.names.size() == 1) only_ = filter.names.front();
        if (!filtered_) return;
        for (const inventory::Host& host :
             inventory::HostStore(call.session.database()).list(filter))
            wanted_.insert(host.name);
    }
    bool wanted(const std::string& name) const { return !filtered_ || wanted_.contains(name); }

    bool all_, counts_;
    TakenBackOffers offers_taken_back_;
    inventory::NeedFinder finder_;
    std::set<std::string> wanted_;
    std::string only_;
    bool filtered_ = false;
    std::size_t hosts_ = 0, unknown_count_ = 0;
    Json items_ = Json::array(), taken_back_ = Json::array(), unknown_ = Json::array(),
         offers_ = Json::array();
};

Outcome find_needs(Call& call, const JsonReader& request) {
    const std::vector<inventory::Offer> offers = offers_of(call, request);
    NeedReport report(call, request);
    for (const inventory::Offer& offer : offers) report.ask(offer);
    return {std::move(report).document()};
}

/// The machine of a lab, with the packages of its image.
struct LabSide {
    std::string machine, image;
    std::vector<inventory::InstalledPackage> packages;
};

std::vector<LabSide> sides_of(Call& call, const std::string& lab, const std::string& wanted) {
    images::ImageStore images(call.session.state(), call.session.database());
    std::vector<LabSide> sides;
    for (const labdefs::Machine& machine :
         pipeline::LabStore(call.session.database()).get(lab).lab.machines) {
        if (!wanted.empty() && machine.name != wanted) continue;
        LabSide side{machine.name, machine.image, {}};
        const images::Image image = during("machine '" + machine.name + "' of lab '" + lab + "'",
                                           [&] { return images.get(machine.image); });
        for (const disk::InstalledPackage& package : image.os.packages)
            side.packages.push_back({package.name, package.architecture, package.version,
                                     images::family_of(image), ""});
        sides.push_back(std::move(side));
    }
    if (sides.empty())
        throw Error(ErrorCode::not_found, "lab '" + lab + "' has no machine '" + wanted + "'");
    return sides;
}

/// The machine that stands for a host: the one whose image the host says it was built from; a lab
/// of one machine stands for whoever was named.
const LabSide* side_of(const std::vector<LabSide>& sides, const inventory::Host& host,
                       const std::string& says, bool named) {
    for (const LabSide& side : sides)
        if (!side.image.empty() && (side.image == host.image || side.image == says)) return &side;
    return named && sides.size() == 1 ? &sides.front() : nullptr;
}

Json fidelity_json(const inventory::Fidelity& found, bool packages) {
    Json json{{"score", found.score()}, {"same", found.same},       {"older", found.older},
              {"newer", found.newer},   {"missing", found.missing}, {"surplus", found.surplus}};
    if (!packages) return json;
    json["drift"] = Json::array();
    for (const inventory::PackageDrift& one : found.drift)
        json["drift"].push_back({{"name", one.name},
                                 {"architecture", one.architecture},
                                 {"host", or_null(one.host)},
                                 {"lab", or_null(one.lab)}});
    return json;
}

std::string why_not_compared(const LabSide* side, const inventory::ScanStatus& status,
                             TimePoint now) {
    if (!side) return "no machine of the lab stands for it: say which with --machine";
    return status.why_unknown(now);
}

Outcome compare_fidelity(Call& call, const JsonReader& request) {
    const std::string lab = request.string("lab");
    const std::vector<LabSide> sides = sides_of(call, lab, request.string_or("machine", ""));
    inventory::HostFilter filter = host_filter(request);
    filter.with_gone = false;
    const bool named = !filter.names.empty() || !filter.groups.empty();
    inventory::ScanStore scans(call.session.database());
    auto statuses = scans.statuses();
    auto summaries = scans.summaries();
    Json items = Json::array();
    double sum = 0;
    std::size_t compared = 0;
    for (const inventory::Host& host : inventory::HostStore(call.session.database()).list(filter)) {
        const LabSide* side = side_of(sides, host, summaries[host.name].image, named);
        if (!side && !named) continue;
        const std::string unknown =
            why_not_compared(side, statuses[host.name], call.session.clock().now());
        Json item{{"host", host.name},
                  {"machine", side ? Json(side->machine) : Json(nullptr)},
                  {"image", side ? Json(side->image) : Json(nullptr)},
                  {"known", unknown.empty()},
                  {"why_unknown", or_null(unknown)}};
        if (unknown.empty()) {
            const inventory::Fidelity found =
                inventory::compare_packages(scans.packages(host.name), side->packages);
            item.update(fidelity_json(found, request.boolean_or("packages", false)));
            sum += found.score();
            ++compared;
        }
        items.push_back(std::move(item));
    }
    const std::size_t unknown = items.size() - compared;
    return {{{"schema", "patchlab/fidelity/v1"},
             {"lab", lab},
             {"score", compared == 0 ? Json(nullptr) : Json(sum / static_cast<double>(compared))},
             {"compared", compared},
             {"unknown", unknown},
             {"hosts", std::move(items)}}};
}

}  // namespace

std::vector<Operation> inventory_need_operations() {
    return {
        {"inventory.needed", "Which host needs which catalog entry or candidate patch", Kind::read,
         anyone(), find_needs},
        {"inventory.fidelity", "How far a lab has drifted from the hosts it stands for", Kind::read,
         anyone(), compare_fidelity, "lab"},
    };
}

}  // namespace patchlab::operations
