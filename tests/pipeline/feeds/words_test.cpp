// SPDX-License-Identifier: Apache-2.0
//
// Feeds and due dates through the program itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/clock.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Words = std::vector<std::string>;

class FeedWords : public testing::Test {
  protected:
    process::CommandResult patchlab(const Words& words, int exit = 0) {
        const process::CommandResult result = lab_.run(words);
        EXPECT_EQ(result.exit_code, exit) << testing::PrintToString(words) << result.err;
        return result;
    }
    Json json(Words words, int exit = 0) {
        words.emplace_back("--json");
        return parse_json(patchlab(words, exit).out, "the output");
    }
    /// A golden file with some of its text replaced, below the state folder.
    std::string feed(const std::string& name, const std::string& from, const std::string& to) {
        std::string text = read_file(fs::path(PATCHLAB_SOURCE) / "tests/golden/feed" / name);
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
            text.replace(at, from.size(), to);
        const fs::path file = lab_.state() / name;
        write_file_atomic(file, text);
        return file.string();
    }
    static std::string today() { return to_rfc3339(SystemClock().now()); }
    static std::string days_ago(int days) {
        return to_rfc3339(SystemClock().now() - std::chrono::hours(24 * days));
    }
    /// The patch of the played lab mends these.
    void set_advisories(const Json& advisories) {
        const fs::path file = lab_.state() / "patches/hello_2.0/patch.json";
        Json patch = read_json(file);
        patch["advisories"] = advisories;
        write_json(file, patch, 0444);
    }
    std::string current_kev() { return feed("kev.json", "2026-11-28T18:00:03.4567Z", today()); }

    PlayedLab lab_;
};

TEST_F(FeedWords, bring_list_and_check_feeds) {
    EXPECT_THAT(patchlab({"feed", "list"}).err, HasSubstr("how urgent a patch is stays unknown"));
    patchlab({"feed", "check"}, 1);
    const Json added = json({"feed", "add", current_kev()}).at("feeds").at(0);
    EXPECT_EQ(added.at("kind"), "kev");
    EXPECT_EQ(added.at("entries"), 3);
    EXPECT_EQ(added.at("stale"), false);
    EXPECT_EQ(json({"feed", "list"}).at("feeds").size(), 1U);
    EXPECT_EQ(json({"feed", "check"}).at("ok"), true);
    EXPECT_EQ(json({"feed", "check", "--require", "ssvc"}, 1).at("missing").at(0), "ssvc");
    EXPECT_THAT(patchlab({"audit", "list", "--action", "feed.add"}).out, HasSubstr("sha256"));
}

TEST_F(FeedWords, say_when_a_feed_is_too_old) {
    const std::string old = feed("kev.json", "2026-11-28T18:00:03.4567Z", days_ago(40));
    EXPECT_THAT(patchlab({"feed", "add", old}).err, HasSubstr("too old to say"));
    EXPECT_THAT(patchlab({"feed", "check"}, 1).out, HasSubstr("outdated"));
    patchlab({"feed", "check", "--max-age", "60"});
}

TEST_F(FeedWords, refuse_a_damaged_file_and_keep_what_was_there) {
    const std::string good = current_kev();
    patchlab({"feed", "add", good});
    const fs::path cut = lab_.state() / "cut.json";
    write_file_atomic(cut, read_file(good).substr(0, 900));
    EXPECT_THAT(patchlab({"feed", "add", cut.string()}, 2).err, HasSubstr("cut short"));
    EXPECT_THAT(patchlab({"feed", "add", "--kind", "kve", good}, 2).err, HasSubstr("'kev'"));
    EXPECT_EQ(json({"feed", "list"}).at("feeds").at(0).at("entries"), 3);
    EXPECT_THAT(patchlab({"audit", "list"}).out, HasSubstr("failed adding feed"));
}

TEST_F(FeedWords, are_for_release_managers_and_administrators) {
    lab_.add_people();
    const std::string kev = current_kev();
    patchlab({"feed", "add", kev, "--as", "tess"}, 4);
    patchlab({"feed", "add", kev, "--as", "bob"});
    patchlab({"feed", "list", "--as", "tess"});
}

TEST_F(FeedWords, rank_a_patch_without_any_feed_by_the_worse_answers_and_say_so) {
    set_advisories({"CVE-2026-1001"});
    const Json ranking = json({"patch", "rank"});
    const Json patch = ranking.at("patches").at(0);
    EXPECT_EQ(patch.at("limit"), "3 days and forensics");
    EXPECT_EQ(patch.at("limit_at_best"), "at the next upgrade");
    EXPECT_EQ(patch.at("cves").at(0).at("assumed").size(), 4U);
    EXPECT_EQ(ranking.at("sums").at("assumed"), 1);
    EXPECT_THAT(patchlab({"patch", "rank"}).out, HasSubstr("?"));
}

TEST_F(FeedWords, say_that_nothing_is_known_of_a_patch_that_names_no_cve) {
    const Json patch = json({"patch", "rank", "--lab", "shop"}).at("patches").at(0);
    EXPECT_TRUE(patch.at("limit").is_null());
    EXPECT_EQ(patch.at("why_no_limit"), "it names no CVE: its urgency is unknown");
}

TEST_F(FeedWords, show_answers_with_their_sources_and_what_vendors_say) {
    set_advisories({"CVE-2026-1001", "CVE-2026-1003"});
    patchlab({"feed", "add", current_kev(),
              feed("ssvc.json", "2026-11-27T04:00:23.138684Z", today()),
              feed("openvex.json", "nginx", "hello")});
    const Json patch = json({"patch", "show", "hello_2.0"}).at("ranking");
    EXPECT_EQ(patch.at("decided_by"), "CVE-2026-1001");
    const Json cve = patch.at("cves").at(0);
    EXPECT_EQ(cve.at("exploited").at("answer"), "yes");
    EXPECT_EQ(cve.at("exploited").at("from").at("feed"), "kev");
    EXPECT_EQ(cve.at("exploited").at("from").at("sha256").get<std::string>().size(), 64U);
    EXPECT_EQ(cve.at("vex").at(0).at("status"), "not_affected");
    const std::string text = patchlab({"patch", "show", "hello_2.0"}).out;
    EXPECT_THAT(text, HasSubstr("3 days and forensics"));
    EXPECT_THAT(text, HasSubstr("automatable yes (ssvc of "));
    EXPECT_THAT(text, HasSubstr("hello: not_affected (vulnerable_code_not_present)"));
    EXPECT_THAT(text, HasSubstr("no update of it was rehearsed here yet"));
}

TEST_F(FeedWords, take_the_exposure_of_a_host_from_the_inventory) {
    set_advisories({"CVE-2026-1003"});
    patchlab({"feed", "add", current_kev(),
              feed("ssvc-calm.json", "2026-11-27T04:00:23.138684Z", today())});
    const fs::path hosts = lab_.state() / "hosts.csv";
    const auto limit = [&](const std::string& exposed) {
        write_file_atomic(hosts,
                          "name,exposed,criticality\nweb-1," + exposed + ",business-critical\n");
        patchlab({"inventory", "import", hosts.string()});
        return json({"patch", "rank"}).at("patches").at(0);
    };
    EXPECT_EQ(limit("internal").at("limit"), "at the next upgrade");
    EXPECT_EQ(limit("internet").at("limit"), "60 days");
    EXPECT_EQ(limit("").at("limit"), "60 days") << "unknown counts as exposed";
    EXPECT_EQ(limit("").at("stakes").at("exposure"), nullptr);
    EXPECT_EQ(json({"inventory", "show", "web-1"}).at("exposed"), nullptr);
    write_file_atomic(hosts, "name,exposed\nweb-1,perhaps\n");
    EXPECT_THAT(patchlab({"inventory", "import", hosts.string()}, 2).err,
                HasSubstr("none of internet, internal and isolated"));
}

TEST_F(FeedWords, tell_what_became_of_earlier_updates) {
    ASSERT_EQ(lab_.rehearse().exit_code, 0);
    const Json history = json({"patch", "history", "hello"});
    EXPECT_EQ(history.at("run_count"), 1);
    EXPECT_EQ(history.at("verdicts").at("validated"), 1);
    EXPECT_TRUE(history.at("outage_seconds").is_null()) << "nobody measured it";
    EXPECT_EQ(json({"patch", "history", "hell"}).at("run_count"), 0);
    EXPECT_THAT(patchlab({"patch", "show", "hello_2.0"}).out, HasSubstr("1: 1 validated"));
}

}  // namespace
}  // namespace patchlab::tests
