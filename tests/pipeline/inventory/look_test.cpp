// SPDX-License-Identifier: Apache-2.0
//
// What guest/look.sh sees of this machine, against what the machine's own tools say.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "orchestrator/inventory/scan.hpp"
#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::inventory {
namespace {

process::CommandResult run(const std::string& program, const std::vector<std::string>& args,
                           const std::string& input = {}) {
    process::CommandSpec command;
    command.program = program;
    command.args = args;
    command.input = input;
    command.purpose = "looking at this machine";
    return process::SystemCommandRunner().require(command);
}

std::string script() {
    return read_file(fs::path(PATCHLAB_SOURCE) / "orchestrator/inventory/guest/look.sh");
}

/// A socket of our own that listens on a port of 127.0.0.1.
class Listener {
  public:
    Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(fd_.get(), 1), 0);
        EXPECT_EQ(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
        port = ::ntohs(address.sin_port);
    }
    std::uint16_t port = 0;

  private:
    UniqueFd fd_;
};

TEST(Look, sees_what_the_machine_is_and_has) {
    const Listener listener;
    const Scan scan = read_scan(run("sh", {"-s"}, script()).out);
    EXPECT_EQ(scan.kernel + "\n", run("uname", {"-r"}).out);
    EXPECT_EQ(scan.architecture + "\n", run("uname", {"-m"}).out);
    EXPECT_EQ(scan.boot_id + "\n", read_file("/proc/sys/kernel/random/boot_id"));
    EXPECT_FALSE(scan.os_name.empty());
    EXPECT_GT(scan.memory_kib, 0U);
    const std::string listed =
        run("dpkg-query",
            {"-W", "-f", "${db:Status-Status} ${Package} ${Version} ${Architecture}\n"})
            .out;
    std::size_t installed = 0;
    for (std::size_t at = 0; at < listed.size(); at = listed.find('\n', at) + 1)
        installed += listed.compare(at, 10, "installed ") == 0 ? 1 : 0;
    EXPECT_EQ(scan.packages.size(), installed);
    const auto port =
        std::find_if(scan.ports.begin(), scan.ports.end(), [&](const ListeningPort& one) {
            return one.protocol == "tcp" && one.port == listener.port;
        });
    ASSERT_NE(port, scan.ports.end()) << listener.port;
    EXPECT_EQ(port->address, "127.0.0.1");
    std::string name = read_file("/proc/self/comm");
    name.pop_back();
    EXPECT_EQ(port->process, name);
}

TEST(Look, says_the_same_with_every_awk_that_hosts_may_have) {
    const TempFolder folder(fs::temp_directory_path(), "awk");
    std::vector<Scan> scans;
    for (const char* awk : {"mawk", "busybox"}) {
        const auto program = process::find_program(awk);
        ASSERT_TRUE(program) << awk;
        make_folder(folder.path() / awk);
        fs::create_symlink(*program, folder.path() / awk / "awk");
        const std::string path = (folder.path() / awk).string() + ":/usr/sbin:/usr/bin:/sbin:/bin";
        scans.push_back(read_scan(run("env", {"PATH=" + path, "sh", "-s"}, script()).out));
    }
    scans.push_back(read_scan(run("sh", {"-s"}, script()).out));
    for (const Scan& scan : scans) {
        EXPECT_EQ(scan.packages, scans[0].packages);
        EXPECT_EQ(scan.kernels, scans[0].kernels);
        EXPECT_EQ(scan.services, scans[0].services);
    }
}

TEST(Look, says_the_same_in_another_shell) {
    const Scan first = read_scan(run("sh", {"-s"}, script()).out);
    const Scan second = read_scan(run("bash", {"--posix", "-s"}, script()).out);
    EXPECT_EQ(first.packages, second.packages);
    EXPECT_EQ(first.kernels, second.kernels);
    EXPECT_EQ(first.addresses, second.addresses);
}

}  // namespace
}  // namespace patchlab::inventory
