// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "orchestrator/cli/backends.hpp"
#include "orchestrator/cli/context.hpp"
#include "orchestrator/cli/run_following.hpp"
#include "orchestrator/pipeline/lab/prepared_lab.hpp"
#include "orchestrator/pipeline/lab/session.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"
#include "orchestrator/pipeline/run/planner.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::cli {

namespace {

pipeline::StoredLab read_checked_lab(const std::string& file) {
    if (!fs::exists(file)) throw Error(ErrorCode::not_found, "there is no file " + file);
    Diagnostics diagnostics;
    pipeline::StoredLab lab = pipeline::read_lab(file, diagnostics);
    diagnostics.throw_if_any("reading lab " + file);
    return lab;
}

/// A lab may be defined before its images are made; its user should know.
void warn_of_missing_images(Context& context, const pipeline::StoredLab& lab) {
    images::ImageStore images(context.state(), context.database());
    for (const labdefs::Machine& machine : lab.lab.machines)
        if (!images.find(machine.image))
            std::cerr << "note: machine '" << machine.name << "' needs image '" << machine.image
                      << "', which is not here yet\n";
}

Json lab_json(const pipeline::StoredLab& stored) {
    Json machines = Json::array();
    for (const labdefs::Machine& machine : stored.lab.machines)
        machines.push_back({{"name", machine.name},
                            {"image", machine.image},
                            {"vcpus", machine.vcpus},
                            {"memory_mib", machine.memory_mib},
                            {"criticality", machine.criticality},
                            {"suites", machine.suites}});
    Json networks = Json::array();
    for (const labdefs::Network& network : stored.lab.networks) {
        Json members = Json::array();
        for (const labdefs::NetworkMember& member : network.members)
            members.push_back({{"machine", member.machine},
                               {"address", member.address},
                               {"mac", pipeline::mac_of(stored.lab.name, network, member)}});
        networks.push_back({{"name", network.name}, {"members", members}});
    }
    return {{"name", stored.lab.name},     {"description", stored.lab.description},
            {"digest", stored.lab.digest}, {"added", stored.added},
            {"machines", machines},        {"networks", networks}};
}

void add_lab_check(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "check", "check a lab definition: every mistake, with file, line and path");
    auto file = std::make_shared<std::string>();
    verb->add_option("FILE", *file, "the lab's YAML file")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        if (!fs::exists(*file)) throw Error(ErrorCode::not_found, "there is no file " + *file);
        Diagnostics diagnostics;
        const pipeline::StoredLab lab = pipeline::read_lab(*file, diagnostics);
        if (context.json) {
            context.print({{"schema", "patchlab/lab-check/v1"},
                           {"file", *file},
                           {"ok", diagnostics.ok()},
                           {"mistakes", diagnostics.to_json()}},
                          [] {});
            if (!diagnostics.ok()) context.exit = 2;
            return;
        }
        diagnostics.throw_if_any("checking lab " + *file);
        std::cout << "lab '" << lab.lab.name << "' is well defined: " << lab.lab.machines.size()
                  << (lab.lab.machines.size() == 1 ? " machine, " : " machines, ")
                  << lab.suites.size() << " suites\n";
        warn_of_missing_images(context, lab);
    });
}

void add_lab_add(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("add", "add a lab, or replace the one of the same name");
    auto file = std::make_shared<std::string>();
    verb->add_option("FILE", *file, "the lab's YAML file")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, file] {
        const pipeline::StoredLab lab = read_checked_lab(*file);
        const bool changed =
            pipeline::LabStore(context.database()).put(lab, to_rfc3339(context.clock().now()));
        images::ImageStore images(context.state(), context.database());
        context.database().transaction([&] {
            images.remove_reference("lab " + lab.lab.name);
            for (const labdefs::Machine& machine : lab.lab.machines)
                if (const auto image = images.find(machine.image))
                    images.add_reference(image->digest, "lab " + lab.lab.name);
        });
        warn_of_missing_images(context, lab);
        context.print(lab_json(lab), [&] {
            std::cout << "lab '" << lab.lab.name << (changed ? "' added\n" : "' is unchanged\n");
        });
    });
}

void add_lab_list(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("list", "list the labs");
    add_json_flag(*verb, context);
    verb->callback([&context] {
        Json labs = Json::array();
        std::vector<std::vector<std::string>> rows;
        for (const pipeline::StoredLab& stored : pipeline::LabStore(context.database()).list()) {
            labs.push_back(lab_json(stored));
            std::string machines;
            for (const labdefs::Machine& machine : stored.lab.machines)
                machines += (machines.empty() ? "" : ", ") + machine.name;
            rows.push_back({stored.lab.name, machines, stored.added});
        }
        context.print({{"schema", "patchlab/labs/v1"}, {"labs", labs}}, [&] {
            print_table(context, {"LAB", "MACHINES", "ADDED"}, rows);
        });
    });
}

void add_lab_show(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand("show", "show a lab: machines, networks, suites");
    auto lab = std::make_shared<std::string>();
    verb->add_option("NAME", *lab, "the lab")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, lab] {
        const pipeline::StoredLab stored = pipeline::LabStore(context.database()).get(*lab);
        Json document = lab_json(stored);
        document["schema"] = "patchlab/lab-description/v1";
        context.print(document, [&] { std::cout << stored.lab.source; });
    });
}

void add_prepare(CLI::App& noun, Context& context) {
    CLI::App* verb = noun.add_subcommand(
        "prepare", "boot, test, capture and checkpoint the lab once, for all its runs");
    auto lab = std::make_shared<std::string>();
    verb->add_option("NAME", *lab, "the lab")->required();
    add_json_flag(*verb, context);
    verb->callback([&context, lab] {
        const pipeline::StoredLab stored = pipeline::LabStore(context.database()).get(*lab);
        const pipeline::Backend backend = make_backend(context);
        images::ImageStore images(context.state(), context.database());
        pipeline::RunPlan plan = pipeline::plan_lab(stored, images, backend, {});
        plan.request.kind = "prepare";
        const std::string id = start_worker(context, plan, backend);
        const pipeline::RunState state = follow_run(context, id);
        if (state.progress != pipeline::RunProgress::finished || !state.faults.empty())
            throw Error(ErrorCode::lab, "preparing lab '" + *lab + "': " + last_fault(state),
                        "see: patchlab run log " + id);
        const std::string digest = pipeline::prepared_digest(plan.request, backend.emulator);
        context.print({{"schema", "patchlab/prepared-lab/v1"},
                       {"lab", *lab},
                       {"digest", digest},
                       {"run", id}},
                      [&] {
                          std::cout << "lab '" << *lab << "' is prepared (" << digest.substr(0, 12)
                                    << ")\n";
                      });
    });
}

void add_lab_remove(CLI::App& noun, Context& context) {
    CLI::App* verb =
        noun.add_subcommand("remove", "remove a lab; its runs and their evidence stay");
    auto lab = std::make_shared<std::string>();
    verb->add_option("NAME", *lab, "the lab")->required();
    verb->callback([&context, lab] {
        pipeline::RunStore(context.state(), context.database()).sync();
        pipeline::LabStore(context.database()).remove(*lab);
        images::ImageStore(context.state(), context.database()).remove_reference("lab " + *lab);
        std::cout << "lab '" << *lab << "' removed\n";
    });
}

}  // namespace

void add_lab(CLI::App& app, Context& context) {
    CLI::App* noun =
        app.add_subcommand("lab", "labs: clones of production machines, described in YAML");
    noun->require_subcommand(1);
    add_lab_check(*noun, context);
    add_lab_add(*noun, context);
    add_lab_list(*noun, context);
    add_lab_show(*noun, context);
    add_prepare(*noun, context);
    add_lab_remove(*noun, context);
}

}  // namespace patchlab::cli
