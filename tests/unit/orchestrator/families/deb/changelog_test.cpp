// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/deb/changelog.hpp"
#include "orchestrator/families/fixes.hpp"

#include <gtest/gtest.h>

namespace patchlab::families::deb {
namespace {

constexpr const char* log_text = R"(nginx (1.22.1-9+deb12u3) bookworm-security; urgency=medium

  * Fix CVE-2024-7347, cve-2025-23419 and CVE-2024-7347 again.

 -- A Person <a@example.org>  Mon, 01 Sep 2025 10:00:00 +0000

nginx (1.22.1-9+deb12u2) bookworm; urgency=HIGH, binary-only=yes

  * CVE-2023-44487: limit streams (CVE-2023-9, CVE-20230-1 are none).
  * CVE-2023-100200, CVE-2023-99999

 -- A Person <a@example.org>  Mon, 01 Sep 2024 10:00:00 +0000

nginx (1.22.1-9) unstable; urgency=low

  * CVE-2001-0001: long ago.

 -- A Person <a@example.org>  Mon, 01 Sep 2023 10:00:00 +0000
Local variables: these belong to nothing
)";

TEST(Changelog, tells_what_lies_between_two_versions) {
    const auto entries = parse_changelog(log_text);
    ASSERT_EQ(entries.size(), 3U);
    const auto both = summarise(entries, "1.22.1-9", "1.22.1-9+deb12u3");
    EXPECT_EQ(both.advisories,
              (std::vector<std::string>{"CVE-2023-44487", "CVE-2023-99999", "CVE-2023-100200",
                                        "CVE-2024-7347", "CVE-2025-23419"}));
    EXPECT_EQ(both.urgency, "high");
    EXPECT_EQ(both.text.find("long ago"), std::string::npos);
    const auto one = summarise(entries, "1.22.1-9+deb12u1", "1.22.1-9+deb12u2");
    EXPECT_EQ(one.advisories.size(), 3U);
    EXPECT_TRUE(summarise(entries, "1.22.1-9+deb12u3", "1.22.1-9+deb12u3").text.empty());
}

TEST(Changelog, takes_only_the_new_entry_when_the_old_version_is_unknown) {
    const auto summary = summarise(parse_changelog(log_text), "", "1.22.1-9+deb12u3");
    EXPECT_EQ(summary.advisories, (std::vector<std::string>{"CVE-2024-7347", "CVE-2025-23419"}));
    EXPECT_EQ(summary.urgency, "medium");
}

TEST(Changelog, caps_the_text_inside_no_character_but_counts_every_advisory) {
    std::string text = "big (2-1) sid; urgency=emergency\n\n";
    for (int i = 0; i < 9000; ++i) text += "  * Mojžíš fixed this\n";
    text += "  * CVE-2026-12345\n";
    const auto summary = summarise(parse_changelog(text), "1-1", "2-1");
    EXPECT_LE(summary.text.size(), 64U << 10);
    EXPECT_EQ(summary.advisories.size(), 1U);
    EXPECT_EQ(summary.urgency, "emergency");
    const auto cut = summary.text.find("\n[the rest");
    ASSERT_NE(cut, std::string::npos);
    const auto last = static_cast<unsigned char>(summary.text[cut - 1]);
    EXPECT_TRUE(last < 0x80 || last < 0xC0) << "a character was cut open";
}

TEST(Changelog, survives_nonsense) {
    for (const char* text : {"", "\n\n", "(", "a (", "a (1)", "a (1);", "CVE-", "CVE-2024-",
                             "CVE-2024-12", "\xff\xfe", "a (1) ; urgency=", " x"}) {
        parse_changelog(text);
        EXPECT_TRUE(find_cves(text).empty()) << text;
    }
}

}  // namespace
}  // namespace patchlab::families::deb
