// SPDX-License-Identifier: Apache-2.0
//
// The fleet that the live tests share, as they see it: hosts to order things of, and a way in
// besides, to look for oneself.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "orchestrator/rollout/push/ansible_deployer.hpp"
#include "platform/core/files.hpp"

namespace patchlab::rollout {

/// The folder that tests/live/fleet/with-fleet names, and where the vendor's packages are put in
/// it.
fs::path fleet_folder();
fs::path vendor_folder();

class Fleet : public ::testing::Test {
  protected:
    using Answers = std::map<std::string, Observation>;

    AnsibleDeployer deployer_{runner(),
                              [this](const std::string& host) { return connection(host); }};
    TempFolder scratch_{fs::temp_directory_path(), "fleet"};

    static process::CommandRunner& runner();
    static inventory::AnsibleHost connection(const std::string& host);

    /// Runs a script as root on the host over SSH and gives what it printed; a test failure when it
    /// fails.
    static std::string on(const std::string& host, const std::string& script);
    /// `fleet VERB DIR HOST`.
    static void power(const std::string& verb, const std::string& host);

    Answers carry_out(const Order& order);
    Observation carry_out_on(const std::string& host, Order order, HostOrder what);

    /// Builds a package; `more` goes into its control file, `scripts` are its maintainer scripts.
    /// An ExactPackage to order.
    catalog::ExactPackage build(const std::string& name, const std::string& version,
                                const std::string& more = "",
                                const std::map<std::string, std::string>& scripts = {});
    /// nginx of the vendor, "old" or "new".
    static std::vector<catalog::ExactPackage> vendor(const std::string& which);
    /// How often dpkg has unpacked the package over whatever, by its own log.
    static std::string unpacked(const std::string& host, const std::string& package);
};

}  // namespace patchlab::rollout
