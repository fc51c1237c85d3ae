// SPDX-License-Identifier: Apache-2.0
//
// Real pending updates of the vendor, rehearsed in real machines: what a tester does with the
// program, and what faults do to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "reports/evidence.hpp"
#include "tests/live/images/live_state.hpp"

namespace patchlab::live {
namespace {

constexpr auto lab = "live";
constexpr auto definition =
    "schema: patchlab/lab/v1\n"
    "name: live\n"
    "machines:\n"
    "  web: { image: debian-12-web, vcpus: 2, memory: 512M, criticality: mission-critical, suites: "
    "[base, nginx, openssh] }\n";

class Live : public LiveState {
  protected:
    /// The id of the pending update of one source package; fetched when it is not here yet.
    std::string pending(const std::string& source) {
        const auto fetched = patchlab(
            state_, {"patch", "fetch", "--lab", lab, "--source", source, "--json"}, Seconds(900));
        EXPECT_TRUE(fetched.ok()) << fetched.err;
        const Json pending = parse_json(fetched.out, "patch fetch");
        for (const Json& patch : pending.at("patches"))
            if (patch.at("verified").get<bool>()) return patch.at("id").get<std::string>();
        ADD_FAILURE() << "no pending update of " << source;
        return "";
    }

    /// Rehearses the pending update of nginx; what it prints is run.json.
    process::CommandResult rehearse_nginx(const std::vector<std::string>& more) {
        std::vector<std::string> words{"run",     "start",          "--lab", lab,
                                       "--patch", pending("nginx"), "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return patchlab(state_, words, Seconds(1500));
    }
};

class LivePreparation : public Live {};

TEST_F(LivePreparation, a_lab_is_booted_tested_captured_and_checkpointed_once) {
    const TempFolder folder(fs::temp_directory_path(), "lab");
    write_file_atomic(folder.path() / "lab.yaml", definition);
    ASSERT_TRUE(patchlab(state_, {"lab", "add", (folder.path() / "lab.yaml").string()}).ok());
    const auto prepared = patchlab(state_, {"lab", "prepare", lab}, Seconds(1100));
    ASSERT_TRUE(prepared.ok()) << prepared.err;
    const Json snapshots =
        parse_json(patchlab(state_, {"snapshot", "list", "--json"}).out, "snapshot list");
    EXPECT_EQ(snapshots.at("snapshots").at(0).at("checkpoint"), "mapped");
}

class LiveRehearsal : public Live {};

TEST_F(LiveRehearsal, a_real_update_of_nginx_passes_with_every_change_explained) {
    const auto result = rehearse_nginx({});
    const Json run = parse_json(result.out, "run.json");
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 5)
        << result.err << to_text(run.at("reasons"));
    EXPECT_EQ(run.at("changes").at("unexplained"), 0) << to_text(run.at("reasons"));
    EXPECT_TRUE(run.at("drill").at("restored").get<bool>());
    EXPECT_TRUE(run.at("drill").at("downgrade").at("restored").get<bool>())
        << to_text(run.at("drill"));
    EXPECT_TRUE(reports::verify(state_ / run.at("evidence").get<std::string>()).ok());
    const std::string id = run.at("id").get<std::string>();
    for (const char* format : {"html", "junit", "json"}) {
        const auto report = patchlab(state_, {"report", id, "--format", format});
        EXPECT_TRUE(report.ok()) << report.err;
        EXPECT_GT(report.out.size(), 500U);
    }
}

class LiveFaults : public Live {};

TEST_F(LiveFaults, an_emulator_killed_in_mid_trial_is_made_good_by_a_second_trial) {
    ASSERT_EQ(::setenv("PATCHLAB_FAULT", "test:emulator-gone:once", 1), 0);
    const auto result = rehearse_nginx({"--no-drill", "--no-endure"});
    ::unsetenv("PATCHLAB_FAULT");
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 5) << result.err;
}

TEST_F(LiveFaults, a_worker_killed_in_mid_trial_leaves_no_machine_and_its_run_goes_on) {
    ASSERT_EQ(::setenv("PATCHLAB_FAULT", "test:kill", 1), 0);
    const auto killed = rehearse_nginx({"--no-drill", "--no-endure"});
    ::unsetenv("PATCHLAB_FAULT");
    EXPECT_EQ(killed.exit_code, 3);
    std::smatch hint;
    ASSERT_TRUE(
        std::regex_search(killed.err, hint, std::regex("patchlab run resume (r-[0-9]+-[0-9]+)")))
        << killed.err;
    const std::string id = hint[1];
    EXPECT_EQ(
        parse_json(patchlab(state_, {"run", "show", id, "--json"}).out, "run show").at("state"),
        "interrupted");
    process::CommandSpec look;
    look.program = "pgrep";
    look.args = {"-f", "runs/" + id + "/"};
    look.purpose = "looking for emulators of the run";
    EXPECT_EQ(process::SystemCommandRunner().run(look).out, "")
        << "an emulator outlived its worker";
    const auto resumed = patchlab(state_, {"run", "resume", id}, Seconds(1500));
    EXPECT_TRUE(resumed.exit_code == 0 || resumed.exit_code == 5) << resumed.err;
    EXPECT_FALSE(fs::exists(state_ / "runs" / id / "work"));
}

}  // namespace
}  // namespace patchlab::live
