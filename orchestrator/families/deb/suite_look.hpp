// SPDX-License-Identifier: Apache-2.0
//
// Whether a suite has changed, by one conditional request for its InRelease file; and what a
// changelog says of a regression. Nothing here is verified: apt verifies what it then fetches.
// Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/families/vendor.hpp"
#include "platform/process/command.hpp"

namespace patchlab::families::deb {

/// Each suite of deb822 sources once. Those that are reached by other means than http, https and
/// file are left out.
std::vector<Suite> suites_in(const std::string& sources);

/// `settings`: what host_apt_settings() gave.
SuiteLook look_at(const Suite& suite, const SuiteSeen& before, const std::string& settings,
                  process::CommandRunner& runner);

/// A field of a Release file's head as a time: "Sat, 12 Sep 2026 10:00:00 UTC".
std::optional<TimePoint> time_in_release(std::string_view release, std::string_view field);

/// See PackageFamily::repairs_regression().
std::string repairs_regression(const std::string& changelog, const std::string& before);

}  // namespace patchlab::families::deb
