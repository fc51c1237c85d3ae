// SPDX-License-Identifier: Apache-2.0
//
// A head with a played lab, and lab hosts with state folders of their own that reach it. What a
// scheduler does, the test does: it records attempts and calls `node work`.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/support/program.hpp"

namespace patchlab::tests {

/// A lab host: a state folder that is set up as a node of this head.
class LabHost {
  public:
    /// `node init` there; `node add` on the head unless it stays a stranger.
    LabHost(PlayedLab& head, const std::string& name, const std::vector<std::string>& more = {},
            bool known = true);

    process::CommandResult run(const std::vector<std::string>& words,
                               const std::map<std::string, std::string>& environment = {});
    process::CommandResult work(const std::string& run, int attempt,
                                const std::map<std::string, std::string>& environment = {});
    const fs::path& state() const { return state_; }
    /// What its drain program was called with, each call a line.
    std::string drained() const;
    fs::path key_file() const { return folder_.path() / "key.pem"; }

  private:
    PlayedLab& head_;
    TempFolder folder_;
    fs::path state_;
};

class NodeTest : public testing::Test {
  protected:
    /// A run that was recorded on the head and that nobody works. Gives its id.
    std::string recorded();
    /// As a scheduler does before it submits a job.
    void submit(const std::string& run, int attempt) const;
    /// recorded() and the first attempt.
    std::string submitted();
    fs::path folder(const std::string& run) const { return head.state() / "runs" / run; }
    Json state(const std::string& run) const { return read_json(folder(run) / "state.json"); }
    /// The run is over with this verdict, its evidence is whole and signed by the head, and
    /// nothing half handed in is left.
    void expect_delivered(const std::string& run, const std::string& verdict = "validated");
    /// The run has no result, and nothing of a result.
    void expect_open(const std::string& run) const;

    PlayedLab head;
};

}  // namespace patchlab::tests
