// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/own_troubles.hpp"

#include <algorithm>
#include <set>

#include "orchestrator/pipeline/verdict/verdict.hpp"
#include "snapshots/fingerprint.hpp"

namespace patchlab::pipeline {

namespace {

/// How improbable it may be that the machine shows it by itself as often as it did with the patch.
constexpr double least_chance = 0.05;

/// What a check listed in the looks at the patched machine in which it failed.
std::set<std::string> shapes_of_check(const std::string& subject, const MachineFindings& found) {
    std::set<std::string> shapes;
    for (const MachineLook* look :
         {&found.patched, &found.doubted, &found.next_start, &found.another_start}) {
        if (!look->checks) continue;
        for (const testsuites::CheckResult& check : *look->checks) {
            if (check.suite + "/" + check.name != subject ||
                check.outcome != testsuites::Outcome::fail)
                continue;
            if (check.lines.empty()) shapes.insert("");
            for (const std::string& line : check.lines) shapes.insert(snapshots::fingerprint(line));
        }
    }
    return shapes;
}

std::set<std::string> shapes_of(const Reason& reason, const MachineFindings& found) {
    if (reason.kind == ReasonKind::check_failed) return shapes_of_check(reason.subject, found);
    return {snapshots::fingerprint(reason.detail)};
}

/// The rarest of what the reason tells of; null when the machine never showed a part of it.
const Sighting* rarest(const Reason& reason, const MachineFindings& found) {
    const Sighting* least = nullptr;
    for (const std::string& shape : shapes_of(reason, found)) {
        const Sighting* const seen = found.known.trouble(reason.subject, shape);
        if (seen == nullptr) return nullptr;
        if (least == nullptr || seen->times < least->times) least = seen;
    }
    return least;
}

/// With the rate at which the machine shows it by itself (Laplace: one more of each outcome than
/// was seen) it would come in each of two looks. One look alone is not enough to condemn, so
/// another is taken, and only then this is asked.
bool may_be_its_own(const Reason& reason, const Sighting& seen, std::uint64_t looks) {
    if (reason.effect != Effect::rejects) return true;
    if (!reason.seen_twice) return false;
    const double rate = (static_cast<double>(seen.times) + 1) / (static_cast<double>(looks) + 2);
    return rate * rate >= least_chance;
}

}  // namespace

std::vector<OwnTrouble> take_out_own(std::vector<Reason>& reasons, const MachineFindings& found) {
    std::vector<OwnTrouble> own;
    std::erase_if(reasons, [&](Reason& reason) {
        if (!is_trouble(reason) || reason.machine != found.machine) return false;
        const Sighting* const seen = rarest(reason, found);
        if (seen == nullptr) return false;
        const std::string words = words_of(*seen, found.known.looks);
        if (!may_be_its_own(reason, *seen, found.known.looks)) {
            reason.detail += " (" + words + ")";
            return false;
        }
        own.push_back({reason.machine, reason.subject, told(reason), words});
        return true;
    });
    return own;
}

}  // namespace patchlab::pipeline
