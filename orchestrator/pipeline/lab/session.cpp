// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/lab/session.hpp"

#include <algorithm>
#include <thread>

#include "guest_scripts.hpp"
#include "orchestrator/pipeline/lab/boot_watch.hpp"
#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "platform/core/log.hpp"
#include "platform/process/processor_time.hpp"

namespace patchlab::pipeline {

namespace {

constexpr Seconds agent_after_restore{30};
constexpr Seconds emulator_answer{5};
constexpr Seconds look_at_boot{2};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Time and entropy for wake.sh.
std::vector<std::string> new_life(TimePoint now) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    return {std::to_string(seconds), random_hex(64)};
}

}  // namespace

std::string mac_of(const std::string& lab, const labdefs::Network& network,
                   const labdefs::NetworkMember& member) {
    if (!member.mac.empty()) return member.mac;
    const std::string digest = sha256_hex(lab + "/" + network.name + "/" + member.machine);
    return "52:54:00:" + digest.substr(0, 2) + ":" + digest.substr(2, 2) + ":" +
           digest.substr(4, 2);
}

std::string boot_id(guest::GuestChannel& channel) {
    guest::GuestCommand command{
        {"/bin/cat", "/proc/sys/kernel/random/boot_id"}, "", {}, Seconds(30), 4096};
    const guest::GuestResult result = channel.run(command);
    const std::string id = first_line(result.out);
    if (!result.ok() || id.size() != 36)
        throw guest::ChannelLost("the guest does not tell its boot id");
    return id;
}

bool wait_until_settled(guest::GuestChannel& channel, Seconds deadline) {
    const Deadline until(deadline);
    const guest::GuestResult result = channel.run_script(
        embedded::guest_scripts::file("await_settled.sh"),
        {std::to_string(static_cast<int>(deadline.count()))}, deadline + Seconds(90));
    return result.ok() && !until.passed();
}

LabSession::LabSession(const Backend& backend, virt::Hypervisor& hypervisor,
                       LiveEmulators& emulators, fs::path sockets, fs::path folder,
                       const RunRequest& request, std::string clone)
    : backend_(backend),
      hypervisor_(hypervisor),
      sockets_(std::move(sockets)),
      folder_(std::move(folder)),
      request_(request),
      clone_(std::move(clone)),
      emulators_(emulators) {
    make_folder(sockets_, 0711);
    make_folder(folder_, 0710);
}

LabSession::~LabSession() {
    try {
        end();
    } catch (const std::exception& error) {
        log_warning("ending the machines of " + folder_.string() + ": " +
                    error.what());  // the cell or the reaper ends them
    }
}

virt::MachineSpec LabSession::spec(const MachineRequest& machine, const fs::path& disk) const {
    virt::MachineSpec spec;
    spec.name = machine.definition.name;
    spec.clone = clone_;
    spec.vcpus = machine.definition.vcpus;
    spec.memory_mib = machine.definition.memory_mib;
    spec.disk = disk;
    spec.uefi = machine.uefi;
    spec.serial_log = console(machine.definition.name);
    spec.agent_socket = sockets_ / ("agent-" + spec.id() + ".sock");
    spec.acceleration = backend_.acceleration;
    for (const labdefs::Network& network : request_.lab.networks)
        for (const labdefs::NetworkMember& member : network.members)
            if (member.machine == machine.definition.name && backend_.isolated_network)
                spec.nics.push_back({network.name, mac_of(request_.lab.name, network, member)});
    return spec;
}

void LabSession::opened(const virt::MachineSpec& spec) {
    if (const auto pid = hypervisor_.pid(spec.id())) emulators_.add(*pid);
    channels_[spec.name] = backend_.open_channel(spec.agent_socket);
}

double LabSession::boot(const PreparedLab& lab, virt::CheckpointKind kind, Seconds deadline) {
    const Stopwatch watch;
    const Deadline until(deadline);
    for (const MachineRequest& machine : request_.machines) {
        virt::MachineSpec spec = this->spec(machine, lab.disk(machine.definition.name));
        if (kind == virt::CheckpointKind::mapped)
            spec.memory_file = lab.checkpoint_files(spec.name, kind).memory;
        during("starting machine '" + spec.name + "'", [&] { hypervisor_.start(spec); });
        opened(spec);
    }
    for (auto& [machine, channel] : channels_)
        during("waiting for the guest agent of machine '" + machine + "'",
               [&, &name = machine] { await_agent(name, until); });
    return watch.seconds();
}

std::string LabSession::said_last(const std::string& machine, std::uintmax_t from) const {
    return read_end(console(machine), end_of_console, from);
}

/// At the first start of a machine, of which nothing is known yet but what its console says.
void LabSession::await_agent(const std::string& machine, const Deadline& until) {
    const Stopwatch watch;
    ConsoleWatch console_watch;
    for (;;) {
        try {
            return channel(machine).wait_until_ready(std::min(look_at_boot, Seconds(until.left())));
        } catch (const guest::ChannelLost&) {
            if (until.passed()) throw;
        }
        if (const auto why = console_watch.look(watch.seconds(), said_last(machine, 0)))
            throw MachineDead("machine '" + machine + "' does not start: " + *why, false);
    }
}

void LabSession::checkpoint(const PreparedLab& lab, virt::CheckpointKind kind) {
    std::vector<std::string> names;
    std::vector<virt::CheckpointFiles> files;
    for (const MachineRequest& machine : request_.machines) {
        names.push_back(machine.definition.name);
        files.push_back(lab.checkpoint_files(names.back(), kind));
    }
    for (const std::string& name : names) channel(name).freeze();
    channels_.clear();
    hypervisor_.checkpoint(names, files, kind);
}

double LabSession::restore(const PreparedLab& lab, Reboots reboots) {
    const Stopwatch watch;
    const virt::CheckpointKind kind = lab.kind();
    for (const MachineRequest& machine : request_.machines) {
        const std::string& name = machine.definition.name;
        backend_.create_overlay(lab.disk(name), overlay(name));
        virt::MachineSpec spec = this->spec(machine, overlay(name));
        const virt::CheckpointFiles files = lab.checkpoint_files(name, kind);
        spec.memory_file = files.memory;
        spec.reboots = reboots == Reboots::expected;
        during("restoring machine '" + name + "'", [&] { hypervisor_.restore(spec, files, kind); });
        opened(spec);
    }
    for (auto& [name, channel] : channels_) channel->wait_until_ready(agent_after_restore);
    const double answered = watch.seconds();
    for (auto& [name, channel] : channels_) {
        channel->thaw();
        const guest::GuestResult woken =
            channel->run_script(embedded::guest_scripts::file("wake.sh"),
                                new_life(backend_.clock->now()), Seconds(30), 4096);
        if (!woken.ok())
            throw Error(ErrorCode::lab,
                        "machine '" + name +
                            "' did not take its clock and entropy after the restore: " +
                            first_line(woken.err));
        if (first_line(woken.out) != lab.baseline(name).capture.boot_id)
            throw Error(ErrorCode::lab,
                        "machine '" + name + "' booted instead of going on from its checkpoint");
    }
    return answered;
}

void LabSession::await_boot(const std::string& machine, const std::string& boot_before,
                            double usual) {
    const Stopwatch watch;
    BootWatch boot(usual);
    guest::GuestChannel& to = channel(machine);
    std::error_code none;
    std::uintmax_t said_before = fs::file_size(console(machine), none);
    if (none) said_before = 0;
    for (;;) {
        const Deadline next_look(look_at_boot);
        try {
            to.wait_until_ready(look_at_boot);
            if (boot_id(to) != boot_before) return;
        } catch (const guest::ChannelLost&) {
            const Silence silence = explain_silence(machine);
            const bool on_console = silence == Silence::crashed && panicked(machine);
            if (silence != Silence::silent && !on_console) throw;
        }
        const auto pid = hypervisor_.pid(id(machine));
        const auto given_up =
            boot.look(watch.seconds(), pid ? process::cpu_seconds(*pid) : std::nullopt,
                      said_last(machine, said_before));
        const std::string what =
            given_up ? "machine '" + machine + "' did not come back: " + given_up->why : "";
        if (given_up && given_up->dead) throw MachineDead(what, false);
        if (given_up) throw guest::ChannelLost(what);
        std::this_thread::sleep_for(next_look.left());
    }
}

/// Stopped once may be a mishap of the emulator: whether the disk starts is seen by starting it.
void LabSession::start_once_more(const std::string& machine, const MachineDead& first,
                                 double usual) {
    if (!clone_.empty()) throw first;  // it can only be restored
    try {
        power_cycle(machine, usual);
    } catch (const MachineDead& second) {
        throw MachineDead(second.message(), true);
    }
    throw guest::ChannelLost(first.message() + "; switched off and on again, it did come up");
}

void LabSession::reboot(const std::string& machine, double usual) {
    guest::GuestChannel& to = channel(machine);
    const std::string before = boot_id(to);
    try {
        to.run_script(embedded::guest_scripts::file("end_agent.sh"), {"reboot"}, Seconds(20));
    } catch (const guest::ChannelLost&) {
        // the guest may be gone before it could answer; the boot id decides
    }
    try {
        await_boot(machine, before, usual);
    } catch (const MachineDead& dead) {
        start_once_more(machine, dead, usual);
    }
}

void LabSession::power_cycle(const std::string& machine, double usual) {
    channels_.erase(machine);
    held_.erase(machine);
    if (const auto pid = hypervisor_.pid(id(machine))) emulators_.remove(*pid);
    hypervisor_.destroy(id(machine));
    const virt::MachineSpec again = spec(request_.machine(machine), overlay(machine));
    during("starting machine '" + machine + "' after its power cut",
           [&] { hypervisor_.start(again); });
    opened(again);
    await_boot(machine, "", usual);
}

void LabSession::hold(const std::string& machine) {
    if (!held_.insert(machine).second) return;
    channel(machine).freeze();
    hypervisor_.pause(id(machine));
}

void LabSession::release(const std::string& machine) {
    if (held_.erase(machine) == 0) return;
    hypervisor_.resume(id(machine));
    channel(machine).thaw();
}

guest::GuestChannel& LabSession::channel(const std::string& machine) {
    const auto it = channels_.find(machine);
    if (it == channels_.end())
        throw Error(ErrorCode::internal, "machine '" + machine + "' has no channel");
    return *it->second;
}

bool LabSession::panicked(const std::string& machine) const {
    const auto found = standstill_of(said_last(machine, 0));
    return found && found->kind == Standstill::Kind::panic;
}

Silence LabSession::explain_silence(const std::string& machine) {
    if (!hypervisor_.responds(id(machine), emulator_answer)) {
        const virt::MachineState state = hypervisor_.state(id(machine));
        if (state == virt::MachineState::stopped) return Silence::powered_off;
        if (state == virt::MachineState::crashed) return Silence::crashed;
        return Silence::lab;
    }
    switch (hypervisor_.state(id(machine))) {
        case virt::MachineState::running:
            return panicked(machine) ? Silence::crashed : Silence::silent;
        case virt::MachineState::crashed: return Silence::crashed;
        case virt::MachineState::stopped: return Silence::powered_off;
        case virt::MachineState::paused:  // an I/O error of the host's disk stops a machine so
        case virt::MachineState::unknown: return Silence::lab;
    }
    return Silence::lab;
}

void LabSession::end() {
    channels_.clear();
    for (const MachineRequest& machine : request_.machines)
        hypervisor_.destroy(id(machine.definition.name));
    emulators_.clear();
}

}  // namespace patchlab::pipeline
