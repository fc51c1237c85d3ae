// SPDX-License-Identifier: Apache-2.0
//
// The image that live tests boot, and a folder they may work in. Nothing here is committed or kept:
// the image is the one that the images module built (PATCHLAB_LIVE_STATE) or the one named by
// PATCHLAB_LIVE_IMAGE.
#pragma once

#include <filesystem>
#include <string>

#include "platform/core/files.hpp"
#include "platform/virt/hypervisor.hpp"

namespace patchlab::live {

/// Empty when there is none.
std::filesystem::path image();
inline constexpr const char* no_image =
    "no live image: set PATCHLAB_LIVE_IMAGE to a bootable qcow2 with a guest agent";

/// A folder below /tmp that QEMU's user can pass through; removed in the end.
class Workplace {
  public:
    Workplace();
    const std::filesystem::path& path() const { return folder_.path(); }

  private:
    TempFolder folder_;
};

void make_overlay(const std::filesystem::path& overlay, const std::filesystem::path& base);

/// Where libvirt's knowledge of the emulator is kept between tests.
std::filesystem::path capability_cache();

virt::Acceleration acceleration();

}  // namespace patchlab::live
