// SPDX-License-Identifier: Apache-2.0
//
// The size and sha256 of an open file, read once from its start to its end.
#pragma once

#include <cstdint>
#include <string>

namespace patchlab::reports {

struct HashedFile {
    std::uint64_t size = 0;
    std::string sha256;
};

/// `shown` names the file in errors. Error(invalid) when it is larger than `max_bytes`, Error(lab)
/// when it cannot be read.
HashedFile hash_file(int fd, const std::string& shown, std::uint64_t max_bytes);

}  // namespace patchlab::reports
