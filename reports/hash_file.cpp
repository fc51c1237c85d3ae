// SPDX-License-Identifier: Apache-2.0
#include "reports/hash_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "platform/core/digest.hpp"
#include "platform/core/error.hpp"

namespace patchlab::reports {

HashedFile hash_file(int fd, const std::string& shown, std::uint64_t max_bytes) {
    Sha256 hash;
    HashedFile result;
    std::vector<char> buffer(1U << 20);
    for (;;) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            throw Error(ErrorCode::lab, "cannot read " + shown + ": " + std::strerror(errno));
        if (got == 0) break;
        result.size += static_cast<std::uint64_t>(got);
        if (result.size > max_bytes)
            throw Error(ErrorCode::invalid,
                        shown + " is larger than " + std::to_string(max_bytes) + " bytes");
        hash.update({buffer.data(), static_cast<std::size_t>(got)});
    }
    result.sha256 = hash.finish();
    return result;
}

}  // namespace patchlab::reports
