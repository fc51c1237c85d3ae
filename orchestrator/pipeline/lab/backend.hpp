// SPDX-License-Identifier: Apache-2.0
//
// Everything of the outside world that a run touches, as one value that the door (command line,
// service, test) fills in. The pipeline itself creates no adapter: with the fake backend the whole
// program runs without a hypervisor.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/disk/overlay/changes.hpp"
#include "platform/guest/channel.hpp"
#include "platform/process/command.hpp"
#include "platform/virt/hypervisor.hpp"
#include "snapshots/capture.hpp"
#include "testsuites/model.hpp"

namespace patchlab::pipeline {

class LabSession;
class RunFolder;
struct RunRequest;
enum class Stage;

/// A stage that a worker enters; its name is stored by then.
struct StageEntry {
    Stage stage;
    const RunFolder& folder;
    LabSession* session;  ///< null while no machine runs
    const RunRequest& request;
};

struct Backend {
    std::string name;  ///< "libvirt" or "fake"
    virt::Acceleration acceleration = virt::Acceleration::tcg;
    /// What a checkpoint depends on besides its inputs ("QEMU 7.2.22, tcg"): another emulator
    /// cannot restore it.
    std::string emulator;
    /// Whether the machines of a run may have network cards: only in a network of their own.
    bool isolated_network = false;

    /// A hypervisor whose files live below `root` (a short path; unix sockets are limited to 108
    /// bytes).
    std::function<std::unique_ptr<virt::Hypervisor>(const std::filesystem::path& root)>
        open_hypervisor;
    std::function<std::unique_ptr<guest::GuestChannel>(const std::filesystem::path& socket)>
        open_channel;
    /// A new qcow2 overlay on `base` (of format qcow2).
    std::function<void(const std::filesystem::path& base, const std::filesystem::path& overlay)>
        create_overlay;
    std::function<disk::OverlayComparison(const disk::OverlayQuery&)> compare_disks;
    std::function<std::vector<testsuites::CheckResult>(guest::GuestChannel&,
                                                       const std::vector<testsuites::Suite>&)>
        run_suites;
    std::function<snapshots::Capture(guest::GuestChannel&, const snapshots::CaptureOptions&)>
        capture;
    /// Lets the machines of this backend read an image; empty where everybody can.
    std::function<void(const std::filesystem::path& image)> let_read;
    /// Called when a worker enters a stage; empty but for patchlab-sim and the tests, which let
    /// faults happen there. What it throws is a fault of that stage.
    std::function<void(const StageEntry&)> on_stage;
    process::CommandRunner* commands = nullptr;
    const Clock* clock = nullptr;
};

}  // namespace patchlab::pipeline
