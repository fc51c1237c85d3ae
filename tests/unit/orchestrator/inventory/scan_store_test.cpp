// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/scan_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/inventory/need_finder.hpp"
#include "platform/core/error.hpp"
#include "platform/core/files.hpp"
#include "tests/unit/orchestrator/inventory/answers.hpp"

namespace patchlab::inventory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using tests::calm_answer;
using tests::package_line;

const std::string noon = "2026-11-23T12:00:00Z";

TimePoint at(const std::string& time) { return from_rfc3339(time); }

class ScanStoreTest : public testing::Test {
  protected:
    ScanStoreTest() {
        ImportRequest request{"s", {}, false, false};
        for (const char* name : {"a", "b", "c"}) {
            request.hosts.emplace_back();
            request.hosts.back().name = name;
        }
        database_.transaction([&] { hosts_.import_inside(request, noon); });
    }
    void scan(const std::string& host, const std::string& nginx, const std::string& time = noon) {
        scans_.record(
            host, read_scan(calm_answer({package_line("nginx", nginx), package_line("bash", "5")})),
            time);
    }
    std::map<std::string, std::string> needs(const std::string& now = noon,
                                             const std::string& only = {}) {
        std::map<std::string, std::string> found;
        const Offer offer{"entry", "e", {{"nginx", "amd64", "deb", {"1"}, "2"}}, {}};
        NeedFinder(database_, at(now))
            .find(
                offer,
                [&](const auto& host, const NeedAnswer& answer) {
                    found[host.name] = std::string(name(answer.need)) + ": " + answer.reason;
                },
                only);
        return found;
    }

    /// The same from find_having(), which tells of the others by what all of them have in common.
    std::map<std::string, std::string> needs_of_having(const std::string& now = noon) {
        std::map<std::string, std::string> found;
        const Offer offer{"entry", "e", {{"nginx", "amd64", "deb", {"1"}, "2"}}, {}};
        NeedFinder finder(database_, at(now));
        for (const auto& host : finder.hosts())
            found[host.name] = host.unknown.empty()
                                   ? "not-needed: none of its packages is installed"
                                   : "unknown: " + host.unknown;
        finder.find_having(offer, [&](std::size_t place, const NeedAnswer& answer) {
            found[finder.hosts()[place].name] =
                std::string(name(answer.need)) + ": " + answer.reason;
        });
        return found;
    }

    TempFolder folder_{fs::temp_directory_path(), "scans"};
    store::Database database_{folder_.path() / "db", migrations()};
    HostStore hosts_{database_};
    ScanStore scans_{database_};
};

TEST_F(ScanStoreTest, the_hosts_that_have_a_package_of_an_offer_are_told_of_alone) {
    scan("a", "1");
    scan("c", "2");
    const auto all = needs();
    ASSERT_GE(all.size(), 3U) << "one host was never scanned";
    EXPECT_EQ(needs_of_having(), all);
    const std::string later = "2026-12-23T12:00:00Z";
    EXPECT_EQ(needs_of_having(later), needs(later)) << "a scan that is too old says nothing";
}

TEST_F(ScanStoreTest, keeps_the_newest_whole_scan) {
    scan("a", "1");
    EXPECT_EQ(scans_.packages("a").size(), 2U);
    EXPECT_EQ(scans_.facts("a").at("kernel"), "6.1.0-32-amd64");
    EXPECT_EQ(scans_.status("a").scanned, noon);
    scans_.record("a",
                  read_scan(calm_answer({package_line("nginx", "2"),
                                         package_line("torn", "1", "amd64", "deb", "unpacked")})),
                  "2026-11-24T12:00:00Z");
    EXPECT_THAT(scans_.packages("a"),
                ElementsAre(InstalledPackage{"nginx", "amd64", "2", "deb", ""},
                            InstalledPackage{"torn", "amd64", "1", "deb", "unpacked"}));
    EXPECT_THAT(scans_.hosts_with("nginx", "1"), IsEmpty());
    EXPECT_THAT(scans_.hosts_with("nginx", "2"), ElementsAre("a"));
    EXPECT_EQ(scans_.summaries().at("a").os_name, "Debian GNU/Linux 12 (bookworm)");
}

TEST_F(ScanStoreTest, an_attempt_that_failed_makes_the_host_unknown_and_its_scan_old) {
    scan("a", "2");
    EXPECT_EQ(needs().at("a"), "not-needed: has nginx 2");
    scans_.record_failure("a", ScanOutcome::unreachable, "no route", "2026-11-25T12:00:00Z");
    const ScanStatus status = scans_.status("a");
    EXPECT_EQ(status.outcome, ScanOutcome::unreachable);
    EXPECT_EQ(status.scanned, noon);
    EXPECT_EQ(scans_.packages("a").size(), 2U) << "it is shown, as old";
    EXPECT_EQ(needs("2026-11-25T13:00:00Z").at("a"),
              "unknown: not reachable 60 minutes ago; last scanned 2 days ago");
    scan("a", "2", "2026-11-26T12:00:00Z");
    EXPECT_THAT(needs("2026-11-26T12:00:00Z").at("a"), HasSubstr("not-needed"));
}

TEST_F(ScanStoreTest, every_host_is_told_of_and_what_was_never_seen_is_unknown) {
    scan("a", "1");
    scan("c", "2");
    scans_.record_failure("b", ScanOutcome::failed, "its answer is not whole", noon);
    const auto found = needs();
    EXPECT_EQ(found.size(), 3U);
    EXPECT_EQ(found.at("a"), "needed: nginx 1 → 2");
    EXPECT_EQ(found.at("b"), "unknown: the scan failed less than a minute ago; never scanned");
    EXPECT_EQ(found.at("c"), "not-needed: has nginx 2");
    EXPECT_EQ(needs(noon, "c").size(), 1U);
    EXPECT_THROW(needs(noon, "d"), Error);
    EXPECT_EQ(needs("2026-12-01T12:00:00Z").at("c"), "unknown: its scan is 8 days old");
}

TEST_F(ScanStoreTest, hosts_that_are_gone_or_removed_are_not_asked_but_keep_what_they_have) {
    scan("a", "1");
    scan("b", "1");
    Host a;
    a.name = "a";
    database_.transaction([&] { hosts_.import_inside({"s", {a}, false, false}, noon); });
    EXPECT_EQ(needs().size(), 1U);
    EXPECT_THAT(scans_.hosts_with("nginx", "1"), ElementsAre("a", "b"));
    database_.transaction([&] { hosts_.remove_inside("b"); });
    EXPECT_THAT(scans_.hosts_with("nginx", "1"), ElementsAre("a"));
    scan("b", "1");
    scans_.record_failure("b", ScanOutcome::failed, "x", noon);
    EXPECT_EQ(scans_.statuses().size(), 2U) << "what is not in the inventory is passed over";
    EXPECT_EQ(scans_.status("b").outcome, ScanOutcome::never);
}

TEST_F(ScanStoreTest, what_was_seen_since_the_scan_is_noted_and_the_rest_stays) {
    scan("a", "1");
    scans_.note("a", {{"nginx", "", "2", "deb", ""},
                      {"new", "all", "7", "deb", ""},
                      {"nowhere", "", "1", "deb", ""}});
    EXPECT_THAT(scans_.packages("a"),
                ElementsAre(InstalledPackage{"bash", "amd64", "5", "deb", ""},
                            InstalledPackage{"new", "all", "7", "deb", ""},
                            InstalledPackage{"nginx", "amd64", "2", "deb", ""}));
    EXPECT_EQ(needs().at("a"), "not-needed: has nginx 2");
    EXPECT_EQ(scans_.status("a").scanned, noon) << "a few packages are no scan";
    scans_.note("a", {{"nginx", "", "1", "deb", "unpacked"},
                      {"new", "", "", "deb", ""},
                      {"bash", "", "", "deb", "half-installed"}});
    EXPECT_THAT(scans_.packages("a"),
                ElementsAre(InstalledPackage{"bash", "amd64", "5", "deb", ""},
                            InstalledPackage{"nginx", "amd64", "1", "deb", "unpacked"}));
    EXPECT_THAT(scans_.hosts_with("new", "7"), IsEmpty());
}

TEST_F(ScanStoreTest,
       nothing_is_noted_of_a_host_without_a_whole_scan_or_of_a_package_for_two_architectures) {
    scans_.record_failure("b", ScanOutcome::unreachable, "no route", noon);
    for (const char* host : {"b", "c", "d"})
        scans_.note(host, {{"nginx", "amd64", "2", "deb", ""}});
    EXPECT_THAT(scans_.hosts_with("nginx", "2"), IsEmpty());
    scans_.record(
        "a", read_scan(calm_answer({package_line("libz", "1"), package_line("libz", "1", "i386")})),
        noon);
    scans_.note("a", {{"libz", "amd64", "2", "deb", ""}});
    EXPECT_THAT(scans_.hosts_with("libz", "1"), ElementsAre("a"));
    EXPECT_THAT(scans_.hosts_with("libz", "2"), IsEmpty());
}

TEST_F(ScanStoreTest, packages_are_stored_once_for_all_hosts) {
    for (const char* host : {"a", "b", "c"}) scan(host, "1");
    EXPECT_EQ(database_.query_one("SELECT count(*) AS n FROM inventory_packages")->integer("n"), 2);
    EXPECT_EQ(database_.query_one("SELECT count(*) AS n FROM inventory_installed")->integer("n"),
              6);
}

}  // namespace
}  // namespace patchlab::inventory
