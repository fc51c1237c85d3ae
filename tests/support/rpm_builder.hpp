// SPDX-License-Identifier: Apache-2.0
//
// rpm packages as rpmbuild makes them, repositories of them, and the database of a system that has
// some of them installed. Made when a test runs; none is kept.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "platform/process/command.hpp"

namespace patchlab::test {

struct RpmRecipe {
    std::string name = "acme";
    std::string version = "1.0";
    std::string release = "1.el9";
    int epoch = 0;
    std::string architecture = "x86_64";
    std::string source{};                     ///< name of the source package; empty: its own
    std::vector<std::string> requirements{};  ///< "bash >= 4"
    std::vector<std::string> provided{};      ///< "installonlypkg(kernel)"
    std::vector<std::string> conflicts{};     ///< "old < 2"
    std::string prepare{};                    ///< more lines of %install
    std::string scripts{};                    ///< sections of a spec file: "%post\n…"
    std::string files{};                      ///< lines of %files beside the default ones
    std::string changelog{};  ///< "* Mon Nov 02 2026 M <m@example.org> - 1.0-1\n- Fix …"
    std::string compression = "w1.gzdio";
};

class RpmBuilder {
  public:
    explicit RpmBuilder(std::filesystem::path folder);
    /// Ships /usr/share/NAME/version, /usr/bin/NAME, /etc/NAME.conf (a configuration file) and a
    /// unit NAME.service.
    std::filesystem::path build(const RpmRecipe& recipe);
    /// Makes a repository of the files; with an updateinfo.xml when one is given.
    std::filesystem::path repository(const std::string& name,
                                     const std::vector<std::filesystem::path>& files,
                                     const std::string& updateinfo = {});
    /// A root folder in whose database the packages are.
    std::filesystem::path system(const std::string& name,
                                 const std::vector<std::filesystem::path>& installed);
    /// A key that signs packages; its public part, armoured.
    std::filesystem::path make_key(const std::string& name);
    void sign(const std::filesystem::path& package, const std::string& key);
    void sign_index(const std::filesystem::path& repository, const std::string& key);

  private:
    process::CommandResult run(const std::string& program, std::vector<std::string> args);
    std::filesystem::path folder_;
    process::SystemCommandRunner runner_;
};

}  // namespace patchlab::test
