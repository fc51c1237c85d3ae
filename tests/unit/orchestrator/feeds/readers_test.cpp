// SPDX-License-Identifier: Apache-2.0
//
// The readers of the catalogue, the scores and the tracker, over their golden files and what may
// be wrong with them.
#include "tests/unit/orchestrator/feeds/feeds_fixture.hpp"

namespace patchlab::feeds {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(KevReader, reads_the_json_form_and_knows_that_it_is_whole) {
    Remembered sink;
    const Document document = read_text(Kind::kev, golden_text("kev.json"), sink);
    EXPECT_EQ(document.dated, "2026-11-28T18:00:03Z");
    EXPECT_EQ(document.version, "2026.11.28");
    EXPECT_EQ(document.entries, 3U);
    EXPECT_TRUE(document.complete);
    ASSERT_EQ(sink.exploited.size(), 3U);
    EXPECT_EQ(sink.exploited[0].cve, "CVE-2026-1001");
    EXPECT_EQ(sink.exploited[0].since, "2026-11-20");
    EXPECT_EQ(sink.exploited[0].due, "2026-11-23");
    EXPECT_EQ(sink.exploited[0].ransomware, true);
    EXPECT_EQ(sink.exploited[0].forensics, true);
    EXPECT_EQ(sink.exploited[1].ransomware, std::nullopt) << "'Unknown' is not no";
    EXPECT_EQ(sink.exploited[1].forensics, std::nullopt) << "older entries do not say";
    EXPECT_EQ(sink.exploited[2].forensics, false);
}

TEST(KevReader, reads_the_csv_form_which_proves_nothing_by_being_short) {
    Remembered sink;
    const Document document = read_text(Kind::kev, golden_text("kev.csv"), sink);
    EXPECT_EQ(document.dated, "2026-11-20T00:00:00Z") << "the newest entry";
    EXPECT_FALSE(document.complete);
    ASSERT_EQ(sink.exploited.size(), 2U);
    EXPECT_EQ(sink.exploited[0].ransomware, true);
}

TEST(KevReader, refuses_a_catalogue_that_has_not_as_many_entries_as_it_says) {
    const std::string text = golden_text("kev.json");
    EXPECT_THAT(refusal_of(Kind::kev, replaced(text, "\"count\": 3", "\"count\": 4")),
                HasSubstr("says that it has 4 entries, but has 3"));
    EXPECT_THAT(refusal_of(Kind::kev, replaced(text, "\"count\": 3,", "")),
                HasSubstr("does not say how many"));
    EXPECT_THAT(refusal_of(Kind::kev, replaced(text, "2026-11-28T18:00:03.4567Z", "")),
                HasSubstr("does not say when"));
}

TEST(KevReader, refuses_wrong_types_numbers_and_repetitions) {
    const std::string text = golden_text("kev.json");
    EXPECT_THAT(refusal_of(Kind::kev, replaced(text, "CVE-2026-1002", "CVE-2026-1001")),
                HasSubstr("lists CVE-2026-1001 twice"));
    EXPECT_THAT(refusal_of(Kind::kev, replaced(text, "CVE-2026-1002", "GHSA-1")),
                HasSubstr("'GHSA-1' is no CVE"));
    EXPECT_THAT(refusal_of(Kind::kev, replaced(text, "\"2026-11-25\"", "20261125")),
                HasSubstr("'dateAdded' is not a text"));
    EXPECT_THAT(refusal_of(Kind::kev, replaced(text, "2026-11-25", "yesterday!")),
                HasSubstr("is no date"));
    EXPECT_THAT(refusal_of(Kind::kev, replaced(golden_text("kev.csv"), "dateAdded", "added")),
                HasSubstr("has no column 'dateAdded'"));
    EXPECT_THAT(refusal_of(Kind::kev, replaced(golden_text("kev.csv"), "Known,,CWE", "Known,CWE")),
                HasSubstr("columns, the header has"));
}

std::string scores(const std::string& heading) {
    return heading + "cve,epss,percentile\nCVE-2026-1001,0.94334,0.99912\n";
}

TEST(EpssReader, reads_every_form_of_the_heading) {
    const std::vector<std::pair<std::string, std::string>> headings{
        {"#model_version:v2026.06.15,score_date:2026-11-29T12:00:22Z\n", "2026-11-29T12:00:22Z"},
        {"#model_version:v2025.03.14,score_date:2025-03-14T00:00:00+0000\n",
         "2025-03-14T00:00:00Z"},
        {"#model_version:v2025.03.14,score_date:2025-03-14T00:00:00\n", "2025-03-14T00:00:00Z"},
        {"#model_version:v2025.03.14,score_date:2025-03-14\n", "2025-03-14T00:00:00Z"},
        {"#score_date:2025-03-14T01:00:00+01:00,model_version:v4\r\n", "2025-03-14T00:00:00Z"},
        {"#model_version:v2022.01.01\n", ""},
        {"", ""}};
    for (const auto& [heading, dated] : headings) {
        Remembered sink;
        const Document document = read_text(Kind::epss, scores(heading), sink);
        EXPECT_EQ(document.dated, dated) << heading;
        EXPECT_EQ(document.entries, 1U);
        ASSERT_EQ(sink.epss.size(), 1U) << heading;
        EXPECT_DOUBLE_EQ(sink.epss[0].score, 0.94334);
        EXPECT_EQ(sink.epss[0].percentile, 0.99912);
    }
}

TEST(EpssReader, reads_files_of_years_that_had_no_percentiles) {
    Remembered sink;
    read_text(Kind::epss, "cve,epss\nCVE-2020-5902,0.65117\n", sink);
    EXPECT_EQ(sink.epss.at(0).percentile, std::nullopt);
}

TEST(EpssReader, refuses_what_is_no_score) {
    EXPECT_THAT(refusal_of(Kind::epss, "cve,epss,percentile\nCVE-2026-1001,1.5,0.1\n"),
                HasSubstr("line 2: '1.5' is no score"));
    EXPECT_THAT(refusal_of(Kind::epss, "cve,epss,percentile\nCVE-2026-1001,nan,0.1\n"),
                HasSubstr("is no score"));
    EXPECT_THAT(refusal_of(Kind::epss, "cve,epss,percentile\nCVE-2026-1001,0.1\n"),
                HasSubstr("line 2"));
    EXPECT_THAT(refusal_of(Kind::epss, "cve;epss\n"), HasSubstr("no header"));
    EXPECT_THAT(refusal_of(Kind::epss, "cve,epss,percentile\n"), HasSubstr("no score"));
    EXPECT_THAT(refusal_of(Kind::epss, scores("#score_date:soon\n")), HasSubstr("no date"));
    EXPECT_THAT(refusal_of(Kind::epss, "cve,epss,percentile\nCVE-2026-1001,0.1,0.2"),
                HasSubstr("cut short"));
}

TEST(DebianReader, reads_the_state_of_each_release) {
    Remembered sink;
    const Document document = read_text(Kind::debian, golden_text("debian.json"), sink);
    EXPECT_EQ(document.entries, 2U) << "numbers of the tracker's own are left out";
    EXPECT_THAT(document.dated, IsEmpty());
    ASSERT_EQ(sink.debian.size(), 2U);
    const auto& releases = sink.debian[0].releases;
    EXPECT_EQ(sink.debian[0].source, "nginx");
    EXPECT_EQ(releases.at("bookworm").status, "resolved");
    EXPECT_EQ(releases.at("bookworm").fixed, "1.22.1-9+deb12u3");
    EXPECT_EQ(releases.at("trixie").no_advisory, "Minor issue");
    EXPECT_EQ(releases.at("bullseye").fixed, "0");
    EXPECT_EQ(sink.debian[1].releases.at("bookworm").status, "undetermined");
}

TEST(DebianReader, refuses_what_has_another_form) {
    EXPECT_THAT(refusal_of(Kind::debian, R"({"nginx": {"CVE-2026-1001": {"scope": "remote"}}})"),
                HasSubstr("CVE-2026-1001 of nginx has no releases"));
    EXPECT_THAT(refusal_of(Kind::debian, R"([{"nginx": 1}])"), HasSubstr("names no source"));
    EXPECT_THAT(refusal_of(Kind::debian, R"({"nginx": {}})"), HasSubstr("names no CVE"));
    EXPECT_THAT(
        refusal_of(Kind::debian, R"({"n": {"CVE-2026-1001": {"releases": {"b": {"status": 1}}}}})"),
        HasSubstr("'status' is not a text"));
}

TEST(UpdateinfoReader, reads_advisories_and_which_were_retracted) {
    Remembered sink;
    const Document document = read_text(Kind::updateinfo, golden_text("updateinfo.xml"), sink);
    EXPECT_EQ(document.dated, "2026-11-27T10:00:00Z");
    ASSERT_EQ(sink.fixes.size(), 3U);
    EXPECT_EQ(sink.fixes[0].advisory, "ACME-2026:0001");
    EXPECT_EQ(sink.fixes[0].cve, "CVE-2026-1001");
    EXPECT_EQ(sink.fixes[0].package, "nginx");
    EXPECT_EQ(sink.fixes[0].fixed, "1:1.20.1-16.el9_4.1");
    EXPECT_EQ(sink.fixes[1].fixed, "1.20.1-16.el9_4.1");
    EXPECT_EQ(sink.fixes[2].status, "retracted");
    EXPECT_EQ(sink.fixes[2].cve, "") << "an advisory without a CVE is kept for being retracted";
}

TEST(UpdateinfoReader, refuses_another_document_and_an_advisory_without_an_id) {
    EXPECT_THAT(refusal_of(Kind::updateinfo, "<html/>"), HasSubstr("no list of advisories"));
    EXPECT_THAT(refusal_of(Kind::updateinfo, "<updates><update/></updates>"), HasSubstr("no id"));
    EXPECT_THAT(refusal_of(Kind::updateinfo, "<updates><update>"), HasSubstr("cut short"));
}

}  // namespace
}  // namespace patchlab::feeds
