// SPDX-License-Identifier: Apache-2.0
//
// Stage boot: cold start of the clones, until every guest agent answers and every service manager
// has settled.
#include <cmath>

#include "guest_scripts.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/text_units.hpp"

namespace patchlab::pipeline {

namespace {

/// Nothing is known yet of how fast this host is.
constexpr Seconds first_settling{600};

/// The production addresses of a machine's cards, for set_up.sh.
std::vector<std::string> addresses(const RunRequest& request, const std::string& machine) {
    std::vector<std::string> words;
    for (const labdefs::Network& network : request.lab.networks)
        for (const labdefs::NetworkMember& member : network.members)
            if (member.machine == machine && !member.address.empty())
                words.insert(words.end(), {mac_of(request.lab.name, network, member),
                                           member.address, network.name});
    return words;
}

}  // namespace

double boot(const RunContext& run, const PreparedLab& building, LabSession& session,
            virt::CheckpointKind kind) {
    run.tell(Stage::boot, "starting " + count_text(run.request.machines.size(), "machine"));
    const double seconds = session.boot(building, kind, deadline_of(Stage::boot));
    for (const MachineRequest& machine : run.request.machines) {
        const std::string& name = machine.definition.name;
        run.tell(Stage::boot, name + ": agent answers, waiting for its services");
        guest::GuestChannel& channel = session.channel(name);
        if (!wait_until_settled(channel, first_settling))
            throw Error(ErrorCode::lab,
                        "machine '" + name + "' still had jobs running " +
                            std::to_string(std::lround(first_settling.count())) +
                            " s after its start",
                        "see " + session.console(name).string());
        const guest::GuestResult result = channel.run_script(
            embedded::guest_scripts::file("set_up.sh"), addresses(run.request, name), Seconds(60));
        if (!result.ok())
            throw Error(ErrorCode::lab,
                        "machine '" + name + "' could not be set up: " + result.err.substr(0, 400));
    }
    return seconds;
}

}  // namespace patchlab::pipeline
