// SPDX-License-Identifier: Apache-2.0
//
// A feed is replaced as a whole or not at all, and never by a worse one.
#include "tests/unit/orchestrator/feeds/feeds_fixture.hpp"

namespace patchlab::feeds {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using FeedStores = FeedsTest;

TEST_F(FeedStores, keep_kind_date_digest_and_who_brought_it) {
    const FeedAdded added = add(golden("kev.json"));
    EXPECT_TRUE(added.changed);
    EXPECT_EQ(added.feed.name, "kev");
    EXPECT_EQ(added.feed.dated, "2026-11-28T18:00:03Z");
    EXPECT_EQ(added.feed.dated_by, DatedBy::content);
    EXPECT_EQ(added.feed.added_by, "rhea");
    EXPECT_EQ(added.feed.entries, 3U);
    EXPECT_TRUE(added.feed.complete);
    EXPECT_TRUE(is_sha256(added.feed.digest));
    EXPECT_FALSE(add(golden("kev.json")).changed) << "the same file again";
    EXPECT_THAT(FeedStore(database_).list(), SizeIs(1));
}

TEST_F(FeedStores, take_archives_and_pass_over_what_is_no_feed) {
    const FeedAdded zip = add(golden("ssvc.zip"));
    EXPECT_EQ(zip.feed.name, "ssvc");
    EXPECT_EQ(zip.feed.entries, 2U);
    EXPECT_THAT(zip.notes, ElementsAre(HasSubstr("2 files of the archive passed over")));
    const FeedAdded tar = add(golden("csaf.tar"));
    EXPECT_EQ(tar.feed.name, "csaf-red-hat-product-security");
    EXPECT_EQ(tar.feed.dated, "2026-11-27T00:00:00Z") << "the newest document";
    EXPECT_EQ(add(golden("epss.csv.gz")).feed.entries, 2U);
}

TEST_F(FeedStores, date_what_does_not_say_its_date_by_its_name_its_time_or_what_was_given) {
    const std::string tracker = golden_text("debian.json");
    EXPECT_EQ(add_text("tracker-2026-11-29.json", tracker).feed.dated, "2026-11-29T00:00:00Z");
    const FeedAdded given = add(
        FeedRequest{.file = file("tracker.json", tracker), .name = "other", .dated = "2026-11-20"});
    EXPECT_EQ(given.feed.dated, "2026-11-20T00:00:00Z");
    EXPECT_EQ(given.feed.dated_by, DatedBy::given);
    now_ = std::chrono::system_clock::now();
    const FeedAdded by_time = add(FeedRequest{.file = file("t.json", tracker), .name = "third"});
    EXPECT_EQ(by_time.feed.dated_by, DatedBy::file_time);
}

TEST_F(FeedStores, refuse_a_feed_of_the_future) {
    now_ = from_rfc3339("2026-11-20T00:00:00Z");
    EXPECT_THAT(refusal({.file = golden("kev.json")}), HasSubstr("dated in the future"));
    EXPECT_EQ(code_, ErrorCode::invalid);
}

TEST_F(FeedStores, refuse_an_older_feed_unless_that_is_wanted) {
    const std::string text = golden_text("kev.json");
    add(golden("kev.json"));
    const fs::path older = file("older.json", replaced(text, "2026-11-28T18", "2026-11-27T18"));
    EXPECT_THAT(refusal({.file = older}), HasSubstr("older than what is there"));
    EXPECT_EQ(code_, ErrorCode::refused);
    EXPECT_EQ(FeedStore(database_).list().at(0).dated, "2026-11-28T18:00:03Z");
    EXPECT_EQ(add(FeedRequest{.file = older, .allow_older = true}).feed.dated,
              "2026-11-27T18:00:03Z");
}

std::string catalogue(int entries, const std::string& released) {
    std::string text = R"({"catalogVersion": "1", "dateReleased": ")" + released +
                       R"(", "count": )" + std::to_string(entries) + R"(, "vulnerabilities": [)";
    for (int i = 0; i < entries; ++i)
        text += std::string(i == 0 ? "" : ",") + R"({"cveID": "CVE-2026-)" +
                std::to_string(10000 + i) +
                R"(", "dateAdded": "2026-11-01", "dueDate": "2026-11-15"})";
    return text + "]}";
}

TEST_F(FeedStores, refuse_a_much_smaller_feed_and_name_what_is_no_longer_listed) {
    add_text("a.json", catalogue(100, "2026-11-28T00:00:00Z"));
    const fs::path small = file("b.json", catalogue(90, "2026-11-29T00:00:00Z"));
    EXPECT_THAT(refusal({.file = small}),
                HasSubstr("has 90 entries, the one that is there has 100"));
    EXPECT_EQ(code_, ErrorCode::refused);
    EXPECT_TRUE(about("CVE-2026-10099").exploited.is("yes")) << "the former content stays";
    const FeedAdded one_less = add_text("c.json", catalogue(99, "2026-11-29T00:00:00Z"));
    EXPECT_THAT(one_less.notes, ElementsAre("no longer listed as known exploited: CVE-2026-10099"));
    EXPECT_EQ(add(FeedRequest{.file = small, .allow_smaller = true}).feed.entries, 90U);
}

TEST_F(FeedStores, keep_the_former_content_when_a_file_is_damaged) {
    add(golden("kev.json"));
    add(golden("epss.csv.gz"));
    const std::string text = golden_text("kev.json");
    for (std::size_t size = 1; size < text.size() - 2; size += 101) {
        const fs::path cut = file("cut.json", text.substr(0, size));
        EXPECT_NE(refusal({.file = cut, .kind = Kind::kev}), "") << size;
    }
    EXPECT_TRUE(about("CVE-2026-1001").exploited.is("yes"));
    EXPECT_TRUE(about("CVE-2026-1001").epss.known());
}

TEST_F(FeedStores, keep_the_former_content_when_what_records_it_fails) {
    add(golden("kev.json"));
    const fs::path newer =
        file("newer.json", replaced(golden_text("kev.json"), "2026-11-28T18", "2026-11-29T18"));
    const auto broken = [&](const FeedRow&, const std::function<void()>& change) {
        database_.transaction([&] {
            change();
            throw Error(ErrorCode::lab, "the disk is full");
        });
    };
    EXPECT_THROW(FeedStore(database_).add({.file = newer}, now_, broken), Error);
    EXPECT_EQ(FeedStore(database_).list().at(0).dated, "2026-11-28T18:00:03Z");
    EXPECT_TRUE(about("CVE-2026-1001").exploited.is("yes"));
    EXPECT_EQ(add(newer).feed.dated, "2026-11-29T18:00:03Z");
}

TEST_F(FeedStores, put_single_documents_beside_each_other_and_replace_them_by_newer_ones) {
    add(golden("ssvc.json"));
    add(golden("ssvc-calm.json"));
    EXPECT_EQ(FeedStore(database_).list().at(0).files, 2U);
    const std::string newer = replaced(
        replaced(golden_text("ssvc.json"), "\"Automatable\": \"yes\"", "\"Automatable\": \"no\""),
        "2026-11-27T04:00:23.138684Z\"\n              }\n            }\n          },\n          "
        "{\n            \"other\": {\n              \"type\": \"kev\"",
        "2026-11-28T04:00:23.138684Z\"\n              }\n            }\n          },\n          "
        "{\n            \"other\": {\n              \"type\": \"kev\"");
    add_text("newer.json", newer);
    EXPECT_EQ(FeedStore(database_).list().at(0).files, 2U);
    EXPECT_TRUE(about("CVE-2026-1001").automatable.is("no"));
    EXPECT_THAT(refusal({.file = golden("ssvc.json")}), HasSubstr("older"));
    EXPECT_EQ(add(golden("ssvc.zip")).feed.files, 2U) << "the newer document stays";
    EXPECT_TRUE(about("CVE-2026-1001").automatable.is("no")) << "the newest answer counts";
}

TEST_F(FeedStores, refuse_a_name_that_is_none_and_a_file_of_another_kind) {
    EXPECT_THAT(refusal({.file = golden("kev.json"), .name = "Mine!"}), HasSubstr("cannot name"));
    add(FeedRequest{.file = golden("kev.json"), .name = "mine"});
    EXPECT_THAT(refusal({.file = golden("epss.csv"), .name = "mine"}), HasSubstr("is of kind kev"));
}

TEST_F(FeedStores, refuse_what_is_no_feed_or_no_file) {
    EXPECT_THAT(refusal({.file = file("x.json", "{}")}), HasSubstr("none of the feeds"));
    EXPECT_THAT(refusal({.file = folder_.path() / "missing"}), HasSubstr("No such file"));
    EXPECT_EQ(code_, ErrorCode::not_found);
    EXPECT_THAT(refusal({.file = folder_.path()}), HasSubstr("not a regular file"));
    EXPECT_THAT(refusal({.file = "/dev/zero"}), HasSubstr("not a regular file"));
    EXPECT_THAT(FeedStore(database_).list(), IsEmpty());
}

}  // namespace
}  // namespace patchlab::feeds
