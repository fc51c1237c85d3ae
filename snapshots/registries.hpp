// SPDX-License-Identifier: Apache-2.0
//
// What the package system's own registries said before and after a patch: which links, paths and
// triggers are whose. A registry lies in the guest and can be written by any script, so an entry
// alone explains nothing: whoever asks checks that what stands there fits. Values; thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "snapshots/capture.hpp"

namespace patchlab::snapshots {

class Registries {
  public:
    using Entries = std::map<std::string, std::string>;

    Registries() = default;
    Registries(const Capture& before, const Capture& after)
        : before_(before.registries), after_(after.registries) {}

    /// The entry of `subject`, or null.
    const std::string* before(std::string_view registry, std::string_view subject) const {
        return in(before_, registry, subject);
    }
    const std::string* after(std::string_view registry, std::string_view subject) const {
        return in(after_, registry, subject);
    }
    /// All entries of a registry as it was before; empty when there is none.
    const Entries& all_before(std::string_view registry) const;

  private:
    static const std::string* in(const std::map<std::string, Entries>& side,
                                 std::string_view registry, std::string_view subject);

    std::map<std::string, Entries> before_, after_;
};

/// The words of an entry that several said ("libc-bin | man-db").
std::vector<std::string> said_by_all(std::string_view entry);

}  // namespace patchlab::snapshots
