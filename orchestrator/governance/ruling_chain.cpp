// SPDX-License-Identifier: Apache-2.0
//
// The order of the rulings over one evidence.
#include <algorithm>
#include <set>

#include "orchestrator/governance/ruling.hpp"
#include "platform/core/error.hpp"

namespace patchlab::governance {

namespace {

[[noreturn]] void refuse_order(const Ruling& ruling, const std::string& why) {
    throw Error(ErrorCode::refused, "the decisions over run " + ruling.run +
                                        " are not in the order in which they were given: the " +
                                        std::string(name(ruling.kind)) + " by " + ruling.author +
                                        ", " + ruling.time + ", " + why);
}

/// Why a ruling with a number may not stand at `place` (from 1), behind `before`; empty when it
/// may.
std::string misplaced(const Ruling& ruling, std::int64_t place, const Ruling* before) {
    if (ruling.number > place)
        return "has number " + std::to_string(ruling.number) + ", and number " +
               std::to_string(place) + " is not there";
    if (ruling.number < place)
        return "has number " + std::to_string(ruling.number) + ", which is given already";
    if (ruling.previous != (before ? before->digest() : ""))
        return "follows another decision than the one before it";
    return {};
}

}  // namespace

void expect_chain(const std::vector<Ruling>& rulings) {
    const Ruling* before = nullptr;
    std::set<std::string> unnumbered;
    std::int64_t place = 0;
    for (const Ruling& ruling : rulings) {
        ++place;
        if (before && ruling.time < before->time)
            refuse_order(ruling, "is older than the one before it, of " + before->time);
        if (ruling.number > 0) {
            if (const std::string why = misplaced(ruling, place, before); !why.empty())
                refuse_order(ruling, why);
        } else if (before && before->number > 0) {
            refuse_order(ruling, "has no number, unlike the one before it");
        } else if (!ruling.envelope.empty() && !unnumbered.insert(ruling.digest()).second) {
            refuse_order(ruling, "is there twice");
        }
        before = &ruling;
    }
}

bool replaces(const Ruling& later, const Ruling& earlier) {
    if (!same_person(later.author, earlier.author)) return false;
    const bool order_unknown =
        later.number == 0 && earlier.number == 0 && later.time == earlier.time;
    return !(order_unknown && earlier.kind == RulingKind::reject);
}

std::vector<const Ruling*> newest_voices(const std::vector<Ruling>& rulings) {
    std::vector<const Ruling*> newest;
    for (const Ruling& ruling : rulings) {
        if (ruling.kind == RulingKind::waive) continue;
        const auto earlier = std::find_if(newest.begin(), newest.end(), [&](const Ruling* older) {
            return same_person(older->author, ruling.author);
        });
        if (earlier != newest.end()) {
            if (!replaces(ruling, **earlier)) continue;
            newest.erase(earlier);
        }
        newest.push_back(&ruling);
    }
    return newest;
}

}  // namespace patchlab::governance
