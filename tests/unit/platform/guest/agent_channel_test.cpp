// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/agent_channel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/digest.hpp"
#include "tests/unit/platform/guest/scripted_agent.hpp"

namespace patchlab::guest {
namespace {

using testing::HasSubstr;

constexpr Seconds soon{2};
constexpr const char* no_such_program =
    R"({"error": {"class": "GenericError", "desc": "Failed to execute child process"}})"
    "\n";
const AgentOptions impatient{Seconds(0.3)};

GuestCommand command_true() {
    GuestCommand command;
    command.argv = {"/bin/true"};
    command.deadline = soon;
    return command;
}

Json ended(int exit_code, const std::string& out = "") {
    return {{"exited", true}, {"exitcode", exit_code}, {"out-data", base64_encode(out)}};
}

TEST(agent_channel, runs_a_command_and_waits_for_its_end) {
    ScriptedAgent agent([](Peer& peer) {
        for (int polls = 0;;) {
            const std::string request = peer.next_command();
            if (request.empty()) return;
            if (request.find("guest-exec-status") == std::string::npos) peer.answer({{"pid", 42}});
            else peer.answer(++polls < 4 ? Json{{"exited", false}} : ended(0, "hello"));
        }
    });
    const auto channel = open_agent(agent.socket());
    channel->wait_until_ready(soon);
    const GuestResult result = channel->run(command_true());
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.out, "hello");
}

TEST(agent_channel, drops_what_another_life_left_in_the_channel) {
    ScriptedAgent agent([](Peer& peer) {
        peer.say("ta\": \"half an old answer\"}}\n");
        peer.say("{\"return\": 12345}\n\xff{\"return\": 99}\n");  // an old sync's answer: wrong id
        const std::string sync = peer.read();
        peer.say(
            "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}\ngarbage "
            "without newline");
        peer.answer_sync(sync);
        peer.read();
        peer.answer({{"pid", 1}});
        peer.read();
        peer.answer(ended(0, "fresh"));
        peer.read();
    });
    const auto channel = open_agent(agent.socket());
    channel->wait_until_ready(soon);
    EXPECT_EQ(channel->run(command_true()).out, "fresh");
}

TEST(agent_channel, is_not_ready_when_only_wrong_ids_come_back) {
    ScriptedAgent agent([](Peer& peer) {
        while (!peer.read().empty()) peer.say("\xff{\"return\": 1}\n");
    });
    EXPECT_THROW(open_agent(agent.socket())->wait_until_ready(Seconds(0.3)), ChannelLost);
}

TEST(agent_channel, is_not_kept_busy_for_ever_by_a_guest_that_floods) {
    ScriptedAgent agent([](Peer& peer) {
        for (int i = 0; i < 2'000'000; ++i) peer.say("{\"return\": 1}\n");
    });
    const Stopwatch watch;
    EXPECT_THROW(open_agent(agent.socket())->wait_until_ready(Seconds(0.3)), ChannelLost);
    EXPECT_LT(watch.seconds(), 3);
}

TEST(agent_channel, waits_for_a_socket_that_is_not_there_yet_only_until_the_deadline) {
    const Stopwatch watch;
    EXPECT_THROW(open_agent("/tmp/there-is-no-such-socket")->wait_until_ready(Seconds(0.2)),
                 ChannelLost);
    EXPECT_LT(watch.seconds(), 2);
}

TEST(agent_channel, is_lost_when_the_socket_closes_in_the_middle_of_an_answer) {
    ScriptedAgent agent([](Peer& peer) {
        peer.next_command();
        peer.say("{\"return\": {\"pi");
    });
    const auto channel = open_agent(agent.socket(), impatient);
    EXPECT_THROW(channel->run(command_true()), ChannelLost);
}

TEST(agent_channel, is_lost_when_the_agent_falls_silent) {
    ScriptedAgent agent([](Peer& peer) {
        while (!peer.next_command().empty()) {
        }
    });
    const Stopwatch watch;
    EXPECT_THROW(open_agent(agent.socket(), impatient)->run(command_true()), ChannelLost);
    EXPECT_LT(watch.seconds(), 2);
}

TEST(agent_channel, is_lost_when_the_answer_is_garbage_and_synchronises_afresh_afterwards) {
    std::atomic<int> commands{0};
    ScriptedAgent agent([&](Peer& peer) {
        for (std::string request; !(request = peer.next_command()).empty();) {
            if (++commands == 1) peer.say("this is not JSON\n");
            else
                peer.answer(request.find("status") == std::string::npos ? Json{{"pid", 5}}
                                                                        : ended(0));
        }
    });
    const auto channel = open_agent(agent.socket(), impatient);
    EXPECT_THROW(channel->run(command_true()), ChannelLost);
    EXPECT_TRUE(channel->run(command_true()).ok());
    EXPECT_EQ(agent.connections(), 2);
}

TEST(agent_channel, refuses_an_answer_of_more_than_64_mib) {
    ScriptedAgent agent([](Peer& peer) {
        peer.next_command();
        const std::string block(1 << 20, 'x');
        for (int i = 0; i < 70; ++i) peer.say(block);
    });
    AgentOptions patient{Seconds(20)};
    try {
        open_agent(agent.socket(), patient)->run(command_true());
        FAIL() << "an endless answer was taken";
    } catch (const ChannelLost& error) {
        EXPECT_THAT(error.what(), HasSubstr("64 MiB"));
    }
}

TEST(agent_channel, kills_a_command_that_overruns_and_keeps_what_it_had_said) {
    std::atomic<bool> killed{false};
    ScriptedAgent agent([&](Peer& peer) {
        for (std::string request; !(request = peer.next_command()).empty();) {
            const Json arguments = parse_json(request, "test")["arguments"];
            if (request.find("guest-exec-status") == std::string::npos) {
                const bool killer = request.find("kill -KILL") != std::string::npos;
                if (killer) killed = arguments["arg"].back() == "42";
                peer.answer({{"pid", killer ? 43 : 42}});
            } else if (arguments["pid"] == 43) {
                peer.answer(ended(0));
            } else {
                Json status = {
                    {"exited", true}, {"signal", 9}, {"out-data", base64_encode("so far")}};
                peer.answer(killed ? status : Json{{"exited", false}});
            }
        }
    });
    GuestCommand command = command_true();
    command.deadline = Seconds(0.2);
    const GuestResult result = open_agent(agent.socket())->run(command);
    EXPECT_TRUE(killed);
    EXPECT_TRUE(result.timed_out);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.out, "so far");
}

TEST(agent_channel, reports_a_program_that_does_not_exist_as_a_failing_command) {
    ScriptedAgent agent([](Peer& peer) {
        peer.next_command();
        peer.say(no_such_program);
        peer.read();
    });
    const GuestResult result = open_agent(agent.socket())->run(command_true());
    EXPECT_EQ(result.exit_code, 127);
    EXPECT_THAT(result.err, HasSubstr("Failed to execute"));
}

using Words = std::vector<std::string>;

/// A guest in which programs end as `play` says by their paths (null: there is no such program),
/// and that writes down what it was asked to run.
std::function<void(Peer&)> playing(std::vector<Words>& seen,
                                   std::function<Json(const std::string& path)> play) {
    return [&seen, play](Peer& peer) {
        Json status;
        for (std::string request; !(request = peer.next_command()).empty();) {
            const Json arguments = parse_json(request, "test")["arguments"];
            if (request.find("guest-exec-status") != std::string::npos) {
                peer.answer(status);
                continue;
            }
            Words words = {arguments["path"].get<std::string>()};
            for (const Json& word : arguments["arg"]) words.push_back(word.get<std::string>());
            seen.push_back(words);
            status = play(words.front());
            if (status.is_null()) peer.say(no_such_program);
            else peer.answer({{"pid", 42}});
        }
    };
}

constexpr AgentOptions same_addresses{Seconds(30), Seconds(1), true};

TEST(agent_channel, runs_commands_at_the_same_addresses_where_that_was_asked_for) {
    std::vector<Words> seen;
    {
        ScriptedAgent agent(playing(seen, [](const std::string&) { return ended(3, "said"); }));
        const GuestResult result = open_agent(agent.socket(), same_addresses)->run(command_true());
        EXPECT_EQ(result.exit_code, 3);
        EXPECT_EQ(result.out, "said");
    }
    EXPECT_EQ(seen, (std::vector<Words>{{"/usr/bin/setarch", "-R",
                                         "/bin/true"}}));  // a command that fails is not run again
}

TEST(agent_channel, runs_commands_as_they_are_in_a_guest_without_setarch) {
    std::vector<Words> seen;
    {
        ScriptedAgent agent(playing(
            seen, [](const std::string& path) { return path == "/bin/true" ? ended(0) : Json(); }));
        const auto channel = open_agent(agent.socket(), same_addresses);
        EXPECT_TRUE(channel->run(command_true()).ok());
        EXPECT_TRUE(channel->run(command_true()).ok());
    }
    EXPECT_EQ(seen, (std::vector<Words>{
                        {"/usr/bin/setarch", "-R", "/bin/true"}, {"/bin/true"}, {"/bin/true"}}));
}

TEST(agent_channel, does_not_take_a_broken_setarch_for_the_failure_of_a_command) {
    std::vector<Words> seen;
    {
        ScriptedAgent agent(playing(seen, [](const std::string& path) {
            if (path == "/bin/true") return ended(0);
            Json broken = ended(127);
            broken["err-data"] = base64_encode(
                "/usr/bin/setarch: error while loading shared libraries: libc.so.6\n");
            return broken;
        }));
        EXPECT_TRUE(open_agent(agent.socket(), same_addresses)->run(command_true()).ok());
    }
    EXPECT_EQ(seen.back(), Words{"/bin/true"});
}

TEST(agent_channel, is_lost_when_the_agent_was_restarted_while_a_command_ran) {
    ScriptedAgent agent([](Peer& peer) {
        peer.next_command();
        peer.answer({{"pid", 42}});
        peer.next_command();
        peer.say(R"({"error": {"class": "GenericError", "desc": "Invalid parameter 'pid'"}})"
                 "\n");
        peer.read();
    });
    EXPECT_THROW(open_agent(agent.socket())->run(command_true()), ChannelLost);
}

TEST(agent_channel, does_not_wait_for_an_answer_that_went_down_with_a_restarted_agent) {
    ScriptedAgent agent([](Peer& peer) {
        peer.next_command();
        peer.answer({{"pid", 42}});
        peer.read();  // the status request, swallowed; the next agent answers syncs
        while (!peer.next_command().empty()) {
        }
    });
    const Stopwatch watch;
    EXPECT_THROW(open_agent(agent.socket(), {Seconds(60), Seconds(0.05)})->run(command_true()),
                 ChannelLost);
    EXPECT_LT(watch.seconds(), 30);
}

TEST(agent_channel, takes_a_late_answer_and_drops_what_was_asked_in_doubt) {
    ScriptedAgent agent([](Peer& peer) {
        peer.next_command();
        std::vector<std::string> doubts;
        while (doubts.size() < 3) doubts.push_back(peer.read());
        peer.answer({{"pid", 42}});
        for (const std::string& doubt : doubts) peer.answer_sync(doubt);
        peer.next_command();
        peer.answer(ended(0, "late"));
        peer.next_command();
    });
    EXPECT_EQ(open_agent(agent.socket(), {Seconds(60), Seconds(0.05)})->run(command_true()).out,
              "late");
}

TEST(agent_channel, hands_a_large_script_over_whole) {
    const std::string script(300'000, '#');
    std::atomic<bool> whole{false};
    ScriptedAgent agent([&](Peer& peer) {
        for (std::string request; !(request = peer.next_command()).empty();) {
            if (request.find("guest-exec-status") != std::string::npos) {
                peer.answer(ended(0));
                continue;
            }
            whole =
                base64_decode(
                    parse_json(request, "test")["arguments"]["input-data"].get<std::string>()) ==
                script;
            peer.answer({{"pid", 1}});
        }
    });
    EXPECT_TRUE(open_agent(agent.socket())->run_script(script, soon).ok());
    EXPECT_TRUE(whole);
}

TEST(agent_channel, reports_a_refused_freeze_as_a_fault_of_the_lab) {
    ScriptedAgent agent([](Peer& peer) {
        peer.next_command();
        peer.say(R"({"error": {"class": "GenericError", "desc": "failed to freeze /"}})"
                 "\n");
        peer.read();
    });
    try {
        open_agent(agent.socket())->freeze();
        FAIL() << "the refusal was not noticed";
    } catch (const ChannelLost&) {
        FAIL() << "the channel is fine";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("failed to freeze /"));
    }
}

}  // namespace
}  // namespace patchlab::guest
