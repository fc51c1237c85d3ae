// SPDX-License-Identifier: Apache-2.0
//
// Packages of repositories and of one system, and what an installation of some of them takes:
// libsolv in the terms of this family. Thread safety: one object a thread.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/families/rpm/header.hpp"
#include "orchestrator/families/vendor.hpp"

namespace patchlab::families::rpm {

/// A package that a repository offers.
struct Offer {
    AvailablePackage package;
    std::string location;        ///< from the repository's address
    std::size_t repository = 0;  ///< which, in the order in which they were added
};

/// The package and everything that comes with it.
struct RpmSolution {
    bool possible = false;
    std::string why_not;
    std::vector<Offer> packages;
};

/// A newer version of an installed package.
struct Pending {
    Offer offer;
    std::string from;
    std::string from_source_version;
};

class Solving {
  public:
    explicit Solving(const std::string& architecture);
    ~Solving();
    Solving(const Solving&) = delete;
    Solving& operator=(const Solving&) = delete;

    /// `primary`: the file, packed or not. Packages whose name matches a pattern of `excluded` are
    /// left out. Error(invalid) when it cannot be read.
    void add_repository(const std::string& name, const std::filesystem::path& primary,
                        const std::vector<std::string>& excluded);
    /// Everything that the repositories offer for this architecture.
    std::vector<Offer> offers() const;

    void add_installed(const std::vector<Header>& headers);
    /// Packages ("name version architecture") that are neither candidates nor prerequisites.
    void leave_out(const std::set<std::string>& packages);
    /// Call once, after everything was added.
    void prepare();
    /// For each installed package the newest version that is newer. Of a package of which several
    /// versions may be installed, the newest one counts as installed.
    std::vector<Pending> pending() const;
    /// What the system must be given when it is given these. Never takes a package away that is not
    /// replaced.
    RpmSolution solve(const std::vector<Offer>& wanted);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// "name version architecture"
std::string key_of(const std::string& name, const std::string& version,
                   const std::string& architecture);
std::string key_of(const AvailablePackage& package);

}  // namespace patchlab::families::rpm
