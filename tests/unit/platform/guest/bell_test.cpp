// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/bell.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "platform/core/digest.hpp"
#include "platform/guest/agent_channel.hpp"
#include "platform/process/command.hpp"
#include "tests/unit/platform/guest/scripted_agent.hpp"

namespace patchlab::guest {
namespace {

constexpr Seconds patiently{5};

/// The port's side of QEMU.
class BellPort {
  public:
    BellPort() : folder_("/tmp", "bell-test"), listener_(listen_at(socket())) {}
    std::filesystem::path socket() const { return folder_.path() / "b"; }
    void ring() {
        if (!client_)
            client_ = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        ASSERT_EQ(::send(client_.get(), "\n", 1, MSG_NOSIGNAL), 1);
    }
    void hang_up() {
        client_.reset();
        listener_.reset();
    }

  private:
    TempFolder folder_;
    UniqueFd listener_, client_;
};

process::CommandResult run_here(const std::string& script) {
    const GuestCommand command = ringing({{"/bin/sh", "-c", script}, {}, {}, patiently, 65536});
    process::CommandSpec spec;
    spec.program = command.argv.front();
    spec.args.assign(command.argv.begin() + 1, command.argv.end());
    spec.purpose = "ringing without a bell";
    spec.input = "from stdin";
    return process::SystemCommandRunner().run(spec);
}

TEST(bell, leaves_what_a_command_reads_and_prints_and_how_it_ends_alone) {
    const auto ended = run_here("cat; echo ' to stderr' >&2; exit 3");
    EXPECT_EQ(ended.out, "from stdin");
    EXPECT_EQ(ended.err, " to stderr\n");
    EXPECT_EQ(ended.exit_code, 3);
    EXPECT_EQ(run_here("kill -9 $$").signal, 9);
    const auto no_signal = run_here("exit 255");
    EXPECT_EQ(no_signal.exit_code, 255);
    EXPECT_EQ(no_signal.err, "");
}

TEST(bell, hears_what_rings_while_it_waits_and_forgets_what_rang_before) {
    BellPort port;
    Bell bell(port.socket());
    ASSERT_TRUE(bell.listen());
    port.ring();
    EXPECT_TRUE(bell.wait(patiently));
    EXPECT_FALSE(bell.wait(Seconds(0.01)));
    port.ring();
    ASSERT_TRUE(bell.listen());
    EXPECT_FALSE(bell.wait(Seconds(0.01)));
}

TEST(bell, listens_to_nobody_where_no_port_is_or_is_any_more) {
    Bell bell("/tmp/there-is-no-such-socket");
    EXPECT_FALSE(bell.listen());
    EXPECT_FALSE(bell.wait(Seconds(0.01)));
    BellPort port;
    Bell cut(port.socket());
    ASSERT_TRUE(cut.listen());
    port.ring();
    port.hang_up();
    EXPECT_TRUE(cut.wait(patiently)) << "it rang before";
    EXPECT_FALSE(cut.listen());
}

TEST(bell, tells_when_to_ask_the_agent) {
    BellPort port;
    int questions = 0, commands = 0;
    ScriptedAgent agent([&](Peer& peer) {
        for (bool over = false;;) {
            const std::string request = peer.next_command();
            if (request.empty()) return;
            if (request.find("guest-exec-status") == std::string::npos) {
                EXPECT_THAT(request, testing::HasSubstr("org.patchlab.bell.0"));
                peer.answer({{"pid", 42}});
                over = ++commands == 2;
                if (over) port.ring();
            } else {
                ++questions;
                peer.answer(over ? Json{{"exited", true},
                                        {"exitcode", 0},
                                        {"out-data", base64_encode("done")}}
                                 : Json{{"exited", false}});
                if (!over) port.ring();
                over = true;
            }
        }
    });
    AgentOptions options;
    options.bell = port.socket();
    const auto channel = open_agent(agent.socket(), options);
    channel->wait_until_ready(patiently);
    const GuestCommand command{{"/bin/true"}, {}, {}, patiently, 1024};
    EXPECT_EQ(channel->run(command).out, "done");
    EXPECT_EQ(questions, 2)
        << "the first command is asked for until it is known that this guest rings";
    EXPECT_EQ(channel->run(command).out, "done");
    EXPECT_EQ(questions, 3) << "the second one when it rang";
}

}  // namespace
}  // namespace patchlab::guest
