// SPDX-License-Identifier: Apache-2.0
//
// The advisories of a repository (updateinfo.xml): which packages each names, what it repairs, how
// urgent the vendor says that is, and whether it was retracted. Values; untrusted text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchlab::families::rpm {

struct Advisory {
    std::string id;
    std::string urgency = "unknown";  ///< low | medium | high | critical
    std::vector<std::string> cves;    ///< sorted, each once
    bool reboot = false;              ///< the vendor says that it takes a reboot
    bool retracted = false;
    std::vector<std::string> packages;  ///< "name version architecture"
};

/// Error(invalid) for what is no list of advisories.
std::vector<Advisory> read_advisories(std::string_view xml, const std::string& where);

}  // namespace patchlab::families::rpm
