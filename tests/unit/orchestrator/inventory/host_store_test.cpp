// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/inventory/host_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::inventory {
namespace {

using assessment::Criticality;

using testing::ElementsAre;
using testing::HasSubstr;

class HostStoreTest : public testing::Test {
  protected:
    static Host host(const std::string& name, std::vector<std::string> groups = {}) {
        Host host;
        host.name = name;
        host.groups = std::move(groups);
        return host;
    }
    ImportOutcome take_in(const std::vector<Host>& hosts, const std::string& source = "a",
                          bool prune = false, bool take_over = false) {
        ImportOutcome outcome;
        database_.transaction([&] {
            outcome =
                store_.import_inside({source, hosts, prune, take_over}, "2026-11-23T12:00:00Z");
        });
        return outcome;
    }
    std::vector<std::string> names(const HostFilter& filter = {}) {
        std::vector<std::string> list;
        for (const Host& host : store_.list(filter)) list.push_back(host.name);
        return list;
    }

    TempFolder folder_{fs::temp_directory_path(), "hosts"};
    store::Database database_{folder_.path() / "db", migrations()};
    HostStore store_{database_};
};

TEST_F(HostStoreTest, keeps_every_word_of_a_host) {
    Host full = host("web1", {"dmz", "web"});
    full.criticality = Criticality::business_critical;
    full.owners = {"alice"};
    full.location = "Zürich";
    full.function = "shop";
    full.image = "debian-12";
    full.tags = {"x"};
    full.variables = {{"ansible_port", 2222}};
    take_in({full, host("plain")});
    EXPECT_EQ(description(store_.get("web1")), description(full));
    EXPECT_EQ(store_.get("web1").source, "a");
    EXPECT_EQ(description(store_.get("plain")), description(host("plain")));
    EXPECT_THAT(names(), ElementsAre("plain", "web1"));
    EXPECT_THAT(store_.groups(), ElementsAre(std::pair("dmz", 1), std::pair("web", 1)));
}

TEST_F(HostStoreTest, an_import_updates_adds_and_marks_what_is_no_longer_named) {
    EXPECT_EQ(take_in({host("a", {"g"}), host("b"), host("c")}).added, 3U);
    const ImportOutcome second = take_in({host("a", {"h"}), host("b"), host("d")});
    EXPECT_EQ(second.added, 1U);
    EXPECT_EQ(second.changed, 1U);
    EXPECT_EQ(second.unchanged, 1U);
    EXPECT_THAT(second.gone, ElementsAre("c"));
    EXPECT_THAT(store_.get("a").groups, ElementsAre("h"));
    EXPECT_EQ(store_.get("c").gone, "2026-11-23T12:00:00Z");
    EXPECT_THAT(names({{}, {}, std::nullopt, false}), ElementsAre("a", "b", "d"));
    const ImportOutcome third = take_in({host("a", {"h"}), host("b"), host("c"), host("d")});
    EXPECT_THAT(third.returned, ElementsAre("c"));
    EXPECT_EQ(store_.get("c").gone, "");
    EXPECT_THAT(take_in({host("a", {"h"})}, "a", true).removed, ElementsAre("b", "c", "d"));
    EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(HostStoreTest, sources_do_not_touch_each_others_hosts) {
    take_in({host("a"), host("b")}, "first");
    EXPECT_TRUE(take_in({host("c")}, "second").gone.empty());
    try {
        take_in({host("a", {"x"}), host("d")}, "second");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::conflict);
        EXPECT_THAT(error.what(), HasSubstr("a (first)"));
    }
    EXPECT_THAT(names(), ElementsAre("a", "b", "c")) << "nothing of a refused import stays";
    EXPECT_TRUE(store_.get("a").groups.empty());
    take_in({host("a", {"x"}), host("c")}, "second", false, true);
    EXPECT_EQ(store_.get("a").source, "second");
    EXPECT_TRUE(take_in({host("b")}, "first").gone.empty()) << "it is the second's now";
}

TEST_F(HostStoreTest, finds_by_name_group_and_criticality_and_names_what_there_is_not) {
    Host low = host("low", {"web"});
    low.criticality = Criticality::business_operational;
    take_in({host("unsaid", {"web"}), low, host("db", {"db"})});
    EXPECT_THAT(names({{}, {"web"}, std::nullopt, true}), ElementsAre("low", "unsaid"));
    EXPECT_THAT(names({{}, {}, Criticality::mission_critical, true}), ElementsAre("db", "unsaid"))
        << "what nobody said is the most critical";
    EXPECT_THAT(names({{"low"}, {}, std::nullopt, true}), ElementsAre("low"));
    EXPECT_THROW(names({{"lowe"}, {}, std::nullopt, true}), Error);
    EXPECT_THROW(names({{}, {"nogroup"}, std::nullopt, true}), Error);
    EXPECT_THROW(store_.get("x"), Error);
    database_.transaction([&] { store_.remove_inside("low"); });
    EXPECT_EQ(store_.count(), 2U);
    EXPECT_THAT(store_.groups(), ElementsAre(std::pair("db", 1), std::pair("web", 1)));
}

TEST_F(HostStoreTest, a_window_that_a_host_names_stays) {
    Host night = host("a");
    night.window = "night";
    EXPECT_THROW(take_in({night}), Error) << "not there yet";
    database_.transaction([&] {
        store_.put_windows_inside({{"night", {"UTC", {true}, 22 * 60, 4 * 60, {}}}, {"day", {}}},
                                  "2026-11-23T12:00:00Z");
    });
    take_in({night});
    EXPECT_EQ(describe(store_.windows().at("night")), "mon 22:00-04:00 UTC");
    EXPECT_THROW(store_.remove_window_inside("night"), Error);
    EXPECT_THROW(store_.remove_window_inside("none"), Error);
    store_.remove_window_inside("day");
    EXPECT_EQ(store_.windows().size(), 1U);
}

}  // namespace
}  // namespace patchlab::inventory
