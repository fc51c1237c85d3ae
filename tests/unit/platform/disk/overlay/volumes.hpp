// SPDX-License-Identifier: Apache-2.0
//
// Small ext4 images for tests, made and changed with mke2fs and debugfs; nothing is ever mounted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/core/files.hpp"
#include "platform/disk/overlay/areas.hpp"

namespace patchlab::disk::testing {

/// Two raw images, `before` and `after`, which start equal.
class Volumes {
  public:
    /// `features`: the type and other arguments of mke2fs.
    explicit Volumes(const std::vector<std::string>& features = {"-t", "ext4"},
                     const std::string& size = "16M");

    std::filesystem::path before() const { return folder_.path() / "before.raw"; }
    std::filesystem::path after() const { return folder_.path() / "after.raw"; }
    std::filesystem::path folder() const { return folder_.path(); }
    /// A host file with these bytes, for debugfs' write.
    std::filesystem::path host_file(const std::string& name, const std::string& bytes);
    /// Runs debugfs commands on `after`; a command that fails changes nothing.
    void change(const std::vector<std::string>& commands);
    /// Copies one of the images over the other.
    static void settle(const std::filesystem::path& from, const std::filesystem::path& to);
    /// Overwrites bytes of `after` without the filesystem's knowledge.
    void poke(std::uint64_t offset, const std::string& bytes);
    /// The first block of a file in `after`, in bytes from the start; 0 when it has none.
    std::uint64_t first_byte_of(const std::string& path);
    /// A qcow2 overlay on `before` that reads as `after`; holds only clusters that differ.
    std::filesystem::path overlay();

    std::vector<FileChange> touched() const;
    std::vector<FileChange> everything() const;

  private:
    TempFolder folder_;
};

/// Runs a program to its end; throws when it fails and `must` is set.
std::string run(const std::string& program, const std::vector<std::string>& args, bool must = true);

/// "changed /etc/passwd", one for each change, sorted.
std::vector<std::string> brief(const std::vector<FileChange>& changes);
/// All that is said about each change but notes, as text.
std::string whole(const std::vector<FileChange>& changes);

}  // namespace patchlab::disk::testing
