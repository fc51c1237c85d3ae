// SPDX-License-Identifier: Apache-2.0
//
// The readers of single documents (CVE records, OSV, CSAF, OpenVEX), and how each kind of feed is
// told by its content.
#include "orchestrator/feeds/readers/parts.hpp"
#include "tests/unit/orchestrator/feeds/feeds_fixture.hpp"

namespace patchlab::feeds {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(SsvcReader, takes_the_answers_of_the_one_container_that_gives_them) {
    Remembered sink;
    const Document document = read_text(Kind::ssvc, golden_text("ssvc.json"), sink);
    EXPECT_EQ(document.id, "CVE-2026-1001");
    EXPECT_EQ(document.dated, "2026-11-27T04:00:23Z");
    ASSERT_EQ(sink.ssvc.size(), 1U);
    EXPECT_EQ(sink.ssvc[0].exploitation, "active");
    EXPECT_EQ(sink.ssvc[0].automatable, "yes");
    EXPECT_EQ(sink.ssvc[0].impact, "total");
    EXPECT_EQ(sink.ssvc[0].cvss, 9.8);
}

TEST(SsvcReader, says_nothing_of_a_record_that_nobody_answered_or_that_was_rejected) {
    Remembered sink;
    read_text(Kind::ssvc, golden_text("ssvc-silent.json"), sink);
    read_text(Kind::ssvc, replaced(golden_text("ssvc.json"), "PUBLISHED", "REJECTED"), sink);
    EXPECT_THAT(sink.ssvc, IsEmpty());
}

TEST(SsvcReader, leaves_a_word_that_it_does_not_know_unanswered) {
    Remembered sink;
    read_text(Kind::ssvc,
              replaced(golden_text("ssvc.json"), "\"Automatable\": \"yes\"",
                       "\"Automatable\": \"perhaps\""),
              sink);
    EXPECT_EQ(sink.ssvc.at(0).automatable, "");
    EXPECT_EQ(sink.ssvc.at(0).impact, "total");
}

TEST(SsvcReader, refuses_answers_of_another_type_and_a_record_without_a_name) {
    const std::string text = golden_text("ssvc.json");
    EXPECT_THAT(
        refusal_of(Kind::ssvc, replaced(text, "\"Automatable\": \"yes\"", "\"Automatable\": true")),
        HasSubstr("is not a text"));
    EXPECT_THAT(refusal_of(Kind::ssvc,
                           replaced(text, "\"cveId\": \"CVE-2026-1001\"", "\"cveId\": \"CVE-1\"")),
                HasSubstr("names no CVE"));
}

TEST(OsvReader, reads_fixed_versions_for_each_cve_that_the_record_is_about) {
    Remembered sink;
    const Document document = read_text(Kind::osv, golden_text("osv.json"), sink);
    EXPECT_EQ(document.id, "DSA-6001-1");
    EXPECT_EQ(document.author, "Debian");
    ASSERT_EQ(sink.fixes.size(), 2U) << "related CVEs are others";
    EXPECT_EQ(sink.fixes[0].ecosystem, "Debian:12");
    EXPECT_EQ(sink.fixes[0].fixed, "1.22.1-9+deb12u3");
    EXPECT_EQ(sink.fixes[1].fixed, "");
    EXPECT_EQ(sink.fixes[1].status, "open");
}

TEST(OsvReader, says_nothing_of_a_record_that_was_withdrawn) {
    Remembered sink;
    read_text(Kind::osv,
              replaced(golden_text("osv.json"), "\"summary\"",
                       "\"withdrawn\": \"2026-11-29T00:00:00Z\", \"summary\""),
              sink);
    EXPECT_THAT(sink.fixes, IsEmpty());
}

TEST(CsafReader, tells_states_by_package_with_justification_and_a_product) {
    Remembered sink;
    const Document document = read_text(Kind::csaf, golden_text("csaf.json"), sink);
    EXPECT_EQ(document.id, "CVE-2026-1001");
    EXPECT_EQ(document.author, "Red Hat Product Security");
    ASSERT_EQ(sink.vex.size(), 2U);
    EXPECT_EQ(sink.vex[0].package, "curl");
    EXPECT_EQ(sink.vex[0].status, "not_affected");
    EXPECT_EQ(sink.vex[0].justification, "vulnerable_code_not_in_execute_path");
    EXPECT_EQ(sink.vex[0].detail, "The code is not built.");
    EXPECT_EQ(sink.vex[0].products, 2U);
    EXPECT_EQ(sink.vex[1].package, "nginx");
    EXPECT_EQ(sink.vex[1].status, "fixed");
}

TEST(CsafReader, refuses_another_version_and_products_without_an_end) {
    const std::string text = golden_text("csaf.json");
    EXPECT_THAT(refusal_of(Kind::csaf, replaced(text, "\"csaf_version\": \"2.0\"",
                                                "\"csaf_version\": \"1.2\"")),
                HasSubstr("is not CSAF 2"));
    std::string deep =
        R"({"document":{"csaf_version":"2.0","tracking":{"id":"x"}},"product_tree":)";
    for (int i = 0; i < 25; ++i) deep += R"({"branches":[)";
    for (int i = 0; i < 25; ++i) deep += "]}";
    EXPECT_THAT(refusal_of(Kind::csaf, deep + "}"), IsEmpty());
    deep.clear();
    for (int i = 0; i < 60; ++i) deep += R"({"branches":[)";
    EXPECT_THAT(refusal_of(Kind::csaf, R"({"product_tree":)" + deep), HasSubstr("deeper"));
}

TEST(OpenVexReader, reads_both_spellings_of_vulnerabilities_and_products) {
    Remembered sink;
    const Document document = read_text(Kind::openvex, golden_text("openvex.json"), sink);
    EXPECT_EQ(document.dated, "2026-11-25T09:00:00Z");
    ASSERT_EQ(sink.vex.size(), 2U);
    EXPECT_EQ(sink.vex[0].package, "nginx");
    EXPECT_EQ(sink.vex[0].status, "not_affected");
    EXPECT_EQ(sink.vex[0].justification, "vulnerable_code_not_present");
    EXPECT_EQ(sink.vex[1].cve, "CVE-2026-1002");
    EXPECT_EQ(sink.vex[1].status, "under_investigation");
    EXPECT_THAT(refusal_of(Kind::openvex,
                           replaced(golden_text("openvex.json"), "not_affected", "harmless")),
                HasSubstr("'harmless' is no status"));
}

TEST(Products, are_told_by_their_package) {
    EXPECT_EQ(package_of_product("pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64"), "openssl");
    EXPECT_EQ(package_of_product("pkg:deb/debian/nginx"), "nginx");
    EXPECT_EQ(package_of_product("BaseOS-9.4:openssl-libs-1:3.0.7-27.el9.x86_64"), "openssl-libs");
    EXPECT_EQ(package_of_product("red_hat_enterprise_linux_9:curl"), "curl");
    EXPECT_EQ(package_of_product("CSAFPID-0001"), "CSAFPID-0001");
    EXPECT_EQ(package_of_product("pkg:"), "pkg:");
    EXPECT_EQ(package_of_product(""), "");
}

TEST(Recognition, tells_each_kind_by_its_content) {
    const std::vector<std::pair<std::string, Kind>> files{{"kev.json", Kind::kev},
                                                          {"kev.csv", Kind::kev},
                                                          {"ssvc.json", Kind::ssvc},
                                                          {"epss.csv", Kind::epss},
                                                          {"debian.json", Kind::debian},
                                                          {"osv.json", Kind::osv},
                                                          {"csaf.json", Kind::csaf},
                                                          {"openvex.json", Kind::openvex},
                                                          {"updateinfo.xml", Kind::updateinfo}};
    for (const auto& [file, kind] : files) {
        const std::string text = golden_text(file), marked = "\xEF\xBB\xBF" + text;
        ByteSource plain(text), with_mark(marked);
        EXPECT_EQ(recognise(plain), kind) << file;
        EXPECT_EQ(recognise(with_mark), kind) << file;
        Remembered sink;
        EXPECT_EQ(read_feed(kind, plain, file, sink).entries > 0, true)
            << file << ": what was looked at is still to be read";
    }
}

TEST(Recognition, does_not_guess) {
    for (const char* text : {"", "{}", "[]", "hello\n", "<html>", R"({"a": {"b": 1}})", "a,b\n"}) {
        ByteSource source{std::string_view(text)};
        EXPECT_EQ(recognise(source), std::nullopt) << text;
    }
}

TEST(Times, are_read_in_every_spelling_that_feeds_use) {
    const auto text = [](std::string_view time) {
        const auto read = time_from(time);
        return read ? to_rfc3339(*read) : "";
    };
    EXPECT_EQ(text("2026-11-30"), "2026-11-30T00:00:00Z");
    EXPECT_EQ(text("2026-11-30 01:02:03"), "2026-11-30T01:02:03Z");
    EXPECT_EQ(text("2026-11-30T01:02:03.123456Z"), "2026-11-30T01:02:03Z");
    EXPECT_EQ(text("2026-11-30T01:02:03+0100"), "2026-11-30T00:02:03Z");
    EXPECT_EQ(text("2026-11-30T01:02:03-05:30"), "2026-11-30T06:32:03Z");
    for (const char* wrong : {"", "yesterday", "2026-13-01", "2026-11-30T",
                              "2026-11-30T01:02:03+99", "2026-11-30X01:02:03Z", "1764500000"})
        EXPECT_EQ(text(wrong), "") << wrong;
}

}  // namespace
}  // namespace patchlab::feeds
