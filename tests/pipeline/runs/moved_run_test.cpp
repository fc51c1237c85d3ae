// SPDX-License-Identifier: Apache-2.0
//
// A run's folder says all that its worker must know, and nothing of where it is: it can be worked
// below another state folder, on any host that has the same images and patches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/program.hpp"
#include "tests/support/same_evidence.hpp"

namespace patchlab::tests {
namespace {

class MovedRun : public testing::Test {
  protected:
    /// A run whose worker was killed in that stage. Gives its id.
    std::string interrupted_in(const std::string& stage) {
        EXPECT_EQ(here_.rehearse({{"PATCHLAB_FAULT", stage + ":kill"}}).exit_code, 3);
        return here_.newest_id();
    }
    fs::path folder_of(const std::string& id, const PlayedLab& lab) const {
        return lab.state() / "runs" / id;
    }
    /// Copies the run's folder into the other state folder, which does not know the run.
    void copy_there(const std::string& id) {
        make_folder(there_.state() / "runs", 0711);
        fs::copy(folder_of(id, here_), folder_of(id, there_), fs::copy_options::recursive);
    }
    int work_there(const std::string& id) {
        return there_.run({"internal-worker", folder_of(id, there_).string()}).exit_code;
    }
    Json evidence_of(const std::string& id, const PlayedLab& lab) const {
        return without_time_and_place(read_json(folder_of(id, lab) / "evidence" / "run.json"));
    }
    void expect_the_same_evidence(const std::string& id) {
        EXPECT_EQ(evidence_of(id, there_), evidence_of(id, here_));
        EXPECT_EQ(files_below(folder_of(id, there_) / "evidence"),
                  files_below(folder_of(id, here_) / "evidence"));
        const auto verified =
            there_.run({"evidence", "verify", (folder_of(id, there_) / "evidence").string()});
        EXPECT_EQ(verified.exit_code, 0) << verified.err;
    }

    PlayedLab here_;
    PlayedLab there_;
};

TEST_F(MovedRun, its_folder_names_nothing_outside_of_itself) {
    const std::string id = interrupted_in("clone");
    for (const std::string& file : files_below(folder_of(id, here_)))
        EXPECT_THAT(read_file(folder_of(id, here_) / file),
                    testing::Not(testing::HasSubstr(here_.state().parent_path().string())))
            << file;
}

TEST_F(MovedRun, comes_to_the_same_verdict_and_evidence_below_another_state_folder) {
    const std::string id = interrupted_in("clone");
    copy_there(id);
    EXPECT_EQ(work_there(id), 0);
    EXPECT_EQ(here_.run({"run", "resume", id}).exit_code, 0);
    EXPECT_EQ(read_json(folder_of(id, there_) / "state.json").at("verdict"), "validated");
    expect_the_same_evidence(id);
}

class MovedRunIn : public MovedRun, public testing::WithParamInterface<std::string> {};

TEST_P(MovedRunIn, begins_anew_where_the_prepared_lab_of_its_findings_is_not) {
    const std::string id = interrupted_in(GetParam());
    copy_there(id);
    EXPECT_EQ(work_there(id), 0);
    EXPECT_THAT(read_file(folder_of(id, there_) / "events.jsonl"),
                testing::HasSubstr("the prepared lab that it was worked in is not here"));
    EXPECT_EQ(read_json(folder_of(id, there_) / "state.json").at("verdict"), "validated");
}

INSTANTIATE_TEST_SUITE_P(Stages, MovedRunIn,
                         testing::Values("control", "restore", "drill", "judge", "seal"));

TEST_F(MovedRun, does_not_compare_its_findings_with_another_lab_of_the_same_digest) {
    const std::string id = interrupted_in("judge");
    EXPECT_EQ(there_.run({"lab", "prepare", "shop"}).exit_code, 0);
    fs::remove_all(there_.state() / "runs");
    copy_there(id);
    EXPECT_EQ(work_there(id), 0);
    EXPECT_THAT(read_file(folder_of(id, there_) / "events.jsonl"),
                testing::HasSubstr("the prepared lab that it was worked in is not here"));
}

TEST_F(MovedRun, is_inconclusive_where_its_patch_is_not) {
    const std::string id = interrupted_in("clone");
    copy_there(id);
    fs::remove_all(there_.state() / "patches" / "hello_2.0");
    EXPECT_EQ(work_there(id), 3);
    const Json state = read_json(folder_of(id, there_) / "state.json");
    EXPECT_EQ(state.at("verdict"), "inconclusive");
    EXPECT_THAT(state.at("faults").dump(), testing::HasSubstr("not on this host: patch hello_2.0"));
}

TEST_F(MovedRun, finds_its_patch_by_content_whatever_it_is_called_there) {
    const std::string id = interrupted_in("clone");
    copy_there(id);
    const fs::path patches = there_.state() / "patches";
    fs::rename(patches / "hello_2.0", patches / "hello_2.0_01234567");
    EXPECT_EQ(work_there(id), 0);
}

TEST_F(MovedRun, does_not_take_another_patch_of_the_same_id) {
    const std::string id = interrupted_in("clone");
    copy_there(id);
    const fs::path file = there_.state() / "patches" / "hello_2.0" / "patch.json";
    Json patch = read_json(file);
    patch["packages"][0]["sha256"] = std::string(64, 'a');
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
    write_json(file, patch);
    EXPECT_EQ(work_there(id), 3);
}

TEST_F(MovedRun, a_request_with_paths_as_older_versions_wrote_it_is_still_worked) {
    const std::string id = interrupted_in("clone");
    const fs::path file = folder_of(id, here_) / "input" / "request.json";
    Json request = read_json(file);
    request["state"] = "/srv/elsewhere";
    request["lab"]["suite_files"] = Json::array({"/srv/elsewhere/suite.yaml"});
    request["machines"][0]["image_file"] = "/srv/elsewhere/images/a.qcow2";
    request["patches"][0]["folder"] = "/srv/elsewhere/patches/hello_2.0";
    write_json(file, request);
    EXPECT_EQ(here_.run({"run", "resume", id}).exit_code, 0);
    EXPECT_EQ(here_.newest().at("verdict"), "validated");
}

}  // namespace
}  // namespace patchlab::tests
