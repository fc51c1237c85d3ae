// SPDX-License-Identifier: Apache-2.0
//
// The lab host's side.
#include "orchestrator/operations/node_process.hpp"

#include <iostream>

#include "orchestrator/nodes/head/registry.hpp"
#include "orchestrator/nodes/host/web_files.hpp"
#include "orchestrator/nodes/host/work.hpp"
#include "orchestrator/operations/host_checks.hpp"
#include "orchestrator/operations/worker_process.hpp"
#include "orchestrator/pipeline/lab/capacity.hpp"
#include "platform/core/error.hpp"
#include "platform/core/key_ring.hpp"
#include "platform/core/version.hpp"
#include "platform/process/cell.hpp"

namespace patchlab::operations {

namespace {

nodes::Cache cache_of(Session& session, const nodes::NodeConfiguration& configuration) {
    return nodes::Cache(session.state(), {configuration.cache_bytes, configuration.keep_free});
}

/// What keeps this host from working runs, each in a sentence.
std::vector<std::string> problems_of_node(Session& session,
                                          const nodes::NodeConfiguration& configuration) {
    std::vector<std::string> problems;
    try {
        const pipeline::Backend backend = session.backend();
        if (backend.name != "fake")
            for (const Finding& finding :
                 check_requirements(session.commands(), requirements_of_nodes()))
                if (finding.answer == Answer::no)
                    problems.push_back(finding.name + ": " + finding.detail);
    } catch (const Error& error) {
        problems.push_back(error.what());
    }
    if (!process::cells_available())
        problems.emplace_back("this host permits no sandbox: namespaces cannot be made");
    if (std::string why = cache_of(session, configuration).why_no_room(); !why.empty())
        problems.push_back(std::move(why));
    return problems;
}

process::CommandSpec drain_command(const nodes::NodeConfiguration& configuration,
                                   const std::string& reason) {
    process::CommandSpec command;
    command.program = configuration.drain.front();
    command.args.assign(configuration.drain.begin() + 1, configuration.drain.end());
    command.args.push_back(reason);
    command.purpose = "taking node " + configuration.name + " out of service";
    return command;
}

void drain_node(Session& session, const nodes::NodeConfiguration& configuration,
                const std::string& reason) {
    if (configuration.drain.empty()) return;
    try {
        session.commands().require(drain_command(configuration, reason));
    } catch (const Error& error) {
        std::cerr << "patchlab node: " << error.what() << std::endl;
    }
}

Json contents_json(const nodes::Cache& cache) {
    Json contents = Json::array();
    for (const nodes::CachedContent& one : cache.list())
        contents.push_back({{"key", one.key},
                            {"bytes", one.bytes},
                            {"last_used", one.last_used},
                            {"in_use", one.in_use}});
    return contents;
}

/// A node removes the runs and contents that it does not need.
void expect_no_head(Session& session) {
    if (!session.has_state()) return;
    store::Database& database = session.database();
    if (database.query_one("SELECT 1 FROM images LIMIT 1") ||
        database.query_one("SELECT 1 FROM runs LIMIT 1"))
        throw Error(ErrorCode::conflict,
                    "the state folder " + session.state().string() +
                        " has images and runs of its own, which a node would remove",
                    "give the node another state folder: --state-dir DIR");
}

}  // namespace

Json set_up_node(Session& session, const NodeSetup& setup) {
    session.permit_new_state();
    expect_no_head(session);
    const fs::path state = session.state();
    nodes::check_node_name(setup.name);
    nodes::NodeConfiguration configuration;
    if (fs::exists(nodes::node_configuration_file(state))) {
        configuration = nodes::read_node_configuration(state);
        if (configuration.name != setup.name)
            throw Error(ErrorCode::conflict, "this host is node '" + configuration.name + "'",
                        "to begin anew, remove " + nodes::node_configuration_file(state).string() +
                            " and keys/");
    }
    configuration.name = setup.name;
    if (!setup.head.empty()) configuration.head = setup.head;
    if (!setup.head_keys.empty()) configuration.head_keys = setup.head_keys;
    if (!configuration.head.empty()) nodes::head_address(configuration.head);
    if (!configuration.head_keys.empty())
        public_keys_from_pem(configuration.head_keys, "the key of the head");
    if (!setup.files.empty()) {
        nodes::check_web_address(setup.files);
        configuration.files = setup.files;
    }
    if (setup.cache_bytes) configuration.cache_bytes = *setup.cache_bytes;
    if (setup.keep_free) configuration.keep_free = *setup.keep_free;
    if (!setup.drain.empty()) configuration.drain = setup.drain;
    nodes::write_node_configuration(state, configuration);
    const PublicKey key = installation_keys(state).current(session.clock()).public_key();
    return {{"schema", "patchlab/node-set-up/v1"},
            {"node", configuration.name},
            {"head", configuration.head},
            {"key", key.id()},
            {"public_key", key.pem()}};
}

Json check_node(Session& session) {
    session.permit_new_state();
    const auto configuration = nodes::read_node_configuration(session.state());
    const auto problems = problems_of_node(session, configuration);
    const pipeline::HostRoom room = pipeline::room_of_this_host();
    Json document{{"schema", "patchlab/node-check/v1"},
                  {"node", configuration.name},
                  {"ready", problems.empty()},
                  {"version", version},
                  {"backend", session.backend_name()},
                  {"emulator", nullptr},
                  {"acceleration", nullptr},
                  {"cores", room.cores},
                  {"memory_mib", room.memory_mib},
                  {"free_bytes", free_bytes(session.state())},
                  {"contents", contents_json(cache_of(session, configuration))},
                  {"problems", problems}};
    try {
        const pipeline::RunsOn on = pipeline::runs_on(session.backend());
        document["emulator"] = on.emulator;
        document["acceleration"] = on.acceleration;
    } catch (const Error&) {
        // it is among the problems
    }
    return document;
}

void take_node_out(Session& session, const std::string& reason) {
    session.permit_new_state();
    const auto configuration = nodes::read_node_configuration(session.state());
    if (configuration.drain.empty())
        throw Error(ErrorCode::usage, "no program is set up that takes this host out of service",
                    "set one: patchlab node init " + configuration.name + " --drain PROGRAM");
    session.commands().require(drain_command(configuration, reason));
}

int work_for_head(Session& session, const std::string& head, const std::string& run, int attempt) {
    session.permit_new_state();
    nodes::WorkParts parts;
    parts.state = session.state();
    parts.configuration = nodes::read_node_configuration(parts.state);
    const std::string address = head.empty() ? parts.configuration.head : head;
    if (address.empty())
        throw Error(ErrorCode::usage, "it is not known where the head is",
                    "set PATCHLAB_HEAD, or: patchlab node init " + parts.configuration.name +
                        " --head ADDRESS");
    parts.head = nodes::head_address(address);
    parts.clock = &session.clock();
    parts.commands = &session.commands();
    parts.backend = session.backend_name();
    parts.problems = [&] { return problems_of_node(session, parts.configuration); };
    parts.emulator = [&] { return session.backend().emulator; };
    parts.work = [&](const pipeline::RunFolder& folder) { return carry_run(session, folder); };
    parts.drain = [&](const std::string& why) { drain_node(session, parts.configuration, why); };
    parts.report = [&](const std::string& text) {
        std::cerr << "patchlab node: run " << run << ": " << text << std::endl;
    };
    return nodes::work_attempt(parts, run, attempt);
}

}  // namespace patchlab::operations
