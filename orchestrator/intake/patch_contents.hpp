// SPDX-License-Identifier: Apache-2.0
//
// What the packages of a patch say of it: changelog, advisories, urgency, whether it needs a boot,
// which services it brings.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "orchestrator/intake/deb_file.hpp"
#include "orchestrator/intake/patch.hpp"

namespace patchlab::intake {

/// Whether read_deb() should keep a file's content for describe_from().
bool tells_about_patch(std::string_view path);

/// Fills advisories, urgency, changelog, reboot, reboot_why and restarts of `patch` from its
/// packages' contents. `from_source_version`: the source version the image holds, empty when
/// unknown. The changelog is that of the patch's own source, from whichever package has it
/// (documentation folders may be links to another package's).
void describe_from(Patch& patch, const std::vector<DebContents>& packages,
                   const std::string& from_source_version);

}  // namespace patchlab::intake
