// SPDX-License-Identifier: Apache-2.0
//
// What is the patch's own: names and places that only its packages can have, or that are named
// after them and nobody else's. Asked of what an entry of somebody else's configuration touches.
// Read-only after construction; thread-safe as such.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "snapshots/package_index.hpp"

namespace patchlab::snapshots {

class Belongings {
  public:
    Belongings() = default;
    /// `before`: the machine before the patch, whose other packages and units have names of their
    /// own; may be null. The index must outlive this.
    Belongings(const PackageIndex& index, const Capture* before);

    /// "acme", "acme-agent": of a package, or of a unit or program that a package of the patch
    /// alone can ship.
    bool has_name(std::string_view name) const;
    /// The same, or a name like one of those ("acme-data", "acme") that nothing else on the machine
    /// has.
    bool is_named_like_own(std::string_view name) const;
    /// A file that the patch ships, or a place of one of its names: /run/acme, /var/lib/acme/x.
    bool has_path(std::string_view path) const;
    /// The same, or a place that is named like one of them.
    bool is_placed_like_own(std::string_view path) const;
    /// A unit that the patch ships in the vendor's folder of units.
    bool has_unit(std::string_view unit) const;

  private:
    const PackageIndex* index_ = nullptr;
    std::set<std::string, std::less<>> names_;
    std::set<std::string, std::less<>> units_;
    std::set<std::string, std::less<>> others_;  ///< names of what else is on the machine
};

}  // namespace patchlab::snapshots
