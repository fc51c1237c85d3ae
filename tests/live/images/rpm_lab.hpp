// SPDX-License-Identifier: Apache-2.0
//
// The lab of a guest with rpm and dnf that the live tests of that family share.
#pragma once

#include <filesystem>

namespace patchlab::live {

inline constexpr auto rpm_image = "synthetic-el-9-web";
inline constexpr auto rpm_lab = "live-rpm";

/// Builds the image when it is not there. Some minutes.
void have_rpm_image(const std::filesystem::path& state);
/// Prepares the lab, and builds its image, when it is not there. Some minutes.
void have_rpm_lab(const std::filesystem::path& state);

}  // namespace patchlab::live
