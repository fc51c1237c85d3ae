// SPDX-License-Identifier: Apache-2.0
#include "reports/words.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace patchlab::reports {

namespace {

std::string format(const char* pattern, double value) {
    char text[64];
    // the patterns are this file's own
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    std::snprintf(text, sizeof text, pattern, value);
#pragma GCC diagnostic pop
    return text;
}

}  // namespace

std::string duration_words(double seconds) {
    if (seconds < 9.95) return format("%.1f s", seconds);
    const auto whole = static_cast<long long>(std::llround(std::min(seconds, 1e12)));
    if (whole < 60) return std::to_string(whole) + " s";
    if (whole < 3600)
        return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
    return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

std::string size_words(std::uint64_t bytes) {
    if (bytes < 1000) return count_words(bytes, "byte", "bytes");
    const double value = static_cast<double>(bytes);
    if (value < 1e6) return format("%.0f kB", value / 1e3);
    return value < 1e9 ? format("%.1f MB", value / 1e6) : format("%.1f GB", value / 1e9);
}

std::string time_words(const std::string& rfc3339) {
    if (rfc3339.size() != 20 || rfc3339[10] != 'T' || rfc3339[19] != 'Z') return rfc3339;
    return rfc3339.substr(0, 10) + " " + rfc3339.substr(11, 5) + " UTC";
}

std::string number_words(std::uint64_t n) {
    std::string text = std::to_string(n);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
    return text;
}

std::string count_words(std::uint64_t n, std::string_view one, std::string_view many) {
    return number_words(n) + " " + std::string(n == 1 ? one : many);
}

std::string_view verdict_word(Verdict verdict) {
    switch (verdict) {
        case Verdict::validated: return "Validated";
        case Verdict::needs_review: return "Needs review";
        case Verdict::rejected: return "Rejected";
        case Verdict::inconclusive: return "Inconclusive";
    }
    return "?";
}

std::string_view verdict_meaning(Verdict verdict) {
    switch (verdict) {
        case Verdict::validated: return "Nothing speaks against promoting this patch.";
        case Verdict::needs_review:
            return "Everything works, but a person must look at what is listed here before this "
                   "patch goes on.";
        case Verdict::rejected: return "Do not promote this patch.";
        case Verdict::inconclusive:
            return "The rehearsal itself failed, so nothing is known about the patch. Run it "
                   "again.";
    }
    return "";
}

std::string reason_words(const std::string& kind) {
    const auto known = reason_kind_from(kind);
    return known ? std::string(rule_of(*known).words) : kind;
}

}  // namespace patchlab::reports
