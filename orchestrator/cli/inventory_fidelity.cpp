// SPDX-License-Identifier: Apache-2.0
//
// How far the machines of a lab have drifted from the hosts they stand for.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>

#include "orchestrator/cli/inventory_view.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/images/image.hpp"
#include "orchestrator/inventory/fidelity.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"
#include "platform/core/error.hpp"

namespace patchlab::cli {

namespace {

struct FidelityWords {
    HostWords hosts;
    std::string lab, machine;
    bool packages = false;
};

/// The machine of a lab, with the packages of its image.
struct Side {
    std::string machine, image;
    std::vector<inventory::InstalledPackage> packages;
};

std::vector<Side> sides_of(Context& context, const FidelityWords& words) {
    images::ImageStore images(context.state(), context.database());
    std::vector<Side> sides;
    for (const labdefs::Machine& machine :
         pipeline::LabStore(context.database()).get(words.lab).lab.machines) {
        if (!words.machine.empty() && machine.name != words.machine) continue;
        Side side{machine.name, machine.image, {}};
        const images::Image image =
            during("machine '" + machine.name + "' of lab '" + words.lab + "'",
                   [&] { return images.get(machine.image); });
        for (const disk::InstalledPackage& package : image.os.packages)
            side.packages.push_back({package.name, package.architecture, package.version,
                                     images::family_of(image), ""});
        sides.push_back(std::move(side));
    }
    if (sides.empty())
        throw Error(ErrorCode::not_found,
                    "lab '" + words.lab + "' has no machine '" + words.machine + "'");
    return sides;
}

/// The machine that stands for a host: the one whose image the host says it was built from; a lab
/// of one machine stands for whoever was named.
const Side* side_of(const std::vector<Side>& sides, const inventory::Host& host,
                    const std::string& says, bool named) {
    for (const Side& side : sides)
        if (!side.image.empty() && (side.image == host.image || side.image == says)) return &side;
    return named && sides.size() == 1 ? &sides.front() : nullptr;
}

std::string percent(double value) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%", value);
    return text.data();
}

Json fidelity_json(const inventory::Fidelity& found, bool packages) {
    Json json{{"score", found.score()}, {"same", found.same},       {"older", found.older},
              {"newer", found.newer},   {"missing", found.missing}, {"surplus", found.surplus}};
    if (!packages) return json;
    json["drift"] = Json::array();
    for (const inventory::PackageDrift& one : found.drift)
        json["drift"].push_back({{"name", one.name},
                                 {"architecture", one.architecture},
                                 {"host", one.host.empty() ? Json(nullptr) : Json(one.host)},
                                 {"lab", one.lab.empty() ? Json(nullptr) : Json(one.lab)}});
    return json;
}

void compare(Context& context, const FidelityWords& words) {
    const std::vector<Side> sides = sides_of(context, words);
    inventory::HostFilter filter = filter_of(words.hosts);
    filter.with_gone = false;
    const bool named = !words.hosts.names.empty() || !words.hosts.groups.empty();
    inventory::ScanStore scans(context.database());
    auto statuses = scans.statuses();
    auto summaries = scans.summaries();
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    double sum = 0;
    std::size_t compared = 0;
    for (const inventory::Host& host : inventory::HostStore(context.database()).list(filter)) {
        const Side* side = side_of(sides, host, summaries[host.name].image, named);
        if (!side && !named) continue;
        const std::string unknown =
            !side ? "no machine of the lab stands for it: say which with --machine"
                  : statuses[host.name].why_unknown(context.clock().now());
        Json item{{"host", host.name},
                  {"machine", side ? Json(side->machine) : Json(nullptr)},
                  {"image", side ? Json(side->image) : Json(nullptr)},
                  {"known", unknown.empty()},
                  {"why_unknown", unknown.empty() ? Json(nullptr) : Json(unknown)}};
        if (!unknown.empty()) {
            rows.push_back(
                {host.name, side ? side->machine : "-", "unknown", "", "", "", "", "", unknown});
        } else {
            const inventory::Fidelity found =
                inventory::compare_packages(scans.packages(host.name), side->packages);
            item.update(fidelity_json(found, words.packages));
            sum += found.score();
            ++compared;
            rows.push_back({host.name, side->machine, percent(found.score()),
                            std::to_string(found.same), std::to_string(found.older),
                            std::to_string(found.newer), std::to_string(found.missing),
                            std::to_string(found.surplus), ""});
            if (words.packages)
                for (const inventory::PackageDrift& one : found.drift)
                    rows.push_back({"  " + one.name, one.architecture,
                                    "host " + (one.host.empty() ? "-" : one.host),
                                    "lab " + (one.lab.empty() ? "-" : one.lab)});
        }
        items.push_back(std::move(item));
    }
    context.print(
        {{"schema", "patchlab/fidelity/v1"},
         {"lab", words.lab},
         {"score", compared == 0 ? Json(nullptr) : Json(sum / static_cast<double>(compared))},
         {"compared", compared},
         {"unknown", items.size() - compared},
         {"hosts", items}},
        [&] {
            if (rows.empty())
                std::cout << "No host says that it was built from an image of lab " << words.lab
                          << ". Name hosts with --host or --group, or set patchlab_image.\n";
            else
                print_table(context,
                            {"HOST", "MACHINE", "SCORE", "SAME", "OLDER", "NEWER", "MISSING",
                             "SURPLUS", ""},
                            rows);
            if (compared > 0)
                std::cout << "lab " << words.lab << " is to "
                          << percent(sum / static_cast<double>(compared)) << " what " << compared
                          << (compared == 1 ? " host is\n" : " hosts are\n");
        });
}

}  // namespace

void add_inventory_fidelity(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("fidelity", "how far a lab has drifted from the hosts it stands for");
    auto words = std::make_shared<FidelityWords>();
    verb->add_option("--lab", words->lab, "the lab")->required()->type_name("NAME");
    verb->add_option("--machine", words->machine, "only this machine of the lab");
    add_host_words(*verb, words->hosts, false);
    verb->add_flag("--packages", words->packages, "also tell which packages differ");
    add_json_flag(*verb, context);
    verb->callback([&context, words] { compare(context, *words); });
}

}  // namespace patchlab::cli
