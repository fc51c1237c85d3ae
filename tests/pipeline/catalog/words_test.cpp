// SPDX-License-Identifier: Apache-2.0
//
// From an approved run to a host that has the package, by the words of the command line alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/apt_host.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

class CatalogWords : public testing::Test {
  protected:
    CatalogWords() : run_(lab_.approved_run()) {
        ::chmod(lab_.state().parent_path().c_str(), 0755);
        old_ = build_deb(folder_.path(), "hello", "1.0");
    }
    process::CommandResult bob(std::vector<std::string> words,
                               const std::map<std::string, std::string>& environment = {}) {
        words.insert(words.begin(), {"--as", "bob"});
        return lab_.run(words, environment);
    }
    Json json(std::vector<std::string> words) {
        words.emplace_back("--json");
        const auto result = bob(words);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return parse_json(result.out, "the output");
    }
    std::string offered() {
        const Json channel = json({"catalog", "channels"}).at("channels").at(0);
        EXPECT_EQ(
            lab_.run({"catalog", "key", "export", "-o", (folder_.path() / "key.asc").string()})
                .exit_code,
            0);
        AptHost host("ring-0", "file://" + channel.at("folder").get<std::string>(),
                     folder_.path() / "key.asc");
        const auto updated = host.update();
        EXPECT_EQ(updated.exit_code, 0) << updated.err;
        return host.candidate("hello");
    }

    PlayedLab lab_;
    std::string run_;
    TempFolder folder_{fs::temp_directory_path(), "words"};
    fs::path old_;
};

TEST_F(CatalogWords, carry_an_approved_run_to_hosts_and_back) {
    const auto added = bob({"catalog", "add", run_, "--old", old_.string()});
    ASSERT_EQ(added.exit_code, 0) << added.err;
    const std::string id = json({"catalog", "list"}).at("entries").at(0).at("id");
    EXPECT_THAT(added.out, HasSubstr(id));
    const Json shown = json({"catalog", "show", id});
    EXPECT_EQ(shown.at("status").at("state"), "offered");
    EXPECT_EQ(shown.at("approvers"), Json::array({"bob"}));
    EXPECT_EQ(shown.at("way_back"), true);
    EXPECT_EQ(json({"catalog", "promote", id, "--to", "ring-0"}).at("channel"), "ring-0");
    EXPECT_EQ(json({"catalog", "publish", "ring-0"}).at("published").at(0).at("packages"), 2);
    EXPECT_EQ(offered(), "2.0");
    EXPECT_EQ(lab_.run({"catalog", "verify"}).exit_code, 0);
    const Json withdrawn = json({"catalog", "withdraw", id, "--reason", "it broke"});
    EXPECT_TRUE(withdrawn.at("hosts").is_null()) << "unknown, not none";
    EXPECT_EQ(withdrawn.at("offered_again"), Json::array({"hello 1.0 in ring-0"}));
    EXPECT_EQ(offered(), "1.0");
    EXPECT_EQ(lab_.run({"catalog", "verify", id}).exit_code, 1);
    EXPECT_EQ(lab_.run({"audit", "verify"}).exit_code, 0);
    const std::string trail = lab_.run({"audit", "list"}).out;
    for (const char* action : {"entry-made", "promote", "publish", "withdraw"})
        EXPECT_THAT(trail, HasSubstr(action));
}

TEST_F(CatalogWords, refuse_with_the_exit_code_that_says_why) {
    EXPECT_EQ(lab_.run({"--as", "tess", "catalog", "add", run_}).exit_code, 4);
    EXPECT_EQ(bob({"catalog", "add", "r-20010101-0001"}).exit_code, 2);
    EXPECT_EQ(bob({"catalog", "show", "e-20010101-0001"}).exit_code, 2);
    EXPECT_EQ(bob({"catalog", "promote", run_, "--to", "../ring"}).exit_code, 2);
    EXPECT_EQ(bob({"catalog", "publish", "ring-0"}).exit_code, 2);
    ASSERT_EQ(lab_.rehearse({{"PATCHLAB_USER", "tess"}}).exit_code, 0);
    const auto unapproved = bob({"catalog", "promote", lab_.newest_id(), "--to", "ring-0"});
    EXPECT_EQ(unapproved.exit_code, 1);
    EXPECT_THAT(unapproved.err, HasSubstr("approval"));
    // tampered
    const auto promoted = bob({"catalog", "promote", run_, "--to", "ring-0", "--publish"});
    ASSERT_EQ(promoted.exit_code, 0) << promoted.err;
    const std::string id = json({"catalog", "list"}).at("entries").at(0).at("id");
    const fs::path file = lab_.state() / "catalog" / "entries" / id / "new" / "hello_2.0_amd64.deb";
    write_file_atomic(file, read_file(file) + "x");
    const auto refused = bob({"catalog", "publish", "ring-0"});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr("new/hello_2.0_amd64.deb"));
    EXPECT_EQ(lab_.run({"catalog", "verify", "--json"}).exit_code, 1);
    EXPECT_EQ(offered(), "2.0") << "the channel is left as it was";
}

TEST_F(CatalogWords, survive_a_kill_in_the_middle_of_a_publish) {
    ASSERT_EQ(bob({"catalog", "promote", run_, "--to", "ring-0"}).exit_code, 0);
    EXPECT_EQ(
        bob({"catalog", "publish", "ring-0"}, {{"PATCHLAB_FAULT", "publish-moved:kill"}}).signal,
        9);
    EXPECT_TRUE(json({"catalog", "channels"}).at("channels").at(0).at("snapshot").is_null());
    const auto reaped = lab_.run({"reap"});
    EXPECT_EQ(reaped.exit_code, 0);
    EXPECT_THAT(reaped.out, HasSubstr("unfinished snapshot"));
    EXPECT_EQ(
        bob({"catalog", "publish", "ring-0"}, {{"PATCHLAB_FAULT", "publish-switched:kill"}}).signal,
        9);
    EXPECT_EQ(offered(), "2.0");
    EXPECT_EQ(bob({"catalog", "publish", "ring-0"}).exit_code, 0);
    EXPECT_EQ(lab_.run({"catalog", "verify"}).exit_code, 0);
}

TEST_F(CatalogWords, tell_a_host_what_it_needs) {
    ASSERT_EQ(bob({"catalog", "publish", "ring-0", "--empty"}).exit_code, 0);
    const Json told =
        json({"catalog", "subscribe", "ring-0", "--url", "https://deb.example.org/ring-0/current"});
    EXPECT_THAT(told.at("sources").get<std::string>(),
                HasSubstr("URIs: https://deb.example.org/ring-0/current\n"));
    EXPECT_THAT(told.at("preferences").get<std::string>(), HasSubstr("Pin-Priority: 990"));
    EXPECT_THAT(lab_.run({"catalog", "key", "export"}).out,
                HasSubstr("BEGIN PGP PUBLIC KEY BLOCK"));
    EXPECT_THAT(lab_.run({"catalog", "key", "export", "--kind", "signing"}).out,
                HasSubstr("BEGIN PUBLIC KEY"));
}

}  // namespace
}  // namespace patchlab::tests
