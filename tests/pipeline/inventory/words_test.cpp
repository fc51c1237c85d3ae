// SPDX-License-Identifier: Apache-2.0
//
// The inventory by the words of the command line alone, from a file to what each host needs. Scans
// run the real Ansible on this machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/inventory/scan_store.hpp"
#include "platform/core/clock.hpp"
#include "platform/core/files.hpp"
#include "tests/support/program.hpp"
#include "tests/unit/orchestrator/inventory/answers.hpp"

namespace patchlab::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class InventoryWords : public testing::Test {
  protected:
    std::string file(const std::string& name, const std::string& text) {
        write_file_atomic(folder_.path() / name, text);
        return (folder_.path() / name).string();
    }
    Json json(std::vector<std::string> words, int exit = 0) {
        words.emplace_back("--json");
        const auto result = lab_.run(words);
        EXPECT_EQ(result.exit_code, exit) << result.err;
        return parse_json(result.out, "the output");
    }
    void take_in(const std::string& table) {
        const auto result = lab_.run({"inventory", "import", file("hosts.csv", table)});
        ASSERT_EQ(result.exit_code, 0) << result.err;
    }
    /// A package that every Debian has, in a version that none has yet, as a candidate patch.
    void offer_newer_bash() {
        const auto added =
            lab_.run({"patch", "add", build_deb(folder_.path(), "bash", "99:1").string()});
        ASSERT_EQ(added.exit_code, 0) << added.err;
    }

    PlayedLab lab_;
    TempFolder folder_{fs::temp_directory_path(), "words"};
};

TEST_F(InventoryWords, take_hosts_in_all_or_none_and_record_it) {
    const auto windows = lab_.run({"inventory", "window", "add",
                                   file("w.yaml",
                                        "schema: patchlab/windows/v1\nwindows:\n  night: { zone: "
                                        "Europe/Zurich, from: \"22:00\", to: \"04:00\" }\n")});
    ASSERT_EQ(windows.exit_code, 0) << windows.err;
    take_in("name,groups,window,criticality\na,web,night,business-critical\nb,web,,\n");
    const auto wrong =
        lab_.run({"inventory", "import",
                  file("hosts.csv", "name,groups,window\na,changed,night\nc,web,nigth\n")});
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_THAT(
        wrong.err,
        HasSubstr("hosts.csv:3: /window: there is no window 'nigth'; did you mean 'night'?"));
    const Json hosts = json({"inventory", "list"}).at("hosts");
    ASSERT_EQ(hosts.size(), 2U);
    EXPECT_EQ(hosts.at(0).at("groups"), Json::array({"web"}))
        << "nothing of a wrong file is taken in";
    EXPECT_EQ(json({"inventory", "groups"}).at("groups"),
              Json::array({{{"name", "web"}, {"hosts", 2}, {"host_count", 2}}}));
    EXPECT_EQ(hosts.at(1).at("counts_as"), "mission-critical");
    EXPECT_EQ(hosts.at(1).at("reboot"), "unknown");
    take_in("name\na\n");
    EXPECT_FALSE(json({"inventory", "show", "b"}).at("gone").is_null());
    EXPECT_EQ(lab_.run({"inventory", "import", "--prune", (folder_.path() / "hosts.csv").string()})
                  .exit_code,
              0);
    EXPECT_EQ(lab_.run({"inventory", "show", "b"}).exit_code, 2);
    EXPECT_EQ(lab_.run({"inventory", "remove", "a"}).exit_code, 0);
    EXPECT_EQ(lab_.run({"inventory", "window", "remove", "night"}).exit_code, 0);
    const std::string trail = lab_.run({"audit", "list"}).out;
    for (const char* action :
         {"windows-added", "inventory-imported", "host-removed", "window-removed"})
        EXPECT_THAT(trail, HasSubstr(action));
    EXPECT_EQ(lab_.run({"audit", "verify"}).exit_code, 0);
}

TEST_F(InventoryWords, only_those_who_may_change_it) {
    lab_.add_people();
    const std::string table = file("hosts.csv", "name\na\n");
    EXPECT_EQ(lab_.run({"--as", "tess", "inventory", "import", table}).exit_code, 4);
    EXPECT_EQ(lab_.run({"--as", "bob", "inventory", "import", table}).exit_code, 0);
    EXPECT_EQ(lab_.run({"--as", "tess", "inventory", "remove", "a"}).exit_code, 4);
    EXPECT_EQ(lab_.run({"user", "add", "vera", "--role", "viewer"}).exit_code, 0);
    EXPECT_EQ(lab_.run({"--as", "vera", "inventory", "scan"}).exit_code, 4);
    EXPECT_EQ(lab_.run({"--as", "vera", "inventory", "list"}).exit_code, 0);
}

TEST_F(InventoryWords, a_scan_tells_what_each_host_needs_and_the_unreachable_stay_unknown) {
    take_in(
        "name,groups,ansible_connection,ansible_host\nhere,near,local,\naway,far,,host.invalid\n");
    const Json scan = json({"inventory", "scan"}, 3);
    EXPECT_EQ(scan.at("scanned"), 1);
    EXPECT_EQ(scan.at("not_scanned"), 1);
    const Json here = json({"inventory", "show", "here"});
    EXPECT_GT(here.at("packages").size(), 50U);
    EXPECT_EQ(here.at("scan").at("current"), true);
    EXPECT_EQ(here.at("facts").at("boot_id").get<std::string>() + "\n",
              read_file("/proc/sys/kernel/random/boot_id"));
    const Json away = json({"inventory", "show", "away"});
    EXPECT_EQ(away.at("scan").at("outcome"), "unreachable");
    EXPECT_TRUE(away.at("facts").is_null());

    offer_newer_bash();
    const Json needed = json({"inventory", "needed", "--patch", "bash_1"});
    ASSERT_EQ(needed.at("items").size(), 1U) << needed.dump(2);
    EXPECT_EQ(needed.at("items").at(0).at("host"), "here");
    EXPECT_EQ(needed.at("items").at(0).at("need"), "needed");
    EXPECT_EQ(needed.at("unknown_hosts").at(0).at("host"), "away");
    EXPECT_EQ(needed.at("offers").at(0).at("unknown"), 1);
    EXPECT_EQ(json({"inventory", "show", "here"}).at("needs").at(0).at("id"), "bash_1");
    EXPECT_THAT(lab_.run({"inventory", "needed"}).out,
                testing::AllOf(HasSubstr("needed"), HasSubstr("away"), HasSubstr("unknown")));
    EXPECT_TRUE(json({"inventory", "needed", "--group", "far"}).at("items").empty());
    EXPECT_EQ(json({"inventory", "needed", "--max-age", "0"}).at("unknown_hosts").size(), 2U)
        << "an older scan says nothing";
    const auto cve = lab_.run({"inventory", "needed", "--cve", "CVE-2026-9999"});
    EXPECT_EQ(cve.exit_code, 2) << "nobody knows is not nobody has it";
    EXPECT_THAT(cve.err, HasSubstr("unknown"));
}

TEST_F(InventoryWords, the_catalog_asks_the_inventory_who_has_what_it_takes_back) {
    const std::string run = lab_.approved_run();
    take_in("name,ansible_connection\nhere,local\nnever,\n");
    ASSERT_EQ(lab_.run({"inventory", "scan", "here"}).exit_code, 0);
    ASSERT_EQ(lab_.run({"--as", "bob", "catalog", "add", run}).exit_code, 0);
    const std::string id = json({"catalog", "list"}).at("entries").at(0).at("id");
    const Json needed = json({"inventory", "needed", "--entry", id, "--all"});
    EXPECT_EQ(needed.at("items").at(0).at("need"), "not-needed")
        << "this machine has no package hello";
    const auto withdrawn =
        lab_.run({"--as", "bob", "catalog", "withdraw", id, "--reason", "it broke", "--json"});
    ASSERT_EQ(withdrawn.exit_code, 0) << withdrawn.err;
    const Json told = parse_json(withdrawn.out, "the output");
    EXPECT_EQ(told.at("hosts"), Json::array());
    EXPECT_EQ(told.at("unknown_hosts"), 1) << "one was never scanned";
}

/// A host with the old package, as a scan would have found it.
TEST_F(InventoryWords, what_was_taken_back_is_shown_with_why_and_never_recommended) {
    const std::string run = lab_.approved_run();
    take_in("name,ansible_connection\nhere,local\n");
    {
        const SystemClock clock;
        store::Database database(lab_.state() / "patchlab.db", inventory::migrations());
        inventory::ScanStore(database).record(
            "here",
            inventory::read_scan(
                inventory::tests::calm_answer({inventory::tests::package_line("hello", "1.0")})),
            to_rfc3339(clock.now()));
    }
    EXPECT_EQ(json({"inventory", "needed"}).at("items").at(0).at("id"), "hello_2.0");
    ASSERT_EQ(lab_.run({"--as", "bob", "catalog", "add", run}).exit_code, 0);
    const std::string id = json({"catalog", "list"}).at("entries").at(0).at("id");
    EXPECT_EQ(json({"inventory", "needed"}).at("items").at(0).at("id"), id);
    ASSERT_EQ(lab_.run({"--as", "bob", "catalog", "withdraw", id, "--reason", "it broke web-3"})
                  .exit_code,
              0);
    const Json needed = json({"inventory", "needed"});
    EXPECT_TRUE(needed.at("items").empty()) << "the patch holds the very packages";
    EXPECT_EQ(needed.at("taken_back").at(0).at("id"), "hello_2.0");
    EXPECT_EQ(needed.at("taken_back").at(0).at("taken_back").at("state"), "withdrawn");
    EXPECT_THAT(lab_.run({"inventory", "needed"}).out,
                testing::AllOf(HasSubstr("taken back"), HasSubstr("it broke web-3")));
    const Json host = json({"inventory", "show", "here"});
    EXPECT_TRUE(host.at("needs").empty());
    EXPECT_EQ(host.at("taken_back").size(), 1U);
}

TEST_F(InventoryWords, fidelity_of_a_lab_is_unknown_until_its_hosts_were_scanned) {
    take_in("name,image,ansible_connection\nhere,played,local\nother,another,\n");
    const Json before = json({"inventory", "fidelity", "--lab", "shop"});
    ASSERT_EQ(before.at("hosts").size(), 1U) << "the other one was built from another image";
    EXPECT_EQ(before.at("hosts").at(0).at("known"), false);
    EXPECT_TRUE(before.at("score").is_null());
    ASSERT_EQ(lab_.run({"inventory", "scan", "here"}).exit_code, 0);
    const Json after =
        json({"inventory", "fidelity", "--lab", "shop", "--packages"}).at("hosts").at(0);
    EXPECT_EQ(after.at("surplus"), 2) << "hello and other are in the image alone";
    EXPECT_GT(after.at("missing").get<int>(), 50);
    EXPECT_LT(after.at("score").get<double>(), 1);
    EXPECT_THAT(lab_.run({"inventory", "fidelity", "--lab", "shop", "--host", "other"}).out,
                HasSubstr("never scanned"));
}

}  // namespace
}  // namespace patchlab::tests
