// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/campaign_labs.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/images/image.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/operations/campaign_process.hpp"
#include "orchestrator/operations/run_compare.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

std::set<std::string> installed_in_lab(Call& call, const std::string& lab) {
    images::ImageStore images(call.session.state(), call.session.database());
    std::set<std::string> names;
    for (const labdefs::Machine& machine :
         pipeline::LabStore(call.session.database()).get(lab).lab.machines)
        for (const disk::InstalledPackage& package : images.get(machine.image).os.packages)
            names.insert(package.name);
    return names;
}

bool is_needed(const intake::Patch& patch, const std::set<std::string>& installed) {
    return std::any_of(patch.packages.begin(), patch.packages.end(), [&](const auto& package) {
        return !package.prerequisite && installed.contains(package.name);
    });
}

/// Without what no machine of a lab has, unless no lab has it: then it is new everywhere.
std::vector<LabShare> needed_of(Call& call, const std::vector<LabShare>& asked) {
    intake::PatchStore store(call.session.state(), call.session.database());
    std::map<std::string, std::set<std::string>> needed_in;  // patch → labs
    for (const LabShare& share : asked) {
        const std::set<std::string> installed = installed_in_lab(call, share.lab);
        for (const std::string& patch : share.patches)
            if (is_needed(store.get(patch), installed)) needed_in[patch].insert(share.lab);
    }
    std::vector<LabShare> shares;
    for (const LabShare& share : asked) {
        LabShare left{share.lab, {}};
        for (const std::string& patch : share.patches)
            if (!needed_in.contains(patch) || needed_in.at(patch).contains(share.lab))
                left.patches.push_back(patch);
        if (!left.patches.empty()) shares.push_back(std::move(left));
    }
    return shares;
}

Json patches_over_labs(const Json& campaigns) {
    std::vector<std::string> order;
    std::map<std::string, Json> labs;
    for (const Json& campaign : campaigns)
        for (const Json& patch : campaign.at("patches")) {
            const std::string id = patch.at("id").get<std::string>();
            const auto [known, first] = labs.try_emplace(id, Json::array());
            if (first) order.push_back(id);
            known->second.push_back({{"lab", campaign.at("lab")},
                                     {"campaign", campaign.at("id")},
                                     {"verdict", patch.at("verdict")},
                                     {"why", patch.at("why")}});
        }
    Json items = Json::array();
    for (const std::string& id : order)
        items.push_back(
            {{"id", id}, {"verdict", worst_verdict(labs.at(id))}, {"labs", labs.at(id)}});
    return items;
}

Outcome joint_outcome(Call& call, const std::vector<std::string>& ids) {
    campaign::CampaignStore store(call.session.database());
    Json campaigns = Json::array();
    std::vector<int> exits;
    for (const std::string& id : ids) {
        campaigns.push_back(campaign_document(call.session, store.get(id)));
        exits.push_back(exit_of_campaign(campaigns.back()));
    }
    Json patches = patches_over_labs(campaigns);
    return {{{"schema", "patchlab/joint-campaign/v1"},
             {"verdict", worst_verdict(campaigns)},
             {"patches", std::move(patches)},
             {"campaigns", std::move(campaigns)}},
            worst_exit(exits)};
}

}  // namespace

std::vector<std::string> labs_of(const JsonReader& request) {
    std::vector<std::string> labs{request.string("lab")};
    for (const std::string& lab : request.strings_or_empty("labs"))
        if (std::find(labs.begin(), labs.end(), lab) == labs.end()) labs.push_back(lab);
    return labs;
}

Outcome start_in_labs(Call& call, const JsonReader& request, const std::vector<LabShare>& asked) {
    const std::vector<LabShare> shares = needed_of(call, asked);
    if (shares.empty()) throw Error(ErrorCode::usage, "there is no patch to judge in these labs");
    std::vector<std::string> ids;
    for (const LabShare& share : shares) {
        Json own = request.raw();
        own["lab"] = share.lab;
        own.erase("labs");
        ids.push_back(record_campaign(call, JsonReader(own, "request"), share.patches).id);
        call.events.note("campaign " + ids.back() + " judges " +
                         std::to_string(share.patches.size()) + " of the patches in lab " +
                         share.lab);
    }
    const bool detach = request.boolean_or("detach", false);
    for (const std::string& id : ids) {
        if (call.events.interrupted()) break;
        if (detach) launch_campaign(call, id);
        else drive_campaign(call, id);
    }
    if (detach)
        return {{{"schema", "patchlab/campaign-started/v1"}, {"id", ids.front()}, {"ids", ids}}};
    return joint_outcome(call, ids);
}

}  // namespace patchlab::operations
