// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/due_memory.hpp"

#include <gtest/gtest.h>

#include <future>

#include "orchestrator/operations/session.hpp"
#include "platform/core/files.hpp"

namespace patchlab::operations {
namespace {

class StandingClock : public Clock {
  public:
    TimePoint now() const override { return time; }
    TimePoint time = from_rfc3339("2026-11-30T10:00:00Z");
};

class DueMemory : public testing::Test {
  protected:
    DueMemory() {
        session_.permit_new_state();
        session_.actor();
        clock_.time += std::chrono::minutes(5);
        add_patch("old_1", "2026-11-30T09:00:00Z");
    }
    void add_patch(const std::string& id, const std::string& added) {
        session_.database().execute(
            "INSERT INTO patches (id, source, version, digest, added) VALUES (?, 'x', '1', 'd', ?)",
            {id, added});
    }
    /// How often it was really asked by now.
    int ask() {
        remembered_or(session_, [&] {
            ++asked_;
            return DuePatches(std::vector<DuePatch>{});
        });
        return asked_;
    }

    TempFolder folder_{fs::temp_directory_path(), "due"};
    process::SystemCommandRunner commands_;
    StandingClock clock_;
    Session session_{{folder_.path() / "state", "", "fake"}, commands_, clock_};
    int asked_ = 0;
};

TEST_F(DueMemory, answers_from_memory_for_a_minute) {
    EXPECT_EQ(ask(), 1);
    EXPECT_EQ(ask(), 1);
    clock_.time += std::chrono::seconds(61);
    EXPECT_EQ(ask(), 2);
    clock_.time -= std::chrono::seconds(30);
    EXPECT_EQ(ask(), 3) << "a clock that went back proves no age";
}

TEST_F(DueMemory, forgets_when_what_it_rests_on_changes) {
    ask();
    add_patch("other_2", "2026-11-30T09:30:00Z");
    EXPECT_EQ(ask(), 2);
    session_.database().execute("DELETE FROM patches WHERE id = 'old_1'");
    EXPECT_EQ(ask(), 3);
    EXPECT_EQ(ask(), 3);
}

TEST_F(DueMemory, keeps_nothing_of_what_may_still_change_within_its_second) {
    add_patch("new_3", "2026-11-30T10:04:59Z");
    ask();
    EXPECT_EQ(ask(), 2);
    clock_.time += std::chrono::seconds(10);
    ask();
    EXPECT_EQ(ask(), 3);
}

/// Memory is of a thread, as a process has its own.
TEST_F(DueMemory, is_told_to_the_processes_beside_it) {
    const auto patches = [](std::vector<DuePatch> due) {
        return [due] { return DuePatches(due); };
    };
    remembered_or(session_, patches({{"old_1", "three-days", "2026-12-01T00:00:00Z", true, 7}}));
    const auto beside = [&] {
        return std::async(
                   std::launch::async,
                   [&] {
                       Session other{{folder_.path() / "state", "", "fake"}, commands_, clock_};
                       return remembered_or(other, patches({}));
                   })
            .get();
    };
    const DuePatches told = beside();
    ASSERT_TRUE(told);
    ASSERT_EQ(told->size(), 1U);
    EXPECT_EQ(told->front().id, "old_1");
    EXPECT_EQ(told->front().limit, "three-days");
    EXPECT_TRUE(told->front().overdue);
    EXPECT_EQ(told->front().hosts, 7);
    write_file_atomic(folder_.path() / "state/derived/due.json", "no JSON", 0600);
    EXPECT_TRUE(beside()->empty()) << "a file that says nothing is no answer";
}

}  // namespace
}  // namespace patchlab::operations
