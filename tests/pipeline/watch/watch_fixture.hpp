// SPDX-License-Identifier: Apache-2.0
//
// A vendor's repository on the loopback device and a lab whose images have their packages from it:
// real apt, simulated machines.
#pragma once

#include <gtest/gtest.h>

#include <mutex>
#include <optional>

#include "orchestrator/images/image.hpp"
#include "tests/pipeline/intake/vendor.hpp"
#include "tests/support/file_server.hpp"
#include "tests/support/played_image.hpp"
#include "tests/support/program.hpp"

namespace patchlab::tests {

using intake::test::Vendor;
using intake::test::VendorPackage;

inline constexpr const char* watch_text =
    "schema: patchlab/watch/v1\nname: night\nlabs: [farm]\nrun: { drill: false, reboot-check: "
    "false }\n";

class Watch : public testing::Test {
  protected:
    void SetUp() override {
        offer({{"web", "1-1"}, {"db", "1-1"}});
        server.emplace(vendor.repository(), [this](const std::string& path) {
            const std::lock_guard lock(mutex);
            asked.push_back(path);
        });
        make_lab("farm", {"security"});
        play({});
        add_watch(watch_text);
    }

    /// The vendor offers these, and nothing that it offered before.
    void offer(const std::vector<VendorPackage>& packages) {
        vendor.withdraw("security");
        vendor.publish("security", packages);
    }
    /// A lab of one machine whose image has its packages from the vendor.
    void make_lab(const std::string& name, const std::vector<std::string>& suites) {
        images::Image image = played_image("image-" + name);
        image.sources = vendor.sources_at(server->url(), suites);
        image.os.packages = {{"web", "1-1", "amd64"}, {"db", "1-1", "amd64"}};
        add_played_image(lab.state(), image, Vendor::status({{"web", "1-1"}, {"db", "1-1"}}));
        const fs::path file = lab.state().parent_path() / "farm.yaml";
        write_file_atomic(file, "schema: patchlab/lab/v1\nname: " + name +
                                    "\nmachines:\n  web: { image: " + image.name +
                                    ", suites: [base, nginx] }\n");
        const auto added = lab.run({"lab", "add", file.string()});
        ASSERT_EQ(added.exit_code, 0) << added.err;
    }
    void play(Json script) {
        script["packages"] = {{"web", "1-1"}, {"db", "1-1"}};
        lab.play(script);
    }
    process::CommandResult add_watch(const std::string& text) {
        const fs::path file = lab.state().parent_path() / "watch.yaml";
        write_file_atomic(file, text);
        return lab.run({"watch", "add", file.string()});
    }
    process::CommandResult look(const std::map<std::string, std::string>& environment = {},
                                const std::vector<std::string>& more = {}) {
        {
            const std::lock_guard lock(mutex);
            asked.clear();
        }
        std::vector<std::string> words{"watch", "--once", "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return lab.run(words, environment);
    }
    /// The watch that looks for ever, ended after so many seconds unless it dies before.
    process::CommandResult watch_for(int seconds, const std::string& fault = "") {
        process::CommandSpec daemon;
        daemon.program = "timeout";
        daemon.args = {"-s",         "TERM",        std::to_string(seconds),
                       PATCHLAB_SIM, "--state-dir", lab.state().string(),
                       "watch",      "--json"};
        daemon.environment = {
            {"PATCHLAB_FAKE_SCRIPT", (lab.state().parent_path() / "script.json").string()}};
        if (!fault.empty()) daemon.environment["PATCHLAB_FAULT"] = fault;
        daemon.purpose = "watching";
        daemon.deadline = Seconds(seconds + 20);
        return runner.run(daemon);
    }
    Json candidates() {
        return parse_json(lab.run({"watch", "show", "night", "--json"}).out, "watch").at("found");
    }
    static Json document(const process::CommandResult& result) {
        return parse_json(result.out, "look");
    }
    static std::vector<std::string> found(const Json& look) {
        return look.at("watches").at(0).at("labs").at(0).at("found");
    }
    std::vector<std::string> requests() {
        const std::lock_guard lock(mutex);
        return asked;
    }
    /// bob approves the newest run, and makes an entry of it. Gives its id.
    std::string entry_of_newest_run() {
        EXPECT_EQ(lab.run({"user", "add", "bob", "--role", "release-manager"}).exit_code, 0);
        const fs::path policy = lab.state().parent_path() / "policy.yaml";
        write_file_atomic(policy,
                          "schema: patchlab/policy/v1\nname: played\nplayed-runs: accepted\n"
                          "approvals: [{ role: release-manager }]\n");
        EXPECT_EQ(lab.run({"policy", "add", policy.string()}).exit_code, 0);
        const std::string run = lab.newest_id();
        const auto approved = lab.run({"--as", "bob", "approve", run});
        EXPECT_EQ(approved.exit_code, 0) << approved.err;
        const auto added = lab.run({"--as", "bob", "catalog", "add", run, "--json"});
        EXPECT_EQ(added.exit_code, 0) << added.err;
        return parse_json(added.out, "entry").at("id");
    }
    /// A rollout to simulated hosts whose first ring has begun. Gives its id.
    std::string rollout_that_lost_its_process(const std::string& entry) {
        const fs::path folder = lab.state().parent_path();
        write_file_atomic(folder / "rollout.yaml",
                          "schema: patchlab/rollout/v1\nname: farm\nrings:\n  - { name: all, rest: "
                          "true }\ngate: { no-way-back: patch }\n");
        write_json(folder / "hosts.json",
                   {{"schema", "patchlab/simulation/v1"},
                    {"time", "jumps"},
                    {"default", {{"versions", {{"web", "1-1"}}}, {"seconds", 0.1}}},
                    {"hosts", {{"web-1", Json::object()}}}});
        const auto started =
            lab.run({"--as", "bob", "rollout", "start", (folder / "rollout.yaml").string(),
                     "--entry", entry, "--simulate", (folder / "hosts.json").string()},
                    {{"PATCHLAB_FAULT", "rollout-ring-begun:kill"}});
        EXPECT_NE(started.signal, 0) << started.err;
        const Json list = parse_json(lab.run({"rollout", "list", "--json"}).out, "rollouts");
        return list.at("rollouts").at(0).at("id");
    }
    /// As if the pause after a failure were over.
    void let_time_pass() {
        store::Database database(lab.state() / "patchlab.db", {});
        database.execute("UPDATE watch_suites SET next_try = ''");
    }
    std::string trouble(const Json& look) { return look.at("suites").at(0).value("trouble", ""); }

    process::SystemCommandRunner runner;
    Vendor vendor{runner};
    std::mutex mutex;
    std::vector<std::string> asked;
    std::optional<FileServer> server;
    PlayedLab lab;
};

}  // namespace patchlab::tests
