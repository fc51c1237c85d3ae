// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/byte_source.hpp"

#include <algorithm>

namespace patchlab::feeds {

namespace {

constexpr std::size_t source_block = 1U << 16;

}  // namespace

ByteSource::ByteSource(std::string_view text)
    : more_([text](char* buffer, std::size_t size) mutable {
          const std::size_t count = std::min(size, text.size());
          std::copy_n(text.begin(), count, buffer);
          text.remove_prefix(count);
          return count;
      }) {}

std::string_view ByteSource::peek(std::size_t most) {
    buffer_.erase(0, at_);
    at_ = 0;
    while (!end_ && buffer_.size() < most) {
        const std::size_t had = buffer_.size();
        buffer_.resize(had + source_block);
        const std::size_t got = more_(buffer_.data() + had, source_block);
        buffer_.resize(had + got);
        end_ = got == 0;
    }
    return std::string_view(buffer_).substr(0, most);
}

std::string_view ByteSource::next() {
    if (at_ < buffer_.size()) {
        const std::string_view rest = std::string_view(buffer_).substr(at_);
        at_ = buffer_.size();
        return rest;
    }
    if (end_) return {};
    buffer_.resize(source_block);
    buffer_.resize(more_(buffer_.data(), source_block));
    at_ = buffer_.size();
    end_ = buffer_.empty();
    return buffer_;
}

}  // namespace patchlab::feeds
