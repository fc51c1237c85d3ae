// SPDX-License-Identifier: Apache-2.0
//
// The program itself, called as a user calls it, on a state folder of the test's own with the
// backend that plays machines.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "platform/core/files.hpp"
#include "platform/core/json.hpp"
#include "platform/process/command.hpp"

namespace patchlab::tests {

/// A state folder with a played image, a lab "shop" of one machine "web", and a real little package
/// as patch "hello_2.0" over 1.0.
class PlayedLab {
  public:
    PlayedLab();

    /// Runs `patchlab WORDS…` with these variables added.
    process::CommandResult run(const std::vector<std::string>& words,
                               const std::map<std::string, std::string>& environment = {});
    /// `run start` of the patch; more words may follow.
    process::CommandResult rehearse(const std::map<std::string, std::string>& environment = {},
                                    const std::vector<std::string>& more = {});
    /// Users tess (tester), bob (release-manager) and carol (system-owner), and a policy that takes
    /// played runs, without a drill. For a lab in which nothing was done yet, as is approved_run():
    /// what they make is made once in the life of a test program, and copied.
    void add_people();
    /// What add_people() does, a run that tess asked for, and bob's approval of it. Gives the run's
    /// id.
    std::string approved_run();
    /// The same state in another folder.
    PlayedLab copy() const;
    /// What `run show --json` says of the newest run.
    Json newest();
    std::string newest_id();
    /// How many runs there are.
    std::size_t run_count() const;
    /// The script of the played guests (see orchestrator/pipeline/fake/fake_backend.hpp).
    void play(const Json& script);
    const fs::path& state() const { return state_; }

  private:
    void become(const PlayedLab& made);

    TempFolder folder_;
    fs::path state_;
    fs::path script_;
    bool untouched_ = true;
};

/// Builds a .deb of one file with dpkg-deb. Gives its path.
fs::path build_deb(const fs::path& folder, const std::string& name, const std::string& version);

}  // namespace patchlab::tests
