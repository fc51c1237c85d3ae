// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/nodes/file_piece.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace patchlab::nodes {

std::optional<std::string> read_piece(const fs::path& file, std::uint64_t offset,
                                      std::size_t most) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return std::nullopt;
    std::string bytes(most, '\0');
    const ssize_t got = ::pread(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
}

}  // namespace patchlab::nodes
