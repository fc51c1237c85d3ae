// SPDX-License-Identifier: Apache-2.0
#include "reports/words.hpp"

namespace patchlab::reports {

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
