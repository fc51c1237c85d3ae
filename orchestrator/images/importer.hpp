// SPDX-License-Identifier: Apache-2.0
//
// Imports a disk that was made elsewhere. Its content is untrusted: the header is read by us before
// any tool follows it, the format is checked, and the system on it is looked at in libguestfs'
// appliance. The source is only ever opened for reading. Thread safety: one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "orchestrator/images/builder.hpp"
#include "orchestrator/images/image.hpp"
#include "platform/core/clock.hpp"
#include "platform/disk/image/offline_disk.hpp"
#include "platform/process/command.hpp"

namespace patchlab::images {

struct ImportRequest {
    std::string name;
    std::filesystem::path source;
    std::string
        format;  ///< "qcow2", "raw", "vmdk", "vhdx"; empty: by name and content, which must agree
};

struct ImportTools {
    process::CommandRunner* commands = nullptr;
    const Clock* clock = nullptr;
    disk::OfflineDisk* offline = nullptr;
    std::function<void(std::string_view)> progress;
};

/// The format to read the source as. Error(invalid) when it is none of the four, disagrees with its
/// name, is encrypted, or depends on another file (a backing file, external data, extents, a
/// parent).
std::string format_of(const ImportRequest& request);

/// Fills `folder` as build_image() does (no debs). Error(invalid) when the source is damaged or
/// holds no operating system.
void import_image(const ImportRequest& request, const BuildFolder& folder,
                  const ImportTools& tools);

}  // namespace patchlab::images
