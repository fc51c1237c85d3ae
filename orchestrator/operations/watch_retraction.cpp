// SPDX-License-Identifier: Apache-2.0
//
// What a vendor takes back: a version that is gone without a newer one, or one that a later update
// repairs. Entries that hold it go into quarantine, their rollouts are held, owners are told.
#include <algorithm>
#include <set>

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/families/package_family.hpp"
#include "orchestrator/operations/documents.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/operations/watch_look.hpp"
#include "orchestrator/rollout/engine/steering.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

/// The vendors of a lab's images, as their indexes were read last.
class ReadVendors {
  public:
    ReadVendors(Call& call, const intake::FetchRequest& request) {
        std::set<std::pair<std::string, std::string>> known;
        for (const intake::FetchImage& image : request.images) {
            const auto from = request.sources.find(image.family);
            if (from == request.sources.end()) continue;
            const families::PackageFamily& family = families::family(image.family);
            const std::string architecture = family.architecture_of({image.name, image.database});
            if (!known.insert({image.family, architecture}).second) continue;
            vendors_.push_back(
                {image.family, family.open_vendor({request.state, from->second, architecture},
                                                  call.session.commands())});
        }
    }

    /// The first reason that a vendor gives against a package of the patch.
    std::string taken_back(const intake::Patch& patch) {
        for (const intake::PatchPackage& package : patch.packages) {
            if (package.prerequisite) continue;
            for (const auto& [family, vendor] : vendors_) {
                if (family != patch.kind) continue;
                if (const auto why = vendor->taken_back(
                        {package.name, package.to, package.architecture, package.origin}))
                    return "the vendor took it back: " + *why;
            }
        }
        return "";
    }

  private:
    std::vector<std::pair<std::string, std::unique_ptr<families::Vendor>>> vendors_;
};

/// That a newer update of the same source says that it repairs this one.
std::string repaired_by(const intake::Patch& patch, const std::vector<intake::Patch>& pending) {
    const families::PackageFamily& family = families::family(patch.kind);
    for (const intake::Patch& newer : pending) {
        if (newer.kind != patch.kind || newer.source != patch.source ||
            family.compare_versions(newer.version, patch.version) <= 0)
            continue;
        const std::string line = family.repairs_regression(newer.changelog, patch.version);
        if (!line.empty()) return "the vendor repairs a regression: " + line;
    }
    return "";
}

std::vector<std::string> hold_rollouts(Call& call, catalog::Catalog& house,
                                       const std::string& entry, const std::string& why) {
    rollout::RolloutStore store(call.session.database());
    rollout::CatalogAuthority authority(house, call.session.governance());
    rollout::Steering steering(call.session.governance(), store, authority, call.session.clock());
    std::vector<std::string> held;
    for (const rollout::RolloutRow& row : store.list()) {
        if (row.entry != entry || rollout::is_over(row.state)) continue;
        try {
            call.events.note(steering.hold(call.actor, row.id, why));
            held.push_back(row.id);
        } catch (const Error& error) {  // it halts by itself: the entry is in quarantine
            call.events.warning("rollout " + row.id + " is not paused: " + error.what());
        }
    }
    return held;
}

/// The command that takes an entry back from the hosts that have it.
std::string backout_command(const std::vector<std::string>& rollouts) {
    return rollouts.empty() ? "" : "patchlab rollout back-out " + rollouts.front();
}

/// All rollouts that ever installed the entry, newest first.
std::vector<std::string> rollouts_of(Call& call, const std::string& entry) {
    std::vector<std::string> ids;
    for (const rollout::RolloutRow& row : rollout::RolloutStore(call.session.database()).list())
        if (row.entry == entry && row.simulated.empty()) ids.push_back(row.id);
    return ids;
}

Json quarantine(Call& call, catalog::Catalog& house, const catalog::Entry& entry,
                const std::string& why, const std::vector<std::string>& tell_names) {
    const catalog::TakenBack taken = house.quarantine(call.actor, entry.id, why);
    const std::vector<std::string> held = hold_rollouts(call, house, entry.id, why);
    const std::string command = backout_command(rollouts_of(call, entry.id));
    const Json hosts = taken.hosts ? Json(*taken.hosts) : Json(nullptr);
    notify::Notice notice;
    notice.kind = notify::NoticeKind::retracted;
    notice.entry = entry.id;
    notice.rollout = held.empty() ? "" : held.front();
    notice.text = "entry " + entry.id + " is in quarantine: " + why +
                  (command.empty() ? "" : "; back out with: " + command);
    notice.details = {{"reason", why},
                      {"rollouts_paused", held},
                      {"hosts", hosts},
                      {"unknown_hosts", taken.unknown_hosts},
                      {"backout", or_null(command)}};
    tell(call, notice, tell_names);
    call.events.warning(notice.text);
    return {{"entry", entry.id},
            {"reason", why},
            {"rollouts_paused", held},
            {"hosts", hosts},
            {"backout", or_null(command)}};
}

}  // namespace

Json act_on_retractions(Call& call, const intake::FetchRequest& vendors,
                        const std::vector<intake::Patch>& pending,
                        const std::vector<std::string>& tell_names) {
    Json retracted = Json::array();
    catalog::Catalog house = open_catalog(call.session);
    intake::PatchStore patches(call.session.state(), call.session.database());
    std::optional<ReadVendors> read;
    for (const catalog::Entry& entry : house.entries().list()) {
        if (house.entries().status(entry.id).state != catalog::EntryState::offered) continue;
        for (const catalog::EntryPatch& of_entry : entry.patches) {
            const auto patch = patches.find(of_entry.id);
            if (!patch || !patch->verified) continue;  // a local file is nobody's to take back
            if (!read) read.emplace(call, vendors);
            std::string why = read->taken_back(*patch);
            if (why.empty()) why = repaired_by(*patch, pending);
            if (why.empty()) continue;
            retracted.push_back(quarantine(call, house, entry, why, tell_names));
            break;
        }
    }
    return retracted;
}

}  // namespace patchlab::operations
