// SPDX-License-Identifier: Apache-2.0
//
// Processes of the service end, as they like, and so do callers: nothing is lost.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <optional>
#include <thread>

#include "orchestrator/service/wire/connection.hpp"
#include "orchestrator/service/wire/message.hpp"
#include "tests/support/service.hpp"

namespace patchlab::tests {
namespace {

using service::Ask;
using service::Connection;
using std::chrono::milliseconds;

/// A run whose installation takes so long.
constexpr int long_installation = 4;

class Lost : public testing::Test {
  protected:
    Lost() {
        lab_.play({{"packages", {{"hello", "1.0"}, {"other", "5"}}},
                   {"install_seconds", long_installation}});
        service_.emplace(lab_);
    }
    Connection connect() { return service_->connect(); }
    static Ask start() {
        return {"run.start",
                {{"lab", "shop"}, {"patches", {"hello_2.0"}}, {"drill", false}},
                "",
                {},
                {}};
    }
    /// The next message of this kind.
    static Json next(Connection& connection, const std::string& kind) {
        for (;;) {
            auto received = connection.receive(Seconds(60));
            if (!received) return nullptr;
            if (received->message.contains(kind)) return received->message.at(kind);
        }
    }
    std::string state_of_newest() { return lab_.newest().at("state").get<std::string>(); }
    /// The newest run, once it is over.
    Json finished() {
        for (int tries = 0; tries < 600; ++tries) {
            const Json run = lab_.newest();
            if (run.at("state") == "finished" || run.at("state") == "cancelled") return run;
            std::this_thread::sleep_for(milliseconds(50));
        }
        return lab_.newest();
    }

    PlayedLab lab_;
    std::optional<RunningService> service_;
};

TEST_F(Lost, a_run_goes_on_when_the_service_is_killed) {
    Connection caller = connect();
    caller.send(to_json(start()));
    ASSERT_FALSE(next(caller, "run_event").is_null());
    for (const pid_t worker : service_->workers()) ::kill(worker, SIGKILL);
    service_->send(SIGKILL);
    service_->wait();
    EXPECT_EQ(finished().at("verdict"), "validated");
    service_.emplace(lab_);
    EXPECT_EQ(service_->ask({"run", "show", "@last", "--exit-code"}).exit_code, 0);
}

TEST_F(Lost, a_worker_that_is_killed_costs_an_error_and_nothing_else) {
    Connection caller = connect();
    caller.send(to_json(start()));
    ASSERT_FALSE(next(caller, "run_event").is_null());
    for (const pid_t worker : service_->workers()) ::kill(worker, SIGKILL);
    const Json error = next(caller, "error");
    EXPECT_EQ(error.at("code"), "lab");
    EXPECT_NE(error.at("message").get<std::string>().find("was lost"), std::string::npos);
    EXPECT_EQ(service_->ask({"run", "list"}).exit_code, 0) << "others take the place";
    EXPECT_EQ(finished().at("verdict"), "validated");
}

TEST_F(Lost, a_caller_who_hangs_up_is_no_interrupt) {
    {
        Connection caller = connect();
        caller.send(to_json(start()));
        ASSERT_FALSE(next(caller, "run_event").is_null());
    }
    EXPECT_EQ(finished().at("verdict"), "validated");
}

TEST_F(Lost, an_interrupt_cancels_the_run) {
    Connection caller = connect();
    caller.send(to_json(start()));
    ASSERT_FALSE(next(caller, "run_event").is_null());
    caller.send(service::interrupt_message());
    next(caller, "error");
    EXPECT_EQ(finished().at("state"), "cancelled");
}

TEST_F(Lost, ctrl_c_of_the_command_line_cancels_the_run) {
    process::CommandSpec command;
    command.program = "timeout";
    command.args = {"--signal=INT", "1.5",       PATCHLAB_SIM, "--server", service_->address(),
                    "run",          "start",     "--lab",      "shop",     "--patch",
                    "hello_2.0",    "--no-drill"};
    command.purpose = "being interrupted";
    const auto result = process::SystemCommandRunner().run(command);
    EXPECT_EQ(result.exit_code, 124) << result.err;
    EXPECT_NE(result.err.find("cancelled"), std::string::npos) << result.err;
    EXPECT_EQ(state_of_newest(), "cancelled");
}

TEST_F(Lost, an_interrupt_ends_what_never_asks_for_one) {
    const TempFolder tools(fs::temp_directory_path(), "tools");
    const fs::path begun = tools.path() / "begun";
    write_file_atomic(tools.path() / "ansible-playbook",
                      "#!/bin/sh\ntouch " + begun.string() + "\nexec sleep 60\n", 0755);
    write_file_atomic(tools.path() / "hosts.csv", "name\nweb-1\n");
    service_.emplace(lab_, std::map<std::string, std::string>{
                               {"PATH", tools.path().string() + ":/usr/sbin:/usr/bin:/sbin:/bin"}});
    ASSERT_EQ(
        service_->ask({"inventory", "import", (tools.path() / "hosts.csv").string()}).exit_code, 0);
    Connection caller = connect();
    caller.send(to_json(Ask{"inventory.scan", Json::object(), "", {}, {}}));
    for (int tries = 0; tries < 200 && !fs::exists(begun); ++tries)
        std::this_thread::sleep_for(milliseconds(50));
    ASSERT_TRUE(fs::exists(begun));
    const Stopwatch watch;
    caller.send(service::interrupt_message());
    EXPECT_TRUE(next(caller, "response").is_null()) << "there is none";
    EXPECT_LT(watch.seconds(), 10);
    EXPECT_EQ(service_->ask({"run", "list"}).exit_code, 0);
}

TEST_F(Lost, what_only_reads_ends_with_its_caller) {
    Connection caller = connect();
    caller.send(to_json(start()));
    ASSERT_FALSE(next(caller, "run_event").is_null());
    {
        Connection reader = connect();
        reader.send(to_json(Ask{"run.watch", {{"run", lab_.newest_id()}}, "", {}, {}}));
        ASSERT_FALSE(next(reader, "run_event").is_null());
    }
    // its worker is free again long before the run is over
    std::this_thread::sleep_for(milliseconds(1000));
    EXPECT_EQ(state_of_newest(), "running");
    finished();
}

TEST_F(Lost, at_its_end_short_calls_are_over_and_long_ones_go_on) {
    Connection caller = connect(), quiet = connect();
    caller.send(to_json(start()));
    ASSERT_FALSE(next(caller, "run_event").is_null());
    service_->send(SIGTERM);
    const Stopwatch watch;
    EXPECT_FALSE(quiet.receive(Seconds(5))) << "nobody is kept waiting";
    EXPECT_FALSE(next(caller, "response").is_null()) << "the call is answered to its end";
    EXPECT_EQ(service_->wait(), 0);
    EXPECT_LT(watch.seconds(), 20);
    EXPECT_FALSE(fs::exists(service_->socket()));
    EXPECT_EQ(finished().at("verdict"), "validated");
}

TEST_F(Lost, reads_share_workers_and_connections) {
    Connection caller = connect();
    for (int i = 0; i < 50; ++i) {
        caller.send(to_json(Ask{"run.list", Json::object(), "", {}, {}}));
        ASSERT_FALSE(next(caller, "response").is_null());
    }
    EXPECT_LE(service_->workers().size(), 3U);
}

}  // namespace
}  // namespace patchlab::tests
