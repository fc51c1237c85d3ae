// SPDX-License-Identifier: Apache-2.0
//
// Names in folders of FAT filesystems. Values; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace patchlab::disk {

/// `count` bytes, the least significant first.
std::uint64_t fat_number(const std::vector<unsigned char>& bytes, std::size_t at,
                         std::size_t count);

/// A long name is spread over entries that stand before the entry of its file, its end first.
class LongName {
  public:
    void add(const unsigned char* entry);
    /// The name of the file that this entry of 32 bytes is of: the long name, where what stands
    /// before is one and belongs to it, else the short one. Forgets what was added.
    std::string take(const unsigned char* entry);

  private:
    std::vector<std::uint16_t> units_;
    unsigned wanted_ = 0;  ///< the number of the part that must come next; 0: none
    unsigned char check_ = 0;
    bool whole_ = false;
};

}  // namespace patchlab::disk
