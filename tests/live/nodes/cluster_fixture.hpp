// SPDX-License-Identifier: Apache-2.0
//
// The cluster that with-cluster made, as tests see it: they are on its head, with a state folder of
// their own, and its lab hosts know the head.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/program.hpp"

namespace patchlab::tests {

class Cluster : public testing::Test {
  protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite();
    void SetUp() override;
    /// No host keeps what a test asked of it.
    void TearDown() override;

    static inline const std::vector<std::string> hosts{"lab1", "lab2", "lab3"};

    /// `cluster WORDS…`; a test failure unless it succeeds.
    static std::string cluster(const std::vector<std::string>& words);
    /// patchlab on the head.
    static process::CommandResult head(const std::vector<std::string>& words);
    /// `run start --queue slurm` of the patch, with more words.
    static process::CommandResult rehearse(const std::vector<std::string>& more = {});
    /// The same, detached. Gives the run's id.
    static std::string start(const std::vector<std::string>& more = {});
    static Json show(const std::string& run);
    static std::string log_of(const std::string& run);
    /// Polls until it is so; a test failure when it is not within a minute.
    static void wait_until(const std::string& what, const std::function<bool()>& is_so);
    static void wait_until_over(const std::string& run);
    /// The lab host works the run and stands still in this stage.
    static void wait_until_held(const std::string& run, const std::string& stage,
                                const std::string& host);

    /// Its runs stand still on entering this stage, until release().
    static void hold(const std::string& host, const std::string& stage);
    static void release(const std::string& host);
    /// What its programs find in their environment.
    static void set_environment(const std::string& host,
                                const std::map<std::string, std::string>& variables);
    /// The script of the simulated guests, on every host.
    static void play(const Json& script);
    static fs::path disk_of(const std::string& host);
    static PlayedLab& lab();
};

}  // namespace patchlab::tests
