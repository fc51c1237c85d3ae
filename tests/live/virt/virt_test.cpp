// SPDX-License-Identifier: Apache-2.0
//
// One machine's life on a real hypervisor, in cells as a run's worker lives: boot, work,
// checkpoint; then two clones of it at the same time, each with its own root; one is driven against
// the wall. Prints what each step took.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "platform/core/files.hpp"
#include "platform/guest/agent_channel.hpp"
#include "platform/process/cell.hpp"
#include "platform/virt/libvirt_hypervisor.hpp"
#include "tests/live/virt/live_guest.hpp"

namespace patchlab::virt {
namespace {

using testing::HasSubstr;

class Steps {
  public:
    void done(const char* step) {
        std::printf("  %-40s %8.3f s\n", step, watch_.seconds());
        std::fflush(stdout);
        watch_ = Stopwatch();
    }

  private:
    Stopwatch watch_;
};

std::string status_field(int pid, const std::string& field) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind(field, 0) == 0) return line.substr(field.size());
    return {};
}

struct Lab {
    std::filesystem::path folder;
    Acceleration acceleration;
    CheckpointFiles files() const {
        return {folder / "web.state", folder / "web.ram", folder / "web.json"};
    }
    MachineSpec machine(const std::string& stem) const {
        MachineSpec spec;
        spec.name = "web";
        spec.vcpus = 2;
        spec.disk = folder / (stem + ".qcow2");
        spec.serial_log = folder / (stem + ".log");
        spec.agent_socket = folder / (stem + ".agent");
        spec.acceleration = acceleration;
        return spec;
    }
    std::unique_ptr<Hypervisor> open(const std::string& root) const {
        return open_libvirt({folder / root, live::capability_cache(), acceleration});
    }
};

/// Runs `work` in a cell; failed expectations inside come back as false.
bool in_cell(const std::function<void()>& work) {
    const process::CellStatus status = process::run_in_cell({}, [&](bool) {
        try {
            work();
        } catch (const std::exception& error) {
            ADD_FAILURE() << error.what();
        }
        return testing::Test::HasFailure() ? 1 : 0;
    });
    return status.exit_code == 0;
}

void check_large_input_and_output(guest::GuestChannel& channel) {
    const guest::GuestResult in =
        channel.run_script("x='" + std::string(100'000, 'y') + "'\necho ${#x}", Seconds(120));
    EXPECT_EQ(in.out, "100000\n") << in.err;
    const guest::GuestResult out =
        channel.run_script("head -c 5000000 /dev/zero | tr '\\0' a", Seconds(120));
    EXPECT_EQ(out.out.size(), 5'000'000U);
    EXPECT_FALSE(out.truncated);
}

void check_overrunning_command(guest::GuestChannel& channel) {
    const guest::GuestResult overrun =
        channel.run_script("echo started; sleep 987654 & sleep 987654", Seconds(3));
    EXPECT_TRUE(overrun.timed_out);
    EXPECT_EQ(overrun.out, "started\n");
    EXPECT_EQ(
        channel
            .run_script("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c '[9]87654'", Seconds(60))
            .out,
        "0\n");
}

std::unique_ptr<guest::GuestChannel> open_channel(const MachineSpec& spec) {
    guest::AgentOptions options;
    options.bell = bell_socket(spec.agent_socket);
    return guest::open_agent(spec.agent_socket, options);
}

/// The agent notes down each question, so the journal tells how often it was asked.
void check_bell(guest::GuestChannel& channel) {
    const auto questions = [&] {
        return std::stoi(
            channel.run_script("journalctl -b --no-pager | grep -c guest-exec-status", Seconds(60))
                .out);
    };
    questions();  // the first one learns that this guest rings
    const int before = questions();
    EXPECT_TRUE(channel.run_script("sleep 4", Seconds(60)).ok());
    EXPECT_LE(questions() - before, 15)
        << "each of the four seconds has ten questions without the bell";
}

void boot_and_checkpoint(const Lab& lab) {
    Steps steps;
    const auto hypervisor = lab.open("root-prepare");
    steps.done("libvirt opened");
    MachineSpec spec = lab.machine("base");
    spec.memory_file = lab.files().memory;
    live::make_overlay(spec.disk, {});
    hypervisor->start(spec);
    steps.done("machine started");
    if (::geteuid() == 0) {
        EXPECT_THAT(status_field(hypervisor->pid("web").value(), "Uid:"),
                    testing::Not(testing::StartsWith("\t0\t")));
    }
    const auto channel = open_channel(spec);
    channel->wait_until_ready(Seconds(600));
    steps.done("cold boot to the agent");
    check_large_input_and_output(*channel);
    steps.done("100 KB in, 5 MB out");
    check_overrunning_command(*channel);
    steps.done("overrunning command killed");
    check_bell(*channel);
    steps.done("heard ringing");
    EXPECT_EQ(channel->run_script("ls /sys/class/net", Seconds(60)).out, "lo\n");
    write_file_atomic(lab.folder / "boot-id",
                      channel->run_script("cat /proc/sys/kernel/random/boot_id", Seconds(60)).out);
    channel->freeze();
    steps.done("frozen");
    hypervisor->checkpoint({"web"}, {lab.files()}, CheckpointKind::mapped);
    steps.done("checkpoint");
}

void restore_and_work(const Lab& lab, const std::string& stem,
                      const std::function<void(Hypervisor&, guest::GuestChannel&)>& then) {
    Steps steps;
    const auto hypervisor = lab.open("root-" + stem);
    steps.done("libvirt opened");
    const MachineSpec spec = lab.machine(stem);
    live::make_overlay(spec.disk, lab.machine("base").disk);
    steps.done("overlay");
    hypervisor->restore(spec, lab.files(), CheckpointKind::mapped);
    steps.done("restored and running");
    const auto channel = open_channel(spec);
    channel->wait_until_ready(Seconds(60));
    steps.done("agent answers");
    channel->thaw();
    channel->set_time(std::chrono::system_clock::now());
    steps.done("thawed, clock set");
    const std::string boot =
        channel
            ->run_script(
                "cat /proc/sys/kernel/random/boot_id; echo $(date +%s) > /root/written; sync",
                Seconds(60))
            .out;
    EXPECT_EQ(boot, read_file(lab.folder / "boot-id"));
    steps.done("first script");
    check_bell(*channel);
    steps.done("heard ringing");
    std::printf("  memory of this process:%s of QEMU:%s\n",
                status_field(::getpid(), "VmRSS:").c_str(),
                status_field(hypervisor->pid("web").value(), "VmRSS:").c_str());
    then(*hypervisor, *channel);
    steps.done("its own part");
    hypervisor->destroy("web");
    steps.done("destroyed");
}

void panic(Hypervisor& hypervisor, guest::GuestChannel& channel) {
    const guest::GuestResult module = channel.run_script(
        "modprobe pvpanic-mmio 2>/dev/null; ls /sys/bus/platform/drivers | grep -c pvpanic",
        Seconds(60));
    try {
        channel.run_script("echo 0 > /proc/sys/kernel/panic; sync; echo c > /proc/sysrq-trigger",
                           Seconds(20));
    } catch (const guest::ChannelLost&) {
        // as it should be
    }
    if (module.out == "1\n") {
        EXPECT_EQ(hypervisor.state("web"), MachineState::crashed);
    } else {
        std::printf("  the guest's kernel has no pvpanic\n");
    }
}

void stop_emulator(Hypervisor& hypervisor, guest::GuestChannel&) {
    EXPECT_TRUE(hypervisor.responds("web", Seconds(20)));
    ASSERT_EQ(::kill(hypervisor.pid("web").value(), SIGSTOP), 0);
    EXPECT_FALSE(hypervisor.responds("web", Seconds(1)));
}

TEST(live_virt, clones_a_booted_machine_twice_at_once_and_survives_what_happens_to_them) {
    if (live::image().empty()) GTEST_SKIP() << live::no_image;
    const live::Workplace work;
    const Lab lab{work.path(), live::acceleration()};
    ASSERT_TRUE(in_cell([&] { boot_and_checkpoint(lab); }));
    const pid_t other = ::fork();
    ASSERT_GE(other, 0);
    if (other == 0) ::_exit(in_cell([&] { restore_and_work(lab, "panics", panic); }) ? 0 : 1);
    EXPECT_TRUE(in_cell([&] { restore_and_work(lab, "stopped", stop_emulator); }));
    int status = 0;
    ASSERT_EQ(::waitpid(other, &status, 0), other);
    EXPECT_EQ(status, 0);
    // alone, and after all that the checkpoint is still what it was
    EXPECT_TRUE(
        in_cell([&] { restore_and_work(lab, "alone", [](Hypervisor&, guest::GuestChannel&) {}); }));
}

}  // namespace
}  // namespace patchlab::virt
