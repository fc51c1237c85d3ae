// SPDX-License-Identifier: Apache-2.0
//
// Bytes as they come, with a look ahead. Thread safety: one a thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace patchlab::feeds {

class ByteSource {
  public:
    /// Gives at most `size` bytes; 0 at the end.
    using Read = std::function<std::size_t(char* buffer, std::size_t size)>;
    explicit ByteSource(Read more) : more_(std::move(more)) {}
    /// All of a text, which must live longer.
    explicit ByteSource(std::string_view text);

    /// The next bytes without taking them: `most` of them, or fewer at the end. Valid until the
    /// next call.
    std::string_view peek(std::size_t most);
    /// The next bytes, at least one unless the end is reached. Valid until the next call.
    std::string_view next();

  private:
    Read more_;
    std::string buffer_;
    std::size_t at_ = 0;
    bool end_ = false;
};

}  // namespace patchlab::feeds
