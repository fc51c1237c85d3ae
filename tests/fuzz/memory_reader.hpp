// SPDX-License-Identifier: Apache-2.0
//
// A disk that is a text in memory. Thread safety: one a thread.
#pragma once

#include <cstring>
#include <string>

#include "platform/core/error.hpp"
#include "platform/disk/overlay/block_reader.hpp"

namespace patchlab::tests {

class MemoryReader final : public disk::BlockReader {
  public:
    /// `bytes` must live longer.
    explicit MemoryReader(const std::string& bytes) : bytes_(bytes) {}
    std::uint64_t size() const override { return bytes_.size(); }
    void read(std::uint64_t offset, std::span<unsigned char> into) override {
        if (into.size() > bytes_.size() || offset > bytes_.size() - into.size())
            throw Error(ErrorCode::lab, "beyond the end");
        std::memcpy(into.data(), bytes_.data() + offset, into.size());
    }

  private:
    const std::string& bytes_;
};

}  // namespace patchlab::tests
