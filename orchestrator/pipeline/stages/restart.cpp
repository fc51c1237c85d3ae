// SPDX-License-Identifier: Apache-2.0
//
// Stage restart: what was installed takes effect. A machine that needs it is rebooted, proven by
// its boot id; on the others the services that still use replaced files are restarted.
#include <algorithm>
#include <array>
#include <regex>
#include <sstream>

#include "guest_scripts.hpp"
#include "orchestrator/families/scripts.hpp"
#include "orchestrator/pipeline/stages/stages.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/json.hpp"

namespace patchlab::pipeline {

namespace {

constexpr Seconds agent_deadline{60};

/// Units that nobody restarts under a running system, as the beginnings of their names.
constexpr std::array spared_units{"dbus",  "systemd-", "qemu-guest-agent", "getty", "serial-getty",
                                  "user@", "polkit"};

bool is_spared(const std::string& unit) {
    return std::any_of(spared_units.begin(), spared_units.end(),
                       [&](const char* beginning) { return unit.starts_with(beginning); });
}

/// What the service manager does before, as restart_units.sh calls it.
constexpr const char* as_it_is = "as-it-is";
constexpr const char* read_units_again = "daemon-reload";
constexpr const char* renew_service_manager = "daemon-reexec";

/// Prints those that do not come back.
guest::GuestResult restart_units(guest::GuestChannel& channel, std::string first,
                                 const std::vector<std::string>& units, Seconds deadline) {
    std::vector<std::string> words{std::move(first)};
    words.insert(words.end(), units.begin(), units.end());
    return channel.run_script(families::script("restart_units.sh"), std::move(words), deadline);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (!line.empty()) lines.push_back(line);
    return lines;
}

bool is_unit_name(const std::string& text) {
    static const std::regex pattern(R"([A-Za-z0-9:_.\\@-]{1,200}\.service)");
    return std::regex_match(text, pattern);
}

}  // namespace

bool needs_reboot(const RunRequest& request) {
    return std::any_of(request.patches.begin(), request.patches.end(),
                       [](const intake::Patch& patch) { return patch.reboot; });
}

Json to_json(const Restarts& restarts) {
    return {{"restarted", restarts.restarted},
            {"still_old", restarts.still_old},
            {"failed", restarts.failed},
            {"rebooted", restarts.rebooted}};
}

Restarts restart_stale(const Trial& trial, const std::string& machine) {
    guest::GuestChannel& channel = trial.session.channel(machine);
    guest::GuestCommand look{
        {"/usr/bin/perl", "-"}, families::script("stale.pl"), {}, Seconds(60), 65536};
    const guest::GuestResult found = channel.run(look);
    if (!found.ok())
        throw MachineBroken(
            machine, "does not tell what uses replaced files: perl " + guest::how_it_ended(found));
    Restarts restarts;
    bool agent = false, init = false;
    for (const std::string& line : lines_of(found.out)) {
        const std::string kind = line.substr(0, line.find(' ')),
                          subject = line.substr(line.find(' ') + 1);
        if (kind == "unit" && is_unit_name(subject)) restarts.restarted.push_back(subject);
        else if (kind == "init") init = true;
        else if (kind == "core" && subject == "qemu-guest-agent.service") agent = true;
        else restarts.still_old.push_back(kind == "loose" ? "process " + subject : subject);
    }
    if (!restarts.restarted.empty() || init) {
        restarts.units_read = true;
        const guest::GuestResult result =
            restart_units(channel, init ? renew_service_manager : read_units_again,
                          restarts.restarted, trial.lab.settling_time());
        for (const std::string& unit : lines_of(result.out))
            if (is_unit_name(unit)) restarts.failed.push_back(unit);
    }
    if (agent) restart_agent(channel);
    return restarts;
}

void restart_agent(guest::GuestChannel& channel) {
    const auto process = [&] {
        const guest::GuestCommand show{
            {"/bin/systemctl", "show", "--property=MainPID", "--value", "qemu-guest-agent.service"},
            "",
            {},
            Seconds(20),
            4096};
        const auto lines = lines_of(channel.run(show).out);
        return lines.empty() ? std::string() : lines.front();
    };
    const std::string before = process();
    const Deadline until(agent_deadline);
    for (bool asked = false;;) {
        try {
            channel.wait_until_ready(until.left());
            if (asked) {
                const std::string now = process();
                if (!now.empty() && now != "0" && now != before) return;
            } else {
                asked = true;  // whatever becomes of the answer: the one who answers is ended by it
                channel.run_script(embedded::guest_scripts::file("end_agent.sh"),
                                   {"restart", "qemu-guest-agent.service"}, Seconds(20), 4096);
            }
        } catch (const guest::ChannelLost&) {
            if (until.passed()) throw;
        }
        if (until.passed())
            throw guest::ChannelLost(
                "the guest agent, which uses replaced files, did not restart within 60 s");
    }
}

void restart_everything(guest::GuestChannel& channel, Seconds deadline) {
    channel.run_script(embedded::guest_scripts::file("restart_everything.sh"),
                       {spared_units.begin(), spared_units.end()}, deadline);
}

namespace {

/// The patch's own services are started once more: some survive the start by their installation,
/// and no other.
void start_again(const Trial& trial, const std::string& machine, Restarts& restarts) {
    std::vector<std::string> units;
    for (const intake::Patch& patch : trial.run.request.patches)
        for (const std::string& unit : patch.restarts)
            if (is_unit_name(unit) && !is_spared(unit) &&
                std::find(units.begin(), units.end(), unit) == units.end())
                units.push_back(unit);
    if (units.empty()) return;
    trial.tell(Stage::restart, machine + ": starting the patch's own services once more");
    const guest::GuestResult result = restart_units(
        trial.session.channel(machine), restarts.units_read ? as_it_is : read_units_again, units,
        trial.lab.settling_time());
    for (const std::string& unit : lines_of(result.out))
        if (is_unit_name(unit) && std::find(restarts.failed.begin(), restarts.failed.end(), unit) ==
                                      restarts.failed.end())
            restarts.failed.push_back(unit);
    for (const std::string& unit : units)
        if (std::find(restarts.restarted.begin(), restarts.restarted.end(), unit) ==
            restarts.restarted.end())
            restarts.restarted.push_back(unit);
}

}  // namespace

void restart(const Trial& trial) {
    for (const MachineRequest& machine : trial.run.request.machines) {
        const std::string& name = machine.definition.name;
        if (!fs::exists(trial.folder / (name + "-apply.json"))) continue;
        Restarts restarts;
        if (needs_reboot(trial.run.request)) {
            trial.tell(Stage::restart, name + ": rebooting");
            trial.session.reboot(name, trial.lab.boot_seconds());
            restarts.rebooted = true;
        } else {
            trial.tell(Stage::restart, name + ": restarting what uses replaced files");
            restarts = restart_stale(trial, name);
            start_again(trial, name, restarts);
        }
        write_json(trial.folder / (name + "-restart.json"), to_json(restarts));
        for (const std::string& unit : restarts.failed)
            trial.add_reason({ReasonKind::health, name, unit,
                              "the service did not start again after the patch", Effect::rejects});
        if (!wait_until_settled(trial.session.channel(name), trial.lab.settling_time()))
            trial.add_unsettled(name, "the patch took effect");
    }
}

}  // namespace patchlab::pipeline
