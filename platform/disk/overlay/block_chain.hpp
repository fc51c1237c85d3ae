// SPDX-License-Identifier: Apache-2.0
//
// The backing chain of a qcow2, read from the headers of the files themselves. Values; thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace patchlab::disk {

/// One image of a backing chain. A format is never guessed from contents, which the guest may have
/// written.
struct ChainLink {
    std::filesystem::path file;
    std::string format;  ///< "qcow2" or "raw"
};

/// The chain from `overlay` (first) down to `base` (last). Error(lab) when it does not lead there,
/// or a format is not recorded.
std::vector<ChainLink> chain_between(const std::filesystem::path& overlay,
                                     const std::filesystem::path& base);

}  // namespace patchlab::disk
