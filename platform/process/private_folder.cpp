// SPDX-License-Identifier: Apache-2.0
#include "platform/process/private_folder.hpp"

#include <sys/mount.h>

#include <cerrno>
#include <cstring>

#include "platform/core/error.hpp"
#include "platform/core/files.hpp"

namespace patchlab::process {

void mount_private_folder(const std::filesystem::path& path) {
    make_folder(path, 0711);
    if (::mount("patchlab", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0711,size=256m") !=
        0)
        throw Error(ErrorCode::lab, "cannot mount a private folder on " + path.string() + ": " +
                                        std::strerror(errno));
}

}  // namespace patchlab::process
