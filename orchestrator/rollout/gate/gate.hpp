// SPDX-License-Identifier: Apache-2.0
//
// What a host needs of an entry, and what its answers mean: the gate that every host passes. Pure
// functions over what was observed; no clock, no store, no host. What could not be observed is
// never counted as fine.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/rollout/engine/deployer.hpp"
#include "orchestrator/rollout/plan/definition.hpp"
#include "platform/core/json.hpp"

namespace patchlab::rollout {

/// What an entry brings, and the exact old packages that it keeps. Read once for a rollout.
struct Goods {
    catalog::Entry entry;
    std::vector<catalog::ExactPackage> forward, back;

    std::vector<std::string> names() const;  ///< each once
    bool reboot() const;
};

using Versions = std::map<std::string, std::string>;  ///< name → version; empty: not installed

/// What one host shall get.
///   install     `packages`
///   not_needed  it has all of it, or none of the packages that the entry updates
///   skip        it must be left as it is
struct Demand {
    enum class Kind { install, not_needed, skip };
    Kind kind = Kind::skip;
    std::string why;  ///< for anything but install
    std::vector<catalog::ExactPackage> packages;
};
/// A package that the host does not have is installed only when the lab had it newly installed too.
Demand demand_of(const Goods& goods, const Versions& installed, bool without_way_back);
/// The versions that the host must have after the installation: those of `demand_of`, and the new
/// ones it had already.
Versions wanted_of(const Goods& goods, const Versions& before);

/// The exact way back of one host. `why` is not empty when there is none.
struct WayBack {
    std::vector<catalog::ExactPackage> packages;
    std::vector<std::string> remove;
    std::string why;
};
WayBack way_back_of(const Goods& goods, const Versions& before);

/// What a check said before the patch, in few bytes: it is kept for every host.
struct RememberedCheck {
    testsuites::Outcome outcome = testsuites::Outcome::unknown;
    std::string
        printed;  ///< of a check whose output must stay the same: the first 16 digits of its sha256
    std::set<std::string> history{};  ///< the same of each line that a check over the past told
                                      ///< while the patch was on
};
using Baseline = std::map<std::string, RememberedCheck>;  ///< by "suite/check"
Baseline baseline_of(const std::vector<testsuites::CheckResult>& checks);
/// Checks over what happened since the host's start (journal, kernel log, core dumps), as
/// "suite/check": what a patch did stays in there after it is taken back.
std::set<std::string> checks_over_the_past(const std::vector<testsuites::Suite>& suites);
/// Remembers what those told with the patch on, so that the way back is blamed only for what comes
/// new.
void remember_history(Baseline& baseline, const std::vector<testsuites::CheckResult>& checks,
                      const std::set<std::string>& over_the_past);
Json to_json(const Baseline& baseline);
Baseline baseline_from_json(const Json& json);
/// The checks that did not pass (and were not skipped), for people; empty: the host is healthy.
std::string unhealthy(const Baseline& baseline);

struct Finding {
    std::string kind;  ///< "wrong-version", "install-failed", "not-rebooted", "check-failed",
                       ///< "check-unknown", "lost"
    std::string text;
    bool disagrees =
        false;  ///< the check passed in the lab, passed here before, and fails here now
};

struct Judgement {
    std::vector<Finding> findings;  ///< empty: it passed
    bool proven = false;            ///< it passed, and at least one check says that it works
    bool passed() const { return findings.empty(); }
    bool disagrees() const;
    std::string text() const;  ///< one line
};

/// Checks before and after, by the rules of a run's verdict: one that failed before is not blamed
/// on the patch, one that is unknown afterwards is no pass. `lab_passed`: "suite/check" of those
/// that passed in the lab with the patch.
Judgement judge_checks(const Baseline& before, const std::vector<testsuites::CheckResult>& after,
                       const std::set<std::string>& lab_passed);
/// What is installed now, and the checks. `boot_before`: must have changed when the entry asks for
/// a reboot.
Judgement judge_installed(const Goods& goods, const Versions& before,
                          const std::string& boot_before, const Baseline& baseline,
                          const Observation& seen, const std::set<std::string>& lab_passed);
/// The two starts of a host that a way back looks at.
struct Boots {
    std::string before;   ///< boot id before the installation
    std::string patched;  ///< and after it; empty: not observed
};
/// Whether a host has exactly its versions from before, and what worked then works. One that had
/// started anew for the patch must have done so again: else it still runs what was taken away.
Judgement judge_backed_out(const Goods& goods, const Versions& before, const Boots& boots,
                           const Baseline& baseline, const Observation& seen);

/// How far an installation came, by what is installed. `unknown`: it could not be observed.
enum class Reached { untouched, part, all, unknown };
Reached reached(const Goods& goods, const Versions& before,
                const std::optional<Versions>& installed);

}  // namespace patchlab::rollout
