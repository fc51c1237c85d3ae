// SPDX-License-Identifier: Apache-2.0
//
// A vendor for tests: real packages made by dpkg-deb, a repository indexed by apt-ftparchive and
// signed with a throw-away key, offered as file: URIs. And the dpkg status of a machine that holds
// older versions.
#pragma once

#include <string>
#include <vector>

#include "platform/core/files.hpp"
#include "platform/process/command.hpp"

namespace patchlab::intake::test {

struct VendorPackage {
    std::string name;
    std::string version;
    std::string fields = {};     ///< further control fields, each line ended
    std::string changelog = {};  ///< text of changelog.Debian.gz; empty: none
    std::string architecture = "amd64";
};

class Vendor {
  public:
    explicit Vendor(process::CommandRunner& runner);

    /// Builds the package and returns its file (outside of any repository).
    fs::path build(const VendorPackage& package);
    /// Publishes packages as a suite; `release` adds lines to its Release file.
    void publish(const std::string& suite, const std::vector<VendorPackage>& packages,
                 const std::string& release = "");
    void sign(const std::string& suite);
    void unsign(const std::string& suite);

    std::string sources(const std::vector<std::string>& suites) const;
    /// The same where a server offers repository() under this address.
    std::string sources_at(const std::string& url, const std::vector<std::string>& suites) const;
    fs::path repository() const { return folder_.path() / "repo"; }
    /// What was published is not offered any more.
    void withdraw(const std::string& suite) { remove_tree(pool(suite)); }
    fs::path suite_folder(const std::string& suite) const {
        return folder_.path() / "repo" / "dists" / suite;
    }
    fs::path pool(const std::string& suite) const {
        return folder_.path() / "repo" / "pool" / suite;
    }
    fs::path keyring() const { return folder_.path() / "keys.gpg"; }
    fs::path state() const { return folder_.path() / "state"; }
    /// A detached armoured signature beside `file`.
    void sign_file(const fs::path& file);

    static std::string status(const std::vector<VendorPackage>& installed);

  private:
    std::string run(const std::string& program, std::vector<std::string> args,
                    const fs::path& folder = {});
    TempFolder folder_;
    process::CommandRunner& runner_;
};

}  // namespace patchlab::intake::test
