// SPDX-License-Identifier: Apache-2.0
//
// evidence/run.json (schema patchlab/run/v1), typed and checked: the one way by which every report
// reads a run. Optional parts that are absent stay empty; an unknown verdict, outcome or effect is
// a mistake, because a reader would have to guess what it permits. Values; thread-safe as such.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/json_fwd.hpp"
#include "reports/reason_kind.hpp"

namespace patchlab::reports {

enum class Verdict { validated, needs_review, rejected, inconclusive };
std::string_view name(Verdict verdict);
/// All, from the best to the one that says nothing.
inline constexpr std::array all_verdicts{Verdict::validated, Verdict::needs_review,
                                         Verdict::rejected, Verdict::inconclusive};
/// nullopt for a word that is none of them.
std::optional<Verdict> verdict_named(std::string_view word);

/// `absent`: the check was not run at that moment.
enum class CheckOutcome { pass, fail, skip, unknown, absent };
std::string_view name(CheckOutcome outcome);

struct RunReason {
    std::string kind;  ///< as the document writes it: it may be one that this version does not know
    std::string machine, subject, detail;
    Effect effect =
        Effect::rejects;  ///< when the document does not say: by its kind, an unknown kind rejects
    bool seen_twice = false;  ///< in two trials, or two starts, of the patched machine

    bool is(ReasonKind known) const { return kind == name(known); }
};

struct RunPackage {
    std::string name, from, to, origin, sha256;
    bool prerequisite = false;
    std::optional<bool> old_available;  ///< the exact old version is kept for the way back
    std::string old_sha256;             ///< of that package; empty: not told
};

struct RunPatch {
    std::string id, kind, source, version, urgency, changelog, reboot_why;
    std::vector<std::string> advisories;
    bool reboot = false;
    std::uint64_t bytes = 0;
    std::vector<RunPackage> packages;
};

struct RunMachine {
    std::string name, image, image_digest, os, criticality, kernel_before, kernel_after,
        boot_id_before, boot_id_after;
    std::optional<bool> rebooted;
    std::vector<std::string> restarted;
};

struct RunStage {
    std::string name, outcome, detail;  ///< outcome: ok | failed | skipped
    double seconds = 0;
    std::string backend{};  ///< that worked it; empty in documents of older versions
};

struct RunCheck {
    std::string machine, suite, name, detail;
    CheckOutcome before = CheckOutcome::absent, control = CheckOutcome::absent,
                 after = CheckOutcome::absent;
    bool flaky = false;
    double seconds = 0;
    CheckOutcome after_reboot =
        CheckOutcome::absent;  ///< once more, after the patched machine's next start

    /// What was seen last of a check that had worked: the reboot's answer counts where there is
    /// one.
    CheckOutcome at_last() const {
        return after == CheckOutcome::pass && after_reboot != CheckOutcome::absent ? after_reboot
                                                                                   : after;
    }
};

/// How a check of the patched machine is to be read beside the same check without the patch.
enum class CheckReading {
    newly_failing,  ///< passed before, fails now: the patch is blamed
    not_observed,   ///< unknown or not run after the patch: never fine
    old_failure,    ///< failed without the patch as well: the patch is not blamed
    flickers,       ///< fails now, and sometimes without the patch
    repaired,       ///< failed before, passes now
    skipped,
    passes
};
CheckReading reading_of(const RunCheck& check);

/// Who accounts for a change: nobody, the unpatched control, or a package of the patch.
enum class Attribution { unexplained, noise, package };

struct RunChange {
    std::string machine, cls, subject, change, why;
    std::vector<std::string> files;  ///< that it is about; empty in documents of older versions
    std::string differs;  ///< what differs, in words; empty in documents of older versions
    std::string concern;  ///< what makes it sensitive, where its class does not say that
    Attribution attribution = Attribution::unexplained;
    std::string package;  ///< of the patch, which accounts for the change; else empty
    std::optional<std::string> before, after;
    bool sensitive = false;
    bool unexplained() const { return attribution == Attribution::unexplained; }
    bool noise() const { return attribution == Attribution::noise; }
    bool unreadable() const { return change == "unreadable"; }
};

struct RunChanges {
    std::uint64_t total = 0, explained = 0, noise = 0, unexplained = 0, unreadable = 0,
                  sensitive = 0;
    std::vector<RunChange> items;

    /// Unexplained changes that were read: a document may count the unreadable among the
    /// unexplained, and may count more than it lists.
    std::uint64_t unexplained_and_read() const;
};

struct RunDowngrade {
    bool possible = false, restored = false;
    std::int64_t difference = 0;
    double seconds = 0;
    std::string detail;
};

struct RunDrill {
    bool restored = false;
    std::int64_t difference = 0;
    double seconds = 0;
    bool at_once = false;  ///< both ways back in the same time
    std::optional<RunDowngrade> downgrade;
    std::vector<std::string> instructions;
};

/// One fault on purpose during the installation, on one machine.
struct RunFault {
    std::string fault, machine, detail;
    bool came_back = false, consistent = false, installed = false;
    std::vector<std::string> had_to_do, broken_checks;
    double seconds = 0;
};

/// What a machine complained of with the patch, and had complained of without it in other runs.
struct RunOwnTrouble {
    std::string machine, subject, detail, seen;
};

struct RunDocument {
    std::string id, lab, stage, state, started, finished, requester, summary, patchlab_version,
        acceleration, checkpoint, backend, emulator;
    std::optional<Verdict> verdict;  ///< none until judged
    double seconds = 0;
    std::vector<RunReason> reasons;
    std::vector<RunPatch> patches;
    std::vector<RunMachine> machines;
    std::vector<RunStage> stages;
    std::vector<RunCheck> checks;
    RunChanges changes;
    std::optional<RunDrill> drill;
    std::vector<RunFault> faults;
    std::vector<RunOwnTrouble> own_troubles;
    std::vector<std::string> logs;  ///< paths inside the evidence

    /// The last passage of a stage, null when there was none: what a second trial shows is what
    /// counts.
    const RunStage* last_passage(std::string_view wanted) const;
};

/// Error(invalid) names the place of the first mistake. `where` names the document in it.
RunDocument parse_run_document(const Json& json, std::string_view where = "run.json");

/// The published JSON Schema (2020-12) of the document.
std::string_view run_schema();

}  // namespace patchlab::reports
