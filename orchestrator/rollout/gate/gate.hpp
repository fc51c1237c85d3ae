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

#include "orchestrator/assessment/checks.hpp"
#include "orchestrator/assessment/packages.hpp"
#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/rollout/engine/deployer.hpp"
#include "orchestrator/rollout/plan/definition.hpp"

namespace patchlab::rollout {

/// What an entry brings, and the exact old packages that it keeps. Read once for a rollout.
struct Goods {
    catalog::Entry entry;
    std::vector<catalog::ExactPackage> forward, back;

    std::vector<std::string> names() const;  ///< each once
    bool reboot() const;
};

using assessment::InstalledPackages;

/// What is done with one host.
///   install     it gets what packages_for() names
///   not_needed  it has all of it, or none of the packages that the entry updates
///   skip        it must be left as it is
struct HostAction {
    enum class Kind { install, not_needed, skip };
    Kind kind = Kind::skip;
    std::string why;  ///< for anything but install
};
HostAction action_for(const Goods& goods, const InstalledPackages& installed,
                      bool without_way_back);
/// The versions that the host must have after the installation. A package that the host does not
/// have is installed only when the lab had it newly installed, too.
InstalledPackages wanted_of(const Goods& goods, const InstalledPackages& before);
/// The exact packages that bring the host there.
std::vector<catalog::ExactPackage> packages_for(const Goods& goods,
                                                const InstalledPackages& before);

/// The exact way back of one host.
assessment::BackoutPlan backout_plan_of(const Goods& goods, const InstalledPackages& before);
/// The exact packages of that plan.
std::vector<catalog::ExactPackage> packages_of(const Goods& goods,
                                               const assessment::BackoutPlan& plan);

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
    std::string text() const;  ///< a line for each, the most specific first
};

/// Checks before and after, by the rule that the lab has, too (assessment/checks). `lab_passed`:
/// "suite/check" of those that passed in the lab with the patch.
Judgement judge_checks(const assessment::Baseline& before,
                       const std::vector<testsuites::CheckResult>& after,
                       const std::set<std::string>& lab_passed);
/// What is installed now, and the checks. `boot_before`: must have changed when the entry asks for
/// a reboot.
Judgement judge_installed(const Goods& goods, const InstalledPackages& before,
                          const std::string& boot_before, const assessment::Baseline& baseline,
                          const Observation& seen, const std::set<std::string>& lab_passed);
/// The two starts of a host that a backout looks at.
struct BootIds {
    std::string before;   ///< boot id before the installation
    std::string patched;  ///< and after it; empty: not observed
};
/// Whether a host has exactly its versions from before, and what worked then works. One that had
/// started anew for the patch must have done so again: else it still runs what was taken away.
Judgement judge_backed_out(const Goods& goods, const InstalledPackages& before,
                           const BootIds& boots, const assessment::Baseline& baseline,
                           const Observation& seen);

/// How far an installation came, by what is installed. `unknown`: it could not be observed.
enum class Reached { untouched, part, all, unknown };
Reached reached(const Goods& goods, const InstalledPackages& before,
                const std::optional<InstalledPackages>& installed);

}  // namespace patchlab::rollout
