// SPDX-License-Identifier: Apache-2.0
//
// Stage boot: cold start of the clones, until every guest agent answers and every service manager
// has settled.
#include <cmath>

#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::pipeline {

namespace {

/// Nothing is known yet of how fast this host is.
constexpr Seconds first_settling{600};

/// Timers are stopped for the life of the lab: after a restore the clock jumps, and each timer that
/// had become due would then write to the disk in the middle of a trial. Stopped alike before, in
/// the controls and after, they change nothing in the comparison.
constexpr std::string_view quiesce = "systemctl stop '*.timer' 2>/dev/null; true";

/// Who gives them at the next boot: systemd's own network service, where the machine has no other.
/// Nothing waits for it at a boot.
constexpr std::string_view keep_addresses =
    "if ! systemctl --quiet is-active systemd-networkd NetworkManager networking; then\n"
    "systemctl --quiet enable --now systemd-networkd; systemctl --quiet disable --now "
    "systemd-networkd-wait-online\nfi\n";

/// Gives the cards of a lab with networks their production addresses, for this boot and the next.
std::string addresses(const RunRequest& request, const std::string& machine) {
    std::string script;
    for (const labdefs::Network& network : request.lab.networks)
        for (const labdefs::NetworkMember& member : network.members) {
            if (member.machine != machine || member.address.empty()) continue;
            const std::string mac = mac_of(request.lab.name, network, member);
            script += "for card in /sys/class/net/*; do [ \"$(cat $card/address)\" = " + mac +
                      " ] || continue; name=${card##*/}\n" + "ip address add " + member.address +
                      " dev $name; ip link set $name up\ndone\n";
            script += "mkdir -p /etc/systemd/network; printf '[Match]\\nMACAddress=" + mac +
                      "\\n[Network]\\nAddress=" + member.address +
                      "\\nLinkLocalAddressing=no\\n' >/etc/systemd/network/10-patchlab-" +
                      network.name + ".network\n";
        }
    return script.empty() ? script : script + std::string(keep_addresses);
}

}  // namespace

double boot(const RunContext& run, const PreparedLab& building, LabSession& session,
            virt::CheckpointKind kind) {
    run.tell(Stage::boot, "starting " + std::to_string(run.request.machines.size()) + " machines");
    const double seconds =
        session.boot(building, kind, Seconds(rule(Stage::boot).deadline_seconds));
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
        const guest::GuestResult result =
            channel.run_script(addresses(run.request, name) + std::string(quiesce), Seconds(60));
        if (!result.ok())
            throw Error(ErrorCode::lab,
                        "machine '" + name + "' could not be set up: " + result.err.substr(0, 400));
    }
    return seconds;
}

}  // namespace patchlab::pipeline
