// SPDX-License-Identifier: Apache-2.0
#include "reports/words.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace patchlab::reports {

namespace {

/// Of some classes no plural is said: "2 of sudo".
std::string class_words(const std::string& cls, std::uint64_t count) {
    constexpr std::array<std::string_view, 11> uncounted{"sudo",   "pam",     "kernel",   "boot",
                                                         "cron",   "network", "firewall", "preload",
                                                         "setuid", "mount",   "log"};
    std::string words = cls;
    std::replace(words.begin(), words.end(), '-', ' ');
    if (std::find(uncounted.begin(), uncounted.end(), cls) != uncounted.end())
        return number_text(count) + " of " + words;
    if (words.ends_with('y') && !words.ends_with("ey"))
        return count_text(count, words, words.substr(0, words.size() - 1) + "ies");
    return count_text(count, words, words + (words.ends_with('s') ? "es" : "s"));
}

}  // namespace

std::string classes_in_words(const std::vector<const RunChange*>& changes) {
    std::map<std::string, std::uint64_t> counts;
    for (const RunChange* change : changes) ++counts[change->cls];
    std::string text;
    for (const auto& [cls, count] : counts)
        text += (text.empty() ? "" : ", ") + class_words(cls, count);
    return text;
}

std::string sensitive_classes_in_words(const RunDocument& run) {
    std::vector<const RunChange*> sensitive;
    for (const RunChange& change : run.changes.items)
        if (change.sensitive && !change.noise()) sensitive.push_back(&change);
    return classes_in_words(sensitive);
}

std::string time_words(const std::string& rfc3339) {
    if (rfc3339.size() != 20 || rfc3339[10] != 'T' || rfc3339[19] != 'Z') return rfc3339;
    return rfc3339.substr(0, 10) + " " + rfc3339.substr(11, 5) + " UTC";
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
