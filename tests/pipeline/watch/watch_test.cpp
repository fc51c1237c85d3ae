// SPDX-License-Identifier: Apache-2.0
//
// A vendor's repository on the loopback device releases, breaks, replays and takes back, while the
// program looks at it: real apt, simulated machines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <chrono>
#include <thread>

#include "tests/pipeline/watch/watch_fixture.hpp"
#include "tests/support/receivers.hpp"

namespace patchlab::tests {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(Watch, judges_what_a_vendor_releases_and_costs_one_request_when_nothing_is_new) {
    offer({{"web", "2-1"}, {"db", "2-1"}});
    const auto first = look();
    ASSERT_EQ(first.exit_code, 0) << to_text(lab.newest().at("reasons"));
    EXPECT_THAT(found(document(first)), ElementsAre("db_2-1", "web_2-1"));
    const Json campaign = document(first).at("campaigns").at(0);
    EXPECT_EQ(campaign.at("verdict"), "validated");
    EXPECT_EQ(campaign.at("watch"), "night");
    EXPECT_EQ(lab.run_count(), 1U);

    const auto second = look();
    EXPECT_EQ(second.exit_code, 0) << second.err;
    EXPECT_THAT(requests(), ElementsAre("/dists/security/InRelease"));
    EXPECT_GT(server->unchanged(), 0) << "the request had a condition";
    EXPECT_THAT(found(document(second)), IsEmpty());
    EXPECT_THAT(document(second).at("campaigns"), IsEmpty());
    EXPECT_EQ(lab.run_count(), 1U);
}

TEST_F(Watch, tells_a_ci_job_and_a_webhook_what_is_rejected) {
    HookServer hook({"200 OK"});
    const fs::path folder = lab.state().parent_path();
    write_file_atomic(folder / "secret", "s3cret\n", 0600);
    write_file_atomic(folder / "notify.yaml",
                      "schema: patchlab/notify/v1\ntargets:\n  - name: ticket\n    webhook: { url: "
                      "\"" +
                          hook.url() + "\", secret-file: secret }\n");
    ASSERT_EQ(lab.run({"notify", "add", (folder / "notify.yaml").string()}).exit_code, 0);
    ASSERT_EQ(
        add_watch(std::string(watch_text) + "on:\n  rejected: { tell: [ticket] }\n").exit_code, 0);
    play({{"fails_with", {{"db", "nginx/front page answers"}}}});
    offer({{"web", "2-1"}, {"db", "2-1"}});
    const fs::path junit = folder / "results.xml";
    const auto result = look({}, {"--junit", junit.string()});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    const std::string xml = read_file(junit);
    EXPECT_THAT(xml, HasSubstr("name=\"web_2-1\"/>"));
    EXPECT_THAT(xml, HasSubstr("<failure message=\"rejected: "));
    ASSERT_TRUE(hook.wait_for(1));
    const Json body = parse_json(hook.posted().at(0).body, "notice");
    EXPECT_EQ(body.at("event"), "campaign-finished");
    EXPECT_EQ(look().exit_code, 0) << "it is said once";
    EXPECT_EQ(hook.posted().size(), 1U);
}

TEST_F(Watch, says_that_an_old_index_is_replayed_and_leaves_it_alone) {
    const fs::path release = vendor.suite_folder("security") / "InRelease";
    const fs::path packages = vendor.suite_folder("security") / "main/binary-amd64/Packages";
    const std::string old_release = read_file(release), old_packages = read_file(packages);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // a Date has whole seconds
    offer({{"web", "2-1"}});
    ASSERT_EQ(look().exit_code, 0);
    const std::string new_release = read_file(release), new_packages = read_file(packages);
    write_file_atomic(release, old_release);
    write_file_atomic(packages, old_packages);
    const auto replayed = look();
    EXPECT_EQ(replayed.exit_code, 3);
    EXPECT_EQ(document(replayed).at("suites").at(0).at("answer"), "older");
    EXPECT_THAT(trouble(document(replayed)), HasSubstr("older than"));
    const auto again = look();
    EXPECT_THAT(requests(), IsEmpty()) << "it is left alone for a while";
    EXPECT_EQ(document(again).at("suites").at(0).at("answer"), "waiting");
    write_file_atomic(release, new_release);
    write_file_atomic(packages, new_packages);
    let_time_pass();
    EXPECT_EQ(look().exit_code, 0);
    EXPECT_EQ(lab.run_count(), 1U);
}

TEST_F(Watch, takes_nothing_from_a_half_published_index_and_everything_from_the_whole_one) {
    offer({{"web", "2-1"}});
    const fs::path index = vendor.suite_folder("security") / "main/binary-amd64/Packages";
    const std::string whole = read_file(index);
    write_file_atomic(index, whole + "\n");
    const auto half = look();
    EXPECT_EQ(half.exit_code, 3) << half.err;
    EXPECT_EQ(document(half).at("suites").at(0).at("answer"), "refused");
    EXPECT_EQ(lab.run_count(), 0U);
    write_file_atomic(index, whole);
    let_time_pass();
    const auto good = look();
    EXPECT_EQ(good.exit_code, 0) << good.err;
    EXPECT_THAT(found(document(good)), Contains("web_2-1"));
}

TEST_F(Watch, backs_off_from_a_vendor_that_is_down) {
    server.reset();
    for (int failures = 1; failures <= 3; ++failures) {
        const auto result = look();
        EXPECT_EQ(result.exit_code, 3);
        const Json suite = document(result).at("suites").at(0);
        EXPECT_EQ(suite.at("answer"), "unreachable");
        EXPECT_EQ(suite.at("failures"), failures);
        EXPECT_TRUE(suite.at("next_try_at").is_string());
        let_time_pass();
    }
}

TEST_F(Watch, starts_no_run_in_quiet_hours_and_no_more_than_permitted) {
    offer({{"web", "2-1"}, {"db", "2-1"}});
    ASSERT_EQ(add_watch(std::string(watch_text) +
                        "quiet:\n  - { zone: UTC, from: \"00:00\", to: \"00:00\" }\n")
                  .exit_code,
              0);
    const Json quiet = document(look());
    EXPECT_THAT(quiet.at("watches").at(0).at("labs").at(0).value("waits", ""),
                HasSubstr("quiet hours"));
    EXPECT_EQ(lab.run_count(), 0U);
    play({{"fails_with", {{"db", "nginx/front page answers"}}}});
    ASSERT_EQ(add_watch(std::string(watch_text) + "at-most: { runs: 1, per: 24h }\n").exit_code, 0);
    const auto used = look();
    EXPECT_EQ(used.exit_code, 3) << used.err;
    EXPECT_EQ(document(used).at("campaigns").at(0).at("state"), "stopped");
    EXPECT_EQ(lab.run_count(), 1U);
    look();
    EXPECT_EQ(lab.run_count(), 1U) << "the budget of the day is used";
    ASSERT_EQ(add_watch(watch_text).exit_code, 0);
    EXPECT_EQ(look().exit_code, 1);
    EXPECT_EQ(document(look()).at("campaigns").size(), 0U) << "it went on, and is over";
}

TEST_F(Watch, reports_every_mistake_of_its_file) {
    const auto result = add_watch(
        "schema: patchlab/watch/v1\nname: night\nlabs: []\nhow: sometimes\nevery: 1s\nquiet:\n  - "
        "{ zone: Mars/Olympus, from: \"08:00\", to: \"18:00\" }\n");
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("watch.yaml:3"));
    EXPECT_THAT(result.err, HasSubstr("watch.yaml:4"));
    const auto unknown = add_watch("schema: patchlab/watch/v1\nname: night\nlabs: [nowhere]\n");
    EXPECT_EQ(unknown.exit_code, 2);
    EXPECT_THAT(unknown.err, HasSubstr("nowhere"));
}

TEST_F(Watch, an_update_that_the_vendor_takes_back_is_quarantined) {
    offer({{"web", "2-1"}});
    ASSERT_EQ(look().exit_code, 0);
    const std::string entry = entry_of_newest_run();
    const std::string rollout = rollout_that_lost_its_process(entry);

    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    offer({{"web", "1-1"}, {"db", "1-1"}});
    const auto result = look();
    const Json lab_json = document(result).at("watches").at(0).at("labs").at(0);
    ASSERT_EQ(lab_json.at("retracted").size(), 1U) << result.err << result.out;
    EXPECT_EQ(lab_json.at("retracted").at(0).at("entry"), entry);
    EXPECT_THAT(lab_json.at("retracted").at(0).value("reason", ""), HasSubstr("web 2-1"));
    EXPECT_THAT(
        lab_json.at("retracted").at(0).at("rollouts_paused").get<std::vector<std::string>>(),
        ElementsAre(rollout));
    const Json status = parse_json(lab.run({"rollout", "status", rollout, "--json"}).out, "status");
    EXPECT_EQ(status.at("state"), "paused");
    EXPECT_THAT(status.value("reason", ""), HasSubstr("took it back"));
    const Json list = parse_json(lab.run({"catalog", "list", "--json"}).out, "entries");
    EXPECT_EQ(list.at("entries").at(0).at("state"), "quarantined");
    EXPECT_THAT(document(look()).at("watches").at(0).at("labs").at(0).at("retracted"), IsEmpty())
        << "once is enough";
}

TEST_F(Watch, an_update_that_a_newer_one_replaces_is_not_taken_back) {
    offer({{"web", "2-1"}});
    ASSERT_EQ(look().exit_code, 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    offer({{"web", "3-1"}, {"db", "1-1"}});
    const auto result = look();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(found(document(result)), ElementsAre("web_3-1"));
}

TEST_F(Watch, an_update_whose_regression_a_newer_one_repairs_is_quarantined_and_the_newer_judged) {
    offer({{"web", "2-1"}});
    ASSERT_EQ(look().exit_code, 0);
    const std::string entry = entry_of_newest_run();
    const std::string rollout = rollout_that_lost_its_process(entry);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    offer({{"web", "3-1", "",
            "web (3-1) stable; urgency=medium\n\n  * Fix regression introduced in 2-1: pages are "
            "empty.\n\n -- V <v@example.org>  Mon, 02 Nov 2026 10:00:00 +0000\n\n"
            "web (2-1) stable; urgency=medium\n\n  * A change.\n\n -- V <v@example.org>  Sun, 01 "
            "Nov 2026 10:00:00 +0000\n"}});
    const auto result = look();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const Json found_for_lab = document(result).at("watches").at(0).at("labs").at(0);
    ASSERT_EQ(found_for_lab.at("retracted").size(), 1U) << result.err << result.out;
    const Json& taken = found_for_lab.at("retracted").at(0);
    EXPECT_EQ(taken.at("entry"), entry);
    EXPECT_THAT(taken.value("reason", ""), HasSubstr("repairs a regression: 3-1"));
    EXPECT_THAT(taken.at("rollouts_paused").get<std::vector<std::string>>(), ElementsAre(rollout));
    EXPECT_THAT(found(document(result)), ElementsAre("web_3-1"));
    const Json campaign = document(result).at("campaigns").at(0);
    EXPECT_EQ(campaign.at("verdict"), "validated") << "what repairs it is judged as ever";
    const Json list = parse_json(lab.run({"catalog", "list", "--json"}).out, "entries");
    EXPECT_EQ(list.at("entries").at(0).at("state"), "quarantined");
}

TEST_F(Watch, works_by_itself_until_it_is_told_to_end) {
    ASSERT_EQ(add_watch(std::string(watch_text) + "every: 10s\n").exit_code, 0);
    offer({{"web", "2-1"}});
    const auto ended = watch_for(40);
    EXPECT_THAT(ended.out, HasSubstr("\"web_2-1\""));
    const Json found = candidates();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.at(0).at("state"), "judged") << ended.err;
    EXPECT_EQ(found.at(0).at("verdict"), "validated");
}

double seconds_of_children() {
    struct rusage usage {};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

TEST_F(Watch, a_look_over_20_labs_and_four_suites_asks_four_questions) {
    const std::vector<std::string> suites{"security", "stable", "updates", "extras"};
    for (const std::string& suite : suites) vendor.publish(suite, {{suite + "-tool", "1-1"}});
    std::string labs;
    for (int i = 0; i < 20; ++i) {
        const std::string name = "farm-" + std::to_string(i);
        make_lab(name, suites);
        labs += (labs.empty() ? "" : ", ") + name;
        if (i % 5 != 4) continue;  // a lab is fetched for once, and that takes a moment
        ASSERT_EQ(
            add_watch("schema: patchlab/watch/v1\nname: night\nlabs: [" + labs + "]\n").exit_code,
            0);
        const auto first = look();
        ASSERT_EQ(first.exit_code, 0) << first.err;
    }
    const double before = seconds_of_children();
    ASSERT_EQ(look().exit_code, 0);
    EXPECT_LT(seconds_of_children() - before, 2) << "of a processor, in a build for debugging";
    EXPECT_EQ(requests().size(), 4U);
}

TEST_F(Watch, judges_each_patch_by_itself_or_all_undivided_where_it_is_asked_to) {
    play({{"fails_with", {{"db", "nginx/front page answers"}}}});
    offer({{"web", "2-1"}, {"db", "2-1"}});
    ASSERT_EQ(add_watch(std::string(watch_text) + "how: together\n").exit_code, 0);
    const Json together = document(look()).at("campaigns");
    ASSERT_EQ(together.size(), 1U);
    EXPECT_EQ(lab.run_count(), 1U) << "the set is not divided";
    for (const Json& patch : together.at(0).at("patches"))
        EXPECT_THAT(patch.value("why", ""), HasSubstr("together with"));
    std::string other(watch_text);
    other.replace(other.find("night"), 5, "again");
    ASSERT_EQ(add_watch(other + "how: each\n").exit_code, 0);
    const Json each = document(look({}, {"--only", "again"})).at("campaigns");
    EXPECT_EQ(each.size(), 2U);
    EXPECT_EQ(lab.run_count(), 3U);
}

TEST_F(Watch, judges_no_more_patches_by_themselves_than_runs_are_permitted) {
    offer({{"web", "2-1"}, {"db", "2-1"}});
    ASSERT_EQ(add_watch(std::string(watch_text) + "how: each\nat-most: { runs: 1, per: 24h }\n")
                  .exit_code,
              0);
    const Json first = document(look());
    EXPECT_EQ(first.at("campaigns").size(), 1U);
    EXPECT_EQ(lab.run_count(), 1U);
    EXPECT_THAT(first.at("watches").at(0).at("labs").at(0).value("waits", ""),
                HasSubstr("used or promised"));
    look();
    EXPECT_EQ(lab.run_count(), 1U);
}

}  // namespace
}  // namespace patchlab::tests
