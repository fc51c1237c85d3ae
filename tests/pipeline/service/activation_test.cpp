// SPDX-License-Identifier: Apache-2.0
//
// The units of systemd say nothing that systemd does not understand, and the service takes the
// sockets that systemd listens at.
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "tests/support/service.hpp"
#include "tests/support/web_user.hpp"

namespace patchlab::tests {
namespace {

/// The units as they are installed, with a program that is there.
void install_units(const fs::path& folder) {
    static constexpr std::string_view place = "@CMAKE_INSTALL_FULL_BINDIR@/patchlab";
    for (const fs::directory_entry& one : fs::directory_iterator(PATCHLAB_UNITS)) {
        std::string text = read_file(one.path());
        if (const auto at = text.find(place); at != std::string::npos)
            text.replace(at, place.size(), PATCHLAB_SIM);
        const bool is_template = one.path().extension() == ".in";
        write_file_atomic(folder / (is_template ? one.path().stem() : one.path().filename()), text);
    }
}

TEST(Activation, units_are_as_systemd_wants_them) {
    if (!process::find_program("systemd-analyze")) GTEST_SKIP() << "systemd-analyze is missing";
    const TempFolder folder(fs::temp_directory_path(), "units");
    install_units(folder.path());
    process::CommandSpec command;
    command.program = "systemd-analyze";
    command.args = {"verify", "--man=no", "--recursive-errors=yes"};
    for (const fs::directory_entry& one : fs::directory_iterator(folder.path()))
        command.args.push_back(one.path().string());
    command.purpose = "looking at the units";
    const auto result = process::SystemCommandRunner().run(command);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_GE(command.args.size(), 3U + 7U);
}

TEST(Activation, sockets_that_systemd_listens_at_are_served) {
    if (!process::find_program("systemd-socket-activate"))
        GTEST_SKIP() << "systemd-socket-activate is missing";
    PlayedLab lab;
    ASSERT_EQ(lab.run({"run", "list"}).exit_code, 0);
    const TempFolder folder(fs::temp_directory_path(), "sockets");
    const std::uint16_t port = free_port();
    process::CommandSpec command;
    command.program = "timeout";
    command.args = {"--signal=TERM",
                    "60",
                    "systemd-socket-activate",
                    "-l",
                    (folder.path() / "back.sock").string(),
                    "-l",
                    "127.0.0.1:" + std::to_string(port),
                    "--fdname=back:http",
                    "sh",
                    "-c",
                    R"(echo $$ >"$0"; exec "$@")",
                    (folder.path() / "pid").string(),
                    PATCHLAB_SIM,
                    "--state",
                    lab.state().string(),
                    "serve"};
    command.purpose = "being started by a socket";
    std::string ready, seen_by_unix;
    std::thread asking([&] {
        const WebUser browser(port);
        comes_true([&] {
            try {
                ready = browser.get("/readyz").body;
                return !ready.empty();
            } catch (const std::exception&) {  // nobody listens yet
                return false;
            }
        });
        process::CommandSpec ask;
        ask.program = PATCHLAB_SIM;
        ask.args = {"--server", "unix:" + (folder.path() / "back.sock").string(), "lab", "list"};
        ask.purpose = "asking the service";
        seen_by_unix = process::SystemCommandRunner().run(ask).out;
        if (fs::exists(folder.path() / "pid"))
            ::kill(std::stoi(read_file(folder.path() / "pid")), SIGTERM);
    });
    const auto served = process::SystemCommandRunner().run(command);
    asking.join();
    EXPECT_EQ(served.exit_code, 0) << served.err;
    EXPECT_NE(ready.find("\"ready\""), std::string::npos) << ready;
    EXPECT_NE(seen_by_unix.find("shop"), std::string::npos) << seen_by_unix;
}

}  // namespace
}  // namespace patchlab::tests
