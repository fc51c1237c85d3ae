// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/fake/fault_injection.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "platform/core/error.hpp"
#include "platform/core/fail_point.hpp"

namespace patchlab::pipeline {

namespace {

void die_where_wanted(std::string_view name) {
    const char* text = std::getenv("PATCHLAB_FAULT");
    if (!text) return;
    std::string wanted = text;
    int passage = 1;
    if (const auto mark = wanted.find('@'); mark != std::string::npos) {
        passage = std::atoi(wanted.c_str() + mark + 1);
        wanted.resize(mark);
    }
    if (wanted != std::string(name) + ":kill") return;
    static std::atomic<int> passed{0};
    if (++passed == passage) ::kill(::getpid(), SIGKILL);
}

}  // namespace

void obey_fail_points() { on_fail_point(die_where_wanted); }

Backend with_faults(Backend backend) {
    backend.on_stage = [](const StageEntry& entry) {
        meet_fault(wanted_fault(), entry.stage, entry.folder, entry.session, entry.request);
    };
    return backend;
}

std::optional<Fault> wanted_fault() {
    const char* text = std::getenv("PATCHLAB_FAULT");
    if (!text || !*text) return std::nullopt;
    const std::string all = text;
    const auto colon = all.find(':');
    const auto second = colon == std::string::npos ? colon : all.find(':', colon + 1);
    const auto stage = stage_from(all.substr(0, colon));
    Fault fault;
    if (colon != std::string::npos)
        fault.kind =
            all.substr(colon + 1, second == std::string::npos ? second : second - colon - 1);
    static constexpr std::array kinds{"kill",       "disk-full",  "emulator-gone", "emulator-hung",
                                      "agent-gone", "superseded", "hold"};
    if (!stage && fault.kind.starts_with("kill")) return std::nullopt;  // of a fail point
    if (!stage || std::find(kinds.begin(), kinds.end(), fault.kind) == kinds.end())
        throw Error(ErrorCode::invalid, "PATCHLAB_FAULT '" + all + "' is not STAGE:FAULT");
    fault.stage = *stage;
    fault.once = second != std::string::npos && all.substr(second + 1) == "once";
    return fault;
}

void meet_fault(const std::optional<Fault>& fault, Stage stage, const RunFolder& folder,
                LabSession* session, const RunRequest& request) {
    if (!fault || fault->stage != stage) return;
    const fs::path mark = folder.root() / "fault-met";
    if (fault->once && fs::exists(mark)) return;
    write_file_atomic(mark, fault->kind + "\n");
    if (fault->kind == "kill") ::kill(::getpid(), SIGKILL);
    if (fault->kind == "disk-full")
        throw Error(ErrorCode::lab, "No space left on device (a fault on purpose)");
    while (fault->kind == "hold" && fs::exists(request.state / "hold"))
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (fault->kind == "superseded") {
        Json lease = read_json(folder.lease());
        lease["attempt"] = lease["attempt"].get<int>() + 1;
        write_json(folder.lease(), lease);
    }
    if (!session) return;
    int signal = 0;
    if (fault->kind == "emulator-gone") signal = SIGKILL;
    else if (fault->kind == "emulator-hung") signal = SIGSTOP;
    if (signal)
        for (const int pid : session->emulators()) ::kill(pid, signal);
    if (fault->kind != "agent-gone") return;
    for (const MachineRequest& machine : request.machines) {
        try {
            session->release(
                machine.definition.name);  // a held guest cannot be asked to stop its agent
            session->channel(machine.definition.name)
                .run({{"/usr/bin/systemd-run", "--no-block", "--quiet", "systemctl", "mask",
                       "--now", "--runtime", "qemu-guest-agent.service"},
                      "",
                      {},
                      Seconds(30)});
        } catch (const guest::ChannelLost&) {
            // it may be gone before it could answer, which is what was wanted
        }
    }
}

}  // namespace patchlab::pipeline
