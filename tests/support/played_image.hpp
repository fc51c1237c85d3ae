// SPDX-License-Identifier: Apache-2.0
//
// An image that only simulated machines can start from.
#pragma once

#include <string>

#include "orchestrator/images/image.hpp"
#include "platform/core/files.hpp"
#include "platform/store/database.hpp"

namespace patchlab::tests {

inline images::Image played_image(const std::string& name,
                                  const std::string& product = "Played Linux 1") {
    images::Image image;
    image.name = name;
    image.origin = "built";
    image.created = "2026-01-01T00:00:00Z";
    image.os.product = product;
    image.os.package_format = "deb";
    image.os.guest_agent = true;
    image.os.packages = {{"hello", "1.0", "amd64"}, {"other", "5", "all"}};
    return image;
}

/// Puts it into a state folder. `status`: of dpkg, on its disk.
inline void add_played_image(const fs::path& state, images::Image image,
                             const std::string& status = {}) {
    store::Database database(state / "patchlab.db", images::migrations());
    const fs::path disk = state / (image.name + ".disk");
    write_file_atomic(disk, "a played disk of " + image.name + "\n");
    images::ImageStore(state, database).add(image, disk, status);
    std::error_code gone;
    fs::remove(disk, gone);
}

}  // namespace patchlab::tests
