// SPDX-License-Identifier: Apache-2.0
//
// What rpm repositories offer: Vendor of this family. Chain of trust: the signature of repomd.xml
// where the repository asks for one (repo_gpgcheck), the sha256 of every file from there on, and
// the signature in each package (gpgcheck).
#pragma once

#include <memory>

#include "orchestrator/families/vendor.hpp"
#include "platform/process/command.hpp"

namespace patchlab::families::rpm {

std::unique_ptr<Vendor> open_rpm_vendor(VendorRequest request, process::CommandRunner& runner);

}  // namespace patchlab::families::rpm
