// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rollout/push/noting_deployer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/inventory/host_store.hpp"
#include "platform/core/files.hpp"
#include "tests/unit/orchestrator/inventory/answers.hpp"

namespace patchlab::rollout {
namespace {

using inventory::InstalledPackage;
using testing::ElementsAre;

/// Says of each host what the test wants it to say.
class SayingDeployer final : public Deployer {
  public:
    explicit SayingDeployer(std::map<std::string, Observation> says) : says_(std::move(says)) {}
    void carry_out(const Order&, const HostAnswered& answered) override {
        for (const auto& [host, seen] : says_) answered(host, seen);
    }

  private:
    std::map<std::string, Observation> says_;
};

Observation seen(std::optional<std::map<std::string, std::string>> installed) {
    Observation observation;
    observation.answer = Answer::done;
    observation.installed = std::move(installed);
    return observation;
}

TEST(NotingDeployer, what_it_sees_of_packages_stands_in_the_inventory_and_is_passed_on) {
    const std::string noon = "2026-11-25T12:00:00Z";
    const TempFolder folder(fs::temp_directory_path(), "noting");
    store::Database database(folder.path() / "db", inventory::migrations());
    inventory::HostStore hosts(database);
    inventory::ImportRequest request{"s", {}, false, false};
    for (const char* name : {"a", "b", "c"}) {
        request.hosts.emplace_back();
        request.hosts.back().name = name;
    }
    database.transaction([&] { hosts.import_inside(request, noon); });
    inventory::ScanStore scans(database);
    for (const char* host : {"a", "b", "c"})
        scans.record(host,
                     inventory::read_scan(inventory::tests::calm_answer(
                         {inventory::tests::package_line("nginx", "1")})),
                     noon);

    NotingDeployer deployer(std::make_unique<SayingDeployer>(std::map<std::string, Observation>{
                                {"a", seen({{{"nginx", "2"}, {"nginx-data", "2"}}})},
                                {"b", seen({{{"nginx", "2 (unpacked)"}, {"nginx-data", ""}}})},
                                {"c", seen(std::nullopt)}}),
                            database);
    Order order;
    order.step = Step::install;
    for (const char* host : {"a", "b", "c"})
        order.hosts.push_back(
            {host,
             {{"nginx", "amd64", "deb", "2", "", ""}, {"nginx-data", "all", "deb", "2", "", ""}},
             {},
             false});
    std::vector<std::string> told;
    deployer.carry_out(order,
                       [&](const std::string& host, const Observation&) { told.push_back(host); });

    EXPECT_THAT(told, ElementsAre("a", "b", "c"));
    EXPECT_THAT(scans.packages("a"),
                ElementsAre(InstalledPackage{"nginx", "amd64", "2", "deb", ""},
                            InstalledPackage{"nginx-data", "all", "2", "deb", ""}));
    EXPECT_THAT(scans.packages("b"),
                ElementsAre(InstalledPackage{"nginx", "amd64", "2", "deb", "unpacked"}));
    EXPECT_THAT(scans.packages("c"),
                ElementsAre(InstalledPackage{"nginx", "amd64", "1", "deb", ""}))
        << "what could not be observed changes nothing";
}

}  // namespace
}  // namespace patchlab::rollout
