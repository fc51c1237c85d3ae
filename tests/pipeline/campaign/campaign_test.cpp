// SPDX-License-Identifier: Apache-2.0
//
// Campaigns through the program, with simulated machines: what is found, how many runs that takes,
// and that a crash at any point costs none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/support/played_image.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int patch_count = 8;

std::string patch_of(int number) { return "p" + std::to_string(number) + "_2"; }

/// Patches p0_2 … p7_2, each a package of its own; the front page breaks with those in `bad`.
class Campaign : public testing::Test {
  protected:
    void SetUp() override {
        static const PlayedLab made = [] {
            PlayedLab once;
            const TempFolder folder(fs::temp_directory_path(), "debs");
            for (int i = 0; i < patch_count; ++i) {
                const auto deb = build_deb(folder.path(), "p" + std::to_string(i), "2");
                EXPECT_EQ(once.run({"patch", "add", deb.string()}).exit_code, 0);
            }
            return once;
        }();
        lab.emplace(made.copy());
        bad({});
    }

    void bad(const std::vector<int>& numbers, Json more = Json::object()) {
        Json packages{{"hello", "1.0"}}, fails = Json::object();
        for (int i = 0; i < patch_count; ++i) packages["p" + std::to_string(i)] = "1";
        for (const int i : numbers) fails["p" + std::to_string(i)] = "nginx/front page answers";
        more["packages"] = packages;
        more["fails_with"] = fails;
        lab->play(more);
    }

    process::CommandResult start(const std::vector<std::string>& more = {},
                                 const std::map<std::string, std::string>& environment = {}) {
        std::vector<std::string> words{"campaign",          "start", "--lab", "shop", "--no-drill",
                                       "--no-reboot-check", "--json"};
        for (int i = 0; i < patch_count; ++i) {
            words.emplace_back("--patch");
            words.push_back(patch_of(i));
        }
        words.insert(words.end(), more.begin(), more.end());
        return lab->run(words, environment);
    }
    /// A lab of one machine.
    void add_lab(const std::string& name, const std::string& machine) {
        const fs::path file = lab->state().parent_path() / (name + ".yaml");
        write_file_atomic(
            file, "schema: patchlab/lab/v1\nname: " + name + "\nmachines:\n  " + machine + "\n");
        const auto added = lab->run({"lab", "add", file.string()});
        ASSERT_EQ(added.exit_code, 0) << added.err;
    }
    Json shown() {
        return parse_json(lab->run({"campaign", "show", "@last", "--json"}).out, "campaign");
    }
    static std::vector<std::string> in_role(const Json& document, const std::string& role) {
        std::vector<std::string> ids;
        for (const Json& patch : document.at("patches"))
            if (patch.at("role") == role) ids.push_back(patch.at("id"));
        return ids;
    }

    std::optional<PlayedLab> lab;
};

TEST_F(Campaign, proves_patches_that_work_together_with_one_run) {
    const auto result = start();
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const Json document = parse_json(result.out, "campaign");
    EXPECT_EQ(document.at("verdict"), "validated");
    EXPECT_EQ(document.at("state"), "finished");
    EXPECT_EQ(document.at("trials").size(), 1U);
    EXPECT_EQ(document.at("proven").at("patches").size(), 8U);
    EXPECT_EQ(document.at("runs_to_go_at_most"), 0);
}

TEST_F(Campaign, sets_a_bad_patch_aside_and_proves_the_others) {
    bad({5});
    const auto result = start();
    ASSERT_EQ(result.exit_code, 1) << result.err;
    const Json document = parse_json(result.out, "campaign");
    EXPECT_THAT(in_role(document, "at-fault"), ElementsAre("p5_2"));
    EXPECT_EQ(document.at("proven").at("patches").size(), 7U);
    EXPECT_LE(document.at("trials").size(), 5U);
    const Json& patch = document.at("patches").at(5);
    EXPECT_EQ(patch.at("verdict"), "rejected");
    EXPECT_FALSE(patch.at("evidence").empty());
    EXPECT_THAT(result.err, HasSubstr("at most"));
    const auto text = lab->run({"campaign", "show", "@last"});
    EXPECT_THAT(text.out, HasSubstr("p5_2"));
    EXPECT_THAT(text.out, HasSubstr("7 patches together in run"));
    EXPECT_EQ(lab->run({"campaign", "show", "@last", "--exit-code"}).exit_code, 1);
}

TEST_F(Campaign, stops_when_its_budget_is_used_and_goes_on_with_a_larger_one) {
    bad({0, 7});
    const auto result = start({"--budget", "2"});
    EXPECT_EQ(result.exit_code, 3) << result.err;
    const Json stopped = parse_json(result.out, "campaign");
    EXPECT_EQ(stopped.at("state"), "stopped");
    EXPECT_THAT(stopped.at("reason").get<std::string>(), HasSubstr("budget of 2 runs"));
    EXPECT_TRUE(stopped.at("verdict").is_null());
    const auto more = lab->run({"campaign", "resume", "@last", "--budget", "40", "--json"});
    ASSERT_EQ(more.exit_code, 1) << more.err;
    const Json document = parse_json(more.out, "campaign");
    EXPECT_THAT(in_role(document, "at-fault"), ElementsAre("p0_2", "p7_2"));
    EXPECT_EQ(document.at("trials").size(), lab->run_count()) << "no run was made twice";
    EXPECT_EQ(document.at("trials").at(0).at("run"), stopped.at("trials").at(0).at("run"));
}

TEST_F(Campaign, refuses_words_that_mean_nothing) {
    const auto none = lab->run({"campaign", "start", "--lab", "shop"});
    EXPECT_EQ(none.exit_code, 2);
    EXPECT_THAT(none.err, HasSubstr("--all-pending"));
    EXPECT_EQ(start({"--budget", "much"}).exit_code, 2);
    EXPECT_EQ(start({"--patch", "p0_2"}).exit_code, 2) << "named twice";
    EXPECT_EQ(lab->run({"campaign", "show", "c-20260101-0001"}).exit_code, 2);
    const Json list = parse_json(lab->run({"campaign", "list", "--json"}).out, "campaigns");
    EXPECT_THAT(list.at("campaigns"), IsEmpty());
}

TEST_F(Campaign, keeps_its_patches_from_being_removed_until_it_is_over) {
    bad({1});
    ASSERT_EQ(start({"--budget", "1"}).exit_code, 3);
    const auto refused = lab->run({"patch", "remove", "p3_2"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, HasSubstr("campaign c-"));
    ASSERT_EQ(lab->run({"campaign", "cancel", "@last"}).exit_code, 0);
    EXPECT_EQ(shown().at("state"), "cancelled");
    EXPECT_EQ(lab->run({"patch", "remove", "p3_2"}).exit_code, 0);
    EXPECT_EQ(lab->run({"campaign", "resume", "@last"}).exit_code, 2);
}

TEST_F(Campaign, judges_each_patch_in_every_lab_whose_machines_need_it) {
    // the second lab has no package "hello", and neither lab has "p4"
    images::Image image = played_image("bare");
    image.os.packages = {{"other", "5", "all"}};
    add_played_image(lab->state(), image);
    add_lab("bare", "db: { image: bare, suites: [base, nginx] }");
    bad({4});
    const auto result =
        lab->run({"campaign", "start", "--lab", "shop", "--lab", "bare", "--patch", "hello_2.0",
                  "--patch", "p4_2", "--no-drill", "--no-reboot-check", "--json"});
    ASSERT_EQ(result.exit_code, 1) << result.err;
    const Json document = parse_json(result.out, "campaigns");
    EXPECT_EQ(document.at("schema"), "patchlab/joint-campaign/v1");
    EXPECT_EQ(document.at("verdict"), "rejected");
    ASSERT_EQ(document.at("campaigns").size(), 2U);
    const Json& hello = document.at("patches").at(0);
    EXPECT_EQ(hello.at("id"), "hello_2.0");
    EXPECT_EQ(hello.at("verdict"), "validated");
    ASSERT_EQ(hello.at("labs").size(), 1U) << "no machine of the other lab has it";
    EXPECT_EQ(hello.at("labs").at(0).at("lab"), "shop");
    const Json& bad_one = document.at("patches").at(1);
    EXPECT_EQ(bad_one.at("verdict"), "rejected");
    EXPECT_EQ(bad_one.at("labs").size(), 2U) << "it is new to both labs";
}

TEST_F(Campaign, runs_the_suites_of_what_depends_on_a_patch_where_it_is_asked_to) {
    images::Image image = played_image("serving");
    image.os.packages = {{"hello", "1.0", "amd64"},
                         {"libmiddle", "1", "amd64"},
                         {"redis-server", "7", "amd64"},
                         {"haproxy", "2", "amd64"}};
    const auto stanza = [](const std::string& name, const std::string& more) {
        return "Package: " + name +
               "\nStatus: install ok installed\nArchitecture: amd64\n"
               "Maintainer: V <v@example.org>\nVersion: 1\n" +
               more + "Description: a test\n\n";
    };
    add_played_image(lab->state(), image,
                     stanza("hello", "Provides: greeting\n") +
                         stanza("libmiddle", "Depends: greeting | nothing (>= 2)\n") +
                         stanza("redis-server", "Pre-Depends: libmiddle:any\n") +
                         stanza("haproxy", "Recommends: hello\n"));
    add_lab("serving", "web: { image: serving, suites: [base] }");
    const auto suites_of_run = [&](const std::vector<std::string>& more) {
        std::vector<std::string> words{"run",     "start",     "--lab",      "serving",
                                       "--patch", "hello_2.0", "--no-drill", "--no-reboot-check"};
        words.insert(words.end(), more.begin(), more.end());
        return lab->run(words).err;
    };
    EXPECT_THAT(suites_of_run({}), testing::Not(HasSubstr("is run, too")));
    const std::string told = suites_of_run({"--dependents"});
    EXPECT_THAT(told, HasSubstr("suite redis is run, too: redis-server on machine 'web' depends on "
                                "libmiddle"));
    EXPECT_THAT(told, testing::Not(HasSubstr("haproxy"))) << "a recommendation is no dependency";
    EXPECT_THAT(lab->run({"run", "show", "@last", "--json"}).out, HasSubstr("redis"));
}

TEST_F(Campaign, works_by_itself_once_it_is_detached) {
    bad({2});
    ASSERT_EQ(start({"--detach"}).exit_code, 0);
    Json document = shown();
    EXPECT_NE(document.at("state"), "interrupted") << "it is at work when start says so";
    for (int i = 0; i < 300 && document.at("state") != "finished"; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        document = shown();
    }
    EXPECT_EQ(document.at("state"), "finished");
    EXPECT_THAT(in_role(document, "at-fault"), ElementsAre("p2_2"));
}

/// A process that dies at a fail point, at its first, second … passage.
class CampaignKilled : public Campaign, public testing::WithParamInterface<std::string> {};

TEST_P(CampaignKilled, is_resumed_without_repeating_a_run) {
    bad({5});
    const Json whole = parse_json(start().out, "campaign");
    const std::size_t runs = whole.at("trials").size();
    for (int passage = 1; passage <= 2; ++passage) {
        SCOPED_TRACE(passage);
        const std::size_t before = lab->run_count();
        const std::string fault =
            GetParam() + ":kill" + (passage > 1 ? "@" + std::to_string(passage) : "");
        EXPECT_NE(start({}, {{"PATCHLAB_FAULT", fault}}).exit_code, 1) << "it was not killed";
        EXPECT_EQ(shown().at("state"), "interrupted");
        const auto resumed = lab->run({"campaign", "resume", "@last", "--json"});
        ASSERT_EQ(resumed.exit_code, 1) << resumed.err;
        const Json document = parse_json(resumed.out, "campaign");
        EXPECT_EQ(document.at("trials").size(), runs);
        EXPECT_EQ(lab->run_count() - before, runs) << "a run was repeated or is an orphan";
        EXPECT_THAT(in_role(document, "at-fault"), ElementsAre("p5_2"));
    }
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, CampaignKilled,
                         testing::Values("campaign-wants-a-run", "run-recorded",
                                         "campaign-began-a-run", "campaign-run-over",
                                         "campaign-answered"));

}  // namespace
}  // namespace patchlab::tests
