// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/front/frames.hpp"

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::service::front {

std::string frame_of(const Json& message, std::size_t most) {
    const std::string text = to_line(message);
    if (text.size() > most) throw Error(ErrorCode::invalid, "the request is too long");
    std::string frame;
    for (int shift = 24; shift >= 0; shift -= 8)
        frame += static_cast<char>((text.size() >> static_cast<unsigned>(shift)) & 0xFFU);
    return frame + text;
}

std::size_t FrameReader::length() const {
    std::size_t length = 0;
    for (const char byte : header_) length = (length << 8U) | static_cast<unsigned char>(byte);
    return length;
}

std::size_t FrameReader::wanted() const {
    return header_.size() < 4 ? 4 - header_.size() : length() - body_.size();
}

void FrameReader::feed(std::string_view bytes) {
    if (header_.size() == 4) {
        body_ += bytes;
        return;
    }
    header_ += bytes;
    if (header_.size() == 4 && (length() == 0 || length() > most_))
        throw Error(ErrorCode::invalid, "a message of the back has no proper length");
}

std::optional<Json> FrameReader::take() {
    if (header_.size() < 4 || body_.size() < length()) return std::nullopt;
    const std::string text = std::move(body_);
    header_.clear();
    body_.clear();
    return parse_json(text, "message of the back", most_);
}

}  // namespace patchlab::service::front
