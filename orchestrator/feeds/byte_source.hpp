// SPDX-License-Identifier: Apache-2.0
//
// Bytes as they come, in blocks with a look ahead, or one by one. Thread safety: one a thread.
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

/// The bytes of a source one by one, with the number of their line.
class ByteCursor {
  public:
    static constexpr int end = -1;

    explicit ByteCursor(ByteSource& source) : source_(source) {}
    /// The next byte without taking it; `end` behind the last one.
    int look() {
        if (at_ == block_.size()) {
            block_ = source_.next();
            at_ = 0;
            if (block_.empty()) return end;
        }
        return static_cast<unsigned char>(block_[at_]);
    }
    int get() {
        const int c = look();
        if (c != end) ++at_;
        if (c == '\n') ++line_;
        return c;
    }
    /// The line of the next byte, from 1.
    std::size_t line() const { return line_; }

  private:
    ByteSource& source_;
    std::string_view block_;
    std::size_t at_ = 0, line_ = 1;
};

}  // namespace patchlab::feeds
