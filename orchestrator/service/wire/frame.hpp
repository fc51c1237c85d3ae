// SPDX-License-Identifier: Apache-2.0
//
// Messages on a stream: four bytes that say how long a message is (big-endian), then so many bytes
// of JSON, one object. Either side may be hostile: a length above the limit is refused before a
// byte of the message is read, and memory grows with what has come, never with what is announced.
// Values; thread-safe as such.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "platform/core/json_fwd.hpp"

namespace patchlab::service {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t most_from_caller = 16U << 20;
constexpr std::size_t most_from_back = 256U << 20;

/// The message as it travels. Error(invalid) when it is longer than `most`.
std::string frame_of(const Json& message, std::size_t most);

/// Takes bytes in pieces of any size and gives whole messages.
class FrameReader {
  public:
    /// `most`: bytes of one message.
    explicit FrameReader(std::size_t most) : most_(most) {}

    /// At most so many bytes belong to the message that is being read; from the first byte of a
    /// message on it is never 0 before the message is whole.
    std::size_t wanted() const;
    /// At most wanted() bytes. Error(invalid) for a length of 0 or above the limit.
    void feed(std::string_view bytes);
    /// The message, once it is whole; then the next one begins. Error(invalid) for what is no JSON
    /// object.
    std::optional<Json> take();
    /// No byte of the next message has come.
    bool between_messages() const { return header_.empty(); }

  private:
    std::size_t length() const;
    std::size_t most_;
    std::string header_;
    std::string body_;
};

}  // namespace patchlab::service
