// SPDX-License-Identifier: Apache-2.0
#include "tests/live/virt/live_guest.hpp"

#include <sys/stat.h>

#include <cstdlib>

#include "platform/process/command.hpp"
#include "platform/virt/acceleration.hpp"
#include "platform/virt/qemu_user.hpp"

namespace patchlab::live {

std::filesystem::path image() {
    if (const char* file = std::getenv("PATCHLAB_LIVE_IMAGE")) return file;
    const char* state = std::getenv("PATCHLAB_LIVE_STATE");
    if (!state) return {};
    std::error_code ignored;  // no such folder: no image
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(state) / "images", ignored))
        if (entry.path().extension() == ".qcow2") {
            virt::let_qemu_read(entry.path(), state);  // as each run does with its image
            return entry.path();
        }
    return {};
}

Workplace::Workplace() : folder_("/tmp", "pl-live") { ::chmod(folder_.path().c_str(), 0711); }

void make_overlay(const std::filesystem::path& overlay, const std::filesystem::path& base) {
    process::SystemCommandRunner runner;
    process::CommandSpec spec;
    spec.program = "qemu-img";
    spec.args = {"create", "-q",    "-f",
                 "qcow2",  "-b",    (base.empty() ? image() : base).string(),
                 "-F",     "qcow2", overlay.string()};
    spec.purpose = "creating an overlay";
    runner.require(spec);
}

std::filesystem::path capability_cache() {
    return std::filesystem::temp_directory_path() / "pl-live-capabilities";
}

virt::Acceleration acceleration() {
    process::SystemCommandRunner runner;
    return virt::probe_acceleration(runner, capability_cache()).acceleration;
}

}  // namespace patchlab::live
