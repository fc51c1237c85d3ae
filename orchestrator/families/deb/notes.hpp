// SPDX-License-Identifier: Apache-2.0
//
// What the packages of an update say of it: changelog, advisories, urgency, whether it needs a
// boot, which services it brings. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/families/package_family.hpp"

namespace patchlab::families::deb {

/// Whether read_deb() should keep a file's content for notes_of().
bool tells_about_update(std::string_view path);

/// The changelog is that of the source `source`, from whichever package has it (documentation
/// folders may be links to another package's).
VendorNotes notes_of(const std::vector<PackageContents>& packages, const std::string& source,
                     const std::string& from, const std::string& to);

}  // namespace patchlab::families::deb
