// SPDX-License-Identifier: Apache-2.0
//
// A state that was touched from outside (a chmod, a restore from a backup, a disk that was full):
// runs go on, or begin anew; nothing stays broken for ever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "platform/core/json.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

std::string outcome_of_clone(PlayedLab& lab) {
    const Json run = lab.newest();
    for (const Json& stage : run.at("stages"))
        if (stage.at("name") == "clone") return stage.at("outcome").get<std::string>();
    return "none";
}

TEST(TouchedState, a_checkpoint_whose_memory_was_touched_is_made_anew) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    int touched = 0;
    for (const auto& entry : fs::recursive_directory_iterator(lab.state() / "prepared"))
        if (entry.path().filename() == "memory") {
            fs::permissions(entry.path(), fs::perms::others_read, fs::perm_options::add);
            ++touched;
        }
    ASSERT_EQ(touched, 1);
    EXPECT_EQ(lab.rehearse().exit_code, 0) << lab.newest();
    EXPECT_EQ(outcome_of_clone(lab), "ok") << "it was used again";
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    EXPECT_EQ(outcome_of_clone(lab), "skipped");
}

TEST(TouchedState, half_a_line_in_the_log_is_skipped_with_a_note) {
    PlayedLab lab;
    EXPECT_EQ(lab.rehearse({{"PATCHLAB_FAULT", "test:kill"}}).exit_code, 3);
    const std::string id = lab.newest_id();
    std::ofstream(lab.state() / "runs" / id / "events.jsonl", std::ios::app)
        << R"({"time":"2026-01-01T00:0)";
    EXPECT_EQ(lab.run({"run", "resume", id}).exit_code, 0);
    const auto log = lab.run({"run", "log", id});
    EXPECT_EQ(log.exit_code, 0) << log.err;
    EXPECT_THAT(log.out, HasSubstr("a line of the log was cut off and is skipped"));
    EXPECT_THAT(log.out, HasSubstr("taken up again after its worker was lost"));
    EXPECT_THAT(log.out, HasSubstr("verdict: validated"));
    EXPECT_EQ(lab.run({"run", "log", id, "--json"}).exit_code, 0);
}

}  // namespace
}  // namespace patchlab::tests
