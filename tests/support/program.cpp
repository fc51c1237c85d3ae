// SPDX-License-Identifier: Apache-2.0
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include "orchestrator/images/image.hpp"

namespace patchlab::tests {

fs::path build_deb(const fs::path& folder, const std::string& name, const std::string& version) {
    const fs::path root = folder / (name + "-" + version);
    make_folder(root / "DEBIAN");
    make_folder(root / "usr/share" / name);
    write_file_atomic(root / "usr/share" / name / "version", version + "\n");
    write_file_atomic(root / "DEBIAN/control", "Package: " + name + "\nVersion: " + version +
                                                   "\nArchitecture: amd64\nMaintainer: Test <test@example.org>\nDescription: a test\n");
    const fs::path deb = folder / (name + "_" + version + "_amd64.deb");
    process::CommandSpec command;
    command.program = "dpkg-deb";
    command.args = {"--root-owner-group", "--build", root.string(), deb.string()};
    command.purpose = "building a package";
    process::SystemCommandRunner().require(command);
    return deb;
}

PlayedLab::PlayedLab() : folder_(fs::temp_directory_path(), "played"), state_(folder_.path() / "state"), script_(folder_.path() / "script.json") {
    play({{"packages", {{"hello", "1.0"}, {"other", "5"}}}});
    EXPECT_EQ(run({"image", "list"}).exit_code, 0);  // makes the store
    store::Database database(state_ / "patchlab.db", images::migrations());
    images::Image image;
    image.name = "played";
    image.origin = "built";
    image.created = "2026-01-01T00:00:00Z";
    image.os.product = "Played Linux 1";
    image.os.package_format = "deb";
    image.os.guest_agent = true;
    image.os.packages = {{"hello", "1.0", "amd64"}, {"other", "5", "all"}};
    write_file_atomic(folder_.path() / "disk", "a played disk\n");
    images::ImageStore(state_, database).add(image, folder_.path() / "disk", "");
    write_file_atomic(folder_.path() / "lab.yaml",
                      "schema: patchlab/lab/v1\nname: shop\nmachines:\n  web: { image: played, suites: [base, nginx] }\n");
    EXPECT_EQ(run({"lab", "add", (folder_.path() / "lab.yaml").string()}).exit_code, 0);
    const process::CommandResult added = run({"patch", "add", build_deb(folder_.path(), "hello", "2.0").string()});
    EXPECT_EQ(added.exit_code, 0) << added.err;
}

void PlayedLab::play(const Json& script) { write_json(script_, script); }

process::CommandResult PlayedLab::run(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment) {
    process::CommandSpec command;
    command.program = PATCHLAB_PROGRAM;
    command.args = {"--state", state_.string()};
    command.args.insert(command.args.end(), words.begin(), words.end());
    command.environment = {{"PATCHLAB_BACKEND", "fake"}, {"PATCHLAB_FAKE_SCRIPT", script_.string()}};
    for (const auto& [name, value] : environment) command.environment[name] = value;
    command.purpose = "running patchlab";
    command.deadline = Seconds(60);
    return process::SystemCommandRunner().run(command);
}

process::CommandResult PlayedLab::rehearse(const std::map<std::string, std::string>& environment, const std::vector<std::string>& more) {
    std::vector<std::string> words{"run", "start", "--lab", "shop", "--patch", "hello_2.0", "--no-drill"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, environment);
}

void PlayedLab::add_people() {
    for (const auto& [user, role] : {std::pair{"tess", "tester"}, {"bob", "release-manager"}, {"carol", "system-owner"}}) {
        const process::CommandResult added = run({"user", "add", user, "--role", role});
        EXPECT_EQ(added.exit_code, 0) << added.err;
    }
    write_file_atomic(folder_.path() / "policy.yaml",
                      "schema: patchlab/policy/v1\nname: played\nplayed-runs: accepted\nverdicts: [validated, needs-review]\n"
                      "approvals: [{ role: release-manager }]\nneeds-review: { approvals: [{ role: system-owner }] }\n");
    const process::CommandResult added = run({"policy", "add", (folder_.path() / "policy.yaml").string()});
    EXPECT_EQ(added.exit_code, 0) << added.err;
}

std::string PlayedLab::approved_run() {
    add_people();
    const process::CommandResult rehearsed = rehearse({{"PATCHLAB_USER", "tess"}});
    EXPECT_EQ(rehearsed.exit_code, 0) << rehearsed.err;
    const std::string id = newest_id();
    const process::CommandResult approval = run({"--as", "bob", "approve", id});
    EXPECT_EQ(approval.exit_code, 0) << approval.err;
    return id;
}

std::string PlayedLab::newest_id() {
    const process::CommandResult listed = run({"run", "list", "--json"});
    const Json document = parse_json(listed.out, "run list");
    return document.at("runs").at(0).at("id").get<std::string>();
}

Json PlayedLab::newest() { return parse_json(run({"run", "show", newest_id(), "--json"}).out, "run show"); }

}  // namespace patchlab::tests
