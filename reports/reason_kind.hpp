// SPDX-License-Identifier: Apache-2.0
//
// The kinds of reasons that a verdict may have, each with all that there is to know of it: how
// documents write it, what it does to a verdict, how it is said to people, and which log tells
// more. The one table for the pipeline, the reports, change documents and docs/formats/run.md.
// Values; thread-safe as such.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace patchlab::reports {

/// What a reason does to the verdict.
enum class Effect { rejects, review, inconclusive };
std::string_view name(Effect effect);

/// In the order of cause and effect: a patch that was not installed explains the checks that fail,
/// and a service that does not start explains why the drill could not bring it back. Reasons of
/// equal effect are listed in this order, and the first one is the headline of the verdict.
enum class ReasonKind {
    apply_failed,
    apply_stalled,
    apply_timeout,
    wrong_version,
    did_not_boot,
    channel_lost,
    package_removed,
    health,
    check_failed,
    not_in_effect,
    regression,
    untested,
    sensitive_change,
    unexplained_change,
    drill_failed,
    fault_not_survived,
    lab_fault,
    check_unknown,
    unreadable,
    not_observed
};

struct ReasonRule {
    ReasonKind kind;
    std::string_view id;     ///< in documents
    Effect unless_said;      ///< when a document does not name the effect of such a reason
    std::string_view words;  ///< for people
    std::string_view log{};  ///< a word in the name of the log that tells more; may be empty
};

inline constexpr std::array<ReasonRule, 20> reason_rules{{
    {ReasonKind::apply_failed, "apply-failed", Effect::rejects, "The patch could not be installed",
     "apply"},
    {ReasonKind::apply_stalled, "apply-stalled", Effect::rejects, "The installation stood still",
     "apply"},
    {ReasonKind::apply_timeout, "apply-timeout", Effect::rejects,
     "The installation did not end in time", "apply"},
    {ReasonKind::wrong_version, "wrong-version", Effect::rejects,
     "Another version was installed than the patch says", "apply"},
    {ReasonKind::did_not_boot, "did-not-boot", Effect::rejects,
     "The machine did not come back after the restart", "console"},
    {ReasonKind::channel_lost, "channel-lost", Effect::rejects, "The machine stopped answering",
     "console"},
    {ReasonKind::package_removed, "package-removed", Effect::rejects,
     "The patch takes a package away"},
    {ReasonKind::health, "health", Effect::rejects, "The system is less healthy than before"},
    {ReasonKind::check_failed, "check-failed", Effect::rejects,
     "A check that passed before fails now"},
    {ReasonKind::not_in_effect, "not-in-effect", Effect::rejects,
     "A file of the update is still the one of before"},
    {ReasonKind::regression, "regression", Effect::review, "Something got slower or larger"},
    {ReasonKind::untested, "untested", Effect::rejects, "No check showed that the machine works"},
    {ReasonKind::sensitive_change, "sensitive-change", Effect::review,
     "The patch changes something sensitive"},
    {ReasonKind::unexplained_change, "unexplained-change", Effect::review,
     "Something changed that the patch does not explain"},
    {ReasonKind::drill_failed, "drill-failed", Effect::rejects,
     "The way back is not as it should be"},
    {ReasonKind::fault_not_survived, "fault-not-survived", Effect::rejects,
     "A fault during the installation was not survived"},
    {ReasonKind::lab_fault, "lab-fault", Effect::inconclusive, "The lab failed"},
    {ReasonKind::check_unknown, "check-unknown", Effect::rejects, "A check gave no answer"},
    {ReasonKind::unreadable, "unreadable", Effect::rejects, "Something could not be read"},
    {ReasonKind::not_observed, "not-observed", Effect::rejects,
     "Something was not seen after the patch"},
}};

constexpr const ReasonRule& rule_of(ReasonKind kind) {
    return reason_rules[static_cast<std::size_t>(kind)];
}
constexpr std::string_view name(ReasonKind kind) { return rule_of(kind).id; }

/// Nothing for a kind of another version of this program.
constexpr std::optional<ReasonKind> reason_kind_from(std::string_view id) {
    for (const ReasonRule& rule : reason_rules)
        if (rule.id == id) return rule.kind;
    return std::nullopt;
}

constexpr bool reason_rules_are_in_order() {
    for (std::size_t i = 0; i < reason_rules.size(); ++i)
        if (reason_rules[i].kind != static_cast<ReasonKind>(i)) return false;
    return reason_rules.back().kind == ReasonKind::not_observed;
}
static_assert(reason_rules_are_in_order(), "each kind has its row, in the order of the kinds");

}  // namespace patchlab::reports
