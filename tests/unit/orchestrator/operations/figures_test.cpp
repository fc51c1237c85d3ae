// SPDX-License-Identifier: Apache-2.0
//
// What monitoring, the page of today and those who answer for the process are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "orchestrator/operations/operation.hpp"
#include "orchestrator/operations/prometheus_text.hpp"
#include "orchestrator/pipeline/run/run_store.hpp"
#include "platform/core/error.hpp"
#include "tests/unit/orchestrator/operations/session_fixture.hpp"

namespace patchlab::operations {
namespace {

using governance::Role;
using testing::HasSubstr;

class Figures : public SessionTest {
  protected:
    void add_run(const std::string& id, const std::string& progress, const std::string& verdict,
                 const std::string& requested, const std::string& finished) {
        Session session = session_of("");
        pipeline::RunStore(session.state(), session.database())
            .record({id,
                     "rehearse",
                     "web",
                     {"nginx_2"},
                     progress,
                     "judge",
                     verdict,
                     "tess",
                     requested,
                     finished});
    }
    bool has_promtool() const {
        return std::system("command -v promtool >/dev/null 2>&1") == 0;  // NOLINT
    }
    int promtool(const std::string& words, const std::string& input) const {
        const fs::path file = folder_.path() / "promtool-input";
        write_file_atomic(file, input);
        return std::system(("promtool " + words + " <'" + file.string() + "'").c_str());  // NOLINT
    }
};

TEST(PrometheusText, is_what_prometheus_reads) {
    PrometheusText text;
    text.metric("a_total", "counter", "What it counts.");
    text.sample(3, {{"name", "a \"quoted\"\nname\\"}});
    text.histogram("h_seconds", "How long.", {1, 10}, {0.5, 5, 50});
    EXPECT_EQ(text.text(),
              "# HELP a_total What it counts.\n# TYPE a_total counter\n"
              "a_total{name=\"a \\\"quoted\\\"\\nname\\\\\"} 3\n"
              "# HELP h_seconds How long.\n# TYPE h_seconds histogram\n"
              "h_seconds_bucket{le=\"1\"} 1\nh_seconds_bucket{le=\"10\"} 2\n"
              "h_seconds_bucket{le=\"+Inf\"} 3\nh_seconds_sum 55.5\nh_seconds_count 3\n");
}

TEST_F(Figures, count_runs_and_say_nothing_that_nobody_knows) {
    add_run("r-20261130-0001", "finished", "rejected", "2026-11-30T00:00:00Z",
            "2026-11-30T00:05:00Z");
    add_run("r-20261130-0002", "queued", "", "2026-11-30T00:00:00Z", "");
    const std::string text = ask("", "metrics.show").at("text").get<std::string>();
    EXPECT_THAT(text, HasSubstr("patchlab_runs{state=\"finished\",verdict=\"rejected\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("patchlab_queued_runs 1\n"));
    EXPECT_THAT(text, HasSubstr("patchlab_run_duration_seconds_bucket{le=\"300\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("patchlab_audit_rows_total"));
    EXPECT_THAT(text, testing::Not(HasSubstr("r-2026"))) << "no ids";
    if (!find("patch.rank")) {
        EXPECT_THAT(text, testing::Not(HasSubstr("overdue")));
    }
    if (has_promtool()) {
        EXPECT_EQ(promtool("check metrics", text), 0);
    }
}

TEST_F(Figures, the_alert_rules_and_the_dashboard_name_metrics_that_there_are) {
    add_run("r-20261130-0001", "finished", "rejected", "2026-11-30T00:00:00Z",
            "2026-11-30T00:05:00Z");
    const std::string text = ask("", "metrics.show").at("text").get<std::string>();
    std::set<std::string> known{"patchlab_overdue_hosts", "patchlab_overdue_patches"};
    for (std::size_t at = text.find("# TYPE "); at != std::string::npos;
         at = text.find("# TYPE ", at + 1))
        known.insert(text.substr(at + 7, text.find(' ', at + 7) - at - 7));
    known.insert("patchlab_run_duration_seconds_bucket");
    // of what an empty installation has none
    known.insert("patchlab_audit_head_timestamp_seconds");
    for (const char* name : {"alerts.yaml", "grafana-dashboard.json"}) {
        const std::string file = read_file(fs::path(PATCHLAB_SHARE) / name);
        std::size_t found = 0;
        for (std::size_t at = file.find("patchlab_"); at != std::string::npos;
             at = file.find("patchlab_", at + 1), ++found) {
            const std::size_t end = file.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at);
            EXPECT_TRUE(known.contains(file.substr(at, end - at)))
                << name << ": " << file.substr(at, end - at);
        }
        EXPECT_GT(found, 8U) << name;
    }
    EXPECT_NO_THROW(parse_json(read_file(fs::path(PATCHLAB_SHARE) / "grafana-dashboard.json"),
                               "the dashboard"));
    if (has_promtool()) {
        EXPECT_EQ(
            promtool("check rules " + (fs::path(PATCHLAB_SHARE) / "alerts.yaml").string(), ""), 0);
    }
}

TEST_F(Figures, health_is_told_to_strangers_and_nothing_else) {
    Session session = session_of("");
    session.work_for({{"front", 999, "unix-socket"}, "", std::nullopt, ""});
    NoEvents events;
    const Outcome outcome = invoke(session, events, "service.health", Json::object());
    EXPECT_EQ(outcome.document.at("ready"), true);
    EXPECT_EQ(outcome.exit, 0);
}

TEST_F(Figures, each_period_counts_what_ended_in_it) {
    add_run("r-20261001-0001", "finished", "validated", "2026-10-01T00:00:00Z",
            "2026-10-31T23:59:59Z");
    add_run("r-20261101-0001", "finished", "rejected", "2026-10-31T00:00:00Z",
            "2026-11-01T00:00:00Z");
    add_run("r-20261101-0002", "running", "", "2026-11-01T00:00:00Z", "");
    const Json document =
        ask("", "management.show", {{"from", "2026-09-01"}, {"to", "2026-12-01"}});
    const Json& periods = document.at("periods");
    ASSERT_EQ(periods.size(), 3U) << "months in which nothing happened, too";
    EXPECT_EQ(periods[0].at("period"), "2026-09");
    EXPECT_EQ(periods[1].at("verdicts").at("validated"), 1);
    EXPECT_EQ(periods[2].at("rehearsed"), 1);
    EXPECT_EQ(periods[2].at("verdicts").at("rejected"), 1);
    EXPECT_TRUE(periods[2].at("median_days_to_last_ring").is_null());
    EXPECT_EQ(document.at("caught").at(0).at("run"), "r-20261101-0001");
    EXPECT_TRUE(document.at("mission_critical").at("share").is_null()) << "no such host";
    const Json quarters = ask("", "management.show",
                              {{"from", "2026-01-01"}, {"to", "2027-01-01"}, {"by", "quarter"}})
                              .at("periods");
    ASSERT_EQ(quarters.size(), 4U);
    EXPECT_EQ(quarters[3].at("period"), "2026-Q4");
    EXPECT_EQ(quarters[3].at("rehearsed"), 2);
    EXPECT_THROW(ask("", "management.show", {{"from", "2026-12-01"}, {"to", "2026-11-01"}}), Error);
}

TEST_F(Figures, today_shows_what_runs_and_what_failed) {
    add_user("rhea", {Role::release_manager});
    Session session = session_of("");
    const std::string now = session.governance().now();
    add_run("r-20261130-0001", "queued", "", now, "");
    add_run("r-20261130-0002", "finished", "rejected", now, now);
    add_run("r-20200101-0001", "finished", "rejected", "2020-01-01T00:00:00Z",
            "2020-01-01T00:00:00Z");
    const Json today = ask("rhea", "overview.show");
    EXPECT_EQ(today.at("user"), "rhea");
    ASSERT_EQ(today.at("running").size(), 1U);
    EXPECT_EQ(today.at("running").at(0).at("id"), "r-20261130-0001");
    ASSERT_EQ(today.at("failed").size(), 1U) << "what failed long ago is no news";
    EXPECT_EQ(today.at("failed").at(0).at("id"), "r-20261130-0002");
    EXPECT_THROW(ask("mallory", "overview.show"), Error);
}

}  // namespace
}  // namespace patchlab::operations
