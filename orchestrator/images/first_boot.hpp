// SPDX-License-Identifier: Apache-2.0
//
// The first boot of a new image: proves that it boots by itself with an agent that answers, and
// lets the system finish what only it can do (its own boot menu). The machine has no network card
// and is shut down cleanly. Thread safety: one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/guest/channel.hpp"
#include "platform/virt/hypervisor.hpp"

namespace patchlab::images {

/// The machines an image is built with; the door fills it in.
struct Workbench {
    virt::Acceleration acceleration = virt::Acceleration::tcg;
    std::function<std::unique_ptr<virt::Hypervisor>(const std::filesystem::path& root)>
        open_hypervisor;
    std::function<std::unique_ptr<guest::GuestChannel>(const std::filesystem::path& socket)>
        open_channel;
    std::filesystem::path short_root;  ///< a folder for sockets, short enough for their names
};

struct FirstBoot {
    std::string kernel;                 ///< uname -r
    std::vector<std::string> warnings;  ///< "the unit x.service failed"
    double boot_seconds = 0;            ///< to an answering agent
};

struct NewDisk {
    std::filesystem::path file;  ///< raw
    std::string family;          ///< of its packages
    bool uefi = false;
};

/// Boots `disk`, finishes the system, shuts it down.
/// Error(lab) with the console's last lines when it does not boot, does not answer or does not end.
FirstBoot boot_first(const NewDisk& disk, const std::filesystem::path& console_log,
                     const Workbench& workbench,
                     const std::function<void(std::string_view)>& progress);

/// The last lines of a console log, printable, without escape sequences.
std::string console_tail(const std::filesystem::path& log, std::size_t lines = 12);

}  // namespace patchlab::images
