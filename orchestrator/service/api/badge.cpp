// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service/api/badge.hpp"

#include <algorithm>
#include <array>

namespace patchlab::service::api {

namespace {

struct Look {
    std::string_view word, shown, colour;
};
/// White on each of them has a contrast of at least 4.5.
constexpr std::array looks{
    Look{"validated", "validated", "#1a7f37"},     Look{"needs-review", "needs review", "#8a5a00"},
    Look{"rejected", "rejected", "#b3261e"},       Look{"inconclusive", "inconclusive", "#5b5f66"},
    Look{"queued", "queued", "#3f5f8a"},           Look{"running", "running", "#3f5f8a"},
    Look{"interrupted", "interrupted", "#5b5f66"}, Look{"cancelled", "cancelled", "#5b5f66"},
};
constexpr Look no_verdict{"", "unknown", "#5b5f66"};

const Look& look_of(const Json& run) {
    for (const char* member : {"verdict", "state"}) {
        const auto found = run.find(member);
        if (found == run.end() || !found->is_string()) continue;
        const auto* const look = std::find_if(looks.begin(), looks.end(), [&](const Look& one) {
            return one.word == found->get_ref<const std::string&>();
        });
        if (look != looks.end()) return *look;
    }
    return no_verdict;
}

std::string number(std::size_t value) { return std::to_string(value); }

std::string text_at(std::size_t middle, std::string_view text) {
    return "<text x=\"" + number(middle) + "\" y=\"14\">" + std::string(text) + "</text>";
}

}  // namespace

std::string badge_svg(const Json& run) {
    static constexpr std::string_view name = "patchlab";
    static constexpr std::size_t per_letter = 7, margin = 12, height = 20;
    const Look& look = look_of(run);
    const std::size_t left = name.size() * per_letter + margin;
    const std::size_t right = look.shown.size() * per_letter + margin, width = left + right;
    const std::string title = std::string(name) + ": " + std::string(look.shown);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(width) + "\" height=\"" +
           number(height) + "\" role=\"img\" aria-label=\"" + title + "\"><title>" + title +
           "</title><rect width=\"" + number(width) + "\" height=\"" + number(height) +
           "\" rx=\"3\" fill=\"#33373d\"/><rect x=\"" + number(left) + "\" width=\"" +
           number(right) + "\" height=\"" + number(height) + "\" rx=\"3\" fill=\"" +
           std::string(look.colour) +
           "\"/><g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,sans-serif\" "
           "font-size=\"11\">" +
           text_at(left / 2, name) + text_at(left + right / 2, look.shown) + "</g></svg>\n";
}

}  // namespace patchlab::service::api
