// SPDX-License-Identifier: Apache-2.0
//
// The memory of what unpatched machines showed by themselves.
#include "orchestrator/pipeline/lab/unpatched_record.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "platform/core/files.hpp"

namespace patchlab::pipeline {
namespace {

class UnpatchedRecords : public testing::Test {
  protected:
    UnpatchedRecords() {
        request_.lab.name = "shop";
        request_.machines.emplace_back().definition.name = "web";
        request_.machines[0].image_digest = std::string(64, 'a');
        prepare(lab_);
    }
    void prepare(const PreparedLab& lab) {
        make_folder(lab.folder() / "baseline");
        write_capture(lab.folder() / "baseline", "web", capture("1"));
    }
    static snapshots::Capture capture(const std::string& version) {
        snapshots::Capture capture;
        capture.facts[snapshots::ChangeClass::package]["web:amd64"] = version + " installed";
        capture.facts[snapshots::ChangeClass::sysctl]["net.ipv4.inet_peer_threshold"] = "24006";
        return capture;
    }
    /// A start that complained of this, and whose kernel sized itself otherwise.
    static Findings look(const std::string& line, const std::string& version = "1") {
        Findings look;
        look.capture = capture(version);
        look.capture.health.kernel_errors = {line};
        look.capture.facts[snapshots::ChangeClass::sysctl]["net.ipv4.inet_peer_threshold"] =
            "24005";
        return look;
    }
    void record(const PreparedLab& lab, const Findings& look) {
        record_unpatched(request_, lab, "web", look, from_rfc3339("2026-11-20T10:00:00Z"));
    }
    UnpatchedRecord known(const PreparedLab& lab) { return read_unpatched(request_, lab, "web"); }

    const TempFolder folder_{fs::temp_directory_path(), "seen"};
    RunRequest request_;
    PreparedLab lab_{folder_.path() / "prepared" / std::string(64, '1')};
    PreparedLab other_{folder_.path() / "prepared" / std::string(64, '2')};
};

TEST_F(UnpatchedRecords, tell_how_often_and_when_last_and_know_a_line_by_its_shape) {
    EXPECT_EQ(known(lab_).looks, 0U);
    record(lab_, look("udev: could not read cpu 3"));
    record(lab_, look("udev: could not read cpu 17"));
    const UnpatchedRecord record = known(lab_);
    EXPECT_EQ(record.looks, 2U);
    const Sighting* const seen = record.trouble("kernel error", "udev: could not read cpu #");
    ASSERT_NE(seen, nullptr);
    EXPECT_EQ(words_of(*seen, record.looks),
              "seen on unpatched machines 2 times in 2 looks, last 2026-11-20T10:00:00Z");
    EXPECT_EQ(record.trouble("failed unit", "a.service"), nullptr);
}

TEST_F(UnpatchedRecords, keep_facts_that_were_otherwise_and_excuse_that_very_value) {
    record(lab_, look("a"));
    const auto changed = [&](const std::string& value) {
        snapshots::Capture after = capture("1");
        after.facts[snapshots::ChangeClass::sysctl]["net.ipv4.inet_peer_threshold"] = value;
        auto changes = snapshots::find_changes("web", {capture("1"), after, {}});
        subtract_unpatched(changes, known(lab_));
        const auto found = std::find_if(changes.begin(), changes.end(), [](const auto& change) {
            return change.cls == snapshots::ChangeClass::sysctl;
        });
        return found == changes.end() ? snapshots::Change() : *found;
    };
    EXPECT_TRUE(changed("24005").attribution.is_noise());
    EXPECT_EQ(changed("24005").why,
              "seen on unpatched machines 1 time in 1 look, last 2026-11-20T10:00:00Z");
    EXPECT_FALSE(changed("1").attribution.is_noise());
}

TEST_F(UnpatchedRecords, never_let_a_patched_machine_in) {
    record(lab_, look("a", "2"));
    EXPECT_EQ(known(lab_).looks, 0U);
}

TEST_F(UnpatchedRecords, of_a_lab_that_changed_begin_with_those_of_the_machine_that_is_the_same) {
    record(lab_, look("a"));
    EXPECT_EQ(known(other_).looks, 1U);
    prepare(other_);
    record(other_, look("b"));
    EXPECT_EQ(known(other_).looks, 2U);
    EXPECT_EQ(known(lab_).looks, 1U);
    request_.machines[0].image_digest = std::string(64, 'b');
    EXPECT_EQ(known(other_).looks, 0U) << "another image";
}

TEST_F(UnpatchedRecords, of_several_runs_at_once_all_count) {
    std::vector<std::thread> runs;
    for (int i = 0; i < 8; ++i) runs.emplace_back([&] { record(lab_, look("a")); });
    for (std::thread& run : runs) run.join();
    EXPECT_EQ(known(lab_).looks, 8U);
}

TEST_F(UnpatchedRecords, that_cannot_be_read_are_none_and_forget_what_was_not_seen_for_longest) {
    const auto many = [](const std::string& beginning) {
        Findings look;
        look.capture = capture("1");
        for (int i = 0; i < 300; ++i)
            look.capture.health.failed_units.push_back(
                beginning + std::string(static_cast<std::size_t>(i), 'x'));
        return look;
    };
    record(lab_, many("old"));
    record_unpatched(request_, lab_, "web", many("new"), from_rfc3339("2026-11-21T10:00:00Z"));
    const UnpatchedRecord capped = known(lab_);
    EXPECT_EQ(capped.troubles.size(), 400U);
    EXPECT_NE(capped.trouble("failed unit", "newxxx"), nullptr);
    write_file_atomic(fs::path(lab_.folder()) += ".seen.json", "{ half");
    EXPECT_EQ(known(lab_).looks, 0U);
}

}  // namespace
}  // namespace patchlab::pipeline
