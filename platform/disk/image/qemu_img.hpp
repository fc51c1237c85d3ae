// SPDX-License-Identifier: Apache-2.0
//
// ImageTool: what patchlab asks of `qemu-img`. Formats are always said, never probed; an image from
// outside goes through read_image_header() first. Owns nothing; the CommandRunner must outlive it.
// Thread safety: as the CommandRunner.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/clock.hpp"
#include "platform/process/command.hpp"

namespace patchlab::disk {

/// Arguments of `qemu-img` that make `overlay` (qcow2) on `backing`. The backing's format is always
/// said: an image whose format qemu has to guess is an image whose guest chooses what the host
/// opens. `virtual_bytes`: larger than the backing, if set.
std::vector<std::string> create_overlay_arguments(
    const std::filesystem::path& backing, const std::string& backing_format,
    const std::filesystem::path& overlay,
    std::optional<std::uint64_t> virtual_bytes = std::nullopt);

struct ImageInfo {
    std::string format;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t file_bytes = 0;             ///< what the file takes on the host's disk
    std::optional<std::string> backing_file;  ///< as the header says it
    std::optional<std::string> backing_format;
    std::optional<std::string> data_file;
    bool encrypted = false;
    bool corrupt = false;  ///< marked so by QEMU
    std::size_t internal_snapshots = 0;
};

/// What `qemu-img check` found. `unsupported`: the format has no check.
enum class CheckState { clean, leaks, corrupt, unsupported };

struct CheckReport {
    CheckState state = CheckState::clean;
    std::uint64_t corruptions = 0;
    std::uint64_t leaks = 0;  ///< clusters that belong to nobody: wasted space, no harm
};

class ImageTool {
  public:
    explicit ImageTool(process::CommandRunner& commands) : commands_(commands) {}

    /// Reads the header alone; a backing file is not opened. Error(not_found), Error(invalid).
    ImageInfo info(const std::filesystem::path& image, const std::string& format);
    /// Makes `overlay` (qcow2) on `base`. Error(lab); a half-made file is removed.
    void create_overlay(const std::filesystem::path& base, const std::string& base_format,
                        const std::filesystem::path& overlay,
                        std::optional<std::uint64_t> virtual_bytes = std::nullopt);
    struct Conversion {
        std::string source_format;
        std::string target_format = "qcow2";
        bool compress = false;
        Seconds deadline{3600};
    };
    /// Copies `source` into a new file; the source is opened read-only. Error(invalid) when it
    /// cannot be read as its format.
    void convert(const std::filesystem::path& source, const std::filesystem::path& target,
                 const Conversion& conversion);
    /// Error(lab) when the check itself could not be done: nothing is known then.
    CheckReport check(const std::filesystem::path& image, const std::string& format);
    /// The image, then what it stands on, down to the base. For images this program made: it
    /// follows what the headers say.
    std::vector<std::filesystem::path> backing_chain(const std::filesystem::path& image,
                                                     const std::string& format);

  private:
    process::CommandRunner& commands_;
};

/// Parses `qemu-img info --output=json`. Error(invalid) for anything else.
ImageInfo parse_image_info(std::string_view json, std::string_view where);

}  // namespace patchlab::disk
