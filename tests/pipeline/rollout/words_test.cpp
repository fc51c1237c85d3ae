// SPDX-License-Identifier: Apache-2.0
//
// Rollouts by the words of the command line, on simulated hosts; and the program killed with
// SIGKILL at every point of one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "orchestrator/rollout/engine/fail_points.hpp"
#include "platform/core/error.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {
namespace {

using testing::HasSubstr;

class RolloutWords : public testing::Test {
  protected:
    RolloutWords() {
        const std::string run = lab_.approved_run();
        const auto added = bob({"catalog", "add", run, "--old",
                                build_deb(folder_.path(), "hello", "1.0").string(), "--json"});
        EXPECT_EQ(added.exit_code, 0) << added.err;
        entry_ = parse_json(added.out, "entry").at("id").get<std::string>();
        write_file_atomic(definition_,
                          "schema: patchlab/rollout/v1\nname: web\nrings:\n  - { name: first, "
                          "count: 2, soak: 1h, concurrency: 1 }\n  - { "
                          "name: rest, rest: true, soak: 1h, concurrency: 2 }\n");
        play(Json::object());
    }
    void play(const Json& hosts, const std::string& time = "jumps") {
        Json all = Json::object();
        for (int i = 1; i <= 6; ++i) all["web-" + std::to_string(i)] = Json::object();
        all.update(hosts);
        write_json(script_, {{"schema", "patchlab/simulation/v1"},
                             {"time", time},
                             {"default", {{"versions", {{"hello", "1.0"}}}, {"seconds", 0.1}}},
                             {"hosts", all}});
    }
    process::CommandResult bob(std::vector<std::string> words,
                               const std::map<std::string, std::string>& environment = {}) {
        words.insert(words.begin(), {"--as", "bob"});
        return lab_.run(words, environment);
    }
    process::CommandResult start(const std::map<std::string, std::string>& environment = {},
                                 const std::vector<std::string>& more = {}) {
        std::vector<std::string> words{"rollout", "start",      definition_.string(), "--entry",
                                       entry_,    "--simulate", script_.string()};
        words.insert(words.end(), more.begin(), more.end());
        return bob(words, environment);
    }
    Json show(const std::string& id) {
        return parse_json(bob({"rollout", "show", id, "--json"}).out, "show");
    }
    std::string newest() {
        return parse_json(bob({"rollout", "list", "--json"}).out, "list")
            .at("rollouts")
            .at(0)
            .at("id")
            .get<std::string>();
    }
    /// How often an installation changed something on each host.
    std::map<std::string, int> installs(const std::string& id) {
        std::map<std::string, int> found;
        std::istringstream lines(read_file(lab_.state() / "rollouts" / id / "simulated.jsonl"));
        for (std::string line; std::getline(lines, line);) {
            const Json state = parse_json(line, "log");
            found[state.at("host").get<std::string>()] = state.at("installs").get<int>();
        }
        return found;
    }

    PlayedLab lab_;
    TempFolder folder_{fs::temp_directory_path(), "words"};
    fs::path definition_ = folder_.path() / "web.yaml", script_ = folder_.path() / "hosts.json";
    std::string entry_;
};

TEST_F(RolloutWords, plan_start_and_tell) {
    EXPECT_EQ(bob({"rollout", "check", definition_.string()}).exit_code, 0);
    const auto planned = bob({"rollout", "plan", definition_.string(), "--entry", entry_,
                              "--simulate", script_.string(), "--json"});
    ASSERT_EQ(planned.exit_code, 0) << planned.err;
    EXPECT_EQ(parse_json(planned.out, "plan").at("hosts"), 6);
    const auto started = start();
    ASSERT_EQ(started.exit_code, 0) << started.err << started.out;
    EXPECT_THAT(started.out, HasSubstr("SIMULATED"));
    EXPECT_THAT(started.out, HasSubstr("finished"));
    const Json shown = show(newest());
    EXPECT_EQ(shown.at("schema"), "patchlab/rollout-report/v1");
    EXPECT_EQ(shown.at("counts"), Json({{"done", 6}}));
    EXPECT_EQ(shown.at("all_hosts").at(0).at("before").at("hello"), "1.0");
    EXPECT_EQ(shown.at("all_hosts").at(0).at("after").at("hello"), "2.0");
    EXPECT_THAT(bob({"rollout", "log", newest()}).out, HasSubstr("ring 'first' passed"));
    EXPECT_EQ(bob({"rollout", "status", "--watch"}).exit_code, 0)
        << "it is over: watching ends at once";
    EXPECT_EQ(bob({"rollout", "back-out", newest(), "--now", "--reason", "a drill"}).exit_code, 0);
    EXPECT_EQ(show(newest()).at("counts"), Json({{"backed-out", 6}}));
    EXPECT_EQ(lab_.run({"audit", "verify"}).exit_code, 0);
}

TEST_F(RolloutWords, tell_what_is_wrong_and_who_may_not) {
    EXPECT_EQ(lab_.run({"--as", "tess", "rollout", "start", definition_.string(), "--entry", entry_,
                        "--simulate", script_.string()})
                  .exit_code,
              4);
    const auto nowhere = bob({"rollout", "start", definition_.string(), "--entry", entry_});
    EXPECT_EQ(nowhere.exit_code, 2);
    EXPECT_THAT(nowhere.err, HasSubstr("inventory import"));
    EXPECT_EQ(bob({"rollout", "status"}).exit_code, 2);
    EXPECT_EQ(bob({"rollout", "pause", "ro-1"}).exit_code, 2);
    write_file_atomic(definition_, "schema: patchlab/rollout/v1\nname: web\nrings: []\n");
    const auto checked = bob({"rollout", "check", definition_.string()});
    EXPECT_EQ(checked.exit_code, 2);
    EXPECT_THAT(checked.err, HasSubstr("web.yaml:3"));
}

TEST_F(RolloutWords, a_halt_is_exit_code_1_and_says_why) {
    Json bad = Json::object();
    for (int i = 1; i <= 6; ++i)
        bad["web-" + std::to_string(i)] = {
            {"checks", {{"base/ssh answers", {{"patched", "fail"}}}}}};
    play(bad);
    const auto started = start();
    EXPECT_EQ(started.exit_code, 1) << started.err;
    EXPECT_THAT(started.out, HasSubstr("halted: lab and production disagree"));
    EXPECT_EQ(bob({"rollout", "resume", newest()}).exit_code, 1);
    const auto shown = bob({"catalog", "show", entry_, "--json"});
    EXPECT_EQ(parse_json(shown.out, "entry").at("status").at("state"), "offered")
        << "hosts of a script change nothing that real ones follow";
    EXPECT_THAT(bob({"rollout", "log", newest()}).out, HasSubstr("would be put into quarantine"));
}

TEST_F(RolloutWords, killed_at_any_point_every_host_is_patched_once) {
    for (const std::string_view point : rollout::rollout_points) {
        if (point == "halting" || point == "backing-out" || point == "backed-out" ||
            point == "quarantined" || point == "settled")
            continue;  // of a rollout that fails: below
        const auto killed =
            start({{"PATCHLAB_FAULT", "rollout-" + std::string(point) +
                                          (point == "verified" ? ":kill" : ":kill@2")}});
        EXPECT_NE(killed.exit_code, 0) << point;
        const std::string id = newest();
        EXPECT_EQ(show(id).at("state"), "running") << point;
        const auto resumed = bob({"rollout", "resume", id});
        EXPECT_EQ(resumed.exit_code, 0) << point << resumed.err << resumed.out;
        EXPECT_EQ(show(id).at("counts"), Json({{"done", 6}})) << point;
        for (const auto& [host, count] : installs(id)) EXPECT_EQ(count, 1) << point << ": " << host;
    }
}

TEST_F(RolloutWords, killed_while_it_halts_it_ends_halted) {
    Json bad = Json::object();
    for (int i = 1; i <= 6; ++i)
        bad["web-" + std::to_string(i)] = {{"steps", {{"install", "wrong-version"}}}};
    play(bad);
    for (const std::string point : {"halting", "backing-out", "backed-out", "settled"}) {
        EXPECT_NE(start({{"PATCHLAB_FAULT", "rollout-" + point + ":kill"}}).exit_code, 0) << point;
        const std::string id = newest();
        EXPECT_EQ(bob({"rollout", "resume", id}).exit_code, 1) << point;
        const Json shown = show(id);
        EXPECT_EQ(shown.at("state"), "halted") << point;
        EXPECT_EQ(shown.at("counts"), Json({{"backed-out", 1}, {"not-reached", 5}})) << point;
    }
}

TEST_F(RolloutWords, a_detached_rollout_is_paused_and_aborted_from_another_process) {
    play(Json::object(), "real");
    const auto started = start({}, {"--detach"});
    ASSERT_EQ(started.exit_code, 0) << started.err;
    const std::string id = newest();
    EXPECT_THAT(started.out, HasSubstr(id));
    // the first ring soaks for an hour: it waits, and is woken
    EXPECT_EQ(bob({"rollout", "pause", id}).exit_code, 0);
    EXPECT_EQ(bob({"rollout", "status", id, "--watch"}).exit_code, 0) << "ends when it is paused";
    EXPECT_EQ(show(id).at("state"), "paused");
    EXPECT_EQ(bob({"rollout", "resume", id, "--detach"}).exit_code, 0);
    EXPECT_EQ(bob({"rollout", "abort", id}).exit_code, 0);
    EXPECT_EQ(bob({"rollout", "log", id, "-f"}).exit_code, 0) << "ends when it is aborted";
    EXPECT_EQ(show(id).at("state"), "aborted");
}

TEST_F(RolloutWords, a_report_of_a_host_is_taken_and_a_strange_one_is_not) {
    const fs::path report = folder_.path() / "report.json";
    const Json good{{"schema", "patchlab/host-report/v1"},
                    {"host", "web-1"},
                    {"boot_id", "0a1b"},
                    {"time", "2026-01-01T00:00:00Z"},
                    {"packages", {{"hello", "2.0"}}}};
    write_json(report, good);
    EXPECT_EQ(lab_.run({"rollout", "report", "--host", "web-1", report.string()}).exit_code, 0);
    EXPECT_EQ(lab_.run({"rollout", "report", "--host", "web-2", report.string()}).exit_code, 2)
        << "one host speaks for itself alone";
    for (const auto& [key, value] : std::map<std::string, Json>{{"boot_id", "a b"},
                                                                {"time", "2999-01-01T00:00:00Z"},
                                                                {"packages", {{"he llo", "1"}}},
                                                                {"schema", "other"}}) {
        Json bad = good;
        bad[key] = value;
        write_json(report, bad);
        EXPECT_EQ(lab_.run({"rollout", "report", "--host", "web-1", report.string()}).exit_code, 2)
            << key;
    }
}

}  // namespace
}  // namespace patchlab::tests
