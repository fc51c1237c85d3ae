// SPDX-License-Identifier: Apache-2.0
//
// The link between a lab host and the head: one request after the other over a stream of bytes,
// each answered before the next. A message is two lengths (4 bytes each, most significant first), a
// JSON document and raw bytes. What the other side sends is untrusted: lengths are capped, and
// nothing is waited for longer than the caller has patience. Ownership: borrows its descriptors,
// which it makes non-blocking. Thread safety: one thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "platform/core/clock.hpp"
#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::nodes {

inline constexpr std::size_t max_message_json = 1U << 20;
inline constexpr std::size_t max_message_bytes = 4U << 20;

struct Message {
    Json json = Json::object();
    std::string bytes;
};

/// The other side is gone, or silent for too long, or speaks another language: it may be tried
/// again.
class ContactLost : public Error {
  public:
    explicit ContactLost(const std::string& what) : Error(ErrorCode::lab, what) {}
};

class Link {
  public:
    Link(int in, int out);
    /// Both throw ContactLost.
    void send(const Message& message, Seconds patience);
    Message receive(Seconds patience);

  private:
    void write_all(std::string_view bytes, const Deadline& deadline);
    std::string read_exactly(std::size_t count, const Deadline& deadline);

    int in_;
    int out_;
};

}  // namespace patchlab::nodes
