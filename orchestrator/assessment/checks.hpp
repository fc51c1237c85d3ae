// SPDX-License-Identifier: Apache-2.0
//
// The one rule by which a check speaks for or against a patch, for a machine of the lab and for a
// host of production: what it said before, what it says now, and, in the lab, what it said on
// machines without the patch. Pure functions; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/assessment/baseline.hpp"
#include "platform/core/json_fwd.hpp"
#include "testsuites/model.hpp"

namespace patchlab::assessment {

/// One check as seen before the patch, in each unpatched control, and after.
struct CheckComparison {
    std::string machine;  ///< of a lab; empty for a host of production
    std::string suite;
    std::string name;
    testsuites::Outcome before = testsuites::Outcome::unknown;
    testsuites::Outcome control =
        testsuites::Outcome::unknown;  ///< pass only if every control passed
    testsuites::Outcome after = testsuites::Outcome::unknown;
    bool flaky = false;  ///< without the patch it gave different answers, so it cannot condemn
    std::string detail{};
    double seconds = 0;          ///< that it took after the patch
    bool only_history = false;   ///< a host: it complains only of what happened with the patch on
    bool new_complaint = false;  ///< a host: it complained before, and of something else now

    std::string key() const { return suite + "/" + name; }  ///< "suite/check"
};

/// As a line of run.json.
Json to_json(const CheckComparison& check);

/// Joins the results of one machine of a lab. A check that is missing on a side is unknown there. A
/// check that must print what it printed before fails by a difference.
std::vector<CheckComparison> compare_checks(
    const std::string& machine, const std::vector<testsuites::CheckResult>& before,
    const std::vector<std::vector<testsuites::CheckResult>>& controls,
    const std::vector<testsuites::CheckResult>& after);
/// The same for a host of production, which has no controls; sorted by suite and check.
std::vector<CheckComparison> compare_checks(const Baseline& before,
                                            const std::vector<testsuites::CheckResult>& after);

/// What a check says about the patch.
///   nothing    it answers as before, it failed before, or it is flaky
///   broken     it passed without the patch and fails with it
///   failing    it fails, and its state before the patch is not known
///   silent     it passed before, and is unknown or skipped now: a check that has nothing to look
///              at any more says as little as one that gives no answer
enum class CheckFinding { nothing, broken, failing, silent };
CheckFinding finding_of(const CheckComparison& check);

/// It passed before and does not any more, for whatever reason; a flaky check never counts.
bool stopped_passing(const CheckComparison& check);

}  // namespace patchlab::assessment
