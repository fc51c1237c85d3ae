// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/wire/frame.hpp"

#include <algorithm>

#include "platform/core/error.hpp"
#include "platform/core/json.hpp"

namespace patchlab::service {

namespace {

void expect_at_most(std::size_t most, std::size_t length) {
    if (length > most)
        throw Error(ErrorCode::invalid, "a message of " + std::to_string(length) +
                                            " bytes is too long (at most " + std::to_string(most) +
                                            ")");
}

}  // namespace

std::string frame_of(const Json& message, std::size_t most) {
    const std::string text = to_line(message);
    expect_at_most(most, text.size());
    std::string frame;
    frame.reserve(header_bytes + text.size());
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
    if (header_.size() < header_bytes) return header_bytes - header_.size();
    return length() - body_.size();
}

void FrameReader::feed(std::string_view bytes) {
    if (bytes.size() > wanted())
        throw Error(ErrorCode::internal, "more bytes than belong to the message");
    if (header_.size() == header_bytes) {
        body_ += bytes;
        return;
    }
    header_ += bytes;
    if (header_.size() < header_bytes) return;
    if (length() == 0) throw Error(ErrorCode::invalid, "a message is empty");
    expect_at_most(most_, length());
}

std::optional<Json> FrameReader::take() {
    if (header_.size() < header_bytes || body_.size() < length()) return std::nullopt;
    const std::string text = std::move(body_);
    header_.clear();
    body_.clear();
    Json message = parse_json(text, "message", most_);
    if (!message.is_object()) throw Error(ErrorCode::invalid, "a message is no JSON object");
    return message;
}

}  // namespace patchlab::service
