// SPDX-License-Identifier: Apache-2.0
//
// Messages on the way to the back: four bytes that say how long one is, then so much JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "platform/core/json_fwd.hpp"

namespace patchlab::service::front {

constexpr std::size_t most_from_caller = 16U << 20;
constexpr std::size_t most_from_back = 256U << 20;

/// Error(invalid) when it is longer than `most`.
std::string frame_of(const Json& message, std::size_t most);

class FrameReader {
  public:
    explicit FrameReader(std::size_t most) : most_(most) {}
    std::size_t wanted() const;
    /// At most wanted() bytes. Error(invalid) for a length of 0 or above the limit.
    void feed(std::string_view bytes);
    std::optional<Json> take();

  private:
    std::size_t length() const;
    std::size_t most_;
    std::string header_, body_;
};

}  // namespace patchlab::service::front
