// SPDX-License-Identifier: Apache-2.0
//
// How far a lab machine has drifted from the host it stands for: their packages, compared one by
// one. Pure function; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/inventory/scan.hpp"

namespace patchlab::inventory {

struct PackageDrift {
    std::string name;
    std::string architecture;
    std::string host;  ///< version; empty: not there
    std::string lab;
};

struct Fidelity {
    std::size_t same = 0;
    std::size_t older = 0;            ///< the lab has an older version than the host
    std::size_t newer = 0;            ///< the lab has a newer one
    std::size_t missing = 0;          ///< the host has it, the lab has not
    std::size_t surplus = 0;          ///< the lab has it, the host has not
    std::vector<PackageDrift> drift;  ///< everything that is not the same, by name

    /// Of all packages of either, the part that is the same: 0 to 100.
    double score() const;
};

/// Where several versions of a package are installed side by side (kernels of rpm systems), the
/// newest counts.
Fidelity compare_packages(const std::vector<InstalledPackage>& host,
                          const std::vector<InstalledPackage>& lab);

}  // namespace patchlab::inventory
