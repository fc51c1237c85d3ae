// SPDX-License-Identifier: Apache-2.0
//
// Which of N patches may be installed together, found with few runs (group testing, ADR 31).
//
// The search is a pure function of the trials that have been answered: it says which set to try
// next, or what was found. Whoever drives it keeps nothing but the trials, so that a crash loses
// nothing and no run is made twice.
//
// It keeps a base: a set that a run validated as it is. Suspects are added to it in halves until
// one patch is left with which the base is not validated any more. This patch is set aside, and the
// rest is tried as one. Each claim rests on runs of exactly the sets that it names: nothing is
// inferred from a set that is merely like another.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reports/run_document.hpp"

namespace patchlab::campaign {

using PatchSet = std::set<std::size_t>;  ///< by their place in the campaign
using reports::Verdict;

/// A set is tried so often before "no answer" counts as its answer.
inline constexpr std::size_t tries_of_a_set = 2;

struct Problem {
    /// `needs[i]`: the patches without which patch i cannot be installed. Patches that need each
    /// other stay together.
    std::vector<PatchSet> needs;
    /// Find the smallest failing subsets, whatever that costs. Otherwise a patch that was set aside
    /// is tried by itself only while the campaign has used fewer runs than likely_most().
    bool smallest = false;
};

/// One run and what it said.
struct Trial {
    PatchSet patches;
    Verdict verdict = Verdict::inconclusive;
    /// Of a run that needs a review: the patches whose packages account for its reasons. Empty: a
    /// reason is nobody's, so that the patch behind it has to be searched for.
    PatchSet blamed = {};
};

///   open      nothing is known yet
///   proven    part of the set that was validated together
///   alone     validated, but not together with the others
///   at_fault  with it the base is not validated; `verdict` says how
///   blocked   needs a patch that was set aside
enum class Role { open, proven, alone, at_fault, blocked };
std::string_view name(Role role);

/// Whether a patch that is at fault fails by itself.
enum class ByItself { unknown, yes, no };

struct Finding {
    Role role = Role::open;
    std::optional<Verdict> verdict;
    /// at_fault: those with which it fails, as far as that is known; blocked: those that it needs.
    PatchSet with = {};
    ByItself by_itself = ByItself::unknown;
    bool attributed = false;          ///< a run's reasons name it
    std::vector<std::size_t> trials;  ///< the evidence: the trial that shows it first
};

struct Step {
    std::optional<PatchSet> wanted;  ///< none: the search is over
    std::string why;                 ///< of the wanted run, for people
    std::vector<Finding> findings;   ///< one for each patch
    PatchSet proven;
    std::optional<std::size_t> proof;  ///< the trial that validated `proven`
    std::size_t at_most = 0;  ///< so many runs remain at worst while each of them gives an answer
};

/// What to try next after these trials, in the order in which they were made.
Step next_step(const Problem& problem, const std::vector<Trial>& trials);

/// A patch with all that it needs.
PatchSet with_needs(const std::vector<PatchSet>& needs, PatchSet set);

/// The needs of patches that are installed together or not at all.
std::vector<PatchSet> all_need_each_other(std::size_t patches);

/// So many runs find one patch at fault among `patches` and prove the rest: 2 + ⌈log2 patches⌉.
std::size_t likely_most(std::size_t patches);

/// So many runs a search takes at worst: `pending` are not judged, `suspects` of them are being
/// split, `aside` have been set aside.
struct Workload {
    std::size_t suspects = 0;
    std::size_t pending = 0;  ///< besides the suspects
    std::size_t aside = 0;
    bool tried = true;  ///< base and suspects were tried together
};
std::size_t most_runs(const Workload& work);

/// How many of the pending ones are tried together when so many were set aside already.
std::size_t together(std::size_t pending, std::size_t aside);

}  // namespace patchlab::campaign
