// SPDX-License-Identifier: Apache-2.0
//
// Whole runs through the program itself with played machines: what they find decides verdict,
// reason and exit code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "reports/evidence.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> kinds(const Json& run) {
    std::vector<std::string> found;
    for (const Json& reason : run.at("reasons"))
        found.push_back(reason.at("kind").get<std::string>());
    return found;
}

/// How often this stage was passed through.
long passages(const Json& run, const std::string& stage) {
    return std::count_if(run.at("stages").begin(), run.at("stages").end(),
                         [&](const Json& passage) { return passage.at("name") == stage; });
}

Json script(const Json& more) {
    Json base{{"packages", {{"hello", "1.0"}, {"other", "5"}}}};
    base.update(more);
    return base;
}

TEST(RunVerdict, a_patch_that_installs_and_breaks_nothing_is_validated) {
    PlayedLab lab;
    const auto result = lab.rehearse();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const Json run = lab.newest();
    EXPECT_EQ(run.at("verdict"), "validated") << to_text(run.at("reasons"));
    EXPECT_EQ(run.at("patches").at(0).at("packages").at(0).at("from"), "1.0");
    EXPECT_TRUE(reports::verify(lab.state() / run.at("evidence").get<std::string>()).ok());
    EXPECT_FALSE(fs::exists(lab.state() / "runs" / lab.newest_id() / "work"));
}

TEST(RunVerdict, the_second_run_reuses_the_prepared_lab) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    const Json boot = lab.newest().at("stages").at(1);
    EXPECT_EQ(boot.at("name"), "boot");
    EXPECT_EQ(boot.at("outcome"), "skipped");
}

TEST(RunVerdict, a_state_folder_that_was_moved_prepares_its_labs_anew) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    PlayedLab moved = lab.copy();
    ASSERT_EQ(moved.rehearse().exit_code, 0);
    EXPECT_EQ(moved.newest().at("stages").at(1).at("outcome"), "ok") << "booted again";
}

TEST(RunVerdict, a_check_that_fails_only_with_the_patch_rejects_it) {
    PlayedLab lab;
    lab.play(script({{"fail_after", {"nginx/front page answers"}}}));
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    const Json run = lab.newest();
    EXPECT_EQ(run.at("verdict"), "rejected");
    EXPECT_THAT(kinds(run), Contains("check-failed"));
}

TEST(RunVerdict, what_condemns_is_seen_in_two_trials) {
    PlayedLab lab;
    lab.play(script({{"fail_after", {"nginx/front page answers"}}}));
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    const Json run = lab.newest();
    EXPECT_EQ(run.at("reasons").at(0).at("seen_twice"), true);
    EXPECT_EQ(passages(run, "apply"), 2);
    EXPECT_TRUE(fs::exists(lab.state() / run.at("evidence").get<std::string>() / "captures" /
                           "web-after-in-first-trial-checks.json"));
}

TEST(RunVerdict, what_fails_in_one_trial_and_works_in_the_next_cannot_condemn) {
    PlayedLab lab;
    lab.play(script({{"fail_in_first_trial", {"nginx/front page answers"}}}));
    EXPECT_EQ(lab.rehearse().exit_code, 5);
    const Json run = lab.newest();
    ASSERT_THAT(kinds(run), ElementsAre("check-failed"));
    EXPECT_THAT(run.at("reasons")[0].at("detail").get<std::string>(),
                HasSubstr("in one of two trials"));
    EXPECT_FALSE(run.at("reasons")[0].contains("seen_twice"));
}

TEST(RunVerdict, an_installation_that_fails_in_one_trial_and_not_in_the_next_cannot_condemn) {
    PlayedLab lab;
    lab.play(script({{"install_fails_first", true}}));
    EXPECT_EQ(lab.rehearse().exit_code, 5);
    ASSERT_THAT(kinds(lab.newest()), ElementsAre("apply-failed"));
}

TEST(RunVerdict, what_is_certain_needs_no_second_trial) {
    PlayedLab lab;
    lab.play(script({{"installs", {{"hello", "1.5"}}}}));
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    EXPECT_EQ(passages(lab.newest(), "apply"), 1);
}

TEST(RunVerdict, a_check_that_flickers_without_the_patch_cannot_condemn_it) {
    PlayedLab lab;
    lab.play(script(
        {{"flicker", {"nginx/front page answers"}}, {"fail_after", {"nginx/front page answers"}}}));
    EXPECT_EQ(lab.rehearse().exit_code, 0);
}

TEST(RunVerdict, a_check_that_gives_no_answer_is_never_fine) {
    PlayedLab lab;
    lab.play(script({{"unknown_after", {"nginx/front page answers"}}}));
    EXPECT_EQ(lab.rehearse().exit_code, 3);
    EXPECT_EQ(lab.newest().at("verdict"), "inconclusive");
}

TEST(RunVerdict, an_installation_that_fails_rejects) {
    PlayedLab lab;
    lab.play(script({{"install_exit", 100}}));
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    EXPECT_THAT(kinds(lab.newest()), Contains("apply-failed"));
}

TEST(RunVerdict, an_installation_that_is_killed_rejects_at_once) {
    PlayedLab lab;
    lab.play(script({{"install_vanishes", true}}));
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    const Json run = lab.newest();
    EXPECT_THAT(kinds(run), Contains("apply-failed"));
    EXPECT_THAT(run.at("summary").get<std::string>(), HasSubstr("something killed it"));
}

TEST(RunVerdict, a_machine_whose_programs_crash_in_two_trials_condemns) {
    PlayedLab lab;
    lab.play(script({{"broken_after", "dpkg-query"}}));
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    const Json run = lab.newest();
    EXPECT_THAT(kinds(run), Contains("health"));
    EXPECT_THAT(run.at("summary").get<std::string>(),
                HasSubstr("dpkg-query was killed by signal 11, in two trials"));
}

TEST(RunVerdict, an_installation_that_is_slow_is_waited_for_and_one_that_hangs_rejects) {
    for (const bool talks : {true, false}) {
        PlayedLab lab;
        lab.play(script({{"install_seconds", 3}, {"install_talks", talks}}));
        EXPECT_EQ(lab.rehearse({}, {"--no-endure", "--apply-deadline", "2"}).exit_code,
                  talks ? 0 : 1);
        EXPECT_THAT(kinds(lab.newest()),
                    talks ? testing::Matcher<std::vector<std::string>>(testing::IsEmpty())
                          : Contains("apply-timeout"));
    }
}

TEST(RunVerdict, an_installation_that_goes_on_for_ever_rejects) {
    PlayedLab lab;
    lab.play(script({{"install_seconds", 1000}, {"install_talks", true}}));
    EXPECT_EQ(lab.rehearse({}, {"--apply-deadline", "1"}).exit_code, 1);
    EXPECT_THAT(kinds(lab.newest()), Contains("apply-timeout"));
}

TEST(RunVerdict, another_version_than_announced_rejects) {
    PlayedLab lab;
    lab.play(script({{"installs", {{"hello", "1.5"}}}}));
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    EXPECT_THAT(kinds(lab.newest()), Contains("wrong-version"));
}

TEST(RunVerdict, a_new_port_needs_a_review_even_when_all_checks_pass) {
    PlayedLab lab;
    lab.play(script({{"adds_port", "tcp/4444"}}));
    EXPECT_EQ(lab.rehearse().exit_code, 5);
    EXPECT_EQ(lab.newest().at("verdict"), "needs-review");
}

TEST(RunVerdict, a_change_that_no_package_explains_needs_a_review) {
    PlayedLab lab;
    lab.play(script({{"changes_file", "/srv/data/ledger"}}));
    EXPECT_EQ(lab.rehearse().exit_code, 5);
    EXPECT_THAT(kinds(lab.newest()), Contains("unexplained-change"));
}

TEST(RunVerdict, what_could_not_be_read_is_never_fine) {
    PlayedLab lab;
    lab.play(script({{"unreadable_after", "port"}}));
    EXPECT_EQ(lab.rehearse().exit_code, 3);
}

TEST(RunVerdict, a_guest_that_falls_silent_in_two_trials_condemns) {
    PlayedLab lab;
    lab.play(script({{"install_silent", true}}));
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    EXPECT_THAT(kinds(lab.newest()), Contains("channel-lost"));
}

TEST(RunVerdict, a_check_that_fails_only_after_the_next_reboot_rejects) {
    PlayedLab lab;
    lab.play(script({{"fail_after_reboot", {"nginx/front page answers"}}}));
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    const Json run = lab.newest();
    EXPECT_THAT(kinds(run), Contains("check-failed"));
    EXPECT_THAT(run.at("summary").get<std::string>(), HasSubstr("only after the next reboot"));
    for (const Json& check : run.at("checks"))
        if (check.at("name") == "front page answers") {
            EXPECT_EQ(check.at("after"), "pass");
            EXPECT_EQ(check.at("after_reboot"), "fail");
        }
}

TEST(RunVerdict, what_fails_after_one_reboot_and_works_after_the_next_cannot_condemn) {
    PlayedLab lab;
    lab.play(script({{"fail_after_first_reboot", {"nginx/front page answers"}}}));
    EXPECT_EQ(lab.rehearse().exit_code, 5);
    const Json run = lab.newest();
    ASSERT_THAT(kinds(run), ElementsAre("check-failed"));
    EXPECT_THAT(run.at("reasons")[0].at("detail").get<std::string>(),
                HasSubstr("in one of two starts"));
    EXPECT_TRUE(fs::exists(lab.state() / run.at("evidence").get<std::string>() / "captures" /
                           "web-after-another-reboot-checks.json"));
}

TEST(RunVerdict, a_port_that_opens_only_after_the_next_reboot_needs_a_review) {
    PlayedLab lab;
    lab.play(script({{"adds_port_after_reboot", "tcp/4444"}}));
    EXPECT_EQ(lab.rehearse().exit_code, 5);
    EXPECT_THAT(kinds(lab.newest()), Contains("sensitive-change"));
}

TEST(RunVerdict, a_file_that_is_cleared_away_at_the_next_start_needs_a_review_without_a_drill) {
    PlayedLab lab;
    lab.play(script({{"clears_after_reboot", "/etc/nginx/snippets/snakeoil.conf"}}));
    EXPECT_EQ(lab.rehearse({}, {"--no-drill"}).exit_code, 5);
    const Json run = lab.newest();
    ASSERT_THAT(kinds(run), ElementsAre("unexplained-change"));
    EXPECT_THAT(run.at("reasons")[0].at("subject").get<std::string>(), HasSubstr("snakeoil"));
    EXPECT_THAT(run.at("reasons")[0].at("detail").get<std::string>(),
                HasSubstr("removed at the next start"));
}

TEST(RunVerdict, a_check_whose_repetitions_are_not_done_in_their_time_needs_a_review) {
    PlayedLab lab;
    lab.play(script({{"crawls_after", {"nginx/front page answers"}}}));
    EXPECT_EQ(lab.rehearse({}, {"--no-endure"}).exit_code, 5);
    ASSERT_THAT(kinds(lab.newest()), ElementsAre("regression"));
    EXPECT_THAT(lab.newest().at("reasons")[0].at("detail").get<std::string>(),
                HasSubstr("only 2 of 20 repetitions"));
}

TEST(RunVerdict, a_package_system_that_was_not_sound_before_never_rejects_a_patch) {
    PlayedLab lab;
    lab.play(script({{"install_exit", 100},
                     {"complains_before", "acme : Depends: libgone but it is not installed\n"}}));
    EXPECT_EQ(lab.rehearse().exit_code, 3);
    const Json run = lab.newest();
    EXPECT_EQ(run.at("verdict"), "inconclusive");
    EXPECT_THAT(to_text(run.at("reasons")), HasSubstr("libgone"));
    EXPECT_THAT(to_text(run.at("machines")), HasSubstr("libgone"));
}

TEST(RunVerdict, a_hold_in_the_image_does_not_speak_against_a_patch_and_is_told) {
    PlayedLab lab;
    lab.play(script({{"held", {"hello"}}}));
    EXPECT_EQ(lab.rehearse().exit_code, 0);
    EXPECT_THAT(to_text(lab.newest().at("machines")), HasSubstr("\"held\""));
}

TEST(RunVerdict, what_an_unpatched_machine_complained_of_in_another_run_is_no_reason) {
    PlayedLab lab;
    const std::string line = "udevd: could not read from '/sys/module/pcc/initstate'";
    lab.play(script({{"complains_after", line}}));
    EXPECT_EQ(lab.rehearse().exit_code, 5) << "only the patched machine shows it";
    lab.play(script({{"complains", line}}));  // the clones of its drill do
    lab.run({"run", "start", "--lab", "shop", "--patch", "hello_2.0"});
    lab.play(script({{"complains_after", line}}));
    EXPECT_EQ(lab.rehearse().exit_code, 0) << to_text(lab.newest().at("reasons"));
    EXPECT_THAT(to_text(lab.newest().at("own_troubles")),
                HasSubstr("seen on unpatched machines 1 time in"));
}

TEST(RunVerdict, a_patched_machine_that_does_not_come_back_from_its_next_reboot_rejects) {
    PlayedLab lab;
    lab.play(script({{"no_boot", true}}));
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    EXPECT_THAT(kinds(lab.newest()), Contains("did-not-boot"));
}

TEST(RunVerdict, a_clock_that_the_patch_put_wrong_rejects) {
    PlayedLab lab;
    lab.play(script({{"clock_off", -86400}}));
    EXPECT_EQ(lab.rehearse().exit_code, 1);
    EXPECT_THAT(lab.newest().at("summary").get<std::string>(), HasSubstr("clock"));
}

TEST(RunVerdict, a_machine_whose_services_do_not_come_to_rest_needs_a_review) {
    PlayedLab lab;
    lab.play(script({{"unsettled_after", true}}));
    EXPECT_EQ(lab.rehearse().exit_code, 5);
    EXPECT_THAT(to_text(lab.newest().at("reasons")),
                HasSubstr("jobs were still running 180 s after the patch took effect"));
}

TEST(RunVerdict, a_check_that_answers_slower_than_an_unpatched_clone_beside_it_needs_a_review) {
    PlayedLab lab;
    lab.play(script({{"slow_after", {"nginx/front page answers"}}}));
    EXPECT_EQ(lab.rehearse().exit_code, 5);
    ASSERT_THAT(kinds(lab.newest()), ElementsAre("regression"));
    EXPECT_THAT(lab.newest().at("reasons")[0].at("detail").get<std::string>(),
                HasSubstr("an unpatched clone beside it in 4.3 ms"));
    const fs::path evidence = lab.state() / lab.newest().at("evidence").get<std::string>();
    const Json rounds = read_json(evidence / "captures" / "web-beside-rounds.json");
    ASSERT_EQ(rounds.size(), 1U);
    for (const char* side : {"unpatched", "patched"})
        EXPECT_EQ(rounds[0].at(side).size(), 5U) << side;
}

TEST(RunVerdict,
     a_start_that_is_slower_than_an_unpatched_clones_in_the_same_moment_needs_a_review) {
    PlayedLab lab;
    lab.play(script({{"slow_boot_after", true}}));
    EXPECT_EQ(lab.rehearse().exit_code, 5);
    ASSERT_THAT(kinds(lab.newest()), ElementsAre("regression"));
    EXPECT_THAT(lab.newest().at("reasons")[0].at("detail").get<std::string>(),
                HasSubstr("60 s to start; without the patch 12 s"));
}

TEST(RunVerdict, a_host_that_became_busy_is_not_the_patchs_doing) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{}, {"--no-endure"}}) {
        PlayedLab lab;
        lab.play(script({{"busy_host_after", true}}));
        EXPECT_EQ(lab.rehearse({}, words).exit_code, 0) << lab.newest().at("summary");
    }
    PlayedLab lab;  // the clones of the drill are witnesses as good
    lab.play(script({{"busy_host_after", true}}));
    lab.run({"run", "start", "--lab", "shop", "--patch", "hello_2.0"});
    EXPECT_THAT(kinds(lab.newest()), Not(Contains("regression")));
}

TEST(RunVerdict,
     both_ways_back_are_practised_at_once_where_the_host_bears_it_and_no_regression_is_suspected) {
    const bool bears_two = std::thread::hardware_concurrency() >= 2;
    // a slower boot was looked at beside a clone by then, memory has the drill's clones as its
    // witness
    for (const std::string play : {"", "slow_boot_after", "much_memory_after"}) {
        const bool suspected = play == "much_memory_after";
        PlayedLab lab;
        if (!play.empty()) lab.play(script({{play, true}}));
        lab.run({"run", "start", "--lab", "shop", "--patch", "hello_2.0"});
        const Json drill = lab.newest().at("drill");
        EXPECT_EQ(drill.at("at_once"), bears_two && !suspected) << play << drill;
        EXPECT_TRUE(drill.at("restored").get<bool>()) << drill;
    }
}

TEST(RunVerdict, a_patch_whose_old_version_was_not_kept_has_no_exact_way_back_and_needs_a_review) {
    PlayedLab lab;
    EXPECT_EQ(lab.run({"run", "start", "--lab", "shop", "--patch", "hello_2.0"}).exit_code, 5);
    EXPECT_THAT(kinds(lab.newest()), ElementsAre("drill-failed"));
    EXPECT_FALSE(lab.newest().at("drill").at("downgrade").at("possible").get<bool>());
}

/// Adds hello 3.0 while the image's own hello 1.0 is at hand as the way back.
void add_patch_with_way_back(PlayedLab& lab, const fs::path& folder) {
    const fs::path old = build_deb(folder, "hello", "1.0");
    std::vector<fs::path> disks;
    for (const fs::directory_entry& entry : fs::directory_iterator(lab.state() / "images"))
        if (entry.path().extension() == ".qcow2") disks.push_back(entry.path());
    ASSERT_EQ(disks.size(), 1U);
    const fs::path pool = disks[0].replace_extension(".debs");
    make_folder(pool);
    fs::copy_file(old, pool / old.filename());
    const auto added = lab.run({"patch", "add", build_deb(folder, "hello", "3.0").string()});
    ASSERT_EQ(added.exit_code, 0) << added.err;
}

TEST(RunVerdict, the_summary_names_what_the_patch_broke_and_not_what_the_drill_did_not_mend) {
    PlayedLab lab;
    const TempFolder folder(fs::temp_directory_path(), "way-back");
    add_patch_with_way_back(lab, folder.path());
    lab.play(script({{"fail_for_good_after_reboot", {"nginx/unit is active"}}}));
    EXPECT_EQ(lab.run({"run", "start", "--lab", "shop", "--patch", "hello_3.0"}).exit_code, 1);
    const Json run = lab.newest();
    EXPECT_EQ(kinds(run).at(0), "check-failed");
    EXPECT_EQ(kinds(run).at(1), "drill-failed");
    EXPECT_TRUE(run.at("drill").at("downgrade").at("possible").get<bool>());
    EXPECT_THAT(run.at("summary").get<std::string>(),
                HasSubstr("web: nginx does not start after the reboot"));
}

TEST(RunVerdict, what_a_way_back_leaves_behind_is_named_and_a_book_that_grew_is_not) {
    PlayedLab lab;
    const TempFolder folder(fs::temp_directory_path(), "way-back");
    add_patch_with_way_back(lab, folder.path());
    const auto restored = [&](const std::string& file) {
        lab.play(script({{"leaves_file", file}}));
        lab.run({"run", "start", "--lab", "shop", "--patch", "hello_3.0"});
        return lab.newest().at("drill").at("downgrade");
    };
    const Json left = restored("/etc/shells");
    EXPECT_FALSE(left.at("restored").get<bool>());
    EXPECT_EQ(left.at("left_behind").at(0), "web: file /etc/shells (changed)");
    EXPECT_TRUE(restored("/var/lib/dpkg/status").at("restored").get<bool>())
        << "a book of the package manager is no trace of the patch";
}

TEST(RunVerdict, the_summary_of_a_review_names_the_change_before_the_drill) {
    PlayedLab lab;
    lab.play(script({{"adds_port", "tcp/4444"}}));
    EXPECT_EQ(lab.run({"run", "start", "--lab", "shop", "--patch", "hello_2.0"}).exit_code, 5);
    EXPECT_THAT(kinds(lab.newest()), ElementsAre("sensitive-change", "drill-failed"));
    EXPECT_THAT(lab.newest().at("summary").get<std::string>(),
                HasSubstr("the first: sensitive change on web: new port tcp/4444"));
}

TEST(RunVerdict, who_asks_for_no_reboot_gets_none) {
    PlayedLab lab;
    lab.play(script({{"no_boot", true}}));
    EXPECT_EQ(lab.rehearse({}, {"--no-endure"}).exit_code, 0);
}

TEST(RunStart, refuses_what_cannot_be_rehearsed_and_starts_nothing) {
    PlayedLab lab;
    EXPECT_EQ(lab.run({"run", "start", "--lab", "nowhere", "--patch", "hello_2.0"}).exit_code, 2);
    EXPECT_EQ(lab.run({"run", "start", "--lab", "shop", "--patch", "nothing_1"}).exit_code, 2);
    EXPECT_EQ(lab.run({"run", "start", "--lab", "shop"}).exit_code, 2);
    const TempFolder folder(fs::temp_directory_path(), "old");
    ASSERT_EQ(
        lab.run({"patch", "add", build_deb(folder.path(), "hello", "0.9").string()}).exit_code, 0);
    const auto older = lab.run({"run", "start", "--lab", "shop", "--patch", "hello_0.9"});
    EXPECT_EQ(older.exit_code, 2);
    EXPECT_THAT(older.err, HasSubstr("--allow-downgrade"));
    EXPECT_FALSE(fs::exists(lab.state() / "runs"));
}

TEST(LabRemove, keeps_the_evidence_of_its_runs) {
    PlayedLab lab;
    ASSERT_EQ(lab.rehearse().exit_code, 0);
    EXPECT_EQ(lab.run({"lab", "remove", "shop"}).exit_code, 0);
    EXPECT_EQ(lab.newest().at("verdict"), "validated");
}

}  // namespace
}  // namespace patchlab::tests
