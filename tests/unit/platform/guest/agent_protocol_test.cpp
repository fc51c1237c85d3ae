// SPDX-License-Identifier: Apache-2.0
#include "platform/guest/agent_protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/digest.hpp"

namespace patchlab::guest {
namespace {

using testing::HasSubstr;

TEST(agent_protocol, reads_a_value_and_an_error) {
    EXPECT_EQ(parse_answer(R"({"return": {"pid": 7}})").value["pid"], 7);
    const AgentAnswer error =
        parse_answer(R"({"error": {"class": "CommandNotFound", "desc": "no such command"}})");
    EXPECT_TRUE(error.failed);
    EXPECT_EQ(error.error_class, "CommandNotFound");
    EXPECT_EQ(error.error_text, "no such command");
}

class WrongAnswer : public testing::TestWithParam<const char*> {};

TEST_P(WrongAnswer, loses_the_channel_on_what_is_not_the_protocols) {
    EXPECT_THROW(parse_answer(GetParam()), ChannelLost);
}

INSTANTIATE_TEST_SUITE_P(
    agent_protocol, WrongAnswer,
    testing::Values(
        "", "garbage", "[1,2]", "7", "null", "{}", R"({"return")", "1155E55555555",
        R"({"return": 1e99999})", R"({"error": "text"})", R"({"error": {"desc": 5}})",
        "\xff\xff{\"return\": 1}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["));

TEST(agent_protocol, cuts_an_error_text_that_a_hostile_guest_made_long) {
    const AgentAnswer answer =
        parse_answer(to_line({{"error", {{"desc", std::string(100'000, 'x')}}}}));
    EXPECT_EQ(answer.error_text.size(), 500U);
}

TEST(agent_protocol, reads_how_a_command_ended) {
    AgentAnswer answer;
    answer.value = {{"exited", true},
                    {"exitcode", 3},
                    {"out-data", base64_encode("some output")},
                    {"err-data", base64_encode("oh")}};
    const ExecStatus status = parse_exec_status(answer, 4);
    ASSERT_TRUE(status.exited);
    EXPECT_EQ(status.result.exit_code, 3);
    EXPECT_EQ(status.result.out, "some");
    EXPECT_EQ(status.result.err, "oh");
    EXPECT_TRUE(status.result.truncated);
}

TEST(agent_protocol, takes_a_killed_command_for_failed) {
    AgentAnswer answer;
    answer.value = {{"exited", true}, {"signal", 9}};
    const GuestResult result = parse_exec_status(answer, 10).result;
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.signal, 9);
}

TEST(agent_protocol, does_not_believe_a_status_with_wrong_types) {
    for (const char* text :
         {R"({})", R"({"exited": "yes"})", R"({"exited": true, "exitcode": "0"})",
          R"({"exited": true, "exitcode": 4294967296})",
          R"({"exited": true, "exitcode": 0, "out-data": "not base64!"})",
          R"({"exited": true, "out-data": 5})", "[]"}) {
        AgentAnswer answer;
        answer.value = parse_json(text, "test");
        EXPECT_THROW(parse_exec_status(answer, 10), ChannelLost) << text;
    }
    AgentAnswer answer;
    answer.value = {{"pid", -1}};
    EXPECT_THROW(parse_exec_pid(answer), ChannelLost);
}

TEST(agent_protocol, gives_a_command_a_small_fixed_environment_and_its_own) {
    GuestCommand command;
    command.argv = {"/bin/sh", "-c", "x"};
    command.environment = {"A=b"};
    command.input = "in";
    const Json arguments = exec_arguments(command);
    EXPECT_EQ(arguments["path"], "/bin/sh");
    EXPECT_EQ(arguments["arg"], Json({"-c", "x"}));
    EXPECT_THAT(arguments["env"].dump(), HasSubstr("LC_ALL=C.UTF-8"));
    EXPECT_THAT(arguments["env"].dump(), HasSubstr("A=b"));
    EXPECT_EQ(arguments["input-data"], base64_encode("in"));
}

TEST(agent_protocol, refuses_a_command_that_is_looked_up_by_name) {
    GuestCommand command;
    command.argv = {"sh"};
    EXPECT_THROW(exec_arguments(command), Error);
}

}  // namespace
}  // namespace patchlab::guest
