// SPDX-License-Identifier: Apache-2.0
//
// The child process in which guest filesystems are parsed. The program starts itself again with
// `compare_child_word` as its first argument; that process serves the images (as the caller's
// user), then forks once more into one that gives up every right (user nobody, an empty root
// folder, no new privileges, limits on memory and time) before it reads the first byte that a guest
// wrote. The answer is JSON lines on stdout: {"change": …}*, then {"done": …} or {"error": …}.
// Without the last line there is no answer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/disk/overlay/block_reader.hpp"
#include "platform/disk/overlay/changes.hpp"

namespace patchlab::disk {

inline constexpr const char* compare_child_word = "internal-compare";

struct ChildAnswer {
    OverlayComparison comparison;
    /// Names of areas that differ and hold a filesystem other than ext4, with where they lie.
    struct OtherArea {
        std::string name;
        int number = 0;
        ByteRange range;
    };
    std::vector<OtherArea> others;
};

/// Runs the child and reads its answer; Error(lab) when it crashed, was cut off or said nothing
/// final.
ChildAnswer ask_compare_child(const OverlayQuery& query, bool everything);

/// Gives up every right of this process that reading through open descriptors does not need.
/// `empty_folder` becomes its root.
void give_up_rights(const std::filesystem::path& empty_folder);

}  // namespace patchlab::disk
