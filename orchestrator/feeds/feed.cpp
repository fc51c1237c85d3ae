// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/feeds/feed.hpp"

#include <algorithm>
#include <array>

#include "platform/core/error.hpp"
#include "platform/core/text.hpp"

namespace patchlab::feeds {

namespace {

struct KindFacts {
    Kind kind;
    std::string_view word;
    bool documents;
    double limit_days, least_share;
};

constexpr std::array kinds{
    KindFacts{Kind::kev, "kev", false, 14, 0.98},
    KindFacts{Kind::ssvc, "ssvc", true, 14, 0.9},
    KindFacts{Kind::epss, "epss", false, 7, 0.9},
    KindFacts{Kind::debian, "debian", false, 7, 0.9},
    KindFacts{Kind::osv, "osv", true, 30, 0.9},
    KindFacts{Kind::csaf, "csaf", true, 30, 0.9},
    KindFacts{Kind::openvex, "openvex", true, 365, 0.9},
    KindFacts{Kind::updateinfo, "updateinfo", false, 30, 0.9},
};

const KindFacts& facts_of(Kind kind) {
    return *std::find_if(kinds.begin(), kinds.end(),
                         [&](const KindFacts& one) { return one.kind == kind; });
}

bool digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// Seconds east of UTC; nullopt: it is no zone.
std::optional<int> zone_from(std::string_view text) {
    if (text.empty() || text == "Z" || text == "z") return 0;
    if (text[0] != '+' && text[0] != '-') return std::nullopt;
    std::string number(text.substr(1));
    if (number.size() == 5 && number[2] == ':') number.erase(2, 1);
    if (number.size() != 4 || !digits(number)) return std::nullopt;
    const int hours = std::stoi(number.substr(0, 2)), minutes = std::stoi(number.substr(2));
    if (hours > 14 || minutes > 59) return std::nullopt;
    return (text[0] == '-' ? -60 : 60) * (hours * 60 + minutes);
}

std::optional<TimePoint> exact_time(const std::string& text) {
    try {
        return from_rfc3339(text);
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace

std::string_view name(Kind kind) { return facts_of(kind).word; }
bool of_documents(Kind kind) { return facts_of(kind).documents; }
double limit_days(Kind kind) { return facts_of(kind).limit_days; }
double least_share(Kind kind) { return facts_of(kind).least_share; }

std::optional<Kind> kind_from(std::string_view word) {
    for (const KindFacts& one : kinds)
        if (one.word == word) return one.kind;
    return std::nullopt;
}

std::vector<std::string> kind_names() {
    std::vector<std::string> names;
    for (const KindFacts& one : kinds) names.emplace_back(one.word);
    return names;
}

bool is_cve(std::string_view text) {
    return text.size() >= 13 && text.size() <= 28 && text.starts_with("CVE-") &&
           digits(text.substr(4, 4)) && text[8] == '-' && digits(text.substr(9));
}

std::optional<TimePoint> time_from(std::string_view text) {
    if (text.size() > 40) return std::nullopt;
    if (text.size() == 10) return exact_time(std::string(text));
    if (text.size() < 19 || (text[10] != 'T' && text[10] != ' ')) return std::nullopt;
    std::string_view rest = text.substr(19);
    if (rest.starts_with('.')) {
        const std::size_t end = rest.find_first_not_of("0123456789", 1);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    }
    const auto zone = zone_from(rest);
    const auto time =
        exact_time(std::string(text.substr(0, 10)) + "T" + std::string(text.substr(11, 8)) + "Z");
    if (!zone || !time) return std::nullopt;
    return *time - std::chrono::seconds(*zone);
}

}  // namespace patchlab::feeds
