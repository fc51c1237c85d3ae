// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/tags.hpp"

#include <algorithm>

#include "platform/core/digest.hpp"
#include "platform/core/text.hpp"

namespace patchlab::service::api {

std::string tag_in(std::string_view operation, const Json& response) {
    if (operation == "policy.explain") {
        const auto digest = response.find("evidence_digest");
        if (digest == response.end() || !digest->is_string()) return "none.0";
        const std::size_t decisions = response.value("rulings", Json::array()).size();
        return digest->get<std::string>() + "." + std::to_string(decisions);
    }
    if (operation == "catalog.show") return sha256_hex(to_line(response));
    return {};
}

namespace {

constexpr char quote = 0x22;

/// "W/" before it says that it is a weak one, and none of ours: it stays as it is.
std::string_view unquoted(std::string_view tag) {
    const bool quoted = tag.size() >= 2 && tag.front() == quote && tag.back() == quote;
    return quoted ? tag.substr(1, tag.size() - 2) : tag;
}

}  // namespace

bool still_holds(std::string_view told, std::string_view tag) {
    if (told.empty()) return false;
    const bool begins = tag.starts_with(told);
    return begins && (tag.size() == told.size() || tag[told.size()] == '.');
}

bool matches_tag(std::string_view if_match, std::string_view tag) {
    while (!if_match.empty()) {
        const auto comma = std::min(if_match.find(','), if_match.size());
        std::string_view one = trimmed(if_match.substr(0, comma));
        if_match.remove_prefix(std::min(comma + 1, if_match.size()));
        if (still_holds(unquoted(one), tag)) return true;
    }
    return false;
}

}  // namespace patchlab::service::api
