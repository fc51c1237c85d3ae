// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/fixes.hpp"

#include <gtest/gtest.h>

#include "orchestrator/families/deb/changelog.hpp"

namespace patchlab::families::deb {
namespace {

using Cves = std::vector<std::string>;

std::string list(const Cves& cves) {
    std::string text;
    for (const std::string& cve : cves) text += (text.empty() ? "" : " ") + cve.substr(9);
    return text;
}

std::string numbers(std::string_view text) { return list(find_cves(text)); }

/// Of one entry of these lines.
std::string fixed(const std::string& lines) { return list(fixed_cves({lines})); }

TEST(CveLists, name_the_year_once) {
    EXPECT_EQ(numbers("CVE-2026-20005/20006/20008, CVE-2026-20010."), "20005 20006 20008 20010");
    EXPECT_EQ(numbers("CVE-2026-20001, -20002 and -20003"), "20001 20002 20003");
    EXPECT_EQ(numbers("CVE-2026-20001/-20002 & -20003"), "20001 20002 20003");
    EXPECT_EQ(numbers("CVE-2026-20001, 20002, and 20003 are fixed"), "20001 20002 20003");
    EXPECT_EQ(numbers("CVE-2026-{20001,20002}"), "20001 20002");
    EXPECT_EQ(numbers("CVE-2026-20001,\n    20002,\n    20003"), "20001 20002 20003");
    EXPECT_EQ(find_cves("CVE-2025-20001, 2026-20002"), (Cves{"CVE-2025-20001", "CVE-2026-20002"}));
}

TEST(CveLists, take_other_numbers_for_none) {
    EXPECT_EQ(numbers("CVE-2026-20005, 40960 bytes too many"), "20005");
    EXPECT_EQ(numbers("CVE-2026-2005 and 1024 kilobytes"), "2005");
    EXPECT_EQ(numbers("CVE-2026-20005 (Closes: #1012345)"), "20005");
    EXPECT_EQ(numbers("CVE-2026-2005, 2026-06-01"), "2005");
    EXPECT_EQ(numbers("CVE-2026-20005/6"), "20005");
}

TEST(CveNumbers, are_known_in_names_of_files_and_with_other_hyphens) {
    EXPECT_EQ(numbers("d/patches/CVE_2026_20005.patch"), "20005");
    EXPECT_EQ(numbers("CVE\u20112026\u201120005"), "20005");
}

TEST(FixedCves, leave_out_a_fix_that_is_taken_back) {
    EXPECT_EQ(fixed("  * Revert the fix for CVE-2026-10001, it broke logins (reopens it).\n"
                    "  * Fix CVE-2026-10003.\n"),
              "10003");
    EXPECT_EQ(fixed("  * Back out the patch for CVE-2026-10001.\n"), "");
    EXPECT_EQ(fixed("  * Drop CVE-2026-10001.patch, it broke logins.\n"), "");
    EXPECT_EQ(fixed("  * The fix for CVE-2026-10001 was reverted.\n"), "");
    EXPECT_EQ(fixed("  * Reverts:\n    - CVE-2026-10001\n    - CVE-2026-10002\n"
                    "  * CVE-2026-10003: overflow\n"),
              "10003");
    EXPECT_EQ(fixed("  * Revert upstream commit 1a2b3c, the fix of CVE-2026-10001\n"), "");
    EXPECT_EQ(fixed("  * Drop upstream fix for CVE-2026-10001: it breaks logins.\n"), "");
    EXPECT_EQ(fixed("  * Undo previous change, CVE-2026-10001 is open again\n"), "");
    EXPECT_EQ(fixed("  * Temporarily disable the mitigation for CVE-2026-10001\n"), "");
}

TEST(FixedCves, leave_out_what_is_said_not_to_be_addressed) {
    EXPECT_EQ(fixed("  * Note: this update does not address CVE-2026-10002.\n"), "");
    EXPECT_EQ(fixed("  * This does not fix CVE-2026-10002.\n"), "");
    EXPECT_EQ(fixed("  * CVE-2026-10002 is not affected, CVE-2026-10003 neither fixed\n"), "");
    EXPECT_EQ(fixed("  * Not vulnerable to CVE-2026-10002\n"), "");
    EXPECT_EQ(fixed("  * Fix CVE-2026-10001, but CVE-2026-10002 remains unfixed.\n"), "10001");
    EXPECT_EQ(fixed("  * Fix CVE-2026-10001 (does not include the fix for CVE-2026-10002)\n"),
              "10001");
    EXPECT_EQ(fixed("  * CVE-2026-10001, CVE-2026-10002 and\n    CVE-2026-10003 are not fixed.\n"),
              "");
    EXPECT_EQ(fixed("  * CVE-2026-10002 will be fixed in a later update.\n"), "");
    EXPECT_EQ(fixed("  * No fix for CVE-2026-10002 yet; CVE-2026-10003: bounds check\n"), "10003");
}

TEST(FixedCves, keep_what_only_sounds_like_it) {
    EXPECT_EQ(fixed("  * Fix CVE-2026-10001 by reverting to the old parser.\n"), "10001");
    EXPECT_EQ(fixed("  * Revert the commit that introduced CVE-2026-10001.\n"), "10001");
    EXPECT_EQ(fixed("  * Drop CVE-2026-10001.patch, included upstream.\n"), "10001");
    EXPECT_EQ(fixed("  * Remove patches that are applied upstream: CVE-2026-10001.patch\n"),
              "10001");
    EXPECT_EQ(fixed("  * New upstream release, fixes CVE-2026-10001; drop all patches\n"), "10001");
    EXPECT_EQ(fixed("  * Do not follow links when copying (CVE-2026-10001).\n"), "10001");
    EXPECT_EQ(fixed("  * Drop support for RC4 (CVE-2026-10001).\n"), "10001");
    EXPECT_EQ(fixed("  * No longer vulnerable to CVE-2026-10001.\n"), "10001");
    EXPECT_EQ(fixed("  * CVE-2026-10001: heap overflow\n    A buffer was not large enough.\n"),
              "10001");
    EXPECT_EQ(fixed("  * SECURITY UPDATE: heap overflow\n    - debian/patches/CVE-2026-10001.patch:"
                    " check length.\n    - CVE-2026-10001\n"),
              "10001");
    EXPECT_EQ(fixed("  * Backport patches for CVE-2026-10001, -10002 and -10003\n"),
              "10001 10002 10003");
}

TEST(FixedCves, understand_how_changelogs_are_written) {
    for (const char* line :
         {"This upload reverts the security fix introduced in 1.0-1 for CVE-2026-20001.",
          "CVE-2026-20001: not affected, vulnerable code introduced later",
          "This version is known to be affected by CVE-2026-20001",
          "The fix for CVE-2026-20001 is incomplete", "Unapply the patch for CVE-2026-20001",
          "No change for CVE-2026-20001", "Skip CVE-2026-20001: too invasive to backport",
          "Leave CVE-2026-20001 open", "Ignore CVE-2026-20001, minor issue",
          "CVE-2026-20001 postponed", "This only partially addresses CVE-2026-20001"})
        EXPECT_EQ(fixed("  * " + std::string(line) + "\n"), "") << line;
    for (const char* line : {"Revert CVE-2026-20001 and fix CVE-2026-10001",
                             "Re-add the fix for CVE-2026-10001 that was reverted in 1.0-1",
                             "CVE-2026-10001: partially initialised memory was sent",
                             "CVE-2026-10001: a deferred free, whose return value was ignored",
                             "CVE-2026-10001: versions before 2.0 are affected",
                             "Fix regression of the fix for CVE-2026-10001",
                             "Ensure that the parser does not include entities (CVE-2026-10001)"})
        EXPECT_EQ(fixed("  * " + std::string(line) + "\n"), "10001") << line;
}

TEST(FixedCves, believe_the_later_entry) {
    const std::string fix = "  * Fix CVE-2026-10001.\n", back = "  * Revert it: CVE-2026-10001\n";
    EXPECT_EQ(list(fixed_cves({fix, back})), "");
    EXPECT_EQ(list(fixed_cves({back, fix})), "10001");
}

TEST(FixedCves, end_with_a_text_without_an_end) {
    std::string text = "  * ";
    for (int i = 0; i < 200'000; ++i) text += "not fix ";
    EXPECT_EQ(fixed(text + " CVE-2026-10001"), "");
}

}  // namespace
}  // namespace patchlab::families::deb
