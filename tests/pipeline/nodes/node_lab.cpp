// SPDX-License-Identifier: Apache-2.0
#include "tests/pipeline/nodes/node_lab.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "orchestrator/pipeline/run/attempts.hpp"

namespace patchlab::tests {

LabHost::LabHost(PlayedLab& head, const std::string& name, const std::vector<std::string>& more,
                 bool known)
    : head_(head), folder_(fs::temp_directory_path(), "node"), state_(folder_.path() / "state") {
    const fs::path drain = folder_.path() / "drain";
    write_file_atomic(drain, "#!/bin/sh\necho \"$1\" >>" + (folder_.path() / "drained").string(),
                      0755);
    std::vector<std::string> words{
        "node",    "init",         name, "--head",           "local:" + head_.state().string(),
        "--drain", drain.string(), "-o", key_file().string()};
    if (std::find(more.begin(), more.end(), "--keep-free") == more.end())
        words.insert(words.end(), {"--keep-free", "1kb"});
    words.insert(words.end(), more.begin(), more.end());
    const auto made = run(words);
    EXPECT_EQ(made.exit_code, 0) << made.err;
    if (!known) return;
    const auto added = head_.run({"node", "add", name, "--key", key_file().string()});
    EXPECT_EQ(added.exit_code, 0) << added.err;
}

process::CommandResult LabHost::run(const std::vector<std::string>& words,
                                    const std::map<std::string, std::string>& environment) {
    process::CommandSpec command;
    command.program = PATCHLAB_SIM;
    command.args = {"--state", state_.string()};
    command.args.insert(command.args.end(), words.begin(), words.end());
    command.environment = {
        {"PATCHLAB_FAKE_SCRIPT", (head_.state().parent_path() / "script.json").string()}};
    for (const auto& [name, value] : environment) command.environment[name] = value;
    command.purpose = "running patchlab on a lab host";
    command.deadline = Seconds(120);
    return process::SystemCommandRunner().run(command);
}

process::CommandResult LabHost::work(const std::string& run_id, int attempt,
                                     const std::map<std::string, std::string>& environment) {
    return run({"node", "work", run_id, "--attempt", std::to_string(attempt)}, environment);
}

std::string LabHost::drained() const {
    return read_file_if_any(folder_.path() / "drained").value_or("");
}

std::string NodeTest::recorded() {
    const std::size_t before = head.run_count();
    const auto started = head.rehearse({{"PATCHLAB_FAULT", "run-recorded:kill"}});
    EXPECT_NE(started.exit_code, 0);
    EXPECT_EQ(head.run_count(), before + 1);
    return head.newest_id();
}

void NodeTest::submit(const std::string& run, int attempt) const {
    pipeline::Attempt record;
    record.number = attempt;
    record.queue = "test";
    record.token = "t";
    record.submitted = "2026-11-30T12:00:00Z";
    pipeline::write_attempt(pipeline::RunFolder(folder(run)), record);
}

std::string NodeTest::submitted() {
    std::string run = recorded();
    submit(run, 1);
    return run;
}

void NodeTest::expect_delivered(const std::string& run, const std::string& verdict) {
    EXPECT_EQ(state(run).at("state"), "finished");
    EXPECT_EQ(state(run).at("verdict"), verdict);
    const auto verified = head.run({"evidence", "verify", run, "--json"});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    EXPECT_THAT(verified.out, testing::HasSubstr("\"good\""));
    for (const auto& entry : fs::directory_iterator(head.state() / "runs"))
        EXPECT_NE(entry.path().extension(), ".partial") << entry.path();
}

void NodeTest::expect_open(const std::string& run) const {
    EXPECT_NE(state(run).at("state"), "finished");
    EXPECT_FALSE(fs::exists(folder(run) / "evidence" / "manifest.json") &&
                 state(run).at("state") == "finished");
}

}  // namespace patchlab::tests
