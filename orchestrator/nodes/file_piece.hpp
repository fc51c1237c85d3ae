// SPDX-License-Identifier: Apache-2.0
//
// A part of a file that grows, or that is too large for memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/core/files.hpp"

namespace patchlab::nodes {

/// What the file holds from `offset` on, at most `most` bytes; none at its end. Follows no symbolic
/// link. nullopt, with errno, when it cannot be read.
std::optional<std::string> read_piece(const fs::path& file, std::uint64_t offset, std::size_t most);

}  // namespace patchlab::nodes
