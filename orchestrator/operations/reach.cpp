// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/reach.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "orchestrator/catalog/entry_store.hpp"
#include "orchestrator/governance/decision.hpp"
#include "orchestrator/inventory/scan_store.hpp"
#include "orchestrator/operations/nouns.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "orchestrator/rollout/store/store.hpp"
#include "platform/core/error.hpp"

namespace patchlab::operations {

namespace {

using governance::Place;
using WordList = std::vector<std::string>;

/// Groups of the hosts that stand behind each image: a machine of a lab lies in a group when every
/// host that was built from its image does.
using GroupsOfImages = std::map<std::string, WordList>;

GroupsOfImages groups_of_images(Session& session) {
    auto summaries = inventory::ScanStore(session.database()).summaries();
    GroupsOfImages groups;
    inventory::HostStore(session.database()).each([&](const inventory::Host& host) {
        if (!host.gone.empty()) return;
        const std::string image = host.image.empty() ? summaries[host.name].image : host.image;
        if (image.empty()) return;
        WordList own = host.groups;
        std::sort(own.begin(), own.end());
        const auto [known, first] = groups.emplace(image, own);
        if (first) return;
        WordList both;
        std::set_intersection(known->second.begin(), known->second.end(), own.begin(), own.end(),
                              std::back_inserter(both));
        known->second = both;
    });
    return groups;
}

class Reacher {
  public:
    Reacher(Session& session, const Json& request) : session_(session), request_(request) {}

    Reach of(const Operation& operation) {
        for (const char* key : {"lab", "labs"})
            for (const std::string& lab : names(key)) add_lab(lab);
        for (const char* key : {"run", "runs", "other"})
            for (const std::string& run : names(key)) add_run(run);
        for (const char* key : {"entry", "entries", "by"})
            for (const std::string& entry : names(key)) add_entry(entry);
        for (const char* key : {"channel", "channels"})
            for (const std::string& channel : names(key)) reach_.channels.insert(channel);
        for (const std::string& rollout : names("rollout")) add_rollout(rollout);
        if (operation.name == "rollout.start") add_plan();
        else add_hosts(operation);
        if (operation.name == "catalog.refresh" && names("channels").empty())
            reach_.everything = true;
        return std::move(reach_);
    }

  private:
    WordList names(const char* key) const {
        const auto found = request_.find(key);
        if (found == request_.end()) return {};
        if (found->is_string()) return {found->get<std::string>()};
        WordList all;
        if (found->is_array())
            for (const Json& one : *found)
                if (one.is_string()) all.push_back(one.get<std::string>());
        return all;
    }

    /// What does not exist reaches nothing; the operation says so.
    template <typename Work>
    void if_there(Work&& work) {
        try {
            work();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::not_found && error.code() != ErrorCode::invalid) throw;
        }
    }

    void add_machine(const std::string& name, const std::string& image,
                     const std::string& criticality) {
        if (!images_) images_ = groups_of_images(session_);
        reach_.places.push_back({name, criticality, (*images_)[image]});
    }

    void add_lab(const std::string& name) {
        reach_.labs.insert(name);
        if_there([&] {
            const auto stored = pipeline::LabStore(session_.database()).get(name);
            for (const labdefs::Machine& machine : stored.lab.machines)
                add_machine(machine.name, machine.image, machine.criticality);
        });
    }

    /// As it was rehearsed, whatever became of the lab since.
    void add_run(const std::string& id) {
        if_there([&] {
            pipeline::RunStore runs(session_.state(), session_.database());
            const pipeline::RunRow row = runs.get(id);
            reach_.labs.insert(row.lab);
            const auto request = pipeline::read_request(runs.folder(id).request());
            for (const pipeline::MachineRequest& machine : request.machines)
                add_machine(machine.definition.name, machine.definition.image,
                            machine.definition.criticality);
        });
    }

    void add_entry(const std::string& id) {
        if (id.starts_with("r-")) {  // `promote` takes the run, too
            add_run(id);
            return;
        }
        if_there([&] {
            const catalog::Entry entry =
                catalog::EntryStore(session_.state(), session_.database()).get(id);
            add_run(entry.run);
        });
    }

    const std::map<std::string, inventory::Host>& hosts() {
        if (hosts_) return *hosts_;
        hosts_.emplace();
        inventory::HostStore(session_.database()).each([&](const inventory::Host& host) {
            hosts_->emplace(host.name, host);
        });
        return *hosts_;
    }

    void add_host(const std::string& name, const std::string& criticality) {
        const auto known = hosts().find(name);
        if (known == hosts().end()) reach_.places.push_back({name, criticality, {}});
        else
            reach_.places.push_back({name, std::string(assessment::name(known->second.counts_as())),
                                     known->second.groups});
    }

    void add_rollout(const std::string& id) {
        if_there([&] {
            rollout::RolloutStore store(session_.database());
            const rollout::RolloutRow row = store.get(id);
            for (const rollout::RingRow& ring : store.rings(row.key))
                reach_.rings.insert(ring.name);
            for (const rollout::HostRow& host :
                 store.some(row.key, {}, row.hosts == 0 ? 1 : row.hosts))
                add_host(host.name, std::string(assessment::name(host.criticality)));
        });
    }

    void add_plan() {
        if_there([&] {
            catalog::Catalog catalog = open_catalog(session_);
            const rollout::Plan plan =
                plan_rollout(session_, catalog, JsonReader(request_, "request"));
            for (const rollout::PlannedRing& ring : plan.rings) {
                reach_.rings.insert(ring.definition.name);
                for (const rollout::PlannedHost& host : ring.hosts)
                    add_host(host.name, std::string(assessment::name(host.criticality)));
            }
        });
    }

    /// The hosts that a request about the inventory names, or all of them.
    void add_hosts(const Operation& operation) {
        for (const std::string& name : names("host")) add_host(name, "");
        if (operation.name == "inventory.scan") {
            if_there([&] {
                const auto filter = host_filter(JsonReader(request_, "request"));
                for (const inventory::Host& host :
                     inventory::HostStore(session_.database()).list(filter))
                    add_host(host.name, "");
            });
        }
    }

    Session& session_;
    const Json& request_;
    Reach reach_;
    std::optional<GroupsOfImages> images_;
    std::optional<std::map<std::string, inventory::Host>> hosts_;
};

}  // namespace

Reach reach_of(Session& session, const Operation& operation, const Json& request) {
    return Reacher(session, request).of(operation);
}

}  // namespace patchlab::operations
