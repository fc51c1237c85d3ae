// SPDX-License-Identifier: Apache-2.0
//
// OfflineDisk through libguestfs: the disk is opened read-only by a small virtual machine (the
// "appliance"), whose kernel mounts the guest's filesystems; the host's never does. The appliance
// has no network and runs as the calling user, with the host's kernel from /boot, which that user
// must be able to read. Starting it costs 2 s with KVM, 15 s without: it is started once for an
// image and kept until another image is asked for. Ownership: owns the appliance; destroying it
// ends it. Thread safety: one thread at a time.
#pragma once

#include <memory>
#include <string_view>

#include "platform/core/clock.hpp"
#include "platform/disk/image/offline_disk.hpp"

namespace patchlab::disk {

struct LibguestfsOptions {
    /// Acceleration as the host's probe found it: "kvm" or "tcg". With "tcg" KVM is not even tried,
    /// since where it is broken it hangs.
    std::string acceleration = "tcg";
    /// For one inspection or read once the appliance runs; then the appliance is killed and the
    /// answer is Error(timeout).
    Seconds deadline{900};
};

std::unique_ptr<OfflineDisk> open_libguestfs(const LibguestfsOptions& options);

// The os-release file of a system: what it calls itself. Pure; the text is the guest's and is
// bounded here.

/// Sets distro, version, codename and product from the file's fields; fields that are not there
/// leave what was known.
void apply_os_release(std::string_view text, OsInspection& os);

}  // namespace patchlab::disk
