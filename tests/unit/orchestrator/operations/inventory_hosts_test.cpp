// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/operations/inventory_hosts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/inventory/scan_store.hpp"
#include "platform/core/files.hpp"
#include "tests/unit/orchestrator/inventory/answers.hpp"

namespace patchlab::operations {
namespace {

using inventory::tests::calm_answer;
using inventory::tests::package_line;
using testing::ElementsAre;

constexpr std::array<bool, 7> all_days{true, true, true, true, true, true, true};

class InventoryHostsTest : public testing::Test {
  protected:
    InventoryHostsTest() {
        entry_.id = "e-1";
        catalog::EntryPackage package;
        package.name = "nginx";
        package.architecture = "amd64";
        package.after.version = "2";
        package.before = {{"nginx_1_amd64.deb", "1", "", 0}};
        entry_.packages = {package};
    }
    void take_in(const std::vector<std::string>& names) {
        database_.transaction([&] {
            inventory::HostStore(database_).put_windows_inside(
                {{"night", {"UTC", all_days, 22 * 60, 4 * 60, {}}}}, "x");
        });
        inventory::ImportRequest request{"s", {}, false, false};
        for (const std::string& name : names) {
            inventory::Host host;
            host.name = name;
            host.groups = {"web"};
            if (name == "low") host.criticality = assessment::Criticality::business_operational;
            if (name == "low") host.window = "night";
            request.hosts.push_back(host);
        }
        database_.transaction([&] {
            inventory::HostStore(database_).import_inside(request, to_rfc3339(clock_.now()));
        });
    }
    void scan(const std::string& host, const std::string& version,
              const std::string& architecture = "amd64") {
        inventory::ScanStore(database_).record(
            host, inventory::read_scan(calm_answer({package_line("nginx", version, architecture)})),
            to_rfc3339(clock_.now()));
    }

    TempFolder folder_{fs::temp_directory_path(), "hosts"};
    SystemClock clock_;
    store::Database database_{folder_.path() / "db", inventory::migrations()};
    InventoryLookup lookup_{database_, clock_};
    InventoryHosts hosts_{database_, clock_};
    catalog::Entry entry_;
};

TEST_F(InventoryHostsTest, the_catalog_is_told_who_has_a_version_and_how_many_nobody_knows_of) {
    EXPECT_EQ(lookup_.hosts_with("nginx", "1"), std::nullopt) << "no inventory";
    take_in({"a", "b", "low"});
    EXPECT_EQ(lookup_.hosts_with("nginx", "1"), std::nullopt) << "nobody was ever scanned";
    scan("a", "1");
    scan("b", "2");
    EXPECT_EQ(lookup_.hosts_with("nginx", "1"), std::vector<std::string>{"a"});
    EXPECT_EQ(lookup_.hosts_with("nginx", "3"), std::vector<std::string>{});
    EXPECT_EQ(lookup_.unknown_hosts(), 1U);
}

TEST_F(InventoryHostsTest, a_rollout_gets_every_host_with_what_it_needs) {
    take_in({"a", "arm", "b", "low", "vanished"});
    scan("a", "1");
    scan("b", "2");
    scan("arm", "1", "arm64");
    scan("vanished", "1");
    take_in({"a", "arm", "b", "low"});
    std::map<std::string, rollout::HostFacts> found;
    for (const rollout::HostFacts& host : hosts_.hosts(entry_)) found[host.name] = host;
    EXPECT_EQ(found.size(), 4U) << "one is gone";
    EXPECT_EQ(found.at("a").need, assessment::Need::needed);
    EXPECT_EQ(found.at("a").criticality, assessment::Criticality::mission_critical)
        << "nobody said";
    EXPECT_EQ(found.at("b").need, assessment::Need::not_needed);
    EXPECT_EQ(found.at("low").need, assessment::Need::unknown);
    EXPECT_EQ(found.at("low").criticality, assessment::Criticality::business_operational);
    EXPECT_EQ(found.at("low").window, "night");
    EXPECT_THAT(found.at("low").groups, ElementsAre("web"));
    EXPECT_EQ(found.at("arm").need, assessment::Need::not_needed) << "this entry is not for it";
}

TEST_F(InventoryHostsTest, windows_mean_in_a_rollout_what_they_say_in_the_inventory) {
    database_.transaction([&] {
        inventory::HostStore(database_).put_windows_inside(
            {{"night", {"Europe/Zurich", {true, true}, 22 * 60 + 30, 4 * 60, {"2026-12-24"}}},
             {"any", {"UTC", all_days, 0, 0, {}}}},
            "x");
    });
    const assessment::Windows windows = hosts_.windows();
    EXPECT_EQ(assessment::describe(windows.at("night")), "mon-tue 22:30-04:00 Europe/Zurich");
    EXPECT_EQ(windows.at("night").except.count("2026-12-24"), 1U);
    EXPECT_EQ(assessment::describe(windows.at("any")), "mon-sun 00:00-00:00 UTC");
}

TEST(OfferOfAPatch, holds_every_version_it_replaced) {
    intake::Patch patch;
    patch.id = "nginx_2";
    patch.advisories = {"CVE-2026-0001"};
    patch.packages.resize(2);
    patch.packages[0].name = patch.packages[1].name = "nginx";
    patch.packages[0].from = "1";
    patch.packages[0].to = patch.packages[1].to = "2";
    const inventory::Offer offer = offer_of(patch);
    EXPECT_EQ(offer.kind, "patch");
    EXPECT_THAT(offer.packages.at(0).from, ElementsAre("1"));
    EXPECT_TRUE(offer.packages.at(1).from.empty());
    EXPECT_THAT(offer.advisories, ElementsAre("CVE-2026-0001"));
}

}  // namespace
}  // namespace patchlab::operations
