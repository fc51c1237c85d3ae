// SPDX-License-Identifier: Apache-2.0
//
// A run's folder and its rows are there together, or neither is, whatever happens in between.
#include "orchestrator/pipeline/run/submission.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrator/images/image.hpp"
#include "orchestrator/intake/patch.hpp"
#include "orchestrator/pipeline/run/lab_store.hpp"
#include "orchestrator/pipeline/run/reaper.hpp"
#include "platform/core/error.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

class SubmissionTest : public testing::Test {
  protected:
    store::Database open() {
        std::vector<store::Migration> all;
        for (const auto& module :
             {images::migrations(), intake::migrations(), pipeline::migrations()})
            all.insert(all.end(), module.begin(), module.end());
        return {lab_.state() / "patchlab.db", all};
    }
    pipeline::RunFolder submit(store::Database& database, const std::function<void()>& besides) {
        images::ImageStore images(lab_.state(), database);
        pipeline::RunPlan plan = pipeline::plan_lab(pipeline::LabStore(database).get("shop"),
                                                    images, pipeline::Backend(), {});
        plan.request.patches = {intake::PatchStore(lab_.state(), database).get("hello_2.0")};
        return pipeline::record_run(
            lab_.state(), database, plan,
            {"tess", from_rfc3339("2026-01-02T12:00:00Z"), {}, [&](const pipeline::RunRow&) {
                 besides();
             }});
    }
    std::vector<std::string> folders() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(lab_.state() / "runs"))
            names.push_back(entry.path().filename().string());
        return names;
    }
    std::vector<std::string> rows(store::Database& database) {
        std::vector<std::string> ids;
        for (const pipeline::RunRow& row : pipeline::RunStore(lab_.state(), database).list())
            ids.push_back(row.id);
        return ids;
    }
    void reap(store::Database& database) {
        pipeline::RunStore runs(lab_.state(), database);
        pipeline::reap(lab_.state(), [&](const std::string& run) { return runs.has(run); });
    }
    void make_old(const std::string& folder) {
        fs::last_write_time(lab_.state() / "runs" / folder,
                            fs::file_time_type::clock::now() - std::chrono::minutes(2));
    }

    PlayedLab lab_;
};

TEST_F(SubmissionTest, a_run_has_its_folder_and_its_rows) {
    store::Database database = open();
    const pipeline::RunFolder run = submit(database, [] {});
    EXPECT_EQ(run.id(), "r-20260102-0001");
    EXPECT_TRUE(fs::exists(run.request()));
    EXPECT_EQ(run.load().progress, pipeline::RunProgress::queued);
    EXPECT_THAT(rows(database), testing::ElementsAre(run.id()));
    EXPECT_EQ(submit(database, [] {}).id(), "r-20260102-0002");
    reap(database);
    EXPECT_EQ(rows(database).size(), 2U) << "a run that waits for its worker is left alone";
    EXPECT_EQ(folders().size(), 2U);
}

TEST_F(SubmissionTest, what_fails_before_the_end_leaves_neither_folder_nor_row) {
    store::Database database = open();
    EXPECT_THROW(submit(database, [] { throw Error(ErrorCode::lab, "the audit trail is full"); }),
                 Error);
    EXPECT_THAT(folders(), testing::IsEmpty());
    EXPECT_THAT(rows(database), testing::IsEmpty());
    EXPECT_THAT(intake::PatchStore(lab_.state(), database).users("hello_2.0"), testing::IsEmpty());
    EXPECT_EQ(submit(database, [] {}).id(), "r-20260102-0001");
}

TEST_F(SubmissionTest, what_a_crash_leaves_is_no_run_and_is_reaped) {
    const pid_t child = ::fork();
    if (child == 0) {
        store::Database database = open();
        submit(database, [] { ::kill(::getpid(), SIGKILL); });
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    store::Database database = open();
    EXPECT_THAT(rows(database), testing::IsEmpty());
    EXPECT_THAT(folders(), testing::ElementsAre("r-20260102-0001.part"));
    reap(database);
    EXPECT_THAT(folders(), testing::SizeIs(1)) << "it is young: its maker may be about to lock it";
    make_old("r-20260102-0001.part");
    reap(database);
    EXPECT_THAT(folders(), testing::IsEmpty());
}

TEST_F(SubmissionTest, a_folder_whose_rows_a_crash_took_back_is_reaped) {
    store::Database database = open();
    const pipeline::RunFolder run = submit(database, [] {});
    database.execute("DELETE FROM runs");
    reap(database);
    EXPECT_THAT(folders(), testing::IsEmpty());
}

TEST_F(SubmissionTest, a_run_that_was_worked_is_kept_though_the_store_has_lost_its_row) {
    store::Database database = open();
    const pipeline::RunFolder run = submit(database, [] {});
    database.execute("DELETE FROM runs");
    pipeline::RunState state = run.load();
    state.progress = pipeline::RunProgress::finished;
    run.save(state);
    reap(database);
    EXPECT_THAT(folders(), testing::ElementsAre(run.id()));
}

}  // namespace
}  // namespace patchlab::tests
