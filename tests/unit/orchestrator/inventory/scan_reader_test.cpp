// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orchestrator/inventory/scan.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"
#include "tests/unit/orchestrator/inventory/answers.hpp"

namespace patchlab::inventory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tests::answer;
using tests::calm_answer;
using tests::fact_line;
using tests::package_line;

const std::string bash = package_line("bash", "5.2.15-2");

void expect_refused(const std::string& text, const std::string& why) {
    try {
        read_scan(text);
        ADD_FAILURE() << "taken, expected: " << why;
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid);
        EXPECT_THAT(error.what(), HasSubstr(why));
    }
}

TEST(ScanReader, takes_a_whole_answer) {
    const Scan scan = read_scan(calm_answer(
        {package_line("nginx", "1.22.1-9"), bash,
         package_line("old", "1", "all", "deb", "config-files"),
         package_line("torn", "2", "amd64", "deb", "half-configured"), bash,
         R"({"kind":"service","name":"nginx.service"})",
         R"({"kind":"kernel","release":"6.1.0-32-amd64"})",
         R"({"kind":"address","address":"10.0.0.1/24"})",
         R"({"kind":"port","protocol":"tcp","address":"::","port":"80","process":"nginx"})",
         R"({"kind":"unseen","what":"services","why":"there is no systemd"})"}));
    EXPECT_THAT(scan.packages,
                ElementsAre(InstalledPackage{"bash", "amd64", "5.2.15-2", "deb", ""},
                            InstalledPackage{"nginx", "amd64", "1.22.1-9", "deb", ""},
                            InstalledPackage{"torn", "amd64", "2", "deb", "half-configured"}));
    EXPECT_EQ(scan.memory_kib, 2048000U);
    EXPECT_THAT(scan.services, ElementsAre("nginx.service"));
    EXPECT_THAT(scan.ports, ElementsAre(ListeningPort{"tcp", "::", 80, "nginx"}));
    EXPECT_EQ(scan.unseen.size(), 1U);
    EXPECT_EQ(reboot_of(scan).reboot, Reboot::not_needed);
    const Json facts = facts_of(scan);
    EXPECT_EQ(facts.at("reboot"), "not-needed");
    EXPECT_EQ(facts.at("ports").at(0).at("port"), 80);
    EXPECT_FALSE(facts.contains("packages"));
}

TEST(ScanReader, half_an_answer_is_no_answer) {
    const std::string whole = calm_answer({bash});
    expect_refused(whole.substr(0, whole.rfind("{\"kind\":\"end\"")), "is not whole");
    expect_refused(whole.substr(whole.find('\n') + 1), "does not begin as one");
    std::string lost = whole;
    lost.erase(lost.find(bash), bash.size() + 1);
    expect_refused(lost, "has lost lines");
    expect_refused(whole + bash + "\n", "goes on after its end");
    expect_refused(calm_answer({}), "names no package");
    expect_refused(answer({bash}), "does not tell its reboot-required");
    expect_refused(
        calm_answer(
            {bash, R"({"kind":"unseen","what":"packages","why":"dpkg-query failed with exit 2"})"}),
        "could not be listed: dpkg-query failed with exit 2");
}

TEST(ScanReader, words_of_a_host_are_checked_one_by_one) {
    expect_refused(calm_answer({bash, package_line("../etc", "1")}),
                   "wrong name, version or architecture");
    expect_refused(calm_answer({bash, package_line("a", "1 2")}),
                   "wrong name, version or architecture");
    expect_refused(calm_answer({bash, package_line("ok", "1", "amd64", "exe")}), "unknown format");
    expect_refused(calm_answer({bash, fact_line("os", "again")}), "a fact twice");
    expect_refused(calm_answer({bash, fact_line("mood", "good")}), "unknown fact");
    expect_refused(calm_answer({bash, R"({"kind":"sermon"})"}), "unknown kind");
    expect_refused(
        calm_answer(
            {bash,
             R"({"kind":"port","protocol":"tcp","address":"::","port":"70000","process":""})"}),
        "wrong number");
    expect_refused(
        calm_answer(
            {bash, R"({"kind":"port","protocol":"tcp","address":"<b>","port":"70","process":""})"}),
        "wrong port");
    expect_refused(calm_answer({bash, R"({"kind":"service","name":7})"}), "no text");
    expect_refused(calm_answer({bash, R"({"kind":"service","name":"a\u001b[2J"})"}),
                   "no short text");
    expect_refused(calm_answer({bash, R"({"kind":"service"})"}), "without 'name'");
    expect_refused(calm_answer({bash, "[]"}), "no object");
    expect_refused(calm_answer({bash, "{"}), "not JSON");
    expect_refused(
        calm_answer({bash, R"({"kind":"service","name":")" + std::string(5000, 'x') + "\"}"}),
        "larger than");
}

TEST(ScanReader, takes_the_lines_of_a_terminal_and_rpm_packages) {
    std::string text =
        calm_answer({package_line("gpg-pubkey", "1-2", "(none)", "rpm"),
                     package_line("kernel", "1:5.14.0-362.8.1.el9_3", "x86_64", "rpm")});
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
        text.replace(at, 1, "\r\n");
    EXPECT_THAT(
        read_scan(text).packages,
        ElementsAre(InstalledPackage{"kernel", "x86_64", "1:5.14.0-362.8.1.el9_3", "rpm", ""}));
}

TEST(RebootNeeded, is_told_by_the_host_or_by_a_newer_kernel) {
    const auto with = [](std::vector<std::string> lines, const std::string& required = "no") {
        lines.push_back(bash);
        lines.push_back(fact_line("reboot-required", required));
        return reboot_of(read_scan(answer(lines)));
    };
    const auto kernel = [](const std::string& release) {
        return R"({"kind":"kernel","release":")" + release + "\"}";
    };
    EXPECT_EQ(with({kernel("6.1.0-32-amd64"), kernel("6.1.0-9-amd64")}).reboot, Reboot::not_needed);
    EXPECT_EQ(with({kernel("6.1.0-32-cloud-amd64"), kernel("0-rescue-abc")}).reboot,
              Reboot::not_needed)
        << "another flavour is not newer";
    EXPECT_THAT(with({kernel("6.1.0-33-amd64"), kernel("6.1.0-102-amd64")}).why,
                HasSubstr("kernel 6.1.0-102-amd64 is installed, 6.1.0-32-amd64 runs"));
    EXPECT_THAT(
        with({kernel("6.1.0-32-amd64"), package_line("linux-image-6.1.0-32-amd64", "6.1.130-1")})
            .why,
        HasSubstr("kernel package 6.1.130-1 is installed"));
    EXPECT_EQ(
        with({kernel("6.1.0-32-amd64"), package_line("linux-image-6.1.0-32-amd64", "6.1.129-1")})
            .reboot,
        Reboot::not_needed);
    EXPECT_EQ(with({R"({"kind":"reboot","package":"libc6"})"}, "yes").why,
              "the host asks for it for libc6");
    EXPECT_EQ(with({}).reboot, Reboot::unknown) << "no kernel of its own: nothing to tell it by";
}

RC_GTEST_PROP(ScanReaderProperty, never_takes_an_answer_with_a_piece_missing, ()) {
    std::vector<std::string> lines;
    const auto count = *rc::gen::inRange(1, 30);
    for (int i = 0; i < count; ++i)
        lines.push_back(package_line("p" + std::to_string(i), "1." + std::to_string(i)));
    const std::string whole = calm_answer(lines);
    RC_ASSERT(read_scan(whole).packages.size() == static_cast<std::size_t>(count));
    const auto from = *rc::gen::inRange<std::size_t>(0, whole.size() - 2);
    const auto length = *rc::gen::inRange<std::size_t>(1, whole.size() - 1 - from);
    std::string torn = whole;
    torn.erase(from, length);
    try {
        // what can be lost unseen is inside a value: never a whole line
        RC_ASSERT(read_scan(torn).packages.size() == static_cast<std::size_t>(count));
    } catch (const Error& error) {
        RC_ASSERT(error.code() == ErrorCode::invalid);
    }
}

}  // namespace
}  // namespace patchlab::inventory
