// SPDX-License-Identifier: Apache-2.0
//
// What the checks of a host said before the patch, kept in few bytes: a rollout keeps it for every
// host, for days. Values; thread-safe as such.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/core/json_fwd.hpp"
#include "testsuites/model.hpp"

namespace patchlab::assessment {

/// "suite/check"
std::string key_of(const testsuites::CheckResult& check);

/// One check before the patch. What it printed is kept as digests: the first 16 digits of a sha256.
struct RememberedCheck {
    testsuites::Outcome outcome = testsuites::Outcome::unknown;
    std::string printed{};            ///< of a check whose output must stay the same; else empty
    std::set<std::string> earlier{};  ///< of each line that a check over the past printed before
                                      ///< the patch, whatever the numbers in it
    std::set<std::string> history{};  ///< of each line that a check over the past printed while
                                      ///< the patch was on
    bool prints_the_same(const testsuites::CheckResult& now) const;
    /// It complains of something, and of nothing that it had not complained of before the patch or
    /// with it on.
    bool knows_all_of(const testsuites::CheckResult& now) const;
    /// The first line that it had not printed before the patch or with it on.
    std::optional<std::string> first_new_line(const testsuites::CheckResult& now) const;
};

struct Baseline {
    std::map<std::string, RememberedCheck> checks;  ///< by "suite/check"

    /// Remembers what the checks over the past print with the patch on, so that the backout is
    /// blamed only for what comes new.
    void remember_history(const std::vector<testsuites::CheckResult>& seen,
                          const std::set<std::string>& over_the_past);
    /// With the patch on, what it did is no excuse.
    Baseline without_history() const;
    /// The checks that neither passed nor were skipped, for people, with what they `said`; empty:
    /// the host is healthy. A complaint over the past alone makes no host ill: an error of last
    /// week stays in the journal, and only what comes new is held against the patch.
    std::string unhealthy(const std::vector<testsuites::CheckResult>& said) const;
};
Baseline baseline_of(const std::vector<testsuites::CheckResult>& checks,
                     const std::set<std::string>& over_the_past);

/// Checks over what happened since the host's start (journal, kernel log, core dumps), as
/// "suite/check": what a patch did stays in there after it is taken back.
std::set<std::string> checks_over_the_past(const std::vector<testsuites::Suite>& suites);

/// {"base/no failed units": "pass", "base/users": "pass 0123456789abcdef +89abcdef01234567",
/// "base/no kernel errors": "fail =0123456789abcdef"}: the outcome, what it printed, its history,
/// and what it complained of earlier.
Json to_json(const Baseline& baseline);
/// Reads what to_json() wrote. Error(invalid).
Baseline baseline_from_json(const Json& json);

}  // namespace patchlab::assessment
