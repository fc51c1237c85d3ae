// SPDX-License-Identifier: Apache-2.0
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <system_error>

#include "platform/core/error.hpp"
#include "tests/support/played_image.hpp"

namespace patchlab::tests {

fs::path build_deb(const fs::path& folder, const std::string& name, const std::string& version) {
    const fs::path root = folder / (name + "-" + version);
    make_folder(root / "DEBIAN");
    make_folder(root / "usr/share" / name);
    write_file_atomic(root / "usr/share" / name / "version", version + "\n");
    write_file_atomic(
        root / "DEBIAN/control",
        "Package: " + name + "\nVersion: " + version +
            "\nArchitecture: amd64\nMaintainer: Test <test@example.org>\nDescription: a test\n");
    const fs::path deb = folder / (name + "_" + version + "_amd64.deb");
    process::CommandSpec command;
    command.program = "dpkg-deb";
    command.args = {"--root-owner-group", "--build", root.string(), deb.string()};
    command.purpose = "building a package";
    process::SystemCommandRunner().require(command);
    return deb;
}

namespace {

/// Runs `patchlab-sim WORDS…` on the state and the script in this folder.
process::CommandResult run_in(const fs::path& folder, const std::vector<std::string>& words,
                              const std::map<std::string, std::string>& environment = {}) {
    process::CommandSpec command;
    command.program = PATCHLAB_SIM;
    command.args = {"--state", (folder / "state").string()};
    command.args.insert(command.args.end(), words.begin(), words.end());
    command.environment = {{"PATCHLAB_FAKE_SCRIPT", (folder / "script.json").string()}};
    for (const auto& [name, value] : environment) command.environment[name] = value;
    command.purpose = "running patchlab";
    command.deadline = Seconds(60);
    return process::SystemCommandRunner().run(command);
}

void make_lab(const fs::path& folder) {
    write_json(folder / "script.json", {{"packages", {{"hello", "1.0"}, {"other", "5"}}}});
    EXPECT_EQ(run_in(folder, {"init"}).exit_code, 0);
    add_played_image(folder / "state", played_image("played"));
    write_file_atomic(folder / "lab.yaml",
                      "schema: patchlab/lab/v1\nname: shop\nmachines:\n  web: { image: played, "
                      "suites: [base, nginx] }\n");
    EXPECT_EQ(run_in(folder, {"lab", "add", (folder / "lab.yaml").string()}).exit_code, 0);
    const process::CommandResult added =
        run_in(folder, {"patch", "add", build_deb(folder, "hello", "2.0").string()});
    EXPECT_EQ(added.exit_code, 0) << added.err;
}

/// Made once in the life of a test program, and copied for each test: to make it takes several
/// processes.
const fs::path& made_lab() {
    static const TempFolder made = [] {
        TempFolder folder(fs::temp_directory_path(), "played-once");
        make_lab(folder.path());
        return folder;
    }();
    return made.path();
}

}  // namespace

PlayedLab::PlayedLab()
    : folder_(fs::temp_directory_path(), "played"),
      state_(folder_.path() / "state"),
      script_(folder_.path() / "script.json") {
    fs::copy(made_lab(), folder_.path(), fs::copy_options::recursive);
}

void PlayedLab::play(const Json& script) { write_json(script_, script); }

process::CommandResult PlayedLab::run(const std::vector<std::string>& words,
                                      const std::map<std::string, std::string>& environment) {
    untouched_ = false;
    return run_in(folder_.path(), words, environment);
}

void PlayedLab::become(const PlayedLab& made) {
    if (!untouched_) throw Error(ErrorCode::internal, "this lab was used already");
    remove_tree(state_);
    fs::copy(made.state_, state_, fs::copy_options::recursive);
}

process::CommandResult PlayedLab::rehearse(const std::map<std::string, std::string>& environment,
                                           const std::vector<std::string>& more) {
    std::vector<std::string> words{"run",     "start",     "--lab",     "shop",
                                   "--patch", "hello_2.0", "--no-drill"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, environment);
}

void PlayedLab::add_people() {
    static const PlayedLab with_people = [] {
        PlayedLab lab;
        for (const auto& [user, role] :
             {std::pair{"tess", "tester"}, {"bob", "release-manager"}, {"carol", "system-owner"}}) {
            const process::CommandResult added = lab.run({"user", "add", user, "--role", role});
            EXPECT_EQ(added.exit_code, 0) << added.err;
        }
        const fs::path policy = lab.folder_.path() / "policy.yaml";
        write_file_atomic(policy,
                          "schema: patchlab/policy/v1\nname: played\nplayed-runs: "
                          "accepted\nverdicts: [validated, needs-review]\n"
                          "approvals: [{ role: release-manager }]\nneeds-review: { approvals: [{ "
                          "role: system-owner }] }\n");
        const process::CommandResult added = lab.run({"policy", "add", policy.string()});
        EXPECT_EQ(added.exit_code, 0) << added.err;
        return lab;
    }();
    become(with_people);
}

std::string PlayedLab::approved_run() {
    static const PlayedLab approved = [] {
        PlayedLab lab;
        lab.add_people();
        const process::CommandResult rehearsed = lab.rehearse({{"PATCHLAB_USER", "tess"}});
        EXPECT_EQ(rehearsed.exit_code, 0) << rehearsed.err;
        const process::CommandResult approval =
            lab.run({"--as", "bob", "approve", lab.newest_id()});
        EXPECT_EQ(approval.exit_code, 0) << approval.err;
        return lab;
    }();
    become(approved);
    return newest_id();
}

PlayedLab PlayedLab::copy() const {
    PlayedLab other;
    other.become(*this);
    return other;
}

std::string PlayedLab::newest_id() {
    std::string newest;  // they are numbered in the order of their start
    for (const fs::directory_entry& run : fs::directory_iterator(state_ / "runs"))
        newest = std::max(newest, run.path().filename().string());
    return newest;
}

std::size_t PlayedLab::run_count() const {
    std::error_code none;  // there is no folder before the first run
    const fs::directory_iterator runs(state_ / "runs", none);
    return static_cast<std::size_t>(std::distance(fs::begin(runs), fs::end(runs)));
}

Json PlayedLab::newest() {
    return parse_json(run({"run", "show", newest_id(), "--json"}).out, "run show");
}

}  // namespace patchlab::tests
