// SPDX-License-Identifier: Apache-2.0
//
// What the database chooses is what would have been chosen from the whole list.
#include "orchestrator/operations/listing.hpp"

#include <gtest/gtest.h>

#include "orchestrator/inventory/host_store.hpp"
#include "orchestrator/inventory/scan_store.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "tests/unit/orchestrator/operations/session_fixture.hpp"

namespace patchlab::operations {
namespace {

class Lists : public SessionTest {
  protected:
    void add_runs() {
        Session session = session_of("");
        pipeline::RunStore runs(session.state(), session.database());
        const char* verdicts[] = {"validated", "rejected", "", "needs-review"};
        for (int i = 0; i < 40; ++i) {
            const std::string number = std::to_string(1000 + i), verdict = verdicts[i % 4];
            runs.record({"r-20261130-" + number,
                         "rehearse",
                         i % 3 == 0 ? "shop" : "mail",
                         {"p-" + std::to_string(i % 5), "p-9"},
                         verdict.empty() ? "cancelled" : "finished",
                         "clone",
                         verdict,
                         i % 2 == 0 ? "tess" : "root",
                         "2026-11-30T12:00:" + number.substr(2) + "Z",
                         verdict.empty() ? "" : "2026-11-30T13:00:00Z"});
        }
    }
    void add_hosts() {
        Session session = session_of("");
        std::vector<inventory::Host> hosts;
        for (int i = 0; i < 40; ++i) {
            inventory::Host host;
            host.name = "h" + std::to_string(1000 + i * 7 % 40);
            host.groups = {i % 2 == 0 ? "web" : "db", "all-of-them"};
            if (i % 3 == 0) host.criticality = assessment::Criticality::business_critical;
            hosts.push_back(std::move(host));
        }
        session.database().transaction([&] {
            inventory::HostStore(session.database())
                .import_inside({"a", hosts, false, false}, "2026-11-30T12:00:00Z");
        });
        inventory::ScanStore(session.database())
            .record_failure("h1003", inventory::ScanOutcome::unreachable, "no route",
                            "2026-11-30T12:00:00Z");
    }
    void expect_same(const char* operation, const Json& filter, const Json& besides = {}) {
        Json request = besides.is_object() ? besides : Json::object();
        Json whole = ask("", operation, request);
        request["filter"] = filter;
        const Json chosen = ask("", operation, request);
        narrow(whole, *listing_of(operation), JsonReader(filter, "filter"), clock_.now());
        EXPECT_EQ(chosen, whole) << operation << " " << filter;
    }
};

TEST_F(Lists, of_runs_are_the_same_whoever_chooses) {
    add_runs();
    for (const char* filter :
         {R"({"limit":7})", R"({"where":{"lab":["shop"]},"limit":5})",
          R"({"where":{"verdict":["null","rejected"]}})", R"({"where":{"patches":["p-3","p-4"]}})",
          R"({"sort":"lab","limit":9})", R"({"sort":"-verdict","limit":9})",
          R"({"sort":"verdict"})", R"({"sort":"-created_at","limit":3})",
          R"({"since":"2026-11-30T12:00:31Z"})", R"({"until":"2026-11-30T12:00:05Z","limit":2})",
          R"({"where":{"state":["finished"],"requester":["tess"]},"sort":"id","limit":4})",
          R"({"where":{"lab":["nowhere"]}})", R"({"sort":"patches","limit":4})"})
        expect_same("run.list", parse_json(filter, "filter"));
    EXPECT_EQ(ask("", "run.list", {{"filter", {{"limit", 7}}}}).at("runs").size(), 7U);
    EXPECT_THROW(ask("", "run.list", {{"filter", {{"sort", "colour"}}}}), Error);
    EXPECT_THROW(ask("", "run.list", {{"filter", {{"since", "soon"}}}}), Error);
}

TEST_F(Lists, of_hosts_are_the_same_whoever_chooses) {
    add_hosts();
    for (const char* filter :
         {R"({"limit":7})", R"({"sort":"name","limit":5})", R"({"sort":"-name","limit":5})",
          R"({"where":{"groups":["web"]},"limit":6})", R"({"where":{"name":["h1003","h1004"]}})",
          R"({"where":{"counts_as":["mission-critical"]},"sort":"counts_as","limit":4})",
          R"({"where":{"reboot":["unknown"]},"limit":4})"}) {
        expect_same("inventory.list", parse_json(filter, "filter"));
        expect_same("inventory.list", parse_json(filter, "filter"), {{"groups", {"db"}}});
        expect_same("inventory.list", parse_json(filter, "filter"),
                    {{"criticality", "business-critical"}});
        expect_same("inventory.list", parse_json(filter, "filter"), {{"hosts", {"h1003"}}});
    }
    const Json wrong{{"groups", {"nobody"}}, {"filter", {{"limit", 1}}}};
    EXPECT_THROW(ask("", "inventory.list", wrong), Error);
    const Json missing{{"hosts", {"nobody"}}, {"filter", {{"limit", 1}}}};
    EXPECT_THROW(ask("", "inventory.list", missing), Error);
}

}  // namespace
}  // namespace patchlab::operations
