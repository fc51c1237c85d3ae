// SPDX-License-Identifier: Apache-2.0
//
// Unknown stays unknown: what is missing, too old or silent never says "no".
#include "platform/core/json.hpp"
#include "tests/unit/orchestrator/feeds/feeds_fixture.hpp"

namespace patchlab::feeds {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Answers = FeedsTest;

TEST_F(Answers, are_unknown_without_any_feed) {
    const CveAnswers answers = about("CVE-2026-1001");
    for (const Answer* answer : {&answers.exploited, &answers.exploitation, &answers.automatable,
                                 &answers.impact, &answers.epss}) {
        EXPECT_FALSE(answer->known());
        EXPECT_THAT(answer->why, HasSubstr("there is no feed of kind"));
    }
}

TEST_F(Answers, have_their_source_with_date_and_digest) {
    const FeedAdded kev = add(golden("kev.json"));
    const CveAnswers answers = about("CVE-2026-1001");
    EXPECT_TRUE(answers.exploited.is("yes"));
    EXPECT_EQ(answers.since, "2026-11-20");
    EXPECT_EQ(answers.due, "2026-11-23");
    ASSERT_TRUE(answers.exploited.source);
    EXPECT_EQ(answers.exploited.source->feed, "kev");
    EXPECT_EQ(answers.exploited.source->digest, kev.feed.digest);
    EXPECT_EQ(answers.exploited.source->dated, "2026-11-28T18:00:03Z");
}

TEST_F(Answers, say_no_only_by_a_current_catalogue_that_is_proven_to_be_whole) {
    add(golden("kev.json"));
    EXPECT_TRUE(about("CVE-2026-7777").exploited.is("no"));
    now_ = from_rfc3339("2026-12-20T00:00:00Z");
    const Answer old = about("CVE-2026-7777").exploited;
    EXPECT_FALSE(old.known());
    EXPECT_THAT(old.why, HasSubstr("too old"));
    EXPECT_TRUE(about("CVE-2026-1001").exploited.is("yes")) << "once listed is listed";
    EXPECT_TRUE(about("CVE-2026-1001").exploited.source->stale);
}

TEST_F(Answers, say_no_by_no_csv_for_it_may_have_been_cut_at_a_line) {
    add(golden("kev.csv"));
    EXPECT_TRUE(about("CVE-2026-1001").exploited.is("yes"));
    const Answer answer = about("CVE-2026-7777").exploited;
    EXPECT_FALSE(answer.known());
    EXPECT_THAT(answer.why, HasSubstr("does not prove that it is whole"));
}

TEST_F(Answers, of_a_feed_that_is_too_old_are_only_the_worse_ones) {
    add(golden("ssvc.zip"));
    EXPECT_TRUE(about("CVE-2026-1003").automatable.is("no"));
    now_ = from_rfc3339("2027-01-30T00:00:00Z");
    EXPECT_FALSE(about("CVE-2026-1003").automatable.known());
    EXPECT_FALSE(about("CVE-2026-1003").impact.known());
    EXPECT_TRUE(about("CVE-2026-1001").automatable.is("yes"));
    EXPECT_TRUE(about("CVE-2026-1001").impact.is("total"));
}

TEST_F(Answers, are_made_no_younger_by_a_new_document_beside_them) {
    add(golden("ssvc-calm.json"));
    EXPECT_TRUE(about("CVE-2026-1003").automatable.is("no"));
    now_ = from_rfc3339("2027-01-30T00:00:00Z");
    add(FeedRequest{.file = golden("ssvc-silent.json"), .dated = "2027-01-29"});
    EXPECT_FALSE(FeedStore(database_).list().at(0).stale(now_));
    EXPECT_FALSE(about("CVE-2026-1003").automatable.known());
}

TEST_F(Answers, are_unknown_where_a_current_feed_is_silent) {
    add(golden("ssvc.zip"));
    add(golden("epss.csv.gz"));
    const CveAnswers answers = about("CVE-2026-1004");
    EXPECT_FALSE(answers.automatable.known());
    EXPECT_THAT(answers.automatable.why, HasSubstr("does not name it"));
    EXPECT_FALSE(answers.epss.known());
}

TEST_F(Answers, hold_what_distributions_and_vendors_say_of_the_packages_that_were_asked_about) {
    for (const char* name :
         {"debian.json", "osv.json", "csaf.json", "openvex.json", "updateinfo.xml"})
        add(FeedRequest{.file = golden(name), .dated = "2026-11-29"});
    const CveAnswers nginx = about("CVE-2026-1001", {"nginx"});
    EXPECT_THAT(nginx.debian, SizeIs(1));
    EXPECT_THAT(nginx.fixes, SizeIs(3)) << "OSV: two, updateinfo: one";
    ASSERT_THAT(nginx.vex, SizeIs(2));
    EXPECT_THAT(about("CVE-2026-1001", {"curl"}).vex, SizeIs(1));
    EXPECT_THAT(about("CVE-2026-1001", {"apache2"}).vex, IsEmpty());
    EXPECT_THAT(AnswerBook(database_, now_).cves_of("ACME-2026:0001"),
                testing::ElementsAre("CVE-2026-1001"));
}

TEST_F(Answers, as_json_are_null_where_they_are_unknown) {
    const Json json = to_json(about("CVE-2026-1001"));
    EXPECT_TRUE(json.at("exploited").at("answer").is_null());
    EXPECT_TRUE(json.at("exploited").at("from").is_null());
    EXPECT_TRUE(json.at("epss").at("score").is_null());
    EXPECT_FALSE(json.at("impact").at("why_unknown").is_null());
}

}  // namespace
}  // namespace patchlab::feeds
