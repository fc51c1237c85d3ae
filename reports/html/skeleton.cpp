// SPDX-License-Identifier: Apache-2.0
#include "reports/html/skeleton.hpp"

#include <utility>
#include <vector>

#include "platform/core/digest.hpp"
#include "reports_files.hpp"

namespace patchlab::reports::html {

namespace {

/// Puts `value` where the skeleton says {{key}}. Only the skeleton is searched, never what was put
/// in.
std::string fill(std::string_view skeleton,
                 const std::vector<std::pair<std::string_view, std::string_view>>& values) {
    std::string out;
    for (std::size_t at = 0;;) {
        const std::size_t open = skeleton.find("{{", at);
        out += skeleton.substr(at, open == std::string_view::npos ? open : open - at);
        if (open == std::string_view::npos) return out;
        const std::size_t close = skeleton.find("}}", open);
        const std::string_view key = skeleton.substr(open + 2, close - open - 2);
        for (const auto& [name, value] : values)
            if (name == key) out += value;
        at = close + 2;
    }
}

std::string sha256_base64(std::string_view bytes) {
    const std::string hex = sha256_hex(bytes);
    std::string raw;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        raw += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return base64_encode(raw);
}

}  // namespace

std::string whole_page(std::string_view title, std::string_view tone, const Writer& body) {
    const std::string_view style = embedded::reports_files::file("report.css");
    return fill(embedded::reports_files::file("report.html"), {{"title", escape(title, 200)},
                                                               {"style-hash", sha256_base64(style)},
                                                               {"style", style},
                                                               {"verdict", tone},
                                                               {"body", body.html()}});
}

}  // namespace patchlab::reports::html
