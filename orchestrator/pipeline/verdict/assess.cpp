// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/pipeline/verdict/assess.hpp"

#include <algorithm>

#include "orchestrator/pipeline/verdict/headline.hpp"
#include "snapshots/fingerprint.hpp"

namespace patchlab::pipeline {

namespace {

void append(std::vector<Reason>& to, std::vector<Reason> more) {
    to.insert(to.end(), more.begin(), more.end());
}

std::vector<testsuites::CheckResult> checks_of(const MachineLook& look) {
    return look.checks ? *look.checks : std::vector<testsuites::CheckResult>();
}

/// What the unpatched machine showed. `rebooted`: the controls that were rebooted count, too.
struct Unpatched {
    std::vector<testsuites::CheckResult> checks_before;
    snapshots::Capture capture_before;
    std::vector<std::vector<testsuites::CheckResult>> checks, witnessed_checks;
    std::vector<snapshots::Capture> captures, witnessed_captures;

    Unpatched(const MachineFindings& machine, bool rebooted)
        : checks_before(checks_of(machine.before)), capture_before(*machine.before.capture) {
        for (const UnpatchedLook& seen : machine.unpatched) {
            // an answer is as quick after a reboot as before; memory and boots are compared with
            // their like
            const bool alike = rebooted || !seen.rebooted;
            if (seen.witness) {
                witnessed_checks.push_back(checks_of(seen.look));
                if (alike) witnessed_captures.push_back(*seen.look.capture);
            } else if (alike) {
                checks.push_back(checks_of(seen.look));
                captures.push_back(*seen.look.capture);
            }
        }
    }

    /// The baseline first, then the controls.
    UnpatchedChecks all_checks() const {
        UnpatchedChecks all{checks_before};
        all.insert(all.end(), checks.begin(), checks.end());
        all.insert(all.end(), witnessed_checks.begin(), witnessed_checks.end());
        return all;
    }
    std::vector<snapshots::Capture> all_captures() const {
        std::vector<snapshots::Capture> all{capture_before};
        all.insert(all.end(), captures.begin(), captures.end());
        all.insert(all.end(), witnessed_captures.begin(), witnessed_captures.end());
        return all;
    }
    std::vector<CheckComparison> compared(const std::string& machine,
                                          const MachineLook& look) const {
        return compare_checks(machine, checks_before, checks, checks_of(look));
    }
};

/// Fail closed: a machine of which a part was not seen can only stay unjudged, unless what was seen
/// condemns.
std::vector<Reason> parts_not_seen(const std::string& machine, const MachineLook& look) {
    std::vector<Reason> reasons;
    const auto require = [&](bool seen, const char* part) {
        if (!seen)
            reasons.push_back({ReasonKind::not_observed, machine, part,
                               "this part of the machine was not seen after the patch",
                               Effect::inconclusive});
    };
    require(look.checks != nullptr, "checks");
    require(look.capture != nullptr, "capture");
    require(look.changes != nullptr, "files");
    return reasons;
}

/// Files of packages that were installed as announced, and that are the old ones all the same.
std::vector<Reason> reasons_of_stale_files(const MachineFindings& found) {
    std::vector<Reason> reasons;
    for (const snapshots::StaleFiles& stale : *found.patched.stale) {
        if (std::find(found.replaced.begin(), found.replaced.end(), stale.package) ==
            found.replaced.end())
            continue;
        const std::string others =
            stale.paths.size() > 1 ? " (and " + std::to_string(stale.paths.size() - 1) + " others)"
                                   : "";
        reasons.push_back({ReasonKind::not_in_effect, found.machine, stale.paths.front(),
                           "this file" + others + " is still the one of before, although " +
                               stale.package + " ships another: the update is not in effect there",
                           Effect::review});
    }
    return reasons;
}

/// The troubles that a look at the patched machine shows. `counts`: which checks.
template <typename Counts>
std::vector<Reason> troubles(const std::string& machine, const MachineLook& look,
                             const Unpatched& unpatched, Counts&& counts) {
    std::vector<CheckComparison> checks = unpatched.compared(machine, look);
    std::erase_if(checks, [&](const CheckComparison& check) { return !counts(check); });
    std::vector<Reason> reasons = reasons_of_checks(checks);
    append(reasons,
           reasons_of_health(machine, unpatched.capture_before, unpatched.captures, *look.capture));
    return reasons;
}

constexpr auto every_check = [](const CheckComparison&) { return true; };

/// Weighed by one more start of the machine, where there was one because the first was in doubt.
template <typename Counts>
std::vector<Reason> weighed_by_another_start(std::vector<Reason> first,
                                             const MachineFindings& found,
                                             const Unpatched& unpatched, Counts&& counts) {
    if (!found.another_start.capture) return first;
    return of_two(std::move(first), troubles(found.machine, found.another_start, unpatched, counts),
                  "starts");
}

/// Weighed by the trial before this one, where there was one and it was doubted. Only what
/// condemned is taken from that one.
std::vector<Reason> weighed_by_doubted(std::vector<Reason> reasons, bool was_doubted,
                                       std::vector<Reason> doubted) {
    if (!was_doubted) return reasons;
    std::erase_if(doubted, [](const Reason& reason) {
        return !may_be_chance(reason) || reason.effect != Effect::rejects;
    });
    return of_two(std::move(reasons), doubted, "trials");
}

struct MachineAssessment {
    std::vector<CheckComparison> checks;
    std::vector<snapshots::Change> changes;
    std::vector<Reason> reasons;
};

bool nothing_works(const std::vector<CheckComparison>& checks) {
    return std::none_of(checks.begin(), checks.end(), [](const CheckComparison& check) {
        return check.after == testsuites::Outcome::pass;
    });
}

MachineAssessment assess_patched(const MachineFindings& found, bool was_doubted) {
    MachineAssessment out;
    const std::string& machine = found.machine;
    const MachineLook& look = found.patched;
    const Unpatched unpatched(found, found.rebooted);
    if (look.checks) {
        out.checks = unpatched.compared(machine, look);
        append(out.reasons, reasons_of_checks(out.checks));
        append(out.reasons, regressions_of_checks(machine, unpatched.all_checks(), *look.checks,
                                                  found.beside.checks));
        if (nothing_works(out.checks))
            out.reasons.push_back({ReasonKind::untested, machine, "no check passed",
                                   "nothing was seen to work on this machine", Effect::review});
    }
    if (look.capture) {
        append(out.reasons, reasons_of_health(machine, unpatched.capture_before, unpatched.captures,
                                              *look.capture));
        append(out.reasons,
               regressions_of_measures(machine, unpatched.all_captures(), *look.capture,
                                       found.rebooted, found.beside.boots));
    }
    if (look.changes) {
        out.changes = *look.changes;
        append(out.reasons, reasons_of_changes(out.changes));
        append(out.reasons, reasons_of_stale_files(found));
    }
    if (found.rebooted)
        out.reasons =
            weighed_by_another_start(std::move(out.reasons), found, unpatched, every_check);
    else if (found.doubted.capture)
        out.reasons = weighed_by_doubted(std::move(out.reasons), was_doubted,
                                         troubles(machine, found.doubted, unpatched, every_check));
    else out.reasons = weighed_by_doubted(std::move(out.reasons), was_doubted, {});
    append(out.reasons, parts_not_seen(machine, look));
    return out;
}

bool is_the_same(const snapshots::Change& one, const snapshots::Change& other) {
    return one.cls == other.cls && one.subject == other.subject && one.after == other.after;
}

/// A change that a person has to hear of.
bool is_worth_a_reason(const snapshots::Change& change) {
    return !change.attribution.is_noise() &&
           (change.sensitive || change.attribution.is_unexplained() ||
            change.kind == snapshots::ChangeKind::unreadable);
}

/// What only the machine's next start brought to light: checks that still worked before it, new
/// troubles, and changes, which count like those at once: a file that is cleared away at the next
/// start is as gone.
MachineAssessment assess_next_start(const MachineFindings& found, const MachineAssessment& first) {
    MachineAssessment out;
    const std::string& machine = found.machine;
    const MachineLook& look = found.next_start;
    out.reasons = parts_not_seen(machine, look);
    if (!out.reasons.empty()) return out;
    const Unpatched unpatched(found, true);
    out.checks = unpatched.compared(machine, look);
    const auto worked_before = [&](const CheckComparison& check) {
        return std::any_of(first.checks.begin(), first.checks.end(),
                           [&](const CheckComparison& then) {
                               return then.suite == check.suite && then.name == check.name &&
                                      then.after == testsuites::Outcome::pass;
                           });
    };
    std::vector<Reason> seen = weighed_by_another_start(
        troubles(machine, look, unpatched, worked_before), found, unpatched, worked_before);
    append(seen, regressions_of_measures(machine, unpatched.all_captures(), *look.capture, true,
                                         found.beside.boots));
    append(seen, regressions_of_checks(machine, unpatched.all_checks(), *look.checks,
                                       found.beside_later.checks));
    out.changes = *look.changes;
    std::erase_if(out.changes, [&](const snapshots::Change& change) {
        return !is_worth_a_reason(change) || std::any_of(first.changes.begin(), first.changes.end(),
                                                         [&](const snapshots::Change& then) {
                                                             return is_the_same(then, change);
                                                         });
    });
    append(seen, reasons_of_changes(out.changes));
    for (Reason& reason : seen) {
        if (contains_reason(first.reasons, reason)) continue;
        reason.after_reboot = true;
        out.reasons.push_back(std::move(reason));
    }
    return out;
}

/// Facts, and files in places where files change by themselves: what one start may do and another
/// not, patched or not.
bool may_be_by_itself(const snapshots::Change& change) {
    return change.kind != snapshots::ChangeKind::unreadable &&
           (!change.is_of_file() || snapshots::is_volatile_place(change.subject));
}

std::optional<CheckComparison> same_check(const std::vector<CheckComparison>& checks,
                                          const CheckComparison& like) {
    const auto found = std::find_if(checks.begin(), checks.end(), [&](const CheckComparison& one) {
        return one.suite == like.suite && one.name == like.name;
    });
    return found == checks.end() ? std::nullopt : std::optional(*found);
}

void add_machine(Assessment& to, MachineAssessment first, MachineAssessment later) {
    append(to.reasons, std::move(first.reasons));
    append(to.reasons, std::move(later.reasons));
    for (CheckComparison& check : first.checks) {
        auto again = same_check(later.checks, check);
        to.checks.push_back({std::move(check), std::move(again)});
    }
    for (auto* changes : {&first.changes, &later.changes})
        to.changes.insert(to.changes.end(), changes->begin(), changes->end());
}

}  // namespace

Assessment assess(const TrialFindings& findings, Moment moment) {
    Assessment out;
    out.reasons =
        weighed_by_doubted(findings.noted, findings.doubted, findings.noted_in_doubted_trial);
    if (moment == Moment::judged) append(out.reasons, findings.noted_in_later_starts);
    for (const MachineFindings& machine : findings.machines) {
        MachineAssessment first = assess_patched(machine, findings.doubted);
        MachineAssessment later;
        if (findings.next_start && moment != Moment::compared)
            later = assess_next_start(machine, first);
        for (std::vector<Reason>* reasons : {&first.reasons, &later.reasons})
            for (OwnTrouble& own : take_out_own(*reasons, machine))
                out.own_troubles.push_back(std::move(own));
        add_machine(out, std::move(first), std::move(later));
    }
    sort_by_cause(out.reasons);
    return out;
}

bool shows_new_trouble(const std::vector<Reason>& before, const std::vector<Reason>& now) {
    return std::any_of(now.begin(), now.end(), [&](const Reason& reason) {
        return is_trouble(reason) && !contains_reason(before, reason);
    });
}

std::vector<std::string> slow_boots(const TrialFindings& findings, bool next_start) {
    std::vector<std::string> slow;
    for (const MachineFindings& machine : findings.machines) {
        std::vector<snapshots::Capture> unpatched{*machine.before.capture};
        for (const UnpatchedLook& seen : machine.unpatched)
            if (seen.rebooted && !seen.witness) unpatched.push_back(*seen.look.capture);
        const MachineLook& look = next_start ? machine.next_start : machine.patched;
        if (!look.capture) continue;
        const auto reasons =
            regressions_of_measures(machine.machine, unpatched, *look.capture, true);
        if (std::any_of(reasons.begin(), reasons.end(),
                        [](const Reason& reason) { return reason.subject == boot_time; }))
            slow.push_back(machine.machine);
    }
    return slow;
}

bool next_start_in_doubt(const TrialFindings& findings) {
    if (!findings.next_start) return false;
    const auto is_unsure = [&](const MachineFindings& machine) {
        const bool asked =
            std::any_of(machine.unpatched.begin(), machine.unpatched.end(),
                        [](const UnpatchedLook& look) { return look.witness && look.rebooted; });
        if (asked) return false;
        const auto later = assess_next_start(machine, assess_patched(machine, findings.doubted));
        return std::any_of(later.changes.begin(), later.changes.end(), may_be_by_itself);
    };
    return !condemns(assess(findings, Moment::started).reasons) &&
           std::any_of(findings.machines.begin(), findings.machines.end(), is_unsure);
}

bool regression_suspected(const TrialFindings& findings) {
    const std::vector<Reason> reasons = assess(findings, Moment::started).reasons;
    if (condemns(reasons)) return false;
    const auto is_settled = [&](const Reason& reason) {
        return std::any_of(findings.machines.begin(), findings.machines.end(),
                           [&](const MachineFindings& machine) {
                               return machine.machine == reason.machine &&
                                      (reason.after_reboot && reason.subject != boot_time
                                           ? machine.beside_later.settles(reason)
                                           : machine.beside.settles(reason));
                           });
    };
    return std::any_of(reasons.begin(), reasons.end(), [&](const Reason& reason) {
        return reason.kind == ReasonKind::regression && !is_settled(reason);
    });
}

std::string headline_so_far(const std::vector<Reason>& reasons) {
    if (reasons.empty()) return "so far nothing speaks against the patch";
    const std::string more =
        reasons.size() > 1 ? " and " + std::to_string(reasons.size() - 1) + " more" : "";
    return "so far " + std::string(name(reasons.front().kind)) + ": " + reasons.front().subject +
           more;
}

}  // namespace patchlab::pipeline
