// SPDX-License-Identifier: Apache-2.0
//
// What the header of a disk image says, read by us before any tool opens the file. An image can
// name other files of this host (a backing file, an external data file, extents, a parent), and
// whoever opens it reads those: "/etc/shadow" as a disk. So nothing is handed to qemu-img before
// this has looked. Thread safety: free functions.
#pragma once

#include <filesystem>
#include <string>

namespace patchlab::disk {

struct ImageHeader {
    std::string format;  ///< qemu's name by content: "qcow2", "vmdk", "vhdx"; "raw" when there is
                         ///< no known header; of what is packed, the packing: "gzip", "tar"
    std::string refers_to;  ///< what other file it depends on, in words ("backing file
                            ///< '/etc/shadow'"); empty: it stands alone
    bool encrypted = false;
};

/// Reads at most the first 64 KiB. Error(not_found), Error(invalid) for a folder, a device, or a
/// header that cannot be followed.
ImageHeader read_image_header(const std::filesystem::path& file);

/// How to unpack what read_image_header() calls a packing ("gzip", "tar", …); empty for the format
/// of a disk.
std::string how_to_unpack(const ImageHeader& header, const std::filesystem::path& file);

/// The format a file name promises ("qcow2" for .qcow2/.qcow, "raw" for .raw/.img, "vmdk", "vhdx"),
/// or empty.
std::string format_of_name(const std::filesystem::path& file);

}  // namespace patchlab::disk
