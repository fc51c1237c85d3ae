// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/images/first_boot.hpp"

#include <algorithm>
#include <cctype>
#include <deque>
#include <sstream>
#include <thread>
#include <utility>

#include "image_scripts.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::images {

namespace {

constexpr auto machine_name = "first-boot";

Seconds boot_deadline(virt::Acceleration acceleration) {
    return acceleration == virt::Acceleration::kvm ? Seconds(180) : Seconds(600);
}

/// Waits for the agent, and for the machine's end, whichever comes first.
void wait_for_agent(virt::Hypervisor& hypervisor, guest::GuestChannel& channel, Seconds patience) {
    const Deadline deadline(patience);
    for (;;) {
        try {
            channel.wait_until_ready(std::min(Seconds(5), Seconds(deadline.left())));
            return;
        } catch (const guest::ChannelLost&) {
            const auto state = hypervisor.state(machine_name);
            if (state == virt::MachineState::stopped || state == virt::MachineState::crashed)
                throw Error(ErrorCode::lab, "the machine ended before its agent answered");
            if (deadline.passed())
                throw Error(ErrorCode::lab, "the guest agent did not answer in time");
        }
    }
}

FirstBoot finish(guest::GuestChannel& channel, std::string_view family) {
    std::string script(
        embedded::image_scripts::file(family == "rpm" ? "finish_rpm.sh" : "finish_deb.sh"));
    script += embedded::image_scripts::file("finish.sh");
    const auto result = channel.run_script(script, Seconds(900), 1U << 20);
    FirstBoot boot;
    bool finished = false;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
        line = line.substr(0, 600);
        if (line.starts_with("kernel=")) boot.kernel = line.substr(7);
        if (line.starts_with("failed="))
            boot.warnings.push_back("the unit " + line.substr(7) + " failed at the first boot");
        if (line.starts_with("audit=") && line.size() > 6)
            boot.warnings.push_back("the package manager finds: " + line.substr(6));
        if (line == "finished=yes") finished = true;
    }
    if (!result.ok() || !finished)
        throw Error(ErrorCode::lab, "the system could not finish itself: " +
                                        (result.err + result.out).substr(0, 600));
    return boot;
}

void wait_for_end(virt::Hypervisor& hypervisor, Seconds patience) {
    const Deadline deadline(patience);
    while (hypervisor.state(machine_name) == virt::MachineState::running) {
        if (deadline.passed()) throw Error(ErrorCode::lab, "the machine did not shut down");
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
}

virt::MachineSpec describe(const NewDisk& disk, const std::filesystem::path& console_log,
                           const Workbench& workbench) {
    virt::MachineSpec spec;
    spec.name = machine_name;
    spec.vcpus = std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
    spec.memory_mib = 1024;
    spec.disk = disk.file;
    spec.uefi = disk.uefi;
    spec.disk_format = "raw";
    spec.serial_log = console_log;
    spec.agent_socket = workbench.short_root / "agent.sock";
    spec.acceleration = workbench.acceleration;
    return spec;
}

}  // namespace

std::string console_tail(const std::filesystem::path& log, std::size_t count) {
    const std::string text = read_end(log, 65536);
    std::deque<std::string> last;
    std::string line;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\x1b') {  // "ESC [ … letter"
            while (i + 1 < text.size() && !std::isalpha(static_cast<unsigned char>(text[i + 1])))
                ++i;
            ++i;
        } else if (c == '\n') {
            if (!line.empty()) last.push_back(std::exchange(line, {}));
            if (last.size() > count) last.pop_front();
        } else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && line.size() < 300) {
            line += c;
        }
    }
    if (!line.empty()) last.push_back(line);
    std::string result;
    for (const auto& each : last) result += "\n  console: " + each;
    return result;
}

FirstBoot boot_first(const NewDisk& disk, const std::filesystem::path& console_log,
                     const Workbench& workbench,
                     const std::function<void(std::string_view)>& progress) {
    make_folder(workbench.short_root, 0711);
    const auto hypervisor = workbench.open_hypervisor(workbench.short_root / "libvirt");
    const auto spec = describe(disk, console_log, workbench);
    try {
        progress("booting it for the first time");
        const Stopwatch watch;
        hypervisor->start(spec);
        const auto channel = workbench.open_channel(spec.agent_socket);
        wait_for_agent(*hypervisor, *channel, boot_deadline(workbench.acceleration));
        const double boot_seconds = watch.seconds();
        progress("letting the system finish itself");
        FirstBoot boot = finish(*channel, disk.family);
        boot.boot_seconds = boot_seconds;
        progress("shutting it down");
        channel->run_script(embedded::image_scripts::file("power_off.sh"), Seconds(30));
        wait_for_end(*hypervisor, boot_deadline(workbench.acceleration));
        hypervisor->destroy(machine_name);
        return boot;
    } catch (Error& error) {
        const std::string console = console_tail(console_log);
        throw Error(
            ErrorCode::lab,
            std::string("the new image does not boot as it must: ") + error.what() + console,
            error.advice());
    }
}

}  // namespace patchlab::images
