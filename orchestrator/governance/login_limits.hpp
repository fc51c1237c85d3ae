// SPDX-License-Identifier: Apache-2.0
//
// How often somebody may try to log in: a few tries are free, then each failure doubles the time
// until the next one. Counted for the user and for where it comes from, in the store, so that a
// restart forgets nothing and several processes count together. A try counts as failed until it
// succeeded: tries at once do not slip through. Thread safety: one a thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orchestrator/governance/governance.hpp"

namespace patchlab::governance {

/// What is counted, and when it begins to hurt.
struct LimitedSubject {
    std::string key;
    std::int64_t free = 0;     ///< failures without a delay
    std::int64_t longest = 0;  ///< seconds
};
/// A name that somebody gave, whether there is such a user or not. The name itself is not kept: it
/// may be a password in the wrong field.
LimitedSubject limited_user(const std::string& name);
LimitedSubject limited_origin(const std::string& from);
/// Tokens are too long to be guessed; this keeps a broken program from filling the audit trail.
LimitedSubject limited_token_origin(const std::string& from);

class LoginLimits {
  public:
    explicit LoginLimits(Governance& house) : house_(house) {}

    /// Counts a try. Error(not_authenticated) while one of them has to wait; then nothing is
    /// counted but that it was refused.
    void begin(const std::vector<LimitedSubject>& subjects);
    /// How many tries were refused since the last one that was not.
    std::int64_t refused(const LimitedSubject& subject);
    /// The try was good: this subject begins anew.
    void forgive(const LimitedSubject& subject);
    /// The try was good, but says nothing about others from there: it does not count.
    void take_back(const LimitedSubject& subject);
    /// True the first time within an hour.
    bool first_within_an_hour(const std::string& key);

  private:
    Governance& house_;
};

}  // namespace patchlab::governance
