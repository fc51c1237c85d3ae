// SPDX-License-Identifier: Apache-2.0
//
// What a run is worked on is bound when it is asked for: nothing that was simulated passes for real
// machines later.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/json.hpp"
#include "reports/run_document.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

/// The released program on this lab's state.
process::CommandResult released(const PlayedLab& lab, const std::vector<std::string>& words,
                                const std::map<std::string, std::string>& environment = {}) {
    process::CommandSpec command;
    command.program = PATCHLAB_PROGRAM;
    command.args = {"--state", lab.state().string()};
    command.args.insert(command.args.end(), words.begin(), words.end());
    command.environment = environment;
    command.purpose = "running patchlab";
    command.deadline = Seconds(60);
    return process::SystemCommandRunner().run(command);
}

TEST(RunBinding, stands_in_the_request_from_the_start_and_in_each_stage) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    const fs::path folder = lab.state() / "runs" / lab.newest_id();
    const Json request = read_json(folder / "input" / "request.json");
    EXPECT_EQ(request.at("runs_on").at("backend"), "fake");
    EXPECT_EQ(request.at("runs_on").at("emulator"), "fake");
    EXPECT_EQ(request.at("runs_on").at("acceleration"), "tcg");
    const Json run = lab.newest();
    EXPECT_EQ(run.at("host").at("backend"), "fake");
    for (const Json& stage : run.at("stages")) EXPECT_EQ(stage.at("backend"), "fake") << stage;
}

TEST(RunBinding, refuses_to_finish_a_simulated_run_with_real_machines) {
    PlayedLab lab;
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", "seal:kill"}}).exit_code, 3);
    const std::string id = lab.newest_id();
    const auto refused = released(lab, {"run", "resume", id});
    EXPECT_EQ(refused.exit_code, 1) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("was started on the backend fake, and this is libvirt"));
    EXPECT_FALSE(fs::exists(lab.state() / "runs" / id / "evidence"));
    EXPECT_EQ(lab.run({"run", "resume", id}).exit_code, 0);
    EXPECT_EQ(lab.newest().at("host").at("backend"), "fake");
}

TEST(RunBinding, holds_for_a_request_that_names_no_backend) {
    PlayedLab lab;
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", "apply:kill"}}).exit_code, 3);
    const fs::path file = lab.state() / "runs" / lab.newest_id() / "input" / "request.json";
    Json request = read_json(file);
    request.erase("runs_on");
    write_json(file, request);
    const auto refused = lab.run({"run", "resume", lab.newest_id()});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr("does not say which backend"));
}

TEST(RunBinding, the_released_program_knows_no_simulated_machines) {
    PlayedLab lab;
    const auto refused = released(lab, {"run", "start", "--lab", "shop", "--patch", "hello_2.0"},
                                  {{"PATCHLAB_BACKEND", "fake"}});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, HasSubstr("patchlab-sim"));
    const std::string program = read_file(PATCHLAB_PROGRAM, 4ULL << 30);
    for (const char* word : {"PATCHLAB_FAULT", "PATCHLAB_FAKE_SCRIPT"})
        EXPECT_EQ(program.find(word), std::string::npos) << word;
    EXPECT_NE(read_file(PATCHLAB_SIM, 4ULL << 30).find("PATCHLAB_FAULT"), std::string::npos);
}

TEST(RunBinding, one_simulated_stage_makes_the_whole_document_simulated) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    Json run = lab.newest();
    run["host"]["backend"] = "libvirt";
    for (Json& stage : run["stages"]) stage["backend"] = "libvirt";
    EXPECT_EQ(reports::parse_run_document(run).backend, "libvirt");
    run["stages"][0]["backend"] = "fake";
    EXPECT_EQ(reports::parse_run_document(run).backend, "fake");
}

}  // namespace
}  // namespace patchlab::tests
