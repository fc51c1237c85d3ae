// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/verdict.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "orchestrator/pipeline/lab/unpatched_record.hpp"
#include "platform/core/error.hpp"
#include "snapshots/fingerprint.hpp"

namespace patchlab::pipeline {

int exit_code(Verdict verdict) {
    switch (verdict) {
        case Verdict::validated: return 0;
        case Verdict::needs_review: return 5;
        case Verdict::rejected: return 1;
        case Verdict::inconclusive: return 3;
    }
    return 3;
}

std::vector<Reason> reasons_of_checks(const std::vector<CheckComparison>& checks) {
    using assessment::CheckFinding;
    std::vector<Reason> reasons;
    for (const CheckComparison& check : checks) {
        switch (assessment::finding_of(check)) {
            case CheckFinding::nothing: break;
            case CheckFinding::broken:
                reasons.push_back({ReasonKind::check_failed, check.machine, check.key(),
                                   check.detail, Effect::rejects});
                break;
            case CheckFinding::failing:
                reasons.push_back({ReasonKind::check_failed, check.machine, check.key(),
                                   check.detail + " (its state before the patch is not known)",
                                   Effect::review});
                break;
            case CheckFinding::silent:
                reasons.push_back({ReasonKind::check_unknown, check.machine, check.key(),
                                   check.detail, Effect::inconclusive});
                break;
        }
    }
    return reasons;
}

namespace {

using Lines = std::vector<std::string>;

/// The lines of `after` whose shape neither the baseline nor a control showed.
Lines new_lines(const Lines& before, const std::vector<const Lines*>& controls,
                const Lines& after) {
    std::set<std::string> known;
    for (const std::string& line : before) known.insert(snapshots::fingerprint(line));
    for (const Lines* control : controls)
        for (const std::string& line : *control) known.insert(snapshots::fingerprint(line));
    Lines fresh;
    for (const std::string& line : after)
        if (known.insert(snapshots::fingerprint(line)).second) fresh.push_back(line);
    return fresh;
}

/// A kernel line that tells of a crash, not of a complaint.
bool is_kernel_crash(const std::string& line) {
    for (const char* sign : {"BUG:", "Oops", "kernel panic", "Kernel panic", "general protection",
                             "segfault", "Call Trace", "soft lockup", "hung task", "Out of memory",
                             "Killed process", "EXT4-fs error"})
        if (line.find(sign) != std::string::npos) return true;
    return false;
}

}  // namespace

std::vector<Reason> reasons_of_health(const std::string& machine, const snapshots::Capture& before,
                                      const std::vector<snapshots::Capture>& controls,
                                      const snapshots::Capture& after) {
    std::vector<Reason> reasons;
    for (const Complaints& list : complaint_lists) {
        std::vector<const Lines*> control_lines;
        for (const snapshots::Capture& control : controls)
            control_lines.push_back(&(control.health.*list.lines));
        for (const std::string& line :
             new_lines(before.health.*list.lines, control_lines, after.health.*list.lines)) {
            const bool complains =
                list.lines == &snapshots::Health::kernel_errors && !is_kernel_crash(line);
            reasons.push_back({ReasonKind::health, machine, list.subject, line,
                               complains ? Effect::review : Effect::rejects});
        }
    }
    return reasons;
}

namespace {

/// Removed, or removed but for its configuration, which the package manager remembers until
/// somebody purges it.
bool is_taken_out(const snapshots::Change& change) {
    if (change.cls != snapshots::ChangeClass::package) return false;
    if (change.kind == snapshots::ChangeKind::removed) return true;
    const auto* before = snapshots::state_as<snapshots::PackageState>(change.before);
    const auto* after = snapshots::state_as<snapshots::PackageState>(change.after);
    return before != nullptr && before->status == snapshots::PackageStatus::installed &&
           after != nullptr && after->status == snapshots::PackageStatus::config_files;
}

/// "added: a file of 25 bytes, mode 0644; shipped by libssl3"
std::string detail_of(const snapshots::Change& change) {
    const std::string differs = snapshots::difference_text(change);
    return std::string(snapshots::name(change.kind)) + (differs.empty() ? "" : ": " + differs) +
           (change.why.empty() ? "" : "; " + change.why);
}

Reason reason_to_look(const snapshots::Change& change, const std::string& what) {
    Reason reason{change.sensitive ? ReasonKind::sensitive_change : ReasonKind::unexplained_change,
                  change.machine, what, detail_of(change), Effect::review};
    reason.concern = change.concern;
    reason.event = snapshots::event_text(change);
    return reason;
}

}  // namespace

std::vector<Reason> reasons_of_changes(const std::vector<snapshots::Change>& changes) {
    std::vector<Reason> reasons;
    for (const snapshots::Change& change : changes) {
        if (change.attribution.is_noise()) continue;
        const std::string what = std::string(snapshots::name(change.cls)) + " " + change.subject;
        const bool unexplained = change.attribution.is_unexplained();
        if (change.kind == snapshots::ChangeKind::unreadable)
            reasons.push_back(
                {ReasonKind::unreadable, change.machine, what, change.why, Effect::inconclusive});
        else if (is_taken_out(change) && unexplained)
            reasons.push_back({ReasonKind::package_removed, change.machine, change.subject,
                               "removed, though the patch does not say so", Effect::rejects});
        else if (change.sensitive || unexplained) reasons.push_back(reason_to_look(change, what));
    }
    return reasons;
}

bool is_trouble(const Reason& reason) {
    return reason.kind == ReasonKind::check_failed || reason.kind == ReasonKind::health;
}

bool may_be_chance(const Reason& reason) {
    return is_trouble(reason) || reason.kind == ReasonKind::apply_failed;
}

bool needs_second_trial(const std::vector<Reason>& reasons, bool rebooted) {
    bool any = false;
    for (const Reason& reason : reasons) {
        if (reason.effect != Effect::rejects) continue;
        if (reason.seen_twice || !may_be_chance(reason)) return false;
        any = any || !(rebooted && is_trouble(reason));
    }
    return any;
}

bool condemns(const std::vector<Reason>& reasons) {
    return std::any_of(reasons.begin(), reasons.end(),
                       [](const Reason& reason) { return reason.effect == Effect::rejects; });
}

bool contains_reason(const std::vector<Reason>& reasons, const Reason& like) {
    return std::any_of(reasons.begin(), reasons.end(), [&](const Reason& reason) {
        return reason.kind == like.kind && reason.machine == like.machine &&
               reason.subject == like.subject &&
               (reason.kind == ReasonKind::check_failed || reason.kind == ReasonKind::regression ||
                reason.kind == ReasonKind::check_unknown ||
                reason.kind == ReasonKind::apply_failed ||
                snapshots::fingerprint(told(reason)) == snapshots::fingerprint(told(like)));
    });
}

std::vector<Reason> of_two(std::vector<Reason> first, const std::vector<Reason>& again,
                           const std::string& sights) {
    const auto of_one = [&](Reason& reason) {
        if (reason.effect == Effect::rejects) reason.effect = Effect::review;
        reason.one_of_two = sights;
    };
    std::vector<Reason> only_again;
    std::copy_if(again.begin(), again.end(), std::back_inserter(only_again),
                 [&](const Reason& reason) { return !contains_reason(first, reason); });
    for (Reason& reason : first) {
        if (!may_be_chance(reason) || reason.seen_twice) continue;
        if (contains_reason(again, reason)) reason.seen_twice = true;
        else of_one(reason);
    }
    for (Reason& reason : only_again) of_one(reason);
    first.insert(first.end(), only_again.begin(), only_again.end());
    return first;
}

Verdict judge(const std::vector<Reason>& reasons) {
    const auto any = [&](Effect effect) {
        return std::any_of(reasons.begin(), reasons.end(),
                           [&](const Reason& r) { return r.effect == effect; });
    };
    const bool fault = std::any_of(reasons.begin(), reasons.end(),
                                   [](const Reason& r) { return r.kind == ReasonKind::lab_fault; });
    if (fault) return Verdict::inconclusive;
    if (any(Effect::rejects)) return Verdict::rejected;
    if (any(Effect::inconclusive)) return Verdict::inconclusive;
    if (any(Effect::review)) return Verdict::needs_review;
    return Verdict::validated;
}

}  // namespace patchlab::pipeline
