// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/families/rpm/family.hpp"

#include <algorithm>

namespace patchlab::families::rpm {

namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool separator(char c) { return !digit(c) && !letter(c) && c != '~' && c != '^'; }

int sign(int value) { return (value > 0) - (value < 0); }

/// The leading run of digits, or of letters, taken off `text`.
std::string_view take(std::string_view& text, bool digits) {
    std::size_t end = 0;
    while (end < text.size() && (digits ? digit(text[end]) : letter(text[end]))) ++end;
    const std::string_view run = text.substr(0, end);
    text.remove_prefix(end);
    return run;
}

int compare_numbers(std::string_view a, std::string_view b) {
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    return sign(a.compare(b));
}

/// Runs of digits and of letters in turn; a tilde is older than anything, the end included; a caret
/// is newer than the end only.
int compare_part(std::string_view a, std::string_view b) {
    while (!a.empty() || !b.empty()) {
        while (!a.empty() && separator(a[0])) a.remove_prefix(1);
        while (!b.empty() && separator(b[0])) b.remove_prefix(1);
        const bool tilde_a = a.starts_with('~'), tilde_b = b.starts_with('~');
        if (tilde_a != tilde_b) return tilde_a ? -1 : 1;
        const bool caret_a = a.starts_with('^'), caret_b = b.starts_with('^');
        if (caret_a != caret_b) {
            if (a.empty()) return -1;
            if (b.empty()) return 1;
            return caret_a ? -1 : 1;
        }
        if (tilde_a || caret_a) {
            a.remove_prefix(1);
            b.remove_prefix(1);
            continue;
        }
        if (a.empty() || b.empty()) break;
        const bool digits = digit(a[0]);
        const std::string_view run_a = take(a, digits), run_b = take(b, digits);
        if (run_b.empty()) return digits ? 1 : -1;  // a number is newer than a word
        const int order = digits ? compare_numbers(run_a, run_b) : sign(run_a.compare(run_b));
        if (order != 0) return order;
    }
    return a.empty() ? (b.empty() ? 0 : -1) : 1;
}

struct RpmParts {
    std::string_view epoch = "0", version, release;
};

RpmParts parts_of(std::string_view text) {
    RpmParts parts;
    const auto colon = text.find(':');
    if (colon != std::string_view::npos) {
        if (colon > 0) parts.epoch = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    const auto dash = text.rfind('-');
    parts.version = text.substr(0, dash);
    if (dash != std::string_view::npos) parts.release = text.substr(dash + 1);
    return parts;
}

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
    const RpmParts left = parts_of(a), right = parts_of(b);
    if (const int order = compare_part(left.epoch, right.epoch)) return order;
    if (const int order = compare_part(left.version, right.version)) return order;
    if (left.release.empty() || right.release.empty()) return 0;
    return compare_part(left.release, right.release);
}

}  // namespace patchlab::families::rpm
